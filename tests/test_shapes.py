"""The shapes, each with an example that it accepts and one that it refuses, and the rules they keep."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
import pytest

import lcgraph
from lcgraph import resources
from lcgraph.terms import PREFIXES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lcgraph.terms import Term

EXAMPLES = Path(__file__).parent / "shapes"
LAYERS = ("core", "dataset", "quality")
LCG, LCS = PREFIXES["lcg"], PREFIXES["lcs"]
SH, RDF, OWL = PREFIXES["sh"], PREFIXES["rdf"], PREFIXES["owl"]
CORE_HEADER = "https://w3id.org/lcgraph/shapes/core"

CONSTRAINT_NAMES = (
    "class datatype nodeKind minCount maxCount minExclusive minInclusive maxExclusive "
    "maxInclusive minLength maxLength pattern languageIn uniqueLang equals disjoint lessThan "
    "lessThanOrEquals not and or xone node qualifiedValueShape closed hasValue in sparql"
)
CONSTRAINTS = frozenset(SH + name for name in CONSTRAINT_NAMES.split())
TARGETS = frozenset(
    SH + name for name in ("targetClass", "targetNode", "targetSubjectsOf", "targetObjectsOf")
)


class Shapes:
    """The triples of some layers, asked by subject and predicate."""

    def __init__(self, *layers: str) -> None:
        self.about: dict[Term, dict[str, list[Term]]] = {}
        for layer in layers:
            for file in resources.shape_layers()[layer]:
                for quad in ox.parse(path=str(file)):
                    values = self.about.setdefault(quad.subject, {})
                    values.setdefault(quad.predicate.value, []).append(quad.object)

    def get(self, node: Term, predicate: str) -> list[Any]:
        return self.about.get(node, {}).get(predicate, [])

    def all(self, node: Term, name: str) -> list[Any]:
        """The values of a SHACL property of a node."""
        return self.get(node, SH + name)

    def having(self, name: str) -> dict[Term, list[Any]]:
        """The nodes that have a SHACL property, with its values."""
        return {node: self.all(node, name) for node in self.about if self.all(node, name)}

    def of_type(self, iri: str) -> list[Term]:
        wanted = ox.NamedNode(iri)
        return [node for node in self.about if wanted in self.get(node, RDF + "type")]

    def items(self, node: Term) -> Iterator[Term]:
        """The members of an RDF list."""
        for first in self.get(node, RDF + "first"):
            yield first
            yield from self.items(self.get(node, RDF + "rest")[0])

    def properties_of(self, path: Term) -> Iterator[str]:
        """The properties that a SHACL path walks."""
        if isinstance(path, ox.NamedNode):
            yield path.value
            return
        inner = [*self.items(path)]
        for name in ("alternativePath", "inversePath", "zeroOrMorePath", "oneOrMorePath"):
            inner += self.all(path, name)
        for step in inner:
            yield from self.properties_of(step)

    def alternatives(self) -> set[Term]:
        """The property shapes that are only a part of another shape's sh:or or sh:and."""
        lists = [*self.having("or").values(), *self.having("and").values()]
        parts = {item for values in lists for head in values for item in self.items(head)}
        return parts & set(self.of_type(SH + "PropertyShape"))

    def constraints(self, shape: Term) -> frozenset[str]:
        return CONSTRAINTS & self.about.get(shape, {}).keys()

    def reporting(self) -> set[Term]:
        """The shapes that can produce a result: reached from a target, with constraints."""
        targeted = [
            node for node in self.of_type(SH + "NodeShape") if TARGETS & self.about[node].keys()
        ]
        found = {node for node in targeted if self.constraints(node)}
        return found | {shape for node in targeted for shape in self.all(node, "property")}

    def messages(self) -> list[ox.Literal]:
        return [message for values in self.having("message").values() for message in values]

    def selects(self) -> dict[Term, str]:
        """The text of each SPARQL constraint."""
        return {node: values[0].value for node, values in self.having("select").items()}


