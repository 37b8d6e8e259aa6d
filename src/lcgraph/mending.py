"""Mending: what is wrong with a text that its datatype does not allow, and what was meant by it."""

from __future__ import annotations

import re
from calendar import month_name
from typing import TYPE_CHECKING

from lcgraph.lexical import BOUNDS, RANGED, XML_LITERAL, XSD, pattern, well_formed

if TYPE_CHECKING:
    from collections.abc import Iterator

#: How a text of each datatype looks; those derived from integers look alike.
_FORMS = {
    "boolean": "true or false",
    "decimal": "digits with a point, such as 1.5",
    "integer": "digits alone, such as 42",
    "double": "digits with a point and an exponent, such as 1.5 or 1.5e3, or as INF, -INF or NaN",
    "float": "digits with a point and an exponent, such as 1.5 or 1.5e3, or as INF, -INF or NaN",
    "date": "YYYY-MM-DD, such as 2015-09-08",
    "time": "hh:mm:ss, such as 09:30:00",
    "dateTime": "YYYY-MM-DDThh:mm:ss, such as 2015-09-08T09:30:00Z",
    "dateTimeStamp": "YYYY-MM-DDThh:mm:ss with a time zone, such as 2015-09-08T09:30:00Z",
    "gYear": "YYYY, such as 2015",
    "gYearMonth": "YYYY-MM, such as 2015-09",
    "gMonth": "--MM, such as --09",
    "gDay": "---DD, such as ---08",
    "gMonthDay": "--MM-DD, such as --09-08",
    "duration": "P, then years, months and days, T, then hours, minutes and seconds, such as P1Y2M3DT4H",
    "yearMonthDuration": "P, then years and months, such as P1Y2M",
    "dayTimeDuration": "P, then days, T, then hours, minutes and seconds, such as P3DT4H",
    "hexBinary": "pairs of hexadecimal digits, such as 0FB7",
    "base64Binary": "Base64 with its padding, such as YWJj or YQ==",
    "string": "text without U+0000, U+FFFE and U+FFFF",
    "anyURI": "text without U+0000, U+FFFE and U+FFFF",
    "normalizedString": "text without tabs and line breaks",
    "token": "words with one blank between them and none around them",
    "language": "a language tag, such as en or pt-BR",
    "Name": "an XML name, such as a-name",
    "NCName": "an XML name without a colon, such as a-name",
    "NMTOKEN": "letters, digits and any of . - _ :",
}
_TEMPORAL = ("date", "dateTime", "gYear", "gYearMonth", "time", "gMonthDay", "gMonth", "gDay")
_FRACTIONS = ("decimal", "double", "float")
_WORDS = {"true": "yes y t on 1.0", "false": "no n f off 0.0"}
_BOOLEANS = {word: value for value, words in _WORDS.items() for word in [value, *words.split()]}
# Letters and signs that are taken for digits or for a minus.
_LOOKALIKES = str.maketrans(
    {"O": "0", "o": "0", "I": "1", "l": "1", "|": "1", "\N{MINUS SIGN}": "-"}
)
_GROUPS = (
    "'\N{RIGHT SINGLE QUOTATION MARK}_ \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}"
)
_YEAR_FIRST = re.compile(r"([0-9]{4})[-/.]([0-9]{1,2})(?:[-/.]([0-9]{1,2}))?")
_DAY_FIRST = re.compile(r"([0-9]{1,2})([./])([0-9]{1,2})\2([0-9]{4})")
_TIME = re.compile(
    r"(?P<date>\S+?)?(?:[Tt ] ?)?(?<![0-9])(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?P<second>:[0-9]{2}(?:\.[0-9]+)?)?"
    r"(?P<zone> ?(?:[Zz]|[+-][0-9]{2}(?::?[0-9]{2})?))?"
)
_MONTHS = 12
# How many characters of a text a message shows.
_LONGEST = 60


def explain(text: str, datatype: str) -> tuple[str, str]:
    """What is wrong with a text, and how to mend it.

    Args:
        text: a text that is not well-formed.
        datatype: the IRI of its datatype, one of `lexical.KNOWN`.

    Returns:
        A message, a clause without a stop, and a hint, a sentence.
    """
    shown = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
    if datatype == XML_LITERAL:
        return (
            f"{_quoted(shown)} is no rdf:XMLLiteral",
            "It is XML content: each element is closed, and & and < of a text are &amp; and &lt;.",
        )
    name = datatype.removeprefix(XSD)
    message = f"{_quoted(shown)} is no xsd:{name}"
    if datatype in RANGED and pattern(datatype).fullmatch(text):
        return (
            f"{message}: {_out_of_range(text, datatype)}",
            "Correct the number or the datatype." if datatype in BOUNDS else "Correct the date.",
        )
    found = mended(text, datatype)
    if found is not None:
        return message, f"Did you mean {_quoted(found[0])}^^xsd:{found[1].removeprefix(XSD)}?"
    form = _FORMS.get(name, _FORMS["integer"])
    return message, f"An xsd:{name} is written as {form}."


