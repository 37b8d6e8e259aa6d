"""The report in the forms that other tools take: SARIF, JUnit XML, and GitHub's annotations."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from hashlib import sha256
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from lcgraph.shacl.formats import LEXICAL, finding_text, short, short_path, verdict
from lcgraph.shacl.outcome import is_at_least

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from lcgraph.errors import Finding
    from lcgraph.shacl.outcome import Outcome, Result

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


def to_sarif(report: Outcome) -> str:
    """SARIF 2.1.0 (OASIS): a rule for each shape that judged, with the places of its results."""
    rules = _rules(report)
    index = {rule: number for number, rule in enumerate([*rules, LEXICAL])}
    seen: Counter[str] = Counter()
    lexical = [_rule_of_findings(report)] if report.findings else []
    driver = {
        "name": "lcgraph",
        "semanticVersion": version("lcgraph"),
        "informationUri": _HOME,
        "rules": [*(_rule(name, results) for name, results in rules.items()), *lexical],
    }
    run = {
        "tool": {"driver": driver},
        "invocations": [{"executionSuccessful": True}],
        "columnKind": "unicodeCodePoints",
        "results": [
            *(_sarif_finding(found, index[LEXICAL], report, seen) for found in report.findings),
            *(_sarif_result(result, index, seen) for result in report.results),
        ],
        "properties": {"found": report.total, "conforms": report.conforms},
    }
    document = {"$schema": _SARIF, "version": "2.1.0", "runs": [run]}
    return json.dumps(document, ensure_ascii=False) + "\n"


def _rules(report: Outcome) -> dict[str, list[Result]]:
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


def _rule_of_findings(report: Outcome) -> dict[str, Any]:
    text = "A literal, a language tag or an IRI is none, as it is written."
    level = "warning" if report.lenient else "error"
    return {
        "id": LEXICAL,
        "shortDescription": {"text": text},
        "defaultConfiguration": {"level": level},
    }


def _sarif_finding(
    found: Finding, index: int, report: Outcome, seen: Counter[str]
) -> dict[str, Any]:
    return {
        "ruleId": LEXICAL,
        "ruleIndex": index,
        "level": "warning" if report.lenient else "error",
        "message": {"text": finding_text(found)},
        "locations": [_physical(found)],
        "partialFingerprints": {
            "lcgraphResult/v1": _fingerprint((LEXICAL, found.message, found.text or ""), seen)
        },
    }


def _sarif_result(result: Result, index: dict[str, int], seen: Counter[str]) -> dict[str, Any]:
    rule = _rule_of(result)
    names = [{"fullyQualifiedName": short(result.focus), "kind": "resource"}]
    parts = (rule, result.component, result.focus, result.path or "", result.value or "")
    return {
        "ruleId": rule,
        "ruleIndex": index[rule],
        "level": _LEVELS.get(result.severity, "error"),
        "message": {"text": f"{_message(result)} ({_about(result)})"},
        "locations": [{"logicalLocations": names, **_physical(result)}],
        "partialFingerprints": {"lcgraphResult/v1": _fingerprint(parts, seen)},
    }


def _physical(found: Result | Finding) -> dict[str, Any]:
    """The place in a file, where there is one."""
    if found.file is None or found.file in _NAMELESS:
        return {}
    physical: dict[str, Any] = {"artifactLocation": {"uri": _uri(found.file)}}
    if found.line is not None:
        region: dict[str, Any] = {"startLine": found.line}
        if found.column is not None:
            region["startColumn"] = found.column
        if found.text is not None:
            region["snippet"] = {"text": found.text}
        physical["region"] = region
    return {"physicalLocation": physical}


def _fingerprint(parts: tuple[str, ...], seen: Counter[str]) -> str:
    """The same for the same fault after lines have moved and blank nodes got other labels; equal
    ones are counted."""
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


def to_junit(report: Outcome, fail_on: str = "violation") -> str:
    """JUnit XML: a suite for each layer or file of shapes, a case for each shape. A case fails by
    results of `fail_on` or worse; milder ones are its output; one without focus nodes is skipped.
    What is wrong with the text of the data has a suite of its own.
    """
    from xml.etree import ElementTree as ET

    found: dict[str, list[Result]] = defaultdict(list)
    for result in report.results:
        found[result.shape].append(result)
    cases: dict[str, list[ET.Element]] = defaultdict(list)
    if report.findings:
        lines = [f"{f.where}: " * bool(f.where) + finding_text(f) for f in report.findings]
        bad = [] if report.lenient else lines
        count = f"{len(lines)} findings: " if len(lines) > 1 else ""
        message = count + report.findings[0].message
        cases[LEXICAL].append(_case(LEXICAL, LEXICAL, (LEXICAL, message), bad, lines[len(bad) :]))
    idle = set(report.shapes_without_focus)
    for shape in sorted({*report.homes, *report.focus_counts, *found}):
        home = report.homes.get(shape, "shapes")
        failing = [r for r in found[shape] if is_at_least(r.severity, fail_on)]
        mild = [_line(r) for r in found[shape] if not is_at_least(r.severity, fail_on)]
        said = ("", "")
        if failing:
            count = f"{len(failing)} results: " if len(failing) > 1 else ""
            said = (failing[0].severity, count + _message(failing[0]))
        case = _case(home, short(shape), said, list(map(_line, failing)), mild)
        if not failing and shape in idle:
            case.insert(0, ET.Element("skipped", message="no node of the data is a target"))
        cases[home].append(case)
    root = ET.Element(
        "testsuites", {"name": "lcgraph validate", **_totals(list(chain(*cases.values())))}
    )
    for home, listed in sorted(cases.items()):
        suite = ET.SubElement(root, "testsuite", {"name": _xml(home), **_totals(listed)})
        suite.extend(listed)
        ET.SubElement(suite, "system-out").text = _xml(verdict(report, fail_on))
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _case(home: str, name: str, said: tuple[str, str], bad: list[str], mild: list[str]) -> Element:
    """A case that fails by what is bad, of which the kind and a message are said."""
    from xml.etree import ElementTree as ET

    case = ET.Element("testcase", classname=_xml(home), name=_xml(name))
    if bad:
        failure = ET.SubElement(case, "failure", type=_xml(said[0]), message=_xml(said[1]))
        failure.text = _xml("\n".join(bad))
    if mild:
        ET.SubElement(case, "system-out").text = _xml("\n".join(mild))
    return case


def _totals(cases: list[Element]) -> dict[str, str]:
    kinds = {"failures": "failure", "errors": "error", "skipped": "skipped"}
    counts = {
        name: sum(case.find(tag) is not None for case in cases) for name, tag in kinds.items()
    }
    return {name: str(number) for name, number in {"tests": len(cases), **counts}.items()}


def _xml(text: str) -> str:
    """The text with what XML cannot hold replaced."""
    return _NOT_XML.sub("�", text)


def to_github(report: Outcome) -> str:
    """Workflow commands that GitHub shows at the lines of a pull request; one line for each finding
    and each result."""
    level = "warning" if report.lenient else "error"
    lines = [
        *(_annotation(level, f, LEXICAL, finding_text(f)) for f in report.findings),
        *(
            _annotation(
                _ANNOTATIONS.get(result.severity, "error"),
                result,
                _rule_of(result),
                f"{_message(result)} ({_about(result)})",
            )
            for result in report.results
        ),
    ]
    return "".join(f"{line}\n" for line in lines)


def _annotation(level: str, found: Result | Finding, title: str, said: str) -> str:
    place = {"file": found.file, "line": found.line, "col": found.column}
    if found.file in _NAMELESS:
        place = {}
    properties = {**place, "title": title}
    written = ",".join(
        f"{name}={_property(str(value))}" for name, value in properties.items() if value is not None
    )
    return f"::{level} {written}::{_data(said)}"


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
