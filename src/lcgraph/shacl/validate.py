"""Validation: data from anywhere, shapes by layer or file, results with file and line."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from lcgraph import resources
from lcgraph.columns import Columns
from lcgraph.errors import ShapesError, did_you_mean
from lcgraph.reading import read_all
from lcgraph.shacl import advanced, judge, locating, model, narrowing, parsing, reference, reporting
from lcgraph.shacl.narrowing import Narrow
from lcgraph.shacl.outcome import is_at_least
from lcgraph.shacl.phases import Phases
from lcgraph.shacl.report import Report
from lcgraph.terms import RDF, SH

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from lcgraph.reading import Document, Lines
    from lcgraph.shacl.narrowing import Choice
    from lcgraph.shacl.outcome import Result


def validate_lines(
    texts: Sequence[bytes],
    *,
    shapes: str | os.PathLike[str] | Sequence[Any] | None = None,
    sources: Sequence[Document | Lines] = (),
    narrow: Narrow | None = None,
    lenient: bool = False,
    phases: Phases | None = None,
) -> Report:
    """Judges data.

    Args:
        texts: the data as N-Quads lines, terms as written; graphs are merged.
        shapes: layers and files of shapes; "core" where None.
        sources: what the data were read from, for file and line.
        narrow: what is judged, and what of it is kept; all where None.
        lenient: whether data with ill-formed literals may pass.
        phases: what times the phases.

    Raises:
        ShapesError: the shapes cannot be used, or there is no shape that `narrow` names.
        ParameterError: there is no node that `narrow` names.
        ReadError: a file of shapes cannot be read.
    """
    phases = phases or Phases()
    with phases.phase("read shapes"):
        names, graph = read_shapes(shapes)
    return judge_shapes(
        texts, graph, names=names, sources=sources, narrow=narrow, lenient=lenient, phases=phases
    )


def read_shapes(
    shapes: str | os.PathLike[str] | Sequence[Any] | None,
) -> tuple[tuple[str, ...], model.ShapesGraph]:
    """The names of layers and files of shapes ("core" where None), and the shapes.

    Raises:
        ShapesError: they cannot be used.
        ReadError: a file cannot be read.
    """
    names, files = _shape_files(shapes)
    return names, _shapes_graph(tuple(map(_key, files)))


def judge_columns(
    columns: Columns,
    graph: model.ShapesGraph,
    choice: Choice,
    tell: Callable[[int, int], None] | None = None,
) -> Judged:
    """Judges what is chosen of the data, by all engines that it takes."""
    beyond = advanced.shapes_for_reference(graph, choice.roots)
    judged = _by_columns(columns, graph, choice, beyond, tell)
    return both(judged, _by_reference(columns, graph, choice, beyond)) if beyond else judged


def judge_shapes(
    texts: Sequence[bytes],
    graph: model.ShapesGraph,
    *,
    names: tuple[str, ...] = (),
    sources: Sequence[Document | Lines] = (),
    narrow: Narrow | None = None,
    lenient: bool = False,
    phases: Phases | None = None,
) -> Report:
    """Judges data by shapes that have been parsed; arguments and errors as for `validate_lines`."""
    narrow, phases = narrow or Narrow(), phases or Phases()
    with phases.phase("columns"):
        columns = Columns.from_nquads(b"".join(texts))
    choice = narrowing.choose(narrow, graph, columns, sources)
    with phases.phase("judge"):
        judged = judge_columns(columns, graph, choice, partial(phases.tell, "judge"))
    with phases.phase("locate"):
        # Who asks about some nodes or shapes does not ask about the rest of the data.
        narrowed = bool(narrow.focus or narrow.shapes)
        literals = [] if narrowed else columns.ill_formed()
        located, ill_formed = locating.locate(judged.results, literals, sources, texts, columns)
        ordered = sorted(range(len(located)), key=lambda i: located[i].order)
    kept = [i for i in ordered if is_at_least(located[i].severity, narrow.severity)]
    kept = kept[: narrow.limit]
    found = Counter((result.shape, result.severity) for result in located)
    return Report(
        results=tuple(located[i] for i in kept),
        shapes=names,
        engine=judged.engine,
        focus_counts=judged.focus_counts,
        absent=judged.absent,
        engines={node: tuple(sorted(engines)) for node, engines in judged.engines.items()},
        homes=_homes(judged.engines, graph),
        seconds=phases.seconds,
        found=found if len(kept) < len(located) else None,
        narrowed=narrowed,
        findings=tuple(ill_formed),
        lenient=lenient,
        draw=partial(judged.draw, kept, conforms=not located),
    )


def _sparql_elsewhere(engines: Mapping[str, set[str]]) -> str:
    """Which shapes' SPARQL was not left to Oxigraph, for the name of the engine."""
    nodes = sorted(
        model.short(node)
        for node, names in engines.items()
        if any(name.startswith(reference.NAME) for name in names)
    )
    # Only who uses pySHACL waits for its import, which its version takes.
    return f"; {reference.version()} for SPARQL of {', '.join(nodes)}" if nodes else ""


