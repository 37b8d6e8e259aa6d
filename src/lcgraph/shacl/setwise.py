"""Asking one query for many focus nodes at once, where its form shows that the answer is the same.

A pre-bound variable has one value in the whole query (SHACL, appendix A). Left as a variable, it
must come to the same value wherever it is mentioned: then the solutions for one value of it are
those of the query that has the value in its place. Each group that mentions the variable must
therefore bind it itself, before anything uses it: by a triple pattern, or by the block of the focus
nodes, which is put at the beginning of the group. What no block can mend is refused by `plan`.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

from lcgraph.shacl.form import Expression, Part, Select, anchors

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lcgraph.shacl.form import Form, Group, Triple

#: Functions whose value differs from call to call.
_FRESH = frozenset(["RAND", "UUID", "STRUUID", "BNODE"])


class UnsoundError(Exception):
    """The query must be asked once for each focus node; the text says why."""


@dataclass(frozen=True)
class Plan:
    """How a query is asked for many nodes: `top` is its outermost group, and `needing` are the
    groups that do not bind the variables themselves. The first `verb` is a SELECT or ASK."""

    names: frozenset[str]
    top: Group
    needing: tuple[Group, ...]
    verb: tuple[int, int]
    ask: bool

    def text(self, text: str, block: str | None) -> str:
        """The query for all nodes of a block; the answer to an ASK is the nodes it is true of.

        Without a block, which is for plans where nothing needs one, it is about all nodes there
        are, and the answer is to be cut down to those that are meant.
        """
        edits: list[tuple[int, int, str]] = []
        if self.ask:
            names = " ".join(f"?{name}" for name in sorted(self.names))
            edits.append((*self.verb, f"SELECT DISTINCT {names} "))
        if block is not None:
            for group in {g.start: g for g in (self.top, *self.needing)}.values():
                inner = any(isinstance(element, Select) for element in group.elements)
                edits.append((group.start, group.start, f" {block} {'{ ' if inner else ''}"))
                if inner:
                    edits.append((group.end, group.end, " }"))
        edits += self._absences()
        for start, end, new in sorted(edits, reverse=True):
            text = text[:start] + new + text[end:]
        return text

    def _absences(self) -> Iterator[tuple[int, int, str]]:
        """FILTER NOT EXISTS as OPTIONAL and a test that it found nothing, which the engine answers
        by one join and not by a search for each solution, where both come to the same: at the end
        of a group that no OPTIONAL or EXISTS is around, for several plain triple patterns."""
        taken = self.top.variables()
        waiting = [self.top]
        while waiting:
            group = waiting.pop()
            waiting += [g for g, kind in group.parts() if kind in ("group", "union", "select")]
            for element in reversed(group.elements):
                if not isinstance(element, Expression) or element.binds:
                    break
                if element.absence is None or not _is_plain(element.exists[0]):
                    continue
                inner = element.exists[0]
                name = next(n for i in count() if (n := f"found{inner.start}_{i}") not in taken)
                yield (*element.absence, "OPTIONAL")
                yield inner.end, inner.end, f" BIND(true AS ?{name}) "
                yield inner.end + 1, inner.end + 1, f" FILTER(!BOUND(?{name}))"


def _is_plain(group: Group) -> bool:
    triples = list(group.triples())
    return (
        len(triples) > 1  # one alone is looked up in no time
        and all(isinstance(element, tuple) for element in group.elements)
        and not any(triple.path.zero for triple in triples)
        and _is_connected(triples)
    )


def _is_connected(triples: list[Triple]) -> bool:
    """Whether variables lead from each triple pattern to each other one: else the join of all would
    be every solution of some with every solution of others."""
    reached = anchors(triples[:1])
    for _ in triples:
        reached |= anchors(t for t in triples if not reached.isdisjoint(t.nodes))
    return all(not reached.isdisjoint(triple.nodes) for triple in triples)


def plan(form: Form, names: frozenset[str], *, ask: bool) -> Plan:
    """How to ask a query for many values of pre-bound variables.

    Raises:
        UnsoundError: the answer could be another one.
    """
    if fresh := form.functions() & _FRESH:
        raise UnsoundError(f"{min(fresh)} gives another value at each call")
    select = form.select
    for group in select.where.walk(graphs=True):
        if any(isinstance(e, Part) and e.graph is not None for e in group.elements):
            raise UnsoundError("GRAPH has a variable")
    if ask and (select.sliced or select.aggregates):
        raise UnsoundError("the ASK groups its solutions or leaves some out")
    reading = _Reading(names)
    needing = reading.group(select.where, names) if ask else reading.select(select)
    return Plan(names, select.where, tuple(needing), select.verb, ask)


@dataclass(frozen=True)
class _Reading:
    """Finds the groups that need the block for the pre-bound `names`."""

    names: frozenset[str]

    def select(self, select: Select) -> Iterator[Group]:
        """Those of a SELECT, which must hand the names on."""
        if select.star or not self.names <= select.projected:
            raise UnsoundError("a SELECT does not name the pre-bound variables")
        if select.sliced:
            raise UnsoundError("LIMIT or OFFSET would count the solutions of all nodes together")
        if select.aggregates and not self.names <= (select.grouped or frozenset()):
            raise UnsoundError("an aggregate is not grouped by the pre-bound variables")
        yield from self.group(select.where, self.names)

    def group(self, group: Group, needed: frozenset[str]) -> Iterator[Group]:
        """Those of a group that must bind `needed`, and of all groups in it."""
        if not needed <= self._bound(group):
            yield group
        anchored = anchors(group.triples())
        for triple in group.triples():
            if triple.path.variable in self.names:
                raise UnsoundError("a pre-bound variable is a predicate")
            if triple.path.zero and not self.names.intersection(triple.nodes) <= anchored:
                # Between two variables, a path of no length joins only nodes that the graph has.
                raise UnsoundError("a path of no length begins or ends at a pre-bound variable")
        for element in group.elements:
            if isinstance(element, Select):
                yield from self.select(element)
        for inner, kind in group.parts():
            mentioned = self.names & inner.variables()
            if mentioned and kind == "graph":
                raise UnsoundError("a pre-bound variable stands within GRAPH")
            if mentioned and kind != "select":
                yield from self.group(inner, mentioned)

    def _bound(self, group: Group) -> frozenset[str]:
        """What a group binds before anything uses it; the groups in it bind what they mention."""
        found: set[str] = set()
        for element in group.elements:
            if isinstance(element, tuple):
                found |= anchors(element)
            elif isinstance(element, Select):
                found |= self.names
            elif isinstance(element, Part) and element.kind in ("group", "union"):
                found |= self.names.intersection(*(g.variables() for g in element.groups))
            elif isinstance(element, Part) or element.binds:
                break
        return frozenset(found)
