"""Value type constraints (section 4.1), and those by enumeration (sections 4.8.2 and 4.8.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from lcgraph.shacl.constraints.common import apart, blamed, parameter, wrong
from lcgraph.terms import SH

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lcgraph.shacl.constraints.common import Evaluate
    from lcgraph.shacl.judge import Judge
    from lcgraph.shacl.model import Constraint, Shape

_KINDS = {
    "IRI": ("iri",),
    "BlankNode": ("blank",),
    "Literal": ("literal",),
    "BlankNodeOrIRI": ("blank", "iri"),
    "BlankNodeOrLiteral": ("blank", "literal"),
    "IRIOrLiteral": ("iri", "literal"),
}


def of_class(
    judge: Judge, _: Shape, constraint: Constraint, __: pl.Series, values: pl.DataFrame
) -> Iterator[pl.DataFrame]:
    """sh:class (4.1.1)."""
    kind = judge.columns.number(parameter(constraint, "class"))
    yield apart(values, judge.columns.instances(kind))


def datatype(
    judge: Judge, _: Shape, constraint: Constraint, __: pl.Series, values: pl.DataFrame
) -> Iterator[pl.DataFrame]:
    """sh:datatype (4.1.2): the datatype is that one, and the text is in its lexical space."""
    wanted = parameter(constraint, "datatype")[1:-1]
    yield from wrong(values, judge.columns.of_datatype(values["v"], wanted))


def node_kind(
    judge: Judge, _: Shape, constraint: Constraint, __: pl.Series, values: pl.DataFrame
) -> Iterator[pl.DataFrame]:
    """sh:nodeKind (4.1.3)."""
    kinds = _KINDS[parameter(constraint, "nodeKind")[1:-1].removeprefix(SH)]
    yield from wrong(values, judge.columns.of_kinds(values["v"], kinds))


def has_value(
    judge: Judge, _: Shape, constraint: Constraint, focus: pl.Series, values: pl.DataFrame
) -> Iterator[pl.DataFrame]:
    """sh:hasValue (4.8.2)."""
    wanted = judge.columns.number(parameter(constraint, "hasValue"))
    having = values.filter(pl.col("v") == wanted)["f"].unique()
    yield blamed(focus.filter(~focus.is_in(having.implode())))


def is_in(
    judge: Judge, _: Shape, constraint: Constraint, __: pl.Series, values: pl.DataFrame
) -> Iterator[pl.DataFrame]:
    """sh:in (4.8.3)."""
    yield apart(values, judge.columns.numbers(constraint.parameters["in"]))


COMPONENTS: dict[str, Evaluate] = {
    "Class": of_class,
    "Datatype": datatype,
    "NodeKind": node_kind,
    "HasValue": has_value,
    "In": is_in,
}
