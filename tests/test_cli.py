"""The command line: answers on stdout, remarks on stderr, exit codes, no traceback."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import rdflib

from lcgraph import queries
from lcgraph.cli import parser

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., subprocess.CompletedProcess[str]]

FAULTY = """@prefix lcg: <https://w3id.org/lcgraph/ns#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix ex: <https://example.org/> .
ex:a a lcg:City ;
    skos:prefLabel "no language" ;
    lcg:country "Ireland" .
"""
GOOD = FAULTY.replace('"no language"', '"Exampleton"@en').replace(
    '"Ireland"',
    "<http://publications.europa.eu/resource/authority/country/IRL> ;\n"
    "    lcg:adminKind <https://w3id.org/lcgraph/def/admin-kind/city>",
)


def test_the_question_of_the_front_page_answers_with_espoo(lcgraph: Run) -> None:
    done = lcgraph("query", "award-winners", "-p", "year", "2015")
    assert done.returncode == 0
    rows = json.loads(done.stdout)["results"]["bindings"]
    assert len(rows) == 12
    (row,) = (row for row in rows if row["city"]["value"].endswith("/city/fi-espoo"))
    assert row["name"] == {"type": "literal", "value": "Espoo", "xml:lang": "en"}
    assert done.stderr == ""
    same = lcgraph("query", "award-winners", "--param", "year=2015", "--csv")
    assert "Espoo" in {row["name"] for row in csv.DictReader(io.StringIO(same.stdout))}
    none = lcgraph("query", "award-winners", "-p", "year", "1999", "-t")
    assert len(none.stdout.splitlines()) == 2


def test_queries_lists_every_question_with_summary_and_parameters(lcgraph: Run) -> None:
    done = lcgraph("queries")
    assert done.returncode == 0
    lines = {line.split()[0]: line for line in done.stdout.splitlines() if line.strip()}
    for question in queries.load_all():
        assert question.summary in lines[question.name]
        for parameter in question.parameters:
            assert parameter in lines[question.name]
    shown = lcgraph("queries", "award-winners").stdout
    assert "year=2015" in shown
    assert "SELECT" in shown
    assert {q["name"] for q in json.loads(lcgraph("queries", "--json").stdout)} == set(
        queries.names()
    )


def test_sparql_knows_the_prefixes_and_a_misspelt_term_gets_a_hint(lcgraph: Run) -> None:
    text = 'SELECT ?c { ?c a lcg:City ; skos:prefLabel ?n FILTER(STRSTARTS(?n, "Espo")) }'
    done = lcgraph("query", text, "--csv")
    assert done.stdout.splitlines() == [
        "c",
        "https://w3id.org/lcgraph/id/city/fi-espoo",
    ]
    for arguments in (("-q", text), ("-q", text, "--csv"), ("-", "--csv")):
        again = lcgraph("query", *arguments, "--csv", stdin=text)
        assert again.stdout == done.stdout
    wrong = lcgraph("query", "SELECT * { ?c lcg:recipiant ?a }")
    assert wrong.returncode == 0
    assert "Did you mean lcg:recipient" in wrong.stderr
    asked = lcgraph("query", "ASK { ?c a lcg:Citty }")
    assert asked.returncode == 1
    assert json.loads(asked.stdout) == {"head": {}, "boolean": False}
    assert "Did you mean lcg:City" in asked.stderr
    assert lcgraph("query", "ASK { ?c a lcg:City }", "-t").stdout == "yes\n"


def test_queries_on_files_and_construct_as_turtle(lcgraph: Run, tmp_path: Path) -> None:
    (tmp_path / "good.ttl").write_text(GOOD)
    (tmp_path / "q.rq").write_text("SELECT ?l { ?c skos:prefLabel ?l }")
    for arguments in (("-Q", "q.rq", "good.ttl"), ("-Q", "q.rq", "--data", "good.ttl")):
        assert lcgraph("query", *arguments, "--csv").stdout.split() == ["l", "Exampleton"]
    made = lcgraph("query", "CONSTRUCT { ?c a lcg:City } WHERE { ?c a lcg:City }", "good.ttl")
    assert made.stdout.endswith("ex:a a lcg:City .\n")
    (tmp_path / "in.nt").write_text("<http://a> <http://b> <http://c> .\n")
    piped = lcgraph(
        "query", "SELECT ?s { ?s ?p ?o }", "-", "--csv", stdin="<http://x> a <http://y> ."
    )
    assert piped.stdout.split() == ["s", "http://x"]


def test_validate_on_the_shipped_data_on_faults_on_broken_and_on_missing_files(
    lcgraph: Run, tmp_path: Path
) -> None:
    shipped = lcgraph("validate")
    assert (shipped.returncode, shipped.stderr) == (0, "")
    assert shipped.stdout.startswith("passes")

    (tmp_path / "faulty.ttl").write_text(FAULTY)
    faulty = lcgraph("validate", "faulty.ttl")
    assert faulty.returncode == 1
    assert "MUST" in faulty.stdout
    assert "faulty.ttl:5" in faulty.stdout
    assert "faulty.ttl:6" in faulty.stdout
    assert "does not pass" in faulty.stdout

    (tmp_path / "broken.ttl").write_text(FAULTY.replace('"no language" ;', '"no language"'))
    broken = lcgraph("validate", "broken.ttl")
    assert broken.returncode == 2
    assert broken.stderr.startswith("broken.ttl:6:5: not valid turtle")
    assert broken.stdout == ""

    missing = lcgraph("validate", "missing.ttl")
    assert missing.returncode == 2
    assert missing.stderr == "missing.ttl: there is no such file\n"


def test_validate_formats_layers_and_fail_on(lcgraph: Run, tmp_path: Path) -> None:
    (tmp_path / "good.ttl").write_text(GOOD)
    assert lcgraph("validate", "good.ttl").returncode == 0
    advised = lcgraph("validate", "good.ttl", "-s", "quality")
    assert advised.returncode == 0
    assert "MAY" in advised.stdout
    assert lcgraph("validate", "good.ttl", "-s", "quality", "--fail-on", "info").returncode == 1
    assert lcgraph("validate", "good.ttl", "-s", "quality", "-w", "--allow-infos").returncode == 0
    document = json.loads(lcgraph("validate", "good.ttl", "--json").stdout)
    assert document["conforms"] is True
    report = lcgraph("validate", "good.ttl", "-s", "quality", "-f", "turtle").stdout
    assert rdflib.Graph().parse(data=report)
    assert lcgraph("validate", "good.ttl", "-f", "jsn").returncode == 2
    written = lcgraph("validate", "good.ttl", "-f", "csv", "-o", "report.csv")
    assert written.stdout == ""
    assert "passes" in written.stderr
    assert (tmp_path / "report.csv").read_text().startswith("severity,")


def test_convert_and_export(lcgraph: Run, tmp_path: Path) -> None:
    (tmp_path / "good.ttl").write_text(GOOD)
    assert lcgraph("convert", "good.ttl", "-o", "good.jsonld").returncode == 0
    back = lcgraph("convert", "good.jsonld", "-f", "text/turtle")
    canonical = lcgraph("convert", "good.ttl")
    assert set(back.stdout.splitlines()) >= {'    skos:prefLabel "Exampleton"@en ;'}
    assert (
        rdflib.Graph()
        .parse(data=back.stdout)
        .isomorphic(rdflib.Graph().parse(data=canonical.stdout))
    )
    refused = lcgraph("convert", "good.ttl", "-o", "good.jsonld")
    assert refused.returncode == 2
    assert "exists already" in refused.stderr
    assert lcgraph("convert", "good.ttl", "-o", "good.jsonld", "--force").returncode == 0
    piped = lcgraph("convert", "-", "-i", "ttl", "-f", "nt", stdin=GOOD)
    assert len(piped.stdout.splitlines()) == 4
    assert lcgraph("convert", "good.ttl", "-f", "excel").returncode == 2
    assert lcgraph("convert", "good.ttl", "-o", "good.what").returncode == 2

    record = lcgraph("export", "--record", "city/fi-espoo", "-o", "espoo.jsonld")
    assert record.returncode == 0
    graph = rdflib.Graph().parse(tmp_path / "espoo.jsonld", format="json-ld")
    recipient = rdflib.URIRef("https://w3id.org/lcgraph/ns#recipient")
    assert len(list(graph.triples((None, recipient, None)))) == 1
    assert lcgraph("export", "good.ttl").stdout == canonical.stdout
    nobody = lcgraph("export", "--record", "city/fi-espo")
    assert nobody.returncode == 2
    assert "Did you mean city/fi-espoo" in nobody.stderr


def test_info_counts_what_there_is(lcgraph: Run) -> None:
    facts = json.loads(lcgraph("info", "--json").stdout)
    assert facts["classes"]["lcg:Initiative"] > 400
    assert len(facts["sha256"]) == len(facts["canonicalSha256"]) == 64
    text = lcgraph("info").stdout
    assert "not affiliated with or endorsed by UNESCO" in text
    assert "CC BY 4.0" in text


def test_the_tour_does_the_main_job_and_leaves_files_that_rdflib_reads(
    lcgraph: Run, tmp_path: Path
) -> None:
    done = lcgraph("tour", "-o", "out")
    assert done.returncode == 0
    for said in ("1. Load", "2. Validate", "3. Ask", "4. Export", "Espoo", "the same graph"):
        assert said in done.stdout
    turtle = rdflib.Graph().parse(tmp_path / "out" / "learning-cities.ttl")
    framed = rdflib.Graph().parse(tmp_path / "out" / "learning-cities.jsonld")
    assert turtle.isomorphic(framed)
    assert lcgraph("tour", "-o", "out").returncode == 2
    assert lcgraph("tour", "-o", "out", "--force").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("query", "award-winer"), "Did you mean award-winners"),
        (("query",), "which question"),
        (("query", "award-winners", "-p", "year"), "no value"),
        (("query", "award-winners", "-p", "year", "20I5"), "whole number"),
        (("query", "award-winners", "-p", "yaer", "2015"), "Did you mean year"),
        (("query", "award-winners", "-f", "xlsx"), "cannot be written"),
        (("query", "-q", "ASK {}", "-Q", "x.rq"), "once"),
        (("query", "-Q", "x.rq"), "x.rq"),
        (("query", "SELECT * { ?a"), "query:1:14"),
        (("query", "SELECT * { SERVICE <http://x> {} }"), "network"),
        (("queries", "nothing"), "no question"),
        (("validate", "-s", "nothing"), "no shapes"),
        (("convert", "http://127.0.0.1/x.ttl"), "not addresses"),
        (("qury",), "Did you mean query"),
        (("query", "--nonsense", "x"), "unrecognized"),
        ((), "required"),
    ],
)
def test_wrong_usage_is_one_clear_message_and_exit_code_2(
    lcgraph: Run, arguments: tuple[str, ...], said: str
) -> None:
    done = lcgraph(*arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_debug_shows_the_traceback(lcgraph: Run) -> None:
    assert "Traceback" in lcgraph("--debug", "query", "nothing-like-it").stderr


def test_every_command_has_help_and_an_example_of_its_options(lcgraph: Run) -> None:
    commands = next(a.choices for a in parser()._actions if a.choices and "query" in a.choices)
    names = "query queries validate check convert export info tour load update backup optimize"
    assert set(commands) == set(names.split())
    for command in commands:
        done = lcgraph(command, "--help")
        assert done.returncode == 0
        assert len(done.stdout.splitlines()) > 5
    assert "exit codes" in lcgraph("--help").stdout
    assert lcgraph("--version").stdout.startswith("lcgraph 0.")


def test_on_a_terminal_the_answer_is_a_table_that_fits(tmp_path: Path) -> None:
    pid_output = tmp_path / "screen"
    leader, follower = pty.openpty()
    with pid_output.open("wb") as _:
        process = subprocess.Popen(
            [sys.executable, "-m", "lcgraph", "query", "initiatives-presented"],
            stdout=follower,
            stderr=follower,
            env={**os.environ, "COLUMNS": "80"},
        )
        os.close(follower)
        screen = b""
        while True:
            try:
                chunk = os.read(leader, 4096)
            except OSError:
                break
            if not chunk:
                break
            screen += chunk
        assert process.wait(30) == 0
    lines = screen.decode().splitlines()
    assert "─" in lines[1]
    assert max(map(len, lines)) <= 80
    assert any(line.startswith("6 rows (") for line in lines)


def test_a_reader_that_leaves_early_is_no_error() -> None:
    done = subprocess.run(
        f"{sys.executable} -m lcgraph export -f nt | head -n 1",
        shell=True,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    assert len(done.stdout.splitlines()) == 1
