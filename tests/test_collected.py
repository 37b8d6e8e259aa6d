"""The collected facts against the graph, both ways: no row is lost on the way, and none is new.

Asked of the graph and not of the tables that it is built from. What was changed on the way stands in
data/CHANGES.md; the cells that it names are the constants here.
"""

from __future__ import annotations

import csv
import re
from functools import cache

import pytest
from conftest import ROOT, SHARED

import lcgraph

ID = "https://w3id.org/lcgraph/id/"
DEF = "https://w3id.org/lcgraph/def/"
GNLC = f"<{ID}network/unesco-gnlc>"
#: Pages added for the rules of the award.
ADDED_SOURCES = frozenset(
    [
        "fundsforngos-award2017",
        "fundsforngos-award2024",
        "opportunitydesk-award2024",
        "uil-award-rules-2019",
        "uil-award-rules-2021",
    ]
)

#: Names that the graph has in another way than the collected facts; data/CHANGES.md says why.
OTHER_NAMES = {
    "PASCAL International Observatory": "PASCAL Observatory",
    "Yeonsu-gu (Incheon)": "Yeonsu-gu",
    "City of Medellín": "Municipality of Medellín",
    "City of Sonderborg": "City of Sønderborg",
    "Learning City-Region Forum": "Learning City-Region Forum Pécs",
    "Mexican Network of Learning Cities": "Red de Ciudades del Aprendizaje de México",
    "National University of Colombia (Manizales)": "National University of Colombia",
    "Wakefield": "Wakefield District",
}
#: Initiatives whose name is that of data/espoo-2015.ttl.
OTHER_INITIATIVES = {
    "Espoo energy information system": "Energy information system of Espoo",
    "Konsti Family Support concept": "Konsti Family Support",
}

Row = dict[str, str]


@cache
def collected(name: str) -> list[Row]:
    path = SHARED / "data" / "gnlc" / f"{name}.csv"
    if not path.exists():
        pytest.skip(f"the collected facts, ../shared/data/gnlc/{name}.csv, are not here")
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def changes() -> str:
    return (ROOT / "data" / "CHANGES.md").read_text(encoding="utf-8")


def found(where: str, *names: str) -> list[tuple[str, ...]]:
    """What a pattern finds in the dataset, as texts; an empty one where a variable is unbound."""
    select = f"SELECT {' '.join(f'?{name}' for name in names)} {{ {where} }}"
    rows = lcgraph.dataset().query(select).rows()
    return [tuple("" if value is None else str(value) for value in row) for row in rows]


def slug(text: str) -> str:
    return text.lower().replace(" and the ", "-").replace(" and ", "-").replace(" ", "-")


@cache
def cities() -> dict[str, tuple[str, str]]:
    """The name and the country of each city."""
    where = """?c a lcg:City ; skos:prefLabel ?n . FILTER(LANG(?n) = "en")
               OPTIONAL { ?c lcg:country/skos:prefLabel ?country }"""
    return {city: (name, country) for city, name, country in found(where, "c", "n", "country")}


def sources() -> dict[str, set[str]]:
    """The keys of the sources of each record."""
    keys: dict[str, set[str]] = {}
    for record, source in found("?r dcterms:source ?s", "r", "s"):
        keys.setdefault(record, set()).add(source.removeprefix(f"{ID}source/"))
    return keys


def place(row: Row) -> tuple[str, str]:
    return row["city"], row["country"]


def test_sources() -> None:
    where = """?s a lcg:SourceDocument . OPTIONAL { ?s dcterms:title ?title }
               OPTIONAL { ?s foaf:page ?page } OPTIONAL { ?s dcterms:issued ?issued }
               OPTIONAL { ?s lcg:accessedOn ?read }"""
    here = {
        source.removeprefix(f"{ID}source/"): facts
        for source, *facts in found(where, "s", "title", "page", "issued", "read")
    }
    there = {
        row["key"]: [row["title"], row["url"], row["date_of_page"], row["accessed"]]
        for row in collected("sources")
    }
    assert here.keys() - ADDED_SOURCES == there.keys()
    differing = {key for key in there if here[key] != there[key]}
    assert differing == {"espoo-2015"}  # its title is a headline, and not repeated
    assert here["espoo-2015"][1:] == there["espoo-2015"][1:]


