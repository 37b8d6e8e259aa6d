"""What a query can see of the data: its predicates, where its form shows that it looks no further."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lcgraph.sparql import tokens
from lcgraph.terms import RDF

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lcgraph.sparql import Token

_NAMING = frozenset(["PREFIX", "BASE", "FROM"])
_NODES = frozenset(["variable", "iri", "name"])


def predicates(text: str, prefixes: Mapping[str, str]) -> frozenset[str] | None:
    """The predicates, as N-Triples text, of all triples that can change the answer of a query.

    Known only of queries with one group of plain triple patterns, whose predicates are constants,
    with FILTER and BIND that ask for no pattern; None for all others.
    """
    if "\\" in text:
        return None  # an escape could stand for anything
    found = [token for token in tokens(text) if token.kind != "comment"]
    marks = [token.text for token in found]
    if marks.count("{") != 1 or marks.count("}") != 1:
        return None
    head = {token.text.upper() for token in found[: marks.index("{")] if token.kind == "word"}
    if head & _NAMING:
        return None
    try:
        return frozenset(_Group(found[marks.index("{") + 1 :], prefixes).predicates())
    except LookupError:
        return None


class _Group:
    """One group, read from left to right; a LookupError says that it is not plain."""

    def __init__(self, found: list[Token], prefixes: Mapping[str, str]) -> None:
        self._tokens = found
        self._prefixes = prefixes
        self._at = 0

    def _next(self) -> Token:
        token = self._tokens[self._at]
        self._at += 1
        return token

    def predicates(self) -> set[str]:
        """The predicates of its triple patterns."""
        found: set[str] = set()
        while (token := self._next()).text != "}":
            if token.text.upper() in ("FILTER", "BIND"):
                self._skip_expression()
            elif token.kind in _NODES:
                found |= self._about()
            elif token.text != ".":
                raise LookupError
        return found

    def _skip_expression(self) -> None:
        depth = 0
        while True:
            token = self._next()
            if token.text == "}" or token.text.upper() == "EXISTS":
                raise LookupError
            depth += (token.text == "(") - (token.text == ")")
            if token.text == ")" and depth == 0:
                return

    def _about(self) -> set[str]:
        """The predicates of a subject's patterns, up to what ends them."""
        found = set()
        while True:
            found.add(self._verb(self._next()))
            end = self._objects()
            while end == ";" and self._tokens[self._at].text == ";":
                self._at += 1
            if end != ";" or self._ends(self._tokens[self._at]):
                return found

    def _verb(self, token: Token) -> str:
        if token.text == "a":
            return f"<{RDF}type>"
        if token.kind == "iri":
            return token.text
        if token.kind != "name":
            raise LookupError
        prefix, _, local = token.text.partition(":")
        return f"<{self._prefixes[prefix]}{local}>"

    def _objects(self) -> str:
        """Goes past the objects of a predicate; gives the mark behind them, if it is of them."""
        while True:
            token = self._next()
            if token.kind == "string":
                if self._tokens[self._at].kind == "language":
                    self._at += 1
                elif self._tokens[self._at].text == "^^":
                    self._at += 2
            elif token.kind not in _NODES and token.text not in ("true", "false"):
                raise LookupError
            following = self._tokens[self._at]
            if following.text in (",", ";"):
                self._at += 1
            elif not self._ends(following):
                raise LookupError
            if following.text != ",":
                return following.text

    @staticmethod
    def _ends(token: Token) -> bool:
        return token.text in (".", "}") or token.text.upper() in ("FILTER", "BIND")
