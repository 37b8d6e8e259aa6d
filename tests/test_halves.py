"""A large Turtle text is read by two processes to the same triples, or as a whole."""

from __future__ import annotations

import pyoxigraph as ox
import pytest

from lcgraph import halves
from lcgraph.errors import ReadError
from lcgraph.reading import read_lines

HEAD = "@prefix x: <http://x/> .\n@base <http://base/> .\n\n"
ROWS = [
    f'x:s{n} x:p "{n} # @prefix y: <http://y/> ." , 0{n} ; x:q <r{n}>, _:b{n % 7} .\n\n'
    for n in range(60)
]


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(halves, "WORTHWHILE", 0)


def whole(text: str, base: str | None = None) -> bytes:
    parser = ox.parse(text, format=ox.RdfFormat.TURTLE, base_iri=base)
    return ox.serialize(parser, format=ox.RdfFormat.N_QUADS) or b""


def test_the_halves_make_the_same_lines_in_the_same_order() -> None:
    text = HEAD + "".join(ROWS)
    assert halves.turtle_to_nquads(text.encode(), None) == whole(text)


def test_a_base_from_outside_reaches_both_halves() -> None:
    text = "".join(f"<s{n}> <p> <#o> .\n\n" for n in range(60))
    base = "http://given/"
    assert halves.turtle_to_nquads(text.encode(), base) == whole(text, base)


MIDDLE = len(ROWS) // 2
IN_A_STRING = 'x:long x:p """' + "a .\n\n" * 2000 + '""" .\n\n'


@pytest.mark.parametrize(
    "text",
    [
        # The meaning of the second half changes within the first one.
        HEAD + "".join([*ROWS[:9], "@prefix x: <http://other/> .\n\n", *ROWS[9:]]),
        HEAD + "".join([*ROWS[:9], "@base <http://other/> .\n\n", *ROWS[9:]]),
        HEAD + "".join([*ROWS[:9], "PREFIX z: <http://z/>\n\n", *ROWS[9:], "z:a z:b z:c ."]),
        # What looks like the end of a statement is none.
        HEAD + "".join([*ROWS[:MIDDLE], IN_A_STRING, *ROWS[MIDDLE:]]),
        HEAD + "".join(ROWS).replace("\n\n", "\n"),
        "",
    ],
)
def test_a_text_that_cannot_be_halved_is_read_as_a_whole(text: str) -> None:
    assert halves.turtle_to_nquads(text.encode(), None) is None
    (lines,) = read_lines([text.encode()], format="turtle")
    assert lines.ntriples == whole(text)


@pytest.mark.parametrize("row", [2, 57])
def test_an_error_in_either_half_is_told_with_its_own_line(row: int) -> None:
    text = HEAD + "".join([*ROWS[:row], "x:s x:p .\n\n", *ROWS[row:]])
    with pytest.raises(ReadError) as caught:
        read_lines([text.encode()], format="turtle")
    assert caught.value.line == 4 + 2 * row


def test_without_a_second_process_the_text_is_read_as_a_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = HEAD + "".join(ROWS)
    for missing in ("", "/no/such/interpreter"):
        monkeypatch.setattr("sys.executable", missing)
        (lines,) = read_lines([text.encode()], format="turtle")
        assert lines.ntriples == whole(text)
