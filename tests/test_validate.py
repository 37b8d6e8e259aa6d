"""Validation: results with file and line, shapes by layer or file, clear answers to odd input."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pyshacl
import pytest
import rdflib

import lcgraph
from lcgraph.errors import ReadError, ShapesError
from lcgraph.shacl import formats

if TYPE_CHECKING:
    from pathlib import Path

SHAPES = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix ex: <http://ex.org/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
ex:Shape a sh:NodeShape ; sh:targetClass ex:City ;
    sh:property ex:name , ex:size , ex:back , ex:deep .
ex:name a sh:PropertyShape ; sh:path ex:name ; sh:minCount 1 ; sh:maxCount 1 ;
    sh:message "Give it one name."@en , "Donnez un nom."@fr .
ex:size a sh:PropertyShape ; sh:path ex:size ; sh:datatype xsd:integer ; sh:severity sh:Warning .
ex:back a sh:PropertyShape ; sh:path [ sh:inversePath ex:of ] ; sh:nodeKind sh:IRI ; sh:severity sh:Info .
ex:deep a sh:PropertyShape ; sh:path ( ex:a [ sh:alternativePath ( ex:b [ sh:zeroOrMorePath ex:c ] ) ] ) ;
    sh:nodeKind sh:IRI .
"""
DATA = {
    "turtle": """@prefix ex: <http://ex.org/> .
ex:one a ex:City ;
    ex:name "One" ,
        "Uno" ;
    ex:size "big" .
ex:two a ex:City .
ex:three a ex:City ; ex:name "Three" .
[] ex:of ex:three .
ex:four a ex:City ; ex:name "4" ; ex:a [ ex:b "text" ] .
""",
    "ntriples": """<http://ex.org/one> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://ex.org/City> .
<http://ex.org/one> <http://ex.org/name> "One" .
<http://ex.org/one> <http://ex.org/size> "big" .
""",
    "rdfxml": """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:ex="http://ex.org/">
<ex:City rdf:about="http://ex.org/one">
  <ex:name>One</ex:name>
  <ex:size>big</ex:size>
</ex:City>
</rdf:RDF>
""",
    "trig": """@prefix ex: <http://ex.org/> .
ex:g {
  ex:one a ex:City ; ex:name "One" ;
    ex:size "big" .
}
""",
    "jsonld": """{"@context": {"ex": "http://ex.org/"}, "@graph": [
  {"@id": "http://ex.org/one", "@type": "ex:City",
   "ex:name": "One", "ex:size": "big"}]}
""",
}


@pytest.fixture
def shapes(tmp_path: Path) -> Path:
    path = tmp_path / "shapes.ttl"
    path.write_text(SHAPES)
    return path


def test_each_result_names_the_line_of_its_cause(tmp_path: Path, shapes: Path) -> None:
    path = tmp_path / "data.ttl"
    path.write_text(DATA["turtle"])
    report = lcgraph.validate(path, shapes=shapes)
    found = {(r.shape, r.focus, r.severity, r.line) for r in report}
    ex = "<http://ex.org/{}>".format
    assert found == {
        (ex("name"), ex("one"), "violation", 4),  # two names: the second of them
        (ex("name"), ex("two"), "violation", 6),  # no name: the city
        (ex("size"), ex("one"), "warning", 5),
        (ex("back"), ex("three"), "info", 8),  # by an inverse path: the triple that leads here
        (ex("deep"), ex("four"), "violation", 9),
    }
    assert {r.file for r in report} == {str(path)}
    assert report[0].where.startswith(f"{path}:")
    assert not report.conforms
    assert not report
    assert report.counts() == {"violation": 4, "warning": 1, "info": 1}
    paths = {r.path for r in report}
    assert "^<http://ex.org/of>" in paths
    assert "<http://ex.org/a>/(<http://ex.org/b>|<http://ex.org/c>*)" in paths
    assert {r.message for r in report if r.shape == ex("name")} == {"Give it one name."}


