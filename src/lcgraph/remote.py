"""The graph face over a SPARQL endpoint."""

from __future__ import annotations

from typing import Any

from lcgraph import queries, sparql
from lcgraph.graph import Graph
from lcgraph.results import Table
from lcgraph.store.remote import RemoteStore
from lcgraph.terms import PREFIXES


class RemoteGraph:
    """A graph at a SPARQL endpoint, with the verbs of `Graph` that need no copy of the data."""

    def __init__(self, store: RemoteStore) -> None:
        self._store = store

    def __repr__(self) -> str:
        return f"<lcgraph.RemoteGraph at {self._store.name}>"

    def __len__(self) -> int:
        """How many triples the endpoint's default graph has."""
        return int(self._store.select("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")[1][0][0].value)  # type: ignore[union-attr]

    def query(self, question: str, **values: Any) -> Table:
        """Answers a SELECT question, as `Graph.query` does.

        Raises:
            EndpointError: the endpoint does not answer, or not with SPARQL results.
        """
        columns, rows, seconds = self._store.select(self._text(question, values))
        return Table(columns, rows, seconds=seconds)

    def ask(self, question: str, **values: Any) -> bool:
        """Answers an ASK question, as `Graph.ask` does."""
        return self._store.ask(self._text(question, values))

    def construct(self, question: str, **values: Any) -> Graph:
        """The local graph that a CONSTRUCT or DESCRIBE question makes there."""
        text = self._text(question, values)
        return Graph().load(self._store.construct(text, sparql.form(text)), format="ntriples")

    def update(self, text: str, **values: Any) -> RemoteGraph:
        """Runs a SPARQL update there, as `Graph.update` does here."""
        self._store.update(sparql.declare(sparql.bind(text, values), PREFIXES))
        return self

    def _text(self, question: str, values: dict[str, Any]) -> str:
        return sparql.declare(queries.text_of(question, values), PREFIXES)


def connect(query_url: str, update_url: str | None = None, *, timeout: float = 60) -> RemoteGraph:
    """A graph at a SPARQL endpoint; nothing is sent until something is asked.

    Args:
        query_url: the address that answers queries.
        update_url: the address that takes updates; None opens for reading only.
        timeout: how many seconds an answer may take.

    Raises:
        EndpointError: an address is not of http or https.
    """
    return RemoteGraph(RemoteStore(query_url, update_url, timeout))
