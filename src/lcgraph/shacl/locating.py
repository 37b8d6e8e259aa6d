"""The places of results: file and line of the triple that causes each.

Only where there are results are the sources read again, and only as much of them as is needed.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace
from itertools import accumulate
from typing import TYPE_CHECKING

import polars as pl

from lcgraph.columns import NUMBER, Columns, literal_text
from lcgraph.lines import texts_of_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lcgraph.reading import Document, Lines
    from lcgraph.shacl.findings import Result

_SPO = ("s", "p", "o")


def locate(
    results: Sequence[Result],
    sources: Sequence[Document | Lines],
    texts: Sequence[bytes],
    columns: Columns,
) -> list[Result]:
    """The results with file and line of the triple that causes each, or of the focus node where
    something is missing.

    Args:
        results: what is to be placed.
        sources: what the data were read from.
        texts: the N-Quads lines that `columns` were made of.
        columns: the data; used where they are the sources' triples in the sources' order.
    """
    if not results or not sources:
        return list(results)
    read = [source.ntriples for source in sources]
    same = len(read) == len(texts) and all(a is b for a, b in zip(read, texts, strict=True))
    if not same:
        columns = Columns.from_nquads(b"".join(read))
    rows = _rows(results, columns)
    sizes = [text.count(b"\n") for text in read]
    lines = _lines(rows, sources, sizes, columns)
    places = []
    for result, row in zip(results, rows, strict=True):
        index, line = (None, None) if row is None else lines[row]
        if index is not None and line is None:
            line = sources[index].line_of_subject(_plain(result.focus))
        places.append((index, line))
    shown = {
        index: texts_of_lines(source.data, {line for i, line in places if i == index and line})
        for index, source in enumerate(sources)
    }
    return [
        result
        if index is None
        else replace(result, file=sources[index].name, line=line, text=shown[index].get(line or 0))
        for result, (index, line) in zip(results, places, strict=True)
    ]


def _plain(term: str) -> str:
    """A term as a text in JSON says it: the IRI, or the lexical form of a literal."""
    return literal_text(term) if term.startswith('"') else term.strip("<>")


def _lines(
    rows: Sequence[int | None],
    sources: Sequence[Document | Lines],
    sizes: Sequence[int],
    columns: Columns,
) -> dict[int, tuple[int, int | None]]:
    """For each row of the data the index of its source and the line there."""
    ends = list(accumulate(sizes))
    needed = sorted({row for row in rows if row is not None})
    chosen = columns.rows[needed]
    triples = zip(*(columns.texts(chosen[c]).to_list() for c in _SPO), strict=True)
    wanted: dict[int, dict[int, tuple[str, str, str]]] = {}
    for row, triple in zip(needed, triples, strict=True):
        index = bisect_right(ends, row)
        wanted.setdefault(index, {})[row - (ends[index] - sizes[index])] = triple
    found: dict[int, tuple[int, int | None]] = {}
    for index, asked in wanted.items():
        begin = ends[index] - sizes[index]
        lines = sources[index].lines_of(asked, sizes[index])
        found |= {begin + at: (index, lines.get(at)) for at in asked}
    return found


def _rows(results: Sequence[Result], columns: Columns) -> list[int | None]:
    """The row of the triple that causes each result, best first: the value at the path or at the
    inverse path, the last value at the path, the first triple of the focus node, the first that
    names it."""
    paths = [result.path or "" for result in results]
    asked = pl.DataFrame(
        {
            "f": columns.numbers([result.focus for result in results]),
            "p": columns.numbers([path.removeprefix("^") for path in paths]),
            "v": columns.numbers([result.value or "" for result in results]),
            "inverse": [path.startswith("^") for path in paths],
        },
        schema_overrides={"inverse": pl.Boolean},
    ).with_row_index("result")
    focus = asked["f"].unique().implode()
    rows = columns.rows.cast({"index": NUMBER})
    near = rows.filter(pl.col("s").is_in(focus) | pl.col("o").is_in(focus))
    straight, inverse = asked.filter(~pl.col("inverse")), asked.filter(pl.col("inverse"))
    places = [
        _first(inverse, near, {"f": "o", "p": "p", "v": "s"}),
        _first(straight, near, {"f": "s", "p": "p", "v": "o"}),
        _first(straight, near, {"f": "s", "p": "p"}, last=True),
        _first(asked, near, {"f": "s"}),
        _first(asked, near, {"f": "o"}),
    ]
    best = pl.concat(places).unique("result", keep="first", maintain_order=True)
    return asked.join(best, on="result", how="left").sort("result")["index"].to_list()


def _first(
    asked: pl.DataFrame, near: pl.DataFrame, keys: dict[str, str], *, last: bool = False
) -> pl.DataFrame:
    """The first row, or the last, that has what is asked for at the columns that `keys` names."""
    order = pl.col("index").max() if last else pl.col("index").min()
    rows = near.group_by(keys.values()).agg(order)
    found = asked.join(rows, left_on=list(keys), right_on=list(keys.values()), how="inner")
    return found.select("result", "index")
