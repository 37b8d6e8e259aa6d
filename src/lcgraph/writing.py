"""Writing: quads -> canonical Turtle, TriG, N-Triples, N-Quads and RDF/XML.

The same graph always gives the same bytes, whatever the order it was read or built in. Turtle and
TriG put one triple on a line, subjects in the order of their IRIs, types and names first; blank
nodes that are used once are nested where they are used, the others have labels that depend on the
graph alone.
"""

from __future__ import annotations

import io
import re
from collections import defaultdict
from typing import TYPE_CHECKING, TypeAlias

import pyoxigraph as ox

from lcgraph.errors import WriteError
from lcgraph.labels import canonical
from lcgraph.syntaxes import NQUADS, NTRIPLES, RDFXML, Syntax
from lcgraph.terms import DCTERMS, PREFIXES, RDF, RDFS, SKOS, XSD

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    Node: TypeAlias = "ox.NamedNode | ox.BlankNode"

#: How many levels of brackets are written; a node below has a label.
TOO_DEEP = 24

_NIL = ox.NamedNode(RDF + "nil")
_FIRST_PREDICATES = {
    iri: rank
    for rank, iri in enumerate(
        [RDF + "type", SKOS + "prefLabel", RDFS + "label", DCTERMS + "title", SKOS + "altLabel"]
    )
}
_LOCAL_NAME = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_-])?")
_SHORTHAND = {
    XSD + "integer": re.compile(r"[+-]?[0-9]+"),
    XSD + "decimal": re.compile(r"[+-]?[0-9]*\.[0-9]+"),
    XSD + "double": re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)[eE][+-]?[0-9]+"),
    XSD + "boolean": re.compile(r"true|false"),
}
# What stands at the end of an element name in RDF/XML (XML Namespaces 1.0, NCName, its ASCII part).
# Terms of the syntax itself (RDF/XML section 5.1), and characters that XML 1.0 does not have.
_NO_ELEMENT = frozenset(
    [
        "Description",
        "RDF",
        "ID",
        "about",
        "bagID",
        "parseType",
        "resource",
        "nodeID",
        "datatype",
        "li",
        "aboutEach",
        "aboutEachPrefix",
    ]
)
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_NCNAME_TAIL = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*$")


def serialize(
    quads: Iterable[ox.Quad], syntax: Syntax, prefixes: Mapping[str, str] | None = None
) -> bytes:
    """The canonical text of a graph or dataset, in UTF-8.

    Args:
        quads: the quads; one that comes twice is written once.
        syntax: any syntax but JSON-LD, which `jsonld.serialize` writes.
        prefixes: the prefixes to write Turtle, TriG and RDF/XML with; only those in use are
            declared. The prefix table where None or empty.

    Raises:
        WriteError: the syntax cannot hold the graph.
        LimitError: labelling its blank nodes would take too long.
    """
    unique = canonical(quads)
    if not syntax.named_graphs:
        for quad in unique:
            if not isinstance(quad.graph_name, ox.DefaultGraph):
                raise WriteError(
                    f"{syntax.name} cannot hold named graphs, and there is one: {quad.graph_name}",
                    hint="Write TriG or N-Quads, which can.",
                )
    if syntax in (NTRIPLES, NQUADS):
        return "".join(sorted(f"{_line(quad)} .\n" for quad in unique)).encode()
    prefixes = dict(prefixes or PREFIXES)
    if syntax is RDFXML:
        return _rdfxml(unique, prefixes)
    return _Turtle(unique, prefixes).text().encode()


def _line(quad: ox.Quad) -> str:
    if isinstance(quad.graph_name, ox.DefaultGraph):
        return f"{quad.subject} {quad.predicate} {quad.object}"
    return f"{quad.subject} {quad.predicate} {quad.object} {quad.graph_name}"


