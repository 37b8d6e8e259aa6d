"""JSON-LD: there and back without loss, offline, and nothing dropped in silence."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
import warnings
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import assume, given
from hypothesis import strategies as st
from pyld import jsonld as pyld
from rdflib.compare import isomorphic

import lcgraph
from lcgraph import jsonld, reading, resources, syntaxes, writing
from lcgraph.errors import LcgraphError, LimitError, PolicyError, ReadError, WriteError
from lcgraph.jsonld.names import CONTEXT_IRI
from lcgraph.jsonld.text import KEYWORDS
from lcgraph.jsonld.writing import _words_of_context
from lcgraph.terms import ID, NS, PREFIXES, RDF, XSD

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
    assert espoo["label"]["en"] == "Espoo"
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
            "@context": CONTEXT_IRI,
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
        ('{\n"@context": "ctx.jsonld", "a": 1}', 2, "context ctx.jsonld, which is not bundled"),
    ],
)
def test_no_context_is_fetched(text: str, line: int, said: str) -> None:
    with pytest.raises(PolicyError, match=said) as caught:
        reading.read(text.encode(), format="jsonld")
    assert caught.value.line == line


def read(text: str, base: str | None = None) -> list[str]:
    quads, _ = jsonld.parse(text.encode("utf-8", "surrogatepass"), name="x.jsonld", base=base)
    return sorted(map(str, quads))


P = '"@context": {"p": "http://p/"}, "@id": "http://s"'


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        # Keys and words that a processor drops.
        ('{"@id": "http://a",\n "lable": {"en": "x"}}', 2, "Did you mean label"),
        ('{"@id": "http://a",\n "@tpye": "http://t"}', 2, "Did you mean @type"),
        ('{"@id": "http://a",\n "@type": "@tpye"}', None, "not valid JSON-LD"),
        ('{"@id": "http://a",\n "@language": "en", "http://p": "x"}', 2, "belong into @context"),
        ('{"@id": "http://a",\n "_:p": "x"}', 2, "blank node, '_:b0', cannot be a key|blank node"),
        ('{"@id": "http://a", "http://p":\n {"@id": "@tpye"}}', 2, "looks like a keyword"),
        # IRIs that a processor drops.
        ('{\n"@id": "http://a b", "http://p": 1}', 2, "'http://a b' is not an IRI"),
        ('{\n"@id": "http://a\u00a0b", "http://p": 1}', 2, r"white space, U\+00A0"),
        ('{"@id": "http://a",\n "@type": "http://t t"}', 2, "'http://t t' is not an IRI"),
        ('{"@id": "http://a", "http://p":\n {"@id": "http://o{o"}}', 2, "'http://o{o' is not"),
        (
            '{"@id":\n "http://g g", "@graph": [{"@id": "http://a", "http://p": 1}]}',
            2,
            "http://g g",
        ),
        ('{"@id": "http://a", "http://p":\n{"@value": "x", "@type": "http://t<"}}', 2, "http://t<"),
        ('{"@id": "http://a",\n "http://p p": 1}', 2, "'http://p p' is in no context"),
        (
            (
                '{"@context": {"p": {"@id": "http://p", "@type": "@id"}}, "@id": "http://a",\n'
                ' "p": "http://o o"}'
            ),
            2,
            "'http://o o' is not an IRI",
        ),
        (
            (
                '{"@context": {"@vocab": "http://v/", "p": {"@type": "@vocab"}}, "@id": "http://a",\n'
                ' "p": "o o"}'
            ),
            2,
            "'http://v/o o' is not an IRI",
        ),
        # Relative IRIs without a base.
        ('{\n"@id": "a", "http://p": 1}', 2, r"'a' is a relative IRI(.|\n)*--base"),
        ('{\n"@id": "", "http://p": 1}', 2, "'' is a relative IRI"),
        ('{\n"@id": "//h/a", "http://p": 1}', 2, "'//h/a' is a relative IRI"),
        ('{"@id": "http://a", "@type":\n"T"}', 2, "'T' is a relative IRI"),
        ('{"@context": {"@base": null},\n"@id": "../a", "http://p": 1}', 2, "is a relative IRI"),
        ('{"@context": {"@base": "x"}, "@id":\n"a", "http://p": 1}', 2, "is a relative IRI"),
        # Values that a processor drops.
        ("{" + P + ', "p":\n {"@value": "x", "@direction": "rtl"}}', 2, "no place in RDF 1.1"),
        ('{"@id": "http://a", "http://p": 1,\n "http://p": 2}', 2, "'http://p' comes twice"),
        ('[{"a": 1},\n {"b": {"c": 1,\n "\\u0063": 2}}]', 3, "'c' comes twice"),
        ('\n"text"', 1, "not an object or an array"),
        ("42", 1, "not an object or an array"),
        ("null", 1, "not an object or an array"),
        ('[\n"text"]', 2, '"text" stands where only nodes can'),
        ("[{},\n 4.50]", 2, "stands where only nodes can"),
        ('{"@graph": [\n"text"]}', 2, '"text" stands where only nodes can'),
        ('{"@context": {"g": "@graph"}, "g": [\n"text"]}', 2, '"text" stands where only nodes can'),
        ('{"@graph": [\n{"@value": "text"}]}', 2, '"text" stands where only nodes can'),
        ('[{"@list": [\n"text"]}]', 2, "stands where only nodes can"),
        ('{"@set": [\n"text"]}', 2, '"text" stands where only nodes can'),
        ('{"@included": [\nfalse]}', 2, "false stands where only nodes can"),
        # Text that is not JSON, or not in it.
        ('{"a": 1', 1, "not valid JSON"),
        ("{" + P + ', "p":\n NaN}', 2, "NaN is not a number in JSON"),
        ("{" + P + ', "p":\n -Infinity}', 2, "-Infinity is not a number in JSON"),
        ("{" + P + ', "p":\n 1e999}', 2, "out of the range of xsd:double"),
        ("{" + P + ', "p":\n 1e-999999999}', 2, "out of the range of xsd:double"),
        ("{" + P + ', "p":\n ' + "9" * 5000 + "}", 2, "5000 digits"),
        ("{" + P + ', "p":\n 1234567890123456789012}', 2, "more digits than xsd:double holds"),
        ("{" + P + ', "p":\n "\\ud800"}', 2, "half of a surrogate pair"),
        ("[" * 100_000, None, "too deeply"),
        (
            '{"@id": "http://a",\n"http://b": ' + '{"http://b": ' * 3000 + "1" + "}" * 3001,
            2,
            "deep",
        ),
        # Contexts and languages that mean nothing.
        ('{"@context": {"x": {"@type": "nonsense:"}}, "x": 1}', None, "not valid JSON-LD"),
        ('{"@context": {\n"x": {"@id": 5}}, "x": 1}', None, "not valid JSON-LD"),
        ('{"@context": 5, "x": 1}', None, "not valid JSON-LD"),
        ('{"@context": {"@base": 5}, "x": 1}', None, "not valid JSON-LD"),
        ("{" + P + ', "p":\n {"@value": "x", "@language": "not a lang"}}', 2, "not a language tag"),
        (
            '{"@context": {"@language": "not a lang", "p": "http://p"}, "@id": "http://s", "p": "x"}',
            1,
            "not a language tag",
        ),
        (
            (
                '{"@context": {"p": {"@id": "http://p", "@container": "@language"}}, "p":\n'
                '{"en_US": "x"}}'
            ),
            2,
            "'en_us' is not a language tag",
        ),
        (
            "{" + P + f', "p":\n {{"@value": "x", "@type": "{RDF}langString"}}}}',
            2,
            "needs a language",
        ),
    ],
)
def test_what_would_be_lost_or_cannot_be_read_is_an_error(
    text: str, line: int | None, said: str
) -> None:
    with pytest.raises(ReadError, match=said) as caught:
        read(text)
    assert caught.value.file == "x.jsonld"
    if line is not None:
        assert caught.value.line == line


def test_text_that_is_not_utf8_is_an_error_with_its_line() -> None:
    with pytest.raises(ReadError, match="UTF-8") as caught:
        reading.read(b'{"a":\n "\xff"}', format="jsonld")
    assert caught.value.line == 2


def test_a_base_that_is_no_iri_is_an_error() -> None:
    with pytest.raises(LcgraphError, match="base 'nowhere' is not an IRI"):
        read("{}", base="nowhere")


def test_relative_iris_are_resolved_against_the_base_of_the_context_or_else_the_callers() -> None:
    node = '"@id": "a/b", "http://p": {"@id": "./c"}'
    assert read("{" + node + "}", base="http://h/d/") == [
        "<http://h/d/a/b> <http://p> <http://h/d/c>"
    ]
    text = '{"@context": {"@base": "http://own/x/"}, ' + node + "}"
    assert read(text, base="http://h/d/") == ["<http://own/x/a/b> <http://p> <http://own/x/c>"]
    assert read('{"@context": {"@base": "e/"}, ' + node + "}", base="http://h/d/") == [
        "<http://h/d/e/a/b> <http://p> <http://h/d/e/c>"
    ]


def test_one_document_does_not_change_the_bundled_context_for_the_next() -> None:
    for own in ('"label": "http://mine"', '"version": "http://v"'):
        node = '"@id": "http://a", "label": "x"'
        with contextlib.suppress(ReadError):  # PyLD refuses to import a context with a @version
            read(f'{{"@context": {{"@import": "{CONTEXT_IRI}", {own}}}, {node}}}')
    text = f'{{"@context": "{CONTEXT_IRI}", "@id": "http://a", "label": {{"en": "x"}}}}'
    assert read(text) == ['<http://a> <http://www.w3.org/2004/02/skos/core#prefLabel> "x"@en']
    assert jsonld.context()["label"]["@id"] == "skos:prefLabel"


@pytest.mark.parametrize(
    ("value", "kind", "literal"),
    [
        # Strings keep their text.
        ('"NaN"', "double", '"NaN"^^<double>'),
        ('"1.50"', "double", '"1.50"^^<double>'),
        ('"01"', "integer", '"01"^^<integer>'),
        ('"1"', "boolean", '"1"^^<boolean>'),
        ('"a\\\\b\\u0001\\u007f\\n\\t"', None, None),
        # Numbers become what the specification says.
        ("1.5", "double", '"1.5E0"^^<double>'),
        ("5", "double", '"5.0E0"^^<double>'),
        ("5", None, '"5"^^<integer>'),
        ("5.0", None, '"5"^^<integer>'),
        ("1e2", None, '"100"^^<integer>'),
        ("-0", None, '"0"^^<integer>'),
        ("5.3", None, '"5.3E0"^^<double>'),
        ("0.30000000000000004", None, '"3.0000000000000004E-1"^^<double>'),
        ("1e21", None, '"1.0E21"^^<double>'),
        ("1000000000000000000000", None, '"1.0E21"^^<double>'),
        ("-0.0", "double", '"-0.0E0"^^<double>'),
        ("2015", "gYear", '"2015"^^<gYear>'),
        ("true", None, '"true"^^<boolean>'),
        ("false", "boolean", '"false"^^<boolean>'),
        # A decimal keeps its digits, and has no exponent.
        ("60.2", "decimal", '"60.2"^^<decimal>'),
        ("60.20", "decimal", '"60.20"^^<decimal>'),
        ("60", "decimal", '"60"^^<decimal>'),
        ("6.02e1", "decimal", '"60.2"^^<decimal>'),
        ("0e-300", "decimal", '"0"^^<decimal>'),
        ("1234567890123456789012", "decimal", '"1234567890123456789012"^^<decimal>'),
        ("1234567890123456789012", "integer", '"1234567890123456789012"^^<integer>'),
    ],
)
def test_text_stays_as_written_and_numbers_become_canonical(
    value: str, kind: str | None, literal: str | None
) -> None:
    coercion = f', "@type": "{XSD}{kind}"' if kind else ""
    text = (
        f'{{"@context": {{"p": {{"@id": "http://p"{coercion}}}}}, "@id": "http://s", "p": {value}}}'
    )
    (quad,) = jsonld.parse(text.encode(), name="x", base=None)[0]
    if literal is None:
        assert quad.object == ox.Literal(json.loads(value))
    else:
        assert str(quad.object) == literal.replace("<", f"<{XSD}")


def test_a_json_literal_is_not_sorted_or_altered() -> None:
    value = '{"b":[3,1,{"id":2,"@id":1}],"a":null,"@graph":["x"],"n":1.50}'
    text = '{"@context": {"p": {"@id": "http://p", "@type": "@json"}}, "@id": "http://s", "p": %s}'
    canonical = '{"@graph":["x"],"a":null,"b":[3,1,{"@id":1,"id":2}],"n":1.5}'
    (quad,) = jsonld.parse((text % value).encode(), name="x")[0]
    assert quad.object == ox.Literal(canonical, datatype=ox.NamedNode(RDF + "JSON"))
    written = json.loads(jsonld.serialize([quad]))["@graph"][0]
    assert written["http://p"] == {"type": "@json", "@value": json.loads(canonical)}
    assert jsonld.parse(jsonld.serialize([quad]), name="x")[0] == [quad]


@pytest.mark.parametrize(
    ("iri", "said"),
    [("geo:60.2,24.8", "geo: stands for"), ("http://a/\u00a0", r"white space, here U\+00A0")],
)
def test_an_iri_that_json_ld_would_change_is_an_error(iri: str, said: str) -> None:
    node = ox.NamedNode(iri)
    for quad in (
        ox.Quad(node, ox.NamedNode("http://p"), ox.Literal("x")),
        ox.Quad(ox.NamedNode("http://s"), node, ox.Literal("x")),
        ox.Quad(ox.NamedNode("http://s"), ox.NamedNode(RDF + "type"), node),
        ox.Quad(ox.NamedNode("http://s"), ox.NamedNode("http://p"), ox.Literal("x", datatype=node)),
        ox.Quad(ox.NamedNode("http://s"), ox.NamedNode("http://p"), node, node),
    ):
        with pytest.raises(WriteError, match=said):
            jsonld.serialize([quad])


def test_what_rdf_1_1_does_not_have_is_an_error() -> None:
    s, p = ox.NamedNode("http://s"), ox.NamedNode("http://p")
    for term in (
        ox.Triple(s, p, s),
        ox.Literal("x", language="ar", direction=ox.BaseDirection.RTL),
        ox.Literal("x", datatype=ox.NamedNode(RDF + "langString")),
    ):
        with pytest.raises(WriteError, match=r"JSON-LD 1\.1 cannot write"):
            jsonld.serialize([ox.Quad(s, p, term)])


@pytest.mark.parametrize(
    "local",
    ["a:b", "/x", "../x", "./x", "_:x", "", "a//b", "a/", "@id", "a;b", "x#", "x?", "?", "#f"],
)
def test_an_iri_under_the_base_comes_back_as_itself(local: str) -> None:
    here, there = ox.NamedNode(ID + local), ox.NamedNode(ID + "city/" + local)
    governed = ox.NamedNode(NS + "governedBy")
    kind = ox.NamedNode("https://w3id.org/lcgraph/def/admin-kind/" + local)
    quads = [
        ox.Quad(here, governed, there),
        ox.Quad(there, governed, here, here),
        ox.Quad(here, ox.NamedNode(NS + "adminKind"), kind),
        ox.Quad(here, ox.NamedNode(RDF + "type"), ox.NamedNode("http://a/" + local)),
    ]
    text = jsonld.serialize(quads)
    assert set(jsonld.parse(text, name="x")[0]) == set(quads)
    dataset = rdflib.Dataset()
    dataset.parse(data=text, format="json-ld")
    assert {str(s) for s, _, _, _ in dataset.quads()} == {here.value, there.value}


def test_the_bundled_context_has_nothing_that_writing_does_not_know() -> None:
    """Writing picks its words from the context without JSON-LD's general machinery."""
    for name, definition in jsonld.context().items():
        if isinstance(definition, str) or name.startswith("@"):
            continue
        assert definition.keys() <= {"@id", "@type", "@container", "@context"}, name
        containers = definition.get("@container", [])
        assert (
            {containers}
            if isinstance(containers, str)
            else set(containers)
            <= {
                "@language",
                "@set",
            }
        )
        assert not ("@type" in definition and "@language" in containers)
        scoped = definition.get("@context", {})
        assert scoped.get("@propagate", False) is False
        for term, iri in scoped.items():
            if not term.startswith("@"):
                assert isinstance(iri, str)
                assert iri[-1] not in ":/?#[]@"
    assert {w for w in jsonld.context() if w.startswith("@")} == {"@version", "@base"}
    assert not any(":" in name for name in jsonld.context())


