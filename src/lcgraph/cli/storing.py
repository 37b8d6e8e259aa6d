"""The commands that change a store in a folder: load, update, backup, optimize."""

from __future__ import annotations

from contextlib import nullcontext
from functools import partial
from typing import TYPE_CHECKING, Any

from lcgraph.cli.common import add_input, add_lenient, add_location, location_of, plain, remark
from lcgraph.errors import LcgraphError

if TYPE_CHECKING:
    import argparse

    from lcgraph.graph import Graph

_PHASES = {"read": "reading", "check": "checking literals", "store": "storing"}
_CHECK = (
    "change nothing where the shapes of the store (core, where it has none) find something "
    "wrong that was not there before"
)


def add_commands(commands: Any) -> None:
    """Adds the commands to the command line."""
    load = commands.add_parser(
        "load",
        help="load files into a store in a folder",
        description="Loads files into a store in a folder, which is made where it is not there: "
        "all of them, or nothing where one cannot be read. A file that is loaded again replaces "
        "what came from it.",
    )
    load.add_argument("data", nargs="+", metavar="FILE", help="a file ('-': standard input)")
    add_location(load)
    add_input(load)
    add_lenient(load)
    load.add_argument("--check", action="store_true", help=_CHECK)
    load.add_argument("--no-progress", action="store_true", help="no progress bar on a terminal")
    load.set_defaults(run=_load, words="data")

    update = commands.add_parser(
        "update",
        help="change a store by SPARQL Update",
        description="Runs a SPARQL update on a store in a folder, all of it or nothing. The usual "
        "prefixes are known.",
    )
    update.add_argument(
        "text", nargs="?", metavar="UPDATE", help="the text, or a file that ends in .ru or .rq"
    )
    update.add_argument("-Q", "--update-file", metavar="FILE", help="a file with the update")
    update.add_argument(
        "-p",
        "--param",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a parameter; '-p NAME VALUE' works too",
    )
    add_location(update)
    update.add_argument("--check", action="store_true", help=_CHECK)
    update.set_defaults(run=_update)

    backup = commands.add_parser(
        "backup",
        help="copy a store to another folder",
        description="Copies a store, as it was last committed, to a new folder.",
    )
    backup.add_argument("target", metavar="FOLDER", help="the new folder")
    add_location(backup)
    backup.set_defaults(run=_backup)

    optimize = commands.add_parser(
        "optimize",
        help="arrange the files of a store anew",
        description="Arranges the files of a store anew, so that questions find their way sooner.",
    )
    add_location(optimize)
    optimize.set_defaults(run=_optimize)


def _open(options: argparse.Namespace, *, read_only: bool = False) -> Graph:
    from lcgraph.graph import Graph

    folder = location_of(options)
    if folder is None:
        raise LcgraphError(
            "which store?", hint="Name its folder: -l FOLDER, or the variable LCGRAPH_STORE."
        )
    return Graph(folder, read_only=read_only)


def _load(options: argparse.Namespace) -> int:
    from lcgraph.cli.waiting import watched

    count = watched(partial(_loaded, options), _PHASES, bar=not options.no_progress)
    remark(f"{count} triples in {location_of(options)}")
    return 0


def _loaded(options: argparse.Namespace, progress: Any) -> int:
    with _open(options) as graph:
        with graph.transaction() if options.check else nullcontext():
            graph.load(
                *options.data,
                format=options.input_format,
                base=options.base,
                lenient=options.lenient,
                progress=progress,
            )
        return len(graph)


def _update(options: argparse.Namespace) -> int:
    from lcgraph.cli.asking import text_of_file, values_of

    if (options.text is None) == (options.update_file is None):
        raise LcgraphError("give the update once: as text, or as -Q FILE")
    text = options.text
    if text is None or text == "-" or text.endswith((".ru", ".rq")):
        text = text_of_file(options.update_file or text)
    with _open(options) as graph:
        with graph.transaction() if options.check else nullcontext():
            graph.update(plain(text, "the update"), **values_of(options.param))
        count = len(graph)
    remark(f"{count} triples in {location_of(options)}")
    return 0


def _backup(options: argparse.Namespace) -> int:
    with _open(options, read_only=True) as graph:
        graph.backup(options.target)
        remark(f"{len(graph)} triples copied to {options.target}")
    return 0


def _optimize(options: argparse.Namespace) -> int:
    with _open(options) as graph:
        graph.optimize()
    return 0
