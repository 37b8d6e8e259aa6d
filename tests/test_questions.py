"""The questions of the library, on two engines, against the rows that tests/expected holds.

The files were read against the news release; the graph is its data with the concept schemes.
"""

from __future__ import annotations

import csv
import re
from functools import cache
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from rdflib import Graph
from rdflib.plugins.sparql import prepareQuery

import lcgraph
from lcgraph import queries, resources, sparql

EXPECTED = Path(__file__).parent / "expected"
ESPOO = resources.data_dir() / "espoo-2015.ttl"
EXAMPLES = sorted((resources.data_dir() / "examples").glob("*.ttl"))
SCHEMES = sorted((resources.ontology_dir() / "schemes").glob("*.ttl"))
LCG = "https://w3id.org/lcgraph/ns#"
DEF = "https://w3id.org/lcgraph/def/"

QUESTIONS = queries.names()
every_question = pytest.mark.parametrize("name", QUESTIONS)


@cache
def graph(*, examples: bool) -> lcgraph.Graph:
    return lcgraph.Graph().load(ESPOO, *SCHEMES, *(EXAMPLES if examples else []))


@cache
def shipped() -> lcgraph.Graph:
    return lcgraph.dataset()


@cache
def in_rdflib(*, examples: bool) -> Any:
    return graph(examples=examples).to_rdflib()


@cache
def reversed_in_rdflib() -> Any:
    turned = Graph()
    for triple in reversed(list(in_rdflib(examples=True))):
        turned.add(triple)
    return turned


def on_oxigraph(name: str, *, examples: bool = False) -> list[list[str]]:
    """The answer as N-Triples texts, the columns first; empty where unbound."""
    table = graph(examples=examples).query(name)
    rows = [["" if term is None else str(term) for term in row] for row in table.cells]
    return [list(table.columns), *rows]


def on_rdflib(name: str, *, examples: bool = False) -> list[list[str]]:
    answer = in_rdflib(examples=examples).query(queries.load(name).text())
    rows = [["" if term is None else term.n3() for term in row] for row in answer]
    return [[str(column) for column in answer.vars], *rows]


