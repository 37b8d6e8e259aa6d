"""Reads the form of a SPARQL query from its tokens.

Only as much of the grammar (SPARQL 1.1, section 19.8) as can be judged for sure: whatever else a
query has makes it unread, and then nothing is concluded from its form.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lcgraph.shacl.form import Expression, Form, Group, Part, Path, Select, Triple
from lcgraph.shacl.model import Step
from lcgraph.sparql import Token, tokens
from lcgraph.terms import RDF, XSD

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lcgraph.shacl.form import Element

_REPEATS = {"*": "zeroOrMore", "+": "oneOrMore", "?": "zeroOrOne"}
_MODIFIERS = frozenset(["GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET"])
_NUMBER = re.compile(r"(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?")
_LABEL = re.compile(r"_:[\w.·-]*[\w·-]")
_OPERANDS = frozenset(["variable", "string", "language", "number", ")"])


class UnreadError(Exception):
    """The query has something whose form is not read."""


def read(text: str, prefixes: Mapping[str, str]) -> Form | None:
    """The form of a SELECT or ASK query; None where it is not read."""
    try:
        return _Reader(text, prefixes).query()
    except (UnreadError, IndexError, KeyError):
        return None


def _lexed(text: str) -> Iterator[Token]:
    """The tokens with numbers and blank nodes' labels in one piece, and a last, empty one."""
    if "\\u" in text or "\\U" in text:
        raise UnreadError  # an escape may stand anywhere, and for anything
    end = 0
    for token in tokens(text):
        if token.start < end or token.kind == "comment":
            continue
        number = _NUMBER.match(text, token.start) if token.kind == "mark" else None
        if number:
            end = number.end()
            yield Token("number", number[0], token.start)
        elif token.text == "_" and (label := _LABEL.match(text, token.start)):
            end = label.end()
            yield Token("blank", label[0], token.start)
        else:
            yield token
    yield Token("end", "", len(text))


