"""How long a named question takes from a cold start, against a script that does the least.

The least is: import pyoxigraph and the usual parts of the standard library, and load the same
files. Both run in turn, so that the ratio holds when the machine's speed drifts.

    python benchmarks/cold_start.py [RUNS]
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

from lcgraph import resources

LCGRAPH = str(Path(sys.executable).with_name("lcgraph"))
QUESTION = [LCGRAPH, "query", "award-winners", "-p", "year", "2015"]
# An installed package has its modules compiled; a checkout must be allowed to compile them.
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
LEAST = """
import argparse, dataclasses, json, pathlib, re
import pyoxigraph
store = pyoxigraph.Store()
for path in {paths}:
    store.load(path=path, format=pyoxigraph.RdfFormat.TURTLE)
"""


def seconds(command: list[str]) -> float:
    """Wall-clock seconds of one run of a command."""
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=ENVIRONMENT)
    return time.perf_counter() - began


def main(runs: int) -> None:
    """Prints the medians and the ratio, pair by pair."""
    paths = [str(path) for path in resources.dataset_files()]
    least = [sys.executable, "-c", LEAST.format(paths=paths)]
    for command in (QUESTION, least):
        seconds(command)  # once before counting, so that compiled modules are on the disk
    pairs = [(seconds(QUESTION), seconds(least)) for _ in range(runs)]
    ratio = statistics.median(question / script for question, script in pairs)
    for name, column in (("lcgraph query", 0), ("the least", 1)):
        median = statistics.median(pair[column] for pair in pairs)
        print(f"{name:<14} {median * 1000:6.1f} ms (median of {runs})")
    print(f"ratio          {ratio:6.2f}    (goal: at most 2)")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 15)
