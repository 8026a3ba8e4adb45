"""The text of a new scenario file, in the order of the questions, with the origin of every number."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from itertools import product as product_of
from typing import Any

from profiling.errors import Phrase
from simulator.begin import business, product
from simulator.begin.answers import read, understood
from simulator.begin.entries import Members
from simulator.begin.questions import DOLLAR, TYPED, Answers, fields, questions

WIDTH = 120
MONTHS, TRIALS = 60, 1000
HOW = Phrase(
    'Begun with eight questions. A note that says "Answered" marks what was answered, and "Default answer" what was '
    "left open. All other values are usual for such a company: published where they have a source, otherwise assumed "
    "for the reason in the note. Replace them as you learn."
)
MONTHS_AND_RANGES = Phrase(
    "Months are counted from 0. Each trial draws ranges anew; the middle number of a pert is the base case."
)
# Plain words that YAML, or one of its older versions, takes for something else.
RESERVED = re.compile(r"(?i:true|false|null|yes|no|on|off|y|n)")
PLAIN = re.compile(r"[A-Za-z][\w /.()-]*[\w.)]|[A-Za-z]", re.ASCII)
WIDE, WIDE_STOPS = re.compile("[\u4e00-\u9fff]$"), ("。", "！", "？")
# Entries of a value that say where it comes from, in words.
ORIGINS = ("source", "note")
TEXTS = ("source", "as_of", "note", "title", "unit", "device", "evidence", "pool", "card")
# The sections of the file by the question that they answer; the head has the company, and the last one the rest.
SECTIONS = (
    (2, (("pools", product.pools),)),
    (3, (("programs", product.programs),)),
    (4, (("features", product.features),)),
    (5, (("plans", product.plans),)),
    (6, (("channels", business.channels),)),
    (7, (("roles", business.roles), ("overheads", business.overheads))),
    (8, (("safes", business.safes), ("rounds", business.rounds), ("holders", business.holders))),
)


def scenario_text(typed: Mapping[str, Any], say: Callable[[str], str] = str) -> str:
    """Return the text of the scenario file of a company by the answers about it; raise AnswersError.

    `say` translates the description, the titles of members, the sources and notes, and the comments.
    """
    answers = read(typed)
    company = _noted_in(say, business.assumptions(answers))
    lines = [*_head(answers, say), _titled(8, say, Phrase("the company")), *_section("assumptions", company)]
    for number, sections in SECTIONS:
        found = [(name, _titled_in(say, members, answers)) for name, made in sections if (members := made(answers))]
        if found:
            lines += ["", _titled(number, say)]
        for place, (name, members) in enumerate(found):
            lines += [*([""] if place else []), *_section(name, members)]
    return "\n".join([*lines, *_correlations(answers, say)]) + "\n"


def titles() -> set[str]:
    """Return the titles that members may get, for those who translate them; a `Phrase` is found in its module."""
    founders: list[dict[str, Any]] = [{"founders": count} for count in range(1, len(business.NUMBERS) + 1)]
    choices = ("customer", "model", "size", "channel")
    asked = [dict(zip(choices, one, strict=True)) for one in product_of(*(fields()[key].options for key in choices))]
    found = set()
    for typed in [*founders, *asked, {"seed": 1e6, "series_a": 1e6, "checker": "model"}]:
        answers = {**understood(typed)[0], TYPED: frozenset[str]()}
        members = (one for _, sections in SECTIONS for _, made in sections for one in made(answers).values())
        found |= {one["title"] for one in members if not isinstance(one["title"], Phrase)} - {answers["product"]}
    return found


def _titled_in(say: Callable[[str], str], members: Members, answers: Answers) -> Members:
    """Return the members with translated titles, sources and notes; the name of the product is an answer."""
    kept = answers["product"]
    return {
        key: {**_noted_in(say, one), "title": one["title"] if one["title"] == kept else _told(say, one["title"])}
        for key, one in members.items()
    }


def _noted_in(say: Callable[[str], str], entries: Mapping[str, Any]) -> dict[str, Any]:
    """Return the entries with translated sources and notes."""
    return {
        key: {name: _told(say, part) if name in ORIGINS else part for name, part in entry.items()}
        if isinstance(entry, Mapping)
        else entry
        for key, entry in entries.items()
    }


def _told(say: Callable[[str], str], text: Any) -> Any:
    """Return a text in the reader's language, with what is filled into it; any other value as it is."""
    if isinstance(text, Phrase):
        return say(text.template).format(**{name: _told(say, value) for name, value in text.values.items()})
    return say(text) if isinstance(text, str) else text


def file_name(answers: Answers) -> str:
    """Return the name of the file without its ending: that of the company."""
    name = re.sub(r"[\W_]+", "-", answers["name"].lower()).strip("-")
    return name[:50].rstrip("-") or "my-company"


