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
    from collections.abc import Callable, Iterable, Sequence

NUMBER = pl.UInt32
KINDS = pl.Enum(["iri", "blank", "literal"])
_NO_PAIRS = pl.DataFrame(schema={"f": NUMBER, "v": NUMBER})
_NO_NODES = pl.Series([], dtype=NUMBER)

# What follows the last quote of a literal.
_SUFFIX = r'"(\^\^<[^>]*>|@[A-Za-z0-9-]+)$'
# A fourth term, behind the third; no literal ends like a name.
_GRAPH_NAME = r' (?:<[^>\s"]*>|_:[^\s"]+)$'
# What no xsd:string can hold.
_NO_TEXT = r"[\x00\u{FFFE}\u{FFFF}]"


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
        self._leave_out_graph_names()
        numbers = self._numbered.lazy().select(pl.all().to_physical())
        self._parts = _parts(pl.Series([], dtype=NUMBER), pl.Series([], dtype=pl.String))
        self._tested: dict[str, pl.Series] = {}
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
        line = pl.col("line").str.strip_suffix(" .")
        terms = line.str.splitn(" ", 3).struct.rename_fields(list("spo"))
        return cls(lines.select(terms).unnest("line"))

    @classmethod
    def from_texts(cls, triples: Iterable[tuple[str, str, str]]) -> Columns:
        """Of triples of N-Triples texts."""
        schema = dict.fromkeys("spo", pl.String)
        return cls(pl.DataFrame(list(triples), schema=schema, orient="row").lazy())

    def _leave_out_graph_names(self) -> None:
        """Objects that a graph name stands behind become the objects alone; looked for in distinct
        texts, of which there are fewer than lines."""
        numbers = pl.int_range(self._greatest + 1, dtype=NUMBER, eager=True)
        found = pl.DataFrame({"before": numbers, "text": self.texts(numbers)}).filter(
            pl.col("text").str.contains(" ", literal=True)
            & pl.col("text").str.contains(_GRAPH_NAME)
        )
        if len(found):
            names = found["text"].str.replace(_GRAPH_NAME, "").cast(self._dtype)
            after = dict(zip(found["before"], names.to_physical(), strict=True))
            objects = pl.col("o").to_physical().replace(after).cast(NUMBER).cat.to(self._dtype)
            self._numbered = self._numbered.with_columns(objects)
            del self._greatest  # an object that stood only before graph names has a new number

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
    def _by_predicate(self) -> dict[str, pl.DataFrame]:
        pairs = self.triples.select("p", f="s", v="o")
        parts = pairs.partition_by("p", as_dict=True, include_key=False)
        names = self.texts(pl.Series([number for (number,) in parts], dtype=NUMBER))
        return dict(zip(names, parts.values(), strict=True))

    def predicate(self, iri: str) -> pl.DataFrame:
        """The subjects f and objects v of the triples with this predicate (an IRI without
        brackets)."""
        return self._by_predicate.get(f"<{iri}>", _NO_PAIRS)

    @cached_property
    def _typed(self) -> dict[int, pl.Series]:
        """The nodes that are typed with each class."""
        parts = self.predicate(RDF + "type").partition_by("v", as_dict=True, include_key=False)
        return {key[0]: part["f"] for key, part in parts.items()}

    @cached_property
    def _subclasses(self) -> dict[int, list[int]]:
        """The classes right below each class."""
        below: dict[int, list[int]] = {}
        for lower, upper in self.predicate(RDFS + "subClassOf").iter_rows():
            below.setdefault(upper, []).append(lower)
        return below

    def instances(self, class_number: int) -> pl.Series:
        """The SHACL instances of a class: by rdf:type, and rdfs:subClassOf upwards (section 1.1)."""
        classes = {class_number: None}
        waiting = [class_number]
        while waiting:
            fresh = [n for n in self._subclasses.get(waiting.pop(), ()) if n not in classes]
            classes |= dict.fromkeys(fresh)
            waiting += fresh
        found = [self._typed[kind] for kind in classes if kind in self._typed]
        if len(found) == 1:
            return found[0]
        return pl.concat(found).unique() if found else _NO_NODES

    def parts(self, numbers: pl.Series) -> pl.DataFrame:
        """What distinct terms are made of: number, text, kind ("iri", "blank", "literal") and, for
        literals, lexical (unescaped), datatype and language."""
        distinct = numbers.unique()
        self._take_apart(distinct.max())
        return self._parts[distinct]

    def kinds(self, numbers: pl.Series) -> pl.Series:
        """The kinds of terms, one for each number: "iri", "blank" or "literal"."""
        self._take_apart(numbers.max())
        return self._parts["kind"][numbers]

    def of_kinds(self, numbers: pl.Series, kinds: Sequence[str]) -> pl.Series:
        """Whether terms are of one of some kinds, a truth for each number."""
        return self._test(" ".join(kinds), lambda parts: parts["kind"].is_in(list(kinds)), numbers)

    def of_datatype(self, numbers: pl.Series, datatype: str) -> pl.Series:
        """Whether terms are literals of a datatype (an IRI without brackets) whose texts are in its
        lexical space, a truth for each number."""

        def right(parts: pl.DataFrame) -> pl.Series:
            own = parts["datatype"].eq_missing(datatype)
            formed = well_formed_texts(parts["lexical"].filter(own), datatype)
            return own.scatter(own.arg_true(), formed)

        return self._test(datatype, right, numbers)

    def floats(self, numbers: pl.Series) -> pl.Series:
        """What terms are as floating point, for each number: where they are well-formed integers,
        decimals or doubles, else null."""
        return self._test("float", _floats, numbers)

    def _test(
        self, name: str, test: Callable[[pl.DataFrame], pl.Series], numbers: pl.Series
    ) -> pl.Series:
        """What a test says of terms, for each number; each term is tested once."""
        self._take_apart(numbers.max())
        known = self._tested.get(name)
        begin = 0 if known is None else len(known)
        if begin < len(self._parts):
            fresh = test(self._parts[begin:])
            known = self._tested[name] = fresh if known is None else pl.concat([known, fresh])
        return test(self._parts) if known is None else known[numbers]

    def _take_apart(self, greatest: object) -> None:
        """Takes apart all terms up to a number, each once: their numbers have no gaps."""
        begin = len(self._parts)
        if isinstance(greatest, int) and greatest >= begin:
            end = max(greatest, self._greatest) + 1
            fresh = pl.int_range(begin, end, dtype=NUMBER, eager=True)
            self._parts = pl.concat([self._parts, _parts(fresh, self.texts(fresh))])

    @cached_property
    def _greatest(self) -> int:
        """The greatest number of a term of the data."""
        greatest = self._numbered.select(pl.all().to_physical().max()).max_horizontal()[0]
        return -1 if greatest is None else int(greatest)

    def ill_formed(self) -> list[str]:
        """The literals whose texts are not in the lexical spaces of their datatypes, as N-Triples
        texts."""
        self._take_apart(self._greatest)
        terms = self._parts[: self._greatest + 1]
        found = [terms["text"].clear()]
        for datatype in set(terms["datatype"].unique()) & KNOWN:
            own = terms.filter(pl.col("datatype") == datatype)
            found.append(own["text"].filter(~self.of_datatype(own["number"], datatype)))
        bad = pl.concat(found)
        # What a graph name stood behind is no term.
        return self.texts(self._objects(bad)).to_list() if len(bad) else []

    def _objects(self, texts: pl.Series) -> pl.Series:
        """The numbers of those of some terms that are objects."""
        return (
            self.triples["o"]
            .filter(self.triples["o"].is_in(texts.cast(self._dtype).to_physical().implode()))
            .unique()
        )


