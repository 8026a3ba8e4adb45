"""One reader's language: translated text, and numbers written the way that reader writes them.

The English text is the key of every message. The language `pseudo` marks every translated text, so that a test finds
text that bypasses the catalogue.
"""

from __future__ import annotations

import gettext
import math
import re
import string
from datetime import date, datetime
from typing import Any

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import (
    format_compact_currency,
    format_compact_decimal,
    format_currency,
    format_decimal,
    format_scientific,
    get_currency_symbol,
)
from babel.units import format_unit

from simulator.answers.verdict import Message

LOCALES = {"en": "en_US", "pseudo": "en_US"}

# Beyond a thousand trillions a number is a mistake of growth, and written as such.
UNREADABLE = 1e18

# What Streamlit's Markdown would read as markup: a formula between two dollar signs, a link, a directive.
MARKUP = re.compile(r"([\\`*_{}\[\]()<>#+!|~$:-])")


def readable(name: str) -> str:
    """A line's or an assumption's name for people, and so the key of its translation."""
    return name.replace("_", " ").capitalize()


class PseudoTranslations(gettext.NullTranslations):
    """Marks what passes through the catalogue, so that untranslated text stands out."""

    def gettext(self, message: str) -> str:
        """The message between two marks."""
        return f"⟦{message}⟧" if message else message


def catalogue(language: str) -> gettext.NullTranslations:
    """Return the messages of one language; a text without a translation stays in English."""
    return PseudoTranslations() if language == "pseudo" else gettext.NullTranslations()


def escape(text: str) -> str:
    """Text that Markdown shows as it stands, whoever wrote it."""
    return MARKUP.sub(r"\\\1", text)


def first_paragraph(text: str) -> str:
    """The first paragraph of a docstring, on one line."""
    return " ".join(text.split("\n\n", maxsplit=1)[0].split())


class Words:
    """The words and numbers of one session; each session has its own."""

    def __init__(self, language: str = "en", currency: str = "USD", start: date = date(2000, 1, 1)) -> None:
        """Words for a plan in this currency, whose month 0 begins on `start`."""
        self.language = language if language in LOCALES else "en"
        self.currency, self.start = currency, start
        self.locale = Locale.parse(LOCALES[self.language])
        self._catalogue = catalogue(self.language)

    def __call__(self, text: str, /, **values: Any) -> str:
        """The text in this language, each {field} filled in: `Cash ends at {end:money} in {when:month}`."""
        translated = self._catalogue.gettext(text) if text else ""
        return _Writer(self).vformat(translated, (), values) if values else translated

    def number(self, value: float, digits: int = 3) -> str:
        """A number to so many significant digits; large ones are shortened (12.3M)."""
        if not math.isfinite(value):
            return "–" if math.isnan(value) else "∞"
        if abs(value) >= UNREADABLE:
            return format_scientific(value, locale=self.locale)
        if abs(value) >= 1e6:
            return format_compact_decimal(value, locale=self.locale, fraction_digits=1)
        return format_decimal(_significant(value, digits), locale=self.locale, decimal_quantization=False)

    def money(self, value: float) -> str:
        """An amount in the plan's currency: $1.24M, $42,000, $0.17."""
        if not math.isfinite(value) or abs(value) >= UNREADABLE:
            return " ".join([self.number(value), self.currency]) if math.isfinite(value) else self.number(value)
        if abs(value) >= 1e6:
            return format_compact_currency(value, self.currency, locale=self.locale, fraction_digits=2)
        if abs(value) >= 1000 or value == round(value):
            return format_currency(
                round(value), self.currency, locale=self.locale, currency_digits=False, format=self._whole_currency()
            )
        rounded = round(value, 2) if abs(value) >= 1 else _significant(value, 3)
        return format_currency(rounded, self.currency, locale=self.locale, decimal_quantization=abs(value) >= 1)

    def _whole_currency(self) -> str:
        """This locale's way to write money, without the decimals."""
        return self.locale.currency_formats["standard"].pattern.replace(".00", "")

    @property
    def currency_symbol(self) -> str:
        """The plan's currency as this reader writes it: $ or €."""
        return get_currency_symbol(self.currency, locale=self.locale)

    def share(self, value: float) -> str:
        """A fraction as per cent: 62%, 4.2%, 0.35%."""
        if not math.isfinite(value):
            return self.number(value)
        percent = _significant(100 * value, 2 if abs(value) < 0.1 else 3)
        if abs(percent) >= 10:
            percent = round(percent)
        digits = format_decimal(percent, locale=self.locale, decimal_quantization=False)
        return self.locale.percent_formats[None].pattern.replace("#,##0", digits)

    def quantity(self, value: float, unit: str) -> str:
        """A number with its unit: $2.30 / device / hour, 4.2%, 14 months, 1,200 token / second."""
        first, *per = unit.split("/")
        if first == self.currency:
            return " / ".join([self.money(value), *map(self, per)])
        if unit == "month index":
            return self.month_number(int(value))
        if unit in {"share", "month"}:
            return self.share(value) if unit == "share" else self.months(value)
        return " ".join([self.number(value), self.unit(unit)]).strip()

    def message(self, message: Message) -> str:
        """What the simulator says, with its numbers; a span is a bare number there, as in "{months} months"."""
        values = {
            name: self.number(number, 2) if unit == "month" else self.quantity(number, unit)
            for name, (number, unit) in message.values.items()
        }
        return self(message.text, **values)

    def unit(self, unit: str) -> str:
        """A unit on its own, each of its parts in this language; a plain number has none."""
        parts = [self(part) for part in unit.split("/")]
        return " / ".join(parts) if unit not in {"1", ""} else ""

    def months(self, count: float) -> str:
        """A span of time: 14 months."""
        return format_unit(round(count, 1) if count % 1 else int(count), "duration-month", "long", locale=self.locale)

    def month_number(self, index: int) -> str:
        """A month of the plan, counted from 0, as a month of the calendar."""
        years, month = divmod(self.start.month - 1 + index, 12)
        return self.month(date(self.start.year + years, month + 1, 1))

    def month(self, day: date) -> str:
        """A month of the calendar: Mar 2027."""
        return format_date(day, "MMM y", locale=self.locale)

    def moment(self, instant: datetime) -> str:
        """A day and the time of day."""
        return format_datetime(instant, "medium", locale=self.locale)


class _Writer(string.Formatter):
    """Fills in fields; what stands after the colon says what the value is, and so how it is written."""

    def __init__(self, say: Words) -> None:
        self.say = say

    def format_field(self, value: Any, spec: str) -> str:
        if isinstance(value, str):
            return value
        if spec in {"money", "share", "months", "month", "number"}:
            return str(getattr(self.say, spec)(value))
        return format(value, spec)


def _significant(value: float, digits: int) -> float:
    """The value rounded to so many significant digits, whole numbers left whole."""
    if value == 0:
        return 0.0
    return round(value, max(0, digits - 1 - math.floor(math.log10(abs(value)))))
