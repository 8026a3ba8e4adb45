"""The value that meets a target in words, and as plain values: what `solve --json` prints and what a page shows.

Sentences are made by a speaker, as those on prices are, for a reader to whom the assumption goes by some name.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

from simulator.answers.outcomes import Estimate
from simulator.answers.solving.frontier import Frontier
from simulator.answers.solving.lever import Lever
from simulator.answers.solving.remedies import Remedy
from simulator.answers.solving.search import Point, Solution
from simulator.answers.solving.target import Target
from simulator.output.prices import Plain, Speaker
from simulator.scenario.literals import as_text
from simulator.scenario.scenario import Scenario

# An error that is a smaller part of a value changes no digit of it that is written.
UNSEEN = 1e-4
# How each comparison is said.
COMPARED_KINDS = {
    ">=": "{figure}: {bound} or more",
    ">": "{figure}: above {bound}",
    "<=": "{figure}: {bound} or less",
    "<": "{figure}: below {bound}",
}


def target_words(target: Target, currency: str, say: Speaker) -> str:
    """Return a target for people: `Runway: 18 months or more, in 95% of the trials`."""
    bound = say.quantity(target.bound, target.unit(currency))
    wanted = say(COMPARED_KINDS[target.operator], figure=say(target.title), bound=bound)
    if target.share is None:
        return wanted
    return say("{wanted}, in {share} of the trials", wanted=wanted, share=say.quantity(target.share, "share"))


def outcome_words(target: Target, scenario: Scenario, outcome: Estimate, say: Speaker) -> str:
    """Return what a target comes to: a share of trials with its error, a KPI, or that it has no value."""
    value, error = outcome
    if target.share is not None:
        return say("{share} of the trials", share=say.estimate(value, "share", error))
    if math.isinf(value):
        return say("beyond the projection")
    return say("no value") if math.isnan(value) else say.estimate(value, target.unit(scenario.currency), error or None)


def point_words(found: Solution, point: Point, say: Speaker) -> str:
    """Return what a point comes to."""
    return outcome_words(found.target, found.lever.scenario, point.outcome, say)


def sentence(found: Solution, name: str, say: Speaker) -> str:
    """Return the answer in one sentence: where the target is met, or that it cannot be."""
    words = _words(found, name, say)
    if found.is_met_everywhere:
        return say("{target}: met with {name} anywhere from {low} to {high}.", **words)
    if found.root is None:
        text = "{target}: {name} alone cannot bring that. At best, with {best}, it is {reached}; today it is {outcome}."
        return say(text, **words)
    rises = found.root.value >= found.lever.level
    if found.now.met and rises:
        return say("{target}: met today with {outcome}, until {name} rises from {now} to {value}.", **words)
    if found.now.met:
        return say("{target}: met today with {outcome}, until {name} falls from {now} to {value}.", **words)
    if rises:
        return say("{target}: raise {name} from {now} to {value}. Today it is {outcome}.", **words)
    return say("{target}: lower {name} from {now} to {value}. Today it is {outcome}.", **words)


def _words(found: Solution, name: str, say: Speaker) -> dict[str, str]:
    return {
        "target": target_words(found.target, found.lever.scenario.currency, say),
        "name": name,
        "now": level_words(found.lever, found.lever.level, say),
        "value": value_words(found, say),
        "outcome": point_words(found, found.now, say),
        "best": level_words(found.lever, found.best.value, say),
        "reached": point_words(found, found.best, say),
        "low": level_words(found.lever, found.curve[0].value, say),
        "high": level_words(found.lever, found.curve[-1].value, say),
    }


def level_words(lever: Lever, value: float, say: Speaker) -> str:
    """Return a value of the assumption with its unit."""
    return say.quantity(value, lever.spoken_unit)


def value_words(found: Solution, say: Speaker) -> str:
    """Return the value found with its standard error, or a dash without one."""
    if found.root is None:
        return "–"
    value = level_words(found.lever, found.root.value, say)
    return f"{value} ± {level_words(found.lever, found.error, say)}" if _is_seen(found) else value


def _is_seen(found: Solution) -> bool:
    """Return whether the error of the value found shows in the digits that are written."""
    return found.root is not None and found.error > UNSEEN * abs(found.root.value)


def remarks(found: Solution, say: Speaker) -> Iterator[str]:
    """Yield what a reader should know beside the answer: its error, further values, and what moves with it."""
    one = found.lever.assumption
    if _is_seen(found):
        text = "The ± is the standard error from {trials} trials; more trials narrow it."
        yield say(text, trials=say.quantity(found.trials, "1"))
    if found.others:
        words = _words(found, "", say)
        yield say(
            "Between {low} and {high} the target is met or lost in {count} more places.",
            **{**words, "count": say.quantity(found.others, "1")},
        )
    if one.measured or one.on_curve:
        yield say("A plain number takes the place of the measurement.")
    elif not one.is_plain:
        yield say("The range or schedule keeps its shape: all of its values move in proportion.")


def change_sentence(found: Solution, name: str, say: Speaker) -> str:
    """Return a change that meets the target, as a thing to do, with its size."""
    now, value = found.lever.level, found.sure
    words = {
        "name": name,
        "now": level_words(found.lever, now, say),
        "value": level_words(found.lever, value, say),
        "size": say.quantity(abs(value / now - 1), "share"),
    }
    if value > now:
        return say("Raise {name} by {size}, from {now} to {value}.", **words)
    return say("Lower {name} by {size}, from {now} to {value}.", **words)


def remedy_sentence(found: Remedy, say: Speaker) -> str:
    """Return what the changes offered for a condition rest on, or that no single one meets it."""
    if found.is_close:
        return say("This is met on the trials that were searched, too narrowly to be sure.")
    if not found.changes:
        return say("No single change meets this, up to four times or down to a quarter of today's value: combine some.")
    trials = found.changes[0].trials
    if not trials:
        return say("Each of these alone meets it.")
    text = "Each of these alone meets it, three standard errors of {trials} trials included."
    return say(text, trials=say.quantity(trials, "1"))


def remedy_json(found: Remedy, currency: str) -> dict[str, Any]:
    """Return a condition with its changes as plain values."""
    say = Plain()
    return {
        **_target_json(found.target),
        "condition": target_words(found.target, currency, say),
        "changes": [_change(one) for one in found.changes],
        "sentence": remedy_sentence(found, say),
    }


def _change(found: Solution) -> dict[str, Any]:
    assert found.root is not None
    lever, say = found.lever, Plain()
    return {
        "change": lever.path,
        "unit": lever.unit,
        "now": lever.level,
        "value": found.sure,
        "least": found.root.value,
        "standard_error": found.error,
        "set": f"{lever.path}={as_text(lever.literal(found.sure))}",
        "sentence": change_sentence(found, lever.path, say),
    }


def solution_json(found: Solution) -> dict[str, Any]:
    """Return the answer as plain values; what has no value is null."""
    say, lever, root = Plain(), found.lever, found.root
    literal = None if root is None else lever.literal(root.value)
    return {
        "scenario": lever.scenario.title,
        "currency": lever.scenario.currency,
        "change": lever.path,
        "unit": lever.unit,
        **_target_json(found.target),
        "trials": found.trials,
        "now": _point(found.now),
        "value": None if root is None else root.value,
        "literal": literal,
        "set": None if root is None else f"{lever.path}={as_text(literal)}",
        "outcome": None if root is None else _outcome(root),
        "standard_error": found.error if root is not None else None,
        "others": found.others,
        "best": _point(found.best),
        "from": found.curve[0].value,
        "to": found.curve[-1].value,
        "curve": [_point(one) for one in found.curve],
        "sentence": sentence(found, lever.path, say),
        "remarks": list(remarks(found, say)),
    }


def _target_json(target: Target) -> dict[str, Any]:
    parts = {"kpi": target.kpi, "operator": target.operator, "bound": target.bound, "share": target.share}
    return {"target": parts}


def _point(point: Point) -> dict[str, Any]:
    return {"value": point.value, "outcome": _outcome(point), "met": point.met}


def _outcome(point: Point) -> float | None:
    return point.outcome.value if math.isfinite(point.outcome.value) else None


def frontier_json(found: Frontier) -> dict[str, Any]:
    """Return the frontier as plain values: for each value of the second assumption the value of the first."""
    first, second = found.first, found.second
    return {
        "scenario": first.scenario.title,
        "currency": first.scenario.currency,
        "changes": [first.path, second.path],
        "units": [first.unit, second.unit],
        **_target_json(found.rows[0][1].target),
        "trials": found.rows[0][1].trials,
        "now": [first.level, second.level],
        "rows": [_row(value, one) for value, one in found.rows],
        "sentence": frontier_sentence(found, (first.path, second.path), Plain()),
    }


def _row(value: float, found: Solution) -> dict[str, Any]:
    if (root := found.root) is None:
        met = "everywhere" if found.is_met_everywhere else "nowhere"
        return {"second": value, "first": None, "standard_error": None, "met": met}
    met = "from there on" if found.is_met_above else "up to there"
    return {"second": value, "first": root.value, "standard_error": found.error, "met": met}


def frontier_sentence(found: Frontier, names: Sequence[str], say: Speaker) -> str:
    """Return what the frontier shows at its two ends."""
    (low, at_low), (high, at_high) = found.rows[0], found.rows[-1]
    return say(
        "{target}: {first} by {second}: {at_low} at {low}, and {at_high} at {high}.",
        target=target_words(at_low.target, found.first.scenario.currency, say),
        first=names[0],
        second=names[1],
        low=level_words(found.second, low, say),
        high=level_words(found.second, high, say),
        at_low=_needed(at_low, say),
        at_high=_needed(at_high, say),
    )


def _needed(found: Solution, say: Speaker) -> str:
    if found.root is not None:
        return value_words(found, say)
    return say("any value") if found.best.met else say("no value")
