"""Logical and shape-based constraints (sections 4.6 and 4.7), and closed shapes (4.8.1)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import polars as pl

from lcgraph.shacl.constraints.common import blamed, only, parameter, whole_number
from lcgraph.shacl.constraints.counts import counted
from lcgraph.shacl.model import TRUE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lcgraph.shacl.constraints.common import Evaluate
    from lcgraph.shacl.judge import Judge
    from lcgraph.shacl.model import Constraint, Shape, ShapesGraph


def negated(
    judge: Judge, _: Shape, constraint: Constraint, __: pl.Series, values: pl.DataFrame
) -> Iterator[pl.DataFrame]:
    """sh:not (4.6.1)."""
    failing = judge.fails(parameter(constraint, "not"), values["v"])
    yield values.join(failing.to_frame("v"), on="v", how="anti")


def node(
    judge: Judge, _: Shape, constraint: Constraint, __: pl.Series, values: pl.DataFrame
) -> Iterator[pl.DataFrame]:
    """sh:node (4.7.1)."""
    yield only(values, judge.fails(parameter(constraint, "node"), values["v"]).unique())


def combined(
    judge: Judge,
    _: Shape,
    constraint: Constraint,
    __: pl.Series,
    values: pl.DataFrame,
    *,
    name: str,
) -> Iterator[pl.DataFrame]:
    """sh:and, sh:or and sh:xone (4.6.2 to 4.6.4)."""
    shapes = constraint.parameters[name]
    nodes = values["v"].unique()
    failing = [judge.fails(shape, nodes).unique() for shape in shapes]
    sizes = [len(found) for found in failing]
    if (name == "or" and 0 in sizes) or (name == "and" and not any(sizes)):
        return  # there is a shape that none fails, or there are only such
    failures = pl.concat([nodes.clear(), *failing]).value_counts(name="n")
    counts = nodes.to_frame("v").join(failures, on="v", how="left")
    n = pl.col("n").fill_null(0)
    right = {"and": n == 0, "or": n < len(shapes), "xone": n == len(shapes) - 1}[name]
    yield only(values, counts.filter(~right)["v"])


def qualified(
    judge: Judge,
    shape: Shape,
    constraint: Constraint,
    focus: pl.Series,
    values: pl.DataFrame,
    *,
    name: str,
) -> Iterator[pl.DataFrame]:
    """sh:qualifiedValueShape with its counts (4.7.3), and disjoint from its siblings if so said."""
    own = parameter(constraint, "qualifiedValueShape")
    failing = judge.fails(own, values["v"])
    fitting = values.join(failing.unique().to_frame("v"), on="v", how="anti")
    disjoint = constraint.parameters.get("qualifiedValueShapesDisjoint", ('"false"',))[0]
    if disjoint == TRUE:
        for sibling in siblings(judge.graph, shape, own):
            others = judge.fails(sibling, fitting["v"])
            # Who conforms to a sibling does not count here.
            fitting = only(fitting, others.unique())
    bound = whole_number(parameter(constraint, name))
    n = pl.col("n")
    wrong = n < bound if name == "qualifiedMinCount" else n > bound
    yield blamed(counted(focus, fitting).filter(wrong)["f"])


def siblings(graph: ShapesGraph, shape: Shape, own: str) -> list[str]:
    """The sibling shapes (4.7.3): qualified value shapes beside this one, under any parent."""
    found: dict[str, None] = {}
    for parent in graph.shapes.values():
        if shape.node in parent.properties:
            for other in parent.properties:
                for value in graph.terms.values(other, "qualifiedValueShape"):
                    found[value] = None
    found.pop(own, None)
    return list(found)


def closed(
    judge: Judge, shape: Shape, constraint: Constraint, _: pl.Series, values: pl.DataFrame
) -> Iterator[pl.DataFrame]:
    """sh:closed with sh:ignoredProperties (4.8.1)."""
    if parameter(constraint, "closed") != TRUE:
        return
    allowed = list(constraint.parameters.get("ignoredProperties", ()))
    for name in shape.properties:
        path = judge.graph.shapes[name].path
        if isinstance(path, str):
            allowed.append(path)
    known = judge.columns.numbers(allowed)
    others = judge.columns.triples.filter(~pl.col("p").is_in(known.implode()))
    found = values.join(others, left_on="v", right_on="s", how="inner")
    yield found.select("f", pl.col("o").alias("v"), "p").unique()


COMPONENTS: dict[str, Evaluate] = {
    "Not": negated,
    "Node": node,
    **{name.capitalize(): partial(combined, name=name) for name in ("and", "or", "xone")},
    **{
        f"Qualified{side}Count": partial(qualified, name=f"qualified{side}Count")
        for side in ("Min", "Max")
    },
    "Closed": closed,
}
