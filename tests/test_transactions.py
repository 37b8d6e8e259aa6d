"""Transactions: all of it lands or nothing, and nothing lands that the shapes refuse."""

from __future__ import annotations

import re
import threading
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
import test_setwise
from conftest import SOAK, examples
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from shacl_strategies import data_graphs, shapes_graphs

import lcgraph
from lcgraph import reading
from lcgraph.errors import LcgraphError, QueryError, StoreError, ValidationError
from lcgraph.shacl import parsing
from lcgraph.shacl.delta import new_results
from lcgraph.shacl.touched import is_bounded
from lcgraph.shacl.validate import judge_shapes, read_shapes
from lcgraph.store.embedded import EmbeddedStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from lcgraph.shacl.model import ShapesGraph

thorough = settings(
    max_examples=examples(150),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
XSD = "http://www.w3.org/2001/XMLSchema#"
#: Each thing has one name, and knows only things.
SHAPES = b"""
@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix ex: <http://e/> .
ex:Shape sh:targetClass ex:Thing ;
    sh:property ex:Named , ex:Knowing .
ex:Named sh:path ex:name ; sh:minCount 1 ; sh:maxCount 1 ; sh:message "A thing has one name." .
ex:Knowing sh:path ex:knows ; sh:class ex:Thing ; sh:severity sh:Warning .
"""
THING = "INSERT DATA {{ <http://e/{0}> a <http://e/Thing> ; <http://e/name> '{0}' }}"


def quads(text: str) -> set[ox.Quad]:
    return set(reading.read(text.encode(), format="ttl", base="http://ex.org/case").quads)


@thorough
@given(before=data_graphs(), after=data_graphs(), shapes=shapes_graphs(), apart=st.booleans())
def test_a_change_breaks_what_two_whole_validations_say(
    *, before: str, after: str, shapes: str, apart: bool
) -> None:
    old, new = quads(before), quads(after)
    if not apart:  # a small change of a graph
        new = (new & old) | set(list(new - old)[:2]) | set(list(old - new)[2:])
    found, wanted = delta_and_difference(old, new, shapes)
    assert found == wanted


@thorough
@given(st.data())
def test_a_change_breaks_what_two_whole_validations_say_by_queries(data: st.DataObject) -> None:
    ask = data.draw(st.booleans())
    body = data.draw(test_setwise.bodies())
    if ask:
        body = re.sub("SELECT (DISTINCT )?\\$this", "SELECT $this $value $wanted", body)
        body = body.replace("GROUP BY $this", "GROUP BY $this $value $wanted").replace('"', '\\"')
        shapes = f"""
            ex:C a sh:ConstraintComponent ; sh:parameter [ sh:path ex:wanted ] ;
                sh:validator [ sh:prefixes ex: ; sh:ask "ASK {body}" ] .
            ex:S a sh:PropertyShape ; sh:path ex:p ; sh:targetSubjectsOf ex:p ; ex:wanted true .
        """
    else:
        shapes = test_setwise.select_shape(body, "$this ?x ?y ?value")
    shapes = test_setwise.PREFIXES + shapes
    graph = shapes_of(shapes)
    assume(all(is_bounded(node, graph) for node in graph.shapes))
    old, new = (
        quads(test_setwise.NAMES + data.draw(test_setwise.graphs(blank=False))) for _ in range(2)
    )
    if data.draw(st.booleans()):
        new = old ^ set(list(new)[:2])
    found, wanted = delta_and_difference(old, new, shapes)
    assert {r[:3] for r in found} == {r[:3] for r in wanted}


@settings(max_examples=SOAK // 10 or 8)
@given(st.data())
def test_a_change_of_our_data_breaks_what_two_whole_validations_say(data: st.DataObject) -> None:
    """By all our own shapes; something is said otherwise, left out, or brought together."""
    store = lcgraph.dataset()._store
    before = sorted(store, key=str)
    chosen = [before[data.draw(st.integers(0, len(before) - 1))] for _ in range(3)]
    others = [before[data.draw(st.integers(0, len(before) - 1))] for _ in range(3)]
    _, graph = read_shapes(["core", "dataset", "quality"])
    store.begin()
    store.remove(chosen)
    for one, other in zip(chosen, others, strict=True):
        how = data.draw(st.sampled_from(["gone", "object", "subject"]))
        if how == "object":
            same = [q for q in before if q.predicate == one.predicate]
            target = data.draw(st.sampled_from(same)).object
            store.extend([ox.Quad(one.subject, one.predicate, target)])
        elif how == "subject":
            store.extend([ox.Quad(other.subject, one.predicate, one.object)])
    found = new_results(store, graph, severity="info")
    judged = [
        set(judge_shapes([text], graph).results) for text in (store.nquads_before(), store.nquads())
    ]
    assert set(found) == judged[1] - judged[0]


def shapes_of(text: str) -> ShapesGraph:
    return parsing.parse_shapes(
        [reading.read(text.encode(), format="ttl", base="http://ex.org/case")]
    )


def delta_and_difference(
    old: set[ox.Quad], new: set[ox.Quad], shapes: str
) -> tuple[set[tuple[object, ...]], set[tuple[object, ...]]]:
    """What a transaction from old data to new ones is said to break, and what whole validations
    find in the new and not in the old."""
    graph = shapes_of(shapes)
    store = EmbeddedStore()
    store.extend(old)
    store.begin()
    store.remove(old - new)
    store.extend(new - old)
    found = new_results(store, graph, severity="info")
    was, now = (
        set(judge_shapes(["".join(f"{q} .\n" for q in data).encode()], graph).results)
        for data in (old, new)
    )
    store.rollback()
    assert set(store) == old
    told = [
        {(r.focus, r.value, r.shape, r.path, r.component, r.severity, r.message) for r in results}
        for results in (found, now - was)
    ]
    return told[0], told[1]


UPDATES = [
    "INSERT DATA { ex:a ex:p 1 , '01'^^xsd:integer , ex:b }",
    "DELETE DATA { ex:a ex:p 1 } ; INSERT DATA { ex:a ex:p 2 }",
    "DELETE WHERE { ?s ex:p ?o }",
    "DELETE { ?s ?p ?o } INSERT { ?o ex:q ?s . ?s ex:q '07'^^xsd:integer } WHERE { ?s ?p ?o FILTER(isIRI(?o)) }",
    "PREFIX f: <http://e/> INSERT { f:a f:q ?o } WHERE { ?s f:p ?o } ; # and\n DELETE { ?s f:p ?o } WHERE { ?s f:p ?o } ;",
    "CLEAR ALL",
    "INSERT { [] ex:p ?o } WHERE { ?s ex:q ?o }",
    "INSERT { GRAPH ex:g { ?s ?p ?o } } WHERE { ?s ?p ?o }",
    "DELETE WHERE { GRAPH ex:g { ?s ?p ?o } }",
    "MOVE SILENT ex:g TO DEFAULT",
    "WITH ex:g DELETE { ?s ?p ?o } WHERE { ?s ?p ?o . ?s ex:p ?o }",
    "INSERT DATA { ex:a ex:p 'a\\u0022b' }",
    "DELETE { ?s ex:p ?o } USING ex:g WHERE { ?s ex:p ?o }",
]
WRITTEN = st.sets(
    st.builds(
        lambda s, p, o, g: ox.Quad(
            ox.NamedNode(f"http://e/{s}"),
            ox.NamedNode(f"http://e/{p}"),
            ox.NamedNode("http://e/b") if o == "b" else ox.Literal(o, datatype=ox.NamedNode(XSD + "integer")),
            ox.NamedNode("http://e/g") if g else ox.DefaultGraph(),
        ),
        st.sampled_from("ab"), st.sampled_from("pq"),
        st.sampled_from(["1", "01", "2", "07", "b"]), st.booleans(),
    ),
    max_size=8,
)  # fmt: skip


@given(WRITTEN, st.lists(st.sampled_from(UPDATES), min_size=1, max_size=3))
def test_what_updates_change_is_known_and_can_be_undone(
    start: set[ox.Quad], texts: list[str]
) -> None:
    prefixes = {"ex": "http://e/", "xsd": XSD}
    store, plain = EmbeddedStore(), EmbeddedStore()
    store.extend(start)
    plain.extend(start)
    store.begin()
    for text in texts:
        store.update(text, prefixes)
        plain.update(text, prefixes)
    assert store.changes is not None
    after = set(store)
    assert set(store.changes.added) == after - start
    assert set(store.changes.removed) == start - after
    named = lambda quads: {q for q in quads if "_:" not in str(q)}  # noqa: E731
    assert named(after) == named(plain)
    assert len(after) == len(plain)
    store.rollback()
    assert set(store) == start
    assert len(store) == len(start)


@pytest.fixture(params=["memory", "folder"])
def graph(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[lcgraph.Graph]:
    """A graph that knows one thing, and is checked by the shapes above."""
    shapes = tmp_path / "shapes.ttl"
    shapes.write_bytes(SHAPES)
    location = tmp_path / "store" if request.param == "folder" else None
    with lcgraph.Graph(location, shapes=shapes) as made:
        yield made.update(THING.format("one"))


def test_changes_land_together(graph: lcgraph.Graph, tmp_path: Path) -> None:
    (tmp_path / "two.ttl").write_text("<http://e/two> a <http://e/Thing> .")
    with graph.transaction():
        graph.load(tmp_path / "two.ttl")
        assert graph.ask("ASK { <http://e/two> a <http://e/Thing> }")
        name = ox.Quad(ox.NamedNode("http://e/two"), ox.NamedNode("http://e/name"), ox.Literal("2"))
        graph.add([name])
        graph.update("DELETE WHERE { <http://e/one> ?p ?o }")
    assert {q.subject.value for q in graph} == {"http://e/two"}  # type: ignore[union-attr]
    with pytest.raises(ValidationError, match="A thing has one name"), graph.transaction():
        graph.remove([name])
    assert name in set(graph)


@pytest.mark.parametrize(
    "change",
    [
        lambda graph: graph.update("DELETE WHERE { <http://e/one> <http://e/name> ?name }"),
        lambda graph: graph.update("INSERT DATA { <http://e/two> a <http://e/Thing> }"),
        lambda graph: graph.load(b"<http://e/one> <http://e/name> 'uno' .", format="ttl"),
        lambda graph: graph.load("bad.ttl"),
    ],
)
def test_what_the_shapes_refuse_leaves_nothing(
    graph: lcgraph.Graph,
    change: Callable[[lcgraph.Graph], object],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bad.ttl").write_text("\n<http://e/x> a <http://e/Thing> .")
    before, documents = set(graph), list(graph.documents)

    def changes() -> None:
        graph.update("INSERT DATA { <http://e/one> <http://e/note> '01' }")
        graph.load(b"@prefix new: <http://new/> . new:a new:b 07 .", format="ttl")
        change(graph)

    with pytest.raises(ValidationError) as caught, graph.transaction():
        changes()
    assert set(graph) == before
    assert graph.documents == documents
    assert "new" not in graph.prefixes
    (result,) = caught.value.report
    assert result.severity == "violation"
    assert result.message == "A thing has one name."
    assert caught.value.exit_code == 1
    if result.focus == "<http://e/x>":
        assert result.where == "bad.ttl:2:1"
    graph.load("bad.ttl")  # outside of a transaction nothing is checked
    assert len(graph) == len(before) + 1


def test_an_error_in_the_block_undoes_it(graph: lcgraph.Graph) -> None:
    before = set(graph)

    def change(then: Callable[[], object]) -> None:
        graph.update("CLEAR ALL").update(THING.format("two"))
        assert set(graph) != before
        then()

    with pytest.raises(QueryError), graph.transaction():
        change(lambda: graph.update("INSERT DTA {}"))
    with pytest.raises(ZeroDivisionError), graph.transaction():
        change(lambda: 1 / 0)
    assert set(graph) == before


def test_what_was_wrong_before_refuses_nothing(graph: lcgraph.Graph) -> None:
    graph.update("INSERT DATA { <http://e/bad> a <http://e/Thing> }")
    with graph.transaction():  # elsewhere
        graph.update(THING.format("two"))
    with graph.transaction():  # at the very node
        graph.update("INSERT DATA { <http://e/bad> <http://e/note> 'x' , 'y' }")
    with pytest.raises(ValidationError) as caught, graph.transaction():
        graph.update("INSERT DATA { <http://e/worse> a <http://e/Thing> }")
    assert [result.focus for result in caught.value.report] == ["<http://e/worse>"]


def test_how_bad_a_result_must_be_can_be_said(graph: lcgraph.Graph) -> None:
    stranger = "INSERT DATA { <http://e/one> <http://e/knows> <http://e/nobody> }"
    with pytest.raises(ValidationError), graph.transaction(severity="warning"):
        graph.update(stranger)
    with graph.transaction():
        graph.update(stranger)
    with graph.transaction(severity="off"):
        graph.update("DELETE WHERE { ?s <http://e/name> ?name }")
    with (
        pytest.raises(LcgraphError, match="Did you mean warning"),
        graph.transaction(severity="warnig"),
    ):
        pass


def test_a_type_that_goes_breaks_those_that_point_to_it(graph: lcgraph.Graph) -> None:
    graph.update(THING.format("two"))
    graph.update("INSERT DATA { <http://e/one> <http://e/knows> <http://e/two> }")
    with pytest.raises(ValidationError) as caught, graph.transaction(severity="info"):
        graph.update("DELETE DATA { <http://e/two> a <http://e/Thing> }")
    assert [result.focus for result in caught.value.report] == ["<http://e/one>"]


def test_a_block_within_a_block_is_a_part_of_it(graph: lcgraph.Graph) -> None:
    with graph.transaction():
        graph.update("INSERT DATA { <http://e/two> a <http://e/Thing> }")
        with graph.transaction():  # is not checked alone
            graph.update("INSERT DATA { <http://e/two> <http://e/name> 'two' }")
    before = set(graph)

    def fail_within() -> None:
        graph.update(THING.format("three"))
        with pytest.raises(ZeroDivisionError), graph.transaction():
            _ = 1 / 0

    with pytest.raises(StoreError, match="within this one failed"), graph.transaction():
        fail_within()
    assert set(graph) == before
    with graph.transaction():
        graph.update(THING.format("three"))
    assert set(graph) != before
    with pytest.raises(StoreError, match="transaction is open"), graph.transaction():
        graph.close()
    assert len(graph) == 6


def test_another_thread_waits_until_the_block_has_ended(graph: lcgraph.Graph) -> None:
    order = []

    def change() -> None:
        with graph.transaction():
            order.append("second")
            graph.update("DELETE WHERE { <http://e/two> ?p ?o }")

    with graph.transaction():
        thread = threading.Thread(target=change)
        thread.start()
        graph.update(THING.format("two"))
        thread.join(0.2)
        order.append("first")
    thread.join()
    assert order == ["first", "second"]
    assert len(graph) == 2


def test_a_folder_remembers_what_it_is_checked_by(tmp_path: Path) -> None:
    (tmp_path / "shapes.ttl").write_bytes(SHAPES)
    with lcgraph.Graph(tmp_path / "store", shapes=tmp_path / "shapes.ttl", severity="warning"):
        pass
    with lcgraph.Graph(tmp_path / "store") as graph:
        graph.update(THING.format("one"))
        with pytest.raises(ValidationError), graph.transaction():
            graph.update("INSERT DATA { <http://e/one> <http://e/knows> <http://e/nobody> }")
    with lcgraph.Graph(tmp_path / "store", read_only=True) as graph:
        assert graph.validate().conforms
        with pytest.raises(StoreError, match="reading only"), graph.transaction():
            graph.update("CLEAR ALL")
    with lcgraph.Graph(tmp_path / "store", severity="off") as graph, graph.transaction():
        graph.update("DELETE WHERE { ?s <http://e/name> ?name }")
    with lcgraph.Graph(tmp_path / "store", shapes="core") as graph:
        assert graph.shapes == ("core",)


def test_other_processes_see_nothing_of_an_open_transaction(tmp_path: Path) -> None:
    with lcgraph.Graph(tmp_path / "store") as graph:
        graph.update(THING.format("one"))
        with graph.transaction():
            graph.update(THING.format("two"))
            with lcgraph.Graph(tmp_path / "store", read_only=True) as reader:
                assert len(reader) == 2
        with lcgraph.Graph(tmp_path / "store", read_only=True) as reader:
            assert len(reader) == 4


def test_a_large_load_is_checked_too(tmp_path: Path) -> None:
    (tmp_path / "shapes.ttl").write_bytes(SHAPES)
    many = "".join(f'<http://e/{i}> <http://e/name> "{i}" .\n' for i in range(30_000))
    bad = many + "<http://e/7> a <http://e/Thing> . <http://e/x> a <http://e/Thing> .\n"
    for location in (None, tmp_path / "store"):
        with lcgraph.Graph(location, shapes=tmp_path / "shapes.ttl") as graph:
            graph.update("INSERT DATA { <http://e/old> a <http://e/Thing> }")
            with pytest.raises(ValidationError) as caught, graph.transaction():
                graph.load(bad.encode(), format="ttl")
            assert [result.focus for result in caught.value.report] == ["<http://e/x>"]
            assert len(graph) == 1
            with graph.transaction():
                graph.load(many.encode(), format="nt")
            assert len(graph) == 30_001


def test_only_what_a_change_can_touch_is_judged() -> None:
    graph = lcgraph.dataset()
    (record, *_) = graph.query("SELECT ?c { ?c a lcg:City } ORDER BY ?c").rows()
    names, shapes = read_shapes(["core", "dataset"])
    graph._store.begin()
    graph.update(f"DELETE WHERE {{ <{record[0]}> skos:prefLabel ?name }}")
    report = new_results(graph._store, shapes, names=names)
    graph._store.rollback()
    assert {result.focus for result in report} == {f"<{record[0]}>"}
    judged = sum(report.focus_counts.values())
    assert 0 < judged < 20
    assert len(graph.validate("core")) == len(lcgraph.dataset().validate("core"))


def test_a_query_whose_patterns_no_triple_joins_judges_all(tmp_path: Path) -> None:
    (tmp_path / "shapes.ttl").write_text(
        """@prefix sh: <http://www.w3.org/ns/shacl#> .
        <http://e/Taken> sh:targetSubjectsOf <http://e/name> ; sh:sparql [ sh:message "It is taken." ;
            sh:select "SELECT $this { $this <http://e/name> ?n . ?b <http://e/ban> ?m FILTER(?n = ?m) }" ] ."""
    )
    with lcgraph.Graph(tmp_path / "store", shapes=tmp_path / "shapes.ttl") as graph:
        graph.update(THING.format("one")).update(THING.format("two"))
        with pytest.raises(ValidationError) as caught, graph.transaction():
            graph.update("INSERT DATA { <http://e/list> <http://e/ban> 'one' , 'three' }")
        assert [result.focus for result in caught.value.report] == ["<http://e/one>"]
        with graph.transaction():
            graph.update("INSERT DATA { <http://e/list> <http://e/ban> 'three' }")
