"""Property pair constraints (section 4.5)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import polars as pl

from lcgraph.shacl import paths
from lcgraph.shacl.constraints.common import parameter
from lcgraph.shacl.values import less, order_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lcgraph.shacl.constraints.common import Evaluate
    from lcgraph.shacl.judge import Judge
    from lcgraph.shacl.model import Constraint, Shape

_KEYS = ["f", "v"]


def _others(judge: Judge, constraint: Constraint, name: str, focus: pl.Series) -> pl.DataFrame:
    return paths.follow(parameter(constraint, name), focus, judge.columns)


def equals(
    judge: Judge, _: Shape, constraint: Constraint, focus: pl.Series, values: pl.DataFrame
) -> Iterator[pl.DataFrame]:
    """sh:equals (4.5.1)."""
    others = _others(judge, constraint, "equals", focus)
    yield values.join(others, on=_KEYS, how="anti")
    yield others.join(values, on=_KEYS, how="anti")


def disjoint(
    judge: Judge, _: Shape, constraint: Constraint, focus: pl.Series, values: pl.DataFrame
) -> Iterator[pl.DataFrame]:
    """sh:disjoint (4.5.2)."""
    yield values.join(_others(judge, constraint, "disjoint", focus), on=_KEYS, how="semi")


def ordered(
    judge: Judge,
    _: Shape,
    constraint: Constraint,
    focus: pl.Series,
    values: pl.DataFrame,
    *,
    name: str,
    or_equal: bool,
) -> Iterator[pl.DataFrame]:
    """sh:lessThan and sh:lessThanOrEquals (4.5.3, 4.5.4); what cannot be compared breaks it."""
    others = _others(judge, constraint, name, focus).rename({"v": "w"})
    both = values.join(others, on="f", how="inner")
    distinct = both.select("v", "w").unique()
    parts = judge.columns.parts(pl.concat([distinct["v"], distinct["w"]]))
    rows = parts.select("number", "lexical", "datatype").iter_rows()
    keys = {n: None if text is None else order_key(text, kind) for n, text, kind in rows}
    wrong = [
        not less(keys[left], keys[right], or_equal=or_equal) for left, right in distinct.iter_rows()
    ]
    bad = distinct.filter(pl.Series(wrong, dtype=pl.Boolean))
    yield both.join(bad, on=["v", "w"], how="semi").select(_KEYS)


COMPONENTS: dict[str, Evaluate] = {
    "Equals": equals,
    "Disjoint": disjoint,
    "LessThan": partial(ordered, name="lessThan", or_equal=False),
    "LessThanOrEquals": partial(ordered, name="lessThanOrEquals", or_equal=True),
}
