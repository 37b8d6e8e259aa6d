"""What belongs to one record: what refers to it, the evidence, and the labels of the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from lcgraph.terms import DCTERMS, NS, RDF, RDFS, SKOS

if TYPE_CHECKING:
    from typing import TypeAlias

    from lcgraph.store.embedded import EmbeddedStore

    Node: TypeAlias = ox.NamedNode | ox.BlankNode

# Links that lead to another record's affairs, or out of the graph, and so are not followed back.
_NOT_BACK = frozenset(
    [NS + "conflictsWith", NS + "heldIn", NS + "conferredBy", DCTERMS + "source"]
    + [SKOS + name for name in ("broader", "exactMatch", "closeMatch", "relatedMatch")]
)
# What stands behind a record and belongs to it wherever it is.
_BEHIND = (NS + "evidence", NS + "inDocument", DCTERMS + "source")
# Records that speak of another record, and belong to it whatever that is.
_SPEAKING_OF = (RDF + "subject", NS + "initiative", NS + "about")
# Without its type, so that what is only named here is not taken for a record that lacks parts.
_NAMING = frozenset([SKOS + "prefLabel", RDFS + "label", DCTERMS + "title"])


def record_quads(store: EmbeddedStore, record: ox.NamedNode) -> list[ox.Quad]:
    """The quads of a record and of all that belongs to it; empty where nothing is said of it.

    These are: the record; each record that refers to it; statements, partnerships and claims that
    speak of those; the passages and documents behind them; blank nodes that they lead to; and the
    label of whatever else they mention.
    """
    if next(store.about(record), None) is None:
        return []
    chosen = _belonging(store, record)
    quads: dict[ox.Quad, None] = {}
    mentioned: dict[ox.NamedNode, None] = {}
    waiting = list(chosen)
    while waiting:
        for quad in store.about(waiting.pop()):
            quads[quad] = None
            target = quad.object
            if target in chosen or not isinstance(target, ox.NamedNode | ox.BlankNode):
                continue
            if quad.predicate.value in _BEHIND or isinstance(target, ox.BlankNode):
                chosen[target] = None
                waiting.append(target)
            else:
                mentioned[target] = None
    for iri in mentioned:
        if iri not in chosen:
            naming = (quad for quad in store.about(iri) if quad.predicate.value in _NAMING)
            quads.update(dict.fromkeys(naming))
    return list(quads)


def _belonging(store: EmbeddedStore, record: ox.NamedNode) -> dict[Node, None]:
    """The record, what refers to it, and what speaks of any of these."""
    chosen: dict[Node, None] = {record: None}
    for quad in store.naming(record):
        if quad.predicate.value not in _NOT_BACK and not isinstance(quad.subject, ox.Triple):
            chosen[quad.subject] = None
    for node in list(chosen):
        for quad in store.naming(node):
            if quad.predicate.value in _SPEAKING_OF and not isinstance(quad.subject, ox.Triple):
                chosen[quad.subject] = None
    return chosen
