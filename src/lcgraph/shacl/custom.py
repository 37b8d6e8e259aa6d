"""SHACL-SPARQL: constraints (section 5) and constraint components (section 6).

They are asked of an Oxigraph store of the data that they can see: of all focus nodes or value nodes
in one query where its form shows that the answer is the same, else of each with the pre-bound
variables in the text. pySHACL judges where the engine's answer could be another one: where its
store would rewrite a literal that the query can see, where the query could tell a blank node from
the IRI that stands for it in the text, and where a path of no length leads from a term that the
data do not have to itself, which the engine does not find.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import polars as pl
import pyoxigraph as ox

from lcgraph.columns import NUMBER, literal_text
from lcgraph.errors import ShapesError
from lcgraph.shacl import form, grammar, reference, setwise, view
from lcgraph.shacl.prebinding import Template, with_path
from lcgraph.sparql import check_limits, declare, iris_used, refuse_network, tokens
from lcgraph.store.forms import rewritten
from lcgraph.terms import XSD

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lcgraph.columns import Columns
    from lcgraph.shacl.model import Path, Shape, ShapesGraph, SparqlConstraint

#: With up to so many focus nodes, a query that could do without is joined with them.
FEW = 1000
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
_TRUE = f'"true"^^<{XSD}boolean>'
# Functions that tell a blank node from an IRI, or a literal's text from another of its value.
_SEES_KIND = frozenset(
    ["ISBLANK", "ISIRI", "ISURI", "STR", "IRI", "URI", "MIN", "MAX", "GROUP_CONCAT", "cast"]
)
_SEES_TEXT = frozenset(["STR", "SAMETERM", "cast"])
_NOBODY = pl.DataFrame(schema={"this": pl.String, "value": pl.String})


def path_text(path: Path, strength: int = 0) -> str:
    """A path as SPARQL writes it, in parentheses where it binds less strongly than asked."""
    if isinstance(path, str):
        return path
    form, own, inner = _OPERATORS[path.kind]
    parts = [path_text(part, inner) for part in path.parts]
    text = form.format(_JOINTS.get(path.kind, "").join(parts))
    return text if own >= strength else f"({text})"


def skolem(term: str) -> str:
    """A term as it stands in a skolemised store: an IRI for a blank node."""
    return f"<{view.SKOLEM}{term[2:]}>" if term.startswith("_:") else term


def unskolem(term: object) -> str | None:
    """A term of an answer as it stands in the data."""
    if term is None:
        return None
    text = str(term)
    for start in (f"<{view.SKOLEM}", f"<{view.SHAPE_SKOLEM}"):
        if text.startswith(start):
            return f"_:{text[len(start) : -1]}"
    return text


class Found(NamedTuple):
    """What breaks a constraint: focus node, value node and path, and the messages; N-Triples texts."""

    focus: str
    value: str | None
    path: str | None
    messages: tuple[str, ...]


class Query:
    """The query of one constraint of one shape, with all of it bound but the nodes it is asked of."""

    def __init__(self, shape: Shape, constraint: SparqlConstraint) -> None:
        self.shape = shape
        self.constraint = constraint
        text = constraint.text
        if shape.path is not None:
            text = with_path(text, path_text(shape.path, 4))
        check_limits(text)
        refuse_network(text)
        fixed = {name: view.shape_term(term) for name, term in constraint.bindings.items()}
        fixed["currentShape"] = view.shape_term(shape.node)
        fixed["shapesGraph"] = f"<{view.SHAPES_GRAPH}>"
        nodes = frozenset(["this", "value"] if constraint.ask else ["this"])
        given = Template(text, {*nodes, *fixed})
        #: Whether it looks at the shapes graph or at itself there.
        self.sees_shapes = given.mentions("shapesGraph") or given.mentions("currentShape")
        self.text = given.text(fixed)
        self.template = Template(self.text, nodes)
        #: The pre-bound variables that it is asked of many nodes by.
        self.nodes = frozenset(n for n in nodes if not constraint.ask or given.mentions(n))
        self.form = grammar.read(self.text, constraint.prefixes)
        #: What it can see of the data; None where that can be anything.
        self.sight = None if self.form is None else self.form.sight(nodes)
        #: The terms, and pre-bound variables, that must be nodes of the graph for a sound answer.
        self.present = _mentioned(self) if self.form is None else self.form.nodes(nodes)
        self.plan = self._plan()

    def _plan(self) -> setwise.Plan | None:
        if self.form is None or not self.nodes:
            return None
        try:
            return setwise.plan(self.form, self.nodes, ask=self.constraint.ask)
        except setwise.UnsoundError:
            return None

    @property
    def sees_kind(self) -> bool:
        """Whether it could tell a blank node from an IRI that stands for it."""
        return self.form is None or self.form.sliced or bool(self.form.functions() & _SEES_KIND)

    @property
    def apart(self) -> bool:
        """Whether what it sees of the data depends on the nodes that it is asked of."""
        sight = self.sight
        return sight is not None and bool(
            sight.of or sight.subjects or sight.objects or self.present
        )

    def constants(self) -> set[str]:
        """Literals that it names and whose very text can matter to the answer."""
        if self.form is None:
            return set()
        found = set(self.form.constants)
        sees_text = bool(self.form.functions() & _SEES_TEXT)
        for expression in self.form.expressions():
            if sees_text or expression.binds:
                found |= expression.literals
        return found | {term for term in self.constraint.bindings.values() if term[0] == '"'}


class Engine:
    """Judges by queries; what it has learnt about the data serves all of them."""

    def __init__(self, columns: Columns, graph: ShapesGraph, engines: dict[str, set[str]]) -> None:
        """`engines` is filled with the names of the engines that judge for each shape."""
        self._columns = columns
        self._graph = graph
        self._engines = engines
        self._queries = {
            (shape.node, index): Query(shape, constraint)
            for shape in graph.shapes.values()
            for index, constraint in enumerate(shape.sparql)
        }
        seen = [query.sight for query in self._queries.values()]
        self._common = frozenset[str]().union(*(sight.predicates for sight in seen if sight))
        self._views: dict[frozenset[str] | None, view.View] = {}
        self._rewritten: dict[form.Sight | None, bool] = {}

    def begin(self) -> None:
        """Begins to load what several queries will be asked of, where there is such."""
        if any(query.plan and not query.apart for query in self._queries.values()):
            self._shared(self._common).begin()

    def asked(
        self, shape: Shape, constraint: SparqlConstraint, focus: pl.Series, values: pl.DataFrame
    ) -> Iterator[tuple[pl.DataFrame, tuple[str, ...]]]:
        """What breaks a constraint, f, v and p, with the messages for each.

        Raises:
            ShapesError: the query cannot be run, or reports a failure.
        """
        query = self._queries[shape.node, shape.sparql.index(constraint)]
        pairs = values if constraint.ask else focus.to_frame("f").with_columns(v=pl.col("f"))
        texts = pairs.select(
            this=pl.col("f").map_batches(self._columns.texts, return_dtype=pl.String),
            value=pl.col("v").map_batches(self._columns.texts, return_dtype=pl.String),
        ).unique()
        if not len(texts):
            return
        by_messages: dict[tuple[str, ...], dict[Found, None]] = {}
        # A query may find the same thing in several ways.
        for one in self._found(query, texts):
            by_messages.setdefault(one.messages, {})[one] = None
        for messages, several in by_messages.items():
            columns = {
                name: self._numbers([getattr(one, field) for one in several])
                for name, field in (("f", "focus"), ("v", "value"), ("p", "path"))
            }
            yield pl.DataFrame(columns), messages

    def _numbers(self, texts: list[str | None]) -> pl.Series:
        known = sorted({text for text in texts if text is not None})
        numbers = dict(zip(known, self._columns.numbers(known).to_list(), strict=True))
        return pl.Series([None if t is None else numbers[t] for t in texts], dtype=NUMBER)

    def _view(self, query: Query, texts: pl.DataFrame) -> view.View:
        """What a query is asked of: all that many queries see, or what it sees alone."""
        if query.sight is not None and query.apart:
            triples = self._seen(query.sight, texts)
            return view.View(self._columns, self._graph.terms, triples, _present(query, texts))
        return self._shared(None if query.sight is None else self._common)

    def _shared(self, predicates: frozenset[str] | None) -> view.View:
        """The triples with some predicates, or all of them, for several queries."""
        if predicates not in self._views:
            triples = self._columns.triples
            if predicates is not None:
                triples = self._seen(form.Sight(predicates), _NOBODY)
            self._views[predicates] = view.View(self._columns, self._graph.terms, triples)
        return self._views[predicates]

    def _seen(self, sight: form.Sight | None, texts: pl.DataFrame) -> pl.DataFrame:
        """The triples that are in sight of a query of some nodes."""
        triples = self._columns.triples
        if sight is None:
            return triples
        wanted = pl.col("p").is_in(self._columns.numbers(sorted(sight.predicates)).implode())
        wide = [self._columns.numbers(texts[name].unique().to_list()) for name in sight.of]
        wide += [self._columns.predicate(iri[1:-1])["f"] for iri in sight.subjects]
        wide += [self._columns.predicate(iri[1:-1])["v"] for iri in sight.objects]
        for subjects in wide:
            wanted |= pl.col("s").is_in(subjects.unique().implode())
        return triples.filter(wanted)

    def _found(self, query: Query, texts: pl.DataFrame) -> Iterator[Found]:
        if self._is_rewritten(query, texts) or self._is_absent(query, texts):
            yield from self._by_reference(query, texts)
            return
        blank = texts.filter(pl.any_horizontal(pl.all().str.starts_with("_:")))["this"].unique()
        if query.plan is None and query.sees_kind and len(blank):
            is_blank = pl.col("this").is_in(blank.implode())
            yield from self._by_reference(query, texts.filter(is_blank))
            texts, blank = texts.filter(~is_blank), blank.clear()
            if not len(texts):
                return
        self._name(query, f"Oxigraph {ox.__version__}")
        data = self._view(query, texts)
        if query.plan is not None:
            ask = self._ask_together if query.constraint.ask else self._select_together
            yield from ask(query, query.plan, data, texts)
            return
        store = data.skolemised if len(blank) else data.plain
        for this, value in texts.sort("this", "value").iter_rows():
            yield from _one(query, store, this, value)

    def _name(self, query: Query, engine: str) -> None:
        self._engines.setdefault(query.shape.node, set()).add(engine)

    def _is_absent(self, query: Query, texts: pl.DataFrame) -> bool:
        """Whether the data lack a node that they must have, and none can be added to them."""
        if query.sight is not None or not query.present:
            return False
        wanted = self._columns.numbers(_present(query, texts).to_list())
        triples = self._columns.triples
        return not (
            wanted.is_in(triples["s"].implode()) | wanted.is_in(triples["o"].implode())
        ).all()

    def _is_rewritten(self, query: Query, texts: pl.DataFrame) -> bool:
        """Whether the store would rewrite a literal that the query can see."""
        named = [*texts.get_columns(), pl.Series(sorted(query.constants()), dtype=pl.String)]
        if any(rewritten(series) for series in named):
            return True
        if query.sees_shapes and rewritten(self._shapes_literals()):
            return True
        if query.sight is not None and query.sight.of:
            return self._rewrites(self._seen(query.sight, texts))
        if query.sight not in self._rewritten:
            self._rewritten[query.sight] = self._rewrites(self._seen(query.sight, texts))
        return self._rewritten[query.sight]

    def _rewrites(self, triples: pl.DataFrame) -> bool:
        return bool(rewritten(self._columns.texts(triples["o"].unique())))

    def _shapes_literals(self) -> pl.Series:
        terms = {str(quad.object) for d in self._graph.terms.documents for quad in d.quads}
        return pl.Series(sorted(terms), dtype=pl.String)

    def _by_reference(self, query: Query, texts: pl.DataFrame) -> Iterator[Found]:
        self._name(query, reference.version())
        focus = texts["this"].unique(maintain_order=True).to_list()
        for literal in sorted(query.constants() - set(query.constraint.bindings.values())):
            if reference.rewrites(literal):
                raise ShapesError(
                    f"{query.shape.node.strip('<>')}: its query has {literal}, which no engine "
                    "takes as it is written",
                    hint="Write the number or date in its usual form.",
                )
        own = None if query.shape.path is None else path_text(query.shape.path)
        whole = view.View(self._columns, self._graph.terms, self._columns.triples)
        results = reference.judge_constraint(
            whole.quads(), self._graph.terms, query.shape, query.constraint, focus
        )
        if query.constraint.ask:
            yield from _untrue(query, Counter(result.focus for result in results), texts)
            return
        for result in results:
            said = (str(ox.Literal(result.message)),) if query.constraint.messages else ()
            path = None if result.path == own else _predicate(result.path)
            yield Found(result.focus, result.value, path, said)

    def _select_together(
        self, query: Query, plan: setwise.Plan, data: view.View, texts: pl.DataFrame
    ) -> Iterator[Found]:
        nodes = texts.select("this").unique()
        joined = bool(plan.needing) or len(nodes) <= FEW
        text = plan.text(query.text, data.block(nodes) if joined else None)
        wanted = set(nodes["this"])
        for found in _rows(query, data.plain, text, sets=joined):
            if found.get("this") in wanted:
                yield _broken(query, found, found["this"])

    def _ask_together(
        self, query: Query, plan: setwise.Plan, data: view.View, texts: pl.DataFrame
    ) -> Iterator[Found]:
        names = sorted(plan.names)
        rows = texts.select(names).unique()
        text = plan.text(query.text, data.block(rows))
        right = {
            tuple(found[name] for name in names)
            for found in _rows(query, data.plain, text, sets=True)
        }
        for this, value in texts.sort("this", "value").iter_rows():
            given = {"this": this, "value": value}
            if tuple(given[name] for name in names) not in right:
                yield Found(this, value, None, _messages(query, given))


def _untrue(query: Query, counts: Mapping[str, int], texts: pl.DataFrame) -> Iterator[Found]:
    """What pySHACL finds an ASK to be untrue of. It says of how many values of a focus node, but
    not of which: they are named where it is all of them."""
    for focus, count in counts.items():
        values = texts.filter(pl.col("this") == focus)["value"].sort().to_list()
        for value in values if len(values) == count else [None]:
            known = {"this": focus} if value is None else {"this": focus, "value": value}
            yield Found(focus, value, None, _messages(query, known))


def _mentioned(query: Query) -> frozenset[str]:
    """All that a path of no length could lead to itself, where the form of the query is unread."""
    before = ""
    for token in tokens(query.text):
        if token.kind == "mark" and token.text in "*?" and before in ("iri", "name", "a", ")"):
            declared = declare(query.text, query.constraint.prefixes)
            return query.nodes | {f"<{iri}>" for iri in iris_used(declared)}
        before = token.kind if token.kind in ("iri", "name") else token.text
    return frozenset()


def _present(query: Query, texts: pl.DataFrame) -> pl.Series:
    """The terms that must be nodes of the graph."""
    values = [texts[name] for name in query.present & set(texts.columns)]
    named = pl.Series(sorted(query.present - set(texts.columns)), dtype=pl.String)
    return pl.concat([named, *values]).unique()


def _one(query: Query, store: ox.Store, this: str, value: str) -> Iterator[Found]:
    """What a query that is asked of one node says."""
    bound = {"this": skolem(this)}
    if query.constraint.ask:
        bound["value"] = skolem(value)
    text = query.template.text(bound)
    if query.constraint.ask:
        if not _run(query, store, text, sets=False):
            yield Found(this, value, None, _messages(query, {"this": this, "value": value}))
        return
    for found in _rows(query, store, text, sets=False):
        yield _broken(query, found, this)


def _broken(query: Query, found: dict[str, str], this: str) -> Found:
    """What a solution says is broken (section 5.3.2)."""
    if found.get("failure") == _TRUE:
        raise ShapesError(f"{query.shape.node.strip('<>')}: its SPARQL reports a failure")
    value = found.get("value")
    if value is None and query.shape.path is None:
        value = this
    said = found.get("message", "")
    messages = (said,) if said.startswith('"') else _messages(query, {**found, "this": this})
    return Found(this, value, _predicate(found.get("path")), messages)


def _predicate(path: str | None) -> str | None:
    return path if path and re.fullmatch("<[^<>]*>", path) else None


def _rows(query: Query, store: ox.Store, text: str, *, sets: bool) -> Iterator[dict[str, str]]:
    """The solutions of a SELECT, unbound variables left out."""
    solutions = _run(query, store, text, sets=sets)
    if not isinstance(solutions, ox.QuerySolutions):
        raise ShapesError(f"{query.shape.node}: sh:select takes a SELECT query")
    names = [variable.value for variable in solutions.variables]
    for row in solutions:
        terms = zip(names, map(unskolem, row), strict=True)
        yield {name: term for name, term in terms if term is not None}


def _run(
    query: Query, store: ox.Store, text: str, *, sets: bool
) -> ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples:
    try:
        return store.query(
            text, prefixes=dict(query.constraint.prefixes), named_graphs=view.graphs(sets=sets)
        )
    except (SyntaxError, ValueError, OSError, RuntimeError) as error:
        name = query.shape.node.strip("<>")
        raise ShapesError(f"{name}: its SPARQL cannot be run: {error}") from None


def _messages(query: Query, values: dict[str, str]) -> tuple[str, ...]:
    """The constraint's messages with {?name} and {$name} filled in (section 5.2.2)."""
    known = {**query.constraint.bindings, **values}

    def fill(match: re.Match[str]) -> str:
        term = known.get(match[1])
        if term is None:
            return match[0]
        return literal_text(term) if term.startswith('"') else term.strip("<>")

    return tuple(
        str(ox.Literal(_PLACEHOLDER.sub(fill, literal_text(message))))
        + message[message.rindex('"') + 1 :]
        for message in query.constraint.messages
    )
