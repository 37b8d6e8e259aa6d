"""The validation report: what was found, and the forms it is written in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lcgraph.errors import LcgraphError, did_you_mean
from lcgraph.shacl import formats
from lcgraph.shacl.outcome import Outcome
from lcgraph.shacl.outcome import Result as Result  # noqa: PLC0414 (a part of a report)

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

_WRITERS: dict[str, Callable[[Outcome, str], str]] = {
    "text": formats.to_text,
    "json": lambda report, _: formats.to_json(report),
    "csv": lambda report, _: formats.to_csv(report),
    "turtle": lambda report, _: formats.to_turtle(report),
    "sarif": lambda report, _: _exchange().to_sarif(report),
    "junit": lambda report, fail_on: _exchange().to_junit(report, fail_on),
    "github": lambda report, _: _exchange().to_github(report),
}
#: The forms in which a report is written.
FORMATS = tuple(_WRITERS)


@dataclass(frozen=True)
class Report(Outcome):
    """What a validation found, to be looked at or written; see `Outcome` for its attributes.

    True where there is no result; a sequence of its results, worst first.
    """

    def to_text(self) -> str:
        """The report for people: grouped by what is wrong, worst first."""
        return formats.to_text(self)

    def serialize(self, format: str = "json", *, fail_on: str = "violation") -> str:
        """The report as a text.

        Args:
            format: "text", "json" (described by `resources.report_schema()`), "csv", "turtle" (the
                W3C report graph), "sarif" (2.1.0), "junit" (XML), or "github" (annotations).
            fail_on: the mildest severity that the text and JUnit call a failure.

        Raises:
            LcgraphError: there is no such form.
        """
        if format not in _WRITERS:
            raise unknown_format(format)
        return _WRITERS[format](self, fail_on)

    def as_tuple(self) -> tuple[bool, Any, str]:
        """The three things that `pyshacl.validate` returns: conforms, an rdflib graph, a text."""
        from lcgraph.bridge import graph_to_rdflib

        return self.conforms, graph_to_rdflib(self.quads), self.to_text()


def _exchange() -> ModuleType:
    """What writes for other tools; who does not ask for it does not wait for its import."""
    from lcgraph.shacl import exchange

    return exchange


def unknown_format(format: str) -> LcgraphError:
    """The error that there is no such form of report, with the nearest one."""
    hint = did_you_mean(format, FORMATS) or f"Known: {', '.join(FORMATS)}."
    return LcgraphError(f"{format!r} is no form of report", hint=hint)
