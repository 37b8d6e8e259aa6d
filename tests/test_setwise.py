"""Many focus nodes in one query: refused where the answer could differ, the same where it is done."""

from __future__ import annotations

import re
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any
from unittest import mock

import pytest
from conftest import examples
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from lcgraph.columns import Columns
from lcgraph.reading import read
from lcgraph.shacl import custom, form, grammar, reference, setwise
from lcgraph.shacl.judge import Judge
from lcgraph.shacl.parsing import parse_shapes

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn

EX = {"ex": "http://ex.org/"}
THIS = frozenset(["this"])
NAMES = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix ex: <http://ex.org/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
PREFIXES = f"""{NAMES}
ex: sh:declare [ sh:prefix "ex" ; sh:namespace "http://ex.org/"^^xsd:anyURI ] .
"""


def planned(text: str, *, ask: bool = False, names: frozenset[str] = THIS) -> setwise.Plan:
    read_form = grammar.read(text, EX)
    assert read_form is not None
    return setwise.plan(read_form, names, ask=ask)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("SELECT $this ?x { $this ex:p ?x } LIMIT 1", "LIMIT"),
        ("SELECT $this ?x { $this ex:p ?x } ORDER BY ?x OFFSET 1", "LIMIT or OFFSET"),
        ("SELECT $this { { SELECT $this ?x { $this ex:p ?x } LIMIT 2 } }", "LIMIT"),
        ("SELECT * { $this ex:p ?x }", "does not name"),
        ("SELECT ?x { $this ex:p ?x }", "does not name"),
        ("SELECT $this { $this ex:p ?x { SELECT ?x { ?x ex:q $this } } }", "does not name"),
        ("SELECT $this (COUNT(?x) AS ?n) { $this ex:p ?x }", "grouped"),
        ("SELECT $this ?y (COUNT(?x) AS ?n) { $this ex:p ?x } GROUP BY ?y", "grouped"),
        ("SELECT $this { $this ex:p ?x } GROUP BY ?x HAVING (COUNT($this) > 1)", "grouped"),
        ("SELECT $this { $this ex:p ?x } HAVING (COUNT(?x) > 1)", "grouped"),
        ("SELECT $this { $this ex:p ?x } HAVING (?x > 1)", "grouped"),
        ("SELECT $this { { SELECT $this (MAX(?x) AS ?m) { $this ex:p ?x } } }", "grouped"),
        ("SELECT $this { $this ex:p* ?x }", "path of no length"),
        ("SELECT $this { ?x (ex:p|ex:q)? $this }", "path of no length"),
        ("SELECT $this { $this ex:p ?y FILTER NOT EXISTS { $this ex:q* ?x } }", "no length"),
        ("SELECT $this { ?x $this ?y }", "is a predicate"),
        ("SELECT $this { $this ex:p ?x GRAPH ?g { ?x ex:p ?y } }", "GRAPH has a variable"),
        ("SELECT $this { $this ex:p ?x OPTIONAL { GRAPH ?g { ?x ex:p ?y } } }", "GRAPH has"),
        ("SELECT $this { GRAPH ex:g { $this ex:p ?x } }", "within GRAPH"),
        ("SELECT $this { $this ex:p ?x FILTER (RAND() > 0.5) }", "RAND"),
        ("SELECT $this (UUID() AS ?u) { $this ex:p ?x }", "UUID"),
    ],
)
def test_what_could_change_the_answer_is_refused(text: str, reason: str) -> None:
    with pytest.raises(setwise.UnsoundError, match=reason):
        planned(text)


@pytest.mark.parametrize(
    "text",
    [
        "ASK { $value ex:p ?x } GROUP BY ?x HAVING (COUNT(?x) > 1)",
        "ASK { $value ex:p ?x } LIMIT 1",
    ],
)
def test_an_ask_that_groups_or_cuts_off_is_refused(text: str) -> None:
    with pytest.raises(setwise.UnsoundError, match="groups its solutions"):
        planned(text, ask=True, names=frozenset(["value"]))