@cache
def shapes(*layers: str) -> Shapes:
    return Shapes(*(layers or LAYERS))


def local(shape: object) -> str:
    assert isinstance(shape, ox.NamedNode), f"{shape} has no IRI"
    assert shape.value.startswith(LCS), f"{shape} is not in the namespace of the shapes"
    return shape.value.removeprefix(LCS)


@cache
def layer_of() -> dict[str, str]:
    """The layer of each named shape."""
    found: dict[str, str] = {}
    for layer in LAYERS:
        for kind in ("NodeShape", "PropertyShape"):
            for shape in shapes(layer).of_type(SH + kind):
                assert local(shape) not in found, f"{shape} is in two layers"
                found[local(shape)] = layer
    return found


REPORTING = sorted(local(shape) for shape in shapes().reporting())


def judge(name: str, kind: str) -> lcgraph.Report:
    layers = list(dict.fromkeys(["core", layer_of()[name]]))
    return lcgraph.validate(EXAMPLES / kind / f"{name}.ttl", shapes=layers)


# ---------- The examples ----------


@pytest.mark.parametrize("name", REPORTING)
def test_a_valid_example_is_accepted(name: str) -> None:
    report = judge(name, "valid")
    assert [r.message for r in report if r.shape == f"<{LCS}{name}>"] == []
    # Examples are read as documentation, so they meet the core layer as a whole.
    core = {f"<{LCS}{shape}>" for shape, layer in layer_of().items() if layer == "core"}
    assert [r.message for r in report if r.shape in core] == []


@pytest.mark.parametrize("name", REPORTING)
def test_an_invalid_example_is_refused_with_severity_and_place(name: str) -> None:
    results = [r for r in judge(name, "invalid") if r.shape == f"<{LCS}{name}>"]
    assert results, f"{name} finds nothing wrong in its invalid example"
    (severity,) = shapes().all(ox.NamedNode(LCS + name), "severity")
    text = (EXAMPLES / "invalid" / f"{name}.ttl").read_text("utf-8")
    for result in results:
        assert result.severity == severity.value.removeprefix(SH).lower()
        assert result.file is not None
        assert Path(result.file).name == f"{name}.ttl"
        assert result.line is not None
        assert 1 <= result.line <= len(text.splitlines())
        # A variable that a query does not bind would stay in the message as {?name}.
        assert not re.search(r"\{[?$]\w+\}", result.message)


@pytest.mark.parametrize(("kind", "opening"), [("valid", "# Right: "), ("invalid", "# Wrong: ")])
def test_every_reporting_shape_has_an_example_that_says_what_it_shows(
    kind: str, opening: str
) -> None:
    files = sorted((EXAMPLES / kind).iterdir())
    assert [file.name for file in files] == sorted(f"{name}.ttl" for name in REPORTING)
    for file in files:
        first = file.read_text("utf-8").splitlines()[0]
        assert first.startswith(opening), file
        assert first.endswith("."), file


def judged(name: str) -> tuple[list[ox.Quad], set[Term]]:
    """The triples of the valid example of a shape, and the nodes there that the shape judges."""
    quads = list(ox.parse(path=str(EXAMPLES / "valid" / f"{name}.ttl")))
    shape, known = ox.NamedNode(LCS + name), shapes()
    users = [node for node, used in known.having("property").items() if shape in used]
    nodes: set[Term] = set()
    for user in [shape, *users]:
        classes, subjects, objects = (
            known.all(user, f"target{kind}") for kind in ("Class", "SubjectsOf", "ObjectsOf")
        )
        for quad in quads:
            typed = quad.predicate.value == RDF + "type" and quad.object in classes
            if typed or quad.predicate in subjects:
                nodes.add(quad.subject)
            if quad.predicate in objects:
                nodes.add(quad.object)
    return quads, nodes


