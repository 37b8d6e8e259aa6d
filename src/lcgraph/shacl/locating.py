"""The places of results: file, line and column of what causes each.

Only where there are results are the sources read again, and only as much of them as is needed.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from dataclasses import replace
from itertools import accumulate
from typing import TYPE_CHECKING

import polars as pl

from lcgraph import places
from lcgraph.checking import finding
from lcgraph.columns import NUMBER, Columns, literal_text
from lcgraph.shacl.formats import short
from lcgraph.terms import XSD

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lcgraph.errors import Finding
    from lcgraph.places import Part, Place
    from lcgraph.reading import Document, Lines
    from lcgraph.shacl.outcome import Result

# The predicates of a path, and those that it goes backwards.
_PREDICATES = r"\^?<[^<>]*>"


def locate(
    results: Sequence[Result],
    literals: Sequence[str],
    sources: Sequence[Document | Lines],
    texts: Sequence[bytes],
    columns: Columns,
) -> tuple[list[Result], list[Finding]]:
    """The results with the place of the term that causes each, or of the focus node where something
    is missing; and what is to be told of ill-formed literals, source by source.

    Args:
        results: what is to be placed.
        literals: the literals of the data whose texts their datatypes do not allow.
        sources: what the data were read from.
        texts: the N-Quads lines that `columns` were made of.
        columns: the data; used where they are the sources' triples in the sources' order.
    """
    if not (results or literals) or not sources:
        return list(results), _without_place(literals, columns)
    own, sizes = _columns_of(sources, texts, columns)
    causes = _causes(results, own) if results else []
    rows = _naming(literals, own)
    found = _places([*causes, *((row, "object") for row in rows)], sources, sizes, own)
    placed = [
        result if row is None else _placed(result, *found[row, part])
        for result, (row, part) in zip(results, causes, strict=True)
    ]
    told = [finding(*_parts(term), *found[row, "object"]) for row, (_, _, term) in rows.items()]
    elsewhere = {*literals}.difference(term for _, _, term in rows.values())
    told += _without_place(sorted(elsewhere), columns)
    order = {source.name: index for index, source in enumerate(sources)}
    told.sort(key=lambda f: (order.get(f.file or "", -1), f.line or 0, f.column or 0))
    return placed, told


def _without_place(literals: Sequence[str], columns: Columns) -> list[Finding]:
    """What is to be told of ill-formed literals that were read from no source."""
    found = [(finding(*_parts(o)), s, p) for s, p, o in _naming(literals, columns).values()]
    return [replace(f, message=f"{f.message} ({short(s)} {short(p)})") for f, s, p in found]


def _naming(objects: Sequence[str], columns: Columns) -> dict[int, tuple[str, str, str]]:
    """The triples with these objects, by their rows."""
    if not objects:
        return {}
    rows = columns.rows.filter(pl.col("o").is_in(columns.numbers(objects).implode()))
    terms = zip(*(columns.texts(rows[c]) for c in ("s", "p", "o")), strict=True)
    return dict(zip(rows["index"], terms, strict=True))


def _parts(literal: str) -> tuple[str, str]:
    """The text and the datatype of a literal without a language."""
    datatype = literal.rpartition('"^^<')[2][:-1] if literal.endswith(">") else XSD + "string"
    return literal_text(literal), datatype


def _columns_of(
    sources: Sequence[Document | Lines], texts: Sequence[bytes], columns: Columns
) -> tuple[Columns, list[int]]:
    """The triples of sources in their order, and how many each has."""
    read = [source.ntriples for source in sources]
    same = len(read) == len(texts) and all(a is b for a, b in zip(read, texts, strict=True))
    if not same:
        columns = Columns.from_nquads(b"".join(read))
    sizes = [text.count(b"\n") for text in read] if len(read) > 1 else [len(columns.rows)]
    return columns, sizes


def _places(
    causes: Sequence[tuple[int | None, Part]],
    sources: Sequence[Document | Lines],
    sizes: Sequence[int],
    columns: Columns,
) -> dict[tuple[int, Part], tuple[Document | Lines, Place | None]]:
    """The source and place of each cause."""
    ends = list(accumulate(sizes))
    rows = sorted({row for row, _ in causes if row is not None})
    chosen = columns.rows[rows]
    terms = zip(*(columns.texts(chosen[c]) for c in ("s", "p", "o")), strict=True)
    statements = {row: f"{s} {p} {o} ." for row, (s, p, o) in zip(rows, terms, strict=True)}
    wanted: dict[int, list[tuple[int, Part]]] = defaultdict(list)
    for row, part in causes:
        if row is not None:
            wanted[bisect_right(ends, row)].append((row, part))
    found: dict[tuple[int, Part], tuple[Document | Lines, Place | None]] = {}
    for index, asked in wanted.items():
        source, size = sources[index], sizes[index]
        begin = ends[index] - size
        known = {row - begin: statements[row] for row, _ in asked}
        placed = places.locate(source, [(row - begin, part) for row, part in asked], (known, size))
        found |= {(row, part): (source, placed.get((row - begin, part))) for row, part in asked}
    return found


def _placed(result: Result, source: Document | Lines, place: Place | None) -> Result:
    if place is None:
        return replace(result, file=source.name)
    text = source.lines_map.text(place.line)
    return replace(result, file=source.name, line=place.line, column=place.column, text=text)


def _causes(results: Sequence[Result], columns: Columns) -> list[tuple[int | None, Part]]:
    """For each result the row of the triple that causes it and the part of that which is at fault.

    The best there is of: the value at the path; the predicate that leads here from the value at the
    inverse path; the value at a longer path, where one triple alone has it; the last value at the
    path; the focus node where it is first a subject, or else an object.
    """
    paths = pl.Series([result.path or "" for result in results], dtype=pl.String)
    inverse = paths.str.starts_with("^")
    asked = pl.DataFrame(
        {
            "f": columns.numbers([result.focus for result in results]),
            "p": columns.numbers(paths.str.strip_prefix("^").to_list()),
            "v": columns.numbers([result.value or "" for result in results]),
            "path": paths,
        }
    ).with_row_index("result")
    rows = columns.rows.cast({"index": NUMBER})
    focus = asked["f"].unique().implode()
    near = rows.filter(pl.col("s").is_in(focus) | pl.col("o").is_in(focus))
    backward, forward = asked.filter(inverse), asked.filter(~inverse)
    best = pl.concat(
        [
            _first(backward, near, {"f": "o", "p": "p", "v": "s"}, "predicate"),
            _first(forward, near, {"f": "s", "p": "p", "v": "o"}, "object"),
            _alone(asked, rows, columns),
            _first(forward, near, {"f": "s", "p": "p"}, "object", last=True),
            _first(asked, near, {"f": "s"}, "subject"),
            _first(asked, near, {"f": "o"}, "object"),
        ]
    ).unique("result", keep="first", maintain_order=True)
    ordered = asked.join(best, on="result", how="left").sort("result")
    return list(ordered.select("index", "part").iter_rows())


def _alone(asked: pl.DataFrame, rows: pl.DataFrame, columns: Columns) -> pl.DataFrame:
    """The row with the value of a longer path, where only one has it at a predicate of the path."""
    steps = pl.col("path").str.extract_all(_PREDICATES)
    path = pl.col("path").str
    longer = asked.filter(~path.contains("^(", literal=True) & ~path.contains(r"^\^?<[^<>]*>$"))
    longer = longer.with_columns(step=steps).explode("step").drop_nulls("step").unique()
    longer = longer.filter(~pl.col("step").str.starts_with("^"))
    longer = longer.with_columns(step=columns.numbers(longer["step"].to_list()))
    values = longer["v"].unique().implode()
    ends = longer.join(
        rows.filter(pl.col("o").is_in(values)), left_on=["step", "v"], right_on=["p", "o"]
    )
    once = ends.filter(pl.col("result").is_unique())
    return once.select("result", "index", part=pl.lit("object"))


def _first(
    asked: pl.DataFrame, rows: pl.DataFrame, keys: dict[str, str], part: Part, *, last: bool = False
) -> pl.DataFrame:
    """The first row, or the last, that has what is asked for at the columns that `keys` names."""
    order = pl.col("index").max() if last else pl.col("index").min()
    chosen = rows.group_by(keys.values()).agg(order)
    found = asked.join(chosen, left_on=list(keys), right_on=list(keys.values()), how="inner")
    return found.select("result", "index", part=pl.lit(part))
