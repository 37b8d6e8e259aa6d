"""Checking: what is wrong with texts as they are written, all of it at once, each with its place.

Syntax, IRIs, language tags, and the texts of literals. What the graph says is not judged here.
"""

from __future__ import annotations

import re
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from lcgraph.errors import Finding, IllFormedError, PolicyError, ReadError
from lcgraph.lexical import KNOWN, well_formed
from lcgraph.mending import explain
from lcgraph.places import locate, readable
from lcgraph.reading import Document, as_clause, fetch, read, read_error, syntax_of
from lcgraph.syntaxes import JSONLD, RDFXML
from lcgraph.terms import RDF

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lcgraph.places import Place
    from lcgraph.reading import Lines, Source

_LANG_STRING = ox.NamedNode(RDF + "langString")
_UNDECLARED = re.compile(r"[Tt]he prefix (\S*): has not been declared")
# How the parsers speak of what is no language tag, and no IRI.
_WORDS = {
    "language": re.compile(r"subtag|extlang|language|Language tags"),
    "iri": re.compile(
        "IRI (code point|percent)|(absolute|relative|parsing) IRI|not an IRI|host IP|invalid character"
    ),
}


def check(*sources: Source, format: str | None = None, base: str | None = None) -> list[Finding]:
    """Checks texts: their syntax, IRIs (RFC 3987, absolute), language tags (BCP 47), and whether
    each literal is one that its datatype allows (RDF 1.1 Concepts section 5), as written.

    All findings of a source are told at once, one error of syntax a line, where the parser can go
    on after an error: in Turtle, TriG, N-Triples and N-Quads it can, in RDF/XML until the XML
    itself is broken, in JSON-LD it cannot.

    Args:
        sources: paths, ``"-"`` for standard input, bytes, or binary streams.
        format: their syntax; else the suffix decides, then the content.
        base: the IRI that relative IRIs are resolved against; without it they are findings.

    Returns:
        What was found, source by source, by line; nothing where all is right.

    Raises:
        ReadError: a source cannot be read at all: it is missing, or is not in UTF-8.
    """
    fetched = [fetch(source) for source in sources]
    return [finding for text in fetched for finding in _check(*text, format, base)]


def refuse_ill_formed(documents: Iterable[Document]) -> None:
    """Refuses documents with literals whose texts their datatypes do not allow.

    Raises:
        IllFormedError: there are some; it has a finding for each.
    """
    findings = [finding for document in documents for finding in ill_formed(document)]
    if findings:
        raise IllFormedError(findings)


def ill_formed(document: Document) -> list[Finding]:
    """The literals of a document whose texts their datatypes do not allow, by line."""
    objects = {quad.object for quad in document.quads}
    bad = {term for term in objects if isinstance(term, ox.Literal) and not _is_right(term)}
    if not bad:
        return []
    rows = {row: quad.object for row, quad in enumerate(document.quads) if quad.object in bad}
    places = locate(document, ((row, "object") for row in rows))
    found = [
        finding(term.value, term.datatype.value, document, places.get((row, "object")))
        for row, term in rows.items()
        if isinstance(term, ox.Literal)
    ]
    return sorted(found, key=_by_place)


def finding(
    text: str, datatype: str, source: Document | Lines | None = None, place: Place | None = None
) -> Finding:
    """The finding that a text is not in the lexical space of its datatype.

    Args:
        text: the text.
        datatype: the IRI of its datatype.
        source: what it was read from.
        place: where it stands there.
    """
    message, hint = explain(text, datatype)
    told = Finding(message, None if source is None else source.name, hint=hint)
    if source is None or place is None:
        return told
    line = source.lines_map.text(place.line)
    return replace(told, line=place.line, column=place.column, text=line)


def _is_right(literal: ox.Literal) -> bool:
    datatype = literal.datatype.value
    return datatype not in KNOWN or well_formed(literal.value, datatype)


def _by_place(finding: Finding) -> tuple[int, int]:
    return finding.line or 0, finding.column or 0


def _check(name: str, data: bytes, format: str | None, base: str | None) -> list[Finding]:
    """What is wrong with one text."""
    try:
        return ill_formed(read(data, format=format, base=base, name=name))
    except (ReadError, PolicyError) as error:
        first = error
    kind = syntax_of(data, format, name)
    document = Document(name, kind, data, base, [], {}, lenient=kind is RDFXML)
    if isinstance(first, PolicyError) or kind is JSONLD or first.line is None:
        return [_of_error(first)]
    survey = _survey_xml if kind is RDFXML else _survey
    errors = survey(document, first)
    if not document.quads:  # what comes after an error at the very beginning says nothing
        return errors[:1]
    return sorted([*errors, *ill_formed(document)], key=_by_place)


