"""Quads to JSON-LD 1.1 by the bundled context; it knows just what that context uses."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias

import pyoxigraph as ox

from lcgraph.errors import WriteError
from lcgraph.jsonld.names import (
    BOOLEAN,
    CONTEXT_IRI,
    FIRST,
    INTEGER,
    JSON,
    NIL,
    REST,
    STRING,
    TYPE,
    context,
)
from lcgraph.jsonld.text import canonical_json, decimal_number, whole_number
from lcgraph.terms import ID, RDF

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    Resource: TypeAlias = "ox.NamedNode | ox.BlankNode"
    Graph: TypeAlias = "ox.NamedNode | ox.BlankNode | ox.DefaultGraph"
    #: What one graph says: subject -> predicate -> objects.
    Facts: TypeAlias = dict[Resource, dict[str, list[Any]]]

#: How many lists are written inside each other; the cells of one below have labels.
MAX_NESTING = 24
# A context that is named by its address cannot set the base (JSON-LD 1.1 section 4.1.3).
_REFERENCE = [CONTEXT_IRI, {"@base": ID}]
_FIRST_KEYS = ("id", "type", "label", "title", "altLabel")
# A path that every resolver gives back unchanged (RFC 3986 section 5.2): no empty or dot segment,
# no colon, and no empty fragment.
_SEGMENT = r"(?!\.\.?(?:[/#]|$))[\w.~!$&'()*+,=%-]+"
_PLAIN_PATH = re.compile(rf"{_SEGMENT}(?:/{_SEGMENT})*(?:#[\w.~!$&'()*+,=%/-]+)?")
_PLAIN_INTEGER = re.compile(r"-?[1-9]\d{0,14}|0")


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
            if predicate == TYPE.value and not isinstance(term, ox.Literal) and term not in lists:
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
    if kind == BOOLEAN and text in ("true", "false"):
        return text == "true"
    if kind == INTEGER and _PLAIN_INTEGER.fullmatch(text):
        return int(text)
    return text


def _literal_value(term: ox.Literal, words: _Words) -> Any:
    if term.language is not None:
        return {"@language": term.language, "@value": term.value}
    datatype = term.datatype.value
    if datatype == STRING:
        return term.value
    if datatype == JSON and _is_canonical_json(term.value):
        return {"type": "@json", "@value": json.loads(term.value)}
    return {"type": words.vocab_text(term.datatype), "@value": term.value}


def _is_canonical_json(text: str) -> bool:
    """Whether processors give a JSON literal back as this text, by RFC 8785 or by sorted keys."""
    if text.count("[") + text.count("{") > MAX_NESTING:
        return False
    try:
        value = json.loads(text, parse_int=whole_number, parse_float=decimal_number)
        plain = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return plain == text == canonical_json(value)
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
        elif kind in ("@language", STRING):
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
        self._items: dict[Any, list[Any]] = {NIL: []}

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
            lists.add(chain, [facts[cell][FIRST.value][0] for cell in chain])
    return lists


def _is_cell(about: Mapping[str, list[Any]]) -> bool:
    """Whether a node is a cell of a list: one first, one rest, and nothing else."""
    return about.keys() == {FIRST.value, REST.value} and all(len(v) == 1 for v in about.values())


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
        if node in users and facts[node][REST.value] == [NIL]:
            chain = [node]
            while users[chain[-1]][1] == REST.value and users[chain[-1]][0] in users:
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
