"""The command line: the verbs of the library, and no logic of its own."""

from __future__ import annotations

import argparse
import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any, NoReturn

from lcgraph.errors import LcgraphError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Sequence

_EPILOG = """\
exit codes:
  0    yes, or done
  1    the honest no: the data do not pass, the answer to ASK is false
  2    wrong usage, unreadable input, refused
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
    "files": ("validate", "convert", "export"),
    "showing": ("info", "tour"),
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
    command = next((word for word in arguments if not word.startswith("-")), None)
    options = parser(command).parse_args(join_parameters(arguments))
    try:
        code: int = options.run(options)
        sys.stdout.flush()
    except LcgraphError as error:
        if options.debug:
            raise
        print(error if error.where else f"lcgraph: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        if options.debug:
            raise
        return 130
    except BrokenPipeError:
        # The reader of the pipe has seen enough; what is left must not be flushed into it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code
