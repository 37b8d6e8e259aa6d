"""The vocabulary and what stands around it: schemes, labels, alignments, context, prefixes."""

from __future__ import annotations

import json
import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
import pytest
from pyld import jsonld
from rdflib import RDF, RDFS, SKOS, XSD, Graph, Literal, Namespace, URIRef
from rdflib import namespace as rdflib_namespaces
from rdflib.compare import isomorphic

from lcgraph import resources
from lcgraph.terms import PREFIXES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rdflib.term import Node

LCG = Namespace("https://w3id.org/lcgraph/ns#")
DEF = "https://w3id.org/lcgraph/def/"
ONTOLOGY = URIRef("https://w3id.org/lcgraph/ns")
COUNTRIES = "http://publications.europa.eu/resource/authority/country/"
OWL = Namespace("http://www.w3.org/2002/07/owl#")
DCTERMS = Namespace("http://purl.org/dc/terms/")
SCHEMA = Namespace("https://schema.org/")
VANN = Namespace("http://purl.org/vocab/vann/")
VS = Namespace("http://www.w3.org/2003/06/sw-vocab-status/ns#")
SHACL = Namespace("http://www.w3.org/ns/shacl#")

LANGUAGES = ("fr", "es", "fi")

# Written out by hand, since rdflib 7.6 has a wrong namespace for wgs (RDFLib/rdflib#3529).
PREFIX_TABLE = {
    "lcg": "https://w3id.org/lcgraph/ns#",
    "lcgdef": "https://w3id.org/lcgraph/def/",
    "lcgid": "https://w3id.org/lcgraph/id/",
    "lcs": "https://w3id.org/lcgraph/shapes#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcterms": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "geo": "http://www.opengis.net/ont/geosparql#",
    "org": "http://www.w3.org/ns/org#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "prov": "http://www.w3.org/ns/prov#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "schema": "https://schema.org/",
    "sh": "http://www.w3.org/ns/shacl#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "vann": "http://purl.org/vocab/vann/",
    "vs": "http://www.w3.org/2003/06/sw-vocab-status/ns#",
    "wgs": "http://www.w3.org/2003/01/geo/wgs84_pos#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "country": "http://publications.europa.eu/resource/authority/country/",
}

# Terms that need no use in data, shapes or questions, each with its reason. None so far.
DEAD_TERM_EXEMPTIONS: dict[str, str] = {}

# rdflib's namespaces know their terms where they were generated from the vocabulary's own file.
CLOSED_NAMESPACES = {
    PREFIX_TABLE["dcterms"]: rdflib_namespaces.DCTERMS,
    PREFIX_TABLE["foaf"]: rdflib_namespaces.FOAF,
    PREFIX_TABLE["geo"]: rdflib_namespaces.GEO,
    PREFIX_TABLE["org"]: rdflib_namespaces.ORG,
    PREFIX_TABLE["owl"]: rdflib_namespaces.OWL,
    PREFIX_TABLE["prov"]: rdflib_namespaces.PROV,
    PREFIX_TABLE["rdf"]: rdflib_namespaces.RDF,
    PREFIX_TABLE["rdfs"]: rdflib_namespaces.RDFS,
    PREFIX_TABLE["skos"]: rdflib_namespaces.SKOS,
    PREFIX_TABLE["vann"]: rdflib_namespaces.VANN,
    PREFIX_TABLE["xsd"]: rdflib_namespaces.XSD,
}
OPEN_NAMESPACES = {
    PREFIX_TABLE["dcat"]: {"Dataset", "version"},
    PREFIX_TABLE["schema"]: {"domainIncludes", "rangeIncludes"},
    PREFIX_TABLE["vs"]: {"term_status"},
    PREFIX_TABLE["wgs"]: {"lat", "long"},
}

# What ORG and FOAF say of the classes of theirs that our data use.
AGENT = URIRef("http://xmlns.com/foaf/0.1/Agent")
OUTSIDE_PARENTS = {
    "http://www.w3.org/ns/org#FormalOrganization": (AGENT, rdflib_namespaces.ORG.Organization),
    "http://www.w3.org/ns/org#Organization": (AGENT,),
    "http://xmlns.com/foaf/0.1/Group": (AGENT,),
    "http://xmlns.com/foaf/0.1/Person": (AGENT,),
}

MAPPINGS = {
    SKOS.exactMatch,
    SKOS.closeMatch,
    SKOS.broadMatch,
    SKOS.narrowMatch,
    SKOS.relatedMatch,
}
# Each alignment file with the namespaces that its matches may point into.
ALIGNED_NAMESPACES = {
    "eurio": {"http://data.europa.eu/s66#"},
    "foaf": {"http://xmlns.com/foaf/0.1/"},
    "org-cpov": {"http://www.w3.org/ns/org#", "http://data.europa.eu/m8g/"},
    "prov": {"http://www.w3.org/ns/prov#"},
    "schema-org": {"https://schema.org/"},
    "sdg": {"http://metadata.un.org/sdg/"},
    "unesco-thesaurus": {"http://vocabularies.unesco.org/thesaurus/"},
    "vivo": {"http://vivoweb.org/ontology/core#"},
    "web-annotation": {"http://www.w3.org/ns/oa#"},
    "wikidata": {"http://www.wikidata.org/prop/direct/"},
}
# The properties of Wikidata whose labels were seen; the others in the notes were not.
WIKIDATA_PROPERTIES = {"P17", "P166", "P463"}


