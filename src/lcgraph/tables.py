"""Tables: one record a row, headers from the JSON-LD context, every error with row and column.

A column's header is a key of `ontology/context.jsonld`, which says its property and type; what a
context cannot say stands in a `tables.toml` beside the tables: the class of each table's records,
the separator of lists, lookups of wordings, and the columns that are kept out of the graph.
"""

from __future__ import annotations

import csv
import io
import re
import tomllib
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from lcgraph import jsonld, resources
from lcgraph.errors import LcgraphError, ParameterError, ReadError, did_you_mean
from lcgraph.lexical import SPACES, well_formed
from lcgraph.terms import DEF, ID, PREFIXES, RDF, XSD, named_node

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from pathlib import Path

    from lcgraph.shacl.outcome import Result

#: How many findings a message shows.
SHOWN = 20

_TYPE = ox.NamedNode(RDF + "type")
_GIVEN = ox.NamedNode(PREFIXES["lcg"] + "nameAsGiven")
_SHORT_PATH = re.compile(r"[a-z][a-z0-9-]*/[a-z0-9][a-z0-9./-]*")
_COUNTRY = PREFIXES["country"]
_TAG = re.compile(r"[a-z]{2,8}(-[a-z0-9]{1,8})*")
# A cell of any of these datatypes may be as precise as its source: a day, a month or a year.
_PRECISIONS = ("date", "gYearMonth", "gYear")


@dataclass(frozen=True)
class Finding:
    """What is wrong with one cell.

    Attributes:
        file: the name of the table.
        row: its line in the file, the header being line 1.
        column: the header of the column; empty where it is about the whole row.
        value: the cell as it stands.
        expected: what should stand there.
        hint: how to mend it, where that can be told.
    """

    file: str
    row: int
    column: str
    value: str
    expected: str
    hint: str = ""

    def __str__(self) -> str:
        cell = f", column {self.column}: {self.value!r}" if self.column else ""
        return f"{self.file}:{self.row}{cell}: {self.expected}{f'. {self.hint}' * bool(self.hint)}"


class TableError(LcgraphError):
    """Tables with rows that cannot become records; `findings` has every one of them."""

    exit_code = 1

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = list(findings)
        number = len(self.findings)
        super().__init__(f"{number} finding{'' if number == 1 else 's'}; nothing was written")

    def __str__(self) -> str:
        lines = [str(finding) for finding in self.findings[:SHOWN]]
        if len(self.findings) > SHOWN:
            lines.append(f"… and {len(self.findings) - SHOWN} more")
        return "\n".join([*lines, self.message])


@dataclass(frozen=True)
class TableMap:
    """What `tables.toml` says of one table.

    Attributes:
        file: the table's file.
        kind: the key of its records' class in the context; None where rows only add to records
            of another table.
        editorial: the columns that are kept out of the graph.
        lists: columns that hold lists though their key is not a set in the context.
        lookups: for a column, what a wording stands for.
        types: for a column whose key has no type, the XSD datatype of its cells.
        constants: columns that the file does not have, with the cell that each row would have.
    """

    file: Path
    kind: str | None
    editorial: frozenset[str] = frozenset()
    lists: frozenset[str] = frozenset()
    lookups: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)


@dataclass
class Records:
    """What tables say: quads, each with the cell that says it."""

    cells: list[tuple[ox.Quad, Finding]] = field(default_factory=list)

    @property
    def quads(self) -> list[ox.Quad]:
        """The quads."""
        return [quad for quad, _ in self.cells]

    def placed(self, results: Iterable[Result]) -> list[Finding]:
        """Validation results as findings: at the cell that says the value, else at the file and
        line that do, else in the column that would hold it, else at the record's `id`."""
        cells: dict[tuple[str, ...], Finding] = {}
        headers: dict[tuple[str, str], str] = {}
        for quad, cell in self.cells:
            focus, predicate = str(quad.subject), str(quad.predicate)
            cells.setdefault((focus, str(quad.object)), cell)
            cells.setdefault((focus, predicate), cell)
            headers[cell.file, predicate] = cell.column
            if quad.predicate == _TYPE:
                cells[focus,] = cell
        findings: dict[Finding, None] = {}
        for result in results:
            focus, path, value = result.focus, result.path or "", result.value or ""
            record, place = cells.get((focus,)), cells.get((focus, value))
            if place is None and not (path and value and result.file):
                place = cells.get((focus, path)) or record
            if place is None:
                place = Finding(result.file or focus, result.line or 0, "", "", "")
            elif place is record and (header := headers.get((place.file, path))):
                place = Finding(place.file, place.row, header, "", "")
            findings[_told(place, result.message)] = None
        return list(findings)


