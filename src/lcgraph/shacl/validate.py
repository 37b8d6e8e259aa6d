"""Validation: data from anywhere, shapes by layer or file, results with file and line."""

from __future__ import annotations

import os
from dataclasses import replace
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lcgraph import resources
from lcgraph.errors import ShapesError, did_you_mean
from lcgraph.reading import Document, read_all
from lcgraph.shacl import reference
from lcgraph.shacl.report import Report
from lcgraph.terms import RDF, SH

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pyoxigraph as ox

    from lcgraph.shacl.report import Result

_SHAPE_TYPES = frozenset([SH + "NodeShape", SH + "PropertyShape"])
_TARGETS = frozenset(
    SH + name for name in ("targetClass", "targetNode", "targetSubjectsOf", "targetObjectsOf")
)


def validate_quads(
    quads: list[ox.Quad],
    *,
    shapes: str | os.PathLike[str] | Sequence[Any] | None = None,
    documents: Sequence[Document] = (),
) -> Report:
    """Judges quads; `documents` are what they were read from, for file and line.

    Raises:
        ShapesError: the shapes cannot be used.
        ReadError: a file of shapes cannot be read.
    """
    names, files = _shape_files(shapes)
    results, graph = reference.judge(quads, _shape_quads(files))
    located = locate(results, documents)
    return Report(
        results=tuple(sorted(located, key=attrgetter("order"))),
        shapes=names,
        engine=reference.version(),
        quads=tuple(graph),
    )


def _shape_files(
    shapes: str | os.PathLike[str] | Sequence[Any] | None,
) -> tuple[tuple[str, ...], list[Path]]:
    """The names of the shapes asked for, and their files; a layer brings core with it."""
    layers = resources.shape_layers()
    wanted = [shapes] if isinstance(shapes, str | os.PathLike) else list(shapes or ["core"])
    names = [str(name) for name in wanted]
    if any(name in layers for name in names) and "core" not in names:
        names.insert(0, "core")
    files: list[Path] = []
    for name in dict.fromkeys(names):
        path = Path(name)
        if name in layers:
            files += layers[name]
        elif path.suffix or path.exists():
            files.append(path)
        else:
            raise ShapesError(
                f"there are no shapes {name!r}",
                hint=did_you_mean(name, layers) or f"Layers: {', '.join(layers)}; or name a file.",
            )
    return tuple(dict.fromkeys(names)), files


def _shape_quads(files: Iterable[Path]) -> list[ox.Quad]:
    documents = read_all(files)
    for document in documents:
        if not any(
            quad.predicate.value in _TARGETS
            or (quad.predicate.value == RDF + "type" and _value(quad.object) in _SHAPE_TYPES)
            for quad in document.quads
        ):
            raise ShapesError(
                "it holds no SHACL shape",
                file=document.name,
                hint="A shape is an sh:NodeShape or sh:PropertyShape, or has a target.",
            )
    return [quad for document in documents for quad in document.quads]


def _value(term: object) -> str:
    return str(getattr(term, "value", ""))


def locate(results: Sequence[Result], documents: Sequence[Document]) -> list[Result]:
    """The results with file and line of the triple that causes each, or of the focus node where
    something is missing. The documents are read again, and only where there are results."""
    focuses = {result.focus for result in results}
    if not focuses or not documents:
        return list(results)
    places: dict[tuple[str, ...], tuple[Document, int]] = {}
    for document in documents:
        for index, quad in enumerate(document.quads):
            subject, target = str(quad.subject), str(quad.object)
            if subject in focuses:
                predicate = str(quad.predicate)
                places.setdefault((subject,), (document, index))
                places[subject, predicate] = (document, index)
                places.setdefault((subject, predicate, target), (document, index))
            if target in focuses:
                places.setdefault(("", target), (document, index))
                places.setdefault(("^", target, str(quad.predicate), subject), (document, index))
    lines: dict[int, list[int | None]] = {}
    located = []
    for result in results:
        place = next((places[key] for key in _keys(result) if key in places), None)
        if place is None:
            located.append(result)
            continue
        document, index = place
        if id(document) not in lines:
            lines[id(document)] = document.lines()
        line = lines[id(document)][index]
        if line is None:
            line = document.line_of_subject(result.focus[1:-1])
        located.append(replace(result, file=document.name, line=line))
    return located


def _keys(result: Result) -> Iterable[tuple[str, ...]]:
    """Where to look for the cause of a result, best place first."""
    focus, path, value = result.focus, result.path, result.value
    if path is not None and path.startswith("^") and value is not None:
        yield ("^", focus, path[1:], value)
    if path is not None:
        if value is not None:
            yield (focus, path, value)
        yield (focus, path)
    yield (focus,)
    yield ("", focus)
