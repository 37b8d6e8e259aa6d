"""The report: its places, its counts, its forms, and validation narrowed to what somebody asks."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import re
import signal
import subprocess
import sys
import termios
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import junitparser
import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import given
from hypothesis import strategies as st
from pydantic_sarif.model import StaticAnalysisResultsFormatSarifVersion210JsonSchema as Sarif
from rdflib.compare import isomorphic
from test_validate import DATA, SHAPES

import lcgraph as package
from lcgraph import resources
from lcgraph.errors import Finding, LcgraphError, ParameterError, ShapesError
from lcgraph.layout import cells_wide
from lcgraph.shacl import exchange, formats, reporting
from lcgraph.shacl.report import FORMATS, Report, Result

if TYPE_CHECKING:
    from collections.abc import Callable

    Run = Callable[..., subprocess.CompletedProcess[str]]

EX = "<http://ex.org/{}>".format
EXAMPLES = Path(__file__).parent / "shapes" / "invalid"
LAYERS = ("core", "dataset", "quality")


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    data, shapes = tmp_path / "data.ttl", tmp_path / "shapes.ttl"
    data.write_text(DATA["turtle"])
    shapes.write_text(SHAPES)
    return data, shapes


@pytest.fixture
def report(files: tuple[Path, Path]) -> Report:
    return package.validate(files[0], shapes=files[1])


# ---------- places ----------


def test_a_result_names_the_column_of_its_cause(report: Report) -> None:
    found = {(r.shape, r.focus, r.line, r.column) for r in report}
    assert found == {
        (EX("name"), EX("one"), 4, 9),  # the second name, alone on its line
        (EX("name"), EX("two"), 6, 1),  # no name: the city
        (EX("size"), EX("one"), 5, 13),  # the value
        (EX("back"), EX("three"), 8, 4),  # the property that leads here
        (EX("deep"), EX("four"), 9, 47),  # a value at the end of a longer path
        (EX("deep"), EX("four"), 9, 40),  # a bracket
    }
    (size,) = (r for r in report if r.shape == EX("size"))
    assert size.where.endswith("data.ttl:5:13")


@pytest.mark.parametrize(
    ("syntax", "line", "column"),
    [
        ("ntriples", 3, DATA["ntriples"].splitlines()[2].index('"') + 1),
        ("trig", 4, 13),
        ("rdfxml", 4, 12),
        ("jsonld", 3, 33),
    ],
)
def test_columns_are_found_in_every_syntax(
    tmp_path: Path, files: tuple[Path, Path], syntax: str, line: int, column: int
) -> None:
    path = tmp_path / "data"
    path.write_text(DATA[syntax])
    (result,) = package.validate(path, shapes=files[1], format=syntax)
    assert result.where == f"{path}:{line}:{column}"
    assert result.text == DATA[syntax].splitlines()[line - 1]


def examples() -> list[Path]:
    return sorted(EXAMPLES.glob("*.ttl"))


def validated(path: Path, syntax: str, tmp_path: Path) -> tuple[Path, Report]:
    """An invalid example in another syntax, judged by all layers."""
    if syntax == "turtle":
        return path, package.validate(path, shapes=LAYERS)
    other = tmp_path / path.stem
    package.convert(path, other, format=syntax, force=True)
    return other, package.validate(other, shapes=LAYERS, format=syntax)


@pytest.mark.parametrize("syntax", ["turtle", "ntriples", "trig", "rdfxml", "jsonld"])
def test_every_result_on_the_invalid_examples_names_file_and_line(
    tmp_path: Path, syntax: str
) -> None:
    # All of them as they are written; some, as each takes a while, in the other syntaxes.
    seen, chosen = 0, examples()[:: 1 if syntax == "turtle" else 6]
    for path in chosen:
        file, report = validated(path, syntax, tmp_path)
        lines = file.read_text("utf-8").splitlines()
        for result in report:
            seen += 1
            assert result.file == str(file)
            assert result.line is not None
            assert result.text == lines[result.line - 1]
            if result.column is not None:
                assert 1 <= result.column <= len(result.text)
            if syntax == "ntriples":
                # One triple a line: it must be one about the focus node.
                assert about(result, result.text), (path.name, result)
    assert seen > len(chosen)


def about(result: Result, line: str) -> bool:
    """Whether a line of N-Triples is about the focus node of a result, and says its value where
    the path is one predicate."""
    (triple,) = ox.parse(line.encode(), format=ox.RdfFormat.N_TRIPLES)
    terms = [str(triple.subject), str(triple.predicate), str(triple.object)]
    if result.focus.startswith("_:"):
        return True  # labels are renamed
    if result.path == terms[1] and result.value is not None and result.value[0] != "_":
        return result.focus == terms[0] and result.value == terms[2]
    return result.focus in (terms[0], terms[2])


# ---------- what judged what ----------


def test_the_report_says_who_judged_what_and_how_long_it_took(report: Report) -> None:
    names = [EX(n) for n in ("Shape", "name", "size", "back", "deep")]
    assert report.engines == dict.fromkeys(names, ("lcgraph columns",))
    assert set(report.homes) == set(names)
    assert list(report.seconds) == ["read", "read shapes", "columns", "judge", "locate"]
    assert all(seconds >= 0 for seconds in report.seconds.values())
    assert report.focus_counts == {EX("Shape"): 4}
    assert report.counts_by_shape() == {
        EX("Shape"): 0, EX("name"): 2, EX("size"): 1, EX("back"): 1, EX("deep"): report.total - 4,
    }  # fmt: skip


def test_shapes_in_sparql_and_of_advanced_features_name_their_engine() -> None:
    head = b"@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix ex: <http://ex.org/> . "
    data = b"<http://ex.org/x> <http://ex.org/p> 1 ."
    asked = head + (
        b'ex:s a sh:NodeShape ; sh:targetNode ex:x ; sh:sparql [ sh:select "SELECT $this { $this ?p 1 }" ] .'
    )
    engines = package.validate(data, format="ttl", shapes=[asked]).engines
    assert engines == {EX("s"): (f"Oxigraph {ox.__version__}", "lcgraph columns")}
    ruled = head + (
        b"ex:s a sh:NodeShape ; sh:targetNode ex:x ; sh:property [ sh:path ex:p ; sh:maxCount 0 ] ; "
        b"sh:rule [ a sh:TripleRule ; sh:subject sh:this ; sh:predicate ex:q ; sh:object 1 ] ."
    )
    report = package.validate(data, format="ttl", shapes=[ruled])
    ((engine,),) = report.engines.values()
    assert engine.startswith("pySHACL ")
    assert report.focus_nodes is None
    assert not report.judged_nothing


def test_a_target_that_the_data_lack_is_a_focus_node_and_is_named() -> None:
    shapes = b"""@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix ex: <http://ex.org/> .
    ex:s a sh:NodeShape ; sh:targetNode ex:here , ex:gone ; sh:nodeKind sh:IRI ."""
    some = package.validate(
        b"<http://ex.org/a> a <http://ex.org/here> .", format="ttl", shapes=[shapes]
    )
    assert (some.focus_nodes, some.absent) == (2, {EX("s"): (EX("gone"),)})
    assert not some.judged_nothing
    assert "1 target node is not in the data: http://ex.org/gone" in some.to_text()
    none = package.validate(
        b"<http://ex.org/a> a <http://ex.org/b> .", format="ttl", shapes=[shapes]
    )
    assert none.focus_nodes == 2
    assert none.judged_nothing
    assert "no node in the data is a target" in none.to_text()
    assert json.loads(none.serialize("json"))["shapes"][0]["absent_targets"] == [
        EX("gone"), EX("here")
    ]  # fmt: skip


# ---------- narrow validation ----------


def test_only_some_focus_nodes_are_judged(files: tuple[Path, Path]) -> None:
    data, shapes = files
    both = package.validate(data, shapes=shapes, focus=["ex:one", "http://ex.org/two"])
    assert {r.focus for r in both} == {EX("one"), EX("two")}
    assert both.focus_nodes == 2
    one = package.Graph().load(data).validate(shapes, focus="ex:two")
    assert [(r.focus, r.shape) for r in one] == [(EX("two"), EX("name"))]
    # What is judged within a focus node is judged too: here a value of a longer path.
    assert package.validate(data, shapes=shapes, focus="ex:four").count("violation") >= 1
    assert package.dataset().validate(focus="city/fi-espoo").focus_nodes
    with pytest.raises(ParameterError, match=r"no node 'ex:tow'(?s:.*)Did you mean ex:two"):
        package.Graph().load(data).validate(shapes, focus="ex:tow")


def test_only_some_shapes_judge_and_what_they_refer_to(files: tuple[Path, Path]) -> None:
    data, shapes = files
    whole = package.validate(data, shapes=shapes)
    for name in ("name", "size", "back", "deep"):
        part = package.validate(data, shapes=shapes, shape=f"ex:{name}")
        # Blank nodes without labels get others each time.
        assert [r.order[:5] for r in part] == [r.order[:5] for r in whole if r.shape == EX(name)]
        graph = part.as_tuple()[1]
        assert len(list(graph.subjects(rdflib.RDF.type, rdflib.SH.ValidationResult))) == len(part)
    assert package.validate(data, shapes=shapes, shape="ex:Shape").counts() == whole.counts()
    with pytest.raises(ShapesError, match=r"no shape 'ex:nam'(?s:.*)Did you mean ex:name"):
        package.validate(data, shapes=shapes, shape="ex:nam")


def test_a_shape_without_targets_judges_the_nodes_that_are_named() -> None:
    shapes = b"""@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix ex: <http://ex.org/> .
    ex:s a sh:NodeShape ; sh:property [ sh:path ex:p ; sh:minCount 1 ] ."""
    data = b"<http://ex.org/a> a <http://ex.org/C> . <http://ex.org/b> a <http://ex.org/C> ."
    with pytest.raises(ShapesError, match="has no target"):
        package.validate(data, format="ttl", shapes=[shapes], shape="ex:s")
    (result,) = package.validate(data, format="ttl", shapes=[shapes], shape="ex:s", focus="ex:b")
    assert result.focus == EX("b")


def test_a_deactivated_shape_that_is_asked_for_is_an_error() -> None:
    shapes = b"""@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix ex: <http://ex.org/> .
    ex:s a sh:NodeShape ; sh:targetNode ex:a ; sh:deactivated true ; sh:nodeKind sh:Literal ."""
    with pytest.raises(ShapesError, match="deactivated"):
        package.validate(b"", format="ttl", shapes=[shapes], shape="ex:s")


def test_a_focus_node_that_no_shape_targets_is_not_said_to_pass_in_silence(
    files: tuple[Path, Path],
) -> None:
    report = package.validate(files[0], shapes=files[1], focus="ex:City")
    assert report.judged_nothing
    assert "no focus node that was asked for is a target of any shape" in report.to_text()


def test_advanced_shapes_are_narrowed_too() -> None:
    shapes = b"""@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix ex: <http://ex.org/> .
    ex:s a sh:NodeShape ; sh:targetClass ex:C ; sh:property ex:p , ex:q ;
        sh:rule [ a sh:TripleRule ; sh:subject sh:this ; sh:predicate ex:r ; sh:object 1 ] .
    ex:p sh:path ex:p ; sh:minCount 1 . ex:q sh:path ex:q ; sh:minCount 1 ."""
    data = b"<http://ex.org/a> a <http://ex.org/C> . <http://ex.org/b> a <http://ex.org/C> ."
    assert len(package.validate(data, format="ttl", shapes=[shapes])) == 4
    (one,) = package.validate(data, format="ttl", shapes=[shapes], shape="ex:q", focus="ex:b")
    assert (one.focus, one.shape) == (EX("b"), EX("q"))


BOTH = b"""@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix ex: <http://ex.org/> .
    ex: sh:declare [ sh:prefix "ex" ; sh:namespace "http://ex.org/" ] .
    ex:plain sh:targetClass ex:C ; sh:property [ sh:path ex:p ; sh:minCount 1 ] .
    ex:asked sh:target [ a sh:SPARQLTarget ; sh:prefixes ex: ;
        sh:select "SELECT ?this { ?this a ex:C }" ] ; sh:property [ sh:path ex:q ; sh:minCount 1 ] .
    ex:still sh:targetClass ex:C ; sh:deactivated true ; sh:nodeKind sh:Literal ; sh:expression [] .
