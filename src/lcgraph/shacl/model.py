"""The shapes graph as plain frozen dataclasses, and its triples with their places.

Follows SHACL (W3C Recommendation of 20 July 2017), sections 2 to 6. Terms are N-Triples text.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from lcgraph.columns import literal_text
from lcgraph.errors import ShapesError
from lcgraph.terms import RDF, SH, XSD, curie

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from lcgraph.reading import Document

    #: A path: a predicate as N-Triples text, or an operator with what it works on.
    Path: TypeAlias = "str | Step"

NIL = f"<{RDF}nil>"
#: The literal true: SHACL asks for this term, not for another text of the same value.
TRUE = f'"true"^^<{XSD}boolean>'


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


class Terms:
    """The shapes graph by subject and predicate, with the place of each triple."""

    def __init__(self, documents: Iterable[Document]) -> None:
        about: dict[str, dict[str, dict[str, None]]] = defaultdict(lambda: defaultdict(dict))
        # By node, and by node and predicate.
        self._places: dict[tuple[str, ...], tuple[Document, int]] = {}
        self.documents = list(documents)
        for document in self.documents:
            for index, quad in enumerate(document.quads):
                subject, predicate = str(quad.subject), str(quad.predicate)[1:-1]
                about[subject][predicate][str(quad.object)] = None
                self._places.setdefault((subject,), (document, index))
                self._places.setdefault((subject, predicate), (document, index))
        self.about: dict[str, dict[str, list[str]]] = {
            node: {predicate: list(values) for predicate, values in properties.items()}
            for node, properties in about.items()
        }

    def values(self, node: str, name: str) -> list[str]:
        """The values of a SHACL property, by local name."""
        return self.about.get(node, {}).get(SH + name, [])

    def types(self, node: str) -> list[str]:
        """The classes that a node is typed with."""
        return self.about.get(node, {}).get(RDF + "type", [])

    def items(self, node: str, shape: str, name: str) -> list[str]:
        """The members of a list, which is a value of a SHACL property of a shape.

        Raises:
            ShapesError: it is not a well-formed list.
        """
        found: list[str] = []
        seen = set()
        while node != NIL:
            first = self.about.get(node, {}).get(RDF + "first", [])
            rest = self.about.get(node, {}).get(RDF + "rest", [])
            if len(first) != 1 or len(rest) != 1 or node in seen:
                raise self.wrong(
                    shape,
                    f"sh:{name} takes a list, and this one is not well-formed",
                    "Write ( … ); each node of a list has one rdf:first and one rdf:rest.",
                    at=name,
                )
            seen.add(node)
            found += first
            node = rest[0]
        return found

    def home(self, node: str) -> str | None:
        """The name of the document that describes a node."""
        return self._places[node,][0].name if (node,) in self._places else None

    def prefixes(self, node: str) -> Mapping[str, str]:
        """The prefixes of the document that describes a node."""
        return self._places[node,][0].prefixes if (node,) in self._places else {}

    def wrong(
        self, node: str, message: str, hint: str | None = None, *, at: str | None = None
    ) -> ShapesError:
        """The error that a node of the shapes graph is wrong, placed at a SHACL property of it, or
        at another property by IRI, or else where the node is first described."""
        keys = [(node,)] if at is None else [(node, SH + at), (node, at), (node,)]
        file = line = None
        place = next((self._places[key] for key in keys if key in self._places), None)
        if place is not None:
            document, index = place
            lines = document.lines()
            file = document.name
            line = lines[index] if index < len(lines) else document.line_of_subject(node[1:-1])
        return ShapesError(f"{short(node)}: {message}", file=file, line=line, hint=hint)


def literal_parts(term: str) -> tuple[str, str]:
    """The text of a literal, unescaped, and the IRI of its datatype."""
    rest = term[term.rindex('"') + 1 :]
    datatype = (
        rest[3:-1] if rest.startswith("^^") else RDF + "langString" if rest else XSD + "string"
    )
    return literal_text(term), datatype


def spoken(messages: Sequence[str]) -> str:
    """The text of the English one of some messages, N-Triples texts, else of the first."""
    english = [m for m in messages if m.endswith(('"', "@en")) or '"@en-' in m]
    return literal_text((english or messages)[0])


def short(node: str) -> str:
    """How a message names a node of the shapes graph."""
    return curie(node[1:-1]) if node.startswith("<") else "a blank node"


@dataclass(frozen=True)
class ShapesGraph:
    """All shapes by their nodes, the triples that they were made of, and the terms of SHACL
    Advanced Features that these use."""

    shapes: Mapping[str, Shape]
    terms: Terms = field(repr=False)
    advanced: frozenset[str] = frozenset()

    def judges(self, node: str) -> bool:
        """Whether a shape has a target, be it one of SHACL Advanced Features, and is not
        deactivated."""
        shape = self.shapes[node]
        return not shape.deactivated and bool(shape.targets or self.terms.values(node, "target"))
