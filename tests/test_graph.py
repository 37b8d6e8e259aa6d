"""The graph: what is put in comes out as it was written, and records come whole."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import given
from hypothesis import strategies as st
from rdflib.compare import isomorphic

import lcgraph
from lcgraph import reading, resources
from lcgraph.errors import ParameterError, QueryError, WriteError

if TYPE_CHECKING:
    from pathlib import Path

XSD = "http://www.w3.org/2001/XMLSchema#"
ODD = f"""
<http://a> <http://n> "01"^^<{XSD}integer> , "1"^^<{XSD}integer> , "5"^^<{XSD}nonNegativeInteger> ;
    <http://m> "1.50"^^<{XSD}decimal> , "1"^^<{XSD}boolean> , "yes"^^<{XSD}boolean> ;
    <http://d> "2015-09-29T15:01:00.00"^^<{XSD}dateTime> , "P1Y12M"^^<{XSD}duration> .
""".encode()

WRITTEN = st.lists(
    st.builds(
        lambda p, text, kind: ox.Quad(
            ox.NamedNode("http://a"),
            ox.NamedNode(f"http://{p}"),
            ox.Literal(text, datatype=ox.NamedNode(XSD + kind)),
        ),
        st.sampled_from("pq"),
        st.sampled_from(["1", "01", "+1", "1.0", "1e0", "1E0", "true", "x", "2015", "2015-01-01"]),
        st.sampled_from(
            ["integer", "int", "decimal", "double", "boolean", "gYear", "date", "string"]
        ),
    ),
    max_size=12,
)


def test_literals_that_the_engine_rewrites_come_back_as_written() -> None:
    graph = lcgraph.Graph().load(ODD, format="turtle", lenient=True)
    assert set(graph) == set(reading.read(ODD, format="turtle").quads)
    assert len(graph) == 8
    assert b"yes" in graph.serialize()


@given(WRITTEN, WRITTEN)
def test_what_was_written_stays_whatever_comes_when(
    first: list[ox.Quad], second: list[ox.Quad]
) -> None:
    graph = lcgraph.Graph().add(first).add(second)
    assert set(graph) == {*first, *second}
    assert len(graph) == len({*first, *second})


def test_an_update_takes_the_written_forms_of_what_it_deletes_along() -> None:
    graph = lcgraph.Graph().load(ODD, format="turtle", lenient=True)
    graph.update("DELETE WHERE { ?s <http://n> ?o }")
    assert len(graph) == 5
    graph.update("INSERT DATA { <http://a> <http://n> ?_n_integer }", n=7)
    assert graph.query("SELECT ?o { ?s <http://n> ?o }").rows() == [(7,)]


def test_the_shipped_files_hold_no_literal_that_the_engine_rewrites() -> None:
    for path in resources.dataset_files():
        store = ox.Store()
        store.load(path=str(path), format=ox.RdfFormat.TURTLE)
        assert set(store) == set(reading.read(path).quads), path.name


def test_dataset_and_rdflib_hold_the_same_graph() -> None:
    graph = lcgraph.dataset()
    theirs = rdflib.Graph()
    for path in resources.dataset_files():
        theirs.parse(path)
    assert isomorphic(graph.to_rdflib(), theirs)
    assert len(graph) == len(theirs)
    assert set(lcgraph.from_rdflib(theirs)) == set(graph)


def test_rdflib_datasets_keep_their_graphs() -> None:
    data = rdflib.Dataset()
    data.parse(
        data="<http://g> { <http://a> <http://b> 1 } <http://a> <http://b> 2 .", format="trig"
    )
    graph = lcgraph.from_rdflib(data)
    assert graph.serialize("nquads") == (
        b'<http://a> <http://b> "1"^^<http://www.w3.org/2001/XMLSchema#integer> <http://g> .\n'
        b'<http://a> <http://b> "2"^^<http://www.w3.org/2001/XMLSchema#integer> .\n'
    )
    assert len(graph.query("SELECT * { ?s ?p ?o }")) == 2


def test_questions_see_all_graphs_and_know_the_prefixes() -> None:
    graph = lcgraph.Graph().load(
        b"@prefix my: <http://my/> . my:g { my:c a <https://w3id.org/lcgraph/ns#City> }",
        format="trig",
    )
    assert graph.query("SELECT ?c { ?c a lcg:City FILTER(?c = my:c) }").rows() == [("http://my/c",)]


def test_a_misspelt_term_is_met_with_the_nearest_known_one() -> None:
    table = lcgraph.dataset().query("SELECT * { ?c lcg:recipiant ?a }")
    assert len(table) == 0
    assert table.notes == [
        "lcg:recipiant is not in the data or the vocabulary. Did you mean lcg:recipient (58 uses)?"
    ]
    assert lcgraph.dataset().query("SELECT * { ?c lcg:recipient ?a }").notes == []


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ("SELECT * {\n ?a foo:b ?c }", (2, 5), "foo:"),
        ("SELECT * { ?a lgc:b ?c }", (1, 15), "Did you mean lcg"),
        ("SELEC * {}", (1, None), "Did you mean SELECT"),
        ("SELECT * { OPTONAL { ?a ?b ?c } }", (1, None), "Did you mean OPTIONAL"),
        ("SELECT * {\n ?a ?b ?c", (2, None), "never closed"),
    ],
)
def test_broken_sparql_is_one_short_error_with_place_and_mend(
    text: str, place: tuple[int, int | None], said: str
) -> None:
    with pytest.raises(QueryError) as caught:
        lcgraph.Graph().query(text)
    error = caught.value
    assert error.line == place[0]
    assert place[1] in (None, error.column)
    assert said in str(error)
    assert len(str(error)) < 300
    with pytest.raises(QueryError):
        lcgraph.Graph().update("INSERT DTA {}")


def test_a_question_that_is_not_there_is_met_with_the_nearest_name() -> None:
    with pytest.raises(QueryError, match="Did you mean award-winners"):
        lcgraph.Graph().query("award-winer")


def test_construct_gives_a_graph() -> None:
    graph = lcgraph.dataset().construct("CONSTRUCT { ?c a lcg:City } WHERE { ?c a lcg:City }")
    assert len(graph) == lcgraph.dataset().counts()["lcg:City"]
    assert b"city:fi-espoo a lcg:City ." in graph.serialize()


def test_a_record_comes_with_all_that_belongs_to_it() -> None:
    record = lcgraph.dataset().record("city/fi-espoo")
    counts = record.counts()
    assert counts["lcg:AwardConferral"] == 1
    assert counts["lcg:Initiative"] == 14
    assert counts["lcg:EvidenceSpan"] > 10
    about = {str(quad.subject).strip("<>") for quad in record}
    links = {
        quad.object.value
        for quad in record
        if quad.predicate.value.endswith(("#evidence", "#inDocument", "terms/source"))
    }
    assert links <= about
    names = record.query("SELECT ?l { lcgdef:theme ^skos:inScheme* ?t . ?t skos:prefLabel ?l }")
    assert record.labels(["https://w3id.org/lcgraph/id/city/fi-espoo"]) == {
        "https://w3id.org/lcgraph/id/city/fi-espoo": "Espoo"
    }
    assert len(names) == 0  # concepts come with their names, not with their schemes
    assert record.validate("core").count("violation") == 0


def test_a_record_that_is_not_there_is_met_with_the_nearest_name() -> None:
    with pytest.raises(ParameterError, match="Did you mean city/fi-espoo"):
        lcgraph.dataset().record("city/fi-espo")


def test_export_writes_whole_files_and_never_over_one_unasked(tmp_path: Path) -> None:
    graph = lcgraph.dataset()
    path = tmp_path / "out.ttl"
    graph.export(path)
    assert path.read_bytes() == graph.serialize()
    with pytest.raises(WriteError, match="exists"):
        graph.export(path)
    graph.export(path, force=True)
    assert [p.name for p in tmp_path.iterdir()] == ["out.ttl"]
    with pytest.raises(WriteError, match="suffix"):
        graph.export(tmp_path / "out.what")
    with pytest.raises(WriteError, match="cannot be written"):
        graph.export(tmp_path / "nowhere" / "out.ttl")


def test_a_graph_can_be_asked_from_many_threads() -> None:
    graph = lcgraph.dataset()
    answers: list[int] = []
    threads = [
        threading.Thread(target=lambda: answers.append(len(graph.query("initiatives-presented"))))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [6] * 8


def test_tables_say_the_same_in_every_form() -> None:
    table = lcgraph.dataset().query(
        "SELECT ?c ?name ?y ?d ?none { ?x a lcg:AwardConferral ; lcg:recipient ?c ; lcg:date ?d ; "
        "lcg:edition/lcg:year ?y . ?c skos:prefLabel ?name FILTER(?c = city:fi-espoo && LANG(?name) = 'en') }"
    )
    (row,) = table.dicts()
    assert row["y"] == 2015
    assert str(row["d"]) == "2015-09-28"
    assert row["none"] is None
    assert row["name"].language == "en"  # type: ignore[union-attr]
    assert row["c"].curie == "city:fi-espoo"  # type: ignore[union-attr]
    theirs = ox.Store()
    for path in resources.dataset_files():
        theirs.load(path=str(path), format=ox.RdfFormat.TURTLE)
    text = (
        "SELECT ?c ?name ?y ?d ?none { ?x a lcg:AwardConferral ; lcg:recipient ?c ; lcg:date ?d ; "
        "lcg:edition/lcg:year ?y . ?c skos:prefLabel ?name FILTER(?c = city:fi-espoo && LANG(?name) = 'en') }"
    )
    prefixes = lcgraph.terms.PREFIXES
    for form, mine in (
        (ox.QueryResultsFormat.CSV, table.to_csv()),
        (ox.QueryResultsFormat.JSON, table.to_json()),
    ):
        other = theirs.query(text, prefixes=prefixes).serialize(format=form).decode()
        if form is ox.QueryResultsFormat.CSV:
            assert mine == other
        else:
            assert (
                rdflib.query.Result.parse(source=_stream(mine), format="json").bindings
                == rdflib.query.Result.parse(source=_stream(other), format="json").bindings
            )
    read = rdflib.query.Result.parse(source=_stream(table.to_tsv()), format="tsv")
    assert next(v for v in read.bindings[0].values() if v is not None) == rdflib.URIRef(
        "https://w3id.org/lcgraph/id/city/fi-espoo"
    )
    assert table.to_markdown().splitlines()[2].startswith("| Espoo (city:fi-espoo) |")
    assert "2015" in table._repr_html_()
    assert str(table).splitlines()[0].split() == ["c", "y", "d", "none"]


def _stream(text: str) -> object:
    import io

    return io.BytesIO(text.encode())


def test_frames_have_the_types_of_their_values() -> None:
    polars = pytest.importorskip("polars", reason="needs the extra lcgraph[frames]")
    pandas = pytest.importorskip("pandas", reason="needs the extra lcgraph[frames]")
    graph = lcgraph.Graph().load(
        b'<http://a> <http://n> 1 ; <http://d> "2015-09-28"^^<http://www.w3.org/2001/XMLSchema#date>'
        b" . <http://b> <http://n> 2 .",
        format="turtle",
    )
    table = graph.query(
        "SELECT ?s ?n ?d { ?s <http://n> ?n OPTIONAL { ?s <http://d> ?d } } ORDER BY ?s"
    )
    frame = table.to_polars()
    assert frame.dtypes == [polars.String, polars.Int64, polars.Date]
    assert frame["d"].null_count() == 1
    theirs = table.to_pandas()
    assert theirs["n"].dtype == pandas.Int64Dtype()
    assert list(theirs["s"]) == ["http://a", "http://b"]


def test_from_narrows_a_question_to_the_graphs_it_names() -> None:
    graph = lcgraph.Graph().load(
        b"<http://g> { <http://a> <http://b> 1 } <http://h> { <http://a> <http://b> 2 }",
        format="trig",
    )
    assert len(graph.query("SELECT * { ?s ?p ?o }")) == 2
    assert graph.query("SELECT ?o FROM <http://g> { ?s ?p ?o }").rows() == [(1,)]


def test_loads_from_many_threads_lose_nothing() -> None:
    graph = lcgraph.Graph()

    def load() -> None:
        for _ in range(20):
            graph.load(b"_:a <http://p> [] .", format="ttl")

    threads = [threading.Thread(target=load) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(graph) == 120
