"""The command that validates."""

from __future__ import annotations

import os
import sys
from functools import partial
from typing import TYPE_CHECKING, Any

from lcgraph.cli.common import (
    add_input,
    add_lenient,
    add_location,
    add_output,
    graph_of,
    location_of,
    plain,
    put,
    remark,
    terminal_width,
    to_terminal,
)
from lcgraph.errors import LcgraphError

if TYPE_CHECKING:
    import argparse

    from lcgraph.shacl.report import Report

# The names stand here too, so that --help imports nothing.
_REPORTS = ("text", "json", "csv", "turtle", "sarif", "junit", "github")
_SEVERITIES = ("violation", "warning", "info")
_PHASES = {
    "read": "reading",
    "read shapes": "reading shapes",
    "columns": "arranging triples",
    "judge": "judging by shapes",
    "locate": "finding lines",
}
_EPILOG = """\
The exit code is 0 where the data pass, 1 where they do not, and 2 where data or shapes cannot be
read. Violations make it 1; warnings and infos do with --fail-on. So do literals whose texts their
datatypes do not allow, but not with --lenient; --focus and --shape do not look for them. All results count, shown or not.
"""


def add_commands(commands: Any) -> None:
    """Adds the command to the command line."""
    command = commands.add_parser(
        "validate",
        help="check data against shapes",
        description="Checks files, or the shipped dataset, against SHACL shapes. Each result says "
        "what is wrong, how to mend it, and in which line.",
        epilog=_EPILOG,
    )
    command.add_argument("data", nargs="*", metavar="DATA", help="files; none: the shipped data")
    command.add_argument(
        "-s",
        "--shapes",
        action="append",
        metavar="SHAPES",
        help="a layer (core, dataset, quality) or a file of shapes; may be given again "
        "(default: core; for the shipped data core and dataset)",
    )
    command.add_argument(
        "--focus",
        action="append",
        default=[],
        metavar="NODE",
        help="judge only this focus node: an IRI, a CURIE, or a path as city/fi-espoo; may be "
        "given again",
    )
    command.add_argument(
        "--shape",
        action="append",
        default=[],
        metavar="SHAPE",
        help="judge only by this shape, and by what it refers to: an IRI or a CURIE; may be given "
        "again",
    )
    command.add_argument(
        "--severity",
        choices=_SEVERITIES,
        default="info",
        help="show only results of this severity or worse (default: info)",
    )
    command.add_argument(
        "--limit", type=_limit, metavar="N", help="show at most N results, the worst first"
    )
    command.add_argument(
        "--fail-on",
        choices=_SEVERITIES,
        default="violation",
        help="the mildest severity that makes the exit code 1 (default: violation)",
    )
    command.add_argument(
        "-w", "--allow-warnings", action="store_true", help="warnings do not fail: the default"
    )
    command.add_argument("--allow-infos", action="store_true", help="nor do infos: the default")
    command.add_argument(
        "-f",
        "--format",
        default="text",
        metavar="FORMAT",
        help=f"{', '.join(_REPORTS)} (default: text)",
    )
    command.add_argument(
        "--json", dest="format", action="store_const", const="json", help="the same as -f json"
    )
    add_location(command)
    add_input(command)
    add_lenient(command)
    add_output(command)
    command.add_argument("--no-color", action="store_true", help="no colours on a terminal")
    command.add_argument("--no-progress", action="store_true", help="no progress bar on a terminal")
    command.set_defaults(run=_validate, words="data")


def _limit(text: str) -> int:
    # What int() takes beside digits is no count that anybody means.
    if not (text.isascii() and text.isdigit()):
        import argparse

        raise argparse.ArgumentTypeError(f"{text!r} is no number of results")
    return int(text)


def _validate(options: argparse.Namespace) -> int:
    from lcgraph.cli.waiting import watched
    from lcgraph.shacl.report import FORMATS, unknown_format

    if options.format not in FORMATS:
        raise unknown_format(options.format)
    for allowed, name in ((options.allow_warnings, "warning"), (options.allow_infos, "info")):
        if allowed and _SEVERITIES.index(options.fail_on) >= _SEVERITIES.index(name):
            raise LcgraphError(f"--allow-{name}s and --fail-on {options.fail_on} contradict")
    work = partial(_report, options)
    report = watched(work, _PHASES, bar=not options.no_progress)
    put(_text(report, options), options)
    if options.format != "text" or options.output != "-":
        from lcgraph.shacl.formats import verdict

        remark(verdict(report, options.fail_on))
    return 1 if report.fails(options.fail_on) else 0


def _report(options: argparse.Namespace, progress: Any) -> Report:
    from lcgraph import resources
    from lcgraph.api import validate

    sources: list[Any] = options.data or resources.dataset_files()
    shapes = ["core"] if options.data else ["core", "dataset"]
    if location_of(options, options.data) is not None:
        graph = graph_of(options.data, options)
        sources, shapes = [graph], list(graph.shapes)
    return validate(
        *sources,
        shapes=options.shapes or shapes,
        format=options.input_format,
        base=options.base,
        focus=[plain(name, "the name of the focus node") for name in options.focus],
        shape=[plain(name, "the name of the shape") for name in options.shape],
        severity=options.severity,
        limit=options.limit,
        lenient=options.lenient,
        progress=progress,
    )


def _text(report: Report, options: argparse.Namespace) -> str:
    if options.format != "text":
        return report.serialize(options.format, fail_on=options.fail_on)
    from lcgraph.layout import indent
    from lcgraph.shacl.formats import to_text

    if not to_terminal(options):
        return to_text(report, options.fail_on) + "\n"
    colour = not (options.no_color or os.environ.get("NO_COLOR")) and (
        os.environ.get("TERM") != "dumb" and sys.platform != "win32"
    )
    width = terminal_width()
    text = to_text(report, options.fail_on, width=width, colour=colour)
    phases = ", ".join(f"{_PHASES[name]} {seconds:.2f}" for name, seconds in report.seconds.items())
    took = f"{sum(report.seconds.values()):.2f} s ({phases})"
    return "\n".join([text, *indent(took, width, 0), ""])
