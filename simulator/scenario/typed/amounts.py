"""Amounts of money and other numbers, read the way people type them: 500,000 or 500k or $0.5M or 1 200,50 or 50万.

Which sign sets off decimals and which sets thousands apart differs between countries, and taking one for the other is
wrong by a thousand. So a text is read only where all countries agree, or where the pages write a number so:

- of a point and a comma, the later one is the decimal sign (1.234,56 and 1,234.56), and so is the one beside groups of
  three that a space or an apostrophe sets apart (1 200,50);
- a sign that stands more than once sets groups apart (1.234.567, and 12,34,567 as in India);
- a comma before other than three digits is a decimal comma (12,5 and 0,75 and 1,2345), and so is one after a lone zero;
- 1,200 is a thousand and two hundred, and 1.375 has a decimal point, since the pages write them so;
- 1.200 may be either and is refused, since a decimal does not end in zeros on the pages, and so is 1,200k or 1,200%,
  where nobody would write a thousand so; 1.2 and 1.2345 and 1.200% have a decimal point.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from babel import Locale

from profiling.errors import Phrase
from simulator.errors import BadValue
from simulator.scenario.values import LARGEST_NUMBER

# A number that is longer than this was not typed on purpose.
LONGEST = 60
FACTORS = {
    **dict.fromkeys(("k", "thousand", "tsd", "tys"), 1e3),
    **dict.fromkeys(("m", "mn", "mio", "mln", "million"), 1e6),
    **dict.fromkeys(("b", "bn", "billion", "mrd", "mld"), 1e9),
    **dict.fromkeys(("t", "tn", "trillion"), 1e12),
    **{"千": 1e3, "万": 1e4, "萬": 1e4, "百万": 1e6, "千万": 1e7, "亿": 1e8, "億": 1e8},
    **{"lakh": 1e5, "crore": 1e7},
}
CURRENCY = (
    r"[A-Z]{3}|(?:US|HK|A|C|S)?\$|[€£¥₹₩₺₽₪₫฿]|kr|zł|R\$|美元|欧元|英镑|日元|元|円|(?i:(?:dollar|euro|pound)s?|yuan)"
)
# The currencies that a sign or a word may stand for; a code stands for itself.
DOLLARS = ("USD", "CAD", "AUD", "NZD", "HKD", "SGD", "TWD", "MXN", "BRL", "CLP", "COP", "ARS")
MEANT = {
    **{"$": DOLLARS, "US$": ("USD",), "HK$": ("HKD",), "A$": ("AUD",), "C$": ("CAD",), "S$": ("SGD",), "R$": ("BRL",)},
    **{"€": ("EUR",), "£": ("GBP", "EGP"), "¥": ("CNY", "JPY"), "₹": ("INR",), "₩": ("KRW",), "₺": ("TRY",)},
    **{"₽": ("RUB",), "₪": ("ILS",), "₫": ("VND",), "฿": ("THB",), "kr": ("SEK", "NOK", "DKK", "ISK"), "zł": ("PLN",)},
    **{"美元": ("USD",), "欧元": ("EUR",), "英镑": ("GBP",), "日元": ("JPY",), "元": ("CNY", "TWD", "HKD", "SGD")},
    **{"円": ("JPY",), "dollar": DOLLARS, "euro": ("EUR",), "pound": ("GBP", "EGP"), "yuan": ("CNY",)},
}
GROUPS = r"[1-9]\d{0,2}(?P<apart>[,.'\u2019 ])\d{3}(?:(?P=apart)\d{3})*|\d{1,2}(?:,\d\d)+,\d{3}"
PERCENT = re.compile(r"(?<=\d) ?(?:%|per ?cent\b|pct\b)", re.IGNORECASE)
NUMBER = re.compile(
    rf"(?:(?P<groups>{GROUPS})|(?P<whole>\d*))"
    r"(?:(?P<sign>[.,])(?P<decimals>\d*))?(?P<power>[eE][+-]?\d{1,2})?"
)
AMOUNT = re.compile(
    rf"(?P<sign>[-+\u2212]?)\s*(?:{CURRENCY})?\s*(?P<inner>[-\u2212]?)"
    r"(?P<number>[.,]?\d(?:[\d.,'\u2019 ]*[\d.])?(?:[eE][+-]?\d{1,2})?)"
    rf"\s*(?P<factor>(?i:{'|'.join(FACTORS)}))?\.?\s*(?:{CURRENCY})?"
)


SIZE = rf"(?:\s*(?i:{'|'.join(FACTORS)})\b\.?)?"
BESIDE = re.compile(
    rf"(?<![A-Za-z$])(?P<before>{CURRENCY})\s*[-\u2212]?(?=[.,]?\d)|\d{SIZE}\s*(?P<after>{CURRENCY})(?![A-Za-z])"
)


class Ambiguous(BadValue):
    """A number that may mean two things in its field."""


def amount_of(text: str) -> float:
    """Return the number in a text such as "500k", "$0.5M", "1 200,50 €" or "500,000 EUR"; raise BadValue.

    Signs and codes of currencies are read over; a percentage is refused, since it is a share and no amount. Digits and
    signs of full width, as East Asian keyboards write them, are read as those of half width.
    """
    typed = as_typed(text)
    if not typed:
        raise BadValue("the amount is missing", "type a number, such as 500k")
    if typed.endswith("%"):
        what = Phrase("{typed!r} is a share, and an amount is asked for", typed=typed[:LONGEST])
        raise BadValue(what, "type it like 50000 or 50k")
    found = AMOUNT.fullmatch(typed) if len(typed) <= LONGEST else None
    if found is None or (found["sign"] and found["inner"]):
        raise _no_amount(typed)
    factor = (found["factor"] or "").lower()
    value = _number(found["number"], typed, plain=not factor) * FACTORS.get(factor, 1.0)
    if value > LARGEST_NUMBER:
        what = Phrase("{typed!r} is too large", typed=typed[:LONGEST])
        raise BadValue(what, Phrase("give at most {most:.0e}", most=LARGEST_NUMBER))
    return -value if {*found["sign"], *found["inner"]} & {"-", "\u2212"} else value


def check_currency(text: str, currency: str) -> None:
    """Raise BadValue for a text that names another currency beside a number than that of its field."""
    for found in BESIDE.finditer(as_typed(text)):
        named = found["before"] or found["after"]
        meant = MEANT.get(named) or MEANT.get(named.lower().removesuffix("s"))
        if meant is None:
            meant = (named,) if named in known_currencies() else (currency,)
        if currency not in meant:
            other = "{typed!r} names {sign}, and this field counts {currency}"
            raise BadValue(
                Phrase(other, typed=text[:LONGEST], sign=named, currency=currency),
                Phrase("convert it, and type the number of {currency}", currency=currency),
            )


@cache
def known_currencies() -> frozenset[str]:
    """Return the codes of all currencies, of three letters each."""
    return frozenset(Locale("en").currencies)


def percent_of(text: str) -> float:
    """Return the number of percent in a text such as "4", "4%" or "2,5 %"; raise BadValue."""
    typed = as_typed(text).removesuffix("%").rstrip()
    if re.search(CURRENCY, typed):
        what = Phrase("{typed!r} is an amount, and a percentage is asked for", typed=typed[:LONGEST])
        raise BadValue(what, "type it like 4 or 4%")
    # Nobody sets thousands of percent apart by a point, so this is a decimal point.
    if re.fullmatch(r"[-+\u2212]?[1-9]\d{0,2}\.\d{3}", typed):
        return float(typed.replace("\u2212", "-"))
    if found := re.fullmatch(r"[-+\u2212]?(([1-9]\d{0,2}),(\d{3}))", typed):
        raise _either(f"{typed}%", *found.groups())
    return amount_of(typed)


def _number(digits: str, typed: str, *, plain: bool) -> float:
    """Return the number in digits with decimals and thousands set off; `plain` is one without a word for its size."""
    found = NUMBER.fullmatch(digits)
    if found is None or not (found["groups"] or found["whole"] or found["decimals"]):
        raise _no_amount(typed)
    groups, apart, sign, decimals = found["groups"], found["apart"], found["sign"], found["decimals"]
    if groups and not sign and apart and apart in ".," and groups.count(apart) == 1 and not (apart == "," and plain):
        whole, rest = groups.split(apart)
        if apart == "." and not rest.endswith("0"):
            return float(digits)
        raise _either(typed, digits, whole, rest)
    # Decimals beside groups set apart by the same sign, or a comma that ends in nothing or stands before three digits.
    if sign and ((groups and sign == (apart or ",")) or (sign == "," and not decimals)):
        raise _no_amount(typed)
    if sign == "," and not groups and len(decimals) == 3 and found["whole"].strip("0"):
        raise _either(typed, digits, found["whole"], decimals)
    whole = re.sub(r"\D", "", groups) if groups else found["whole"]
    return float(f"{whole or 0}.{decimals or 0}{found['power'] or ''}")


def _no_amount(typed: str) -> BadValue:
    what = Phrase("{typed!r} is not an amount", typed=typed[:LONGEST])
    return BadValue(what, "type a number, such as 500000, 500k, 0.5M, 12.50 or 1,200")


def _either(typed: str, digits: str, whole: str, rest: str) -> Ambiguous:
    """Return the refusal of a sign that may set off decimals or thousands, with both numbers told apart."""
    what = Phrase("in {typed!r}, the sign between the digits may set off decimals or thousands", typed=typed)
    decimal = f"{whole}.{rest}".rstrip("0").rstrip(".")
    numbers = {"decimal": typed.replace(digits, decimal), "whole": typed.replace(digits, f"{whole}{rest}")}
    return Ambiguous(what, Phrase("write {decimal} or {whole}", **numbers))


def as_typed(text: str) -> str:
    """Return a typed text in half width, with one space between its words and a sign for "percent"."""
    return PERCENT.sub("%", " ".join(unicodedata.normalize("NFKC", text).split()))