@dataclass(frozen=True)
class Judged:
    """What an engine found; `draw` makes the report graph of some of the results, by their
    indices."""

    results: list[Result]
    engine: str
    draw: Callable[..., Iterable[ox.Quad]]
    engines: Mapping[str, set[str]]
    focus_counts: Mapping[str, int] = field(default_factory=dict)
    absent: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def _by_columns(
    columns: Columns,
    graph: model.ShapesGraph,
    choice: Choice,
    beyond: frozenset[str],
    tell: Callable[[int, int], None] | None,
) -> Judged:
    judged = judge.Judge(columns, advanced.without(graph, beyond))
    roots = None if choice.roots is None else choice.roots - beyond
    breaches, focus_counts = judged.run(roots, choice.focus, tell)
    engines = judged.engines
    if choice.shapes is not None and choice.roots is not None:
        breaches = [breach for breach in breaches if breach.shape.node in choice.shapes]
        engines = {n: e for n, e in engines.items() if n in choice.shapes | choice.roots}
    found = list(reporting.results(breaches, columns).items())

    def draw(kept: Sequence[int], *, conforms: bool) -> Iterator[ox.Quad]:
        return reporting.graph((found[i] for i in kept), conforms=conforms)

    results = [result for result, _ in found]
    engine = judge.ENGINE + _sparql_elsewhere(engines)
    return Judged(results, engine, draw, engines, focus_counts, judged.absent)


def _by_reference(
    columns: Columns, graph: model.ShapesGraph, choice: Choice, beyond: frozenset[str]
) -> Judged:
    focus = None if choice.focus is None else list(columns.texts(choice.focus))
    shapes = advanced.only(graph, beyond, focus or ())
    iris = [node[1:-1] for node in focus or ()]
    prefixes = {name: iri for d in graph.terms.documents for name, iri in d.prefixes.items()}
    results, quads = reference.judge(
        quads_of(columns), shapes, advanced=True, focus=iris, prefixes=prefixes
    )
    if choice.shapes is not None:
        results = [result for result in results if result.shape in choice.shapes]

    def draw(kept: Sequence[int], *, conforms: bool) -> Iterator[ox.Quad]:
        return reference.only(quads, [results[i] for i in kept], conforms=conforms)

    version = reference.version()
    reason = f"{version} for sh:{', sh:'.join(sorted(graph.advanced))}"
    return Judged(results, reason, draw, {node: {version} for node in beyond})


def both(ours: Judged, theirs: Judged) -> Judged:
    """What the columns found and what pySHACL did, which does not count focus nodes."""
    own = len(ours.results)

    def draw(kept: Sequence[int], *, conforms: bool) -> Iterator[ox.Quad]:
        return reporting.merged(
            ours.draw([i for i in kept if i < own], conforms=conforms),
            theirs.draw([i - own for i in kept if i >= own], conforms=conforms),
        )

    return Judged(
        results=ours.results + theirs.results,
        engine=f"{ours.engine}; {theirs.engine}",
        draw=draw,
        engines={
            node: {*ours.engines.get(node, ()), *theirs.engines.get(node, ())}
            for node in ours.engines.keys() | theirs.engines.keys()
        },
        focus_counts=ours.focus_counts if any(ours.focus_counts.values()) else {},
        absent=ours.absent,
    )


def _homes(nodes: Iterable[str], graph: model.ShapesGraph) -> dict[str, str]:
    """For each shape the layer and file that it stands in, or the file as it was named."""
    layers = {
        str(path): f"{layer}/{path.stem}"
        for layer, paths in resources.shape_layers().items()
        for path in paths
    }
    files = {node: graph.terms.home(node) or "shapes" for node in nodes}
    return {node: layers.get(file, file) for node, file in files.items()}


@lru_cache(maxsize=8)
def _shapes_graph(keys: tuple[tuple[Path | bytes, int, int], ...]) -> model.ShapesGraph:
    """The shapes of files, each with the time of its last change and its size."""
    documents = read_all(file for file, _, _ in keys)
    for document in documents:
        # A file may hold no more than what the shapes of another refer to.
        if not any(
            quad.predicate.value.startswith(SH)
            or (quad.predicate.value == RDF + "type" and str(quad.object).startswith(f"<{SH}"))
            for quad in document.quads
        ):
            raise ShapesError(
                "it holds no SHACL shape",
                file=document.name,
                hint="A shape is an sh:NodeShape or sh:PropertyShape, or has a target.",
            )
    graph = parsing.parse_shapes(documents)
    if not graph.shapes:
        names = ", ".join(document.name for document in documents)
        raise ShapesError("there is no SHACL shape in it", file=names)
    return graph


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
