"""What a validation found: results that name shape, place and mend, and what was judged."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from lcgraph.errors import place_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    import pyoxigraph as ox

    from lcgraph.errors import Finding

#: From worst to mildest, as SHACL names them (section 2.1.4), in lower case.
SEVERITIES = ("violation", "warning", "info")
#: What the engine calls a blank node without a label: another thing each time.
RANDOM_LABEL = re.compile(r"_:[0-9a-f]{24,32}")


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
        column: its column in that line in characters, counted from 1, where it could be told.
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
    column: int | None = None
    text: str | None = field(default=None, compare=False, repr=False)

    @property
    def where(self) -> str:
        """The place as ``file:line:column``, as far as it is known; empty where the data came from
        no file."""
        return place_text(self.file, self.line, self.column)

    @property
    def order(self) -> tuple[object, ...]:
        """What results are sorted by: worst first, then by shape, then by place."""
        place = (self.file or "", self.line or 0, self.column or 0)
        terms = (RANDOM_LABEL.sub("_:", term) for term in (self.focus, str(self.value)))
        return (rank(self.severity), self.shape, *place, *terms)


@dataclass(frozen=True)
class Outcome:
    """What a validation found.

    Attributes:
        results: the results, worst first; fewer than were found where `limit` or `severity` said so.
        shapes: the names of the layers or files of shapes that judged.
        engine: the engine that judged, with its version.
        focus_counts: how many focus nodes each shape with a target had, by the shape's node.
        absent: for each shape, the nodes that it names as targets (sh:targetNode) and that the data
            do not have. They are focus nodes all the same (SHACL section 2.1.3.1).
        engines: for each shape that judged, the engines that did its work, sorted.
        homes: for each shape that judged, the layer and file (``core/cities``), or the file as
            it was named, that it stands in.
        seconds: how long each phase took: "read", "read shapes", "columns", "judge", "locate".
        found: how many results were found in all, by shape and severity; None where `results` are
            all of them.
        narrowed: whether only some focus nodes were judged, or only some shapes judged.
        findings: what is wrong with the text of the data: literals, language tags and IRIs that are
            none. They are no results: neither `conforms` nor the report graph knows of them.
        lenient: whether data with such findings may pass.
        draw: makes the report graph.
    """

    results: tuple[Result, ...]
    shapes: tuple[str, ...]
    engine: str
    focus_counts: Mapping[str, int] = field(default_factory=dict, repr=False)
    absent: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    engines: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    homes: Mapping[str, str] = field(default_factory=dict, repr=False)
    seconds: Mapping[str, float] = field(default_factory=dict, repr=False, compare=False)
    found: Mapping[tuple[str, str], int] | None = field(default=None, repr=False)
    narrowed: bool = False
    findings: tuple[Finding, ...] = ()
    lenient: bool = False
    draw: Callable[[], Iterable[ox.Quad]] = field(default=tuple, repr=False, compare=False)

    @cached_property
    def quads(self) -> tuple[ox.Quad, ...]:
        """The W3C report graph of the results; made when it is first asked for."""
        return tuple(self.draw())

    @property
    def focus_nodes(self) -> int | None:
        """How many focus nodes all shapes had together; None where the engine does not count."""
        if not self.focus_counts and "pySHACL" in self.engine:
            return None
        return sum(self.focus_counts.values())

    @property
    def judged_nothing(self) -> bool:
        """Whether no node of the data was a focus node of any shape."""
        return self.focus_nodes == sum(map(len, self.absent.values()))

    @property
    def shapes_without_focus(self) -> list[str]:
        """The shapes with a target that no node of the data is, sorted."""
        return sorted(shape for shape, count in self.focus_counts.items() if not count)

    @property
    def conforms(self) -> bool:
        """Whether no result was found at all, infos included (SHACL section 3.6.1)."""
        return not self.total

    @property
    def total(self) -> int:
        """How many results were found; more than `len(report)` where not all were kept."""
        return sum(self._found.values())

    @cached_property
    def _found(self) -> Mapping[tuple[str, str], int]:
        if self.found is not None:
            return self.found
        return Counter((result.shape, result.severity) for result in self.results)

    def count(self, severity: str) -> int:
        """How many results of this severity were found."""
        return self.counts().get(severity, 0)

    def counts(self) -> dict[str, int]:
        """How many results of each severity were found."""
        counts = dict.fromkeys(SEVERITIES, 0)
        for (_, severity), number in self._found.items():
            counts[severity] = counts.get(severity, 0) + number
        return counts

    def counts_by_shape(self) -> dict[str, int]:
        """How many results of each shape were found, for the shapes that judged or have results."""
        counts = dict.fromkeys(sorted(self.homes), 0)
        for (shape, _), number in sorted(self._found.items()):
            counts[shape] = counts.get(shape, 0) + number
        return counts

    def worse_or_equal(self, severity: str) -> int:
        """How many results of this severity or a worse one were found; unknown ones count as
        worst."""
        return sum(n for name, n in self.counts().items() if is_at_least(name, severity))

    def fails(self, fail_on: str = "violation") -> bool:
        """Whether the data do not pass: there are results of a severity or a worse one, or findings
        that are not to be let pass."""
        return bool(self.worse_or_equal(fail_on) or (self.findings and not self.lenient))

    def __bool__(self) -> bool:
        return self.conforms

    def __len__(self) -> int:
        return len(self.results)

    def __iter__(self) -> Iterator[Result]:
        return iter(self.results)

    def __getitem__(self, index: int) -> Result:
        return self.results[index]


def rank(severity: str) -> int:
    """The place of a severity, from the worst on; one that SHACL does not name is the worst."""
    return SEVERITIES.index(severity) if severity in SEVERITIES else -1


def is_at_least(severity: str, mildest: str) -> bool:
    """Whether a severity is as bad as `mildest`, or worse."""
    return rank(severity) <= rank(mildest)
