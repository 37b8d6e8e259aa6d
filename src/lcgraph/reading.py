"""Reading: a file, bytes, a stream or standard input -> quads as written, all or nothing.

A document is read whole before anybody sees a quad of it; an error names file, line and column.
Nothing here touches the network: a source is a path or data, never an address.
"""

from __future__ import annotations

import re
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import pyoxigraph as ox

from lcgraph.errors import LcgraphError, PolicyError, ReadError
from lcgraph.halves import turtle_to_nquads
from lcgraph.lines import LARGE, LineByLine, LineMap, Text
from lcgraph.syntaxes import (
    JSONLD,
    NQUADS,
    NTRIPLES,
    RDFXML,
    TURTLE,
    Syntax,
    guess_syntax,
    sniff_syntax,
    syntax,
)
from lcgraph.terms import PREFIXES, RDF

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import BinaryIO

    #: A path, the data itself as bytes, or a binary stream; "-" is standard input.
    Source: TypeAlias = "str | PathLike[str] | bytes | bytearray | memoryview | BinaryIO"

# The engine's labels for anonymous blank nodes are random; ours are counted.
_RANDOM_LABEL = re.compile(r"[0-9a-f]{24,32}")
# A term that is itself a triple, at the place of an object.
_TRIPLE_TERM = re.compile(rb"(?m)^\S+ \S+ <<\(")
_ENTITY = re.compile(
    rb"<!ENTITY\s+(%\s+)?(\S+)\s+(SYSTEM|PUBLIC|\"[^\"]*\"|'[^']*')", re.IGNORECASE
)
# A namespace IRI, which is all that RDF/XML needs an entity for, is shorter.
_LONGEST_ENTITY = 2000
# What entities may expand to; a big file of short entities may have ten times its own size.
_LARGEST_EXPANSION = 1 << 20
_EXPANSION_RATIO = 10
_DOCTYPE = re.compile(rb"<!DOCTYPE\s+[^\[>]*", re.IGNORECASE)
_LANG_STRING = ox.NamedNode(RDF + "langString")
_BOM = b"\xef\xbb\xbf"
# How UTF-16 and UTF-32 begin, with a byte order mark or without one.
_NOT_UTF_8 = re.compile(rb"\xff\xfe|\xfe\xff|.?\x00", re.DOTALL)
# What stands in data in which a text has a direction (its:dir, or the end of a language tag), or
# is called a text in a language but has none.
_XML_ODDITIES = re.compile(rb":dir\b|langString")
_DIRECTION = re.compile(rb"@[A-Za-z0-9-]+--(?:ltr|rtl)\b")
_XML_HINTS = {
    "no element found": "The file ends before its last element is closed: is all of it there?",
    "mismatched tag": "An element is closed by its own name, and those inside it before it.",
    "unclosed token": "Something that was opened is never closed: a tag, a quote, or a comment.",
    "unbound prefix": 'Declare the prefix on the first element, as in xmlns:ex="https://…".',
    "undefined entity": "Write & as &amp;, and other characters as they are.",
    "not well-formed (invalid token)": "In a text, & is written &amp; and < is written &lt;.",
}
# What the parser says of the place, before and after what is wrong.
_PARSERS_PLACE = re.compile(r"^Parser error (?:at|between) line \d+ [^:]*: | \(line \d+\)$")
_IF_ANOTHER = "If it is not Turtle, name its syntax with format= or -i."


@dataclass
class Document(Text):
    """What was read from one source, as quads.

    Attributes:
        quads: its quads in the order of the text, terms as written.
        prefixes: the prefixes that it declares.
    """

    quads: list[ox.Quad]
    prefixes: dict[str, str]

    @property
    def ntriples(self) -> bytes:
        """The quads as N-Quads lines."""
        return "".join(f"{quad} .\n" for quad in self.quads).encode()


@dataclass
class Lines(Text):
    """What was read from one source, as N-Quads lines, without an object for each triple.

    Attributes:
        ntriples: the lines.
        prefixes: the prefixes that it declares.
    """

    ntriples: bytes = field(repr=False)
    prefixes: dict[str, str] = field(default_factory=dict)


