"""Text laid out for a terminal."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_GAP = 2
_NARROWEST = 12


def cells_wide(text: str) -> int:
    """How many cells of a terminal a text takes: two for wide characters, none for combining."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


def cut(text: str, width: int) -> str:
    """The text, cut to `width` cells, with an ellipsis where something is missing."""
    if cells_wide(text) <= width:
        return text
    kept = ""
    for character in text:
        if cells_wide(kept + character) > width - 1:
            break
        kept += character
    return kept.rstrip() + "…"


def align(
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    right: Sequence[bool] = (),
    width: int | None = None,
) -> str:
    """Columns side by side under their names and a rule.

    Args:
        head: the names of the columns.
        rows: the cells.
        right: which columns are aligned to the right.
        width: the cells of the terminal; the widest columns are cut until all fit.
    """
    plain = [[_one_line(cell) for cell in row] for row in rows]
    lines = [list(head), *plain]
    widths = [max(cells_wide(line[i]) for line in lines) for i in range(len(head))]
    if width is not None:
        _shrink(widths, width - _GAP * (len(widths) - 1))
    sides = list(right) + [False] * (len(head) - len(right))

    def put(line: Sequence[str]) -> str:
        cells = []
        for cell, size, to_right in zip(line, widths, sides, strict=True):
            text = cut(cell, size)
            pad = " " * (size - cells_wide(text))
            cells.append(pad + text if to_right else text + pad)
        return (" " * _GAP).join(cells).rstrip()

    rule = (" " * _GAP).join("─" * size for size in widths)
    return "\n".join([put(list(head)), rule, *map(put, plain)])


def _one_line(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)


def _shrink(widths: list[int], room: int) -> None:
    while sum(widths) > room and (widest := max(widths, default=0)) > _NARROWEST:
        widths[widths.index(widest)] -= 1