class _Reader:
    """Reads from left to right; UnreadError says that it cannot."""

    def __init__(self, text: str, prefixes: Mapping[str, str]) -> None:
        self._tokens = list(_lexed(text))
        self._prefixes = dict(prefixes)
        self._at = 0
        self._constants: set[str] = set()

    # ---------- tokens ----------

    @property
    def _token(self) -> Token:
        return self._tokens[self._at]

    @property
    def _word(self) -> str:
        """The word in upper case that is next; empty where none is."""
        return self._token.text.upper() if self._token.kind == "word" else ""

    def _next(self) -> Token:
        token = self._token
        self._at += 1
        return token

    def _take(self, text: str) -> bool:
        """Goes past a mark or word if it is next."""
        if self._token.kind in ("mark", "word") and self._token.text.upper() == text:
            self._at += 1
            return True
        return False

    def _expect(self, text: str) -> Token:
        token = self._next()
        if token.kind not in ("mark", "word") or token.text.upper() != text:
            raise UnreadError
        return token

    def _iri(self, token: Token) -> str:
        """The N-Triples text of an IRI or a prefixed name."""
        if token.kind == "iri" and re.match(r"<[A-Za-z][A-Za-z0-9+.-]*:", token.text):
            return token.text
        if token.kind == "name" and "\\" not in token.text and "%" not in token.text:
            prefix, _, local = token.text.partition(":")
            return f"<{self._prefixes[prefix]}{local}>"
        raise UnreadError

    # ---------- the query ----------

    def query(self) -> Form:
        while self._take("PREFIX"):
            name, iri = self._next(), self._next()
            if name.kind != "name" or iri.kind != "iri" or not name.text.endswith(":"):
                raise UnreadError
            self._prefixes[name.text[:-1]] = iri.text[1:-1]
        select = self._select()
        if self._token.kind != "end":
            raise UnreadError
        return Form(select, frozenset(self._constants))

    def _select(self) -> Select:
        verb = self._next()
        ask = verb.text.upper() == "ASK"
        if verb.kind != "word" or verb.text.upper() not in ("SELECT", "ASK"):
            raise UnreadError
        end = verb.start + len(verb.text)
        projected: set[str] = set()
        star = False
        parts: list[Expression] = []
        if not ask and not self._take("DISTINCT"):
            self._take("REDUCED")
        while self._word != "WHERE" and self._token.text != "{":
            if self._token.kind == "variable":
                projected.add(self._next().text[1:])
            elif self._take("*"):
                star = True
            else:
                parts.append(self._bracketed(binds=True))
                projected.add(self._tokens[self._at - 2].text[1:])
        self._take("WHERE")
        where = self._group()
        grouped: set[str] | None = None
        sliced = False
        while (word := self._word) in _MODIFIERS:
            self._at += 1
            if word in ("LIMIT", "OFFSET"):
                sliced = True
                if self._next().kind != "number":
                    raise UnreadError
                continue
            if word != "HAVING":
                self._expect("BY")
            if word in ("GROUP", "HAVING") and grouped is None:
                grouped = set()
            parts += self._conditions(grouped if word == "GROUP" else None)
        expression = _merged(parts)
        if expression.exists:
            raise UnreadError  # a group outside of the groups
        return Select(
            where,
            frozenset(projected),
            star,
            None if grouped is None else frozenset(grouped),
            sliced,
            expression,
            (verb.start, end),
        )

    def _conditions(self, grouped: set[str] | None) -> Iterator[Expression]:
        """What GROUP BY, HAVING or ORDER BY names; plain variables of GROUP BY go into `grouped`."""
        while (
            self._token.kind != "end" and self._token.text != "}" and self._word not in _MODIFIERS
        ):
            if self._token.kind == "variable":
                name = self._next().text[1:]
                if grouped is not None:
                    grouped.add(name)
                yield Expression(frozenset([name]), frozenset(), frozenset())
            else:
                yield self._constraint()

    # ---------- groups ----------

    def _group(self) -> Group:
        start = self._expect("{").start + 1
        elements: list[Element] = []
        if self._word == "SELECT":
            elements.append(self._select())
            if self._token.text != "}":
                raise UnreadError
        while self._token.text != "}" or self._token.kind != "mark":
            elements.append(self._element())
            self._take(".")
        return Group(start, self._next().start, tuple(elements))

    def _element(self) -> Element:
        start = self._token.start
        if self._take("FILTER"):
            if not self._take("NOT"):
                return self._constraint()
            end = self._expect("EXISTS").start + len("EXISTS")
            none = frozenset[str]()
            return Expression(none, none, none, (self._group(),), absence=(start, end))
        if self._take("BIND"):
            return self._bracketed(binds=True)
        if self._take("OPTIONAL"):
            return Part("optional", (self._group(),))
        if self._take("GRAPH"):
            name = self._next()
            if name.kind == "variable":
                return Part("graph", (self._group(),), name.text[1:])
            self._iri(name)
            return Part("graph", (self._group(),))
        if self._token.text == "{" and self._token.kind == "mark":
            groups = [self._group()]
            while self._take("UNION"):
                groups.append(self._group())
            return Part("union" if len(groups) > 1 else "group", tuple(groups))
        return tuple(self._triples())

    def _triples(self) -> Iterator[Triple]:
        """The patterns of one subject."""
        found: list[Triple] = []
        if self._take("["):
            subject = ""
            if self._token.text != "]":
                self._properties(subject, found)
            self._expect("]")
            if self._ends():
                yield from found
                return
        else:
            subject = self._node(found)
        self._properties(subject, found)
        yield from found

    def _ends(self) -> bool:
        return self._token.text in (".", "}", "]", "{", "") or self._word in (
            "FILTER",
            "BIND",
            "OPTIONAL",
            "GRAPH",
        )

    def _properties(self, subject: str, found: list[Triple]) -> None:
        while True:
            path = self._verb()
            while True:
                found.append(Triple(subject, path, self._node(found)))
                if not self._take(","):
                    break
            if not self._take(";"):
                break
            while self._take(";"):
                pass
            if self._ends():
                break
        if not self._ends():
            raise UnreadError

    def _node(self, found: list[Triple]) -> str:
        token = self._next()
        if token.kind == "variable":
            return token.text[1:]
        if token.kind == "blank":
            return ""
        if token.text == "[" and token.kind == "mark":
            if self._token.text != "]":
                self._properties("", found)
            self._expect("]")
            return ""
        if token.text in ("+", "-") and self._token.kind == "number":
            number = self._next()
            token = Token("number", token.text + number.text, token.start)
        if token.kind in ("string", "number"):
            literal = self._literal(token)
            self._constants.add(literal)
            return literal
        if token.kind == "word" and token.text in ("true", "false"):
            return f'"{token.text}"^^<{XSD}boolean>'
        return self._iri(token)

    def _literal(self, token: Token) -> str:
        """The N-Triples text of a literal."""
        if token.kind == "number":
            digits = token.text.lower()
            kind = "double" if "e" in digits else "decimal" if "." in digits else "integer"
            return f'"{token.text}"^^<{XSD}{kind}>'
        quotes = 3 if token.text[:3] in ('"""', "'''") else 1
        lexical = token.text[quotes:-quotes]
        if quotes > 1 or token.text[0] == "'":
            lexical = re.sub(r'(?<!\\)"', r"\"", lexical).replace("\n", r"\n").replace("\r", r"\r")
        if self._token.kind == "language":
            return f'"{lexical}"{self._next().text}'
        if self._take("^^"):
            return f'"{lexical}"^^{self._iri(self._next())}'
        return f'"{lexical}"'

    # ---------- paths ----------

    def _verb(self) -> Path:
        if self._token.kind == "variable":
            return Path(None, variable=self._next().text[1:])
        return self._path()

    def _path(self) -> Path:
        found = self._sequence()
        while self._take("|"):
            other = self._sequence()
            zero = found.zero or other.zero
            found = Path(_union(found, other), zero, steps=_joined("alternative", found, other))
        return found

    def _sequence(self) -> Path:
        found = self._step()
        while self._take("/"):
            other = self._step()
            zero = found.zero and other.zero
            found = Path(_union(found, other), zero, steps=_joined("sequence", found, other))
        return found

    def _step(self) -> Path:
        inverse = self._take("^")
        token = self._next()
        if token.kind in ("iri", "name"):
            found = _single(self._iri(token))
        elif token.text == "a" and token.kind == "word":
            found = _single(f"<{RDF}type>")
        elif token.text == "(" and token.kind == "mark":
            found = self._path()
            self._expect(")")
        else:
            raise UnreadError  # a negated set, or no path
        if self._token.kind == "mark" and self._token.text in _REPEATS:
            repeat = self._next().text
            zero = repeat != "+" or found.zero
            found = Path(found.predicates, zero, steps=_joined(_REPEATS[repeat], found))
        if inverse:
            return Path(found.predicates, found.zero, steps=_joined("inverse", found))
        return found

    # ---------- expressions ----------

    def _constraint(self) -> Expression:
        """What may stand behind FILTER: in brackets, a call, or EXISTS."""
        if self._take("NOT") or self._word == "EXISTS":
            self._expect("EXISTS")
            return Expression(frozenset(), frozenset(), frozenset(), (self._group(),))
        token = self._token
        if token.kind in ("word", "iri", "name") and self._tokens[self._at + 1].text == "(":
            self._at += 1
            name = token.text.upper() if token.kind == "word" else "cast"
            inner = self._bracketed()
            return _merged([inner, Expression(frozenset(), frozenset([name]), frozenset())])
        return self._bracketed()

    def _bracketed(self, *, binds: bool = False) -> Expression:
        self._expect("(")
        variables, functions, literals = set(), set(), set()
        exists: list[Group] = []
        depth = 1
        before = ""
        while depth:
            token = self._next()
            if token.kind == "variable":
                variables.add(token.text[1:])
            elif token.kind in ("string", "number"):
                literals.add(self._literal(token))
            elif token.kind in ("iri", "name"):
                if before in _OPERANDS:
                    raise UnreadError  # the sign < may begin here, and no IRI
                if self._token.text == "(":
                    functions.add("cast")
            elif token.text.upper() == "EXISTS":
                exists.append(self._group())
            elif token.kind == "word" and self._token.text == "(":
                functions.add(token.text.upper())
            elif token.kind in ("end", "blank") or token.text in ("{", "}"):
                raise UnreadError
            else:
                depth += (token.text == "(") - (token.text == ")")
            before = token.kind if token.kind in _OPERANDS else token.text
        return Expression(
            frozenset(variables), frozenset(functions), frozenset(literals), tuple(exists), binds
        )


def _single(iri: str) -> Path:
    return Path(frozenset([iri]), single=iri, steps=iri)


def _joined(kind: str, *parts: Path) -> Step:
    return Step(kind, tuple(part.steps for part in parts if part.steps is not None))


def _union(one: Path, other: Path) -> frozenset[str] | None:
    if one.predicates is None or other.predicates is None:
        return None
    return one.predicates | other.predicates


def _merged(parts: list[Expression]) -> Expression:
    return Expression(
        frozenset[str]().union(*(p.variables for p in parts)),
        frozenset[str]().union(*(p.functions for p in parts)),
        frozenset[str]().union(*(p.literals for p in parts)),
        tuple(group for p in parts for group in p.exists),
        any(p.binds for p in parts),
    )
