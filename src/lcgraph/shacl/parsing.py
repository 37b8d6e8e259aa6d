"""Shapes graphs read: the nodes that are shapes, with their targets, paths and constraints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lcgraph.shacl.declared import custom_components, custom_constraints, sparql_constraints
from lcgraph.shacl.model import NIL, TRUE, Constraint, Shape, ShapesGraph, Step, Target, Terms
from lcgraph.shacl.syntax import (
    DEEPEST,
    check_shape,
    is_subclass,
    messages,
    one,
    referred,
    refuse_recursion,
    refuse_unknown,
)
from lcgraph.shacl.vocabulary import COMPONENTS
from lcgraph.terms import OWL, RDF, RDFS, SH

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lcgraph.reading import Document
    from lcgraph.shacl.model import CustomComponent, Path

_TARGETS = ("Class", "Node", "SubjectsOf", "ObjectsOf")
_STEPS = ("inverse", "zeroOrMore", "oneOrMore", "zeroOrOne", "alternative")
_PATHS = "A path is an IRI, a list of two or more, or [ sh:…Path … ]."


def parse_shapes(documents: Iterable[Document]) -> ShapesGraph:
    """The shapes of documents taken together.

    Raises:
        ShapesError: the shapes graph is ill-formed, uses a SHACL term that does not exist, or has
            a shape that refers to itself; with file and line.
    """
    terms = Terms(documents)
    advanced = refuse_unknown(terms)
    components = custom_components(terms)
    nodes = _shape_nodes(terms, components)
    for node in nodes:
        check_shape(node, terms)
    shapes = {node: _shape(node, terms, components) for node in nodes}
    refuse_recursion(shapes, terms)
    return ShapesGraph(shapes, terms, advanced)


def _shape_nodes(terms: Terms, components: Iterable[CustomComponent]) -> list[str]:
    """The nodes that are shapes: typed, targeted, with parameters, or referred to (section 2.1)."""
    marks = {SH + name for component in COMPONENTS.values() for name in component.parameters}
    marks |= {SH + "property", SH + "sparql", *(f"{SH}target{kind}" for kind in _TARGETS)}
    marks |= {p.path for c in components for p in c.parameters if not p.optional}
    kinds = [f"<{SH}NodeShape>", f"<{SH}PropertyShape>"]
    found = dict.fromkeys(
        node
        for node, about in terms.about.items()
        if marks & about.keys()
        or any(is_subclass(about.get(RDF + "type", []), terms, kind) for kind in kinds)
    )
    waiting = list(found)
    while waiting:
        node = waiting.pop()
        for other in referred(node, terms):
            if other not in found:
                found[other] = None
                waiting.append(other)
    return list(found)


def _shape(node: str, terms: Terms, components: Iterable[CustomComponent]) -> Shape:
    path = one(node, "path", terms)
    return Shape(
        node=node,
        path=None if path is None else _path(path, node, terms, frozenset()),
        path_node=path,
        targets=tuple(_targets(node, terms)),
        constraints=tuple(_constraints(node, terms)),
        severity=one(node, "severity", terms) or f"<{SH}Violation>",
        messages=tuple(messages(node, terms)),
        deactivated=one(node, "deactivated", terms) == TRUE,
        properties=tuple(terms.values(node, "property")),
        sparql=(
            *sparql_constraints(node, terms),
            *custom_constraints(node, terms, components, is_property=path is not None),
        ),
    )


def _targets(node: str, terms: Terms) -> Iterator[Target]:
    for kind in _TARGETS:
        name = f"target{kind}"
        for term in terms.values(node, name):
            if term.startswith("_") or (kind != "Node" and not term.startswith("<")):
                expected = "an IRI or a literal" if kind == "Node" else "an IRI"
                raise terms.wrong(node, f"sh:{name} takes {expected}, not {term}", at=name)
            yield Target(kind, term)
    # A shape that is also a class targets its instances (section 2.1.3.3). An owl:Class is taken
    # for one, as pySHACL and TopBraid do.
    types = terms.types(node)
    is_class = is_subclass(types, terms, f"<{RDFS}Class>")
    if is_class and not node.startswith("<"):
        raise terms.wrong(
            node, "a shape that is also a class needs an IRI", "Its instances cannot name it."
        )
    if is_class or (node.startswith("<") and f"<{OWL}Class>" in types):
        yield Target("Class", node)


def _path(node: str, shape: str, terms: Terms, inside: frozenset[str]) -> Path:
    """The path that a node says (section 2.3.1)."""
    if node.startswith("<") and node != NIL:
        return node
    if node in inside:
        raise terms.wrong(shape, "the path goes in a circle", at="path")
    if len(inside) >= DEEPEST:
        raise terms.wrong(shape, f"the path is nested more than {DEEPEST} deep", at="path")
    inside |= {node}
    if RDF + "first" in terms.about.get(node, {}):
        return _parts("sequence", node, shape, terms, inside)
    found = [(kind, value) for kind in _STEPS for value in terms.values(node, f"{kind}Path")]
    if len(found) != 1 or len(terms.about[node]) != 1:
        message = "its sh:path is no path" if not found else "its sh:path says more than one path"
        raise terms.wrong(shape, message, _PATHS, at="path")
    kind, value = found[0]
    if kind == "alternative":
        return _parts(kind, value, shape, terms, inside)
    return Step(kind, (_path(value, shape, terms, inside),))


def _parts(kind: str, head: str, shape: str, terms: Terms, inside: frozenset[str]) -> Step:
    members = terms.items(head, shape, "path")
    if len(members) < 2:  # noqa: PLR2004 (sections 2.3.1.2 and 2.3.1.3: two members at least)
        raise terms.wrong(shape, f"its {kind} path has fewer than two members", _PATHS, at="path")
    return Step(kind, tuple(_path(member, shape, terms, inside) for member in members))


def _constraints(node: str, terms: Terms) -> Iterator[Constraint]:
    about = terms.about.get(node, {})
    for name, component in COMPONENTS.items():
        given = [p for p in component.parameters if SH + p in about]
        if component.required <= set(given):
            # One constraint for each value of the parameter that can have several.
            for value in terms.values(node, component.key):
                chosen = {
                    p: value if p == component.key else terms.values(node, p)[0] for p in given
                }
                yield Constraint(
                    name,
                    {
                        p: tuple(terms.items(v, node, p)) if p in component.lists else (v,)
                        for p, v in chosen.items()
                    },
                )