def test_members() -> None:
    where = f"""?m a lcg:NetworkMembership ; org:organization {GNLC} ; org:member ?c ;
                lcg:membershipStatus ?status . ?c lcg:unescoRegion ?region ; lcg:adminKind ?kind .
                OPTIONAL {{ ?m lcg:startDate ?year }}
                OPTIONAL {{ ?c lcg:country/skos:notation ?code }}"""
    columns = ("m", "c", "code", "region", "kind", "status", "year")
    keys = sources()
    here = {
        cities()[city]: (code, *(iri.rpartition("/")[2] for iri in iris), year, keys[membership])
        for membership, city, code, *iris, year in found(where, *columns)
    }
    there = {
        place(row): (
            row["iso2"],
            slug(row["unesco_region"]),
            slug(row["unit_type"]),
            slug(row["status"]),
            row["year_joined"],
            set(row["source"].split(";")),
        )
        for row in collected("members")
    }
    assert len(there) == len(collected("members")) == 388
    assert here == there


def test_awards() -> None:
    where = """?k a lcg:AwardConferral ; lcg:recipient ?c ; lcg:date ?day ; lcg:edition/lcg:year ?year ;
               lcg:presentedAt/lcg:heldIn ?at ."""
    keys = sources()
    here = {
        (*cities()[city], year): (day, cities()[at][0], keys[conferral])
        for conferral, city, year, day, at in found(where, "k", "c", "year", "day", "at")
    }
    there = {(*place(row), row["edition"]): row for row in collected("awards")}
    assert here.keys() == there.keys()
    assert len(here) == 58
    for key, (day, at, names) in here.items():
        assert (day, at) == (there[key]["conferment_date"], there[key]["conferment_place"])
        assert names >= set(there[key]["source"].split(";"))


def test_conferences() -> None:
    where = """?e a lcg:Event ; lcg:sequenceNumber ?number ; lcg:motto ?motto ; lcg:heldIn ?c ;
               lcg:startDate ?start ; lcg:endDate ?end ."""
    columns = ("e", "number", "motto", "c", "start", "end")
    keys = sources()
    here = {
        number: (motto, *cities()[city], start, end, keys[event])
        for event, number, motto, city, start, end in found(where, *columns)
    }
    there = {
        row["number"]: (
            row["theme"],
            *place(row),
            row["start"],
            row["end"],
            set(row["source"].split(";")),
        )
        for row in collected("conferences")
    }
    assert here.keys() == there.keys()
    for number, (*facts, keys_here) in here.items():
        *facts_there, keys_there = there[number]
        # The article on Espoo speaks of the first conference too.
        assert keys_here - {"espoo-2015"} == keys_there - {"espoo-2015"}
        facts_there[1] = OTHER_NAMES.get(facts_there[1], facts_there[1])
        assert facts == facts_there


def test_outcomes_organisers_and_participants_of_conferences() -> None:
    titles: dict[str, set[str]] = {}
    where = "?p lcg:issuedFor/lcg:sequenceNumber ?number ; dcterms:title ?title"
    for number, title in found(where, "number", "title"):
        titles.setdefault(number, set()).add(title)
    bodies: dict[str, set[str]] = {}
    for number, body in found("?e lcg:sequenceNumber ?number ; lcg:organizer ?o", "number", "o"):
        bodies.setdefault(number, set()).add(body)
    totals: dict[str, set[str]] = {}
    where = "?claim lcg:about/lcg:sequenceNumber ?number ; lcg:value ?value"
    for number, value in found(where, "number", "value"):
        totals.setdefault(number, set()).add(value)
    for row in collected("conferences"):
        number = row["number"]
        outcomes = {title.strip() for title in row["outcome_document"].split(";") if title}
        assert {title.partition(" (")[0] for title in outcomes} <= titles.get(number, set()) | {""}
        assert len(bodies[number]) == len(row["organisers"].split(";"))
        assert set(re.findall(r"\d+", row["participants"].replace(",", ""))) <= totals.get(
            number, set()
        )


def test_key_features() -> None:
    where = f"""?f skos:inScheme <{DEF}kf> ; skos:notation ?id ; skos:prefLabel ?label ;
                skos:definition ?text . OPTIONAL {{ ?f skos:broader/skos:notation ?area }}"""
    here = {row[0]: row[1:] for row in found(where, "id", "area", "label", "text")}
    there = {
        row["id"]: (
            row["area_id"],
            row["short_label"],
            f"{row['explanation_own_words'][0].upper()}{row['explanation_own_words'][1:]}.",
        )
        for row in collected("key_features")
    }
    assert here == there


