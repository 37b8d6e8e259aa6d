"""Columns: what quads become, whatever their terms hold."""

from __future__ import annotations

import pyoxigraph as ox
from hypothesis import given
from hypothesis import strategies as st

from lcgraph.columns import Columns

IRIS = st.sampled_from(["a", "b", "c"]).map(
    lambda name: ox.NamedNode(f"https://example.org/{name}")
)
BLANKS = st.sampled_from(["x", "y"]).map(ox.BlankNode)
# Texts that look like what may follow a literal, or stand behind an object.
TEXTS = st.text(max_size=6) | st.sampled_from(
    [
        "",
        '"',
        "\\",
        " <g>",
        '" <g>',
        " _:x",
        '"@en',
        '"^^<d>',
        "<a> <b>",
        "\n",
        "\r\t",
        "é\U0001f600",
    ]
)
LITERALS = st.one_of(
    TEXTS.map(ox.Literal),
    st.builds(lambda text: ox.Literal(text, language="en-gb"), TEXTS),
    st.builds(lambda text, kind: ox.Literal(text, datatype=kind), TEXTS, IRIS),
)
QUADS = st.builds(
    ox.Quad,
    IRIS | BLANKS,
    IRIS,
    IRIS | BLANKS | LITERALS,
    st.just(ox.DefaultGraph()) | IRIS | BLANKS,
)


@given(st.lists(QUADS, max_size=12))
def test_columns_hold_the_distinct_triples_and_what_their_terms_are_made_of(
    quads: list[ox.Quad],
) -> None:
    columns = Columns.from_nquads("".join(f"{quad} .\n" for quad in quads).encode())
    texts = [columns.texts(columns.triples[name]).to_list() for name in "spo"]
    assert sorted(zip(*texts, strict=True)) == sorted(
        {(str(quad.subject), str(quad.predicate), str(quad.object)) for quad in quads}
    )
    objects = {str(quad.object): quad.object for quad in quads}
    parts = columns.parts(columns.triples["o"])
    assert set(parts["text"]) == set(objects)
    assert columns.kinds(parts["number"]).to_list() == parts["kind"].to_list()
    for row in parts.iter_rows(named=True):
        term = objects[row["text"]]
        found = (row["kind"], row["lexical"], row["datatype"], row["language"])
        if isinstance(term, ox.Literal):
            assert found == ("literal", term.value, term.datatype.value, term.language)
        else:
            kind = "iri" if isinstance(term, ox.NamedNode) else "blank"
            assert found == (kind, None, None, None)


@given(st.lists(QUADS, max_size=6))
def test_each_line_is_a_row_in_the_order_of_the_text(quads: list[ox.Quad]) -> None:
    columns = Columns.from_nquads("".join(f"{quad} .\n" for quad in quads).encode())
    rows = columns.rows
    texts = [columns.texts(rows[name]).to_list() for name in "spo"]
    wanted = [(str(quad.subject), str(quad.predicate), str(quad.object)) for quad in quads]
    assert list(zip(*texts, strict=True)) == wanted


def test_a_term_that_the_data_do_not_have_gets_a_number_and_parts_of_its_own() -> None:
    columns = Columns.from_texts([("<s>", "<p>", '"1"')])
    known = columns.triples["o"]
    new = columns.numbers(["<new>", '"2"@en', '"1"'])
    assert new[2] == known[0]
    assert len(set(new)) == len(new)
    assert columns.kinds(new).to_list() == ["iri", "literal", "literal"]
    assert columns.parts(new).filter(number=int(new[1]))["language"].to_list() == ["en"]
