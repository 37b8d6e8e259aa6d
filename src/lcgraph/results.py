"""Answers: a table of terms, as Python values, frames, and the formats people exchange."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from lcgraph.errors import QueryError
from lcgraph.terms import XSD, curie, to_python

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from lcgraph.citation import Origin
    from lcgraph.terms import Term, Value

_NUMBERS = frozenset(
    XSD + name for name in ("integer", "decimal", "double", "float", "gYear", "int", "long")
)
# What a column of a frame can hold: integers of 64 bits, decimals of 38 digits.
_LEAST, _MOST = -(2**63), 2**63 - 1
_DECIMAL_DIGITS = 38


class Table:
    """The answer to a SELECT question: rows of terms under named columns.

    Attributes:
        columns: the names of the variables, in the order of the question.
        cells: the rows as terms; None where a variable is unbound.
        notes: remarks on the answer for its reader, such as a term that nothing knows.
        seconds: how long the engine took.
    """

    def __init__(
        self,
        columns: Sequence[str],
        cells: Sequence[Sequence[Term | None]],
        *,
        notes: Sequence[str] = (),
        seconds: float = 0.0,
        origin: Callable[[], Origin] | None = None,
        labels: Callable[[set[str]], Mapping[str, str]] | None = None,
    ) -> None:
        self.columns = tuple(columns)
        self.cells = [tuple(row) for row in cells]
        self.notes = list(notes)
        self.seconds = seconds
        self._labels = labels
        self._origin = origin

    def __len__(self) -> int:
        return len(self.cells)

    def __iter__(self) -> Iterator[tuple[Value | None, ...]]:
        return iter(self.rows())

    def rows(self) -> list[tuple[Value | None, ...]]:
        """The rows as Python values: int, Decimal, float, bool, date, datetime, str; IRIs as
        `IRI`, other literals as `Literal` (a str); unbound as None."""
        return [tuple(map(to_python, row)) for row in self.cells]

    def dicts(self) -> list[dict[str, Value | None]]:
        """The rows as dictionaries by column."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows()]

    def to_csv(self) -> str:
        """SPARQL 1.1 Query Results CSV: plain texts, lines ending in CR LF."""
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(self.columns)
        writer.writerows([_csv(term) for term in row] for row in self.cells)
        return out.getvalue()

    def to_tsv(self) -> str:
        """SPARQL 1.1 Query Results TSV: terms as in Turtle, so nothing is lost."""
        lines = ["\t".join(f"?{name}" for name in self.columns)]
        lines += ["\t".join(_tsv(term) for term in row) for row in self.cells]
        return "\n".join(lines) + "\n"

    def to_json(self) -> str:
        """SPARQL 1.1 Query Results JSON, one line."""
        bindings = [
            {name: _json(term) for name, term in zip(self.columns, row, strict=True) if term}
            for row in self.cells
        ]
        answer = {"head": {"vars": self.columns}, "results": {"bindings": bindings}}
        return json.dumps(answer, ensure_ascii=False) + "\n"

    def to_markdown(self) -> str:
        """A Markdown table, labels beside IRIs."""
        rows = [[_markdown(cell) for cell in row] for row in self._shown()]
        lines = [list(self.columns), ["---"] * len(self.columns), *rows]
        return "".join(f"| {' | '.join(line)} |\n" for line in lines)

    def to_polars(self) -> Any:
        """A Polars frame, each column of one type.

        Numbers of several types become Decimal, or Float64 where a double is among them; moments
        with a time zone are in UTC. What has no type in common (a moment with and one without a
        time zone), or is too big for one (an integer of more than 64 bits, a decimal of more than
        38 digits), is text as it was written.

        Needs the extra ``lcgraph[frames]``.
        """
        import polars as pl

        return pl.DataFrame(self._typed_columns(), strict=True)

    def to_pandas(self) -> Any:
        """A pandas frame with nullable types, so that an unbound integer stays unbound; columns of
        several types are as in `to_polars`.

        Needs the extra ``lcgraph[frames]``.
        """
        import pandas as pd

        return pd.DataFrame(
            {name: pd.Series(v, dtype="object") for name, v in self._typed_columns().items()},
            columns=list(self.columns),
        ).convert_dtypes()

    def _typed_columns(self) -> dict[str, list[Any]]:
        rows = self.rows()
        columns: dict[str, list[Any]] = {}
        for index, name in enumerate(self.columns):
            values = _of_one_type([row[index] for row in rows])
            if values is None:
                cells = [row[index] for row in self.cells]
                values = [None if term is None else term.value for term in cells]
            columns[name] = values
        return columns

    def __getstate__(self) -> dict[str, Any]:
        """For pickling and copying: the labels as they are now, and no tie to the graph, so that a
        copy cannot be cited."""
        known = {"_known_labels": dict(self._known_labels)}
        return {**self.__dict__, **known, "_labels": None, "_origin": None}

    def cite(self, format: str = "text") -> str:
        """How to cite this answer, so that a reader can ask for it again: the data with version
        and hash, the question with its parameters, and the day it was asked.

        Args:
            format: "text", or "bibtex".

        Raises:
            QueryError: the answer comes from no graph that could be cited, or `format` is another.
        """
        from lcgraph.citation import bibtex, sentence

        if self._origin is None:
            raise QueryError("this table comes from no graph that could be cited")
        if format not in ("text", "bibtex"):
            raise QueryError(f"{format!r} is no form of citation", hint="Known: text, bibtex.")
        origin = self._origin()
        return sentence(origin) if format == "text" else bibtex(origin)

    def to_text(self, width: int | None = None) -> str:
        """An aligned table for people: labels with the CURIEs of their IRIs beside them.

        Args:
            width: the cells of the terminal. Where the table is wider, labels stand alone, and
                then wide cells are cut. None cuts nothing.
        """
        from lcgraph.layout import align, cells_wide

        numeric = [
            any(row[i] for row in self.cells)
            and all(
                isinstance(row[i], ox.Literal) and row[i].datatype.value in _NUMBERS  # type: ignore[union-attr]
                for row in self.cells
                if row[i] is not None
            )
            for i in range(len(self.columns))
        ]
        keep = [i for i in range(len(self.columns)) if not self._repeats_label(i)]
        head = [self.columns[i] for i in keep]
        right = [numeric[i] for i in keep]
        for terse in (False, True):
            rows = [[row[i] for i in keep] for row in self._shown(terse=terse)]
            text = align(head, rows, right=right)
            if width is None or max(map(cells_wide, text.splitlines())) <= width:
                return text
        return align(head, rows, right=right, width=width)

    def _repeats_label(self, index: int) -> bool:
        """Whether a column only says again what the label of an IRI before it says."""
        cells = [row[index] for row in self.cells]
        if not any(isinstance(cell, ox.Literal) for cell in cells):
            return False
        texts = [cell if cell is None else (type(cell), cell.value) for cell in cells]
        for other in range(index):
            named = [self._known_labels.get(getattr(row[other], "value", "")) for row in self.cells]
            if texts == [name if name is None else (ox.Literal, name) for name in named]:
                return True
        return False

    def __str__(self) -> str:
        return f"{self.to_text()}\n{self.summary()}"

    def summary(self) -> str:
        """How many rows, in how long: ``12 rows (0.03 s)``."""
        return f"{len(self)} row{'' if len(self) == 1 else 's'} ({self.seconds:.2f} s)"

    def _repr_html_(self) -> str:
        from html import escape

        head = "".join(f"<th>{escape(name)}</th>" for name in self.columns)
        body = "".join(
            f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>"
            for row in self._shown()
        )
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"

    @cached_property
    def _known_labels(self) -> Mapping[str, str]:
        iris = {t.value for row in self.cells for t in row if isinstance(t, ox.NamedNode)}
        return self._labels(iris) if self._labels and iris else {}

    def _shown(self, *, terse: bool = False) -> list[list[str]]:
        labels = self._known_labels
        return [[shown(term, labels, terse=terse) for term in row] for row in self.cells]


