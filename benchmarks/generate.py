"""Data shaped like the shipped dataset, of any size and with faults: the same for the same arguments.

The shipped records are written again and again under other names, so that every record, link and
length is one that the real data have. A share of the records gets one fault each: a statement left
out, a literal that is none of its datatype, a literal where a record is named, a second value of
the same kind, or text without a language.

    python benchmarks/generate.py TRIPLES FILE [--faults SHARE] [--seed NUMBER]
"""

from __future__ import annotations

import argparse
import random
import re
from pathlib import Path

import pyoxigraph as ox

from lcgraph import resources

_RECORD = "https://w3id.org/lcgraph/id/"
_PREFIX = re.compile(r"(?m)^@prefix (\S*:) <([^>]*)> \.$")
_YEAR = re.compile(r'"(\d{4})"\^\^xsd:gYear')
_DATE = re.compile(r'"(\d{4})-\d\d-(\d\d)"\^\^xsd:date')
_LINK = re.compile(r"^(    \S+ )([a-z]+:[\w.-]+)( [;.])$")
_TEXT = re.compile(r'^(    \S+ "(?:[^"\\]|\\.)*")@[a-z-]+( [;.])$')


def generate(triples: int, faults: float = 0.01, seed: int = 1) -> str:
    """Turtle of about as many triples, of which a record in 1/`faults` has a fault.

    Args:
        triples: how many triples; the last record is not cut short, so there may be some more.
        faults: the share of records with one fault each, from 0 to 1.
        seed: what the choice of the faults starts from.
    """
    head, records = _shipped()
    chance = random.Random(seed)  # noqa: S311 (chance that can be had again is what is wanted)
    made: list[str] = []
    count = round_number = 0
    while count < triples:
        for record, size in records:
            text = record.replace("\0", f"-k{round_number}" if round_number else "")
            made.append(_faulty(text, chance) if chance.random() < faults else text)
            count += size
            if count >= triples:
                break
        round_number += 1
    return "\n\n".join([head, *made]) + "\n"


def _shipped() -> tuple[str, list[tuple[str, int]]]:
    """The prefixes of the shipped dataset, and its records with how many triples each has; a NUL
    stands where a name of a record ends."""
    text = (resources.data_dir() / "learning-cities.ttl").read_text(encoding="utf-8")
    head, *records = text.strip().split("\n\n")
    prefixes = {name: iri for name, iri in _PREFIX.findall(head) if iri.startswith(_RECORD)}
    names = "|".join(map(re.escape, prefixes))
    name = re.compile(rf'(?<![\w<"#/])((?:{names})[\w.-]*[\w-])')
    return head, [
        (
            name.sub("\\1\0", record),
            len(list(ox.parse(f"{head}\n{record}".encode(), ox.RdfFormat.TURTLE))),
        )
        for record in records
    ]


def _faulty(record: str, chance: random.Random) -> str:
    """The record with one fault, of a kind that its lines allow."""
    lines = record.split("\n")
    inner = range(1, len(lines) - 1)
    ways = [
        *((at, None) for at in inner if lines[at].endswith(" ;") and lines[at - 1].endswith(" ;")),
        *(
            (at, _YEAR.sub(r'"\1-13"^^xsd:gYear', lines[at]))
            for at in inner
            if _YEAR.search(lines[at])
        ),
        *(
            (at, _DATE.sub(r'"\1-13-\2"^^xsd:date', lines[at]))
            for at in inner
            if _DATE.search(lines[at])
        ),
        *((at, _LINK.sub(r'\1"\2"\3', lines[at])) for at in inner if _LINK.match(lines[at])),
        *(
            (at, _LINK.sub(r'\1\2, "another"\3', lines[at]))
            for at in inner
            if _LINK.match(lines[at])
        ),
        *((at, _TEXT.sub(r"\1\2", lines[at])) for at in inner if _TEXT.match(lines[at])),
    ]
    if not ways:
        return record
    at, line = chance.choice(ways)
    lines[at : at + 1] = [] if line is None else [line]
    return "\n".join(lines)


def main() -> None:
    """Writes a file."""
    parser = argparse.ArgumentParser(description="Data shaped like the shipped dataset.")
    parser.add_argument("triples", type=int, help="how many triples, about")
    parser.add_argument("file", type=Path, help="the file to write, .ttl or .nt")
    parser.add_argument("--faults", type=float, default=0.01, help="share of records with a fault")
    parser.add_argument("--seed", type=int, default=1, help="what chance starts from")
    given = parser.parse_args()
    text = generate(given.triples, given.faults, given.seed).encode()
    if given.file.suffix == ".nt":
        quads = ox.parse(text, ox.RdfFormat.TURTLE)
        text = ox.serialize(quads, format=ox.RdfFormat.N_TRIPLES) or b""
    given.file.write_bytes(text)


if __name__ == "__main__":
    main()
