"""A large text tells the lines of its triples without all of it being read again, and the same ones."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lcgraph
from lcgraph import lines, resources
from lcgraph.columns import Columns
from lcgraph.reading import read, read_lines
from lcgraph.shacl.locating import locate
from lcgraph.shacl.report import Result

HEAD = "@prefix ex: <http://ex.org/> .\n@prefix other: <http://ex.org/other/> .\n"
NAMES = st.sampled_from(["ex:a", "ex:b", "other:c", "<http://ex.org/a>", "_:n", "ex:d.e"])
OBJECTS = NAMES | st.sampled_from(
    ['"text"', '"# no comment . ;"@en', "1", "1.5", "true", "( ex:a ex:b )", "[ ex:p ex:b ]",
     '"two\\nlines"', '"1"^^<http://www.w3.org/2001/XMLSchema#integer>']
)  # fmt: skip
GAPS = st.sampled_from([" ", "\n", "\n    ", "  # a note . ex:a ex:p ex:b .\n", "\n\n"])
SPACES = st.sampled_from(["", "\n", "# ex:a ex:p ex:b .\n", "\n\n# basic prefix\n", "  "])


@st.composite
def statements(draw: st.DrawFn) -> str:
    """One statement of Turtle, laid out in any way."""
    text = draw(NAMES) + draw(GAPS)
    for number in range(draw(st.integers(1, 3))):
        text += (";" + draw(GAPS) if number else "") + draw(st.sampled_from(["ex:p", "ex:q", "a"]))
        for other in range(draw(st.integers(1, 2))):
            text += ("," if other else "") + draw(GAPS) + draw(OBJECTS) + draw(GAPS)
    return text + "." + draw(st.sampled_from(["\n", " ", "\n\n"]))


def known(text: str, format: str) -> tuple[dict[int, int], dict[int, int]]:
    """The lines of all triples as the whole text tells them, and as a large one does."""
    document = read(text.encode(), format=format)
    triples = {
        at: (str(quad.subject), str(quad.predicate), str(quad.object))
        for at, quad in enumerate(document.quads)
    }
    whole = dict(enumerate(document.lines()))
    return whole, document.lines_of(triples, len(triples))


@settings(max_examples=200)
@given(st.lists(st.tuples(SPACES, statements()), min_size=1, max_size=6))
def test_statements_read_alone_stand_where_they_stand(parts: list[tuple[str, str]]) -> None:
    text = HEAD + "".join(space + statement for space, statement in parts)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "LARGE", 0)
        whole, large = known(text, "turtle")
    texts = text.split("\n")
    document = read(text.encode(), format="turtle")
    for at, line in large.items():
        # A triple that is said twice may be shown where it is said first.
        quad = document.quads[at]
        same = {whole[i] for i, other in enumerate(document.quads) if other == quad}
        assert line in same, (quad, texts[line - 1])
    assert large.keys() == whole.keys()


@pytest.mark.parametrize(
    "text",
    [
        'ex:a ex:p """\nex:b ex:p ex:c .\n""" .\nex:b ex:p ex:c .\n',
        "ex:a\nex:p\nex:b ,\nex:c .\nex:b ex:p ex:c .\n",
        "ex:b ex:p ex:c .\r\nex:a ex:p ex:b .\r\n",
        "@prefix ex: <http://other.org/> .\nex:b ex:p ex:c .\n",
        "@base <http://ex.org/> .\n<b> ex:p <c> .\n",
        "ex:a ex:p ex:b ; ex:q ex:b . ex:b ex:p ex:c .",
    ],
    ids=["long string", "all at the margin", "CR LF", "prefix again", "base", "one line"],
)
def test_layouts_that_could_mislead(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "LARGE", 0)
    whole, large = known(HEAD + text, "turtle")
    assert large == whole


@pytest.mark.parametrize("between", ["", "# a comment\n", "\n\n", "   \n"])
def test_lines_of_ntriples_with_and_without_lines_between(
    between: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "LARGE", 0)
    text = "".join(f"{between}<http://a> <http://b> <http://c{n}> .\n" for n in range(5))
    whole, large = known(text, "ntriples")
    assert large == whole
    assert [text.split("\n")[line - 1] for line in large.values()] == [
        f"<http://a> <http://b> <http://c{n}> ." for n in range(5)
    ]


def test_results_name_the_source_and_the_line_of_their_cause() -> None:
    first = read(b"<http://x> <http://p> 1 .\n", name="first.ttl", format="turtle")
    second = read(
        b"<http://a> <http://p> 1 ;\n  <http://p> 2 ;\n  <http://q> <http://x> .\n",
        name="second.ttl",
        format="turtle",
    )

    def result(focus: str, path: str | None, value: str | None) -> Result:
        return Result("violation", "", f"<{focus}>", path, value, "<http://s>", "http://c")

    one = '"1"^^<http://www.w3.org/2001/XMLSchema#integer>'
    asked = [
        result("http://a", "<http://p>", one),  # the value at the path
        result("http://a", "<http://p>", None),  # the last value at the path
        result("http://a", "<http://r>", None),  # missing: the focus node's first triple
        result("http://x", "^<http://q>", "<http://a>"),  # the value at the inverse path
        result("http://nowhere", None, None),
    ]
    found, _ = locate(asked, [], [first, second], [], Columns.from_texts([]))
    places = [result.where for result in found]
    assert places == ["second.ttl:1:23", "second.ttl:2:14", "second.ttl:1:1", "second.ttl:3:3", ""]


def test_results_of_a_graph_name_the_lines_of_its_files_whatever_order_it_keeps() -> None:
    head = "@prefix lcg: <https://w3id.org/lcgraph/ns#> .\n"
    text = head + "".join(
        f"<http://ex.org/z{9 - n}> a lcg:City .\n<http://ex.org/a{n}> <http://ex.org/p> {n} .\n"
        for n in range(9)
    )
    report = lcgraph.Graph().load(text.encode(), format="turtle").validate()
    assert len(report) == 18
    for result in report:
        assert result.line is not None
        assert result.focus in text.split("\n")[result.line - 1]


@pytest.mark.parametrize("format", ["turtle", "ntriples"])
def test_lines_of_the_shipped_data_are_found_without_reading_all_of_them_again(
    format: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (path, *_) = resources.dataset_files()
    data = path.read_bytes() if format == "turtle" else lcgraph.convert(path, format=format)
    assert len(data) >= lines.LARGE
    (source,) = read_lines([data], format=format)
    whole = source.lines()
    columns = Columns.from_nquads(source.ntriples)
    every = columns.rows.gather_every(97)
    texts = zip(*(columns.texts(every[name]).to_list() for name in "spo"), strict=True)
    triples = dict(zip(every["index"].to_list(), texts, strict=True))
    monkeypatch.setattr(lines.Text, "lines", lambda _: pytest.fail("all of the text was read"))
    assert source.lines_of(triples, len(columns.rows)) == {at: whole[at] for at in triples}
