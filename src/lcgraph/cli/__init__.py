"""The command line: the verbs of the library, and no logic of its own."""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any, NoReturn

from lcgraph.cli.common import remark, silence
from lcgraph.errors import LcgraphError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Sequence

_EPILOG = """\
exit codes:
  0    yes, or done
  1    the honest no: the data do not pass, the answer to ASK is false
  2    wrong usage, unreadable input, refused, a store that another process writes
  3    network or endpoint
  130  interrupted

Nothing is fetched from the network, and no file is touched that you do not name.
"""


class _Parser(argparse.ArgumentParser):
    """Says what was meant where a command or option is misspelt."""

    def error(self, message: str) -> NoReturn:
        word = message.partition("invalid choice: '")[2].partition("'")[0]
        choices = [c for action in self._actions for c in action.choices or ()]
        hint = did_you_mean(word, map(str, choices)) if word else None
        self.print_usage(sys.stderr)
        self.exit(
            2,
            f"{self.prog}: {message.partition(' (choose')[0]}\n{f'  {hint}{chr(10)}' * bool(hint)}",
        )


#: Which module holds which commands; a cold start imports only the one it needs.
_HOMES = {
    "asking": ("query", "queries"),
    "checking": ("check",),
    "files": ("convert", "export"),
    "showing": ("info", "tour"),
    "storing": ("load", "update", "backup", "optimize"),
    "validating": ("validate",),
}


def parser(command: str | None = None) -> argparse.ArgumentParser:
    """The command line: all of it, or what is needed to run one command."""
    root = _Parser(
        prog="lcgraph",
        description="Load, validate, query and export graphs of learning cities.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    root.add_argument("--version", action=_Version, nargs=0, help="show the version and exit")
    root.add_argument("--debug", action="store_true", help="show a traceback when something fails")
    commands = root.add_subparsers(
        title="commands", metavar="COMMAND", required=True, prog="lcgraph"
    )
    homes = [home for home, names in _HOMES.items() if command in names] or list(_HOMES)
    for home in homes:
        import_module(f"lcgraph.cli.{home}").add_commands(commands)
    return root


class _Version(argparse.Action):
    def __call__(self, *_: Any, **__: Any) -> NoReturn:
        from importlib.metadata import version

        print(f"lcgraph {version('lcgraph')}")
        raise SystemExit(0)


def join_parameters(arguments: list[str]) -> list[str]:
    """Arguments with ``-p NAME VALUE`` written as ``-p NAME=VALUE``, as argparse needs it."""
    joined: list[str] = []
    waiting = iter(arguments)
    for argument in waiting:
        joined.append(argument)
        if argument in ("-p", "--param"):
            name = next(waiting, None)
            if name is not None and "=" not in name:
                value = next(waiting, None)
                name = name if value is None else f"{name}={value}"
            joined += [] if name is None else [name]
    return joined


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command.

    Args:
        argv: the arguments; those of the process where None.

    Returns:
        The exit code.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    debug = "--debug" in arguments
    try:
        return _run(arguments)
    except SystemExit:
        raise
    except LcgraphError as error:
        if debug:
            raise
        remark(str(error) if error.where else f"lcgraph: {error}")
        return error.exit_code
    except KeyboardInterrupt:
        if debug:
            raise
        return 130
    except BaseException as error:  # a panic of an engine in Rust is no Exception
        if debug:
            raise
        what = " ".join(f"{type(error).__name__}: {error}".split())
        remark(f"lcgraph: internal error: {what} (please report; --debug shows the traceback)")
        return 2
    finally:
        _flush()


def _run(arguments: list[str]) -> int:
    command = next((word for word in arguments if not word.startswith("-")), None)
    root = parser(command)
    options, rest = root.parse_known_args(join_parameters(arguments))
    # argparse takes no more words once an option has stood between them.
    words = getattr(options, getattr(options, "words", ""), None)
    if rest and (words is None or any(w.startswith("-") and w != "-" for w in rest)):
        root.error(f"unrecognized arguments: {' '.join(rest)}")
    if words is not None:
        words += rest
    code: int = options.run(options)
    return code


def _flush() -> None:
    """Lets out what argparse has printed; nobody may be there to read it."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError:
        silence(sys.stdout)