@pytest.mark.parametrize("name", REPORTING)
def test_a_valid_example_has_something_to_judge(name: str) -> None:
    """A file without a target of the shape would pass whatever the shape says."""
    assert judged(name)[1]


# ---------- Every constraint bites ----------

INTEGER = ox.NamedNode(PREFIXES["xsd"] + "integer")
STRANGER = ox.NamedNode("https://example.org/stranger")
#: Values that break a constraint; None keeps the values of the example and adds a stranger.
FAULTS: dict[str, list[Any] | None] = {
    "minCount": [],
    "maxCount": None,
    "nodeKind": [ox.Literal("?")],
    "datatype": [ox.Literal("?", datatype=ox.NamedNode("https://example.org/datatype"))],
    "pattern": [ox.Literal("? ? ? ? ? ? ? ?")],
    "uniqueLang": [ox.Literal("one", language="en"), ox.Literal("two", language="en")],
    "minLength": [ox.Literal("", language="en")],
    "minInclusive": [ox.Literal("-1000", datatype=INTEGER)],
    "maxInclusive": [ox.Literal("1000000", datatype=INTEGER)],
    "class": [STRANGER],
    "node": [STRANGER],
    "or": [STRANGER],
}


def faulty_copies(layer: str) -> tuple[dict[tuple[str, str, str], str], list[str]]:
    """For each constraint on a property a copy of the shape's valid example that breaks it, under
    names of its own: what must be found there, and the triples of all copies."""
    known, lines = shapes(), []
    wanted: dict[tuple[str, str, str], str] = {}
    for name in (name for name in REPORTING if layer_of()[name] == layer):
        shape = ox.NamedNode(LCS + name)
        paths, constraints = known.all(shape, "path"), known.constraints(shape)
        breakable = [c.removeprefix(SH) for c in constraints if c.removeprefix(SH) in FAULTS]
        if not paths or not isinstance(paths[0], ox.NamedNode) or not breakable:
            # Its only constraint is what its invalid example breaks.
            assert len(constraints - {SH + "qualifiedMinCount"}) == 1, name
            continue
        quads, nodes = judged(name)
        for constraint in breakable:
            tail = f"-{len(wanted)}"

            def renamed(term: Term, tail: str = tail, nodes: set[Term] = nodes) -> Term:
                ours = str(term).startswith(("<https://example.org/", f"<{PREFIXES['lcgid']}"))
                ours |= isinstance(term, ox.NamedNode) and term in nodes
                return ox.NamedNode(term.value + tail) if ours else term

            values = FAULTS[constraint]
            kept = [q for q in quads if q.subject not in nodes or q.predicate != paths[0]]
            triples = [(q.subject, q.predicate, q.object) for q in (kept, quads)[values is None]]
            triples += [
                (node, paths[0], value)
                for node in nodes
                for value in ([STRANGER, ox.Literal("!")] if values is None else values)
            ]
            lines += [f"{renamed(s)} {p} {renamed(o)} ." for s, p, o in triples]
            component = f"{SH}{constraint[0].upper()}{constraint[1:]}ConstraintComponent"
            for node in nodes:
                wanted[str(shape), str(renamed(node)), component] = f"{name}: {constraint}"
    return wanted, lines


@pytest.mark.parametrize("layer", LAYERS)
def test_every_constraint_on_a_property_finds_the_fault_that_it_is_there_for(layer: str) -> None:
    wanted, lines = faulty_copies(layer)
    assert wanted
    data = "\n".join(lines).encode()
    report = lcgraph.validate(data, format="ntriples", shapes=[layer])
    found = {(result.shape, result.focus, result.component) for result in report}
    assert sorted(wanted[key] for key in wanted.keys() - found) == []


# ---------- Dates of different precision ----------

PREFIX_LINES = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items())


def dated(lexical: str) -> str:
    kind = {4: "gYear", 7: "gYearMonth", 10: "date"}[len(lexical)]
    return f'"{lexical}"^^xsd:{kind}'


