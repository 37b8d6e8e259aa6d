"""Reading: all or nothing, terms as written, errors with file, line, column and mend."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest

import lcgraph
from lcgraph import reading
from lcgraph.errors import PolicyError, ReadError
from lcgraph.lines import LineMap

if TYPE_CHECKING:
    from collections.abc import Callable
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


READERS = [reading.read, lambda *sources, **how: reading.read_lines(sources, **how)]


@pytest.mark.parametrize("reader", READERS)
def test_a_text_with_a_direction_is_named_not_dropped(reader: Callable[..., object]) -> None:
    for data in (
        b'<http://a> <http://b> "y--rtl" .\n<http://a> <http://b> "x"@ar--rtl .',
        b'<http://a> <http://b> "x"@ar--ltr , "\\"@ar--rtl ." .',
    ):
        with pytest.raises(ReadError, match=r"RDF 1\.2") as caught:
            reader(data, format="ttl")
        assert caught.value.line == data.count(b"\n") + 1
    reader(b'<http://a> <http://b> "\\"@ar--rtl ." .', format="ttl")


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("suffix", ["ttl", "trig", "nt", "nq", "rdf", "jsonld"])
def test_a_byte_order_mark_is_no_part_of_the_text_and_utf_16_is_named(
    reader: Callable[..., object], suffix: str, tmp_path: Path
) -> None:
    path = tmp_path / f"a.{suffix}"
    text = {"rdf": "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'/>"}
    text["jsonld"] = '{"@id": "http://a", "http://b": 1}'
    content = text.get(suffix, "<http://a> <http://b> <http://c> .\n")
    if suffix == "trig":
        content = "<http://g> { <http://a> <http://b> <http://c> }"
    path.write_text(content, encoding="utf-8-sig")
    reader(path)
    for encoding in ("utf-16", "utf-16-le", "utf-16-be", "utf-32"):
        path.write_text(content, encoding=encoding)
        with pytest.raises(ReadError, match="not UTF-8") as caught:
            reader(path)
        assert "UTF-8" in (caught.value.hint or "")


def test_lines_that_end_in_cr_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "mac.ttl"
    for end in (b"\r", b"\r\n", b"\n"):
        path.write_bytes(end.join([b"<http://a> <http://b> 1 .", b"<http://a> <http://b> 2 ."]))
        document = reading.read(path)
        assert document.lines() == [1, 2]
        assert LineMap(document.data).text(2) == "<http://a> <http://b> 2 ."
        path.write_bytes(path.read_bytes()[:-1] + end + b"; oops")
        with pytest.raises(ReadError) as caught:
            reading.read(path)
        assert (caught.value.line, caught.value.text) == (3, "; oops")


@pytest.mark.parametrize("reader", READERS)
def test_where_the_content_was_guessed_wrongly_the_hint_says_so(
    reader: Callable[..., object], tmp_path: Path
) -> None:
    path = tmp_path / "data"
    for text in (
        "<http://g> { <http://a> <http://b> <http://c> }",
        "<http://a> <http://b> <http://c> <http://g> .",
        '{"a"',
    ):
        path.write_text(text)
        with pytest.raises(ReadError) as caught:
            reader(path)
        assert "by its content" in (caught.value.hint or "")
        assert "-i" in (caught.value.hint or "")
    with pytest.raises(ReadError) as caught:
        reader(path, format="trig")
    assert "content" not in (caught.value.hint or "")


@pytest.mark.parametrize("reader", READERS)
def test_a_text_that_the_parser_cannot_hold_is_a_clear_error(reader: Callable[..., object]) -> None:
    data = b'<http://a> <http://b> 1 .\n<http://a> <http://b> "' + b"x" * (17 << 20) + b'" .'
    with pytest.raises(ReadError, match="16 MB") as caught:
        reader(data, format="ttl")
    assert caught.value.line == 2


def test_an_entity_that_is_used_very_often_is_refused() -> None:
    head = b'<!DOCTYPE r [\n<!ENTITY e "' + b"x" * 1900 + b'">]>\n'
    rdf = b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="http://e/">'
    body = b'<rdf:Description rdf:about="http://a"><e:p>' + b"&e;" * 600
    with pytest.raises(PolicyError, match="1 MB"):
        reading.read(head + rdf + body + b"</e:p></rdf:Description></rdf:RDF>", format="rdfxml")
    few = body.replace(b"&e;" * 600, b"&e;")
    assert reading.read(
        head + rdf + few + b"</e:p></rdf:Description></rdf:RDF>", format="rdfxml"
    ).quads


def test_a_record_of_json_ld_is_where_its_key_is() -> None:
    data = b"""{"@context": {"@vocab": "http://ex.org/", "@base": "http://ex.org/id/"},
      "@graph": [
        {"@id": "one", "name": "two", "of": "http://ex.org/id/two"},
        {"@id": "two", "name": "Two"}]}"""
    document = reading.read(data, format="jsonld")
    assert document.line_of_subject("http://ex.org/id/one") == 3
    assert document.line_of_subject("http://ex.org/id/two") == 4
    assert document.line_of_subject("http://ex.org/id/three") is None


XML = (
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="http://e/">\n'
    '<rdf:Description rdf:about="x:a">\n<e:p>1</e:p>\n'
)


@pytest.mark.parametrize(
    ("rest", "line", "column", "mend"),
    [
        ("  <e:q>2", 4, 9, "is all of it there"),
        ("", 4, 1, "is all of it there"),
        ("</rdf:Description>\n<e:é>2</e:É></rdf:RDF>", 5, 9, "by its own name"),
        ("<e:q>R & D</e:q></rdf:Description></rdf:RDF>", 4, 9, "&amp;"),
        ("<f:q/></rdf:Description></rdf:RDF>", 4, 1, "xmlns:ex"),
    ],
)
def test_rdf_xml_that_was_cut_off_or_is_broken_is_refused(
    rest: str, line: int, column: int, mend: str
) -> None:
    graph = lcgraph.Graph()
    with pytest.raises(ReadError) as caught:
        graph.load((XML + rest).encode(), format="rdfxml")
    assert (caught.value.line, caught.value.column) == (line, column)
    assert mend in (caught.value.hint or "")
    assert len(graph) == 0
    whole = XML + "</rdf:Description></rdf:RDF>"
    assert len(graph.load(whole.encode(), format="rdfxml")) == 1


def test_a_text_that_lacks_the_language_of_its_datatype_is_refused() -> None:
    kind = "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString"
    xml = f'{XML}<e:q rdf:datatype="{kind}">2</e:q>\n</rdf:Description></rdf:RDF>'
    for reader in (reading.read, lambda data, **how: reading.read_lines([data], **how)):
        with pytest.raises(ReadError, match="needs a language") as caught:
            reader(xml.encode(), format="rdfxml")
        assert caught.value.line == 4
        with pytest.raises(ReadError, match="without a language"):
            reader(f'<x:a> <x:b> "c"^^<{kind}> .'.encode(), format="turtle")


@pytest.mark.parametrize(
    ("statement", "mend"),
    [
        ("<x:a b> <x:p> 1 .", "%20"),
        ("<x://a:b/> <x:p> 1 .", "number of a port"),
        ('<x:a> <x:p> "c"@abcdefghij .', "pt-BR"),
        ('<x:a> <x:p> "c"@en-GB-GB .', "pt-BR"),
        ('<x:a> <x:p> "c"@en_GB .', "@en-GB"),
    ],
)
def test_iris_and_language_tags_are_held_to_their_forms(statement: str, mend: str) -> None:
    with pytest.raises(ReadError) as caught:
        reading.read(statement.encode(), format="turtle")
    assert mend in (caught.value.hint or "")
