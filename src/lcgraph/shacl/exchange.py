"""The report in the forms that other tools take: SARIF, JUnit XML, and GitHub's annotations."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from lcgraph.shacl.findings import is_at_least
from lcgraph.shacl.formats import short, short_path, verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lcgraph.shacl.findings import Findings, Result

_SARIF = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_HOME = "https://w3id.org/lcgraph/"
_LEVELS = {"warning": "warning", "info": "note"}
_ANNOTATIONS = {"warning": "warning", "info": "notice"}
_BLANK = re.compile(r"_:\S+")
# What XML 1.0 cannot hold (section 2.2, Char).
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# What a source without a file is called.
_NAMELESS = ("<bytes>", "<stdin>", "<stream>")


def to_sarif(report: Findings) -> str:
    """SARIF 2.1.0 (OASIS): a rule for each shape that judged, with the places of its results."""
    rules = _rules(report)
    index = {rule: number for number, rule in enumerate(rules)}
    seen: Counter[str] = Counter()
    driver = {
        "name": "lcgraph",
        "semanticVersion": version("lcgraph"),
        "informationUri": _HOME,
        "rules": [_rule(name, results) for name, results in rules.items()],
    }
    run = {
        "tool": {"driver": driver},
        "invocations": [{"executionSuccessful": True}],
        "columnKind": "unicodeCodePoints",
        "results": [_sarif_result(result, index, seen) for result in report.results],
        "properties": {"found": report.total, "conforms": report.conforms},
    }
    document = {"$schema": _SARIF, "version": "2.1.0", "runs": [run]}
    return json.dumps(document, ensure_ascii=False) + "\n"


def _rules(report: Findings) -> dict[str, list[Result]]:
    """The results of each rule, by the names of rules; those of shapes with IRIs that found nothing
    too."""
    rules: dict[str, list[Result]] = {
        short(shape): [] for shape in report.homes if shape.startswith("<")
    }
    for result in report.results:
        rules.setdefault(_rule_of(result), []).append(result)
    return dict(sorted(rules.items()))


def _rule_of(result: Result) -> str:
    """The name of a shape; of one that is a blank node what it says, since that label may change."""
    if result.shape.startswith("<"):
        return short(result.shape)
    name = short(f"<{result.component}>").removesuffix("ConstraintComponent")
    return f"{short_path(result.path)} {name}" if result.path else name


def _rule(name: str, results: list[Result]) -> dict[str, Any]:
    rule: dict[str, Any] = {"id": name}
    if results:
        first = results[0]
        rule["shortDescription"] = {"text": _message(first)}
        rule["defaultConfiguration"] = {"level": _LEVELS.get(first.severity, "error")}
        if first.shape.startswith(("<http://", "<https://")):
            rule["helpUri"] = first.shape[1:-1]
    return rule


def _sarif_result(result: Result, index: dict[str, int], seen: Counter[str]) -> dict[str, Any]:
    rule = _rule_of(result)
    location: dict[str, Any] = {
        "logicalLocations": [{"fullyQualifiedName": short(result.focus), "kind": "resource"}]
    }
    if result.file is not None and result.file not in _NAMELESS:
        physical: dict[str, Any] = {"artifactLocation": {"uri": _uri(result.file)}}
        if result.line is not None:
            region: dict[str, Any] = {"startLine": result.line}
            if result.column is not None:
                region["startColumn"] = result.column
            if result.text is not None:
                region["snippet"] = {"text": result.text}
            physical["region"] = region
        location["physicalLocation"] = physical
    return {
        "ruleId": rule,
        "ruleIndex": index[rule],
        "level": _LEVELS.get(result.severity, "error"),
        "message": {"text": f"{_message(result)} ({_about(result)})"},
        "locations": [location],
        "partialFingerprints": {"lcgraphResult/v1": _fingerprint(result, rule, seen)},
    }


def _fingerprint(result: Result, rule: str, seen: Counter[str]) -> str:
    """The same for the same fault after lines have moved and blank nodes got other labels; equal
    ones are counted."""
    parts = (rule, result.component, result.focus, result.path or "", result.value or "")
    plain = "\n".join(_BLANK.sub("_:", part) if part.startswith("_:") else part for part in parts)
    digest = sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    seen[digest] += 1
    return f"{digest}:{seen[digest]}"


def _uri(file: str) -> str:
    """A file as SARIF names it: a relative reference, or the file's own URI (section 3.4)."""
    path = Path(file)
    if path.is_absolute():
        return path.as_uri()
    uri = quote(path.as_posix().encode("utf-8", "surrogateescape"))
    return f"./{uri}" if ":" in uri.partition("/")[0] else uri


