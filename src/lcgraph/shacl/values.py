"""Values: the order of literals, as SPARQL's `<` has it (SPARQL 1.1 section 17.3)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from functools import lru_cache
from typing import Any

from lcgraph.lexical import BOUNDS, well_formed
from lcgraph.terms import XSD

NUMERIC = frozenset(XSD + name for name in ("integer", "decimal", "double", "float")) | set(BOUNDS)
_INSTANTS = frozenset(XSD + name for name in ("dateTime", "dateTimeStamp", "date", "time"))
_YEARS = frozenset(XSD + name for name in ("gYear", "gYearMonth"))
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
        if datatype in (XSD + "double", XSD + "float"):
            number = float(lexical.replace("INF", "inf"))
            return ("number", number, True)
        return ("number", Decimal(lexical), True)
    if datatype == XSD + "string":
        return ("string", lexical, True)
    if datatype == XSD + "boolean":
        return ("boolean", lexical in ("true", "1"), True)
    if datatype in _INSTANTS or datatype in _YEARS:
        return _instant(lexical, datatype)
    return None


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
    year = int(match[1])
    # Years beyond Python's calendar are moved by cycles of 400 years, which keep all days.
    cycles, shifted = divmod(year - 2000, 400)
    moment = datetime(shifted + 2000, int(match[2]), int(match[3]), tzinfo=offset)
    moment += timedelta(hours=int(hours), minutes=int(minutes), seconds=int(whole))
    place = (cycles * 146097 * 86400) + (moment - datetime(2000, 1, 1, tzinfo=UTC)).total_seconds()
    exact = Decimal(int(place)) + Decimal(f"0.{fraction or 0}")
    return (kind, exact, zone is not None)


def less(
    left: tuple[str, Any, bool] | None, right: tuple[str, Any, bool] | None, *, or_equal: bool
) -> bool:
    """Whether one literal is less than another (or equal); False where they cannot be compared."""
    if left is None or right is None or left[0] != right[0]:
        return False
    a, b = left[1], right[1]
    if left[2] != right[2]:
        spread = Decimal(int(_SPREAD.total_seconds()))
        return bool(a + spread < b) if not left[2] else bool(a < b - spread)
    return bool(a <= b if or_equal else a < b)