def read(
    source: Source,
    *,
    format: str | None = None,
    base: str | None = None,
    name: str | None = None,
) -> Document:
    """Reads one source completely.

    Args:
        source: a path, ``"-"`` for standard input, bytes, or a binary stream.
        format: a syntax by name, media type or suffix; else the suffix decides, then the content.
        base: the IRI that relative IRIs are resolved against; without it they are errors.
        name: what messages call it; else its own name.

    Raises:
        ReadError: it cannot be read, or is not in that syntax; with file, line and column.
        PolicyError: it is an address, or refers to something that it may not.
    """
    name, data = fetch(source, name)
    with _syntax_of(data, format, name) as kind:
        if kind is JSONLD:
            from lcgraph import jsonld

            quads, prefixes = jsonld.parse(data, name=name, base=base)
        else:
            if kind is RDFXML:
                _refuse_unsafe_xml(data, name)
                _refuse_broken_xml(data, name)
            quads, prefixes = _parse(data, kind, name, base)
            _refuse_odd_texts(data, kind, name, base)
    return Document(name, kind, data, base, _count_blank_nodes(quads, name), prefixes)


def read_lines(
    sources: Iterable[Source],
    *,
    format: str | None = None,
    base: str | None = None,
    apart: bool = False,
    meanwhile: Callable[[], object] | None = None,
) -> list[Lines]:
    """Reads several sources as N-Quads lines, at the parser's own speed; arguments and errors as for
    `read`. A source after the first has its blank nodes renamed, so that they stay apart; with
    `apart` the first one too, so that they stay apart from what is there already. Where another
    process helps with the reading, `meanwhile` is called beside it, once."""
    found: list[Lines] = []
    for source in sources:
        name, data = fetch(source)
        rename = apart or bool(found)
        with _syntax_of(data, format, name) as kind:
            if kind in (JSONLD, RDFXML):
                document = read(data, format=kind.name, base=base, name=name)
                if rename:
                    document.quads = _with_fresh_labels(document.quads)
                text, prefixes = document.ntriples, document.prefixes
            else:
                halves = None
                if kind is TURTLE and not rename:
                    halves = turtle_to_nquads(data, base, meanwhile)
                text, prefixes = _lines(data, kind, name, base, halves, rename=rename)
                _refuse_odd_texts(data, kind, name, base)
        found.append(Lines(name, kind, data, base, text, prefixes))
    return found


def _lines(
    data: bytes,
    kind: Syntax,
    name: str,
    base: str | None,
    text: bytes | None,
    *,
    rename: bool,
) -> tuple[bytes, dict[str, str]]:
    """The data as N-Quads lines, and the prefixes they declare; `text` are these lines where they
    are known, and `rename` says whether blank nodes get labels of their own."""
    if kind in (NTRIPLES, NQUADS) and len(data) >= LARGE and not rename:
        from lcgraph.canonical import is_canonical

        if is_canonical(data, named_graphs=kind.named_graphs):
            return data, {}
    with _parser_errors(data, kind, name, base):
        quads = ox.parse(data, format=kind.engine, base_iri=base, rename_blank_nodes=rename)
        if text is None:
            text = ox.serialize(quads, format=ox.RdfFormat.N_QUADS) or b""
        else:  # all its prefixes stand above the first triple
            next(quads, None)
    if b" <<(" in text and _TRIPLE_TERM.search(text):  # most data are spared the search
        raise _triple_term(name)
    return text, dict(quads.prefixes)


def _with_fresh_labels(quads: list[ox.Quad]) -> list[ox.Quad]:
    labels = {t.value for q in quads for t in _nodes(q) if isinstance(t, ox.BlankNode)}
    return _rename(quads, {label: ox.BlankNode() for label in labels})


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
                raise _triple_term(name)
    names: dict[str, ox.BlankNode] = {}
    number = 0
    for label in labels:
        if _RANDOM_LABEL.fullmatch(label):
            while (fresh := f"b{number}") in labels:
                number += 1
            number += 1
            names[label] = ox.BlankNode(fresh)
    return _rename(quads, names) if names else quads


def _triple_term(name: str) -> ReadError:
    return ReadError(
        "it holds an RDF 1.2 triple term, which RDF 1.1 data cannot have",
        file=name,
        hint="Make a record of its own for it, such as an lcg:Statement.",
    )


def syntax_of(data: bytes, format: str | None, name: str) -> Syntax:
    """The syntax to read data in: the one named, else by the suffix, else by the content."""
    return syntax(format) if format else guess_syntax(name) or sniff_syntax(data[:512])


@contextmanager
def _syntax_of(data: bytes, format: str | None, name: str) -> Iterator[Syntax]:
    """The syntax to read data in; where only their content told it, an error says so."""
    kind = syntax(format) if format else guess_syntax(name)
    guess = syntax_of(data, format, name)
    try:
        yield guess
    except ReadError as error:
        if kind is None:
            hint = "" if error.hint in (None, _IF_ANOTHER) else f"{error.hint} "
            error.hint = (
                f"{hint}It was taken for {guess.name} by its content; "
                "if it is not, name its syntax with format= or -i."
            )
        raise


