"""SHACL-SPARQL: literals as written, blank nodes, components, ill-formed queries, advanced shapes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox
import pyshacl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lcgraph
from lcgraph.columns import Columns
from lcgraph.errors import ShapesError
from lcgraph.reading import read
from lcgraph.shacl import advanced
from lcgraph.shacl.judge import ENGINE, Judge
from lcgraph.shacl.parsing import parse_shapes
from lcgraph.shacl.validate import judge_shapes
from lcgraph.store import forms

if TYPE_CHECKING:
    from lcgraph.shacl.report import Report

PREFIXES = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix ex: <http://ex.org/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
ex: sh:declare [ sh:prefix "ex" ; sh:namespace "http://ex.org/"^^xsd:anyURI ] ,
    [ sh:prefix "xsd" ; sh:namespace "http://www.w3.org/2001/XMLSchema#"^^xsd:anyURI ] .
"""
EX = "http://ex.org/"
XSD = "http://www.w3.org/2001/XMLSchema#"
PYSHACL = f"pySHACL {pyshacl.__version__}"


def shapes(text: str) -> bytes:
    return f"{PREFIXES}{text}".encode()


def shape(query: str, target: str = "sh:targetSubjectsOf ex:p") -> bytes:
    return shapes(
        f'ex:S a sh:NodeShape ; {target} ; sh:sparql [ sh:prefixes ex: ; sh:select """{query}""" ] .'
    )


def judge_lines(lines: str, shapes_text: bytes) -> tuple[Report, dict[str, set[str]]]:
    """The report on N-Triples lines, and the engines that judged by SPARQL."""
    text = lines.replace("ex:", EX).encode()
    graph = parse_shapes([read(shapes_text, format="ttl")])
    judge = Judge(Columns.from_nquads(text), graph)
    judge.run()
    engines = {node: names - {ENGINE} for node, names in judge.engines.items()}
    return judge_shapes([text], graph), engines


# ---------- literals that the store rewrites ----------


@pytest.mark.parametrize(
    ("literal", "condition", "broken"),
    [
        (f'"01"^^<{XSD}integer>', 'STR(?value) = "01"', True),
        (f'"01"^^<{XSD}integer>', 'STR(?value) = "1"', False),
        (f'"01"^^<{XSD}integer>', "?value = 1", True),
        (f'"5"^^<{XSD}nonNegativeInteger>', "DATATYPE(?value) = xsd:nonNegativeInteger", True),
        (f'"5"^^<{XSD}nonNegativeInteger>', "DATATYPE(?value) = xsd:integer", False),
        (f'"1.50"^^<{XSD}decimal>', "STRLEN(STR(?value)) = 4", True),
        (f'"1.50"^^<{XSD}decimal>', "STRLEN(STR(?value)) = 3", False),
        (f'"1.5"^^<{XSD}decimal>', "STRLEN(STR(?value)) = 3", True),
    ],
)
def test_literals_are_judged_and_shown_as_written(
    literal: str, condition: str, *, broken: bool
) -> None:
    query = f"SELECT $this ?value {{ $this ex:p ?value FILTER ({condition}) }}"
    report, engines = judge_lines(f"<ex:a> <ex:p> {literal} .\n", shape(query))
    assert [(r.focus, r.value) for r in report] == ([(f"<{EX}a>", literal)] if broken else [])
    clean = literal == f'"1.5"^^<{XSD}decimal>'
    assert engines[f"<{EX}S>"] == {f"Oxigraph {ox.__version__}" if clean else PYSHACL}


def test_two_ways_to_write_a_number_are_two_values() -> None:
    query = """SELECT $this (COUNT(DISTINCT ?x) AS ?n) { $this ex:p ?x } GROUP BY $this
        HAVING (COUNT(DISTINCT ?x) > 1)"""
    lines = f'<ex:a> <ex:p> "1"^^<{XSD}integer> .\n<ex:a> <ex:p> "01"^^<{XSD}integer> .\n'
    assert len(judge_lines(lines, shape(query))[0]) == 1


