"""Files and streams at the edges: links, devices, closed and full streams, odd bytes, signals."""

from __future__ import annotations

import copy
import json
import os
import pickle
import signal
import stat
import subprocess
import sys
import threading
import time
from decimal import Decimal
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
import rdflib

import lcgraph
from lcgraph import queries
from lcgraph.cli import main
from lcgraph.errors import ParameterError, QueryError, ReadError, WriteError
from lcgraph.files import write_whole
from lcgraph.layout import align, cells_wide
from lcgraph.results import Table
from lcgraph.shacl import formats
from lcgraph.shacl.report import Report, Result
from lcgraph.terms import XSD

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., subprocess.CompletedProcess[str]]

PROGRAM = f"{sys.executable} -m lcgraph"
SHAPES = """@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix ex: <http://ex.org/> .
ex:Shape a sh:NodeShape ; sh:targetClass ex:City ; sh:property ex:name .
ex:name a sh:PropertyShape ; sh:path ex:name ; sh:minCount 1 ; sh:severity SEVERITY .
ex:Other a sh:NodeShape ; sh:targetClass ex:Town ; sh:property ex:name .
"""
TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
CITY = f"<http://ex.org/a> {TYPE} <http://ex.org/City> .\n"


def shell(command: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs a shell's line, in which $L is the command line."""
    return subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, "L": PROGRAM, **environment},
    )


# ---------- Writing ----------


def test_a_link_keeps_pointing_and_its_target_is_written(tmp_path: Path) -> None:
    target, link = tmp_path / "target.ttl", tmp_path / "link.ttl"
    link.symlink_to("target.ttl")
    with pytest.raises(WriteError, match="exists already"):
        write_whole(link, b"new")  # a link that leads nowhere is there all the same
    assert link.is_symlink()
    assert not target.exists()
    write_whole(link, b"new", force=True)
    assert link.is_symlink()
    assert target.read_bytes() == b"new"


def test_a_circle_of_links_a_folder_and_a_name_with_nul_are_clear_errors(tmp_path: Path) -> None:
    (tmp_path / "one").symlink_to("two")
    (tmp_path / "two").symlink_to("one")
    for name in ("one", ".", "a\0b", "nowhere/a.ttl"):
        with pytest.raises(WriteError):
            write_whole(tmp_path / name, b"new", force=True)
    with pytest.raises(WriteError, match="folder"):
        write_whole(tmp_path, b"new")
    assert (tmp_path / "one").is_symlink()
    assert len(list(tmp_path.iterdir())) == 2


def test_a_file_that_is_replaced_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "a.ttl"
    path.write_bytes(b"old")
    path.chmod(0o640)
    write_whole(path, b"new", force=True)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    fresh = write_whole(tmp_path / ("b" * 240 + ".ttl"), b"new")
    assert stat.S_IMODE(fresh.stat().st_mode) & 0o600 == 0o600


def test_what_is_no_regular_file_is_written_into(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.nt"
    os.mkfifo(pipe)
    seen: list[bytes] = []
    reader = threading.Thread(target=lambda: seen.append(pipe.read_bytes()), daemon=True)
    reader.start()
    write_whole(pipe, b"through the pipe")
    reader.join(10)
    assert seen == [b"through the pipe"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    (tmp_path / "a.nt").write_text(CITY)
    for command in (
        "$L convert a.nt -f nt -o /dev/stdout",
        "$L convert a.nt -f nt -o /dev/stdout > out.nt; cat out.nt",
        "echo -n > log; $L convert a.nt -f nt -o /dev/stdout >> log; cat log",
    ):
        done = shell(command, tmp_path)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith("<http://ex.org/a>")
    assert shell("$L convert a.nt -f nt -o /dev/null", tmp_path).returncode == 0
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)  # noqa: PTH116
    full = shell("$L convert a.nt -f nt -o /dev/full", tmp_path)
    assert full.returncode == 2
    assert "no space left" in full.stderr


# ---------- Streams that are closed, full, or not of UTF-8 ----------


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("$L convert - <&-", "standard input is closed"),
        ("$L query - <&-", "standard input is closed"),
        ("$L query 'ASK {}' - <&-", "standard input is closed"),
        ("$L info empty.ttl >&-", "standard output is closed"),
        ("$L info empty.ttl > /dev/full", "no space left"),
        ("$L query $'ASK { ?s ?p \"\\xff\" }'", "not UTF-8"),
        ("$L query 'ASK { ?s ?p ?_x }' -p x $'\\xff'", "not UTF-8"),
        ("printf 'ASK \\xff' | $L query -", "not UTF-8"),
        ("printf 'ASK \\xff' > q.rq; $L query -Q q.rq", "not UTF-8"),
        ("printf '<http://a> <http://b> \"\\xff\" .' | $L convert -", "UTF-8"),
    ],
)
def test_odd_streams_are_one_line_and_exit_code_2(tmp_path: Path, command: str, said: str) -> None:
    (tmp_path / "empty.ttl").write_text("")
    done = shell(command, tmp_path)
    assert done.returncode == 2, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert "Exception" not in done.stderr
    assert done.stdout == ""


