"""A graph in memory, on Oxigraph, that gives terms back as they were written.

Oxigraph's store rewrites some literals ("01"^^xsd:integer becomes "1"). Beside it stands the
written form of each quad that it rewrote, and only of those; in clean data there is none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from lcgraph.terms import XSD

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

#: What is never rewritten: texts. Every other datatype of XSD may be.
_KEPT = frozenset([XSD + "string", XSD + "anyURI"])


class EmbeddedStore:
    """Quads in memory. Every change is atomic; nothing here checks or parses queries."""

    def __init__(self) -> None:
        self.engine = ox.Store()
        # stored quad -> the quads as written that it stands for, where they differ
        self._written: dict[ox.Quad, dict[ox.Quad, None]] = {}

    def __len__(self) -> int:
        return len(self.engine) + sum(len(forms) - 1 for forms in self._written.values())

    def __iter__(self) -> Iterator[ox.Quad]:
        """The quads as written."""
        if not self._written:
            yield from self.engine
            return
        for quad in self.engine:
            yield from self._written.get(quad, (quad,))

    def about(self, subject: ox.NamedNode | ox.BlankNode) -> Iterator[ox.Quad]:
        """The quads with this subject, as written."""
        for quad in self.engine.quads_for_pattern(subject, None, None):
            yield from self._written.get(quad, (quad,))

    def naming(self, target: ox.NamedNode | ox.BlankNode) -> Iterator[ox.Quad]:
        """The quads with this object."""
        yield from self.engine.quads_for_pattern(None, None, target)

    def extend(self, quads: Iterable[ox.Quad]) -> None:
        """Adds all the quads, or none where that fails."""
        quads = list(quads)
        stored = _stored_forms(quads)
        changes: dict[ox.Quad, dict[ox.Quad, None]] = {}
        if stored or self._written:
            for quad in quads:
                kept = stored.get(quad.object, quad.object)
                key = ox.Quad(quad.subject, quad.predicate, kept, quad.graph_name)
                if key in changes or kept is not quad.object or key in self._written:
                    changes.setdefault(key, dict(self._written_of(key)))[quad] = None
        # The plain form of a quad may come after its rewritten form in the same call.
        for quad in quads if changes else ():
            if quad in changes:
                changes[quad][quad] = None
        self.engine.extend(quads)
        self._written.update(changes)

    def _written_of(self, key: ox.Quad) -> dict[ox.Quad, None]:
        if key in self._written:
            return self._written[key]
        return {key: None} if key in self.engine else {}

    def load_unchanged(self, path: Path) -> None:
        """Loads a shipped Turtle file at the engine's own speed. Only for files of which a test
        proves that the engine rewrites no literal."""
        self.engine.load(path=str(path), format=ox.RdfFormat.TURTLE)

    def update(self, text: str, prefixes: dict[str, str]) -> None:
        """Runs one SPARQL update, as one transaction."""
        self.engine.update(text, prefixes=prefixes)
        for quad in [quad for quad in self._written if quad not in self.engine]:
            del self._written[quad]


def _stored_forms(quads: list[ox.Quad]) -> dict[object, ox.Literal]:
    """The literals that the engine rewrites, with what it makes of them, learnt from it."""
    suspects = list(
        {
            quad.object: None
            for quad in quads
            if isinstance(quad.object, ox.Literal)
            and quad.object.datatype.value.startswith(XSD)
            and quad.object.datatype.value not in _KEPT
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
