"""String-based constraints (section 4.4)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import polars as pl
from polars.exceptions import ComputeError

from lcgraph.columns import literal_text
from lcgraph.errors import ShapesError
from lcgraph.shacl.constraints.common import NO_VALUE, judged, parameter, whole_number
from lcgraph.shacl.model import TRUE
from lcgraph.shacl.patterns import translate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lcgraph.shacl.constraints.common import Evaluate
    from lcgraph.shacl.judge import Judge
    from lcgraph.shacl.model import Constraint, Shape

# What SPARQL's STR() gives; null for a blank node.
_STR = (
    pl.when(pl.col("kind") == "iri")
    .then(pl.col("text").str.strip_prefix("<").str.strip_suffix(">"))
    .when(pl.col("kind") == "literal")
    .then(pl.col("lexical"))
)


def length(
    judge: Judge,
    _: Shape,
    constraint: Constraint,
    __: pl.Series,
    values: pl.DataFrame,
    *,
    name: str,
) -> Iterator[pl.DataFrame]:
    """sh:minLength and sh:maxLength (4.4.1, 4.4.2), in characters."""
    bound = whole_number(parameter(constraint, name))
    size = _STR.str.len_chars()
    right = size >= bound if name == "minLength" else size <= bound
    # A blank node has no length, whatever the bound; of sh:minLength 0 too.
    yield from judged(values, judge.columns.parts(values["v"]), right)


def pattern(
    judge: Judge, _: Shape, constraint: Constraint, __: pl.Series, values: pl.DataFrame
) -> Iterator[pl.DataFrame]:
    """sh:pattern with sh:flags (4.4.3)."""
    text = literal_text(parameter(constraint, "pattern"))
    flags = constraint.parameters.get("flags", ('""',))[0]
    regex = translate(text, literal_text(flags))
    try:
        yield from judged(values, judge.columns.parts(values["v"]), _STR.str.contains(regex))
    except ComputeError as error:
        raise ShapesError(f"the pattern {text!r} cannot be judged: {error}") from None


def language_in(
    judge: Judge, _: Shape, constraint: Constraint, __: pl.Series, values: pl.DataFrame
) -> Iterator[pl.DataFrame]:
    """sh:languageIn (4.4.4): basic filtering of language ranges (RFC 4647 section 3.3.1)."""
    ranges = [literal_text(term).lower() for term in constraint.parameters["languageIn"]]
    tag = pl.col("language").str.to_lowercase()
    right = pl.any_horizontal(
        pl.lit(value=False),
        *[(tag == r) | tag.str.starts_with(f"{r}-") | (pl.lit(r == "*") & tag.is_not_null())
          for r in ranges],
    )  # fmt: skip
    yield from judged(values, judge.columns.parts(values["v"]), right)


def unique_lang(
    judge: Judge, _: Shape, constraint: Constraint, __: pl.Series, values: pl.DataFrame
) -> Iterator[pl.DataFrame]:
    """sh:uniqueLang (4.4.5): one result for each language that is used twice."""
    if parameter(constraint, "uniqueLang") != TRUE:
        return
    tags = judge.columns.parts(values["v"]).select(
        v="number", tag=pl.col("language").str.to_lowercase()
    )
    used = values.join(tags.drop_nulls(), on="v").group_by("f", "tag").len("n")
    yield used.filter(pl.col("n") > 1).select("f", NO_VALUE)


COMPONENTS: dict[str, Evaluate] = {
    "MinLength": partial(length, name="minLength"),
    "MaxLength": partial(length, name="maxLength"),
    "Pattern": pattern,
    "LanguageIn": language_in,
    "UniqueLang": unique_lang,
}
