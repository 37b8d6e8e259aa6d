"""The countries of the dataset against ISO 3166-1, as a package of its own keeps it."""

from __future__ import annotations

import pycountry
import pyoxigraph as ox
import pytest

import lcgraph
from lcgraph import resources

TABLE = "http://publications.europa.eu/resource/authority/country/"
CITY = "https://w3id.org/lcgraph/id/city/"


@pytest.fixture(scope="module")
def graph() -> lcgraph.Graph:
    return lcgraph.dataset()


def rows(graph: lcgraph.Graph, query: str) -> list[tuple[str, ...]]:
    found = [tuple(str(value) for value in row) for row in graph.query(query).rows()]
    assert found
    return found


def test_every_country_is_one_of_iso_3166_1(graph: lcgraph.Graph) -> None:
    unknown = [
        country
        for (country,) in rows(graph, "SELECT DISTINCT ?country { ?record lcg:country ?country }")
        if not country.startswith(TABLE)
        or pycountry.countries.get(alpha_3=country.removeprefix(TABLE)) is None
    ]
    assert unknown == []


def test_the_code_on_a_country_is_that_of_its_iri(graph: lcgraph.Graph) -> None:
    found = rows(
        graph,
        """SELECT DISTINCT ?country ?code {
             ?record lcg:country ?country OPTIONAL { ?country skos:notation ?code }
           }""",
    )
    wrong = [
        (country, code)
        for country, code in found
        if pycountry.countries.get(alpha_3=country.removeprefix(TABLE)).alpha_2 != code
    ]
    assert wrong == []


def test_the_identifier_of_a_city_begins_with_the_code_of_its_country(graph: lcgraph.Graph) -> None:
    cities = rows(
        graph,
        "SELECT ?city ?code { ?city a lcg:City ; lcg:country ?country . ?country skos:notation ?code }",
    )
    wrong = [
        (city, code)
        for city, code in cities
        if not city.removeprefix(CITY).startswith(f"{code.lower()}-")
    ]
    assert wrong == []


def test_the_regions_that_the_shapes_hold_are_those_of_the_dataset(graph: lcgraph.Graph) -> None:
    """One region a country, and each a code of ISO 3166-1; the dataset alone says which."""
    held = ox.Store()
    held.load(path=str(resources.shapes_dir() / "core" / "regions.ttl"))
    listed = [
        (solution["country"].value, solution["region"].value)
        for solution in held.query(
            """PREFIX sh: <http://www.w3.org/ns/shacl#> PREFIX lcg: <https://w3id.org/lcgraph/ns#>
               PREFIX rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#>
               SELECT ?country ?region {
                 ?shape sh:or ( ?of ?is ) .
                 ?of sh:path lcg:country ; sh:not/sh:in/rdf:rest*/rdf:first ?country .
                 ?is sh:path lcg:unescoRegion ; sh:in/rdf:first ?region }"""
        )
    ]
    assert len(listed) == len(dict(listed)) > 80
    for country in dict(listed):
        assert pycountry.countries.get(alpha_3=country.removeprefix(TABLE)), country
    shown = rows(
        graph, "SELECT DISTINCT ?c ?r { ?city a lcg:City ; lcg:country ?c ; lcg:unescoRegion ?r }"
    )
    assert [pair for pair in shown if pair not in listed] == []
