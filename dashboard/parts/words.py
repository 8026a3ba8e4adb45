"""Words and numbers of one reader: text looked up in a catalogue, and numbers formatted for the reader's locale.

The English text is the key of every message; text without a translation appears in English. The language `pseudo`
marks every text that passes through the catalogue, so that a test finds text that bypasses it.
"""

from __future__ import annotations

import gettext
import math
import re
import string
from collections.abc import Callable, Iterable, Mapping
from datetime import MAXYEAR, MINYEAR, date, datetime
from functools import cache
from typing import Any

from babel import Locale
from babel.dates import format_datetime, format_skeleton
from babel.numbers import (
    format_compact_currency,
    format_compact_decimal,
    format_currency,
    format_decimal,
    format_scientific,
    get_currency_precision,
    get_currency_symbol,
)
from babel.units import format_unit

from profiling.errors import Phrase, named
from profiling.results.sentence import Counted, Sentence
from simulator.answers.messages import Message, counted, digits_of, short_of_whole
from simulator.output.prices import apart
from simulator.output.translations import messages_of

# Language code → locale of its numbers and dates. A translation adds an entry here, a name, and a catalogue.
LOCALES = {"en": "en_US", "zh": "zh_CN", "pseudo": "en_US"}
# Languages whose long names of units Babel lacks, since their short ones are the same.
SAME_IN_SHORT = {"zh"}
# What each language calls itself.
LANGUAGES = {"en": "English", "zh": "简体中文"}

# A figure above a thousand trillion comes from runaway growth; scientific notation shows that at a glance.
UNREADABLE = 1e18
# Smaller numbers have more zeros than people count, and a smaller percentage is told as less than this.
TINY, LEAST_PERCENT = 1e-9, 0.0001

# Characters that Streamlit's Markdown reads as markup: a formula between two dollar signs, a link, a directive.
MARKUP = re.compile(r"([\\`*_{}\[\]()<>#+!|~$:&-])")
# What becomes a link or an icon whether escaped or not: an address, a mail address, the name of an icon. A word joiner,
# which nobody sees, parts it.
LIVE = re.compile(r"(?<=:)(?=//|[\w+-]+/|[\w+-]+:)|(?<=www)(?=\.)|(?<=@)(?=\w)", re.IGNORECASE)
# A minus before the sign of a currency, after which a line would break; a word joiner holds them together.
BREAKING = re.compile(r"(?:(?<=^-)|(?<=[\s(]-))(?=[^\s\d-])")
JOINER = "\u2060"
# A space after a full stop that is as wide as a letter, left where sentences were joined.
WIDE_STOP = re.compile(r"(?<=[。！？；]) ")
# Signs between parts that are put together for all languages, after a Chinese word or its closing bracket.
NARROW = re.compile(r"(?<=[\u4e00-\u9fff）])([,;:]) ")
WIDE = {",": "\N{FULLWIDTH COMMA}", ";": "\N{FULLWIDTH SEMICOLON}", ":": "\N{FULLWIDTH COLON}"}

# Units that the model abbreviates; a `stock` is a share of the company, while `share` is a fraction.
UNITS = {"Mtoken": "million tokens", "stock": "share", "task": "finished task"}


class Catalogue(gettext.NullTranslations):
    """The translations of one language; a text without one stays in English."""

    def __init__(self, messages: Mapping[str, str]) -> None:
        super().__init__()
        self.messages = messages

    def gettext(self, message: str) -> str:
        """Return the translation of a message."""
        return self.messages.get(message) or message


class PseudoTranslations(Catalogue):
    """A catalogue that marks each text, so that text outside the catalogue stands out."""

    def __init__(self) -> None:
        super().__init__({})

    def gettext(self, message: str) -> str:
        """Return the message between two marks."""
        return f"⟦{message}⟧" if message else message


@cache
def catalogue(language: str) -> Catalogue:
    """Return the messages of one language."""
    return PseudoTranslations() if language == "pseudo" else Catalogue(messages_of(language))


def punctuated(text: str) -> str:
    """Return a text with the signs that Chinese has, of full width and without a space, between its Chinese parts."""
    return WIDE_STOP.sub("", NARROW.sub(lambda found: WIDE[found[1]], text))


def escape(text: str) -> str:
    """Escape text so that Markdown shows it literally, whoever wrote it."""
    text = punctuated(text)
    return MARKUP.sub(r"\\\1", BREAKING.sub(JOINER, LIVE.sub(JOINER, text)))


def with_code(text: str) -> str:
    """Escape text for Markdown, except that names between backticks appear as code."""
    parts = text.split("`")
    return "".join(f"`{part}`" if place % 2 else escape(part) for place, part in enumerate(parts))


def first_paragraph(text: str) -> str:
    """Return the first paragraph of a docstring on one line."""
    return " ".join(text.split("\n\n", maxsplit=1)[0].split())


def spoken(locale: str | None) -> str:
    """Return the language for a browser's locale, such as zh-Hans-CN; English where there is no translation."""
    language = (locale or "").replace("_", "-").partition("-")[0].lower()
    return language if language in LANGUAGES else "en"


