"""The bridge to rdflib: whole graphs, literals as written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from lcgraph.errors import ParameterError
from lcgraph.terms import term_from_rdflib, term_to_rdflib

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

# The name that rdflib gives to the default graph of a dataset.
_DEFAULT = "urn:x-rdflib:default"


def graph_to_rdflib(quads: Iterable[ox.Quad], prefixes: Mapping[str, str] | None = None) -> Any:
    """An rdflib Graph of the union of all graphs, with only these prefixes bound."""
    import rdflib

    graph = rdflib.Graph(bind_namespaces="none")
    for prefix, iri in (prefixes or {}).items():
        graph.bind(prefix, iri, replace=True)
    for quad in quads:
        graph.add(tuple(term_to_rdflib(term) for term in tuple(quad)[:3]))
    return graph


def quads_from_rdflib(graph: Any) -> Iterator[ox.Quad]:
    """The quads of an rdflib Graph or Dataset.

    Raises:
        ParameterError: it holds a node that RDF 1.1 data cannot have, or has one where it cannot
            stand.
    """
    quads = graph.quads() if hasattr(graph, "quads") else ((*triple, None) for triple in graph)
    for *triple, context in quads:
        name = getattr(context, "identifier", context)
        nodes = triple if name is None or str(name) == _DEFAULT else [*triple, name]
        yield _quad(nodes)


def _quad(nodes: list[Any]) -> ox.Quad:
    terms = [_term(node) for node in nodes]
    try:
        return ox.Quad(*terms)
    except (TypeError, ValueError):
        shown = " ".join(node.n3() for node in nodes)
        raise ParameterError(
            f"{shown} is no statement of RDF 1.1",
            hint="A subject is an IRI or a blank node, a predicate an IRI.",
        ) from None


def _term(node: Any) -> Any:
    try:
        return term_from_rdflib(node)
    except (TypeError, ValueError) as error:
        raise ParameterError(f"{node!r} is no term of RDF 1.1: {error}") from None