def test_remarks_never_land_in_the_answer_and_need_no_stream(tmp_path: Path) -> None:
    (tmp_path / "a.nt").write_text(CITY)
    for where in ("2>&-", "2>/dev/full"):
        done = shell(f"$L query 'ASK {{ ?c a lcg:Citty }}' a.nt {where}", tmp_path)
        assert (done.returncode, done.stdout) == (1, '{"head": {}, "boolean": false}\n')


def test_the_tour_speaks_on_an_ascii_stream_too(tmp_path: Path) -> None:
    done = shell("$L tour -o out", tmp_path, PYTHONIOENCODING="ascii")
    assert done.returncode == 0, done.stderr


def test_the_verdict_stays_when_nobody_reads_the_report(tmp_path: Path) -> None:
    (tmp_path / "s.ttl").write_text(SHAPES.replace("SEVERITY", "sh:Violation"))
    lines = (CITY.replace("/a", f"/{n}") for n in range(20000))
    (tmp_path / "a.nt").write_text("".join(lines))
    command = "$L validate a.nt -s s.ttl -f csv | true; exit ${PIPESTATUS[0]}"
    done = shell(command, tmp_path)
    assert done.returncode == 1
    assert "Error" not in done.stderr
    assert shell("$L --help | true; exit ${PIPESTATUS[0]}", tmp_path).stderr == ""


def test_what_nobody_foresaw_is_one_line_and_exit_code_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("two\nlines")

    monkeypatch.setattr("lcgraph.cli.showing.graph_of", broken)
    assert main(["info"]) == 2
    said = capsys.readouterr().err
    assert said == (
        "lcgraph: internal error: ZeroDivisionError: two lines "
        "(please report; --debug shows the traceback)\n"
    )
    with pytest.raises(ZeroDivisionError):
        main(["--debug", "info"])


