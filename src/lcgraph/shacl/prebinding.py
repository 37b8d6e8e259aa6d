"""Pre-bound variables of SHACL-SPARQL (section 5.3 and appendix A), as text.

A pre-bound variable has its value everywhere in a query, inside filters and sub-selects too, which
no join can say. So each of its tokens is replaced by the term, in the form that its place allows.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

import pyoxigraph as ox

from lcgraph.errors import ShapesError
from lcgraph.sparql import (
    check_limits,
    form,
    prefixes_declared,
    prefixes_used,
    refuse_network,
    tokens,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from lcgraph.sparql import Token

_ENDS_CLAUSE = frozenset(["WHERE", "FROM", "HAVING", "ORDER", "LIMIT", "OFFSET"])
# Pre-bound variables that a sub-select may leave out (appendix A).
_OPTIONAL = frozenset(["shapesGraph", "currentShape"])
_VARIABLE = re.compile(r"[?$](\w+)")
_FORBIDDEN = frozenset(["MINUS", "VALUES", "SERVICE"])


@dataclass
class _Select:
    """One SELECT of a text: where its projection and its GROUP BY name variables."""

    depth: int
    projected: dict[int, str] = field(default_factory=dict)
    star: bool = False
    grouped: dict[int, str] = field(default_factory=dict)


class Template:
    """A query text, taken apart once, that values can be put into."""

    def __init__(self, text: str, names: Collection[str]) -> None:
        """`names` are the variables that are pre-bound, without their sigil.

        Raises:
            ShapesError: the text does what appendix A forbids.
        """
        self._text = text
        self._tokens = [t for t in tokens(text) if t.kind != "comment"]
        self._names = frozenset(names)
        self._selects: list[_Select] = []
        self._ordering: set[int] = set()
        self._scan()

    def mentions(self, name: str) -> bool:
        """Whether the text has this variable."""
        return any(t.kind == "variable" and t.text[1:] == name for t in self._tokens)

    def projects(self, name: str) -> bool:
        """Whether the outermost SELECT gives this variable."""
        select = self._selects[0]
        return select.star or name in select.projected.values()

    def _scan(self) -> None:
        depth = parens = 0
        place = ""  # "select" within a projection, "group" within a GROUP BY
        before = ""
        current: _Select | None = None
        for index, token in enumerate(self._tokens):
            word = token.text.upper() if token.kind == "word" else ""
            name = token.text[1:] if token.kind == "variable" else ""
            self._refuse(word, name, before)
            self._refuse_unclear(token)
            depth += (token.text == "{") - (token.text == "}")
            parens += (token.text == "(") - (token.text == ")")
            if token.text in "{}" or word in _ENDS_CLAUSE:
                place = ""
            elif word == "SELECT":
                current = _Select(depth)
                self._selects.append(current)
                place, parens = "select", 0
            elif word == "BY" and before == "ORDER":
                place, parens = "order", 0
            elif word == "BY" and before == "GROUP":
                current = next((s for s in reversed(self._selects) if s.depth == depth), None)
                place, parens = "group", 0
            elif place == "order" and not parens:
                if name:
                    self._ordering.add(index)
            elif current and place and not parens:
                current.star |= token.text == "*" and place == "select"
                if name:
                    names = current.projected if place == "select" else current.grouped
                    names[index] = name
            before = token.text.upper()
        # An ASK has no SELECT of its own.
        inner = self._selects if form(self._text) == "ASK" else self._selects[1:]
        for select in inner:
            missing = self._names - _OPTIONAL - set(select.projected.values())
            if select.star or missing:
                name = min(missing or {"this"})
                raise ShapesError(
                    f"a sub-select must name the pre-bound variable ${name} in its SELECT"
                )

    def _refuse(self, word: str, name: str, before: str) -> None:
        if word in _FORBIDDEN:
            raise ShapesError(f"{word} must not stand in a SPARQL constraint (SHACL appendix A)")
        if name in self._names and before == "AS":
            raise ShapesError(f"${name} is pre-bound and must not be assigned to")

    def _refuse_unclear(self, token: Token) -> None:
        """Refuses ?a<$this&&?b>?c, in which the engine sees signs where tokens show an IRI."""
        if token.kind == "iri" and "&&" in token.text:
            mentioned = self._names.intersection(_VARIABLE.findall(token.text))
            if mentioned:
                raise ShapesError(f"${min(mentioned)} is hard to see: write a blank behind <")

    def text(self, values: Mapping[str, str]) -> str:
        """The query with the values, N-Triples texts, in place of the variables."""
        kept: dict[int, str] = {}
        for number, select in enumerate(self._selects):
            # Where a sub-select or GROUP BY already gives the variable, it must only be named.
            given = set(select.grouped.values())
            for inner in self._selects[number + 1 :]:
                if inner.depth > select.depth:
                    given.update(inner.projected.values())
            for index, name in select.projected.items():
                if name in values:
                    kept[index] = f"?{name}" if name in given else f"({values[name]} AS ?{name})"
            for index, name in select.grouped.items():
                if name in values:
                    kept[index] = f"({values[name]} AS ?{name})"
        out: list[str] = []
        at = rest = 0
        for index, token in enumerate(self._tokens):
            if rest:
                rest -= 1  # of BOUND ( $this )
                new = ""
            elif index in kept:
                new = kept[index]
            elif self._is_bound(index, values):
                new, rest = "(true)", 3
            elif token.kind == "variable" and token.text[1:] in values:
                new = values[token.text[1:]]
                if index in self._ordering:
                    new = f"({new})"
            else:
                continue
            out += [self._text[at : token.start], new]
            at = token.start + len(token.text)
        return "".join([*out, self._text[at:]])

    def _is_bound(self, index: int, values: Mapping[str, str]) -> bool:
        """Whether BOUND($x) of a pre-bound $x begins here; it is true, and a term cannot stand in it."""
        four = self._tokens[index : index + 4]
        return (
            len(four) == 4  # noqa: PLR2004
            and [t.text.upper() for t in four[:2]] == ["BOUND", "("]
            and four[2].text[1:] in values
            and four[2].kind == "variable"
        )


def with_path(text: str, path: str) -> str:
    """The query with a path in place of $PATH (section 5.3)."""
    found = [t for t in tokens(text) if t.kind == "variable" and t.text[1:] == "PATH"]
    for token in reversed(found):
        text = text[: token.start] + path + text[token.start + len(token.text) :]
    return text


def check(text: str, prefixes: Mapping[str, str], names: Collection[str], *, ask: bool) -> None:
    """Tries a query of the shapes graph; `names` are the variables that may be pre-bound.

    Raises:
        ShapesError: it is no query of its form, or does what appendix A forbids.
    """
    wanted = "ASK" if ask else "SELECT"
    if form(text) != wanted:
        raise ShapesError(f"sh:{wanted.lower()} takes a{'n' if ask else ''} {wanted} query")
    check_limits(text)
    refuse_network(text)
    template = Template(text, names)
    if not ask and not template.projects("this"):
        raise ShapesError("a SELECT query of a constraint must name $this in its SELECT")
    known = {*prefixes, *prefixes_declared(text)}
    some = "<urn:lcgraph:any>"
    tried = with_path(template.text(dict.fromkeys(names, some)), some)
    try:
        # A RuntimeError is about a function, which the shapes graph may declare.
        with suppress(RuntimeError):
            _empty_store().query(tried, prefixes=dict(prefixes))
    except SyntaxError as error:
        # The engine goes on to name all that could have stood there.
        reason = str(error).partition("expected")[0].strip(" :") or str(error)
        unknown = [p for p in prefixes_used(text) if p not in known]
        raise ShapesError(
            f"the query is no SPARQL: {reason}",
            hint=f"Nothing says what the prefix {unknown[0]}: means; declare it by sh:prefixes."
            if unknown
            else None,
        ) from None


@cache
def _empty_store() -> ox.Store:
    return ox.Store()