# --- Any dataset -------------------------------------------------------------------------------

KEYS = sorted(
    {word.iri for words in _words_of_context()._by_property.values() for word in words}
    | {RDF + name for name in ("type", "first", "rest", "value")}
)
SPACES = [
    ID,
    NS,
    "https://w3id.org/lcgraph/def/certainty/",
    "https://w3id.org/lcgraph/def/admin-kind/",
]
SPACES += [
    *PREFIXES.values(),
    "http://a/",
    "urn:x:",
    "lcg:",
    "lcg://",
    "City:",
    "id:",
    "geo:",
    "a:",
]
LOCALS = [
    "x",
    "x/y",
    "City",
    "city",
    "a:b",
    "//x",
    "../x",
    "_:x",
    "x#y",
    "?q",
    "@id",
    "é",
    "%20",
    "",
]
LOCALS += [
    "label",
    "type",
    "x/./y",
    "\u3000",
    "x\u00a0",
    "~(x)",
    "x;y",
    "Concept",
    "rdf:type",
    "..",
]


def valid_iri(text: str) -> bool:
    try:
        ox.NamedNode(text)
    except ValueError:
        return False
    return True


def nodes_named(texts: st.SearchStrategy[str]) -> st.SearchStrategy[ox.NamedNode]:
    return texts.filter(valid_iri).map(ox.NamedNode)


