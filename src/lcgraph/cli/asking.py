"""The commands that ask: query, queries."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lcgraph import queries
from lcgraph.cli.common import (
    add_input,
    add_output,
    graph_of,
    put,
    remark,
    terminal_width,
    to_terminal,
)
from lcgraph.errors import LcgraphError, ReadError

if TYPE_CHECKING:
    import argparse

    from lcgraph.queries import Parameter, Question
    from lcgraph.results import Table

_TABLE_FORMATS = ("table", "json", "csv", "tsv", "markdown")


def add_commands(commands: Any) -> None:
    """Adds the commands to the command line."""
    query = commands.add_parser(
        "query",
        help="ask a named question, or SPARQL",
        description="Asks a question of the library by its name, or SPARQL text, of the files "
        "named or of the shipped dataset. The usual prefixes are known. On a terminal the answer "
        "is a table, in a pipe it is SPARQL results JSON.",
    )
    query.add_argument("items", nargs="*", metavar="QUESTION [DATA]", help="name or SPARQL; files")
    query.add_argument("-q", "--query", metavar="SPARQL", help="the text of the query")
    query.add_argument("-Q", "--query-file", metavar="FILE", help="a file with the query")
    query.add_argument("--data", action="append", default=[], metavar="FILE", help="a file to ask")
    query.add_argument(
        "-p",
        "--param",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a parameter; '-p NAME VALUE' works too",
    )
    query.add_argument(
        "-f",
        "--format",
        metavar="FORMAT",
        help=f"{', '.join(_TABLE_FORMATS)}; or an RDF syntax for CONSTRUCT and DESCRIBE",
    )
    for name in ("csv", "tsv", "json"):
        query.add_argument(
            f"--{name}",
            dest="format",
            action="store_const",
            const=name,
            help=f"the same as -f {name}",
        )
    query.add_argument(
        "-t",
        "--table",
        dest="format",
        action="store_const",
        const="table",
        help="the same as -f table",
    )
    add_input(query)
    add_output(query)
    query.set_defaults(run=_query)

    queries = commands.add_parser(
        "queries",
        help="list the questions of the library, or show one",
        description="Lists every question with its summary and parameters, or shows one in full.",
    )
    queries.add_argument("name", nargs="?", metavar="NAME", help="the question to show")
    queries.add_argument("--json", action="store_true", help="one JSON document")
    queries.set_defaults(run=_queries, output="-", force=False)


def _query(options: argparse.Namespace) -> int:
    _die_at_once()
    question, files = _question(options)
    graph = graph_of([*files, *options.data], options)
    answer = graph.answer(question, **_values(options.param))
    if isinstance(answer, bool):
        put(_boolean(answer=answer, options=options), options)
        if not queries.is_name(question):
            for note in graph.unknown_terms(question):
                remark(note)
        return 0 if answer else 1
    from lcgraph.results import Table

    if isinstance(answer, Table):
        put(_formatted(answer, options), options)
        for note in answer.notes:
            remark(note)
        if to_terminal(options):
            remark(answer.summary())
        return 0
    put(answer.serialize(options.format or "turtle"), options)
    return 0


def _die_at_once() -> None:
    """Lets Ctrl-C end the process at once, as the engine does not see it while it evaluates; only
    where there is a terminal to press it on."""
    if sys.stderr.isatty():
        import signal

        signal.signal(signal.SIGINT, signal.SIG_DFL)


def _question(options: argparse.Namespace) -> tuple[str, list[str]]:
    given = [options.query, options.query_file]
    if sum(item is not None for item in given) > 1:
        raise LcgraphError("give the query once: as -q or as -Q")
    if options.query is not None:
        return options.query, options.items
    if options.query_file is not None:
        return _text_of_file(options.query_file), options.items
    if not options.items:
        raise LcgraphError(
            "which question?", hint="Name one (`lcgraph queries` lists them), or write SPARQL."
        )
    question, *files = options.items
    return sys.stdin.read() if question == "-" else question, files


def _text_of_file(name: str) -> str:
    if name == "-":
        return sys.stdin.read()
    try:
        return Path(name).read_text(encoding="utf-8")
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ReadError(f"it cannot be read: {reason}", file=name) from None
    except UnicodeDecodeError:
        raise ReadError("it is not UTF-8 text", file=name) from None


def _values(pairs: list[str]) -> dict[str, str]:
    values = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise LcgraphError(
                f"the parameter {name!r} has no value", hint="Write -p NAME VALUE or -p NAME=VALUE."
            )
        values[name] = value
    return values


def _boolean(*, answer: bool, options: argparse.Namespace) -> str:
    name = options.format or ("table" if to_terminal(options) else "json")
    if name == "json":
        return json.dumps({"head": {}, "boolean": answer}) + "\n"
    return "yes\n" if answer else "no\n"


def _formatted(table: Table, options: argparse.Namespace) -> str:
    name = options.format or ("table" if to_terminal(options) else "json")
    if name == "table":
        return table.to_text(terminal_width() if to_terminal(options) else None) + "\n"
    if name not in _TABLE_FORMATS:
        raise LcgraphError(
            f"a table cannot be written as {name!r}", hint=f"Known: {', '.join(_TABLE_FORMATS)}."
        )
    text: str = getattr(table, f"to_{name}")()
    return text


def _queries(options: argparse.Namespace) -> int:
    if options.name:
        question = queries.load(options.name)
        put(_as_json(question) if options.json else _whole(question), options)
        return 0
    library = queries.load_all()
    if options.json:
        put("[\n" + ",\n".join(_as_json(q).rstrip() for q in library) + "\n]\n", options)
        return 0
    from lcgraph.layout import align

    rows = [[q.name, q.summary, " ".join(map(_short, q.parameters.values()))] for q in library]
    width = terminal_width() if to_terminal(options) else None
    put(align(("question", "what it answers", "parameters"), rows, width=width) + "\n", options)
    remark("Ask one: lcgraph query NAME -p PARAMETER VALUE; see one: lcgraph queries NAME")
    return 0


def _short(parameter: Parameter) -> str:
    default = "" if parameter.default is None else f"={_brief(parameter.default)}"
    text = f"{parameter.name}{default}"
    return f"[{text}]" if parameter.optional else text


def _brief(value: Any) -> str:
    from lcgraph.terms import curie

    return curie(str(value))


def _whole(question: Question) -> str:
    lines = [question.name, question.summary, question.description, ""]
    for parameter in question.parameters.values():
        parts = [f"  -p {_short(parameter)}", f"({parameter.type})", parameter.note]
        if parameter.choices:
            parts.append(f"one of: {', '.join(map(_brief, parameter.choices))}")
        lines.append("  ".join(filter(None, parts)))
    if question.parameters:
        lines.append("")
    body = [line for line in question.source.splitlines() if not line.startswith("#+")]
    return "\n".join([*lines, *body]) + "\n"


def _as_json(question: Question) -> str:
    document = {
        "name": question.name,
        "summary": question.summary,
        "description": question.description,
        "tags": question.tags,
        "view": question.view,
        "columns": question.expects.get("columns", []),
        "parameters": [vars(parameter) for parameter in question.parameters.values()],
    }
    return json.dumps(document, ensure_ascii=False, indent=2, default=str) + "\n"
