"""Lexical spaces, held against an engine that we did not write; and what was meant by slips."""

from __future__ import annotations

import re
from typing import Any

import polars as pl
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lcgraph.lexical import BOUNDS, SPACES, XML_LITERAL, XSD, well_formed
from lcgraph.mending import explain, mended

WELL_FORMED = {
    "boolean": ["true", "false", "1", "0"],
    "decimal": ["1", "+1.", "-.5", "00.10"],
    "double": ["INF", "+INF", "-INF", "NaN", "1e3", ".5E-2"],
    "date": ["0000-01-01", "-0004-02-29", "12015-09-08", "2016-02-29Z", "2015-09-08+14:00"],
    "time": ["24:00:00", "24:00:00.0Z", "23:59:59.999"],
    "dateTime": ["2015-09-08T24:00:00", "2015-09-08T00:00:00-13:59"],
    "duration": ["P1Y", "-P1M2D", "PT0.5S", "P1DT1H"],
    "base64Binary": ["", "YWJj", "YQ==", "Y Q = =", "YWI=", "Y W J j"],
    "hexBinary": ["", "0fB7"],
    "token": ["", "a b"],
    "language": ["en", "x-klingon", "abcdefgh-1"],
    "anyURI": ["", "a b", "http://ex.org/ü"],
    "string": ["", "\t\n ", "\x01"],
}
ILL_FORMED = {
    "boolean": ["TRUE", "yes", " true", "true\n"],
    "decimal": ["", ".", "1,5", "1e3", "INF"],
    "integer": ["1.0", "20I9", "٣", " 1"],
    "double": ["inf", "++INF", "+NaN", "1e"],
    "date": [
        "2015-9-8",
        "015-09-08",
        "02015-09-08",
        "2015-02-29",
        "2015-09-08+14:01",
        "2015-00-01",
    ],
    "time": ["24:00:01", "9:00:00", "23:60:00"],
    "dateTime": ["2015-09-08", "2015-09-08 10:00:00", "2015-09-08T10:00"],
    "dateTimeStamp": ["2015-09-08T10:00:00"],
    "duration": ["P", "PT", "P1S", "P1.5Y", "P1YT"],
    "yearMonthDuration": ["P1D"],
    "dayTimeDuration": ["P1Y"],
    "gMonthDay": ["--02-30", "--04-31"],
    "byte": ["128", "-129"],
    "positiveInteger": ["0"],
    "base64Binary": ["Y", "YQ", "YQ=", "YR==", "YWJ=", "YWJj ", "Y  W J j"],
    "hexBinary": ["0", "0g"],
    "token": [" a", "a  b", "a\n"],
    "normalizedString": ["a\tb"],
    "language": ["en_GB", "abcdefghi"],
    "NCName": ["a:b", "1a"],
    "string": ["\x00", "\ufffe"],
}


def _cases(table: dict[str, list[str]]) -> list[tuple[str, str]]:
    return [(name, text) for name, texts in table.items() for text in texts]


@pytest.mark.parametrize(("name", "text"), _cases(WELL_FORMED))
def test_what_a_datatype_allows_is_well_formed(name: str, text: str) -> None:
    assert well_formed(text, XSD + name)


@pytest.mark.parametrize(("name", "text"), _cases(ILL_FORMED))
def test_what_it_does_not_allow_is_ill_formed(name: str, text: str) -> None:
    assert not well_formed(text, XSD + name)