class Words:
    """The language, currency and calendar of one session."""

    def __init__(self, language: str = "en", currency: str = "USD", start: date = date(2000, 1, 1)) -> None:
        """Write amounts in `currency`, and count months from `start`."""
        self.language = language if language in LOCALES else "en"
        self.currency, self.start = currency, start
        self.locale = Locale.parse(LOCALES[self.language])
        self._catalogue = catalogue(self.language)

    def __call__(self, text: str, /, **values: Any) -> str:
        """Return the text in this language with each {field} filled in: `Cash ends at {end:money} in {when:month}`."""
        translated = self._catalogue.gettext(text) if text else ""
        return _Writer(self).vformat(translated, (), values) if values else translated

    def beside(self, *parts: str) -> str:
        """Join what belongs to one thing, such as a name and its unit, with commas; empty parts are left out."""
        return (", " if self.language != "zh" else "\N{FULLWIDTH COMMA}").join(filter(None, parts))

    def valued(self, name: str, value: str) -> str:
        """Join a name and its value with a colon."""
        return f"{name}{': ' if self.language != 'zh' else '：'}{value}"

    def listed(self, parts: Iterable[str]) -> str:
        """Join the parts of one sentence with semicolons, since the parts may hold commas."""
        return ("; " if self.language != "zh" else "\N{FULLWIDTH SEMICOLON}").join(parts)

    def sentence(self, *parts: str) -> str:
        """Join what is wrong and what to do into one sentence; empty parts are left out."""
        told = self.listed(filter(None, parts))
        stop = "." if self.language != "zh" else "\N{IDEOGRAPHIC FULL STOP}"
        return told if told.endswith(("?", "\N{FULLWIDTH QUESTION MARK}")) else f"{told}{stop}"

    def phrase(self, text: str, shown: Callable[[str, str], str]) -> str:
        """Return a text of an error in this language; `shown` writes the values that are texts, given their names."""
        if not isinstance(text, Phrase):
            return self(text)

        def one(name: str, value: Any) -> Any:
            if isinstance(value, Phrase) or name in {"what", "todo"}:
                return self.phrase(value, shown)
            if isinstance(value, Counted):
                return self.counted(value.count, value.things)
            return shown(name, value) if isinstance(value, str) else value

        filled = {name: one(name, value) for name, value in text.values.items()}
        return self._catalogue.gettext(text.template).format(**filled)

    def origin(self, text: str) -> str:
        """Return a source or a note: one of ours in this language, and what an author wrote as it is."""
        ours = isinstance(text, Phrase) or text in self._catalogue.messages
        return self.phrase(text, lambda _, value: value) if ours else text

    def number(self, value: float, digits: int = 3) -> str:
        """Format a number to `digits` significant digits; large ones are shortened (12.3M)."""
        if not math.isfinite(value):
            return "–" if math.isnan(value) else "∞"
        if abs(value) >= UNREADABLE or 0 < abs(value) < TINY:
            return format_scientific(float(f"{value:.{digits}g}"), locale=self.locale)
        if abs(value) >= 1e6:
            return format_compact_decimal(value, locale=self.locale, fraction_digits=1)
        return format_decimal(_significant(value, digits), locale=self.locale, decimal_quantization=False)

    def money(self, value: float) -> str:
        """Format an amount in the scenario's currency: $1.24M, $42,000, $0.17."""
        if not math.isfinite(value) or abs(value) >= UNREADABLE or 0 < abs(value) < TINY:
            return " ".join([self.number(value), self.currency]) if math.isfinite(value) else self.number(value)
        if abs(value) >= 1e6:
            return self._compact(value)
        if abs(value) >= 1000 or value == round(value):
            written = format_currency(round(value), self.currency, "¤#,##0", self.locale, currency_digits=False)
            return self._apart(written)
        # A currency without a smaller coin still has prices in fractions: ¥1.2 a request.
        in_coins = abs(value) >= 1 and get_currency_precision(self.currency) > 0
        rounded = round(value, 2) if in_coins else _significant(value, 3)
        written = format_currency(rounded, self.currency, locale=self.locale, decimal_quantization=in_coins)
        return self._apart(written)

    def _compact(self, value: float) -> str:
        """Format a large amount to hundredths of the word for its size, or to whole ones where it has thousands."""
        # Chinese counts in ten thousands, so that an amount may have 9,999 of them.
        in_thousands = self.language == "zh" and math.log10(abs(value)) % 4 >= 3
        digits = 0 if in_thousands else 2
        return self._apart(format_compact_currency(value, self.currency, locale=self.locale, fraction_digits=digits))

    def _apart(self, amount: str) -> str:
        """Set a currency's letters apart from its number, as in PLN 20, without a place to break the line."""
        return amount.replace(self.currency_symbol, self.currency_prefix)

    def short(self, value: float) -> str:
        """Format a number as briefly as the language can: 20K, or 2万."""
        return format_compact_decimal(value, locale=self.locale, fraction_digits=2)

    def short_money(self, value: float) -> str:
        """Format an amount as briefly as the language can: $20K, or ¥2万."""
        return self._apart(format_compact_currency(value, self.currency, locale=self.locale, fraction_digits=2))

    @property
    def currency_symbol(self) -> str:
        """The symbol of the scenario's currency: $ or €."""
        return get_currency_symbol(self.currency, locale=self.locale)

    @property
    def currency_prefix(self) -> str:
        """What stands before an amount: $ or PLN with a space."""
        symbol = self.currency_symbol
        return f"{symbol}\N{NO-BREAK SPACE}" if symbol[-1:].isalpha() else symbol

    def share(self, value: float) -> str:
        """Format a fraction as a percentage: 62%, 4.2%, 0.35%."""
        if not math.isfinite(value):
            return self.number(value)
        if 0 < 100 * abs(value) < LEAST_PERCENT:
            return f"<{LEAST_PERCENT:f}".rstrip("0") + "%" if value > 0 else "0%"
        percent = _significant(100 * value, 2 if abs(value) < 0.1 else 3)
        if digits := short_of_whole(value):
            percent = round(100 * value, digits)
        elif abs(percent) >= 10:
            percent = round(percent)
        return f"{format_decimal(percent, locale=self.locale, decimal_quantization=False)}%"

    def quantity(self, value: float, unit: str) -> str:
        """Format a number with its unit: $2.30 / device / hour, 4.2%, 14 months, 1,200 token / second."""
        first, *per = spelled(unit)
        if first == self.currency:
            return " / ".join([self.money(value), *map(self.unit, per)])
        if unit == "month index":
            return self.month_number(int(value))
        if unit in {"share", "month"}:
            return self.share(value) if unit == "share" else self.months(value)
        return " ".join([self.number(value), self.unit_after(value, unit)]).strip()

    def unit_after(self, value: float, unit: str) -> str:
        """Format a unit that follows a number; English alone has a plural here."""
        return self.unit(counted(value, unit) if self.language == "en" else unit)

    def counted(self, count: float, things: str) -> str:
        """Format a number of things, which are given in the plural: 1 request at a time."""
        return f"{self.number(count)} {self(named(count, things) if self.language == 'en' else things)}"

    def message(self, message: Message) -> str:
        """Format a message of the simulator; an estimate comes with its standard error."""
        return self(message.text, **{name: self.estimate(*value) for name, value in message.values.items()})

    def estimate(self, value: float, unit: str, error: float | None = None) -> str:
        """Format a quantity; one from trials with its standard error, in points for a share: 19.8% ± 0.9."""
        if error is None:
            return self.quantity(value, unit)
        if unit != "share":
            return f"{self.quantity(value, unit)} ± {apart(error, unit, self)}"
        digits, more = digits_of(value, error)
        spread = f" ± {self._percent(error, more)}" if more else ""
        return f"{self._percent(value, digits)}%{spread}"

    def _percent(self, share: float, digits: int) -> str:
        return str(format_decimal(100 * share, "0." + "0" * digits if digits else "0", self.locale))

    def unit(self, unit: str) -> str:
        """Format a unit with each of its parts translated; a plain number has none."""
        first, *per = (self(UNITS.get(part, part)) for part in spelled(unit))
        return " / ".join(["" if first == "1" else first, *per]).strip()

    def months(self, count: float) -> str:
        """Format a time span: 14 months."""
        length = "short" if self.language in SAME_IN_SHORT else "long"
        return format_unit(round(count, 1) if count % 1 else int(count), "duration-month", length, locale=self.locale)

    def month_number(self, index: int) -> str:
        """Format the month `index` of the projection, counted from 0, as a calendar month."""
        years, month = divmod(self.start.month - 1 + index, 12)
        year = self.start.year + years
        # No calendar has the month of somebody who types a large number for "never".
        return self.month(date(year, month + 1, 1)) if MINYEAR <= year <= MAXYEAR else f"{year}-{month + 1:02}"

    def month(self, day: date) -> str:
        """Format a calendar month: Mar 2027."""
        return format_skeleton("yMMM", day, locale=self.locale)

    def moment(self, instant: datetime) -> str:
        """Format a date with its time of day."""
        return format_datetime(instant, "medium", locale=self.locale)


class _Writer(string.Formatter):
    """A formatter whose field specifications name a kind of value: `{end:money}`, `{when:month}`."""

    def __init__(self, say: Words) -> None:
        self.say = say

    def format_field(self, value: Any, spec: str) -> str:
        """Format a value as its specification says; text stays as given."""
        if isinstance(value, str):
            return value
        if isinstance(value, Counted):
            return self.say.counted(value.count, value.things)
        if isinstance(value, Sentence):
            return value.said(self.say)
        if spec in {"money", "share", "months", "month", "number"}:
            return str(getattr(self.say, spec)(value))
        return format(value, spec)


def spelled(unit: str) -> list[str]:
    """Return the parts of a unit as people say them: that of energy is the kWh, and not an hour for each kW."""
    return unit.replace("hour/kW", "kWh").split("/")


def _significant(value: float, digits: int) -> float:
    """Round to `digits` significant digits, but never to tens or coarser."""
    if value == 0:
        return 0.0
    return round(value, max(0, digits - 1 - math.floor(math.log10(abs(value)))))
