"""Quads on Oxigraph, in memory, that come back as they were written.

Oxigraph's store rewrites some literals ("01"^^xsd:integer becomes "1"). Beside it stands the
written form of each quad that it rewrote, and only of those; in clean data there is none. Beside it
stands too what came from which file, so that a file that is loaded again replaces it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import pyoxigraph as ox

from lcgraph.errors import StoreError
from lcgraph.terms import XSD

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from pathlib import Path

    from lcgraph.terms import Term

#: What is never rewritten: texts. Every other datatype of XSD may be.
_KEPT = frozenset([XSD + "string", XSD + "anyURI"])
#: More lines than these are not looked at one by one where nobody has to.
MANY = 20_000


class Origin(NamedTuple):
    """What came from one file.

    Attributes:
        name: the file, as the user named it.
        text: its quads as N-Quads lines, or the file that holds these.
    """

    name: str
    text: bytes | Path

    def lines(self) -> set[bytes]:
        """Its quads as N-Quads lines, without the ends of the lines."""
        text = self.text if isinstance(self.text, bytes) else self.text.read_bytes()
        return set(text.split(b"\n")) - {b""}


class Load(NamedTuple):
    """What one source brings.

    Attributes:
        iri: the IRI of its file; None where it is no file, and so replaces nothing.
        name: the source, as the user named it.
        text: its quads as N-Quads lines.
    """

    iri: str | None
    name: str
    text: bytes


@dataclass
class Changes:
    """What has changed since a transaction began: quads as written.

    Attributes:
        added: those that were not there.
        removed: those that are there no more.
        whole: whether more has changed than these say.
    """

    added: dict[ox.Quad, None] = field(default_factory=dict)
    removed: dict[ox.Quad, None] = field(default_factory=dict)
    whole: bool = False

    def __len__(self) -> int:
        return len(self.added) + len(self.removed)

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.whole)

    def add(self, quad: ox.Quad) -> None:
        """A quad is there now."""
        if quad in self.removed:
            del self.removed[quad]
        else:
            self.added[quad] = None

    def remove(self, quad: ox.Quad) -> None:
        """A quad is there no more."""
        if quad in self.added:
            del self.added[quad]
        else:
            self.removed[quad] = None


class EmbeddedStore:
    """Quads in memory. Nothing here checks data or parses queries.

    Each change is atomic. Several are where they stand between `begin` and `commit` or `rollback`;
    `changes` says what they have changed so far.
    """

    def __init__(self) -> None:
        self.engine = ox.Store()
        #: What came from each file, by its IRI.
        self.origins: dict[str, Origin] = {}
        #: The prefixes that the loaded sources declare.
        self.prefixes: dict[str, str] = {}
        #: What transactions are checked by.
        self.checks: dict[str, Any] = {}
        #: What the transaction that is open has changed; None where none is.
        self.changes: Changes | None = None
        # stored quad -> the quads as written that it stands for, where they differ
        self._written: dict[ox.Quad, dict[ox.Quad, None]] = {}
        self._before: tuple[dict[ox.Quad, dict[ox.Quad, None]], dict[str, Origin], dict[str, str]]

    def __len__(self) -> int:
        return len(self.engine) + sum(len(forms) - 1 for forms in self._written.values())

    def __iter__(self) -> Iterator[ox.Quad]:
        """The quads as written."""
        return self.matching(None, None, None)

    def __contains__(self, quad: ox.Quad) -> bool:
        """Whether a quad is there as it is written here."""
        if quad not in self.engine:  # which says yes to what it would rewrite to one it has
            return False
        key = stored(quad)
        return quad in self._written.get(key, (key,))

    def matching(
        self,
        subject: ox.NamedNode | ox.BlankNode | None,
        predicate: ox.NamedNode | None,
        target: ox.NamedNode | ox.BlankNode | ox.Literal | None,
    ) -> Iterator[ox.Quad]:
        """The quads with these terms, of any graph, as written; None stands for any term, and a
        literal for all that the engine holds to be the same."""
        for quad in self.engine.quads_for_pattern(subject, predicate, target):
            yield from self.written(quad)

    def about(self, subject: ox.NamedNode | ox.BlankNode) -> Iterator[ox.Quad]:
        """The quads with this subject, as written."""
        return self.matching(subject, None, None)

    def naming(self, target: ox.NamedNode | ox.BlankNode) -> Iterator[ox.Quad]:
        """The quads with this object."""
        return self.matching(None, None, target)

    def nquads(self) -> bytes:
        """The quads as N-Quads lines, terms as written, in no order."""
        text: bytes = self.engine.dump(format=ox.RdfFormat.N_QUADS) or b""
        if not self._written:
            return text
        stored = {f"{quad} .".encode() for quad in self._written}
        lines = [line for line in text.split(b"\n") if line not in stored]
        forms = [f"{quad} .".encode() for forms in self._written.values() for quad in forms]
        return b"\n".join([*forms, *lines])

    def nquads_before(self) -> bytes:
        """The quads as they were when the open transaction began, as `nquads`."""
        changes = self.changes or Changes()
        added, removed = (
            {f"{quad} .".encode() for quad in quads} for quads in (changes.added, changes.removed)
        )
        return b"\n".join(({*self.nquads().split(b"\n")} - added) | removed)

    def written(self, quad: ox.Quad) -> Iterable[ox.Quad]:
        """The quads as written that one of the engine's stands for."""
        return self._written.get(quad, (quad,))

    def set_checks(self, checks: dict[str, Any]) -> None:
        """Keeps what transactions are checked by."""
        self.checks = checks

    def close(self) -> None:
        """Lets go of what the store holds; in memory, of nothing."""

    def optimize(self) -> None:
        """Makes questions find their way sooner; in memory they do."""

    def backup(self, target: Path) -> None:
        """Copies a store in a folder.

        Raises:
            StoreError: this one is in memory.
        """
        raise StoreError(
            "the graph is in memory, and has no folder to copy",
            file=str(target),
            hint="Write it to a file: export().",
        )

    def begin(self) -> None:
        """Begins a transaction: what changes from here on stands or falls together."""
        self.changes = Changes()
        self._before = (dict(self._written), dict(self.origins), dict(self.prefixes))

    def commit(self) -> None:
        """Ends the transaction; all of it stands."""
        self.changes = None

    def rollback(self) -> None:
        """Ends the transaction; all is as it was when it began."""
        changes, self.changes = self.changes, None
        if changes is not None:
            self.remove(changes.added)
            self.extend(changes.removed)
            self._written, self.origins, self.prefixes = self._before

    def extend(self, quads: Iterable[ox.Quad]) -> None:
        """Adds all the quads, or none where that fails."""
        quads = list(quads)
        if self.changes is not None:
            fresh = [quad for quad in dict.fromkeys(quads) if quad not in self]
        stored = stored_forms(quad.object for quad in quads)
        changed: dict[ox.Quad, dict[ox.Quad, None]] = {}
        if stored or self._written:
            for quad in quads:
                kept = stored.get(quad.object, quad.object)
                key = ox.Quad(quad.subject, quad.predicate, kept, quad.graph_name)
                if key in changed or kept is not quad.object or key in self._written:
                    changed.setdefault(key, dict(self._written_of(key)))[quad] = None
        # The plain form of a quad may come after its rewritten form in the same call.
        for quad in quads if changed else ():
            if quad in changed:
                changed[quad][quad] = None
        self.engine.extend(quads)
        self._written.update(changed)
        if self.changes is not None:
            for quad in fresh:
                self.changes.add(quad)

    def remove(self, quads: Iterable[ox.Quad]) -> None:
        """Removes quads, as they are written; those that are not there are left out."""
        for quad in list(quads):
            if quad not in self:
                continue
            key = stored(quad) if self._written else quad
            forms = {form: None for form in self._written.pop(key, ()) if form != quad}
            if forms and [*forms] != [key]:
                self._written[key] = forms
            if not forms:
                self.engine.remove(key)
            if self.changes is not None:
                self.changes.remove(quad)

    def _written_of(self, key: ox.Quad) -> dict[ox.Quad, None]:
        if key in self._written:
            return self._written[key]
        return {key: None} if key in self.engine else {}

    def load(
        self,
        loads: Sequence[Load],
        rewritten: Collection[str],
        prefixes: dict[str, str],
    ) -> None:
        """Adds what sources bring; what only an earlier reading of the same files had brought goes.

        Args:
            loads: what they bring, with blank nodes whose labels nothing else has.
            rewritten: the literals among it, as N-Triples texts, that the engine rewrites.
            prefixes: the prefixes that are known from now on.
        """
        latest = {load.iri: load for load in loads if load.iri is not None}
        gone = self._only_before(latest.values())
        self._insert(b"".join(load.text for load in loads), rewritten)
        self.remove(ox.parse(b"\n".join(gone), format=ox.RdfFormat.N_QUADS))
        for iri, load in latest.items():
            self.origins[iri] = self._origin(load)
        self.prefixes = prefixes

    def _origin(self, load: Load) -> Origin:
        return Origin(load.name, load.text)

    def _only_before(self, loads: Collection[Load]) -> set[bytes]:
        """The lines that only earlier readings of these files have brought."""
        again = {load.iri for load in loads if load.iri in self.origins}
        gone = {line for iri in again for line in self.origins[str(iri)].lines()}
        for load in loads if gone else ():
            gone.difference_update(load.text.split(b"\n"))
        for iri, origin in self.origins.items():
            if gone and iri not in again:
                gone -= origin.lines()
        return gone

    def _insert(self, text: bytes, rewritten: Collection[str]) -> None:
        """Adds N-Quads lines. Only those are looked at one by one whose literals the engine
        rewrites, or whose blank nodes it would rename."""
        if self.changes is not None and not self._is_bulk(text):
            self.extend(ox.parse(text, format=ox.RdfFormat.N_QUADS))
            return
        if rewritten or self._written or b"_:" in text:
            from lcgraph.store.forms import parted

            known = [f"{quad} ." for quad in self._written]
            text, special = parted(text, rewritten, known)
            self._bulk(text)
            self.extend(ox.parse(special, format=ox.RdfFormat.N_QUADS))
        else:
            self._bulk(text)

    def _is_bulk(self, text: bytes) -> bool:  # noqa: ARG002 (a store on disk asks)
        """Whether lines are added without being looked at, though a transaction is open."""
        return False

    def _bulk(self, text: bytes) -> None:
        self.engine.load(text, format=ox.RdfFormat.N_QUADS)

    def load_unchanged(self, path: Path) -> None:
        """Loads a shipped Turtle file at the engine's own speed. Only for files of which a test
        proves that the engine rewrites no literal."""
        self.engine.load(path=str(path), format=ox.RdfFormat.TURTLE)

    def update(self, text: str, prefixes: dict[str, str]) -> None:
        """Runs one SPARQL update, as one transaction."""
        if self.changes is None:
            self.engine.update(text, prefixes=prefixes)
        else:
            from lcgraph.store.updates import run

            run(self, self.changes, text, prefixes)
        for quad in [quad for quad in self._written if quad not in self.engine]:
            del self._written[quad]


def stored(quad: ox.Quad) -> ox.Quad:
    """A quad as the engine holds it."""
    kept = _stored_form(quad.object)
    if kept is quad.object:
        return quad
    return ox.Quad(quad.subject, quad.predicate, kept, quad.graph_name)


@lru_cache(maxsize=65536)
def _stored_form(term: Term) -> Term:
    return stored_forms([term]).get(term, term)


def stored_forms(terms: Iterable[object]) -> dict[object, ox.Literal]:
    """The literals that the engine rewrites, with what it makes of them, learnt from it."""
    suspects = list(
        {
            term: None
            for term in terms
            if isinstance(term, ox.Literal)
            and term.datatype.value.startswith(XSD)
            and term.datatype.value not in _KEPT
        }
    )
    if not suspects:
        return {}
    scratch = ox.Store()
    number = ox.NamedNode("x:n")
    scratch.extend(
        ox.Quad(ox.NamedNode(f"x:{index}"), number, literal)
        for index, literal in enumerate(suspects)
    )
    stored: dict[object, ox.Literal] = {}
    for quad in scratch:
        written = suspects[int(quad.subject.value[2:])]
        if quad.object != written:
            stored[written] = quad.object
    return stored
