"""pySHACL, the reference: judges an rdflib copy of the data whose literals stay as written."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from lcgraph.bridge import graph_to_rdflib, quads_from_rdflib
from lcgraph.errors import ShapesError
from lcgraph.shacl.declared import local_name
from lcgraph.shacl.outcome import SEVERITIES, Result
from lcgraph.terms import OWL, RDF, RDFS, SH, XSD

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from lcgraph.shacl.model import Shape, SparqlConstraint, Terms

#: How the names of this engine in reports begin.
NAME = "pySHACL"
_CLASSES = [ox.NamedNode(RDFS + "Class"), ox.NamedNode(OWL + "Class")]
#: What a shape keeps of itself when one constraint of it is judged.
_KEPT = frozenset([SH + "path", SH + "message"])
_FIRST, _REST, _NIL = (ox.NamedNode(RDF + name) for name in ("first", "rest", "nil"))


def judge(
    data: Iterable[ox.Quad],
    shapes: Iterable[ox.Quad],
    *,
    advanced: bool = False,
    focus: Sequence[str] = (),
    prefixes: Mapping[str, str] | None = None,
) -> tuple[list[Result], list[ox.Quad]]:
    """The results and the report graph of data under shapes; graphs are merged into one.

    Args:
        data: the data.
        shapes: the shapes graph.
        advanced: whether SHACL Advanced Features are in force.
        focus: the IRIs of the only focus nodes to judge, where there are any.
        prefixes: what queries may use beside the prefixes that they are told by sh:prefixes.

    Raises:
        ShapesError: pySHACL cannot use the shapes.
    """
    import pyshacl
    from pyshacl.errors import (
        ConstraintLoadError,
        ReportableRuntimeError,
        ShapeLoadError,
        ShapeRecursionWarning,
    )

    with _quiet():
        try:
            _, graph, text = pyshacl.validate(
                graph_to_rdflib(data, prefixes),
                shacl_graph=graph_to_rdflib(shapes),
                inference="none",
                advanced=advanced,
                do_owl_imports=False,
                abort_on_first=False,
                max_validation_depth=50,
                focus_nodes=list(focus) or None,
            )
        except (
            ReportableRuntimeError,
            ShapeLoadError,
            ConstraintLoadError,
            ShapeRecursionWarning,
            NotImplementedError,
        ) as error:
            raise ShapesError(f"pySHACL cannot use the shapes: {_reason(error)}") from None
        except RecursionError:
            raise ShapesError("the shapes, or the data that they walk, are too deep") from None
        except Exception as error:  # noqa: BLE001 (it raises what it and its parsers please)
            raise ShapesError(f"pySHACL cannot judge by the shapes: {_reason(error)}") from None
    if not hasattr(graph, "triples"):
        raise ShapesError(f"pySHACL cannot use the shapes: {_reason(graph) or text}")
    quads = list(quads_from_rdflib(graph))
    return list(_results(quads)), quads


def judge_constraint(
    data: Iterable[ox.Quad],
    terms: Terms,
    shape: Shape,
    constraint: SparqlConstraint,
    focus: Iterable[str],
) -> list[Result]:
    """The results of one constraint in SPARQL of one shape, for some focus nodes.

    Raises:
        ShapesError: pySHACL cannot use the constraint.
    """
    about = [quad for document in terms.documents for quad in document.quads]
    kept = [
        _with_prefixes(quad, constraint)
        for quad in about
        if str(quad.subject) != shape.node or quad.predicate.value in _KEPT
    ]
    stated = [f"{shape.node} <{SH}targetNode> {node} ." for node in focus]
    stated += _stated(shape.node, terms, constraint)
    parsed = ox.parse("\n".join(stated), format=ox.RdfFormat.N_TRIPLES)
    # Shapes without targets wait to be used.
    waiting = (quad for quad in kept if not makes_target(quad))
    results, _ = judge(data, [*waiting, *parsed])
    return results


def rewrites(literal: str) -> bool:
    """Whether pySHACL would write a literal, as N-Triples text, otherwise in a query."""
    import rdflib

    parsed = next(iter(ox.parse(f"<x:> <x:> {literal} .", format=ox.RdfFormat.N_TRIPLES))).object
    if not isinstance(parsed, ox.Literal) or parsed.language:
        return False
    with _quiet():
        return str(rdflib.Literal(parsed.value, datatype=parsed.datatype.value)) != parsed.value


def _stated(node: str, terms: Terms, constraint: SparqlConstraint) -> Iterator[str]:
    """The lines that give a shape the constraint."""
    if constraint.source is not None:
        yield f"{node} <{SH}sparql> {constraint.source} ."
        return
    for parameter in terms.values(f"<{constraint.iri}>", "parameter"):
        (path,) = terms.values(parameter, "path")
        value = constraint.bindings.get(local_name(path))
        if value is not None:
            yield f"{node} {path} {value} ."


def makes_target(quad: ox.Quad) -> bool:
    """Whether a triple gives its subject, where that is a shape, a target (section 2.1.3)."""
    is_class = quad.predicate.value == RDF + "type" and quad.object in _CLASSES
    return is_class or quad.predicate.value.startswith(SH + "target")


def _with_prefixes(quad: ox.Quad, constraint: SparqlConstraint) -> ox.Quad:
    """The triple that has the constraint's query, with the prefixes in the text; or any other."""
    texts = (SH + "select", SH + "ask")
    if quad.predicate.value in texts and quad.object == ox.Literal(constraint.text):
        lines = (f"PREFIX {name}: <{iri}>\n" for name, iri in constraint.prefixes.items())
        text = "".join(lines) + constraint.text
        return ox.Quad(quad.subject, quad.predicate, ox.Literal(text))
    return quad