ODD_IRIS = nodes_named(
    st.builds(
        "".join, st.tuples(st.sampled_from(SPACES), st.sampled_from(LOCALS) | st.text(max_size=3))
    )
)
IRIS = (
    nodes_named(st.sampled_from(["http://a/1", "http://a/2", ID + "city/a", RDF + "nil", *KEYS]))
    | ODD_IRIS
)
PREDICATES = nodes_named(st.sampled_from(KEYS)) | IRIS
CELL_PREDICATES = nodes_named(st.sampled_from([RDF + "first", RDF + "rest"]))
BLANKS = st.sampled_from("abcdef").map(ox.BlankNode)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=5) | st.sampled_from(
    [
        "\\",
        '"',
        "\x00",
        "\x01",
        "\x7f",
        "\r\n",
        "\\u0041",
        "1",
        "01",
        "true",
        "1.50",
        "NaN",
        "-0",
        '{"a":1}',
        '{"b":1, "a":2}',
        "null",
        "[]",
        "[1.0]",
        '"\\u0041"',
        "1e21",
        "0.1",
        "9007199254740993",
    ]
)
DATATYPES = st.sampled_from(
    [
        XSD + n
        for n in [
            "string",
            "integer",
            "decimal",
            "double",
            "boolean",
            "date",
            "gYear",
            "float",
            "anyURI",
        ]
    ]
    + [RDF + "JSON", RDF + "HTML", "http://www.opengis.net/ont/geosparql#wktLiteral", NS + "x"]
).map(ox.NamedNode)
LITERALS = st.builds(
    lambda text, kind: ox.Literal(text, datatype=kind), TEXTS, DATATYPES
) | st.builds(
    lambda text, language: ox.Literal(text, language=language),
    TEXTS,
    st.sampled_from(["en", "fi", "pt-BR", "zh-Hant-TW", "id", "x-a"]),
)
DEFAULT = rdflib.URIRef("urn:x-rdflib:default")
GRAPHS = st.just(ox.DefaultGraph()) | st.just(ox.DefaultGraph()) | IRIS | BLANKS
QUADS = st.builds(ox.Quad, IRIS | BLANKS, PREDICATES, IRIS | BLANKS | LITERALS, GRAPHS)
CELLS = st.builds(
    ox.Quad, BLANKS, CELL_PREDICATES, BLANKS | st.just(ox.NamedNode(RDF + "nil")) | IRIS
)


