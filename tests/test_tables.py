"""Tables: rows become records by the context; every wrong cell is named and nothing is written."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pyoxigraph as ox
import pytest

import lcgraph
from lcgraph import build, resources, tables
from lcgraph.errors import LcgraphError, ReadError

TOML = """
[tables.cities]
class = "City"
editorial = ["remark"]

[tables.names]

[tables.initiatives]
class = "Initiative"
lookups = { theme = "themes.csv" }

[tables.sources]
class = "SourceDocument"
constants = { evidenceKind = "news" }

[tables.statements]
class = "Statement"
types = { object = "gYear" }
"""
FILES = {
    "tables.toml": TOML,
    "cities.csv": "id,label,country,lat,source,remark\n"
    "city/ie-exampleton,Exampleton,IRL,52.5,source/a;source/b,not in the graph\n",
    "names.csv": "id,label,lang\ncity/ie-exampleton,Baile,ga\n",
    "initiatives.csv": "id,label,city,theme,startDate,description,source\n"
    'initiative/ie-exampleton-night,Night school,city/ie-exampleton,evenings,2015-09,"One, two",\n',
    "themes.csv": "wording,code\nevenings,adult-learning;libraries\n",
    "sources.csv": "id,title,issued\nsource/a,A,2015\nsource/b,B,2015-09-28\n",
    "statements.csv": "id,subject,predicate,object,certainty\n"
    "statement/s,initiative/ie-exampleton-night,lcg:startDate,2015,disputed\n",
}
ID = "https://w3id.org/lcgraph/id/"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def records(folder: Path) -> lcgraph.Graph:
    return lcgraph.Graph().add(tables.read_tables(tables.load_maps(folder)[1]).quads)


def test_cells_become_the_terms_that_the_context_says(folder: Path) -> None:
    text = records(folder).serialize().decode()
    for line in (
        'skos:prefLabel "Baile"@ga ,',
        '        "Exampleton"@en',
        "lcg:country country:IRL",
        "wgs:lat 52.5",
        "dcterms:source source:a ,\n        source:b",
        'lcg:startDate "2015-09"^^xsd:gYearMonth',
        "lcg:theme theme:adult-learning ,\n        theme:libraries",
        'theme:libraries\n    lcg:nameAsGiven "evenings"@en',
        'dcterms:description "One, two"@en',
        'dcterms:issued "2015"^^xsd:gYear',
        'dcterms:issued "2015-09-28"^^xsd:date',
        'rdf:object "2015"^^xsd:gYear',
        "rdf:predicate lcg:startDate",
        "lcg:certainty certainty:disputed",
        "lcg:evidenceKind evidence-kind:news",
    ):
        assert line in text, line
    assert "not in the graph" not in text


def test_tables_say_what_the_same_json_would_say(folder: Path) -> None:
    json = b"""{"@context": "https://w3id.org/lcgraph/context.jsonld", "id": "city/ie-exampleton",
      "type": "City", "label": {"en": "Exampleton", "ga": "Baile"}, "country": "IRL",
      "lat": "52.5", "source": ["source/a", "source/b"]}"""
    base = "https://w3id.org/lcgraph/id/"
    theirs = lcgraph.Graph().load(json, format="jsonld", base=base)
    city = ox.NamedNode(ID + "city/ie-exampleton")
    assert {q for q in records(folder) if q.subject == city} == set(theirs)


@pytest.mark.parametrize(
    ("file", "old", "new", "row", "column", "said"),
    [
        ("cities.csv", "52.5", "52,5", 2, "lat", "12 cells|7 cells"),
        ("cities.csv", "52.5", "north", 2, "lat", "xsd:decimal"),
        ("cities.csv", "IRL", "Ireland (Republic)", 2, "country", "a code"),
        ("cities.csv", "source/b", "source/c", 2, "source", "no such record"),
        ("cities.csv", "source/b", "B", 2, "source", "type/slug"),
        ("cities.csv", "city/ie", "City IE", 2, "id", "type/slug"),
        ("cities.csv", "label", "lable", 1, "lable", "Did you mean label"),
        ("initiatives.csv", "2015-09", "20I5", 2, "startDate", "YYYY-MM-DD"),
        ("initiatives.csv", "city/ie-exampleton", "city/ie-exampelton", 2, "city", "exampleton"),
        ("statements.csv", ",2015,", ",in 2015,", 2, "object", "YYYY"),
        (
            "cities.csv",
            ",label,country,",
            ",label,adminKind,",
            2,
            "adminKind",
            "there is no such code",
        ),
        ("initiatives.csv", "evenings", "evening", 2, "theme", "Did you mean evenings"),
        ("statements.csv", "disputed", "disputd", 2, "certainty", "Did you mean disputed"),
        ("names.csv", ",ga", ",g a", 2, "lang", "zh-hans"),
        ("names.csv", ",ga", ",GA", 2, "lang", "lower case"),
        ("statements.csv", "lcg:startDate", "start date", 2, "predicate", "code"),
        (
            "statements.csv",
            "lcg:startDate",
            "lcg:startdate",
            2,
            "predicate",
            "Did you mean lcg:startDate",
        ),
    ],
)
def test_a_wrong_cell_names_file_row_column_value_and_what_was_expected(
    folder: Path, file: str, old: str, new: str, row: int, column: str, said: str
) -> None:
    path = folder / file
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(LcgraphError, match=said) as caught:
        records(folder)
    if isinstance(caught.value, tables.TableError):
        finding = next(f for f in caught.value.findings if f.column == column)
        assert (finding.file, finding.row) == (file, row)
        assert f"{file}:{row}, column {column}: {finding.value!r}: " in str(caught.value)
    else:
        assert (caught.value.line, Path(caught.value.file or "").name) == (row, file)


def test_all_findings_come_at_once_and_the_same_id_twice_is_one(folder: Path) -> None:
    with (folder / "sources.csv").open("a") as file:
        file.write("source/a,Again,\nsource/d,D,soon\nnothing,E,\n")
    with pytest.raises(tables.TableError) as caught:
        records(folder)
    assert [(f.row, f.column) for f in caught.value.findings] == [
        (4, "id"),
        (5, "issued"),
        (6, "id"),
    ]
    assert "line 2 has the same id" in str(caught.value)
    assert "3 findings; nothing was written" in str(caught.value)


def test_files_that_are_no_tables_are_clear_errors(folder: Path) -> None:
    (folder / "names.csv").write_bytes(b"id,label\ncity/ie-exampleton,\xff\n")
    with pytest.raises(ReadError, match="UTF-8"):
        records(folder)
    (folder / "names.csv").write_text('id,label\n"city/ie-exampleton,x\n')
    with pytest.raises(ReadError, match="CSV"):
        records(folder)
    (folder / "names.csv").unlink()
    with pytest.raises(ReadError, match="no such file"):
        records(folder)
    (folder / "tables.toml").write_text("[tables")
    with pytest.raises(ReadError, match="TOML"):
        records(folder)


# ---------- The shipped tables ----------

DATA = resources.data_dir()


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copytree(DATA / "tables", tmp_path / "tables")
    return tmp_path / "tables"


def built(folder: Path) -> list[str]:
    quads = build.build(folder, DATA / "espoo-2015.ttl", resources.shapes_dir() / "rules")
    return lcgraph.Graph().add(quads).serialize().decode().splitlines()


def test_the_committed_file_is_what_the_tables_make() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "lcgraph.build", "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "up to date\n")


def test_a_changed_row_changes_only_the_lines_of_its_record(copy: Path) -> None:
    before = built(copy)
    path = copy / "initiatives.csv"
    text = path.read_text(encoding="utf-8")
    assert text.count("Learning Neighbourhoods") == 1
    path.write_text(text.replace("Learning Neighbourhoods", "Neighbourhoods that learn"))
    after = built(copy)
    assert len(before) == len(after)
    changed = [(a, b) for a, b in zip(before, after, strict=True) if a != b]
    assert len(changed) == 1
    assert "Neighbourhoods that learn" in changed[0][1]


@pytest.mark.parametrize(
    ("file", "old", "new", "place", "said"),
    [
        ("cities.csv", ",25.78953,", ",95.2,", "cities.csv:2, column lat: '95.2'", "latitude"),
        ("cities.csv", "ARE,arab-states", "ARE,africa", "cities.csv:2", "another UNESCO region"),
        ("cities.csv", ",ARE,", ",AE,", "cities.csv:2, column country: 'AE'", "Did you mean"),
        (
            "conferrals.csv",
            "city/au-melton,award/unesco-learning-city-award-2015",
            "city/au-melton,",
            "conferrals.csv:2, column edition: ''",
            "exactly one edition",
        ),
        (
            "conferrals.csv",
            "2015-09-28",
            "2015-09-27",
            "conferrals.csv:2",
            "The conferral is dated",
        ),
        (
            "conferrals.csv",
            "source/uil-award-2015;source/uil-awardees-2015;source/espoo-2015",
            "",
            "conferrals.csv:2, column source: ''",
            "names no source",
        ),
        ("editions.csv", ",2024,6,", ",2024,10,", "conferrals.csv:", "ask for 10 years"),
        (
            "events.csv",
            "2013-10-21,2013-10-23",
            "2013-10-23,2013-10-21",
            "events.csv:2",
            "lies before",
        ),
    ],
)
def test_what_the_shapes_find_is_said_of_the_row(
    copy: Path, file: str, old: str, new: str, place: str, said: str
) -> None:
    path = copy / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(tables.TableError, match=said) as caught:
        built(copy)
    assert [line for line in str(caught.value).splitlines() if place in line and said in line]


def test_what_the_shapes_find_in_the_article_is_said_of_its_line(tmp_path: Path) -> None:
    article = tmp_path / "article.ttl"
    text = (DATA / "espoo-2015.ttl").read_text(encoding="utf-8")
    assert "lcg:sequenceNumber 2 ;" in text
    article.write_text(text.replace("lcg:sequenceNumber 2 ;", 'lcg:sequenceNumber "two" ;', 1))
    with pytest.raises(tables.TableError, match=r"article\.ttl:\d+: .*sequence"):
        build.build(DATA / "tables", article, resources.shapes_dir() / "rules")


def test_a_registered_identifier_cannot_vanish_or_come_back(tmp_path: Path) -> None:
    register = tmp_path / "register.txt"
    quads = [ox.Quad(ox.NamedNode(f"{ID}city/{n}"), *[ox.NamedNode("http://x")] * 2) for n in "ab"]
    register.write_text(build.registered(quads, register))
    assert register.read_text() == "city/a\ncity/b\n"
    with pytest.raises(LcgraphError, match="city/b is registered and gone"):
        build.registered(quads[:1], register)
    register.write_text("city/a\n-city/b\n")
    assert build.registered(quads[:1], register) == "city/a\n-city/b\n"
    with pytest.raises(LcgraphError, match="city/b is retired"):
        build.registered(quads, register)


def test_the_language_of_a_title_is_not_that_of_our_note() -> None:
    graph = lcgraph.dataset()
    notes = graph.query("SELECT DISTINCT (LANG(?n) AS ?l) { ?s skos:editorialNote ?n }").rows()
    assert notes == [("en",)]
    titles = graph.query("SELECT DISTINCT (LANG(?n) AS ?l) { ?s dcterms:title ?n }").rows()
    assert ("fr",) in titles
