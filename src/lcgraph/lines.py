"""The lines of a source: on which of them each of its triples stands.

A triple has no place of its own once it is read. So the text is read again, and only by those who
want to show a place.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING, TypeAlias

import pyoxigraph as ox

from lcgraph.syntaxes import JSONLD, NQUADS, NTRIPLES, TURTLE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from lcgraph.syntaxes import Syntax

    #: Subject, predicate and object as N-Triples text.
    Triple: TypeAlias = tuple[str, str, str]

_LINE_END = re.compile(rb"\r\n?|\n")
_JSON_ID = re.compile(rb'"@?id"\s*:\s*("(?:[^"\\]|\\.)*")')
_LINE_WITH_TRIPLE = re.compile(rb"(?m)^[ \t]*[^\s#]")
# A subject that begins a line of Turtle; and what may stand there in its place.
_SUBJECT = re.compile(rb"\n(<[^>\s]*>|[^\s<>\"'()\[\]{}#@;,.|%\\][^\s<>\"'()\[\]{}#;,|]*)")
_PREFIX = re.compile(rb"(?i)[ \t]*@?prefix\s+([^\s:]*:)\s*<([^>\s]*)>")
_BASE = re.compile(rb"(?i)[ \t]*@?base\s")
_MARK = b"<urn:lcgraph:mark> <urn:lcgraph:mark> <urn:lcgraph:mark> .\n"
# How many bytes of a text have their lines counted together.
_PIECE = 1 << 12
#: Below this many bytes reading all of a text again costs nothing that anyone feels.
LARGE = 1 << 20


@dataclass
class Text:
    """One source as it was read, which knows its lines.

    Attributes:
        name: the source as the user named it, for messages.
        syntax: the syntax it was read in.
        data: its bytes, to find lines again.
        base: the base IRI it was read with.
        lenient: whether it was read with IRIs and language tags unchecked.
    """

    name: str
    syntax: Syntax
    data: bytes = field(repr=False)
    base: str | None
    lenient: bool = field(default=False, kw_only=True)

    def lines(self) -> list[int | None]:
        """The line of each triple in the order of the text, counted from 1; empty where the syntax
        hides it."""
        if self.syntax is JSONLD:
            return []
        stream, parser = self.parse_again()
        return [stream.line for _ in parser]

    def parse_again(self) -> tuple[LineByLine, ox.QuadParser]:
        """A parser of the text that hands over one triple at a time, and the stream that knows the
        line of the last one; for every syntax but JSON-LD."""
        stream = LineByLine(self.data)
        return stream, self._parse(stream)

    @cached_property
    def lines_map(self) -> LineMap:
        """Which line begins where."""
        return LineMap(self.data)

    def lines_of(self, triples: Mapping[int, Triple], total: int) -> dict[int, int]:
        """The lines of some triples, counted from 1; without those that the syntax hides.

        Args:
            triples: the triples by their positions in the order of the text, from 0.
            total: how many triples the text has.
        """
        found: dict[int, int] = {}
        if len(self.data) >= LARGE:
            if self.syntax in (NTRIPLES, NQUADS):
                found = self._lines_of_rows(triples, total)
            elif self.syntax is TURTLE:
                found = self._lines_in_statements(triples)
        if len(found) < len(triples):
            lines = self.lines()
            found |= {at: line for at in triples if at < len(lines) and (line := lines[at])}
        return found

    def _lines_of_rows(self, triples: Iterable[int], total: int) -> dict[int, int]:
        """The lines of triples in a text with one triple a line, blank lines and comments apart."""
        if b"\r" in self.data:
            return {}
        if self.data.count(b"\n") == total and self.data.endswith(b"\n"):
            return {at: at + 1 for at in triples}
        starts = [match.start() for match in _LINE_WITH_TRIPLE.finditer(self.data)]
        if len(starts) != total:
            return {}
        line, offset = 1, 0
        found = {}
        for at in sorted(triples):
            line += self.data.count(b"\n", offset, starts[at])
            offset = starts[at]
            found[at] = line
        return found

    def _lines_in_statements(self, triples: Mapping[int, Triple]) -> dict[int, int]:
        """The lines of triples of a Turtle text in which subjects begin lines: only the statements
        of their subjects are read again. Where the text is laid out in another way, none.

        What follows a line's end outside of long strings is never the middle of a token, and no
        part of a statement but its beginning reads as subject, predicate and object: so what is
        found this way stands where it is found. A statement that was cut short runs into a mark.
        """
        prefixes = _prefixes(self.data)
        if prefixes is None or any(mark in self.data for mark in (b'"""', b"'''", b"\r")):
            return {}
        wanted = set(_tokens({triple[0] for triple in triples.values()}, prefixes))
        pieces = [b"@prefix %b <%b> .\n" % declared for declared in prefixes.items()]
        lines = [0] * len(pieces)
        for line, piece in self._statements(wanted):
            pieces += [piece, _MARK]
            lines += [*range(line, line + piece.count(b"\n")), 0]
        places: dict[Triple, int] = {}
        asked = set(triples.values())
        stream = LineByLine(b"".join(pieces))
        try:
            for quad in self._parse(stream):
                triple = (str(quad.subject), str(quad.predicate), str(quad.object))
                if triple in asked:
                    places.setdefault(triple, lines[stream.line - 1])
        except SyntaxError:
            pass  # what was found before it still holds
        return {at: places[triple] for at, triple in triples.items() if triple in places}

    def _statements(self, subjects: set[bytes]) -> Iterator[tuple[int, bytes]]:
        """The statements of some subjects, whole lines, each with the number of its first line."""
        # What stands before the first subject, then each subject and what follows it, without the
        # end of line before each subject; the first of these is not in the data.
        parts = _SUBJECT.split(b"\n%b\n" % self.data)
        sizes = list(accumulate(map(len, parts)))
        line, offset = 1, 0
        for index in range(1, len(parts), 2):
            if parts[index] in subjects:
                begin = sizes[index - 1] + index // 2
                line += self.data.count(b"\n", offset, begin)
                offset = begin
                yield line, b"%b%b\n" % (parts[index], parts[index + 1])

    def _parse(self, stream: LineByLine) -> ox.QuadParser:
        engine, lenient = self.syntax.engine, self.lenient
        return ox.parse(stream, format=engine, base_iri=self.base, lenient=lenient)  # type: ignore[arg-type]

    def line_of_subject(self, iri: str) -> int | None:
        """The line that has `iri` as its id, else the first one that names it; in full, or by its
        last part; for JSON-LD."""
        names = (iri, iri.rpartition("/id/")[2], _last_part(iri))
        for name in names:
            if name in self._lines_of_ids:
                return self._lines_of_ids[name]
        for name in names:
            at = self.data.find(json.dumps(name, ensure_ascii=False).encode()) if name else -1
            if at >= 0:
                return self.lines_map.line(at)
        return None

    @cached_property
    def _lines_of_ids(self) -> dict[str, int]:
        """The first line of each id of a JSON-LD text, by the whole id and by its last part."""
        found: dict[str, int] = {}
        short: dict[str, int] = {}
        line, at = 1, 0
        for match in _JSON_ID.finditer(self.data):
            line += len(_LINE_END.findall(self.data, at, match.start(1)))
            at = match.start(1)
            try:
                name = str(json.loads(match[1]))
            except ValueError:
                continue
            found.setdefault(name, line)
            short.setdefault(_last_part(name), line)
        return short | found


