"""From breaches to results and the W3C report graph (section 3)."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

import polars as pl
import pyoxigraph as ox

from lcgraph.columns import literal_text
from lcgraph.shacl.custom import path_text
from lcgraph.shacl.model import Constraint, spoken
from lcgraph.shacl.outcome import SEVERITIES, Result
from lcgraph.terms import RDF, SH, XSD

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from lcgraph.columns import Columns
    from lcgraph.shacl.judge import Breach
    from lcgraph.shacl.model import Path

#: What is said where a shape has no sh:message; {} stands for the parameter.
_DEFAULTS = {
    "Class": "the value is no instance of {}",
    "Datatype": "the value is not a well-formed literal of the datatype {}",
    "NodeKind": "the value is not of the kind {}",
    "MinCount": "there are fewer than {} values",
    "MaxCount": "there are more than {} values",
    "MinExclusive": "the value is not greater than {}",
    "MinInclusive": "the value is less than {}",
    "MaxExclusive": "the value is not less than {}",
    "MaxInclusive": "the value is greater than {}",
    "MinLength": "the value is shorter than {} characters",
    "MaxLength": "the value is longer than {} characters",
    "Pattern": "the value does not match the pattern {}",
    "LanguageIn": "the language of the value is not one of {}",
    "UniqueLang": "there are several values in one language",
    "Equals": "the values are not those of {}",
    "Disjoint": "the value is also one of {}",
    "LessThan": "the value is not less than each value of {}",
    "LessThanOrEquals": "the value is greater than a value of {}, or cannot be compared with it",
    "Not": "the value conforms to {}, which it must not",
    "And": "the value does not conform to all of {}",
    "Or": "the value conforms to none of {}",
    "Xone": "the value does not conform to exactly one of {}",
    "Node": "the value does not conform to {}",
    "QualifiedMinCount": "fewer than {} values conform to the qualified shape",
    "QualifiedMaxCount": "more than {} values conform to the qualified shape",
    "Closed": "the property is not among those that the closed shape allows",
    "HasValue": "the value {} is missing",
    "In": "the value is not one of {}",
}
# How many members of a list a message names.
_SHOWN = 10
_PARAMETERS = {"QualifiedMinCount": "qualifiedMinCount", "QualifiedMaxCount": "qualifiedMaxCount"}


class Cause(NamedTuple):
    """What a result comes from: what breaks which constraint, at which path."""

    breach: Breach
    path: Path | None


def results(breaches: list[Breach], columns: Columns) -> dict[Result, list[Cause]]:
    """The results, one for each focus node and value that breaks a constraint, with what each comes
    from: several times the same where several ways lead to the focus node."""
    found: dict[Result, list[Cause]] = {}
    if not breaches:
        return found
    pairs = pl.concat([breach.pairs for breach in breaches], how="diagonal_relaxed")
    own = [index for index, breach in enumerate(breaches) for _ in range(len(breach.pairs))]
    texts = {name: columns.texts(pairs[name]) for name in pairs.columns}
    # By text, since the numbers of terms differ from run to run.
    keys = ["own", *(name for name in "fvp" if name in texts)]
    rows = pl.DataFrame({"own": own, **texts}).select(keys).sort(keys, nulls_last=True)
    blanks = [_blank(breach) for breach in breaches]
    for index, focus, value, *predicate in rows.iter_rows():
        breach = breaches[index]
        path = (predicate and predicate[0]) or breach.shape.path
        shown = None if path is None else path_text(path)
        result = replace(blanks[index], focus=focus, path=shown, value=value)
        found.setdefault(result, []).append(Cause(breach, path))
    return found


def graph(found: Iterable[tuple[Result, Sequence[Cause]]], *, conforms: bool) -> Iterator[ox.Quad]:
    """The W3C report graph of results."""
    labels = (f"r{number}" for number in count())
    node = ox.BlankNode("report")
    yield _quad(node, RDF + "type", ox.NamedNode(SH + "ValidationReport"))
    for result, causes in found:
        for cause in causes:
            about = ox.BlankNode(next(labels))
            yield _quad(node, SH + "result", about)
            yield from _describe(about, result, cause, labels)
    said = ox.Literal(str(conforms).lower(), datatype=ox.NamedNode(XSD + "boolean"))
    yield _quad(node, SH + "conforms", said)


def merged(ours: Iterable[ox.Quad], theirs: Iterable[ox.Quad]) -> Iterator[ox.Quad]:
    """One report graph of two that say the same of conforming: the results of the second become
    results of the first one's report."""
    yield from ours
    quads = list(theirs)
    reports = {q.subject for q in quads if q.object == ox.NamedNode(SH + "ValidationReport")}
    node = ox.BlankNode("report")
    for quad in quads:
        if quad.subject not in reports:
            yield quad
        elif quad.predicate.value == SH + "result":
            yield ox.Quad(node, quad.predicate, quad.object)