def test_clusters() -> None:
    where = f"""?n org:subOrganizationOf {GNLC} ; skos:prefLabel ?name .
                ?claim lcg:about ?n ; lcg:value ?members .
                OPTIONAL {{ ?m org:organization ?n ; org:member ?c ; org:role ?role }}"""
    here = {
        (name, members, *(cities()[city] if city else ("", "")))
        for name, members, city in found(where, "name", "members", "c")
    }
    there = {
        (f"GNLC cluster on {row['cluster'].lower()}", row["member_cities_claimed"], *place(row))
        for row in collected("clusters")
    }
    assert here == there


def test_initiatives() -> None:
    where = """?i a lcg:Initiative ; lcg:city ?c ; skos:prefLabel ?name .
               OPTIONAL { ?i dcterms:description ?text } OPTIONAL { ?i lcg:startDate ?year }
               OPTIONAL { ?i lcg:assignedFeature/skos:notation ?feature }"""
    columns = ("i", "c", "name", "text", "feature", "year")
    keys = sources()
    here = {
        (*cities()[city], name): (text, feature, year, keys[initiative])
        for initiative, city, name, text, feature, year in found(where, *columns)
    }
    there = {
        (*place(row), OTHER_INITIATIVES.get(row["name"], row["name"])): (
            row["description"],
            row["key_feature"],
            row["start_year"],
            set(row["source"].split(";")),
        )
        for row in collected("initiatives")
    }
    assert len(there) == len(collected("initiatives")) == 408
    assert here.keys() == there.keys()
    # Those of the news release go without a description that says more than it does.
    of_espoo = {key for key in here if here[key][0] != there[key][0]}
    assert {key[0] for key in of_espoo} == {"Espoo"}
    assert len(of_espoo) == 6
    assert {key: here[key][1:] for key in here} == {key: there[key][1:] for key in there}


@pytest.mark.parametrize(
    ("column", "scheme"), [("theme", "theme"), ("target_group", "target-group")]
)
def test_wordings_of_themes_and_groups(column: str, scheme: str) -> None:
    """Each wording is a name of the concepts that the initiative has got for it."""
    where = f"""?k skos:inScheme <{DEF}{scheme}> ; skos:prefLabel|skos:altLabel|lcg:nameAsGiven ?n ;
                skos:prefLabel ?label . FILTER(LANG(?label) = "en")"""
    concepts: dict[str, set[str]] = {}
    for concept, name in found(where, "k", "n"):
        concepts.setdefault(name, set()).add(concept)
    where = f"""?i a lcg:Initiative ; skos:prefLabel ?name ; lcg:city ?c ; ?property ?k .
                ?k skos:inScheme <{DEF}{scheme}>"""
    has: dict[tuple[str, ...], set[str]] = {}
    for city, name, concept in found(where, "c", "name", "k"):
        has.setdefault((*cities()[city], name), set()).add(concept)
    given = 0
    for row in collected("initiatives"):
        if row[column]:
            key = (*place(row), OTHER_INITIATIVES.get(row["name"], row["name"]))
            assert concepts.get(row[column], set()) & has[key], (row[column], key)
            given += 1
    assert given > 300


def test_names() -> None:
    where = "?c a lcg:City ; skos:prefLabel|skos:altLabel ?name . BIND(LANG(?name) AS ?lang)"
    here = {(*cities()[city], name, lang) for city, name, lang in found(where, "c", "name", "lang")}
    there = {(*place(row), row["name"], row["lang"]) for row in collected("names")}
    labels = {(name, country, name, "en") for name, country in cities().values()}
    assert here == there | labels


#: Roles that say no more than that a body is a partner, or the administration of the city.
PLAIN_ROLES = frozenset(
    ["partner", "partner city", "learning city", "council of the learning city"]
)
#: Groups of the news release, which are target groups and no bodies.
GROUPS_OF_ESPOO = frozenset(
    [
        "Associations and communities of Espoo",
        "Citizens of Espoo",
        "Educational organizations of Espoo",
        "Enterprises of Espoo",
    ]
)


