"""Citations of answers: which data, which question, which day."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

#: Who is cited for the shipped data.
CREATOR = "the lcgraph contributors"


@dataclass(frozen=True)
class Origin:
    """What an answer came from.

    Attributes:
        title: the title of the data, or the names of the files.
        creator: who made the data; empty where that is not known.
        version: the version of the data; empty where it has none.
        address: the IRI of the dataset; empty where it has none.
        digest: the SHA-256 of the graph's canonical N-Quads (RDFC-1.0).
        triples: how many triples the graph has.
        question: the name of the question, or its SPARQL text on one line, with its parameters.
        asked: the day on which it was asked.
    """

    title: str
    creator: str
    version: str
    address: str
    digest: str
    triples: int
    question: str
    asked: date


def sentence(origin: Origin) -> str:
    """The citation as a sentence."""
    who = f"{origin.creator}: " if origin.creator else ""
    version = f", version {origin.version}" if origin.version else ""
    where = f" {origin.address}." if origin.address else ""
    return (
        f"{who}{origin.title}{version} ({origin.triples} triples, SHA-256 of the canonical N-Quads "
        f"{origin.digest}). Answer to the question {origin.question}, asked on "
        f"{origin.asked.isoformat()}.{where}"
    )


def bibtex(origin: Origin) -> str:
    """The citation as a BibTeX entry."""
    key = re.sub(r"[^a-z0-9]+", "-", f"lcgraph {origin.title} {origin.version}".lower()).strip("-")
    note = (
        f"Answer to the question {origin.question}; {origin.triples} triples; "
        f"SHA-256 of the canonical N-Quads {origin.digest}"
    )
    fields = {
        "author": f"{{{origin.creator}}}" if origin.creator else "",
        "title": origin.title,
        "version": origin.version,
        "year": (origin.version or origin.asked.isoformat())[:4],
        "url": origin.address,
        "urldate": origin.asked.isoformat(),
        "note": note,
    }
    lines = [f"  {name} = {{{_escaped(text)}}}," for name, text in fields.items() if text]
    return "\n".join([f"@misc{{{key},", *lines, "}"]) + "\n"


def _escaped(text: str) -> str:
    return re.sub(r"([%#&$_])", r"\\\1", text)
