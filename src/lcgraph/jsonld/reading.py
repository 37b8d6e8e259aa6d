"""JSON-LD 1.1 to quads: PyLD expands, and what a processor would drop is an error."""

from __future__ import annotations

import copy
import re
import warnings
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias

import pyoxigraph as ox

from lcgraph.errors import LcgraphError, PolicyError, ReadError, did_you_mean
from lcgraph.jsonld.names import (
    BOOLEAN,
    CONTEXT_IRI,
    DECIMAL,
    DOUBLE,
    FIRST,
    INTEGER,
    JSON,
    NIL,
    REST,
    STRING,
    TYPE,
    context,
)
from lcgraph.jsonld.text import (
    KEYWORDS,
    Text,
    canonical_json,
    decimal_text,
    decode,
    double_text,
    is_unknown_keyword,
    load,
    number_text,
    refuse_loose_values,
    shown,
    words,
)
from lcgraph.terms import RDF

if TYPE_CHECKING:
    Resource: TypeAlias = "ox.NamedNode | ox.BlankNode"
    Graph: TypeAlias = "ox.NamedNode | ox.BlankNode | ox.DefaultGraph"

# PyLD resolves against http://example.org/base/ where it has no base; this one can be told apart.
_NO_BASE = "x-lcgraph-no-base://relative/"
_BASE_HINT = "Relative IRIs need a base: give one with base= or --base, or set @base in @context."
_PREFIX_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")


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
    text = Text(name, decode(data, name))
    try:
        document = load(text)
        refuse_loose_values(document, text)
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


def _expand(document: Any, text: Text, base: str | None) -> list[dict[str, Any]]:
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


def _json_ld_error(error: Any, text: Text) -> ReadError | PolicyError:
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
    said = f" ({shown(words[0])})" if words and words[0] not in message else ""
    return text.error(
        f"not valid JSON-LD: {message[:1].lower()}{message[1:]}{said}",
        line=next((line for line in lines if line), None),
    )


def _strings(details: Any) -> list[str]:
    """What PyLD tells of an error: the words of its values, then the keys of objects in them."""
    values = list(details.values()) if isinstance(details, dict) else []
    keys = [key for value in values if isinstance(value, dict) for key in value]
    return [value for value in [*values, *keys] if isinstance(value, str)]


def _refuse_dropped(dropped: list[str | None], text: Text) -> None:
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


def _refuse_unknown_keyword(text: Text, *, keys_only: bool = True) -> None:
    before: tuple[int, str] = (0, "")
    for line, mark in text.tokens():
        at, said = before if keys_only else (line, mark)
        word = said[1:]
        if (mark == ":" or not keys_only) and said[:1] == '"' and is_unknown_keyword(word):
            raise text.error(
                f"{word!r} looks like a keyword of JSON-LD, is none, and would be dropped",
                line=at,
                hint=did_you_mean(word, KEYWORDS),
            )
        before = line, mark


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

    def __init__(self, text: Text) -> None:
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
                    self._add(subject, TYPE, self._resource(item), graph)
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
            f"{shown(value)} stands where only nodes can, and would be dropped",
            next(iter(words(value)), "@list"),
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
        head: Resource = NIL
        for term in [self._term(item, graph) for item in items][::-1]:
            cell = self._blank()
            self._add(cell, FIRST, term, graph)
            self._add(cell, REST, head, graph)
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
            raise self._text.error(f"{shown(text)} is not an IRI", number_text(text))
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
                f"the direction of the text {shown(value)} has no place in RDF 1.1",
                "@direction",
                "Take @direction out; the language tells the direction.",
            )
        if "@language" in item:
            return self._language_string(value, item["@language"])
        if kind == "@json":
            return self._json_literal(value)
        if isinstance(value, str):
            return ox.Literal(value, datatype=self._datatype(kind or STRING))
        if isinstance(value, bool):
            return ox.Literal(str(value).lower(), datatype=self._datatype(kind or BOOLEAN))
        if isinstance(value, int | float):
            return self._number(value, kind)
        raise self._text.error(f"{shown(value)} is not a value", "@value")

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
            text = canonical_json(value)
        except ValueError as error:
            raise self._text.error(f"it is not a JSON literal: {error}", "@json") from None
        return ox.Literal(text, datatype=ox.NamedNode(JSON))

    def _number(self, value: float, kind: str | None) -> ox.Literal:
        """A JSON number: an integer where it is whole and below 10^21, else a double; but a
        decimal, and a whole number of any other datatype, keeps its digits."""
        text = number_text(value)
        whole = isinstance(value, int) or value.is_integer()
        if kind == DECIMAL:
            text = decimal_text(text)
        elif kind is not None and kind != DOUBLE and isinstance(value, int):
            pass
        elif whole and abs(value) < 1e21 and kind != DOUBLE:  # noqa: PLR2004 (the spec's limit)
            text = str(int(value))
        elif isinstance(value, int) and int(float(value)) != value:
            raise self._text.error(
                f"the number {text} has more digits than xsd:double holds",
                text,
                f'Write {{"@value": "{text}", "@type": "{INTEGER}"}}.',
            )
        else:
            text, kind = double_text(float(value)), kind or DOUBLE
        return ox.Literal(text, datatype=self._datatype(kind or INTEGER))