def _reason(error: Any) -> str:
    return str(getattr(error, "message", error)).strip().rstrip(".")


@cache
def version() -> str:
    """PySHACL and its version, for the report."""
    import pyshacl

    return f"{NAME} {pyshacl.__version__}"


@contextmanager
def _quiet() -> Iterator[None]:
    """Rdflib logs a stack trace for each odd literal, which the report names anyway."""
    loggers = [logging.getLogger(name) for name in ("rdflib.term", "pyshacl")]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)


def only(quads: Sequence[ox.Quad], kept: Sequence[Result], *, conforms: bool) -> Iterator[ox.Quad]:
    """The report graph without the results that are not kept and what only they refer to; what it
    says of conforming is said anew."""
    wanted = {_key(result) for result in kept}
    focuses = {result.focus for result in kept}
    about = _described(quads)
    reports = [node for node, said in about.items() if SH + "conforms" in said]
    dropped = {
        node
        for report in reports
        for node in about[report].get(SH + "result", [])
        if str(about[node][SH + "focusNode"][0]) not in focuses
        or _key(_result(node, about)) not in wanted
    }
    reached, waiting = set(reports), list(reports)
    while waiting:
        for values in about[waiting.pop()].values():
            fresh = {n for n in values if n in about and n not in dropped} - reached
            reached |= fresh
            waiting += fresh
    said = ox.Literal(str(conforms).lower(), datatype=ox.NamedNode(XSD + "boolean"))
    for q in quads:
        if q.predicate.value == SH + "conforms":
            yield ox.Quad(q.subject, q.predicate, said)
        elif q.subject in reached and q.object not in dropped:
            yield q


def _key(result: Result) -> tuple[object, ...]:
    """What tells results apart; not the message, of which a graph may have several."""
    parts = (result.severity, result.path, result.value, result.component)
    return (result.shape, result.focus, *parts)


def _described(quads: Iterable[ox.Quad]) -> dict[Any, dict[str, list[Any]]]:
    about: dict[Any, dict[str, list[Any]]] = {}
    for quad in quads:
        about.setdefault(quad.subject, {}).setdefault(quad.predicate.value, []).append(quad.object)
    return about


def _results(quads: Iterable[ox.Quad]) -> Iterator[Result]:
    about = _described(quads)
    # Only the results of the report itself, not the details nested in them.
    reports = [said for said in about.values() if SH + "result" in said]
    return (_result(node, about) for said in reports for node in said[SH + "result"])


def _result(node: Any, about: dict[Any, dict[str, list[Any]]]) -> Result:
    said = about[node]

    def one(name: str) -> Any:
        return min(said.get(SH + name, [None]), key=str)

    severity = one("resultSeverity").value
    name = severity.removeprefix(SH).lower()
    path, value = one("resultPath"), one("value")
    return Result(
        severity=name if severity.startswith(SH) and name in SEVERITIES else severity,
        message=_message(said.get(SH + "resultMessage", [])),
        focus=str(one("focusNode")),
        path=None if path is None else path_text(path, about),
        value=None if value is None else str(value),
        shape=str(one("sourceShape")),
        component=one("sourceConstraintComponent").value,
    )


def _message(messages: list[Any]) -> str:
    """The English message, else the first one; pySHACL gives all of them."""
    ranked = sorted(
        messages, key=lambda m: ((m.language or "en").partition("-")[0] != "en", m.value)
    )
    return ranked[0].value if ranked else ""


def path_text(node: Any, about: dict[Any, dict[str, list[Any]]]) -> str:
    """A SHACL path (section 2.3.1) as a SPARQL property path."""
    if isinstance(node, ox.NamedNode):
        return str(node)
    described = about.get(node, {})
    if _FIRST.value in described:
        return "/".join(path_text(item, about) for item in _items(node, about))
    for name, before, after in (
        ("inversePath", "^", ""),
        ("zeroOrMorePath", "", "*"),
        ("oneOrMorePath", "", "+"),
        ("zeroOrOnePath", "", "?"),
    ):
        if SH + name in described:
            inner = path_text(described[SH + name][0], about)
            return f"{before}{inner if inner.startswith('<') and '/<' not in inner else f'({inner})'}{after}"
    if SH + "alternativePath" in described:
        items = _items(described[SH + "alternativePath"][0], about)
        return f"({'|'.join(path_text(item, about) for item in items)})"
    return str(node)


def _items(node: Any, about: dict[Any, dict[str, list[Any]]]) -> list[Any]:
    items = []
    while node != _NIL and node in about:
        items += about[node].get(_FIRST.value, [])[:1]
        node = about[node].get(_REST.value, [_NIL])[0]
    return items