def test_ctrl_c_ends_a_query_at_once_where_stderr_is_no_terminal(tmp_path: Path) -> None:
    numbers = "".join(f"<http://s{n}> <http://p> {n} .\n" for n in range(3000))
    (tmp_path / "a.ttl").write_text(numbers)
    text = "SELECT (COUNT(*) AS ?n) { ?a ?p ?x . ?b ?q ?y . ?c ?r ?z }"
    process = subprocess.Popen(
        [sys.executable, "-m", "lcgraph", "query", text, "a.ttl"],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    time.sleep(3)
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    try:
        assert process.wait(5) in (-signal.SIGINT, 130)
    finally:
        process.kill()
        process.communicate()


# ---------- The command line's words ----------


def test_files_may_stand_after_options(lcgraph: Run, tmp_path: Path) -> None:
    (tmp_path / "a.nt").write_text(CITY)
    text = "SELECT ?c { ?c a ?_type_iri }"
    for words in (
        (text, "-p", "type", "http://ex.org/City", "a.nt", "--csv"),
        (text, "--csv", "-p", "type=http://ex.org/City", "a.nt"),
        ("--csv", text, "-p", "type=http://ex.org/City", "a.nt"),
    ):
        assert lcgraph("query", *words).stdout.split() == ["c", "http://ex.org/a"]
    assert lcgraph("export", "a.nt", "-f", "nt", "a.nt").returncode == 0
    for words in (("convert", "a.nt", "-f", "nt", "b.nt"), ("query", text, "-t", "--what", "a.nt")):
        done = lcgraph(*words)
        assert done.returncode == 2
        assert "unrecognized" in done.stderr


QUESTION = """#+ summary: Cities
#+ defaults:
#+   - type: http://ex.org/City
SELECT ?c { ?c a ?_type_iri }
"""


def test_a_text_with_a_header_has_its_defaults(lcgraph: Run, tmp_path: Path) -> None:
    (tmp_path / "a.nt").write_text(CITY)
    (tmp_path / "cities.rq").write_text(QUESTION)
    for words in (("-Q", "cities.rq", "a.nt"), ("-q", QUESTION, "a.nt"), ("./cities.rq", "a.nt")):
        done = lcgraph("query", *words, "--csv")
        assert done.stdout.split() == ["c", "http://ex.org/a"], done.stderr
    town = lcgraph("query", "cities.rq", "a.nt", "-p", "type", "http://ex.org/Town", "--csv")
    assert town.stdout.split() == ["c"]
    missing = lcgraph("query", "award-winners.rq")
    assert missing.returncode == 2
    assert "no such file" in missing.stderr
    assert "award-winners" in missing.stderr
    (tmp_path / "wrong.rq").write_text("SELECT * {\n ?a")
    assert lcgraph("query", "-Q", "wrong.rq").stderr.startswith("wrong.rq:2:")


@pytest.mark.parametrize("header", ["defaults: 5", "defaults: [a]", "x-lcgraph: 5", "tags: 5"])
def test_a_header_of_another_form_is_a_clear_error(header: str) -> None:
    with pytest.raises(QueryError):
        queries.text_of(f"#+ {header}\nSELECT ?c {{ ?c a ?_type_iri }}", {})


def test_an_update_given_as_a_question_names_the_call_that_runs_it(lcgraph: Run) -> None:
    done = lcgraph("query", "PREFIX a: <http://a> INSERT DATA { <http://a> <http://b> 1 }")
    assert done.returncode == 2
    assert "update()" in done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("query", "ASK {}", "-f", "csv"), "table, json"),
        (("query", "ASK {}", "-f", "foo"), "table, json"),
        (("export", "--record", ""), "absolute IRI"),
        (("query", "-", "-"), "once"),
        (("convert", "a\0b"), "cannot be read"),
    ],
)
def test_odd_words_are_refused(
    words: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    assert said in capsys.readouterr().err


# ---------- Layout ----------


def test_tables_fit_narrow_terminals() -> None:
    head = [f"column{n}" for n in range(9)]
    rows = [[f"a rather long value {n}{i}" for n in range(9)] for i in range(3)]
    for width in (120, 80, 60, 40, 20):
        lines = align(head, rows, width=width).splitlines()
        assert max(map(cells_wide, lines)) <= width
    narrow = align(head, rows, width=40)
    assert all(name in narrow for name in head)
    assert all(f"value {n}{i}" in narrow for n in range(9) for i in range(3))


def test_names_that_must_be_typed_are_never_cut(
    monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    monkeypatch.setattr("lcgraph.cli.asking.to_terminal", lambda _: True)
    for width in (200, 80, 60):
        monkeypatch.setattr("lcgraph.cli.asking.terminal_width", lambda width=width: width)
        assert main(["queries"]) == 0
        out = capsysbinary.readouterr().out.decode()
        assert max(map(cells_wide, out.splitlines())) <= width
        for question in queries.load_all():
            assert question.name in out
            for name in question.parameters:
                assert name in out


# ---------- Answers ----------


def table(*texts: tuple[str, str]) -> Table:
    cells = [(ox.Literal(text, datatype=ox.NamedNode(XSD + kind)),) for text, kind in texts]
    return Table(["v"], [*cells, (None,)])


@pytest.mark.parametrize(
    ("texts", "values"),
    [
        ([("1", "integer"), ("2.50", "decimal")], [Decimal(1), Decimal("2.5")]),
        ([("1", "integer"), ("2.5", "double")], [1.0, 2.5]),
        ([("01", "integer"), ("9" * 30, "integer")], ["01", "9" * 30]),
        ([("9" * 30, "integer"), ("0." + "1" * 20, "decimal")], ["9" * 30, "0." + "1" * 20]),
        ([("9" * 400, "integer"), ("1", "double")], ["9" * 400, "1"]),
        (
            [("2020-01-01T00:00:00", "dateTime"), ("2020-01-01T00:00:00Z", "dateTime")],
            ["2020-01-01T00:00:00", "2020-01-01T00:00:00Z"],
        ),
        ([("true", "boolean"), ("1", "integer")], ["true", "1"]),
    ],
)
def test_a_column_of_a_frame_has_one_type_that_loses_nothing(
    texts: list[tuple[str, str]], values: list[object]
) -> None:
    answer = table(*texts)
    assert answer.to_polars()["v"].to_list() == [*values, None]
    assert list(answer.to_pandas()["v"])[:2] == values


def test_a_table_can_be_pickled_and_copied(tmp_path: Path) -> None:
    path = tmp_path / "a.ttl"
    path.write_text(
        "<http://ex.org/a> a <http://ex.org/City> ; "
        '<http://www.w3.org/2004/02/skos/core#prefLabel> "Exampleton" .'
    )
    answer = lcgraph.Graph().load(path).query("SELECT ?c { ?c a <http://ex.org/City> }")
    for same in (pickle.loads(pickle.dumps(answer)), copy.deepcopy(answer)):  # noqa: S301
        assert same.cells == answer.cells
        assert same.to_text() == answer.to_text()
        assert "Exampleton" in same.to_text()


def test_what_rdf_1_1_cannot_hold_does_not_come_from_rdflib() -> None:
    node, literal = rdflib.URIRef("http://a"), rdflib.Literal("x")
    for triple in (
        (literal, node, node),
        (node, rdflib.BNode("b"), node),
        (rdflib.BNode("odd label"), node, node),
        (node, node, rdflib.Literal("\ud800")),
        (node, node, rdflib.Variable("v")),
    ):
        graph = rdflib.Graph()
        graph.add(triple)
        with pytest.raises(ParameterError):
            lcgraph.from_rdflib(graph)


# ---------- The report ----------


def test_an_unknown_severity_counts_as_a_violation_and_is_said(
    lcgraph: Run, tmp_path: Path
) -> None:
    (tmp_path / "s.ttl").write_text(SHAPES.replace("SEVERITY", "ex:Grave"))
    (tmp_path / "a.nt").write_text(CITY)
    done = lcgraph("validate", "a.nt", "-s", "s.ttl")
    assert done.returncode == 1
    assert "does not pass: 1 http://ex.org/Grave (counts as a violation)" in done.stdout
    assert done.stdout.startswith("MUST  there are fewer than 1 values")
    (tmp_path / "s.ttl").write_text(SHAPES.replace("SEVERITY", "sh:Warning"))
    assert "passes: 1 warning" in lcgraph("validate", "a.nt", "-s", "s.ttl").stdout
    strict = lcgraph("validate", "a.nt", "-s", "s.ttl", "--fail-on", "warning")
    assert strict.returncode == 1
    assert "does not pass: 1 warning" in strict.stdout


def test_a_pass_says_what_judged_nothing(lcgraph: Run, tmp_path: Path) -> None:
    (tmp_path / "s.ttl").write_text(SHAPES.replace("SEVERITY", "sh:Info"))
    (tmp_path / "none.nt").write_text(CITY.replace("City", "Village"))
    none = lcgraph("validate", "none.nt", "-s", "s.ttl")
    assert none.returncode == 0
    assert "passes: no results, but no node in the data is a target of any shape" in none.stdout
    document = json.loads(lcgraph("validate", "none.nt", "-s", "s.ttl", "--json").stdout)
    assert document["focus_nodes"] == 0
    assert document["shapes_without_focus"] == ["<http://ex.org/Other>", "<http://ex.org/Shape>"]
    (tmp_path / "a.nt").write_text(CITY)
    some = lcgraph("validate", "a.nt", "-s", "s.ttl").stdout
    assert "1 of 2 shapes have no target in the data: http://ex.org/Other" in some
    assert json.loads(lcgraph("validate", "a.nt", "-s", "s.ttl", "--json").stdout)[
        "shapes_without_focus"
    ] == ["<http://ex.org/Other>"]


def test_a_result_without_a_message_names_its_component() -> None:
    component = "http://www.w3.org/ns/shacl#MinCountConstraintComponent"
    result = Result("violation", "", "<http://a>", None, None, "<http://s>", component)
    text = formats.to_text(Report((result,), ("x",), "e"))
    assert text.startswith("MUST  breaks sh:MinCountConstraintComponent  [http://s]")


def test_a_long_path_is_cut() -> None:
    path = "|".join(f"<http://ex.org/property-{n}>" for n in range(40))
    result = Result("violation", "m", "<http://a>", path, None, "<http://s>", "c")
    line = formats.to_text(Report((result,), ("x",), "e")).splitlines()[1]
    assert line.endswith("…")
    assert len(line) < 100


def test_a_source_that_is_none_says_what_was_expected() -> None:
    for source in ([b"x"], 5, None):
        with pytest.raises(ReadError, match="path, bytes or a binary stream"):
            lcgraph.Graph().load(source)  # type: ignore[arg-type]
    data = b"<http://a> <http://b> 1 ."
    for given in (bytearray(data), memoryview(data)):
        assert len(lcgraph.Graph().load(given, format="ttl")) == 1  # type: ignore[arg-type]