"""


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, {"asked a", "asked b", "plain a", "plain b"}),
        ({"shape": "ex:asked"}, {"asked a", "asked b"}),
        ({"shape": "ex:plain", "focus": "ex:b"}, {"plain b"}),
        ({"focus": "ex:a"}, {"asked a", "plain a"}),
    ],
)
def test_both_engines_are_narrowed_together(asked: dict[str, str], found: set[str]) -> None:
    data = b"<http://ex.org/a> a <http://ex.org/C> . <http://ex.org/b> a <http://ex.org/C> ."
    report = package.validate(data, format="ttl", shapes=[BOTH], **asked)
    about = rdflib.Graph().parse(data=BOTH, format="turtle")
    owners = {
        path: str(shape).rpartition("/")[2]
        for shape, part in about.subject_objects(rdflib.SH.property)
        for path in about.objects(part, rdflib.SH.path)
    }
    said = {f"{owners[rdflib.URIRef(r.path.strip('<>'))]} {r.focus[-2]}" for r in report if r.path}
    assert said == found
    assert len(report) == len(found)
    conforms, graph, _ = report.as_tuple()
    (node,) = graph.subjects(rdflib.RDF.type, rdflib.SH.ValidationReport)
    assert len(list(graph.objects(node, rdflib.SH.result))) == len(found)
    assert not conforms
    assert [str(o) for o in graph.objects(node, rdflib.SH.conforms)] == ["false"]
    assert ("pySHACL" in report.engine) is ("asked" in str(found))
    assert not any("still" in shape for shape in report.engines)


def test_an_advanced_shape_without_targets_judges_the_nodes_that_are_named() -> None:
    shapes = b"""@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix ex: <http://ex.org/> .
    ex:s a sh:NodeShape ; sh:expression [ sh:path ex:ready ] .
    ex:o sh:targetClass ex:C ; sh:nodeKind sh:Literal ."""
    data = (
        b"""@prefix ex: <http://ex.org/> . ex:a ex:ready false . ex:b a ex:C ; ex:ready false ."""
    )
    wanted = {"shape": "ex:s", "focus": "ex:b"}
    (one,) = package.validate(data, format="ttl", shapes=[shapes], **wanted)
    assert (one.focus, one.shape) == (EX("b"), EX("s"))