@pytest.mark.parametrize(
    ("syntax", "line"),
    [("ntriples", 3), ("rdfxml", 4), ("trig", 4), ("jsonld", 3)],
)
def test_lines_are_found_in_every_syntax(
    tmp_path: Path, shapes: Path, syntax: str, line: int
) -> None:
    path = tmp_path / "data"
    path.write_text(DATA[syntax])
    (result,) = lcgraph.validate(path, shapes=shapes, format=syntax).results
    assert (result.file, result.line) == (str(path), line)


def test_the_results_are_those_of_pyshacl(shapes: Path) -> None:
    ours = lcgraph.validate(DATA["turtle"].encode(), shapes=shapes)
    conforms, graph, _ = pyshacl.validate(
        rdflib.Graph().parse(data=DATA["turtle"]), shacl_graph=str(shapes), inference="none"
    )
    sh = rdflib.SH
    theirs = sorted(
        (str(graph.value(r, sh.sourceShape)), str(graph.value(r, sh.resultSeverity)))
        for r in graph.subjects(rdflib.RDF.type, sh.ValidationResult)
    )
    mine = sorted((r.shape[1:-1], str(sh[r.severity.capitalize()])) for r in ours)
    assert mine == theirs
    ours_conforms, ours_graph, text = ours.as_tuple()
    assert ours_conforms is conforms is False
    assert len(list(ours_graph.subjects(rdflib.RDF.type, sh.ValidationResult))) == len(ours)
    assert "Give it one name." in text


def test_an_rdflib_graph_a_graph_and_several_files_are_validated_alike(
    tmp_path: Path, shapes: Path
) -> None:
    one, two = tmp_path / "one.ttl", tmp_path / "two.ttl"
    one.write_text("<http://ex.org/x> a <http://ex.org/City> .")
    two.write_text('<http://ex.org/x> <http://ex.org/name> "X" .')
    assert len(lcgraph.validate(one, shapes=shapes)) == 1
    assert lcgraph.validate(one, two, shapes=shapes).conforms
    assert len(lcgraph.validate(rdflib.Graph().parse(one), shapes=shapes)) == 1
    graph = lcgraph.Graph().load(one)
    assert graph.validate(shapes)[0].where == f"{one}:1:1"
    assert lcgraph.validate(graph, shapes=shapes)[0].where == f"{one}:1:1"


def test_literals_are_judged_as_written() -> None:
    shapes = b"""@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
    <http://s> a sh:NodeShape ; sh:targetSubjectsOf <http://n> ; sh:property <http://p> .
    <http://p> a sh:PropertyShape ; sh:path <http://n> ; sh:datatype xsd:nonNegativeInteger ; sh:pattern "^0" ."""
    data = b'<http://a> <http://n> "05"^^<http://www.w3.org/2001/XMLSchema#nonNegativeInteger> .'
    from lcgraph.reading import read
    from lcgraph.shacl.reference import judge

    results, _ = judge(read(data, format="ttl").quads, read(shapes, format="ttl").quads)
    assert results == []
    graph = lcgraph.Graph().load(data, format="ttl")
    results, _ = judge(graph, read(shapes, format="ttl").quads)
    assert results == []


def test_the_shipped_data_pass_and_examples_pass_as_foreign_files() -> None:
    assert lcgraph.dataset().validate().count("violation") == 0
    for path in sorted((lcgraph.resources.data_dir() / "examples").glob("*.ttl")):
        assert lcgraph.validate(path).count("violation") == 0, path.name


def test_a_layer_brings_core_and_a_misspelt_one_is_met_with_the_nearest() -> None:
    assert lcgraph.validate(b"", format="ttl", shapes="quality").shapes == ("core", "quality")
    with pytest.raises(ShapesError, match="Did you mean quality"):
        lcgraph.validate(b"", format="ttl", shapes="qualty")


