"""The commands that show what there is: info, tour."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lcgraph.cli.common import (
    add_input,
    add_lenient,
    add_location,
    graph_of,
    location_of,
    put,
    say,
    terminal_width,
    to_terminal,
)
from lcgraph.errors import WriteError

if TYPE_CHECKING:
    import argparse

    from lcgraph.graph import Graph

_NOTICE = (
    "lcgraph is not affiliated with or endorsed by UNESCO. "
    "Names and maps imply no opinion on the status or borders of any place."
)
_LICENCE = "code Apache-2.0; vocabulary and data CC BY 4.0, the lcgraph contributors"
_RIGHTS = "points and matches from GeoNames, CC BY 4.0"
_TOUR: tuple[tuple[str, dict[str, Any]], ...] = (
    ("award-winners", {"year": 2015}),
    ("initiatives-presented", {}),
    ("partner-groups", {}),
)


def add_commands(commands: Any) -> None:
    """Adds the commands to the command line."""
    info = commands.add_parser(
        "info",
        help="what a graph holds: counts, classes, prefixes, licence",
        description="Tells what the files named, or the shipped dataset, hold.",
    )
    info.add_argument("data", nargs="*", metavar="DATA", help="files; none: the shipped data")
    info.add_argument("--json", action="store_true", help="one JSON object")
    info.add_argument(
        "--quality",
        action="store_true",
        help="how complete and how well sourced it is, against what sources claim",
    )
    add_location(info)
    add_input(info)
    add_lenient(info)
    info.set_defaults(run=_info, words="data", output="-", force=False)

    tour = commands.add_parser(
        "tour",
        help="see the main job done: load, validate, ask, export",
        description="Does the main job on the shipped data, and says how to do each step oneself.",
    )
    tour.add_argument(
        "-o", "--output", metavar="FOLDER", default="lcgraph-tour", help="where the files go"
    )
    tour.add_argument("--force", action="store_true", help="replace files of an earlier tour")
    tour.set_defaults(run=_tour)


def _info(options: argparse.Namespace) -> int:
    from importlib.metadata import version

    graph = graph_of(options.data, options)
    facts: dict[str, Any] = {"lcgraph": version("lcgraph")}
    store = location_of(options, options.data)
    named = ", ".join(options.data) or store or "the shipped dataset"
    facts |= {"data": named, "triples": len(graph)}
    if options.quality:
        return _quality(graph, options)
    if not options.data and store is None:
        facts |= {"version": _version(graph), "licence": _LICENCE, "rights": _RIGHTS}
        facts |= {"sha256": _digest()}
    facts["canonicalSha256"] = graph.digest()
    if options.json:
        document = facts | {"classes": graph.counts(), "notice": _NOTICE}
        put(json.dumps(document, ensure_ascii=False, indent=2) + "\n", options)
        return 0
    wide = max(map(len, facts))
    lines = [f"{name:<{wide}}  {value}" for name, value in facts.items()]
    lines.append(f"{'':<{wide}}  (of the canonical N-Quads, RDFC-1.0)")
    counts = graph.counts()
    digits = max((len(str(n)) for n in counts.values()), default=1)
    lines += ["", *(f"{number:>{digits}}  {name}" for name, number in counts.items())]
    put("\n".join([*lines, "", _NOTICE]) + "\n", options)
    return 0


def _version(graph: Graph) -> str:
    rows = graph.query("SELECT ?v { ?d a dcat:Dataset ; dcat:version ?v } ORDER BY ?v").rows()
    return ", ".join(str(row[0]) for row in rows)


def _quality(graph: Graph, options: argparse.Namespace) -> int:
    """The answers to the questions that are tagged quality, one after the other."""
    from lcgraph import queries

    width = terminal_width() if to_terminal(options) else None
    parts = []
    for question in queries.load_all():
        if "quality" in question.tags:
            table = graph.query(question.name)
            rows = f"{len(table)} row{'' if len(table) == 1 else 's'}"
            heading = f"{question.summary} ({rows}; lcgraph query {question.name})"
            parts += [heading, "", table.to_text(width), ""]
    put("\n".join(parts), options)
    return 0


def _digest() -> str:
    """The SHA-256 of the shipped data files, one after the other."""
    from hashlib import sha256

    from lcgraph import resources

    return sha256(b"".join(path.read_bytes() for path in resources.dataset_files())).hexdigest()


def _tour(options: argparse.Namespace) -> int:
    from lcgraph.graph import Graph, dataset
    from lcgraph.shacl.formats import verdict

    folder = Path(options.output)
    targets = [folder / "learning-cities.ttl", folder / "learning-cities.jsonld"]
    for target in targets:
        if os.path.lexists(target) and not options.force:
            raise WriteError("it exists already", file=str(target), hint="Replace it: --force.")

    _say("1. Load", "lcgraph info", "graph = lcgraph.dataset()")
    graph = dataset()
    counts = graph.counts()
    passages, sources = counts["lcg:EvidenceSpan"], counts["lcg:SourceDocument"]
    records = sum(n for name, n in counts.items() if name.startswith("lcg:")) - passages - sources
    _tell(
        f"{len(graph)} triples: {counts['lcg:City']} cities and {records - counts['lcg:City']} "
        f"other records, which rest on {passages} passages and {sources} sources.",
        "",
    )

    _say("2. Validate", "lcgraph validate", "graph.validate()")
    report = graph.validate()
    _tell(f"The shipped data: {verdict(report)}", "")

    _say("3. Ask", "lcgraph query NAME", 'graph.query("NAME")')
    for name, values in _TOUR:
        _ask(graph, name, values)

    _say(
        "4. Export",
        "lcgraph export -o learning-cities.ttl",
        'graph.export("learning-cities.ttl")',
    )
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise WriteError(f"it cannot be made: {reason}", file=str(folder)) from None
    text = graph.serialize("nquads")
    for target in targets:
        graph.export(target, force=options.force)
        same = Graph().load(target).serialize("nquads") == text
        _tell(
            f"{target}: {target.stat().st_size} bytes, read back as "
            f"{'the same graph' if same else 'ANOTHER graph'}."
        )
        if not same:
            return 1
    _tell("", "Next: lcgraph queries; lcgraph --help", _NOTICE)
    return 0


def _ask(graph: Graph, name: str, values: dict[str, Any]) -> None:
    from lcgraph import queries

    words = "".join(f" -p {key} {value}" for key, value in values.items())
    _tell(f"{queries.load(name).summary}:  lcgraph query {name}{words}", "")
    table = graph.query(name, **values)
    width = terminal_width() if sys.stdout is not None and sys.stdout.isatty() else 110
    _tell(*(f"  {line}" for line in table.to_text(width - 2).splitlines()), "")


def _say(step: str, command: str, code: str) -> None:
    _tell(step, f"   on the command line  {command}", f"   in Python            {code}", "")


def _tell(*lines: str) -> None:
    say("".join(f"{line}\n" for line in lines).encode("utf-8", "surrogateescape"))
