"""Writing: the same graph always gives the same bytes, and nothing of it is lost."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import given
from hypothesis import strategies as st
from rdflib.compare import isomorphic

from lcgraph import api, reading, resources, syntaxes, writing
from lcgraph.errors import LimitError, WriteError

if TYPE_CHECKING:
    import random

XSD = "http://www.w3.org/2001/XMLSchema#"
PREFIXES = {"ex": "http://ex.org/", "x": "http://ex.org/x#", "xsd": XSD}

iris = st.sampled_from(
    [
        "http://ex.org/a",
        "http://ex.org/b.c",
        "http://ex.org/x#1",
        "http://ex.org/é",
        "urn:x:%20",
        "http://ex.org/",
        "http://ex.org/a/b",
        "http://ex.org/-x",
        "http://ex.org/end.",
    ]
).map(ox.NamedNode)
predicates = st.sampled_from(
    ["http://ex.org/p", "http://ex.org/x#q", "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"]
    + [f"http://www.w3.org/1999/02/22-rdf-syntax-ns#{name}" for name in ("first", "rest")]
).map(ox.NamedNode)
blanks = st.sampled_from("abcdef").map(ox.BlankNode)
texts = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12)
literals = st.one_of(
    texts.map(ox.Literal),
    st.builds(
        lambda text, tag: ox.Literal(text, language=tag), texts, st.sampled_from(["en", "zh-hant"])
    ),
    st.builds(
        lambda text, kind: ox.Literal(text, datatype=ox.NamedNode(kind)),
        st.one_of(
            texts, st.sampled_from(["1", "-01", "+2", "1.50", ".5", "1e0", "1.0E+2", "true"])
        ),
        st.sampled_from([XSD + n for n in ("integer", "decimal", "double", "boolean", "date")]),
    ),
)
nil = st.just(ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#nil"))
triples = st.builds(
    ox.Quad, st.one_of(iris, blanks), predicates, st.one_of(iris, blanks, literals, nil)
)
quads = st.builds(
    ox.Quad,
    st.one_of(iris, blanks),
    predicates,
    st.one_of(iris, blanks, literals),
    st.one_of(st.just(ox.DefaultGraph()), iris),
)


def same_graph(left: list[ox.Quad], right: list[ox.Quad]) -> bool:
    """Isomorphism by RDFC-1.0, which our writer did not make."""
    forms = []
    for quads_of_one in (left, right):
        dataset = ox.Dataset(quads_of_one)
        dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
        forms.append(set(map(str, dataset)))
    return forms[0] == forms[1]


@given(st.lists(triples, max_size=12), st.randoms(use_true_random=False))
def test_turtle_is_canonical_whatever_the_order(
    graph: list[ox.Quad], shuffle: random.Random
) -> None:
    text = writing.serialize(graph, syntaxes.TURTLE, PREFIXES)
    read = reading.read(text, format="turtle")
    assert same_graph(graph, read.quads)
    assert writing.serialize(read.quads, syntaxes.TURTLE, PREFIXES) == text
    shuffled = list(graph)
    shuffle.shuffle(shuffled)
    assert writing.serialize(shuffled, syntaxes.TURTLE, PREFIXES) == text


@given(st.lists(quads, max_size=10))
def test_trig_and_nquads_are_canonical(graph: list[ox.Quad]) -> None:
    for syntax in (syntaxes.TRIG, syntaxes.NQUADS):
        text = writing.serialize(graph, syntax, PREFIXES)
        read = reading.read(text, format=syntax.name)
        assert same_graph(graph, read.quads)
        assert writing.serialize(read.quads, syntax, PREFIXES) == text


# rdflib rewrites odd numbers when it reads them, so it can only judge those that it leaves alone.
plain_triples = st.builds(
    ox.Quad,
    st.one_of(iris, blanks),
    predicates,
    st.one_of(
        iris,
        blanks,
        nil,
        texts.map(ox.Literal),
        st.integers().map(lambda n: ox.Literal(str(n), datatype=ox.NamedNode(XSD + "integer"))),
    ),
)


@given(st.lists(plain_triples, max_size=8))
def test_rdflib_reads_the_turtle_as_the_same_graph(graph: list[ox.Quad]) -> None:
    turtle = writing.serialize(graph, syntaxes.TURTLE, PREFIXES).decode()
    lines = writing.serialize(graph, syntaxes.NTRIPLES).decode()
    assert isomorphic(
        rdflib.Graph().parse(data=turtle, format="turtle"),
        rdflib.Graph().parse(data=lines, format="ntriples"),
    )


XML_TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=12)


@given(
    st.lists(
        st.builds(
            ox.Quad,
            st.one_of(iris, blanks),
            st.sampled_from(["http://ex.org/p", "http://ex.org/x#q"]).map(ox.NamedNode),
            st.one_of(iris, blanks, XML_TEXT.map(ox.Literal)),
        ),
        max_size=8,
    )
)
def test_rdfxml_says_the_same_graph(graph: list[ox.Quad]) -> None:
    text = writing.serialize(graph, syntaxes.RDFXML, PREFIXES)
    assert same_graph(graph, reading.read(text, format="rdfxml").quads)
    assert writing.serialize(reversed(graph), syntaxes.RDFXML, PREFIXES) == text


def test_a_changed_fact_changes_its_own_line() -> None:
    document = reading.read(resources.data_dir() / "espoo-2015.ttl")
    before = writing.serialize(document.quads, syntaxes.TURTLE, document.prefixes).splitlines()
    index = next(i for i, q in enumerate(document.quads) if q.predicate.value.endswith("motto"))
    old = document.quads[index]
    document.quads[index] = ox.Quad(old.subject, old.predicate, ox.Literal("Other", language="en"))
    after = writing.serialize(document.quads, syntaxes.TURTLE, document.prefixes).splitlines()
    assert len(before) == len(after)
    assert sum(a != b for a, b in zip(before, after, strict=True)) == 1


def test_lists_and_nested_nodes_are_written_as_such() -> None:
    turtle = b'@prefix ex: <http://ex.org/> .\nex:a ex:p [ ex:q ( 1 "b"@en [] ) ; ex:r () ] .\n'
    text = writing.serialize(reading.read(turtle).quads, syntaxes.TURTLE, PREFIXES).decode()
    assert '( 1 "b"@en [] )' in text
    assert "ex:r ()" in text
    assert "_:" not in text


def test_only_prefixes_in_use_are_declared_and_only_those_given() -> None:
    document = reading.read(
        b"@prefix ex: <http://ex.org/> . ex:a ex:b <http://www.w3.org/ns/org#c> ."
    )
    text = writing.serialize(
        document.quads, syntaxes.TURTLE, {**document.prefixes, "no": "http://no/"}
    )
    assert (
        text == b"@prefix ex: <http://ex.org/> .\n\nex:a\n    ex:b <http://www.w3.org/ns/org#c> .\n"
    )


def test_what_a_syntax_cannot_hold_is_refused_by_name() -> None:
    named = [ox.Quad(*[ox.NamedNode(f"http://ex.org/{n}") for n in "abcd"])]
    for syntax in (syntaxes.TURTLE, syntaxes.NTRIPLES, syntaxes.RDFXML):
        with pytest.raises(WriteError, match="named graphs"):
            writing.serialize(named, syntax)
    digits = [ox.Quad(*[ox.NamedNode(f"http://ex.org/{n}") for n in ("a", "1", "c")])]
    with pytest.raises(WriteError, match="name of an element"):
        writing.serialize(digits, syntaxes.RDFXML)


def test_a_canonicalisation_bomb_is_refused_at_once_and_long_chains_are_not() -> None:
    nodes = [ox.BlankNode(f"n{i}") for i in range(14)]
    edge = ox.NamedNode("http://ex.org/p")
    with pytest.raises(LimitError, match="14 linked blank nodes"):
        writing.serialize([ox.Quad(a, edge, b) for a in nodes for b in nodes], syntaxes.TURTLE)
    chain = b"".join(b'_:n%d <x:p> _:n%d ; <x:v> "%d" .\n' % (i, i + 1, i) for i in range(2000))
    quads_of_chain = reading.read(chain, format="ttl").quads
    text = writing.serialize(quads_of_chain, syntaxes.TURTLE)
    assert same_graph(quads_of_chain, reading.read(text, format="ttl").quads)


@pytest.mark.parametrize("target", ["ttl", "trig", "nt", "nq", "rdf", "jsonld"])
def test_the_article_goes_through_every_syntax_and_comes_back(target: str) -> None:
    source = resources.data_dir() / "espoo-2015.ttl"
    turtle = api.convert(source)
    other = api.convert(source, format=target)
    back = reading.read(other, format=target)
    prefixes = reading.read(source).prefixes
    assert writing.serialize(back.quads, syntaxes.TURTLE, prefixes) == turtle
    assert api.convert(other, format=target, input_format=target) == other or target == "rdf"


def test_two_hash_seeds_give_the_same_bytes() -> None:
    code = (
        "import sys, lcgraph; g = lcgraph.dataset(); "
        "[sys.stdout.buffer.write(g.serialize(f)) for f in ('turtle', 'trig', 'jsonld', 'rdfxml')]"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1
    assert len(outputs.pop()) > 100_000


def test_long_lists_are_written_at_once_whatever_they_hold() -> None:
    same = b"<http://a> <http://b> ( " + b"0 " * 3000 + b") ."
    nodes = b"<http://a> <http://b> ( " + b"[ <http://n> 1 ] " * 1500 + b") ."
    for text in (same, nodes):
        document = reading.read(text, format="turtle")
        turtle = writing.serialize(document.quads, syntaxes.TURTLE)
        again = reading.read(turtle, format="turtle")
        assert writing.serialize(again.quads, syntaxes.TURTLE) == turtle
        lines = writing.serialize(document.quads, syntaxes.NTRIPLES)
        assert lines == writing.serialize(again.quads, syntaxes.NTRIPLES)


def test_nodes_that_only_their_places_tell_apart_get_the_same_labels_each_time() -> None:
    """Two circles of three that touch nothing else, in any order of reading."""
    lines = [f"_:{ring}{i} <http://p> _:{ring}{(i + 1) % 3} .\n" for ring in "ab" for i in range(3)]
    texts = {
        writing.serialize(
            reading.read("".join(order).encode(), format="nt").quads, syntaxes.NTRIPLES
        )
        for order in (lines, lines[::-1], lines[3:] + lines[:3])
    }
    assert len(texts) == 1


@pytest.mark.parametrize(
    "turtle",
    [
        "<http://a> a <http://b/1> .",
        "<http://a> a <http://www.w3.org/1999/02/22-rdf-syntax-ns#Description> .",
        "<http://a> a _:b .",
        '<http://a> <http://b/c> "\\u0001" .',
        '<http://a> <http://b/c> "\\uFFFE" .',
    ],
)
def test_what_xml_cannot_say_is_refused(turtle: str) -> None:
    quads = reading.read(turtle.encode(), format="turtle").quads
    with pytest.raises(WriteError, match="RDF/XML cannot"):
        writing.serialize(quads, syntaxes.RDFXML)
