"""What several commands share: options, the graph they speak of, and where the answer goes."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from lcgraph.errors import LcgraphError, WriteError

if TYPE_CHECKING:
    import argparse
    from typing import TextIO

    from lcgraph.graph import Graph


def add_input(command: argparse.ArgumentParser) -> None:
    """The options that say how files are read."""
    command.add_argument(
        "-i", "--input-format", metavar="SYNTAX", help="how the files are written (else guessed)"
    )
    command.add_argument("--base", metavar="IRI", help="what relative IRIs are resolved against")


def add_location(command: argparse.ArgumentParser) -> None:
    """The option that names a store."""
    command.add_argument(
        "-l",
        "--location",
        metavar="FOLDER",
        help="the folder of a store (default: the variable LCGRAPH_STORE, where no file is named)",
    )


def location_of(options: argparse.Namespace, files: list[str] | None = None) -> str | None:
    """The folder of the store that is meant; None where none is, or files are.

    Raises:
        LcgraphError: both are.
    """
    if files and options.location:
        raise LcgraphError("name files, or a store with -l; both cannot be taken together")
    return None if files else options.location or os.environ.get("LCGRAPH_STORE") or None


def add_lenient(command: argparse.ArgumentParser) -> None:
    """The option to take ill-formed literals as they are."""
    command.add_argument(
        "--lenient",
        action="store_true",
        help="take literals as they are, those too whose texts their datatypes do not allow",
    )


def add_output(command: argparse.ArgumentParser) -> None:
    """The options that say where the answer goes."""
    command.add_argument(
        "-o", "--output", metavar="FILE", default="-", help="write to a file ('-': standard output)"
    )
    command.add_argument("--force", action="store_true", help="replace a file that exists")


def graph_of(files: list[str], options: argparse.Namespace) -> Graph:
    """The graph of the files named; where none is, the store that is, or the shipped dataset."""
    from lcgraph.graph import Graph, dataset

    folder = location_of(options, files)
    if folder is not None:
        return Graph(folder, read_only=True)
    if not files:
        return dataset()
    how = {"format": options.input_format, "base": options.base}
    return Graph().load(*files, lenient=options.lenient, **how)


def put(text: str | bytes, options: argparse.Namespace) -> None:
    """Writes the answer, and nothing else, to where it should go."""
    # The name of a file in the text may hold bytes that are not UTF-8: they go out as they came in.
    data = text.encode("utf-8", "surrogateescape") if isinstance(text, str) else text
    if options.output != "-":
        from lcgraph.files import write_whole

        write_whole(Path(options.output), data, force=options.force)
        return
    say(data)


def say(data: bytes) -> None:
    """Writes to standard output; a reader that has seen enough and left is no error.

    Raises:
        WriteError: it is closed, or cannot be written.
    """
    if sys.stdout is None:
        raise WriteError("standard output is closed")
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        silence(sys.stdout)
    except OSError as error:
        silence(sys.stdout)
        reason = (error.strerror or str(error)).lower()
        raise WriteError(f"standard output cannot be written: {reason}") from None


def silence(stream: TextIO) -> None:
    """Lets go nowhere what a stream still holds, as the end of the process would flush it."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def plain(text: str, what: str) -> str:
    """A word of the command line, where it is UTF-8.

    Raises:
        LcgraphError: it is not; `what` says what is not.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        raise LcgraphError(f"{what} is not UTF-8 text") from None
    return text


def to_terminal(options: argparse.Namespace) -> bool:
    """Whether the answer goes to a person's screen."""
    return options.output == "-" and sys.stdout is not None and sys.stdout.isatty()


def terminal_width() -> int:
    """How many cells wide the terminal is."""
    import shutil

    return shutil.get_terminal_size().columns


def remark(text: str) -> None:
    """Says something beside the answer, where there is anybody to hear it."""
    if sys.stderr is None:  # print would write it to standard output
        return
    try:
        print(text, file=sys.stderr, flush=True)
    except OSError:
        silence(sys.stderr)
