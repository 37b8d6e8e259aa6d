"""The columnar engine: shapes judge whole sets of focus nodes at once.

A constraint is a function from the value nodes of all focus nodes to the pairs that break it;
only these become results. Follows SHACL, sections 2 to 4.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import polars as pl

from lcgraph.columns import NUMBER
from lcgraph.errors import LimitError
from lcgraph.shacl import custom, paths
from lcgraph.shacl.constraints import COMPONENTS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from lcgraph.columns import Columns
    from lcgraph.shacl.model import Constraint, Shape, ShapesGraph, SparqlConstraint, Target


#: The name of the engine in reports.
ENGINE = "lcgraph columns"
#: How many results may come of one constraint because several ways lead to its shape.
MOST_RESULTS = 10_000_000
_ONCE = pl.lit(1, dtype=pl.Int64)


@dataclass(frozen=True)
class Breach:
    """What breaks one constraint of one shape: `pairs` has the columns f (focus node), v (value
    node or null) and, where the constraint says it, p (the predicate that is the path)."""

    shape: Shape
    constraint: Constraint | SparqlConstraint
    pairs: pl.DataFrame
    #: What its query says, as N-Triples texts; those of the shape where it is none.
    messages: tuple[str, ...] = ()


class Judge:
    """The data in columns, the shapes, and what has been found about them so far.

    Attributes:
        engines: for each shape that judged, the engines that did its work.
        absent: for each shape, the nodes it names as targets that the data do not have.
    """

    def __init__(self, columns: Columns, graph: ShapesGraph) -> None:
        self.columns = columns
        self.graph = graph
        self.engines: dict[str, set[str]] = {}
        self.absent: dict[str, tuple[str, ...]] = {}
        self._failing: dict[str, tuple[pl.Series, pl.Series]] = {}

    def run(
        self,
        roots: Collection[str] | None = None,
        only: pl.Series | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> tuple[list[Breach], dict[str, int]]:
        """All breaches of shapes with targets, and how many focus nodes each of these has.

        Args:
            roots: the shapes to begin at; those with targets where None. One that has no targets
                judges all of `only`.
            only: the only focus nodes that are judged.
            progress: is told how many shapes of how many have judged, those within others too.
        """
        breaches: list[Breach] = []
        focus_counts: dict[str, int] = {}
        waiting: dict[str, list[pl.DataFrame]] = {}
        sums = _Sums()
        shapes = [
            shape
            for shape in self.graph.shapes.values()
            if (shape.targets if roots is None else shape.node in roots) and not shape.deactivated
        ]
        for shape in shapes:
            focus = self.focus(shape.targets) if shape.targets or only is None else only
            if only is not None:
                focus = focus.filter(focus.is_in(only.implode()))
            focus_counts[shape.node] = len(focus)
            if absent := self._absent(shape, focus):
                self.absent[shape.node] = absent
            self._credit(shape)
            waiting[shape.node] = [focus.to_frame("f").with_columns(n=_ONCE)]
        order = self._parents_first(shape.node for shape in shapes)
        if any(self.graph.shapes[node].sparql for node in order):
            self._engine.begin()
        for done, node in enumerate(order):
            if progress is not None:
                progress(done, len(order))
            if node in waiting:
                weights = sums.of(waiting.pop(node))
                for further, onward in self._check(self.graph.shapes[node], weights, breaches):
                    waiting.setdefault(further, []).append(onward)
        return breaches, focus_counts

    def _parents_first(self, roots: Iterable[str]) -> list[str]:
        """The shapes and the property shapes within them, each behind all that lead to it: so each
        is checked once, however many ways there are."""
        order: dict[str, None] = {}
        for root in roots:
            stack = [] if root in order else [(root, iter(self.graph.shapes[root].properties))]
            while stack:
                node, others = stack[-1]
                other = next((o for o in others if o not in order), None)
                if other is None:
                    order[node] = None
                    stack.pop()
                else:
                    stack.append((other, iter(self.graph.shapes[other].properties)))
        return list(reversed(order))

    @cached_property
    def _engine(self) -> custom.Engine:
        return custom.Engine(self.columns, self.graph, self.engines)

    def _credit(self, shape: Shape) -> None:
        """Notes down who judges a shape."""
        self.engines.setdefault(shape.node, set()).add(ENGINE)

    def _absent(self, shape: Shape, focus: pl.Series) -> tuple[str, ...]:
        """Those of the focus nodes that a shape names (sh:targetNode) and the data do not have."""
        named = [target.term for target in shape.targets if target.kind == "Node"]
        if not named:
            return ()
        numbers = self.columns.numbers(named)
        numbers = numbers.filter(numbers.is_in(focus.implode())).unique()
        triples = self.columns.triples
        for end in ("s", "o"):
            numbers = numbers.filter(~numbers.is_in(triples[end].implode()))
        return tuple(sorted(self.columns.texts(numbers)))

    def focus(self, targets: tuple[Target, ...]) -> pl.Series:
        """The focus nodes of targets (section 2.1.3)."""
        found = []
        for target in targets:
            if target.kind == "Node":
                found.append(self.columns.numbers([target.term]))
            elif target.kind == "Class":
                found.append(self.columns.instances(self.columns.number(target.term)))
            else:
                frame = self.columns.predicate(target.term[1:-1])
                found.append(frame["f" if target.kind == "SubjectsOf" else "v"])
        if len(found) == 1 and targets[0].kind == "Class":
            return found[0]
        return pl.concat(found).unique()

    def values(self, shape: Shape, focus: pl.Series) -> pl.DataFrame:
        """The value nodes of focus nodes: distinct pairs f, v."""
        if shape.path is None:
            return pl.DataFrame({"f": focus, "v": focus})
        return paths.follow(shape.path, focus, self.columns)

    def _check(
        self, shape: Shape, weights: pl.DataFrame, breaches: list[Breach]
    ) -> Iterator[tuple[str, pl.DataFrame]]:
        """Adds what breaks a shape; gives its property shapes, with the weights that they get.

        Args:
            shape: the shape.
            weights: the focus nodes f, with the number n of ways that lead to each: a result is
                given for each way.
            breaches: what is added to.
        """
        focus = weights["f"]
        if shape.deactivated or not len(focus):
            return

        def add(
            constraint: Constraint | SparqlConstraint,
            pairs: pl.DataFrame,
            messages: tuple[str, ...] = (),
        ) -> None:
            if len(pairs):
                many = weights.filter(pl.col("n") > 1)
                if len(many):
                    self._count(int(pairs.join(many, on="f")["n"].sum()), shape)
                    times = pairs.join(many, on="f", how="left")["n"].fill_null(1)
                    pairs = pairs.select(pl.all().repeat_by(times)).explode(pairs.columns)
                breaches.append(Breach(shape, constraint, pairs, messages))

        self._credit(shape)
        values = self.values(shape, focus)
        for constraint in shape.constraints:
            for pairs in COMPONENTS[constraint.component](self, shape, constraint, focus, values):
                add(constraint, pairs)
        for query in shape.sparql:
            for pairs, messages in self._asked(shape, query, focus, values):
                add(query, pairs, messages)
        if shape.properties:
            onward = weights
            if shape.path is not None:
                onward = values.join(weights, on="f").group_by("v").agg(pl.col("n").sum())
                # Who could count the ways of more results than there may be?
                onward = onward.select(f="v", n=pl.col("n").clip(upper_bound=2 * MOST_RESULTS))
            yield from ((node, onward) for node in shape.properties)

    @staticmethod
    def _count(times: int, shape: Shape) -> None:
        if times > MOST_RESULTS:
            raise LimitError(
                f"more than {MOST_RESULTS:,} results come of the shape {shape.node}",
                hint="So many ways lead to it by sh:property; a result is due for each of them.",
            )

    def fails(self, node: str, nodes: pl.Series) -> pl.Series:
        """Those of some nodes that do not conform to a shape; found once for each node."""
        shape = self.graph.shapes[node]
        checked, failing = self._failing.get(node, (numbers(()), numbers(())))
        fresh = nodes.unique()
        if len(checked):
            fresh = fresh.filter(~fresh.is_in(checked.implode()))
        if len(fresh):
            failing = pl.concat([failing, self._fails(shape, fresh)])
            self._failing[node] = (pl.concat([checked, fresh]), failing)
        return failing

    def _fails(self, shape: Shape, focus: pl.Series) -> pl.Series:
        if shape.deactivated:
            return numbers(())
        self._credit(shape)
        values = self.values(shape, focus)
        found = [numbers(())]
        for constraint in shape.constraints:
            evaluate = COMPONENTS[constraint.component]
            found += [pairs["f"] for pairs in evaluate(self, shape, constraint, focus, values)]
        for query in shape.sparql:
            found += [pairs["f"] for pairs, _ in self._asked(shape, query, focus, values)]
        for node in shape.properties:
            bad = self.fails(node, values["v"])
            if len(bad):
                found.append(values.filter(pl.col("v").is_in(bad.implode()))["f"])
        return pl.concat(found).unique()

    def _asked(
        self, shape: Shape, query: SparqlConstraint, focus: pl.Series, values: pl.DataFrame
    ) -> Iterator[tuple[pl.DataFrame, tuple[str, ...]]]:
        return self._engine.asked(shape, query, focus, values)


class _Sums:
    """Frames of focus nodes f, with the number n of ways that lead to each, added up; property
    shapes that stand in the same shapes get the same frames, which are added up once."""

    def __init__(self) -> None:
        # By the identities of frames; these are kept, so that no other can take theirs.
        self._known: dict[tuple[int, ...], tuple[list[pl.DataFrame], pl.DataFrame]] = {}

    def of(self, frames: list[pl.DataFrame]) -> pl.DataFrame:
        """The sum of frames, in each of which a focus node stands once."""
        if len(frames) == 1:
            return frames[0]
        key = tuple(map(id, frames))
        if key not in self._known:
            total = pl.concat(frames).group_by("f").agg(pl.col("n").sum())
            self._known[key] = (frames, total)
        return self._known[key][1]


def numbers(values: object) -> pl.Series:
    """A series of term numbers."""
    return pl.Series(list(values), dtype=NUMBER)  # type: ignore[call-overload]
