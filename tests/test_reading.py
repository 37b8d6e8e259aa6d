"""Reading: all or nothing, terms as written, errors with file, line, column and mend."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest

import lcgraph
from lcgraph import reading
from lcgraph.errors import PolicyError, ReadError

if TYPE_CHECKING:
    from pathlib import Path

TURTLE = b"""@prefix ex: <http://ex.org/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

ex:a ex:n "01"^^xsd:integer ;
    ex:d "2026-08-16T12:05:34Z"^^xsd:date ,
        "yes"^^xsd:boolean ;
    ex:t \"\"\"two
lines\"\"\" ;
    ex:b [ ex:c ex:d ] .
"""


def texts(document: reading.Document) -> list[str]:
    return [str(quad.object) for quad in document.quads]


def test_literals_come_back_as_they_were_written() -> None:
    values = texts(reading.read(TURTLE))
    assert '"01"^^<http://www.w3.org/2001/XMLSchema#integer>' in values
    assert '"2026-08-16T12:05:34Z"^^<http://www.w3.org/2001/XMLSchema#date>' in values
    assert '"yes"^^<http://www.w3.org/2001/XMLSchema#boolean>' in values


def test_each_triple_knows_its_line() -> None:
    document = reading.read(TURTLE)
    by_object = dict(zip(texts(document), document.lines(), strict=True))
    assert by_object['"01"^^<http://www.w3.org/2001/XMLSchema#integer>'] == 4
    assert by_object['"yes"^^<http://www.w3.org/2001/XMLSchema#boolean>'] == 6
    assert by_object["<http://ex.org/d>"] == 9


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.ttl", b"<http://a> <http://b> <http://c> ."),
        ("a.nt", b"<http://a> <http://b> <http://c> .\n"),
        ("a.nq", b"<http://a> <http://b> <http://c> <http://g> .\n"),
        ("a.trig", b"<http://g> { <http://a> <http://b> <http://c> }"),
        (
            "a.rdf",
            (
                b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:x="http://">'
                b'<rdf:Description rdf:about="http://a"><x:b rdf:resource="http://c"/>'
                b"</rdf:Description></rdf:RDF>"
            ),
        ),
        ("a.jsonld", b'{"@id": "http://a", "http://b": {"@id": "http://c"}}'),
    ],
)
def test_every_syntax_is_read_by_its_suffix_and_by_its_content(
    tmp_path: Path, name: str, data: bytes
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    (quad,) = reading.read(path).quads
    assert [str(t) for t in (quad.subject, quad.predicate, quad.object)] == [
        "<http://a>",
        "<http://b>",
        "<http://c>",
    ]
    if not name.endswith((".nq", ".trig")):
        assert reading.read(io.BytesIO(data)).quads == [quad]


@pytest.mark.parametrize(
    ("text", "line", "column", "said", "mend"),
    [
        ('@prefix a: <http://a/> .\na:b a:c "x" ;\n a:d a:e a:f .', 3, 10, "dot", "';'"),
        ("<http://a> foaf:name 'x' .", 1, 12, "foaf:", "xmlns.com/foaf/0.1/"),
        ("<http://a> <http://b> 'x", 1, 23, "end of file", "closed"),
        ("<a> <http://b> 'x' .", 1, 1, "scheme", "--base"),
        ("<http://a> <http://b c> 'x' .", 1, 12, "IRI", ""),
    ],
)
def test_broken_turtle_is_one_error_with_a_place_and_a_mend(
    tmp_path: Path, text: str, line: int, column: int, said: str, mend: str
) -> None:
    path = tmp_path / "broken.ttl"
    path.write_text(text)
    with pytest.raises(ReadError) as caught:
        reading.read(path)
    error = caught.value
    assert (error.file, error.line, error.column) == (str(path), line, column)
    assert said in error.message
    assert mend in (error.hint or "")
    shown = str(error).splitlines()
    caret = next(row for row in shown if row.strip() == "^")
    assert len(caret) - 5 == column - 1
    assert text.split("\n")[line - 1] in shown[1]


def test_broken_files_of_other_syntaxes_name_the_line() -> None:
    broken = {
        "nt": (b"<http://a> <http://b> 'x' .\n", 1),
        "nq": (b"<http://a> <http://b> <http://c> .\n<http://a> .\n", 2),
        "trig": (b"<http://g> {\n <http://a> <http://b> }", 2),
        "rdfxml": (
            (
                b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\n'
                b'<rdf:Description rdf:about="http://a">\n</rdf:RDF>'
            ),
            3,
        ),
        "jsonld": (b'{"@id": "http://a",\n "http://b" 1}', 2),
    }
    for syntax, (data, line) in broken.items():
        with pytest.raises(ReadError) as caught:
            reading.read(data, format=syntax)
        assert caught.value.line == line, syntax


def test_nothing_is_loaded_where_one_of_many_is_broken(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.ttl", tmp_path / "bad.ttl"
    good.write_text("<http://a> <http://b> 1 .")
    bad.write_text("<http://a> <http://b> 2 . <http://a>")
    graph = lcgraph.Graph()
    with pytest.raises(ReadError):
        graph.load(good, bad)
    assert len(graph) == 0
    assert len(graph.load(good)) == 1


def test_a_missing_file_a_folder_and_an_address_are_clear_errors(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="no such file"):
        reading.read(tmp_path / "nowhere.ttl")
    with pytest.raises(ReadError, match="folder"):
        reading.read(tmp_path)
    with pytest.raises(PolicyError, match="not addresses"):
        reading.read("http://127.0.0.1/data.ttl")


def test_a_base_resolves_relative_iris() -> None:
    (quad,) = reading.read(b"<a> <b> <c> .", format="ttl", base="http://ex.org/").quads
    assert str(quad.subject) == "<http://ex.org/a>"
    with pytest.raises(lcgraph.LcgraphError, match="not an IRI"):
        reading.read(b"<a> <b> <c> .", format="ttl", base="no base")


def test_blank_nodes_of_two_files_stay_apart_and_labels_are_the_same_each_time() -> None:
    one, two = b"_:a <http://p> [] .", b"_:a <http://q> [] ."
    first, second = reading.read_all([one, two], format="ttl")
    labels = [{str(q.subject), str(q.object)} for q in (*first.quads, *second.quads)]
    assert not labels[0] & labels[1]
    assert reading.read_all([one, two], format="ttl")[1].quads == second.quads
    assert len(lcgraph.Graph().load(one, format="ttl").load(one, format="ttl")) == 2


def test_entities_that_expand_or_fetch_are_refused_and_plain_ones_work() -> None:
    head = b'<?xml version="1.0"?>\n<!DOCTYPE r [\n'
    rdf = (
        b']>\n<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="&e;">'
        b'<rdf:Description rdf:about="&e;a"><e:p>x</e:p></rdf:Description></rdf:RDF>'
    )
    (quad,) = reading.read(head + b'<!ENTITY e "http://e/">' + rdf).quads
    assert str(quad.subject) == "<http://e/a>"
    for entity in (
        b'<!ENTITY x "ha">\n<!ENTITY e "&x;&x;&x;">',
        b'<!ENTITY e SYSTEM "file:///etc/hostname">',
        b'<!ENTITY % e "http://e/">',
    ):
        with pytest.raises(PolicyError):
            reading.read(head + entity + rdf)


def test_triple_terms_of_rdf_1_2_are_named_not_dropped() -> None:
    with pytest.raises(ReadError, match=r"RDF 1\.2"):
        reading.read(b"<http://a> <http://b> <<( <http://a> <http://b> 1 )>> .", format="ttl")
