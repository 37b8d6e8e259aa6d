"""JSON-LD 1.1 in and out, offline: contexts come from the package or the document.

Reading leaves expansion to PyLD and makes the quads itself, so that every text stays as written
and what a processor would drop is an error. Writing knows just what the bundled context uses.
"""

from __future__ import annotations

import copy
import json
import math
import re
import warnings
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, NoReturn, Self, TypeAlias

import pyoxigraph as ox

from lcgraph import resources
from lcgraph.errors import LcgraphError, PolicyError, ReadError, WriteError, did_you_mean
from lcgraph.terms import ID, RDF, XSD

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    Resource: TypeAlias = "ox.NamedNode | ox.BlankNode"
    Graph: TypeAlias = "ox.NamedNode | ox.BlankNode | ox.DefaultGraph"
    #: What one graph says: subject -> predicate -> objects.
    Facts: TypeAlias = dict[Resource, dict[str, list[Any]]]

#: The address that stands for the bundled context; nothing is fetched from it.
CONTEXT_IRI = "https://w3id.org/lcgraph/context.jsonld"
#: A number in JSON with more digits than this is refused; no double reaches so far.
MAX_DIGITS = 300
#: How many lists are written inside each other; the cells of one below have labels.
MAX_NESTING = 24

# A context that is named by its address cannot set the base (JSON-LD 1.1 section 4.1.3).
_REFERENCE = [CONTEXT_IRI, {"@base": ID}]
_FIRST_KEYS = ("id", "type", "label", "title", "altLabel")
# PyLD resolves against http://example.org/base/ where it has no base; this one can be told apart.
_NO_BASE = "x-lcgraph-no-base://relative/"
_BASE_HINT = "Relative IRIs need a base: give one with base= or --base, or set @base in @context."
_TYPE, _FIRST, _REST = (ox.NamedNode(RDF + name) for name in ("type", "first", "rest"))
_NIL = ox.NamedNode(RDF + "nil")
_JSON = RDF + "JSON"
_STRING, _INTEGER, _DECIMAL, _DOUBLE, _BOOLEAN = (
    XSD + name for name in ("string", "integer", "decimal", "double", "boolean")
)
# JSON-LD 1.1 sections 1.7 and 4: words of this form are keywords, now or some day.
_KEYWORD_LIKE = re.compile(r"@[A-Za-z]+")
_KEYWORDS = frozenset(
    re.findall(
        r"@\w+",
        "@base @container @context @direction @graph @id @import @included @index @json @language"
        " @list @nest @none @prefix @propagate @protected @reverse @set @type @value @version"
        " @vocab",
    )
)
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}:,]|[^\s\[\]{}:,"]+')
_OPENING, _CLOSING = ("[", "{"), ("]", "}")
# A path that every resolver gives back unchanged (RFC 3986 section 5.2): no empty or dot segment,
# no colon, and no empty fragment.
_SEGMENT = r"(?!\.\.?(?:[/#]|$))[\w.~!$&'()*+,=%-]+"
_PLAIN_PATH = re.compile(rf"{_SEGMENT}(?:/{_SEGMENT})*(?:#[\w.~!$&'()*+,=%/-]+)?")
_PLAIN_INTEGER = re.compile(r"-?[1-9]\d{0,14}|0")
_PREFIX_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")


@cache
def context() -> dict[str, Any]:
    """The bundled context, `ontology/context.jsonld`, without its wrapping object."""
    text = (resources.ontology_dir() / "context.jsonld").read_text(encoding="utf-8")
    inner: dict[str, Any] = json.loads(text)["@context"]
    return inner


# --- Reading ---------------------------------------------------------------------------------


def parse(
    data: bytes, *, name: str, base: str | None = None
) -> tuple[list[ox.Quad], dict[str, str]]:
    """The quads of a JSON-LD document (JSON-LD 1.1 API section 8), and the prefixes of its context.

    Text stays as written; JSON numbers and truth values become canonical literals.

    Args:
        data: the document, in UTF-8.
        name: what messages call it.
        base: the IRI that relative IRIs are resolved against; without it they are errors.

    Raises:
        ReadError: it is not JSON, or not JSON-LD, or has something that would be dropped in
            silence.
        PolicyError: it names a context that is neither bundled nor in the document.
        LcgraphError: the base is not an IRI.
    """
    text = _Text(name, _decode(data, name))
    try:
        document = _load(text)
        _refuse_loose_values(document, text)
        quads = _Quads(text)
        for node in _expand(document, text, base):
            quads.add_node(node, ox.DefaultGraph())
    except RecursionError:
        raise ReadError(
            "it is nested too deeply",
            file=name,
            line=text.deepest_line(),
            hint="Write nodes beside each other, and name them by their @id.",
        ) from None
    return list(quads.found), _prefixes(document)


class _Text:
    """A document, which finds the lines of its words again for messages."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = text

    def error(
        self,
        message: str,
        word: str | None = None,
        hint: str | None = None,
        line: int | None = None,
    ) -> ReadError:
        """A ReadError at the line of `word`, where that can be found."""
        if line is None and word is not None:
            line = self.line_of(word)
        return ReadError(message, file=self.name, line=line, hint=hint)

    def tokens(self) -> Iterator[tuple[int, str]]:
        """The tokens of the JSON text with their lines, counted from 1; strings decoded, with a
        quote in front."""
        line, at = 1, 0
        for token in _TOKEN.finditer(self.text):
            line += self.text.count("\n", at, token.start())
            at = token.start()
            word = token[0]
            if word[0] == '"':
                try:
                    word = '"' + json.loads(word)
                except ValueError:
                    continue
            yield line, word

    def line_of(self, word: str) -> int | None:
        """The first line with `word` as a string or a number, in letters of either case."""
        wanted = word.lower()
        return next((n for n, t in self.tokens() if t.removeprefix('"').lower() == wanted), None)

    def line_of_iri(self, iri: str) -> int | None:
        """The line of an IRI, or of the longest string that it can have been expanded from."""
        best, found = "", self.line_of(iri)
        for line, token in self.tokens() if found is None else ():
            said = token[1:] if token[0] == '"' else ""
            for part in (said.lstrip("./"), said.partition(":")[2]):
                if len(part) > len(best) and iri.endswith(part):
                    best, found = part, line
        return found

    def duplicate(self) -> tuple[str, int] | None:
        """The first key that comes twice in one object, and the line of its second place."""
        objects: list[set[str]] = []
        before: tuple[int, str] = (0, "")
        for line, mark in self.tokens():
            if mark in _OPENING:
                objects.append(set())
            elif mark in _CLOSING:
                objects.pop()
            elif mark == ":":
                if before[1] in objects[-1]:
                    return before[1][1:], before[0]
                objects[-1].add(before[1])
            before = line, mark
        return None

    def deepest_line(self) -> int | None:
        """The line where the brackets are deepest."""
        depth = deepest = 0
        found = None
        for line, mark in self.tokens():
            depth += (mark in _OPENING) - (mark in _CLOSING)
            if depth > deepest:
                deepest, found = depth, line
        return found


class _Number(float):
    """A JSON number with a point or an exponent, which keeps its text."""

    __slots__ = ("text",)
    text: str

    def __new__(cls, text: str) -> Self:
        """The number that the text says."""
        self = super().__new__(cls, text)
        self.text = text
        return self

    def __deepcopy__(self, _memo: object) -> Self:
        """Itself, for PyLD, which copies what it reads."""
        return self


class _RefusedError(ValueError):
    """Why a piece of JSON is refused, and the piece; raised inside the JSON parser."""

    def __init__(self, message: str, word: str) -> None:
        super().__init__(message)
        self.word = word


def _decode(data: bytes, name: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ReadError(
            "it is not UTF-8 text", file=name, line=line, hint="Save it as UTF-8."
        ) from None


def _load(text: _Text) -> Any:
    """The JSON value of a text, its numbers with their text.

    Raises:
        ReadError: it is not JSON, or not I-JSON (RFC 7493: one value for a key, numbers within
            doubles, no lone surrogates), or is neither an object nor an array.
    """
    try:
        document = json.loads(
            text.text,
            object_pairs_hook=_object,
            parse_float=_decimal_number,
            parse_int=_whole_number,
            parse_constant=_no_number,
        )
    except json.JSONDecodeError as error:
        raise ReadError(
            f"not valid JSON: {error.msg[:1].lower()}{error.msg[1:]}",
            file=text.name,
            line=error.lineno,
            column=error.colno,
            text=error.doc.split("\n")[error.lineno - 1],
        ) from None
    except _RefusedError as error:
        raise text.error(str(error), error.word) from None
    except _DuplicateKeyError:
        key, line = text.duplicate() or ("", None)
        raise text.error(
            f"the key {key!r} comes twice in one object, and one of its values would be dropped",
            line=line,
            hint="Put both values into one array.",
        ) from None
    _refuse_surrogates(text)
    if not isinstance(document, dict | list):
        raise text.error(
            f"not valid JSON-LD: the document is {_shown(document)}, not an object or an array",
            line=1,
        )
    return document


class _DuplicateKeyError(ValueError):
    """Two values stand under one key of one object."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _DuplicateKeyError
    return found


def _whole_number(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise _RefusedError(f"a number of {len(text)} digits is out of range", text)
    return int(text)


def _decimal_number(text: str) -> _Number:
    number = _Number(text)
    underflow = not number and re.search("[1-9]", re.split("[eE]", text)[0])
    if len(text) > MAX_DIGITS or math.isinf(number) or underflow:
        shown = text if len(text) <= 40 else f"{text[:40]}…"  # noqa: PLR2004 (a line's worth)
        raise _RefusedError(f"the number {shown} is out of the range of xsd:double", text)
    return number


def _no_number(text: str) -> NoReturn:
    raise _RefusedError(f"not valid JSON: {text} is not a number in JSON", text)


def _refuse_surrogates(text: _Text) -> None:
    """Refuses half a surrogate pair, which is no character (RFC 7493 section 2.1)."""
    if not re.search(r"\\u[dD][89a-fA-F]", text.text):
        return
    for line, token in text.tokens():
        if half := re.search("[\ud800-\udfff]", token):
            raise text.error(
                f"\\u{ord(half[0]):04x} is half of a surrogate pair, not a character",
                line=line,
                hint="Write the character itself, in UTF-8.",
            )


def _refuse_loose_values(document: Any, text: _Text) -> None:
    """Refuses text and numbers that stand where only nodes mean something: at the top, and in
    @graph and @included (JSON-LD 1.1 API, expansion algorithm, step 4.1 drops them)."""
    words = _words_of_contexts(document)

    def walk(value: Any, *, loose: bool) -> None:
        if isinstance(value, list):
            for item in value:
                walk(item, loose=loose)
        elif isinstance(value, dict):
            for key, inner in value.items():
                meaning = words.get(key, key)
                if meaning not in ("@context", "@value", "@json"):
                    inside = meaning in ("@graph", "@included") or (loose and meaning == "@set")
                    walk(inner, loose=inside)
        elif loose and value is not None:
            raise text.error(
                f"{_shown(value)} stands where only nodes can, and would be dropped",
                value if isinstance(value, str) else _number_text(value),
                "Put it under a key of a node.",
            )

    walk(document, loose=True)


def _words_of_contexts(document: Any) -> dict[str, str]:
    """The aliases of @graph, @included, @set and @value, and the keys of JSON literals (as @json),
    that the contexts in a document define."""
    words: dict[str, str] = {}

    def define(value: Any) -> None:
        for entry in value if isinstance(value, list) else [value]:
            for term, definition in entry.items() if isinstance(entry, dict) else ():
                inner = definition if isinstance(definition, dict) else {"@id": definition}
                if inner.get("@id") in ("@graph", "@included", "@set", "@value"):
                    words[term] = inner["@id"]
                elif inner.get("@type") == "@json":
                    words[term] = "@json"
                define(inner.get("@context"))

    def walk(value: Any) -> None:
        for item in value if isinstance(value, list) else value.values():
            if isinstance(item, dict | list):
                walk(item)
        if isinstance(value, dict):
            define(value.get("@context"))

    walk(document)
    return words


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:60]}…"  # noqa: PLR2004 (a line's worth)


