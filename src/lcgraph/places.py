"""Places: line and column at which a triple, or one of its terms, stands in the text it was read from.

A text is read again only when there is something to find, and only the statements around it are
looked at token by token.
"""

from __future__ import annotations

import html
import json
import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import pyoxigraph as ox

from lcgraph import tokens
from lcgraph.reading import Document
from lcgraph.syntaxes import JSONLD, RDFXML
from lcgraph.terms import RDF

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import Literal

    from lcgraph.lines import Text
    from lcgraph.reading import Lines
    from lcgraph.tokens import Node

    Part = Literal["subject", "predicate", "object"]
    Triple = ox.Quad | ox.Triple


_FIRST = RDF + "first"
# How many lines around a triple are looked at before more are.
_REACH = 3
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


@dataclass(frozen=True)
class Place:
    """Where something stands: line and column in characters, both counted from 1; the column is
    None where only the line could be told."""

    line: int
    column: int | None = None


def locate(
    source: Document | Lines,
    wanted: Iterable[tuple[int, Part]],
    known: tuple[Mapping[int, str], int] | None = None,
) -> dict[tuple[int, Part], Place]:
    """The places of terms in a text.

    Args:
        source: what was read.
        wanted: which terms: the index of a triple among those of the source, in the order of the
            text, and which part of it. The subject of a triple is the one that its statement names.
        known: each of these triples as an N-Quads statement, by its index, and how many triples the
            source has, for a caller who knows them.

    Returns:
        A place for each that can be found. For JSON-LD it is a good guess: the first text like it
        after its subject's id.
    """
    asked = sorted(set(wanted))
    if not asked:
        return {}
    if known is None:
        triples, total = _triples(source, {row for row, _ in asked})
    else:
        triples, total = _parsed(known[0]), known[1]
    if source.syntax is JSONLD:
        guesses = ((key, _in_json(source, triples[key[0]], key[1])) for key in asked)
        return {key: place for key, place in guesses if place is not None}
    texts = {row: (str(t.subject), str(t.predicate), str(t.object)) for row, t in triples.items()}
    try:
        lines = source.lines_of(texts, total)
    except SyntaxError:
        lines = _lines_of_what_can_be_read(source, triples)
    text = _XMLText(source) if source.syntax is RDFXML else _TurtleText(source)
    return {
        (row, part): text.place(triples[row], lines[row], part)
        for row, part in asked
        if row in lines
    }


def _triples(source: Document | Lines, rows: set[int]) -> tuple[dict[int, Triple], int]:
    """The triples at some positions, and how many there are in all."""
    if isinstance(source, Document):
        return {row: source.quads[row] for row in rows}, len(source.quads)
    lines = source.ntriples.splitlines()
    return _parsed({row: lines[row].decode() for row in rows}), len(lines)


def _parsed(statements: Mapping[int, str]) -> dict[int, Triple]:
    """The triples that N-Quads statements say."""
    text = "\n".join(statements.values())
    parsed = ox.parse(text, format=ox.RdfFormat.N_QUADS, lenient=True)
    return dict(zip(statements, parsed, strict=True))


def _lines_of_what_can_be_read(source: Text, rows: Iterable[int]) -> dict[int, int]:
    """The lines of triples of a text that has errors of syntax, which are skipped."""
    wanted = set(rows)
    stream, parser = source.parse_again()
    return {row: stream.line for row, _ in enumerate(readable(parser)) if row in wanted}


def readable(
    parser: ox.QuadParser, fail: Callable[[SyntaxError], object] | None = None
) -> Iterator[Triple]:
    """The triples that a parser can read; `fail` is told of the errors between them."""
    while True:
        try:
            yield next(parser)
        except StopIteration:
            return
        except SyntaxError as error:
            if fail is not None:
                fail(error)


def _key(term: object) -> str | None:
    if isinstance(term, ox.Literal):
        return tokens.key_of_literal(term.value, term.datatype.value, term.language)
    if isinstance(term, ox.NamedNode):
        return tokens.key_of_iri(term.value)
    if isinstance(term, ox.BlankNode):
        return f"_:{term.value}"
    return None


@dataclass
class _Chunk:
    """Some lines of a text, beginning and ending outside of strings.

    Attributes:
        last: its last line.
        known: the offset from which on the roles of nodes are known.
        objects: the nodes in the place of an object by their keys, in the order of the text.
    """

    last: int
    known: int | None
    objects: dict[str | None, list[Node]]


