"""What reading and writing share: the bundled context and the terms of RDF."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pyoxigraph as ox

from lcgraph import resources
from lcgraph.terms import RDF, XSD

#: The address that stands for the bundled context; nothing is fetched from it.
CONTEXT_IRI = "https://w3id.org/lcgraph/context.jsonld"
TYPE, FIRST, REST = (ox.NamedNode(RDF + name) for name in ("type", "first", "rest"))
NIL = ox.NamedNode(RDF + "nil")
JSON = RDF + "JSON"
STRING, INTEGER, DECIMAL, DOUBLE, BOOLEAN = (
    XSD + name for name in ("string", "integer", "decimal", "double", "boolean")
)


@cache
def context() -> dict[str, Any]:
    """The bundled context, `ontology/context.jsonld`, without its wrapping object."""
    text = (resources.ontology_dir() / "context.jsonld").read_text(encoding="utf-8")
    inner: dict[str, Any] = json.loads(text)["@context"]
    return inner
