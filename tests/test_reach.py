"""What a query can see is known only where its form shows it; all else is given all of the data."""

from __future__ import annotations

import pytest

import lcgraph
from lcgraph.shacl.reach import predicates

EX = {"ex": "http://ex.org/"}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("SELECT $this WHERE { $this ex:p ?x . }", "p"),
        ("SELECT $this { $this ex:p ?x ; ex:q ?y , ex:z . ?y <http://ex.org/r> 'a'@en }", "pqr"),
        ("SELECT $this { $this ex:p ?x FILTER (?x > 3) BIND (str(?x) AS ?s) ?s ex:q true }", "pq"),
        ("SELECT $this { # ?any\n $this ex:p '1'^^ex:t ; . } ORDER BY ?x", "p"),
        ("ASK { FILTER (isIRI($value)) }", ""),
    ],
)
def test_plain_patterns_show_their_predicates(text: str, names: str) -> None:
    assert predicates(text, EX) == {f"<http://ex.org/{name}>" for name in names}


def test_the_type_is_a_predicate() -> None:
    found = predicates("SELECT $this { $this a ex:C }", EX)
    assert found == {"<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"}


@pytest.mark.parametrize(
    "text",
    [
        "SELECT $this { $this ?p ?x }",
        "SELECT $this { $this $PATH ?x }",
        "SELECT $this { $this ex:p/ex:q ?x }",
        "SELECT $this { $this ex:p* ?x }",
        "SELECT $this { $this !ex:p ?x }",
        "SELECT $this { $this ^ex:p ?x }",
        "SELECT $this { $this (ex:p|ex:q) ?x }",
        "SELECT $this { $this ex:p [ ?p ?x ] }",
        "SELECT $this { $this ex:p ( ?x ) }",
        "SELECT $this { $this ex:p ?x OPTIONAL { ?x ?p ?y } }",
        "SELECT $this { { $this ex:p ?x } UNION { $this ?p ?x } }",
        "SELECT $this { GRAPH $shapesGraph { $this ex:p ?x } }",
        "SELECT $this { $this ex:p ?x FILTER NOT EXISTS { ?x ?q ?y } }",
        "SELECT $this { $this ex:p ?x . $this other:q ?y }",
        "PREFIX ex: <http://elsewhere.org/> SELECT $this { $this ex:p ?x }",
        "SELECT $this FROM <http://g> { $this ex:p ?x }",
        "SELECT $this { $this ex:p ?x ",
        "SELECT $this { $this ex:\\u0070 ?x }",
        "SELECT $this { $this",
        "SELECT $this",
    ],
)
def test_whatever_else_sees_everything(text: str) -> None:
    assert predicates(text, EX) is None


@pytest.mark.parametrize("extra", ["", "OPTIONAL { $this ?any ?thing }"])
def test_the_answer_is_the_same_with_part_of_the_data_and_with_all(extra: str) -> None:
    shapes = f"""
        @prefix sh: <http://www.w3.org/ns/shacl#> .
        @prefix ex: <http://ex.org/> .
        ex: sh:declare [ sh:prefix "ex" ;
            sh:namespace "http://ex.org/"^^<http://www.w3.org/2001/XMLSchema#anyURI> ] .
        ex:S a sh:NodeShape ; sh:targetClass ex:C ; sh:sparql [ sh:prefixes ex: ; sh:select
            "SELECT DISTINCT $this ?value {{ $this ex:p ?value . {extra} FILTER (?value > 1) }}" ] .
    """
    data = b"""
        @prefix ex: <http://ex.org/> .
        ex:a a ex:C ; ex:p 1 , 2 ; ex:other 3 .
        ex:b a ex:C ; ex:p 0 ; ex:q 5 .
        ex:c ex:p 7 .
    """
    report = lcgraph.validate(data, shapes=shapes.encode())
    assert [(result.focus, result.value) for result in report] == [
        ("<http://ex.org/a>", '"2"^^<http://www.w3.org/2001/XMLSchema#integer>')
    ]