def _plain_utf_8(data: bytes, name: str) -> bytes:
    """The data without a byte order mark.

    Raises:
        ReadError: they are in UTF-16 or UTF-32.
    """
    if _NOT_UTF_8.match(data):
        raise ReadError("it is text in UTF-16, not UTF-8", file=name, hint="Save it as UTF-8.")
    return data.removeprefix(_BOM)


def stdin_bytes() -> bytes:
    """All that comes from standard input.

    Raises:
        ReadError: it is closed, or cannot be read.
    """
    if sys.stdin is None:
        raise ReadError("standard input is closed", file="<stdin>")
    return _read_stream(sys.stdin.buffer, "<stdin>")


def _read_stream(stream: BinaryIO, name: str) -> bytes:
    try:
        data: object = stream.read()
        data = data.encode() if isinstance(data, str) else data
    except (OSError, ValueError) as error:  # closed, or a text stream that is not what it says
        reason = str(getattr(error, "strerror", None) or error).lower()
        raise ReadError(f"it cannot be read: {reason}", file=name) from None
    if not isinstance(data, bytes | bytearray | memoryview):
        raise ReadError(f"the stream gives {type(data).__name__}, not bytes", file=name)
    return bytes(data)


def fetch(source: Source, name: str | None = None) -> tuple[str, bytes]:
    """The name of a source and its bytes, without a byte order mark.

    Args:
        source: a path, ``"-"`` for standard input, bytes, or a binary stream.
        name: what messages call it; else its own name.

    Raises:
        ReadError: it cannot be read, or is not in UTF-8.
        PolicyError: it is an address.
    """
    own_name, data = _bytes_of(source)
    return name or own_name, _plain_utf_8(data, name or own_name)


def _bytes_of(source: Source) -> tuple[str, bytes]:
    if isinstance(source, bytes | bytearray | memoryview):
        return "<bytes>", bytes(source)
    if hasattr(source, "read"):
        name = str(getattr(source, "name", "<stream>"))
        return name, _read_stream(source, name)  # type: ignore[arg-type]
    if not isinstance(source, str | PathLike):
        raise ReadError(
            f"a source is a path, bytes or a binary stream, not {type(source).__name__}",
            hint="Give several sources one by one: load(first, second).",
        )
    if source == "-":
        return "<stdin>", stdin_bytes()
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
    except ValueError as error:  # a name that no system can hold, as with a NUL
        raise ReadError(f"it cannot be read: {error}", file=repr(name)) from None


def _parse(
    data: bytes, kind: Syntax, name: str, base: str | None
) -> tuple[list[ox.Quad], dict[str, str]]:
    with _parser_errors(data, kind, name, base):
        parser = ox.parse(data, format=kind.engine, base_iri=base)
        quads = [q if isinstance(q, ox.Quad) else ox.Quad(*q) for q in parser]
    return quads, dict(parser.prefixes)


@contextmanager
def _parser_errors(data: bytes, kind: Syntax, name: str, base: str | None) -> Iterator[None]:
    """Turns the errors of the parser into ours."""
    try:
        yield
    except SyntaxError as error:
        if error.lineno is None and kind is RDFXML:
            error.lineno = _last_line_read(data, kind, base)
        line = error.lineno
        text = None if line is None else LineMap(data).text(line)
        raise read_error(error, kind, name, text) from None
    except MemoryError as error:
        if "buffer" not in str(error):
            raise
        raise ReadError(
            "it holds a text or an IRI of more than 16 MB, which the parser cannot hold",
            file=name,
            line=_last_line_read(data, kind, base),
            hint="If it is no such text: something that was opened may never be closed.",
        ) from None
    except ValueError as error:
        raise LcgraphError(f"the base {base!r} is not an IRI: {error}") from None


def _refuse_odd_texts(data: bytes, kind: Syntax, name: str, base: str | None) -> None:
    """Refuses data that were parsed and hold texts that RDF 1.1 has not: with a direction, or of the
    datatype rdf:langString and without a language."""
    if not (_XML_ODDITIES if kind is RDFXML else _DIRECTION).search(data):
        return  # a search costs little, looking at every text would
    stream = LineByLine(data)
    for quad in ox.parse(stream, format=kind.engine, base_iri=base):  # type: ignore[arg-type]
        text = quad.object
        if not isinstance(text, ox.Literal):
            continue
        if text.direction is not None:
            raise ReadError(
                f"it holds a text with the direction {text.direction}, an RDF 1.2 "
                "rdf:dirLangString, which RDF 1.1 data cannot have",
                file=name,
                line=stream.line,
                hint="Write the language alone, as in @ar.",
            )
        if text.language is None and text.datatype == _LANG_STRING:
            raise ReadError(
                "a text of the datatype rdf:langString needs a language",
                file=name,
                line=stream.line,
                hint="Write xml:lang in place of rdf:datatype.",
            )


