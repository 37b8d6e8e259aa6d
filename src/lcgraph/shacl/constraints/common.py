"""What the families share."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import polars as pl

from lcgraph.columns import NUMBER, literal_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TypeAlias

    from lcgraph.shacl.judge import Judge
    from lcgraph.shacl.model import Constraint, Shape

    Evaluate: TypeAlias = Callable[
        [Judge, Shape, Constraint, pl.Series, pl.DataFrame], Iterator[pl.DataFrame]
    ]

_COUNTABLE = 2**62
#: The value column of results that blame no value node.
NO_VALUE = pl.lit(None, dtype=NUMBER).alias("v")


def only(values: pl.DataFrame, bad: pl.Series) -> pl.DataFrame:
    """The pairs whose value node is among the bad ones."""
    return values.join(bad.to_frame("v"), on="v", how="semi")


def apart(values: pl.DataFrame, good: pl.Series) -> pl.DataFrame:
    """The pairs whose value node is not among the good ones."""
    return values.join(good.to_frame("v"), on="v", how="anti")


def wrong(values: pl.DataFrame, right: pl.Series) -> Iterator[pl.DataFrame]:
    """The pairs that are not right, a truth for each; nothing where all are, as most often."""
    if not right.all():
        yield values.filter(~right)


def judged(values: pl.DataFrame, terms: pl.DataFrame, right: pl.Expr) -> Iterator[pl.DataFrame]:
    """The pairs whose value node is not right; `terms` are the parts of the value nodes, and what
    is null of them is not right."""
    holds = terms.select(right.fill_null(value=False)).to_series()
    if not holds.all():
        yield only(values, terms["number"].filter(~holds))


def blamed(focus: pl.Series) -> pl.DataFrame:
    """Focus nodes as results without a value node."""
    return focus.to_frame("f").with_columns(NO_VALUE)


def parameter(constraint: Constraint, name: str) -> str:
    """The one value of a parameter."""
    return constraint.parameters[name][0]


def whole_number(term: str) -> int:
    """The number that an xsd:integer literal says, as far as anything can be counted to."""
    # int() itself refuses thousands of digits.
    return max(-_COUNTABLE, min(_COUNTABLE, int(Decimal(literal_text(term)))))