@pytest.mark.parametrize("limit", [0, 1, 3, 100])
def test_a_limit_keeps_the_worst_and_counts_all(files: tuple[Path, Path], limit: int) -> None:
    data, shapes = files
    whole = package.validate(data, shapes=shapes)
    part = package.validate(data, shapes=shapes, limit=limit)
    assert [r.order[:5] for r in part] == [r.order[:5] for r in whole][:limit]
    assert part.counts() == whole.counts()
    assert part.counts_by_shape() == whole.counts_by_shape()
    assert (part.total, part.conforms, bool(part)) == (whole.total, False, False)
    assert (f"Shown: {limit} of {whole.total} results." in part.to_text()) is (limit < whole.total)
    graph = rdflib.Graph().parse(data=part.serialize("turtle"))
    assert len(list(graph.subjects(rdflib.RDF.type, rdflib.SH.ValidationResult))) == len(part)
    (conforms,) = graph.objects(None, rdflib.SH.conforms)
    assert conforms.toPython() is False
    assert len(list(csv.DictReader(io.StringIO(part.serialize("csv"))))) == len(part)


def test_a_severity_hides_milder_results_and_still_counts_them(files: tuple[Path, Path]) -> None:
    part = package.validate(files[0], shapes=files[1], severity="warning")
    assert {r.severity for r in part} == {"violation", "warning"}
    assert part.count("info") == 1
    with pytest.raises(LcgraphError, match="Did you mean warning"):
        package.validate(files[0], shapes=files[1], severity="warnin")
    with pytest.raises(LcgraphError, match="negative"):
        package.validate(files[0], shapes=files[1], limit=-1)