def read_error(error: SyntaxError, kind: Syntax, name: str, text: str | None) -> ReadError:
    """An error of the parser as one of ours; `text` is the line that it is in."""
    message = _PARSERS_PLACE.sub("", error.msg or str(error)).strip()
    return ReadError(
        f"not valid {kind.name}: {as_clause(message)}",
        file=name,
        line=error.lineno,
        column=error.offset,
        text=text,
        hint=_tag_hint(text, error.offset) or _read_hint(message, kind),
    )


def as_clause(message: str) -> str:
    """A sentence of the parser as the rest of one of ours."""
    starts_a_name = message[1:2].isupper()
    return message if starts_a_name else f"{message[:1].lower()}{message[1:]}"


def _tag_hint(text: str | None, column: int | None) -> str | None:
    """The mend for a language tag with an underscore, at which the parser stops."""
    at = (column or 1) - 1
    tag = re.search(r"[\"'](@[A-Za-z0-9-]+)$", (text or "")[:at])
    rest = re.match(r"_(\w+)", (text or "")[at:])
    return f"Language tags have hyphens: {tag[1]}-{rest[1]}." if tag and rest else None


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
    if re.search("IRI (code point|percent)|host IP", message):
        return 'An IRI has no blank and none of < > " { } | ^ ` \\; write them as %20 and the like.'
    if message.startswith("Invalid character"):
        return "After the host of an IRI stands a path, or a colon and the number of a port."
    if re.search("subtag|extlang|language (tag|code)", message):
        return "A language tag is written as in en, pt-BR or zh-Hant."
    if "Invalid UTF-8" in message:
        return "Save the file as UTF-8."
    if kind.name == "turtle" and "Unexpected" in message:
        return _IF_ANOTHER
    return None


def _last_line_read(data: bytes, kind: Syntax, base: str | None) -> int:
    """The line at which the parser stopped, for syntaxes whose errors do not tell."""
    stream = LineByLine(data)
    try:
        for _ in ox.parse(stream, format=kind.engine, base_iri=base):  # type: ignore[arg-type]
            pass
    except (SyntaxError, MemoryError):
        pass
    return stream.line


def _refuse_unsafe_xml(data: bytes, name: str) -> None:
    """Refuses entities that read a file or are a bomb (CONVENTIONS: XXE, S6)."""
    doctype = _DOCTYPE.search(data)
    if doctype is None:
        return
    external = re.search(rb"\s(SYSTEM|PUBLIC)\s", doctype[0] + b" ", re.IGNORECASE)
    expansion = 0
    for entity in _ENTITY.finditer(data):
        value = entity[3]
        if entity[1] or value.upper() in (b"SYSTEM", b"PUBLIC"):
            external = entity
            continue
        expansion += len(value) * data.count(b"&" + entity[2] + b";")
        if b"&" in value or b"%" in value:
            wrong = "defines an entity by other entities, which can expand without end"
        elif len(value) > _LONGEST_ENTITY:
            wrong = f"defines an entity of more than {_LONGEST_ENTITY} bytes"
        elif expansion > max(_LARGEST_EXPANSION, _EXPANSION_RATIO * len(data)):
            wrong = "defines entities that expand to more than 1 MB"
        else:
            continue
        raise PolicyError(
            f"its DOCTYPE {wrong}",
            file=name,
            line=LineMap(data).line(entity.start()),
            hint="Write the entity's text in full; a namespace IRI is all it may hold.",
        )
    if external:
        raise PolicyError(
            "its DOCTYPE refers to another file",
            file=name,
            line=LineMap(data).line(doctype.start()),
            hint="Remove the reference: RDF/XML needs no DOCTYPE.",
        )


def _refuse_broken_xml(data: bytes, name: str) -> None:
    """Refuses what is no XML document. The engine reads as far as it can, and takes a text that was
    cut off for a whole one."""
    from xml.parsers import expat

    parser = expat.ParserCreate("utf-8", namespace_separator=" ")
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        line = error.lineno
        raise ReadError(
            f"not valid rdfxml: {expat.ErrorString(error.code)}",
            file=name,
            line=line,
            column=error.offset + 1,
            text=LineMap(data).text(line),
            hint=_XML_HINTS.get(expat.ErrorString(error.code)),
        ) from None
