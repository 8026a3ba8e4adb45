"""Values that change over the months, as people type them: growth, a straight line, a schedule.

    49, +4% a month                     grows each month; also "49 growing 4% a month" and "per year"
    49 to 62 over 12 months             a straight line, then flat; also "by Mar 2028"
    49, then 59 from Mar 2028           a schedule

Months are those of the calendar, since a person's month 3 is the third and the file's month 3 the fourth.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

from profiling.errors import Phrase
from simulator.errors import BadValue
from simulator.scenario.typed.amounts import LONGEST, percent_of

NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTH = r"[a-z]{3,9}\.? 20\d\d|20\d\d-\d{1,2}(?:-\d\d)?|20\d\d ?年 ?\d{1,2} ?月"
ONE_MONTH = re.compile(rf"(?:from )?({MONTH})", re.IGNORECASE)
UP, DOWN = "growing|rising|increasing|up|增长|上升", "falling|shrinking|decreasing|declining|down|下降|减少"
SIGN = rf"(?:,? ?(?P<verb>{UP}|{DOWN})(?: by)? ?|, ?(?=[+\u2212-])| (?=\+))"
GROWTH = re.compile(
    rf"(?P<level>.+?){SIGN}(?P<growth>.+%) ?(?:a|per|each|every|/) ?(?P<every>month|mo|year|yr)", re.IGNORECASE
)
GROWTH_ZH = re.compile(rf"(?P<level>.+?),? ?每(?P<every>月|年) ?(?P<verb>{UP}|{DOWN})? ?(?P<growth>.+%)")
SPAN = r"(?:from |从 ?)?(?P<low>.+?) ?(?:\bto\b|[-\u2013\u2014~\u301c]|至|到) ?(?P<high>.+?)"
RAMPS = (
    re.compile(rf"{SPAN},? (?:over|in|within) (?P<count>\d+) (?P<every>month|year)s?", re.IGNORECASE),
    re.compile(rf"{SPAN},? by (?P<by>{MONTH})", re.IGNORECASE),
    re.compile(rf"(?P<count>\d+) ?(?P<every>个月|年)内?,? ?{SPAN}"),
)
# A comma sets thousands apart, too, unless a space or a month follows.
PIECES = re.compile(r"[,;] (?:then )?|[,;](?=从?20\d\d ?年)|;| then ", re.IGNORECASE)
STEPS = (
    re.compile(rf"(?P<value>.+?) (?:from|since|as of) (?P<month>{MONTH})", re.IGNORECASE),
    re.compile(rf"从?(?P<month>{MONTH}) ?(?:起|开始) ?(?P<value>.+)"),
)
# A text that is longer was not typed on purpose.
LONGEST_COURSE = 300
YEARLY = {"year", "yr", "年"}


def month_in(text: str, start: date) -> int | None:
    """Return how many months after the start a month of the calendar is, None for any other text.

    Raises BadValue for a month that does not exist, or that comes before the start.
    """
    if not (found := ONE_MONTH.fullmatch(text)):
        return None
    year = int(re.findall(r"20\d\d", found[1])[0])
    named, digits = found[1][:3].lower(), re.findall(r"\d{1,2}", found[1].replace(str(year), "", 1))
    month = int(digits[0]) if digits else NAMES.index(named) + 1 if named in NAMES else 0
    index = 12 * (year - start.year) + month - start.month
    if not 1 <= month <= 12 or index < 0:
        raise BadValue(
            Phrase("{typed} is not a month of the scenario", typed=found[0]),
            Phrase("give {start:%Y-%m} or later, such as 2028-03", start=start),
        )
    return index


def course_of(text: str, start: date, part: Callable[[str], Any]) -> Any:
    """Return the literal of a value that changes over the months, None for any other text; raise BadValue.

    `part` returns the literal of one number or range in it.
    """
    if len(text) > LONGEST_COURSE:
        return None
    if found := GROWTH.fullmatch(text) or GROWTH_ZH.fullmatch(text):
        return {"start": part(found["level"]), "monthly_growth": _monthly(found)}
    for form in RAMPS:
        if found := form.fullmatch(text):
            return {"from": part(found["low"]), "to": part(found["high"]), "over": _months(found, start)}
    first, *others = PIECES.split(text)
    begins, steps = _step(first), [_step(one) for one in others]
    if not all(steps) or not (steps or begins):
        return None
    if begins:
        if month_in(begins["month"], start) != 0:
            what = Phrase("{typed!r} does not say what holds before that month", typed=text[:LONGEST])
            raise BadValue(what, "begin with it, such as 0, then 3000 from 2028-03")
        first = begins["value"]
    made: dict[int | None, Any] = {0: part(first)}
    for one in filter(None, steps):
        if (month := month_in(one["month"], start)) in made:
            what = Phrase("{typed!r} says twice what holds from {month}", typed=text[:LONGEST], month=one["month"])
            raise BadValue(what, "say it once for each month")
        made[month] = part(one["value"])
    return made


def _step(text: str) -> re.Match[str] | None:
    return next(filter(None, (form.fullmatch(text) for form in STEPS)), None)


def _monthly(found: re.Match[str]) -> str:
    growth = percent_of(found["growth"]) / 100
    if found["verb"] and re.fullmatch(DOWN, found["verb"], re.IGNORECASE):
        growth = -abs(growth)
    if found["every"].lower() in YEARLY and growth > -1:
        growth = (1 + growth) ** (1 / 12) - 1
    return f"{100 * growth:.6g}%"


def _months(found: re.Match[str], start: date) -> int:
    if "by" not in found.groupdict():
        return int(found["count"]) * (12 if found["every"].lower() in YEARLY else 1)
    return max(1, month_in(found["by"], start) or 0)