def test_a_literal_that_the_query_cannot_see_does_not_matter() -> None:
    query = "SELECT $this ?value { $this ex:p ?value FILTER (?value > 1) }"
    lines = f'<ex:a> <ex:p> "2"^^<{XSD}integer> .\n<ex:a> <ex:q> "02"^^<{XSD}integer> .\n'
    report, engines = judge_lines(lines, shape(query))
    assert len(report) == 1
    assert engines[f"<{EX}S>"] == {f"Oxigraph {ox.__version__}"}


def test_a_literal_of_the_query_is_the_term_that_it_says() -> None:
    query = 'SELECT $this { $this ex:p \\"5\\"^^xsd:int }'
    line = f'<ex:a> <ex:p> "5"^^<{XSD}'
    report, engines = judge_lines(f"{line}integer> .\n", shape(query))
    assert report.conforms
    assert engines[f"<{EX}S>"] == {PYSHACL}
    assert len(judge_lines(f"{line}int> .\n", shape(query))[0]) == 1


def test_a_literal_of_the_query_that_no_engine_leaves_as_it_is_is_refused() -> None:
    query = "SELECT $this { $this ex:p 05 }"
    with pytest.raises(ShapesError, match=r'has "05".*as it is written'):
        judge_lines(f'<ex:a> <ex:p> "5"^^<{XSD}integer> .\n', shape(query))


def test_a_language_tag_is_read_in_lower_case_by_all() -> None:
    query = 'SELECT $this ?value { $this ex:p ?value FILTER (LANG(?value) = "en-gb") }'
    data = b'<http://ex.org/a> <http://ex.org/p> "colour"@EN-gb .'
    report = lcgraph.validate(data, shapes=shape(query), format="ttl")
    assert [r.value for r in report] == ['"colour"@en-gb']


def test_a_focus_node_may_be_such_a_literal() -> None:
    query = 'SELECT $this { FILTER (STR($this) = "007") }'
    lines = f'<ex:a> <ex:p> "007"^^<{XSD}integer> .\n<ex:a> <ex:p> "7"^^<{XSD}integer> .\n'
    report, _ = judge_lines(lines, shape(query, "sh:targetObjectsOf ex:p"))
    assert [r.focus for r in report] == [f'"007"^^<{XSD}integer>']
    assert report.engine == f"lcgraph columns; {PYSHACL} for SPARQL of {EX}S"


TYPES = ["integer", "decimal", "boolean", "date", "gYear", "gYearMonth", "string", "anyURI", "int"]


@given(
    st.from_regex(
        r"[-+]?[0-9]{1,5}(-[0-9]{2}){0,2}(\.[0-9]{1,4})?|true|false|[a-z]{1,3}", fullmatch=True
    ),
    st.sampled_from([f"^^<{XSD}{name}>" for name in TYPES] + ["", "@en", "@En", "@en-gb-x-y"]),
)
def test_what_is_said_to_be_kept_is_kept(lexical: str, kind: str) -> None:
    import polars as pl

    text = f'"{lexical}"{kind}'
    store = ox.Store()
    store.load(f"<x:a> <x:a> {text} .".encode(), format=ox.RdfFormat.N_TRIPLES)
    (quad,) = store
    plain = text.removesuffix(f"^^<{XSD}string>")
    changed = str(quad.object) != plain
    assert forms.rewritten(pl.Series([text])) == ({text} if changed else set())


# ---------- blank nodes ----------

BLANK = "_:x <ex:p> _:y .\n_:y <ex:p> <ex:a> .\n"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("SELECT $this { FILTER (isBlank($this)) }", {"_:x", "_:y"}),
        ("SELECT $this { FILTER (isIRI($this)) }", set()),
        ("SELECT $this ?value { $this ex:p ?value FILTER (isIRI(?value)) }", {"_:y"}),
        ("SELECT $this ?value { $this ex:p ?value FILTER (isBlank(?value)) } LIMIT 9", {"_:x"}),
        ("SELECT $this ?value { $this ex:p ?value } LIMIT 9", {"_:x", "_:y"}),
        ("SELECT $this ?value { $this ex:p* ?value FILTER (?value = ex:a) }", {"_:x", "_:y"}),
    ],
)
def test_blank_nodes_are_blank_nodes(query: str, found: set[str]) -> None:
    report, _ = judge_lines(BLANK, shape(query))
    assert {r.focus for r in report} == found