def _blank(breach: Breach) -> Result:
    """A result of a breach that says nothing yet of whom it befell."""
    severity = breach.shape.severity.strip("<>")
    name = severity.removeprefix(SH).lower()
    return Result(
        severity=name if severity.startswith(SH) and name in SEVERITIES else severity,
        message=_message(breach),
        focus="",
        path=None,
        value=None,
        shape=breach.shape.node,
        component=breach.constraint.iri,
    )


def _message(breach: Breach) -> str:
    constraint = breach.constraint
    if messages := breach.messages or breach.shape.messages:
        return spoken(messages)
    if not isinstance(constraint, Constraint):
        return "the constraint that a query states is broken"
    key = _PARAMETERS.get(constraint.component)
    values = (
        next(iter(constraint.parameters.values())) if key is None else constraint.parameters[key]
    )
    shown = ", ".join(literal_text(v) if v.startswith('"') else v for v in values[:_SHOWN])
    if len(values) > _SHOWN:
        shown += f" and {len(values) - _SHOWN} more"
    return _DEFAULTS[constraint.component].format(shown)


def _describe(
    about: ox.BlankNode, result: Result, cause: Cause, labels: Iterator[str]
) -> Iterator[ox.Quad]:
    breach, path = cause
    yield _quad(about, RDF + "type", ox.NamedNode(SH + "ValidationResult"))
    yield _quad(about, SH + "focusNode", term(result.focus))
    yield _quad(about, SH + "resultSeverity", term(breach.shape.severity))
    yield _quad(about, SH + "sourceShape", term(result.shape))
    yield _quad(about, SH + "sourceConstraintComponent", ox.NamedNode(result.component))
    source = getattr(breach.constraint, "source", None)
    if source is not None:
        yield _quad(about, SH + "sourceConstraint", term(source))
    if result.value is not None:
        yield _quad(about, SH + "value", term(result.value))
    if path is not None:
        node, quads = _path_quads(path, labels)
        yield _quad(about, SH + "resultPath", node)
        yield from quads
    messages = breach.messages or breach.shape.messages
    for message in messages:
        yield _quad(about, SH + "resultMessage", term(message))
    if not messages:
        yield _quad(about, SH + "resultMessage", ox.Literal(result.message))


def _path_quads(
    path: Path, labels: Iterator[str]
) -> tuple[ox.NamedNode | ox.BlankNode, list[ox.Quad]]:
    """A path as RDF, built anew node by node (section 3.6.2.2)."""
    if isinstance(path, str):
        return ox.NamedNode(path[1:-1]), []
    if path.kind == "sequence":
        return _list_quads(path.parts, labels)
    node = ox.BlankNode(next(labels))
    inner: ox.NamedNode | ox.BlankNode
    if path.kind == "alternative":
        inner, quads = _list_quads(path.parts, labels)
    else:
        inner, quads = _path_quads(path.parts[0], labels)
    return node, [_quad(node, f"{SH}{path.kind}Path", inner), *quads]


def _list_quads(
    parts: tuple[Path, ...], labels: Iterator[str]
) -> tuple[ox.NamedNode | ox.BlankNode, list[ox.Quad]]:
    head: ox.NamedNode | ox.BlankNode = ox.NamedNode(RDF + "nil")
    quads: list[ox.Quad] = []
    for part in reversed(parts):
        node = ox.BlankNode(next(labels))
        first, inner = _path_quads(part, labels)
        quads += [_quad(node, RDF + "first", first), _quad(node, RDF + "rest", head), *inner]
        head = node
    return head, quads


def term(text: str) -> ox.NamedNode | ox.BlankNode | ox.Literal:
    """The term of an N-Triples text."""
    if text.startswith("<"):
        return ox.NamedNode(text[1:-1])
    if text.startswith("_:"):
        return ox.BlankNode(text[2:])
    lexical = literal_text(text)
    kind = text[text.rindex('"') + 1 :]
    if kind.startswith("@"):
        return ox.Literal(lexical, language=kind[1:])
    if kind.startswith("^^"):
        return ox.Literal(lexical, datatype=ox.NamedNode(kind[3:-1]))
    return ox.Literal(lexical)


def _quad(
    subject: ox.BlankNode, predicate: str, target: ox.NamedNode | ox.BlankNode | ox.Literal
) -> ox.Quad:
    return ox.Quad(subject, ox.NamedNode(predicate), target)