def _quoted(text: str) -> str:
    return '"' + text.translate({10: "\\n", 13: "\\r", 9: "\\t"}) + '"'


def _out_of_range(text: str, datatype: str) -> str:
    if datatype in BOUNDS:
        least, greatest = BOUNDS[datatype]
        if least is None or greatest is None:
            return (
                f"it must be {greatest} or less" if least is None else f"it must be {least} or more"
            )
        return f"it must be from {least} to {greatest}"
    year, month = re.match(r"(-?[0-9]*)-+([0-9]{2})-", text).groups()  # type: ignore[union-attr]
    return f"{month_name[int(month)]}{f' {year}' if year.strip('-') else ''} has no such day"


def mended(text: str, datatype: str) -> tuple[str, str] | None:
    """The text and datatype that were likely meant; None where that cannot be told."""
    name = datatype.removeprefix(XSD)
    for candidate, kind in _candidates(text, name):
        if well_formed(candidate, XSD + kind) and (candidate, kind) != (text, name):
            return candidate, XSD + kind
    return None


def _candidates(text: str, name: str) -> Iterator[tuple[str, str]]:
    plain = " ".join(text.split())
    yield plain, name
    if name in _TEMPORAL or name == "dateTimeStamp":
        forms = (plain, *_as_dates(plain), plain.translate(_LOOKALIKES))
        yield from ((form, name) for form in forms)
        yield from ((form, kind) for form in forms for kind in _TEMPORAL)
    elif name == "boolean":
        yield _BOOLEANS.get(plain.lower(), ""), name
    elif name in ("duration", "yearMonthDuration", "dayTimeDuration"):
        yield from ((form, kind) for form in (plain, plain.upper()) for kind in (name, "duration"))
    elif name == "language":
        yield plain.replace("_", "-"), name
    elif name == "base64Binary":
        yield from ((plain + padding, name) for padding in ("=", "=="))
    elif XSD + name in BOUNDS or name in ("integer", *_FRACTIONS):
        yield from _as_numbers(plain, name)


def _as_numbers(text: str, name: str) -> Iterator[tuple[str, str]]:
    kinds = dict.fromkeys((name, "integer", "decimal", "double"))
    grouped = text.translate(dict.fromkeys(map(ord, _GROUPS)))
    forms = [text, text.translate(_LOOKALIKES), grouped.translate(_LOOKALIKES)]
    if name not in _FRACTIONS and re.fullmatch(r"[+-]?[0-9]{1,3}\.[0-9]{3}", grouped):
        return  # is it thousands or a fraction? that is not guessed at
    comma, point = grouped.rfind(","), grouped.rfind(".")
    if comma >= 0 and point >= 0:
        last, other = (",", ".") if comma > point else (".", ",")
        forms.append(grouped.replace(other, "").replace(last, "."))
    elif comma >= 0 and not re.fullmatch(r"[+-]?[0-9]{1,3}(?:,[0-9]{3})+", grouped):
        forms.append(grouped.replace(",", "."))
    words = {"infinity": "INF", "inf": "INF", "nan": "NaN"}
    word = words.get(text.lower().lstrip("+-"))
    if word is not None:
        forms.append(f"-{word}" if text.startswith("-") and word != "NaN" else word)
    for form in dict.fromkeys(forms):
        if name not in _FRACTIONS and re.fullmatch(r"[+-]?[0-9]+\.0{0,2}", form):
            yield form.partition(".")[0], name
        yield from ((form, kind) for kind in kinds)


def _as_dates(text: str) -> Iterator[str]:
    """The ways in which people write dates and times, as XML Schema writes them."""
    if match := _TIME.fullmatch(text):
        zone = (match["zone"] or "").strip().upper()
        if re.fullmatch(r"[+-][0-9]{2}(?:[0-9]{2})?", zone):
            zone = f"{zone[:3]}:{zone[3:] or '00'}"
        clock = f"{match['hour']:0>2}:{match['minute']}{match['second'] or ':00'}{zone}"
        if match["date"] is None:
            yield clock
        else:
            yield from (f"{day}T{clock}" for day in (match["date"], *_as_dates(match["date"])))
        return
    if match := _YEAR_FIRST.fullmatch(text):
        yield "-".join(part.zfill(2) for part in match.groups() if part)
    if match := _DAY_FIRST.fullmatch(text):
        day, separator, month, year = match.groups()
        if separator == "." or int(day) > _MONTHS:  # else nobody knows which is the month
            yield f"{year}-{month:0>2}-{day:0>2}"
        elif int(month) > _MONTHS:
            yield f"{year}-{day:0>2}-{month:0>2}"
    if re.fullmatch(r"[0-9]{8}", text):
        yield f"{text[:4]}-{text[4:6]}-{text[6:]}"
    if re.fullmatch(r"[0-9]{1,2}", text):
        yield from (f"--{text:0>2}", f"---{text:0>2}")
    if match := re.fullmatch(r"([0-9]{1,2})-([0-9]{1,2})", text):
        yield f"--{match[1]:0>2}-{match[2]:0>2}"