# ---------- reading ----------


@cache
def graph_of(*paths: Path) -> Graph:
    """One graph of several Turtle files."""
    graph = Graph(bind_namespaces="none")
    for path in paths:
        graph.parse(path, format="turtle")
    return graph


def triples_of(paths: Iterable[Path]) -> set[ox.Triple]:
    """The triples of several Turtle files as written."""
    return {quad.triple for path in paths for quad in ox.parse(path=path)}


def n_triples(triples: Iterable[ox.Triple]) -> str:
    """The N-Triples text of a set of triples."""
    text = ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES)
    assert text is not None
    return text.decode()


def vocabulary() -> Graph:
    """The vocabulary."""
    return graph_of(resources.ontology_dir() / "lcg.ttl")


def turtle_files(folder: str) -> list[Path]:
    """The Turtle files of one folder of the ontology."""
    files = sorted((resources.ontology_dir() / folder).glob("*.ttl"))
    assert files, f"no Turtle files in ontology/{folder}"
    return files


@cache
def schemes() -> Graph:
    """All concept schemes together, with the key features, which are rows of the dataset."""
    graph = Graph(bind_namespaces="none") + graph_of(*turtle_files("schemes"))
    dataset = graph_of(resources.data_dir() / "learning-cities.ttl")
    for triple in dataset:
        if str(triple[0]).startswith(f"{DEF}kf/"):
            graph.add(triple)
    return graph


def subjects(graph: Graph, *types: URIRef) -> set[URIRef]:
    """The IRIs that have one of the types."""
    found = {subject for type_ in types for subject in graph.subjects(RDF.type, type_)}
    return {subject for subject in found if isinstance(subject, URIRef)}


def classes() -> set[URIRef]:
    """The classes of the vocabulary."""
    return {term for term in subjects(vocabulary(), OWL.Class) if term in LCG}


def properties() -> set[URIRef]:
    """The properties of the vocabulary."""
    kinds = (OWL.ObjectProperty, OWL.DatatypeProperty)
    return {term for term in subjects(vocabulary(), *kinds) if term in LCG}


def concepts() -> set[URIRef]:
    """The concepts of all schemes."""
    return subjects(schemes(), SKOS.Concept)


def example_files() -> list[Path]:
    """The published examples in Turtle."""
    return sorted((resources.data_dir() / "examples").rglob("*.ttl"))


def local(term: Node) -> str:
    """The local name of a term of the vocabulary."""
    return str(term).removeprefix(str(LCG))


def texts(graph: Graph, subject: Node, predicate: URIRef, language: str) -> list[str]:
    """The values of a property in one language, and untagged ones with them."""
    return [
        str(value)
        for value in graph.objects(subject, predicate)
        if isinstance(value, Literal) and value.language in {language, None}
    ]


def is_known(iri: str) -> bool:
    """Whether an IRI is a term of ours or one that its vocabulary really has."""
    if iri.startswith(str(LCG)):
        return URIRef(iri) in classes() | properties()
    for namespace, closed in CLOSED_NAMESPACES.items():
        if iri.startswith(namespace):
            return URIRef(iri) in closed
    return any(
        iri.removeprefix(namespace) in names
        for namespace, names in OPEN_NAMESPACES.items()
        if iri.startswith(namespace)
    )


# ---------- the vocabulary ----------


def test_ontology_header_is_complete() -> None:
    """What FAIR checks look for in an ontology header is there, once for what is single."""
    graph = vocabulary()
    single = {
        DCTERMS.title,
        DCTERMS.description,
        DCTERMS.abstract,
        DCTERMS.created,
        DCTERMS.issued,
        DCTERMS.modified,
        DCTERMS.license,
        DCTERMS.bibliographicCitation,
        VANN.preferredNamespacePrefix,
        VANN.preferredNamespaceUri,
        OWL.versionIRI,
        OWL.versionInfo,
        VS.term_status,
    }
    counts = Counter(graph.predicates(ONTOLOGY))
    assert {local(p) for p in single if counts[p] != 1} == set()
    assert counts[DCTERMS.creator] >= 1
    assert counts[DCTERMS.publisher] >= 1
    assert (ONTOLOGY, RDF.type, OWL.Ontology) in graph
    assert graph.value(ONTOLOGY, VANN.preferredNamespacePrefix) == Literal("lcg")
    assert graph.value(ONTOLOGY, VANN.preferredNamespaceUri) == Literal(str(LCG))
    version = graph.value(ONTOLOGY, OWL.versionInfo)
    assert re.fullmatch(r"\d+\.\d+\.\d+", str(version))
    assert graph.value(ONTOLOGY, OWL.versionIRI) == URIRef(f"{ONTOLOGY}/{version}")


