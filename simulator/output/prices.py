"""The best price of a plan in words, and as plain values: what `price --json` prints and what a page shows.

A sentence is made by a speaker, so that a page can translate its text and format its numbers for the reader.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Protocol

from simulator.answers.kpis.tried import MONTHS
from simulator.answers.messages import counted, give_or_take, plain
from simulator.answers.pricing.aims import AIMS, Aim
from simulator.answers.pricing.best import FARTHEST, End, PriceAnswer, Rising
from simulator.answers.pricing.break_even import BreakEven
from simulator.answers.pricing.studies import STUDIES
from simulator.scenario.scenario import Scenario
from simulator.scenario.typed.entry import spoken_unit

# A best price farther from today's than this factor is an extrapolation that the reader is told of.
FAR = 2.0

# An aim that still rises where the search ends, by that end.
STILL_RISING: Mapping[Rising, str] = {
    "up": "{aim} is still rising at {most} times today's price, so no best price can be named: {outcome} at {best}, "
    "against {now} at today's {price}.",
    "down": "{aim} is still rising at a sixteenth of today's price, so no best price can be named: {outcome} at "
    "{best}, against {now} at today's {price}.",
}


class Speaker(Protocol):
    """Whoever writes sentences: a terminal in English, or a page in the reader's language."""

    def __call__(self, text: str, /, **values: Any) -> str:
        """Return the text with each {field} filled in."""

    def quantity(self, value: float, unit: str) -> str:
        """Return a number with its unit."""

    def estimate(self, value: float, unit: str, error: float | None = None) -> str:
        """Return a number with its unit; one estimated from trials comes with its standard error."""


class Plain:
    """English for a terminal."""

    def __call__(self, text: str, /, **values: Any) -> str:
        """Return the text with each {field} filled in."""
        return text.format(**values)

    def quantity(self, value: float, unit: str) -> str:
        """Return a number with its unit; a small price keeps three digits, and one below a thousand its cents."""
        if unit in {"share", "month", "month index"}:
            return plain(value, unit)
        digits = ",.0f" if abs(value) >= 1000 or value == round(value) else ",.2f" if abs(value) >= 1 else ".3g"
        return f"{value:{digits}} {counted(value, unit)}".removesuffix(" 1")

    def estimate(self, value: float, unit: str, error: float | None = None) -> str:
        """Return a number with its unit; one estimated from trials comes with its standard error."""
        if error is None:
            return self.quantity(value, unit)
        if unit == "share":
            return give_or_take(value, error)
        return f"{self.quantity(value, unit)} ± {apart(error, unit, self)}"


def apart(difference: float, unit: str, say: Speaker) -> str:
    """Return a difference with its unit: between two months lie months, and between two shares percentage points."""
    if unit == "share":
        return say("{count} points", count=say.quantity(100 * difference, "1"))
    return say.quantity(difference, "month" if unit == "month index" else unit)


def sentence(answer: PriceAnswer, say: Speaker) -> str:
    """Return the answer in one sentence: the best price, or why there is none and what to watch instead."""
    words = _amounts(answer, say)
    if answer.is_beyond:
        return say(
            "{aim} lies beyond the projection at today's {price} already, so no other price can be better: choose "
            "another aim, such as cash at the end.",
            **words,
        )
    if answer.is_level:
        return say("{aim} is the same at every price from {low} to {high}.", **words)
    if not answer.responds:
        none = say("No best price can be named, because the scenario assumes no response of customers to this price.")
        return f"{none} {break_even_sentence(answer.break_even[0], say)}"
    if answer.rising:
        return say(STILL_RISING[answer.rising], **words)
    if answer.highest.outcome <= answer.now:
        return say("{aim} is highest at today's price of {price}: {outcome}.", **words)
    return say("{aim} is highest at a price of {best}: {outcome}, against {now} at today's {price}.", **words)


def aim_words(aim: Aim, value: float, scenario: Scenario, say: Speaker) -> str:
    """Return what prices come to, in the unit of the aim; a month that never comes lies beyond the projection."""
    if aim.unit in MONTHS and value >= scenario.months:
        return say("beyond the projection")
    return say.quantity(value, aim.unit_in(scenario.currency))


