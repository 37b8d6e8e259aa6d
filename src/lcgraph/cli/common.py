"""What several commands share: options, the graph they speak of, and where the answer goes."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from lcgraph.graph import Graph


def add_input(command: argparse.ArgumentParser) -> None:
    """The options that say how files are read."""
    command.add_argument(
        "-i", "--input-format", metavar="SYNTAX", help="how the files are written (else guessed)"
    )
    command.add_argument("--base", metavar="IRI", help="what relative IRIs are resolved against")


def add_output(command: argparse.ArgumentParser) -> None:
    """The options that say where the answer goes."""
    command.add_argument(
        "-o", "--output", metavar="FILE", default="-", help="write to a file ('-': standard output)"
    )
    command.add_argument("--force", action="store_true", help="replace a file that exists")


def graph_of(files: list[str], options: argparse.Namespace) -> Graph:
    """The graph of the files named, or the shipped dataset where none is named."""
    from lcgraph.graph import Graph, dataset

    if not files:
        return dataset()
    return Graph().load(*files, format=options.input_format, base=options.base)


def put(text: str | bytes, options: argparse.Namespace) -> None:
    """Writes the answer, and nothing else, to where it should go."""
    data = text.encode() if isinstance(text, str) else text
    if options.output != "-":
        from lcgraph.files import write_whole

        write_whole(Path(options.output), data, force=options.force)
        return
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def to_terminal(options: argparse.Namespace) -> bool:
    """Whether the answer goes to a person's screen."""
    return options.output == "-" and sys.stdout.isatty()


def terminal_width() -> int:
    """How many cells wide the terminal is."""
    import shutil

    return shutil.get_terminal_size().columns


def remark(text: str) -> None:
    """Says something beside the answer."""
    print(text, file=sys.stderr)
