"""Columns: distinct triples as columns of term numbers, for work on whole sets at once.

Terms are N-Triples text as written; each distinct one has a number, and a triple is three numbers.
What has to look into a term (its datatype, its length) does so once for each distinct term.
"""

from __future__ import annotations

import io
from functools import cached_property
from typing import TYPE_CHECKING

import polars as pl

from lcgraph.lexical import KNOWN, RANGED, SPACES, sure, well_formed
from lcgraph.terms import RDF, RDFS, XSD
from lcgraph.tokens import unescape

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

NUMBER = pl.UInt32
_NO_PAIRS = pl.DataFrame(schema={"s": NUMBER, "o": NUMBER})
_NO_NODES = pl.Series([], dtype=NUMBER)

# The parts of a literal's N-Triples text.
_LITERAL = r'(?s)^"(?P<lexical>.*)"(?:\^\^<(?P<datatype>[^>]*)>|@(?P<language>[A-Za-z0-9-]+))?$'
# What no xsd:string can hold, as N-Triples writes it.
_NO_TEXT = r"\\u(?:0000|FFF[EF])"
# A fourth term, which three stand before; no literal ends like a name.
_GRAPH_NAME = r'^(\S+ \S+ (?:<[^>]*>|_:\S+|".*"(?:@[A-Za-z0-9-]+|\^\^<[^>]*>)?)) (?:<[^>]*>|_:\S+)$'


def literal_text(term: str) -> str:
    """The text of a literal that is written as N-Triples, unescaped."""
    return unescape(term[1 : term.rindex('"')])


