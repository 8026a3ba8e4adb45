"""Amounts of money and other numbers, read the way people type them: 500,000 or 500k or $0.5M or 1 200 or 50万."""

from __future__ import annotations

import re
import unicodedata

from profiling.errors import Phrase
from simulator.errors import BadValue

# A number that is longer than this was not typed on purpose.
LONGEST = 60
# A number beyond this is refused by a scenario's values, too.
LARGEST = 1e18
FACTORS = {
    **dict.fromkeys(("k", "thousand"), 1e3),
    **dict.fromkeys(("m", "mn", "mio", "million"), 1e6),
    **dict.fromkeys(("b", "bn", "billion"), 1e9),
    **dict.fromkeys(("t", "tn", "trillion"), 1e12),
    **{"千": 1e3, "万": 1e4, "萬": 1e4, "百万": 1e6, "千万": 1e7, "亿": 1e8, "億": 1e8},
    **{"lakh": 1e5, "crore": 1e7},
}
# Groups of three digits may be set apart by a comma, a space, or one of the spaces that typesetters use.
SPACES = " \u00a0\u2009\u202f"
GROUP = f"[,{SPACES}]"
NUMBER = rf"\d{{1,3}}(?:{GROUP}\d{{3}})+(?:\.\d*)?|\d+\.?\d*(?:[eE][+-]?\d{{1,2}})?|\.\d+"
CURRENCY = r"[A-Z]{3}|(?:US|HK|A|C|S)?\$|[€£¥₹₩₺₽₪₫฿]|kr|zł|R\$|元|円"
AMOUNT = re.compile(
    rf"(?P<sign>[-+\u2212]?)\s*(?:{CURRENCY})?\s*(?P<inner>[-\u2212]?)(?P<number>{NUMBER})"
    rf"\s*(?P<factor>(?i:{'|'.join(FACTORS)}))?\s*(?:{CURRENCY})?"
)


def amount_of(text: str) -> float:
    """Return the number in a text such as "500k", "$0.5M", "1 200" or "500,000 EUR"; raise BadValue.

    Signs and codes of currencies are read over; a percentage is refused, since it is a share and no amount. Digits and
    signs of full width, as East Asian keyboards write them, are read as those of half width.
    """
    typed = as_typed(text)
    if not typed:
        raise BadValue("the amount is missing", "type a number, such as 500k")
    if typed.endswith("%"):
        raise BadValue(
            Phrase("{typed!r} is a share, and an amount is asked for", typed=typed[:LONGEST]),
            "type it like 50000 or 50k",
        )
    found = AMOUNT.fullmatch(typed) if len(typed) <= LONGEST else None
    if found is None or (found["sign"] and found["inner"]):
        raise BadValue(Phrase("{typed!r} is not an amount", typed=typed[:LONGEST]), _advice(typed))
    value = float(re.sub(GROUP, "", found["number"])) * FACTORS.get((found["factor"] or "").lower(), 1.0)
    if value > LARGEST:
        raise BadValue(
            Phrase("{typed!r} is too large", typed=typed[:LONGEST]), Phrase("give at most {most:.0e}", most=LARGEST)
        )
    return -value if {*found["sign"], *found["inner"]} & {"-", "\u2212"} else value


def as_typed(text: str) -> str:
    """Return a typed text in half width, with one space between its words."""
    return " ".join(unicodedata.normalize("NFKC", text).split())


def _advice(typed: str) -> str:
    """Return what to type instead."""
    if decimal := re.search(r"\d+,\d{1,2}(?!\d)", typed):
        return Phrase(
            "write {value} with a point; a comma sets thousands apart, as in 1,200", value=decimal[0].replace(",", ".")
        )
    return "type a number, such as 500000, 500k, 0.5M or 1,200"