class _TurtleText:
    """A text in Turtle, TriG, N-Triples or N-Quads."""

    def __init__(self, source: Text) -> None:
        self._source = source
        self._resolved: dict[str, str | None] = {}
        self._chunk: _Chunk | None = None

    def place(self, triple: Triple, line: int, part: Part) -> Place:
        """The place of a part of a triple that the parser knew at a line; the line alone where the
        token is not found."""
        for node in self._known_at(line, triple.object):
            if _is(node.subject, triple.subject) and _predicates(node, triple.predicate):
                parts = {"subject": node.subject, "predicate": node.predicate, "object": node}
                found = parts[part]
                return Place(line) if found is None else _place(self._source, found.start)
        return Place(line)

    def _known_at(self, line: int, term: object) -> Iterator[Node]:
        """The nodes in the place of an object that can be a term and that make it known at a line."""
        objects = self._around(line).objects
        start, end = self._start(line), self._start(line + 1)
        for key in dict.fromkeys((_key(term), tokens.ANONYMOUS)):
            if key != tokens.ANONYMOUS or isinstance(term, ox.BlankNode):
                nodes = objects.get(key, [])
                first = bisect_right(nodes, start, key=_event)
                yield from nodes[first : bisect_right(nodes, end, key=_event)]

    @cached_property
    def _long(self) -> tuple[list[int], list[int]]:
        """Where long strings begin, and where they end."""
        spans = tokens.long_strings(self._source.data)
        return [start for start, _ in spans], [end for _, end in spans]

    def _outside(self, offset: int) -> int:
        """The offset, or where the long string begins that it lies in."""
        starts, ends = self._long
        index = bisect_left(starts, offset) - 1
        return starts[index] if index >= 0 and offset < ends[index] else offset

    def _around(self, line: int) -> _Chunk:
        """A chunk with a line and the beginning of the statement that its first token stands in."""
        held = self._chunk
        if held is not None and line <= held.last and self._knows(held, line):
            return held
        reach = _REACH
        while True:
            chunk = self._read(max(1, line - reach), line + reach)
            if self._knows(chunk, line):
                self._chunk = chunk
                return chunk
            reach *= 4

    def _knows(self, chunk: _Chunk, line: int) -> bool:
        return chunk.known is not None and chunk.known <= self._start(line)

    def _start(self, line: int) -> int:
        return self._source.lines_map.start(line)

    def _read(self, first: int, last: int) -> _Chunk:
        start, end = self._outside(self._start(first)), self._outside(self._start(last + 1))
        found, known = tokens.nodes(self._source.data, start, end, self._resolve, whole=start == 0)
        objects: dict[str | None, list[Node]] = defaultdict(list)
        for node in found:
            if node.role == "object":
                objects[node.key].append(node)
        for same in objects.values():
            same.sort(key=_event)
        return _Chunk(last, known, objects)

    def _resolve(self, word: str) -> str | None:
        if word not in self._resolved:
            self._resolved[word] = self._iri(word)
        return self._resolved[word]

    def _iri(self, word: str) -> str | None:
        if word.startswith("<"):
            iri = tokens.unescape(word[1:-1])
            return iri if _ABSOLUTE.match(iri) else self._absolute(iri)
        prefix, _, local = word.partition(":")
        namespace = self._prefixes.get(prefix) or self._all_prefixes.get(prefix)
        return None if namespace is None else namespace + tokens.unescape(local)

    @cached_property
    def _prefixes(self) -> dict[str, str]:
        """The prefixes that hold at the first triple."""
        next(readable(self._parser), None)
        return dict(self._parser.prefixes)

    @cached_property
    def _all_prefixes(self) -> dict[str, str]:
        """The prefixes that hold at the end, for those that are declared late."""
        for _ in readable(self._parser):
            pass
        return dict(self._parser.prefixes)

    @cached_property
    def _parser(self) -> ox.QuadParser:
        return ox.parse(
            self._source.data, format=self._source.syntax.engine, base_iri=self._source.base
        )

    def _absolute(self, iri: str) -> str | None:
        """An IRI resolved against the base that holds at the first triple."""
        _ = self._prefixes  # the first triple has been read
        base = self._parser.base_iri
        if base is None:
            return iri
        text = f"<{iri}> <x:p> <x:o> .".encode()
        for triple in readable(ox.parse(text, format=ox.RdfFormat.TURTLE, base_iri=base)):
            return triple.subject.value if isinstance(triple.subject, ox.NamedNode) else None
        return None


def _is(node: Node | None, term: object) -> bool:
    """Whether a node can be a term: it is, or it cannot be told what it is."""
    if node is None or node.key is None:
        return True
    if isinstance(term, ox.BlankNode):  # it may have been given another label
        return node.key.startswith("_:")
    return node.key == _key(term)


def _predicates(node: Node, predicate: ox.NamedNode) -> bool:
    """Whether a node can be the object of a predicate; the text of a list does not say rdf:first."""
    return predicate.value == _FIRST if node.predicate is None else _is(node.predicate, predicate)


def _event(node: Node) -> int:
    return node.event


class _XMLText:
    """A text in RDF/XML, of which the parser tells only the line."""

    def __init__(self, source: Text) -> None:
        self._source = source

    def place(self, triple: Triple, line: int, part: Part) -> Place:
        """The line at which the parser knew the triple; the place of the text of a literal."""
        term = triple.object
        if part != "object" or not isinstance(term, ox.Literal) or not term.value:
            return Place(line)
        starts = self._source.lines_map.start
        low = starts(line - len(term.value.splitlines()))
        lines = self._source.data[low : starts(line + 1)]
        text = html.escape(term.value, quote=False)
        content = re.escape(text.encode())
        attribute = re.escape(text.replace('"', "&quot;").replace("'", "&apos;").encode())
        found = list(
            re.finditer(rb"(?<=>)%b(?=<)|(?<=[\"'])%b(?=[\"'])" % (content, attribute), lines)
        )
        return _place(self._source, low + found[-1].start()) if found else Place(line)


def _in_json(source: Text, triple: Triple, part: Part) -> Place | None:
    """The place of a term of a JSON-LD text, as well as can be: after its subject's id."""
    subject, term = triple.subject, triple.object
    line = source.line_of_subject(subject.value) if isinstance(subject, ox.NamedNode) else None
    if part == "object" and isinstance(term, ox.Literal):
        forms = {json.dumps(term.value, ensure_ascii=False), json.dumps(term.value)}
        bare = rf"(?<![\w.+\"-]){re.escape(term.value)}(?![\w.+\"-])"
        value = re.compile("|".join([*map(re.escape, forms), bare]).encode())
        start = 0 if line is None else source.lines_map.start(line)
        match = value.search(source.data, start) or value.search(source.data)
        if match is not None:
            return _place(source, match.start())
    return None if line is None else Place(line)


def _place(source: Text, offset: int) -> Place:
    line = source.lines_map.line(offset)
    start = source.lines_map.start(line)
    return Place(line, len(source.data[start:offset].decode("utf-8", "replace")) + 1)
