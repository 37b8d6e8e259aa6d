"""The report in the forms that people, spreadsheets and programs of our own read."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from dataclasses import asdict
from functools import lru_cache
from typing import TYPE_CHECKING

from lcgraph import writing
from lcgraph.errors import excerpt
from lcgraph.layout import cells_wide, cut, indent, one_line
from lcgraph.shacl.outcome import RANDOM_LABEL
from lcgraph.syntaxes import TURTLE
from lcgraph.terms import PREFIXES, curie

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from lcgraph.errors import Finding
    from lcgraph.shacl.outcome import Outcome, Result

    Paint = Callable[[str, str], str]

#: What a reader takes from each severity.
WORDS = {"violation": "must", "warning": "should", "info": "may"}
#: How many results of one group the text shows, and for how many of them the line of the file.
SHOWN = 20
_EXCERPTS = 3
#: How many groups it shows.
GROUPS = 50
#: What stands in the place of a severity for what is wrong with the text of the data.
LEXICAL = "lexical"
_LONGEST = 120
_LONGEST_PATH = 60
_FIELDS = (
    "severity", "file", "line", "column", "focus", "path", "value", "message", "shape", "component"
)  # fmt: skip
#: The version of the form that `to_json` writes; it changes when a field does.
JSON_VERSION = 2
# Colours by what they say (ECMA-48, SGR).
_STYLES = {
    LEXICAL: "1;31",
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
    report: Outcome, fail_on: str = "violation", *, width: int | None = None, colour: bool = False
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
    lines = list(_lexical(report.findings, width, paint))
    for results in list(groups.values())[:GROUPS]:
        lines += [*_head(results, width, paint), *_places(results, width, paint), ""]
    if len(groups) > GROUPS:
        number = sum(map(len, list(groups.values())[GROUPS:]))
        lines += [
            f"… and {number:,} more results that say {len(groups) - GROUPS:,} other things",
            "",
        ]
    said = verdict(report, fail_on)
    passed = said.partition(":")[0]
    first, *rest = _wrapped(said, width)
    lines += [paint(passed, passed) + first.removeprefix(passed), *rest]
    notes = [*_hidden(report, groups.values()), *_absent(report), *_idle(report)]
    return "\n".join([*lines, *(n for note in notes for n in _wrapped(note, width))])


def _lexical(findings: Sequence[Finding], width: int | None, paint: Paint) -> Iterator[str]:
    """What is wrong with the text of the data, each with its line and what mends it."""
    for index, found in enumerate(findings[:SHOWN]):
        where = one_line(found.where)
        start = len(LEXICAL) + 2
        head = f"{paint(where, 'place')}: " if where else ""
        first, *rest = indent(f"{where}: " * bool(where) + one_line(found.message), width, start)
        yield f"{paint(LEXICAL.upper(), LEXICAL)}  {head}{first[start:].removeprefix(f'{where}: ')}"
        yield from rest
        if found.text is not None and index < _EXCERPTS:
            yield from _excerpt(found.text, found.column, width, paint)
        if found.hint:
            yield from indent(one_line(found.hint), width, start)
    if len(findings) > SHOWN:
        yield f"  … and {len(findings) - SHOWN:,} more"
    if findings:
        yield ""


def _excerpt(text: str, column: int | None, width: int | None, paint: Paint) -> Iterator[str]:
    line, *caret = excerpt(text, column, 100 if width is None else width - 6)
    yield paint(line if width is None else cut(line, width), "quiet")
    yield from (paint(line, "caret") for line in caret)


def _head(results: list[Result], width: int | None, paint: Paint) -> Iterator[str]:
    """The word for the severity, the message, the shape, and how many results say so."""
    result = results[0]
    word = WORDS.get(result.severity, WORDS["violation"]).upper()
    said = one_line(result.message) or f"breaks {curie(result.component)}"  # it may say nothing
    name = f"[{short(result.shape)}]"
    if len(results) > 1:
        name += f" {len(results):,} results"
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
            yield from _excerpt(result.text, result.column, width, paint)
    if len(times) > SHOWN:
        yield f"  … and {len(times) - SHOWN:,} more"


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


def verdict(report: Outcome, fail_on: str = "violation") -> str:
    """The report in one line: its exit code's meaning, the counts, and SHACL's own verdict.

    Args:
        report: what was found.
        fail_on: the mildest severity with which the data do not pass.
    """
    counts = [_count(number, name) for name, number in report.counts().items() if number]
    if report.findings:
        allowed = " (let pass)" if report.lenient else ""
        counts.insert(0, f"{_number(len(report.findings), 'lexical finding')}{allowed}")
    passed = "does not pass" if report.fails(fail_on) else "passes"
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
        return _number(number, severity)
    return f"{number:,} {curie(severity)} (counts as a violation)"


def _number(number: int, name: str) -> str:
    return f"{number:,} {name}{'' if number == 1 else 's'}"


def _hidden(report: Outcome, groups: Collection[list[Result]]) -> Iterator[str]:
    """Lines that say what was found and is not shown, and how to see it."""
    if len(report) < report.total:
        yield f"Shown: {len(report):,} of {report.total:,} results."
    if len(groups) > GROUPS or any(len(group) > SHOWN for group in groups):
        yield "All places: -f csv or -f json. Some of them: --shape, --focus, --severity."


def _absent(report: Outcome) -> Iterator[str]:
    """A line that names the target nodes that the data do not have."""
    names = {short(node): None for nodes in report.absent.values() for node in nodes}
    if names:
        verb = "target node is" if len(names) == 1 else "target nodes are"
        yield cut(f"{len(names)} {verb} not in the data: {', '.join(names)}", _LONGEST)


def _idle(report: Outcome) -> Iterator[str]:
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


def to_json(report: Outcome) -> str:
    """One JSON object, as `resources.report_schema()` describes it; terms are N-Triples text. It
    holds no times, so that the same data always give the same text. Each result has its line."""
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
    }
    # The encoder indents slowly: it is asked only for the head, which is small.
    head = json.dumps(document, ensure_ascii=False, indent=2).removesuffix("\n}")
    findings = (asdict(finding) for finding in report.findings)
    parts = {"findings": findings, "results": _records(report.results)}
    lists = [f'"{name}": {_json_lines(records)}' for name, records in parts.items()]
    return ",\n  ".join([head, *lists]) + "\n}\n"


def _json_lines(records: Iterable[dict[str, object]]) -> str:
    lines = [json.dumps(record, ensure_ascii=False) for record in records]
    return "[\n    " + ",\n    ".join(lines) + "\n  ]" if lines else "[]"


def to_csv(report: Outcome) -> str:
    """One row for each finding, whose severity is "lexical", and for each result."""
    out = io.StringIO()
    writer = csv.DictWriter(out, _FIELDS, restval="")
    writer.writeheader()
    for found in report.findings:
        place = {"file": found.file, "line": found.line, "column": found.column}
        writer.writerow({"severity": LEXICAL, **place, "message": finding_text(found)})
    writer.writerows(_records(report.results))
    return out.getvalue()


def to_turtle(report: Outcome) -> str:
    """The W3C report graph; findings, which it does not know, as comments above."""
    comments = [
        f"# {one_line(f'{f.where}: ' * bool(f.where) + finding_text(f))}\n" for f in report.findings
    ]
    return "".join(comments) + writing.serialize(report.quads, TURTLE, PREFIXES).decode()


def finding_text(finding: Finding) -> str:
    """What is wrong with the text of the data, and how to mend it."""
    return f"{finding.message}. {finding.hint}" if finding.hint else finding.message


def _records(results: Iterable[Result]) -> Iterator[dict[str, object]]:
    return ({name: getattr(result, name) for name in _FIELDS} for result in results)
