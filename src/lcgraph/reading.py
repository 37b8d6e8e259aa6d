"""Reading: a file, bytes, a stream or standard input -> quads as written, all or nothing.

A document is read whole before anybody sees a quad of it; an error names file, line and column.
Nothing here touches the network: a source is a path or data, never an address.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import pyoxigraph as ox

from lcgraph.errors import LcgraphError, PolicyError, ReadError
from lcgraph.syntaxes import JSONLD, RDFXML, Syntax, guess_syntax, sniff_syntax, syntax
from lcgraph.terms import PREFIXES

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable
    from typing import BinaryIO

    #: A path, the data itself as bytes, or a binary stream; "-" is standard input.
    Source: TypeAlias = "str | os.PathLike[str] | bytes | BinaryIO"

# The engine's labels for anonymous blank nodes are random; ours are counted.
_RANDOM_LABEL = re.compile(r"[0-9a-f]{24,32}")
_ENTITY = re.compile(rb"<!ENTITY\s+(%\s+)?\S+\s+(SYSTEM|PUBLIC|\"[^\"]*\"|'[^']*')", re.IGNORECASE)
# A namespace IRI, which is all that RDF/XML needs an entity for, is shorter.
_LONGEST_ENTITY = 2000
_DOCTYPE = re.compile(rb"<!DOCTYPE\s+[^\[>]*", re.IGNORECASE)


@dataclass
class Document:
    """What was read from one source.

    Attributes:
        name: the source as the user named it, for messages.
        syntax: the syntax it was read in.
        quads: its quads in the order of the text, terms as written.
        prefixes: the prefixes that it declares.
        data: its bytes, to find lines again.
        base: the base IRI it was read with.
    """

    name: str
    syntax: Syntax
    quads: list[ox.Quad]
    prefixes: dict[str, str]
    data: bytes = field(repr=False)
    base: str | None = None

    def lines(self) -> list[int | None]:
        """The line of each quad of `quads`, counted from 1; None where the syntax hides it."""
        if self.syntax is JSONLD:
            return [None] * len(self.quads)
        stream = _LineByLine(self.data)
        parser = ox.parse(stream, format=self.syntax.engine, base_iri=self.base)  # type: ignore[arg-type]
        return [stream.line for _ in parser]

    def line_of_subject(self, iri: str) -> int | None:
        """The first line whose text names `iri` in full or by its last part; for JSON-LD."""
        for name in (iri, iri.rpartition("/id/")[2], re.split(r"[/#]", iri)[-1]):
            token = b'"' + name.encode() + b'"'
            for number, line in enumerate(self.data.splitlines(), 1):
                if token in line:
                    return number
        return None

    def text_of_line(self, number: int) -> str:
        """The text of a line, counted from 1, for showing it."""
        lines = self.data.split(b"\n", number)
        return lines[number - 1].decode("utf-8", "replace") if len(lines) >= number else ""


class _LineByLine:
    """A stream that hands over at most one line at a time, so that the parser, which pulls only
    what it needs, cannot be ahead of the line that holds the quad it has just found."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0
        self.line = 0

    def read(self, size: int = -1) -> bytes:
        end = self._data.find(b"\n", self._at) + 1 or len(self._data)
        if size >= 0:
            end = min(end, self._at + size)
        if self._at == 0 or self._data[self._at - 1 : self._at] == b"\n":
            self.line += 1
        chunk = self._data[self._at : end]
        self._at = end
        return chunk


