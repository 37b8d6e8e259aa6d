"""The commands that write graphs to files: convert, export."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lcgraph.cli.common import (
    add_input,
    add_lenient,
    add_location,
    add_output,
    graph_of,
    plain,
    put,
    remark,
)

if TYPE_CHECKING:
    import argparse


def add_commands(commands: Any) -> None:
    """Adds the commands to the command line."""
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
    add_location(export)
    add_input(export)
    add_lenient(export)
    add_output(export)
    export.set_defaults(run=_export, words="data")


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
