"""Data and shapes that are made to exhaust a validator: each gets its answer, or is refused by name.

The sizes are such that a walk by recursion, or one that looks at each pair, would not come back.
"""

from __future__ import annotations

import pytest

import lcgraph
from lcgraph.errors import LcgraphError, LimitError, ShapesError

PREFIXES = """
@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix ex: <http://ex.org/> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
DEEP = 10_000


def found(data: str, shapes: str) -> list[tuple[str, str | None]]:
    """The focus nodes and values of the results."""
    report = lcgraph.validate((PREFIXES + data).encode(), shapes=(PREFIXES + shapes).encode())
    return [(r.focus.rpartition("/")[2][:-1], r.value) for r in report]


def chain(length: int) -> str:
    return "".join(f"ex:n{i} ex:p ex:n{i + 1} .\n" for i in range(length))


def shape(targets: str, path: str, constraint: str) -> str:
    return f"ex:S a sh:NodeShape ; {targets} ; sh:property [ sh:path {path} ; {constraint} ] ."


def nested(before: str, after: str, inner: str, depth: int = DEEP) -> str:
    return before * depth + inner + after * depth


def test_blank_nodes_in_data_may_be_nested_deep() -> None:
    data = f"ex:a {nested('ex:p [ ', ' ]', 'ex:q 1')} ."
    path = "( [ sh:zeroOrMorePath ex:p ] ex:q )"
    assert len(found(data, shape("sh:targetNode ex:a", path, "sh:datatype xsd:string"))) == 1


@pytest.mark.parametrize(
    "shapes",
    [
        nested("sh:node [ ", " ]", "sh:nodeKind sh:Literal"),
        nested("sh:not [ ", " ]", "sh:nodeKind sh:Literal"),
        nested("sh:and ( [ ", " ] )", "sh:nodeKind sh:Literal"),
        nested("sh:property [ sh:path ex:p ; ", " ]", "sh:nodeKind sh:Literal"),
        f"sh:property [ sh:minCount 1 ; sh:path {nested('[ sh:inversePath ', ' ]', 'ex:p')} ]",
    ],
    ids=["node", "not", "and", "property", "path"],
)
def test_shapes_nested_too_deep_are_refused(shapes: str) -> None:
    with pytest.raises(ShapesError, match="100") as error:
        found("ex:a ex:p 1 .", f"ex:S a sh:NodeShape ; sh:targetNode ex:a ; {shapes} .")
    assert error.value.line is not None


def test_shapes_nested_as_deep_as_may_be_are_judged() -> None:
    inner = nested("sh:not [ ", " ]", "sh:nodeKind sh:Literal", 98)
    assert found("ex:a ex:p 1 .", f"ex:S a sh:NodeShape ; sh:targetNode ex:a ; {inner} .") == [
        ("a", "<http://ex.org/a>")
    ]


def test_a_circle_of_many_shapes_is_refused_in_few_words() -> None:
    shapes = "".join(
        f"ex:S{i} a sh:NodeShape ; sh:node ex:S{(i + 1) % DEEP} .\n" for i in range(DEEP)
    )
    with pytest.raises(ShapesError, match="refers to itself") as error:
        found("ex:a ex:p 1 .", shapes)
    assert len(str(error.value)) < 1000


def test_shapes_that_many_ways_lead_to_are_judged_once() -> None:
    levels = "".join(
        f"ex:S{i} a sh:NodeShape ; sh:and ( ex:S{i + 1} ex:S{i + 1} ) ; sh:node ex:S{i + 1} .\n"
        for i in range(60)
    )
    shapes = f"ex:S0 sh:targetNode ex:a . {levels} ex:S60 a sh:NodeShape ; sh:nodeKind sh:Literal ."
    assert len(found("ex:a ex:p 1 .", shapes)) == 2


def test_more_results_than_can_be_given_are_refused() -> None:
    levels = "".join(
        f"ex:P{i} sh:path ex:p ; sh:property ex:P{i + 1} , ex:Q{i + 1} .\n"
        f"ex:Q{i} sh:path ex:p ; sh:property ex:P{i + 1} , ex:Q{i + 1} .\n"
        for i in range(60)
    )
    last = "ex:P60 sh:path ex:p ; sh:nodeKind sh:Literal . ex:Q60 sh:path ex:p ; sh:maxCount 1 ."
    top = "ex:S a sh:NodeShape ; sh:targetNode ex:a ; sh:property ex:P0 , ex:Q0 ."
    with pytest.raises(LimitError, match="results"):
        found("ex:a ex:p ex:a .", f"{top} {levels} {last}")


@pytest.mark.parametrize(
    ("path", "start", "reached"),
    [
        ("[ sh:zeroOrMorePath ex:p ]", "n0", 20_001),
        ("[ sh:oneOrMorePath [ sh:inversePath ex:p ] ]", "n20000", 20_000),
        ("[ sh:inversePath [ sh:oneOrMorePath ex:p ] ]", "n99", 99),
        ("[ sh:inversePath ( ex:p [ sh:zeroOrMorePath ex:p ] ) ]", "n99", 99),
        ("[ sh:oneOrMorePath ( ex:p ex:p ) ]", "n0", 10_000),
        ("[ sh:zeroOrMorePath ( [ sh:zeroOrMorePath ex:p ] ex:p ) ]", "n0", 20_001),
    ],
)
def test_closures_over_a_long_chain(path: str, start: str, reached: int) -> None:
    for most, wrong in ((reached, 0), (reached - 1, 1)):
        shapes = shape(f"sh:targetNode ex:{start}", path, f"sh:maxCount {most}")
        assert len(found(chain(20_000), shapes)) == wrong


def test_closures_of_closures_are_closures() -> None:
    path = nested("[ sh:zeroOrMorePath ", " ]", "ex:p", 90)
    assert found(chain(2000), shape("sh:targetNode ex:n0", path, "sh:maxCount 2001")) == []


def test_a_closure_from_all_nodes_of_a_circle_and_of_a_dense_graph() -> None:
    circle = chain(2000) + "ex:n2000 ex:p ex:n0 ."
    dense = "".join(
        f"ex:n{i} ex:p ex:n{i * j % 1009} .\n" for i in range(1, 1009) for j in range(2, 40)
    )
    for data, most in ((circle, 2001), (dense, 1008)):
        shapes = shape(
            "sh:targetSubjectsOf ex:p", "[ sh:oneOrMorePath ex:p ]", f"sh:maxCount {most}"
        )
        assert found(data, shapes) == []


def test_paths_that_lead_to_too_many_pairs_are_refused() -> None:
    for path, data in (
        ("[ sh:oneOrMorePath ex:p ]", chain(20_000)),
        (
            "( ex:p [ sh:inversePath ex:p ] )",
            "".join(f"ex:n{i} ex:p ex:a .\n" for i in range(20_000)),
        ),
    ):
        with pytest.raises(LimitError, match="20,000,000 pairs"):
            found(data, shape("sh:targetSubjectsOf ex:p", path, "sh:nodeKind sh:IRI"))


def test_lists_of_a_hundred_thousand() -> None:
    members = " ".join(f"ex:v{i}" for i in range(100_000))
    data = "".join(f"ex:n{i} ex:p ex:v{i * 100} .\n" for i in range(2000))
    shapes = shape("sh:targetSubjectsOf ex:p", "ex:p", f"sh:in ( {members} )")
    assert len(found(data, shapes)) == 1000
    data = f"ex:a ex:list ( {' '.join(map(str, range(100_000)))} 'x' ) ."
    path = "( ex:list [ sh:zeroOrMorePath rdf:rest ] rdf:first )"
    assert found(data, shape("sh:targetNode ex:a", path, "sh:datatype xsd:integer")) == [
        ("a", '"x"')
    ]


@pytest.mark.parametrize("circle", [False, True])
def test_classes_below_classes(circle: bool) -> None:  # noqa: FBT001
    data = "".join(f"ex:C{i} rdfs:subClassOf ex:C{i + 1} .\n" for i in range(DEEP))
    data += f"ex:a a ex:C0 . {f'ex:C{DEEP} rdfs:subClassOf ex:C0 .' if circle else ''}"
    shapes = f"ex:S a sh:NodeShape ; sh:targetClass ex:C{DEEP} ; sh:class ex:C7 , ex:D ."
    assert found(data, shapes) == [("a", "<http://ex.org/a>")]


def test_a_class_with_many_right_below_it() -> None:
    data = (
        "".join(f"ex:C{i} rdfs:subClassOf ex:C .\n" for i in range(50_000)) + "ex:a a ex:C49999 ."
    )
    assert (
        len(found(data, "ex:S a sh:NodeShape ; sh:targetClass ex:C ; sh:nodeKind sh:Literal ."))
        == 1
    )


def test_patterns_that_backtrack_take_no_longer() -> None:
    for pattern in ("^(a+)+$", "(x+x+)+y", "^(a|aa)+$", "^(.*,){11}P"):
        data = f"ex:a ex:p '{'a' * 200_000}!' ."
        assert len(found(data, shape("sh:targetNode ex:a", "ex:p", f"sh:pattern '{pattern}'"))) == 1


@pytest.mark.parametrize(
    "pattern",
    [
        "((a{1,1000}){1,1000}){1,1000}",
        nested("(", ")", "a"),
        nested("[a-z-", "]", "[b]"),
        r"(a)\\1",
        "(?=a)b",
        "a**",
        "[z-a]",
    ],
    ids=["repeated", "groups", "classes", "reference", "look-ahead", "quantifiers", "range"],
)
def test_patterns_that_cannot_be_judged_are_refused(pattern: str) -> None:
    with pytest.raises(ShapesError, match="pattern") as error:
        found("ex:a ex:p 'a' .", shape("sh:targetNode ex:a", "ex:p", f"sh:pattern '{pattern}'"))
    assert error.value.line is not None
    assert len(str(error.value)) < 1000


@pytest.mark.parametrize(
    ("pattern", "flags", "text", "matches"),
    [
        ("^a + b$", "x", "aab", True),
        ("^[a ] b$", "x", " b", True),
        (r"^\\[ a$", "x", "[a", True),
        ("a.b", "q", "axb", False),
        ("A.B", "iq", "a.b", True),
        ("^b$", "m", r"a\nb\nc", True),
        ("^b$", "", r"a\nb\nc", False),
        ("a.b", "s", r"a\nb", True),
        ("a.b", "", r"a\nb", False),
    ],
)
def test_flags_mean_what_xpath_says(pattern: str, flags: str, text: str, matches: bool) -> None:  # noqa: FBT001
    asked = f"sh:pattern '{pattern}' ; sh:flags '{flags}'"
    results = found(f"ex:a ex:p '{text}' .", shape("sh:targetNode ex:a", "ex:p", asked))
    assert (not results) is matches


def test_numbers_of_thousands_of_digits() -> None:
    data = f"ex:a ex:p {'9' * DEEP} , 1e400 , '1E99999999999'^^xsd:double , '-1e999'^^xsd:float ."
    shapes = shape(
        "sh:targetNode ex:a", "ex:p", f"sh:maxInclusive {'8' * DEEP} ; sh:minCount {'1' * DEEP}"
    )
    # As doubles, the others are no greater than the bound: it is infinite too.
    assert len(found(data, shapes)) == 2


def test_a_file_that_is_no_shapes_is_refused() -> None:
    for text in ("ex:a ex:p 1 .", "", "ex:a sh:prefix 'a' ."):
        with pytest.raises(LcgraphError, match="no SHACL shape"):
            found("ex:a ex:p 1 .", text)
