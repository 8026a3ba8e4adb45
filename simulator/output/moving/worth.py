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
            {"path": one.path, "worth": _estimate(one.worth), "can_be_told": one.can_be_told, "told_by": one.told_by}
            for one in found.knowing
        ],
        "sentence": sentence(found, {one.path: one.path for one in found.knowing}, Plain()),
    }


def _estimate(found: Estimate) -> dict[str, float]:
    return {"value": found.value, "error": found.error}


def sentence(found: Worth, names: Mapping[str, str], say: Speaker) -> str:
    """Return which option is best, what to find out before choosing, and what no finding exceeds; `names` by path."""
    goal, best = found.goal, found.best
    values = {
        "title": say(goal.title),
        "best": say(found.options[best].title),
        "mean": say.quantity(found.means[best].value, goal.unit),
        "share": say.quantity(found.chances[best], "share"),
        "everything": apart(found.everything.value, goal.unit, say),
    }
    text = "On average “{best}” is best ({title}: {mean}), and it is the best in {share} of the trials."
    told = [one for one in found.knowing if one.can_be_told]
    if not told:
        more = (
            "No single assumption is worth finding out before this choice, as far as the trials can tell. Knowing "
            "everything would be worth {everything}."
        )
        return " ".join([say(text, **values), say(more, **values), say(CERTAIN)])
    first = told[0]
    values |= {
        "name": names[first.path],
        "worth": apart(first.worth.value, goal.unit, say),
        "error": apart(first.worth.error, goal.unit, say),
        "told_by": say(first.told_by),
    }
    more = (
        "Find out {name} first, by {told_by}: knowing it before the choice is worth up to {worth} (standard error "
        "{error}). Knowing everything would be worth {everything}."
    )
    return " ".join([say(text, **values), say(more, **values), say(CERTAIN)])


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
    yield f"\n{'Worth of knowing before the choice':<46}{'up to':>20}{'error':>16}  told by"
    told = [one for one in shown["knowing"] if one["can_be_told"]]
    for one in told[:MOST_SHOWN]:
        value, error = (apart(one["worth"][name], unit, Plain()) for name in ("value", "error"))
        yield f"  {one['path']:<44}{value:>20}{error:>16}  {one['told_by']}"
    if rest := len(shown["knowing"]) - min(len(told), MOST_SHOWN):
        yield f"  {rest} others: nothing that can be told; --json has all"
    yield f"\n{shown['sentence']}"
