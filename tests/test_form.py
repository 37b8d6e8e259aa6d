"""What a query can see is known only where its form shows it; all else is given all of the data."""

from __future__ import annotations

import pytest

from lcgraph.shacl import form, grammar

EX = {"ex": "http://ex.org/"}
TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
GIVEN = frozenset(["this"])


def sight(text: str) -> form.Sight | None:
    read = grammar.read(text, EX)
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
            "SELECT $this { ?s ex:s $this . { ?s ?p ?o } UNION { ?s ex:t ?o } }",
            form.Sight(names("st"), subjects=names("s")),
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
        # With a node that has no triple, OPTIONAL and NOT EXISTS find nothing where all would.
        "SELECT $this { $this ex:s ?s OPTIONAL { ?a ex:q ?b OPTIONAL { ?s ?p ?o } } }",
        "SELECT $this { OPTIONAL { ?s ?p ?o } $this ex:s ?s }",
        "SELECT $this { BIND (EXISTS { ?s ?p ?o } AS ?e) $this ex:s ?s }",
        "SELECT $this { $this ex:s ?s { ?a ex:q ?b FILTER NOT EXISTS { ?s ?p ?o } } }",
        "SELECT $this { $this ex:p ?x . ?y ex:q* ?z }",
        "SELECT $this { $this ex:p ?x { ?x ex:q* ?z } }",
        "SELECT $this { $this $PATH ?x . ?z $PATH ?y }",
    ],
)
def test_whatever_else_sees_everything(text: str) -> None:
    assert sight(text) is None


@pytest.mark.parametrize(
    ("text", "nodes"),
    [
        ("SELECT $this { $this ex:p* ?x }", {"this"}),
        ("SELECT $this { $this ex:p* ex:a }", {"this", "<http://ex.org/a>"}),
        ("SELECT $this { ?x (ex:p|ex:q)? 1 }", {'"1"^^<http://www.w3.org/2001/XMLSchema#integer>'}),
        ("SELECT $this { $this ex:q ?x . ?x ex:p* ex:a }", set()),
        ("SELECT $this { $this ex:q ?x OPTIONAL { $this ex:p* ?y } }", {"this"}),
        ("SELECT $this { $this ex:q/ex:p* ?x }", set()),
        ("SELECT $this { ?x ex:p* ?y }", set()),
    ],
)
def test_what_a_path_of_no_length_leads_to_itself(text: str, nodes: set[str]) -> None:
    found = grammar.read(text, EX)
    assert found is not None
    assert found.nodes(GIVEN) == nodes