@st.composite
def lists(draw: st.DrawFn) -> list[ox.Quad]:
    """A list that something uses, well-formed but for what else is said of its cells."""
    name = draw(st.sampled_from("pqr"))
    items = draw(st.lists(IRIS | BLANKS | LITERALS | st.just(ox.BlankNode("q0")), max_size=3))
    cells = [ox.BlankNode(f"{name}{i}") for i in range(len(items))]
    ends: list[Any] = [*cells, ox.NamedNode(RDF + "nil")]
    graph = draw(GRAPHS)
    quads = [ox.Quad(draw(IRIS), draw(PREDICATES), ends[0], graph)]
    for i, item in enumerate(items):
        quads.append(ox.Quad(cells[i], ox.NamedNode(RDF + "first"), item, graph))
        quads.append(ox.Quad(cells[i], ox.NamedNode(RDF + "rest"), ends[i + 1], graph))
    return quads


DATASETS = st.builds(
    lambda quads, cells, some: quads + cells + [q for quads in some for q in quads],
    st.lists(QUADS, max_size=6),
    st.lists(CELLS, max_size=4),
    st.lists(lists(), max_size=3),
)


def canonical(quads: list[ox.Quad]) -> list[ox.Quad]:
    try:
        return writing.canonical(quads)
    except LimitError:
        assume(False)
        raise


