"""The face that people use: a graph that is loaded, validated, queried and exported."""

from __future__ import annotations

import os
import re
from collections import Counter
from contextlib import contextmanager
from datetime import date
from functools import partial
from pathlib import Path
from threading import RLock
from time import perf_counter
from typing import TYPE_CHECKING, Any, Self

import pyoxigraph as ox

from lcgraph import queries, resources, sparql
from lcgraph.bridge import graph_to_rdflib, quads_from_rdflib
from lcgraph.errors import ParameterError, QueryError, StoreError, WriteError, did_you_mean, nearest
from lcgraph.excerpts import record_quads
from lcgraph.results import Table
from lcgraph.store.embedded import EmbeddedStore, Load
from lcgraph.terms import DEF, ID, NS, PREFIXES, RDF, SKOS, curie, resolve
from lcgraph.transactions import Transactions, known_severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from lcgraph.citation import Origin
    from lcgraph.reading import Lines, Source
    from lcgraph.shacl.phases import Progress
    from lcgraph.shacl.report import Report

_EXPECTED = r"error at (\d+):(\d+): expected "
_KEYWORDS = [
    "SELECT",
    "ASK",
    "CONSTRUCT",
    "DESCRIBE",
    "WHERE",
    "FROM",
    "NAMED",
    "GRAPH",
    "OPTIONAL",
    "UNION",
    "MINUS",
    "FILTER",
    "BIND",
    "VALUES",
    "EXISTS",
    "NOT",
    "IN",
    "AS",
    "DISTINCT",
    "REDUCED",
    "GROUP",
    "BY",
    "HAVING",
    "ORDER",
    "ASC",
    "DESC",
    "LIMIT",
    "OFFSET",
    "PREFIX",
    "BASE",
    "COUNT",
    "SUM",
    "MIN",
    "MAX",
    "AVG",
    "SAMPLE",
    "GROUP_CONCAT",
    "INSERT",
    "DELETE",
    "DATA",
    "CLEAR",
    "DROP",
    "CREATE",
    "WITH",
    "USING",
]
_LABEL_ORDER = ("en", "")