def test_every_term_is_described_once() -> None:
    """Each term has one label, one definition of its own, a status, and says where it belongs."""
    graph = vocabulary()
    terms = classes() | properties()
    assert len(classes()) >= 20
    assert len(properties()) >= 58
    faults = []
    for term in sorted(terms):
        labels = texts(graph, term, RDFS.label, "en")
        definitions = texts(graph, term, SKOS.definition, "en")
        if len(labels) != 1 or any(label != label.strip() for label in labels):
            faults.append(f"{local(term)}: label {labels}")
        if len(definitions) != 1 or not all(text.endswith(".") for text in definitions):
            faults.append(f"{local(term)}: definition {definitions}")
        if list(graph.objects(term, RDFS.isDefinedBy)) != [ONTOLOGY]:
            faults.append(f"{local(term)}: isDefinedBy")
        status = {str(value) for value in graph.objects(term, VS.term_status)}
        if len(status) != 1 or not status <= {"unstable", "testing", "stable", "archaic"}:
            faults.append(f"{local(term)}: term_status {status}")
    assert faults == []
    for predicate in (SKOS.definition, RDFS.comment):
        counts = Counter(str(text) for term in terms for text in graph.objects(term, predicate))
        assert [text for text, count in counts.items() if count > 1] == []


def test_labels_of_the_vocabulary_are_english_only() -> None:
    """Other languages stand in the label files, so that they cannot drift apart unseen."""
    tags = {
        value.language
        for value in vocabulary().objects()
        if isinstance(value, Literal) and value.language
    }
    assert tags == {"en"}


def test_names_follow_the_house_style() -> None:
    """Classes are UpperCamel, properties lowerCamel."""
    assert [t for t in classes() if not re.fullmatch(r"[A-Z][A-Za-z0-9]*", local(t))] == []
    assert [t for t in properties() if not re.fullmatch(r"[a-z][A-Za-z0-9]*", local(t))] == []


def test_terms_refer_to_defined_terms_only() -> None:
    """What a term names as domain, range or parent is defined here, or by its own vocabulary."""
    graph = vocabulary()
    without_range = [p for p in properties() if (p, SCHEMA.rangeIncludes, None) not in graph]
    assert without_range == []
    places = (
        SCHEMA.domainIncludes,
        SCHEMA.rangeIncludes,
        RDFS.subClassOf,
        RDFS.subPropertyOf,
    )
    named = {str(value) for predicate in places for value in graph.objects(None, predicate)}
    assert sorted(iri for iri in named if not is_known(iri)) == []
    ours = {t for triple in graph for t in triple if isinstance(t, URIRef) and t in LCG}
    assert sorted(ours - classes() - properties()) == []


def test_the_vocabulary_entails_no_types() -> None:
    """No rdfs:domain, range or OWL axiom that would retype or contradict somebody's data."""
    used = set(vocabulary().predicates())
    assert used & {RDFS.domain, RDFS.range, OWL.disjointWith, OWL.equivalentClass} == set()


@pytest.mark.parametrize(
    "path",
    [resources.ontology_dir() / "lcg.ttl", *sorted(resources.ontology_dir().glob("*/*.ttl"))],
    ids=lambda path: f"{path.parent.name}/{path.name}",
)
def test_both_parsers_read_the_same_graph(path: Path) -> None:
    """Each file of the ontology is one graph to rdflib and to Oxigraph, without blank nodes."""
    triples = triples_of([path])
    assert triples
    assert isomorphic(graph_of(path), Graph().parse(data=n_triples(triples), format="nt"))
    assert not any(isinstance(t.subject, ox.BlankNode) for t in triples)


# ---------- prefixes ----------


def test_prefix_table_is_the_literal_one() -> None:
    """The library's namespaces are those written out here; its other prefixes are for records."""
    assert {name: PREFIXES.get(name) for name in PREFIX_TABLE} == PREFIX_TABLE
    others = {iri for name, iri in PREFIXES.items() if name not in PREFIX_TABLE}
    record = f"({re.escape(PREFIX_TABLE['lcgid'])}|{re.escape(PREFIX_TABLE['lcgdef'])})[a-z-]+/"
    assert [iri for iri in others if not re.fullmatch(record, iri)] == []


def test_files_declare_prefixes_as_in_the_table() -> None:
    """A prefix of the table means the same in every file that declares it."""
    folders = (
        resources.ontology_dir(),
        resources.data_dir(),
        resources.shapes_dir(),
        resources.queries_dir(),
    )
    files = [
        path
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.suffix in {".ttl", ".rq"}
    ]
    declaration = re.compile(r"(?im)^\s*@?prefix\s+([\w-]*):\s*<([^>]*)>")
    faults, seen = [], 0
    for path in files:
        for prefix, iri in declaration.findall(path.read_text(encoding="utf-8")):
            seen += 1
            if PREFIX_TABLE.get(prefix, iri) != iri:
                faults.append(f"{path.name}: {prefix}: <{iri}>")
            named = [name for name, known in PREFIX_TABLE.items() if known == iri]
            if named and prefix not in named:
                faults.append(f"{path.name}: {iri} is called {prefix}, not {named[0]}")
    assert seen > len(PREFIX_TABLE)
    assert faults == []


# ---------- schemes ----------