def _head(answers: Answers, say: Callable[[str], str]) -> Iterator[str]:
    chosen = [say(fields()[name].options[answers[name]]) for name in ("customer", "model")]
    story = _text(filter(None, (answers["problem"], *chosen)))
    yield from _commented(_text((answers["name"], story)))
    yield "#"
    yield from _commented(say(HOW))
    yield "#"
    yield from _commented(say(MONTHS_AND_RANGES))
    yield from ("", "breakeven: 1", f"title: {scalar(answers['name'])}")
    yield from _folded("description", story, "")
    yield f"currency: {answers['currency']}"
    if answers["currency"] != DOLLAR:
        yield f"second_currency: {DOLLAR}"
    yield from (f"start: {answers['start']}", f"months: {MONTHS}", f"trials: {TRIALS}", "seed: 1", "cash_floor: 0", "")


def _text(parts: Iterable[str]) -> str:
    """Return sentences in a row, each with its full stop; a Chinese one has its own, and no space after it."""
    stops = (*".!?…", *WIDE_STOPS)
    ended = [one if one.endswith(stops) else f"{one}{'。' if WIDE.search(one) else '.'}" for one in parts]
    return "".join(one if one.endswith(WIDE_STOPS) else f"{one} " for one in ended).rstrip()


def _titled(number: int, say: Callable[[str], str], what: str = "") -> str:
    """Return the comment that says which question the next lines answer."""
    title = say(what or questions()[number - 1].title)
    return f"# {_told(say, Phrase('Question {number}: {title}', number=number, title=title[:1].lower() + title[1:]))}"


def _commented(text: str) -> Iterator[str]:
    """Yield lines of comment; a sentence without spaces, whose letters are twice as wide, is cut where a line ends."""
    wide = bool(WIDE.search(text.rstrip("".join(WIDE_STOPS))))
    yield from (f"# {line}" for line in textwrap.wrap(text, (WIDTH - 2) // (1 + wide), break_long_words=wide))


def _section(name: str, members: Mapping[str, Any]) -> Iterator[str]:
    yield f"{name}:"
    for key, one in members.items():
        if name == "assumptions":
            yield from _entry(key, one, "  ")
            continue
        yield f"  {scalar(key)}:"
        for field, entry in one.items():
            yield from _entry(field, entry, "    ")


def _entry(key: str, entry: Any, indent: str) -> Iterator[str]:
    """Yield one entry, on one line if it fits."""
    if not isinstance(entry, Mapping):
        yield f"{indent}{key}: {_literal(key, entry)}"
        return
    parts = {name: _literal(name, part) for name, part in entry.items()}
    line = f"{indent}{key}: {{{', '.join(f'{name}: {part}' for name, part in parts.items())}}}"
    if len(line) <= WIDTH:
        yield line
        return
    yield f"{indent}{key}:"
    for name, part in entry.items():
        text = f"{indent}  {name}: {parts[name]}"
        if len(text) > WIDTH and isinstance(part, str):
            yield from _folded(name, part, f"{indent}  ")
        else:
            yield text


def _folded(key: str, text: str, indent: str) -> Iterator[str]:
    """Yield a long text as a folded block."""
    inner = f"{indent}  "
    lines = textwrap.wrap(" ".join(text.split()), WIDTH - len(inner), break_long_words=False, break_on_hyphens=False)
    yield f"{indent}{key}: >-"
    yield from (inner + line for line in lines)


def _literal(name: str, part: Any) -> str:
    """Return a value in the flow style of YAML."""
    if name in TEXTS:
        return scalar(part.isoformat() if isinstance(part, date) else part)
    if isinstance(part, Mapping):
        return "{" + ", ".join(f"{key}: {_literal('', one)}" for key, one in part.items()) + "}"
    if isinstance(part, list):
        return "[" + ", ".join(_literal("", one) for one in part) + "]"
    if isinstance(part, float):
        return str(int(part)) if part.is_integer() and abs(part) < 1e15 else f"{part:.12g}"
    return str(part)


def scalar(text: str) -> str:
    """Return a text as YAML reads it back: plain where it can be, otherwise in quotes."""
    plain = PLAIN.fullmatch(text) and not RESERVED.fullmatch(text) and "  " not in text
    return text if plain else json.dumps(text, ensure_ascii=False)


def _correlations(answers: Answers, say: Callable[[str], str]) -> Iterator[str]:
    found = business.correlations(answers)
    if found:
        yield from ("", "correlations:")
    for one, other, strength, why in found:
        yield from (f"  # {say(why)}", f"  - [{scalar(one)}, {scalar(other)}, {strength}]")