# Pieces that texts of a family of datatypes are made of, right ones and wrong ones.
_NUMBERS = [
    "+",
    "-",
    "1",
    "0",
    ".",
    "e",
    "E",
    "INF",
    "NaN",
    "12",
    "true",
    "false",
    "999",
    "128",
    "127",
    "255",
    "256",
    "32768",
    "2147483648",
]
_DATES = [
    "2015",
    "-",
    "09",
    "08",
    "Z",
    "+",
    "14:00",
    "02",
    "29",
    "30",
    "0000",
    "-0004",
    "20",
    "1",
    "00",
    "31",
    "04",
    "T",
    "13:59",
    "2000",
    "1900",
]
_TIMES = [
    "24:00:00",
    ".0",
    ".5",
    "23",
    "59",
    ":",
    "00",
    "60",
    "Z",
    "-14:00",
    "+05:30",
    "2015-09-08",
    "T",
    "2015-02-29",
    "-",
]
_DURATIONS = ["-", "P", "T", "1", "Y", "M", "D", "H", "S", ".5", "0", "12"]
_BYTES = [*"ABQgw=+/E0afG", " "]
_WORDS = [*"aB-:_.1é·~x", "abcdefgh", "\u0300"]
_FAMILIES = [
    (_DATES, "date gYear gMonth gDay gYearMonth gMonthDay", 6),
    (_TIMES, "time dateTime dateTimeStamp", 6),
    (_DURATIONS, "duration yearMonthDuration dayTimeDuration", 8),
    (_BYTES, "base64Binary hexBinary", 9),
    (_WORDS, "language Name NCName NMTOKEN", 5),
    (
        _NUMBERS,
        " ".join(
            ["boolean decimal integer double float", *(kind.removeprefix(XSD) for kind in BOUNDS)]
        ),
        5,
    ),
]
_PIECES = {XSD + name: (p, most) for p, names, most in _FAMILIES for name in names.split()}
# These texts may hold anything but white space that their datatypes take away.
_FREE = {XSD + name for name in ("string", "anyURI", "normalizedString", "token")}


@pytest.fixture(scope="module")
def builtin() -> Any:
    """The built-in datatypes of XML Schema 1.1, as xmlschema has them."""
    import xmlschema

    return xmlschema.XMLSchema11.builtin_types()


def test_every_datatype_that_rdf_lists_has_its_lexical_space() -> None:
    assert {*_PIECES, *_FREE} == set(SPACES)


@pytest.mark.parametrize("datatype", sorted(_PIECES))
@given(data=st.data())
def test_a_text_is_well_formed_where_xmlschema_says_so(
    builtin: Any, datatype: str, data: st.DataObject
) -> None:
    pieces, most = _PIECES[datatype]
    text = data.draw(st.lists(st.sampled_from(pieces), max_size=most).map("".join))
    # xmlschema takes white space away first, which no lexical space has in it.
    assume(text == " ".join(text.split()))
    # It reads years of more than nine digits as wrong, and takes P0D for months, and P0M for days.
    assume(not re.match("-?[0-9]{10}", text))
    assume(not re.fullmatch("-?P0+[DMY]|-?PT0.*", text))
    name = datatype.removeprefix(XSD)
    assert well_formed(text, datatype) == builtin[name].is_valid(text)


@given(st.sampled_from(sorted(SPACES)), st.data())
def test_columns_judge_as_single_texts_are_judged(datatype: str, data: st.DataObject) -> None:
    from lcgraph.columns import well_formed_texts

    pieces = [*_PIECES.get(datatype, (_WORDS, 5))[0], "\t", "\n", "\x00", "\ufffe", "\U00010000"]
    one = st.lists(st.sampled_from(pieces), max_size=6).map("".join)
    texts = data.draw(st.lists(one, max_size=40)) + WELL_FORMED.get(datatype.removeprefix(XSD), [])
    judged = well_formed_texts(pl.Series(texts, dtype=pl.String), datatype).to_list()
    assert judged == [well_formed(text, datatype) for text in texts]


@pytest.mark.parametrize("bound", [b for bounds in BOUNDS.values() for b in bounds if b])
def test_a_bound_is_the_last_value_within(bound: int) -> None:
    for datatype, (least, greatest) in BOUNDS.items():
        for value in (bound - 1, bound, bound + 1):
            inside = (least is None or value >= least) and (greatest is None or value <= greatest)
            assert well_formed(str(value), datatype) == inside


