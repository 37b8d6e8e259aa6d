"""The bridge to rdflib: whole graphs, literals as written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

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
        ParameterError: it holds a node that RDF 1.1 data cannot have.
    """
    quads = graph.quads() if hasattr(graph, "quads") else ((*triple, None) for triple in graph)
    for subject, predicate, target, context in quads:
        terms: list[Any] = [term_from_rdflib(t) for t in (subject, predicate, target)]
        name = getattr(context, "identifier", context)
        if name is not None and str(name) != _DEFAULT:
            terms.append(term_from_rdflib(name))
        yield ox.Quad(*terms)
