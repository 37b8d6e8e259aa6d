"""How what a query looks at hangs together with the nodes that it is asked of.

Every triple pattern is reached from a pre-bound variable over other patterns, each of which must
match wherever the pattern counts. So what the query says of a node depends on no triple but those
that are found from there, pattern by pattern; and whom a changed triple can matter to is found on
the way back. Of a query in which a pattern cannot be reached so, nothing is said.
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from lcgraph.shacl.form import Expression, Select
from lcgraph.shacl.model import Step

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from lcgraph.shacl import form, model

    #: What a variable is called here: one of a part of the query that others do not see has a name
    #: of its own.
    Name: TypeAlias = Callable[[str], str]
    Pattern: TypeAlias = tuple[str, form.Path, str]


class Link(NamedTuple):
    """A triple pattern, taken from the end that is known.

    Attributes:
        near: the variable at that end.
        path: the path to the other end; None where any predicate leads there.
        backwards: whether, where any predicate leads there, it does so from object to subject.
        far: the variable that is known by this pattern; None where there is none.
    """

    near: str
    path: model.Path | None
    backwards: bool
    far: str | None


class LooseError(Exception):
    """A pattern hangs together with no pre-bound variable."""


def links(query: form.Form, given: frozenset[str]) -> list[Link] | None:
    """The patterns of a query, each behind the one that its near end is known by; None where one
    cannot be reached.

    Args:
        query: the form of the query.
        given: the pre-bound variables that it mentions.
    """
    if query.sliced or query.select.expression.exists:
        return None
    found = _Links(given)
    try:
        found.scope(query.select.where, lambda name: name, {name: name for name in given})
    except LooseError:
        return None
    return found.links


class _Links:
    def __init__(self, given: frozenset[str]) -> None:
        self.links: list[Link] = []
        self._given = given
        self._numbers = count()

    def scope(self, group: form.Group, name: Name, known: dict[str, str]) -> None:
        """Adds the patterns of a group, and of all in it.

        Args:
            group: the group.
            name: what its variables are called.
            known: the variables that are known where it counts, with what they are called in links.
        """
        patterns: list[Pattern] = []
        parts: list[tuple[form.Group, Name, frozenset[str] | None]] = []
        self._gather(group, name, patterns, parts)
        known = dict(known)
        number = next(self._numbers)
        waiting = patterns
        while waiting:
            near = {end for ends in waiting for end in (ends[0], ends[2]) if end in known}
            reached = [p for p in waiting if p[0] in near or p[2] in near]
            if not reached:
                raise LooseError
            waiting = [p for p in waiting if p not in reached]
            for subject, path, target in reached:
                backwards = subject not in near
                here, there = (target, subject) if backwards else (subject, target)
                far = None
                if _is_variable(there) and there not in known:
                    far = known[there] = f"{there}#{number}"
                steps = path.steps
                if steps is not None and backwards:
                    steps = Step("inverse", (steps,))
                self.links.append(Link(known[here], steps, backwards, far))
        for inner, its_name, seen in parts:
            names = known.keys() if seen is None else seen | self._given
            self.scope(inner, its_name, {n: known[n] for n in names if n in known})

    def _gather(
        self,
        group: form.Group,
        name: Name,
        patterns: list[Pattern],
        parts: list[tuple[form.Group, Name, frozenset[str] | None]],
    ) -> None:
        """Adds the patterns that must match wherever the group does; and the parts that need not,
        with the variables by which their solutions are fitted to its own (None: all)."""
        begin = len(patterns)
        asked: list[form.Group] = []
        for element in group.elements:
            if isinstance(element, tuple):
                patterns += [(name(t.subject), t.path, name(t.object)) for t in element]
            elif isinstance(element, Expression):
                asked += element.exists
            elif isinstance(element, Select):
                if element.sliced or element.expression.exists:
                    raise LooseError
                self._gather(element.where, self._renamed(element, name), patterns, parts)
            elif element.kind == "group":
                for inner in element.groups:
                    self._gather(inner, name, patterns, parts)
            elif element.kind == "optional":
                # What stands behind it is not there yet when it is fitted.
                seen = _variables(patterns[begin:])
                parts += [(inner, name, seen) for inner in element.groups]
            elif element.kind == "union":
                parts += [(inner, name, None) for inner in element.groups]
            else:
                raise LooseError
        parts += [(inner, name, _variables(patterns[begin:])) for inner in asked]

    def _renamed(self, select: form.Select, name: Name) -> Name:
        """What the variables within a SELECT are called: those it hands on as they are keep their
        names."""
        number = next(self._numbers)
        handed = select.projected if select.grouped is None else select.grouped & select.projected
        if select.aggregates and select.grouped is None:
            handed = frozenset()

        def inner(variable: str) -> str:
            same = variable in self._given or select.star or variable in handed
            return name(variable) if same or not _is_variable(variable) else f"{variable}@{number}"

        return inner


def _variables(patterns: Collection[Pattern]) -> frozenset[str]:
    ends = (end for subject, _, target in patterns for end in (subject, target))
    return frozenset(filter(_is_variable, ends))


def _is_variable(node: str) -> bool:
    return bool(node) and node[0] not in '<"'
