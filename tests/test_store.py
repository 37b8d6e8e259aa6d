"""A graph in a folder: what was committed is there, whatever happens to who writes or reads."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
from conftest import examples
from hypothesis import given, settings
from hypothesis import strategies as st

import lcgraph
from lcgraph import reading
from lcgraph.errors import LockError, ReadError, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator

XSD = "http://www.w3.org/2001/XMLSchema#"
A = (
    b'@prefix ex: <http://example.org/> .\nex:a ex:p "01"^^<%binteger> , 1 ; ex:q ex:b , [ ex:r 2 ] .\n'
    % (XSD.encode())
)
SHAPES = b"""@prefix sh: <http://www.w3.org/ns/shacl#> .
<http://e/Shape> sh:targetSubjectsOf <http://e/n> ;
    sh:property [ sh:path <http://e/n> ; sh:maxCount 1000 ] ."""
#: How often a writer is killed.
KILLS = int(os.environ.get("LCGRAPH_KILLS", "100"))


def nodes(graph: lcgraph.Graph) -> set[tuple[str, ...]]:
    return {tuple(map(str, quad)) for quad in graph}


def number(value: int) -> ox.Quad:
    integer = ox.NamedNode(XSD + "integer")
    literal = ox.Literal(str(value), datatype=integer)
    return ox.Quad(ox.NamedNode("http://e/s"), ox.NamedNode("http://e/n"), literal)


def test_what_was_loaded_is_there_again_as_it_was_written(tmp_path: Path) -> None:
    (tmp_path / "a.ttl").write_bytes(A)
    with lcgraph.Graph(tmp_path / "store") as graph:
        graph.load(tmp_path / "a.ttl")
        digest, text = graph.digest(), graph.serialize()
    with lcgraph.Graph(tmp_path / "store") as graph:
        assert graph.digest() == digest == lcgraph.Graph().load(tmp_path / "a.ttl").digest()
        assert graph.serialize() == text
        assert b"ex:a" in text
        assert b"01" in text
        assert len(graph) == 5
    assert sorted(p.name for p in (tmp_path / "store").iterdir()) == [
        "current",
        "generation-2",
        "lock",
    ]


def test_a_folder_answers_as_memory_does(tmp_path: Path) -> None:
    with lcgraph.Graph(tmp_path / "store") as graph:
        graph.load(*lcgraph.resources.dataset_files())
        question = ("awards-of-city", {"city": "city/fi-espoo"})
        shipped = lcgraph.dataset()
        assert graph.query(question[0], **question[1]).rows() == (
            shipped.query(question[0], **question[1]).rows()
        )
        assert graph.digest() == shipped.digest()
        assert len(graph.validate("core")) == len(shipped.validate("core"))


@pytest.mark.parametrize("durable", [False, True])
def test_a_file_that_is_loaded_again_replaces_what_came_from_it(
    tmp_path: Path, *, durable: bool
) -> None:
    first, second = tmp_path / "first.ttl", tmp_path / "second.ttl"
    first.write_text(f"<http://a> <http://p> 1 , 2 , '01'^^<{XSD}integer> ; <http://q> [] .")
    second.write_text("<http://a> <http://p> 2 , 3 .")
    graph = lcgraph.Graph(tmp_path / "store") if durable else lcgraph.Graph()
    graph.load(first, second).add([number(9)])
    first.write_text("<http://a> <http://p> 1 , 4 ; <http://q> [] .")
    if durable:  # which files there were is kept
        graph.close()
        graph = lcgraph.Graph(tmp_path / "store")
    graph.load(os.path.relpath(first))
    values = {quad.object.value for quad in graph if quad.predicate.value != "http://q"}  # type: ignore[union-attr]
    assert values == {"1", "2", "3", "4", "9"}
    assert len(graph) == 6
    second.write_text("")
    graph.load(second)
    assert len(graph) == 4
    graph.close()


QUADS = st.lists(
    st.builds(
        lambda p, text, kind, graph: ox.Quad(
            ox.NamedNode("http://a"),
            ox.NamedNode(f"http://{p}"),
            ox.Literal(text, datatype=ox.NamedNode(XSD + kind)),
            ox.NamedNode("http://g") if graph else ox.DefaultGraph(),
        ),
        st.sampled_from("pq"),
        st.sampled_from(["1", "01", "1.0", "1E0", "true"]),
        st.sampled_from(["integer", "decimal", "double", "boolean", "string"]),
        st.booleans(),
    ),
    max_size=8,
)


@settings(max_examples=examples(25))
@given(st.lists(st.tuples(st.sampled_from(["add", "remove", "load"]), QUADS), max_size=5))
def test_a_folder_holds_what_a_set_would(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, list[ox.Quad]]]
) -> None:
    folder = tmp_path_factory.mktemp("model")
    file = folder / "file.nq"
    loose: set[ox.Quad] = set()
    of_file: set[ox.Quad] = set()
    in_memory = lcgraph.Graph()
    with lcgraph.Graph(folder / "store") as graph:
        for verb, quads in steps:
            for one in (graph, in_memory):
                if verb == "load":
                    file.write_text("".join(f"{quad} .\n" for quad in quads))
                    one.load(file, lenient=True)
                else:
                    getattr(one, verb)(quads)
            if verb == "load":  # what a file had brought goes with it
                loose -= of_file - set(quads)
                of_file = set(quads)
                loose |= of_file
            else:
                loose = loose | set(quads) if verb == "add" else loose - set(quads)
            assert set(graph) == loose == set(in_memory)
            assert len(graph) == len(loose) == len(in_memory)
    with lcgraph.Graph(folder / "store", read_only=True) as graph:
        assert set(graph) == loose
        lines = {
            str(reading.read(graph.ntriples(), format="nquads").quads[i]) for i in range(len(loose))
        }
        assert lines == {str(quad) for quad in loose}


