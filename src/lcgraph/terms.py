"""Terms: N-Triples text, Python values, rdflib terms, and one table of prefixes.

Inside lcgraph a term is a pyoxigraph term, whose `str()` is its N-Triples text as somebody wrote
it. Python values appear at the border: in the rows of a table and in the parameters of a question.
"""

from __future__ import annotations

import math
import re
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Self, TypeAlias

import pyoxigraph as ox

from lcgraph.errors import ParameterError
from lcgraph.lexical import XSD as XSD  # noqa: PLC0414 (also a name of this module)
from lcgraph.lexical import well_formed

if TYPE_CHECKING:
    from collections.abc import Mapping

Term: TypeAlias = ox.NamedNode | ox.BlankNode | ox.Literal
Value: TypeAlias = "IRI | BlankNode | Literal | str | int | float | bool | Decimal | date | time"

NS = "https://w3id.org/lcgraph/ns#"
ID = "https://w3id.org/lcgraph/id/"
DEF = "https://w3id.org/lcgraph/def/"
SHAPES = "https://w3id.org/lcgraph/shapes#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
SH = "http://www.w3.org/ns/shacl#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
OWL = "http://www.w3.org/2002/07/owl#"
DCTERMS = "http://purl.org/dc/terms/"

# One prefix for each kind of record and each concept scheme, so that city:fi-espoo and theme:health
# can be written; "org" and "office" are taken by the ontology and by the records.
_RECORDS = (
    "award case city claim conferral declaration event government initiative membership network "
    "office participation partnership person publication source span statement"
)

_SCHEMES = (
    "admin-kind certainty counted declaration-kind event-kind evidence-kind initiative-kind "
    "membership-status org-kind participation-role partner-role publication-kind target-group "
    "theme unesco-region"
)

#: The one prefix table: declared for every query, and used by writers that are given no other.
PREFIXES: dict[str, str] = {
    "lcg": NS,
    "lcgdef": DEF,
    "lcgid": ID,
    "lcs": SHAPES,
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcterms": DCTERMS,
    "foaf": "http://xmlns.com/foaf/0.1/",
    "geo": "http://www.opengis.net/ont/geosparql#",
    "org": "http://www.w3.org/ns/org#",
    "owl": OWL,
    "prov": "http://www.w3.org/ns/prov#",
    "rdf": RDF,
    "rdfs": RDFS,
    "schema": "https://schema.org/",
    "sh": SH,
    "skos": SKOS,
    "vann": "http://purl.org/vocab/vann/",
    "vs": "http://www.w3.org/2003/06/sw-vocab-status/ns#",
    "wgs": "http://www.w3.org/2003/01/geo/wgs84_pos#",
    "xsd": XSD,
    "country": "http://publications.europa.eu/resource/authority/country/",
    "body": ID + "org/",
    **{kind: f"{ID}{kind}/" for kind in _RECORDS.split()},
    "role": DEF + "office/",
    **{scheme: f"{DEF}{scheme}/" for scheme in _SCHEMES.split()},
}

