"""Value range constraints (section 4.3)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import polars as pl

from lcgraph.columns import literal_text
from lcgraph.lexical import SPACES
from lcgraph.shacl.constraints.common import apart, parameter
from lcgraph.shacl.values import NUMERIC, less, order_key
from lcgraph.terms import XSD

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
    text = literal_text(term)
    kind = (
        term.rpartition('"^^<')[2].removesuffix(">") if not term.endswith('"') else XSD + "string"
    )
    bound = order_key(text, kind)
    parts = judge.columns.parts(values["v"]).filter(pl.col("kind") == "literal")
    good: list[int] = []
    left = parts
    if kind in NUMERIC and bound is not None:
        sure, left = _by_float(parts, float(bound[1]), least=least)
        good += sure.to_list()
    for number, lexical, datatype in left.select("number", "lexical", "datatype").iter_rows():
        place = order_key(lexical, datatype)
        pair = (bound, place) if least else (place, bound)
        if less(*pair, or_equal=or_equal):
            good.append(number)
    yield apart(values, pl.Series(good, dtype=values["v"].dtype))


def _by_float(parts: pl.DataFrame, bound: float, *, least: bool) -> tuple[pl.Series, pl.DataFrame]:
    """The numbers of terms that are surely on the right side, and the terms that are neither
    surely right nor surely wrong, to be compared exactly."""
    spaces = {kind: SPACES[kind] for kind in NUMERIC}
    formed = pl.any_horizontal(
        (pl.col("datatype") == kind) & pl.col("lexical").str.contains(f"^(?:{space})$")
        for kind, space in spaces.items()
        if kind in (XSD + "integer", XSD + "decimal", XSD + "double")
    )
    parts = parts.with_columns(
        x=pl.when(formed)
        .then(pl.col("lexical").str.replace("^[+]", ""))
        .cast(pl.Float64, strict=False)
    )
    margin = (pl.col("x").abs() + abs(bound)) * _SURE
    distance = pl.col("x") - bound if least else bound - pl.col("x")
    finite = pl.col("x").is_finite().fill_null(value=False)
    sure_right = finite & (distance > margin)
    sure_wrong = finite & (distance < -margin)
    return parts.filter(sure_right)["number"], parts.filter(~sure_right & ~sure_wrong)


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