class Graph:
    """A graph, or a dataset of several, in memory or in a folder.

    Questions see the union of all its graphs. Terms come back as they were written.

        >>> import lcgraph
        >>> graph = lcgraph.dataset()
        >>> graph.query("awards-of-city", city="city/fi-espoo").dicts()[0]["year"]
        2015
    """

    def __init__(
        self,
        location: str | os.PathLike[str] | None = None,
        *,
        shapes: str | os.PathLike[str] | Sequence[str | os.PathLike[str]] | None = None,
        severity: str | None = None,
        read_only: bool = False,
    ) -> None:
        """A graph that is empty, or that a folder holds.

        Args:
            location: a folder, which is made where it is not there; None keeps the graph in memory.
                One writer can have it at a time, and any number of readers, who see the state
                that was committed last when they opened it.
            shapes: the layers and files of shapes that `validate` takes where it is given none, and
                that transactions are checked by; "core" where None, or what the folder was opened
                with before.
            severity: how bad a new result must be for a transaction to be refused: "violation"
                (where None, or what the folder was opened with before), "warning", "info"; "off"
                checks nothing.
            read_only: whether the folder is opened for reading only.

        Raises:
            LockError: another writer has the folder.
            StoreError: the folder is no store, or cannot be read or written.
        """
        self._store = EmbeddedStore()
        if location is not None:
            from lcgraph.store.durable import DurableStore

            self._store = DurableStore(Path(location), read_only=read_only)
        #: What was read, kept so that results can name file and line; not kept in a folder.
        self.documents: list[Lines] = []
        # Changes come one after the other; questions may be asked from any thread.
        self._lock = RLock()
        self._transactions = Transactions(self._store)
        checks = self._store.checks
        given = (shapes,) if isinstance(shapes, str | os.PathLike) else shapes
        chosen = checks.get("shapes", ["core"]) if given is None else map(_shape_name, given)
        #: The layers and files of shapes that `validate` takes where it is given none.
        self.shapes: tuple[str, ...] = tuple(chosen)
        self._severity = known_severity(severity or checks.get("severity", "violation"))
        if (shapes or severity) and not read_only:
            self._store.set_checks({"shapes": list(self.shapes), "severity": self._severity})

    @classmethod
    def _shipped(cls) -> Graph:
        graph = cls()
        graph.shapes = ("core", "dataset")
        for path in resources.dataset_files():
            graph._store.load_unchanged(path)
        return graph

    @property
    def prefixes(self) -> dict[str, str]:
        """The prefixes that the loaded sources declare; export writes with them."""
        return self._store.prefixes

    @prefixes.setter
    def prefixes(self, prefixes: dict[str, str]) -> None:
        self._store.prefixes = prefixes

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Lets go of the folder that the graph is in, so that another writer can have it. A graph
        in memory stays as it is.

        Raises:
            StoreError: a transaction is open.
        """
        with self._lock:
            if self._store.changes is not None:
                raise StoreError("a transaction is open", hint="Close the graph after its block.")
            self._store.close()

    def backup(self, path: str | os.PathLike[str]) -> Path:
        """Copies the graph, as it was last committed, to a new folder, which `Graph` opens.

        Raises:
            StoreError: there is such a folder, it cannot be written, or the graph is in memory.
        """
        with self._lock:
            self._store.backup(Path(path))
        return Path(path)

    def optimize(self) -> Graph:
        """Arranges the files of a graph in a folder anew, after many changes; in memory there is
        nothing to do."""
        with self._lock:
            self._store.optimize()
        return self

    def __len__(self) -> int:
        return len(self._store)

    def __iter__(self) -> Iterator[ox.Quad]:
        """The quads, terms as written."""
        return iter(self._store)

    def __repr__(self) -> str:
        return f"<lcgraph.Graph with {len(self)} triples>"

    def load(
        self,
        *sources: Source,
        format: str | None = None,
        base: str | None = None,
        lenient: bool = False,
        progress: Progress | None = None,
    ) -> Graph:
        """Loads files, bytes or streams: all of them, or nothing where one cannot be read, or holds
        a literal whose text its datatype does not allow.

        A file that is loaded again replaces what came from it before: what is no longer in it goes,
        unless another file brought it too.

        Args:
            sources: paths, ``"-"`` for standard input, bytes, or binary streams.
            format: their syntax; else the suffix decides, then the content.
            base: the IRI that relative IRIs are resolved against.
            lenient: whether ill-formed literals, such as "20I9"^^xsd:gYear, are loaded as they are:
                RDF allows them, though they have no value. IRIs and language tags must be right.
            progress: is called with the phase: "read", "check", "store".

        Returns:
            The graph itself.

        Raises:
            ReadError: a source cannot be read; with file, line and column.
            IllFormedError: a ReadError: literals are ill-formed; with a finding for each.
            StoreError: the folder of the graph cannot be written, as where the disk is full.
        """
        from lcgraph.halves import importing
        from lcgraph.reading import read_lines

        tell = progress or (lambda *_: None)
        with self._lock:
            tell("read", 0, 0)
            apart = bool(self._store.engine)
            meanwhile = importing("lcgraph.store.forms")
            read = read_lines(sources, format=format, base=base, apart=apart, meanwhile=meanwhile)
            from lcgraph.columns import Columns
            from lcgraph.store.forms import rewritten

            iris = [_file_iri(source) for source in sources]
            tell("check", 0, 0)
            columns = Columns.from_nquads(b"".join(lines.ntriples for lines in read))
            if not lenient and columns.ill_formed():
                _refuse(read)
            loads = [
                Load(iri, lines.name, lines.ntriples) for iri, lines in zip(iris, read, strict=True)
            ]
            prefixes = dict(self.prefixes)
            for lines in read:
                prefixes = {**lines.prefixes, **prefixes}
            objects = columns.texts(columns.triples["o"].unique())
            tell("store", 0, 0)
            self._store.load(loads, rewritten(objects), prefixes)
            again = {_file_iri(lines.name) for lines, iri in zip(read, iris, strict=True) if iri}
            older = [known for known in self.documents if _file_iri(known.name) not in again]
            self.documents = older + read
        return self

    def add(self, quads: Iterable[ox.Quad]) -> Graph:
        """Adds quads as they are, all or none; blank nodes keep their labels."""
        with self._lock:
            self._store.extend(quads)
        return self

    def remove(self, quads: Iterable[ox.Quad]) -> Graph:
        """Removes quads, as they are written, all or none; one that is not there is no error."""
        with self._lock:
            self._store.remove(quads)
        return self

    @contextmanager
    def transaction(
        self,
        *,
        shapes: str | os.PathLike[str] | Sequence[Any] | None = None,
        severity: str | None = None,
    ) -> Iterator[Graph]:
        """Makes the changes of a block land together, or not at all.

        Questions in the block see what it has changed so far. At its end the shapes judge the nodes
        that the changes can touch; a result that was not there before refuses all of them. What was
        wrong before, there or elsewhere, refuses nothing. An error that leaves the block undoes it
        too. A block within a block is a part of the outer one. Changes that other threads make wait
        until it has ended; their questions do not wait, and can see what is not yet committed.
        Other processes see a folder as it was until the block has ended.

        Args:
            shapes: layers and files of shapes; those of the graph where None.
            severity: how bad a new result must be to refuse; that of the graph where None; "off"
                checks nothing. A block within a block is checked as the outer one is.

        Raises:
            ValidationError: the changes bring in what the shapes forbid; its `report` says what.
            StoreError: they cannot be written, or a block within failed.
        """
        one = isinstance(shapes, str | os.PathLike | bytes)
        chosen = [shapes] if one else list(shapes or self.shapes)  # type: ignore[arg-type]
        with self._lock:
            documents = list(self.documents)
            outer = self._store.changes is None
            try:
                with self._transactions.open(
                    chosen, known_severity(severity or self._severity), lambda: self.documents
                ):
                    yield self
            except BaseException:
                if outer:
                    self.documents = documents
                raise

    def query(self, question: str, **values: Any) -> Table:
        """Answers a SELECT question.

        Args:
            question: the name of a question of the library, or SPARQL text; the prefixes of the
                prefix table and of the loaded files need no declaration.
            values: its parameters: Python values, terms, or texts read by the parameter's type.

        Raises:
            QueryError: there is no such question, or its text is not a SELECT query.
            ParameterError: a value is missing, unknown, or of the wrong type.
            PolicyError: the text would reach over the network.
            LimitError: the text goes past the limits that keep the engine safe.
        """
        answer = self.answer(question, **values)
        if not isinstance(answer, Table):
            kind = "ask" if isinstance(answer, bool) else "construct"
            raise QueryError("it is not a SELECT query", hint=f"Use graph.{kind}() for it.")
        return answer

    def ask(self, question: str, **values: Any) -> bool:
        """Answers an ASK question; arguments and errors as for `query`."""
        answer = self.answer(question, **values)
        if not isinstance(answer, bool):
            raise QueryError("it is not an ASK query", hint="Use graph.query() for SELECT.")
        return answer

    def construct(self, question: str, **values: Any) -> Graph:
        """The graph that a CONSTRUCT or DESCRIBE question makes; errors as for `query`."""
        answer = self.answer(question, **values)
        if not isinstance(answer, Graph):
            raise QueryError("it is not a CONSTRUCT or DESCRIBE query", hint="Use graph.query().")
        return answer

    def answer(self, question: str, **values: Any) -> Table | bool | Graph:
        """Answers a question of any form: a Table for SELECT, a bool for ASK, a Graph for
        CONSTRUCT and DESCRIBE; arguments and errors as for `query`."""
        named = queries.is_name(question)
        name = f"{question}.rq" if named else "query"
        text = queries.text_of(question, values)
        sparql.check_limits(text)
        sparql.refuse_network(text)
        began = perf_counter()
        try:
            result = self._store.engine.query(
                text,
                prefixes=self._known_prefixes(),
                # A query that names its graphs by FROM means these and no others.
                use_default_graph_as_union=not sparql.names_graphs(text),
            )
            if isinstance(result, ox.QueryBoolean):
                return bool(result)
            if isinstance(result, ox.QueryTriples):
                made = Graph()
                made.prefixes = dict(self.prefixes)
                return made.add(ox.Quad(*triple) for triple in dict.fromkeys(result))
            columns = [variable.value for variable in result.variables]
            cells = [tuple(row) for row in result]
        except SyntaxError as error:
            raise self._query_error(error, text, name) from None
        except (ValueError, OSError, RuntimeError) as error:
            raise QueryError(f"the engine cannot answer it: {error}", file=name) from None
        return Table(
            columns,
            cells,
            seconds=perf_counter() - began,
            notes=() if named else self.unknown_terms(text),
            labels=self.labels,
            origin=partial(self._origin, question, values, date.today()),  # noqa: DTZ011 (the reader's day)
        )

    def update(self, text: str, **values: Any) -> Graph:
        """Runs a SPARQL update as one transaction; arguments and errors as for `query`.

        What an update inserts has no written form: the engine's form of a literal is kept.
        """
        text = sparql.bind(text, values)
        sparql.check_limits(text)
        sparql.refuse_network(text)
        try:
            with self._lock:
                self._store.update(text, self._known_prefixes())
        except SyntaxError as error:
            raise self._query_error(error, text, "update") from None
        except (ValueError, OSError, RuntimeError) as error:
            raise QueryError(f"the engine cannot run it: {error}", file="update") from None
        return self

    def validate(
        self,
        shapes: str | os.PathLike[str] | Sequence[Any] | None = None,
        *,
        focus: str | Sequence[str] = (),
        shape: str | Sequence[str] = (),
        severity: str = "info",
        limit: int | None = None,
        lenient: bool = False,
        progress: Progress | None = None,
    ) -> Report:
        """Validates the graph against SHACL shapes; arguments and errors as for
        `lcgraph.validate`."""
        from lcgraph.shacl.narrowing import Narrow
        from lcgraph.shacl.phases import Phases
        from lcgraph.shacl.validate import validate_lines

        phases = Phases(progress)
        narrow = Narrow.of(focus, shape, severity, limit, self.prefixes)
        with phases.phase("read"):
            text = self.ntriples()
        return validate_lines(
            [text],
            shapes=shapes or self.shapes,
            sources=self.documents,
            narrow=narrow,
            lenient=lenient,
            phases=phases,
        )

    def ntriples(self) -> bytes:
        """The quads as N-Quads lines, terms as written, in no order."""
        return self._store.nquads()

    def export(
        self,
        path: str | os.PathLike[str],
        *,
        format: str | None = None,
        force: bool = False,
        embed_context: bool = True,
    ) -> Path:
        """Writes the graph to a file, whole or not at all, in the canonical form of its syntax.

        Args:
            path: the file; its suffix decides the syntax where `format` is None.
            format: a syntax by name, media type or suffix.
            force: whether a file that exists is replaced.
            embed_context: for JSON-LD, whether the context stands in the document.

        Raises:
            WriteError: the file exists, cannot be written, or its syntax cannot hold the graph.
        """
        from lcgraph.syntaxes import guess_syntax, syntax

        kind = syntax(format) if format else guess_syntax(str(path))
        if kind is None:
            raise WriteError(
                "its suffix names no RDF syntax", file=str(path), hint="Use .ttl, .jsonld, .nt …"
            )
        from lcgraph.files import write_whole

        text = self.serialize(kind.name, embed_context=embed_context)
        return write_whole(Path(path), text, force=force)

    def serialize(self, format: str = "turtle", *, embed_context: bool = True) -> bytes:
        """The canonical text of the graph in a syntax, in UTF-8; errors as for `export`."""
        from lcgraph import jsonld, writing
        from lcgraph.labels import canonical
        from lcgraph.syntaxes import JSONLD, syntax

        kind = syntax(format)
        if kind is JSONLD:
            return jsonld.serialize(canonical(self), embed_context=embed_context)
        return writing.serialize(self, kind, self.prefixes)

    def record(self, name: str) -> Graph:
        """One record with all that belongs to it: what refers to it, their evidence and sources,
        and the labels of what they mention.

        Args:
            name: an IRI, a CURIE, or the short path of a record such as ``city/fi-espoo``.

        Raises:
            ParameterError: the graph has no such record.
        """
        node = resolve(name, self._known_prefixes())
        quads = record_quads(self._store, node)
        if not quads:
            known = {
                quad.subject.value.removeprefix(ID)
                for quad in self._store.engine
                if isinstance(quad.subject, ox.NamedNode) and quad.subject.value.startswith(ID)
            }
            raise ParameterError(
                f"there is no record {name!r}",
                hint=did_you_mean(name.removeprefix(ID), known)
                or "Name it by its IRI or its short path, such as city/fi-espoo.",
            )
        made = Graph()
        made.prefixes = dict(self.prefixes)
        return made.add(quads)

    def labels(self, iris: Iterable[str], language: str = "en") -> dict[str, str]:
        """A label for each IRI that has one, in `language` where there is one."""
        found: dict[str, str] = {}
        wanted = (language, *_LABEL_ORDER)
        predicates = [ox.NamedNode(SKOS + "prefLabel"), ox.NamedNode(PREFIXES["rdfs"] + "label")]
        for iri in iris:
            for predicate in predicates:
                quads = self._store.engine.quads_for_pattern(ox.NamedNode(iri), predicate, None)
                labels = {
                    (quad.object.language or ""): quad.object.value
                    for quad in quads
                    if isinstance(quad.object, ox.Literal)
                }
                if labels:
                    best = next((tag for tag in wanted if tag in labels), min(labels))
                    found[iri] = labels[best]
                    break
        return found

    def digest(self) -> str:
        """The SHA-256 of the graph's canonical N-Quads (RDFC-1.0), which no order or prefix
        changes.

        Raises:
            LimitError: labelling its blank nodes would take too long.
        """
        from hashlib import sha256

        from lcgraph.labels import rdfc

        lines = sorted(f"{quad} .\n" for quad in rdfc(self))
        return sha256("".join(lines).encode()).hexdigest()

    def _origin(self, question: str, values: dict[str, Any], asked: date) -> Origin:
        from lcgraph.citation import CREATOR, Origin

        facts = self.answer(
            "SELECT ?dataset ?title ?version { ?dataset a dcat:Dataset ; dcterms:title ?title ; "
            "dcat:version ?version } ORDER BY ?dataset LIMIT 1"
        )
        known = facts.dicts()[0] if isinstance(facts, Table) and len(facts) else {}
        given = ", ".join(f"{name}={value}" for name, value in values.items())
        files = ", ".join(document.name for document in self.documents)
        return Origin(
            title=str(known.get("title") or files or "a graph"),
            creator=CREATOR if known else "",
            version=str(known.get("version", "")),
            address=str(known.get("dataset", "")),
            digest=self.digest(),
            triples=len(self),
            question=" ".join(question.split()) + (f" ({given})" if given else ""),
            asked=asked,
        )

    def counts(self) -> dict[str, int]:
        """How many records of each class there are, by the CURIE of the class."""
        classes = Counter(
            curie(quad.object.value, self._known_prefixes())
            for quad in self._store.engine.quads_for_pattern(None, ox.NamedNode(RDF + "type"), None)
            if isinstance(quad.object, ox.NamedNode)
        )
        return dict(sorted(classes.items()))

    def unknown_terms(self, text: str) -> list[str]:
        """A remark for each of our terms in a query that neither the data nor the vocabulary has,
        with the nearest known one."""
        remarks = []
        known: Counter[str] | None = None
        for iri in sparql.iris_used(text):
            if not iri.startswith((NS, DEF, ID)) or self._mentions(iri):
                continue
            if known is None:
                known = self._known_terms()
            if iri in known:
                continue
            namespace = next(n for n in (NS, DEF, ID) if iri.startswith(n))
            term = nearest(iri, [term for term in known if term.startswith(namespace)])
            remark = f"{curie(iri)} is not in the data or the vocabulary."
            if term:
                uses = f"{known[term]} use{'' if known[term] == 1 else 's'}"
                remark += f" Did you mean {curie(term)} ({uses})?"
            remarks.append(remark)
        return remarks

    def _mentions(self, iri: str) -> bool:
        node = ox.NamedNode(iri)
        store = self._store.engine
        return any(
            next(store.quads_for_pattern(*pattern), None) is not None
            for pattern in ((node, None, None), (None, node, None), (None, None, node))
        )

    def _known_terms(self) -> Counter[str]:
        uses: Counter[str] = Counter()
        for quad in self._store.engine:
            for term in (quad.predicate, quad.object):
                if isinstance(term, ox.NamedNode):
                    uses[term.value] += 1
            if isinstance(quad.subject, ox.NamedNode):
                uses[quad.subject.value] += 0
        for quad in ox.parse(path=str(resources.ontology_dir() / "lcg.ttl")):
            uses[str(quad.subject)[1:-1]] += 0
        return uses

    def _known_prefixes(self) -> dict[str, str]:
        return {**PREFIXES, **self.prefixes}

    def _query_error(self, error: SyntaxError, text: str, name: str) -> QueryError:
        known = self._known_prefixes()
        declared = sparql.prefixes_declared(text)
        for prefix, start in sparql.prefixes_used(text).items():
            if prefix not in known and prefix not in declared:
                line, column = _position(text, start)
                return QueryError(
                    f"the prefix {prefix}: is not declared",
                    file=name,
                    line=line,
                    column=column,
                    text=text.split("\n")[line - 1],
                    hint=did_you_mean(prefix, known)
                    or f"Add a line at its top: PREFIX {prefix}: <…>",
                )
        match = re.match(_EXPECTED, error.msg or str(error))
        if match is None:
            return QueryError(f"not valid SPARQL: {error.msg or error}", file=name)
        line, column = int(match[1]), int(match[2])
        lines = text.split("\n")
        return QueryError(
            "not valid SPARQL: this is not expected here",
            file=name,
            line=line,
            column=column,
            text=lines[line - 1] if line <= len(lines) else "",
            hint=_query_hint(text, line, column),
        )

    def to_rdflib(self) -> Any:
        """An rdflib Graph of the union of all graphs, literals as written, prefixes bound."""
        return graph_to_rdflib(self, self._known_prefixes())


def _shape_name(shapes: str | os.PathLike[str]) -> str:
    """A layer by its name, a file by its whole path, so that it is found from anywhere."""
    name = os.fspath(shapes)
    return name if name in resources.shape_layers() else os.path.abspath(name)  # noqa: PTH100


def _file_iri(source: Source) -> str | None:
    """The IRI of the file that a source names; None where it is no file."""
    if not isinstance(source, str | os.PathLike) or source == "-":
        return None
    # By its name, links not followed: who loads latest.ttl again means to replace it.
    return Path(os.path.abspath(source)).as_uri()  # noqa: PTH100


def _refuse(read_before: Iterable[Lines]) -> None:
    """Refuses sources that hold ill-formed literals, with the place of each."""
    from lcgraph.checking import refuse_ill_formed
    from lcgraph.reading import read

    refuse_ill_formed(
        read(lines.data, format=lines.syntax.name, base=lines.base, name=lines.name)
        for lines in read_before
    )


def _position(text: str, offset: int) -> tuple[int, int]:
    before = text[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1


def _query_hint(text: str, line: int, column: int) -> str | None:
    """How to mend a text that the parser gave up at this place, where that can be told."""
    offset = sum(len(part) + 1 for part in text.split("\n")[: line - 1]) + column - 1
    if not text[offset:].strip():
        return "Something is never closed or said: a brace, a bracket, a quote, or a whole part."
    words = [t for t in sparql.tokens(text) if t.kind == "word" and t.start <= offset]
    for token in reversed(words[-2:]):
        if token.text.upper() not in _KEYWORDS and (near := nearest(token.text, _KEYWORDS)):
            return f"{token.text!r} is no keyword. Did you mean {near}?"
    return None


def from_rdflib(graph: Any) -> Graph:
    """A Graph of an rdflib Graph or Dataset. Literals that rdflib had already rewritten when it
    read them stay rewritten: what was written before cannot be known any more.

    Raises:
        ParameterError: it holds a node that RDF 1.1 data cannot have.
    """
    made = Graph()
    made.prefixes = {str(prefix): str(iri) for prefix, iri in graph.namespaces() if prefix}
    return made.add(quads_from_rdflib(graph))


def dataset() -> Graph:
    """The shipped dataset: learning cities, with the concepts that their records use."""
    return Graph._shipped()  # noqa: SLF001 (a constructor of its own class)
