"""JSON-LD: there and back without loss, offline, and nothing dropped in silence."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import rdflib
from rdflib.compare import isomorphic

import lcgraph
from lcgraph import jsonld, reading, resources, syntaxes, writing
from lcgraph.errors import PolicyError, ReadError

if TYPE_CHECKING:
    from pathlib import Path

FILES = [*resources.dataset_files(), *sorted((resources.data_dir() / "examples").glob("*.ttl"))]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_turtle_to_jsonld_to_turtle_is_the_same_graph_and_the_same_bytes(path: Path) -> None:
    document = reading.read(path)
    text = jsonld.serialize(writing.canonical(document.quads))
    back = reading.read(text, format="jsonld")
    turtle = writing.serialize(document.quads, syntaxes.TURTLE, document.prefixes)
    assert writing.serialize(back.quads, syntaxes.TURTLE, document.prefixes) == turtle
    assert jsonld.serialize(writing.canonical(back.quads)) == text


def test_rdflib_reads_the_export_as_the_same_graph() -> None:
    graph = lcgraph.dataset()
    theirs = rdflib.Graph().parse(data=graph.serialize("jsonld"), format="json-ld")
    assert isomorphic(theirs, graph.to_rdflib())


def test_the_export_reads_like_json_that_a_person_wrote() -> None:
    document = json.loads(lcgraph.dataset().serialize("jsonld"))
    nodes = {node["id"]: node for node in document["@graph"]}
    espoo = nodes["city/fi-espoo"]
    assert espoo["type"] == "City"
    assert espoo["label"] == {"en": "Espoo"}
    assert espoo["country"] == "FIN"
    assert nodes["event/iclc-2"]["sequenceNumber"] == 2
    assert nodes["participation/fi-espoo-iclc-2"]["listIsPartial"] is True
    assert list(espoo)[:3] == ["id", "type", "label"]


def test_a_context_named_by_its_address_is_the_bundled_one() -> None:
    graph = lcgraph.dataset().record("city/fi-espoo")
    text = graph.serialize("jsonld", embed_context=False)
    assert len(text) < len(graph.serialize("jsonld"))
    assert set(reading.read(text, format="jsonld").quads) == set(graph)


def test_hand_written_json_becomes_typed_terms() -> None:
    text = json.dumps(
        {
            "@context": jsonld.CONTEXT_IRI,
            "id": "https://example.org/c",
            "type": "City",
            "label": {"en": "Exampleton"},
            "country": "IRL",
            "adminKind": "city",
        }
    )
    graph = lcgraph.Graph().load(text.encode(), format="jsonld")
    assert graph.query(
        "SELECT ?l ?k { ?c a lcg:City ; skos:prefLabel ?l ; lcg:adminKind ?k }"
    ).rows() == [("Exampleton", "https://w3id.org/lcgraph/def/admin-kind/city")]
    assert graph.validate().count("violation") == 0


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ('{"@context": "http://127.0.0.1:9/c.jsonld", "a": 1}', 1, "not bundled"),
        ('{\n "@context": "file:///etc/hostname", "a": 1}', 2, "not bundled"),
        ('{"@context": ["https://schema.org/"], "a": 1}', 1, "not bundled"),
        ('{"@context": {"@import": "http://127.0.0.1:9/"}, "a": 1}', 1, "not bundled"),
    ],
)
def test_no_context_is_fetched(text: str, line: int, said: str) -> None:
    with pytest.raises(PolicyError, match=said) as caught:
        reading.read(text.encode(), format="jsonld")
    assert caught.value.line == line


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ('{"@id": "http://a",\n "lable": {"en": "x"}}', 2, "Did you mean label"),
        ('{"@context": {"x": {"@type": "nonsense:"}}, "x": 1}', None, "not valid JSON-LD"),
        ('{"a": 1', 1, "not valid JSON"),
        ("[" * 100_000, None, "too deeply"),
        (
            '{"@id": "http://a", "http://b": ' + '{"http://b": ' * 3000 + "1" + "}" * 3001,
            None,
            "deep",
        ),
    ],
)
def test_what_would_be_lost_or_cannot_be_read_is_an_error(
    text: str, line: int | None, said: str
) -> None:
    with pytest.raises(ReadError, match=said) as caught:
        reading.read(text.encode(), format="jsonld")
    assert caught.value.line == line
    with pytest.raises(ReadError, match="UTF-8"):
        reading.read(b'{"a": "\xff"}', format="jsonld")