@cache
def agents() -> dict[str, set[str]]:
    """The names, without a place added in brackets, of whatever can be a partner."""
    where = """?a skos:prefLabel|lcg:nameAsGiven ?name .
               VALUES ?class { org:Organization foaf:Group lcg:LocalGovernment lcg:City lcg:CityNetwork }
               ?a a ?class . FILTER(LANG(?name) = "en")"""
    names: dict[str, set[str]] = {}
    for agent, name in found(where, "a", "name"):
        names.setdefault(agent, set()).update({name, re.sub(r" \([^()]+\)$", "", name)})
    return names


def test_partners_of_initiatives() -> None:
    where = """?p a lcg:Partnership ; lcg:partner ?a ; lcg:initiative ?i .
               ?i lcg:city ?c ; skos:prefLabel ?name"""
    here: dict[tuple[str, ...], list[str]] = {}
    for city, name, partner in found(where, "c", "name", "a"):
        here.setdefault((*cities()[city], name), []).append(partner)
    there = {
        (*place(row), OTHER_INITIATIVES.get(row["name"], row["name"])): row["partners"].split(";")
        for row in collected("initiatives")
        if row["partners"]
    }
    assert here.keys() == there.keys()
    assert sum(map(len, here.values())) == 281
    for key, names in there.items():
        assert len(here[key]) == len(names), key
        for name in (OTHER_NAMES.get(name.strip(), name.strip()) for name in names):
            assert any(name in agents()[partner] for partner in here[key]), (key, name)


def test_partners() -> None:
    where = """?a a ?class . VALUES ?class { org:Organization lcg:LocalGovernment lcg:City lcg:CityNetwork }
               OPTIONAL { ?a org:classification ?kind } OPTIONAL { ?a lcg:country/skos:prefLabel ?country }
               OPTIONAL { ?a skos:editorialNote ?note }"""
    facts = {agent: rest for agent, *rest in found(where, "a", "class", "kind", "country", "note")}
    by_name: dict[str, set[str]] = {}
    for agent, names in agents().items():
        for name in names:
            by_name.setdefault(name, set()).add(agent)
    # A city has no sources as a partner but those of its partnerships.
    keys, lost = sources(), []
    for partnership, agent in found("?p lcg:partner ?a", "p", "a"):
        keys[agent] = keys[agent] | keys[partnership]
    for row in collected("partners"):
        name = OTHER_NAMES.get(row["name"], row["name"])
        role = row["role"].partition(":")[0].lower()

        def same(agent: str, row: Row = row, role: str = role) -> bool:
            kind, classified, country, note = facts[agent]
            kinds = {"City", "LocalGovernment"} if row["type"] == "government" else set()
            kinds.add(
                {"government": "public-body", "other": ""}.get(row["type"], slug(row["type"]))
            )
            return (
                {classified.rpartition("/")[2], kind.rpartition("#")[2]} & kinds != set()
                and country in {row["country"], ""}
                and keys[agent] >= set(row["source"].split(";"))
                and (role in PLAIN_ROLES or role in note.lower())
            )

        if not any(same(agent) for agent in by_name.get(name, ())) and name not in GROUPS_OF_ESPOO:
            lost.append((name, row["type"], row["role"]))
    assert lost == []


def test_people() -> None:
    where = """?o a lcg:OfficeHolding ; org:member/skos:prefLabel ?person ; lcg:nameAsGiven ?role ;
               org:organization/skos:prefLabel ?body"""
    here = found(where, "role", "person", "body")
    there = [(row["role"], row["person"], row["organisation"]) for row in collected("people_roles")]
    assert sorted(here) == sorted(there)


def test_points_and_matches() -> None:
    where = """?c a lcg:City . OPTIONAL { ?c wgs:lat ?lat ; wgs:long ?long }
               OPTIONAL { ?c skos:exactMatch ?match }"""
    noted = changes()
    rows = {place(row): row for row in collected("geonames")}
    kept = 0
    for city, lat, long, match in found(where, "c", "lat", "long", "match"):
        row = rows[cities()[city]]
        if match:
            assert match == f"https://sws.geonames.org/{row['geonameid']}/"
            assert (float(lat), float(long)) == (float(row["lat"]), float(row["lon"]))
            assert row["match"] in {"exact", "alternate"}
            kept += 1
        else:
            assert not lat
            assert row["match"] in {"ambiguous", "none"} or city.removeprefix(ID) in noted, city
    assert kept == 311


def test_no_population_is_kept() -> None:
    """It is of a place, which is not always the unit that joined."""
    assert found('?s ?p ?o . FILTER(CONTAINS(LCASE(STR(?p)), "population"))', "s") == []
