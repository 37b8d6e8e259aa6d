"""The query library, checked and exported: lint, test, and RDF that SPARQL editors read.

The rules are what grlc, the SIB example tools and the Wikidata query service need of a file, each
learnt from what these tools do with files that break it (CONTRIBUTING, "A question").
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pyoxigraph as ox

from lcgraph import resources, sparql, writing
from lcgraph.errors import LcgraphError
from lcgraph.syntaxes import TURTLE
from lcgraph.terms import PREFIXES, RDF, RDFS, SH, XSD, named_node

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lcgraph.graph import Graph
    from lcgraph.queries import Question

#: Where the examples are said to stand, as SPARQL editors expect it.
EXAMPLES = "https://w3id.org/lcgraph/.well-known/sparql-examples/"

_FORMS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
_RESERVED = ("summary", "description", "endpoint", "tags")
_EXECUTABLE = {form: f"SPARQL{form.capitalize()}Executable" for form in _FORMS}


def lint(question: Question) -> list[str]:
    """What a question's file does that one of its readers would stumble over; empty if nothing."""
    found: list[str] = []
    try:
        for problem in _problems(question):
            found.append(problem)  # noqa: PERF402 (what was found before an error counts too)
    except LcgraphError as error:
        found.append(str(error))
    return found


def _problems(question: Question) -> Iterator[str]:
    header, lines = question.header, question.source.splitlines()
    keys = [m[1] for line in lines if (m := re.match(r"#\+ (\S+?):", line))]
    if keys and keys[-1] != "tags":
        yield "tags must be the last key of the header"
    for name in ("summary", "description"):
        text = header.get(name)
        written = [line for line in lines if line.startswith(f"#+ {name}:")]
        if not isinstance(text, str) or not text:
            yield f"the header has no {name}"
        elif written != [f"#+ {name}: {text}"]:
            yield f"{name} must stand on one line, unquoted"
    if "endpoint" in header:
        yield "the endpoint stands once, in endpoint.txt"
    for line in lines:
        nested = re.match(r"#\+\s{2,}(?:- )?(\w+):", line)
        if nested and nested[1] in _RESERVED:
            yield f"a nested key must not be called {nested[1]}"
    extension = header.get("x-lcgraph", {})
    if extension.get("id") != question.name:
        yield "x-lcgraph must have an id that is the name of the file"
    if not extension.get("expects", {}).get("columns") or "min_rows" not in extension["expects"]:
        yield "x-lcgraph must say what it expects: columns and min_rows"
    yield from _text_problems(question, lines)


def _text_problems(question: Question, lines: list[str]) -> Iterator[str]:
    form = sparql.form(question.source)
    starts = [i for i, line in enumerate(lines) if line.startswith(_FORMS)]
    if form not in _FORMS:
        yield "it is no query"
    elif not starts:
        yield f"{form} must begin its own line"
    views = [i for i, line in enumerate(lines) if "defaultView" in line]
    if starts and views != [starts[0] + 1]:
        yield "#defaultView must stand on its own line after that of SELECT, once"
    declared = sparql.prefixes_declared(question.source)
    for prefix in sparql.prefixes_used(question.source):
        if prefix not in declared:
            yield f"the prefix {prefix}: is not declared"
    for prefix in declared:
        if prefix not in sparql.prefixes_used(question.source):
            yield f"the prefix {prefix}: is declared and not used"
    if re.search(r"\b(LIMIT|OFFSET)\s+[?$]", question.source, re.IGNORECASE):
        yield "LIMIT and OFFSET take no parameter"
    for name, parameter in question.parameters.items():
        if not parameter.optional and parameter.default is None:
            yield f"the parameter {name} has no default"
        if not parameter.note:
            yield f"the parameter {name} is not explained under x-lcgraph, params"
    try:
        ox.Store().query(question.text())
    except SyntaxError as error:
        yield f"it is not valid SPARQL: {error.msg or error}"


def test(question: Question, graph: Graph) -> list[str]:
    """In what the answer to a question, asked with its defaults, is not what its header expects."""
    try:
        table = graph.query(question.text())
    except LcgraphError as error:
        return [str(error)]
    problems = []
    expected = question.expects
    if list(table.columns) != expected.get("columns"):
        problems.append(f"columns are {', '.join(table.columns)}")
    if len(table) < expected.get("min_rows", 0):
        problems.append(f"{len(table)} rows, expected at least {expected['min_rows']}")
    return problems


def to_sparql_examples(questions: Iterable[Question]) -> bytes:
    """The questions as RDF in the form of the SIB SPARQL examples, as canonical Turtle. Each runs
    as it stands: its parameters have their defaults."""
    endpoint = (resources.queries_dir() / "endpoint.txt").read_text(encoding="utf-8").strip()
    quads: list[ox.Quad] = []

    def say(subject: str, predicate: str, term: ox.NamedNode | ox.Literal) -> None:
        quads.append(ox.Quad(named_node(subject), named_node(predicate), term))

    for question in questions:
        iri, form = EXAMPLES + question.name, sparql.form(question.source)
        body = "\n".join(x for x in question.text().splitlines() if not x.startswith("#+"))
        for kind in ("SPARQLExecutable", _EXECUTABLE[form]):
            say(iri, RDF + "type", named_node(SH + kind))
        say(iri, RDFS + "label", ox.Literal(question.summary, language="en"))
        say(iri, RDFS + "comment", ox.Literal(question.description, language="en"))
        say(iri, SH + form.lower(), ox.Literal(body.strip() + "\n"))
        say(iri, SH + "prefixes", named_node(EXAMPLES + "prefixes"))
        say(iri, PREFIXES["schema"] + "target", named_node(endpoint))
        for tag in question.tags:
            say(iri, PREFIXES["schema"] + "keywords", ox.Literal(tag))
    for prefix, namespace in PREFIXES.items():
        iri = f"{EXAMPLES}prefixes/{prefix}"
        say(EXAMPLES + "prefixes", SH + "declare", named_node(iri))
        say(iri, SH + "prefix", ox.Literal(prefix))
        text = ox.Literal(namespace, datatype=named_node(XSD + "anyURI"))
        say(iri, SH + "namespace", text)
    return writing.serialize(quads, TURTLE, PREFIXES)
