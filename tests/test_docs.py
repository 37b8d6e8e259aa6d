"""What the documents show is run: every command and every Python example."""

from __future__ import annotations

import doctest
import re
import shlex
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from conftest import ROOT

import lcgraph
import lcgraph.graph

if TYPE_CHECKING:
    from pathlib import Path

    from _pytest.mark.structures import ParameterSet

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
#: Commands that set up environments or use git; `.ci/run` runs the first three.
ELSEWHERE = ("make ", "git ", "pip ", "python3 -m venv")


def examples(language: str) -> list[ParameterSet]:
    return [pytest.param(place, text, id=place) for place, text in blocks(language)]


def blocks(language: str) -> list[tuple[str, str]]:
    return [
        (f"{page.relative_to(ROOT)}:{page.read_text()[: m.start()].count(chr(10)) + 1}", m[2])
        for page in PAGES
        for m in FENCE.finditer(page.read_text(encoding="utf-8"))
        if m[1] == language
    ]


def test_the_pages_show_commands_and_code() -> None:
    assert len(blocks("console")) >= 3
    assert len(blocks("python")) >= 1
    assert {m[1] for page in PAGES for m in FENCE.finditer(page.read_text())} <= {
        "console", "python", "turtle", "text", "sparql", "yaml"
    }  # fmt: skip


@pytest.mark.parametrize(("place", "text"), examples("console"))
def test_commands_do_what_the_page_says(place: str, text: str, tmp_path: Path) -> None:
    """Each line after ``$`` is run in one folder; lines below it must stand in what it prints.
    A comment ``# exit N`` names the exit code."""
    shutil.copytree(ROOT / "data" / "examples", tmp_path / "examples")
    shown: list[str] = []
    output = ""
    for line in [*text.splitlines(), "$ true"]:
        if not line.startswith("$ "):
            shown.append(line)
            continue
        for expected in filter(None, map(str.strip, shown)):
            assert expected == "…" or expected.rstrip("…") in output, f"{place}: {expected}"
        shown = []
        command, _, remark = line[2:].partition("  # ")
        if command.startswith(ELSEWHERE):
            target = command.split()[1] if command.startswith("make ") else ""
            assert not target or f"\n{target}:" in (ROOT / "Makefile").read_text(), command
            output = ""
            continue
        code = re.search(r"exit (\d+)", remark)
        done = subprocess.run(
            command.replace("lcgraph ", f"{shlex.quote(sys.executable)} -m lcgraph ", 1),
            shell=True,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == (int(code[1]) if code else 0), (
            f"{place}: {command}\n{done.stderr}"
        )
        output = done.stdout + done.stderr


@pytest.mark.parametrize(("place", "text"), examples("python"))
def test_python_examples_print_what_the_page_says(
    place: str, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(ROOT / "data" / "examples", tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    test = doctest.DocTestParser().get_doctest(text, {}, place, place, 0)
    result = doctest.DocTestRunner(optionflags=flags).run(test)
    assert result.attempted > 0
    assert result.failed == 0


def test_the_examples_in_docstrings_hold() -> None:
    for module in (lcgraph, lcgraph.graph):
        result = doctest.testmod(module)
        assert result.attempted > 0, module
        assert result.failed == 0, module


def test_links_between_the_pages_lead_somewhere() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_the_legal_sentences_stand_where_they_must() -> None:
    for name in ("README.md", "LICENSE-DATA", "CITATION.cff", "ontology/lcg.ttl"):
        words = " ".join((ROOT / name).read_text().split())
        assert re.search(r"[Nn]ot affiliated with or endorsed by UNESCO", words), name
    assert "no opinion on the status or borders" in " ".join(
        (ROOT / "README.md").read_text().split()
    )
