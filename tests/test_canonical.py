"""Canonical lines: what is taken for them needs no parser, for it would give the same text back."""

from __future__ import annotations

import pyoxigraph as ox
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lcgraph.canonical import is_canonical

LINES = [
    "<https://example.org/a> <http://example.org:80/b/c?d=e#f> <urn:x:y> .",
    '_:a1 <https://example.org/b> "x \\"y\\" \\\\ \\n é" .',
    '_:a1 <https://example.org/b> "x"@en-gb .',
    '<https://example.org/%C3%A9é> <https://example.org/b> "2"^^<https://example.org/t> .',
    '<https://example.org/a> <https://example.org/b> "x > y < z@en" .',
]
GRAPHS = ["", " <https://example.org/g>", " _:g"]
PIECES = ["\\", '"', " ", ".", "<", ">", "@", "_:", "^^", "\n", "\r", "\t", "#", "%", "%41", "//"]
PIECES += ["\x1f", "\x7f", "\x85", "\\u0041", "A", "-", ":", "é", "\u0301", "\ue000", "\u2028", "["]
PIECES += ["XMLSchema#string", "@EN", "@en-a", "http://", "{", "\ufffe", "# remark", "<<("]


def parsed(text: str, kind: ox.RdfFormat) -> bytes | None:
    """What the parser makes of a text; None where it does not take it."""
    try:
        return ox.serialize(ox.parse(text.encode(), format=kind), format=ox.RdfFormat.N_QUADS)
    except (SyntaxError, ValueError):
        return None


@st.composite
def altered(draw: st.DrawFn) -> str:
    lines = draw(st.lists(st.sampled_from(LINES), min_size=1, max_size=3))
    graphs = [draw(st.sampled_from(GRAPHS)) for _ in lines]
    text = "".join(f"{line[:-2]}{g} .\n" for line, g in zip(lines, graphs, strict=True))
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, len(text)))
        cut = draw(st.integers(0, 2))
        text = text[:at] + draw(st.sampled_from(["", *PIECES])) + text[at + cut :]
    return text


@given(text=altered(), named_graphs=st.booleans())
@example(text="\n" + LINES[0] + "\n", named_graphs=False)
@example(text=LINES[0] + "\n\n", named_graphs=False)
@example(text=LINES[0] + "\r\n" + LINES[1] + "\n", named_graphs=False)
@example(text="# remark\n" + LINES[0] + "\n", named_graphs=False)
def test_what_is_taken_for_canonical_is_what_the_parser_gives_back(
    *, text: str, named_graphs: bool
) -> None:
    kind = ox.RdfFormat.N_QUADS if named_graphs else ox.RdfFormat.N_TRIPLES
    if is_canonical(text.encode(), named_graphs=named_graphs):
        assert parsed(text, kind) == text.encode()


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("graph", GRAPHS)
def test_common_lines_are_taken_for_canonical(line: str, graph: str) -> None:
    text = f"{line[:-2]}{graph} .\n".encode()
    assert is_canonical(text * 3, named_graphs=True)
    assert is_canonical(text, named_graphs=False) is (not graph)


@pytest.mark.parametrize(
    "text",
    [b"", b"\n", b"<a> <b> <c> .\n", LINES[0].encode(), b'_:a <urn:b:c> "\xff" .\n'],
    ids=["empty", "blank", "relative", "no line end", "not UTF-8"],
)
def test_the_rest_is_left_to_the_parser(text: bytes) -> None:
    assert not is_canonical(text, named_graphs=True)