@pytest.mark.parametrize("durable", [False, True])
def test_what_the_engine_would_rewrite_to_a_number_that_is_there_is_not_there(
    tmp_path: Path, *, durable: bool
) -> None:
    one = number(1)
    other = ox.Quad(
        one.subject,
        one.predicate,
        ox.Literal("01", datatype=ox.NamedNode(XSD + "integer")),
        ox.DefaultGraph(),
    )
    with lcgraph.Graph(tmp_path / "store") if durable else lcgraph.Graph() as graph:
        graph.add([one])
        assert other not in graph
        graph.remove([other])
        assert set(graph) == {one}
        with graph.transaction():
            graph.add([other])
        assert set(graph) == {one, other}


def test_many_files_are_loaded_all_or_none(tmp_path: Path) -> None:
    (tmp_path / "good.ttl").write_text("<http://a> <http://p> 1 .")
    (tmp_path / "bad.ttl").write_text("<http://a> <http://p> ")
    with lcgraph.Graph(tmp_path / "store") as graph:
        with pytest.raises(ReadError):
            graph.load(tmp_path / "good.ttl", tmp_path / "bad.ttl")
        assert len(graph) == 0
        with pytest.raises(ReadError, match="ill-formed"):
            graph.load(
                tmp_path / "good.ttl", b'<http://a> <http://p> "x"^^<%binteger> .' % XSD.encode()
            )
        assert len(graph) == 0
    with lcgraph.Graph(tmp_path / "store", read_only=True) as graph:
        assert len(graph) == 0


def test_a_second_writer_is_told_who_the_first_one_is(tmp_path: Path) -> None:
    code = (
        "import sys, lcgraph; g = lcgraph.Graph(sys.argv[1]); print('open', flush=True); "
        "sys.stdin.read(1); g.close(); print('closed', flush=True); sys.stdin.read(1)"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "store")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with other:
        assert other.stdin
        assert other.stdout
        assert other.stdout.readline() == "open\n"
        with pytest.raises(LockError, match=rf"process {other.pid} \(.*\) since 20\d\d-") as caught:
            lcgraph.Graph(tmp_path / "store")
        assert caught.value.exit_code == 2
        with lcgraph.Graph(tmp_path / "store", read_only=True) as graph:
            assert len(graph) == 0
        other.stdin.write("x")
        other.stdin.flush()
        assert other.stdout.readline() == "closed\n"
        with lcgraph.Graph(tmp_path / "store") as graph:
            graph.add([number(1)])
            with pytest.raises(LockError, match="this process"):
                lcgraph.Graph(tmp_path / "store")
        other.stdin.write("x")


