"""The report in the forms that people and programs read."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

from lcgraph import writing
from lcgraph.layout import cut
from lcgraph.syntaxes import TURTLE
from lcgraph.terms import PREFIXES, curie

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lcgraph.shacl.report import Report, Result

#: What a reader takes from each severity.
WORDS = {"violation": "must", "warning": "should", "info": "may"}
#: How many results of one group the text shows.
SHOWN = 20
_LONGEST = 120
_LONGEST_PATH = 60
_FIELDS = ("severity", "file", "line", "focus", "path", "value", "message", "shape", "component")
#: The version of the form that `to_json` writes; it changes when a field does.
JSON_VERSION = 1


def to_text(report: Report, fail_on: str = "violation") -> str:
    """Grouped by severity and shape, each group with its message once and its places below; last
    the verdict, and which shapes had nothing to judge. `fail_on` as for `verdict`."""
    groups: dict[tuple[str, str, str], list[Result]] = {}
    for result in report.results:
        groups.setdefault((result.severity, result.shape, result.message), []).append(result)
    lines = []
    for (severity, shape, message), results in groups.items():
        word = WORDS.get(severity, WORDS["violation"])
        said = message or f"breaks {curie(results[0].component)}"  # a shape may say nothing
        lines += [f"{word.upper()}  {said}  [{short(shape)}]"]
        lines += [f"  {_place(result)}" for result in results[:SHOWN]]
        if len(results) > SHOWN:
            lines.append(f"  … and {len(results) - SHOWN} more")
        lines.append("")
    return "\n".join([*lines, verdict(report, fail_on), *_idle(report)])


def verdict(report: Report, fail_on: str = "violation") -> str:
    """The report in one line: its exit code's meaning, the counts, and SHACL's own verdict.

    Args:
        report: the report.
        fail_on: the mildest severity with which the data do not pass.
    """
    counts = [_count(number, name) for name, number in report.counts().items() if number]
    passed = "does not pass" if report.worse_or_equal(fail_on) else "passes"
    found = ", ".join(counts) or "no results"
    if report.focus_nodes == 0:
        found += ", but no node in the data is a target of any shape"
    return (
        f"{passed}: {found} (sh:conforms {str(report.conforms).lower()}; "
        f"shapes: {', '.join(report.shapes)}; engine: {report.engine})"
    )


def _count(number: int, severity: str) -> str:
    if severity in WORDS:
        return f"{number} {severity}{'' if number == 1 else 's'}"
    return f"{number} {curie(severity)} (counts as a violation)"


def _idle(report: Report) -> list[str]:
    """A line that names the shapes that had nothing to judge, where some had and some had not."""
    idle = report.shapes_without_focus
    if not idle or not report.focus_nodes:
        return []
    names = ", ".join(map(short, idle))
    line = f"{len(idle)} of {len(report.focus_counts)} shapes have no target in the data: {names}"
    return [cut(line, _LONGEST)]


def _place(result: Result) -> str:
    parts = [result.where, short(result.focus)]
    if result.path:
        parts.append(short_path(result.path))
    if result.value is not None and result.value != result.focus:
        parts.append(short(result.value))
    return "  ".join(part for part in parts if part)


def short(term: str) -> str:
    """N-Triples text as people read it: a CURIE for an IRI, the rest as it is, not too long."""
    text = curie(term[1:-1]) if term.startswith("<") else term
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def short_path(path: str) -> str:
    """A path with CURIEs for its IRIs, not too long."""
    out, rest = "", path
    while "<" in rest:
        before, _, rest = rest.partition("<")
        iri, _, rest = rest.partition(">")
        out += before + curie(iri)
    return cut(out + rest, _LONGEST_PATH)


def to_json(report: Report) -> str:
    """One JSON object; its fields are those of `Result`, terms as N-Triples text."""
    document = {
        "version": JSON_VERSION,
        "conforms": report.conforms,
        "counts": report.counts(),
        "shapes": report.shapes,
        "engine": report.engine,
        "focus_nodes": report.focus_nodes,
        "shapes_without_focus": report.shapes_without_focus,
        "results": list(_records(report.results)),
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def to_csv(report: Report) -> str:
    """One row for each result."""
    out = io.StringIO()
    writer = csv.DictWriter(out, _FIELDS)
    writer.writeheader()
    writer.writerows(_records(report.results))
    return out.getvalue()


def to_turtle(report: Report) -> str:
    """The W3C report graph."""
    return writing.serialize(report.quads, TURTLE, PREFIXES).decode()


def _records(results: Iterable[Result]) -> Iterable[dict[str, object]]:
    return ({name: getattr(result, name) for name in _FIELDS} for result in results)