def _number_text(value: Any) -> str:
    """A number or truth value as it stands in the text."""
    if isinstance(value, _Number):
        return value.text
    return str(value).lower()


def _expand(document: Any, text: _Text, base: str | None) -> list[dict[str, Any]]:
    """The expanded nodes of a document.

    Raises:
        ReadError: it is not JSON-LD, or has a key that would be dropped.
        PolicyError: it names a context that is not bundled.
        LcgraphError: the base is not an IRI.
    """
    from cachetools import LRUCache
    from pyld import jsonld

    try:
        ox.NamedNode(base or _NO_BASE)
    except ValueError as error:
        raise LcgraphError(f"the base {base!r} is not an IRI: {error}") from None
    dropped: list[str | None] = []
    options = {
        "processingMode": "json-ld-1.1",
        "documentLoader": _bundled_only,
        # PyLD's own cache of contexts is shared with every other user of PyLD in the process.
        "contextResolver": jsonld.ContextResolver(LRUCache(maxsize=100), _bundled_only),
        "base": base or _NO_BASE,
        # PyLD drops what hangs from no node; here it must be seen to be refused.
        "keepFreeFloatingNodes": True,
    }
    try:
        with warnings.catch_warnings():
            # About terms that look like keywords; to use one is an error here.
            warnings.simplefilter("ignore")
            expanded: list[dict[str, Any]] = jsonld.expand(
                document, options, on_property_dropped=dropped.append
            )
    except jsonld.JsonLdError as error:
        raise _json_ld_error(error, text) from None
    except RecursionError:
        raise
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        # PyLD stumbles over some contexts instead of refusing them.
        raise text.error(
            f"not valid JSON-LD: PyLD cannot expand it ({type(error).__name__}: {error})",
            "@context",
            "Look at @context first: its values are strings, objects, or null.",
        ) from None
    _refuse_dropped(dropped, text)
    return expanded