def test_progress_tells_each_phase_and_each_shape(files: tuple[Path, Path]) -> None:
    told: list[tuple[str, int, int]] = []
    package.validate(files[0], shapes=files[1], progress=lambda *step: told.append(step))
    phases = list(dict.fromkeys(name for name, _, _ in told))
    assert phases == ["read", "read shapes", "columns", "judge", "locate"]
    assert ("judge", 0, 5) in told  # one shape, with the four that stand within it


# ---------- forms ----------


def nasty() -> Report:
    """A report of results that no form may choke on."""
    results = (
        Result("violation", "50% of\r\nit, all: bad\x1b[31m\x00", EX("a,b%"), None, '"\\u0000"',
               "_:b0", "http://www.w3.org/ns/shacl#InConstraintComponent",
               "a folder/ü,x:y%.ttl", 3, 6, 'ex:a\t"ü\x1b[2J" .'),
        Result("http://ex.org/Grave", "", "_:b1", f"^{EX('p')}", None, EX("s"), "http://ex.org/C"),
        Result("info", "<b>&\"'", EX("a"), EX("p"), '"x"@en', EX("s"), "http://ex.org/C", "<stdin>", 1),
    )  # fmt: skip
    return Report(results, ("x",), "e")


def test_an_unknown_form_is_met_with_the_nearest(report: Report) -> None:
    with pytest.raises(LcgraphError, match="Did you mean sarif"):
        report.serialize("sarfi")


@pytest.mark.parametrize("format", FORMATS)
def test_the_same_data_give_the_same_bytes(files: tuple[Path, Path], format: str) -> None:
    data = files[0]
    data.write_text(
        DATA["turtle"].replace("[] ex:of", "ex:x ex:of").replace("[ ex:b", "_:b , [ ex:b")
    )
    written = {package.validate(data, shapes=files[1]).serialize(format) for _ in range(2)}
    assert format in ("json", "csv") or len(written) == 1  # these two show labels of blank nodes


