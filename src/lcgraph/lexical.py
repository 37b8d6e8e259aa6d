"""Lexical spaces: whether a literal's text is one that its datatype allows, as written.

Follows XML Schema 1.1 part 2 for the datatypes that RDF 1.1 Concepts lists in section 5.1. White
space around a text is not taken away first: it stands in no lexical space but those of texts.
rdf:HTML allows every text (section 5.2), rdf:XMLLiteral XML content (section 5.3).
"""

from __future__ import annotations

import re
from functools import cache

XSD = "http://www.w3.org/2001/XMLSchema#"
XML_LITERAL = "http://www.w3.org/1999/02/22-rdf-syntax-ns#XMLLiteral"

_ZONE = r"(?:Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))?"
_ZONED = _ZONE.removesuffix("?")
_YEAR = r"-?(?:[1-9][0-9]{3,}|0[0-9]{3})"
_MONTH = r"(?:0[1-9]|1[0-2])"
_DAY = r"(?:0[1-9]|[12][0-9]|3[01])"
_TIME = r"(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?|24:00:00(?:\.0+)?)"
_FLOAT = r"(?:[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|[+-]?INF|NaN)"
_DAYS = r"[0-9]+D"
_CLOCK = r"T(?:[0-9]+H(?:[0-9]+M)?(?:[0-9]+(?:\.[0-9]+)?S)?|[0-9]+M(?:[0-9]+(?:\.[0-9]+)?S)?|[0-9]+(?:\.[0-9]+)?S)"
_YEARS = r"(?:[0-9]+Y(?:[0-9]+M)?|[0-9]+M)"
_BASE64 = r"[A-Za-z0-9+/]"
# What no version of XML can hold, and so no xsd:string either (XML 1.1 section 2.2, Char).
_CHARACTER = r"[^\x00\u{FFFE}\u{FFFF}]"
_START = r"[:A-Z_a-z\u{C0}-\u{D6}\u{D8}-\u{F6}\u{F8}-\u{2FF}\u{370}-\u{37D}\u{37F}-\u{1FFF}\u{200C}-\u{200D}\u{2070}-\u{218F}\u{2C00}-\u{2FEF}\u{3001}-\u{D7FF}\u{F900}-\u{FDCF}\u{FDF0}-\u{FFFD}\u{10000}-\u{EFFFF}]"
_NAME_CHARACTER = _START[:-1] + r"\-.0-9\u{B7}\u{300}-\u{36F}\u{203F}-\u{2040}]"
_INTEGER = r"[+-]?[0-9]+"

#: The lexical spaces as regular expressions that Rust's engine and, by `pattern`, Python's read.
SPACES: dict[str, str] = {
    XSD + name: space
    for name, space in {
        "boolean": "true|false|1|0",
        "decimal": r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)",
        "integer": _INTEGER,
        "double": _FLOAT,
        "float": _FLOAT,
        "date": f"{_YEAR}-{_MONTH}-{_DAY}{_ZONE}",
        "time": f"{_TIME}{_ZONE}",
        "dateTime": f"{_YEAR}-{_MONTH}-{_DAY}T{_TIME}{_ZONE}",
        "dateTimeStamp": f"{_YEAR}-{_MONTH}-{_DAY}T{_TIME}{_ZONED}",
        "gYear": f"{_YEAR}{_ZONE}",
        "gMonth": f"--{_MONTH}{_ZONE}",
        "gDay": f"---{_DAY}{_ZONE}",
        "gYearMonth": f"{_YEAR}-{_MONTH}{_ZONE}",
        "gMonthDay": f"--{_MONTH}-{_DAY}{_ZONE}",
        "duration": f"-?P(?:{_YEARS}(?:{_DAYS})?(?:{_CLOCK})?|{_DAYS}(?:{_CLOCK})?|{_CLOCK})",
        "yearMonthDuration": f"-?P{_YEARS}",
        "dayTimeDuration": f"-?P(?:{_DAYS}(?:{_CLOCK})?|{_CLOCK})",
        **dict.fromkeys(
            [
                "byte",
                "short",
                "int",
                "long",
                "unsignedByte",
                "unsignedShort",
                "unsignedInt",
                "unsignedLong",
                "positiveInteger",
                "nonNegativeInteger",
                "negativeInteger",
                "nonPositiveInteger",
            ],
            _INTEGER,
        ),
        "hexBinary": "(?:[0-9A-Fa-f]{2})*",
        "base64Binary": (
            f"(?:(?:(?:{_BASE64} ?){{4}})*(?:(?:{_BASE64} ?){{3}}{_BASE64}"
            f"|(?:{_BASE64} ?){{2}}[AEIMQUYcgkosw048] ?=|{_BASE64} ?[AQgw] ?= ?=))?"
        ),
        "string": f"{_CHARACTER}*",
        "anyURI": f"{_CHARACTER}*",
        "normalizedString": f"{_CHARACTER[:-1]}\\t\\n\\r]*",
        "token": f"(?:{_CHARACTER[:-1]} \\t\\n\\r]+(?: {_CHARACTER[:-1]} \\t\\n\\r]+)*)?",
        "language": r"[a-zA-Z]{1,8}(?:-[a-zA-Z0-9]{1,8})*",
        "Name": f"{_START}{_NAME_CHARACTER}*",
        "NCName": f"{_START.replace(':', '', 1)}{_NAME_CHARACTER.replace(':', '', 1)}*",
        "NMTOKEN": f"{_NAME_CHARACTER}+",
    }.items()
}

