"""Narrow validation: some focus nodes, some shapes, and how many results are kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyoxigraph as ox

from lcgraph.errors import LcgraphError, ParameterError, ShapesError, did_you_mean
from lcgraph.shacl.outcome import SEVERITIES
from lcgraph.syntaxes import JSONLD
from lcgraph.terms import PREFIXES, curie, resolve

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import polars as pl

    from lcgraph.columns import Columns
    from lcgraph.lines import Text
    from lcgraph.shacl.model import Shape, ShapesGraph

# How much longer or shorter a name can be and still have been meant.
_SLIP = 3


@dataclass(frozen=True)
class Narrow:
    """What is judged, and what of it is kept.

    Attributes:
        focus: the only focus nodes to judge; IRIs, CURIEs, or short paths of records. None: all.
        shapes: the only shapes to judge by, named likewise. None: all.
        severity: the mildest severity of results that are kept.
        limit: how many results are kept at most; None for all.
        prefixes: prefixes that names can have beside ours and those of the sources.

    Raises:
        LcgraphError: there is no such severity, or the limit is negative.
    """

    focus: tuple[str, ...] = ()
    shapes: tuple[str, ...] = ()
    severity: str = "info"
    limit: int | None = None
    prefixes: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.severity not in SEVERITIES:
            hint = did_you_mean(self.severity, SEVERITIES) or f"Known: {', '.join(SEVERITIES)}."
            raise LcgraphError(f"{self.severity!r} is no severity", hint=hint)
        if self.limit is not None and self.limit < 0:
            raise LcgraphError(f"the limit {self.limit} is negative")

    @classmethod
    def of(
        cls,
        focus: str | Iterable[str],
        shape: str | Iterable[str],
        severity: str,
        limit: int | None,
        prefixes: Mapping[str, str],
    ) -> Narrow:
        """From one name or several."""
        names = [(n,) if isinstance(n, str) else tuple(map(str, n)) for n in (focus, shape)]
        return cls(names[0], names[1], severity, limit, prefixes)


@dataclass(frozen=True)
class Choice:
    """The shapes and nodes that `Narrow` names, found.

    Attributes:
        shapes: the shapes whose results count; None: all.
        roots: the shapes at which judging begins; None: all with targets.
        focus: the numbers of the only focus nodes; None: all.
    """

    shapes: set[str] | None = None
    roots: set[str] | None = None
    focus: pl.Series | None = None


def choose(narrow: Narrow, graph: ShapesGraph, columns: Columns, sources: Iterable[Text]) -> Choice:
    """Finds what `narrow` names.

    Raises:
        ParameterError: the data have no such node.
        ShapesError: there is no such shape, it is deactivated, or it would judge nothing.
    """
    if not (narrow.focus or narrow.shapes):
        return Choice()
    prefixes = {**prefixes_of(graph, sources), **narrow.prefixes}
    shapes = chosen_shapes(narrow.shapes, graph, prefixes) if narrow.shapes else None
    return Choice(
        shapes,
        None if shapes is None else roots(shapes, graph, focused=bool(narrow.focus)),
        focus_nodes(narrow.focus, columns, prefixes) if narrow.focus else None,
    )


def prefixes_of(graph: ShapesGraph, sources: Iterable[Text]) -> dict[str, str]:
    """The prefixes that names can have: ours, and those that the shapes and the data declare."""
    known: dict[str, str] = {}
    for source in sources:
        if source.syntax is not JSONLD:
            parser = ox.parse(source.data, format=source.syntax.engine, base_iri=source.base)
            next(parser, None)  # what is declared stands above the first triple
            known |= parser.prefixes
    for document in graph.terms.documents:
        known |= document.prefixes
    return {**known, **PREFIXES}


def focus_nodes(names: Sequence[str], columns: Columns, prefixes: Mapping[str, str]) -> pl.Series:
    """The numbers of the nodes that are named.

    Raises:
        ParameterError: a name is none, or the data have no such node.
    """
    terms = [str(resolve(name, prefixes)) for name in names]
    numbers = columns.numbers(terms)
    for name, term, number in zip(names, terms, numbers, strict=True):
        triples = columns.triples
        if not ((triples["s"] == number).any() or (triples["o"] == number).any()):
            hint = _near(term, columns, prefixes)
            raise ParameterError(f"the data have no node {name!r}", hint=hint)
    return numbers.unique()


def _near(term: str, columns: Columns, prefixes: Mapping[str, str]) -> str | None:
    """The nearest node of the data, among those that begin like it."""
    cut = max(term.rfind(mark) for mark in "/#:") + 1
    names = columns.texts(columns.triples["s"].unique())
    namespace = names.filter(names.str.starts_with(term[:cut]))
    lengths = namespace.str.len_chars().cast(int)
    near = namespace.filter(lengths.is_between(len(term) - _SLIP, len(term) + _SLIP))
    return did_you_mean(
        curie(term[1:-1], prefixes), [curie(text[1:-1], prefixes) for text in near.sort()]
    )


def chosen_shapes(
    names: Sequence[str], graph: ShapesGraph, prefixes: Mapping[str, str]
) -> set[str]:
    """The shapes that are named, and the property shapes within them.

    Raises:
        ParameterError: a name is none.
        ShapesError: there is no such shape, or it is deactivated.
    """
    chosen: set[str] = set()
    for name in names:
        node = str(resolve(name, prefixes))
        if node not in graph.shapes:
            known = [curie(n[1:-1], prefixes) for n in graph.shapes if n.startswith("<")]
            hint = did_you_mean(curie(node[1:-1], prefixes), known)
            raise ShapesError(f"there is no shape {name!r}", hint=hint)
        if graph.shapes[node].deactivated:
            raise ShapesError(f"the shape {name!r} is deactivated (sh:deactivated true)")
        chosen |= _within(node, graph)
    return chosen


def _within(node: str, graph: ShapesGraph) -> set[str]:
    found = {node}
    waiting = [node]
    while waiting:
        fresh = set(graph.shapes[waiting.pop()].properties) - found
        found |= fresh
        waiting += fresh
    return found


def roots(chosen: set[str], graph: ShapesGraph, *, focused: bool) -> set[str]:
    """The shapes at which judging begins so that chosen ones judge: those with targets that are
    chosen or have one of them within; a chosen one without any only where focus nodes are named.

    Raises:
        ShapesError: a chosen shape would judge nothing.
    """
    begin: set[str] = set()
    reached: set[str] = set()
    for shape in graph.shapes.values():
        if graph.judges(shape.node) and (hit := _within(shape.node, graph) & chosen):
            begin.add(shape.node)
            reached |= hit
    for node in sorted(chosen - reached):
        if focused and not _is_within_another(graph.shapes[node], chosen, graph):
            begin.add(node)
        elif not focused:
            raise ShapesError(
                f"the shape {curie(node.strip('<>'))} judges no node of its own: it has no target",
                hint="Name the shape that refers to it, or the nodes to judge: focus= or --focus.",
            )
    return begin


def _is_within_another(shape: Shape, chosen: set[str], graph: ShapesGraph) -> bool:
    return any(shape.node in graph.shapes[other].properties for other in chosen)