def focuses(turtle: str, shape: str, *layers: str) -> list[str]:
    """The focus nodes of a shape's results, by the last part of their IRI."""
    data = f"{PREFIX_LINES}@prefix ex: <https://example.org/> .\n{turtle}".encode()
    report = lcgraph.validate(data, format="turtle", shapes=list(layers))
    results = [result for result in report if result.shape == f"<{LCS}{shape}>"]
    return sorted(result.focus.rpartition("/")[2].rstrip(">") for result in results)


def found(turtle: str, shape: str, *layers: str) -> int:
    return len(focuses(turtle, shape, *layers))


@pytest.mark.parametrize(
    ("start", "end", "wrong"),
    [
        ("2015-09-28", "2015-09-30", False),
        ("2015-09-28", "2015-09-28", False),
        ("2015-09-28", "2015-09-27", True),
        ("2015-09-28", "2015-09", False),
        ("2015-09-28", "2015-08", True),
        ("2015-09-28", "2015", False),
        ("2015-09-28", "2014", True),
        ("2015-09", "2015-09-01", False),
        ("2015-09", "2015-08-31", True),
        ("2015", "2015-01-01", False),
        ("2015", "2014-12-31", True),
        ("2015", "2015", False),
        ("2016", "2015", True),
    ],
)
def test_an_end_lies_before_a_start_only_when_all_its_days_do(
    start: str, end: str, *, wrong: bool
) -> None:
    event = f'ex:e a lcg:Event ; skos:prefLabel "E"@en ; lcg:startDate {dated(start)} ; lcg:endDate {dated(end)} .'
    assert found(event, "Period", "core") == wrong


@pytest.mark.parametrize(
    ("day", "event", "wrong"),
    [
        ("2015-09-28", "lcg:date {2015-09-28}", False),
        ("2015-09-28", "lcg:date {2015-09}", False),
        ("2015", "lcg:date {2015-09-28}", False),
        ("2015-09-27", "lcg:startDate {2015-09-28}", True),
        ("2015-10-01", "lcg:startDate {2015-09-28}", False),
        ("2015-10-01", "lcg:startDate {2015-09-28} ; lcg:endDate {2015-09-30}", True),
        ("2015-10-01", "lcg:startDate {2015-09-28} ; lcg:endDate {2015}", False),
        ("2016", "lcg:date {2015-09-28}", True),
    ],
)
def test_a_conferral_lies_outside_an_event_only_when_no_day_fits(
    day: str, event: str, *, wrong: bool
) -> None:
    dates = re.sub(r"\{(.+?)\}", lambda m: dated(m[1]), event)
    turtle = f"""
        ex:c a lcg:AwardConferral ; lcg:recipient ex:x ; lcg:edition ex:y ; lcg:date {dated(day)} ; lcg:presentedAt ex:ceremony .
        ex:ceremony a lcg:Event ; skos:prefLabel "C"@en ; lcg:partOfEvent ex:conference .
        ex:conference a lcg:Event ; skos:prefLabel "D"@en ; {dates} ."""
    assert bool(found(turtle, "AwardConferral-inEvent", "core")) == wrong


@pytest.mark.parametrize(
    ("start", "founded", "early"),
    [
        ("2014", "2015", True),
        ("2015", "2015", False),
        ("2015", "2015-09", False),
        ("2015-08", "2015-09", True),
        ("2015-09", "2015-09-28", False),
        ("2015-09-27", "2015-09-28", True),
        ("2016", "2015-09-28", False),
    ],
)
def test_a_membership_is_early_only_when_all_its_days_are(
    start: str, founded: str, *, early: bool
) -> None:
    turtle = f"""
        ex:m a lcg:NetworkMembership ; org:organization ex:n ; lcg:startDate {dated(start)} .
        ex:n a lcg:CityNetwork ; lcg:startDate {dated(founded)} ."""
    assert found(turtle, "NetworkMembership-early", "quality") == early