def test_only_the_blank_nodes_go_to_pyshacl() -> None:
    query = "SELECT $this ?value { $this ex:p ?value FILTER (isBlank(?value)) } LIMIT 9"
    lines = BLANK + "<ex:a> <ex:p> _:y .\n<ex:b> <ex:p> <ex:a> .\n"
    report, engines = judge_lines(lines, shape(query))
    assert {r.focus for r in report} == {"_:x", f"<{EX}a>"}
    assert engines[f"<{EX}S>"] == {PYSHACL, f"Oxigraph {ox.__version__}"}


def test_all_messages_are_given_with_their_languages_and_once_for_each_finding() -> None:
    text = """ex:S a sh:NodeShape ; sh:targetSubjectsOf ex:p ; sh:sparql [ sh:prefixes ex: ;
        sh:message "hay \\"{?n}\\" en {$this}"@es , "{?n} at {?this}, {?none}"@en ;
        sh:select "SELECT $this ?n { $this ex:p ?x ; ex:n ?n }" ] ."""
    lines = '<ex:a> <ex:p> <ex:b> .\n<ex:a> <ex:p> <ex:c> .\n<ex:a> <ex:n> "a \\\\ b" .\n'
    report, _ = judge_lines(lines, shapes(text))
    assert [r.message for r in report] == [f"a \\ b at {EX}a, {{?none}}"]
    said = ox.NamedNode("http://www.w3.org/ns/shacl#resultMessage")
    assert {quad.object for quad in report.quads if quad.predicate == said} == {
        ox.Literal(f"a \\ b at {EX}a, {{?none}}", language="en"),
        ox.Literal(f'hay "a \\ b" en {EX}a', language="es"),
    }


def test_a_solution_may_bring_its_message_and_path() -> None:
    query = """SELECT $this ?path ?message ?value { $this ?path ?value
        BIND (CONCAT("not ", STR(?value)) AS ?message) }"""
    report, _ = judge_lines('<ex:a> <ex:p> "x" .\n', shape(query.replace('"', "'")))
    assert [(r.path, r.value, r.message) for r in report] == [(f"<{EX}p>", '"x"', "not x")]


# ---------- paths of no length ----------


@pytest.mark.parametrize(
    ("query", "found", "engine"),
    [
        ("SELECT $this { $this ex:p* $this }", {"absent", "other"}, "Oxigraph"),
        ("SELECT $this { $this ex:q* ?x FILTER (?x = $this) }", {"absent", "other"}, "Oxigraph"),
        ("SELECT $this { FILTER EXISTS { ex:gone ex:p? ?x } }", {"absent", "other"}, "Oxigraph"),
        ("SELECT $this { $this ex:r ?x . ?x ex:p* ?y }", {"other"}, "Oxigraph"),
        ("SELECT $this { $this ex:p* ?x OPTIONAL { ?a ?b ?x } }", {"absent", "other"}, "pySHACL"),
        ("SELECT $this { $this !ex:r ?y }", set(), "Oxigraph"),
        ("SELECT $this { $this ex:p* ?x . FILTER NOT EXISTS { ?x !ex:r ?y } }",
         {"absent", "other"}, "pySHACL"),
    ],
)  # fmt: skip
def test_a_path_of_no_length_leads_any_term_to_itself(
    query: str, found: set[str], engine: str
) -> None:
    line = "<ex:other> <ex:r> <ex:x> .\n"
    report, engines = judge_lines(line, shape(query, "sh:targetNode ex:absent , ex:other"))
    assert {r.focus for r in report} == {f"<{EX}{name}>" for name in found}
    assert [name.partition(" ")[0] for name in engines[f"<{EX}S>"]] == [engine]


# ---------- constraint components ----------

COMPONENT = """
ex:C a sh:ConstraintComponent ; sh:parameter [ sh:path ex:least ] ,
        [ sh:path ex:most ; sh:optional true ] ;
    sh:validator [ sh:prefixes ex: ; sh:message "{$value} is not from {$least} to {$most}" ; sh:ask
        "ASK { FILTER ($value >= $least && (!BOUND($most) || $value <= $most)) }" ] .
"""


