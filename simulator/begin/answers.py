"""Answers: what was typed, read field by field; every mistake is found at once, with what to do about it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from profiling.errors import Phrase
from simulator.begin.questions import FIRST, TYPED, Answers, Field, Ranged, fields
from simulator.errors import AnswersError, BadValue, Fault
from simulator.scenario.cards.catalogue import find_card
from simulator.scenario.typed.amounts import Ambiguous, amount_of, as_typed, check_currency, percent_of
from simulator.scenario.typed.entry import BETWEEN, SIZED, SPAN

MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])")
# A typed text is repeated in an error only so far.
LONGEST_SHOWN = 60


def read(typed: Mapping[str, Any]) -> Answers:
    """Return the answer to each field that is asked: the default where nothing is typed; raise AnswersError.

    An answer of `month` is an index from 0, and one of `percent` is in percent. `TYPED` has the keys that were typed.
    """
    answers, faults = understood(typed)
    known = fields()
    faults += [
        Fault(str(key)[:LONGEST_SHOWN], 0, "", "there is no such question", "see `python -m simulator new --questions`")
        for key in typed
        if key not in known
    ]
    for key, text in typed.items():
        if key in known and key not in answers and not _missing(text) and not any(one.key == key for one in faults):
            what = "it is not asked, given the other answers"
            faults.append(_fault(known[key], answers, BadValue(what, "remove it, or set it to null")))
    if faults:
        raise AnswersError(*sorted(faults, key=lambda one: one.question))
    return {**answers, TYPED: frozenset(key for key, text in typed.items() if not _missing(text))}


def understood(typed: Mapping[str, Any]) -> tuple[dict[str, Any], list[Fault]]:
    """Return the answers to all fields that are asked, and a fault for each that cannot be used.

    The default stands in for an answer with a fault, so that what depends on it can still be asked.
    """
    known, answers, faults = fields(), dict[str, Any](), list[Fault]()
    for key in (*FIRST, *(key for key in known if key not in FIRST)):
        one = known[key]
        if not one.asked(answers):
            continue
        default = one.default_for(answers)
        try:
            answers[key] = _read(one, default if _missing(typed.get(key)) else typed[key], answers)
        except BadValue as error:
            faults.append(_fault(one, answers, error))
            answers[key] = _read(one, 1.0 if default is None else default, answers)
    return {key: answers[key] for key in known if key in answers}, faults


def _missing(text: Any) -> bool:
    return text is None or (isinstance(text, str) and not text.strip())


def _fault(one: Field, answers: Answers, error: BadValue) -> Fault:
    return Fault(one.key, one.question, one.label_for(answers), error.what, error.todo)


def _read(one: Field, typed: Any, answers: Answers) -> Any:
    """Return one answer; raise BadValue."""
    if typed is None:
        raise BadValue("it has no default here", "type a number, such as 1.25")
    if isinstance(typed, bool) or not isinstance(typed, str | int | float):
        raise BadValue(
            Phrase("{typed!r} is neither a text nor a number", typed=str(typed)[:LONGEST_SHOWN]),
            "write a text or a number",
        )
    text = str(typed).strip()
    return READERS[one.kind](one, text if one.kind == "text" else as_typed(text), answers)


def _text(one: Field, typed: str, _: Answers) -> str:
    # A file is one line after another, so that a text keeps neither line breaks nor what cannot be seen.
    text = " ".join("".join(char if char.isprintable() else " " for char in typed).split())
    if len(text) > one.longest:
        raise BadValue(
            Phrase("it has {count:,} characters", count=len(text)), Phrase("write at most {most}", most=one.longest)
        )
    if not text and one.default:
        raise BadValue("it has no character that can be shown", "write a word or two")
    return text


def _choice(one: Field, typed: str, _: Answers) -> str:
    if typed not in one.options:
        raise BadValue(
            Phrase("{typed!r} is not a choice", typed=typed[:LONGEST_SHOWN]),
            Phrase("choose one of {options}", options=", ".join(one.options)),
        )
    return typed


def _card(_: Field, typed: str, __: Answers) -> str:
    return find_card(typed).name


def _amount(one: Field, typed: str, answers: Answers) -> float:
    if one.money:
        check_currency(typed, answers["currency"])
    return _ranged(one, typed, lambda text: _within(one, amount_of(text), answers))


def _percent(one: Field, typed: str, answers: Answers) -> float:
    return _ranged(one, typed, lambda text: _within(one, percent_of(text), answers, "%"))


def _ranged(one: Field, typed: str, read: Callable[[str], float]) -> float:
    """Return a number, or of a field that is uncertain a range; raise BadValue."""
    try:
        return read(typed)
    except Ambiguous:
        raise
    except BadValue:
        found = BETWEEN.fullmatch(typed) or SPAN.fullmatch(typed)
        if found is None:
            raise
        low, high = found.groups()[-2:]
    # A word for a size behind the last end is that of the first one, too: 500-800k.
    size = SIZED.search(high)
    shared = size is not None and not SIZED.search(low) and amount_of(low) < amount_of(high.removesuffix(size[0]))
    ends = read(f"{low}{size[0]}" if size and shared else low), read(high)
    if one.spread is None:
        raise BadValue(
            Phrase("{typed!r} is a range, and this answer is one number", typed=typed[:LONGEST_SHOWN]),
            "type one number; the assumptions of the company take the range later",
        )
    if ends[0] >= ends[1]:
        raise BadValue(Phrase("{typed!r} is no range", typed=typed[:LONGEST_SHOWN]), "give the lower end first")
    return Ranged(*ends)


def _whole(one: Field, typed: str, answers: Answers) -> int:
    number = _ranged(one, typed, lambda text: _within(one, amount_of(text), answers))
    if number != int(number):
        raise BadValue(
            Phrase("{number:g} is not a whole number", number=number),
            Phrase("give {least:g} to {most:,.12g}", least=one.least, most=one.most),
        )
    return int(number)


def _within(one: Field, number: float, answers: Answers, unit: str = "") -> float:
    least, most = one.limits_for(answers)
    if not least <= number <= most:
        edge = Phrase("too small") if number < least else Phrase("too large")
        raise BadValue(
            Phrase("{number:,.12g}{unit} is {edge}", number=number, unit=unit, edge=edge),
            Phrase("give {least:,.12g}{unit} to {most:,.12g}{unit}", least=least, unit=unit, most=most),
        )
    return number


def _month(one: Field, typed: str, answers: Answers) -> int:
    """Return a month as an index from 0; it is typed as a number from 1, or by the calendar."""
    if found := MONTH.fullmatch(typed):
        start = MONTH.fullmatch(answers["start"])
        assert start is not None, "the first month was read before"
        months = [12 * int(one[1]) + int(one[2]) for one in (start, found)]
        number = months[1] - months[0] + 1
        if not one.least <= number <= one.most:
            what = Phrase(
                "{typed} is not among the first {most:g} months, which begin with {start}",
                typed=typed,
                most=one.most,
                start=answers["start"],
            )
            raise BadValue(
                what, Phrase("give a month among them, or {least:g} to {most:g}", least=one.least, most=one.most)
            )
        typed = str(number)
    month = _whole(one, typed, answers) - 1
    if one.after and month <= answers[one.after]:
        label, earliest = fields()[one.after].label_for(answers), answers[one.after] + 2
        raise BadValue(
            Phrase("it does not come after “{label}”", label=Phrase(label)),
            Phrase("give {earliest} or later", earliest=earliest),
        )
    return month


def _start(_: Field, typed: str, __: Answers) -> str:
    if not MONTH.fullmatch(typed):
        raise BadValue(Phrase("{typed!r} is not a month", typed=typed[:LONGEST_SHOWN]), "write it like 2027-01")
    return typed


def _currency(_: Field, typed: str, __: Answers) -> str:
    if not re.fullmatch(r"[A-Za-z]{3}", typed):
        raise BadValue(
            Phrase("{typed!r} is not the code of a currency", typed=typed[:LONGEST_SHOWN]),
            "write three letters, such as EUR",
        )
    return typed.upper()


READERS: Mapping[str, Callable[[Field, str, Answers], Any]] = {
    "text": _text,
    "choice": _choice,
    "card": _card,
    "amount": _amount,
    "percent": _percent,
    "whole": _whole,
    "month": _month,
    "start": _start,
    "currency": _currency,
}