#: The least and the greatest value of bounded integer types; None where there is no bound.
BOUNDS: dict[str, tuple[int | None, int | None]] = {
    XSD + name: bounds
    for name, bounds in {
        "byte": (-(2**7), 2**7 - 1),
        "short": (-(2**15), 2**15 - 1),
        "int": (-(2**31), 2**31 - 1),
        "long": (-(2**63), 2**63 - 1),
        "unsignedByte": (0, 2**8 - 1),
        "unsignedShort": (0, 2**16 - 1),
        "unsignedInt": (0, 2**32 - 1),
        "unsignedLong": (0, 2**64 - 1),
        "positiveInteger": (1, None),
        "nonNegativeInteger": (0, None),
        "negativeInteger": (None, -1),
        "nonPositiveInteger": (None, 0),
    }.items()
}
#: The datatypes whose lexical spaces are known here.
KNOWN = frozenset([*SPACES, XML_LITERAL])
_DATED = frozenset(XSD + name for name in ("date", "dateTime", "dateTimeStamp", "gMonthDay"))
#: Datatypes whose texts of the right form can still have no value.
RANGED = frozenset(BOUNDS) | _DATED
_MONTH_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_YEAR_MONTH_DAY = re.compile(r"-?[0-9]*([0-9]{4})-([0-9]{2})-([0-9]{2})")
# A day that every month has.
_EVERY_MONTHS_DAY = r"(?:0[1-9]|1[0-9]|2[0-8])"
# More digits than any bound has; Python refuses to read thousands of them as a number.
_MOST_DIGITS = 30


@cache
def pattern(datatype: str) -> re.Pattern[str]:
    """The lexical space of a datatype for Python's engine."""
    space = re.sub(r"\\u\{([0-9A-F]+)\}", lambda m: re.escape(chr(int(m[1], 16))), SPACES[datatype])
    return re.compile(space)


@cache
def sure(datatype: str) -> str:
    """A regular expression, as those of `SPACES`, for texts whose values need no look: a part of
    the lexical space, and all of it where the datatype is not in `RANGED`."""
    if datatype in _DATED:
        return SPACES[datatype].replace(_DAY, _EVERY_MONTHS_DAY)
    if datatype not in BOUNDS:
        return SPACES[datatype]
    least, greatest = BOUNDS[datatype]
    if greatest is None:
        return r"\+?[0-9]+" if least == 0 else r"\+?0*[1-9][0-9]*"
    if least is None:
        return "-[0-9]+" if greatest == 0 else "-0*[1-9][0-9]*"
    return rf"{'[+-]' if least else '[+]'}?[0-9]{{1,{len(str(greatest)) - 1}}}"


def well_formed(text: str, datatype: str) -> bool:
    """Whether a text is in the lexical space of its datatype; True for datatypes not known here."""
    if datatype == XML_LITERAL:
        return _is_xml(text)
    if datatype not in SPACES:
        return True
    if not pattern(datatype).fullmatch(text):
        return False
    return datatype not in RANGED or in_range(text, datatype)


def in_range(text: str, datatype: str) -> bool:
    """Whether a text of the right form also has a value: a day that its month has, an integer
    within the bounds of its type."""
    if datatype in BOUNDS:
        least, greatest = BOUNDS[datatype]
        digits = text.lstrip("+-0") or "0"
        value = int(digits[:_MOST_DIGITS]) * (-1 if text.startswith("-") else 1)
        return (least is None or value >= least) and (greatest is None or value <= greatest)
    if datatype == XSD + "gMonthDay":
        year, month, day = 2000, int(text[2:4]), int(text[5:7])
    else:
        # The last four digits of a year tell whether it is a leap year.
        match = _YEAR_MONTH_DAY.match(text)
        if match is None:
            return False
        year, month, day = map(int, match.groups())
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return day <= (29 if month == 2 and leap else _MONTH_DAYS[month - 1])  # noqa: PLR2004


def _is_xml(text: str) -> bool:
    """Whether a text is XML content: it makes a document with a tag around it (RDF 1.1 section 5.3)."""
    from xml.parsers.expat import ExpatError, ParserCreate

    parser = ParserCreate(namespace_separator=" ")
    try:
        # Content has no DOCTYPE, and so no entities that could be dangerous.
        parser.Parse(f"<x>{text}</x>".encode("utf-8", "surrogatepass"), True)
    except ExpatError:
        return False
    return True