def test_an_ask_validator_judges_all_values_with_and_without_an_optional_parameter() -> None:
    text = (
        COMPONENT
        + """
        ex:S a sh:NodeShape ; sh:targetSubjectsOf ex:p ; sh:property ex:open , ex:shut .
        ex:open sh:path ex:p ; ex:least 2 . ex:shut sh:path ex:p ; ex:least 2 ; ex:most 4 .
    """
    )
    lines = "".join(f'<ex:n{i}> <ex:p> "{i}"^^<{XSD}integer> .\n' for i in range(1, 7))
    report, _ = judge_lines(lines, shapes(text))
    found = {(r.shape[-5:-1], r.value[1] if r.value else "", r.message) for r in report}
    assert found == {
        ("open", "1", "1 is not from 2 to {$most}"),
        ("shut", "1", "1 is not from 2 to 4"),
        ("shut", "5", "5 is not from 2 to 4"),
        ("shut", "6", "6 is not from 2 to 4"),
    }


def test_an_ask_may_look_at_the_focus_node_too() -> None:
    text = """
        ex:C a sh:ConstraintComponent ; sh:parameter [ sh:path ex:back ] ;
            sh:propertyValidator [ sh:select '''SELECT $this ?value { $this $PATH ?value
                FILTER NOT EXISTS { ?value $back $this } }''' ] ;
            sh:nodeValidator [ sh:ask "ASK { ?x $back $value }" ] .
        ex:P sh:path ex:p ; sh:targetSubjectsOf ex:p ; ex:back ex:q .
        ex:N a sh:NodeShape ; sh:targetSubjectsOf ex:p ; ex:back ex:q .
    """
    lines = "<ex:a> <ex:p> <ex:b> .\n<ex:b> <ex:q> <ex:a> .\n<ex:c> <ex:p> <ex:b> .\n"
    report, _ = judge_lines(lines, shapes(text))
    assert {(r.shape[-2], r.focus[-2], r.value and r.value[-2]) for r in report} == {
        ("P", "c", "b"),
        ("N", "c", "c"),
    }


def test_a_component_without_a_validator_for_a_node_shape_asks_nothing_of_it() -> None:
    text = """
        ex:C a sh:ConstraintComponent ; sh:parameter [ sh:path ex:some ] ;
            sh:propertyValidator [ sh:select "SELECT $this { $this $PATH ?x }" ] .
        ex:N a sh:NodeShape ; sh:targetSubjectsOf ex:p ; ex:some true .
    """
    assert judge_lines("<ex:a> <ex:p> <ex:b> .\n", shapes(text))[0].conforms


def test_a_query_can_look_up_its_own_shape_though_that_has_no_name() -> None:
    text = """
        ex:N a sh:NodeShape ; sh:targetSubjectsOf ex:p ; sh:node [ ex:never ex:b ; sh:sparql [
            sh:prefixes ex: ; sh:select '''SELECT $this { $this ex:p ?value
                GRAPH $shapesGraph { $currentShape ex:never ?value } }''' ] ] .
    """
    lines = "<ex:a> <ex:p> <ex:b> .\n<ex:c> <ex:p> <ex:d> .\n"
    assert [r.focus for r in judge_lines(lines, shapes(text))[0]] == [f"<{EX}a>"]


def test_prefixes_come_from_imported_ontologies_too() -> None:
    text = """
        ex:one a owl:Ontology ; owl:imports ex:two . ex:two owl:imports ex:one , ex: .
        ex:S a sh:NodeShape ; sh:targetSubjectsOf ex:p ; sh:sparql [ sh:prefixes ex:one ;
            sh:select "SELECT $this { $this ex:p ex:b }" ] .
    """
    assert len(judge_lines("<ex:a> <ex:p> <ex:b> .\n", shapes(text))[0]) == 1