# Characters that SPARQL and Turtle forbid inside <…> (SPARQL 1.1 section 19.8, IRIREF).
_ABSOLUTE_IRI = r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|^`\\]*"

_INTEGERS = frozenset(
    XSD + name
    for name in [
        "integer",
        "nonNegativeInteger",
        "positiveInteger",
        "nonPositiveInteger",
        "negativeInteger",
        "long",
        "int",
        "short",
        "byte",
        "unsignedLong",
        "unsignedInt",
        "unsignedShort",
        "unsignedByte",
        "gYear",
    ]
)


class IRI(str):
    """An IRI as a Python string; `curie` gives its short form."""

    __slots__ = ()

    @property
    def curie(self) -> str:
        """The short form by the prefix table, or the IRI itself."""
        return curie(self)


class BlankNode(str):
    """The label of a blank node, without ``_:``; it means nothing outside its graph."""

    __slots__ = ()


class Literal(str):  # noqa: SLOT000 (a str with two attributes cannot have slots)
    """The text of a literal that has no Python type of its own: with a language, or of a
    datatype such as xsd:gYearMonth, or not in the lexical space of its datatype."""

    language: str | None
    datatype: str

    def __new__(cls, text: str, *, language: str | None = None, datatype: str = "") -> Self:
        """A literal with a language, or else of a datatype (the IRI), or else of xsd:string."""
        self = super().__new__(cls, text)
        self.language = language
        self.datatype = datatype or (RDF + "langString" if language else XSD + "string")
        return self


def to_python(term: Term | None) -> Value | None:
    """The Python value of a term.

    xsd:integer and the types derived from it, and xsd:gYear, become int; xsd:decimal Decimal;
    xsd:double and xsd:float float; xsd:boolean bool; xsd:date date; xsd:dateTime datetime;
    xsd:string str. Everything else, ill-formed text of these datatypes too, becomes a Literal.
    """
    if term is None:
        return None
    if isinstance(term, ox.NamedNode):
        return IRI(term.value)
    if isinstance(term, ox.BlankNode):
        return BlankNode(term.value)
    text, datatype = term.value, term.datatype.value
    if datatype == XSD + "string":
        return text
    if term.language is None:
        try:
            return _native(text, datatype)
        except (ValueError, ArithmeticError):
            pass  # not in the lexical space: hand over the text as written
    return Literal(text, language=term.language, datatype=datatype)


def _native(text: str, datatype: str) -> Value:
    if not well_formed(text, datatype):
        raise ValueError(datatype)
    if datatype in _INTEGERS:
        return int(text)
    kind = datatype[len(XSD) :]
    if kind == "boolean":
        return text in ("true", "1")
    if kind == "decimal":
        return Decimal(text)
    if kind in ("double", "float"):
        return float(text)
    if kind == "date":
        return date.fromisoformat(text)
    if kind == "dateTime":
        return datetime.fromisoformat(text)
    raise ValueError(datatype)


def to_term(value: Any) -> Term:
    """The term of a Python value, the inverse of `to_python`; rdflib and pyoxigraph terms pass.

    Raises:
        ParameterError: the value has no term.
    """
    if isinstance(value, ox.NamedNode | ox.BlankNode | ox.Literal):
        return value
    if isinstance(value, IRI):
        return named_node(value)
    if isinstance(value, BlankNode):
        return ox.BlankNode(value)
    if isinstance(value, Literal):
        if value.language:
            return ox.Literal(str(value), language=value.language)
        return ox.Literal(str(value), datatype=ox.NamedNode(value.datatype))
    if type(value).__module__.startswith("rdflib"):
        return term_from_rdflib(value)
    if isinstance(value, str):
        return ox.Literal(value)
    for kind, name in _PYTHON_TYPES:
        if isinstance(value, kind):
            text = str(value).lower() if kind is bool else _lexical(value)
            return ox.Literal(text, datatype=ox.NamedNode(XSD + name))
    raise ParameterError(
        f"a value of type {type(value).__name__} cannot be an RDF term",
        hint="Give a str, int, float, Decimal, bool, date, datetime, lcgraph.IRI or rdflib term.",
    )


_PYTHON_TYPES: tuple[tuple[type, str], ...] = (
    (bool, "boolean"),  # before int, of which it is a subclass
    (int, "integer"),
    (Decimal, "decimal"),
    (float, "double"),
    (datetime, "dateTime"),  # before date, of which it is a subclass
    (date, "date"),
)


def _lexical(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise ParameterError(f"{value} is not an xsd:decimal", hint="Give a finite number.")
        return format(value, "f")
    if isinstance(value, float) and math.isinf(value):
        return "INF" if value > 0 else "-INF"
    if isinstance(value, float) and math.isnan(value):
        return "NaN"
    return str(value)


def named_node(iri: str) -> ox.NamedNode:
    """The term of an absolute IRI.

    Raises:
        ParameterError: `iri` is not absolute, or has a character that IRIs cannot have.
    """
    if not re.fullmatch(_ABSOLUTE_IRI, iri):
        raise ParameterError(
            f"{iri!r} is not an absolute IRI",
            hint="Write it in full, such as https://w3id.org/lcgraph/id/city/fi-espoo, without "
            'spaces or any of < > " { } | ^ ` \\.',
        )
    try:
        return ox.NamedNode(iri)
    except ValueError as error:
        raise ParameterError(f"{iri!r} is not an IRI: {error}") from None


def resolve(name: str, prefixes: Mapping[str, str] | None = None) -> ox.NamedNode:
    """The term that a person names by an IRI, a CURIE (``lcg:City``), or a record's short path
    (``city/fi-espoo``, under https://w3id.org/lcgraph/id/).

    Raises:
        ParameterError: it is none of these.
    """
    name = name.removeprefix("<").removesuffix(">")
    prefix, colon, local = name.partition(":")
    table = PREFIXES if prefixes is None else prefixes
    if colon and prefix in table:
        return named_node(table[prefix] + local)
    if not colon and re.fullmatch(r"[a-z0-9-]+/\S+", name):
        return named_node(ID + name)
    return named_node(name)


def curie(iri: str, prefixes: Mapping[str, str] | None = None) -> str:
    """The short form of an IRI by the longest namespace that fits, or the IRI itself."""
    table = PREFIXES if prefixes is None else prefixes
    best = max(
        (item for item in table.items() if iri.startswith(item[1]) and len(iri) > len(item[1])),
        key=lambda item: len(item[1]),
        default=None,
    )
    return f"{best[0]}:{iri[len(best[1]) :]}" if best else iri


def term_to_rdflib(term: Term) -> Any:
    """The rdflib term, its literals not normalised, so that they stay as written."""
    import rdflib

    if isinstance(term, ox.NamedNode):
        return rdflib.URIRef(term.value)
    if isinstance(term, ox.BlankNode):
        return rdflib.BNode(term.value)
    if term.language is not None:
        return rdflib.Literal(term.value, lang=term.language)
    if term.datatype.value == XSD + "string":
        return rdflib.Literal(term.value)
    return rdflib.Literal(term.value, datatype=rdflib.URIRef(term.datatype.value), normalize=False)


def term_from_rdflib(term: Any) -> Term:
    """The term of an rdflib term.

    Raises:
        ParameterError: it is a variable or another kind of node that RDF 1.1 data cannot have.
    """
    import rdflib

    if isinstance(term, rdflib.URIRef):
        return named_node(str(term))
    if isinstance(term, rdflib.BNode):
        return ox.BlankNode(str(term))
    if isinstance(term, rdflib.Literal):
        if term.language:
            return ox.Literal(str(term), language=term.language)
        if term.datatype is None:
            return ox.Literal(str(term))
        return ox.Literal(str(term), datatype=named_node(str(term.datatype)))
    raise ParameterError(f"{term!r} is not an RDF term", hint="Give a URIRef, BNode or Literal.")
