"""The shapes graph as plain frozen dataclasses, checked itself.

Follows SHACL (W3C Recommendation of 20 July 2017), sections 2 to 5. Terms are N-Triples text.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from lcgraph.columns import unescape
from lcgraph.errors import ShapesError, did_you_mean
from lcgraph.shacl.vocabulary import ADVANCED, COMPONENTS, DRAFTS, SCRIPTS, TERMS
from lcgraph.terms import RDF, RDFS, SH, XSD, curie

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from lcgraph.reading import Document

    #: A path: a predicate as N-Triples text, or an operator with what it works on.
    Path: TypeAlias = "str | Step"

_NIL = f"<{RDF}nil>"
_TRUE = f'"true"^^<{XSD}boolean>'


class Step(NamedTuple):
    """A path that is more than a predicate (section 2.3.1).

    `kind` is "inverse", "sequence", "alternative", "zeroOrMore", "oneOrMore" or "zeroOrOne".
    """

    kind: str
    parts: tuple[Path, ...]


@dataclass(frozen=True)
class Constraint:
    """One constraint of SHACL Core: the name of its component without "ConstraintComponent", and
    its parameters by local name."""

    component: str
    parameters: Mapping[str, tuple[str, ...]]

    @property
    def iri(self) -> str:
        """The IRI of its component."""
        return f"{SH}{self.component}ConstraintComponent"


@dataclass(frozen=True)
class SparqlConstraint:
    """One constraint in SPARQL (section 5), or of a component in SPARQL (section 6).

    Attributes:
        iri: the IRI of its component.
        text: the query.
        ask: whether the query is an ASK, of each value node, that says whether it is right.
        prefixes: the prefixes that the query knows.
        messages: its messages.
        bindings: the parameters that are pre-bound, by name.
        source: the node that is its sh:sourceConstraint; None for a component.
    """

    iri: str
    text: str
    ask: bool
    prefixes: Mapping[str, str]
    messages: tuple[str, ...]
    bindings: Mapping[str, str]
    source: str | None


@dataclass(frozen=True)
class Target:
    """A target: its kind ("Class", "Node", "SubjectsOf", "ObjectsOf") and the term."""

    kind: str
    term: str


@dataclass(frozen=True, eq=False)
class Shape:
    """A shape; `path` is None for a node shape, `path_node` the node that says it."""

    node: str
    path: Path | None
    path_node: str | None
    targets: tuple[Target, ...]
    constraints: tuple[Constraint, ...]
    severity: str
    messages: tuple[str, ...]
    deactivated: bool
    properties: tuple[str, ...] = ()
    sparql: tuple[SparqlConstraint, ...] = ()


class Terms:
    """The shapes graph by subject and predicate, with the place of each triple."""

    def __init__(self, documents: Iterable[Document]) -> None:
        self.about: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        self._places: dict[str, tuple[Document, int]] = {}
        self.documents = list(documents)
        for document in self.documents:
            for index, quad in enumerate(document.quads):
                subject, predicate = str(quad.subject), str(quad.predicate)[1:-1]
                values = self.about[subject][predicate]
                if str(quad.object) not in values:
                    values.append(str(quad.object))
                self._places.setdefault(subject, (document, index))

    def values(self, node: str, name: str) -> list[str]:
        """The values of a SHACL property, by local name."""
        return self.about[node].get(SH + name, []) if node in self.about else []

    def items(self, node: str, shape: str) -> list[str]:
        """The members of a list.

        Raises:
            ShapesError: it is not a well-formed list.
        """
        found: list[str] = []
        seen = set()
        while node != _NIL:
            first = self.about.get(node, {}).get(RDF + "first", [])
            rest = self.about.get(node, {}).get(RDF + "rest", [])
            if len(first) != 1 or len(rest) != 1 or node in seen:
                raise self.wrong(shape, "a list is not well-formed")
            seen.add(node)
            found += first
            node = rest[0]
        return found

    def wrong(self, node: str, message: str, hint: str | None = None) -> ShapesError:
        """The error that a node of the shapes graph is wrong, with its place."""
        file = line = None
        if node in self._places:
            document, index = self._places[node]
            file, line = document.name, document.lines()[index]
        return ShapesError(f"{_short(node)}: {message}", file=file, line=line, hint=hint)


def _short(node: str) -> str:
    return curie(node[1:-1]) if node.startswith("<") else "a blank node"


@dataclass(frozen=True)
class ShapesGraph:
    """All shapes by their nodes, the triples that they were made of, and the terms of SHACL
    Advanced Features that these use."""

    shapes: Mapping[str, Shape]
    terms: Terms = field(repr=False)
    advanced: frozenset[str] = frozenset()


def parse_shapes(documents: Iterable[Document]) -> ShapesGraph:
    """The shapes of documents taken together.

    Raises:
        ShapesError: the shapes graph is ill-formed, uses a SHACL term that does not exist, or has
            a shape that refers to itself; with file and line.
    """
    terms = Terms(documents)
    advanced = _refuse_unknown(terms)
    components = custom_components(terms)
    nodes = _shape_nodes(terms, components)
    shapes = {node: _shape(node, terms, components) for node in nodes}
    _refuse_recursion(shapes, terms)
    return ShapesGraph(shapes, terms, advanced)


def _refuse_unknown(terms: Terms) -> frozenset[str]:
    """Refuses misspelt SHACL terms, which would make a constraint vanish in silence, and those
    that nothing here judges; gives the advanced ones, which pySHACL does."""
    advanced = set()
    known = {SH + name for name in TERMS}
    for node, properties in terms.about.items():
        named = [*properties, *(v[1:-1] for v in properties.get(RDF + "type", []))]
        for iri in named:
            if iri.startswith(SH):
                name = iri.removeprefix(SH)
                if name in SCRIPTS:
                    raise terms.wrong(node, f"sh:{name} would run a script, which is never done")
                if name in DRAFTS:
                    raise terms.wrong(node, f"sh:{name} is of a draft of SHACL 1.2, not supported")
                if name not in TERMS and known & set(named):
                    hint = did_you_mean(name, TERMS)
                    raise terms.wrong(node, f"sh:{name} is no term of SHACL", hint)
                if name in ADVANCED:
                    advanced.add(name)
            elif (
                "shacl" in re.sub(r"shacl-\w+", "", iri.lower())
                and (name := re.split(r"[/#]", iri)[-1]) in TERMS
            ):
                hint = f"Write <{SH}{name}>."
                raise terms.wrong(node, f"<{iri}> is not in SHACL's namespace", hint)
    return frozenset(advanced)


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
        for other in _referred(node, terms):
            if other not in found:
                found[other] = None
                waiting.append(other)
    return list(found)


def _referred(node: str, terms: Terms) -> Iterator[str]:
    for name in ("property", "node", "not", "qualifiedValueShape"):
        yield from terms.values(node, name)
    for name in ("and", "or", "xone"):
        for value in terms.values(node, name):
            yield from terms.items(value, node)


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
    severity = _one(node, "severity", terms) or f"<{SH}Violation>"
    deactivated = _one(node, "deactivated", terms)
    if deactivated is not None and not deactivated.endswith(f"^^<{XSD}boolean>"):
        raise terms.wrong(node, "sh:deactivated takes true or false")
    return Shape(
        node=node,
        path=_path(paths[0], node, terms, frozenset()) if paths else None,
        path_node=paths[0] if paths else None,
        targets=tuple(_targets(node, types, terms)),
        constraints=tuple(_constraints(node, terms, is_property=bool(paths))),
        severity=severity,
        messages=tuple(_messages(node, terms)),
        deactivated=deactivated == _TRUE,
        properties=tuple(terms.values(node, "property")),
        sparql=(
            *sparql_constraints(node, terms),
            *custom_constraints(node, terms, components, is_property=bool(paths)),
        ),
    )


def _one(node: str, name: str, terms: Terms) -> str | None:
    values = terms.values(node, name)
    if len(values) > 1:
        raise terms.wrong(node, f"it has more than one sh:{name}")
    return values[0] if values else None


def _messages(node: str, terms: Terms) -> Iterator[str]:
    for message in terms.values(node, "message"):
        if not message.startswith('"') or (
            "^^" in message.rpartition('"')[2] and not message.endswith(f"<{RDF}HTML>")
        ):
            raise terms.wrong(node, "sh:message takes texts")
        yield message


def _targets(node: str, types: list[str], terms: Terms) -> Iterator[Target]:
    for kind in ("Class", "Node", "SubjectsOf", "ObjectsOf"):
        for term in terms.values(node, f"target{kind}"):
            if term.startswith("_") or (kind != "Node" and not term.startswith("<")):
                raise terms.wrong(node, f"sh:target{kind} takes an IRI, not {term}")
            yield Target(kind, term)
    # A shape that is also a class targets its instances (section 2.1.3.3). An owl:Class is taken
    # for one, as pySHACL and TopBraid do.
    classes = {f"<{RDFS}Class>", "<http://www.w3.org/2002/07/owl#Class>"}
    if classes & set(types) or _is_subclass(types, terms, f"<{RDFS}Class>"):
        yield Target("Class", node)


def _is_subclass(types: list[str], terms: Terms, wanted: str) -> bool:
    seen: set[str] = set()
    waiting = list(types)
    while waiting:
        kind = waiting.pop()
        if kind == wanted:
            return True
        if kind not in seen:
            seen.add(kind)
            waiting += terms.about.get(kind, {}).get(RDFS + "subClassOf", [])
    return False


def _path(node: str, shape: str, terms: Terms, inside: frozenset[str]) -> Path:
    if node.startswith("<") and node != _NIL:
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
                value = _one(node, p, terms) or ""
                is_list = p in component.lists
                parameters[p] = tuple(terms.items(value, node)) if is_list else (value,)
            _check_parameters(node, parameters, terms)
            yield Constraint(name, parameters)
            continue
        for value in terms.values(node, component.key):
            is_list = component.key in component.lists
            parameters = {component.key: tuple(terms.items(value, node)) if is_list else (value,)}
            for p in given:
                if p != component.key:
                    parameters[p] = (_one(node, p, terms) or "",)
            _check_parameters(node, parameters, terms)
            yield Constraint(name, parameters)


_INTEGERS = (
    "minCount",
    "maxCount",
    "minLength",
    "maxLength",
    "qualifiedMinCount",
    "qualifiedMaxCount",
)
_BOOLEANS = ("uniqueLang", "closed", "qualifiedValueShapesDisjoint")
_IRIS = ("class", "datatype", "nodeKind", "equals", "disjoint", "lessThan", "lessThanOrEquals")
_STRINGS = ("pattern", "flags")
_LITERALS = ("minExclusive", "minInclusive", "maxExclusive", "maxInclusive")
_NODE_KINDS = (
    "BlankNode",
    "IRI",
    "Literal",
    "BlankNodeOrIRI",
    "BlankNodeOrLiteral",
    "IRIOrLiteral",
)


def _check_parameters(node: str, parameters: Mapping[str, tuple[str, ...]], terms: Terms) -> None:
    """The syntax rules of the parameters of core components (section 4, "must be …")."""
    for name, values in parameters.items():
        for value in values:
            expected = _expected(name, value)
            if expected:
                raise terms.wrong(node, f"sh:{name} takes {expected}, not {value}")


def _expected(name: str, value: str) -> str | None:
    datatype = value.rpartition('"^^<')[2].removesuffix(">") if value.startswith('"') else ""
    plain = value.startswith('"') and value.endswith('"')
    if name in _INTEGERS and datatype != XSD + "integer":
        return "a whole number"
    if name in _BOOLEANS and datatype != XSD + "boolean":
        return "true or false"
    if name in _IRIS and not value.startswith("<"):
        return "an IRI"
    if name == "nodeKind" and value[1:-1].removeprefix(SH) not in _NODE_KINDS:
        return f"one of sh:{', sh:'.join(_NODE_KINDS)}"
    if name in _STRINGS and not plain:
        return "a plain text"
    if name in _LITERALS and not value.startswith('"'):
        return "a literal"
    if name == "languageIn" and not plain:
        return "language tags as plain texts"
    if name == "ignoredProperties" and not value.startswith(("<", "_")):
        return "a list of IRIs"
    return None


def _refuse_recursion(shapes: Mapping[str, Shape], terms: Terms) -> None:
    """Refuses shapes that refer to themselves: SHACL leaves open what they mean (section 3.4.3)."""
    done: set[str] = set()
    for start in shapes:
        path: list[str] = []
        stack: list[tuple[str, Iterator[str]]] = [(start, _referred(start, terms))]
        on_path = {start: None}
        while stack:
            node, others = stack[-1]
            other = next(others, None)
            if other is None:
                stack.pop()
                done.add(node)
                on_path.pop(node, None)
            elif other in on_path:
                path = [*list(on_path)[list(on_path).index(other) :], other]
                names = " → ".join(map(_short, path))
                raise terms.wrong(other, f"the shape refers to itself: {names}")
            elif other not in done:
                on_path[other] = None
                stack.append((other, _referred(other, terms)))


# ---------- SHACL-SPARQL ----------


@dataclass(frozen=True)
class Parameter:
    """A parameter of a constraint component in SPARQL: the predicate that gives it, and its name."""

    path: str
    name: str
    optional: bool


@dataclass(frozen=True)
class CustomComponent:
    """A constraint component in SPARQL (section 6): its validators by the shapes they are for."""

    iri: str
    parameters: tuple[Parameter, ...]
    validators: Mapping[str, str]
    messages: tuple[str, ...]


def sparql_constraints(node: str, terms: Terms) -> Iterator[SparqlConstraint]:
    """The constraints that a shape has by sh:sparql (section 5)."""
    for source in terms.values(node, "sparql"):
        if _one(source, "deactivated", terms) == _TRUE:
            continue
        text = _one(source, "select", terms)
        if text is None:
            raise terms.wrong(source, "a SPARQL constraint has no sh:select")
        messages = tuple(_messages(source, terms)) or tuple(_messages(node, terms))
        yield SparqlConstraint(
            f"{SH}SPARQLConstraintComponent",
            _text(text),
            ask=False,
            prefixes=_prefixes(source, terms),
            messages=messages,
            bindings={},
            source=source,
        )


def custom_components(terms: Terms) -> list[CustomComponent]:
    """The constraint components that the shapes graph declares (section 6.2)."""
    found = []
    for node, about in terms.about.items():
        types = about.get(RDF + "type", [])
        if not types or not _is_subclass(types, terms, f"<{SH}ConstraintComponent>"):
            continue
        parameters = []
        for parameter in terms.values(node, "parameter"):
            path = _one(parameter, "path", terms)
            if path is None or not path.startswith("<"):
                raise terms.wrong(node, "a parameter has no sh:path that is an IRI")
            name = path[1:-1].replace("#", "/").rpartition("/")[2]
            optional = _one(parameter, "optional", terms) == _TRUE
            parameters.append(Parameter(path[1:-1], name, optional))
        if not any(not p.optional for p in parameters):
            raise terms.wrong(node, "a constraint component needs a parameter that is not optional")
        validators = {
            kind: value
            for kind in ("validator", "nodeValidator", "propertyValidator")
            if (value := _one(node, kind, terms)) is not None
        }
        messages = tuple(_messages(node, terms))
        found.append(CustomComponent(node[1:-1], tuple(parameters), validators, messages))
    return found


def custom_constraints(
    node: str, terms: Terms, components: Iterable[CustomComponent], *, is_property: bool
) -> Iterator[SparqlConstraint]:
    """The constraints that a shape has by giving the parameters of such components."""
    about = terms.about.get(node, {})
    for component in components:
        given = {p: about.get(p.path, []) for p in component.parameters}
        if any(not values for p, values in given.items() if not p.optional):
            continue
        kind = "propertyValidator" if is_property else "nodeValidator"
        validator = component.validators.get(kind) or component.validators.get("validator")
        if validator is None:
            raise terms.wrong(node, f"<{component.iri}> has no validator for this kind of shape")
        ask, select = _one(validator, "ask", terms), _one(validator, "select", terms)
        text = ask or select
        if text is None:
            raise terms.wrong(validator, "a validator has neither sh:ask nor sh:select")
        several = [p for p, values in given.items() if len(values) > 1]
        if several and len(component.parameters) > 1:
            raise terms.wrong(node, f"the parameter {several[0].name} has more than one value")
        choices = given[several[0]] if several else [None]
        for choice in choices:
            bindings = {p.name: choice or values[0] for p, values in given.items() if values}
            yield SparqlConstraint(
                component.iri,
                _text(text),
                ask=ask is not None,
                prefixes=_prefixes(validator, terms),
                messages=(
                    tuple(_messages(node, terms))
                    or tuple(_messages(validator, terms))
                    or component.messages
                ),
                bindings=bindings,
                source=None,
            )


def _text(literal: str) -> str:
    return unescape(literal[1 : literal.rindex('"')])


def _prefixes(node: str, terms: Terms) -> dict[str, str]:
    """The prefixes that a query knows by sh:prefixes (section 5.2.1), imports followed."""
    found: dict[str, str] = {}
    waiting = list(terms.values(node, "prefixes"))
    seen = set()
    while waiting:
        owner = waiting.pop()
        if owner in seen:
            continue
        seen.add(owner)
        waiting += terms.about.get(owner, {}).get("http://www.w3.org/2002/07/owl#imports", [])
        for declaration in terms.values(owner, "declare"):
            prefix = _one(declaration, "prefix", terms)
            namespace = _one(declaration, "namespace", terms)
            if prefix is None or namespace is None:
                raise terms.wrong(owner, "a prefix declaration needs sh:prefix and sh:namespace")
            name, iri = _text(prefix), _text(namespace)
            if found.setdefault(name, iri) != iri:
                raise terms.wrong(owner, f"the prefix {name}: stands for two namespaces")
    return found
