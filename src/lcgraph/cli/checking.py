"""The command that checks files as they are written."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from lcgraph.cli.common import add_input, add_output, put, remark
from lcgraph.errors import LcgraphError, did_you_mean

if TYPE_CHECKING:
    import argparse

    from lcgraph.errors import Finding

_FORMATS = ("text", "json")
#: The version of the JSON form; it changes when a field does.
_JSON_VERSION = 1
_EPILOG = """\
The exit code is 0 where nothing is found, 1 where something is, errors of syntax too, and 2 where a
file cannot be read at all.

JSON is one object: "version", now 1, and "findings", a list of objects with the fields "code"
(syntax, iri, language, lexical, or refused), "file", "line", "column", "message" and "hint"; line
and column are counted from 1, and null where they are not known, as the hint is.
"""


def add_commands(commands: Any) -> None:
    """Adds the command to the command line."""
    import argparse

    check = commands.add_parser(
        "check",
        help="check how files are written: syntax, IRIs, language tags, literals",
        description="Checks files as they are written: their syntax, IRIs, language tags, and "
        "whether each literal is one that its datatype allows. All that is found is told at once, "
        "with file, line, column, and how to mend it. What the data say is for validate to judge.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    check.add_argument("files", nargs="+", metavar="FILE", help="a file ('-': standard input)")
    check.add_argument("-f", "--format", default="text", help=f"{', '.join(_FORMATS)}")
    check.add_argument(
        "--json", dest="format", action="store_const", const="json", help="the same as -f json"
    )
    add_input(check)
    add_output(check)
    check.set_defaults(run=_check, words="files")


def _check(options: argparse.Namespace) -> int:
    from lcgraph.checking import check

    if options.format not in _FORMATS:
        hint = did_you_mean(options.format, _FORMATS) or f"Known: {', '.join(_FORMATS)}."
        raise LcgraphError(f"{options.format!r} is no form of findings", hint=hint)
    found = check(*options.files, format=options.input_format, base=options.base)
    if options.format == "json":
        put(_json(found), options)
    else:
        put("".join(f"{finding}\n" for finding in found), options)
    remark(_count(found, len(options.files)))
    return 1 if found else 0


def _json(found: list[Finding]) -> str:
    fields = ("code", "file", "line", "column", "message", "hint")
    findings = [{name: getattr(finding, name) for name in fields} for finding in found]
    document = {"version": _JSON_VERSION, "findings": findings}
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _count(found: list[Finding], files: int) -> str:
    checked = f"{files} file{'' if files == 1 else 's'} checked"
    if not found:
        return f"{checked}, nothing found"
    faulty = len({finding.file for finding in found})
    findings = f"{len(found)} finding{'' if len(found) == 1 else 's'}"
    return f"{checked}, {findings}{f' in {faulty} of them' if files > 1 else ''}"