def load_maps(folder: Path) -> tuple[dict[str, Any], list[TableMap]]:
    """The settings of `tables.toml` and the maps of its tables.

    Raises:
        ReadError: the file is missing or not TOML.
    """
    path = folder / "tables.toml"
    try:
        settings = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ReadError("there is no such file", file=str(path)) from None
    except tomllib.TOMLDecodeError as error:
        raise ReadError(f"not valid TOML: {error}", file=str(path)) from None
    maps = []
    for name, entry in settings["tables"].items():
        lookups = {c: _lookup(folder / file) for c, file in entry.get("lookups", {}).items()}
        maps.append(
            TableMap(
                file=folder / f"{name}.csv",
                kind=entry.get("class"),
                editorial=frozenset(entry.get("editorial", ())),
                lists=frozenset(entry.get("lists", ())),
                lookups=lookups,
                types=entry.get("types", {}),
                constants=entry.get("constants", {}),
            )
        )
    return settings, maps


def _lookup(path: Path) -> dict[str, list[str]]:
    return {row["wording"]: row["code"].split(";") for _, row in _rows(path)}


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a CSV file with the lines they begin on."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ReadError("there is no such file", file=str(path)) from None
    except UnicodeDecodeError:
        raise ReadError("it is not UTF-8 text", file=str(path), hint="Save it as UTF-8.") from None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        head = next(reader, [])
        line = reader.line_num + 1
        for cells in reader:
            if len(cells) != len(head) and any(cells):
                raise ReadError(
                    f"the row has {len(cells)} cells, the header has {len(head)}",
                    file=str(path),
                    line=line,
                    hint="A comma inside a cell needs quotes around the cell.",
                )
            yield line, {name: cell.strip() for name, cell in zip(head, cells, strict=False)}
            line = reader.line_num + 1
    except csv.Error as error:
        raise ReadError(f"not valid CSV: {error}", file=str(path), line=reader.line_num) from None


def read_tables(maps: Iterable[TableMap], known: Collection[str] = ()) -> Records:
    """The records of tables that belong together.

    Args:
        maps: the tables.
        known: IRIs of records outside the tables that cells may refer to.

    Raises:
        TableError: rows are wrong, with every finding; nothing is half-read.
        ReadError: a file cannot be read, or is not CSV.
    """
    records = Records()
    findings: list[Finding] = []
    for table in maps:
        _read_table(table, records, findings)
    described = {str(q.subject)[1:-1] for q in records.quads if q.predicate != _GIVEN} | {*known}
    described |= _concepts()
    for quad, cell in records.cells:
        if told := _undescribed(quad.object, described):
            findings.append(_told(cell, *told))
    if findings:
        raise TableError(sorted(findings, key=lambda f: (f.file, f.row, f.column)))
    return records


@cache
def _concepts() -> frozenset[str]:
    """The IRIs of the concepts that ship with the vocabulary, and of their schemes."""
    files = (resources.ontology_dir() / "schemes").glob("*.ttl")
    quads = (quad for file in files for quad in ox.parse(path=str(file)))
    return frozenset(str(quad.subject)[1:-1] for quad in quads)


@cache
def _terms() -> frozenset[str]:
    """The IRIs of the terms that the context names."""
    keys = (key for key in jsonld.context() if not key.startswith("@"))
    return frozenset(_expand(_context_id(key)) for key in keys)


def _undescribed(target: object, described: Collection[str]) -> tuple[str, str] | None:
    """What to say of a link to something of ours, or to a country, that nothing describes."""
    # The European Union describes the countries; where tables have a list of them, it holds.
    iri = target.value if isinstance(target, ox.NamedNode) else ""
    if iri in described or not iri.startswith((ID, DEF, _COUNTRY)):
        return None
    near = [other for other in described if other.startswith(iri.rpartition("/")[0] + "/")]
    if iri.startswith(_COUNTRY) and not near:
        return None
    if iri.startswith(ID):
        hint = did_you_mean(iri, near) or did_you_mean(iri, described) or ""
        return "there is no such record", hint.replace(ID, "")
    hint = did_you_mean(iri, near) or ""
    return "there is no such code", hint.replace(iri.rpartition("/")[0] + "/", "")


def _told(cell: Finding, expected: str, hint: str = "") -> Finding:
    return Finding(cell.file, cell.row, cell.column, cell.value, expected, hint)


def _read_table(table: TableMap, records: Records, findings: list[Finding]) -> None:
    name = table.file.name
    columns: dict[str, _Column] | None = None
    seen: dict[str, int] = {}
    for line, cells in _rows(table.file):
        if not any(cells.values()):
            continue
        row = cells | table.constants
        if columns is None:
            columns = _columns(table, row, findings)
        cell = Finding(name, line, "id", row.get("id", ""), "")
        subject = _record_iri(cell.value)
        if subject is None:
            findings.append(_told(cell, "expected a record as type/slug, such as city/ie-cork"))
            continue
        if table.kind is not None:
            if subject.value in seen:
                told = f"line {seen[subject.value]} has the same id"
                findings.append(_told(cell, told, "Merge the two rows, or give one a new id."))
                continue
            seen[subject.value] = line
            kind = named_node(_expand(_context_id(table.kind)))
            records.cells.append((ox.Quad(subject, _TYPE, kind), cell))
        tag = row.get("lang", "")
        if tag and not (_TAG.fullmatch(tag) and well_formed(tag, XSD + "language")):
            told = "expected a language tag in lower case, such as fr or zh-hans"
            findings.append(_told(Finding(name, line, "lang", tag, ""), told))
            continue
        for header, column in columns.items():
            if value := row[header]:
                here = Finding(name, line, header, value, "")
                # Names and titles keep their language; notes are the editors' own, in English.
                language = "" if header == "note" else tag
                for term in column.terms(value, language, here, findings):
                    records.cells.append((ox.Quad(subject, column.predicate, term), here))
                    if column.lookup is not None and isinstance(term, ox.NamedNode):
                        records.cells += ((quad, here) for quad in _worded(term, value, language))


