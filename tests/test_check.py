"""Checking: everything that is wrong with how files are written, at its place, with its mend."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

import lcgraph
from lcgraph import resources
from lcgraph.errors import Finding, IllFormedError, LcgraphError, ReadError

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., subprocess.CompletedProcess[str]]

XSD = "http://www.w3.org/2001/XMLSchema#"
LANG_STRING = "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString"
TURTLE = f"""@prefix e: <http://e/> .
@prefix xsd: <{XSD}> .
e:a e:year "20I9"^^xsd:gYear ;
    e:day "2015-9-8"^^xsd:date , "2015-02-30"^^xsd:date .
e:b e:name "x"@en_GB .
e:c e:see <http://e/a b> ; e:p 1 .
e:d foo:name "x" .
e:e e:size "300"^^xsd:byte .
e:f foo:name "x" .
e:g e:name "x"@englishlanguage .
"""
NTRIPLES = f"""<http://a> <http://b> "x"^^<{XSD}integer> .
<http://a> <http://b>.
<http://a> <http://b> "é" , "y" .
# <http://a
<http://a> <http://b> "2015-02-29"^^<{XSD}date> .
"""
TRIG = f"""<x:g> {{ <x:a> <x:b> "1,5"^^<{XSD}decimal> }}
<x:h> {{ <x:a> <x:b c> 1 }}
<x:h> {{ <x:a> <x:b> "yes"^^<{XSD}boolean> }}
"""
HEAD = '<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="http://e/">\n'
RDFXML = f"""{HEAD}<e:City r:about="http://e/one two" e:p="v">
  <e:name xml:lang="en_GB">One</e:name>
  <e:size r:datatype="{XSD}integer">big</e:size>
  <e:in r:resource="three"/>
  <e:size r:datatype="{LANG_STRING}">x</e:size>