def test_json_keeps_to_its_schema(report: Report) -> None:
    schema = json.loads(resources.report_schema().read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    limited = package.validate(DATA["turtle"].encode(), shapes="quality", format="ttl", limit=1)
    for one in (report, nasty(), limited, package.dataset().validate(limit=3)):
        validator.validate(json.loads(one.serialize("json")))
    wrong = json.loads(report.serialize("json")) | {"version": 1}
    assert list(validator.iter_errors(wrong))


def sarif(report: Report) -> Any:
    """The report as SARIF, held against models made from the official schema."""
    text = report.serialize("sarif")
    Sarif.model_validate_json(text)
    return json.loads(text)["runs"][0]


def test_sarif_has_a_rule_for_each_shape_and_the_place_of_each_result(report: Report) -> None:
    run = sarif(report)
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert rules == sorted(f"http://ex.org/{n}" for n in ("Shape", "name", "size", "back", "deep"))
    for result, mine in zip(run["results"], report, strict=True):
        assert rules[result["ruleIndex"]] == result["ruleId"] == mine.shape[1:-1]
        assert result["level"] == {"violation": "error", "warning": "warning", "info": "note"}[
            mine.severity
        ]  # fmt: skip
        place = result["locations"][0]["physicalLocation"]
        assert place["region"]["startLine"] == mine.line
        assert place["region"]["startColumn"] == mine.column
        assert place["artifactLocation"]["uri"] == Path(str(mine.file)).as_uri()
    odd = sarif(nasty())
    uris = [
        r["locations"][0].get("physicalLocation", {}).get("artifactLocation")
        for r in odd["results"]
    ]
    assert uris == [{"uri": "a%20folder/%C3%BC%2Cx%3Ay%25.ttl"}, None, None]


def fingerprints(data: str, shapes: Path) -> list[str]:
    report = package.validate(data.encode(), shapes=shapes, format="ttl")
    return [r["partialFingerprints"]["lcgraphResult/v1"] for r in sarif(report)["results"]]


def test_sarif_fingerprints_outlive_moved_lines_and_tell_results_apart(
    files: tuple[Path, Path],
) -> None:
    before = fingerprints(DATA["turtle"], files[1])
    moved = DATA["turtle"].replace("ex:one a", "# a comment\n\nex:zero ex:p 1 .\nex:one a")
    assert set(fingerprints(moved, files[1])) == set(before)
    assert len(set(before)) == len(before)
    other = fingerprints(DATA["turtle"].replace('"big"', '"bigger"'), files[1])
    assert len(set(before) - set(other)) == 1


def test_junit_has_a_suite_for_each_file_of_shapes_and_a_case_for_each_shape(
    tmp_path: Path, files: tuple[Path, Path]
) -> None:
    def suites(report: Report, fail_on: str = "violation") -> dict[str, Any]:
        path = tmp_path / "report.xml"
        path.write_text(report.serialize("junit", fail_on=fail_on), "utf-8")
        return {suite.name: suite for suite in junitparser.JUnitXml.fromfile(str(path))}

    report = package.validate(files[0], shapes=files[1])
    (suite,) = suites(report).values()
    assert (suite.name, suite.tests, suite.failures) == (str(files[1]), 5, 2)
    cases = {case.name: case for case in suite}
    assert cases["http://ex.org/size"].is_passed
    assert "data.ttl:5:13: warning" in cases["http://ex.org/size"].system_out
    (failure,) = cases["http://ex.org/name"].result
    assert failure.message == "2 results: Give it one name."
    assert failure.text.count("data.ttl:") == 2
    assert next(iter(suites(report, "info").values())).failures == 4

    shipped = suites(package.dataset().validate())
    assert {"core/cities", "dataset/cities"} <= set(shipped)
    idle = package.validate(b"", format="ttl", shapes="core")
    skipped = {c.name for suite in suites(idle).values() for c in suite if c.is_skipped}
    assert skipped == {formats.short(shape) for shape in idle.focus_counts}
    messages = [r.message for suite in suites(nasty()).values() for c in suite for r in c.result]
    assert any("50% of" in message for message in messages)


def parsed(line: str) -> tuple[str, dict[str, str], str]:
    """A workflow command, read as GitHub's runner reads it."""
    command, properties, data = re.fullmatch(r"::(\w+) ([^\n]*?)::([^\n\r]*)", line).groups()  # type: ignore[union-attr]

    def plain(text: str, *more: tuple[str, str]) -> str:
        for code, character in (*more, ("%0D", "\r"), ("%0A", "\n"), ("%25", "%")):
            text = text.replace(code, character)
        return text

    pairs = (pair.partition("=") for pair in properties.split(","))
    found = {name: plain(value, ("%3A", ":"), ("%2C", ",")) for name, _, value in pairs}
    return command, found, plain(data)


def test_github_annotations_are_one_line_each_and_lose_nothing(report: Report) -> None:
    lines = [parsed(line) for line in report.serialize("github").split("\n")[:-1]]
    assert len(lines) == len(report)
    for (command, properties, message), result in zip(lines, report, strict=True):
        assert (
            command
            == {"violation": "error", "warning": "warning", "info": "notice"}[result.severity]
        )
        assert properties == {
            "file": result.file, "line": str(result.line), "col": str(result.column),
            "title": result.shape[1:-1],
        }  # fmt: skip
        assert message.startswith(result.message)
    (first, *rest) = nasty().serialize("github").split("\n")[:-1]
    assert parsed(first)[1]["file"] == "a folder/ü,x:y%.ttl"
    assert parsed(first)[2].startswith("50% of\r\nit, all: bad")
    assert all("file" not in parsed(line)[1] for line in rest)


@given(
    st.text(st.characters(exclude_categories=["Cs"])),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1),
)
def test_any_text_comes_through_annotations_and_xml(message: str, file: str) -> None:
    result = Result("warning", message, EX("a"), None, None, EX("s"), "http://ex.org/C", file, 1)
    report = Report((result,), ("x",), "e")
    (line, last) = exchange.to_github(report).split("\n")
    assert last == ""
    _, properties, said = parsed(line)
    assert properties.get("file", file) == file
    assert said.startswith(message)
    junitparser.JUnitXml.fromstring(exchange.to_junit(report).encode("utf-8"))
    Sarif.model_validate_json(exchange.to_sarif(report))


