"""Which shapes pySHACL must judge, since they use SHACL Advanced Features or what they reach does."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pyoxigraph as ox

from lcgraph.shacl.reference import makes_target
from lcgraph.shacl.syntax import referred
from lcgraph.shacl.vocabulary import ADVANCED
from lcgraph.sparql import iris_used
from lcgraph.terms import RDF, SH

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from lcgraph.shacl.model import Shape, ShapesGraph, Terms

_TERMS = frozenset(SH + name for name in ADVANCED)


def shapes_for_reference(
    graph: ShapesGraph, roots: Collection[str] | None = None
) -> frozenset[str]:
    """The shapes, of those at which judging begins (all with targets where None), that the columnar
    engine cannot judge: all where there are rules, since every shape judges what these infer; else
    those with a target, a constraint or a function of the Advanced Features, and those that reach
    such a constraint or function."""
    if not graph.advanced:
        return frozenset()
    terms = graph.terms
    begin = filter(graph.judges, graph.shapes) if roots is None else roots
    if _infers(graph):
        return frozenset(begin)
    functions = {
        node[1:-1]
        for node, about in terms.about.items()
        if f"<{SH}SPARQLFunction>" in about.get(RDF + "type", [])
    }
    own = {node for node, shape in graph.shapes.items() if _beyond(shape, graph, functions)}
    return frozenset(
        node
        for node in begin
        if terms.values(node, "target") or own.intersection(_reached(node, terms))
    )


def without(graph: ShapesGraph, shapes: frozenset[str]) -> ShapesGraph:
    """The shapes graph with some shapes as if they had no target."""
    kept = {
        node: replace(shape, targets=()) if node in shapes else shape
        for node, shape in graph.shapes.items()
    }
    return replace(graph, shapes=kept)


def only(
    graph: ShapesGraph, shapes: frozenset[str], focus: Collection[str] = ()
) -> Iterator[ox.Quad]:
    """The triples of the shapes graph, where no shapes but these have targets, save where there are
    rules, which belong to shapes; those that have none get the focus nodes, IRIs, as targets."""
    all_infer = _infers(graph)
    for node in (n for n in shapes if not graph.judges(n)):
        for term in focus:
            names = (node[1:-1], SH + "targetNode", term[1:-1])
            yield ox.Quad(*map(ox.NamedNode, names))
    for document in graph.terms.documents:
        for quad in document.quads:
            subject = str(quad.subject)
            kept = all_infer or subject in shapes or subject not in graph.shapes
            if kept or not makes_target(quad):
                yield quad


def _infers(graph: ShapesGraph) -> bool:
    """Whether there are rules."""
    return any(graph.terms.values(node, "rule") for node in graph.terms.about)


def _beyond(shape: Shape, graph: ShapesGraph, functions: set[str]) -> bool:
    """Whether a constraint of the shape itself, not of those it refers to, is of the features."""
    for constraint in shape.sparql:
        lines = (f"PREFIX {name}: <{iri}>\n" for name, iri in constraint.prefixes.items())
        if functions.intersection(iris_used("".join(lines) + constraint.text)):
            return True
    about = graph.terms.about.get(shape.node, {})
    waiting = [node for name, nodes in about.items() if name != SH + "target" for node in nodes]
    if _TERMS.intersection(about) - {SH + "target"}:
        return True
    seen = set()
    while waiting:
        node = waiting.pop()
        if node in seen or node in graph.shapes or not node.startswith("_:"):
            continue
        seen.add(node)
        inner = graph.terms.about.get(node, {})
        if _TERMS.intersection(inner):
            return True
        waiting += [value for values in inner.values() for value in values]
    return False


def _reached(node: str, terms: Terms) -> set[str]:
    """A shape and all that it refers to, directly or not."""
    found = {node}
    waiting = [node]
    while waiting:
        for other in referred(waiting.pop(), terms):
            if other not in found:
                found.add(other)
                waiting.append(other)
    return found
