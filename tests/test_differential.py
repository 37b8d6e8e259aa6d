"""Our results are pySHACL's, on data and shapes that hypothesis makes up, on our own shapes and on
the W3C's cases; where they are not, tests/pyshacl_differs.md says why."""

from __future__ import annotations

import os
from collections import Counter
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
from hypothesis import HealthCheck, assume, given, settings
from shacl_strategies import data_graphs, ordered_cases, shapes_graphs

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
    max_examples=SOAK or 250,
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