def _rdfxml(quads: list[ox.Quad], prefixes: Mapping[str, str]) -> bytes:
    for quad in quads:
        target = quad.object
        element = target if quad.predicate.value == RDF + "type" else quad.predicate
        for term in (quad.predicate, element):
            name = getattr(term, "value", "")
            if not isinstance(term, ox.NamedNode) or (
                not _NCNAME_TAIL.search(name) or name.removeprefix(RDF) in _NO_ELEMENT
            ):
                raise WriteError(
                    f"RDF/XML cannot write {term} as the name of an element",
                    hint="Write Turtle, or give it an IRI that ends in an XML name.",
                )
        if isinstance(target, ox.Literal) and _NO_XML.search(target.value):
            raise WriteError(
                f"RDF/XML cannot hold a character of the literal {target}", hint="Write Turtle."
            )
    used = {
        prefix: iri
        for prefix, iri in sorted(prefixes.items())
        if prefix and any(iri in (q.predicate.value, _namespace(q)) for q in quads)
    }
    out = io.BytesIO()
    triples = [ox.Triple(q.subject, q.predicate, q.object) for q in sorted(quads, key=_line)]
    ox.serialize(triples, out, ox.RdfFormat.RDF_XML, prefixes=used)
    return out.getvalue()


def _namespace(quad: ox.Quad) -> str:
    return _NCNAME_TAIL.sub("", quad.predicate.value)