def _last_part(iri: str) -> str:
    return re.split(r"[/#:]", iri)[-1]


def _tokens(subjects: Iterable[str], prefixes: Mapping[bytes, bytes]) -> Iterator[bytes]:
    """The ways in which Turtle with these prefixes writes subjects."""
    for subject in subjects:
        text = subject.encode()
        yield text
        for name, namespace in prefixes.items():
            if text.startswith(namespace, 1):
                yield name + text[1 + len(namespace) : -1]


def _prefixes(data: bytes) -> dict[bytes, bytes] | None:
    """The prefixes that a Turtle text declares at the beginning of lines; None where it declares
    one twice, or a base, so that a part of it could mean something else than it does in its place.
    """
    lower = data.lower()
    found: dict[bytes, bytes] = {}
    for word, directive in ((b"prefix", _PREFIX), (b"base", _BASE)):
        at = lower.find(word)
        while at >= 0:
            match = directive.match(data, data.rfind(b"\n", 0, at) + 1)
            if match and (word == b"base" or found.setdefault(match[1], match[2]) != match[2]):
                return None
            at = lower.find(word, at + 1)
    return found


class LineMap:
    """Which line of a text begins where; lines end in LF, CR LF or CR, as the parser counts, and are
    counted from 1. A large text is not cut up for it: its lines are counted piece by piece, and only
    where somebody asks are they found one by one."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._held: tuple[int, list[int]] = (-1, [])
        self._size = _PIECE
        if b"\r" in data:  # an end of two characters must not fall between pieces
            self._size = len(data) + 1
            counts = [len(self._starts(0))]
        else:
            counts = [data.count(b"\n", at, at + _PIECE) for at in range(0, len(data) + 1, _PIECE)]
        # How many lines have ended before each piece, and last how many end in all.
        self._before = list(accumulate(counts, initial=0))

    def start(self, line: int) -> int:
        """The offset at which a line begins; the length of the text for those behind the last."""
        if line <= 1:
            return 0
        if line - 1 > self._before[-1]:
            return len(self._data)
        piece = bisect_left(self._before, line - 1) - 1
        return self._starts(piece)[line - 2 - self._before[piece]]

    def line(self, offset: int) -> int:
        """The line that an offset is in."""
        piece = offset // self._size
        return self._before[piece] + bisect_right(self._starts(piece), offset) + 1

    def text(self, line: int) -> str:
        """The text of a line without its end; empty for those behind the last."""
        text = self._data[self.start(line) : self.start(line + 1)]
        return text.rstrip(b"\r\n").decode("utf-8", "replace")

    def _starts(self, piece: int) -> list[int]:
        """Where the lines begin whose predecessors end in a piece."""
        if self._held[0] != piece:
            at = piece * self._size
            lines = self._data[at : at + self._size].splitlines(keepends=True)
            if lines and not lines[-1].endswith((b"\n", b"\r")):
                lines.pop()
            self._held = (piece, list(accumulate(map(len, lines), initial=at))[1:])
        return self._held[1]


class LineByLine:
    """A stream that hands over at most one line at a time, so that the parser, which pulls only
    what it needs, cannot be ahead of the line that holds the quad it has just found."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0
        self.line = 0

    def read(self, size: int = -1) -> bytes:
        """The next line, or as much of it as is asked for."""
        match = _LINE_END.search(self._data, self._at)
        end = match.end() if match else len(self._data)
        if size >= 0:
            end = min(end, self._at + size)
        before = self._data[self._at - 1 : self._at]
        within = before == b"\r" and self._data[self._at : self._at + 1] == b"\n"
        if self._at == 0 or (before in (b"\n", b"\r") and not within):
            self.line += 1
        chunk = self._data[self._at : end]
        self._at = end
        return chunk