def _bundled_only(address: str, _options: object) -> dict[str, Any]:
    """PyLD's document loader: the bundled context and nothing else."""
    if address == CONTEXT_IRI:
        return {
            "contentType": "application/ld+json",
            "contextUrl": None,
            "documentUrl": address,
            # PyLD changes a context that @import names in place.
            "document": {"@context": copy.deepcopy(context())},
        }
    raise _UnbundledError(address)


class _UnbundledError(Exception):
    """Carries the address of a context that is not bundled through PyLD."""


def _json_ld_error(error: Any, text: _Text) -> ReadError | PolicyError:
    cause: Any = error
    deepest = error
    while cause is not None:
        if isinstance(cause, _UnbundledError):
            address = str(cause).removeprefix(_NO_BASE)
            return PolicyError(
                f"it names the context {address}, which is not bundled, and nothing is fetched",
                file=text.name,
                line=text.line_of(address),
                hint=f"Put the context into the document, or name {CONTEXT_IRI}.",
            )
        deepest = cause if hasattr(cause, "details") else deepest
        cause = getattr(cause, "cause", None) or cause.__cause__
    message = str(deepest.args[0]) if deepest.args else str(deepest)
    message = message.removeprefix("Invalid JSON-LD syntax; ").rstrip(".").replace(_NO_BASE, "")
    words = [word for word in _strings(getattr(deepest, "details", None)) if word != "@context"]
    lines = (text.line_of(word) for word in words)
    said = f" ({_shown(words[0])})" if words and words[0] not in message else ""
    return text.error(
        f"not valid JSON-LD: {message[:1].lower()}{message[1:]}{said}",
        line=next((line for line in lines if line), None),
    )


def _strings(details: Any) -> list[str]:
    """What PyLD tells of an error: the words of its values, then the keys of objects in them."""
    values = list(details.values()) if isinstance(details, dict) else []
    keys = [key for value in values if isinstance(value, dict) for key in value]
    return [value for value in [*values, *keys] if isinstance(value, str)]