def test_a_graph_that_is_gone_holds_no_lock(tmp_path: Path) -> None:
    graph = lcgraph.Graph(tmp_path / "store")
    graph.close()
    graph.close()
    with pytest.raises(StoreError, match="closed"):
        graph.add([number(1)])
    graph = lcgraph.Graph(tmp_path / "store")
    del graph
    lcgraph.Graph(tmp_path / "store").close()


def test_readers_see_the_state_they_opened_and_keep_it(tmp_path: Path) -> None:
    with lcgraph.Graph(tmp_path / "store") as graph:
        graph.add([number(1)])
        with lcgraph.Graph(tmp_path / "store", read_only=True) as reader:
            for value in range(2, 30):
                graph.add([number(value)])
            graph.optimize()
            assert len(graph) == 29
            assert len(reader) == 1
            assert set(reader) == {number(1)}
            with lcgraph.Graph(tmp_path / "store", read_only=True) as later:
                assert len(later) == 29
            with pytest.raises(StoreError, match="reading only"):
                reader.add([number(1)])
            assert len(list((tmp_path / "store").glob("generation-*"))) == 2
    lcgraph.Graph(tmp_path / "store").close()
    assert len(list((tmp_path / "store").glob("generation-*"))) == 1


def test_readers_come_and_go_while_a_writer_writes(tmp_path: Path) -> None:
    """Pairs are written together; no reader may ever see one of a pair alone."""
    code = (
        "import sys, lcgraph\n"
        "for _ in range(40):\n"
        "    with lcgraph.Graph(sys.argv[1], read_only=True) as g:\n"
        "        n = len(list(g)); assert n == len(g) and n % 2 == 0, n\n"
        "print(n)"
    )
    with lcgraph.Graph(tmp_path / "store") as graph:
        command = [sys.executable, "-c", code, str(tmp_path / "store")]
        readers = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(2)]
        value = 0
        while any(reader.poll() is None for reader in readers):
            graph.add([number(value), number(value + 1)])
            value += 2
        assert [reader.wait() for reader in readers] == [0, 0]
        for reader in readers:
            assert reader.stdout
            reader.stdout.close()


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(StoreError, match=r"mine\.txt"):
        lcgraph.Graph(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]
    with pytest.raises(StoreError, match="there is no store"):
        lcgraph.Graph(tmp_path / "none", read_only=True)
    assert not (tmp_path / "none").exists()
    with pytest.raises(StoreError, match="no such file"):
        lcgraph.Graph(tmp_path / "none" / "deeper")
    (tmp_path / "mine.txt").rename(tmp_path / "current")
    with pytest.raises(StoreError, match="this version"):
        lcgraph.Graph(tmp_path)


def test_a_backup_is_a_store_of_its_own(tmp_path: Path) -> None:
    with lcgraph.Graph(tmp_path / "store") as graph:
        graph.load(A, format="turtle").backup(tmp_path / "copy")
        digest = graph.digest()
        graph.add([number(7)])
        with pytest.raises(StoreError, match="there already"):
            graph.backup(tmp_path / "copy")
    with lcgraph.Graph(tmp_path / "copy") as copy:
        assert copy.digest() == digest
        copy.add([number(8)])
        assert len(copy) == 6
    with pytest.raises(StoreError, match="in memory"):
        lcgraph.Graph().backup(tmp_path / "other")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder with room for some megabytes."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=24m", "lcgraph-test", str(disk)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("no small disk can be mounted here: that takes the rights of root")
    try:
        yield disk
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)


