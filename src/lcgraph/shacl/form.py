"""The form of a SPARQL query: its groups, triple patterns and expressions, and what it can see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lcgraph.shacl import model

AGGREGATES = frozenset(["COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE", "GROUP_CONCAT"])


@dataclass(frozen=True)
class Path:
    """What stands between subject and object: the predicates it can use, or None where it is a
    variable; `zero` says that it may lead from a node to itself without a triple."""

    predicates: frozenset[str] | None
    zero: bool = False
    variable: str | None = None
    #: The predicate that it is, where it is no more than one.
    single: str | None = None
    #: Its operators and predicates; None where it is a variable.
    steps: model.Path | None = None


@dataclass(frozen=True)
class Triple:
    """A triple pattern; a node is a variable's name, "" for a blank node, or a constant as
    N-Triples text."""

    subject: str
    path: Path
    object: str

    @property
    def nodes(self) -> tuple[str, str]:
        """Both nodes."""
        return self.subject, self.object


@dataclass(frozen=True)
class Expression:
    """What an expression mentions: variables, functions (built-in ones in upper case, "cast" for
    one that an IRI names), literals as text, and the groups that it asks for by EXISTS; for a
    FILTER NOT EXISTS that is nothing else, where these words stand."""

    variables: frozenset[str]
    functions: frozenset[str]
    literals: frozenset[str]
    exists: tuple[Group, ...] = ()
    binds: bool = False
    absence: tuple[int, int] | None = None


@dataclass(frozen=True)
class Part:
    """A part of a group that is a group itself: "optional", "union", "group" or "graph"."""

    kind: str
    groups: tuple[Group, ...]
    graph: str | None = None


@dataclass(frozen=True)
class Group:
    """A group with the offsets right behind its opening brace and of its closing one."""

    start: int
    end: int
    elements: tuple[Element, ...]

    def triples(self) -> Iterator[Triple]:
        """The triple patterns of the group itself."""
        for element in self.elements:
            if isinstance(element, tuple):
                yield from element

    def parts(self) -> Iterator[tuple[Group, str]]:
        """The groups right within it, each with what it is there as."""
        for element in self.elements:
            if isinstance(element, Part):
                yield from ((group, element.kind) for group in element.groups)
            elif isinstance(element, Expression):
                yield from ((group, "exists") for group in element.exists)
            elif isinstance(element, Select):
                yield element.where, "select"

    def expressions(self) -> Iterator[Expression]:
        """The expressions of the group itself and of the SELECT that it may be."""
        for element in self.elements:
            if isinstance(element, Expression):
                yield element
            elif isinstance(element, Select):
                yield element.expression

    def variables(self) -> frozenset[str]:
        """All variables that are mentioned anywhere in it."""
        found = {t.path.variable for t in self.triples() if t.path.variable}
        found |= {node for t in self.triples() for node in t.nodes if _is_variable(node)}
        for expression in self.expressions():
            found |= expression.variables
        for element in self.elements:
            if isinstance(element, Select):
                found |= element.projected
            elif isinstance(element, Part) and element.graph:
                found.add(element.graph)
        return frozenset(found).union(*(group.variables() for group, _ in self.parts()))

    def walk(self, *, graphs: bool = False) -> Iterator[Group]:
        """The group and all groups in it; those of named graphs only where `graphs`."""
        yield self
        for group, kind in self.parts():
            if graphs or kind != "graph":
                yield from group.walk(graphs=graphs)


@dataclass(frozen=True)
class Select:
    """A SELECT or ASK: what it projects, how it groups, and whether it cuts off its solutions."""

    where: Group
    projected: frozenset[str]
    star: bool
    grouped: frozenset[str] | None
    sliced: bool
    expression: Expression
    verb: tuple[int, int]

    @property
    def aggregates(self) -> bool:
        """Whether it makes one solution of many."""
        return self.grouped is not None or bool(self.expression.functions & AGGREGATES)


Element: TypeAlias = tuple[Triple, ...] | Expression | Part | Select


@dataclass(frozen=True)
class Sight:
    """The triples that can change the answer to a query: all with certain predicates, and all whose
    subjects are values of certain pre-bound variables, or subjects or objects of predicates."""

    predicates: frozenset[str]
    of: frozenset[str] = frozenset()
    subjects: frozenset[str] = frozenset()
    objects: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Form:
    """The form of a whole query; `constants` are the literals in its triple patterns."""

    select: Select
    constants: frozenset[str]

    @property
    def sliced(self) -> bool:
        """Whether any part of it leaves out solutions by their number."""
        elements = (e for group in self.select.where.walk(graphs=True) for e in group.elements)
        return self.select.sliced or any(isinstance(e, Select) and e.sliced for e in elements)

    def expressions(self) -> Iterator[Expression]:
        """All expressions."""
        yield self.select.expression
        for group in self.select.where.walk(graphs=True):
            yield from group.expressions()

    def functions(self) -> frozenset[str]:
        """The functions that it calls anywhere."""
        return frozenset[str]().union(*(e.functions for e in self.expressions()))

    def sight(self, given: frozenset[str]) -> Sight | None:
        """What it can see, with predicates as N-Triples text; None where that can be anything. The
        variables in `given` have values, of which the data may know nothing."""
        found: set[str] = set()
        wide: set[str] = set()
        top = self.select.where
        joined = list(_joined(top, exists=True))
        for group in top.walk():
            near = anchors(group.triples())
            for triple in group.triples():
                if triple.path.predicates is None:
                    # Only the triples of its subject count, where all that it is part of says which.
                    if triple.subject not in given and group not in joined:
                        return None
                    wide.add(triple.subject)
                    continue
                if triple.path.zero and not any(
                    node in near or node in given or _is_constant(node) for node in triple.nodes
                ):
                    return None  # it matches every node there is with itself
                found |= triple.path.predicates
        subjects, objects = set(), set()
        for name in wide - given:
            for triple in top.triples() if _is_variable(name) else ():
                if triple.path.single and triple.subject == name:
                    subjects.add(triple.path.single)
                    break
                if triple.path.single and triple.object == name:
                    objects.add(triple.path.single)
                    break
            else:
                return None
        return Sight(
            frozenset(found), frozenset(wide & given), frozenset(subjects), frozenset(objects)
        )

    def nodes(self, given: frozenset[str]) -> frozenset[str]:
        """The constants, and the variables in `given`, that a path of no length leads to themselves
        though the data may not have them."""
        found = set()
        for group in self.select.where.walk():
            near = anchors(group.triples())
            for triple in group.triples():
                if triple.path.zero and near.isdisjoint(triple.nodes):
                    found |= {node for node in triple.nodes if node in given or _is_constant(node)}
        return frozenset(found)


def _is_constant(node: str) -> bool:
    return node[:1] in ("<", '"')


def _is_variable(node: str) -> bool:
    return bool(node) and not _is_constant(node)


def _joined(group: Group, *, exists: bool) -> Iterator[Group]:
    """A group and those in it whose solutions only count where they fit its own, with the groups
    that its own filters ask for; not OPTIONAL, which lets others in where it finds nothing."""
    yield group
    for element in group.elements:
        if isinstance(element, Part) and element.kind in ("group", "union"):
            for inner in element.groups:
                yield from _joined(inner, exists=False)
        elif isinstance(element, Expression) and exists and not element.binds:
            for inner in element.exists:
                yield from _joined(inner, exists=False)


def anchors(triples: Iterable[Triple]) -> frozenset[str]:
    """The variables that triple patterns bind to nodes of the graph."""
    nodes = [node for triple in triples if not triple.path.zero for node in triple.nodes]
    return frozenset(filter(_is_variable, nodes))