def _refuse_dropped(dropped: list[str | None], text: _Text) -> None:
    """Refuses keys without a meaning; a key that its context sets to null is left out on purpose,
    and PyLD tells of it as it tells of unknown keywords: as None."""
    for key in dropped:
        if key is None:
            _refuse_unknown_keyword(text)
            continue
        word = key.removeprefix(_NO_BASE)
        known = [term for term in context() if not term.startswith("@")]
        raise text.error(
            f"the key {word!r} is in no context and would be dropped",
            line=text.line_of_iri(word),
            hint=did_you_mean(word, known) or "Define it in @context, or take it out.",
        )


def _refuse_unknown_keyword(text: _Text, *, keys_only: bool = True) -> None:
    before: tuple[int, str] = (0, "")
    for line, mark in text.tokens():
        at, said = before if keys_only else (line, mark)
        word = said[1:]
        if (mark == ":" or not keys_only) and said[:1] == '"' and _is_unknown_keyword(word):
            raise text.error(
                f"{word!r} looks like a keyword of JSON-LD, is none, and would be dropped",
                line=at,
                hint=did_you_mean(word, _KEYWORDS),
            )
        before = line, mark


def _is_unknown_keyword(word: str) -> bool:
    return _KEYWORD_LIKE.fullmatch(word) is not None and word not in _KEYWORDS


