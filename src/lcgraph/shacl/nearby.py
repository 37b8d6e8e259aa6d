"""What is near some nodes in a store: looked up triple by triple, and noted down.

A change of some records of a large store is judged by what the shapes look at from there, not by
all of the store.
"""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import pyoxigraph as ox

from lcgraph.columns import Columns
from lcgraph.shacl.paths import plain
from lcgraph.terms import RDF, RDFS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from lcgraph.shacl.links import Link
    from lcgraph.shacl.model import Path, Step, Target
    from lcgraph.store.embedded import Changes, EmbeddedStore
    from lcgraph.terms import Term

    Nodes: TypeAlias = set[Term]

_TYPE = ox.NamedNode(RDF + "type")
_SUBCLASS = ox.NamedNode(RDFS + "subClassOf")
#: How many triples are looked up; who needs more had better look at all of them at once.
MOST = 50_000


class TooFarError(Exception):
    """More of the store would have to be looked at than is worth it."""


class Triple(NamedTuple):
    """A triple, terms as written."""

    subject: ox.NamedNode | ox.BlankNode
    predicate: ox.NamedNode
    object: Term


class Nearby:
    """The triples of a store near some nodes, of all its graphs: as they are, or as they were
    before some changes."""

    def __init__(self, store: EmbeddedStore, changes: Changes, *, before: bool = False) -> None:
        self._store = store
        self._undone = changes.added if before else {}
        self._again: dict[Term, list[Triple]] = defaultdict(list)
        for quad in changes.removed if before else ():
            triple = _triple(quad)
            for end in {triple.subject, triple.object}:
                self._again[end].append(triple)
        self._known: dict[tuple[Term | None, ox.NamedNode | None, Term | None], list[Triple]] = {}
        self._seen: dict[Triple, None] = {}

    def columns(self) -> Columns:
        """All triples that were looked up."""
        return Columns.from_texts((str(s), str(p), str(o)) for s, p, o in self._seen)

    def find(
        self, subject: Term | None, predicate: ox.NamedNode | None, target: Term | None
    ) -> list[Triple]:
        """The triples with these terms; None stands for any, but not for subject and object.

        Raises:
            TooFarError: too many have been looked up.
        """
        key = (subject, predicate, target)
        if key not in self._known:
            found = dict.fromkeys(self._looked_up(*key))
            self._seen.update(found)
            self._known[key] = list(found)
            if len(self._seen) > MOST:
                raise TooFarError
        return self._known[key]

    def _looked_up(
        self, subject: Term | None, predicate: ox.NamedNode | None, target: Term | None
    ) -> Iterator[Triple]:
        if isinstance(subject, ox.Literal):
            return
        for number, quad in enumerate(self._store.matching(subject, predicate, target)):
            if number > MOST:
                raise TooFarError
            # The engine takes literals of one value for one term.
            if quad not in self._undone and target in (None, quad.object):
                yield _triple(quad)
        for triple in self._again.get(subject or target, ()):  # type: ignore[arg-type]
            if (
                subject in (None, triple.subject)
                and predicate in (None, triple.predicate)
                and target in (None, triple.object)
            ):
                yield triple

    def follow(self, path: Path, nodes: Iterable[Term]) -> Nodes:
        """Where a path leads from nodes; only predicates stand inverse in it (`paths.plain`)."""
        if isinstance(path, str):
            return {t.object for node in nodes for t in self.find(node, named(path), None)}
        if path.kind == "inverse":
            predicate = named(str(path.parts[0]))
            return {t.subject for node in nodes for t in self.find(None, predicate, node)}
        if path.kind == "sequence":
            for part in path.parts:
                nodes = self.follow(part, nodes)
            return set(nodes)
        found: Nodes = set()
        for part in path.parts:
            found |= self.follow(part, nodes)
        if path.kind == "zeroOrOne":
            return found | set(nodes)
        if path.kind == "alternative":
            return found
        return self._closed(path, found | set(nodes) if path.kind == "zeroOrMore" else found)

    def _closed(self, path: Step, found: Nodes) -> Nodes:
        fresh = found
        while fresh:
            fresh = self.follow(path.parts[0], fresh) - found
            found = found | fresh
        return found

    def back(self, path: Path, nodes: Iterable[Term]) -> Nodes:
        """From where a path leads to nodes."""
        return self.follow(plain(path, backwards=True), nodes)

    def over(self, link: Link, nodes: Iterable[Term]) -> Nodes:
        """Where a link leads from nodes at its near end."""
        if link.path is not None:
            return self.follow(plain(link.path), nodes)
        if link.backwards:
            return {t.subject for node in nodes for t in self.find(None, None, node)}
        return {t.object for node in nodes for t in self.find(node, None, None)}

    def back_over(self, link: Link, nodes: Iterable[Term]) -> Nodes:
        """From where a link leads to nodes at its far end."""
        if link.path is not None:
            return self.back(link.path, nodes)
        return self.over(link._replace(backwards=not link.backwards), nodes)

    def classes(self, node: Term) -> Nodes:
        """The classes that a node is a SHACL instance of."""
        types = {triple.object for triple in self.find(node, _TYPE, None)}
        return self._closed_upwards(types)

    def _closed_upwards(self, found: Nodes) -> Nodes:
        fresh = found
        while fresh:
            above = {t.object for node in fresh for t in self.find(node, _SUBCLASS, None)}
            fresh = above - found
            found = found | fresh
        return found

    def is_focus(self, node: Term, targets: Collection[Target]) -> bool:
        """Whether a node is a focus node by one of some targets (section 2.1.3)."""
        for target in targets:
            if target.kind == "Node":
                found = str(node) == target.term
            elif target.kind == "Class":
                found = named(target.term) in self.classes(node)
            elif target.kind == "SubjectsOf":
                found = bool(self.find(node, named(target.term), None))
            else:
                found = bool(self.find(None, named(target.term), node))
            if found:
                return True
        return False


def _triple(quad: ox.Quad) -> Triple:
    return Triple(quad.subject, quad.predicate, quad.object)  # type: ignore[arg-type]


@lru_cache(maxsize=4096)
def named(text: str) -> ox.NamedNode:
    """The IRI of an N-Triples text."""
    return ox.NamedNode(text[1:-1])
