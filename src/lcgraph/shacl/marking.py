"""The column of a result: where in the line that holds its cause the term stands that is at fault.

Only that line is looked at, and only when somebody asks; what could be meant in two places is not
guessed at.
"""

from __future__ import annotations

import re
from html import unescape as plain_xml
from typing import TYPE_CHECKING

from lcgraph.columns import literal_text, unescape
from lcgraph.terms import RDF

if TYPE_CHECKING:
    from collections.abc import Iterator

# A string, an IRI, the text of an XML element, a bracket that is a node, or a run of what names and
# numbers are made of.
_TOKEN = re.compile(
    r'"(?P<string>(?:[^"\\]|\\.)*)"|\'(?P<other>(?:[^\'\\]|\\.)*)\'|<(?P<iri>[^<>\s"]*:[^<>\s"]*)>'
    r"|(?<=[\w\"'/]>)(?P<content>[^<>]+)(?=</)|(?P<bracket>\[)|(?P<word>(?:[^\s<>\"'()\[\]{};,=/^]|/(?!>))+)"
)
# What the language or datatype of a literal is written as: no term of its own.
_SUFFIX = re.compile(r"[@^.:|]")
# Where the namespace of a shortened IRI ends.
_SEPARATOR = re.compile(r"[^A-Za-z0-9]$")


def column(line: str, focus: str, path: str | None, value: str | None) -> int | None:
    """The column in characters, counted from 1, of the value, else of the predicate, else of the
    focus node; None where none of them can be told. Terms and path are N-Triples text."""
    tokens = list(_tokens(line))
    predicate = re.fullmatch(r"\^?(<[^>]*>)", path or "")
    named = _places(tokens, predicate[1]) if predicate else []
    if value is not None and value != focus:
        found = _places(tokens, value)
        after = [at for at in found if named and at > named[0]]
        if after or len(found) == 1:
            return (after or found)[0] + 1
    for found in (named, _places(tokens, focus)):
        if len(found) == 1:
            return found[0] + 1
    # The only term of a line is the one that the line was chosen for.
    named = [at for at, kind, _ in tokens if kind != "bracket"]
    return named[0] + 1 if len(named) == 1 else None


def _tokens(line: str) -> Iterator[tuple[int, str, str]]:
    """The terms of a line: where each begins, its kind, and its text without what encloses it."""
    for match in _TOKEN.finditer(line):
        kind = match.lastgroup or ""
        text = match[kind]
        if kind == "word":
            text = text.rstrip(".")
            if not text or (_SUFFIX.match(text) and not text.startswith(":")):
                continue
        yield match.start(), kind, text


def _places(tokens: list[tuple[int, str, str]], term: str) -> list[int]:
    """Where a term stands among the tokens."""
    if term.startswith("_:"):
        labels = [at for at, kind, text in tokens if kind in ("word", "string") and text == term]
        return labels or [at for at, kind, _ in tokens if kind == "bracket"]
    if term.startswith("<"):
        iri = term[1:-1]
        return [at for at, kind, text in tokens if _is_iri(kind, text, iri)]
    lexical = unescape(term[1 : term.rindex('"')])
    return [at for at, kind, text in tokens if _is_text(kind, text, lexical)]


def _is_text(kind: str, text: str, lexical: str) -> bool:
    if kind in ("string", "other"):
        return text == lexical or _unescaped(text) == lexical or plain_xml(text) == lexical
    return kind in ("word", "content") and lexical in (text, plain_xml(text))


def _unescaped(text: str) -> str:
    try:
        return unescape(text)
    except KeyError:  # an escape of another syntax
        return text


def _is_iri(kind: str, text: str, iri: str) -> bool:
    """Whether a token can be an IRI: in full, relative, or with a prefix."""
    if kind == "word" and text == "a":
        return iri == f"{RDF}type"
    if kind in ("content", "bracket"):
        return False
    text = plain_xml(text) if kind != "iri" else _unescaped(text)
    if text == iri:
        return True
    colon = text.find(":")
    local = text[colon + 1 :] if kind != "iri" else text
    if kind == "word":
        if colon < 0:
            return False
        local = re.sub(r"\\(.)", r"\1", local)
    namespace = iri.removesuffix(local)
    return bool(local) and namespace != iri and _SEPARATOR.search(namespace) is not None