def lines(quads: list[ox.Quad]) -> list[str]:
    return sorted(map(str, canonical(quads)))


def serialize_or_skip(quads: list[ox.Quad]) -> bytes:
    iris = [t.value for q in quads for t in terms(q) if isinstance(t, ox.NamedNode)]
    odd = any(i.split(":")[0] in jsonld.context() or any(map(str.isspace, i)) for i in iris)
    try:
        return jsonld.serialize(canonical(quads))
    except WriteError:
        assume(not odd)
        raise


def terms(quad: ox.Quad) -> list[Any]:
    extra = [quad.object.datatype] if isinstance(quad.object, ox.Literal) else []
    return [quad.subject, quad.predicate, quad.object, quad.graph_name, *extra]


@given(DATASETS)
def test_any_dataset_comes_back_as_itself(quads: list[ox.Quad]) -> None:
    text = serialize_or_skip(quads)
    back, _ = jsonld.parse(text, name="x")
    assert lines(back) == lines(quads)
    assert jsonld.serialize(canonical(back)) == text


@given(DATASETS)
def test_rdflib_reads_any_dataset_as_the_same(quads: list[ox.Quad]) -> None:
    text = serialize_or_skip(quads)
    theirs = rdflib.Dataset()
    normalize, rdflib.NORMALIZE_LITERALS = rdflib.NORMALIZE_LITERALS, False
    try:
        with warnings.catch_warnings():  # of texts that are not in the space of their datatype
            warnings.simplefilter("ignore")
            theirs.parse(data=text, format="json-ld")
    finally:
        rdflib.NORMALIZE_LITERALS = normalize
    back = []
    for s, p, o, g in theirs.quads():
        graph = ox.DefaultGraph() if g in {None, DEFAULT} else term(g)
        back.append(ox.Quad(term(s), term(p), term(o), graph))  # type: ignore[arg-type]
    assert lines(back) == lines(quads)