def read(source: Source, *, format: str | None = None, base: str | None = None) -> Document:
    """Reads one source completely.

    Args:
        source: a path, ``"-"`` for standard input, bytes, or a binary stream.
        format: a syntax by name, media type or suffix; else the suffix decides, then the content.
        base: the IRI that relative IRIs are resolved against; without it they are errors.

    Raises:
        ReadError: it cannot be read, or is not in that syntax; with file, line and column.
        PolicyError: it is an address, or refers to something that it may not.
    """
    name, data = _fetch(source)
    kind = syntax(format) if format else guess_syntax(name) or sniff_syntax(data[:512])
    if kind is JSONLD:
        from lcgraph import jsonld

        quads, prefixes = jsonld.parse(data, name=name, base=base)
    else:
        if kind is RDFXML:
            _refuse_unsafe_xml(data, name)
        quads, prefixes = _parse(data, kind, name, base)
    return Document(name, kind, _count_blank_nodes(quads, name), prefixes, data, base)


def read_all(
    sources: Iterable[Source], *, format: str | None = None, base: str | None = None
) -> list[Document]:
    """Reads several sources; a blank node label that two of them use is renamed in the later."""
    documents = []
    used: set[str] = set()
    for source in sources:
        document = read(source, format=format, base=base)
        document.quads, labels = keep_apart(document.quads, used)
        used |= labels
        documents.append(document)
    return documents


def keep_apart(quads: list[ox.Quad], used: set[str]) -> tuple[list[ox.Quad], set[str]]:
    """The quads with no blank node label of `used` among them, and the labels they now have."""
    labels = {t.value: t for q in quads for t in _nodes(q) if isinstance(t, ox.BlankNode)}
    renamed: dict[str, ox.BlankNode] = {}
    for label in labels:
        number = 1
        fresh = label
        while fresh in used or (fresh != label and fresh in labels):
            number += 1
            fresh = f"{label}x{number}"
        if fresh != label:
            renamed[label] = ox.BlankNode(fresh)
    now = {renamed[label].value if label in renamed else label for label in labels}
    return (_rename(quads, renamed) if renamed else quads), now


def _nodes(quad: ox.Quad) -> tuple[object, object, object]:
    return quad.subject, quad.object, quad.graph_name


def _rename(quads: list[ox.Quad], names: dict[str, ox.BlankNode]) -> list[ox.Quad]:
    def new(term: object) -> object:
        return names.get(term.value, term) if isinstance(term, ox.BlankNode) else term

    return [
        ox.Quad(new(q.subject), q.predicate, new(q.object), new(q.graph_name))  # type: ignore[arg-type]
        for q in quads
    ]


def _count_blank_nodes(quads: list[ox.Quad], name: str) -> list[ox.Quad]:
    """Gives anonymous blank nodes counted labels, so that reading twice gives the same graph."""
    labels: dict[str, None] = {}
    for quad in quads:
        for term in _nodes(quad):
            if isinstance(term, ox.BlankNode):
                labels[term.value] = None
            elif isinstance(term, ox.Triple):
                raise ReadError(
                    "it holds an RDF 1.2 triple term, which RDF 1.1 data cannot have",
                    file=name,
                    hint="Make a record of its own for it, such as an lcg:Statement.",
                )
    names: dict[str, ox.BlankNode] = {}
    number = 0
    for label in labels:
        if _RANDOM_LABEL.fullmatch(label):
            while (fresh := f"b{number}") in labels:
                number += 1
            number += 1
            names[label] = ox.BlankNode(fresh)
    return _rename(quads, names) if names else quads


def _fetch(source: Source) -> tuple[str, bytes]:
    if isinstance(source, bytes):
        return "<bytes>", source
    if hasattr(source, "read"):
        data = source.read()
        name = str(getattr(source, "name", "<stream>"))
        return name, data.encode() if isinstance(data, str) else data
    if source == "-":
        return "<stdin>", sys.stdin.buffer.read()
    name = str(source)
    if re.match(r"(https?|ftp|file)://", name):
        raise PolicyError(
            "lcgraph reads files, not addresses", file=name, hint="Download it and name the file."
        )
    try:
        return name, Path(name).read_bytes()
    except FileNotFoundError:
        raise ReadError("there is no such file", file=name) from None
    except IsADirectoryError:
        raise ReadError("it is a folder, not a file", file=name) from None
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ReadError(f"it cannot be read: {reason}", file=name) from None


