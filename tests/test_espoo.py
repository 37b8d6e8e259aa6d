"""The Espoo news release of 2015: each of its statements is in the graph and rests on its passage.

What needs the text itself reads it from the folder ../shared beside the checkout, and is skipped
where that is not there: the text is no part of this project.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import defaultdict
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pyoxigraph as ox
import pytest

import lcgraph
from lcgraph import resources

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lcgraph.terms import Term

ROOT = Path(__file__).resolve().parents[1]
ARTICLE = ROOT.parent / "shared" / "data" / "espoo-2015.txt"
needs_article = pytest.mark.skipif(
    not ARTICLE.is_file(), reason="needs the news release in ../shared/data/espoo-2015.txt"
)

ESPOO = resources.data_dir() / "espoo-2015.ttl"
EXAMPLES = sorted((resources.data_dir() / "examples").glob("*.ttl"))
SCHEMES = sorted((resources.ontology_dir() / "schemes").glob("*.ttl"))

ID = "https://w3id.org/lcgraph/id/"
DEF = "https://w3id.org/lcgraph/def/"
LCG = "https://w3id.org/lcgraph/ns#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
SOURCE = "http://purl.org/dc/terms/source"
SKOS = "http://www.w3.org/2004/02/skos/core#"

RUN = 8  # so many words of the release in a row must stand nowhere in the project
PUBLISHED = ["data", "docs", "ontology", "queries", "shapes", "src", "tests"]


# ---------- The statements, one by one ----------


class Stated(NamedTuple):
    """A statement of the release: the question and the cells of the row that tell it, the record
    that holds it, and the passage that the record rests on."""

    name: str
    question: str
    row: dict[str, Any]
    record: str
    passage: str
    values: dict[str, Any] = {}  # noqa: RUF012 (never changed)


def presented(name: str, slug: str, label: str, passage: str, group: str | None) -> Stated:
    record = f"initiative/fi-espoo-{slug}"
    row = {"initiative": ID + record, "name": label, "groupName": group, "partial": True}
    return Stated(name, "initiatives-presented", row, record, passage)


def partner_group(slug: str) -> Stated:
    row = {"group": f"{DEF}target-group/{slug}", "declarations": 2}
    return Stated(
        f"partner-group-{slug}",
        "partner-groups",
        row,
        "declaration/fi-espoo-partner-groups",
        "partner-groups",
    )


def declared(
    kind: str, slug: str, passage: str, *, by: str = "government/fi-espoo", certainty: str | None
) -> Stated:
    record = f"declaration/fi-espoo-{slug}"
    row = {
        "declaration": ID + record,
        "kind": f"{DEF}declaration-kind/{kind}",
        "by": ID + by,
        "certainty": certainty and f"{DEF}certainty/{certainty}",
    }
    return Stated(
        f"{kind}-{slug}", "declarations-of-city", row, record, passage, {"kind": row["kind"]}
    )


def uncertain(
    certainty: str, slug: str, fact: tuple[str, str], value: str | int | date, passage: str
) -> Stated:
    row = {
        "certainty": f"{DEF}certainty/{certainty}",
        "subject": ID + fact[0],
        "predicate": fact[1],
        "object": value,
        "record": f"{ID}statement/{slug}",
    }
    return Stated(f"{certainty}-{slug}", "uncertain-statements", row, f"statement/{slug}", passage)


CITY = "city/fi-espoo"
CONFERRAL = "conferral/unesco-learning-city-award-2015-fi-espoo"
AWARD = "award/unesco-learning-city-award"
PLAN = "publication/fi-espoo-education-development-plan"
SHOWCASE = "publication/iclc-2-showcase-cities"
CASE = "case/iclc-2-showcase-cities-fi-espoo"
NETWORK = "network/unesco-gnlc"

STATEMENTS = [
    Stated(
        "unesco",
        "awards-of-city",
        {"conferredBy": f"{ID}org/unesco", "conferredByName": "UNESCO"},
        "org/unesco",
        "reward",
    ),
    Stated(
        "espoo-as-city",
        "city-facts",
        {"property": f"{LCG}nameAsGiven", "value": "City of Espoo"},
        CITY,
        "reward",
    ),
    Stated(
        "espoo-as-local-government",
        "city-facts",
        {"property": f"{LCG}governedBy", "value": f"{ID}government/fi-espoo"},
        "government/fi-espoo",
        "officials",
    ),
    Stated(
        "network-worldwide",
        "network-facts",
        {"property": f"{LCG}nameAsGiven", "value": "worldwide network of learning cities"},
        NETWORK,
        "network",
    ),
    Stated(
        "network-since-2014",
        "network-facts",
        {
            "property": f"{LCG}startDate",
            "value": 2014,
            "certainty": f"{DEF}certainty/disputed",
            "asserted": True,
        },
        NETWORK,
        "network",
    ),
    Stated(
        "conference-first",
        "events",
        {"event": f"{ID}event/iclc-1", "start": 2013, "number": 1, "place": None},
        "event/iclc-1",
        "first-conference",
    ),
    Stated(
        "conference-first-espoo-took-part",
        "conference-participation",
        {"participant": ID + CITY, "event": f"{ID}event/iclc-1", "roleName": "attendee"},
        "participation/fi-espoo-iclc-1",
        "first-conference",
    ),
    Stated(
        "conference-second",
        "events",
        {
            "event": f"{ID}event/iclc-2",
            "name": "2nd International Conference on Learning Cities",
            "start": date(2015, 9, 28),
            "placeName": "Mexico City",
            "number": 2,
        },
        "event/iclc-2",
        "ceremony",
    ),
    Stated(
        "conference-second-motto",
        "events",
        {"event": f"{ID}event/iclc-2", "motto": "Building Sustainable Learning Cities"},
        "event/iclc-2",
        "motto",
    ),
    Stated(
        "conference-second-espoo-presented",
        "conference-participation",
        {"participant": ID + CITY, "event": f"{ID}event/iclc-2", "roleName": "presenter"},
        "participation/fi-espoo-iclc-2",
        "presented",
    ),
    Stated(
        "mexico-city",
        "events",
        {"event": f"{ID}event/iclc-2", "place": f"{ID}city/mx-mexico-city"},
        "city/mx-mexico-city",
        "place-and-day",
    ),
    Stated(
        "award-ceremony",
        "events",
        {
            "event": f"{ID}event/iclc-2-award-ceremony",
            "kindName": "ceremony",
            "start": date(2015, 9, 28),
            "placeName": "Mexico City",
            "partOf": f"{ID}event/iclc-2",
        },
        "event/iclc-2-award-ceremony",
        "ceremony",
    ),
    Stated(
        "award",
        "award-editions",
        {"award": ID + AWARD, "conferredBy": f"{ID}org/unesco"},
        AWARD,
        "reward",
    ),
    Stated(
        "award-edition",
        "award-editions",
        {"edition": f"{ID}{AWARD}-2015", "year": 2015, "conferrals": 1},
        f"{AWARD}-2015",
        "ceremony",
    ),
    Stated(
        "award-to-espoo",
        "award-winners",
        {
            "city": ID + CITY,
            "name": "Espoo",
            "date": date(2015, 9, 28),
            "event": f"{ID}event/iclc-2-award-ceremony",
        },
        CONFERRAL,
        "reward",
        {"year": 2015},
    ),
    Stated(
        "award-for-progress",
        "awards-of-city",
        {"conferral": ID + CONFERRAL, "reason": "exemplary progress as a learning city"},
        CONFERRAL,
        "reward",
        {"city": ID + CITY},
    ),
    Stated(
        "official-erkkila",
        "office-holders",
        {"name": "Kristiina Erkkilä", "title": "Director of Development"},
        "office/fi-espoo-kristiina-erkkila",
        "officials",
    ),
    Stated(
        "official-suihko",
        "office-holders",
        {"name": "Sampo Suihko", "title": "Deputy Mayor", "attested": date(2015, 9, 29)},
        "office/fi-espoo-sampo-suihko",
        "officials",
    ),
    Stated(
        "officials-in-the-caption",
        "office-holders",
        {"person": f"{ID}person/kristiina-erkkila"},
        "person/kristiina-erkkila",
        "caption",
        {"city": ID + CITY, "day": date(2015, 9, 29)},
    ),
    declared(
        "reaction", "officials-reaction", "reaction", by="person/sampo-suihko", certainty=None
    ),
    Stated(
        "wish-to-take-part",
        "pledges-and-intentions",
        {
            "kindName": "intention",
            "by": ID + CITY,
            "concerns": ID + NETWORK,
            "event": f"{ID}event/iclc-1",
            "date": 2013,
        },
        "declaration/fi-espoo-network-intention",
        "wish",
    ),
    Stated(
        "wish-is-no-membership",
        "intentions-without-membership",
        {"city": ID + CITY, "network": ID + NETWORK},
        "declaration/fi-espoo-network-intention",
        "wish",
    ),
    Stated(
        "plan",
        "plans-of-city",
        {"plan": ID + PLAN, "themeName": "lifelong learning"},
        PLAN,
        "plan-pledge",
    ),
    Stated(
        "plan-pledge",
        "pledges-and-intentions",
        {"kindName": "pledge", "by": ID + CITY, "concerns": ID + NETWORK, "publication": ID + PLAN},
        "declaration/fi-espoo-network-principles-pledge",
        "plan-pledge",
    ),
    Stated(
        "publication",
        "publications-of-event",
        {"publication": ID + SHOWCASE, "kindName": "collection of case studies", "cases": 1},
        SHOWCASE,
        "showcase",
    ),
    Stated(
        "publication-twelve-cities",
        "claims-against-records",
        {"about": ID + SHOWCASE, "countedName": "cases", "claimed": 12, "recorded": 1},
        "claim/iclc-2-showcase-cities-cases",
        "showcase",
    ),
    Stated(
        "case-study-of-espoo",
        "case-studies",
        {"caseStudy": ID + CASE, "features": ID + CITY, "event": f"{ID}event/iclc-2"},
        CASE,
        "showcase",
    ),
    Stated(
        "case-study-sustainable-future",
        "case-studies",
        {"caseStudy": ID + CASE, "themeName": "sustainable development", "partial": True},
        CASE,
        "contents-future",
    ),
    Stated(
        "case-study-digital-technology",
        "case-studies",
        {"caseStudy": ID + CASE, "themeName": "digital technology", "partial": True},
        CASE,
        "contents-digital",
    ),
    Stated(
        "case-study-culture",
        "case-studies",
        {"caseStudy": ID + CASE, "themeName": "culture", "partial": True},
        CASE,
        "contents-culture",
    ),
    presented(
        "presented-flexible-spaces",
        "flexible-spaces-for-learning",
        "Flexible Spaces for Learning",
        "flexible-spaces",
        None,
    ),
    presented(
        "presented-me-and-mycity",
        "me-and-mycity",
        "Me and MyCity",
        "me-and-mycity",
        "primary school students",
    ),
    presented(
        "presented-library-makerspaces",
        "library-makerspaces",
        "Library Makerspaces",
        "library-makerspaces",
        None,
    ),
    presented(
        "presented-konsti",
        "konsti-family-support",
        "Konsti Family Support",
        "konsti-family-support",
        "families",
    ),
    presented(
        "presented-digital-meeting-place",
        "digital-meeting-place-for-senior-citizens",
        "Digital meeting place for senior citizens",
        "digital-meeting-place",
        "senior citizens",
    ),
    presented(
        "presented-energy-information-system",
        "energy-information-system",
        "Energy information system of Espoo",
        "energy-information-system",
        None,
    ),
    partner_group("citizens"),
    partner_group("educational-organisations"),
    partner_group("enterprises"),
    partner_group("associations"),
    partner_group("communities"),
    declared("approach", "partner-groups", "partner-groups", certainty="implied"),
    declared("approach", "open-development", "offer", certainty="implied"),
    declared("approach", "open-development", "expertise", certainty="implied"),
    declared("approach", "learning-support", "support", certainty="implied"),
    declared("approach", "answers-to-challenges", "answers", by=CITY, certainty=None),
    declared("role", "role-of-city", "role", certainty="implied"),
    declared("goal", "competent-resident", "aim", certainty="implied"),
    declared("goal", "competent-resident", "sustainable-living", certainty="implied"),
    declared("value", "significance-of-learning", "significance", by=CITY, certainty=None),
    declared("value", "learning-through-life", "enabling", certainty="implied"),
    declared("principle", "sustainable-society", "sustainable-society", certainty="implied"),
    declared("principle", "innovations-with-partners", "innovations", certainty="implied"),
    declared("self-description", "pioneering-learning-cities", "aspirations", certainty="implied"),
    declared("self-description", "pioneering-learning-cities", "pioneering", certainty="implied"),
    declared("self-description", "forerunner", "headline", certainty="implied"),
    declared("self-description", "example", "heading-example", certainty="implied"),
    declared("challenge", "challenges", "challenges", by=CITY, certainty=None),
    declared("experience", "experience", "presented", by=CITY, certainty=None),
    declared("experience", "way-of-working", "seminar", by=CITY, certainty=None),
    Stated(
        "seminar",
        "events",
        {
            "event": f"{ID}event/espoo-expert-seminar",
            "kindName": "seminar",
            "start": None,
            "place": None,
            "partOf": None,
        },
        "event/espoo-expert-seminar",
        "seminar",
    ),
    Stated(
        "seminar-experts",
        "conference-participation",
        {"event": f"{ID}event/espoo-expert-seminar", "roleName": "audience"},
        "participation/experts-espoo-expert-seminar",
        "seminar",
    ),
    # What the release leaves ambiguous.
    uncertain("disputed", "unesco-gnlc-start-2014", (NETWORK, f"{LCG}startDate"), 2014, "network"),
    uncertain("implied", "iclc-1-year", ("event/iclc-1", f"{LCG}date"), 2013, "first-conference"),
    uncertain(
        "implied", "iclc-2-day", ("event/iclc-2", f"{LCG}date"), date(2015, 9, 28), "place-and-day"
    ),
    uncertain(
        "implied",
        "fi-espoo-network-intention-year",
        ("declaration/fi-espoo-network-intention", f"{LCG}date"),
        2013,
        "first-conference",
    ),
    uncertain(
        "implied",
        "fi-espoo-competent-resident-plan",
        ("declaration/fi-espoo-competent-resident", f"{LCG}expressedIn"),
        ID + PLAN,
        "plan-pledge",
    ),
    uncertain(
        "implied",
        "fi-espoo-me-and-mycity-city",
        ("initiative/fi-espoo-me-and-mycity", f"{LCG}city"),
        ID + CITY,
        "me-and-mycity",
    ),
    uncertain(
        "inferred",
        "unesco-learning-city-award-name",
        (AWARD, f"{SKOS}prefLabel"),
        "UNESCO Learning City Award",
        "reward",
    ),
    uncertain(
        "inferred",
        "unesco-learning-city-award-2015-fi-espoo-edition",
        (CONFERRAL, f"{LCG}edition"),
        f"{ID}{AWARD}-2015",
        "reward",
    ),
    uncertain(
        "inferred",
        "unesco-gnlc-name",
        (NETWORK, f"{SKOS}prefLabel"),
        "UNESCO Global Network of Learning Cities",
        "network",
    ),
    uncertain(
        "inferred",
        "fi-espoo-challenges-declarer",
        ("declaration/fi-espoo-challenges", f"{LCG}declaredBy"),
        ID + CITY,
        "challenges",
    ),
]


@cache
def espoo() -> lcgraph.Graph:
    return lcgraph.Graph().load(ESPOO, *SCHEMES)


def by_name(stated: Stated) -> str:
    return f"{stated.name}-{stated.passage}"


@pytest.mark.parametrize("stated", STATEMENTS, ids=by_name)
def test_statement_is_answered(stated: Stated) -> None:
    rows = espoo().query(stated.question, **stated.values).dicts()
    assert any(stated.row == {name: row[name] for name in stated.row} for row in rows), rows


@pytest.mark.parametrize("stated", STATEMENTS, ids=by_name)
def test_statement_rests_on_its_passage(stated: Stated) -> None:
    rows = espoo().query("evidence-of-record", record=ID + stated.record).dicts()
    assert f"{ID}span/espoo-2015-{stated.passage}" in [row["passage"] for row in rows]


def test_each_passage_is_named_by_a_statement() -> None:
    passages = {q.subject.value for q in triples(ESPOO) if q.object.value == LCG + "EvidenceSpan"}
    named = {f"{ID}span/espoo-2015-{stated.passage}" for stated in STATEMENTS}
    # The date line and two of the three headings say nothing that another passage does not.
    silent = {"published", "heading-together", "heading-residents"}
    assert passages - named == {f"{ID}span/espoo-2015-{slug}" for slug in silent}


def test_membership_of_espoo_is_not_stated() -> None:
    assert len(espoo().query("members-of-network", network=ID + NETWORK)) == 0


def test_an_office_is_attested_on_its_day_alone() -> None:
    assert len(espoo().query("office-holders", day=date(2015, 9, 29))) == 2
    assert len(espoo().query("office-holders", day=date(2015, 9, 30))) == 0


def test_the_rival_years_of_the_network_are_kept_apart() -> None:
    rows = espoo().query("network-facts").dicts()
    years = {row["value"]: row["asserted"] for row in rows if row["property"] == LCG + "startDate"}
    assert years == {2013: False, 2014: True, 2015: False}
    assert len(espoo().query("conflicting-statements")) == 3


# ---------- Every record of the hand-written data ----------


@cache
def triples(path: Path) -> list[Any]:  # quads; of RDF 1.1, which their type does not say
    return list(ox.parse(path=path, format=ox.RdfFormat.TURTLE))


def records(path: Path) -> dict[str, dict[str, list[Term]]]:
    """The subjects of a file, each with its values by property."""
    found: dict[str, dict[str, list[Term]]] = defaultdict(lambda: defaultdict(list))
    for quad in triples(path):
        found[quad.subject.value][quad.predicate.value].append(quad.object)
    return found


def types(values: dict[str, list[Term]]) -> set[str]:
    return {term.value.removeprefix(LCG) for term in values[RDF + "type"]}


@pytest.mark.parametrize("path", [ESPOO, *EXAMPLES], ids=lambda path: path.stem)
def test_every_record_has_a_source_that_is_described(path: Path) -> None:
    described = records(path)
    for record, values in described.items():
        assert record.startswith(ID)
        assert types(values), f"{record} has no type"
        if not types(values) & {"SourceDocument", "EvidenceSpan"}:
            assert values[SOURCE], f"{record} has no source"
        for source in values[SOURCE]:
            assert "SourceDocument" in types(described[source.value]), f"{source} is not described"


def test_every_record_drawn_from_the_release_has_a_passage() -> None:
    described = records(ESPOO)
    for record, values in described.items():
        if ID + "source/espoo-2015" in [source.value for source in values[SOURCE]]:
            assert values[LCG + "evidence"], f"{record} has no passage"
        for passage in values[LCG + "evidence"]:
            assert "EvidenceSpan" in types(described[passage.value])


@pytest.mark.parametrize("path", [ESPOO, *EXAMPLES], ids=lambda path: path.stem)
def test_links_between_records_lead_somewhere(path: Path) -> None:
    described = records(path)
    for quad in triples(path):
        if isinstance(quad.object, ox.NamedNode) and quad.object.value.startswith(ID):
            assert quad.object.value in described, quad


@pytest.mark.parametrize("path", [ESPOO, *EXAMPLES], ids=lambda path: path.stem)
def test_every_statement_not_disputed_has_its_triple(path: Path) -> None:
    held = {(q.subject, q.predicate, q.object) for q in triples(path)}
    seen = 0
    for record, values in records(path).items():
        if "Statement" not in types(values):
            continue
        seen += 1
        triple = tuple(values[RDF + part][0] for part in ("subject", "predicate", "object"))
        (certainty,) = values[LCG + "certainty"]
        assert certainty.value != DEF + "certainty/stated", f"{record} needs no statement"
        assert triple in held or certainty.value == DEF + "certainty/disputed", record
    assert seen or path.stem == "first-conference"


@pytest.mark.parametrize("path", [ESPOO, *EXAMPLES], ids=lambda path: path.stem)
def test_conflicts_are_recorded_both_ways(path: Path) -> None:
    pairs = {
        (q.subject.value, q.object.value)
        for q in triples(path)
        if q.predicate.value == LCG + "conflictsWith"
    }
    assert pairs == {(other, one) for one, other in pairs}
    assert pairs or path.stem == "first-conference"


@pytest.mark.parametrize("path", [ESPOO, *EXAMPLES, *SCHEMES], ids=lambda path: path.stem)
def test_no_blank_nodes(path: Path) -> None:
    nodes = {type(term) for quad in triples(path) for term in (quad.subject, quad.object)}
    assert ox.BlankNode not in nodes


@pytest.mark.parametrize("path", [ESPOO, *EXAMPLES, *SCHEMES], ids=lambda path: path.stem)
def test_language_tags_are_lower_case(path: Path) -> None:
    # Looked for in the file as written: the parser lowers the case of a tag.
    tags = set(re.findall(r'"@([A-Za-z]+(?:-[A-Za-z0-9]+)*)', path.read_text(encoding="utf-8")))
    assert tags
    assert tags == {tag.lower() for tag in tags}


# ---------- Passages, against the length and against the text ----------


class Passage(NamedTuple):
    start: int
    end: int
    words: int
    digest: str
    document: str


def passages() -> dict[str, Passage]:
    found = {}
    for record, values in records(ESPOO).items():
        if "EvidenceSpan" in types(values):
            one = {name.removeprefix(LCG): terms[0].value for name, terms in values.items()}
            found[record] = Passage(
                int(one["startOffset"]),
                int(one["endOffset"]),
                int(one["wordCount"]),
                one["wordDigest"],
                one["inDocument"],
            )
    return found


def normalised(text: str) -> str:
    """The words of a text as lcg:EvidenceSpan says, with one blank between them."""
    return re.sub(r"[\W_]+", " ", unicodedata.normalize("NFC", text).lower()).strip()


def article() -> str:
    """The text as captured: no line end is translated, since offsets count what is there."""
    with ARTICLE.open(encoding="utf-8", newline="") as file:
        return file.read()


def test_every_passage_lies_inside_its_document() -> None:
    documents = records(ESPOO)
    found = passages()
    assert found
    for record, passage in found.items():
        (length,) = documents[passage.document][LCG + "codePointCount"]
        assert 0 <= passage.start < passage.end <= int(length.value), record
        assert re.fullmatch(r"[0-9a-f]{64}", passage.digest), record


@needs_article
def test_document_is_the_file_that_was_captured() -> None:
    described = records(ESPOO)[ID + "source/espoo-2015"]
    (digest,) = described[LCG + "sha256"]
    (length,) = described[LCG + "codePointCount"]
    assert digest.value == hashlib.sha256(ARTICLE.read_bytes()).hexdigest()
    assert int(length.value) == len(article())


@needs_article
@pytest.mark.parametrize("record", sorted(passages()), ids=lambda iri: iri.rpartition("/")[2])
def test_passage_is_the_words_of_the_text(record: str) -> None:
    passage = passages()[record]
    text = article()
    words = normalised(text[passage.start : passage.end])
    assert len(words.split(" ")) == passage.words
    assert hashlib.sha256(words.encode()).hexdigest() == passage.digest
    # A passage begins and ends with a whole word.
    assert not re.match(r"\w\w", text[max(passage.start - 1, 0) : passage.start + 1]) or (
        passage.start == 0
    )
    assert not re.fullmatch(r"\w\w", text[passage.end - 1 : passage.end + 1])


@needs_article
def test_passages_cover_the_text() -> None:
    covered = sum(passage.end - passage.start for passage in passages().values())
    assert covered / len(article()) > 0.9


# ---------- No run of eight words of the release anywhere in the project ----------


def runs(text: str) -> Iterator[str]:
    words = normalised(text).split(" ")
    for start in range(len(words) - RUN + 1):
        yield " ".join(words[start : start + RUN])


def copied(text: str, forbidden: frozenset[str]) -> list[str]:
    return [run for run in runs(text) if run in forbidden]


def project_files() -> Iterable[Path]:
    folders = (ROOT / name for name in PUBLISHED)
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return [*(p for p in files if "__pycache__" not in p.parts), *ROOT.glob("*.md")]


def readable(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:  # not a text
        return None


@needs_article
def test_no_sentence_of_the_release_is_in_the_project() -> None:
    forbidden = frozenset(runs(article()))
    texts = {path: readable(path) for path in project_files()}
    found = {
        str(path.relative_to(ROOT)): copies
        for path, text in texts.items()
        if text and (copies := copied(text, forbidden))
    }
    assert not found
    assert sum(text is not None for text in texts.values()) > 50


@needs_article
def test_a_copied_sentence_would_be_found() -> None:
    forbidden = frozenset(runs(article()))
    eight = normalised(article()).split(" ")[100 : 100 + RUN]
    assert copied(f"# so: {'_'.join(eight).upper()}!", forbidden) == [" ".join(eight)]
    assert not copied(" ".join(eight[1:]), forbidden)
