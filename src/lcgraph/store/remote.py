"""A graph at a SPARQL endpoint, through SPARQLWrapper: the same questions, the same answers."""

from __future__ import annotations

import json
from contextlib import closing
from time import perf_counter
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError, URLError
from urllib.parse import unquote, urlsplit, urlunsplit

import pyoxigraph as ox

from lcgraph.errors import EndpointError, QueryError

if TYPE_CHECKING:
    from lcgraph.terms import Term

#: Texts up to this many bytes go by GET, which caches; longer ones by POST, which has no limit.
LONGEST_GET = 2000


class RemoteStore:
    """One endpoint, by its query address and, where it can be written, its update address."""

    def __init__(self, query_url: str, update_url: str | None, timeout: float) -> None:
        for url in filter(None, (query_url, update_url)):
            if urlsplit(url).scheme not in ("http", "https"):
                raise EndpointError(f"{url!r} is not an http or https address")
        self.query_url, self._login = _without_login(query_url)
        self.update_url = _without_login(update_url)[0] if update_url else None
        self.timeout = timeout

    @property
    def name(self) -> str:
        """The query address without its query string, which may hold a key, for messages."""
        return urlunsplit((*urlsplit(self.query_url)[:3], "", ""))

    def select(self, text: str) -> tuple[list[str], list[tuple[Term | None, ...]], float]:
        """Columns, rows of terms and seconds of a SELECT query."""
        began = perf_counter()
        answer = self._json(text, "SELECT")
        try:
            columns = list(answer["head"]["vars"])
            rows = [
                tuple(_term(row[name]) if name in row else None for name in columns)
                for row in answer["results"]["bindings"]
            ]
        except (KeyError, TypeError, ValueError):
            raise EndpointError("the answer is not SPARQL results JSON", file=self.name) from None
        return columns, rows, perf_counter() - began

    def ask(self, text: str) -> bool:
        """The answer to an ASK query."""
        answer = self._json(text, "ASK")
        if not isinstance(answer.get("boolean"), bool):
            raise EndpointError("the answer is not SPARQL results JSON", file=self.name)
        return bool(answer["boolean"])

    def construct(self, text: str, form: str) -> bytes:
        """The N-Triples that a CONSTRUCT or DESCRIBE query makes."""
        return self._send(text, form, "application/n-triples")

    def update(self, text: str) -> None:
        """Runs an update."""
        if self.update_url is None:
            raise EndpointError(
                "this endpoint was opened for reading only",
                file=self.name,
                hint="Give connect() the update address too.",
            )
        self._send(text, "INSERT", "*/*")

    def _json(self, text: str, form: str) -> dict[str, Any]:
        data = self._send(text, form, "application/sparql-results+json")
        try:
            answer = json.loads(data)
        except ValueError:
            raise EndpointError("the answer is not SPARQL results JSON", file=self.name) from None
        if not isinstance(answer, dict):
            raise EndpointError("the answer is not SPARQL results JSON", file=self.name)
        return answer

    def _send(self, text: str, form: str, accept: str) -> bytes:
        from SPARQLWrapper import GET, POST, POSTDIRECTLY, SPARQLWrapper
        from SPARQLWrapper.SPARQLExceptions import QueryBadFormed, SPARQLWrapperException

        wrapper = SPARQLWrapper(self.query_url, updateEndpoint=self.update_url, agent="lcgraph")
        wrapper.setTimeout(max(1, round(self.timeout)))
        if self._login:
            wrapper.setCredentials(*self._login)
        wrapper.setQuery(text)
        # SPARQLWrapper guesses the form from the text; ours comes from the tokens.
        wrapper.queryType = form
        wrapper.addCustomHttpHeader("Accept", accept)
        wrapper.setMethod(GET if len(text.encode()) <= LONGEST_GET else POST)
        if form == "INSERT":
            wrapper.setMethod(POST)
            wrapper.setRequestMethod(POSTDIRECTLY)
        try:
            with closing(wrapper.query().response) as response:
                data: bytes = response.read()
        except QueryBadFormed:
            raise QueryError(
                "the endpoint says that it is not valid SPARQL", file=self.name
            ) from None
        except SPARQLWrapperException as error:
            raise EndpointError(f"the endpoint refused: {error.msg}", file=self.name) from None
        except HTTPError as error:
            error.close()
            raise EndpointError(
                f"the endpoint answered {error.code} {error.reason}", file=self.name
            ) from None
        except (URLError, OSError) as error:
            reason = getattr(error, "reason", error)
            late = isinstance(reason, TimeoutError)
            message = f"no answer within {self.timeout:g} s" if late else f"no answer: {reason}"
            raise EndpointError(message, file=self.name) from None
        return data


def _without_login(url: str) -> tuple[str, tuple[str, str] | None]:
    """An address without the user and password that it may name, and these."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    login = (unquote(parts.username), unquote(parts.password or "")) if parts.username else None
    return urlunsplit(parts._replace(netloc=host)), login


def _term(cell: dict[str, str]) -> Term:
    """The term of a cell of SPARQL 1.1 Query Results JSON (section 3.2.2)."""
    kind, value = cell["type"], cell["value"]
    if kind == "uri":
        return ox.NamedNode(value)
    if kind == "bnode":
        return ox.BlankNode(value)
    if "xml:lang" in cell:
        return ox.Literal(value, language=cell["xml:lang"])
    if "datatype" in cell:
        return ox.Literal(value, datatype=ox.NamedNode(cell["datatype"]))
    return ox.Literal(value)
