"""What a query can see is known only where its form shows it; all else is given all of the data."""

from __future__ import annotations

import pytest

from lcgraph.shacl import form

EX = {"ex": "http://ex.org/"}
TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
GIVEN = frozenset(["this"])


def sight(text: str) -> form.Sight | None:
    read = form.read(text, EX)
    return None if read is None else read.sight(GIVEN)


def names(letters: str) -> frozenset[str]:
    return frozenset(f"<http://ex.org/{letter}>" for letter in letters)


@pytest.mark.parametrize(
    ("text", "predicates"),
    [
        ("SELECT $this WHERE { $this ex:p ?x . }", "p"),
        ("SELECT $this { $this ex:p ?x ; ex:q ?y , ex:z . ?y <http://ex.org/r> 'a'@en }", "pqr"),
        ("SELECT $this { $this ex:p ?x FILTER (?x > 3) BIND (str(?x) AS ?s) ?s ex:q true }", "pq"),
        ("SELECT $this { # ?any\n $this ex:p '1'^^ex:t ; . } ORDER BY ?x", "p"),
        ("SELECT $this { $this ex:p/^ex:q|(ex:r)+ [ ex:s -1.5e3 ] }", "pqrs"),
        ("SELECT $this { $this ex:p* ?x }", "p"),
        ("SELECT $this { $this ex:p ?x . ?x ex:q? ?y . ex:a ex:r* ?z }", "pqr"),
        (
            "SELECT $this { { $this ex:p ?x } UNION { $this ex:q ?x } OPTIONAL { ?x ex:r ?y } }",
            "pqr",
        ),
        (
            "SELECT $this { $this ex:p ?x FILTER NOT EXISTS { ?x ex:q ?y FILTER EXISTS { ?y ex:r 1 } } }",
            "pqr",
        ),
        ("SELECT $this { { SELECT $this { $this ex:p ?x } } GRAPH $g { ?x ex:q ?y } }", "p"),
        ("PREFIX e: <http://ex.org/> SELECT $this { $this e:p _:b . _:b e:q ?x }", "pq"),
        ("ASK { FILTER (isIRI($value)) }", ""),
    ],
)
def test_the_predicates_in_sight(text: str, predicates: str) -> None:
    assert sight(text) == form.Sight(names(predicates))


def test_the_type_is_a_predicate() -> None:
    assert sight("SELECT $this { $this a ex:C }") == form.Sight(frozenset([TYPE]))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT $this { $this ?p ?x . ?x ex:q 1 }", form.Sight(names("q"), GIVEN)),
        (
            "SELECT $this { $this ex:s ?s FILTER NOT EXISTS { ?s ?p ?o } }",
            form.Sight(names("s"), objects=names("s")),
        ),
        (
            "SELECT $this { ?s ex:s $this OPTIONAL { ?s ?p ?o } }",
            form.Sight(names("s"), subjects=names("s")),
        ),
    ],
)
def test_any_predicate_of_known_subjects(text: str, expected: form.Sight) -> None:
    assert sight(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "SELECT $this { ?x ?p $this }",
        "SELECT $this { $this ex:q ?y . ?x ?p ?y }",
        "SELECT $this { $this ex:p ?x OPTIONAL { ?z ex:q ?x } ?z ?p ?y }",
        "SELECT $this { $this ex:q ?x { SELECT $this ?x (COUNT(?p) AS ?n) { ?x ?p $this } } }",
        "SELECT $this { $this ^ex:q ?x . ?x ?p ?y }",
        "SELECT $this { $this ex:p ?x . ?y ex:q* ?z }",
        "SELECT $this { $this ex:p ?x { ?x ex:q* ?z } }",
        "SELECT $this { $this $PATH ?x . ?z $PATH ?y }",
    ],
)
def test_whatever_else_sees_everything(text: str) -> None:
    assert sight(text) is None
