"""Cardinality constraints (section 4.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from lcgraph.shacl.constraints.common import blamed, parameter, whole_number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lcgraph.shacl.constraints.common import Evaluate
    from lcgraph.shacl.judge import Judge
    from lcgraph.shacl.model import Constraint, Shape


def counted(focus: pl.Series, values: pl.DataFrame) -> pl.DataFrame:
    """Each focus node with the number n of its value nodes."""
    counts = values.group_by("f").len("n")
    return (
        focus.to_frame("f").join(counts, on="f", how="left").with_columns(pl.col("n").fill_null(0))
    )


def min_count(
    _: Judge, __: Shape, constraint: Constraint, focus: pl.Series, values: pl.DataFrame
) -> Iterator[pl.DataFrame]:
    """sh:minCount (4.2.1)."""
    least = whole_number(parameter(constraint, "minCount"))
    if least == 1 and values["f"].n_unique() == len(focus):
        return  # no need to count, as each has a value
    yield blamed(counted(focus, values).filter(pl.col("n") < least)["f"])


def max_count(
    _: Judge, __: Shape, constraint: Constraint, focus: pl.Series, values: pl.DataFrame
) -> Iterator[pl.DataFrame]:
    """sh:maxCount (4.2.2)."""
    most = whole_number(parameter(constraint, "maxCount"))
    if most >= 1 and values["f"].n_unique() == len(values):
        return  # no need to count, as none has two values
    yield blamed(counted(focus, values).filter(pl.col("n") > most)["f"])


COMPONENTS: dict[str, Evaluate] = {"MinCount": min_count, "MaxCount": max_count}
