"""Our results are pySHACL's, on data and shapes that hypothesis makes up, on our own shapes and on
the W3C's cases; where they are not, docs/decisions/0005-where-pyshacl-differs.md says why."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
import pyshacl
import pytest
from conftest import examples
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from shacl_strategies import data_graphs, odd_shapes_graphs, ordered_cases, shapes_graphs

from lcgraph import reading
from lcgraph.errors import ShapesError
from lcgraph.shacl import parsing, reference
from lcgraph.shacl.validate import judge_shapes

if TYPE_CHECKING:
    from collections.abc import Iterable

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
SH = "http://www.w3.org/ns/shacl#"
ROOT = Path(__file__).resolve().parents[1]
SUITE = ROOT.parent / "shared" / "suites" / "w3c-shacl" / "tests"
#: Cases that pySHACL fails.
W3C_APART: frozenset[str] = frozenset()
thorough = settings(
    max_examples=examples(80),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def results_of(quads: Iterable[ox.Quad]) -> Counter[tuple[Any, ...]]:
    """The results of a report graph: how often each focus node, path, value, component, shape and
    severity is reported. A blank node of the shapes has no name that both engines keep."""
    about: dict[Any, dict[str, list[Any]]] = {}
    for quad in quads:
        about.setdefault(quad.subject, {}).setdefault(quad.predicate.value, []).append(quad.object)

    def path(node: Any) -> Any:
        described = about.get(node, {})
        if isinstance(node, ox.NamedNode) or not described:
            return str(node)
        return tuple(sorted((name, path(v[0])) for name, v in described.items()))

    def one(node: dict[str, list[Any]], name: str) -> str | None:
        (value,) = node.get(SH + name, [None])
        return None if value is None else str(value)

    found: Counter[tuple[Any, ...]] = Counter()
    for report in [node for node in about.values() if SH + "conforms" in node]:
        for result in report.get(SH + "result", []):
            node = about[result]
            shape = one(node, "sourceShape") or ""
            paths = node.get(SH + "resultPath")
            found[
                one(node, "focusNode"),
                path(paths[0]) if paths else None,
                one(node, "value"),
                (one(node, "sourceConstraintComponent") or "")[1:-1].removeprefix(SH),
                "_:" if shape.startswith("_:") else shape,
                one(node, "resultSeverity"),
            ] += 1
    return found


def both(data: bytes, shapes: bytes) -> tuple[Counter[Any], Counter[Any]]:
    """Our results and pySHACL's."""
    facts = reading.read(data, format="ttl", base="http://ex.org/case")
    rules = reading.read(shapes, format="ttl", base="http://ex.org/case")
    report = judge_shapes([facts.ntriples], parsing.parse_shapes([rules]))
    ours = results_of(report.quads)
    assert report.conforms is (not ours)
    _, quads = reference.judge(facts.quads, rules.quads)
    return ours, results_of(quads)


def assert_alike(data: str, shapes: str) -> None:
    ours, theirs = both(data.encode(), shapes.encode())
    assert ours - theirs == Counter(), "we report what pySHACL does not"
    assert theirs - ours == Counter(), "pySHACL reports what we do not"


@thorough
@given(data_graphs(), shapes_graphs())
def test_results_are_those_of_pyshacl(data: str, shapes: str) -> None:
    assert_alike(data, shapes)


@thorough
@given(ordered_cases())
def test_results_are_those_of_pyshacl_where_values_are_compared(case: tuple[str, str]) -> None:
    try:
        assert_alike(*case)
    except ShapesError as error:
        # pySHACL gives up on a blank node: docs/decisions/0005.
        assume("to compare a BlankNode" not in error.message)
        raise


