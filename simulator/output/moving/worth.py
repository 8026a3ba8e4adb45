"""What knowing is worth for a choice, as plain values, as a table, and in a sentence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from simulator.answers.moving.worth import Worth
from simulator.answers.outcomes import Estimate
from simulator.output.prices import Plain, Speaker, apart
from simulator.output.tables import precise
from simulator.scenario.scenario import Scenario

MOST_SHOWN = 12
# A choice may look clear only because nobody said how uncertain its reasons are.
CERTAIN = "Assumptions without a range count as known."
Values = Mapping[str, Any]


def worth_json(scenario: Scenario, found: Worth) -> dict[str, Any]:
    """Return the options, and what knowing each assumption is worth."""
    options = zip(found.options, found.means, found.chances, strict=True)
    return {
        "scenario": scenario.title,
        "kpi": found.goal.name,
        "title": found.goal.title,
        "unit": found.goal.unit,
        "trials": found.trials,
        "options": [
            {"title": option.title, "mean": mean.value, "standard_error": mean.error, "best_in": chance}
            for option, mean, chance in options
        ],
        "best": found.options[found.best].title,
        "everything": _estimate(found.everything),
        "knowing": [
            {
                "path": one.path,
                "worth": _estimate(one.worth),
                "can_be_told": one.can_be_told,
                "told_by": one.told_by,
                "hour_costs": one.hour_costs,
            }
            for one in found.knowing
        ],
        "currency": scenario.currency,
        "sentence": sentence(found, {one.path: one.path for one in found.knowing}, Plain()),
    }


def _estimate(found: Estimate) -> dict[str, float]:
    return {"value": found.value, "error": found.error}


def sentence(found: Worth, names: Mapping[str, str], say: Speaker) -> str:
    """Return which option is best, what to find out before choosing, and what no finding exceeds; `names` by path."""
    everything = say(
        "Knowing everything would be worth {everything}.",
        everything=apart(found.everything.value, found.goal.unit, say),
    )
    return " ".join([*_choice(found, say), *_next_step(found, names, say), everything, say(CERTAIN)])


def _choice(found: Worth, say: Speaker) -> Iterator[str]:
    best, mean = found.options[found.best], found.means[found.best]
    yield say(
        "On average “{best}” is best ({title}: {mean}), and it is the best in {share} of the trials.",
        title=say(found.goal.title),
        best=say(best.title),
        mean=say.quantity(mean.value, found.goal.unit),
        share=say.quantity(found.chances[found.best], "share"),
    )
    same = [one for one, other in zip(found.options, found.means, strict=True) if other == mean and one is not best]
    if same:
        listed = ", ".join(f"“{say(one.title)}”" for one in same)
        yield say("It comes to the same in every trial as {options}.", options=listed)


def _next_step(found: Worth, names: Mapping[str, str], say: Speaker) -> Iterator[str]:
    first = found.knowing[0] if found.knowing else None
    if first is None or not first.can_be_told:
        yield say("No single assumption is worth finding out before this choice, as far as the trials can tell.")
        return
    yield say(
        "Find out {name} first, by {told_by}: knowing it before the choice is worth up to {worth} (standard error "
        "{error}).",
        name=names[first.path],
        worth=apart(first.worth.value, found.goal.unit, say),
        error=apart(first.worth.error, found.goal.unit, say),
        told_by=say(first.told_by),
    )
    if first.hour_costs is None:
        yield say("What that costs is not in the plan.")
    else:
        hour = say.quantity(first.hour_costs, found.options[0].scenario.currency)
        yield say(
            "An hour of the devices that it takes costs {hour} in this scenario, and most runs take less.", hour=hour
        )


def worth_table(shown: Values) -> str:
    """Return the options, and the assumptions that are worth knowing."""
    return "\n".join(_lines(shown))


def _lines(shown: Values) -> Iterator[str]:
    unit = shown["unit"]
    yield f"{shown['scenario']} · {shown['title']} · {shown['trials']:,} trials of each option"
    yield f"\n{'Option':<46}{'mean':>20}{'error':>16}{'best in':>10}"
    for one in shown["options"]:
        mean, error = precise(one["mean"], unit), apart(one["standard_error"], unit, Plain())
        yield f"  {one['title']:<44}{mean:>20}{error:>16}{one['best_in']:>10.0%}"
    yield f"\n{'Worth of knowing before the choice':<46}{'up to':>20}{'error':>16}{'costs':>14}  told by"
    told = [one for one in shown["knowing"] if one["can_be_told"]]
    for one in told[:MOST_SHOWN]:
        value, error = (apart(one["worth"][name], unit, Plain()) for name in ("value", "error"))
        costs = "?" if one["hour_costs"] is None else f"{Plain().quantity(one['hour_costs'], shown['currency'])}/h"
        yield f"  {one['path']:<44}{value:>20}{error:>16}{costs:>14}  {one['told_by']}"
    if more := len(told[MOST_SHOWN:]):
        yield f"  and {more} more; --json has all"
    if rest := len(shown["knowing"]) - len(told):
        yield f"  {rest} others: nothing that can be told; --json has all"
    yield f"\n{shown['sentence']}"
