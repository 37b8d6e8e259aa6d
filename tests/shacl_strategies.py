"""Data graphs and shapes graphs that hypothesis makes up, as N-Triples text.

Everything is small and taken from few names, so that shapes and data meet. Shapes refer only to
shapes that are finished, so that none refers to itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Callable

EX = "http://ex.org/"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
SH = "http://www.w3.org/ns/shacl#"
XSD = "http://www.w3.org/2001/XMLSchema#"


def ex(name: str) -> str:
    return f"<{EX}{name}>"


def sh(name: str) -> str:
    return f"<{SH}{name}>"


def typed(text: str, kind: str) -> str:
    return f'"{text}"^^<{kind if ":" in kind else XSD + kind}>'


A = f"<{RDF}type>"
SUBCLASS = f"<{RDFS}subClassOf>"
IRIS = [ex(n) for n in "abcd"]
NODES = [*IRIS, "_:x", "_:y"]
CLASSES = [ex(n) for n in ("C", "D", "E")]
PREDICATES = [ex(n) for n in "pqr"]
#: What leads from node to node only; values are never compared with what it leads to.
LINK = ex("link")
NUMBERS = [
    typed(text, kind)
    for text, kind in [
        ("1", "integer"), ("01", "integer"), ("+1", "integer"), ("2", "integer"),
        ("-3", "integer"), ("1.0", "decimal"), ("1.5", "decimal"), ("1.0e0", "double"),
        ("2E0", "double"), ("2.5", "float"), ("INF", "double"), ("-INF", "float"),
        ("5", "nonNegativeInteger"), ("127", "byte"),
    ]
]  # fmt: skip
MOMENTS = [
    typed(text, kind)
    for text, kind in [
        ("2020-01-01", "date"), ("2020-01-02", "date"), ("2019-12-31", "date"),
        ("2020-01-01T00:00:00", "dateTime"), ("2020-01-01T12:00:00", "dateTime"),
        ("2020-01-01T00:00:00Z", "dateTime"), ("2020-01-01T01:00:00+01:00", "dateTime"),
        ("2020-01-01T00:00:00.5Z", "dateTime"), ("2020-03-01T00:00:00Z", "dateTime"),
        ("10:00:00", "time"), ("2020-01-01Z", "date"), ("2020-01-01+14:00", "date"),
        ("2020", "gYear"), ("2021", "gYear"), ("2020-01", "gYearMonth"),
        ("2020-01-01T24:00:00", "dateTime"), ("P1D", "dayTimeDuration"), ("PT25H", "duration"),
        ("P1M", "yearMonthDuration"), ("-P1Y", "yearMonthDuration"), ("P30D", "duration"),
    ]
]  # fmt: skip
TEXTS = [
    *(f'"{text}"' for text in ("", "a", "A", "ab", "abc", "1", "a b", "é", "a\\nb", 'say \\"a\\"')),
    *(f'"{text}"@{tag}' for text in ("a", "b", "") for tag in ("en", "EN", "en-GB", "fr", "de-CH")),
]
OTHERS = [
    typed("true", "boolean"), typed("false", "boolean"), typed("1", "boolean"),
    typed("NaN", "double"), typed("a", EX + "kind"), typed("http://ex.org/a", "anyURI"),
]  # fmt: skip
ILL_FORMED = [
    typed("abc", "integer"), typed("1.5", "integer"), typed("", "decimal"), typed("x", "double"),
    typed("2020-13-01", "date"), typed("yesterday", "dateTime"), typed("yes", "boolean"),
    typed("-5", "nonNegativeInteger"), typed("300", "byte"),
]  # fmt: skip
LITERALS = NUMBERS + MOMENTS + TEXTS + OTHERS + ILL_FORMED
#: Literals that pySHACL puts in the order that SPARQL gives them: those of one kind.
ORDERED = [NUMBERS, MOMENTS[:3], MOMENTS[3:5], ['"a"', '"A"', '"ab"', '""', '"b"']]
DATATYPES = [
    *(
        f"<{XSD}{name}>"
        for name in (
            "integer", "decimal", "double", "string", "boolean", "date", "dateTime", "float",
            "nonNegativeInteger", "byte", "anyURI", "gYear",
        )
    ),
    f"<{RDF}langString>",
    ex("kind"),
]  # fmt: skip
NODE_KINDS = [
    sh(name)
    for name in (
        "IRI", "BlankNode", "Literal", "BlankNodeOrIRI", "BlankNodeOrLiteral", "IRIOrLiteral",
    )
]  # fmt: skip
PATTERNS = [("a", ""), ("^a", ""), ("^a$", "i"), ("b", "m"), ("^b", "m"), ("ex.org/[ab]$", ""),
            (".b", "s"), ("[^a]", ""), ("^.$", "")]  # fmt: skip
SEVERITIES = [sh("Violation"), sh("Warning"), sh("Info"), ex("Grave")]
MESSAGES = ['"Mend it."', '"Mend it."@en', '"Bessern."@de']
TRUTH = [typed("true", "boolean"), typed("false", "boolean")]

nodes = st.sampled_from(NODES)
predicates = st.sampled_from(PREDICATES)
classes = st.sampled_from(CLASSES)
literals = st.sampled_from(LITERALS)


@st.composite
def data_graphs(
    draw: st.DrawFn,
    values: st.SearchStrategy[str] = literals,
    links: st.SearchStrategy[str] | None = None,
) -> str:
    """Data: nodes with types and values, among them cycles, blank nodes and repeated triples."""
    if links is None:
        links = st.sampled_from([*PREDICATES, LINK])
    lines = draw(
        st.lists(
            st.one_of(
                st.tuples(nodes, predicates, values),
                st.tuples(nodes, links, nodes),
                st.tuples(nodes, st.just(A), classes),
            ),
            min_size=3,
            max_size=20,
        )
    )
    lines += draw(st.lists(st.tuples(classes, st.just(SUBCLASS), classes), max_size=3))
    return "".join(f"{' '.join(line)} .\n" for line in lines)


@dataclass
class Builder:
    """A shapes graph in the making; values are compared where `ordered`."""

    draw: st.DrawFn
    literals: list[str]
    ordered: bool
    lines: list[str] = field(default_factory=list)
    node_shapes: list[str] = field(default_factory=list)
    property_shapes: list[str] = field(default_factory=list)
    count: int = 0

    def pick(self, choices: list[Any]) -> Any:
        return self.draw(st.sampled_from(choices))

    def chance(self, one_in: int) -> bool:
        return bool(self.draw(st.integers(1, one_in)) == one_in)

    def add(self, subject: str, predicate: str, value: str) -> None:
        self.lines.append(f"{subject} {predicate} {value} .")

    def fresh(self, kind: str) -> str:
        self.count += 1
        return f"_:{kind}{self.count}"

    def list_of(self, items: list[str]) -> str:
        head = f"<{RDF}nil>"
        for item in reversed(items):
            node = self.fresh("l")
            self.add(node, f"<{RDF}first>", item)
            self.add(node, f"<{RDF}rest>", head)
            head = node
        return head

    def path(self, depth: int) -> str:
        kind = self.pick(
            ["predicate"] * 6
            + ["inverse", "sequence", "alternative", "zeroOrMore", "oneOrMore", "zeroOrOne"]
        )
        if kind == "predicate" or depth == 0:
            return str(self.pick([*PREDICATES, *PREDICATES, LINK, A]))
        if kind == "sequence":
            return self.list_of([self.path(depth - 1) for _ in range(self.pick([2, 2, 3]))])
        node = self.fresh("path")
        value = (
            self.list_of([self.path(depth - 1) for _ in range(self.pick([2, 3]))])
            if kind == "alternative"
            else self.path(depth - 1)
        )
        self.add(node, sh(f"{kind}Path"), value)
        return node

    def other(self, depth: int, *, only_node: bool = False) -> str:
        """A shape to refer to: a new one, or one that is finished."""
        known = self.node_shapes if only_node else self.node_shapes + self.property_shapes
        if known and (depth == 0 or self.chance(3)):
            return str(self.pick(known))
        return self.shape(max(depth - 1, 0), is_property=not only_node and self.chance(3))

    def shape(self, depth: int, *, is_property: bool, name: str | None = None) -> str:
        self.count += 1
        node = name or (self.fresh("s") if self.chance(3) else ex(f"S{self.count}"))
        if is_property:
            self.add(node, sh("path"), self.path(2))
        # What makes it a shape even where it has no constraint.
        self.add(node, A, sh("PropertyShape" if is_property else "NodeShape"))
        kinds = [*COMPONENTS] + ([*PROPERTY_COMPONENTS] * 2 if is_property else [])
        kinds = [kind for kind in kinds if self.ordered or kind not in COMPARING]
        for kind in self.draw(
            st.lists(st.sampled_from(kinds), min_size=1, max_size=3, unique=True)
        ):
            (COMPONENTS | PROPERTY_COMPONENTS)[kind](self, node, depth)
        if self.chance(4):
            self.add(node, sh("severity"), self.pick(SEVERITIES))
        if self.chance(12):
            self.add(node, sh("deactivated"), self.pick(TRUTH))
        if self.chance(6):
            self.add(node, sh("message"), self.pick(MESSAGES))
        (self.property_shapes if is_property else self.node_shapes).append(node)
        return node

    def target(self, node: str) -> None:
        kind = self.pick(["Class", "Node", "SubjectsOf", "ObjectsOf"])
        if kind == "Node":
            value = self.pick([*IRIS * 3, *self.literals, ex("absent")])
        else:
            value = self.pick(CLASSES if kind == "Class" else PREDICATES)
        self.add(node, sh(f"target{kind}"), value)


def _values(
    builder: Builder, node: str, _: int, *, name: str, choices: list[str], most: int = 1
) -> None:
    for value in builder.draw(st.lists(st.sampled_from(choices), min_size=1, max_size=most)):
        builder.add(node, sh(name), value)


def _bound(builder: Builder, node: str, _: int, *, name: str) -> None:
    builder.add(node, sh(name), builder.pick(builder.literals))


def _languages(builder: Builder, node: str, _: int) -> None:
    choices = ['"en"', '"EN"', '"en-GB"', '"de"', '"fr"', '"*"']
    items = builder.draw(st.lists(st.sampled_from(choices), min_size=1, max_size=3))
    builder.add(node, sh("languageIn"), builder.list_of(items))


def _terms(builder: Builder, node: str, _: int, *, name: str) -> None:
    choices = IRIS + CLASSES + builder.literals
    items = builder.draw(st.lists(st.sampled_from(choices), min_size=1, max_size=6))
    for value in [builder.list_of(items)] if name == "in" else items[:2]:
        builder.add(node, sh(name), value)


def _pattern(builder: Builder, node: str, _: int) -> None:
    text, flags = builder.pick(PATTERNS)
    builder.add(node, sh("pattern"), f'"{text}"')
    if flags:
        builder.add(node, sh("flags"), f'"{flags}"')


def _closed(builder: Builder, node: str, _: int) -> None:
    builder.add(node, sh("closed"), builder.pick([TRUTH[0], *TRUTH]))
    if builder.chance(2):
        ignored = builder.draw(st.lists(st.sampled_from([A, *PREDICATES]), max_size=2))
        builder.add(node, sh("ignoredProperties"), builder.list_of(ignored))


def _shape(builder: Builder, node: str, depth: int, *, name: str) -> None:
    builder.add(node, sh(name), builder.other(depth, only_node=name == "node"))


def _shapes(builder: Builder, node: str, depth: int, *, name: str) -> None:
    items = [builder.other(depth) for _ in range(builder.pick([1, 2, 2, 3]))]
    builder.add(node, sh(name), builder.list_of(items))


def _property(builder: Builder, node: str, depth: int) -> None:
    for _ in range(builder.pick([1, 1, 2])):
        known = builder.property_shapes
        old = known and (depth == 0 or builder.chance(4))
        other = builder.pick(known) if old else builder.shape(max(depth - 1, 0), is_property=True)
        builder.add(node, sh("property"), other)


def _qualified(builder: Builder, node: str, depth: int) -> None:
    builder.add(node, sh("qualifiedValueShape"), builder.other(depth))
    for side in builder.pick([("Min",), ("Max",), ("Min", "Max")]):
        count = builder.pick(["0", "1", "2"])
        builder.add(node, sh(f"qualified{side}Count"), typed(count, "integer"))
    if builder.chance(2):
        builder.add(node, sh("qualifiedValueShapesDisjoint"), builder.pick(TRUTH))


COUNTS = [typed(n, "integer") for n in ("1", "2", "03")]
COMPONENTS: dict[str, Callable[[Builder, str, int], None]] = {
    "class": partial(_values, name="class", choices=CLASSES, most=2),
    "datatype": partial(_values, name="datatype", choices=DATATYPES),
    "nodeKind": partial(_values, name="nodeKind", choices=NODE_KINDS),
    "minExclusive": partial(_bound, name="minExclusive"),
    "minInclusive": partial(_bound, name="minInclusive"),
    "maxExclusive": partial(_bound, name="maxExclusive"),
    "maxInclusive": partial(_bound, name="maxInclusive"),
    "minLength": partial(_values, name="minLength", choices=COUNTS),
    "maxLength": partial(_values, name="maxLength", choices=COUNTS),
    "pattern": _pattern,
    "languageIn": _languages,
    "equals": partial(_values, name="equals", choices=PREDICATES, most=2),
    "disjoint": partial(_values, name="disjoint", choices=PREDICATES, most=2),
    "not": partial(_shape, name="not"),
    "node": partial(_shape, name="node"),
    "and": partial(_shapes, name="and"),
    "or": partial(_shapes, name="or"),
    "xone": partial(_shapes, name="xone"),
    "property": _property,
    "closed": _closed,
    "hasValue": partial(_terms, name="hasValue"),
    "in": partial(_terms, name="in"),
}
PROPERTY_COMPONENTS: dict[str, Callable[[Builder, str, int], None]] = {
    "minCount": partial(_values, name="minCount", choices=[typed("0", "integer"), *COUNTS]),
    "maxCount": partial(_values, name="maxCount", choices=[typed("0", "integer"), *COUNTS]),
    "uniqueLang": partial(_values, name="uniqueLang", choices=TRUTH),
    "lessThan": partial(_values, name="lessThan", choices=PREDICATES, most=2),
    "lessThanOrEquals": partial(_values, name="lessThanOrEquals", choices=PREDICATES, most=2),
    "qualified": _qualified,
}
#: What compares values.
COMPARING = frozenset(
    ["minExclusive", "minInclusive", "maxExclusive", "maxInclusive", "lessThan", "lessThanOrEquals"]
)


@st.composite
def shapes_graphs(draw: st.DrawFn, ordered: list[str] | None = None) -> str:
    """Well-formed shapes graphs of SHACL Core, with one shape or a few that have targets. Values
    are compared only where `ordered` gives the literals."""
    builder = Builder(draw, ordered or LITERALS, ordered is not None)
    for number in range(draw(st.sampled_from([1, 1, 2, 3]))):
        # A shape that is a class targets its instances.
        implicit = builder.chance(4)
        name = CLASSES[number] if implicit else ex(f"Top{number}")
        node = builder.shape(2, is_property=builder.chance(3), name=name)
        if implicit:
            builder.add(node, A, f"<{RDFS}Class>")
        for _ in range(builder.pick([0, 1]) if implicit else builder.pick([1, 2])):
            builder.target(node)
    return "\n".join(builder.lines) + "\n"


@st.composite
def ordered_cases(draw: st.DrawFn) -> tuple[str, str]:
    """Data and shapes that compare values, of one kind."""
    values = draw(st.sampled_from(ORDERED))
    data = data_graphs(st.sampled_from(values), st.just(LINK))
    return draw(data), draw(shapes_graphs(values))


@st.composite
def odd_shapes_graphs(draw: st.DrawFn) -> str:
    """Shapes graphs of which one triple was changed, dropped or added, so that most are not
    well-formed."""
    triples = [line.removesuffix(" .").split(" ", 2) for line in draw(shapes_graphs()).splitlines()]
    predicates = [sh(name) for name in ("path", "minCount", "in", "and", "node", "property", "closed",
                                        "severity", "deactivated", "inversePath", "pattern", "flags",
                                        "targetNode", "targetClass", "qualifiedValueShape", "class",
                                        "ignoredProperties", "message", "languageIn", "lessThan")]  # fmt: skip
    predicates += sorted({p for _, p, _ in triples}) + [
        f"<{RDF}{name}>" for name in ("first", "rest")
    ]
    objects = sorted({o for _, _, o in triples} | {s for s, _, _ in triples if s[0] != '"'})
    objects += [*IRIS, '"a"', '"a"@en', typed("1", "integer"), typed("true", "boolean"), "_:x"]
    objects += [typed("x", "integer"), f"<{RDF}nil>", sh("IRI"), sh("Literal"), typed("1", "int")]
    at = draw(st.integers(0, len(triples) - 1))
    subject, predicate, value = triples[at]
    change = draw(st.sampled_from(["drop", "predicate", "object", "add"]))
    if change != "add":
        del triples[at]
    if change in ("predicate", "add"):
        predicate = draw(st.sampled_from(predicates))
    if change in ("object", "add"):
        value = draw(st.sampled_from(objects))
    if change != "drop":
        triples.append([subject, predicate, value])
    return "".join(f"{' '.join(triple)} .\n" for triple in triples)
