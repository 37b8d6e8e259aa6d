"""Value range constraints (section 4.3)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import polars as pl

from lcgraph.shacl.constraints.common import apart, parameter
from lcgraph.shacl.model import literal_parts
from lcgraph.shacl.values import NUMERIC, less, order_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lcgraph.shacl.constraints.common import Evaluate
    from lcgraph.shacl.judge import Judge
    from lcgraph.shacl.model import Constraint, Shape

# Floating point tells numbers apart that differ by more than this part of their size.
_SURE = 1e-9


def in_bound(
    judge: Judge,
    _: Shape,
    constraint: Constraint,
    __: pl.Series,
    values: pl.DataFrame,
    *,
    name: str,
    least: bool,
    or_equal: bool,
) -> Iterator[pl.DataFrame]:
    """sh:minExclusive and its three sisters (4.3.1 to 4.3.4)."""
    term = parameter(constraint, name)
    text, kind = literal_parts(term)
    bound = order_key(text, kind)
    left = values["v"]
    good = left.clear()
    if kind in NUMERIC and bound is not None:
        right, wrong = _by_float(judge.columns.floats(left), float(bound[1]), least=least)
        if right.all():
            return  # as most often
        good, left = left.filter(right), left.filter(~right & ~wrong)
    exact: list[int] = []
    for number, lexical, datatype in _literals(judge.columns.parts(left)):
        place = order_key(lexical, datatype)
        pair = (bound, place) if least else (place, bound)
        if less(*pair, or_equal=or_equal):
            exact.append(number)
    yield apart(values, pl.concat([good, pl.Series(exact, dtype=good.dtype)]))


def _literals(parts: pl.DataFrame) -> Iterator[tuple[int, str, str]]:
    literals = parts.filter(pl.col("kind") == "literal")
    return literals.select("number", "lexical", "datatype").iter_rows()


def _by_float(x: pl.Series, bound: float, *, least: bool) -> tuple[pl.Series, pl.Series]:
    """Which numbers are surely on the right side, and which surely on the wrong one; those that are
    neither are to be compared exactly."""
    distance = pl.col("x") - bound if least else bound - pl.col("x")
    margin = (pl.col("x").abs() + abs(bound)) * _SURE
    finite = pl.col("x").is_finite().fill_null(value=False)
    sure = x.to_frame("x").select(
        right=finite & (distance > margin), wrong=finite & (distance < -margin)
    )
    return sure["right"], sure["wrong"]


COMPONENTS: dict[str, Evaluate] = {
    f"{side}{kind}": partial(
        in_bound,
        name=f"{side.lower()}{kind}",
        least=side == "Min",
        or_equal=kind == "Inclusive",
    )
    for side in ("Min", "Max")
    for kind in ("Exclusive", "Inclusive")
}