def test_a_number_of_thousands_of_digits_is_judged_too() -> None:
    long = "9" * 5000
    assert well_formed(long, XSD + "positiveInteger")
    assert well_formed(f"-{long}", XSD + "negativeInteger")
    assert not well_formed(long, XSD + "long")
    assert well_formed(f"{'0' * 5000}7", XSD + "byte")
    assert well_formed(f"1{long}-02-28", XSD + "date")
    assert not well_formed(f"1{long}-02-29", XSD + "date")
    assert "must be" in explain(long, XSD + "long")[0]
    assert "has no such day" in explain(f"1{long}-02-29", XSD + "date")[0]


def test_xml_content_is_well_balanced_and_html_is_free() -> None:
    for text in ("", "plain", "<b>bold</b> &amp; <i/>", "<a xmlns:e='http://e/'><e:b/></a>"):
        assert well_formed(text, XML_LITERAL)
    for text in ("<b>", "</x><x>", "R & D", "<e:b/>", "<!DOCTYPE x><x/>", "\x00"):
        assert not well_formed(text, XML_LITERAL)
        assert "rdf:XMLLiteral" in explain(text, XML_LITERAL)[0]
        assert well_formed(text, XML_LITERAL.replace("XMLLiteral", "HTML"))


@pytest.mark.parametrize(
    ("text", "name", "meant", "kind"),
    [
        ("2015-9-8", "date", "2015-09-08", "date"),
        ("8.9.2015", "date", "2015-09-08", "date"),
        ("20150908", "date", "2015-09-08", "date"),
        ("13/09/2015", "date", "2015-09-13", "date"),
        ("2016", "date", "2016", "gYear"),
        ("2016-03", "date", "2016-03", "gYearMonth"),
        ("2015-09-08T10:00:00Z", "date", "2015-09-08T10:00:00Z", "dateTime"),
        ("2015-09-08 10:00", "dateTime", "2015-09-08T10:00:00", "dateTime"),
        ("2015-09-08T10:00:00+0200", "dateTime", "2015-09-08T10:00:00+02:00", "dateTime"),
        ("20I9", "gYear", "2019", "gYear"),
        ("8", "gDay", "---08", "gDay"),
        ("yes", "boolean", "true", "boolean"),
        ("1,5", "decimal", "1.5", "decimal"),
        ("1.000,5", "decimal", "1000.5", "decimal"),
        ("1 000", "integer", "1000", "integer"),
        ("5.5", "integer", "5.5", "decimal"),
        ("1e3", "decimal", "1e3", "double"),
        ("en_GB", "language", "en-GB", "language"),
        ("YQ", "base64Binary", "YQ==", "base64Binary"),
    ],
)
def test_a_frequent_slip_is_mended(text: str, name: str, meant: str, kind: str) -> None:
    assert mended(text, XSD + name) == (meant, XSD + kind)
    assert explain(text, XSD + name)[1] == f'Did you mean "{meant}"^^xsd:{kind}?'


@pytest.mark.parametrize(
    ("text", "name"),
    [("08/09/2015", "date"), ("1,000", "integer"), ("10.000", "integer"), ("x", "gYear")],
)
def test_what_could_mean_two_things_is_not_guessed_at(text: str, name: str) -> None:
    assert mended(text, XSD + name) is None
    assert "is written as" in explain(text, XSD + name)[1]


@given(st.sampled_from(sorted(SPACES)), st.text(alphabet="0123456789-+.,:/TZPxIO= e", max_size=12))
def test_what_is_proposed_is_always_well_formed(datatype: str, text: str) -> None:
    if well_formed(text, datatype):
        return
    message, hint = explain(text, datatype)
    assert message.startswith(f'"{text}" is no xsd:')
    assert hint.endswith((".", "?"))
    if (found := mended(text, datatype)) is not None:
        assert well_formed(*found)
    if datatype in BOUNDS and "must be" in message:
        assert hint == "Correct the number or the datatype."