def _parse(
    data: bytes, kind: Syntax, name: str, base: str | None
) -> tuple[list[ox.Quad], dict[str, str]]:
    try:
        parser = ox.parse(data, format=kind.engine, base_iri=base)
        quads = [q if isinstance(q, ox.Quad) else ox.Quad(*q) for q in parser]
    except SyntaxError as error:
        raise _read_error(error, data, kind, name) from None
    except ValueError as error:
        raise LcgraphError(f"the base {base!r} is not an IRI: {error}") from None
    return quads, dict(parser.prefixes)


def _read_error(error: SyntaxError, data: bytes, kind: Syntax, name: str) -> ReadError:
    message = re.sub(r"^Parser error at line \d+ [^:]*: ", "", error.msg or str(error)).strip()
    message = re.sub(r" \(line \d+\)$", "", message)
    line, column = error.lineno, error.offset
    if line is None and kind is RDFXML:
        line = _last_line_read(data, kind)
    text = None
    if line is not None:
        lines = data.split(b"\n", line)
        text = lines[line - 1].decode("utf-8", "replace") if len(lines) >= line else None
    return ReadError(
        f"not valid {kind.name}: {_as_clause(message)}",
        file=name,
        line=line,
        column=column,
        text=text,
        hint=_read_hint(message, kind),
    )


def _as_clause(message: str) -> str:
    """A sentence of the parser as the rest of one of ours."""
    starts_a_name = message[1:2].isupper()
    return message if starts_a_name else f"{message[:1].lower()}{message[1:]}"


def _read_hint(message: str, kind: Syntax) -> str | None:
    if undeclared := re.search(r"The prefix (\S*): has not been declared", message):
        prefix = undeclared[1]
        iri = PREFIXES.get(prefix, "https://…")
        return f"Declare it at the top of the file: @prefix {prefix}: <{iri}> ."
    if "No scheme found" in message:
        return "Relative IRIs need a base: give one with base= or --base, or write the IRI in full."
    if "Unexpected end of file" in message:
        return "Something that was opened is never closed: a quote, a bracket, or the last dot."
    if "A dot is expected" in message:
        return "A statement ends with a dot; before it ';' adds a predicate, ',' adds an object."
    if "Invalid UTF-8" in message:
        return "Save the file as UTF-8."
    if kind.name == "turtle" and "Unexpected" in message:
        return "If it is not Turtle, name its syntax with format= or -i."
    return None


def _last_line_read(data: bytes, kind: Syntax) -> int:
    """The line at which the parser stopped, for syntaxes whose errors do not tell."""
    stream = _LineByLine(data)
    try:
        for _ in ox.parse(stream, format=kind.engine):  # type: ignore[arg-type]
            pass
    except SyntaxError:
        pass
    return stream.line


def _refuse_unsafe_xml(data: bytes, name: str) -> None:
    """Refuses external and nested entities: a file read or a bomb (CONVENTIONS: XXE, S6)."""
    doctype = _DOCTYPE.search(data)
    if doctype is None:
        return
    external = re.search(rb"\s(SYSTEM|PUBLIC)\s", doctype[0] + b" ", re.IGNORECASE)
    for entity in _ENTITY.finditer(data):
        value = entity[2]
        if entity[1] or value.upper() in (b"SYSTEM", b"PUBLIC"):
            external = entity
        elif b"&" in value or b"%" in value or len(value) > _LONGEST_ENTITY:
            raise PolicyError(
                "its DOCTYPE defines an entity by other entities, which can expand without end",
                file=name,
                line=data.count(b"\n", 0, entity.start()) + 1,
                hint="Write the entity's text in full; a namespace IRI is all it may hold.",
            )
    if external:
        raise PolicyError(
            "its DOCTYPE refers to another file",
            file=name,
            line=data.count(b"\n", 0, doctype.start()) + 1,
            hint="Remove the reference: RDF/XML needs no DOCTYPE.",
        )