# ---------- what is wrong with the text of the data ----------


def with_findings(report: Report, *, lenient: bool = False) -> Report:
    """The report with two faults in the text of the data."""
    first = Finding(
        '"20I9" is no xsd:gYear', "a folder/ü.ttl", 3, 11, 'ex:a ex:y "20I9"^^xsd:gYear .',
        "Write four digits, as 2019.",
    )  # fmt: skip
    second = Finding('"a b\x1b[2J" is no IRI')
    return replace(report, findings=(first, second), lenient=lenient)


def test_findings_fail_unless_they_are_let_pass_and_do_not_touch_conforms(
    files: tuple[Path, Path],
) -> None:
    good = package.validate(b"", format="ttl", shapes=files[1])
    assert not good.fails()
    strict, lenient = with_findings(good), with_findings(good, lenient=True)
    assert strict.fails()
    assert not lenient.fails("info")
    assert strict.conforms
    assert bool(strict)
    assert strict.quads == good.quads
    assert strict.to_text().splitlines()[-1].startswith("does not pass: 2 lexical findings")
    assert "passes: 2 lexical findings (let pass)" in lenient.to_text()


def test_findings_are_in_every_form(report: Report, tmp_path: Path) -> None:
    said = with_findings(report)
    hint = "Write four digits, as 2019."
    for form in FORMATS:
        written = said.serialize(form)
        assert "20I9" in written, form
        assert hint in written, form
    assert "\x1b" not in said.serialize("text") + said.serialize("turtle")
    lines = said.to_text().splitlines()
    assert lines[0] == 'LEXICAL  a folder/ü.ttl:3:11: "20I9" is no xsd:gYear'
    assert lines[2].index("^") == lines[1].index('"20I9')
    assert isomorphic(
        rdflib.Graph().parse(data=said.serialize("turtle")),
        rdflib.Graph().parse(data=report.serialize("turtle")),
    )
    document = json.loads(said.serialize("json"))
    schema = json.loads(resources.report_schema().read_text("utf-8"))
    jsonschema.Draft202012Validator(schema).validate(document)
    assert [f["line"] for f in document["findings"]] == [3, None]
    assert document["found"] == len(report)
    rows = list(csv.DictReader(io.StringIO(said.serialize("csv"))))
    assert [(r["severity"], r["line"], r["column"]) for r in rows[:2]] == [
        ("lexical", "3", "11"),
        ("lexical", "", ""),
    ]
    assert len(rows) == len(report) + 2
    run = sarif(said)
    assert run["tool"]["driver"]["rules"][run["results"][0]["ruleIndex"]]["id"] == "lexical"
    assert [r["level"] for r in run["results"][:2]] == ["error", "error"]
    assert run["results"][0]["locations"][0]["physicalLocation"]["region"]["startColumn"] == 11
    path = tmp_path / "report.xml"
    path.write_text(said.serialize("junit"), "utf-8")
    suites = {suite.name: suite for suite in junitparser.JUnitXml.fromfile(str(path))}
    (case,) = suites["lexical"]
    assert suites["lexical"].failures == 1
    assert case.result[0].text.startswith("a folder/ü.ttl:3:11: ")
    command, properties, message = parsed(said.serialize("github").split("\n")[0])
    assert (command, properties["line"], properties["col"]) == ("error", "3", "11")
    assert message.endswith(hint)


# ---------- many results ----------


def many(number: int) -> Report:
    """Results that each say something else, and as many that say the same."""
    said = [
        Result("violation", f"No {n}.", EX(f"a{n}"), None, None, EX("own"), EX("C"), "f.ttl", n + 1)
        for n in range(number)
    ]
    same = [replace(r, message="Same.", shape=EX("same")) for r in said]
    return Report((*said, *same), ("x",), "e")


def test_the_text_of_many_results_is_short_and_says_how_to_see_the_rest() -> None:
    text = many(2_000).to_text()
    lines = text.splitlines()
    assert len(lines) < 1_500
    assert "… and 3,950 more results that say 1,951 other things" in lines
    assert lines[-1].startswith("All places: -f csv")
    same = Report(many(2_000).results[2_000:], ("x",), "e").to_text().splitlines()
    assert same[0] == "MUST  Same.  [http://ex.org/same] 2,000 results"
    assert "  … and 1,980 more" in same


