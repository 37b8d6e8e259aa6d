"""The W3C's own tests of SHACL Core and SHACL-SPARQL, read where the suite stands beside us."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import rdflib
from rdflib import RDF, BNode, Namespace, URIRef
from rdflib.compare import isomorphic

import lcgraph
from lcgraph import reading
from lcgraph.bridge import graph_to_rdflib
from lcgraph.shacl import parsing
from lcgraph.shacl.validate import judge_shapes

if TYPE_CHECKING:
    from rdflib.term import Node

SUITE = Path(__file__).resolve().parents[2] / "shared" / "suites" / "w3c-shacl" / "tests"
SH = rdflib.SH
MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
SHT = Namespace("http://www.w3.org/ns/shacl-test#")
# What the suite compares (its section "Validation"); messages only where the test has one.
COMPARED = (
    SH.focusNode,
    SH.resultPath,
    SH.resultSeverity,
    SH.sourceConstraint,
    SH.sourceConstraintComponent,
    SH.sourceShape,
    SH.value,
)


def cases() -> list[Path]:
    """The files of the suite that hold a test."""
    files = sorted(SUITE.rglob("*.ttl")) if SUITE.is_dir() else []
    return [path for path in files if "sht:Validate" in path.read_text(encoding="utf-8")]


def comparable(graph: rdflib.Graph, report: Node, *, messages: bool) -> rdflib.Graph:
    """The part of a report that the suite compares; blank nodes of the data are all alike."""
    out = rdflib.Graph()
    root = BNode()
    out.add((root, SH.conforms, graph.value(report, SH.conforms)))  # type: ignore[arg-type]

    def copied(node: Node) -> Node:
        if not isinstance(node, BNode):
            return node
        twin = BNode()
        for predicate, value in graph.predicate_objects(node):
            out.add((twin, predicate, copied(value)))
        return twin

    for result in graph.objects(report, SH.result):
        twin = BNode()
        out.add((root, SH.result, twin))
        for predicate in (*COMPARED, SH.resultMessage) if messages else COMPARED:
            for value in graph.objects(result, predicate):
                if predicate == SH.resultPath:
                    out.add((twin, predicate, copied(value)))
                else:
                    blank = rdflib.Literal("blank")
                    out.add((twin, predicate, blank if isinstance(value, BNode) else value))
    return out


def test_the_suite_is_all_here() -> None:
    if not SUITE.is_dir():
        pytest.skip("the W3C SHACL suite is not in ../shared beside this checkout")
    assert len(cases()) == 121


@pytest.mark.parametrize(
    "path",
    cases() or [pytest.param(SUITE, marks=pytest.mark.skip("the W3C SHACL suite is not here"))],
    ids=lambda path: str(path.relative_to(SUITE)),
)
def test_the_report_is_the_one_the_w3c_expects(path: Path) -> None:
    def read(file: Path) -> reading.Document:
        return reading.read(file, base=file.as_uri())

    def file_of(node: Node | None) -> Path:
        return Path(str(node).removeprefix("file://"))

    manifest = graph_to_rdflib(read(path).quads)
    tests = list(manifest.subjects(RDF.type, SHT.Validate))
    assert tests
    for test in tests:
        action, expected = manifest.value(test, MF.action), manifest.value(test, MF.result)
        assert isinstance(action, URIRef | BNode)
        data = read(file_of(manifest.value(action, SHT.dataGraph)))
        shapes = read(file_of(manifest.value(action, SHT.shapesGraph)))
        if expected == SHT.Failure:
            with pytest.raises(lcgraph.LcgraphError):
                judge_shapes([data.ntriples], parsing.parse_shapes([shapes]))
            continue
        assert expected is not None
        report = judge_shapes([data.ntriples], parsing.parse_shapes([shapes]))
        ours = graph_to_rdflib(report.quads)
        (root,) = ours.subjects(RDF.type, SH.ValidationReport)
        messages = any(
            manifest.value(result, SH.resultMessage)
            for result in manifest.objects(expected, SH.result)
        )
        assert isomorphic(
            comparable(manifest, expected, messages=messages),
            comparable(ours, root, messages=messages),
        )
