"""The query library as a whole: lint, test, export for SPARQL editors; answers that can be cited."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
import rdflib
import rdflib.plugins.sparql

import lcgraph
from lcgraph import lint, queries
from lcgraph.queries import Question

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., subprocess.CompletedProcess[str]]

GOOD = queries.load("award-winners").source

# What an example must be for the SIB tools: one query, a comment with a language, a target.
EXAMPLE_SHAPES = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix schema: <https://schema.org/> .
@prefix ex: <https://example.org/> .
ex:Example a sh:NodeShape ; sh:targetClass sh:SPARQLExecutable ;
    sh:property ex:comment , ex:target , ex:prefixes ;
    sh:xone ( ex:select ex:ask ex:construct ex:describe ) .
ex:comment sh:path rdfs:comment ; sh:minCount 1 ; sh:maxCount 1 ; sh:datatype rdf:langString .
ex:target sh:path schema:target ; sh:minCount 1 ; sh:nodeKind sh:IRI .
ex:prefixes sh:path ( sh:prefixes sh:declare sh:namespace ) ; sh:minCount 1 .
ex:select sh:path sh:select ; sh:minCount 1 ; sh:maxCount 1 .
ex:ask sh:path sh:ask ; sh:minCount 1 ; sh:maxCount 1 .
ex:construct sh:path sh:construct ; sh:minCount 1 ; sh:maxCount 1 .
ex:describe sh:path sh:describe ; sh:minCount 1 ; sh:maxCount 1 .
"""


def test_every_question_passes_lint_and_test(lcgraph: Run) -> None:
    for verb in ("lint", "test"):
        done = lcgraph("queries", verb)
        assert done.returncode == 0, done.stdout
        assert f"{len(queries.names())} questions pass" in done.stdout


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("#+ tags:", "#+ labels:", "tags must be the last"),
        ("#+ summary: Award winners of a year\n", "", "no summary"),
        ("#+ summary: Award", '#+ summary: "Award" or', "header is not YAML"),
        ("winners of a year\n", "winners # of a year\n", "on one line"),
        ("with its country, the", "as follows #the", "on one line"),
        ("#+ method: GET", "#+ endpoint: http://localhost/", "endpoint.txt"),
        ("#+   params:", "#+   tags:", "must not be called tags"),
        ("id: award-winners", "id: winners", "the name of the file"),
        ("expects: {columns", "expect: {columns", "what it expects"),
        ("#defaultView:Map\n", "", "own line after that of SELECT"),
        ("SELECT ?city", "  SELECT ?city", "begin its own line"),
        ("PREFIX skos: <http://www.w3.org/2004/02/skos/core#>\n", "", "skos: is not declared"),
        ("PREFIX skos:", "PREFIX un: <http://un/>\nPREFIX skos:", "un: is declared and not used"),
        ("ORDER BY", "LIMIT ?_limit_integer ORDER BY", "take no parameter"),
        ("#+   - year: 2015\n", "", "year has no default"),
        ("#+     year: The year that the edition is named after.\n", "", "year is not explained"),
        ("WHERE {", "WHERE {{", "not valid SPARQL"),
        ("SELECT ?city", "INSERT ?city", "is no query"),
    ],
)
def test_each_trap_is_found(old: str, new: str, said: str) -> None:
    assert old in GOOD
    assert lint.lint(Question("award-winners", GOOD)) == []
    found = lint.lint(Question("award-winners", GOOD.replace(old, new)))
    assert any(said in problem for problem in found), found


def test_an_answer_that_is_not_as_expected_is_found() -> None:
    empty = lcgraph.Graph()
    question = queries.load("award-winners")
    assert lint.test(question, empty) == ["0 rows, expected at least 1"]
    other = Question("award-winners", GOOD.replace("?lat ?long\n", "?long ?lat\n"))
    assert lint.test(other, lcgraph.dataset())[0].startswith("columns are city, name")


def test_the_export_is_what_sparql_editors_read(lcgraph: Run) -> None:
    done = lcgraph("queries", "export")
    graph = rdflib.Graph().parse(data=done.stdout)
    sh, schema = rdflib.SH, rdflib.Namespace("https://schema.org/")
    examples = set(graph.subjects(rdflib.RDF.type, sh.SPARQLExecutable))
    assert {str(e).rpartition("/")[2] for e in examples} == set(queries.names())
    store = _dataset().to_rdflib()
    for example in examples:
        text = str(graph.value(example, sh.select))
        assert not re.search(r"\?_[A-Za-z0-9]", text)
        rdflib.plugins.sparql.prepareQuery(text)
        assert graph.value(example, schema.target)
    assert len(store) > 1000


def test_the_export_conforms_to_what_an_example_must_be(tmp_path: Path) -> None:
    text = lint.to_sparql_examples(queries.load_all())
    shapes = tmp_path / "shapes.ttl"
    shapes.write_text(EXAMPLE_SHAPES)
    report = lcgraph.validate(text, shapes=shapes, format="turtle")
    assert report.conforms, report.to_text()
    broken = text.replace(b"rdfs:comment", b"rdfs:seeAlso", 1)
    assert not lcgraph.validate(broken, shapes=shapes, format="turtle").conforms


def _dataset() -> lcgraph.Graph:
    return lcgraph.dataset()


def test_an_answer_says_how_to_cite_it() -> None:
    graph = lcgraph.dataset()
    table = graph.query("award-winners", year=2015)
    text = table.cite()
    today = datetime.now(UTC).date().isoformat()
    version = graph.query("SELECT ?v { ?d a dcat:Dataset ; dcat:version ?v }").rows()[0][0]
    for part in (
        "the lcgraph contributors: Learning cities, version",
        str(version),
        "question award-winners (year=2015)",
        graph.digest(),
        f"{len(graph)} triples",
        "https://w3id.org/lcgraph/id/dataset/learning-cities",
    ):
        assert part in text
    assert today[:4] in text
    entry = table.cite("bibtex")
    assert entry.startswith("@misc{lcgraph-learning-cities-")
    assert "author = {{the lcgraph contributors}}" in entry
    with pytest.raises(lcgraph.QueryError, match="no form of citation"):
        table.cite("ris")
    with pytest.raises(lcgraph.QueryError, match="no graph"):
        lcgraph.Table(["a"], []).cite()


def test_the_hash_is_that_of_the_canonical_n_quads() -> None:
    from hashlib import sha256

    one = lcgraph.Graph().load(b"_:x <http://p> 1 . <http://a> <http://p> _:x .", format="ttl")
    two = lcgraph.Graph().load(b"<http://a> <http://p> [ <http://p> 1 ] .", format="ttl")
    canonical = (
        b"<http://a> <http://p> _:c14n0 .\n"
        b'_:c14n0 <http://p> "1"^^<http://www.w3.org/2001/XMLSchema#integer> .\n'
    )
    assert one.digest() == two.digest() == sha256(canonical).hexdigest()
