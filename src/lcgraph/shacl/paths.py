"""Property paths (section 2.3.1) as joins over columns."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import polars as pl

from lcgraph.shacl.closures import MOST_PAIRS, close, too_many
from lcgraph.shacl.model import Step

if TYPE_CHECKING:
    from lcgraph.columns import Columns
    from lcgraph.shacl.model import Path

# What an operator makes of a path that another operator made: (p*)+ is p*, and so on.
_ABSORBED = {
    ("zeroOrMore", "zeroOrMore"): "zeroOrMore",
    ("zeroOrMore", "oneOrMore"): "zeroOrMore",
    ("zeroOrMore", "zeroOrOne"): "zeroOrMore",
    ("oneOrMore", "zeroOrMore"): "zeroOrMore",
    ("oneOrMore", "oneOrMore"): "oneOrMore",
    ("oneOrMore", "zeroOrOne"): "zeroOrMore",
    ("zeroOrOne", "zeroOrMore"): "zeroOrMore",
    ("zeroOrOne", "oneOrMore"): "zeroOrMore",
    ("zeroOrOne", "zeroOrOne"): "zeroOrOne",
}


def follow(path: Path, focus: pl.Series, columns: Columns) -> pl.DataFrame:
    """The distinct pairs f, v of nodes that a path leads from focus nodes to.

    Raises:
        LimitError: there are too many pairs.
    """
    return _follow(plain(path), focus, columns)


@lru_cache(maxsize=4096)
def plain(path: Path, *, backwards: bool = False) -> Path:
    """A path that leads to the same, in which only predicates stand inverse and no operator
    repeats what another does."""
    if isinstance(path, str):
        return Step("inverse", (path,)) if backwards else path
    if path.kind == "inverse":
        return plain(path.parts[0], backwards=not backwards)
    parts = tuple(plain(part, backwards=backwards) for part in path.parts)
    if path.kind == "sequence" and backwards:
        parts = parts[::-1]
    inner = parts[0]
    if isinstance(inner, Step) and (path.kind, inner.kind) in _ABSORBED:
        return Step(_ABSORBED[path.kind, inner.kind], inner.parts)
    return Step(path.kind, parts)


def _follow(path: Path, focus: pl.Series, columns: Columns) -> pl.DataFrame:
    if isinstance(path, str):
        pairs = columns.predicate(path[1:-1])
        return pairs.join(focus.to_frame("f"), on="f", how="semi")
    if path.kind == "inverse":
        pairs = columns.predicate(str(path.parts[0])[1:-1])
        found = pairs.join(focus.to_frame("v"), on="v", how="semi")
        return pl.DataFrame({"f": found["v"], "v": found["f"]})
    if path.kind == "sequence":
        pairs = _follow(path.parts[0], focus, columns)
        for part in path.parts[1:]:
            pairs = _then(pairs, part, columns)
        return pairs
    if path.kind in ("alternative", "zeroOrOne"):
        ends = [_follow(part, focus, columns) for part in path.parts]
        if path.kind == "zeroOrOne":
            ends.append(pl.DataFrame({"f": focus, "v": focus}))
        return pl.concat(ends).unique()
    return close(path, focus, columns)


def _then(pairs: pl.DataFrame, path: Path, columns: Columns) -> pl.DataFrame:
    onward = _follow(path, pairs["v"].unique(), columns).rename({"f": "v", "v": "w"})
    return joined(pairs, onward, "v", path).select(f="f", v="w").unique()


def joined(left: pl.DataFrame, right: pl.DataFrame, on: str, path: object) -> pl.DataFrame:
    """The inner join of frames on a column.

    Raises:
        LimitError: it would have too many rows; `path` is what the error names.
    """
    if len(left) * len(right) > MOST_PAIRS:
        counts = left.group_by(on).len("n").join(right.group_by(on).len("m"), on=on)
        if counts.select((pl.col("n").cast(int) * pl.col("m")).sum()).item() > MOST_PAIRS:
            raise too_many(path)
    return left.join(right, on=on, how="inner")