</e:City>
</r:RDF>"""
JSONLD = f"""{{"@context": {{"e": "http://e/", "xsd": "{XSD}"}},
 "@id": "e:a",
 "e:p": {{"@value": "20I9", "@type": "xsd:gYear"}}}}"""

#: Code, line, and the text that begins at the column; None where there is no column.
Place = tuple[str, int | None, str | None]


def places(found: list[Finding]) -> list[Place]:
    return [
        (f.code, f.line, None if f.column is None or f.text is None else f.text[f.column - 1 :])
        for f in found
    ]


@pytest.mark.parametrize(
    ("syntax", "text", "expected"),
    [
        (
            "turtle",
            TURTLE,
            [
                ("lexical", 3, '"20I9"'),
                ("lexical", 4, '"2015-9-8"'),
                ("lexical", 4, '"2015-02-30"'),
                ("language", 5, "_GB"),
                ("iri", 6, "<http://e/a b>"),
                ("syntax", 7, "foo:name"),
                ("lexical", 8, '"300"'),
                ("language", 10, "englishlanguage"),
            ],
        ),
        (
            "ntriples",
            NTRIPLES,
            [
                ("lexical", 1, '"x"'),
                ("syntax", 2, "."),
                ("syntax", 3, ","),
                ("lexical", 5, '"2015'),
            ],
        ),
        ("nquads", f'<x:s> <x:p> "x"^^<{XSD}byte> <x:g> .', [("lexical", 1, '"x"')]),
        (
            "trig",
            TRIG,
            [("lexical", 1, '"1,5"'), ("iri", 2, "<x:b c>"), ("lexical", 3, '"yes"')],
        ),
        (
            "rdfxml",
            RDFXML,
            [
                ("iri", 2, "http://e/one two"),
                ("language", 3, "en_GB"),
                ("lexical", 4, "big"),
                ("iri", 5, "three"),
                ("language", 6, LANG_STRING),
            ],
        ),
        (
            "rdfxml",
            RDFXML.replace("three", "x:three").replace("</e:City>", "</e:City"),
            [
                ("iri", 2, "http://e/one two"),
                ("language", 3, "en_GB"),
                ("lexical", 4, "big"),
                ("language", 6, LANG_STRING),
                ("syntax", 8, "<"),
            ],
        ),
        ("rdfxml", f'{HEAD}<r:li/>\n<e:A r:about="x"/></r:RDF>', [("syntax", 2, None)]),
        ("jsonld", JSONLD, [("lexical", 3, '"20I9"')]),
        ("jsonld", JSONLD.replace("e:a", "a"), [("iri", 2, None)]),
        ("jsonld", JSONLD[:-1], [("syntax", 3, "")]),
        ("jsonld", '{"@context": "http://e/", "e:p": 1}', [("refused", 1, None)]),
    ],
)
def test_all_that_is_wrong_is_told_at_once_and_where(
    syntax: str, text: str, expected: list[Place]
) -> None:
    found = lcgraph.check(text.encode(), format=syntax)
    told = places(found)
    assert [place[:2] for place in told] == [place[:2] for place in expected]
    for (_, _, rest), (_, _, token) in zip(told, expected, strict=True):
        assert rest == token if rest is None or token is None else rest.startswith(token)
    lines = text.split("\n")
    assert all(f.text in (None, lines[(f.line or 1) - 1]) for f in found)


def test_a_finding_says_how_to_mend_it_and_shows_its_line() -> None:
    found = {finding.line: finding for finding in lcgraph.check(TURTLE.encode(), format="ttl")}
    assert str(found[3]).splitlines() == [
        '<bytes>:3:12: "20I9" is no xsd:gYear',
        '    e:a e:year "20I9"^^xsd:gYear ;',
        "               ^",
        '  Did you mean "2019"^^xsd:gYear?',
    ]
    mends = {5: "@en-GB", 6: "%20", 7: "@prefix foo:", 8: "Correct the number", 10: "pt-BR"}
    assert all(mend in (found[line].hint or "") for line, mend in mends.items())
    assert "2 uses" in found[7].message
    assert 9 not in found


def test_what_is_right_has_no_findings() -> None:
    for path in resources.dataset_files():
        assert lcgraph.check(path) == []
    free = f'<x:a> <x:p> "01"^^<{XSD}integer>, "x"^^<x:own>, "<b>"^^<{LANG_STRING[:-10]}HTML> .'
    assert lcgraph.check(free.encode(), format="turtle") == []
    assert lcgraph.check(b"\xef\xbb\xbf<a> <b> <c> .", format="ttl", base="http://e/") == []


def test_what_follows_an_error_that_leaves_nothing_is_not_told() -> None:
    text = b"@prefix e: <http://e/ > .\n" + b"e:a e:p 1 .\n" * 1000
    (finding,) = lcgraph.check(text, format="turtle")
    assert finding.line == 1
    (finding,) = lcgraph.check(b"Dear all,\n\nthis is no data.\nYours,\nx\n")
    assert finding.line == 1
    assert "content" in (finding.hint or "")


def test_a_source_that_cannot_be_read_at_all_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="no such file"):
        lcgraph.check(tmp_path / "nowhere.ttl")
    with pytest.raises(ReadError, match="UTF-16"):
        lcgraph.check("<x:a>".encode("utf-16"), format="ttl")
    with pytest.raises(LcgraphError, match="base"):
        lcgraph.check(b"<a> <b> <c> .", format="ttl", base="no base")


@pytest.mark.parametrize("suffix", ["ttl", "jsonld"])
def test_ill_formed_literals_are_not_loaded_unless_asked(tmp_path: Path, suffix: str) -> None:
    good, bad = tmp_path / "good.ttl", tmp_path / f"bad.{suffix}"
    good.write_text("<http://e/a> <http://e/p> 1 .")
    text = f'<http://e/a> <http://e/p> "x"^^<{XSD}date> , "20I9"^^<{XSD}gYear> .\n'
    bad.write_text(text if suffix == "ttl" else JSONLD)
    number = 2 if suffix == "ttl" else 1
    graph = lcgraph.Graph()
    with pytest.raises(IllFormedError) as caught:
        graph.load(good, bad)
    assert len(graph) == 0
    assert caught.value.findings == lcgraph.check(bad)
    assert len(caught.value.findings) == number
    assert str(bad) in str(caught.value)
    assert 'Did you mean "2019"^^xsd:gYear?' in str(caught.value)
    assert "lenient=True" in str(caught.value)
    graph.load(good, bad, lenient=True)
    assert len(graph) == number + 1
    assert f'"20I9"^^<{XSD}gYear>' in {str(quad.object) for quad in graph}


def test_many_findings_are_not_all_shown_when_loading_is_refused() -> None:
    text = "".join(f'<x:s> <x:p> "{n}x"^^<{XSD}int> .\n' for n in range(50))
    with pytest.raises(ReadError) as caught:
        lcgraph.Graph().load(text.encode(), format="nt")
    assert "… and 30 more" in str(caught.value)
    assert "50 literals are ill-formed" in str(caught.value)


def test_the_command_tells_findings_and_exits_1(lcgraph: Run, tmp_path: Path) -> None:
    (tmp_path / "a.ttl").write_text(TURTLE)
    (tmp_path / "b.ttl").write_text("<x:a> <x:b> 1 .")
    done = lcgraph("check", "a.ttl", "b.ttl")
    assert done.returncode == 1
    blocks = done.stdout.split("a.ttl:")
    assert blocks[1].startswith('3:12: "20I9" is no xsd:gYear\n    e:a e:year')
    assert len(blocks) == 9
    assert done.stderr == "2 files checked, 8 findings in 1 of them\n"
    assert lcgraph("check", "-", "-i", "ttl", stdin=TURTLE).stdout == done.stdout.replace(
        "a.ttl:", "<stdin>:"
    )
    clean = lcgraph("check", "b.ttl")
    assert (clean.returncode, clean.stdout) == (0, "")
    assert clean.stderr == "1 file checked, nothing found\n"
    missing = lcgraph("check", "b.ttl", "c.ttl")
    assert (missing.returncode, missing.stdout) == (2, "")
    assert "no such file" in missing.stderr
    assert lcgraph("check").returncode == 2
    wrong = lcgraph("check", "b.ttl", "-f", "jsn")
    assert "Did you mean json?" in wrong.stderr


def test_the_command_writes_json(lcgraph: Run, tmp_path: Path) -> None:
    (tmp_path / "a.ttl").write_text(TURTLE)
    done = lcgraph("check", "a.ttl", "--json", "-o", "found.json")
    assert (done.returncode, done.stdout) == (1, "")
    document = json.loads((tmp_path / "found.json").read_text())
    assert document["version"] == 1
    assert document["findings"][0] == {
        "code": "lexical",
        "file": "a.ttl",
        "line": 3,
        "column": 12,
        "message": '"20I9" is no xsd:gYear',
        "hint": 'Did you mean "2019"^^xsd:gYear?',
    }
    (tmp_path / "b.ttl").write_text("")
    assert json.loads(lcgraph("check", "b.ttl", "--json").stdout)["findings"] == []


def test_commands_that_load_refuse_ill_formed_literals_unless_lenient(
    lcgraph: Run, tmp_path: Path
) -> None:
    (tmp_path / "a.ttl").write_text(f'<x:s> <x:p> "20I9"^^<{XSD}gYear> .')
    question = "SELECT ?o { ?s ?p ?o }"
    for command in (("query", question, "--csv"), ("export", "-f", "nt"), ("info",)):
        refused = lcgraph(*command, "a.ttl")
        assert (refused.returncode, refused.stdout) == (2, "")
        assert refused.stderr.startswith("a.ttl:1:13:")
        taken = lcgraph(*command, "a.ttl", "--lenient")
        assert taken.returncode == 0
    assert "20I9" in lcgraph("export", "-f", "nt", "a.ttl", "--lenient").stdout


SHAPES = b"""@prefix sh: <http://www.w3.org/ns/shacl#> .
<x:shape> a sh:NodeShape ; sh:targetSubjectsOf <x:p> ; sh:property <x:shape-p> .
<x:shape-p> sh:path <x:p> ; sh:maxCount 9 .
"""
YEAR = f'"20I9"^^<{XSD}gYear>'
PROSE = '"20I9" is no xsd:gYear'


@pytest.mark.parametrize(
    ("syntax", "text", "place"),
    [
        ("ttl", f"<x:s> <x:p> 1 ,\n  {YEAR} .", (2, '"20I9"')),
        ("trig", f"<x:g> {{ <x:s> <x:p> {YEAR} }}", (1, '"20I9"')),
        ("nt", f"<x:s> <x:p> {YEAR} .\n<x:s> <x:q> {YEAR} .", (1, '"20I9"')),
        (
            "rdf",
            f'{HEAD}<e:A r:about="x:s">\n<e:y r:datatype="{XSD}gYear">20I9</e:y></e:A></r:RDF>',
            (3, "20I9<"),
        ),
        ("jsonld", JSONLD, (3, '"20I9"')),
    ],
)
def test_a_validation_tells_ill_formed_literals_beside_its_results(
    tmp_path: Path, syntax: str, text: str, place: tuple[int, str]
) -> None:
    path = tmp_path / f"data.{syntax}"
    path.write_text(text)
    report = lcgraph.validate(path, shapes=SHAPES)
    assert list(report.findings) == lcgraph.check(path)
    assert report.conforms
    assert not len(report)
    assert report.fails()
    first = report.findings[0]
    assert (first.file, first.line, first.message) == (str(path), place[0], PROSE)
    assert (first.text or "")[(first.column or 0) - 1 :].startswith(place[1])
    assert "does not pass: " in report.to_text()
    path.write_text(text.replace("20I9", "2019"))
    right = lcgraph.validate(path, shapes=SHAPES)
    path.write_text(text)
    lenient = lcgraph.validate(path, shapes=SHAPES, lenient=True)
    assert right.findings == ()
    assert "lexical" not in right.to_text().lower()
    assert lenient.findings == report.findings
    assert not right.fails()
    assert not lenient.fails()


def test_findings_of_several_sources_keep_their_order_and_places(tmp_path: Path) -> None:
    second, first = tmp_path / "a.ttl", tmp_path / "b.nt"
    first.write_text(f"<x:s> <x:p> 1 .\n<x:s> <x:p> {YEAR} .".replace(" 1 ", ' "1" '))
    second.write_text(f"<x:t> <x:p> {YEAR} ; <x:q>\n {YEAR} .")
    report = lcgraph.validate(first, second, shapes=SHAPES)
    assert [(f.file, f.line) for f in report.findings] == [
        (str(first), 2),
        (str(second), 1),
        (str(second), 2),
    ]
    graph = lcgraph.Graph().load(first, second, lenient=True)
    assert graph.validate(shapes=SHAPES).findings == report.findings
    assert graph.validate(shapes=SHAPES).fails()
    assert not graph.validate(shapes=SHAPES, lenient=True).fails()


def test_findings_of_data_without_a_file_name_the_triple() -> None:
    import rdflib

    data = rdflib.Graph().parse(data=f"<x:s> <x:p> {YEAR} .", format="turtle")
    (finding,) = lcgraph.validate(data, shapes=SHAPES).findings
    assert finding.message == f"{PROSE} (x:s x:p)"
    assert finding.where == ""


def test_who_asks_about_one_node_is_not_told_of_others() -> None:
    data = f"<x:s> <x:p> 1 . <x:t> <x:p> {YEAR} .".encode()
    assert lcgraph.validate(data, shapes=SHAPES).findings
    assert not lcgraph.validate(data, shapes=SHAPES, focus="x:s").findings


def test_every_form_of_report_has_the_findings(lcgraph: Run, tmp_path: Path) -> None:
    import junitparser
    from jsonschema import validate as hold

    (tmp_path / "s.ttl").write_bytes(SHAPES)
    (tmp_path / "a.ttl").write_text(f"<x:s> <x:p> {YEAR} .")
    run = ("validate", "a.ttl", "-s", "s.ttl")

    text = lcgraph(*run)
    assert text.returncode == 1
    assert f"a.ttl:1:13: {PROSE}\n" in text.stdout
    assert "does not pass: 1 lexical finding (sh:conforms true" in text.stdout
    assert lcgraph(*run, "--fail-on", "info").returncode == 1
    lenient = lcgraph(*run, "--lenient")
    assert lenient.returncode == 0
    assert "\npasses: 1 lexical finding (let pass) (sh:conforms true" in lenient.stdout

    document = json.loads(lcgraph(*run, "--json").stdout)
    hold(document, json.loads(resources.report_schema().read_text()))
    assert document["conforms"]
    (finding,) = document["findings"]
    assert (finding["file"], finding["line"], finding["column"]) == ("a.ttl", 1, 13)
    (told,) = json.loads(lcgraph(*run, "-f", "sarif").stdout)["runs"][0]["results"]
    region = told["locations"][0]["physicalLocation"]["region"]
    assert (told["ruleId"], region["startLine"], region["startColumn"]) == ("lexical", 1, 13)
    annotation = lcgraph(*run, "-f", "github").stdout
    assert annotation.startswith("::error file=a.ttl,line=1,col=13,title=lexical::")
    junit = lcgraph(*run, "-f", "junit", "-o", "r.xml")
    assert junit.returncode == 1
    assert "1 lexical finding" in junit.stderr
    read = junitparser.JUnitXml.fromfile(str(tmp_path / "r.xml"))
    assert (read.tests, read.failures) == (3, 1)
    assert "sh:conforms true" in lcgraph(*run, "-f", "turtle").stdout


TEXTS = {
    "turtle": TURTLE,
    "ntriples": NTRIPLES,
    "nquads": NTRIPLES,
    "trig": TRIG,
    "rdfxml": RDFXML,
    "jsonld": JSONLD,
}
PIECES = ['"', "'''", "<", ">", "{", "}", "[", "(", ".", ";", "@", "^^", "\\", "\n", "é", "\\u0000"]


@given(st.sampled_from(sorted(TEXTS)), st.data())
def test_whatever_the_text_is_it_is_loaded_exactly_where_nothing_is_found(
    syntax: str, data: st.DataObject
) -> None:
    text = TEXTS[syntax]
    for _ in range(data.draw(st.integers(0, 3))):
        at = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(at, min(at + 30, len(text))))
        text = text[:at] + data.draw(st.sampled_from(["", *PIECES])) + text[end:]
    found = lcgraph.check(text.encode(), format=syntax)
    lines = [finding.line or 0 for finding in found]
    assert lines == sorted(lines)
    assert max(lines, default=0) <= text.count("\n") + 1
    graph = lcgraph.Graph()
    if not found:
        graph.load(text.encode(), format=syntax)
        return
    with pytest.raises(LcgraphError) as caught:
        graph.load(text.encode(), format=syntax)
    assert (caught.value.line or 0) in lines


TYPES = ["", "@en", *(f"^^<{XSD}{n}>" for n in ("string", "date", "byte", "token", "Name"))]
LITERALS = st.tuples(
    st.lists(
        st.sampled_from(
            [*"12-x >^", "2015-02-", "\\u0000", "\\uFFFE", "\\\\", "u0000", "\\n", '\\"']
        ),
        max_size=5,
    ).map("".join),
    st.sampled_from([*TYPES, f"^^<{LANG_STRING[:-10]}XMLLiteral>", "^^<x:own>"]),
)


@given(st.lists(LITERALS, max_size=12))
def test_a_validation_finds_what_checking_finds(literals: list[tuple[str, str]]) -> None:
    lines = [f'<x:s{n}> <x:p> "{text}"{kind} .\n' for n, (text, kind) in enumerate(literals)]
    data = "".join(lines).encode()
    found = lcgraph.check(data, format="nt")
    assert list(lcgraph.validate(data, shapes=SHAPES, format="nt").findings) == found
    graph = lcgraph.Graph().load(data, format="nt", lenient=True)
    assert list(graph.validate(SHAPES).findings) == found
