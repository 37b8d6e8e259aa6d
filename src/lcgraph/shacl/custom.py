"""SHACL-SPARQL: constraints (section 5) and constraint components (section 6).

They are asked of an Oxigraph store of the same data, once for each focus node or value node, with
the pre-bound variables in the text. Blank nodes are skolemised in that store, since a query cannot
name them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import polars as pl
import pyoxigraph as ox

from lcgraph.columns import NUMBER, literal_text
from lcgraph.errors import ShapesError
from lcgraph.shacl.prebinding import Template
from lcgraph.shacl.reach import predicates
from lcgraph.sparql import check_limits, refuse_network

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lcgraph.columns import Columns
    from lcgraph.shacl.model import Path, Shape, ShapesGraph, SparqlConstraint

SKOLEM = "urn:lcgraph:blank:"
SHAPES_GRAPH = "urn:lcgraph:shapes"
# How each operator is written, how strongly it binds, and how strongly its parts must (SPARQL 1.1,
# section 19.8, [88] to [94]); a predicate binds most strongly.
_OPERATORS = {
    "alternative": ("{}", 0, 1),
    "sequence": ("{}", 1, 2),
    "inverse": ("^{}", 2, 3),
    "zeroOrMore": ("{}*", 3, 4),
    "oneOrMore": ("{}+", 3, 4),
    "zeroOrOne": ("{}?", 3, 4),
}
_JOINTS = {"alternative": "|", "sequence": "/"}
_PLACEHOLDER = re.compile(r"\{[?$](\w+)\}")


def path_text(path: Path, strength: int = 0) -> str:
    """A path as SPARQL writes it, in parentheses where it binds less strongly than asked."""
    if isinstance(path, str):
        return path
    form, own, inner = _OPERATORS[path.kind]
    parts = [path_text(part, inner) for part in path.parts]
    text = form.format(_JOINTS.get(path.kind, "").join(parts))
    return text if own >= strength else f"({text})"


def skolem(term: str) -> str:
    """A term as it stands in the store: an IRI for a blank node."""
    return f"<{SKOLEM}{term[2:]}>" if term.startswith("_:") else term


def unskolem(term: object) -> str | None:
    """A term of an answer as it stands in the data."""
    if term is None:
        return None
    text = str(term)
    return f"_:{text[len(SKOLEM) + 1 : -1]}" if text.startswith(f"<{SKOLEM}") else text


def store_of(columns: Columns, graph: ShapesGraph) -> ox.Store:
    """A store of the data that the queries of shapes can see, and of the shapes in a named graph."""
    seen = [
        predicates(query.text, query.prefixes)
        for shape in graph.shapes.values()
        for query in shape.sparql
    ]
    triples = columns.triples
    if None not in seen:
        wanted = columns.numbers(sorted(frozenset[str]().union(*filter(None, seen))))
        triples = triples.filter(pl.col("p").is_in(wanted.implode()))
    names = triples.select(pl.all().map_batches(columns.texts, return_dtype=pl.String))
    skolemised = [
        pl.when(pl.col(c).str.starts_with("_:"))
        .then(pl.format("<" + SKOLEM + "{}>", pl.col(c).str.slice(2)))
        .otherwise(c)
        .alias(c)
        for c in ("s", "p", "o")
    ]
    lines = names.with_columns(skolemised).select(pl.format("{} {} {} .", "s", "p", "o"))
    store = ox.Store()
    text = "\n".join(lines.to_series().to_list())
    store.bulk_load(text.encode(), format=ox.RdfFormat.N_TRIPLES)
    name = ox.NamedNode(SHAPES_GRAPH)
    store.extend(
        ox.Quad(q.subject, q.predicate, q.object, name)
        for document in graph.terms.documents
        for q in document.quads
    )
    return store


class Asker:
    """Asks one constraint's query of the store."""

    def __init__(
        self, store: ox.Store, columns: Columns, shape: Shape, constraint: SparqlConstraint
    ) -> None:
        self._store = store
        self._columns = columns
        self._shape = shape
        self._constraint = constraint
        text = constraint.text
        if shape.path is not None:
            path = path_text(shape.path, 4)
            text = re.sub(r"[$?]PATH\b", lambda _: path, text)
        check_limits(text)
        refuse_network(text)
        self._fixed = {name: skolem(term) for name, term in constraint.bindings.items()}
        self._fixed |= {"currentShape": skolem(shape.node), "shapesGraph": f"<{SHAPES_GRAPH}>"}
        names = {"this", *self._fixed, *(["value"] if constraint.ask else [])}
        self._template = Template(text, names)

    def pairs(self, focus: pl.Series, values: pl.DataFrame) -> Iterator[tuple[pl.DataFrame, str]]:
        """What breaks the constraint, f, v and p, with the messages for each."""
        if self._constraint.ask:
            yield from self._ask(values)
        else:
            yield from self._select(focus)

    def _ask(self, values: pl.DataFrame) -> Iterator[tuple[pl.DataFrame, str]]:
        rows = values.sort("f", "v")
        texts = [self._columns.texts(rows[c]).to_list() for c in ("f", "v")]
        answers: dict[tuple[str, str], bool] = {}
        for f, v, this, value in zip(rows["f"], rows["v"], *texts, strict=True):
            key = (this if self._template.mentions("this") else "", value)
            if key not in answers:
                bound = {**self._fixed, "this": skolem(this), "value": skolem(value)}
                answers[key] = bool(self._query(bound))
            if not answers[key]:
                yield _row(f, v), self._message({**self._constraint.bindings, "value": value})

    def _select(self, focus: pl.Series) -> Iterator[tuple[pl.DataFrame, str]]:
        for f, this in zip(focus.sort(), self._columns.texts(focus.sort()).to_list(), strict=True):
            solutions = self._query({**self._fixed, "this": skolem(this)})
            if not isinstance(solutions, ox.QuerySolutions):
                raise ShapesError(f"{self._shape.node}: sh:select takes a SELECT query")
            names = [v.value for v in solutions.variables]
            for row in solutions:
                found = dict(zip(names, (unskolem(term) for term in row), strict=True))
                if found.get("failure") == '"true"^^<http://www.w3.org/2001/XMLSchema#boolean>':
                    raise ShapesError("a SPARQL constraint reports a failure")
                value = found.get("value")
                if value is None and self._shape.path is None:
                    value = this
                number = None if value is None else self._columns.number(value)
                path = found.get("path")
                known = {k: v for k, v in found.items() if v is not None}
                message = self._message({**self._constraint.bindings, **known, "this": this})
                if "message" in known:
                    message = literal_text(known["message"])
                at = self._columns.number(path) if path and path.startswith("<") else None
                yield _row(f, number, at), message

    def _query(
        self, bound: dict[str, str]
    ) -> ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples:
        text = self._template.text(bound)
        try:
            return self._store.query(text, prefixes=dict(self._constraint.prefixes))
        except (SyntaxError, ValueError, OSError) as error:
            name = self._shape.node.strip("<>")
            raise ShapesError(f"{name}: its SPARQL cannot be run: {error}") from None

    def _message(self, values: dict[str, str]) -> str:
        """The constraint's message with {?name} and {$name} filled in (section 5.2.2)."""
        messages = self._constraint.messages
        if not messages:
            return ""

        def fill(match: re.Match[str]) -> str:
            term = values.get(match[1])
            if term is None:
                return match[0]
            return literal_text(term) if term.startswith('"') else term.strip("<>")

        return _PLACEHOLDER.sub(fill, literal_text(messages[0]))


def _row(focus: int, value: int | None, path: int | None = None) -> pl.DataFrame:
    return pl.DataFrame(
        {"f": [focus], "v": [value], "p": [path]}, schema=dict.fromkeys(("f", "v", "p"), NUMBER)
    )