@pytest.mark.parametrize("lines", [10_000, 200_000])
def test_a_full_disk_leaves_the_old_state(small_disk: Path, lines: int) -> None:
    with lcgraph.Graph(small_disk / "store") as graph:
        graph.add(number(i) for i in range(100))
        before = graph.digest()
        many = "".join(f'<http://e/{i}> <http://e/p> "{i * 7919} {i}" .\n' for i in range(lines))
        (small_disk / "filler").write_bytes(b"x" * (15 << 20 if lines < 100_000 else 1))

        def fill() -> None:
            for number in range(1000):
                graph.load(many.replace("http://e/", f"http://e/{number}/").encode(), format="nt")

        with pytest.raises(StoreError, match="disk is full"):
            fill()
        left = lcgraph.Graph(small_disk / "store", read_only=True)
        (small_disk / "filler").unlink()
        digest = left.digest()
        left.close()
        assert digest == graph.digest()
        assert digest == before or lines < 100_000
        graph.add([number(-1)])
    with lcgraph.Graph(small_disk / "store") as graph:
        assert number(-1) in set(graph)


def step(graph: lcgraph.Graph, number: int, file: Path) -> None:
    """The change of a graph that has this number: a load that replaces one before it, an update,
    some quads more, a transaction."""
    if number % 4 == 0:
        lines = (f"<http://e/{i}> <http://e/p> '0{number}'^^<{XSD}integer> ." for i in range(40))
        file.write_text("\n".join(lines))
        graph.load(file)
    elif number % 4 == 1:
        with graph.transaction(shapes=SHAPES):
            graph.update("DELETE WHERE { ?s <http://e/n> ?o }")
            graph.add(number_of(i, number) for i in range(9))
    elif number % 4 == 2:
        graph.update(f"DELETE {{ ?s ?p ?o }} INSERT {{ ?s ?p {number} }} WHERE {{ ?s ?p ?o }}")
    else:
        graph.add(number_of(i, number) for i in range(30, 90))


def number_of(subject: int, value: int) -> ox.Quad:
    literal = ox.Literal(str(value), datatype=ox.NamedNode(XSD + "integer"))
    return ox.Quad(ox.NamedNode(f"http://e/{subject}"), ox.NamedNode("http://e/n"), literal)


# A writer that waits, with all that it needs imported and tried, for the number of the step before
# its first.
_WRITER = """
import os, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import lcgraph, lcgraph.store.durable, test_store
folder, other = Path(sys.argv[2]), lcgraph.Graph()
for number in range(1, 5):
    test_store.step(other, number, folder.with_name(f"{os.getpid()}.ttl"))
number = int(sys.stdin.readline())
graph = lcgraph.Graph(folder)
print("ready", flush=True)
while True:
    number += 1
    test_store.step(graph, number, folder.with_suffix(".ttl"))
    print(number, flush=True)
"""


def writer(folder: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", _WRITER, str(Path(__file__).parent), str(folder)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_a_writer_that_is_killed_leaves_the_old_state_or_the_new(tmp_path: Path) -> None:
    folder, file = tmp_path / "store", tmp_path / "model.ttl"
    lcgraph.Graph(folder).close()
    chance = random.Random(os.environ.get("LCGRAPH_SEED", "7"))  # noqa: S311 (moments, no secrets)
    model, number, reach = lcgraph.Graph(), 0, 0.0
    following = writer(folder)
    for turn in range(KILLS + 1):
        current, following = following, writer(folder)
        assert current.stdin
        assert current.stdout
        with current:
            current.stdin.write(f"{number}\n")
            current.stdin.flush()
            assert current.stdout.readline() == "ready\n"
            told = []
            if turn:
                time.sleep(chance.random() * reach)
            else:  # the first writer shows how long some steps take here and now
                began = time.monotonic()
                told = [current.stdout.readline() for _ in range(4)]
                reach = time.monotonic() - began
            current.kill()
            told += current.stdout
        if not told:  # the moments are to lie within steps, and not all within the first
            reach *= 1.1
        for done in map(int, told):
            assert done == number + 1
            step(model, done, file)
            number = done
        with lcgraph.Graph(folder, read_only=True) as graph:
            count, digest = len(graph), graph.digest()
        if (count, digest) != (len(model), model.digest()):
            number += 1
            step(model, number, file)
            assert (count, digest) == (len(model), model.digest())
    with following:
        following.kill()
    assert number > KILLS // 2  # or the writers were killed before they did anything
