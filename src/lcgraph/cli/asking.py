"""The commands that ask: query, queries."""

from __future__ import annotations

import json
import signal
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lcgraph import queries
from lcgraph.cli.common import (
    add_input,
    add_lenient,
    add_location,
    add_output,
    graph_of,
    plain,
    put,
    remark,
    terminal_width,
    to_terminal,
)
from lcgraph.errors import LcgraphError, QueryError, ReadError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from lcgraph.queries import Parameter, Question
    from lcgraph.results import Table

_TABLE_FORMATS = ("table", "json", "csv", "tsv", "markdown")
_BOOLEAN_FORMATS = ("table", "json")
# A summary that would have fewer cells than this gets lines of its own.
_LEAST_SUMMARY = 30


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
    add_location(query)
    add_input(query)
    add_lenient(query)
    add_output(query)
    query.set_defaults(run=_query, words="items")

    queries = commands.add_parser(
        "queries",
        help="list the questions of the library, show, check or export them",
        description="Lists every question with its summary and parameters, or shows one in full. "
        "'lint' checks the files, 'test' asks each question and checks the answer against what its "
        "header expects, 'export' writes all of them as RDF that SPARQL editors read.",
    )
    queries.add_argument(
        "name", nargs="?", metavar="NAME", help="the question to show; or lint, test, export"
    )
    queries.add_argument("--json", action="store_true", help="one JSON document")
    queries.add_argument(
        "--data",
        action="append",
        default=[],
        metavar="FILE",
        help="for test: a file to ask (default: the shipped data)",
    )
    add_location(queries)
    add_input(queries)
    add_lenient(queries)
    add_output(queries)
    queries.set_defaults(run=_queries)


def _query(options: argparse.Namespace) -> int:
    question, files, name = _question(options)
    values = values_of(options.param)
    with _mortal():
        graph = graph_of([*files, *options.data], options)
    with _mortal():  # once more, as Polars hears Ctrl-C itself once it has worked
        try:
            answer = graph.answer(question, **values)
        except QueryError as error:
            if name and error.file in ("query", "query.rq"):
                error.file = name
            raise
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


@contextmanager
def _mortal() -> Iterator[None]:
    """Lets Ctrl-C end the process at once, as the engine does not see it while it evaluates."""
    before = signal.getsignal(signal.SIGINT)
    if before is not signal.default_int_handler:  # as where the shell has it ignored
        yield
        return
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _question(options: argparse.Namespace) -> tuple[str, list[str], str | None]:
    """The question, the files to ask, and the name of the file that holds the question."""
    given = [options.query, options.query_file]
    if sum(item is not None for item in given) > 1:
        raise LcgraphError("give the query once: as -q or as -Q")
    if options.query is not None:
        return plain(options.query, "the query"), options.items, None
    file, items = options.query_file, options.items
    if file is None:
        if not items:
            raise LcgraphError(
                "which question?", hint="Name one (`lcgraph queries` lists them), or write SPARQL."
            )
        question, *items = items
        if question != "-" and not question.endswith(".rq"):
            return plain(question, "the query"), items, None
        file = question
    if file == "-" and "-" in [*items, *options.data]:
        raise LcgraphError("standard input can be read once: for the query or for the data")
    return text_of_file(file), items, "<stdin>" if file == "-" else file


def text_of_file(name: str) -> str:
    """The text of a file, or of standard input where it is "-".

    Raises:
        ReadError: it cannot be read, or is not in UTF-8.
    """
    path = Path(name)
    shown = "<stdin>" if name == "-" else name
    try:
        data = _stdin() if name == "-" else path.read_bytes()
        return data.decode("utf-8-sig")
    except FileNotFoundError:
        known = path.stem in queries.names()
        hint = f"The question of the library is called {path.stem}." if known else None
        raise ReadError("there is no such file", file=name, hint=hint) from None
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ReadError(f"it cannot be read: {reason}", file=shown) from None
    except UnicodeDecodeError:
        raise ReadError("it is not UTF-8 text", file=shown) from None
    except ValueError as error:  # a name that no system can hold, as with a NUL
        raise ReadError(f"it cannot be read: {error}", file=repr(name)) from None


def _stdin() -> bytes:
    from lcgraph.reading import stdin_bytes

    return stdin_bytes()


def values_of(pairs: list[str]) -> dict[str, str]:
    """The parameters that are written as NAME=VALUE.

    Raises:
        LcgraphError: one has no value.
    """
    values = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise LcgraphError(
                f"the parameter {name!r} has no value", hint="Write -p NAME VALUE or -p NAME=VALUE."
            )
        values[name] = plain(value, f"the value of the parameter {name!r}")
    return values


def _boolean(*, answer: bool, options: argparse.Namespace) -> str:
    name = options.format or ("table" if to_terminal(options) else "json")
    if name not in _BOOLEAN_FORMATS:
        raise LcgraphError(
            f"yes or no cannot be written as {name!r}",
            hint=f"Known: {', '.join(_BOOLEAN_FORMATS)}.",
        )
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
    if options.name in _LIBRARY_VERBS:
        return _LIBRARY_VERBS[options.name](options)
    if options.name:
        question = queries.load(options.name)
        put(_as_json(question) if options.json else _whole(question), options)
        return 0
    library = queries.load_all()
    if options.json:
        put("[\n" + ",\n".join(_as_json(q).rstrip() for q in library) + "\n]\n", options)
        return 0
    put(_listed(library, terminal_width() if to_terminal(options) else None) + "\n", options)
    remark("Ask one: lcgraph query NAME -p PARAMETER VALUE; see one: lcgraph queries NAME")
    return 0


def _listed(library: list[Question], width: int | None) -> str:
    """The questions as a table where names and parameters, which people type, fit in full; else
    each as lines."""
    from lcgraph.layout import align, cells_wide, cut, indent

    rows = [[q.name, q.summary, " ".join(map(_short, q.parameters.values()))] for q in library]
    head = ("question", "what it answers", "parameters")
    if width is None:
        return align(head, rows)
    taken = [max(cells_wide(row[column]) for row in [head, *rows]) + 2 for column in (0, 2)]
    room = width - sum(taken)
    if room >= _LEAST_SUMMARY:
        return align(head, [[name, cut(text, room), more] for name, text, more in rows])
    lines = []
    for name, text, more in rows:
        lines += [name, *indent(text, width), *indent(more, width)]
    return "\n".join(lines)


def _lint(options: argparse.Namespace) -> int:
    from lcgraph import lint

    return _findings({q.name: lint.lint(q) for q in queries.load_all()}, options)


def _test(options: argparse.Namespace) -> int:
    from lcgraph import lint

    graph = graph_of(options.data, options)
    return _findings({q.name: lint.test(q, graph) for q in queries.load_all()}, options)


def _findings(found: dict[str, list[str]], options: argparse.Namespace) -> int:
    lines = [f"{name}.rq: {problem}" for name, problems in found.items() for problem in problems]
    bad = sum(map(bool, found.values()))
    verdict = (
        f"{len(found)} questions, {bad} with findings" if bad else f"{len(found)} questions pass"
    )
    put("".join(f"{line}\n" for line in [*lines, verdict]), options)
    return 1 if bad else 0


def _export(options: argparse.Namespace) -> int:
    from lcgraph import lint

    put(lint.to_sparql_examples(queries.load_all()), options)
    return 0


_LIBRARY_VERBS = {"lint": _lint, "test": _test, "export": _export}


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
