"""Ways to charge side by side in words, and as plain values: what `charging --json` prints and a page shows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from simulator.answers.pricing.charging import TITLES, Charging, Way
from simulator.answers.search import readable
from simulator.output.prices import Plain, Speaker, aim_words, far_from_today
from simulator.output.pricing.several import finite
from simulator.scenario.literals import as_text


def sentence(found: Charging, say: Speaker) -> str:
    """Return which way to charge brings most, against today's charges."""
    best, today = found.best, found.ways[0]
    words = {
        "way": say(TITLES[best.name]),
        "aim": say(found.aim.title),
        "best": aim_words(found.aim, best.outcome, found.priced.scenario, say),
        "now": aim_words(found.aim, today.outcome, found.priced.scenario, say),
    }
    if best.name == "today":
        return say("No other way to charge does better than today's: {aim} is {now}.", **words)
    if not found.responds:
        return say("At the same bill, one way brings most: {way}. {aim} is {best}, against {now} today.", **words)
    words["share"] = say.quantity(best.factor, "share")
    return say("{way} at {share} of today's bill: that brings most. {aim} is {best}, against {now} today.", **words)


def remarks(found: Charging, say: Speaker) -> Iterator[str]:
    """Yield what the comparison rests on, and what it leaves out."""
    currency = found.priced.scenario.currency
    yield say(
        "Each way begins at today's bill of a new customer, {bill} a month without services.",
        bill=say.quantity(found.bill, currency),
    )
    yield say(
        "Customers respond to the mean bill alone, in the same way however they are charged. How many more or fewer "
        "would buy under another way is not modelled, since nobody knows it."
    )
    yield say("Their use is the same under each way, unless a usage elasticity and its reference price are stated.")
    if not found.responds:
        yield say("No response to the bill is assumed, so all ways are compared at today's bill.")
    if ends := [say(TITLES[way.name]) for way in found.ways if way.end]:
        yield say(
            "Still rising at the end of the search, a quarter or four times today's bill: {ways}.",
            ways=say(", ").join(ends),
        )
    if found.responds:
        yield from far_from_today(found.best.factor, say("The bill"), say)
    if found.left_out:
        ways = say(", ").join(say(TITLES[name]) for name in found.left_out)
        yield say("Left out, since customers of the plan have no such use: {ways}.", ways=ways)
    if (found.priced.course != found.priced.level).any():
        yield say("Today's price changes over the months; the other ways charge the same in all of them.")


def levels_words(found: Charging, way: Way, say: Speaker) -> str:
    """Return what a way charges, each charge with its unit."""
    assumptions = {name: found.priced.scenario.assumption_of(name, found.priced.plan) for name in way.levels}
    listed = [
        f"{say(readable(name))} {say.quantity(float(f'{level:.4g}'), assumptions[name].unit)}"
        for name, level in way.levels.items()
    ]
    return say(", ").join(listed) or "–"


def charging_json(found: Charging) -> dict[str, Any]:
    """Return the comparison as plain values; what has no value is null."""
    say, scenario = Plain(), found.priced.scenario
    return {
        "scenario": scenario.title,
        "currency": scenario.currency,
        "plan": found.priced.plan,
        "aim": found.aim.name,
        "unit": found.aim.unit_in(scenario.currency),
        "bill": found.bill,
        "responds": found.responds,
        "trials": found.trials,
        "ways": [_way(found, way) for way in found.ways],
        "left_out": list(found.left_out),
        "best": found.best.name,
        "sentence": sentence(found, say),
        "remarks": list(remarks(found, say)),
    }


def _way(found: Charging, way: Way) -> dict[str, Any]:
    tenths = way.tenths
    return {
        "way": way.name,
        "title": TITLES[way.name],
        "levels": dict(way.levels),
        "factor": way.factor,
        "at_equal_bill": finite(way.at_equal),
        "outcome": finite(way.outcome),
        "end": way.end,
        "gross_margin": finite(way.margin),
        "ruin": None if way.ruin is None else way.ruin.value,
        "tenths": None if tenths is None else [
            {"revenue": float(paid), "cost": float(cost)}
            for paid, cost in zip(tenths.revenue, tenths.cost, strict=True)
        ],
        "under_water": way.under_water,
        "losing": None if tenths is None else tenths.losing,
        "set": [f"{path}={as_text(literal)}" for path, literal in found.literals(way).items()],
    }  # fmt: skip
