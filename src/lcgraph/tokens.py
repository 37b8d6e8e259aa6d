"""The tokens of Turtle, TriG, N-Triples and N-Quads text: its nodes, each with place and role.

For finding the places of triples that a parser has read already; it judges nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lcgraph.terms import RDF, XSD

if TYPE_CHECKING:
    from collections.abc import Callable

    #: From a prefixed name or an IRI reference, as it stands in the text, to the IRI or None.
    Resolve = Callable[[str], str | None]

# On bytes, so that offsets are those of the file: what is not ASCII can only be in a name.
_LONG = rb'"""(?:"{0,2}(?:[^"\\]|\\.))*"""|' + rb"'''(?:'{0,2}(?:[^'\\]|\\.))*'''"
_SHORT = rb'"(?:[^"\\\n\r]|\\.)*"|' + rb"'(?:[^'\\\n\r]|\\.)*'"
_NAME = rb"[^\s<>\"'()\[\]{};,#\\^@.]|\\."
_TOKEN = re.compile(
    rb"(?s)(?P<space>\s+|#[^\n\r]*)|(?P<string>%b|%b)|(?P<type>\^\^)"
    rb"|(?P<tag>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)|(?P<iri><[^<>\s]*>)"
    rb"|(?P<name>(?:%b)(?:%b|\.+(?=%b))*|\.+[0-9][0-9eE+-]*)|(?P<mark>.)"
    % (_LONG, _SHORT, _NAME, _NAME, _NAME)
)
# A long string, or what could hold quotes that open none.
_QUOTES = re.compile(rb"(?s)%b|%b|<[^<>\s]*>|#[^\n\r]*|\\." % (_LONG, _SHORT))
_TRIPLE_QUOTES = (b'"""', b"'''")
_ECHAR = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f"}
_ESCAPED = re.compile(r"(?s)\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?P<dot>\.[0-9]*)?|\.[0-9]+)(?P<exponent>[eE][+-]?[0-9]+)?")
_AFTER = {"subject": "predicate", "predicate": "object", "object": "graph", "graph": "graph"}


@dataclass(slots=True)
class Node:
    """A node of a triple as it stands in the text.

    Attributes:
        role: "subject", "predicate", "object" or "graph".
        key: what `key_of_*` makes of the term; None where it cannot be told.
        start: where it begins, as an offset.
        end: where it ends: for a bracket or a list the opening mark.
        event: the end of the token with which a parser knows it, and so can tell the triple.
        subject: the subject of the triple whose object this is.
        predicate: the predicate of that triple.
    """

    role: str
    key: str | None
    start: int
    end: int
    event: int
    subject: Node | None = field(default=None, repr=False)
    predicate: Node | None = field(default=None, repr=False)


#: The key of an anonymous blank node: a bracket or a list.
ANONYMOUS = "_:"


def key_of_iri(iri: str) -> str:
    """What an IRI is compared by."""
    return f"<{iri}>"


def key_of_literal(text: str, datatype: str, language: str | None) -> str:
    """What a literal is compared by."""
    return f'"{text}"@{language.lower()}' if language else f'"{text}"^^{datatype}'


def unescape(text: str) -> str:
    """Text without the escapes of Turtle (section 6.4), those of local names too."""
    if "\\" not in text:
        return text

    def character(match: re.Match[str]) -> str:
        number = match[1] or match[2]
        return chr(int(number, 16)) if number else _ECHAR.get(match[3], match[3])

    return _ESCAPED.sub(character, text)


def long_strings(data: bytes) -> list[tuple[int, int]]:
    """Where the strings in triple quotes, which can go over lines, begin and end."""
    if not any(quotes in data for quotes in _TRIPLE_QUOTES):
        return []
    found = _QUOTES.finditer(data)
    return [match.span() for match in found if match[0].startswith(_TRIPLE_QUOTES)]


def nodes(
    data: bytes, start: int, end: int, resolve: Resolve, *, whole: bool
) -> tuple[list[Node], int | None]:
    """The nodes of a part of a text, and the offset from which on their roles are known.

    Args:
        data: the text, in UTF-8; offsets are counted in it, in bytes.
        start: where the part begins, outside of strings.
        end: where it ends, outside of strings.
        resolve: gives the IRI of a prefixed name or an IRI reference.
        whole: whether it begins with a statement; else roles are known from the first one on.
    """
    walk = _Walk(resolve)
    known = start if whole else None
    for match in _TOKEN.finditer(data, start, end):
        kind = match.lastgroup or ""
        if kind == "space":
            continue
        if known is not None:
            walk.take(kind, match)
        elif kind == "mark" and match[0] in b".{}":
            known = match.end()
    return walk.finish(end), known


