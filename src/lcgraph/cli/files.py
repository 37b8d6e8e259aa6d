"""The commands that go from file to file: validate, convert, export."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lcgraph.cli.common import add_input, add_output, graph_of, plain, put, remark
from lcgraph.errors import LcgraphError, did_you_mean

if TYPE_CHECKING:
    import argparse

_REPORTS = ("text", "json", "csv", "turtle")


def add_commands(commands: Any) -> None:
    """Adds the commands to the command line."""
    validate = commands.add_parser(
        "validate",
        help="check data against shapes",
        description="Checks files, or the shipped dataset, against SHACL shapes. Exits 1 where "
        "something is violated.",
    )
    validate.add_argument("data", nargs="*", metavar="DATA", help="files; none: the shipped data")
    validate.add_argument(
        "-s",
        "--shapes",
        action="append",
        metavar="SHAPES",
        help="a layer (core, dataset, quality) or a file of shapes; may be given again "
        "(default: core; for the shipped data core and dataset)",
    )
    validate.add_argument("-f", "--format", default="text", help=", ".join(_REPORTS))
    validate.add_argument(
        "--json", dest="format", action="store_const", const="json", help="the same as -f json"
    )
    validate.add_argument(
        "--fail-on",
        choices=("violation", "warning", "info"),
        default="violation",
        help="the mildest severity that makes the exit code 1 (default: violation)",
    )
    validate.add_argument("-w", "--allow-warnings", action="store_true", help="as is the default")
    validate.add_argument("--allow-infos", action="store_true", help="as is the default")
    add_input(validate)
    add_output(validate)
    validate.set_defaults(run=_validate, words="data")

    convert = commands.add_parser(
        "convert",
        help="write a file in another syntax, or in canonical form",
        description="Reads a file and writes it in canonical form, literals as they were written.",
    )
    convert.add_argument("source", metavar="FILE", help="what to convert ('-': standard input)")
    convert.add_argument(
        "-f",
        "--format",
        metavar="SYNTAX",
        help="what to write: turtle, trig, "
        "ntriples, nquads, rdfxml, jsonld (default: by the output's suffix)",
    )
    add_input(convert)
    add_output(convert)
    convert.set_defaults(run=_convert)

    export = commands.add_parser(
        "export",
        help="write a graph, or one record of it",
        description="Writes files taken together, or the shipped dataset, as one graph; with "
        "--record one record with all that belongs to it.",
    )
    export.add_argument("data", nargs="*", metavar="DATA", help="files; none: the shipped data")
    export.add_argument("--record", metavar="RECORD", help="an IRI, or a path as city/fi-espoo")
    export.add_argument("-f", "--format", metavar="SYNTAX", help="what to write, as in convert")
    add_input(export)
    add_output(export)
    export.set_defaults(run=_export, words="data")


def _validate(options: argparse.Namespace) -> int:
    if options.format not in _REPORTS:
        raise LcgraphError(
            f"{options.format!r} is no form of report",
            hint=did_you_mean(options.format, _REPORTS) or f"Known: {', '.join(_REPORTS)}.",
        )
    from lcgraph import resources
    from lcgraph.api import validate
    from lcgraph.shacl import formats

    shapes = options.shapes or (["core"] if options.data else ["core", "dataset"])
    data = options.data or resources.dataset_files()
    report = validate(*data, shapes=shapes, format=options.input_format, base=options.base)
    if options.format == "text":
        text = formats.to_text(report, options.fail_on)
    else:
        text = getattr(formats, f"to_{options.format}")(report)
    put(text if text.endswith("\n") else text + "\n", options)
    if options.format != "text" or options.output != "-":
        remark(formats.verdict(report, options.fail_on))
    return 1 if report.worse_or_equal(options.fail_on) else 0


def _convert(options: argparse.Namespace) -> int:
    from lcgraph.api import convert

    target = None if options.output == "-" else options.output
    text = convert(
        options.source,
        target,
        format=options.format,
        input_format=options.input_format,
        base=options.base,
        force=options.force,
    )
    if target is None:
        put(text, options)
    return 0


def _export(options: argparse.Namespace) -> int:
    graph = graph_of(options.data, options)
    if options.record is not None:
        graph = graph.record(plain(options.record, "the name of the record"))
    if options.output == "-":
        put(graph.serialize(options.format or "turtle"), options)
    else:
        graph.export(options.output, format=options.format, force=options.force)
        remark(f"{len(graph)} triples written to {options.output}")
    return 0
