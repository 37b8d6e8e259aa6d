"""The part of the data that queries can see, as an Oxigraph store, and what the store rewrites.

Blank nodes stay blank nodes; where a query has to name one, they are IRIs in a second store. Sets
of focus nodes stand in a named graph, where a query can join them whatever terms they are.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import TYPE_CHECKING, Any

import polars as pl
import pyoxigraph as ox

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Future

    from lcgraph.columns import Columns
    from lcgraph.shacl.model import Terms

SKOLEM = "urn:lcgraph:blank:"
SHAPE_SKOLEM = "urn:lcgraph:shape:"
SHAPES_GRAPH = "urn:lcgraph:shapes"
_SETS_GRAPH = "urn:lcgraph:sets"
_NODE = "urn:lcgraph:node"


def _document(lines: pl.Series) -> bytes:
    return b"" if lines.is_empty() else (lines.str.join("\n").item() + "\n").encode()


class View:
    """Some triples of the data, as queries can ask for them."""

    def __init__(
        self,
        columns: Columns,
        shapes: Terms,
        triples: pl.DataFrame,
        nodes: pl.Series | None = None,
    ) -> None:
        """`triples` are s, p and o, as numbers of terms; `nodes` are terms, as N-Triples text, that
        shall be nodes of the graph, though none of these triples have them."""
        self._columns = columns
        self._shapes = shapes
        self._triples = triples
        self._nodes = pl.Series(dtype=pl.String) if nodes is None else nodes
        self._sets = 0
        self._loading: Future[ox.Store] | None = None

    @cached_property
    def _texts(self) -> pl.DataFrame:
        """The triples as N-Triples texts s, p and o."""
        texts = self._triples.select(
            pl.all().map_batches(self._columns.texts, return_dtype=pl.String)
        )
        node = pl.lit(f"<{_NODE}>")
        return pl.concat([texts, self._nodes.to_frame("o").select(s=node, p=node, o="o")])

    def quads(self) -> Iterator[ox.Quad]:
        """The triples as they are written."""
        yield from ox.parse(_lines(self._texts), format=ox.RdfFormat.N_TRIPLES)

    def begin(self) -> None:
        """Begins to load the store that most queries are asked of, beside what else is done: the
        engine leaves the interpreter to others while it loads."""
        executor = ThreadPoolExecutor(1)
        self._loading = executor.submit(self._load_named)
        executor.shutdown(wait=False)

    def _load_named(self) -> ox.Store:
        store = ox.Store()
        named = _lines(self._texts.filter(~_is_blank()))
        store.bulk_load(named, format=ox.RdfFormat.N_TRIPLES)
        return store

    @cached_property
    def plain(self) -> ox.Store:
        """A store with the blank nodes of the data."""
        store = self._load_named() if self._loading is None else self._loading.result()
        # What is loaded gets new labels, what is added keeps those it has.
        blank = _lines(self._texts.filter(_is_blank()))
        store.bulk_extend(ox.parse(blank, format=ox.RdfFormat.N_TRIPLES))
        return self._with_shapes(store)

    @cached_property
    def skolemised(self) -> ox.Store:
        """A store with IRIs for blank nodes."""
        columns = [
            pl.when(pl.col(c).str.starts_with("_:"))
            .then(pl.format(f"<{SKOLEM}{{}}>", pl.col(c).str.slice(2)))
            .otherwise(c)
            .alias(c)
            for c in ("s", "o")
        ]
        store = ox.Store()
        lines = _lines(self._texts.with_columns(columns))
        store.bulk_load(lines, format=ox.RdfFormat.N_TRIPLES)
        return self._with_shapes(store)

    def _with_shapes(self, store: ox.Store) -> ox.Store:
        """With the shapes graph, whose blank nodes are IRIs, so that $currentShape can be one."""
        name = ox.NamedNode(SHAPES_GRAPH)
        store.bulk_extend(
            ox.Quad(_shape_node(quad.subject), quad.predicate, _shape_node(quad.object), name)
            for document in self._shapes.documents
            for quad in document.quads
        )
        return store

    def block(self, rows: pl.DataFrame) -> str:
        """Puts rows of terms, one column for each variable, where a query can join them; gives the
        graph pattern that does."""
        self._sets += 1
        patterns = []
        for name in rows.columns:
            predicate = f"urn:lcgraph:{name}:{self._sets}"
            patterns.append(f"<{predicate}> ?{name}")
            triples = rows.select(
                s=pl.format(f"<urn:lcgraph:row:{self._sets}:{{}}>", pl.int_range(pl.len())),
                p=pl.lit(f"<{predicate}>"),
                o=name,
                g=pl.lit(f" <{_SETS_GRAPH}>"),
            )
            self.plain.bulk_extend(ox.parse(_lines(triples), format=ox.RdfFormat.N_QUADS))
        return f"GRAPH <{_SETS_GRAPH}> {{ [] {' ; '.join(patterns)} }}"


def shape_term(text: str) -> str:
    """A term of the shapes graph as it stands in a store, N-Triples text both."""
    return f"<{SHAPE_SKOLEM}{text[2:]}>" if text.startswith("_:") else text


def _shape_node(term: Any) -> Any:
    return ox.NamedNode(SHAPE_SKOLEM + term.value) if isinstance(term, ox.BlankNode) else term


def graphs(*, sets: bool) -> list[ox.NamedNode | ox.BlankNode]:
    """The named graphs that a query can see."""
    names = [SHAPES_GRAPH, _SETS_GRAPH] if sets else [SHAPES_GRAPH]
    return [ox.NamedNode(name) for name in names]


def _is_blank() -> pl.Expr:
    return pl.col("s").str.starts_with("_:") | pl.col("o").str.starts_with("_:")


def _lines(triples: pl.DataFrame) -> bytes:
    end = pl.col("g") if "g" in triples.columns else pl.lit("")
    return _document(triples.select(pl.format("{} {} {}{} .", "s", "p", "o", end)).to_series())
