"""The command line over a store in a folder."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., subprocess.CompletedProcess[str]]

COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"


def test_a_store_is_loaded_asked_changed_checked_and_exported(lcgraph: Run, tmp_path: Path) -> None:
    (tmp_path / "a.ttl").write_text("<http://e/a> <http://e/p> 1 , '02' .")
    done = lcgraph("load", "a.ttl", "-l", "store")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "2 triples in store\n")
    assert lcgraph("query", COUNT, "-l", "store", "--csv").stdout == "n\n2\n"
    where = {"LCGRAPH_STORE": "store"}
    assert lcgraph("query", COUNT, "--csv", **where).stdout == "n\n2\n"
    assert lcgraph("query", COUNT, "a.ttl", "--csv", LCGRAPH_STORE="none").stdout == "n\n2\n"
    text = "DELETE DATA { <http://e/a> <http://e/p> 1 } ; INSERT DATA { <http://e/a> lcg:note ?_n_literal }"
    assert lcgraph("update", text, "-p", "n", "it's", **where).returncode == 0
    (tmp_path / "more.ru").write_text("INSERT DATA { <http://e/b> a <http://e/C> }")
    assert lcgraph("update", "more.ru", **where).stderr == "3 triples in store\n"
    exported = lcgraph("export", **where).stdout
    assert "it's" in exported
    assert '"02"' in exported
    assert lcgraph("validate", **where).returncode == 0
    assert json.loads(lcgraph("info", "--json", **where).stdout)["data"] == "store"
    assert lcgraph("optimize", **where).returncode == 0
    assert lcgraph("backup", "copy", **where).returncode == 0
    assert lcgraph("export", "-l", "copy").stdout == exported
    done = lcgraph("backup", "copy", **where)
    assert done.returncode == 2
    assert "there already" in done.stderr


def test_what_is_wrong_is_told_in_one_message(lcgraph: Run, tmp_path: Path) -> None:
    (tmp_path / "a.ttl").write_text("<http://e/a> <http://e/p> 1 .")
    for arguments, said in [
        (("query", COUNT, "-l", "store"), "store: there is no store"),
        (("query", COUNT, "a.ttl", "-l", "store"), "both cannot be taken together"),
        (("update", "CLEAR ALL"), "which store?"),
        (("update", "-l", "store"), "give the update once"),
        (("load", "a.ttl", "none.ttl", "-l", "store"), "none.ttl: there is no such file"),
        (("load", "a.ttl", "-l", "a.ttl"), "a.ttl: it cannot be used"),
    ]:
        done = lcgraph(*arguments)
        assert done.returncode == 2, arguments
        assert said in done.stderr
        assert "Traceback" not in done.stderr
    assert lcgraph("query", COUNT, "-l", "store", "--csv").stdout == "n\n0\n"


def test_a_change_is_checked_where_that_is_asked_for(lcgraph: Run, tmp_path: Path) -> None:
    (tmp_path / "a.ttl").write_text(
        "@prefix lcg: <https://w3id.org/lcgraph/ns#> . <https://w3id.org/lcgraph/id/city/xx-a> a lcg:City ."
    )
    done = lcgraph("load", "a.ttl", "-l", "store", "--check")
    assert done.returncode == 1
    assert "the transaction breaks" in done.stderr
    assert "a.ttl:1:" in done.stderr
    assert lcgraph("load", "a.ttl", "-l", "store").returncode == 0
    assert (
        lcgraph("load", "a.ttl", "-l", "store", "--check").returncode == 0
    )  # nothing new is wrong
    text = "INSERT DATA { <https://w3id.org/lcgraph/id/city/xx-b> a lcg:City }"
    assert lcgraph("update", text, "--check", "-l", "store").returncode == 1
    assert lcgraph("update", text, "-l", "store").returncode == 0