class _Walk:
    """Gives each node its role, from the beginning of a statement on."""

    def __init__(self, resolve: Resolve) -> None:
        self.nodes: list[Node] = []
        self._resolve = resolve
        self._role = "subject"
        self._subject: Node | None = None
        self._predicate: Node | None = None
        # What is to go on with when a bracket closes; the node is the one that it opened.
        self._open: list[tuple[str, Node | None, Node | None, Node]] = []
        self._skip = 0  # nodes that belong to a directive
        self._waiting: list[Node] = []  # those that the next token makes known
        self._string: tuple[Node, str] | None = None
        self._typed: tuple[Node, str] | None = None

    def take(self, kind: str, match: re.Match[bytes]) -> None:
        for node in self._waiting:
            node.event = match.end()
        self._waiting.clear()
        string, self._string = self._string, None
        if kind == "string":
            self._take_string(match)
        elif kind == "type" and string is not None:
            self._typed = string
        elif kind == "tag" and string is not None:
            node, lexical = string
            node.key = key_of_literal(lexical, "", match[0][1:].decode())
            node.end = node.event = match.end()
        elif kind == "tag":
            self._skip = 2 if match[0] == b"@prefix" else 1
        elif kind in ("iri", "name"):
            self._take_name(match)
        else:
            self._take_mark(match)

    def finish(self, end: int) -> list[Node]:
        """The nodes found; what makes the last ones known lies behind the end of the part."""
        for node in self._waiting:
            node.event = end + 1
        for *_, node in self._open:
            if node.key == "[":
                node.event = end + 1
            node.key = ANONYMOUS
        return self.nodes

    def _take_string(self, match: re.Match[bytes]) -> None:
        quotes = 3 if match[0].startswith(_TRIPLE_QUOTES) else 1
        lexical = unescape(match[0][quotes:-quotes].decode("utf-8", "replace"))
        node = self._add(key_of_literal(lexical, XSD + "string", None), match)
        self._string = node, lexical
        self._waiting.append(node)
        self._advance()

    def _take_name(self, match: re.Match[bytes]) -> None:
        word = match[0].decode("utf-8", "replace")
        if self._typed is not None:
            node, lexical = self._typed
            self._typed = None
            datatype = self._resolve(word)
            node.key = datatype and key_of_literal(lexical, datatype, None)
            node.end = node.event = match.end()
        elif self._skip:
            self._skip -= 1
        elif self._role == "subject" and word.upper() in ("PREFIX", "BASE", "GRAPH"):
            self._skip = {"PREFIX": 2, "BASE": 1, "GRAPH": 0}[word.upper()]
        else:
            self._add(self._key(word), match)
            self._advance()

    def _key(self, word: str) -> str | None:
        if word == "a" and self._role == "predicate":
            return key_of_iri(RDF + "type")
        if word in ("true", "false"):
            return key_of_literal(word, XSD + "boolean", None)
        if word.startswith("_:"):
            return word
        if number := _NUMBER.fullmatch(word):
            kind = "double" if number["exponent"] else "decimal" if "." in word else "integer"
            return key_of_literal(word, XSD + kind, None)
        iri = self._resolve(word)
        return None if iri is None else key_of_iri(iri)

    def _add(self, key: str | None, match: re.Match[bytes]) -> Node:
        node = Node(self._role, key, match.start(), match.end(), match.end())
        if self._role == "object":
            node.subject, node.predicate = self._subject, self._predicate
        elif self._role == "subject":
            self._subject = node
        elif self._role == "predicate":
            self._predicate = node
        self.nodes.append(node)
        return node

    def _advance(self) -> None:
        if not (self._open and self._open[-1][3].key == "("):
            self._role = _AFTER[self._role]

    def _take_mark(self, match: re.Match[bytes]) -> None:
        mark = match[0].decode("latin-1")
        if mark in ".{}":
            if mark == "{" and self._subject is not None and self._role == "predicate":
                self._subject.role = "graph"
            self._role, self._skip = "subject", 0
            self._open.clear()
        elif mark == ";":
            self._role = "predicate"
        elif mark == ",":
            self._role = "object"
        elif mark in "[(":
            self._enter(mark, match)
        elif mark in ")]" and self._open:
            self._leave(match)

    def _enter(self, mark: str, match: re.Match[bytes]) -> None:
        role, subject, predicate = self._role, self._subject, self._predicate
        node = self._add(mark, match)
        self._open.append((role, subject, predicate, node))
        self._subject = node
        self._role = "predicate" if mark == "[" else "object"
        if mark == "(":
            self._predicate = None
            self._waiting.append(node)

    def _leave(self, match: re.Match[bytes]) -> None:
        role, subject, predicate, node = self._open.pop()
        empty = node.key == "(" and self.nodes[-1] is node
        if node.key == "[":
            node.event = match.end()
        node.key = key_of_iri(RDF + "nil") if empty else ANONYMOUS
        self._role = role
        self._subject = node if role == "subject" else subject
        self._predicate = predicate
        self._advance()
