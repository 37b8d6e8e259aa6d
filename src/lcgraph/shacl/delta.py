"""What a change breaks: the results that are there after it and were not there before.

Where paths, and the patterns of queries, tell what the shapes look at, only the focus nodes that the
change can touch are judged, on what they look at. All focus nodes are judged by shapes with other
queries or of SHACL Advanced Features, and by all shapes where the change is large, touches much, or
says that a class lies below another one.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from lcgraph.columns import Columns
from lcgraph.shacl import advanced, locating
from lcgraph.shacl.narrowing import Choice
from lcgraph.shacl.nearby import Nearby, TooFarError, Triple
from lcgraph.shacl.outcome import is_at_least
from lcgraph.shacl.report import Report
from lcgraph.shacl.touched import Touched, is_bounded, look
from lcgraph.shacl.validate import both, judge_columns
from lcgraph.store.embedded import MANY

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pyoxigraph as ox

    from lcgraph.reading import Document, Lines
    from lcgraph.shacl.model import Shape, ShapesGraph
    from lcgraph.shacl.nearby import Nodes
    from lcgraph.shacl.outcome import Result
    from lcgraph.shacl.validate import Judged
    from lcgraph.store.embedded import Changes, EmbeddedStore


def new_results(
    store: EmbeddedStore,
    graph: ShapesGraph,
    *,
    names: tuple[str, ...] = (),
    severity: str = "violation",
    sources: Sequence[Document | Lines] = (),
) -> Report:
    """What the open transaction of a store breaks.

    Args:
        store: the store, with the changes in it.
        graph: the shapes.
        names: what these are called.
        severity: the mildest severity that counts.
        sources: what the data were read from, for file and line.

    Returns:
        A report of the results that were not there before the transaction.
    """
    changes = store.changes
    roots = [shape for shape in graph.shapes.values() if graph.judges(shape.node)]
    near: list[Shape] = []
    judged = None
    if changes is not None and not changes.whole and len(changes) <= MANY:
        beyond = advanced.shapes_for_reference(graph)
        near = [s for s in roots if s.node not in beyond and is_bounded(s.node, graph)]
        try:
            judged = _near(store, changes, graph, near, severity)
        except TooFarError:
            near = []
    far = frozenset(shape.node for shape in roots) - {shape.node for shape in near}
    if far and changes:
        rest = advanced.without(graph, frozenset(shape.node for shape in near))
        whole = _whole(store, rest, severity)
        judged = whole if judged is None else both(judged, whole)
    if judged is None:
        return Report(results=(), shapes=names, engine="", narrowed=True)
    located = judged.results
    if located:
        located, _ = locating.locate(located, (), sources, (), Columns.from_nquads(b""))
    order = sorted(range(len(located)), key=lambda i: located[i].order)
    return Report(
        results=tuple(located[i] for i in order),
        shapes=names,
        engine=judged.engine,
        focus_counts=judged.focus_counts,
        engines={node: tuple(sorted(engines)) for node, engines in judged.engines.items()},
        narrowed=True,
        draw=partial(judged.draw, order, conforms=not located),
    )


def _near(
    store: EmbeddedStore,
    changes: Changes,
    graph: ShapesGraph,
    roots: list[Shape],
    severity: str,
) -> Judged:
    now = Nearby(store, changes)
    quads = [*changes.added, *changes.removed]
    triples = [Triple(q.subject, q.predicate, q.object) for q in quads]  # type: ignore[arg-type]
    touched = Touched(graph, triples, now)
    focus = {shape.node: touched.focus(shape) for shape in roots}
    nodes = set[object]().union(*focus.values())
    graph = touched.without_unseeing(roots)
    roots = [graph.shapes[shape.node] for shape in roots if focus[shape.node]]
    after = _judged(now, graph, roots, nodes)  # type: ignore[arg-type]
    if not _counting(after, severity):
        return _only(after, set(), severity)
    before = _judged(Nearby(store, changes, before=True), graph, roots, nodes)  # type: ignore[arg-type]
    return _only(after, set(before.results), severity)


def _judged(near: Nearby, graph: ShapesGraph, roots: list[Shape], nodes: Nodes) -> Judged:
    """What is wrong with those of some nodes that are focus nodes."""
    judging = []
    for shape in roots:
        focus = {node for node in nodes if near.is_focus(node, shape.targets)}
        if focus:
            judging.append(shape.node)
            look(shape, focus, graph, near)
    columns = near.columns()
    numbers = columns.numbers(sorted(map(str, nodes)))
    return judge_columns(columns, graph, Choice(roots=set(judging), focus=numbers))


def _whole(store: EmbeddedStore, graph: ShapesGraph, severity: str) -> Judged:
    after = judge_columns(Columns.from_nquads(store.nquads()), graph, Choice())
    if not _counting(after, severity):
        return _only(after, set(), severity)
    before = judge_columns(Columns.from_nquads(store.nquads_before()), graph, Choice())
    return _only(after, set(before.results), severity)


def _counting(judged: Judged, severity: str) -> list[int]:
    """The indices of the results that are bad enough."""
    return [i for i, r in enumerate(judged.results) if is_at_least(r.severity, severity)]


def _only(judged: Judged, known: set[Result], severity: str) -> Judged:
    """What was found, without the results that were known and those too mild."""
    kept = [i for i in _counting(judged, severity) if judged.results[i] not in known]

    def draw(order: Sequence[int], *, conforms: bool) -> Iterable[ox.Quad]:
        return judged.draw([kept[i] for i in order], conforms=conforms)

    return replace(judged, results=[judged.results[i] for i in kept], draw=draw)
