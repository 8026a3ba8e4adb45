"""A plan of commitments in words, and as plain values: what `capacity --json` prints and what a page shows.

Sentences are made by a speaker, as those on prices are; `name` says how the reader is told an assumption.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import numpy as np

from simulator.answers.committing.commitments import Commitments, worth_reserving
from simulator.answers.committing.offers import Offers
from simulator.answers.committing.program import Term
from simulator.engine.dates import months_from
from simulator.engine.model import Array
from simulator.output.prices import Plain, Speaker
from simulator.scenario.assumption import Assumption
from simulator.scenario.literals import as_text

Name = Callable[[Assumption], str]
# Signings, and purchases, that the sentence tells one by one; the table has all of them.
TOLD = 3
# The usual term of a reservation, told where the scenario states none.
USUAL_TERM = 12
# What the answer rests on, where the scenario states it.
BEHIND = (
    *("device_price", "reserved_price", "reserved_term", "device_list_price", "economic_life", "tokens_per_second"),
    *("peak_to_mean", "vendor_output_price", "vendor_input_price"),
)
LEVELS = {"p05": 0.05, "p50": 0.5, "p95": 0.95}


class Dated(Plain):
    """English for a terminal, with months as dates."""

    def __init__(self, start: date) -> None:
        """Count months from `start`."""
        self.start = start

    def quantity(self, value: float, unit: str) -> str:
        """Return a number with its unit, or the month of a number: March 2027."""
        if unit != "month index":
            return super().quantity(value, unit)
        return f"{months_from(self.start, int(value) + 1)[-1]:%B %Y}"


def sentence(found: Commitments, say: Speaker) -> str:
    """Return what to sign when, what that saves, and when the vendor is cheaper."""
    return " ".join(filter(None, (_signings(found, say), _vendor(found, say))))


def _signings(found: Commitments, say: Speaker) -> str:
    money, saved = found.offers.scenario.currency, found.saved
    words = {
        "cost": say.quantity(float(found.costs.sum(axis=0).mean()), money),
        "months": say.quantity(found.offers.months, "month"),
        "saved": say.quantity(float(saved.mean()), money),
        "low": say.quantity(float(np.quantile(saved, 0.05)), money),
        "high": say.quantity(float(np.quantile(saved, 0.95)), money),
    }
    actions = list(_actions(found, say))
    if actions:
        text = (
            "{actions}; the rest on demand: {saved} less than on demand alone over {months} (P5 to P95 of the trials: "
            "{low} to {high})."
        )
        said = "; ".join(actions)
        return say(text, actions=said[0].upper() + said[1:], **words)
    if found.by_vendor.any():
        text = (
            "Sign nothing: with the vendor in the months in which it is cheaper, the pool costs {cost} over {months}, "
            "{saved} less than on demand alone (P5 to P95 of the trials: {low} to {high})."
        )
        return say(text, **words)
    if not found.offers.terms and found.offers.capital is None and found.offers.vendor is None:
        return say("The scenario prices devices on demand alone: {cost} over {months}.", **words)
    return say("Sign nothing: on demand alone costs least, {cost} over {months}.", **words)


def _actions(found: Commitments, say: Speaker) -> Iterator[str]:
    """Yield what to sign and buy, in the order of time."""
    for term, signed, renewed in zip(found.offers.terms, found.signed, found.renewed, strict=True):
        yield from _of_term(term, signed, renewed, say)
    purchases = np.flatnonzero(found.bought)
    told = _told(len(purchases))
    for place, month in enumerate(purchases[:told]):
        words = {"count": say.quantity(found.bought[month], "1"), "when": say.quantity(int(month), "month index")}
        yield say("buy {count} more in {when}" if place else "buy devices: {count} in {when}", **words)
    if len(purchases) > told:
        yield say("{count} further purchases follow", count=say.quantity(len(purchases) - told, "1"))


def _told(count: int) -> int:
    """Return how many of a number of signings or purchases are told; a single one left over is told as well."""
    return count if count <= TOLD + 1 else TOLD


def _of_term(term: Term, signed: Array, renewed: Array, say: Speaker) -> Iterator[str]:
    """Yield what to sign for one term, in the order of time."""
    signings = np.flatnonzero(signed)
    told = _told(len(signings))
    for place, month in enumerate(signings[:told]):
        words = {"count": say.quantity(signed[month], "1"), "when": say.quantity(int(month), "month index")}
        if place == 0:
            length = say.quantity(term.months, "month")
            yield say("reserve devices for {term}: {count} from {when}", term=length, **words)
        elif renewed[month]:
            yield say("renew with {count} in {when}", **words)
        else:
            yield say("sign {count} more in {when}", **words)
    if len(signings) > told:
        yield say("{count} further signings follow", count=say.quantity(len(signings) - told, "1"))


def _vendor(found: Commitments, say: Speaker) -> str:
    """Return in which months the vendor costs less; nothing where it states no price."""
    months = np.flatnonzero(found.by_vendor)
    if found.offers.vendor is None:
        return ""
    if not len(months):
        return say("The vendor's API is never cheaper for long enough to change.")
    if len(months) == found.offers.months:
        return say("The vendor's API is cheaper throughout.")
    if months[0] == 0:
        return say("The vendor's API is cheaper until {when}.", when=say.quantity(int(months[-1]), "month index"))
    return say("The vendor's API is cheaper from {when} on.", when=say.quantity(int(months[0]), "month index"))


def remarks(found: Commitments, say: Speaker, name: Name) -> Iterator[str]:
    """Yield what a reader should know beside the answer: risk, idle commitments, other prices, and what it rests on."""
    offered, money = found.offers, found.offers.scenario.currency
    if not offered.served.any():
        yield say("Nothing uses this pool: its devices only stand by.")
    yield from _risks(found, say)
    today = float((offered.today - found.costs).sum(axis=0).mean())
    if found.edits() and abs(today) >= 1:
        yield say("Against today's scenario, the plan saves {saved}.", saved=say.quantity(today, money))
    if (alone := found.in_one_term) is not found:
        yield say(
            "The scenario holds one term for a pool. In one term, {term}, the plan costs {more} more; that is the plan "
            "to apply.",
            term=", ".join(say.quantity(one.months, "month") for one in alone.terms_used),
            more=say.quantity(float((alone.costs - found.costs).sum(axis=0).mean()), money),
        )
    yield from _on_price(found, say)
    if found.bought.any():
        yield say(
            "A month of an own device counts its wear, the return on its price, hosting and power at full draw; the "
            "statements show its purchase, depreciation and sale instead."
        )
    if found.by_vendor.any():
        yield say("A vendor serves its own model: the comparison holds only if its quality is enough.")
    rests = ", ".join(_origin(one, say, name) for one in _behind(found))
    yield say("Costs are at list price, before cloud credits. The answer rests on {rests}.", rests=rests)


def _risks(found: Commitments, say: Speaker) -> Iterator[str]:
    """Yield what idles, what is committed ahead, what the plan costs at other demand, and what knowing would save."""
    money = found.offers.scenario.currency
    if found.idle_share > 0:
        text = "Of the hours of committed devices, {share} are not needed and paid for all the same."
        yield say(text, share=say.quantity(found.idle_share, "share"))
    if (ahead := found.committed_rent).any():
        month = int(ahead.argmax())
        text = "At most {amount} of rent is committed ahead, at the end of {when}."
        yield say(text, amount=say.quantity(float(ahead[month]), money), when=say.quantity(month, "month index"))
    if found.regret is None or not found.is_committed:
        return
    (low, low_rent), (high, high_rent) = found.near(0.05), found.near(0.95)
    yield say(
        "At P5 of demand the plan costs {low}, and on demand alone {low_rent}; at P95 {high} and {high_rent}.",
        low=say.quantity(low, money),
        low_rent=say.quantity(low_rent, money),
        high=say.quantity(high, money),
        high_rent=say.quantity(high_rent, money),
    )
    if not found.regret[0]:
        yield say("Knowing demand and prices ahead would change nothing.")
        return
    regret, error = (say.quantity(one, money) for one in found.regret)
    yield say("Knowing demand and prices ahead would save {regret} ± {error} more.", regret=regret, error=error)


def _on_price(found: Commitments, say: Speaker) -> Iterator[str]:
    """Yield up to which price a reservation pays, and what the scenario leaves out to sign one."""
    offered = found.offers
    for one in offered.terms:
        if one.months > offered.months:
            term = say.quantity(one.months, "month")
            yield say("A reservation of {term} outlasts the plan, so none is considered.", term=term)
        if one.months == 1 and not one.is_quoted:
            yield say("The scenario states no term of a reservation, so each lasts for a month.")
    if not offered.terms:
        yield say("The scenario states no price of reserved devices, so none is considered.")
    unit = f"{offered.scenario.currency}/device/hour"
    for length, prices in worths(offered):
        text = "A reservation of {term} pays up to these prices, device by device: {prices}."
        told = "; ".join(say.quantity(one, unit) for one in prices)
        yield say(text, term=say.quantity(length, "month"), prices=told)


def worths(offered: Offers) -> Iterator[tuple[int, list[float]]]:
    """Yield the terms on offer, or the usual one, each with the prices up to which a first, a second … device pays."""
    for length in [one.months for one in offered.terms if one.months > 1] or [USUAL_TERM]:
        if prices := worth_reserving(offered, length):
            yield length, prices


def _behind(found: Commitments) -> list[Assumption]:
    """Return the assumptions behind the answer that the scenario states."""
    known = (found.offers.scenario.assumption_of(name, found.offers.pool) for name in BEHIND)
    return [one for one in known if not one.is_default]


def _origin(one: Assumption, say: Speaker, name: Name) -> str:
    """Return an assumption with its evidence, and the date of its source."""
    words = {"name": name(one), "evidence": say(one.evidence), "as_of": one.as_of}
    return say("{name} ({evidence}, {as_of})", **words) if one.as_of else say("{name} ({evidence})", **words)


def commitments_json(found: Commitments) -> dict[str, Any]:
    """Return the plan as plain values."""
    offered, scenario = found.offers, found.offers.scenario
    say, dates = Dated(scenario.start), months_from(scenario.start, found.offers.months)
    ahead, by_vendor = found.committed_rent, np.flatnonzero(found.by_vendor)
    hourly = [(one.price / offered.hours).mean(axis=1) for one in offered.terms]
    alone = found.in_one_term
    return {
        "scenario": scenario.title,
        "currency": scenario.currency,
        "pool": offered.pool,
        "trials": 0 if offered.rent.shape[1] == 1 else offered.rent.shape[1],
        "terms": [
            {"months": one.months, "price": float(price.mean()), "quoted": one.is_quoted}
            for one, price in zip(offered.terms, hourly, strict=True)
        ],
        "signings": [
            {"month": month, "date": dates[month].isoformat(), "term": offered.terms[place].months,
             "devices": found.signed[place, month], "renewed": found.renewed[place, month],
             "price": float(hourly[place][month])}
            for month, place in np.argwhere(found.signed.T).tolist()
        ],
        "one_term": None if alone is found else {
            "terms": [one.months for one in alone.terms_used], "cost": _spread(alone.costs.sum(axis=0))
        },
        "purchases": [
            {"month": month, "date": dates[month].isoformat(), "devices": found.bought[month]}
            for month in np.flatnonzero(found.bought).tolist()
        ],
        "vendor": {"from": int(by_vendor[0]), "to": int(by_vendor[-1])} if len(by_vendor) else None,
        "cost": _spread(found.costs.sum(axis=0)),
        "on_demand": _spread(offered.rent.sum(axis=0)),
        "vendor_alone": None if offered.vendor is None else _spread(offered.vendor.sum(axis=0)),
        "today": _spread(offered.today.sum(axis=0)),
        "saved": _spread(found.saved),
        "at_demand": {
            name: dict(zip(("plan", "on_demand"), found.near(at), strict=True)) for name, at in LEVELS.items()
        },
        "regret": None if found.regret is None else dict(zip(("value", "error"), found.regret, strict=True)),
        "idle_share": found.idle_share,
        "most_committed": {"month": int(ahead.argmax()), "amount": float(ahead.max())},
        "worth": [{"term": term, "prices": prices} for term, prices in worths(offered)],
        "months": months_json(found),
        "rests_on": [
            {"path": one.path, "evidence": one.evidence, "source": one.source, "as_of": one.as_of}
            for one in _behind(found)
        ],
        "set": [f"{path}={as_text(one['value'])}" for path, one in found.edits().items()],
        "sentence": sentence(found, say),
        "remarks": list(remarks(found, say, lambda one: one.path)),
    }  # fmt: skip


def months_json(found: Commitments) -> list[dict[str, Any]]:
    """Return the plan by month: what is needed, what is committed, what is rented beside it, and the mean cost."""
    offered = found.offers
    spilled = np.where(found.by_vendor, 0, offered.spilled(found.held + found.owned).mean(axis=1))
    ahead, costs, rent = found.committed_rent, found.costs.mean(axis=1), offered.rent.mean(axis=1)
    return [
        {
            "month": month,
            "date": day.isoformat(),
            "peak": _percentiles(offered.peak[month]),
            "mean": _percentiles(offered.mean[month]),
            "kept": float(offered.kept[month].mean()),
            "reserved": found.held[month],
            "owned": found.owned[month],
            "on_demand": float(spilled[month]),
            "by_vendor": bool(found.by_vendor[month]),
            "cost": float(costs[month]),
            "on_demand_cost": float(rent[month]),
            "committed_ahead": float(ahead[month]),
        }
        for month, day in enumerate(months_from(offered.scenario.start, offered.months))
    ]


def _percentiles(trials: Array) -> dict[str, float]:
    return {name: float(np.quantile(trials, at)) for name, at in LEVELS.items()}


def _spread(trials: Array) -> dict[str, float]:
    return {"mean": float(trials.mean()), **_percentiles(trials)}
