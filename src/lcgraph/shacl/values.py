"""Values: the order of literals, as SPARQL's `<` has it (SPARQL 1.1 section 17.3)."""

from __future__ import annotations

import math
import re
import struct
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from functools import lru_cache
from typing import Any

from lcgraph.lexical import BOUNDS, well_formed
from lcgraph.terms import XSD

NUMERIC = frozenset(XSD + name for name in ("integer", "decimal", "double", "float")) | set(BOUNDS)
_INSTANTS = frozenset(XSD + name for name in ("dateTime", "dateTimeStamp", "date", "time"))
_YEARS = frozenset(XSD + name for name in ("gYear", "gYearMonth"))
_DURATIONS = frozenset(XSD + name for name in ("duration", "dayTimeDuration", "yearMonthDuration"))
_DURATION = re.compile(
    r"(-?)P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?)?"
)
# The months that durations are compared from (XML Schema 1.1 part 2, section 3.3.6.1).
_STARTS = ((1696, 9), (1697, 2), (1903, 3), (1903, 7))
# The calendar repeats itself after 400 years, in months and in days.
_CYCLE, _CYCLE_DAYS = 4800, 146097
_ZONE = re.compile(r"(?:Z|([+-])(\d\d):(\d\d))$")
# Without a zone an instant may be any of those that a zone from -14:00 to +14:00 gives.
_SPREAD = timedelta(hours=14)


@lru_cache(maxsize=65536)
def order_key(lexical: str, datatype: str) -> tuple[str, Any, bool] | None:
    """The family that a literal is compared in, its place there, and whether it has a time zone;
    None where it has no place, being ill-formed or of a datatype without an order."""
    if not well_formed(lexical, datatype):
        return None
    if datatype in NUMERIC:
        return ("number", _number(lexical, datatype), True)
    if datatype == XSD + "string":
        return ("string", lexical, True)
    if datatype == XSD + "boolean":
        return ("boolean", lexical in ("true", "1"), True)
    if datatype in _DURATIONS:
        return ("duration", _duration(lexical), True)
    if datatype in _INSTANTS or datatype in _YEARS:
        return _instant(lexical, datatype)
    return None


class _Single(float):
    """The value of an xsd:float."""


def _number(lexical: str, datatype: str) -> Decimal | float:
    if datatype == XSD + "double":
        return float(lexical)
    if datatype == XSD + "float":
        return _single(float(lexical))
    return Decimal(lexical)


def _single(number: Decimal | float) -> _Single:
    """A number in single precision."""
    try:
        return _Single(struct.unpack("f", struct.pack("f", number))[0])
    except OverflowError:
        return _Single(math.copysign(math.inf, number))


def _promoted(a: Decimal | float, b: Decimal | float) -> tuple[Decimal | float, Decimal | float]:
    """Two numbers in the one type that they are compared in (XPath 3.1, section B.1)."""
    if isinstance(a, Decimal) and isinstance(b, Decimal):
        return a, b
    if all(isinstance(number, Decimal | _Single) for number in (a, b)):
        return _single(a), _single(b)
    return float(a), float(b)


def _duration(lexical: str) -> tuple[Decimal, ...]:
    """When a duration ends that begins at each of four instants, in seconds; one is less than
    another if it ends earlier each time."""
    match = _DURATION.fullmatch(lexical)
    if match is None:  # pragma: no cover (the caller has seen that it is well-formed)
        raise ValueError(lexical)
    sign = -1 if match[1] else 1
    years, months, days, hours, minutes, seconds = (Decimal(g or 0) for g in match.groups()[1:])
    moved = int(sign * (years * 12 + months))
    rest = sign * (((days * 24 + hours) * 60 + minutes) * 60 + seconds)
    ends = []
    for year, month in _STARTS:
        cycles, at = divmod(year * 12 + month - 1 + moved, _CYCLE)
        day = date(at // 12 + 1, at % 12 + 1, 1).toordinal() + cycles * _CYCLE_DAYS
        ends.append(Decimal(day * 86400) + rest)
    return tuple(ends)


def _instant(lexical: str, datatype: str) -> tuple[str, Any, bool] | None:
    zone = _ZONE.search(lexical) if "T" in lexical or ":" in lexical or "Z" in lexical else None
    text = lexical[: zone.start()] if zone else lexical
    kind = datatype.removeprefix(XSD).removesuffix("Stamp")
    if kind == "time":
        text = f"2000-01-01T{text}"
    elif kind == "gYear":
        text += "-01-01"
    elif kind == "gYearMonth":
        text += "-01"
    day, _, clock = text.partition("T")
    match = re.fullmatch(r"(-?\d+)-(\d\d)-(\d\d)", day)
    if match is None:
        return None
    clock = clock or "00:00:00"
    hours, minutes, seconds = clock.split(":")
    whole, _, fraction = seconds.partition(".")
    offset = UTC
    if zone and zone[1]:
        minutes_off = int(zone[2]) * 60 + int(zone[3])
        offset = timezone(timedelta(minutes=-minutes_off if zone[1] == "-" else minutes_off))
    year = int(Decimal(match[1]))  # int() itself refuses thousands of digits
    # Years beyond Python's calendar are moved by cycles of 400 years, which keep all days.
    cycles, shifted = divmod(year - 2000, 400)
    moment = datetime(shifted + 2000, int(match[2]), int(match[3]), tzinfo=offset)
    moment += timedelta(hours=int(hours), minutes=int(minutes), seconds=int(whole))
    within = int((moment - datetime(2000, 1, 1, tzinfo=UTC)).total_seconds())
    exact = Decimal(cycles * _CYCLE_DAYS * 86400 + within) + Decimal(f"0.{fraction or 0}")
    return (kind, exact, zone is not None)


def less(
    left: tuple[str, Any, bool] | None, right: tuple[str, Any, bool] | None, *, or_equal: bool
) -> bool:
    """Whether one literal is less than another (or equal); False where they cannot be compared."""
    if left is None or right is None or left[0] != right[0]:
        return False
    a, b = left[1], right[1]
    if left[0] == "number":
        a, b = _promoted(a, b)
    if left[0] == "duration":
        return all(x < y or (or_equal and x == y) for x, y in zip(a, b, strict=True))
    if left[2] != right[2]:
        spread = Decimal(int(_SPREAD.total_seconds()))
        return bool(a + spread < b) if not left[2] else bool(a < b - spread)
    return bool(a <= b if or_equal else a < b)