def test_the_report_graph_is_made_when_it_is_asked_for(
    files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[bool] = []
    draw = reporting.graph
    monkeypatch.setattr(reporting, "graph", lambda *a, **k: made.append(True) or draw(*a, **k))
    report = package.validate(*files[:1], shapes=files[1])
    for form in FORMATS:
        if form != "turtle":
            report.serialize(form)
    assert not made
    assert report.quads
    assert report.quads is report.quads
    assert made == [True]


# ---------- text ----------


def test_the_text_shows_the_line_with_a_caret_under_the_token(report: Report) -> None:
    lines = report.to_text().splitlines()
    at = lines.index('        ex:size "big" .')
    assert lines[at - 1].endswith('data.ttl:5:13  http://ex.org/one  http://ex.org/size  "big"')
    assert lines[at + 1].index("^") == lines[at].index('"big"')


def test_a_caret_stands_under_the_token_behind_wide_characters() -> None:
    text = 'ex:a ex:p "東京" , "e\u0301" , "bad" .'
    result = Result(
        "violation",
        "m",
        EX("a"),
        EX("p"),
        '"bad"',
        EX("s"),
        "c",
        "f",
        1,
        text.index('"bad"') + 1,
        text,
    )
    shown, caret = formats.to_text(Report((result,), ("x",), "e")).splitlines()[2:4]
    assert cells_wide(caret[: caret.index("^")]) == cells_wide(shown[: shown.index('"bad"')])


def test_what_one_value_breaks_by_several_constraints_is_shown_once() -> None:
    shapes = b"""@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix ex: <http://ex.org/> .
    ex:s a sh:PropertyShape ; sh:targetNode ex:a ; sh:path ex:p ; sh:message "Wrong." ;
        sh:nodeKind sh:IRI ; sh:class ex:C ."""
    data = b'<http://ex.org/a> <http://ex.org/p> "x" .'
    text = package.validate(data, format="ttl", shapes=[shapes]).to_text()
    assert text.count('"x"  (breaks 2 constraints)') == 1


@pytest.mark.parametrize("width", [40, 80, 120])
def test_the_text_fits_the_terminal(width: int) -> None:
    for path in examples()[::12]:
        report = package.validate(path.read_bytes(), format="ttl", shapes=LAYERS)
        for line in formats.to_text(report, width=width).splitlines():
            # A word that is longer than the line stays whole.
            assert cells_wide(line) <= width or len(line.split()) <= 2, line


def test_what_data_say_to_a_terminal_is_not_obeyed() -> None:
    assert "\x1b" not in formats.to_text(nasty())


def screen(*arguments: str, cwd: Path, **environment: str) -> str:
    """What the command shows on a terminal of 80 columns."""
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "lcgraph", *arguments],
        stdout=follower,
        stderr=follower,
        cwd=cwd,
        env={**os.environ, "COLUMNS": "80", "TERM": "xterm", **environment},
    )
    os.close(follower)
    shown = b"".join(iter(lambda: read_some(leader), b""))
    process.wait(60)
    os.close(leader)
    return shown.decode()


def read_some(leader: int) -> bytes:
    try:
        return os.read(leader, 4096)
    except OSError:  # the other end is closed
        return b""


def test_colours_only_on_a_terminal_and_where_nobody_minds(
    lcgraph: Run, tmp_path: Path, files: tuple[Path, Path]
) -> None:
    arguments = ("validate", "data.ttl", "-s", str(files[1]))
    assert "\x1b[1;31mMUST" in screen(*arguments, cwd=tmp_path, NO_COLOR="")
    for shown in (
        screen(*arguments, cwd=tmp_path, NO_COLOR="1"),
        screen(*arguments, "--no-color", cwd=tmp_path),
        screen(*arguments, cwd=tmp_path, TERM="dumb"),
        lcgraph(*arguments).stdout,
    ):
        assert "MUST" in shown
        assert "\x1b" not in shown


# ---------- the command line ----------


def test_exit_codes_of_validate(lcgraph: Run, tmp_path: Path, files: tuple[Path, Path]) -> None:
    shapes = str(files[1])
    (tmp_path / "good.ttl").write_text(
        '<http://ex.org/a> a <http://ex.org/City> ; <http://ex.org/name> "A" .'
    )
    (tmp_path / "broken.ttl").write_text("<http://ex.org/a> a ")
    (tmp_path / "wrong.ttl").write_text(SHAPES.replace("sh:minCount 1", 'sh:minCount "one"'))
    assert lcgraph("validate", "good.ttl", "-s", shapes).returncode == 0
    assert lcgraph("validate", "data.ttl", "-s", shapes).returncode == 1
    for arguments, said in (
        (("broken.ttl", "-s", shapes), "broken.ttl:1:"),
        (("missing.ttl", "-s", shapes), "there is no such file"),
        (("good.ttl", "-s", "broken.ttl"), "not valid turtle"),
        (("good.ttl", "-s", "wrong.ttl"), "wrong.ttl:"),
        (("good.ttl", "-s", "missing.ttl"), "there is no such file"),
        (("data.ttl", "-s", shapes, "--focus", "ex:tow"), "Did you mean ex:two"),
        (("data.ttl", "-s", shapes, "--shape", "ex:siz"), "Did you mean ex:size"),
        (("data.ttl", "-s", shapes, "--limit", "-1"), "no number of results"),
        (("data.ttl", "-s", shapes, "--severity", "warnin"), "Did you mean warning"),
        (("data.ttl", "-s", shapes, "-w", "--fail-on", "info"), "contradict"),
        (("data.ttl", "-s", shapes, "-f", "junt"), "Did you mean junit"),
    ):
        done = lcgraph("validate", *arguments)
        assert (done.returncode, done.stdout) == (2, ""), arguments
        assert said in done.stderr


