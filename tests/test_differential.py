"""Our results are pySHACL's, on data and shapes that hypothesis makes up, on our own shapes and on
the W3C's cases; where they are not, tests/pyshacl_differs.md says why."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
import pyshacl
from hypothesis import HealthCheck, assume, given, settings
from shacl_strategies import data_graphs, odd_shapes_graphs, ordered_cases, shapes_graphs

from lcgraph import reading
from lcgraph.errors import ShapesError
from lcgraph.shacl import parsing, reference
from lcgraph.shacl.validate import judge_shapes

if TYPE_CHECKING:
    from collections.abc import Iterable

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
SH = "http://www.w3.org/ns/shacl#"
#: `make soak` asks for more examples than a test run has time for, other ones each time.
SOAK = int(os.environ.get("LCGRAPH_SOAK", "0"))
thorough = settings(
    max_examples=SOAK or 120,
    derandomize=not SOAK,
    deadline=None,
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
    facts = reading.read(data, format="ttl")
    rules = reading.read(shapes, format="ttl")
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
        # pySHACL gives up on a blank node: tests/pyshacl_differs.md.
        assume("to compare a BlankNode" not in error.message)
        raise


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


@thorough
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