class _Turtle:
    """One canonical Turtle or TriG text; `used` collects the prefixes that it needs."""

    def __init__(self, quads: list[ox.Quad], prefixes: Mapping[str, str]) -> None:
        self.used: set[str] = set()
        self._namespaces = sorted(
            ((iri, prefix) for prefix, iri in prefixes.items() if iri),
            key=lambda item: (-len(item[0]), item[1]),
        )
        self._prefixes = prefixes
        self._short: dict[str, str] = {}
        self._graphs: dict[str, list[ox.Quad]] = defaultdict(list)
        self._mentions: dict[str, int] = defaultdict(int)
        homes: dict[str, set[object]] = defaultdict(set)
        for quad in quads:
            graph = quad.graph_name
            for term in (quad.subject, quad.object):
                if isinstance(term, ox.BlankNode):
                    homes[term.value].add(graph)
            self._graphs["" if isinstance(graph, ox.DefaultGraph) else self._term(graph)].append(
                quad
            )
            for mention in (quad.object, graph):
                if isinstance(mention, ox.BlankNode):
                    self._mentions[mention.value] += 1
        # A node that several graphs share needs its label in all of them.
        self._shared = {label for label, graphs in homes.items() if len(graphs) > 1}

    def text(self) -> str:
        blocks = []
        for graph in sorted(self._graphs):
            body = self._graph(self._graphs[graph])
            if graph:
                inner = "\n".join(f"    {line}" if line else "" for line in body.split("\n"))
                body = f"{graph} {{\n{inner}\n}}"
            blocks.append(body)
        head = "".join(
            f"@prefix {prefix}: <{self._prefixes[prefix]}> .\n" for prefix in sorted(self.used)
        )
        return f"{head}\n" * bool(head) + "\n\n".join(blocks) + "\n" * bool(blocks)

    def _graph(self, quads: list[ox.Quad]) -> str:
        self._about: dict[Node, dict[str, list[ox.Quad]]] = defaultdict(lambda: defaultdict(list))
        for quad in quads:
            self._about[quad.subject][quad.predicate.value].append(quad)  # type: ignore[index]
        self._nested = self._nesting(quads)
        statements = []
        for node in sorted(self._about, key=str):
            if isinstance(node, ox.BlankNode) and node.value in self._nested:
                continue
            if isinstance(node, ox.BlankNode) and self._is_anonymous(node):
                body = self._predicates(node, 1)
                statements.append((1, f"[]{body} ." if body else "[] ."))
            else:
                rank = 1 if isinstance(node, ox.BlankNode) else 0
                statements.append((rank, f"{self._term(node)}{self._predicates(node, 1)} ."))
        return "\n\n".join(text for _, text in sorted(statements))

    def _is_anonymous(self, node: ox.BlankNode) -> bool:
        return not self._mentions[node.value] and node.value not in self._shared

    def _nesting(self, quads: list[ox.Quad]) -> set[str]:
        """The blank nodes to write where they are used: used once, in this graph, in no circle,
        and not too deep for a reader."""
        users = {
            q.object.value: (q.subject, q.predicate.value)
            for q in quads
            if isinstance(q.object, ox.BlankNode)
            and self._mentions[q.object.value] == 1
            and q.object.value not in self._shared
        }
        depths: dict[str, int] = {}
        labelled: set[str] = set()
        for label in users:
            trail: dict[str, int] = {}
            node = label
            while node in users and node not in depths and node not in trail:
                user, predicate = users[node]
                # The nodes of a list stand beside each other, not in each other.
                trail[node] = 0 if predicate == RDF + "rest" else 1
                node = user.value if isinstance(user, ox.BlankNode) else ""
            members = list(trail)
            if node in trail:
                circle = members[members.index(node) :]
                del members[members.index(node) :]
                depths.update(dict.fromkeys(circle, 0))
                labelled.update(circle)
            depth = depths.get(node, 0)
            for member in reversed(members):
                depth += trail[member]
                if depth > TOO_DEEP:
                    labelled.add(member)
                    depth = 0
                depths[member] = depth
        return users.keys() - labelled

    def _predicates(self, node: Node, depth: int) -> str:
        indent = "    " * depth
        lines = []
        about = self._about.get(node, {})
        for predicate in sorted(about, key=lambda p: (_FIRST_PREDICATES.get(p, 99), p)):
            verb = "a" if predicate == RDF + "type" else self._iri(predicate)
            objects = sorted(self._object(quad, depth) for quad in about[predicate])
            lines.append(f"{verb} " + f" ,\n{indent}    ".join(objects))
        if not lines:
            return ""
        # The first line stands beside its subject when it is the type.
        if RDF + "type" in about and depth == 1:
            return f" {f' ;{chr(10)}{indent}'.join(lines)}"
        return f"\n{indent}" + f" ;\n{indent}".join(lines)

    def _object(self, quad: ox.Quad, depth: int) -> str:
        term = quad.object
        if isinstance(term, ox.BlankNode) and term.value in self._nested:
            items = self._list(term, depth)
            if items is not None:
                return f"( {' '.join(items)} )" if items else "()"
            body = self._predicates(term, depth + 1)
            return f"[{body}\n{'    ' * depth}]" if body else "[]"
        return "()" if term == _NIL else self._term(term)

    def _list(self, node: Node, depth: int) -> list[str] | None:
        """The items of a well-formed list that starts at `node`, or None."""
        items = []
        while node.value != RDF + "nil":
            about = self._about.get(node, {})
            first, rest = about.get(RDF + "first", []), about.get(RDF + "rest", [])
            # A node of a list has one first, one rest, and nothing else.
            if (len(about), len(first), len(rest)) != (2, 1, 1):
                return None
            if not isinstance(node, ox.BlankNode) or node.value not in self._nested:
                return None
            items.append(self._object(first[0], depth))
            node = rest[0].object  # type: ignore[assignment]
            if isinstance(node, ox.Literal):
                return None
        return items

    def _term(self, term: object) -> str:
        if isinstance(term, ox.NamedNode):
            return self._iri(term.value)
        if isinstance(term, ox.Literal):
            shorthand = _SHORTHAND.get(term.datatype.value)
            if shorthand and shorthand.fullmatch(term.value):
                return term.value
            text = str(ox.Literal(term.value))
            if term.language is not None:
                return f"{text}@{term.language}"
            if term.datatype.value == XSD + "string":
                return text
            return f"{text}^^{self._iri(term.datatype.value)}"
        return str(term)

    def _iri(self, iri: str) -> str:
        if iri not in self._short:
            self._short[iri] = str(ox.NamedNode(iri))
            for namespace, prefix in self._namespaces:
                if iri.startswith(namespace) and _LOCAL_NAME.fullmatch(iri[len(namespace) :]):
                    self._short[iri] = f"{prefix}:{iri[len(namespace) :]}"
                    break
        short = self._short[iri]
        if not short.startswith("<"):
            self.used.add(short.partition(":")[0])
        return short