@pytest.mark.parametrize(
    ("first", "second", "wait", "again"),
    [
        (2015, 2017, 6, True),
        (2015, 2020, 6, True),
        (2015, 2021, 6, False),
        (2015, 2024, 6, False),
        (2015, 2017, 2, False),
        (2015, 2017, 3, True),
        (2015, 2016, None, False),
    ],
)
def test_a_second_award_is_refused_within_the_wait_of_its_edition(
    first: int, second: int, wait: int | None, *, again: bool
) -> None:
    rule = f" ; lcg:yearsBetweenAwards {wait}" if wait else ""
    turtle = f"""
        ex:c1 a lcg:AwardConferral ; lcg:recipient ex:x ; lcg:edition ex:e1 .
        ex:c2 a lcg:AwardConferral ; lcg:recipient ex:x ; lcg:edition ex:e2 .
        ex:e1 lcg:scheme ex:s ; lcg:year {first} . ex:e2 lcg:scheme ex:s ; lcg:year {second}{rule} ."""
    assert focuses(turtle, "AwardConferral-again", "core") == ["c2"] * again


# ---------- Cities beside the other cities of their country ----------


def located(points: list[tuple[float, float]]) -> str:
    """Cities 0, 1, 2 … of one country."""
    return "\n".join(
        f"ex:{number} a lcg:City ; lcg:country ex:country ; wgs:lat {lat} ; wgs:long {long} ."
        for number, (lat, long) in enumerate(points)
    )


NORTH = [(61.5, 23.8), (62.2, 25.7), (65.0, 25.5)]  # all north and east
SOUTH_WEST = [(-23.5, -46.6), (-3.7, -38.5), (-30.0, -51.2)]
WIDE = [(55.8, 37.6), (59.9, 30.3), (55.8, 49.1)]  # the west of a country that reaches far east


@pytest.mark.parametrize(
    ("others", "point", "slipped"),
    [
        (NORTH, (60.2, 24.7), False),
        (NORTH, (24.7, 60.2), True),
        (NORTH, (-60.2, 24.7), True),
        (NORTH, (60.2, -24.7), True),
        (NORTH, (-60.2, -24.7), True),
        # Two other cities are too few to say where a country lies.
        (NORTH[:2], (24.7, 60.2), False),
        (SOUTH_WEST, (-8.1, -34.9), False),
        (SOUTH_WEST, (-34.9, -8.1), True),
        (SOUTH_WEST, (-8.1, 34.9), True),
        # Far from the others, but no slip undone brings it nearer.
        (WIDE, (43.1, 131.9), False),
        (WIDE, (62.0, 129.7), False),
    ],
)
def test_a_point_is_suspect_where_a_slip_undone_brings_it_nearer(
    others: list[tuple[float, float]], point: tuple[float, float], *, slipped: bool
) -> None:
    turtle = located([point, *others])
    assert focuses(turtle, "City-slipped", "quality") == ["0"] * slipped


@pytest.mark.parametrize(
    ("regions", "odd"),
    [("aaa", []), ("aab", ["2"]), ("abb", ["0"]), ("ab", ["0", "1"]), ("a", [])],
)
def test_where_regions_of_one_country_differ_the_fewer_are_named(
    regions: str, odd: list[str]
) -> None:
    cities = [
        f"ex:{number} a lcg:City ; lcg:country ex:country ; lcg:unescoRegion ex:region-{region} ."
        for number, region in enumerate(regions)
    ]
    elsewhere = "ex:9 a lcg:City ; lcg:country ex:another ; lcg:unescoRegion ex:region-c ."
    assert focuses("\n".join([*cities, elsewhere]), "City-oneRegion", "quality") == odd


# ---------- Concepts, ours and those of others ----------