def _amounts(answer: PriceAnswer, say: Speaker) -> dict[str, str]:
    """Return the aim, prices and outcomes of an answer as they are written in its sentences."""
    priced, best = answer.priced, answer.highest
    unit, aim = spoken_unit(priced.assumption), AIMS[priced.aim]
    prices = {"price": priced.level, "best": best.price, "low": answer.flat[0], "high": answer.flat[1]}
    return {
        "aim": say(aim.title),
        "most": say.quantity(FARTHEST, "1"),
        "now": aim_words(aim, answer.now, priced.scenario, say),
        "outcome": aim_words(aim, best.outcome, priced.scenario, say),
        **{name: say.quantity(price, unit) for name, price in prices.items()},
    }


def break_even_sentence(one: BreakEven, say: Speaker) -> str:
    """Return what a rise of the price may cost in new customers."""
    words = {"rise": say.quantity(one.rise, "share"), "share": say.quantity(one.share, "share")}
    if one.every:
        return say("A rise of {rise} pays even if every new customer is lost.", **words)
    if one.never:
        return say("A rise of {rise} does not pay even if nobody is lost.", **words)
    return say("A rise of {rise} pays as long as it loses less than {share} of new customers.", **words)


def remarks(answer: PriceAnswer, say: Speaker) -> Iterator[str]:
    """Yield what a reader should know beside the answer: how flat it is, what it rests on, and how far it reaches."""
    words = _amounts(answer, say)
    if answer.best and answer.flat[0] <= answer.priced.level <= answer.flat[1]:
        yield say("From {low} to {high}, today's price included, the outcome stays within 1% of that.", **words)
    elif answer.best:
        yield say("From {low} to {high} the outcome stays within 1% of that.", **words)
    if answer.responds and answer.is_open:
        yield say("The answer rests on {elasticities}.", elasticities=_elasticities(answer, say))
        yield from _ends(answer, say)
    if answer.is_open and not level_of(answer, "churn_elasticity"):
        yield say("Nobody who is a customer already is assumed to leave over the price (churn elasticity 0).")
    if answer.best:
        yield from far_from_today(answer.best.factor, say("The price"), say)
    if answer.best and answer.beyond:
        yield say(
            "At {beyond} the outcome is higher again; customers would hardly keep to the elasticity that far.",
            beyond=say.quantity(answer.beyond, spoken_unit(answer.priced.assumption)),
        )
    if not answer.priced.is_steady:
        yield say("The price changes over the months; all of its values are scaled together, and the first is named.")


def far_from_today(factor: float, name: str, say: Speaker) -> Iterator[str]:
    """Yield that an elasticity is hardly known so far from today, where a charge is to be this many times today's."""
    if not 1 / FAR <= factor <= FAR:
        text = (
            "{name} is {share} of today's; the elasticity is assumed to hold all the way, so try smaller steps first."
        )
        yield say(text, name=name, share=say.quantity(factor, "share"))


# How each elasticity is named in a sentence.
NAMED = {
    "price_elasticity": "a price elasticity of {value} ({evidence})",
    "churn_elasticity": "a churn elasticity of {value} ({evidence})",
    "usage_elasticity": "a usage elasticity of {value} ({evidence})",
}


def _elasticities(answer: PriceAnswer, say: Speaker) -> str:
    """Return every elasticity that is not zero with its evidence."""
    given = {name: one for name, one in answer.response.items() if level_of(answer, name)}
    return ", ".join(
        say(NAMED[name], value=say.quantity(level_of(answer, name), "1"), evidence=say(one.evidence))
        for name, one in given.items()
    )


def level_of(answer: PriceAnswer, name: str) -> float:
    """Return an elasticity of the base case: that of the first month, or the highest if it begins later."""
    course = answer.response[name].base(answer.priced.scenario.months)
    return float(course[0] or course.max())