def expected(name: str) -> list[list[str]]:
    with (EXPECTED / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_every_question_has_its_expected_rows() -> None:
    assert sorted(path.stem for path in EXPECTED.glob("*.csv")) == QUESTIONS
    assert len(QUESTIONS) >= 46


@every_question
def test_rows_on_oxigraph(name: str) -> None:
    assert on_oxigraph(name) == expected(name)


@every_question
def test_rows_on_rdflib(name: str) -> None:
    assert on_rdflib(name) == expected(name)


@every_question
def test_engines_agree_on_more_data(name: str) -> None:
    assert on_oxigraph(name, examples=True) == on_rdflib(name, examples=True)


@every_question
def test_question_keeps_what_its_header_promises(name: str) -> None:
    question = queries.load(name)
    columns, *rows = expected(name)
    assert question.expects["columns"] == columns
    # What the header says of the number of rows, it says of the shipped data.
    assert len(shipped().query(name)) >= question.expects["min_rows"]
    assert all(any(row) for row in rows)


@every_question
def test_order_of_rows_does_not_hang_on_the_order_of_triples(name: str) -> None:
    _, *rows = on_oxigraph(name, examples=True)
    assert len({tuple(row) for row in rows}) == len(rows), "two equal rows have no order"
    answer = reversed_in_rdflib().query(queries.load(name).text())
    assert [["" if term is None else term.n3() for term in row] for row in answer] == rows


@every_question
def test_text_parses_with_its_parameters_unbound(name: str) -> None:
    # Other readers of the library parse the file as it stands, without our prefix table.
    text = queries.load(name).source
    ox.Store().query(text)
    prepareQuery(text)


@every_question
def test_prefixes_declared_are_the_prefixes_used(name: str) -> None:
    text = queries.load(name).source
    assert set(sparql.prefixes_declared(text)) == set(sparql.prefixes_used(text))


@every_question
def test_header_is_read_alike_by_every_reader(name: str) -> None:
    question = queries.load(name)
    assert question.header["x-lcgraph"]["id"] == name
    assert question.header["method"] == "GET"
    assert list(question.header)[-1] == "tags"
    assert question.tags
    for key in ("summary", "description"):
        line = re.search(rf"^#\+ {key}: (.+)$", question.source, re.MULTILINE)
        # Readers that are no YAML parsers take the rest of the line as it is.
        assert line is not None
        assert line[1] == question.header[key]
        assert not re.search(r": | #|^[\"'|>]", line[1])
    assert re.search(
        r"^SELECT .+\n#defaultView:(Table|Map|Timeline)$", question.source, re.MULTILINE
    )


@every_question
def test_parameters_are_explained_and_have_defaults(name: str) -> None:
    for parameter in queries.load(name).parameters.values():
        assert parameter.note, parameter.name
        assert parameter.optional or parameter.default is not None, parameter.name
        assert not parameter.choices or parameter.optional or parameter.default in parameter.choices
        if parameter.type == "iri" and parameter.default is not None:
            assert parameter.default.startswith("https://")


@every_question
def test_choices_of_codes_are_the_codes_of_their_scheme(name: str) -> None:
    for parameter in queries.load(name).parameters.values():
        choices = {str(choice) for choice in parameter.choices}
        if not any(choice.startswith(DEF) for choice in choices):
            continue
        (scheme,) = {choice.rpartition("/")[0] for choice in choices}
        codes = "SELECT ?code { ?code a skos:Concept ; skos:inScheme ?_scheme_iri }"
        known = {code for (code,) in shipped().query(codes, scheme=scheme)}
        assert choices == known, parameter.name


def test_questions_reach_every_term_of_the_vocabulary() -> None:
    path = resources.ontology_dir() / "lcg.ttl"
    quads = list(ox.parse(path=path, format=ox.RdfFormat.TURTLE))
    terms = {q.subject.value for q in quads if q.subject.value.startswith(LCG)}
    reached = {iri for name in QUESTIONS for iri in sparql.iris_used(queries.load(name).source)}
    assert terms
    assert not terms - reached


# ---------- What the questions find in the examples ----------


def test_members_of_the_network() -> None:
    (row,) = graph(examples=True).query("members-of-network").dicts()
    assert row["name"] == "Swansea"
    assert row["since"] == 2015
    assert row["statusName"] == "member"
    assert row["regionName"] == "Europe and North America"


def test_partners_of_a_city() -> None:
    city = "https://w3id.org/lcgraph/id/city/gb-swansea"
    rows = graph(examples=True).query("partners-of-city", city=city).dicts()
    assert [row["partnerName"] for row in rows if row["roleName"] == "leader"] == [
        "Swansea University"
    ]
    assert len(rows) == 5


def test_organisers_and_publications_of_the_first_conference() -> None:
    event = "https://w3id.org/lcgraph/id/event/iclc-1"
    organisers = graph(examples=True).query("organisers-of-event", event=event).dicts()
    assert [row["name"] for row in organisers] == [
        "Beijing Municipal Government",
        "Ministry of Education of China",
        "UNESCO",
    ]
    publications = graph(examples=True).query("publications-of-event", event=event).dicts()
    assert [row["kindName"] for row in publications] == ["outcome document", "framework"]


def test_claims_stand_beside_what_is_recorded() -> None:
    rows = graph(examples=True).query("claims-against-records").dicts()
    assert {(row["countedName"], row["claimed"], row["recorded"]) for row in rows} == {
        ("cases", 12, 1),
        ("countries", 102, 1),
        ("participants", 550, 1),
    }


def test_names_come_in_another_language_where_there_are_any() -> None:
    theme = "https://w3id.org/lcgraph/def/theme/libraries"
    label = f'<{theme}> <http://www.w3.org/2004/02/skos/core#prefLabel> "kirjastot"@fi .'
    known = lcgraph.Graph().load(ESPOO, *SCHEMES).load(label.encode(), format="ttl")
    rows = known.query("initiatives-of-city", lang="fi").dicts()
    names = {row["name"]: row["themeName"] for row in rows}
    assert names["Library Makerspaces"] == "kirjastot"
    assert names["Me and MyCity"] == "learning environments"


def test_a_record_without_an_english_name_keeps_its_row_and_another_name() -> None:
    text = """
        @prefix lcg: <https://w3id.org/lcgraph/ns#> .
        @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
        <https://example.org/conferral> a lcg:AwardConferral ;
            lcg:edition <https://example.org/edition> ; lcg:recipient <https://example.org/city> .
        <https://example.org/edition> a lcg:AwardEdition ; lcg:year 2015 .
        <https://example.org/city> a lcg:City ; skos:prefLabel "Stadt"@de , "Ville"@fr .
    """
    known = lcgraph.Graph().load(text.encode(), format="ttl")
    rows = known.query("award-winners", year=2015).dicts()
    assert [(row["name"], row["event"]) for row in rows] == [("Stadt", None)]
    unnamed = lcgraph.Graph().load(
        text.replace("skos:prefLabel", "skos:note").encode(), format="ttl"
    )
    assert [row["name"] for row in unnamed.query("award-winners", year=2015).dicts()] == [None]