def to_junit(report: Findings, fail_on: str = "violation") -> str:
    """JUnit XML: a suite for each layer or file of shapes, a case for each shape. A case fails by
    results of `fail_on` or worse; milder ones are its output; one without focus nodes is skipped.
    """
    from xml.etree import ElementTree as ET

    found: dict[str, list[Result]] = defaultdict(list)
    for result in report.results:
        found[result.shape].append(result)
    suites: dict[str, list[str]] = defaultdict(list)
    for shape in sorted({*report.homes, *report.focus_counts, *found}):
        suites[report.homes.get(shape, "shapes")].append(shape)
    root = ET.Element("testsuites", name="lcgraph validate")
    for home, shapes in sorted(suites.items()):
        suite = ET.SubElement(root, "testsuite", name=_xml(home))
        totals: Counter[str] = Counter(dict.fromkeys(("tests", "failures", "errors", "skipped"), 0))
        for shape in shapes:
            totals["tests"] += 1
            case = ET.SubElement(suite, "testcase", classname=_xml(home), name=_xml(short(shape)))
            bad = [r for r in found[shape] if is_at_least(r.severity, fail_on)]
            mild = [r for r in found[shape] if not is_at_least(r.severity, fail_on)]
            if bad:
                totals["failures"] += 1
                message = _message(bad[0])
                if len(bad) > 1:
                    message = f"{len(bad)} results: {message}"
                failure = ET.SubElement(
                    case, "failure", type=bad[0].severity, message=_xml(message)
                )
                failure.text = _xml("\n".join(map(_line, bad)))
            elif shape in report.shapes_without_focus:
                totals["skipped"] += 1
                ET.SubElement(case, "skipped", message="no node of the data is a target")
            if mild:
                ET.SubElement(case, "system-out").text = _xml("\n".join(map(_line, mild)))
        for name, number in totals.items():
            suite.set(name, str(number))
            root.set(name, str(int(root.get(name, "0")) + number))
        ET.SubElement(suite, "system-out").text = _xml(verdict(report, fail_on))
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _xml(text: str) -> str:
    """The text with what XML cannot hold replaced."""
    return _NOT_XML.sub("�", text)


def to_github(report: Findings) -> str:
    """Workflow commands that GitHub shows at the lines of a pull request; one line a result."""
    return "".join(f"{line}\n" for line in _annotations(report.results))


def _annotations(results: Iterable[Result]) -> Iterator[str]:
    for result in results:
        place = {"file": result.file, "line": result.line, "col": result.column}
        if result.file in _NAMELESS:
            place = {}
        properties = {**place, "title": _rule_of(result)}
        written = ",".join(
            f"{name}={_property(str(value))}"
            for name, value in properties.items()
            if value is not None
        )
        level = _ANNOTATIONS.get(result.severity, "error")
        yield f"::{level} {written}::{_data(f'{_message(result)} ({_about(result)})')}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _message(result: Result) -> str:
    return result.message or f"breaks {short(f'<{result.component}>')}"


def _about(result: Result) -> str:
    """The focus node, path and value in words."""
    parts = [short(result.focus)]
    if result.path:
        parts.append(short_path(result.path))
    if result.value is not None and result.value != result.focus:
        parts.append(short(result.value))
    return ", ".join(parts)


def _line(result: Result) -> str:
    where = f"{result.where}: " if result.where else ""
    return f"{where}{result.severity}: {_message(result)} ({_about(result)})"