# ---------- what is ill-formed ----------


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("SELECT $this { $this ex:p ?x MINUS { $this ex:q ?x } }", "MINUS"),
        ("SELECT $this { VALUES ?x { 1 } $this ex:p ?x }", "VALUES"),
        ("SELECT $this { SERVICE <http://x> { $this ex:p ?x } }", "SERVICE"),
        ("SELECT $this { BIND (1 AS ?this) }", "assigned"),
        ("SELECT $this { BIND (1 AS ?currentShape) }", "assigned"),
        ("SELECT $this { { SELECT ?x { $this ex:p ?x } } }", "must name the pre-bound"),
        ("SELECT $this { { SELECT * { $this ex:p ?x } } }", "must name the pre-bound"),
        ("SELECT ?x { $this ex:p ?x }", "must name .this"),
        ("ASK { $this ex:p ?x }", "takes a SELECT"),
        ("SELECT $this { $this ex:p }", "no SPARQL"),
        ("SELECT $this { $this no:p ?x }", "no SPARQL"),
        ("SELECT $this { $this $PATH ?x }", "no path"),
        ("SELECT $this { $this ex:p ?x FILTER (1<$this&&?x>1) }", "hard to see"),
    ],
)
def test_an_ill_formed_query_is_refused_with_its_place_though_no_node_is_judged(
    tmp_path: object, query: str, said: str
) -> None:
    from pathlib import Path

    path = Path(str(tmp_path)) / "shapes.ttl"
    path.write_bytes(shape(query))
    with pytest.raises(lcgraph.LcgraphError, match=said) as caught:
        lcgraph.validate(b"", format="ttl", shapes=path)
    if "SERVICE" not in said:
        assert str(caught.value).startswith(f"{path}:9: ")


def test_a_query_knows_the_prefixes_of_its_file_where_it_is_told_no_others() -> None:
    plain = shape("SELECT $this { $this near:p near:b }").replace(b"sh:prefixes ex: ;", b"")
    with pytest.raises(ShapesError, match="near: means"):
        lcgraph.validate(b"", format="ttl", shapes=[plain])
    data = b"<http://ex.org/a> <http://ex.org/p> <http://ex.org/b> ."
    known = b"@prefix near: <http://ex.org/> .\n" + plain
    assert len(lcgraph.validate(data, format="ttl", shapes=[known])) == 1
    told = known.replace(b"prefix near: <http://ex.org/>", b"prefix near: <http://other/>")
    told = told.replace(b"sh:sparql [", b"sh:sparql [ sh:prefixes ex:near ;")
    told += b"ex:near sh:declare [ sh:prefix 'near' ; sh:namespace 'http://ex.org/'^^xsd:anyURI ] ."
    assert len(lcgraph.validate(data, format="ttl", shapes=[told])) == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("ex:C sh:parameter [ sh:path ex:this ]", "cannot be a variable"),
        ("ex:C sh:parameter [ sh:path ex:a-b ]", "cannot be a variable"),
        ("ex:C sh:parameter [ sh:path ex:a ] , [ sh:path <http://o/a> ]", "two parameters"),
        ("ex:C sh:parameter [ sh:path ex:a ; sh:optional true ]", "not optional"),
        ("ex:C sh:parameter [ sh:path ex:a ; sh:optional 1 ]", "true or false"),
        ("ex:C sh:parameter [ sh:path ( ex:a ex:b ) ]", "is an IRI"),
        ("[ a sh:ConstraintComponent ; sh:parameter [ sh:path ex:a ] ]", "is an IRI"),
        ('ex:C sh:parameter [ sh:path ex:a ] ; sh:validator [ sh:ask "ASK {" ]', "no SPARQL"),
        ("ex:C sh:parameter [ sh:path ex:a ] ; sh:validator [ sh:ask ex:q ]", "takes a text"),
        ("ex:C sh:parameter [ sh:path ex:a ] ; sh:validator [ ]", "either an sh:ask"),
        (
            'ex:C sh:parameter [ sh:path ex:a ] ; sh:validator [ sh:ask "ASK { BIND (1 AS ?a) }" ]',
            "assigned",
        ),
        (
            """ex:C sh:parameter [ sh:path ex:a ] ; sh:validator [ sh:ask
                "ASK { { SELECT $this { $this ?p $value } } }" ]""",
            "must name",
        ),
        ("ex: sh:declare [ sh:prefix ex:no ; sh:namespace 'http://x/' ]", "takes a text"),
    ],
)
def test_an_ill_formed_component_is_refused(text: str, said: str) -> None:
    more = shape("SELECT $this { $this ?p ?x }").decode()
    if text.startswith("ex:C "):
        more += " ex:C a sh:ConstraintComponent . "
    with pytest.raises(ShapesError, match=said):
        parse_shapes([read(f"{more} {text} .".encode(), format="ttl")])


