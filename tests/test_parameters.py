"""Parameters: bound as terms, so that no text can become syntax; limits; what a query may not do."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import given
from hypothesis import strategies as st
from rdflib.plugins.sparql.parser import parseQuery

import lcgraph
from lcgraph import sparql
from lcgraph.errors import LimitError, ParameterError, PolicyError
from lcgraph.terms import IRI, Literal, to_python, to_term

QUERY = """PREFIX ex: <http://ex.org/#>  # a comment with ?_text_literal
SELECT ?s WHERE { ?s ex:p ?_text_literal , "not ?_text_literal" ; ex:q <http://ex.org/?_text_literal> }
"""


def shape(text: str) -> object:
    """The parsed query with its literals blotted out."""

    def blot(node: object) -> object:
        if isinstance(node, rdflib.Literal):
            return "literal"
        if isinstance(node, dict):
            return {key: blot(value) for key, value in node.items()}
        if isinstance(node, list) or type(node).__name__ == "ParseResults":
            return [blot(item) for item in node]  # type: ignore[attr-defined]
        return str(node)

    return blot(parseQuery(text))


@given(st.text(max_size=60))
def test_no_text_changes_the_shape_of_the_query(value: str) -> None:
    # A lone surrogate cannot be sent to any engine, and NUL no XML or terminal can hold.
    value = value.encode("utf-8", "ignore").decode()
    bound = sparql.bind(QUERY, {"text": value})
    assert shape(bound) == shape(sparql.bind(QUERY, {"text": "harmless"}))
    store = ox.Store()
    store.add(ox.Quad(*map(ox.NamedNode, ("http://a", "http://ex.org/#p")), ox.Literal(value)))
    answer = list(store.query(sparql.bind("SELECT ?s { ?s ?p ?_v_literal }", {"v": value})))
    assert len(answer) == 1


def test_only_the_token_is_replaced() -> None:
    bound = sparql.bind(QUERY, {"text": "x"})
    assert bound.count("?_text_literal") == 3
    assert 'ex:p "x" ,' in bound


@pytest.mark.parametrize(
    ("token", "value", "term"),
    [
        ("?_x_integer", "007", '"7"^^<http://www.w3.org/2001/XMLSchema#integer>'),
        ("?_x_integer", 7, '"7"^^<http://www.w3.org/2001/XMLSchema#integer>'),
        ("?_x_number", "1.5", '"1.5"^^<http://www.w3.org/2001/XMLSchema#decimal>'),
        ("?_x_number", 2, '"2"^^<http://www.w3.org/2001/XMLSchema#integer>'),
        ("?_x_iri", "city/fi-espoo", "<https://w3id.org/lcgraph/id/city/fi-espoo>"),
        ("?_x_iri", "city:fi-espoo", "<https://w3id.org/lcgraph/id/city/fi-espoo>"),
        ("?_x_iri", "lcg:City", "<https://w3id.org/lcgraph/ns#City>"),
        ("?_x_iri", IRI("http://a"), "<http://a>"),
        ("?_x_iri", rdflib.URIRef("http://a"), "<http://a>"),
        ("?_x_en", "night school", '"night school"@en'),
        ("?_x_zh_hant", "x", '"x"@zh-hant'),
        ("?_x_literal", Literal("x", language="fi"), '"x"@fi'),
        ("?_x_date", "2015-09-28", '"2015-09-28"^^<http://www.w3.org/2001/XMLSchema#date>'),
        ("?_x_xsd_date", date(2015, 9, 28), '"2015-09-28"^^<http://www.w3.org/2001/XMLSchema#date>'),
        ("?_x_gYear", "2014", '"2014"^^<http://www.w3.org/2001/XMLSchema#gYear>'),
        ("?_x_boolean", "true", '"true"^^<http://www.w3.org/2001/XMLSchema#boolean>'),
        ("?_x", Decimal("1.50"), '"1.50"^^<http://www.w3.org/2001/XMLSchema#decimal>'),
        ("?_x", rdflib.Literal("01", datatype=rdflib.XSD.integer, normalize=False),
         '"01"^^<http://www.w3.org/2001/XMLSchema#integer>'),
        ("?_x", True, '"true"^^<http://www.w3.org/2001/XMLSchema#boolean>'),
        ("$__x_literal", "x", '"x"'),
    ],
)  # fmt: skip
def test_values_become_the_terms_that_the_parameter_asks_for(
    token: str, value: object, term: str
) -> None:
    assert sparql.bind(f"ASK {{ ?s ?p {token} }}", {"x": value}) == f"ASK {{ ?s ?p {term} }}"


@pytest.mark.parametrize(
    ("token", "value", "said"),
    [
        ("?_x_integer", "20I9", "whole number"),
        ("?_x_integer", 1.5, "whole number"),
        ("?_x_integer", True, "whole number"),
        ("?_x_date", "2015-13-01", "YYYY-MM-DD"),
        ("?_x_gYear", "15", "gYear"),
        ("?_x_number", "many", "number"),
        ("?_x_boolean", "yes", "true or false"),
        ("?_x_iri", "no iri", "IRI"),
        ("?_x_iri", "http://a> } DROP ALL #", "IRI"),
        ("?_x_iri", rdflib.Literal("http://a"), "IRI"),
        ("?_x_literal", IRI("http://a"), "a text"),
        ("?_x_en", Literal("x", language="fi"), "'en'"),
        ("?_x_any", object(), "cannot be an RDF term"),
        ("?_x", Decimal("NaN"), "decimal"),
        ("?_x", rdflib.BNode("b"), "not _:b"),
        ("?_x", rdflib.Variable("v"), "not an RDF term"),
    ],
)
def test_values_of_the_wrong_type_are_refused(token: str, value: object, said: str) -> None:
    with pytest.raises(ParameterError, match=said):
        sparql.bind(f"ASK {{ ?s ?p {token} }}", {"x": value})


def test_missing_unknown_and_misspelt_parameters_are_named() -> None:
    graph = lcgraph.Graph()
    with pytest.raises(ParameterError, match="Did you mean year"):
        graph.query("award-winners", yaer=2015)
    with pytest.raises(ParameterError, match=r"x \(integer\) is missing"):
        graph.query("SELECT * { ?s ?p ?_x_integer }")
    with pytest.raises(ParameterError, match="spelt both"):
        graph.query("SELECT * { ?_x_iri ?p ?_x_integer }", x=1)
    with pytest.raises(ParameterError, match="has none"):
        graph.query("SELECT * { ?s ?p ?o }", x=1)
    assert len(graph.query("SELECT * { ?s ?p ?__x_integer }")) == 0


PYTHON = st.one_of(
    st.text().filter(lambda s: s.isprintable()),
    st.booleans(),
    st.integers(),
    st.decimals(allow_nan=False, allow_infinity=False),
    st.floats(allow_nan=False),
    st.dates(),
    st.datetimes(timezones=st.just(UTC)),
)


@given(PYTHON)
def test_python_values_survive_the_way_through_a_term(value: object) -> None:
    again = to_python(to_term(value))
    assert again == value
    assert type(again) is type(value)


def test_text_that_is_not_in_its_datatype_comes_back_as_written() -> None:
    for text, kind in (("20I9", "integer"), ("31.12.2015", "date"), ("maybe", "boolean")):
        datatype = f"http://www.w3.org/2001/XMLSchema#{kind}"
        value = to_python(ox.Literal(text, datatype=ox.NamedNode(datatype)))
        assert isinstance(value, Literal)
        assert (str(value), value.datatype) == (text, datatype)
    assert to_python(ox.Literal("2014", datatype=ox.NamedNode(f"{lcgraph.terms.XSD}gYear"))) == 2014
    when = to_python(to_term(datetime(2015, 9, 29, 15, 1, tzinfo=UTC)))
    assert when == datetime(2015, 9, 29, 15, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
        "SELECT * { SERVICE ?x { ?s ?p ?o } }",
        "select * { service silent <http://127.0.0.1:9/> { ?s ?p ?o } }",
        "SELECT * { \\u0053ERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
        "SELECT * { #\n SERVICE<http://127.0.0.1:9/>{ ?s ?p ?o } }",
    ],
)
def test_a_query_cannot_reach_the_network(text: str) -> None:
    with pytest.raises(PolicyError, match="SERVICE"):
        lcgraph.Graph().query(text)


def test_an_update_cannot_load_and_words_in_texts_are_only_words() -> None:
    graph = lcgraph.Graph()
    for address in ("file:///etc/hostname", "http://127.0.0.1:9/"):
        with pytest.raises(PolicyError, match="LOAD"):
            graph.update(f"LOAD <{address}>")
    graph.update('INSERT DATA { <http://a> <http://service/load> "SERVICE LOAD" } # LOAD')
    assert len(graph) == 1


@pytest.mark.parametrize(
    "text",
    [
        f"SELECT * {{ ?s ?p ?o FILTER {'(' * 10_000}1{')' * 10_000} }}",
        f"SELECT * {{ {'{' * 10_000} ?s ?p ?o {'}' * 10_000} }}",
        f"SELECT * {{ ?s ?p ?o FILTER({' || '.join(['?o = 1'] * 20_000)}) }}",
        f"SELECT * {{ ?s ?p ?o FILTER({'||'.join(['true'] * 2_500)}) }}",
    ],
)
def test_texts_that_crash_the_engine_never_reach_it(text: str) -> None:
    with pytest.raises(LimitError):
        lcgraph.Graph().query(text)


@given(st.text(max_size=80))
def test_tokens_are_the_text_without_its_white_space(text: str) -> None:
    pieces = list(sparql.tokens(text))
    assert "".join("".join(p.text for p in pieces).split()) == "".join(text.split())
    for piece in pieces:
        assert text[piece.start : piece.start + len(piece.text)] == piece.text


def test_an_ask_in_the_wrong_place_is_told_which_verb_to_use() -> None:
    graph = lcgraph.Graph()
    for verb, text in (("ask", "ASK {}"), ("construct", "CONSTRUCT WHERE {}")):
        with pytest.raises(lcgraph.QueryError, match=verb):
            graph.query(text)
    with pytest.raises(lcgraph.QueryError, match="query"):
        graph.ask("SELECT * {}")
    assert graph.ask("ASK {}") is True


@pytest.mark.parametrize(
    "text",
    [
        (
            'SELECT * { BIND("\\u0022 # " AS ?l) BIND(<http://a/\\u0041#x> AS ?m) '
            "SERVICE <http://127.0.0.1:9/> {?s ?p ?o} }"
        ),
        'INSERT DATA { <a:b> <a:c> "\\u0022 # " , <http://a/\\u0041#x> } ; LOAD <http://127.0.0.1:9/>',
    ],
)
def test_escapes_cannot_hide_a_way_to_the_network(text: str) -> None:
    with pytest.raises(PolicyError, match="SERVICE or LOAD"):
        sparql.refuse_network(text)


def test_digits_of_other_scripts_are_no_numbers() -> None:
    for token in ("?_x_integer", "?_x_number", "?_x_date"):
        with pytest.raises(ParameterError):
            sparql.bind(f"ASK {{ ?s ?p {token} }}", {"x": "٣"})
