"""A graph at an endpoint: the same questions and answers; faults as one clear error."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import pyoxigraph as ox
import pytest

import lcgraph
from lcgraph.errors import EndpointError, QueryError

if TYPE_CHECKING:
    from collections.abc import Iterator


class Endpoint(BaseHTTPRequestHandler):
    """The SPARQL 1.1 Protocol over a pyoxigraph store, as far as these tests ask."""

    store: ClassVar[ox.Store]
    seen: ClassVar[list[tuple[str, str]]]
    fault: ClassVar[tuple[int, bytes] | None]

    def do_GET(self) -> None:
        self.answer(parse_qs(urlsplit(self.path).query)["query"][0])

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if self.headers["Content-Type"].startswith("application/sparql-update"):
            self.seen.append(("update", self.headers["Accept"]))
            self.store.update(body)
            self.send(200, b"", "text/plain")
        else:
            self.answer(parse_qs(body)["query"][0])

    def answer(self, text: str) -> None:
        self.seen.append((self.command, self.headers["Accept"]))
        if self.fault:
            self.send(*self.fault, "text/html")
            return
        try:
            result: Any = self.store.query(text)
        except SyntaxError as error:
            self.send(400, str(error).encode(), "text/plain")
            return
        if isinstance(result, ox.QueryTriples):
            self.send(200, result.serialize(format=ox.RdfFormat.N_TRIPLES), "application/n-triples")
        else:
            data = result.serialize(format=ox.QueryResultsFormat.JSON)
            self.send(200, data, "application/sparql-results+json")

    def send(self, status: int, data: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def served() -> Iterator[tuple[str, type[Endpoint]]]:
    store = ox.Store()
    for path in lcgraph.resources.dataset_files():
        store.load(path=str(path), format=ox.RdfFormat.TURTLE)
    handler = type("Handler", (Endpoint,), {"store": store, "seen": [], "fault": None})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://user:secret@127.0.0.1:{server.server_port}/sparql", handler
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def endpoint(served: tuple[str, type[Endpoint]]) -> str:
    return served[0]


@pytest.fixture
def handler(served: tuple[str, type[Endpoint]]) -> type[Endpoint]:
    return served[1]


def test_every_question_has_the_same_answer_there_and_here(endpoint: str) -> None:
    here, there = lcgraph.dataset(), lcgraph.connect(endpoint)
    for name in lcgraph.queries.names():
        table = there.query(name)
        assert table.columns == here.query(name).columns
        assert table.cells == here.query(name).cells, name
    assert len(there) == len(here)
    assert there.query("SELECT ?c { ?c a lcg:City ; skos:prefLabel ?_n_en }", n="Espoo").rows() == [
        ("https://w3id.org/lcgraph/id/city/fi-espoo",)
    ]


def test_ask_construct_and_update(endpoint: str) -> None:
    there = lcgraph.connect(endpoint, endpoint)
    assert there.ask("ASK { ?c a lcg:City }") is True
    made = there.construct("CONSTRUCT { ?c a lcg:City } WHERE { ?c a lcg:City }")
    assert len(made) == len(lcgraph.dataset().query("SELECT ?c { ?c a lcg:City }"))
    before = len(there)
    there.update("INSERT DATA { <http://a> skos:prefLabel ?_l_en }", l='x" . DROP ALL #')
    assert len(there) == before + 1
    with pytest.raises(EndpointError, match="reading only"):
        lcgraph.connect(endpoint).update("INSERT DATA { <http://a> <http://b> 1 }")


def test_short_texts_go_by_get_and_long_ones_by_post(
    endpoint: str, handler: type[Endpoint]
) -> None:
    there = lcgraph.connect(endpoint)
    there.query("SELECT * { ?s a lcg:City }")
    there.query(f"SELECT * {{ ?s a lcg:City }} # {'x' * 3000}")
    assert [method for method, _ in handler.seen] == ["GET", "POST"]


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ((503, b"busy"), "503"),
        ((200, b"<html>hello</html>"), "not SPARQL results"),
        ((200, b'{"head": {}}'), "not SPARQL results"),
        ((200, b"[]"), "not SPARQL results"),
    ],
)
def test_faults_are_one_clear_error_without_the_password(
    endpoint: str, handler: type[Endpoint], fault: tuple[int, bytes], said: str
) -> None:
    handler.fault = fault
    there = lcgraph.connect(endpoint)
    with pytest.raises(EndpointError, match=said) as caught:
        there.query("SELECT * { ?s ?p ?o }")
    assert caught.value.exit_code == 3
    assert "secret" not in str(caught.value) + repr(there)


def test_bad_sparql_a_closed_port_and_other_addresses_are_clear(endpoint: str) -> None:
    with pytest.raises(QueryError, match="not valid SPARQL"):
        lcgraph.connect(endpoint).query("SELECT * {")
    with pytest.raises(EndpointError, match="no answer"):
        lcgraph.connect("http://127.0.0.1:9/sparql").query("SELECT * { ?s ?p ?o }")
    with pytest.raises(EndpointError, match="not an http"):
        lcgraph.connect("file:///etc/hostname")