def _ends(answer: PriceAnswer, say: Speaker) -> Iterator[str]:
    """Yield the answer at P5 and P95 of the elasticity, where that is a range, and what being wrong about it costs."""
    ends = [_words_of(answer, end, say) for end in answer.ends]
    if answer.best:
        yield from _regrets(answer, ends, say)
    if any(end.quantile is None for end in answer.ends):
        return
    if ends and not any(end.best.rising for end in answer.ends):
        (low, high) = ends
        text = "From P5 to P95 of the elasticity ({from_} to {to}) the best price goes from {first} to {last}."
        yield say(text, from_=low["values"], to=high["values"], first=low["best"], last=high["best"])
        return
    for end, words in zip(answer.ends, ends, strict=True):
        if end.best.rising == "up":
            yield say("At {quantile} of the elasticity ({values}) the outcome still rises at {best}.", **words)
        elif end.best.rising == "down":
            yield say("At {quantile} of the elasticity ({values}) the outcome still rises down to {best}.", **words)
        else:
            yield say("At {quantile} of the elasticity ({values}) the best price is {best}.", **words)


def _regrets(answer: PriceAnswer, ends: Sequence[dict[str, str]], say: Speaker) -> Iterator[str]:
    """Yield what the best price loses where the elasticity is another: lower, then higher."""
    if len(ends) != 2:
        return
    low, high = ends
    if answer.ends[0].quantile is None:
        text = (
            "If the elasticity is really {from_} or {to}, a quarter lower or higher, this price loses {first} or "
            "{last} against the best price for it."
        )
    else:
        text = (
            "If the elasticity is really {from_} (P5) or {to} (P95), this price loses {first} or {last} against the "
            "best price for it."
        )
    yield say(text, from_=low["values"], to=high["values"], first=low["regret"], last=high["regret"])


def _regret_words(answer: PriceAnswer, end: End, say: Speaker) -> str:
    """Return a regret in the unit of the aim, and as a share of what the best price brings there."""
    lost = apart(end.regret, AIMS[answer.priced.aim].unit_in(answer.priced.scenario.currency), say)
    if end.share is None:
        return lost
    return say("{text} ({more})", text=lost, more=say.quantity(end.share, "share"))


def _words_of(answer: PriceAnswer, end: End, say: Speaker) -> dict[str, str]:
    return {
        "quantile": "" if end.quantile is None else f"P{100 * end.quantile:.0f}",
        "regret": _regret_words(answer, end, say),
        "values": ", ".join(say.quantity(value, "1") for value in end.response.values()),
        "best": say.quantity(end.best.price, spoken_unit(answer.priced.assumption)),
    }


def ask(answer: PriceAnswer, say: Speaker) -> str:
    """Return the request for an elasticity, where none is assumed."""
    priced = answer.priced
    words = {"path": priced.path("price_elasticity"), "bill": priced.path("reference_bill")}
    if not priced.course_of("reference_bill").any():
        return say("To get a best price, give {path} a value, and {bill}, since the plan was free.", **words)
    return say(
        "To get a best price, give {path} a value: by how many percent a price 1% higher lowers new customers.", **words
    )


def price_json(answer: PriceAnswer) -> dict[str, Any]:
    """Return the answer; the best price is null where the model cannot name one."""
    say, priced, best = Plain(), answer.priced, answer.best
    return {
        "scenario": priced.scenario.title,
        "currency": priced.scenario.currency,
        "plan": priced.plan,
        "price": priced.name,
        "unit": priced.assumption.unit,
        "aim": priced.aim,
        "now": {"price": priced.level, "outcome": answer.now},
        "best": {"price": best.price, "outcome": best.outcome} if best else None,
        "rising": answer.rising,
        "flat": list(answer.flat) if best else None,
        "response": {**{name: level_of(answer, name) for name in answer.response}, "evidence": _evidence(answer)},
        "ends": [
            {"quantile": end.quantile, **end.response, "price": end.best.price, "outcome": end.best.outcome,
             "rising": end.best.rising}
            for end in answer.ends
            if end.quantile is not None
        ],
        "regrets": [
            {"quantile": end.quantile, **end.response, "price": end.best.price, "outcome": end.best.outcome,
             "kept": end.kept, "regret": end.regret, "share": end.share}
            for end in answer.ends
            if best
        ],
        "break_even": [asdict(one) for one in answer.losses],
        "sentence": sentence(answer, say),
        "remarks": [*remarks(answer, say), *([] if answer.responds else [ask(answer, say)])],
        "studies": [asdict(study) for study in STUDIES],
    }  # fmt: skip


def _evidence(answer: PriceAnswer) -> str | None:
    """Return the evidence of the elasticity that the answer rests on; None without one."""
    return next((one.evidence for name, one in answer.response.items() if level_of(answer, name)), None)