def _worded(concept: ox.NamedNode, wording: str, language: str) -> Iterator[ox.Quad]:
    """The wording of a cell, kept on the concept that it was looked up as, unless it is its code."""
    if wording.replace(" ", "-") != concept.value.rpartition("/")[2]:
        yield ox.Quad(concept, _GIVEN, ox.Literal(wording, language=language or "en"))


def _record_iri(text: str) -> ox.NamedNode | None:
    if _SHORT_PATH.fullmatch(text):
        return named_node(ID + text)
    if re.match(r"https?://", text):
        try:
            return named_node(text)
        except ParameterError:
            return None
    return None


def _columns(table: TableMap, row: dict[str, str], findings: list[Finding]) -> dict[str, _Column]:
    columns = {}
    for header in row:
        if header in ("id", "lang") or header in table.editorial:
            continue
        definition = jsonld.context().get(header)
        if definition is None or header.startswith("@"):
            known = [*jsonld.context(), *table.editorial]
            cell = Finding(table.file.name, 1, header, header, "")
            told = "no key of the context and no editorial column"
            findings.append(_told(cell, told, did_you_mean(header, known) or ""))
            continue
        columns[header] = _Column(header, definition, table)
    return columns


class _Column:
    """How the cells of one column become terms."""

    def __init__(self, header: str, definition: Any, table: TableMap) -> None:
        details: dict[str, Any] = {"@id": definition} if isinstance(definition, str) else definition
        containers = details.get("@container", ())
        containers = [containers] if isinstance(containers, str) else containers
        self.predicate = named_node(_expand(details["@id"]))
        self.type = str(details.get("@type", "")) or _xsd(table.types.get(header, ""))
        self.language = "@language" in containers
        self.many = "@set" in containers or header in table.lists
        self.codes: dict[str, str] = details.get("@context", {})
        self.lookup = table.lookups.get(header)

    def terms(
        self, text: str, language: str, cell: Finding, findings: list[Finding]
    ) -> Iterator[ox.NamedNode | ox.Literal]:
        if self.lookup is not None:
            if text not in self.lookup:
                hint = did_you_mean(text, self.lookup) or "Add it to the lookup table."
                findings.append(_told(cell, "this wording has no code", hint))
                return
            items = self.lookup[text]
        elif self.many and not self.language:
            items = [item.strip() for item in text.split(";")]
        else:
            items = [text]
        for item in items:
            term = self._term(item, language)
            if isinstance(term, str):
                findings.append(_told(cell, term))
            else:
                yield term

    def _term(self, text: str, language: str) -> ox.NamedNode | ox.Literal | str:
        """The term of a cell, or what was expected of it."""
        if self.type == "@id":
            return _record_iri(text) or "expected a record as type/slug, or an IRI"
        if self.type == "@vocab":
            return self._code(text)
        if self.language:
            return ox.Literal(text, language=language or "en")
        if not self.type:
            return ox.Literal(text)
        kind = _expand(self.type)
        if kind.removeprefix(XSD) in _PRECISIONS:
            for precision in _PRECISIONS:
                if well_formed(text, XSD + precision):
                    return ox.Literal(text, datatype=named_node(XSD + precision))
            return "expected a date as YYYY-MM-DD, YYYY-MM or YYYY"
        if kind not in SPACES or not well_formed(text, kind):
            return f"expected a value of {self.type}"
        return ox.Literal(text, datatype=named_node(kind))

    def _code(self, text: str) -> ox.NamedNode | str:
        if text in self.codes and not text.startswith("@"):
            return named_node(self.codes[text])
        if re.match(r"https?://", text):
            return _record_iri(text) or "expected an IRI"
        if "@vocab" in self.codes and re.fullmatch(r"[\w.-]+", text):
            return named_node(self.codes["@vocab"] + text)
        if "@vocab" not in self.codes and (text in jsonld.context() or ":" in text):
            term = _expand(_context_id(text))
            if term.startswith(PREFIXES["lcg"]) and term not in _terms():
                near = did_you_mean(text, (t.replace(PREFIXES["lcg"], "lcg:") for t in _terms()))
                return f"there is no such term. {near or ''}".strip()
            return named_node(term)
        return "expected a code, such as those of the concept scheme"


def _xsd(name: str) -> str:
    return f"xsd:{name}" if name else ""


def _context_id(key: str) -> str:
    definition = jsonld.context().get(key, key)
    return definition if isinstance(definition, str) else str(definition["@id"])


def _expand(name: str) -> str:
    prefix, colon, local = name.partition(":")
    return PREFIXES[prefix] + local if colon and prefix in PREFIXES else name