def term(theirs: Any) -> Any:
    from lcgraph.terms import term_from_rdflib

    return term_from_rdflib(theirs)


def values_apart(document: Any) -> list[Any]:
    """The nodes of a compact document with the order of sets taken away."""

    def sort(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: sort(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return sorted((sort(item) for item in value), key=repr)
        return str(value).lower() if isinstance(value, int) else value

    return sort(document)


SANE = nodes_named(
    st.builds(
        str.__add__,
        st.sampled_from([*SPACES[:4], *_words_of_context()._prefixes.values(), "http://a/"]),
        st.sampled_from(["x", "City", "city", "é", "label", "Concept", "member", "x/y"]),
    )
)


@given(
    st.lists(
        st.builds(
            ox.Quad,
            SANE | BLANKS,
            nodes_named(st.sampled_from(KEYS)).filter(
                lambda n: n.value not in (RDF + "first", RDF + "rest")
            ),
            SANE | BLANKS | LITERALS.filter(lambda t: t.datatype.value != RDF + "JSON"),
        ),
        max_size=8,
    )
)
def test_the_words_are_those_that_pyld_would_choose(quads: list[ox.Quad]) -> None:
    quads = canonical(quads)
    ours = json.loads(jsonld.serialize(quads))
    options = {"processingMode": "json-ld-1.1", "graph": True}
    theirs = pyld.compact(pyld.expand(ours, options), jsonld.context(), options)
    assert values_apart(theirs["@graph"]) == values_apart(ours["@graph"])


def test_lists_are_written_as_lists() -> None:
    text = """@prefix : <http://a/> . :s :p ( 1 ( "x" "y"@en ) () :o [ :q 1 ] ) ."""
    quads = canonical([ox.Quad(*t) for t in ox.parse(text, format=ox.RdfFormat.TURTLE)])
    (node,) = [n for n in json.loads(jsonld.serialize(quads))["@graph"] if n["id"] == "http://a/s"]
    assert node["http://a/p"]["@list"][:4] == [
        {"type": "xsd:integer", "@value": "1"},
        {"@list": ["x", {"@language": "en", "@value": "y"}]},
        {"@list": []},
        {"id": "http://a/o"},
    ]


def test_lists_within_lists_without_end_are_written() -> None:
    first, rest, nil = (ox.NamedNode(RDF + n) for n in ("first", "rest", "nil"))
    quads = [ox.Quad(ox.NamedNode("http://s"), ox.NamedNode("http://p"), ox.BlankNode("c0"))]
    for i in range(200):
        quads.append(ox.Quad(ox.BlankNode(f"c{i}"), first, ox.BlankNode(f"c{i + 1}")))
        quads.append(ox.Quad(ox.BlankNode(f"c{i}"), rest, nil))
    text = jsonld.serialize(quads)
    assert lines(jsonld.parse(text, name="x")[0]) == lines(quads)


ODD_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=True)
    | st.text(max_size=4)
    | st.sampled_from(
        [
            "@id",
            "@type",
            "@json",
            "_:b",
            "http://a",
            "a",
            "\ud800",
            "en",
            "xsd:date",
            CONTEXT_IRI,
        ]
    ),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(sorted(KEYWORDS))
            | st.sampled_from(["http://p", "p", "label", "_:p", "lat", "en", "@foo"])
            | st.text(max_size=2),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(ODD_JSON, st.none() | st.sampled_from([CONTEXT_IRI]) | ODD_JSON)
def test_odd_json_is_read_or_refused_but_never_a_traceback(document: Any, own: Any) -> None:
    if isinstance(document, dict) and own is not None:
        document = {**document, "@context": own}
    text = json.dumps(document, indent=1)
    error: LcgraphError | None = None
    try:
        jsonld.parse(text.encode(), name="x.jsonld")
    except (ReadError, PolicyError) as caught:
        error = caught
    if error:
        assert error.file == "x.jsonld"
        assert "example.org/base" not in str(error)
        assert "x-lcgraph-no-base" not in str(error)


def test_the_bytes_do_not_hang_on_the_seed_of_hashes() -> None:
    code = (
        "import lcgraph, hashlib, sys; g = lcgraph.Graph().load(sys.argv[1]); "
        "print(hashlib.sha256(g.serialize('jsonld')).hexdigest())"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", code, FILES[-1]],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "2")
    }
    assert len(found) == 1


def test_the_dataset_is_written_in_seconds() -> None:
    graph = lcgraph.dataset()
    start = time.perf_counter()
    graph.serialize("jsonld")
    assert time.perf_counter() - start < 5