def test_what_is_shown_does_not_change_the_exit_code(
    lcgraph: Run, files: tuple[Path, Path]
) -> None:
    base = ("validate", "data.ttl", "-s", str(files[1]))
    hidden = lcgraph(*base, "--limit", "0")
    assert hidden.returncode == 1
    assert hidden.stdout.startswith("does not pass: ")
    mild = ("--shape", "ex:size")
    assert lcgraph(*base, *mild).returncode == 0
    assert lcgraph(*base, *mild, "--severity", "violation", "--fail-on", "warning").returncode == 1
    assert lcgraph(*base, *mild, "-w", "--allow-infos").returncode == 0
    one = lcgraph(*base, "--focus", "ex:two", "--json")
    assert [r["line"] for r in json.loads(one.stdout)["results"]] == [6]


@pytest.mark.parametrize("format", FORMATS)
def test_each_form_goes_to_standard_output_or_a_file(
    lcgraph: Run, tmp_path: Path, files: tuple[Path, Path], format: str
) -> None:
    base = ("validate", "data.ttl", "-s", str(files[1]), "-f", format)
    done = lcgraph(*base)
    assert done.returncode == 1
    assert done.stdout
    written = lcgraph(*base, "-o", "report")
    assert (written.returncode, written.stdout) == (1, "")
    assert "does not pass" in written.stderr
    assert (tmp_path / "report").stat().st_size > 0


def waiting(work: str, *, bar: bool = True) -> str:
    """A program that waits for some work, and shows a bar soon."""
    return (
        "import hashlib, sys, time\nfrom lcgraph.cli import waiting\n"
        f"waiting._PATIENCE = waiting._TICK = 0.02\n"
        f"def work(tell):\n    {work}\n"
        f"print(waiting.watched(work, {{'judge': 'judging'}}, bar={bar}))"
    )


def test_ctrl_c_ends_at_once_whatever_an_engine_is_doing() -> None:
    # Native code that lets other threads run and hears no signal, for minutes.
    busy = "print('go', flush=True); return hashlib.pbkdf2_hmac('sha256', b'', b'', 10**9)"
    process = subprocess.Popen(
        [sys.executable, "-c", waiting(busy)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"go\n"
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)
    assert (process.returncode, said) == (130, b"")


def test_ctrl_c_ends_validate_with_130(tmp_path: Path, files: tuple[Path, Path]) -> None:
    os.mkfifo(tmp_path / "pipe.ttl")
    with (
        subprocess.Popen(
            [sys.executable, "-m", "lcgraph", "validate", "pipe.ttl", "-s", str(files[1])],
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as process,
        (tmp_path / "pipe.ttl").open("wb"),
    ):  # opens once validate reads it
        process.send_signal(signal.SIGINT)
        done = process.communicate(timeout=30)
    assert (process.returncode, *done) == (130, b"", b"")


def test_a_bar_is_shown_on_a_terminal_only_and_wiped() -> None:
    slow = "tell('judge', 3, 7); time.sleep(0.5); return 'done'"

    def run(*, bar: bool) -> str:
        leader, follower = pty.openpty()
        termios.tcsetwinsize(follower, (24, 80))
        process = subprocess.Popen(
            [sys.executable, "-c", waiting(slow, bar=bar)], stdout=subprocess.PIPE, stderr=follower
        )
        os.close(follower)
        shown = b"".join(iter(lambda: read_some(leader), b""))
        os.close(leader)
        answer, _ = process.communicate(timeout=30)
        assert answer == b"done\n"
        return shown.decode()

    shown = run(bar=True)
    assert "judging" in shown
    assert "3/7" in shown
    assert shown.rstrip("\r").rpartition("\r")[2].strip() == ""
    assert run(bar=False) == ""
    piped = subprocess.run(
        [sys.executable, "-c", waiting(slow)], capture_output=True, text=True, check=True
    )
    assert (piped.stdout, piped.stderr) == ("done\n", "")


def test_an_error_of_the_work_is_raised_to_who_waits() -> None:
    from lcgraph.cli.waiting import watched

    def work(tell: Callable[[str, int, int], None]) -> None:
        tell("read", 0, 0)
        raise LcgraphError("no")

    with pytest.raises(LcgraphError, match="no"):
        watched(work, {}, bar=False)
