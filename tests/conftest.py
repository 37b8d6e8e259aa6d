"""What the tests share: the command line, run as a user runs it, and the data beside the project."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"

#: How many examples a property is tried on, for `make soak`; 0 stands for as many as each test says.
SOAK = int(os.environ.get("LCGRAPH_SOAK", "0"))


def examples(number: int) -> int:
    """How many examples to try: this many, or as many as the environment asks for."""
    return SOAK or number


# The same cases each time, so that a change is judged by what it changes; `make soak` takes others.
settings.register_profile("ours", max_examples=examples(60), deadline=None, derandomize=not SOAK)
settings.load_profile("ours")


@pytest.fixture
def lcgraph(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs the command line in a fresh folder; `stdin` is what it reads."""

    def run(
        *arguments: str, stdin: str = "", **environment: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "lcgraph", *arguments],
            cwd=tmp_path,
            input=stdin,
            capture_output=True,
            text=True,
            encoding="utf-8",
            env={**os.environ, "PYTHONIOENCODING": "utf-8", **environment},
            timeout=120,
            check=False,
        )

    return run


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with the source texts and suites; tests that need it skip where it is not."""
    if not SHARED.is_dir():
        pytest.skip("the folder ../shared is not beside the checkout")
    return SHARED
