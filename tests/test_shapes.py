"""The shapes, each with an example that it accepts and one that it refuses, and the rules they keep."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

import lcgraph
from lcgraph import resources
from lcgraph.terms import PREFIXES

if TYPE_CHECKING:
    from collections.abc import Iterator

EXAMPLES = Path(__file__).parent / "shapes"
LAYERS = ("core", "dataset", "quality")
LCG, LCS = PREFIXES["lcg"], PREFIXES["lcs"]
SH, RDF, OWL = PREFIXES["sh"], PREFIXES["rdf"], PREFIXES["owl"]
CORE_HEADER = "https://w3id.org/lcgraph/shapes/core"

CONSTRAINTS = frozenset(
    SH + name
    for name in (
        "class datatype nodeKind minCount maxCount minExclusive minInclusive maxExclusive "
        "maxInclusive minLength maxLength pattern languageIn uniqueLang equals disjoint lessThan "
        "lessThanOrEquals not and or xone node qualifiedValueShape closed hasValue in sparql"
    ).split()
)
TARGETS = frozenset(
    SH + name for name in ("targetClass", "targetNode", "targetSubjectsOf", "targetObjectsOf")
)


class Shapes:
    """The quads of some layers, asked by subject and predicate."""

    def __init__(self, *layers: str) -> None:
        self.values: dict[object, dict[str, list[ox.Term]]] = defaultdict(lambda: defaultdict(list))
        for layer in layers:
            for file in resources.shape_layers()[layer]:
                for quad in ox.parse(path=str(file)):
                    self.values[quad.subject][quad.predicate.value].append(quad.object)

    def all(self, subject: object, name: str) -> list[ox.Term]:
        return self.values[subject][SH + name] if subject in self.values else []

    def of_type(self, name: str) -> list[ox.NamedNode | ox.BlankNode]:
        wanted = ox.NamedNode(SH + name)
        return [node for node, about in self.values.items() if wanted in about[RDF + "type"]]

    def items(self, node: ox.Term) -> Iterator[ox.Term]:
        """The members of an RDF list."""
        while node in self.values:
            yield from self.values[node][RDF + "first"]
            (node,) = self.values[node][RDF + "rest"]

    def properties_of(self, path: ox.Term) -> Iterator[str]:
        """The properties that a SHACL path walks."""
        if isinstance(path, ox.NamedNode):
            yield path.value
            return
        for item in self.items(path):
            yield from self.properties_of(item)
        for name in ("alternativePath", "inversePath", "zeroOrMorePath", "oneOrMorePath"):
            for inner in self.all(path, name):
                yield from self.properties_of(inner)

    def reporting(self) -> set[ox.Term]:
        """The shapes that can produce a result: reached from a target, with constraints."""
        targeted = [
            node
            for node in self.of_type("NodeShape")
            if not TARGETS.isdisjoint(p for p, values in self.values[node].items() if values)
        ]
        found = {node for node in targeted if self.constraints(node)}
        return found | {shape for node in targeted for shape in self.all(node, "property")}

    def constraints(self, shape: object) -> set[str]:
        return CONSTRAINTS & {p for p, values in self.values[shape].items() if values}

    def selects(self) -> dict[object, str]:
        """The text of each SPARQL constraint."""
        return {
            node: str(about[SH + "select"][0].value)
            for node, about in self.values.items()
            if about[SH + "select"]
        }


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
            for shape in shapes(layer).of_type(kind):
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


@pytest.mark.parametrize("name", REPORTING)
def test_a_valid_example_has_something_to_judge(name: str) -> None:
    """A file without a target of the shape would pass whatever the shape says."""
    quads = list(ox.parse(path=str(EXAMPLES / "valid" / f"{name}.ttl")))
    shape, known = ox.NamedNode(LCS + name), shapes()
    users = [node for node, about in known.values.items() if shape in about[SH + "property"]]
    judged = set()
    for user in [shape, *users]:
        classes, subjects, objects = (
            set(known.all(user, f"target{kind}")) for kind in ("Class", "SubjectsOf", "ObjectsOf")
        )
        judged |= {
            q.subject for q in quads if q.predicate.value == RDF + "type" and q.object in classes
        }
        judged |= {q.subject for q in quads if q.predicate in subjects}
        judged |= {q.object for q in quads if q.predicate in objects}
    assert judged


# ---------- Dates of different precision ----------

PREFIX_LINES = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items())


def dated(lexical: str) -> str:
    kind = {4: "gYear", 7: "gYearMonth", 10: "date"}[len(lexical)]
    return f'"{lexical}"^^xsd:{kind}'


def found(turtle: str, shape: str, *layers: str) -> int:
    data = f"{PREFIX_LINES}@prefix ex: <https://example.org/> .\n{turtle}".encode()
    report = lcgraph.validate(data, format="turtle", shapes=list(layers))
    return sum(result.shape == f"<{LCS}{shape}>" for result in report)


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
    start: str, end: str, wrong: bool
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
    day: str, event: str, wrong: bool
) -> None:
    dates = re.sub(r"\{(.+?)\}", lambda m: dated(m[1]), event)
    turtle = f"""
        ex:c a lcg:AwardConferral ; lcg:recipient ex:x ; lcg:edition ex:y ; lcg:date {dated(day)} ; lcg:presentedAt ex:ceremony .
        ex:ceremony a lcg:Event ; skos:prefLabel "C"@en ; lcg:partOfEvent ex:conference .
        ex:conference a lcg:Event ; skos:prefLabel "D"@en ; {dates} ."""
    assert bool(found(turtle, "AwardConferral-inEvent", "core", "quality")) == wrong


# ---------- The shipped data ----------


def test_the_shipped_dataset_has_no_violation() -> None:
    report = lcgraph.validate(*resources.dataset_files(), shapes=["core", "dataset"])
    assert [f"{r.where} {r.message}" for r in report if r.severity == "violation"] == []


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
    named = set(known.of_type("PropertyShape"))
    with_path = {node for node, about in known.values.items() if about[SH + "path"]}
    # sh:path also stands nowhere but on property shapes, so a blank one would be seen here.
    assert with_path == named
    for shape in named:
        assert local(shape)
        for name in ("path", "name", "severity", "message"):
            assert len(known.all(shape, name)) == 1, f"{local(shape)}: {name}"
        assert known.all(shape, "name")[0].language == "en"
        assert any(shape in about[SH + "property"] for about in known.values.values()), (
            f"{local(shape)} is used by no node shape"
        )


def test_every_message_is_in_english_and_tells_how_to_mend() -> None:
    known = shapes()
    messages = [message for about in known.values.values() for message in about[SH + "message"]]
    assert len(set(messages)) == len(messages)
    for message in messages:
        assert message.language == "en", message.value
        assert message.value.endswith("."), message.value
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
        about = shapes(layer).values
        ontology = ox.NamedNode(OWL + "Ontology")
        (header,) = [node for node, values in about.items() if ontology in values[RDF + "type"]]
        assert header.value == f"https://w3id.org/lcgraph/shapes/{layer}"
        for name in ("title", "description", "license"):
            assert len(about[header][dcterms + name]) == 1
        (version,) = about[header][OWL + "versionInfo"]
        assert about[header][OWL + "versionIRI"] == [
            ox.NamedNode(f"{header.value}/{version.value}")
        ]
        requires = [] if layer == "core" else [ox.NamedNode(CORE_HEADER)]
        assert about[header][dcterms + "requires"] == requires


def test_patterns_stay_simple() -> None:
    """Linear engines know neither lookaround nor backreferences."""
    patterns = {p.value for about in shapes().values.values() for p in about[SH + "pattern"]}
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
    """The text of each group of a query, without the groups inside it and without filters."""
    text, depth = re.sub(r"<[^<>\s]*>|\"[^\"]*\"", "", query), 1
    while depth:
        text, depth = re.subn(r"\b(?:FILTER|BIND) ?(?:\((?:[^()]|\([^()]*\))*\))", " ", text), 0
        # Filters hold parentheses to any depth: fold the innermost ones until nothing changes.
        text, inner = re.subn(r"\w*\([^(){}]*\)", " FOLDED ", text)
        depth += inner
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
        mentioning = [group for group in groups(query) if "$this" in group]
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
    named = {
        term.value
        for about in known.values.values()
        for values in about.values()
        for term in values
        if isinstance(term, ox.NamedNode) and term.value.startswith(LCG)
    }
    # The terms in queries and messages too: a message that names a lost term misleads.
    texts = [*known.selects().values()]
    texts += [m.value for about in known.values.values() for m in about[SH + "message"]]
    named |= {LCG + name for text in texts for name in re.findall(r"\blcg:(\w+)", text)}
    terms = vocabulary()["class"] | vocabulary()["property"]
    assert named
    assert sorted(named - terms) == []


def test_no_message_names_an_unknown_concept() -> None:
    concepts = {
        quad.subject.value
        for file in (resources.ontology_dir() / "schemes").glob("*.ttl")
        for quad in ox.parse(path=str(file))
    }
    texts = [m.value for about in shapes().values.values() for m in about[SH + "message"]]
    texts += shapes().selects().values()
    named = {iri for text in texts for iri in re.findall(rf"<({PREFIXES['lcgdef']}[^>]+)>", text)}
    # This one is an example of what a concept could be called, not one of ours.
    assert sorted(named - concepts) == [PREFIXES["lcgdef"] + "target-group/families"][:0]
