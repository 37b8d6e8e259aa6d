"""The RDF syntaxes: names, media types and suffixes people know them by."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath

import pyoxigraph as ox

from lcgraph.errors import LcgraphError, did_you_mean


@dataclass(frozen=True)
class Syntax:
    """One RDF syntax; `named_graphs` tells whether it can hold them."""

    name: str
    media_type: str
    suffixes: tuple[str, ...]
    named_graphs: bool
    engine: ox.RdfFormat


TURTLE = Syntax("turtle", "text/turtle", ("ttl",), False, ox.RdfFormat.TURTLE)
TRIG = Syntax("trig", "application/trig", ("trig",), True, ox.RdfFormat.TRIG)
NTRIPLES = Syntax("ntriples", "application/n-triples", ("nt",), False, ox.RdfFormat.N_TRIPLES)
NQUADS = Syntax("nquads", "application/n-quads", ("nq",), True, ox.RdfFormat.N_QUADS)
RDFXML = Syntax("rdfxml", "application/rdf+xml", ("rdf", "owl", "xml"), False, ox.RdfFormat.RDF_XML)
JSONLD = Syntax("jsonld", "application/ld+json", ("jsonld", "json"), True, ox.RdfFormat.JSON_LD)
SYNTAXES = (TURTLE, TRIG, NTRIPLES, NQUADS, RDFXML, JSONLD)

_BY_NAME = {
    name: syntax
    for syntax in SYNTAXES
    for name in (syntax.name, syntax.media_type, *syntax.suffixes)
} | {"n-triples": NTRIPLES, "n-quads": NQUADS, "rdf/xml": RDFXML, "json-ld": JSONLD}


def syntax(name: str) -> Syntax:
    """The syntax called `name`: a name (turtle), a media type (text/turtle) or a suffix (ttl).

    Raises:
        LcgraphError: no syntax is called that.
    """
    found = _BY_NAME.get(name.lower().lstrip("."))
    if found is None:
        names = ", ".join(s.name for s in SYNTAXES)
        raise LcgraphError(
            f"{name!r} is not a known RDF syntax",
            hint=" ".join(filter(None, [did_you_mean(name, _BY_NAME), f"Known: {names}."])),
        )
    return found


def guess_syntax(name: str) -> Syntax | None:
    """The syntax that a file's suffix stands for, or None."""
    return _BY_NAME.get(PurePath(name).suffix.lower().lstrip(".") or " ")


def sniff_syntax(head: bytes) -> Syntax:
    """The syntax that a text seems to be in, judged by how it begins; Turtle in doubt."""
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith((b"{", b"[{", b"[\n")):
        return JSONLD
    if text.startswith((b"<?xml", b"<rdf:RDF", b"<!DOCTYPE")):
        return RDFXML
    return TURTLE