def _survey(document: Document, first: ReadError) -> list[Finding]:
    """Adds to a document what of its text can be read; what cannot be, one error a line, of which
    the first is known."""
    errors: dict[int, SyntaxError] = {}
    uses: Counter[str] = Counter()

    def fail(error: SyntaxError) -> None:
        if undeclared := _UNDECLARED.search(str(error.msg)):
            uses[undeclared[1]] += 1
            if uses[undeclared[1]] > 1:  # the same mistake again
                return
        errors.setdefault(error.lineno or 0, error)

    parser = ox.parse(document.data, format=document.syntax.engine, base_iri=document.base)
    with suppress(MemoryError):  # a text that the parser cannot hold: the first error says so
        document.quads += (_quad(triple) for triple in readable(parser, fail))
    text_of = document.lines_map.text
    found = {first.line or 0: _of_error(first)}
    for line, error in errors.items():
        told = read_error(error, document.syntax, document.name, text_of(line))
        found.setdefault(line, _of_error(told))
    for line, finding in found.items():
        undeclared = _UNDECLARED.search(finding.message)
        if undeclared and uses[undeclared[1]] > 1:
            times = f"{finding.message} ({uses[undeclared[1]]} uses)"
            found[line] = replace(finding, message=times)
    return sorted(found.values(), key=_by_place)


def _survey_xml(document: Document, first: ReadError) -> list[Finding]:
    """Adds to a document of RDF/XML, which is read with its IRIs and language tags unchecked, what
    can be read until an error; that error, and the IRIs and language tags that are wrong."""
    wrong: dict[tuple[int, str], tuple[str, str]] = {}
    stream, parser = document.parse_again()
    error = None
    try:
        for triple in parser:
            document.quads.append(_quad(triple))
            for term in (triple.subject, triple.predicate, triple.object):
                for text, fault in _faults(term):
                    wrong.setdefault((stream.line, text), fault)
    except MemoryError:
        error = first
    except SyntaxError as broken:
        broken.lineno = stream.line
        error = read_error(broken, RDFXML, document.name, None)
    if first.column is not None:  # the XML itself is broken, which the parser knows less well
        error = first
    found: dict[tuple[str, int | None], Finding] = {}
    for (line, text), (code, message) in wrong.items():
        whole = document.lines_map.text(line)
        at = whole.lower().find(text.lower())
        if at < 0 and any(text == told for told, _ in found):
            continue  # the subject of a description, of which each line has a triple
        hint = read_error(SyntaxError(message), RDFXML, document.name, None).hint
        column = at + 1 if at >= 0 else None
        place = (document.name, line, column)
        found[text, line] = Finding(message, *place, text=whole, hint=hint, code=code)
    rest = [_of_error(error)] if error else []
    return sorted([*found.values(), *rest], key=_by_place)


def _faults(term: Any) -> Iterator[tuple[str, tuple[str, str]]]:
    """The IRI or the language tag of a term that has not its form, with code and message."""
    if isinstance(term, ox.NamedNode):
        if fault := _fault_of_iri(term.value):
            yield term.value, ("iri", fault)
    elif isinstance(term, ox.Literal):
        if term.language is None:
            yield from _faults(term.datatype)
            if term.datatype == _LANG_STRING:
                told = "a text of the datatype rdf:langString needs a language"
                yield term.datatype.value, ("language", told)
        elif fault := _fault_of_tag(term.language):
            yield term.language, ("language", fault)


@lru_cache(maxsize=4096)
def _fault_of_iri(iri: str) -> str | None:
    try:
        ox.NamedNode(iri)
    except ValueError as error:
        return f"<{iri}> is no absolute IRI: {as_clause(str(error))}"
    return None


@lru_cache(maxsize=4096)
def _fault_of_tag(tag: str) -> str | None:
    try:
        ox.Literal("", language=tag)
    except ValueError as error:
        return f"{tag!r} is no language tag: {as_clause(str(error))}"
    return None


def _quad(triple: ox.Quad | ox.Triple) -> ox.Quad:
    return triple if isinstance(triple, ox.Quad) else ox.Quad(*triple)


def _of_error(error: ReadError | PolicyError) -> Finding:
    """An error of reading as a finding."""
    code = "refused" if isinstance(error, PolicyError) else "syntax"
    if code == "syntax":
        said = f"{error.message} {error.hint}"
        code = next((name for name, words in _WORDS.items() if words.search(said)), code)
    place = (error.file, error.line, error.column)
    return Finding(error.message, *place, error.text, error.hint, code)