@pytest.mark.parametrize(
    "text",
    [
        "SELECT $this { $this ex:p ( 1 2 ) }",
        "SELECT $this { $this !ex:p ?x }",
        "SELECT $this FROM ex:g { $this ex:p ?x }",
        "SELECT $this { << $this ex:p ?x >> ex:q ?y }",
        "SELECT $this { $this ex:p ?x } LATERAL { ?x ex:q ?y }",
        "SELECT $this { $this ex:\\u0070 ?x }",
        "SELECT $this { $this other:p ?x }",
        "SELECT $this { $this ex:p ?x FILTER (?x<?y&&?y>$this) }",
        "SELECT $this { $this ex:p ?x ",
        "BASE <http://ex.org/> SELECT $this { $this <p> ?x }",
        "SELECT $this { $this <p> ?x }",
        "SELECT $this { $this ex:p ?x } VALUES ?x { 1 }",
        "SELECT $this { $this ex:p ?x } HAVING (EXISTS { $this ex:q ?x })",
        "SELECT $this (EXISTS { $this ex:q ?x } AS ?e) { $this ex:p ?x }",
        "DESCRIBE $this",
        "",
    ],
)
def test_what_is_not_read_is_not_concluded_from(text: str) -> None:
    assert grammar.read(text, EX) is None


@pytest.mark.parametrize(
    ("text", "blocks"),
    [
        ("SELECT $this { $this ex:p ?x }", 0),
        ("SELECT $this { ?x ex:q ?y . ?y ex:p $this FILTER ($this != ?x) }", 0),
        ("SELECT $this { FILTER NOT EXISTS { $this ex:p ?x } }", 1),
        ("SELECT $this { $this ex:p ?x FILTER NOT EXISTS { ?x ex:p ?y FILTER(?y = $this) } }", 2),
        ("SELECT $this { OPTIONAL { $this ex:p ?x } FILTER (!BOUND(?x)) }", 1),
        ("SELECT $this { { $this ex:p ?x } UNION { ?x ex:q ?y } }", 1),
        ("SELECT $this { { $this ex:p ?x } UNION { $this ex:q ?x } }", 0),
        ("SELECT $this { BIND (STR($this) AS ?s) $this ex:p ?s }", 1),
        ("SELECT $this { $this ex:p ?y . ?y ex:p* $this }", 0),
        ("SELECT $this ?y (COUNT(?x) AS ?n) { $this ex:p ?x ; ex:q ?y } GROUP BY ?y $this", 0),
        ("SELECT $this { { SELECT $this (MAX(?x) AS ?m) { ?y ex:p ?x } GROUP BY $this } }", 2),
        ("SELECT DISTINCT $this { $this ex:p [ ex:q $this ] , 1.5 ; a ex:C ; } ORDER BY $this", 0),
    ],
)
def test_a_group_that_does_not_bind_the_node_itself_gets_the_block(text: str, blocks: int) -> None:
    plan = planned(text)
    assert bool(plan.needing) == bool(blocks)
    assert plan.text(text, "BLOCK").count("BLOCK") == max(blocks, 1)


def test_the_block_stands_before_a_sub_select() -> None:
    text = "SELECT $this { { SELECT $this { $this ex:p ?x } } }"
    assert planned(text).text(text, "BLOCK") == (
        "SELECT $this { BLOCK  { SELECT $this { $this ex:p ?x } } }"
    )


def test_a_plain_absence_is_found_by_a_join() -> None:
    text = "SELECT $this { $this ex:p ?x FILTER NOT EXISTS { ?x ex:q ?y . ?y ex:q $this } }"
    assert planned(text).text(text, None) == (
        "SELECT $this { $this ex:p ?x OPTIONAL { ?x ex:q ?y . ?y ex:q $this "
        " BIND(true AS ?found48_0) } FILTER(!BOUND(?found48_0)) }"
    )


@pytest.mark.parametrize(
    "group",
    [
        "{ $this ex:p ?x FILTER NOT EXISTS { ?x ex:q $this } }",
        "{ $this ex:p ?x FILTER NOT EXISTS { ?x ex:q ?y . ?y ex:q $this } ?y ex:p ?x }",
        "{ $this ex:p ?x FILTER NOT EXISTS { ?x ex:q* ?y . ?y ex:q $this } }",
        "{ $this ex:p ?x FILTER NOT EXISTS { $this ex:q ?y . ?y ex:q ?z FILTER (?z = ?x) } }",
        "{ $this ex:p ?x FILTER NOT EXISTS { $this ex:q ?y . ?z ex:q 1 } }",
        "{ $this ex:p ?x FILTER EXISTS { ?x ex:q ?y . ?y ex:q $this } }",
        "{ $this ex:p ?x OPTIONAL { $this ex:q ?z FILTER NOT EXISTS { ?x ex:q $this ; ex:p ?z } } }",
    ],
)
def test_any_other_absence_is_left_to_the_engine(group: str) -> None:
    text = f"SELECT $this {group}"
    assert planned(text).text(text, None) == text