def _prefixes(document: Any) -> dict[str, str]:
    """The prefixes that the context of a document defines and that Turtle can have too."""
    own = document.get("@context") if isinstance(document, dict) else None
    return {
        prefix: iri
        for prefix, iri in (own if isinstance(own, dict) else {}).items()
        if isinstance(iri, str)
        and iri.endswith(("#", "/"))
        and _PREFIX_NAME.fullmatch(prefix)
        and re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|^`\\]*", iri)
    }


class _Quads:
    """The quads of expanded JSON-LD (JSON-LD 1.1 API section 8.1), in the order of the nodes."""

    def __init__(self, text: _Text) -> None:
        self.found: dict[ox.Quad, None] = {}
        self._text = text
        self._iris: dict[str, ox.NamedNode] = {}
        self._labels: dict[str, ox.BlankNode] = {}

    def add_node(self, node: Any, graph: Graph) -> Resource:
        """Adds what a node object says and returns its term.

        Raises:
            ReadError: something in it has no place in RDF.
        """
        if not isinstance(node, dict) or "@value" in node or "@list" in node:
            self._refuse_loose(node)
        subject = self._resource(node["@id"]) if "@id" in node else self._blank()
        for key, value in node.items():
            if key == "@graph":
                for item in value:
                    self.add_node(item, subject)
            elif key == "@included":
                for item in value:
                    self.add_node(item, graph)
            elif key == "@reverse":
                self._add_reverse(subject, value, graph)
            elif key == "@type":
                for item in value if isinstance(value, list) else [value]:
                    self._add(subject, _TYPE, self._resource(item), graph)
            elif key not in ("@id", "@index"):
                predicate = self._predicate(key)
                for item in value if isinstance(value, list) else [value]:
                    self._add(subject, predicate, self._term(item, graph), graph)
        return subject

    def _add(self, subject: Resource, predicate: ox.NamedNode, term: Any, graph: Graph) -> None:
        self.found[ox.Quad(subject, predicate, term, graph)] = None

    def _add_reverse(self, target: Resource, value: dict[str, Any], graph: Graph) -> None:
        for key, items in value.items():
            predicate = self._predicate(key)
            for item in items:
                self._add(self.add_node(item, graph), predicate, target, graph)

    def _refuse_loose(self, item: Any) -> NoReturn:
        value = item.get("@value", item.get("@list")) if isinstance(item, dict) else item
        raise self._text.error(
            f"{_shown(value)} stands where only nodes can, and would be dropped",
            next(iter(_words(value)), "@list"),
            "Put it under a key of a node.",
        )

    def _term(self, item: Any, graph: Graph) -> Any:
        if not isinstance(item, dict):
            self._refuse_loose(item)
        if "@value" in item:
            return self._literal(item)
        if "@list" in item:
            return self._list(item["@list"], graph)
        return self.add_node(item, graph)

    def _list(self, items: list[dict[str, Any]], graph: Graph) -> Resource:
        """The first cell of a list (JSON-LD 1.1 API section 8.3)."""
        head: Resource = _NIL
        for term in [self._term(item, graph) for item in items][::-1]:
            cell = self._blank()
            self._add(cell, _FIRST, term, graph)
            self._add(cell, _REST, head, graph)
            head = cell
        return head

    def _predicate(self, key: str) -> ox.NamedNode:
        if key.startswith("@"):
            raise self._text.error(
                f"the keyword {key!r} means nothing on a node and would be dropped",
                key,
                "@language, @base and @vocab belong into @context, @value into an object of its "
                "own.",
            )
        if key.startswith("_:"):
            raise self._text.error(
                f"a blank node, {key!r}, cannot be a key, and would be dropped",
                key,
                "Give it an IRI.",
            )
        return self._iri(key)

    def _resource(self, text: Any) -> Resource:
        if text is None:
            _refuse_unknown_keyword(self._text, keys_only=False)
        if not isinstance(text, str):
            raise self._text.error(f"{_shown(text)} is not an IRI", _number_text(text))
        if text.startswith("_:"):
            return self._blank(text)
        return self._iri(text)

    def _blank(self, label: str | None = None) -> ox.BlankNode:
        """A blank node for a label of the document, or a new one; labels are counted."""
        key = label or f"new {len(self._labels)}"
        if key not in self._labels:
            self._labels[key] = ox.BlankNode(f"b{len(self._labels)}")
        return self._labels[key]

    def _iri(self, iri: str) -> ox.NamedNode:
        if iri not in self._iris:
            self._iris[iri] = self._new_iri(iri)
        return self._iris[iri]

    def _new_iri(self, iri: str) -> ox.NamedNode:
        scheme = _NO_BASE.partition("//")[0]
        word = iri.removeprefix(_NO_BASE).removeprefix(scheme)
        if word != iri or not re.match(r"[A-Za-z][A-Za-z0-9+.-]*:|@", iri):
            raise self._text.error(
                f"{word!r} is a relative IRI, and no base is given",
                line=self._text.line_of_iri(word),
                hint=_BASE_HINT,
            )
        try:
            if space := re.search(r"\s", iri):
                raise ValueError(f"it has white space, U+{ord(space[0]):04X}")  # noqa: TRY301
            return ox.NamedNode(iri)
        except ValueError as error:
            raise self._text.error(
                f"{iri!r} is not an IRI: {str(error)[:1].lower()}{str(error)[1:]}",
                line=self._text.line_of_iri(iri),
                hint='Write a space as %20, and " as %22.'
                if re.search(r'[\s"]', iri)
                else "Write it in full, such as https://example.org/a.",
            ) from None

    def _literal(self, item: dict[str, Any]) -> ox.Literal:
        """The literal of a value object (JSON-LD 1.1 API section 8.2.2, object to RDF)."""
        value, kind = item["@value"], item.get("@type")
        if "@direction" in item:
            raise self._text.error(
                f"the direction of the text {_shown(value)} has no place in RDF 1.1",
                "@direction",
                "Take @direction out; the language tells the direction.",
            )
        if "@language" in item:
            return self._language_string(value, item["@language"])
        if kind == "@json":
            return self._json_literal(value)
        if isinstance(value, str):
            return ox.Literal(value, datatype=self._datatype(kind or _STRING))
        if isinstance(value, bool):
            return ox.Literal(str(value).lower(), datatype=self._datatype(kind or _BOOLEAN))
        if isinstance(value, int | float):
            return self._number(value, kind)
        raise self._text.error(f"{_shown(value)} is not a value", "@value")

    def _datatype(self, iri: str) -> ox.NamedNode:
        if iri in (RDF + "langString", RDF + "dirLangString"):
            raise self._text.error(
                "a text of the datatype rdf:langString needs a language", iri, "Use @language."
            )
        return self._iri(iri)

    def _language_string(self, value: str, language: Any) -> ox.Literal:
        try:
            return ox.Literal(value, language=language)
        except (TypeError, ValueError):
            raise self._text.error(
                f"{language!r} is not a language tag (BCP 47)",
                str(language),
                "Write it as in en or pt-BR.",
            ) from None

    def _json_literal(self, value: Any) -> ox.Literal:
        try:
            text = _canonical_json(value)
        except ValueError as error:
            raise self._text.error(f"it is not a JSON literal: {error}", "@json") from None
        return ox.Literal(text, datatype=ox.NamedNode(_JSON))

    def _number(self, value: float, kind: str | None) -> ox.Literal:
        """A JSON number: an integer where it is whole and below 10^21, else a double; but a
        decimal, and a whole number of any other datatype, keeps its digits."""
        text = _number_text(value)
        whole = isinstance(value, int) or value.is_integer()
        if kind == _DECIMAL:
            text = _decimal_text(text)
        elif kind is not None and kind != _DOUBLE and isinstance(value, int):
            pass
        elif whole and abs(value) < 1e21 and kind != _DOUBLE:  # noqa: PLR2004 (the spec's limit)
            text = str(int(value))
        elif isinstance(value, int) and int(float(value)) != value:
            raise self._text.error(
                f"the number {text} has more digits than xsd:double holds",
                text,
                f'Write {{"@value": "{text}", "@type": "{_INTEGER}"}}.',
            )
        else:
            text, kind = _double_text(float(value)), kind or _DOUBLE
        return ox.Literal(text, datatype=self._datatype(kind or _INTEGER))


def _words(value: Any) -> Iterator[str]:
    """The strings and numbers in a piece of expanded JSON-LD, as they stand in the text."""
    if isinstance(value, dict):
        for key in ("@value", "@id", "@list"):
            if key in value:
                yield from _words(value[key])
    elif isinstance(value, list):
        for item in value:
            yield from _words(item)
    elif value is not None:
        yield value if isinstance(value, str) else _number_text(value)


def _decimal_text(text: str) -> str:
    """A JSON number in the lexical space of xsd:decimal, which has no exponent."""
    if not re.search("[eE]", text):
        return text
    number = Decimal(text)
    # Zero with a great exponent would be written with as many digits.
    return format(number, "f") if number else "0"


def _double_text(value: float) -> str:
    """The canonical text of an xsd:double (XML Schema 1.1 part 2, section E.1), from the fewest
    digits that tell it apart; 16 digits, as the JSON-LD API has it, can lose the last."""
    sign, digits, exponent = Decimal(repr(value)).as_tuple()
    text = "".join(map(str, digits)).lstrip("0")
    if not text:
        return "-0.0E0" if sign else "0.0E0"
    power = int(exponent) + len(text) - 1
    return f"{'-' * sign}{text[0]}.{text[1:].rstrip('0') or '0'}E{power}"


def _canonical_json(value: Any) -> str:
    """The text of a JSON literal (RFC 8785, JSON Canonicalization Scheme)."""
    from pyld.jsonld import canonicalize

    text: str = canonicalize(value).decode("utf-8")
    return text


# --- Writing ---------------------------------------------------------------------------------


def serialize(quads: Iterable[ox.Quad], *, embed_context: bool = True) -> bytes:
    """The compact JSON-LD of a dataset under the bundled context (JSON-LD 1.1 API sections 6 and
    8.4); the same bytes for the same graph.

    Args:
        quads: the quads, blank nodes already labelled canonically.
        embed_context: whether the context stands in the document, so that any processor can read
            it offline, or is named by its address.

    Raises:
        WriteError: JSON-LD cannot hold the graph.
    """
    graphs: dict[Graph, Facts] = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
    for quad in sorted(dict.fromkeys(quads), key=str):
        graphs[quad.graph_name][quad.subject][quad.predicate.value].append(quad.object)  # type: ignore[index]
    words = _words_of_context()
    lists = _lists(graphs)
    nodes = _nodes(graphs.pop(ox.DefaultGraph(), {}), words, lists)
    for graph, facts in graphs.items():
        assert not isinstance(graph, ox.DefaultGraph)  # noqa: S101 (popped above)
        name = words.id_text(graph)
        nodes.setdefault(name, {"id": name})["@graph"] = _sorted_nodes(_nodes(facts, words, lists))
    document = {
        "@context": context() if embed_context else _REFERENCE,
        "@graph": _sorted_nodes(nodes),
    }
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()


def _nodes(facts: Facts, words: _Words, lists: _Lists) -> dict[str, dict[str, Any]]:
    """The compact nodes of one graph by their ids, without the cells of lists."""
    return {
        words.id_text(subject): _node(subject, about, words, lists)
        for subject, about in facts.items()
        if subject not in lists.cells
    }


def _sorted_nodes(nodes: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    return [_in_order(nodes[name]) for name in sorted(nodes)]


def _in_order(node: dict[str, Any]) -> dict[str, Any]:
    """A node with its keys in a reader's order: names first."""
    keys = sorted(node, key=lambda k: (_FIRST_KEYS.index(k) if k in _FIRST_KEYS else 99, k))
    return {key: node[key] for key in keys}


def _node(
    subject: Resource, about: dict[str, list[Any]], words: _Words, lists: _Lists
) -> dict[str, Any]:
    """The compact node object of a subject, given its objects by predicate."""
    values: dict[str, list[Any]] = defaultdict(list)
    maps: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    many: set[str] = set()
    for predicate, objects in about.items():
        for term in objects:
            if predicate == _TYPE.value and not isinstance(term, ox.Literal) and term not in lists:
                values["type"].append(words.vocab_text(term))
                continue
            key = words.key_for(predicate, lists.kind(term))
            name = key.name if key else words.property_text(predicate)
            if key and key.many:
                many.add(name)
            if key and key.by_language:
                maps[name][term.language or "@none"].append(term.value)
            else:
                values[name].append(_value(term, key, words, lists))
    node: dict[str, Any] = {"id": words.id_text(subject)}
    for name, found in values.items():
        node[name] = _one_or_more(found, always=name in many)
    for name, by_language in maps.items():
        node[name] = {
            language: _one_or_more(by_language[language], always=name in many)
            for language in sorted(by_language)
        }
    return node


def _one_or_more(values: list[Any], *, always: bool) -> Any:
    """A set in the order of its texts; a single value stands alone, unless the key is of sets."""
    if len(values) == 1 and not always:
        return values[0]
    return sorted(values, key=lambda value: json.dumps(value, sort_keys=True, ensure_ascii=False))


def _value(term: Any, key: _Key | None, words: _Words, lists: _Lists) -> Any:
    """The compact value of a term under a key; without a key, or where that coerces nothing, in a
    form that says all of itself."""
    kind = key.kind if key else ""
    if term in lists:
        return {"@list": [_value(item, None, words, lists) for item in lists.items(term)]}
    if isinstance(term, ox.Literal):
        return _bare(term.value, kind) if kind else _literal_value(term, words)
    if kind == "@vocab":
        return words.vocab_text(term, key)
    return words.id_text(term) if kind == "@id" else {"id": words.id_text(term)}


def _bare(text: str, kind: str) -> str | int | bool:
    """Whole numbers and truth values bare, where their text is the one that JSON would give."""
    if kind == _BOOLEAN and text in ("true", "false"):
        return text == "true"
    if kind == _INTEGER and _PLAIN_INTEGER.fullmatch(text):
        return int(text)
    return text


def _literal_value(term: ox.Literal, words: _Words) -> Any:
    if term.language is not None:
        return {"@language": term.language, "@value": term.value}
    datatype = term.datatype.value
    if datatype == _STRING:
        return term.value
    if datatype == _JSON and _is_canonical_json(term.value):
        return {"type": "@json", "@value": json.loads(term.value)}
    return {"type": words.vocab_text(term.datatype), "@value": term.value}


def _is_canonical_json(text: str) -> bool:
    """Whether processors give a JSON literal back as this text, by RFC 8785 or by sorted keys."""
    if text.count("[") + text.count("{") > MAX_NESTING:
        return False
    try:
        value = json.loads(text, parse_int=_whole_number, parse_float=_decimal_number)
        plain = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return plain == text == _canonical_json(value)
    except ValueError:
        return False


@dataclass(frozen=True)
class _Key:
    """A key of the bundled context that stands for a property.

    Attributes:
        name: the key.
        iri: the property.
        kind: what its values are coerced to: ``@id``, ``@vocab``, a datatype, or nothing.
        many: whether its values are always an array.
        by_language: whether its values are a map from languages.
        vocab: the namespace of its values, where the key has a context of its own.
        terms: the terms of that context with their IRIs.
    """

    name: str
    iri: str
    kind: str
    many: bool
    by_language: bool
    vocab: str
    terms: tuple[tuple[str, str], ...]

    @property
    def is_plain(self) -> bool:
        """Whether a value says all of itself under this key."""
        return not self.kind and not self.by_language


class _Words:
    """The words of a context, and the shortest of them for each term of RDF."""

    def __init__(self, context: Mapping[str, Any]) -> None:
        self._base: str = context["@base"]
        self._prefixes = {
            name: value
            for name, value in context.items()
            if isinstance(value, str) and value[-1] in ":/?#[]@" and name[0] != "@"
        }
        self._names = frozenset(context)
        keys = [
            self._key(name, definition)
            for name, definition in context.items()
            if name[0] != "@" and definition not in ("@id", "@type")
        ]
        # The shorter key goes first, as in an inverse context (JSON-LD 1.1 API section 4.3).
        self._keys = sorted(keys, key=lambda key: (len(key.name), key.name))
        self._by_property: dict[str, list[_Key]] = defaultdict(list)
        for key in self._keys:
            self._by_property[key.iri].append(key)
        self.key_for = cache(self._key_for)
        self.property_text = cache(self._property_text)
        self._id_of = cache(self._id_text)
        self._word_of = cache(self._vocab_text)
        self._terms_of = cache(self._terms)

    def _key(self, name: str, definition: Any) -> _Key:
        given: dict[str, Any] = {"@id": definition} if isinstance(definition, str) else definition
        container = given.get("@container", [])
        scoped = given.get("@context", {})
        kind = given.get("@type", "")
        return _Key(
            name,
            self._absolute(given["@id"]),
            kind if kind[:1] == "@" else self._absolute(kind),
            "@set" in container,
            "@language" in container,
            scoped.get("@vocab", ""),
            tuple((term, iri) for term, iri in scoped.items() if term[0] != "@"),
        )

    def _absolute(self, word: str) -> str:
        prefix, _, local = word.partition(":")
        return self._prefixes[prefix] + local if prefix in self._prefixes else word

    def id_text(self, term: Resource) -> str:
        """The text of a node where `id` or a key of IRIs names it.

        Raises:
            WriteError: JSON-LD cannot name it.
        """
        return str(term) if isinstance(term, ox.BlankNode) else self._id_of(term.value)

    def vocab_text(self, term: Resource, key: _Key | None = None) -> str:
        """The text of a node as a type, or under a key whose values are words of a vocabulary.

        Raises:
            WriteError: JSON-LD cannot name it.
        """
        return str(term) if isinstance(term, ox.BlankNode) else self._word_of(term.value, key)

    def _key_for(self, predicate: str, kind: str) -> _Key | None:
        """The key for a property with a value of a kind: ``@id``, ``@list``, ``@language``, or a
        datatype; None where no key can hold it."""
        keys = self._by_property.get(predicate, [])
        plain = [key for key in keys if key.is_plain]
        if kind == "@list":
            return next((key for key in plain if not key.many), None)
        if kind == "@id":
            fit = [key for name in ("@id", "@vocab") for key in keys if key.kind == name]
        elif kind in ("@language", _STRING):
            fit = [key for key in keys if key.by_language]
            fit = fit if kind == "@language" else plain + fit
        else:
            fit = [key for key in keys if key.kind == kind]
        return next(iter(fit + plain), None)

    def _terms(self, key: _Key | None) -> dict[str, str]:
        """The terms that stand for IRIs among the values of a key, or among types."""
        hidden = dict(key.terms) if key else {}
        terms: dict[str, str] = {}
        for many in (True, False):
            for kind in ("@id", ""):
                for word in self._keys:
                    if (word.many, word.kind) == (many, kind) and not word.by_language:
                        terms.setdefault(word.iri, word.name)
        terms = {iri: term for iri, term in terms.items() if term not in hidden}
        return terms | {self._absolute(iri): term for term, iri in hidden.items()}

    def _property_text(self, iri: str) -> str:
        return self._compact(iri) or self._full(iri)

    def _vocab_text(self, iri: str, key: _Key | None) -> str:
        if term := self._terms_of(key).get(iri):
            return term
        if key and key.vocab and iri.startswith(key.vocab):
            word = iri[len(key.vocab) :]
            scoped = {term for term, _ in key.terms}
            if word and ":" not in word and word[0] != "@" and word not in self._names | scoped:
                return self._checked(iri)[len(key.vocab) :]
        return self._property_text(iri)

    def _id_text(self, iri: str) -> str:
        if compact := self._compact(iri):
            return compact
        path = iri[len(self._base) :]
        if iri.startswith(self._base) and _PLAIN_PATH.fullmatch(path):
            return path
        return self._full(iri)

    def _compact(self, iri: str) -> str | None:
        """The shortest compact IRI (JSON-LD 1.1 section 4.1.5); one whose local part begins with
        two slashes would be read as a full IRI."""
        found = [
            f"{prefix}:{iri[len(namespace) :]}"
            for prefix, namespace in self._prefixes.items()
            if len(iri) > len(namespace)
            and iri.startswith(namespace)
            and not iri.startswith("//", len(namespace))
        ]
        self._checked(iri)
        return min(found, key=lambda text: (len(text), text), default=None)

    def _full(self, iri: str) -> str:
        prefix, _, local = self._checked(iri).partition(":")
        if prefix in self._prefixes and not local.startswith("//"):
            raise WriteError(
                f"JSON-LD cannot write the IRI <{iri}>: with the bundled context, {prefix}: stands "
                f"for {self._prefixes[prefix]}",
                hint="Write Turtle or N-Quads.",
            )
        return iri

    @staticmethod
    def _checked(iri: str) -> str:
        if space := re.search(r"\s", iri):
            raise WriteError(
                f"JSON-LD cannot write the IRI <{iri}>: its readers drop IRIs with white space, "
                f"here U+{ord(space[0]):04X}",
                hint="Write Turtle or N-Quads.",
            )
        return iri


@cache
def _words_of_context() -> _Words:
    return _Words(context())


class _Lists:
    """The lists that can be written as such: `cells` are the nodes that then need no label."""

    def __init__(self) -> None:
        self.cells: set[Resource] = set()
        self._items: dict[Any, list[Any]] = {_NIL: []}

    def __contains__(self, term: object) -> bool:
        return term in self._items

    def items(self, head: Any) -> list[Any]:
        """The items of the list that begins with a cell."""
        return self._items[head]

    def add(self, cells: list[Resource], items: list[Any]) -> None:
        """Notes a list by its cells, in order."""
        self.cells.update(cells)
        self._items[cells[0]] = items

    def kind(self, term: Any) -> str:
        """What kind of value a term is, as `_Words.key_for` wants it.

        Raises:
            WriteError: JSON-LD 1.1 has no such values.
        """
        if term in self:
            return "@list"
        if isinstance(term, ox.Triple):
            raise WriteError(
                f"JSON-LD 1.1 cannot write the RDF 1.2 triple term {term}",
                hint="Make a record of its own for it, such as an lcg:Statement.",
            )
        if not isinstance(term, ox.Literal):
            return "@id"
        datatype: str = term.datatype.value
        if term.direction is not None or (term.language is None and datatype in _LANGUAGE_TYPES):
            raise WriteError(
                f"JSON-LD 1.1 cannot write {term} without loss",
                hint="Give it a language and no direction.",
            )
        return datatype if term.language is None else "@language"


_LANGUAGE_TYPES = (RDF + "langString", RDF + "dirLangString")


def _lists(graphs: Mapping[Graph, Facts]) -> _Lists:
    """The well-formed lists of a dataset (JSON-LD 1.1 API section 8.4.2), stricter than the spec:
    one that has a type, that lies in itself or very deep in others stays as its triples."""
    mentions: dict[object, int] = defaultdict(int)
    homes: dict[object, set[Graph]] = defaultdict(set)
    for graph, facts in graphs.items():
        mentions[graph] += 1
        for subject, about in facts.items():
            homes[subject].add(graph)
            for term in (t for objects in about.values() for t in objects):
                mentions[term] += 1
                homes[term].add(graph)
    lists = _Lists()
    for facts in graphs.values():
        cells: set[Resource] = {
            node
            for node, about in facts.items()
            if isinstance(node, ox.BlankNode)
            and mentions[node] == 1
            and len(homes[node]) == 1
            and _is_cell(about)
        }
        for chain in _chains(facts, cells):
            lists.add(chain, [facts[cell][_FIRST.value][0] for cell in chain])
    return lists


def _is_cell(about: Mapping[str, list[Any]]) -> bool:
    """Whether a node is a cell of a list: one first, one rest, and nothing else."""
    return about.keys() == {_FIRST.value, _REST.value} and all(len(v) == 1 for v in about.values())


def _chains(facts: Facts, cells: set[Resource]) -> Iterator[list[Resource]]:
    """The chains of cells that end in rdf:nil and that something outside uses, at most
    `MAX_NESTING` lists up; so none that lies in itself, which nothing would ever write."""
    users: dict[object, tuple[Resource, str]] = {
        term: (subject, predicate)
        for subject, about in facts.items()
        for predicate, objects in about.items()
        for term in objects
        if term in cells
    }
    chains: dict[Resource, list[Resource]] = {}
    head_of: dict[Resource, Resource] = {}
    for node in facts:
        if node in users and facts[node][_REST.value] == [_NIL]:
            chain = [node]
            while users[chain[-1]][1] == _REST.value and users[chain[-1]][0] in users:
                chain.append(users[chain[-1]][0])
            chain.reverse()
            chains[chain[0]] = chain
            head_of.update(dict.fromkeys(chain, chain[0]))
    for head, chain in chains.items():
        above: Resource | None = head
        for _ in range(MAX_NESTING):
            above = head_of.get(users[above][0])
            if above is None:
                yield chain
                break