def test_each_concept_is_in_the_scheme_of_its_iri() -> None:
    """A concept is in one scheme, whose IRI and a code make its IRI; the code is its notation."""
    graph, faults = schemes(), []
    assert len(concepts()) >= 80
    for concept in sorted(concepts()):
        scheme, _, code = str(concept).rpartition("/")
        if list(graph.objects(concept, SKOS.inScheme)) != [URIRef(scheme)]:
            faults.append(f"{concept}: inScheme")
        if list(graph.objects(concept, SKOS.notation)) != [Literal(code)]:
            faults.append(f"{concept}: notation")
        if not re.fullmatch(r"[a-z0-9]+(?:[-.][a-z0-9]+)*", code):
            faults.append(f"{concept}: code")
        for predicate in (SKOS.prefLabel, SKOS.definition):
            found = list(graph.objects(concept, predicate))
            if len(found) != 1 or texts(graph, concept, predicate, "en") != [str(found[0])]:
                faults.append(f"{concept}: {predicate}")
    assert faults == []


def test_schemes_have_a_title_and_a_file_of_their_own() -> None:
    """Each file holds one scheme, named as the file, and only concepts of it."""
    faults = []
    for path in turtle_files("schemes"):
        graph = graph_of(path)
        scheme = URIRef(DEF + path.stem)
        if subjects(graph, SKOS.ConceptScheme) != {scheme}:
            faults.append(f"{path.name}: scheme")
        if len(texts(graph, scheme, DCTERMS.title, "en")) != 1:
            faults.append(f"{path.name}: title")
        strangers = {s for s in graph.subjects() if not str(s).startswith(f"{scheme}/")}
        if strangers != {scheme}:
            faults.append(f"{path.name}: {strangers}")
    assert faults == []


def test_labels_and_notations_are_unique_in_a_scheme() -> None:
    """No two concepts of a scheme share a label or a notation."""
    graph = schemes()
    faults = []
    for scheme in subjects(graph, SKOS.ConceptScheme):
        members = set(graph.subjects(SKOS.inScheme, scheme))
        assert members, f"{scheme} is empty"
        for predicate in (SKOS.prefLabel, SKOS.notation):
            counts = Counter(str(v) for m in members for v in graph.objects(m, predicate))
            faults += [f"{scheme}: {value}" for value, count in counts.items() if count > 1]
    assert faults == []


def test_broader_stays_in_the_scheme_and_has_no_cycle() -> None:
    """Every concept is a top concept or leads to one by skos:broader."""
    graph, faults = schemes(), []
    for concept in sorted(concepts()):
        parents = set(graph.objects(concept, SKOS.broader))
        scheme = graph.value(concept, SKOS.inScheme)
        if any(graph.value(parent, SKOS.inScheme) != scheme for parent in parents):
            faults.append(f"{concept}: broader outside its scheme")
        above = {a for p in parents for a in graph.transitive_objects(p, SKOS.broader)}
        if concept in above:
            faults.append(f"{concept}: cycle")
        top = set(graph.objects(concept, SKOS.topConceptOf))
        if top != (set() if parents else {scheme}):
            faults.append(f"{concept}: topConceptOf")
    assert faults == []