class Columns:
    """The distinct triples of a graph; named graphs are merged."""

    def __init__(self, texts: pl.LazyFrame) -> None:
        """`texts` has the columns s, p and o of N-Triples texts, a row for each triple."""
        self._dtype = pl.Categorical(pl.Categories.random())
        # The numbering lives as long as a column that uses it.
        self._numbered = texts.select(pl.all().cast(self._dtype)).collect(engine="streaming")
        numbers = self._numbered.lazy().select(pl.all().to_physical())
        #: s, p and o as numbers of terms.
        self.triples = numbers.unique().collect(engine="streaming")

    @classmethod
    def from_nquads(cls, data: bytes) -> Columns:
        """Of N-Quads text in canonical form, one blank between terms and ` .` last."""
        if not data or data.isspace():
            return cls.from_texts(())
        lines = pl.scan_csv(
            io.BytesIO(data),
            has_header=False,
            separator="\x1f",
            quote_char=None,
            schema={"line": pl.String},
        )
        line = pl.col("line").str.strip_suffix(" .").str.replace(_GRAPH_NAME, "${1}")
        terms = line.str.splitn(" ", 3).struct.rename_fields(list("spo"))
        return cls(lines.select(terms).unnest("line"))

    @classmethod
    def from_texts(cls, triples: Iterable[tuple[str, str, str]]) -> Columns:
        """Of triples of N-Triples texts."""
        schema = dict.fromkeys("spo", pl.String)
        return cls(pl.DataFrame(list(triples), schema=schema, orient="row").lazy())

    @property
    def rows(self) -> pl.DataFrame:
        """The triples in the order of the text, repeated ones too, with their index."""
        return self._numbered.select(pl.all().to_physical()).with_row_index()

    def number(self, text: str) -> int:
        """The number of a term; a new one where the graph does not have it."""
        if text not in self._known:
            self._known[text] = int(pl.Series([text]).cast(self._dtype).to_physical()[0])
        return self._known[text]

    @cached_property
    def _known(self) -> dict[str, int]:
        return {}

    def numbers(self, texts: Sequence[str]) -> pl.Series:
        """The numbers of terms."""
        series = pl.Series(list(texts), dtype=pl.String).cast(self._dtype)
        return series.to_physical()

    def texts(self, numbers: pl.Series) -> pl.Series:
        """The texts of terms."""
        return numbers.cast(NUMBER).cat.to(self._dtype).cast(pl.String)

    @cached_property
    def _by_predicate(self) -> dict[int, pl.DataFrame]:
        parts = self.triples.partition_by("p", as_dict=True, include_key=False)
        return {key[0]: part for key, part in parts.items()}

    def predicate(self, iri: str) -> pl.DataFrame:
        """The s and o of the triples with this predicate (an IRI without brackets)."""
        return self._by_predicate.get(self.number(f"<{iri}>"), _NO_PAIRS)

    @cached_property
    def _typed(self) -> dict[int, pl.Series]:
        """The nodes that are typed with each class."""
        parts = self.predicate(RDF + "type").partition_by("o", as_dict=True, include_key=False)
        return {key[0]: part["s"] for key, part in parts.items()}

    @cached_property
    def _subclasses(self) -> dict[int, list[int]]:
        """The classes right below each class."""
        below: dict[int, list[int]] = {}
        for lower, upper in self.predicate(RDFS + "subClassOf").iter_rows():
            below.setdefault(upper, []).append(lower)
        return below

    def instances(self, class_number: int) -> pl.Series:
        """The SHACL instances of a class: by rdf:type, and rdfs:subClassOf upwards (section 1.1)."""
        classes = [class_number]
        for kind in classes:
            classes += [lower for lower in self._subclasses.get(kind, ()) if lower not in classes]
        found = [self._typed[kind] for kind in classes if kind in self._typed]
        if len(found) == 1:
            return found[0]
        return pl.concat(found).unique() if found else _NO_NODES

    def parts(self, numbers: pl.Series) -> pl.DataFrame:
        """What distinct terms are made of: number, text, kind ("iri", "blank", "literal") and, for
        literals, lexical (unescaped), datatype and language."""
        unique = numbers.unique()
        frame = pl.DataFrame({"number": unique, "text": self.texts(unique)})
        first = pl.col("text").str.slice(0, 1)
        groups = pl.col("text").str.extract_groups(_LITERAL)
        frame = frame.with_columns(
            kind=pl.when(first == "<")
            .then(pl.lit("iri"))
            .when(first == "_")
            .then(pl.lit("blank"))
            .otherwise(pl.lit("literal")),
            parts=groups,
        ).unnest("parts")
        datatype = (
            pl.when(pl.col("language").is_not_null())
            .then(pl.lit(RDF + "langString"))
            .when(pl.col("kind") == "literal")
            .then(pl.col("datatype").fill_null(XSD + "string"))
        )
        escaped = pl.col("lexical").str.contains("\\", literal=True)
        frame = frame.with_columns(datatype=datatype)
        if frame.select(escaped.any())["lexical"][0]:
            plain = pl.col("lexical").map_elements(unescape, return_dtype=pl.String)
            frame = frame.with_columns(lexical=pl.when(escaped).then(plain).otherwise("lexical"))
        return frame

    def ill_formed(self) -> list[str]:
        """The literals whose texts are not in the lexical spaces of their datatypes, as N-Triples
        texts."""
        if self.triples.is_empty():
            return []
        # Numbers are given one after the other: those of all terms are at hand.
        last = self.triples.max().max_horizontal()[0]
        texts = self.texts(pl.int_range(last + 1, dtype=NUMBER, eager=True))
        literals = texts.filter(texts.str.starts_with('"'))
        typed = literals.str.ends_with(">")
        plain = literals.filter(literals.str.ends_with('"') & literals.str.contains(_NO_TEXT))
        bad = [text for text in plain if not well_formed(literal_text(text), XSD + "string")]
        frame = pl.DataFrame({"text": literals.filter(typed)})
        frame = frame.with_columns(pl.col("text").str.extract_groups(_LITERAL).alias("p"))
        frame = frame.unnest("p").filter(pl.col("datatype").is_in(list(KNOWN)))
        for (datatype,), part in frame.partition_by("datatype", as_dict=True).items():
            escaped = part["lexical"].str.contains("\\", literal=True)
            clear = well_formed_texts(part["lexical"], datatype) & ~escaped
            left = part.filter(~clear)["text"]
            bad += [text for text in left if not well_formed(literal_text(text), datatype)]
        return bad


def well_formed_texts(texts: pl.Series, datatype: str) -> pl.Series:
    """Whether texts are in the lexical space of a datatype, as `lexical.well_formed`."""
    if datatype in SPACES:
        good = texts.str.contains(f"^(?:{sure(datatype)})$")
        if datatype not in RANGED:
            return good
    else:
        good = pl.repeat(datatype not in KNOWN, len(texts), eager=True)
    doubtful = texts.filter(~good).unique()
    right = [text for text in doubtful if well_formed(text, datatype)]
    return good | texts.is_in(right)
