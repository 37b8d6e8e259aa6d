"""Property paths (section 2.3.1) as joins over columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Callable

    from lcgraph.columns import Columns
    from lcgraph.shacl.model import Path, Step


def follow(path: Path, focus: pl.Series, columns: Columns) -> pl.DataFrame:
    """The distinct pairs f, v of nodes that a path leads from focus nodes to."""
    if isinstance(path, str):
        frame = columns.predicate(path[1:-1])
        return frame.join(focus.to_frame("s"), on="s", how="semi").rename({"s": "f", "o": "v"})
    return _STEPS[path.kind](path, focus, columns)


def _inverse(path: Step, focus: pl.Series, columns: Columns) -> pl.DataFrame:
    inner = path.parts[0]
    if isinstance(inner, str):
        frame = columns.predicate(inner[1:-1])
        found = frame.join(focus.to_frame("o"), on="o", how="semi")
        return found.select(f="o", v="s")
    # Backwards through a longer path: from every node that it could begin at.
    nodes = pl.concat([columns.triples["s"], columns.triples["o"], focus]).unique()
    forward = follow(inner, nodes, columns)
    found = forward.join(focus.to_frame("v"), on="v", how="semi")
    return found.select(f="v", v="f")


def _sequence(path: Step, focus: pl.Series, columns: Columns) -> pl.DataFrame:
    pairs = follow(path.parts[0], focus, columns)
    for part in path.parts[1:]:
        pairs = _then(pairs, part, columns)
    return pairs


def _then(pairs: pl.DataFrame, path: Path, columns: Columns) -> pl.DataFrame:
    onward = follow(path, pairs["v"].unique(), columns).rename({"f": "v", "v": "w"})
    return pairs.join(onward, on="v", how="inner").select(f="f", v="w").unique()


def _alternative(path: Step, focus: pl.Series, columns: Columns) -> pl.DataFrame:
    return pl.concat([follow(part, focus, columns) for part in path.parts]).unique()


def _closure(path: Step, focus: pl.Series, columns: Columns) -> pl.DataFrame:
    """One or more steps: the frontier moves on until nothing is new."""
    found = frontier = follow(path.parts[0], focus, columns)
    while len(frontier):
        onward = _then(frontier, path.parts[0], columns)
        frontier = onward.join(found, on=["f", "v"], how="anti")
        found = pl.concat([found, frontier])
    return found


def _with_itself(pairs: pl.DataFrame, focus: pl.Series) -> pl.DataFrame:
    itself = pl.DataFrame({"f": focus, "v": focus})
    return pl.concat([pairs, itself]).unique()


_STEPS: dict[str, Callable[[Step, pl.Series, Columns], pl.DataFrame]] = {
    "inverse": _inverse,
    "sequence": _sequence,
    "alternative": _alternative,
    "oneOrMore": _closure,
    "zeroOrMore": lambda path, focus, columns: _with_itself(_closure(path, focus, columns), focus),
    "zeroOrOne": lambda path, focus, columns: _with_itself(
        follow(path.parts[0], focus, columns), focus
    ),
}
