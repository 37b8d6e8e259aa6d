"""The validation report: results that name shape, place and mend."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pyoxigraph as ox

#: From worst to mildest, as SHACL names them (section 2.1.4), in lower case.
SEVERITIES = ("violation", "warning", "info")


@dataclass(frozen=True)
class Result:
    """One validation result (SHACL section 3.6.2). Terms are N-Triples text.

    Attributes:
        severity: "violation", "warning", "info", or the IRI of another severity.
        message: what is wrong and how to mend it.
        focus: the focus node.
        path: the path as a SPARQL property path; None for a node shape.
        value: the value node, where one causes the result.
        shape: the IRI of the shape, or the blank node it is.
        component: the IRI of the constraint component.
        file: the file that holds the cause, where it was read from one.
        line: the line of the cause there, counted from 1.
        text: that line itself.
    """

    severity: str
    message: str
    focus: str
    path: str | None
    value: str | None
    shape: str
    component: str
    file: str | None = None
    line: int | None = None
    text: str | None = field(default=None, compare=False, repr=False)

    @property
    def where(self) -> str:
        """The place as ``file:line``; empty where the data came from no file."""
        return ":".join(str(part) for part in (self.file, self.line) if part is not None)

    @property
    def order(self) -> tuple[object, ...]:
        """What results are sorted by: worst first, then by shape, then by place."""
        rank = SEVERITIES.index(self.severity) if self.severity in SEVERITIES else -1
        place = (self.file or "", self.line or 0)
        return (rank, self.shape, *place, self.focus, str(self.value))


@dataclass(frozen=True)
class Report:
    """What a validation found.

    Attributes:
        results: the results, worst first.
        shapes: the names of the layers or files of shapes that judged.
        engine: the engine that judged, with its version.
        quads: the W3C report graph.
        focus_counts: how many focus nodes each shape with a target had, by the shape's node.
    """

    results: tuple[Result, ...]
    shapes: tuple[str, ...]
    engine: str
    quads: tuple[ox.Quad, ...] = field(repr=False)
    focus_counts: Mapping[str, int] = field(default_factory=dict, repr=False)

    @property
    def focus_nodes(self) -> int | None:
        """How many focus nodes all shapes had together; None where pySHACL judged, which does not
        count them."""
        if not self.focus_counts and "pySHACL" in self.engine:
            return None
        return sum(self.focus_counts.values())

    @property
    def shapes_without_focus(self) -> list[str]:
        """The shapes with a target that no node of the data is, sorted."""
        return sorted(shape for shape, count in self.focus_counts.items() if not count)

    @property
    def conforms(self) -> bool:
        """Whether there is no result at all, infos included (SHACL section 3.6.1)."""
        return not self.results

    def count(self, severity: str) -> int:
        """How many results have this severity."""
        return sum(result.severity == severity for result in self.results)

    def counts(self) -> dict[str, int]:
        """How many results there are of each severity."""
        found = Counter(result.severity for result in self.results)
        return {**dict.fromkeys(SEVERITIES, 0), **found}

    def worse_or_equal(self, severity: str) -> int:
        """How many results are of this severity or a worse one; unknown ones count as worst."""
        mild = SEVERITIES[SEVERITIES.index(severity) + 1 :]
        return sum(result.severity not in mild for result in self.results)

    def __bool__(self) -> bool:
        return self.conforms

    def __len__(self) -> int:
        return len(self.results)

    def __iter__(self) -> Iterator[Result]:
        return iter(self.results)

    def __getitem__(self, index: int) -> Result:
        return self.results[index]

    def to_text(self) -> str:
        """The report for people: grouped by what is wrong, worst first."""
        from lcgraph.shacl.formats import to_text

        return to_text(self)

    def as_tuple(self) -> tuple[bool, Any, str]:
        """The three things that `pyshacl.validate` returns: conforms, an rdflib graph, a text."""
        from lcgraph.bridge import graph_to_rdflib

        return self.conforms, graph_to_rdflib(self.quads), self.to_text()