# ---------- labels ----------


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["classes", "concepts"])
def test_labels_have_no_gap_and_no_stranger(language: str, kind: str) -> None:
    """Each class and each concept has one label in each language, and nothing else has."""
    stem, predicate, terms = {
        "classes": (language, RDFS.label, classes()),
        "concepts": (f"schemes-{language}", SKOS.prefLabel, concepts()),
    }[kind]
    graph = graph_of(resources.ontology_dir() / "labels" / f"{stem}.ttl")
    header = URIRef(f"https://w3id.org/lcgraph/labels/{stem}")
    labelled = set(graph.subjects()) - {header}
    missing = {
        str(term)
        for term in terms
        if [v.language for v in graph.objects(term, predicate) if isinstance(v, Literal)]
        != [language]
    }
    assert missing == set(), f"{len(missing)} without one label in {language}"
    unknown = {str(term) for term in labelled - terms - properties()}
    assert unknown == set(), f"labels of unknown terms in {stem}.ttl"
    assert {p for s, p, _ in graph if s != header} == {predicate}
    values = [v for s, v in graph.subject_objects(predicate) if s != header]
    assert [v for v in values if str(v) != str(v).strip() or not str(v)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_translated_labels_are_unique_in_a_scheme(language: str) -> None:
    """A reader who sees only the label of a concept can tell it from its neighbours."""
    graph = graph_of(resources.ontology_dir() / "labels" / f"schemes-{language}.ttl")
    counts = Counter(
        (str(concept).rpartition("/")[0], str(label))
        for concept, label in graph.subject_objects(SKOS.prefLabel)
    )
    assert [where for where, count in counts.items() if count > 1] == []


def test_label_files_say_what_they_are() -> None:
    """One file for classes and one for concepts a language, each with its header."""
    expected = {f"{prefix}{language}" for prefix in ("", "schemes-") for language in LANGUAGES}
    assert {path.stem for path in turtle_files("labels")} == expected
    for path in turtle_files("labels"):
        graph = graph_of(path)
        header = URIRef(f"https://w3id.org/lcgraph/labels/{path.stem}")
        assert (header, RDF.type, OWL.Ontology) in graph, path.name
        assert graph.value(header, DCTERMS.language) == Literal(path.stem[-2:]), path.name
        assert graph.value(header, DCTERMS.title) is not None, path.name
        assert graph.value(header, DCTERMS.license) is not None, path.name
        assert graph.value(header, SKOS.editorialNote) is not None, path.name


# ---------- alignments ----------


def matches(path: Path) -> Iterator[tuple[Node, Node, Node]]:
    """The triples of an alignment file without its header."""
    header = URIRef(f"https://w3id.org/lcgraph/align/{path.stem}")
    return (triple for triple in graph_of(path) if triple[0] != header)


def test_alignment_files_are_the_listed_ones() -> None:
    """A new target needs its namespaces listed here."""
    assert {path.stem for path in turtle_files("alignments")} == set(ALIGNED_NAMESPACES)


@pytest.mark.parametrize("target", sorted(ALIGNED_NAMESPACES))
def test_alignment_uses_mappings_only(target: str) -> None:
    """Alignments use SKOS mappings, from terms we have to terms of their target."""
    path = resources.ontology_dir() / "alignments" / f"{target}.ttl"
    graph = graph_of(path)
    header = URIRef(f"https://w3id.org/lcgraph/align/{target}")
    needed = {DCTERMS.title, DCTERMS.license, OWL.versionInfo, SKOS.editorialNote}
    assert needed - set(graph.predicates(header)) == set()
    assert (header, RDF.type, OWL.Ontology) in graph
    if target == "unesco-thesaurus":
        notes = " ".join(str(note) for note in graph.objects(header, SKOS.editorialNote))
        assert "ot affiliated with or endorsed by UNESCO" in notes
    found = list(matches(path))
    assert found
    ours = classes() | properties() | concepts() | subjects(schemes(), SKOS.ConceptScheme)
    faults = [
        f"{s} {p} {o}"
        for s, p, o in found
        if p not in MAPPINGS
        or s not in ours
        or not any(
            re.fullmatch(re.escape(namespace) + r"[\w.]+", str(o))
            for namespace in ALIGNED_NAMESPACES[target]
        )
    ]
    assert faults == []
    if target == "wikidata":
        assert {str(o).rpartition("/")[2] for _, _, o in found} <= WIKIDATA_PROPERTIES
    pairs = Counter((s, o) for s, _, o in found)
    assert [pair for pair, count in pairs.items() if count > 1] == [], "two mappings of one pair"


def test_aligned_iris_were_read_before_they_were_used() -> None:
    """Each IRI that we map to is listed in the research notes."""
    notes = (
        Path(__file__).resolve().parents[2] / "shared" / "design" / "vocabulary" / "VOCABULARY.md"
    )
    if not notes.is_file():
        pytest.skip("the research notes are not in ../shared beside this checkout")
    text = notes.read_text(encoding="utf-8")
    unread = []
    for path in turtle_files("alignments"):
        for _, _, iri in matches(path):
            name = re.split(r"[/#]", str(iri))[-1]
            if path.stem == "sdg":
                name = f"/{name}"
            name = name.removeprefix("concept")
            before = "" if name.startswith("/") else r"(?<![\w.])"
            if not re.search(rf"{before}{re.escape(name)}(?!\w|\.\w)", text):
                unread.append(str(iri))
    assert unread == []


# ---------- the JSON-LD context ----------


@cache
def context() -> dict[str, Any]:
    """The inner object of the context file."""
    path = resources.ontology_dir() / "context.jsonld"
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    assert set(document) == {"@context"}
    inner: dict[str, Any] = document["@context"]
    return inner


def context_prefixes() -> dict[str, str]:
    """The prefixes that the context declares."""
    return {
        key: value
        for key, value in context().items()
        if isinstance(value, str) and value.endswith(("#", "/")) and not key.startswith("@")
    }


def entries() -> dict[str, dict[str, Any]]:
    """The keys of the context that stand for terms, each as an object."""
    return {
        key: value if isinstance(value, dict) else {"@id": value}
        for key, value in context().items()
        if not key.startswith("@") and key not in context_prefixes()
    }


def absolute(name: str) -> str:
    """A name of the context as an IRI or a keyword."""
    prefix, colon, rest = name.partition(":")
    return context_prefixes()[prefix] + rest if colon and not rest.startswith("//") else name


def coded() -> dict[str, tuple[str, dict[str, Any]]]:
    """The keys whose values are codes: their vocabulary, and the scoped context."""
    return {
        key: (entry["@context"]["@vocab"], entry["@context"])
        for key, entry in entries().items()
        if "@context" in entry
    }


def compact(triples: Iterable[ox.Triple]) -> dict[str, Any]:
    """The compact document of a graph, its context inside."""
    expanded = jsonld.from_rdf(n_triples(triples), {"format": "application/n-quads"})
    document: dict[str, Any] = jsonld.compact(expanded, {"@context": context()}, {"graph": True})
    return document


def expand(document: dict[str, Any]) -> set[ox.Triple]:
    """The triples of a document, by PyLD."""
    text = jsonld.to_rdf(document, {"format": "application/n-quads"})
    return {quad.triple for quad in ox.parse(text.encode(), format=ox.RdfFormat.N_QUADS)}


def test_context_has_the_prefixes_of_the_table() -> None:
    """The prefixes are those of the table, but for the two that documents do not need."""
    expected = {k: v for k, v in PREFIX_TABLE.items() if k not in {"lcgid", "lcs", "country"}}
    assert context_prefixes() == expected
    assert context()["@version"] == 1.1
    assert context()["@base"] == PREFIX_TABLE["lcgid"]


def test_context_invents_no_terms() -> None:
    """Unknown keys must be noticed: no vocabulary stands in for them."""
    assert "@vocab" not in context()
    document = {"@context": context(), "id": "city/x", "labell": {"en": "x"}}
    dropped: list[str] = []
    jsonld.expand(document, {}, on_property_dropped=dropped.append)
    assert dropped == ["labell"]


def test_context_has_a_key_for_every_term() -> None:
    """The key of a class or property of ours is its local name."""
    keys = {key: absolute(entry["@id"]) for key, entry in entries().items()}
    terms = classes() | properties()
    assert [str(term) for term in sorted(terms) if keys.get(local(term)) != str(term)] == []


def test_context_names_known_terms_only() -> None:
    """Every key, datatype and code of the context belongs to a vocabulary that has it."""
    unknown = []
    known_schemes = {str(scheme) for scheme in subjects(schemes(), SKOS.ConceptScheme)}
    known_concepts = {str(concept) for concept in concepts()}
    for key, entry in entries().items():
        named = [absolute(entry[part]) for part in ("@id", "@type") if part in entry]
        unknown += [f"{key}: {iri}" for iri in named if iri[0] != "@" and not is_known(iri)]
    for key, (vocabulary_, scoped) in coded().items():
        if vocabulary_ != COUNTRIES and vocabulary_.removesuffix("/") not in known_schemes:
            unknown.append(f"{key}: {vocabulary_}")
        codes = {code: iri for code, iri in scoped.items() if not code.startswith("@")}
        unknown += [
            f"{key}: {code}"
            for code, iri in codes.items()
            if iri != vocabulary_ + code or iri not in known_concepts
        ]
    assert unknown == []
    reached = {vocabulary_.removesuffix("/") for vocabulary_, _ in coded().values()}
    assert known_schemes - reached == set(), "schemes whose codes no key takes"


def test_context_types_agree_with_the_vocabulary() -> None:
    """IRIs for object properties, language maps for texts, one key for each datatype of a date."""
    graph = vocabulary()
    faults = []
    for term in sorted(properties()):
        found = [e for e in entries().values() if absolute(e["@id"]) == str(term)]
        ranges = set(graph.objects(term, SCHEMA.rangeIncludes))
        types = sorted(absolute(entry.get("@type", "")) for entry in found)
        by_language = all("@language" in entry.get("@container", "") for entry in found)
        if (term, RDF.type, OWL.ObjectProperty) in graph:
            good = types == (["@vocab"] if ranges == {SKOS.Concept} else ["@id"])
        elif ranges == {RDF.langString}:
            good = types == [""] and by_language
        else:
            good = types == sorted("" if r == XSD.string else str(r) for r in ranges)
        if not good:
            faults.append(f"{local(term)}: {types}")
    assert faults == []


def test_every_code_is_a_bare_word() -> None:
    """Each concept compacts to its code under each key of its scheme, and comes back from it."""
    for key, (vocabulary_, _) in coded().items():
        members = {str(c) for c in concepts() if str(c).startswith(vocabulary_)}
        if vocabulary_ == COUNTRIES:
            members = {COUNTRIES + code for code in ("FIN", "MEX", "KOR")}
        assert members
        subject = ox.NamedNode(f"{PREFIX_TABLE['lcgid']}test/{key}")
        predicate = ox.NamedNode(absolute(entries()[key]["@id"]))
        triples = {ox.Triple(subject, predicate, ox.NamedNode(iri)) for iri in members}
        document = compact(triples)
        (node,) = document["@graph"]
        values = node[key] if isinstance(node[key], list) else [node[key]]
        assert set(values) == {iri.removeprefix(vocabulary_) for iri in members}, key
        assert expand(document) == triples, key
        assert len(Graph().parse(data=json.dumps(document), format="json-ld")) == len(members)


ROUND_TRIPS = {
    "espoo-2015": [resources.data_dir() / "espoo-2015.ttl"],
    "schemes": sorted((resources.ontology_dir() / "schemes").glob("*.ttl")),
    **{f"examples/{path.name}": [path] for path in example_files()},
}


@pytest.mark.parametrize("name", ROUND_TRIPS)
def test_turtle_to_json_ld_and_back_is_the_same_graph(name: str) -> None:
    """What is compacted with the context comes back term for term, in PyLD and in rdflib."""
    triples = triples_of(ROUND_TRIPS[name])
    document = compact(triples)
    assert expand(document) == triples
    before = Graph().parse(data=n_triples(triples), format="nt")
    after = Graph().parse(data=json.dumps(document), format="json-ld")
    assert isomorphic(before, after)


@pytest.mark.parametrize("name", ROUND_TRIPS)
def test_shipped_data_need_no_long_names(name: str) -> None:
    """Every class, property and date that we use has a short name, and ids of ours have too."""
    long: set[str] = set()

    def walk(value: object, key: str) -> None:
        if isinstance(value, list):
            for item in value:
                walk(item, key)
        elif isinstance(value, dict) and "@value" in value:
            # rdf:object takes any term, so a literal there must carry its own type.
            long.update({str(value)} if key != "object" else ())
        elif isinstance(value, dict):
            long.update(inner for inner in value if ":" in inner)
            for inner, item in value.items():
                walk(item, inner)
        elif isinstance(value, str) and key in {"id", "type"}:
            ours = value.startswith(("https://w3id.org/lcgraph", ".", "/"))
            long.update({value} if ours or (key == "type" and ":" in value) else ())

    nodes = compact(triples_of(ROUND_TRIPS[name]))["@graph"]
    assert len(nodes) > 1
    walk(nodes, "@graph")
    assert long == set()


def test_what_authors_write_by_hand_is_understood() -> None:
    """Bare numbers, truth values, codes, single values and dates of each precision."""
    document = {
        "@context": context(),
        "@graph": [
            {
                "id": "city/fi-espoo",
                "type": "City",
                "label": {"en": "Espoo", "sv": "Esbo"},
                "altLabel": {"fi": ["Espoon kaupunki"]},
                "country": "FIN",
                "adminKind": "city",
                "lat": "60.2052",
                "source": "source/espoo-2015",
            },
            {
                "id": "event/iclc-2",
                "type": "Event",
                "sequenceNumber": 2,
                "dateMonth": "2015-09",
                "startDate": "2015-09-28",
                "endYear": "2015",
            },
            {"id": "participation/x", "listIsPartial": True},
            {
                "id": "statement/x",
                "predicate": "startDate",
                "object": {"type": "xsd:gYear", "@value": "2014"},
                "certainty": "disputed",
            },
            {
                "id": "declaration/x",
                "declarationKind": {
                    "id": "lcgdef:declaration-kind/value",
                    "type": "Concept",
                    "label": {"en": "value"},
                },
            },
        ],
    }
    turtle = """
        @base <https://w3id.org/lcgraph/id/> .
        @prefix lcg: <https://w3id.org/lcgraph/ns#> .
        @prefix lcgdef: <https://w3id.org/lcgraph/def/> .
        @prefix dcterms: <http://purl.org/dc/terms/> .
        @prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
        @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
        @prefix wgs: <http://www.w3.org/2003/01/geo/wgs84_pos#> .
        @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
        <city/fi-espoo> a lcg:City ;
            skos:prefLabel "Espoo"@en , "Esbo"@sv ;
            skos:altLabel "Espoon kaupunki"@fi ;
            lcg:country <http://publications.europa.eu/resource/authority/country/FIN> ;
            lcg:adminKind lcgdef:admin-kind\\/city ;
            wgs:lat 60.2052 ;
            dcterms:source <source/espoo-2015> .
        <event/iclc-2> a lcg:Event ;
            lcg:sequenceNumber 2 ;
            lcg:date "2015-09"^^xsd:gYearMonth ;
            lcg:startDate "2015-09-28"^^xsd:date ;
            lcg:endDate "2015"^^xsd:gYear .
        <participation/x> lcg:listIsPartial true .
        <statement/x> rdf:predicate lcg:startDate ;
            rdf:object "2014"^^xsd:gYear ;
            lcg:certainty lcgdef:certainty\\/disputed .
        <declaration/x> lcg:declarationKind lcgdef:declaration-kind\\/value .
        lcgdef:declaration-kind\\/value a skos:Concept ; skos:prefLabel "value"@en .
    """
    expected = {quad.triple for quad in ox.parse(turtle, format=ox.RdfFormat.TURTLE)}
    assert expand(document) == expected
    assert isomorphic(
        Graph().parse(data=n_triples(expected), format="nt"),
        Graph().parse(data=json.dumps(document), format="json-ld"),
    )


# ---------- no dead term ----------

QUERY_TOKEN = re.compile(
    r'(?P<string>"""(?:[^"\\]|\\.|"(?!""))*"""|"(?:[^"\\\n]|\\.)*"|'
    r"'''(?:[^'\\]|\\.|'(?!''))*'''|'(?:[^'\\\n]|\\.)*')"
    r"|<(?P<iri>[^<>\"{}|^`\\\s]*)>"
    r"|(?P<comment>#[^\n]*)"
    r"|[?$]\w+"
    r"|(?P<prefix>[A-Za-z][\w-]*)?:(?P<name>[\w-]*)",
    re.DOTALL,
)


def iris_in_query(text: str) -> set[str]:
    """The IRIs that a query names, written out or by a prefix; comments and strings are none."""
    tokens = list(QUERY_TOKEN.finditer(text))
    declared: dict[str, str] = {}
    found: set[str] = set()
    skip = False
    for token, following in zip(tokens, [*tokens[1:], None], strict=True):
        if token["iri"] is not None:
            if not skip:
                found.add(token["iri"])
            skip = False
        elif token["name"] is not None:
            prefix = token["prefix"] or ""
            # Only a declaration has an IRI directly behind a name that is a bare prefix.
            if not token["name"] and following is not None and following["iri"] is not None:
                declared[prefix] = following["iri"]
                skip = True
            else:
                found.add(declared.get(prefix, PREFIX_TABLE.get(prefix, "")) + token["name"])
    return found


def test_the_tokeniser_of_queries_sees_names_only() -> None:
    """Comments, strings, variables and declarations do not count as uses."""
    text = """#+ summary: lcg:heldIn
        PREFIX lcg: <https://w3id.org/lcgraph/ns#>
        PREFIX x: <https://w3id.org/lcgraph/ns#>
        SELECT ?city WHERE { ?city a lcg:City ; x:country|^lcg:city <https://example.org/a#b> .
          FILTER(?city != "lcg:motto" && ?n<3) # lcg:value
        }"""
    assert iris_in_query(text) == {
        str(LCG.City),
        str(LCG.country),
        str(LCG.city),
        "https://example.org/a#b",
    }


def shape_graph() -> Graph:
    """All shapes of all layers."""
    files = [path for layer in resources.shape_layers().values() for path in layer]
    assert files, "no shapes"
    return graph_of(*files)


def in_shapes() -> set[str]:
    """The IRIs that the shapes name, their SPARQL included."""
    graph = shape_graph()
    found = {str(term) for triple in graph for term in triple if isinstance(term, URIRef)}
    for predicate in (SHACL.select, SHACL.ask, SHACL.construct):
        for text in graph.objects(None, predicate):
            found |= iris_in_query(str(text))
    return found


def in_queries() -> set[str]:
    """The IRIs that the shipped questions name."""
    files = sorted(resources.queries_dir().rglob("*.rq"))
    assert files, "no queries"
    return {iri for path in files for iri in iris_in_query(path.read_text(encoding="utf-8"))}


def in_data(paths: Iterable[Path]) -> set[str]:
    """The classes and properties that data files use."""
    triples = triples_of(paths)
    types = {
        t.object.value
        for t in triples
        if t.predicate.value == str(RDF.type) and isinstance(t.object, ox.NamedNode)
    }
    return {t.predicate.value for t in triples} | types


def exempt() -> set[str]:
    """The terms that may lie dead."""
    deprecated = vocabulary().subjects(OWL.deprecated, Literal(lexical_or_value=True))
    return set(DEAD_TERM_EXEMPTIONS) | {local(term) for term in deprecated}


@pytest.mark.parametrize("place", ["data", "shapes", "queries"])
def test_no_term_is_dead(place: str) -> None:
    """A term stays only if data use it, a shape names it and a question reaches it."""
    used = {
        "data": lambda: in_data([*resources.dataset_files(), *example_files()]),
        "shapes": in_shapes,
        "queries": in_queries,
    }[place]()
    dead = {local(term) for term in classes() | properties() if str(term) not in used}
    assert sorted(dead - exempt()) == [], f"not in any of the {place}"


def test_exemptions_are_needed_and_explained() -> None:
    """An exemption names a term there is, and says why in a sentence."""
    known = {local(term) for term in classes() | properties()}
    assert set(DEAD_TERM_EXEMPTIONS) <= known
    assert [t for t, reason in DEAD_TERM_EXEMPTIONS.items() if len(reason.split()) < 4] == []


def test_data_use_terms_where_the_vocabulary_says() -> None:
    """Subjects and values in our data are of the kinds that a property names as its own."""
    words = vocabulary()
    data = graph_of(*resources.dataset_files(), *example_files())

    def kinds(node: Node) -> set[Node]:
        if isinstance(node, Literal):
            return {node.datatype or (RDF.langString if node.language else XSD.string)}
        found = set()
        for type_ in data.objects(node, RDF.type):
            for kind in words.transitive_objects(type_, RDFS.subClassOf):
                found |= {kind, *OUTSIDE_PARENTS.get(str(kind), ())}
        return found

    strangers, checked = set(), 0
    for subject, predicate, value in data:
        if predicate not in properties():
            continue
        domains = set(words.objects(predicate, SCHEMA.domainIncludes))
        ranges = set(words.objects(predicate, SCHEMA.rangeIncludes))
        checked += 1
        if domains and not domains & kinds(subject):
            strangers.add(f"{local(predicate)} of {subject}")
        # The European Union describes the countries, not we.
        if not ranges & kinds(value) and not str(value).startswith(COUNTRIES):
            strangers.add(f"{local(predicate)} to {value}")
    assert checked > 100
    assert strangers == set()


@pytest.mark.parametrize("place", ["dataset", "shapes", "queries"])
def test_no_unknown_term_is_used(place: str) -> None:
    """A misspelt term of ours in data, shapes or questions is found here."""
    used = {
        "dataset": lambda: in_data(resources.dataset_files()),
        "shapes": in_shapes,
        "queries": in_queries,
    }[place]()
    ours = {iri for iri in used if iri.startswith(str(LCG)) and iri != str(LCG)}
    assert ours
    assert sorted(iri for iri in ours if not is_known(iri)) == []


@pytest.mark.parametrize("place", ["dataset", "shapes", "queries"])
def test_no_unknown_concept_is_used(place: str) -> None:
    """A concept that data, shapes or questions name is in its scheme."""
    used = {
        "dataset": lambda: {
            t.object.value
            for t in triples_of(resources.dataset_files())
            if isinstance(t.object, ox.NamedNode)
        },
        "shapes": in_shapes,
        "queries": in_queries,
    }[place]()
    ours = {iri for iri in used if iri.startswith(DEF)}
    known = {str(c) for c in concepts() | subjects(schemes(), SKOS.ConceptScheme)} | {DEF}
    # Shapes and questions may hold the opening part of concept IRIs, to compare with.
    known |= {f"{scheme}/" for scheme in subjects(schemes(), SKOS.ConceptScheme)}
    assert sorted(ours - known) == []