def _parts(numbers: pl.Series, texts: pl.Series) -> pl.DataFrame:
    """The parts of terms; the columns of `Columns.parts`."""
    text, suffix = pl.col("text"), pl.col("suffix")
    named = pl.when(text.str.starts_with("<")).then(pl.lit("iri"))
    kind = named.when(text.str.starts_with("_")).then(pl.lit("blank")).otherwise(pl.lit("literal"))
    frame = pl.DataFrame({"number": numbers, "text": texts}).with_columns(kind=kind.cast(KINDS))
    literals = frame.filter(pl.col("kind") == "literal").select("number", "text")
    # Most literals end with their quote; of the others, what follows it is found from their end.
    literals = literals.with_columns(
        suffix=pl.when(~text.str.ends_with('"')).then(text.str.extract(_SUFFIX)).fill_null("")
    )
    size = text.str.len_bytes() - suffix.str.len_bytes() - 2
    tagged = suffix.str.starts_with("@")
    typed = pl.when(suffix == "").then(pl.lit(XSD + "string")).otherwise(suffix.str.slice(3))
    literals = literals.select(
        "number",
        lexical=text.cast(pl.Binary).bin.slice(1, size).cast(pl.String),
        datatype=pl.when(tagged)
        .then(pl.lit(RDF + "langString"))
        .otherwise(typed.str.strip_suffix(">")),
        language=pl.when(tagged).then(suffix.str.slice(1)),
    )
    escaped = pl.col("lexical").str.contains("\\", literal=True)
    if literals.select(escaped.any())["lexical"][0]:
        plain = pl.col("lexical").map_elements(unescape, return_dtype=pl.String)
        literals = literals.with_columns(lexical=pl.when(escaped).then(plain).otherwise("lexical"))
    return frame.join(literals, on="number", how="left", maintain_order="left")


def _floats(parts: pl.DataFrame) -> pl.Series:
    kinds = (XSD + "integer", XSD + "decimal", XSD + "double")
    numeric = parts.lazy().with_row_index().filter(pl.col("datatype").is_in(kinds))
    formed = pl.any_horizontal(
        (pl.col("datatype") == kind) & pl.col("lexical").str.contains(f"^(?:{SPACES[kind]})$")
        for kind in kinds
    )
    number = pl.col("lexical").str.replace("^[+]", "").cast(pl.Float64, strict=False)
    known = numeric.select("index", x=pl.when(formed).then(number)).collect()
    floats = pl.repeat(None, len(parts), dtype=pl.Float64, eager=True)
    return floats.scatter(known["index"], known["x"])


def well_formed_texts(texts: pl.Series, datatype: str) -> pl.Series:
    """Whether texts are in the lexical space of a datatype, as `lexical.well_formed`."""
    if datatype == XSD + "string":  # they are many and long, and one search tells
        return ~texts.str.contains(_NO_TEXT)
    if datatype in SPACES:
        good = texts.str.contains(f"^(?:{sure(datatype)})$")
        if datatype not in RANGED:
            return good
    else:
        good = pl.repeat(datatype not in KNOWN, len(texts), eager=True)
    doubtful = texts.filter(~good).unique()
    right = [text for text in doubtful if well_formed(text, datatype)]
    return good | texts.is_in(right)
