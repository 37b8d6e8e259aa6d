"""``python -m lcgraph.build``: the tables and the article become `data/learning-cities.ttl`.

A maintainer's command. The file is canonical: the same tables give the same bytes, and a changed
row changes only the lines of its record and of what is derived from it.
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from lcgraph import resources, writing
from lcgraph.errors import LcgraphError
from lcgraph.files import write_whole
from lcgraph.reading import read, read_lines
from lcgraph.shacl.validate import validate_lines
from lcgraph.syntaxes import TURTLE
from lcgraph.tables import TableError, load_maps, read_tables
from lcgraph.terms import DCTERMS, ID, PREFIXES, RDF, XSD, named_node

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from lcgraph.reading import Document
    from lcgraph.shacl.outcome import Result

REGISTER = "register.txt"


def build(tables: Path, article: Path, rules: Path) -> list[ox.Quad]:
    """The quads of the dataset: the article's, the tables', its own description, and what the
    rules derive from all of them.

    Raises:
        TableError: rows are wrong, or what they say violates the shapes of the dataset.
        ReadError: a file cannot be read.
        LcgraphError: a registered identifier has vanished.
    """
    settings, maps = load_maps(tables)
    document = read(article)
    quads = dict.fromkeys(document.quads)
    known = {q.subject.value for q in quads if isinstance(q.subject, ox.NamedNode)}
    records = read_tables(maps, known)
    quads |= dict.fromkeys(records.quads)
    quads |= dict.fromkeys(_description(settings["dataset"]))
    store = ox.Store()
    store.extend(quads)
    for rule in sorted(rules.glob("*.rq")):
        made = store.query(rule.read_text(encoding="utf-8"))
        quads |= dict.fromkeys(ox.Quad(*triple) for triple in made)  # type: ignore[union-attr]
    if findings := records.placed(_violations(quads, document)):
        raise TableError(findings)
    return list(quads)


def _violations(quads: Iterable[ox.Quad], article: Document) -> list[Result]:
    """What the shapes of the dataset find wrong with it, beside the concepts that it uses."""
    concepts = sorted((resources.ontology_dir() / "schemes").glob("*.ttl"))
    texts = ["".join(f"{quad} .\n" for quad in quads).encode()]
    texts += [lines.ntriples for lines in read_lines(concepts)]
    report = validate_lines(texts, shapes=["core", "dataset"], sources=[article])
    return [result for result in report if result.severity == "violation"]


def _description(facts: dict[str, Any]) -> Iterable[ox.Quad]:
    """The record of the dataset itself (DCAT 3), from the settings."""
    subject = named_node(ID + facts["id"])
    yield ox.Quad(subject, named_node(RDF + "type"), named_node(PREFIXES["dcat"] + "Dataset"))
    for name in ("title", "description", "rights"):
        text = ox.Literal(" ".join(facts[name].split()), language="en")
        yield ox.Quad(subject, named_node(DCTERMS + name), text)
    for name in ("creator", "license"):
        yield ox.Quad(subject, named_node(DCTERMS + name), named_node(facts[name]))
    version = ox.Literal(facts["version"])
    yield ox.Quad(subject, named_node(PREFIXES["dcat"] + "version"), version)
    issued = ox.Literal(facts["issued"], datatype=named_node(XSD + "date"))
    yield ox.Quad(subject, named_node(DCTERMS + "issued"), issued)


def registered(quads: Iterable[ox.Quad], register: Path) -> str:
    """The register of identifiers with the new ones added.

    Raises:
        LcgraphError: an identifier that was registered is gone.
    """
    before = register.read_text(encoding="utf-8").split() if register.exists() else []
    now = {
        quad.subject.value.removeprefix(ID)
        for quad in quads
        if isinstance(quad.subject, ox.NamedNode) and quad.subject.value.startswith(ID)
    }
    gone = sorted(name for name in before if name not in now and not name.startswith("-"))
    retired = {name.removeprefix("-") for name in before if name.startswith("-")}
    if gone:
        raise LcgraphError(
            f"the identifier {gone[0]} is registered and gone ({len(gone)} in all)",
            file=str(register),
            hint="Identifiers are kept when names change. Put it back; or, where the record really "
            "goes, write a '-' before it in the register.",
        )
    if back := sorted(retired & now):
        raise LcgraphError(f"the identifier {back[0]} is retired and cannot be used again")
    return "\n".join([*sorted(now), *sorted(f"-{name}" for name in retired)]) + "\n"


def main(argv: Sequence[str] | None = None) -> int:
    """Builds the file, or with --check tells whether the committed one is what would be built.

    Returns:
        0 where it was built or is up to date, 1 where it is not or rows are wrong, 2 for the rest.
    """
    parser = argparse.ArgumentParser(prog="python -m lcgraph.build", description=main.__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if it differs")
    options = parser.parse_args(argv)
    data = resources.data_dir()
    target, register = data / "learning-cities.ttl", data / "tables" / REGISTER
    try:
        rules = resources.shapes_dir() / "rules"
        quads = build(data / "tables", data / "espoo-2015.ttl", rules)
        names = registered(quads, register)
        text = writing.serialize(quads, TURTLE, PREFIXES)
        if options.check:
            same = target.exists() and target.read_bytes() == text
            same = same and register.exists() and register.read_text(encoding="utf-8") == names
            print("up to date" if same else "not what `make data` makes", file=sys.stderr)
            return 0 if same else 1
        write_whole(register, names.encode(), force=True)
        write_whole(target, text, force=True)
    except LcgraphError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    print(f"{len(quads)} triples, {len(names.split())} identifiers: {target}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
