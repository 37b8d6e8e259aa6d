"""Shapes graphs read: the nodes that are shapes, with their targets, paths and constraints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lcgraph.errors import ShapesError
from lcgraph.shacl.declared import custom_components, custom_constraints, sparql_constraints
from lcgraph.shacl.model import NIL, TRUE, Constraint, Shape, ShapesGraph, Step, Target, Terms
from lcgraph.shacl.syntax import (
    check_parameters,
    is_subclass,
    messages,
    one,
    referred,
    refuse_recursion,
    refuse_unknown,
)
from lcgraph.shacl.vocabulary import COMPONENTS
from lcgraph.terms import RDF, RDFS, SH, XSD

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lcgraph.reading import Document
    from lcgraph.shacl.model import CustomComponent, Path


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
    shapes = {node: _shape(node, terms, components) for node in nodes}
    refuse_recursion(shapes, terms)
    return ShapesGraph(shapes, terms, advanced)


def _shape_nodes(terms: Terms, components: Iterable[CustomComponent]) -> list[str]:
    """The nodes that are shapes: typed, targeted, with parameters, or referred to (section 2.1)."""
    parameters = {SH + name for component in COMPONENTS.values() for name in component.parameters}
    parameters |= {SH + "property", SH + "sparql"}
    parameters |= {p.path for c in components for p in c.parameters if not p.optional}
    targets = {SH + f"target{kind}" for kind in ("Class", "Node", "SubjectsOf", "ObjectsOf")}
    types = {f"<{SH}NodeShape>", f"<{SH}PropertyShape>"}
    found: dict[str, None] = {}
    for node, properties in terms.about.items():
        if (
            types & set(properties.get(RDF + "type", []))
            or (targets | parameters) & properties.keys()
        ):
            found[node] = None
    waiting = list(found)
    while waiting:
        node = waiting.pop()
        for other in referred(node, terms):
            if other not in found:
                found[other] = None
                waiting.append(other)
    return list(found)


def _shape(node: str, terms: Terms, components: Iterable[CustomComponent]) -> Shape:
    if node.startswith('"'):
        raise ShapesError(f"a literal cannot be a shape: {node}")
    types = terms.about[node].get(RDF + "type", []) if node in terms.about else []
    paths = terms.values(node, "path")
    if len(paths) > 1:
        raise terms.wrong(node, "it has more than one sh:path")
    if f"<{SH}PropertyShape>" in types and not paths:
        raise terms.wrong(node, "a property shape has no sh:path", "Name the property it is about.")
    if f"<{SH}NodeShape>" in types and paths:
        raise terms.wrong(node, "a node shape has an sh:path", "Make it an sh:PropertyShape.")
    severity = one(node, "severity", terms) or f"<{SH}Violation>"
    deactivated = one(node, "deactivated", terms)
    if deactivated is not None and not deactivated.endswith(f"^^<{XSD}boolean>"):
        raise terms.wrong(node, "sh:deactivated takes true or false")
    return Shape(
        node=node,
        path=_path(paths[0], node, terms, frozenset()) if paths else None,
        path_node=paths[0] if paths else None,
        targets=tuple(_targets(node, types, terms)),
        constraints=tuple(_constraints(node, terms, is_property=bool(paths))),
        severity=severity,
        messages=tuple(messages(node, terms)),
        deactivated=deactivated == TRUE,
        properties=tuple(terms.values(node, "property")),
        sparql=(
            *sparql_constraints(node, terms),
            *custom_constraints(node, terms, components, is_property=bool(paths)),
        ),
    )


def _targets(node: str, types: list[str], terms: Terms) -> Iterator[Target]:
    for kind in ("Class", "Node", "SubjectsOf", "ObjectsOf"):
        for term in terms.values(node, f"target{kind}"):
            if term.startswith("_") or (kind != "Node" and not term.startswith("<")):
                raise terms.wrong(node, f"sh:target{kind} takes an IRI, not {term}")
            yield Target(kind, term)
    # A shape that is also a class targets its instances (section 2.1.3.3). An owl:Class is taken
    # for one, as pySHACL and TopBraid do.
    classes = {f"<{RDFS}Class>", "<http://www.w3.org/2002/07/owl#Class>"}
    if classes & set(types) or is_subclass(types, terms, f"<{RDFS}Class>"):
        yield Target("Class", node)


def _path(node: str, shape: str, terms: Terms, inside: frozenset[str]) -> Path:
    if node.startswith("<") and node != NIL:
        return node
    if node in inside:
        raise terms.wrong(shape, "the path goes in a circle")
    inside |= {node}
    if RDF + "first" in terms.about.get(node, {}):
        parts = [_path(part, shape, terms, inside) for part in terms.items(node, shape)]
        if len(parts) < 2:  # noqa: PLR2004 (section 2.3.1.2: a sequence has two members at least)
            raise terms.wrong(shape, "a sequence path needs two members")
        return Step("sequence", tuple(parts))
    for kind in ("inverse", "zeroOrMore", "oneOrMore", "zeroOrOne"):
        values = terms.values(node, f"{kind}Path")
        if values:
            if len(values) > 1:
                raise terms.wrong(shape, f"a path has more than one sh:{kind}Path")
            return Step(kind, (_path(values[0], shape, terms, inside),))
    alternatives = terms.values(node, "alternativePath")
    if len(alternatives) == 1:
        members = terms.items(alternatives[0], shape)
        parts = [_path(part, shape, terms, inside) for part in members]
        if len(parts) < 2:  # noqa: PLR2004 (section 2.3.1.3)
            raise terms.wrong(shape, "an alternative path needs two members")
        return Step("alternative", tuple(parts))
    raise terms.wrong(
        shape, "its sh:path is no path", "A path is an IRI, a list, or [ sh:…Path … ]."
    )


def _constraints(node: str, terms: Terms, *, is_property: bool) -> Iterator[Constraint]:
    about = terms.about.get(node, {})
    for name, component in COMPONENTS.items():
        given = [p for p in component.parameters if SH + p in about]
        if not component.required <= set(given):
            continue
        if component.only_properties and not is_property:
            raise terms.wrong(
                node, f"sh:{component.key} stands in a node shape", "It needs an sh:path."
            )
        if component.single:
            # One constraint for all parameters, each of which can have one value only.
            parameters = {}
            for p in given:
                value = one(node, p, terms) or ""
                is_list = p in component.lists
                parameters[p] = tuple(terms.items(value, node)) if is_list else (value,)
            check_parameters(node, parameters, terms)
            yield Constraint(name, parameters)
            continue
        for value in terms.values(node, component.key):
            is_list = component.key in component.lists
            parameters = {component.key: tuple(terms.items(value, node)) if is_list else (value,)}
            for p in given:
                if p != component.key:
                    parameters[p] = (one(node, p, terms) or "",)
            check_parameters(node, parameters, terms)
            yield Constraint(name, parameters)