@pytest.mark.parametrize(
    ("text", "error", "said"),
    [
        ("<http://a> <http://b> <http://c> .", ShapesError, "no SHACL shape"),
        ("<http://a> <http://b> ", ReadError, "not valid turtle"),
        (
            (
                "@prefix sh: <http://www.w3.org/ns/shacl#> . <http://s> a sh:NodeShape ; "
                "sh:targetNode <http://x> ; sh:property <http://p> . <http://p> sh:path 5 ."
            ),
            ShapesError,
            "s.ttl:1: .*is no path",
        ),
        (
            (
                "@prefix sh: <http://www.w3.org/ns/shacl#> . <http://s> a sh:NodeShape ; "
                "sh:targetNode <http://x> ; sh:node <http://s> ."
            ),
            ShapesError,
            "refers to itself",
        ),
    ],
)
def test_shapes_that_cannot_be_used_are_one_clear_error(
    tmp_path: Path, text: str, error: type[Exception], said: str
) -> None:
    path = tmp_path / "s.ttl"
    path.write_text(text)
    with pytest.raises(error, match=said):
        lcgraph.validate(b"<http://x> <http://y> 1 .", format="ttl", shapes=path)


def test_a_report_is_text_json_csv_and_turtle(shapes: Path) -> None:
    report = lcgraph.validate(DATA["turtle"].encode(), shapes=shapes, format="ttl")
    text = report.to_text()
    assert text.splitlines()[0].startswith("MUST")
    assert "does not pass: 4 violations, 1 warning, 1 info" in text
    document = json.loads(formats.to_json(report))
    assert document["counts"]["violation"] == 4
    assert document["results"][0].keys() == {
        "severity", "file", "line", "column", "focus", "path", "value", "message", "shape",
        "component",
    }  # fmt: skip
    rows = list(csv.DictReader(io.StringIO(formats.to_csv(report))))
    assert [row["shape"] for row in rows] == [r.shape for r in report]
    graph = rdflib.Graph().parse(data=formats.to_turtle(report))
    assert len(list(graph.subjects(rdflib.RDF.type, rdflib.SH.ValidationResult))) == 6


def test_a_long_group_is_cut_and_says_so(shapes: Path) -> None:
    data = "".join(f"<http://ex.org/c{i}> a <http://ex.org/City> .\n" for i in range(30))
    text = lcgraph.validate(data.encode(), shapes=shapes, format="ttl").to_text()
    assert "… and 10 more" in text
    assert "30 violations" in text


def test_a_message_may_name_a_blank_node() -> None:
    shapes = b"""@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix ex: <http://ex.org/> .
    ex:s a sh:NodeShape ; sh:targetNode ex:x ; sh:sparql [ sh:message "It names {?value}." ;
        sh:select "SELECT $this ?value { $this <http://ex.org/p> ?value }" ] ."""
    data = b"<http://ex.org/x> <http://ex.org/p> _:someone ."
    (result,) = lcgraph.validate(data, format="ttl", shapes=[shapes])
    assert result.message == "It names _:someone."


def test_what_pyshacl_does_not_judge_does_not_wait_for_it() -> None:
    told = "import lcgraph, sys; lcgraph.dataset().validate(['core', 'dataset']); "
    told += "print([name for name in ('pyshacl', 'rdflib', 'pandas') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize(("component", "count"), [("and", 0), ("or", 1), ("xone", 1)])
def test_a_list_of_no_shapes_is_met_by_all_or_by_none(component: str, count: int) -> None:
    shapes = (
        "@prefix sh: <http://www.w3.org/ns/shacl#> .\n"
        f"<http://x/S> a sh:NodeShape ; sh:targetNode <http://x/a> ; sh:{component} () .\n"
    )
    report = lcgraph.validate(b"<http://x/a> <http://x/p> 1 .", shapes=[shapes.encode()])
    assert len(report) == count