TRAITS = {
    "name": 'skos:prefLabel "k"@en',
    "definition": 'skos:definition "A k."@en',
    "code": 'skos:notation "k"',
    "scheme": "skos:inScheme <https://w3id.org/lcgraph/def/s>",
}


@pytest.mark.parametrize(
    ("shape", "trait", "faulty"),
    [
        ("Concept-named", "name", ""),
        ("Concept-defined", "definition", ""),
        ("Concept-defined", "definition", 'skos:definition "A k."@en , "One k."@en'),
        ("Concept-coded", "code", ""),
        ("Concept-coded", "code", 'skos:notation "k" , "l"'),
        ("Concept-coded", "code", 'skos:notation "K k"'),
        ("Concept-iri", "code", 'skos:notation "l"'),
        ("Concept-placed", "scheme", ""),
        ("Concept-placed", "scheme", "skos:inScheme ex:nowhere"),
        ("Concept-placed", "scheme", f"{TRAITS['scheme']} , ex:scheme"),
    ],
)
def test_rules_for_our_concepts_leave_those_of_others_alone(
    shape: str, trait: str, faulty: str
) -> None:
    schemes = (
        "<https://w3id.org/lcgraph/def/s> a skos:ConceptScheme . ex:scheme a skos:ConceptScheme ."
    )
    kept = {**TRAITS, trait: faulty}
    for space, wrong in (("https://w3id.org/lcgraph/def/s/", 1), ("https://example.org/s/", 0)):
        for traits, count in ((TRAITS, 0), (kept, wrong)):
            said = " ; ".join(filter(None, ["a skos:Concept", *traits.values()]))
            turtle = f"<{space}k> {said} . {schemes}"
            assert found(turtle, shape, "dataset") == count, (space, traits)


# ---------- The shipped data ----------


@cache
def shipped() -> lcgraph.Report:
    """The report on the whole dataset under every layer."""
    return lcgraph.validate(*resources.dataset_files(), shapes=list(LAYERS))


def test_the_shipped_dataset_has_no_violation() -> None:
    assert [f"{r.where} {r.message}" for r in shipped() if r.severity == "violation"] == []


@pytest.mark.parametrize(
    "shape",
    [
        "City-notGovernment",
        "City-noConsortiumPoint",
        "City-oneRegion",
        "City-slipped",
        "Concept-noBroaderCircle",
        "NetworkMembership-early",
        "SchemaOrgForm",
        "SourceDocument-noCopyCircle",
    ],
)
def test_rules_that_point_at_slips_find_none_in_the_shipped_dataset(shape: str) -> None:
    assert layer_of()[shape] == "quality"
    assert [f"{r.where} {r.message}" for r in shipped() if r.shape == f"<{LCS}{shape}>"] == []


def test_the_shipped_dataset_has_no_blank_node() -> None:
    for file in resources.dataset_files():
        blank = {
            str(quad)
            for quad in ox.parse(path=str(file))
            if {type(quad.subject), type(quad.object)} & {ox.BlankNode}
        }
        assert sorted(blank) == []


def test_the_shipped_examples_have_no_violation_of_the_core() -> None:
    examples = sorted((resources.data_dir() / "examples").glob("*.ttl"))
    assert examples
    report = lcgraph.validate(*examples, *resources.dataset_files())
    assert [f"{r.where} {r.message}" for r in report if r.severity == "violation"] == []


# ---------- How the shapes are written ----------


def test_every_shape_is_named_and_in_one_layer_only() -> None:
    assert set(REPORTING) <= set(layer_of())
    for shape in shapes().reporting():
        assert shapes().constraints(shape), f"{local(shape)} constrains nothing"