# ---------- advanced features ----------


def test_whatever_pyshacl_raises_is_one_clear_error() -> None:
    target = '[ a sh:SPARQLTarget ; sh:select "SELECT ?this { ?this none:p ?x }" ]'
    text = shapes(f"ex:Far a sh:NodeShape ; sh:target {target} ; sh:nodeKind sh:IRI .")
    data = b"<http://ex.org/a> <http://ex.org/p> <http://ex.org/b> ."
    with pytest.raises(ShapesError, match="none"):
        lcgraph.validate(data, format="ttl", shapes=[text])


TARGET = """
ex:Far a sh:NodeShape ; sh:target [ a sh:SPARQLTarget ; sh:prefixes ex: ;
    sh:select "SELECT ?this { ?this ex:p ex:b }" ] ; sh:property ex:Few .
ex:Few a sh:PropertyShape ; sh:path ex:p ; sh:maxCount 1 .
ex:Near a sh:NodeShape ; sh:targetSubjectsOf ex:q ; sh:node ex:Far .
ex:Plain a sh:NodeShape ; sh:targetSubjectsOf ex:p ; sh:property [ sh:path ex:q ; sh:minCount 1 ] .
"""


def test_only_a_shape_with_an_advanced_target_goes_to_pyshacl() -> None:
    graph = parse_shapes([read(shapes(TARGET), format="ttl")])
    assert advanced.shapes_for_reference(graph) == {f"<{EX}Far>"}
    lines = "<ex:a> <ex:p> <ex:b> .\n<ex:a> <ex:p> <ex:c> .\n<ex:d> <ex:p> <ex:c> .\n"
    report = judge_shapes([lines.replace("ex:", EX).encode()], graph)
    found = {(r.focus[-2], r.component.rpartition("#")[2]) for r in report}
    assert found == {
        ("a", "MaxCountConstraintComponent"),
        ("a", "MinCountConstraintComponent"),
        ("d", "MinCountConstraintComponent"),
    }
    assert "lcgraph columns" in report.engine
    assert PYSHACL in report.engine
    conforms, rdf, _ = report.as_tuple()
    assert not conforms
    sh = "http://www.w3.org/ns/shacl#"
    rows = rdf.query(f"SELECT ?r ?f {{ ?x <{sh}result> ?r . ?r <{sh}focusNode> ?f }}")
    assert len(rows) == len(report) == 3
    assert len(set(rdf.subjects(predicate=None, object=None))) > 3
    reports = rdf.query(f"SELECT ?x ?c {{ ?x a <{sh}ValidationReport> ; <{sh}conforms> ?c }}")
    assert len(reports) == 1


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        # What reaches an expression, or a function, goes along; its neighbours do not.
        (
            """ex:A a sh:NodeShape ; sh:targetNode ex:x ; sh:property [ sh:path ex:p ;
                sh:node ex:B ] . ex:B a sh:NodeShape ; sh:expression [ sh:path ex:ok ] .
            ex:D a sh:NodeShape ; sh:targetNode ex:x ; sh:nodeKind sh:IRI .""",
            {"A"},
        ),
        (
            """ex:f a sh:SPARQLFunction ; sh:parameter [ sh:path ex:arg ] ; sh:returnType xsd:string ;
                sh:select "SELECT ?r { BIND ($arg AS ?r) }" .
            ex:A a sh:NodeShape ; sh:targetNode ex:x ; sh:sparql [ sh:prefixes ex: ;
                sh:select "SELECT $this { FILTER (ex:f($this) = 1) }" ] .
            ex:D a sh:NodeShape ; sh:targetNode ex:x ; sh:sparql [ sh:prefixes ex: ;
                sh:select "SELECT $this { $this ex:p 1 }" ] .""",
            {"A"},
        ),
        # What rules infer is seen by every shape.
        (
            """ex:A a sh:NodeShape ; sh:targetNode ex:x ; sh:rule [ a sh:TripleRule ;
                sh:subject sh:this ; sh:predicate ex:p ; sh:object ex:y ] .
            ex:D a sh:NodeShape ; sh:targetNode ex:x ; sh:nodeKind sh:IRI .""",
            {"A", "D"},
        ),
        ("ex:D a sh:NodeShape ; sh:targetNode ex:x ; sh:nodeKind sh:IRI .", set()),
    ],
)
def test_what_goes_to_pyshacl(text: str, wanted: set[str]) -> None:
    graph = parse_shapes([read(shapes(text), format="ttl")])
    assert advanced.shapes_for_reference(graph) == {f"<{EX}{name}>" for name in wanted}


