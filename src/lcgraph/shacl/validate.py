"""Validation: data from anywhere, shapes by layer or file, results with file and line."""

from __future__ import annotations

import os
from functools import lru_cache
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from lcgraph import resources
from lcgraph.columns import Columns
from lcgraph.errors import ShapesError, did_you_mean
from lcgraph.reading import read_all
from lcgraph.shacl import advanced, judge, locating, model, parsing, reference, reporting
from lcgraph.shacl.report import Report
from lcgraph.terms import RDF, SH

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from lcgraph.reading import Document, Lines

_SHAPE_TYPES = frozenset([f"<{SH}NodeShape>", f"<{SH}PropertyShape>"])
ENGINE = "lcgraph columns"


def validate_lines(
    texts: Sequence[bytes],
    *,
    shapes: str | os.PathLike[str] | Sequence[Any] | None = None,
    sources: Sequence[Document | Lines] = (),
) -> Report:
    """Judges data.

    Args:
        texts: the data as N-Quads lines, terms as written; graphs are merged.
        shapes: layers and files of shapes; "core" where None.
        sources: what the data were read from, for file and line.

    Raises:
        ShapesError: the shapes cannot be used.
        ReadError: a file of shapes cannot be read.
    """
    names, files = _shape_files(shapes)
    graph = _shapes_graph(tuple(map(_key, files)))
    return judge_shapes(texts, graph, names=names, sources=sources)


def judge_shapes(
    texts: Sequence[bytes],
    graph: model.ShapesGraph,
    *,
    names: tuple[str, ...] = (),
    sources: Sequence[Document | Lines] = (),
) -> Report:
    """Judges data by shapes that have been parsed; arguments and errors as for `validate_lines`."""
    columns = Columns.from_nquads(b"".join(texts))
    beyond = advanced.shapes_for_reference(graph)
    columnar = judge.Judge(columns, advanced.without(graph, beyond))
    breaches, focus_counts = columnar.run()
    results, quads = reporting.report(breaches, columns)
    engine = ENGINE + _sparql_elsewhere(columnar.engines)
    if beyond:
        others, graph_of_others = reference.judge(
            quads_of(columns), advanced.only(graph, beyond), advanced=True
        )
        results += others
        quads = reporting.merged(quads, graph_of_others)
        if not any(focus_counts.values()):
            focus_counts = {}  # it does not count
        engine += f"; {reference.version()} for sh:{', sh:'.join(sorted(graph.advanced))}"
    located = locating.locate(results, sources, texts, columns)
    return Report(
        results=tuple(sorted(located, key=attrgetter("order"))),
        shapes=names,
        engine=engine,
        quads=tuple(quads),
        focus_counts=focus_counts,
    )


def _sparql_elsewhere(engines: Mapping[str, set[str]]) -> str:
    """Which shapes' SPARQL was not left to Oxigraph, for the name of the engine."""
    named = {
        name: sorted(model.short(node) for node, names in engines.items() if name in names)
        for name in sorted(set[str]().union(*engines.values()))
        if not name.startswith("Oxigraph")
    }
    return "".join(f"; {name} for SPARQL of {', '.join(nodes)}" for name, nodes in named.items())


@lru_cache(maxsize=8)
def _shapes_graph(keys: tuple[tuple[Path | bytes, int, int], ...]) -> model.ShapesGraph:
    """The shapes of files, each with the time of its last change and its size."""
    documents = read_all(file for file, _, _ in keys)
    for document in documents:
        if not any(
            quad.predicate.value.startswith(SH + "target")
            or (quad.predicate.value == RDF + "type" and str(quad.object) in _SHAPE_TYPES)
            for quad in document.quads
        ):
            raise ShapesError(
                "it holds no SHACL shape",
                file=document.name,
                hint="A shape is an sh:NodeShape or sh:PropertyShape, or has a target.",
            )
    return parsing.parse_shapes(documents)


def _key(file: Path | bytes) -> tuple[Path | bytes, int, int]:
    if isinstance(file, bytes) or not file.exists():
        return (file, 0, 0)
    status = file.stat()
    return (file, status.st_mtime_ns, status.st_size)


def _shape_files(
    shapes: str | os.PathLike[str] | Sequence[Any] | None,
) -> tuple[tuple[str, ...], list[Any]]:
    """The names of the shapes asked for, and their files; a layer brings core with it."""
    layers = resources.shape_layers()
    one = isinstance(shapes, str | os.PathLike | bytes)
    wanted: list[Any] = [shapes] if one else list(shapes or ["core"])  # type: ignore[arg-type]
    names = ["<bytes>" if isinstance(name, bytes) else str(name) for name in wanted]
    files: list[Any] = []
    if any(name in layers for name in names) and "core" not in names:
        names.insert(0, "core")
        wanted.insert(0, "core")
    for given, name in zip(wanted, names, strict=True):
        if isinstance(given, bytes):
            files.append(given)
        elif name in layers:
            files += [path for path in layers[name] if path not in files]
        elif Path(name).suffix or Path(name).exists():
            files.append(Path(name))
        else:
            raise ShapesError(
                f"there are no shapes {name!r}",
                hint=did_you_mean(name, layers) or f"Layers: {', '.join(layers)}; or name a file.",
            )
    return tuple(dict.fromkeys(names)), files


def quads_of(columns: Columns) -> Iterable[ox.Quad]:
    """The triples of columns as quads."""
    texts = [columns.texts(columns.triples[c]).to_list() for c in ("s", "p", "o")]
    for triple in zip(*texts, strict=True):
        yield ox.Quad(*map(reporting.term, triple))  # type: ignore[arg-type]
