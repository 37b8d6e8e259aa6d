"""The report in the forms that people, spreadsheets and programs of our own read."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING

from lcgraph import writing
from lcgraph.errors import excerpt
from lcgraph.layout import cells_wide, cut, indent, one_line
from lcgraph.shacl.findings import RANDOM_LABEL
from lcgraph.syntaxes import TURTLE
from lcgraph.terms import PREFIXES, curie

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from lcgraph.shacl.findings import Findings, Result

    Paint = Callable[[str, str], str]

#: What a reader takes from each severity.
WORDS = {"violation": "must", "warning": "should", "info": "may"}
#: How many results of one group the text shows, and for how many of them the line of the file.
SHOWN = 20
_EXCERPTS = 3
_LONGEST = 120
_LONGEST_PATH = 60
_FIELDS = (
    "severity", "file", "line", "column", "focus", "path", "value", "message", "shape", "component"
)  # fmt: skip
#: The version of the form that `to_json` writes; it changes when a field does.
JSON_VERSION = 2
# Colours by what they say (ECMA-48, SGR).
_STYLES = {
    "violation": "1;31",
    "warning": "1;33",
    "info": "1;36",
    "place": "1",
    "quiet": "2",
    "caret": "1;32",
    "passes": "1;32",
    "does not pass": "1;31",
}


def to_text(
    report: Findings, fail_on: str = "violation", *, width: int | None = None, colour: bool = False
) -> str:
    """Grouped by severity and shape, each group with its message once and its places below; last
    the verdict, and what had nothing to judge.

    Args:
        report: what was found.
        fail_on: as for `verdict`.
        width: the cells of the terminal to fit into; None leaves lines as long as they are.
        colour: whether to colour it for a terminal.
    """

    def paint(text: str, style: str) -> str:
        return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if colour and style in _STYLES else text

    groups: dict[tuple[str, str, str], list[Result]] = {}
    for result in report.results:
        groups.setdefault((result.severity, result.shape, result.message), []).append(result)
    lines: list[str] = []
    for results in groups.values():
        lines += [*_head(results[0], width, paint), *_places(results, width, paint), ""]
    said = verdict(report, fail_on)
    passed = said.partition(":")[0]
    notes = [*_hidden(report), *_absent(report), *_idle(report)]
    ending = [paint(passed, passed) + said.removeprefix(passed)] if width is None else []
    if width is not None:
        first, *rest = indent(said, width, 0)
        ending = [paint(passed, passed) + first.removeprefix(passed), *rest]
    return "\n".join([*lines, *ending, *(n for note in notes for n in _wrapped(note, width))])


def _head(result: Result, width: int | None, paint: Paint) -> Iterator[str]:
    """The word for the severity, the message, and the shape."""
    word = WORDS.get(result.severity, WORDS["violation"]).upper()
    said = one_line(result.message) or f"breaks {curie(result.component)}"  # it may say nothing
    name = f"[{short(result.shape)}]"
    start = len(word) + 2
    lines = indent(said, width, start) or [""]
    lines[0] = f"{paint(word, result.severity)}  {lines[0][start:]}"
    last = lines[-1] if len(lines) > 1 else f"{word}  {said}"
    if width is not None and cells_wide(last) + 2 + cells_wide(name) > width:
        lines.append(" " * start + paint(cut(name, width - start), "quiet"))
    else:
        lines[-1] += "  " + paint(name, "quiet")
    yield from lines


def _places(results: list[Result], width: int | None, paint: Paint) -> Iterator[str]:
    """Where the results of a group are: a line for each, under the first ones the line of the
    file."""
    # One value may break several constraints of a shape that says one thing about them.
    times = Counter((r.file, r.line, r.focus, r.path, r.value) for r in results)
    first = {(r.file, r.line, r.focus, r.path, r.value): r for r in reversed(results)}
    shown = [(first[key], times[key]) for key in list(times)[:SHOWN]]
    for index, (result, breaks) in enumerate(shown):
        yield from _place(result, breaks, width, paint)
        following = shown[index + 1][0].where if index + 1 < len(shown) else None
        if result.text is not None and index < _EXCERPTS and following != result.where:
            room = 100 if width is None else width - 6
            text, *caret = excerpt(result.text, result.column, room)
            yield paint(text if width is None else cut(text, width), "quiet")
            yield from (paint(line, "caret") for line in caret)
    if len(times) > SHOWN:
        yield f"  … and {len(times) - SHOWN} more"


def _place(result: Result, breaks: int, width: int | None, paint: Paint) -> Iterator[str]:
    where = one_line(result.where)
    parts = [where, short(result.focus)]
    if result.path:
        parts.append(short_path(result.path))
    if result.value is not None and result.value != result.focus:
        parts.append(short(result.value))
    if breaks > 1:
        parts.append(f"(breaks {breaks} constraints)")
    parts = [part for part in parts if part]
    lines = [f"  {parts[0]}"]
    for part in parts[1:]:
        longer = f"{lines[-1]}  {part}"
        if width is not None and cells_wide(longer) > width:
            lines.append(cut(f"      {part}", width))
        else:
            lines[-1] = longer
    if where:
        lines[0] = lines[0].replace(where, paint(where, "place"), 1)
    yield from lines


def verdict(report: Findings, fail_on: str = "violation") -> str:
    """The report in one line: its exit code's meaning, the counts, and SHACL's own verdict.

    Args:
        report: what was found.
        fail_on: the mildest severity with which the data do not pass.
    """
    counts = [_count(number, name) for name, number in report.counts().items() if number]
    passed = "does not pass" if report.worse_or_equal(fail_on) else "passes"
    found = ", ".join(counts) or "no results"
    if report.judged_nothing:
        nodes = "focus node that was asked for" if report.narrowed else "node in the data"
        found += f", but no {nodes} is a target of any shape"
    return (
        f"{passed}: {found} (sh:conforms {str(report.conforms).lower()}; "
        f"shapes: {', '.join(report.shapes)}; engine: {report.engine})"
    )


def _count(number: int, severity: str) -> str:
    if severity in WORDS:
        return f"{number} {severity}{'' if number == 1 else 's'}"
    return f"{number} {curie(severity)} (counts as a violation)"


def _hidden(report: Findings) -> Iterator[str]:
    """A line that says that results were found that are not shown."""
    if len(report) < report.total:
        yield f"Shown: {len(report)} of {report.total} results."


def _absent(report: Findings) -> Iterator[str]:
    """A line that names the target nodes that the data do not have."""
    names = {short(node): None for nodes in report.absent.values() for node in nodes}
    if names:
        verb = "target node is" if len(names) == 1 else "target nodes are"
        yield cut(f"{len(names)} {verb} not in the data: {', '.join(names)}", _LONGEST)


def _idle(report: Findings) -> Iterator[str]:
    """A line that names the shapes that had nothing to judge, where some had and some had not,
    and none were to have nothing."""
    idle = report.shapes_without_focus
    if idle and report.focus_nodes and not report.narrowed:
        names = ", ".join(map(short, idle))
        count = f"{len(idle)} of {len(report.focus_counts)}"
        yield cut(f"{count} shapes have no target in the data: {names}", _LONGEST)


def _wrapped(text: str, width: int | None) -> list[str]:
    return [text] if width is None else indent(text, width, 0)


@lru_cache(maxsize=1 << 14)
def short(term: str) -> str:
    """N-Triples text as people read it: a CURIE for an IRI, [] for a blank node that the text does
    not name, the rest as it is, not too long."""
    if RANDOM_LABEL.fullmatch(term):
        return "[]"
    text = one_line(curie(term[1:-1]) if term.startswith("<") else term)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


@lru_cache(maxsize=1 << 10)
def short_path(path: str) -> str:
    """A path with CURIEs for its IRIs, not too long."""
    out, rest = "", path
    while "<" in rest:
        before, _, rest = rest.partition("<")
        iri, _, rest = rest.partition(">")
        out += before + curie(iri)
    return cut(out + rest, _LONGEST_PATH)


def to_json(report: Findings) -> str:
    """One JSON object, as `resources.report_schema()` describes it; terms are N-Triples text. It
    holds no times, so that the same data always give the same text."""
    by_shape = report.counts_by_shape()
    document = {
        "version": JSON_VERSION,
        "conforms": report.conforms,
        "counts": report.counts(),
        "found": report.total,
        "shown": len(report),
        "layers": report.shapes,
        "engine": report.engine,
        "narrowed": report.narrowed,
        "focus_nodes": report.focus_nodes,
        "shapes": [
            {
                "shape": shape,
                "home": report.homes.get(shape),
                "results": by_shape[shape],
                "focus_nodes": report.focus_counts.get(shape),
                "absent_targets": report.absent.get(shape, ()),
                "engines": report.engines.get(shape, ()),
            }
            for shape in sorted(by_shape)
        ],
        "shapes_without_focus": report.shapes_without_focus,
        "results": list(_records(report.results)),
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def to_csv(report: Findings) -> str:
    """One row for each result."""
    out = io.StringIO()
    writer = csv.DictWriter(out, _FIELDS)
    writer.writeheader()
    writer.writerows(_records(report.results))
    return out.getvalue()


def to_turtle(report: Findings) -> str:
    """The W3C report graph."""
    return writing.serialize(report.quads, TURTLE, PREFIXES).decode()


def _records(results: Iterable[Result]) -> Iterator[dict[str, object]]:
    return ({name: getattr(result, name) for name in _FIELDS} for result in results)
