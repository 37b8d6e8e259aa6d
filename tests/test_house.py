"""The house keeps its rules: imports go down only, cold starts stay light, the wheel is whole."""

from __future__ import annotations

import ast
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from conftest import ROOT

import lcgraph

SOURCE = ROOT / "src" / "lcgraph"
#: The floors, ground floor first. A module may import from its own floor and from those below;
#: within a floor, circles are refused.
FLOORS = [
    ["errors", "lexical", "mending"],
    ["terms", "resources", "syntaxes", "files", "layout", "citation"],
    ["labels", "bridge", "sparql", "lines", "halves", "canonical", "reading", "tokens", "places", "checking",
     "writing", "jsonld", "jsonld.names",
     "jsonld.text", "jsonld.reading", "jsonld.writing", "columns"],
    ["store", "store.forms", "store.updates", "store.embedded", "store.durable", "store.remote"],
    ["shacl", "shacl.vocabulary", "shacl.phases", "shacl.outcome",
     "shacl.formats", "shacl.exchange", "shacl.report", "shacl.narrowing", "shacl.model",
     "shacl.syntax", "shacl.declared", "shacl.parsing", "shacl.values",
     "shacl.patterns", "shacl.closures", "shacl.paths", "shacl.prebinding", "shacl.form",
     "shacl.grammar", "shacl.setwise", "shacl.view", "shacl.advanced", "shacl.constraints",
     "shacl.constraints.common", "shacl.constraints.types", "shacl.constraints.counts",
     "shacl.constraints.ranges", "shacl.constraints.strings", "shacl.constraints.pairs",
     "shacl.constraints.logic", "shacl.custom", "shacl.judge", "shacl.reporting",
     "shacl.reference", "shacl.locating", "shacl.validate", "shacl.links", "shacl.nearby", "shacl.touched",
     "shacl.delta", "results", "excerpts"],
    ["queries"],
    ["tables", "lint"],
    ["transactions", "graph", "remote", "api", "build"],
    ["cli", "cli.common", "cli.waiting", "cli.asking", "cli.checking", "cli.files", "cli.showing",
     "cli.storing", "cli.validating", "__main__"],
]  # fmt: skip
#: What may only be imported by the call that needs it.
HEAVY = {"rdflib", "pyshacl", "polars", "pandas", "SPARQLWrapper", "pyld", "numpy"}


def module_name(path: Path) -> str:
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return ".".join(p for p in parts if p != "__init__") or "lcgraph"


class _Runtime(ast.NodeTransformer):
    """Leaves out what is imported for annotations only."""

    def visit_If(self, node: ast.If) -> ast.If | None:
        return None if ast.unparse(node.test) == "TYPE_CHECKING" else node


def imports(path: Path) -> set[str]:
    """The modules of lcgraph that a file imports, inside functions too."""
    tree = _Runtime().visit(ast.parse(path.read_text(encoding="utf-8")))
    known = {name for floor in FLOORS for name in floor}
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("lcgraph"):
            module = (node.module or "").removeprefix("lcgraph").removeprefix(".")
            for alias in node.names:
                name = f"{module}.{alias.name}".removeprefix(".")
                found.add(name if name in known else module)
    return found - {""}


FILES = {module_name(p): p for p in SOURCE.rglob("*.py") if module_name(p) != "lcgraph"}


def test_every_module_stands_on_a_floor() -> None:
    assert sorted(FILES) == sorted(name for floor in FLOORS for name in floor)


@pytest.mark.parametrize("name", sorted(FILES))
def test_imports_go_down_only(name: str) -> None:
    level = {module: i for i, floor in enumerate(FLOORS) for module in floor}
    higher = {other for other in imports(FILES[name]) if level[other] > level[name]}
    assert not higher


def test_there_are_no_circles() -> None:
    graph = {name: imports(path) - {name} for name, path in FILES.items()}
    while free := [name for name, needs in graph.items() if not needs & graph.keys()]:
        for name in free:
            del graph[name]
    assert not graph


def test_nothing_is_patched_and_no_rdflib_graph_is_subclassed() -> None:
    for name, path in FILES.items():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                assert not any("rdflib" in ast.unparse(base) for base in node.bases), name
            targets = node.targets if isinstance(node, ast.Assign) else []
            assert not any(ast.unparse(t).startswith("rdflib.") for t in targets), name


@pytest.mark.parametrize(
    "arguments",
    [["--version"], ["query", "award-winners", "-p", "year", "2015"], ["query", "events", "--csv"]],
)
def test_a_cold_start_imports_nothing_heavy(arguments: list[str]) -> None:
    code = (
        "import sys\nfrom lcgraph.cli import main\n"
        f"try: main({arguments!r})\nexcept SystemExit: pass\n"
        "print(sorted(m for m in sys.modules if '.' not in m), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not HEAVY & set(ast.literal_eval(done.stderr.splitlines()[-1]))
    assert done.stdout


def test_importing_the_package_does_no_work() -> None:
    code = "import sys, lcgraph; print([m for m in sys.modules if m.startswith('lcgraph.')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_all_public_names_are_there_and_typed() -> None:
    for name in lcgraph.__all__:
        assert getattr(lcgraph, name) is not None
    assert set(lcgraph.__all__) <= set(dir(lcgraph))
    assert (SOURCE / "py.typed").is_file()
    with pytest.raises(AttributeError, match="no attribute"):
        _ = lcgraph.nothing_like_it


def test_the_version_stands_in_one_place() -> None:
    pyproject = (ROOT / "pyproject.toml").read_text()
    assert f'version = "{lcgraph.__version__}"' in pyproject
    assert f"version: {lcgraph.__version__}" in (ROOT / "CITATION.cff").read_text()
    assert f"## {lcgraph.__version__}" in (ROOT / "CHANGELOG.md").read_text()


def test_the_wheel_carries_all_that_it_needs(tmp_path: Path) -> None:
    """Built without the network, unpacked, and asked from another folder."""
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    code = (
        "import lcgraph; g = lcgraph.dataset(); print(lcgraph.resources.data_dir(), len(g), "
        "'Espoo' in [r[1] for r in g.query('award-winners', year=2015)], "
        "g.validate().count('violation'))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path / "site"), "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    place, count, name, violations = done.stdout.split()
    assert Path(place) == tmp_path / "site" / "lcgraph" / "data"
    assert (int(count), name, violations) == (len(lcgraph.dataset()), "True", "0")
