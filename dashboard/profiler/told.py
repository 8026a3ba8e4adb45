"""What a profile run wrote in English, into its folder and its record, in the reader's language.

A run does not know who will read it, and its files travel, so they keep one language. A sentence is found again among
the templates of the catalogue; what fits none stays in English.
"""

from __future__ import annotations

import re
import string
from collections.abc import Sequence
from dataclasses import replace
from functools import cache, lru_cache

from dashboard.parts.words import Words, catalogue
from profiling.errors import Phrase
from profiling.results.figures import Figure
from profiling.results.record import Estimate, Record, described
from profiling.results.sentence import Counted, Sentence
from profiling.workload.kinds import KINDS
from simulator.output.translations import messages_of

# A template with fewer letters of its own fits many texts; it counts only where what fills its gaps is known, too.
FEWEST_LETTERS = 6
# Longer texts are not searched for: no run writes them.
MOST_CHARACTERS = 600
# What stands between what is wrong and what to do.
BETWEEN = "; "
# Gaps of a figure's sentence that hold the name of a case.
CASES = ("name", "point", "case")
COUNTED = re.compile(r"([\d,.]+) (\D+)")

# A text between gaps, and the name of the gap behind it; None at the end.
Part = tuple[str, str | None]


def told(text: str, say: Words) -> str:
    """Return the text in the reader's language; in English, or where no template fits, as it is."""
    if isinstance(text, Phrase):
        return say.phrase(text, lambda _, value: told(value, say))
    if say.language == "en" or len(text) > MOST_CHARACTERS:
        return text
    whole = _known(text, say.language)
    return whole or say.listed(_known(part, say.language) or part for part in text.split(BETWEEN))


def case_named(text: str, say: Words) -> str:
    """Return the name of a case, alone or before a colon, in the reader's language: `train, method lora, batch 4`."""
    name, colon, rest = text.partition(": ")
    return f"{_case(name, say.language) or name}{colon}{rest}"


def device_named(record: Record, say: Words) -> str:
    """Return the device of a record in the reader's language."""
    return " · ".join(told(part, say) for part in record.label.split(" · "))


def in_words(figure: Figure, say: Words) -> Figure:
    """Return a figure whose cases are named in the reader's language."""
    series = {told(name, say): points for name, points in figure.series.items()}
    return replace(figure, series=series, sentence=_named(figure.sentence, say))


def _named(sentence: Sentence, say: Words) -> Sentence:
    """Return a sentence whose cases, also those of the sentences in it, are named in the reader's language."""

    def one(name: str, value: str | Counted | Sentence) -> str | Counted | Sentence:
        if isinstance(value, Sentence):
            return _named(value, say)
        return case_named(value, say) if name in CASES and isinstance(value, str) else value

    return replace(sentence, values={name: one(name, value) for name, value in sentence.values.items()})


def estimated(estimate: Estimate, say: Words) -> str:
    """Return an estimate with its interval, level and runs, in the reader's language."""
    return described(estimate).said(say)


@lru_cache(maxsize=4_096)
def _known(text: str, language: str) -> str | None:
    """Return the translation of a text that fits a template, or that counts known things; None for any other."""
    if (whole := _whole(text, language)) != text:
        return whole
    if found := _count(text, language) or _case(text, language):
        return found
    for template, own_letters, parts in _templates(language):
        if filled := _filled(text, parts):
            known = {name: _known(value, language) for name, value in filled.items()}
            several = any(BETWEEN in value and not known[name] for name, value in filled.items())
            if not several and (own_letters >= FEWEST_LETTERS or any(known.values())):
                values = {name: known[name] or value for name, value in filled.items()}
                return catalogue(language).gettext(template).format(**values)
    return None


def _whole(text: str, language: str) -> str:
    """Return the translation of a text that the catalogue may lack."""
    known = catalogue(language)
    return known.gettext(text) if not known.messages or text in known.messages else text


def _case(text: str, language: str) -> str | None:
    """Return a kind of cases and its coordinates, each with its value; None for any other text."""
    parts = [part.partition(" ") for part in text.split(", ")]
    if parts[0][0] not in KINDS or ":" in text or language == "en":
        return None
    named = (f"{catalogue(language).gettext(name)} {value}".rstrip() for name, _, value in parts)
    return ("\N{FULLWIDTH COMMA}" if language == "zh" else ", ").join(named)


def _count(text: str, language: str) -> str | None:
    """Return a number of things, which the catalogue has in the plural."""
    if not (match := COUNTED.fullmatch(text)):
        return None
    number, things = match.groups()
    first, *more = things.split(" ")
    for plural in (things, " ".join([f"{first}s", *more])):
        if (known := _whole(plural, language)) != plural:
            return f"{number} {known}"
    return None


@cache
def _templates(language: str) -> tuple[tuple[str, int, tuple[Part, ...]], ...]:
    """Return each template whose gaps are plain names, how many letters it has itself, and its parts; most first."""
    found = []
    for template in messages_of(language):
        parts = list(string.Formatter().parse(template))
        gaps = [name for _, name, *_ in parts if name is not None]
        plain = all(map(str.isidentifier, gaps)) and not any(spec or turned for *_, spec, turned in parts)
        letters = sum(map(str.isalpha, "".join(literal for literal, *_ in parts)))
        if gaps and letters and plain and all(literal for literal, *_ in parts[1:]):
            found.append((template, letters, tuple((literal, name) for literal, name, *_ in parts)))
    return tuple(sorted(found, key=lambda one: -one[1]))


def _filled(text: str, parts: Sequence[Part]) -> dict[str, str] | None:
    """Return what fills the gaps of a template, each up to the first place where the next part begins; None if none."""
    values: dict[str, str] = {}
    before: str | None = None
    for place, (literal, gap) in enumerate(parts):
        if before is None:
            value, found, text = "", text.startswith(literal), text[len(literal) :]
        elif gap is None and place == len(parts) - 1:
            value, found, text = text.removesuffix(literal), text.endswith(literal), ""
        else:
            value, mark, text = text.partition(literal)
            found = mark == literal
        if not found or (before is not None and not value):
            return None
        if before is not None:
            values[before] = value
        before = gap
    if before is not None:
        values[before] = text
    return values if values and all(values.values()) and (before is not None or not text) else None
