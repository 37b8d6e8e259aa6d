"""How long loads into a graph and checked transactions take, beside the engine and rdflib.

Data are made by `generate.py`. All takes turns in one sitting, and the figures are medians: what
counts are the ratios. A transaction adds a name to each of ten cities; it is held against a
validation of the whole graph by the same shapes, those of the core layer.

    python benchmarks/store.py [TRIPLES] [--runs NUMBER] [--rdflib]
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import statistics
from collections import defaultdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import TYPE_CHECKING

import pyoxigraph as ox
from generate import generate
from validation import MADE, say

import lcgraph
from lcgraph.terms import SKOS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: How many records a transaction changes.
RECORDS = 10
#: How many transactions there are to one validation of the whole.
TRANSACTIONS = 10


def timed(work: Callable[[], object]) -> float:
    """The seconds that work takes."""
    began = perf_counter()
    work()
    return perf_counter() - began


def engine_load(data: Path, folder: Path | None) -> None:
    """Loads a file as the engine does it, in one transaction."""
    store = ox.Store() if folder is None else ox.Store(str(folder))
    store.load(path=str(data), format=ox.RdfFormat.TURTLE)
    store.flush()


def rdflib_load(data: Path) -> None:
    """Loads a file as rdflib does it."""
    import rdflib

    rdflib.Graph().parse(data)


def transactions(graph: lcgraph.Graph, run: int) -> Iterator[float]:
    """The seconds that checked transactions take, commit and all."""
    rows = graph.query("SELECT ?c { ?c a lcg:City } ORDER BY ?c LIMIT 1000").rows()
    cities = [ox.NamedNode(str(row[0])) for row in rows]
    name = ox.NamedNode(SKOS + "altLabel")
    for number in range(TRANSACTIONS):
        begin = RECORDS * number % len(cities)
        text = ox.Literal(f"Name {run} {number}", language="en")
        quads = [ox.Quad(city, name, text) for city in cities[begin : begin + RECORDS]]

        def change(quads: list[ox.Quad] = quads) -> None:
            with graph.transaction():
                graph.add(quads)

        yield timed(change)


def sitting(data: Path, runs: int, *, rdflib: bool) -> dict[str, list[float]]:
    """The seconds of all that is measured, by name."""
    seconds: dict[str, list[float]] = defaultdict(list)
    homes = {"memory": None, "folder": "store"}
    for run in range(runs):
        if rdflib:
            say(f"rdflib, run {run + 1} of {runs}")
            seconds["load, rdflib"].append(timed(partial(rdflib_load, data)))
        for home, name in homes.items():
            say(f"{home}, run {run + 1} of {runs}")
            with TemporaryDirectory(dir=MADE) as place:
                folder = Path(place) / "engine" if name else None
                seconds[f"load, engine, {home}"].append(timed(partial(engine_load, data, folder)))
                if folder:
                    shutil.rmtree(folder)
                with lcgraph.Graph(Path(place) / name if name else None) as graph:
                    seconds[f"load, lcgraph, {home}"].append(timed(partial(graph.load, data)))
                    seconds[f"validate, {home}"].append(timed(graph.validate))
                    seconds[f"transaction, {home}"] += transactions(graph, run)
    return seconds


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description="Loads and transactions.")
    parser.add_argument("triples", type=int, nargs="?", default=1_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--rdflib", action="store_true", help="load with rdflib too, which is slow")
    given = parser.parse_args()
    MADE.mkdir(exist_ok=True)
    # Without faults: what is ill-formed would not be loaded.
    data = MADE / f"{given.triples}-right.ttl"
    data.write_text(generate(given.triples, faults=0), encoding="utf-8")
    seconds = sitting(data, given.runs, rdflib=given.rdflib)
    say("")
    today = datetime.now(UTC).date().isoformat()
    cores = len(os.sched_getaffinity(0))
    print(
        f"Store: {given.triples:,} triples, date {today}, python {platform.python_version()}, cores {cores}\n"
    )
    print("| what | seconds (median, least to most) |\n| --- | ---: |")
    medians = {name: statistics.median(found) for name, found in seconds.items()}
    for name, found in seconds.items():
        print(f"| {name} | {medians[name]:.3f} ({min(found):.3f} to {max(found):.3f}) |")
    print("\n| ratio | |\n| --- | ---: |")
    for home in ("memory", "folder"):
        load = medians[f"load, lcgraph, {home}"]
        print(f"| load to the engine's, {home} | {load / medians[f'load, engine, {home}']:.2f} |")
        if given.rdflib:
            print(f"| rdflib's load to ours, {home} | {medians['load, rdflib'] / load:.1f} |")
        whole, change = medians[f"validate, {home}"], medians[f"transaction, {home}"]
        print(f"| whole validation to a checked transaction, {home} | {whole / change:.0f} |")


if __name__ == "__main__":
    main()