PREFIXES = """
@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix ex: <http://ex.org/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
#: Where pySHACL differs, by name: values of ex:p (and other properties) of ex:a, what is asked of
#: them, and whether we report it.
DIFFERENCES = {
    "iri-not-ordered": ("ex:b ; ex:q ex:b", "sh:lessThanOrEquals ex:q", True),
    "blank-node-not-ordered": ("[] ; ex:q 1", "sh:lessThan ex:q", True),
    "language-not-ordered": ("'a'@en ; ex:q 'b'@en", "sh:lessThan ex:q", True),
    "nan": ("'NaN'^^xsd:double", "sh:maxInclusive 1e0", True),
    "zone-far": (
        "'2020-01-01T00:00:00'^^xsd:dateTime",
        "sh:minInclusive '2019-01-01T00:00:00Z'^^xsd:dateTime",
        False,
    ),
    "float-and-decimal": ("'0.1'^^xsd:float", "sh:maxInclusive 0.1", False),
    "year-of-five-digits": (
        "'12020-01-01'^^xsd:date",
        "sh:minInclusive '2019-01-01'^^xsd:date",
        False,
    ),
    "midnight-as-24": (
        "'2020-01-01T24:00:00'^^xsd:dateTime",
        "sh:minInclusive '2020-01-02T00:00:00'^^xsd:dateTime",
        False,
    ),
    "years": ("'2020'^^xsd:gYear", "sh:minInclusive '2019'^^xsd:gYear", False),
    "blank-around-number": ("' 1'^^xsd:integer", "sh:datatype xsd:integer", True),
    "word-without-underscore": ("'a_b'", r"sh:pattern '^\\w+$'", True),
    "end-before-line-break": (r"'a\n'", "sh:pattern '^a$'", True),
    "dot-and-carriage-return": (r"'a\rb'", "sh:pattern '^a.b$'", True),
    "name-classes": ("'abc'", r"sh:pattern '^\\i\\c*$'", False),
    "class-subtraction": ("'b'", "sh:pattern '^[a-z-[aeiou]]$'", False),
    "flag-x": ("'ab'", "sh:pattern '^a b$' ; sh:flags 'x'", False),
    "length-of-blank-node": ("[]", "sh:minLength 0", True),
}


@pytest.mark.parametrize("name", DIFFERENCES)
def test_where_pyshacl_differs_we_follow_the_specification(name: str) -> None:
    values, constraint, reported = DIFFERENCES[name]
    facts = reading.read(f"{PREFIXES} ex:a ex:p {values} .".encode(), format="ttl")
    rules = reading.read(
        f"""{PREFIXES} ex:S a sh:NodeShape ; sh:targetNode ex:a ; sh:property ex:P .
        ex:P a sh:PropertyShape ; sh:path ex:p ; {constraint} .""".encode(),
        format="ttl",
    )
    ours = judge_shapes([facts.ntriples], parsing.parse_shapes([rules]))
    assert ours.conforms is not reported
    try:
        _, theirs = reference.judge(facts.quads, rules.quads)
    except (ShapesError, re.error):
        return  # it gives up
    assert bool(results_of(theirs)) is not reported


def test_every_difference_is_written_down_and_shown() -> None:
    text = (ROOT / "docs" / "decisions" / "0005-where-pyshacl-differs.md").read_text()
    rows = dict(re.findall(r"^\| `([\w-]+)` \| (\w+) \|", text, re.MULTILINE))
    assert rows == {k: "reports" if v[2] else "accepts" for k, v in DIFFERENCES.items()}


def w3c_cases() -> list[Path]:
    """The W3C's cases of SHACL Core that have data and shapes in one file."""
    files = sorted((SUITE / "core").rglob("*.ttl")) if SUITE.is_dir() else []
    return [f for f in files if "sht:dataGraph <>" in f.read_text() and f.stem not in W3C_APART]


@pytest.mark.parametrize(
    "path",
    w3c_cases() or [pytest.param(SUITE, marks=pytest.mark.skip("the W3C SHACL suite is not here"))],
    ids=lambda path: path.stem,
)
def test_results_are_those_of_pyshacl_on_the_cases_of_the_w3c(path: Path) -> None:
    text = path.read_bytes()
    ours, theirs = both(text, text)
    assert ours == theirs


#: Our own shapes of Core, and data that keep to them and that break them.
OWN = reading.read_all(sorted((ROOT / "shapes" / "core").rglob("*.ttl")))
OWN_SHAPES = parsing.parse_shapes(OWN)
EXAMPLES = [reading.read(file).quads for file in sorted((ROOT / "tests" / "shapes").rglob("*.ttl"))]


@st.composite
def mutants(draw: st.DrawFn) -> list[ox.Quad]:
    """An example of which some triples were dropped, given another object or another predicate."""
    quads = list(draw(st.sampled_from(EXAMPLES)))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(quads) - 1))
        quad, other = quads[at], draw(st.sampled_from(quads))
        odd = ox.Literal(draw(st.sampled_from(["", "x", "2015-13-01", "1"])))
        quads[at] = draw(
            st.sampled_from(
                [
                    other,
                    ox.Quad(quad.subject, quad.predicate, other.object),
                    ox.Quad(quad.subject, other.predicate, quad.object),
                    ox.Quad(quad.subject, quad.predicate, odd),
                ]
            )
        )
    return quads


@settings(thorough, max_examples=examples(15))
@given(mutants())
def test_results_are_those_of_pyshacl_on_our_own_shapes(quads: list[ox.Quad]) -> None:
    facts = ox.serialize(quads, format=ox.RdfFormat.N_TRIPLES)
    report = judge_shapes([facts], OWN_SHAPES)
    _, theirs = reference.judge(quads, [quad for document in OWN for quad in document.quads])
    assert results_of(report.quads) == results_of(theirs)


#: The W3C's shapes for shapes, as pySHACL ships them.
SHAPES_FOR_SHAPES = parsing.parse_shapes(
    [reading.read(Path(pyshacl.__file__).with_name("assets") / "shacl-shacl.ttl")]
)
#: Rules that the W3C's shapes cannot say.
UNSAID = (
    "a property shape has no sh:path",
    "a node shape has an sh:path",
    "refers to itself",
    "goes in a circle",
    "takes a list, and this one",
    "is no path",
    "takes a shape, not the literal",
)


@settings(thorough, max_examples=examples(40))
@given(odd_shapes_graphs())
def test_shapes_are_refused_where_the_w3cs_shapes_for_shapes_find_a_fault(text: str) -> None:
    document = reading.read(text.encode(), format="ttl")
    faults = judge_shapes([document.ntriples], SHAPES_FOR_SHAPES)
    refusal = None
    refusal = None
    try:
        parsing.parse_shapes([document])
    except ShapesError as error:
        refusal = error
    if refusal is None or not any(words in refusal.message for words in UNSAID):
        assert faults.conforms is (refusal is None), refusal
    assert refusal is None or refusal.line is not None