# ---------- the same answer ----------

TERMS = ["$this", "?x", "?y", "?value"]
PATHS = ["ex:p", "ex:q", "^ex:p", "?any", "ex:p/ex:q", "ex:p*", "(ex:p|ex:q)?", "ex:q+"]
TESTS = [
    "?x = $this", "?x != $this", "isLiteral($this)", "isIRI(?x)", "BOUND(?x)", "BOUND($this)",
    "?x > 1", "$this IN (ex:a, ex:b, 1)", "sameTerm(?x, ?y)", "!BOUND(?value)",
    "COALESCE(?x, $this) = ex:a", "STRLEN(STR($this)) > 3", "?x < $this && ?y != $this",
]  # fmt: skip
NODES = ["ex:a", "ex:b", "ex:c"]
LITERALS = ["1", "2", '"l"', '"l"@en']


@st.composite
def groups(draw: DrawFn, depth: int = 2) -> str:
    kinds = ["triple", "triple", "triple", "filter", "bind"]
    if depth:
        kinds += ["optional", "union", "group", "exists", "select", "count", "absence"]
    found = []
    for kind in draw(st.lists(st.sampled_from(kinds), min_size=1, max_size=3)):
        inner = groups(depth - 1)
        if kind == "triple":
            ends = [draw(st.sampled_from([*TERMS, "ex:a", "ex:absent", "[]"])) for _ in "so"]
            found.append(f"{ends[0]} {draw(st.sampled_from(PATHS))} {ends[1]} .")
        elif kind == "filter":
            found.append(f"FILTER ({draw(st.sampled_from(TESTS))})")
        elif kind == "bind":
            value = draw(st.sampled_from(["$this", "?x", "STR($this)", "IF(BOUND(?x), ?x, $this)"]))
            found.append(f"BIND ({value} AS ?new)")
        elif kind == "optional":
            found.append(f"OPTIONAL {draw(inner)}")
        elif kind == "union":
            found.append(f"{draw(inner)} UNION {draw(inner)}")
        elif kind == "group":
            found.append(draw(inner))
        elif kind == "exists":
            found.append(f"FILTER {draw(st.sampled_from(['', 'NOT ']))}EXISTS {draw(inner)}")
        elif kind == "absence":
            ends = [draw(st.sampled_from([*TERMS, "?z", "ex:a"])) for _ in range(4)]
            found.append(
                f"FILTER NOT EXISTS {{ {ends[0]} ex:p {ends[1]} . {ends[2]} ex:q {ends[3]} }}"
            )
        elif kind == "select":
            distinct = draw(st.sampled_from(["", "DISTINCT "]))
            found.append(f"{{ SELECT {distinct}$this ?x {draw(inner)} }}")
        else:
            found.append(
                f"{{ SELECT $this (COUNT(?x) AS ?new) {draw(inner)} GROUP BY $this "
                f"HAVING (COUNT(*) {draw(st.sampled_from(['> 1', '< 2']))}) }}"
            )
    return f"{{ {' '.join(found)} }}"


def bodies() -> st.SearchStrategy[str]:
    """Groups whose new variables have different names."""
    return groups().map(lambda text: re.sub(r"\?new", lambda m: f"?n{m.start()}", text))


@st.composite
def graphs(draw: DrawFn, *, blank: bool) -> str:
    nodes = [*NODES, "_:b", "_:c"] if blank else NODES
    triple = st.tuples(
        st.sampled_from(nodes),
        st.sampled_from(["ex:p", "ex:q", "ex:r"]),
        st.sampled_from(nodes + LITERALS),
    )
    return "".join(f"{' '.join(t)} .\n" for t in draw(st.lists(triple, max_size=9)))