def _of_one_type(values: list[Any]) -> list[Any] | None:
    """The values of a column as one type; None where text alone can hold them all."""
    values = [str(value) if isinstance(value, str) else value for value in values]
    bound = [value for value in values if value is not None]
    kinds = {type(value) for value in bound}
    if not _fits(bound, kinds):
        return None
    if len(kinds) > 1 and kinds <= {int, Decimal, float}:
        kind = float if float in kinds else Decimal
        return [None if value is None else kind(value) for value in values]
    return values if len(kinds) <= 1 else None


def _fits(bound: list[Any], kinds: set[type]) -> bool:
    """Whether the columns of frames can hold values of these types without a loss."""
    if datetime in kinds and len({value.tzinfo is None for value in bound}) > 1:
        return False
    if Decimal in kinds and float not in kinds:
        digits = [Decimal(value).as_tuple() for value in bound if type(value) in (int, Decimal)]
        after = max(-int(d.exponent) for d in digits)
        before = max(len(d.digits) + int(d.exponent) for d in digits)
        return max(after, 0) + max(before, 0) <= _DECIMAL_DIGITS
    return all(_LEAST <= value <= _MOST for value in bound if type(value) is int)


def shown(term: Term | None, labels: Mapping[str, str], *, terse: bool = False) -> str:
    """A term as people read it: a label, with its CURIE unless `terse`; a text; a number; empty
    where unbound."""
    if term is None:
        return ""
    if isinstance(term, ox.NamedNode):
        short, label = curie(term.value), labels.get(term.value)
        if label is None:
            return short
        return label if terse else f"{label} ({short})"
    return f"_:{term.value}" if isinstance(term, ox.BlankNode) else term.value


def _csv(term: Term | None) -> str:
    if term is None:
        return ""
    return f"_:{term.value}" if isinstance(term, ox.BlankNode) else term.value


def _tsv(term: Term | None) -> str:
    # A tab or line end inside a literal must not end its cell; N-Triples text escapes line ends.
    return "" if term is None else str(term).replace("\t", "\\t")


def _json(term: Term) -> dict[str, str]:
    if isinstance(term, ox.NamedNode):
        return {"type": "uri", "value": term.value}
    if isinstance(term, ox.BlankNode):
        return {"type": "bnode", "value": term.value}
    cell = {"type": "literal", "value": term.value}
    if term.language is not None:
        cell["xml:lang"] = term.language
    elif term.datatype.value != XSD + "string":
        cell["datatype"] = term.datatype.value
    return cell


def _markdown(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ")
