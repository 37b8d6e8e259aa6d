"""Closures of paths (section 2.3.1, `*` and `+`): where any number of steps leads.

A closure is an automaton whose moves are predicates, taken forwards or backwards. What it reaches
is found in the graph of its states at the data's nodes, of which whole circles count as one.
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from lcgraph.columns import NUMBER
from lcgraph.errors import LimitError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lcgraph.columns import Columns
    from lcgraph.shacl.model import Path

#: How many pairs of nodes one path may lead to; some hundred bytes of memory go with each.
MOST_PAIRS = 20_000_000


class Move(NamedTuple):
    """A predicate, as N-Triples text, and whether it is followed from object to subject."""

    predicate: str
    backwards: bool


class _Automaton:
    """The states of a path; 0 is the first and 1 the last, and None a move that goes no step."""

    def __init__(self, path: Path) -> None:
        self._fresh = count(2)
        self._moves: list[tuple[int, Move | None, int]] = []
        self._add(path, 0, 1)

    def _add(self, path: Path, start: int, end: int) -> None:
        if isinstance(path, str):
            self._moves.append((start, Move(path, backwards=False), end))
        elif path.kind == "inverse":
            self._moves.append((start, Move(str(path.parts[0]), backwards=True), end))
        elif path.kind == "alternative":
            for part in path.parts:
                self._add(part, start, end)
        elif path.kind == "sequence":
            stops = [start, *(next(self._fresh) for _ in path.parts[1:]), end]
            for part, before, after in zip(path.parts, stops, stops[1:], strict=False):
                self._add(part, before, after)
        else:
            first, last = next(self._fresh), next(self._fresh)
            self._moves += [(start, None, first), (last, None, end)]
            self._add(path.parts[0], first, last)
            if path.kind != "zeroOrOne":
                self._moves.append((last, None, first))
            if path.kind != "oneOrMore":
                self._moves.append((start, None, end))

    def moves(self) -> tuple[dict[int, set[tuple[Move, int]]], set[int]]:
        """The moves that go a step, by state, and the states that the path may end in."""
        still: dict[int, list[int]] = {}
        steps: dict[int, set[tuple[Move, int]]] = {}
        for before, move, after in self._moves:
            if move is None:
                still.setdefault(before, []).append(after)
            else:
                steps.setdefault(before, set()).add((move, after))
        found: dict[int, set[tuple[Move, int]]] = {}
        ends = set()
        for state in {0, *(after for _, move, after in self._moves if move is not None)}:
            near = _reached(state, still)
            found[state] = set().union(*(steps.get(other, ()) for other in near))
            if 1 in near:
                ends.add(state)
        return _merged(found, ends)


def _reached(start: int, onward: dict[int, list[int]]) -> set[int]:
    found, waiting = {start}, [start]
    while waiting:
        fresh = [node for node in onward.get(waiting.pop(), ()) if node not in found]
        found.update(fresh)
        waiting += fresh
    return found


def _merged(
    moves: dict[int, set[tuple[Move, int]]], ends: set[int]
) -> tuple[dict[int, set[tuple[Move, int]]], set[int]]:
    """An automaton without two states that move alike; the first state stays 0."""
    while True:
        alike: dict[object, int] = {}
        twin = {
            state: alike.setdefault((frozenset(moves[state]), state in ends), state)
            for state in sorted(moves)
        }
        if len(alike) == len(moves):
            return moves, ends
        moves = {
            state: {(move, twin[after]) for move, after in moves[state]} for state in alike.values()
        }
        ends &= moves.keys()


def close(path: Path, focus: pl.Series, columns: Columns) -> pl.DataFrame:
    """The distinct pairs f, v of nodes that a closure leads from focus nodes to.

    Args:
        path: the closure; only predicates stand inverse in it.
        focus: the focus nodes.
        columns: the data.

    Raises:
        LimitError: there are too many pairs.
    """
    moves, ends = _Automaton(path).moves()
    width = max(moves) + 1
    # A state at a node is one number, and so are the moves between two of them.
    onward: dict[int, list[int]] = {}
    for state, outgoing in moves.items():
        for move, after in outgoing:
            frame = columns.predicate(move.predicate[1:-1])
            here, there = ("v", "f") if move.backwards else ("f", "v")
            for source, targets in frame.group_by(here).agg(there).iter_rows():
                places = onward.setdefault(source * width + state, [])
                places += [target * width + after for target in targets]
    starts = [number * width for number in focus.to_list()]
    circles = _circles(starts, onward)
    inside: dict[int, list[int]] = {}
    for place, circle in circles.items():
        if place % width in ends:
            inside.setdefault(circle, []).append(place // width)
    rows = list(_reach(starts, onward, circles, path))
    reach = pl.DataFrame(
        {"f": [start // width for start, _ in rows], "c": [list(found) for _, found in rows]},
        schema={"f": NUMBER, "c": pl.List(pl.Int64)},
    )
    members = pl.DataFrame(
        {"c": list(inside), "v": list(inside.values())},
        schema={"c": pl.Int64, "v": pl.List(NUMBER)},
    )
    sizes = members.select("c", n=pl.col("v").list.len().cast(pl.Int64))
    flat = reach.explode("c")
    if (flat.join(sizes, on="c")["n"].sum() or 0) > MOST_PAIRS:
        raise too_many(path)
    return flat.join(members, on="c").explode("v").select("f", "v").unique()


def _circles(starts: list[int], onward: dict[int, list[int]]) -> dict[int, int]:
    """The number of the circle that each place is in that can be reached; places that no circle
    joins are alone in theirs. Where a circle leads to another, that one has the lesser number.

    This is Tarjan's algorithm, without recursion.
    """
    numbers = count()
    circles: dict[int, int] = {}
    index: dict[int, int] = {}
    low: dict[int, int] = {}
    open_places: list[int] = []
    for start in starts:
        if start in index:
            continue
        index[start] = low[start] = len(index)
        open_places.append(start)
        stack = [(start, iter(onward.get(start, ())))]
        while stack:
            place, others = stack[-1]
            for other in others:
                if other not in index:
                    index[other] = low[other] = len(index)
                    open_places.append(other)
                    stack.append((other, iter(onward.get(other, ()))))
                    break
                if other not in circles:
                    low[place] = min(low[place], index[other])
            else:
                stack.pop()
                if stack:
                    above = stack[-1][0]
                    low[above] = min(low[above], low[place])
                if low[place] == index[place]:
                    number = next(numbers)
                    while True:
                        member = open_places.pop()
                        circles[member] = number
                        if member == place:
                            break
    return circles


def _reach(
    starts: list[int], onward: dict[int, list[int]], circles: dict[int, int], path: Path
) -> Iterator[tuple[int, set[int]]]:
    """The circles that each start reaches, its own among them."""
    below: dict[int, set[int]] = {}
    for place, circle in circles.items():
        further = below.setdefault(circle, set())
        further.update(circles[other] for other in onward.get(place, ()))
    known: dict[int, set[int]] = {}
    total = 0
    # What a start reaches is known before those that lead to it ask.
    for start in sorted(starts, key=circles.__getitem__):
        own = circles[start]
        if own not in known:
            found, waiting = {own}, [own]
            while waiting:
                for circle in below[waiting.pop()] - found:
                    if circle in known:
                        found |= known[circle]
                    else:
                        found.add(circle)
                        waiting.append(circle)
            known[own] = found
            total += len(found)
            if total > MOST_PAIRS:
                raise too_many(path)
        yield start, known[own]


def too_many(path: object) -> LimitError:
    """The error that a path leads to more pairs of nodes than can be held."""
    return LimitError(
        f"a path leads to more than {MOST_PAIRS:,} pairs of focus node and value node: {path}",
        hint="Give the shape fewer focus nodes, or a path that leads to fewer.",
    )