def test_every_property_shape_has_one_path_name_severity_and_message() -> None:
    known = shapes()
    named = set(known.of_type(SH + "PropertyShape"))
    # A path stands nowhere but on a property shape, so a blank one would be seen here.
    assert named == known.having("path").keys()
    used = {shape for values in known.having("property").values() for shape in values}
    # A part of another shape says neither how grave a fault is nor how to mend it: that one does.
    parts = known.alternatives()
    assert named == used | parts
    assert not used & parts
    for shape in named:
        assert local(shape)
        for name in ("path", "name"):
            assert len(known.all(shape, name)) == 1, f"{local(shape)}: {name}"
        for name in ("severity", "message"):
            assert len(known.all(shape, name)) == (shape in used), f"{local(shape)}: {name}"
        assert known.all(shape, "name")[0].language == "en"


def test_every_message_is_in_english_and_tells_how_to_mend() -> None:
    known = shapes()
    messages = known.messages()
    assert len(set(messages)) == len(messages)
    for message in messages:
        assert message.language == "en", message.value
        # What is wrong stands before the first colon or full stop, the mend after it.
        assert re.match(r"[A-Z{].+?[:.] \S.+\.$", message.value), message.value
    for shape in known.reporting():
        own = known.all(shape, "message")
        inner = [m for rule in known.all(shape, "sparql") for m in known.all(rule, "message")]
        assert len(own) + len(inner) == 1, f"{local(shape)} has no message, or two"


@pytest.mark.parametrize(
    ("layer", "severities"),
    [("core", {"Violation"}), ("dataset", {"Violation"}), ("quality", {"Warning", "Info"})],
)
def test_a_layer_keeps_to_its_severities(layer: str, severities: set[str]) -> None:
    known = shapes()
    seen = set()
    for shape in known.reporting():
        if layer_of()[local(shape)] == layer:
            # SHACL 1.0 takes the severity from the shape, not from its SPARQL constraint.
            (severity,) = known.all(shape, "severity")
            seen.add(severity.value.removeprefix(SH))
            assert not any(known.all(rule, "severity") for rule in known.all(shape, "sparql"))
    assert seen == severities


def test_every_layer_has_one_header_with_title_version_and_licence() -> None:
    dcterms = PREFIXES["dcterms"]
    for layer in LAYERS:
        known = shapes(layer)
        (header,) = known.of_type(OWL + "Ontology")
        assert header.value == f"https://w3id.org/lcgraph/shapes/{layer}"
        for name in ("title", "description", "license"):
            assert len(known.get(header, dcterms + name)) == 1
        (version,) = known.get(header, OWL + "versionInfo")
        dated = ox.NamedNode(f"{header.value}/{version.value}")
        assert known.get(header, OWL + "versionIRI") == [dated]
        requires = [] if layer == "core" else [ox.NamedNode(CORE_HEADER)]
        assert known.get(header, dcterms + "requires") == requires


def test_patterns_stay_simple() -> None:
    """Linear engines know neither lookaround nor backreferences."""
    patterns = {p.value for values in shapes().having("pattern").values() for p in values}
    assert patterns
    for pattern in patterns:
        assert re.compile(pattern)
        assert not re.search(r"\(\?|\\[1-9]", pattern), pattern


# ---------- The SPARQL constraints ----------


def declared_prefixes() -> dict[str, str]:
    known = shapes("core")
    declarations = known.all(ox.NamedNode(CORE_HEADER), "declare")
    assert all(isinstance(node, ox.NamedNode) for node in declarations)
    return {
        known.all(node, "prefix")[0].value: known.all(node, "namespace")[0].value
        for node in declarations
    }


def test_the_declared_prefixes_are_those_of_the_library_and_are_used() -> None:
    declared = declared_prefixes()
    assert declared == {name: PREFIXES[name] for name in declared}
    texts = "\n".join(shapes().selects().values())
    assert set(re.findall(r"\b(\w+):\w", re.sub(r"<[^<>\s]*>|\"[^\"]*\"", "", texts))) == set(
        declared
    )


