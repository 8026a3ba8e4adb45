"""The unit that people write behind a number: read over where it is the field's own, and years turned into months."""

from __future__ import annotations

import re

from profiling.errors import Phrase
from simulator.engine.model import Input
from simulator.errors import BadValue
from simulator.scenario.typed.amounts import LONGEST

# Words for the units of the fields, in the languages of the pages; an English one may have an s behind it.
WORDS = {
    "month": "month|mo|个月|月",
    "year": "year|yr|年",
    "day": "day|天|日",
    "hour": "hour|hr|h|小时",
    "s": "second|sec|s|秒",
    "Mtoken": "(?:1 ?m|m|million)(?: ?token| ?tok)?|百万(?:token|词元)",
    "token": "token|tok|词元",
    "head": "head|person|people|employee|人",
    "user": "user|signup|用户",
    "customer": "customer|客户",
    "request": "request|req|请求",
    "call": "call",
    "seat": "seat|席位",
    "device": "device|gpu|台",
    "run": "run|次",
    "example": "example|条",
    "stock": "share|股",
    "kW": "kw|千瓦",
    "hour*kW": "kwh|千瓦时|度",
}
COUNTS = "|".join(f"(?P<{name.replace('*', '_')}>(?:{word})s?)" for name, word in WORDS.items() if name != "Mtoken")
PARTS = "|".join(f"(?P<{name.replace('*', '_')}>(?:{word})s?)" for name, word in WORDS.items())
PER = re.compile(rf"\s*(?:/\s*|\b(?:per|an?|each|every)\s+|每个?)(?:{PARTS})\.?$", re.IGNORECASE)
COUNTED = re.compile(rf"(?<![a-z])(?:{COUNTS})\.?$", re.IGNORECASE)
# Months in the units of time that one may stand for the other; a rate in percent has no such proportion.
MONTHS = {"month": 1, "year": 12}


def without_unit(text: str, needed: Input) -> tuple[str, float]:
    """Return a number without the unit behind it, and what to multiply it by; raise BadValue for another unit.

    Years are turned into months, and amounts per month into amounts per year, where the field counts those.
    """
    if needed.quantity is None:
        return text, 1.0
    first, *others = needed.quantity.text("money").replace("hour/kW", "hour*kW").split("/")
    per = {*others, needed.quantity.per}
    if not per & {"year", "hour", "s"}:
        per.add("month")  # a line reads the field each month, also where its unit has no period
    rest, factor, is_rate = text, 1.0, first == "share" or needed.quantity.in_percent
    while found := PER.search(rest):
        factor /= _times(_unit(found), per, convertible=not is_rate) or _refuse(text)
        rest = rest[: found.start()].rstrip()
    if found := COUNTED.search(rest):
        factor *= _times(_unit(found), {first}) or _refuse(text)
        rest = rest[: found.start()].rstrip()
    return rest, factor


def _unit(found: re.Match[str]) -> str:
    return (found.lastgroup or "").replace("_", "*")


def _times(unit: str, allowed: set[str], convertible: bool = True) -> float:
    """Return how many of an allowed unit a unit is; 0 if it is none of them."""
    if unit in allowed:
        return 1.0
    other = next((one for one in allowed if one in MONTHS), "")
    return MONTHS[unit] / MONTHS[other] if convertible and unit in MONTHS and other else 0.0


def _refuse(text: str) -> float:
    what = Phrase("{typed!r} has another unit than this field", typed=text[:LONGEST])
    raise BadValue(what, "type the number alone, in the unit of the field")