def test_a_rule_is_followed_before_any_shape_judges() -> None:
    text = """
        ex:A a sh:NodeShape ; sh:targetSubjectsOf ex:p ; sh:rule [ a sh:TripleRule ;
            sh:subject sh:this ; sh:predicate ex:q ; sh:object ex:y ] .
        ex:D a sh:NodeShape ; sh:targetSubjectsOf ex:p ; sh:property [ sh:path ex:q ; sh:maxCount 0 ] .
    """
    report, _ = judge_lines("<ex:a> <ex:p> <ex:b> .\n", shapes(text))
    assert [r.focus for r in report] == [f"<{EX}a>"]


@pytest.mark.parametrize(
    ("text", "name", "nearest"),
    [
        ("ex:S a sh:NodeShape ; sh:targetClas ex:C", "targetClas", "targetClass"),
        ("ex:S sh:targetClas ex:C", "targetClas", "targetClass"),
        ("ex:S a owl:Class ; sh:propperty [ sh:path ex:p ]", "propperty", "property"),
        ("ex:S a sh:NodeShap", "NodeShap", "NodeShape"),
        ("ex:S sh:targetNode ex:a ; sh:severity sh:Waring", "Waring", "Warning"),
        ("ex:S sh:property [ sh:pth ex:p ]", "pth", "path"),
    ],
)
def test_a_misspelt_term_is_an_error_with_the_nearest_name(
    text: str, name: str, nearest: str
) -> None:
    with pytest.raises(ShapesError, match=f"sh:{name} is no term of SHACL") as caught:
        parse_shapes([read(shapes(f"{text} ."), format="ttl")])
    assert caught.value.hint is not None
    assert nearest in caught.value.hint


def test_data_in_the_file_of_the_shapes_are_not_taken_for_misspelt_shapes() -> None:
    text = "ex:S a sh:NodeShape ; sh:targetNode ex:x . ex:x a ex:C ; sh:nodeShape ex:S ."
    assert parse_shapes([read(shapes(text), format="ttl")]).shapes


def test_an_ask_that_pyshacl_judges_names_its_values_where_all_break_it() -> None:
    text = """
        ex:C a sh:ConstraintComponent ; sh:parameter [ sh:path ex:some ] ;
            sh:validator [ sh:prefixes ex: ; sh:ask
                "ASK { $value ex:q* $some . ex:gone ex:q* ?z . FILTER NOT EXISTS { ?s ?any ex:b } }" ] .
        ex:P a sh:PropertyShape ; sh:path ex:p ; sh:targetSubjectsOf ex:p ; ex:some ex:never .
    """
    lines = "<ex:a> <ex:p> <ex:a> .\n<ex:c> <ex:p> <ex:d> .\n<ex:c> <ex:p> <ex:never> .\n"
    report, engines = judge_lines(lines, shapes(text))
    assert engines[f"<{EX}P>"] == {PYSHACL}
    assert [(r.focus, r.value) for r in report] == [
        (f"<{EX}a>", f"<{EX}a>"),
        (f"<{EX}c>", None),
    ]


@pytest.mark.parametrize("name", ["js", "ShapeClass", "resultAnnotation", "reifierShape"])
def test_what_nothing_judges_is_refused_by_name(name: str) -> None:
    text = f"ex:S a sh:NodeShape ; sh:targetNode ex:x ; sh:{name} ex:y ."
    with pytest.raises(ShapesError, match=f"sh:{name}"):
        parse_shapes([read(shapes(text), format="ttl")])


def test_a_function_that_nobody_declares_is_an_error() -> None:
    with pytest.raises(ShapesError, match=r"cannot be run: .*ex\.org/nosuch"):
        judge_lines("<ex:a> <ex:p> <ex:b> .\n", shape("SELECT $this { FILTER (ex:nosuch($this)) }"))
