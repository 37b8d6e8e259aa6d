"""What a SPARQL update changes, found out while it runs.

An update of common form is taken apart into operations, and of each is asked what it could add or
delete; of that is looked up what was there before and is there after. For all others, the whole
store before is held against the whole store after, which takes as long as reading it twice.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pyoxigraph as ox

from lcgraph.sparql import Token, tokens

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lcgraph.store.embedded import Changes, EmbeddedStore

# What gives another value at each call, or a blank node that nobody could name before.
_FRESH = frozenset(["NOW", "RAND", "UUID", "STRUUID", "BNODE"])
# What makes a template or a pattern more than triples of the default graph.
_GRAPHS = frozenset(["GRAPH", "WITH", "USING"])
_OPEN, _CLOSE = "{([", "})]"


def run(store: EmbeddedStore, changes: Changes, text: str, prefixes: dict[str, str]) -> None:
    """Runs an update, all of it or nothing, and adds to `changes` what it has changed.

    Raises:
        SyntaxError: it is no update.
    """
    with suppress(ValueError, OSError, RuntimeError):  # what is no fault of the text, if any
        ox.Store().update(text, prefixes=prefixes)
    operations = _operations(text)
    if operations is None:
        before = set(store.engine)
        store.engine.update(text, prefixes=prefixes)
        after = set(store.engine)
        done = [(after - before, before - after)]
    else:
        done = []
        try:
            for operation in operations:
                done.append(_run(store.engine, operation, prefixes))
        except BaseException:
            for added, removed in reversed(done):
                _apply(store.engine, removed, added)
            raise
    for added, removed in done:
        for quad in removed:
            for form in store.written(quad):
                changes.remove(form)
        for quad in added:
            changes.add(quad)


@dataclass
class _Operation:
    """One operation of an update.

    Attributes:
        text: its text, with the prologue that it needs.
        data: an update that inserts what it names, where it names quads.
        constructs: queries for what it could add or delete.
    """

    text: str
    data: str | None = None
    constructs: list[str] = field(default_factory=list)


def _run(
    engine: ox.Store, operation: _Operation, prefixes: dict[str, str]
) -> tuple[set[ox.Quad], set[ox.Quad]]:
    """Runs an operation; gives what it has added and what it has removed."""
    named = ox.Store()  # it writes literals as the engine will
    if operation.data is not None:
        named.update(operation.data, prefixes=prefixes)
    for text in operation.constructs:
        found = engine.query(text, prefixes=prefixes)
        named.extend(ox.Quad(*triple) for triple in found)  # type: ignore[union-attr]
    before = {quad: quad in engine for quad in named}
    engine.update(operation.text, prefixes=prefixes)
    after = {quad for quad in before if quad in engine}
    added = {quad for quad in after if not before[quad]}
    return added, {quad for quad, was in before.items() if was and quad not in after}


def _apply(engine: ox.Store, added: Iterable[ox.Quad], removed: Iterable[ox.Quad]) -> None:
    for quad in removed:
        engine.remove(quad)
    engine.extend(added)


def _operations(text: str) -> list[_Operation] | None:
    """The operations of a text that is an update; None where not all have a form known here."""
    if "\\u" in text or "\\U" in text:  # escapes can stand for any character of the syntax
        return None
    found = []
    prologue = ""
    for part in _parts(text):
        body = _without_prologue(part)
        prologue += text[part[0].start : body[0].start if body else _end(part)] + "\n"
        if body:
            operation = _operation(text, prologue, body)
            if operation is None:
                return None
            found.append(operation)
    return found


def _parts(text: str) -> Iterator[list[Token]]:
    """The tokens of each operation, which semicolons divide."""
    part: list[Token] = []
    depth = 0
    for token in tokens(text):
        if token.kind == "comment":
            continue
        if token.kind == "mark":
            depth += (token.text in _OPEN) - (token.text in _CLOSE)
        if token.text == ";" and not depth:
            if part:
                yield part
            part = []
        else:
            part.append(token)
    if part:
        yield part


def _without_prologue(part: list[Token]) -> list[Token]:
    at = 0
    while at < len(part) and part[at].kind == "word":
        word = part[at].text.upper()
        if word not in ("PREFIX", "BASE"):
            break
        at += 3 if word == "PREFIX" else 2
    return part[at:]


def _operation(text: str, prologue: str, body: list[Token]) -> _Operation | None:
    """An operation, where its form is known here."""
    whole = f"{prologue}{text[body[0].start : _end(body)]}"
    words = {token.text.upper() for token in body if token.kind == "word"}
    if words & (_FRESH | _GRAPHS):
        return None
    shape, groups = _groups(body)
    texts = [text[group[0].start : _end(group)] for group in groups]
    if shape in (["INSERT", "DATA"], ["DELETE", "DATA"]):
        if _names_blank(groups[0]):
            return None
        return _Operation(whole, data=f"{prologue}INSERT DATA {texts[0]}")
    if shape == ["DELETE", "WHERE"] and len(groups) == 1:
        return _Operation(whole, constructs=[f"{prologue}CONSTRUCT {texts[0]} WHERE {texts[0]}"])
    if shape in (["DELETE", "WHERE"], ["INSERT", "WHERE"], ["DELETE", "INSERT", "WHERE"]):
        *templates, where = texts
        if any(map(_names_blank, groups[:-1])):
            return None
        asked = [f"{prologue}CONSTRUCT {template} WHERE {where}" for template in templates]
        return _Operation(whole, constructs=asked)
    return None


def _groups(body: list[Token]) -> tuple[list[str], list[list[Token]]]:
    """The words of an operation that stand outside of its groups, and the tokens of these."""
    words: list[str] = []
    groups: list[list[Token]] = []
    depth = 0
    for token in body:
        if token.kind == "mark" and token.text in _OPEN:
            if not depth:
                groups.append([])
            depth += 1
        if depth:
            groups[-1].append(token)
        else:
            words.append(token.text.upper())
        if token.kind == "mark" and token.text in _CLOSE:
            depth -= 1
    return words, groups


def _names_blank(group: list[Token]) -> bool:
    """Whether a blank node is written anywhere, or a list, which is made of them."""
    before = ""
    for token in group:
        if token.kind == "mark" and token.text in "[(":
            return True
        if before == "_" and token.text.startswith(":"):
            return True
        before = token.text
    return False


def _end(part: list[Token]) -> int:
    return part[-1].start + len(part[-1].text)
