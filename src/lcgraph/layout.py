"""Text laid out for a terminal."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_GAP = 2
# Columns that would have to be narrower than this are not set side by side.
_NARROWEST = 10


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
        width: the cells of the terminal; the widest columns are cut until all fit. Where they
            would get too narrow, each row is set as lines of name and value.
    """
    plain = [[one_line(cell) for cell in row] for row in rows]
    lines = [list(head), *plain]
    widths = [max(cells_wide(line[i]) for line in lines) for i in range(len(head))]
    if width is not None and not _shrink(widths, width - _GAP * (len(widths) - 1)):
        return _blocks(head, plain, width)
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


def indent(text: str, width: int | None, by: int = 2) -> list[str]:
    """The words of a text in lines of at most `width` cells that begin with `by` blanks."""
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if width is not None and lines[-1] and cells_wide(longer) > width - by:
            lines.append(word)
        else:
            lines[-1] = longer
    return [" " * by + line for line in lines if line]


def one_line(text: str) -> str:
    """The text with a blank for each character that a terminal does not show but obeys."""
    return "".join(c if c.isprintable() else " " for c in text)


def _shrink(widths: list[int], room: int) -> bool:
    """Makes the widest columns narrower until all fit; False where they cannot."""
    while sum(widths) > room:
        widest = max(widths, default=0)
        if widest <= _NARROWEST:
            return False
        widths[widths.index(widest)] -= 1
    return True


def _blocks(head: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> str:
    """Each row as lines of name and value, a rule under it."""
    side = min(max(map(cells_wide, head), default=0), max(width // 2 - _GAP, 1))
    blocks = [[cut(name, width) for name in head]] if not rows else []
    for row in rows:
        block = []
        for name, cell in zip(head, row, strict=True):
            label = cut(name, side)
            pad = " " * (side - cells_wide(label) + _GAP)
            block.append(f"{label}{pad}{cut(cell, width - side - _GAP)}".rstrip())
        blocks.append(block)
    return "\n".join("\n".join([*block, "─" * width]) for block in blocks)