def judged(
    shapes: str, data: str, *, together: bool, few: int = 1000, part: bool = True
) -> set[tuple[Any, ...]]:
    """What breaks the shapes, with the focus nodes together or one by one, and with the part of
    the data that is in sight or with all; without messages where pySHACL words them otherwise."""
    columns = Columns.from_nquads(read((NAMES + data).encode(), format="ttl").ntriples)
    graph = parse_shapes([read((PREFIXES + shapes).encode(), format="ttl")])
    with ExitStack() as stack:
        stack.enter_context(mock.patch.object(custom, "FEW", few))
        if not together:
            stack.enter_context(mock.patch.object(custom.Query, "_plan", return_value=None))
        if not part:
            stack.enter_context(mock.patch.object(form.Form, "sight", return_value=None))
        judge = Judge(columns, graph)
        breaches, _ = judge.run()
    by_reference = any(reference.version() in names for names in judge.engines.values())
    found: set[tuple[Any, ...]] = set()
    for breach in breaches:
        texts = [columns.texts(breach.pairs[name]) for name in ("f", "v", "p")]
        said = None if by_reference else breach.messages
        found |= {(*terms, said) for terms in zip(*texts, strict=True)}
    return found


def same(one: set[tuple[Any, ...]], other: set[tuple[Any, ...]]) -> bool:
    if any(found[-1] is None for found in one | other):
        one, other = ({found[:-1] for found in side} for side in (one, other))
    return one == other


def select_shape(body: str, head: str) -> str:
    query = f"SELECT {head} WHERE {body}".replace("\\", "\\\\").replace('"', '\\"')
    return f"""
        ex:S a sh:NodeShape ; sh:targetSubjectsOf ex:p ; sh:targetObjectsOf ex:q ;
            sh:targetNode ex:absent , "l" , 1 ;
            sh:sparql [ sh:prefixes ex: ; sh:message "{{?x}} {{?y}}" ; sh:select "{query}" ] .
    """


@settings(max_examples=examples(100), suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_one_query_says_what_many_say(data: st.DataObject) -> None:
    body = data.draw(bodies())
    head = data.draw(st.sampled_from(["$this ?x ?y ?value", "DISTINCT $this ?x"]))
    shapes = select_shape(body, head)
    constraint = parse_shapes([read((PREFIXES + shapes).encode(), format="ttl")])
    (shape,) = constraint.shapes.values()
    query = custom.Query(shape, shape.sparql[0])
    event("together" if query.plan else "one by one")
    graph = data.draw(graphs(blank=not query.sees_kind))
    event("all in sight" if query.sight is None else "part in sight")
    alone = judged(shapes, graph, together=False, part=False)
    if "COUNT" in body and any(found[-1] is None for found in alone):
        return  # rdflib, which pySHACL asks, gives a path of no length in a cycle twice
    assert same(judged(shapes, graph, together=False), alone)
    assert same(judged(shapes, graph, together=True), alone)
    assert same(judged(shapes, graph, together=True, few=0), alone)


@settings(max_examples=examples(50), suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_one_ask_says_what_many_say(data: st.DataObject) -> None:
    body = data.draw(bodies()).replace("SELECT $this", "SELECT $this $value $wanted")
    body = body.replace("SELECT DISTINCT $this", "SELECT DISTINCT $this $value $wanted")
    body = body.replace("GROUP BY $this", "GROUP BY $this $value $wanted").replace('"', '\\"')
    shapes = f"""
        ex:C a sh:ConstraintComponent ; sh:parameter [ sh:path ex:wanted ] ;
            sh:validator [ sh:prefixes ex: ; sh:ask "ASK {body}" ; sh:message "{{?value}}" ] .
        ex:S a sh:PropertyShape ; sh:path ex:p ; sh:targetSubjectsOf ex:p ; ex:wanted true .
    """
    graph = parse_shapes([read((PREFIXES + shapes).encode(), format="ttl")])
    shape = next(s for s in graph.shapes.values() if s.sparql)
    query = custom.Query(shape, shape.sparql[0])
    event("together" if query.plan else "one by one")
    triples = data.draw(graphs(blank=not query.sees_kind))
    alone = judged(shapes, triples, together=False, part=False)
    together = judged(shapes, triples, together=True)
    if any(found[1] is None for found in alone):  # pySHACL does not name the values
        assert {found[0] for found in together} == {found[0] for found in alone}
    else:
        assert same(together, alone)
