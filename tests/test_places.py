"""Places: line and column of what a text says, in every syntax."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lcgraph.places import Place, locate
from lcgraph.reading import read, read_lines

HEAD = "@prefix e: <http://e/> .\n@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n"
GAPS = st.lists(
    st.sampled_from([" ", "\n", "\r\n", "\t", "# a comment: \"no\" <no> '''\n", "  "]), min_size=1
).map("".join)
OBJECTS = st.sampled_from(
    [
        '"x"',
        "'x'",
        '"\\u0078"',
        '"""x"""',
        "'''x'''",
        '"x"@en',
        '"x"@en-GB',
        '"20I9"^^xsd:gYear',
        '"20I9"^^<http://www.w3.org/2001/XMLSchema#gYear>',
        '"""two\nlines "" # here"""',
        '"""three\r\n. <no> ;\n"""@en',
        '"ends with \\""',
        '"naïve 城市"',
        "5",
        "-5",
        "5.0",
        "5e0",
        ".5e0",
        "true",
        "e:x",
        "e:x.y",
        "e:",
        "<http://e/x>",
        "<http://e/#x>",
        "_:label",
    ]
)


# The parser knows the second text by what stands two lines below.
@example([('"x"', " ", " ", ","), ('"x"', "\n\n", " ", ".")])
@given(st.lists(st.tuples(OBJECTS, GAPS, GAPS, st.sampled_from([",", ";", "."]))))
def test_every_object_is_found_however_the_text_is_laid_out(
    facts: list[tuple[str, str, str, str]],
) -> None:
    text, end = HEAD, "."
    expected = []
    said: set[str] = set()
    for row, (token, gap, other_gap, this_end) in enumerate(facts):
        term = str(read(f"{HEAD}e:s e:p {token} .".encode(), format="turtle").quads[0].object)
        if end == "," and term in said:  # a triple that is said twice has two places
            text, end = text[:-1] + ";", ";"
        if end != ",":
            text += f"{gap}e:s{row}{other_gap}" if end == "." else gap
            text += f"e:p{row}{gap}"
            said.clear()
        before = text.replace("\r\n", "\n")
        expected.append(Place(before.count("\n") + 1, len(before) - before.rfind("\n")))
        said.add(term)
        end = this_end
        text += token + gap + end
    if end != ".":
        text = text[: -len(end)] + "."
    document = read(text.encode(), format="turtle")
    found = locate(document, [(row, "object") for row in range(len(facts))])
    assert [found[row, "object"] for row in range(len(facts))] == expected
    (lines,) = read_lines([text.encode()], format="turtle")
    assert locate(lines, found) == found


TURTLE = """@prefix e: <http://e/> .
e:a e:p "x"
 ; e:q [ e:r 5 ;
   e:s "t"
  ] ; e:l ( 1
  2 ) , ()
 .
[ e:p 4 ] e:q 4 . e:a e:p e:a .
"""


@pytest.mark.parametrize(
    ("statement", "subject", "predicate", "object_"),
    [
        ('<http://e/a> <http://e/p> "x"', (2, 1), (2, 5), (2, 9)),
        ("<http://e/r>", (3, 8), (3, 10), (3, 14)),
        ("<http://e/a> <http://e/q> _:", (2, 1), (3, 4), (3, 8)),
        ("<http://e/s>", (3, 8), (4, 4), (4, 8)),
        ("<http://e/a> <http://e/l> _:", (2, 1), (5, 7), (5, 11)),
        ('first> "2"', (5, 11), (6, None), (6, 3)),
        ("nil", (2, 1), (5, 7), (6, 9)),
        ('<http://e/p> "4"', (8, 1), (8, 3), (8, 7)),
        ('<http://e/q> "4"', (8, 1), (8, 11), (8, 15)),
        ("<http://e/a> <http://e/p> <http://e/a>", (8, 19), (8, 23), (8, 27)),
    ],
)
def test_each_part_of_a_triple_is_found(
    statement: str,
    subject: tuple[int, int],
    predicate: tuple[int, int | None],
    object_: tuple[int, int],
) -> None:
    document = read(TURTLE.encode(), format="turtle")
    row = next(
        row
        for row, quad in enumerate(document.quads)
        if statement in str(quad) and "rest>" not in str(quad)
    )
    found = locate(document, [(row, "subject"), (row, "predicate"), (row, "object")])
    assert found == {
        (row, "subject"): Place(*subject),
        (row, "predicate"): Place(*predicate),
        (row, "object"): Place(*object_),
    }


@pytest.mark.parametrize(
    ("syntax", "text", "expected"),
    [
        (
            "ntriples",
            '# c\n\n<http://s> <http://p> "é" . # "x"\n<http://s>  <http://p> "x" .\n',
            (4, 24),
        ),
        ("nquads", '<http://s> <http://p> "x"@en <http://x> .\n<x:s> <x:p> "x" <x:g> .', (2, 13)),
        (
            "trig",
            '<x:g> { <x:s> <x:p> 1 }\nGRAPH <x:h> { <x:s> <x:q> "x" } <x:s> <x:p> <x:o> .',
            (2, 27),
        ),
        (
            "rdfxml",
            (
                '<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="http://e/">\n'
                '<r:Description r:about="x:s">\n  <e:x\n>x</e:x>\n  </r:Description></r:RDF>'
            ),
            (4, 2),
        ),
        (
            "rdfxml",
            (
                '<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="http://e/">\n'
                '  <r:Description r:about="x:s" e:p="x"/></r:RDF>'
            ),
            (2, 37),
        ),
        (
            "jsonld",
            (
                '{"@context": {"e": "http://e/"}, "@graph": [{"@id": "e:y", "e:p": "x"},\n'
                ' {"@id": "e:s", "e:p":\n "x"}]}'
            ),
            (3, 2),
        ),
    ],
)
def test_a_literal_is_found_in_every_syntax(
    syntax: str, text: str, expected: tuple[int, int]
) -> None:
    document = read(text.encode(), format=syntax)
    last = max(row for row, quad in enumerate(document.quads) if str(quad.object) == '"x"')
    assert locate(document, [(last, "object")]) == {(last, "object"): Place(*expected)}


def test_equal_tokens_of_one_line_are_told_apart_and_a_relative_name_is_known() -> None:
    text = b'@base <http://e/d/> .\n<a> <p> "x", "y" ; <../q> <b> , "x" . <b> <p> "x" .'
    document = read(text, format="turtle")
    places = locate(document, [(row, "object") for row in range(5)])
    assert [places[row, "object"].column for row in range(5)] == [9, 14, 27, 33, 47]


def test_nothing_is_read_where_nothing_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    document = read(b"<x:s> <x:p> 1 .", format="turtle")
    monkeypatch.setattr(type(document), "parse_again", None)
    assert locate(document, []) == {}