def groups(query: str) -> Iterator[str]:
    """The text of each group of a query, without the groups inside it; what stands in parentheses
    is gone, and @this left in its place where it named the focus node."""
    text, folded = re.sub(r"<[^<>\s]*>|\"[^\"]*\"", "", query), 1
    while folded:
        text, folded = re.subn(
            r"\([^(){}]*\)", lambda m: " @this " if re.search(r"[$@]this", m[0]) else " ", text
        )
    while "{" in text:
        yield from re.findall(r"\{([^{}]*)\}", text)
        text = re.sub(r"\{[^{}]*\}", " ", text)


def test_sparql_constraints_can_run_for_all_focus_nodes_at_once() -> None:
    declared = "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in declared_prefixes().items())
    selects = shapes().selects()
    assert selects
    store = ox.Store()
    for node, query in selects.items():
        assert shapes().all(node, "prefixes") == [ox.NamedNode(CORE_HEADER)]
        assert re.match(r"\s*SELECT (DISTINCT )?\$this\b", query), query
        assert store.query(declared + query).variables[0].value == "this"
        assert not re.search(r"\b(VALUES|MINUS|SERVICE|GRAPH|FROM)\b", query, re.IGNORECASE)
        mentioning = [group for group in groups(query) if re.search(r"[$@]this", group)]
        assert mentioning, query
        for group in mentioning:
            assert re.search(r"\$this [\w?]|[*\w] \$this", group), group


def test_messages_of_sparql_constraints_name_variables_that_the_query_selects() -> None:
    known = shapes()
    for node, query in known.selects().items():
        (message,) = known.all(node, "message")
        selected = query.partition("WHERE")[0]
        for name in re.findall(r"\{[?$](\w+)\}", message.value):
            assert re.search(rf"[?$]{name}\b", selected), f"{name} in {message.value!r}"


# ---------- Shapes and vocabulary ----------


@cache
def vocabulary() -> dict[str, set[str]]:
    """The classes and the properties of the vocabulary."""
    terms: dict[str, set[str]] = {"class": set(), "property": set()}
    for quad in ox.parse(path=str(resources.ontology_dir() / "lcg.ttl")):
        if quad.predicate.value == RDF + "type" and quad.subject.value.startswith(LCG):
            kind = quad.object.value.removeprefix(OWL)
            terms["class" if kind == "Class" else "property"].add(quad.subject.value)
    return terms


def test_every_class_has_a_node_shape_of_its_name_in_the_core() -> None:
    known = shapes("core")
    classes = vocabulary()["class"]
    assert classes
    for term in classes:
        shape = ox.NamedNode(LCS + term.removeprefix(LCG))
        assert known.all(shape, "targetClass") == [ox.NamedNode(term)]


def test_every_property_is_checked() -> None:
    known = shapes()
    checked = {
        name
        for shape in known.reporting()
        for path in known.all(shape, "path")
        for name in known.properties_of(path)
    }
    assert vocabulary()["property"]
    assert sorted(vocabulary()["property"] - checked) == []


def test_no_shape_names_an_unknown_term_of_the_vocabulary() -> None:
    known = shapes()
    terms = [term for about in known.about.values() for values in about.values() for term in values]
    named = {term.value for term in terms if str(term).startswith(f"<{LCG}")}
    # The terms in queries and messages too: a message that names a lost term misleads.
    texts = [*known.selects().values(), *(message.value for message in known.messages())]
    named |= {LCG + name for text in texts for name in re.findall(r"\blcg:(\w+)", text)}
    assert named
    assert sorted(named - vocabulary()["class"] - vocabulary()["property"]) == []


def test_no_message_or_query_names_an_unknown_concept() -> None:
    concepts = {
        quad.subject.value
        for file in resources.dataset_files()
        for quad in ox.parse(path=str(file))
    }
    texts = [*shapes().selects().values(), *(message.value for message in shapes().messages())]
    named = {iri for text in texts for iri in re.findall(rf"<({PREFIXES['lcgdef']}[^>]+)>", text)}
    assert named
    assert sorted(named - concepts) == []
