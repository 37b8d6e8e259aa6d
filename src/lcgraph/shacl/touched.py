"""Which focus nodes a change can touch, and what their shapes look at.

A shape is judged at a node by the triples on its paths and around its value nodes. So from each
changed triple the paths are followed backwards to the nodes that see it. What lies before the first
changed triple on a path has not changed, and so is found in the data as they are now.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from lcgraph.shacl.constraints.logic import siblings
from lcgraph.shacl.custom import Query
from lcgraph.shacl.links import links
from lcgraph.shacl.model import TRUE
from lcgraph.shacl.nearby import TooFarError, named
from lcgraph.shacl.paths import plain
from lcgraph.terms import RDF, RDFS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from lcgraph.shacl.links import Link
    from lcgraph.shacl.model import Path, Shape, ShapesGraph
    from lcgraph.shacl.nearby import Nearby, Nodes, Triple

_TYPE, _SUBCLASS = f"<{RDF}type>", f"<{RDFS}subClassOf>"
# Constraints that are judged by the values of another property of the focus node.
_PAIRS = {
    "Equals": "equals",
    "Disjoint": "disjoint",
    "LessThan": "lessThan",
    "LessThanOrEquals": "lessThanOrEquals",
}
_INNER = {"Not": "not", "Node": "node", "And": "and", "Or": "or", "Xone": "xone"}


def inner_shapes(shape: Shape, graph: ShapesGraph) -> Iterator[str]:
    """The shapes that the value nodes of a shape are judged by."""
    yield from shape.properties
    for constraint in shape.constraints:
        if constraint.component in _INNER:
            yield from constraint.parameters[_INNER[constraint.component]]
        elif constraint.component.startswith("Qualified"):
            (own,) = constraint.parameters["qualifiedValueShape"]
            yield own
            yield from siblings(graph, shape, own)


@lru_cache(maxsize=1024)
def links_of(shape: Shape, index: int) -> list[Link] | None:
    """How the patterns of one of the queries of a shape hang together with the nodes that it is
    asked of; None where that cannot be told."""
    query = Query(shape, shape.sparql[index])
    if query.form is None or query.sight is None or query.present:
        return None
    return links(query.form, query.nodes)


def is_bounded(node: str, graph: ShapesGraph) -> bool:
    """Whether what a shape looks at, with what it refers to, can be told by its paths and by the
    patterns of its queries."""
    found, waiting = {node}, [node]
    while waiting:
        shape = graph.shapes[waiting.pop()]
        if any(links_of(shape, index) is None for index in range(len(shape.sparql))):
            return False
        fresh = set(inner_shapes(shape, graph)) - found
        found |= fresh
        waiting += fresh
    return True


class Touched:
    """What some changed triples can touch."""

    def __init__(self, graph: ShapesGraph, triples: Sequence[Triple], now: Nearby) -> None:
        self._graph = graph
        self._now = now
        self._known: dict[str, Nodes] = {}
        self._ends: dict[str, tuple[Nodes, Nodes]] = {}
        self._subjects: Nodes = {triple.subject for triple in triples}
        self._objects: Nodes = {triple.object for triple in triples}
        for triple in triples:
            subjects, objects = self._ends.setdefault(str(triple.predicate), (set(), set()))
            subjects.add(triple.subject)
            objects.add(triple.object)

    def focus(self, shape: Shape) -> Nodes:
        """The focus nodes of a shape that judge otherwise now, or may, or are new ones.

        Raises:
            TooFarError: they are too many to be found one by one.
        """
        if _SUBCLASS in self._ends:  # any instance of the classes may be one of another class now
            raise TooFarError
        found = self._of(shape.node) | self._new_focus(shape)
        return {node for node in found if self._now.is_focus(node, shape.targets)}

    def _new_focus(self, shape: Shape) -> Nodes:
        """The nodes that may be focus nodes of a shape only now."""
        found: Nodes = set()
        for target in shape.targets:
            if target.kind == "Class":
                found |= self._subjects_of(_TYPE)
            elif target.kind == "SubjectsOf":
                found |= self._subjects_of(target.term)
            elif target.kind == "ObjectsOf":
                found |= self._objects_of(target.term)
        return found

    def without_unseeing(self, roots: Iterable[Shape]) -> ShapesGraph:
        """The shapes graph, where shapes that judging begins at have no property shapes that see
        no changed triple, and so find what they found before. Those of new focus nodes keep all,
        and those by which other shapes judge, or that need to know what properties there are."""
        shapes = dict(self._graph.shapes)
        inner = {node for shape in shapes.values() for node in inner_shapes(shape, self._graph)}
        for shape in roots:
            closed = any(constraint.component == "Closed" for constraint in shape.constraints)
            if closed or shape.node in inner or self._new_focus(shape):
                continue
            seeing = [node for node in shape.properties if self._of(node) or self._counts(node)]
            shapes[shape.node] = replace(shape, properties=tuple(seeing))
        return replace(self._graph, shapes=shapes)

    def _counts(self, node: str) -> bool:
        """Whether a shape has to do with its siblings."""
        constraints = self._graph.shapes[node].constraints
        return any(constraint.component.startswith("Qualified") for constraint in constraints)

    def _subjects_of(self, predicate: str) -> Nodes:
        return self._ends.get(predicate, (set(), set()))[0]

    def _objects_of(self, predicate: str) -> Nodes:
        return self._ends.get(predicate, (set(), set()))[1]

    def _of(self, node: str) -> Nodes:
        """The nodes at which a shape sees a changed triple."""
        if node not in self._known:
            shape = self._graph.shapes[node]
            self._known[node] = set() if shape.deactivated else self._seeing(shape)
        return self._known[node]

    def _seeing(self, shape: Shape) -> Nodes:
        values: Nodes = set()
        found: Nodes = set()
        for inner in inner_shapes(shape, self._graph):
            values |= self._of(inner)
        for constraint in shape.constraints:
            if constraint.component == "Class":
                values |= self._subjects_of(_TYPE)
            elif constraint.component == "Closed" and TRUE in constraint.parameters["closed"]:
                values |= self._subjects
            elif constraint.component in _PAIRS:
                found |= self._subjects_of(constraint.parameters[_PAIRS[constraint.component]][0])
        for index in range(len(shape.sparql)):
            seen = self._asked(links_of(shape, index) or [])
            found |= seen.get("this", set())
            values |= seen.get("value", set())
        if shape.path is None:
            return found | values
        path = plain(shape.path)
        return found | self._on(path) | self._now.back(path, values)

    def _asked(self, chain: list[Link]) -> dict[str, Nodes]:
        """The nodes that a query is asked of and sees a changed triple from, by the pre-bound
        variable that they are values of."""
        by_far = {link.far: link for link in chain if link.far is not None}
        found: dict[str, Nodes] = {}
        for link in chain:
            name = link.near
            if link.path is not None:
                nodes = self._on(plain(link.path))
            else:
                nodes = self._objects if link.backwards else self._subjects
            while nodes and name in by_far:
                name, nodes = by_far[name].near, self._now.back_over(by_far[name], nodes)
            found[name] = found.get(name, set()) | nodes
        return found

    def _on(self, path: Path) -> Nodes:
        """The nodes from which a path leads over a changed triple."""
        if isinstance(path, str):
            return self._subjects_of(path)
        if path.kind == "inverse":
            return self._objects_of(str(path.parts[0]))
        if path.kind == "sequence":
            found: Nodes = set()
            for part in reversed(path.parts):
                found = self._on(part) | self._now.back(part, found)
            return found
        found = {node for part in path.parts for node in self._on(part)}
        if path.kind in ("alternative", "zeroOrOne"):
            return found
        start = path._replace(kind="zeroOrMore")
        return self._now.back(start, found)


def look(shape: Shape, nodes: Nodes, graph: ShapesGraph, near: Nearby) -> None:
    """Looks up all triples by which a shape judges nodes.

    Raises:
        TooFarError: they are too many.
    """
    if shape.deactivated or not nodes:
        return
    values = nodes if shape.path is None else near.follow(plain(shape.path), nodes)
    for constraint in shape.constraints:
        if constraint.component == "Class":
            for value in values:
                near.classes(value)
        elif constraint.component == "Closed":
            for value in values:
                near.find(value, None, None)
        elif constraint.component in _PAIRS:
            predicate = named(constraint.parameters[_PAIRS[constraint.component]][0])
            for node in nodes:
                near.find(node, predicate, None)
    for index in range(len(shape.sparql)):
        known = {"this": nodes, "value": values}
        for link in links_of(shape, index) or ():
            reached = near.over(link, known[link.near])
            if link.far is not None:
                known[link.far] = reached
    for inner in dict.fromkeys(inner_shapes(shape, graph)):
        look(graph.shapes[inner], values, graph, near)
