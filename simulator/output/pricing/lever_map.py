"""Maps of two levers in words, and as plain values: what `map --json` prints and a page shows."""

from __future__ import annotations

from typing import Any

from simulator.answers.outcomes import Estimate
from simulator.answers.pricing.choice import Choice
from simulator.answers.pricing.lever_map import LeverMap, Pairs
from simulator.answers.solving.target_map import TargetMap
from simulator.engine.model import Array
from simulator.output.prices import Plain, Speaker, aim_words
from simulator.output.pricing.several import Names, finite
from simulator.output.solved import level_words, outcome_words, target_words


def sentence(found: LeverMap, names: Names, say: Speaker) -> str:
    """Return the range of the aim on the map, where it is highest, and what it is today."""
    (row, column), pairs = found.best, found.pairs
    if found.is_level:
        text = "{aim} is {now} everywhere on this map: neither assumption moves it."
        return say(text, aim=say(found.aim.title), now=aim_words(found.aim, found.now, pairs.scenario, say))
    amounts = {"low": found.worst, "high": float(found.outcomes[row, column]), "now": found.now}
    text = (
        "{aim} goes from {low} to {high} on this map, {now} today. It is highest at {x} {best_x} and {y} {best_y}; "
        "each point is a complete base case."
    )
    return say(
        text,
        aim=say(found.aim.title),
        x=names(pairs.x.path),
        y=names(pairs.y.path),
        best_x=level_words(pairs.x.lever, float(pairs.xs[column]), say),
        best_y=level_words(pairs.y.lever, float(pairs.ys[row]), say),
        **{name: aim_words(found.aim, amount, pairs.scenario, say) for name, amount in amounts.items()},
    )


def target_sentence(found: TargetMap, names: Names, say: Speaker) -> str:
    """Return at how many pairs the target is met, what it comes to today, and the nearest pair that meets it."""
    pairs, place = found.pairs, found.best
    row, column = place
    words = {
        "target": target_words(found.target, pairs.scenario.currency, say),
        "met": say.quantity(int(found.met.sum()), "1"),
        "count": say.quantity(found.met.size, "1"),
        "now": result_words(found, found.now, say),
        "outcome": result_words(found, Estimate(found.outcomes[place], found.errors[place]), say),
        "x": names(pairs.x.path),
        "y": names(pairs.y.path),
        "best_x": level_words(pairs.x.lever, float(pairs.xs[column]), say),
        "best_y": level_words(pairs.y.lever, float(pairs.ys[row]), say),
    }
    if not found.met.any():
        return say(
            "{target}: met nowhere on this map. Today it is {now}; at best, with {x} {best_x} and {y} {best_y}, it is "
            "{outcome}.",
            **words,
        )
    if found.met.all():
        return say("{target}: met everywhere on this map. Today it is {now}.", **words)
    if found.is_met_today:
        return say("{target}: met today with {now}, and at {met} of {count} points of this map.", **words)
    return say(
        "{target}: met at {met} of {count} points of this map. Today it is {now}; the nearest point that meets it has "
        "{x} {best_x} and {y} {best_y}, with {outcome}.",
        **words,
    )


def target_remark(found: TargetMap, say: Speaker) -> str:
    """Return what the errors of the map rest on; nothing for a target of the base case."""
    if not found.trials:
        return ""
    text = "Each ± is the standard error from {trials} trials, the same at all points; more trials narrow it."
    return say(text, trials=say.quantity(found.trials, "1"))


def result_words(found: TargetMap, outcome: Estimate, say: Speaker) -> str:
    """Return what a point of the map comes to, with its standard error."""
    return outcome_words(found.target, found.pairs.scenario, outcome, say)


def target_map_json(found: TargetMap) -> dict[str, Any]:
    """Return the map as plain values; a pair without a value, or a month that never comes, is null."""
    (row, column), pairs, say = found.best, found.pairs, Plain()
    outcomes = _finite(found.outcomes)
    return {
        **_axes(pairs),
        "target": target_words(found.target, pairs.scenario.currency, say),
        "unit": "share" if found.target.share is not None else found.target.unit(pairs.scenario.currency),
        "trials": found.trials,
        "now": finite(found.now.value),
        "now_error": found.now.error,
        "outcomes": outcomes,
        "errors": found.errors.tolist(),
        "met": found.met.tolist(),
        "best": {"x": float(pairs.xs[column]), "y": float(pairs.ys[row]), "outcome": outcomes[row][column],
                 "met": bool(found.met[row, column])},
        "sentence": " ".join(filter(None, (target_sentence(found, str, say), target_remark(found, say)))),
    }  # fmt: skip


def lever_map_json(found: LeverMap) -> dict[str, Any]:
    """Return the map as plain values; a pair without a value, or a month that never comes, is null."""
    (row, column), pairs = found.best, found.pairs
    outcomes = _finite(found.outcomes)
    return {
        **_axes(pairs),
        "aim": found.aim.name,
        "unit": found.aim.unit_in(pairs.scenario.currency),
        "now": finite(found.now),
        "outcomes": outcomes,
        "best": {"x": float(pairs.xs[column]), "y": float(pairs.ys[row]), "outcome": outcomes[row][column]},
        "sentence": sentence(found, str, Plain()),
    }


def _finite(outcomes: Array) -> list[list[float | None]]:
    return [[finite(float(one)) for one in values] for values in outcomes]


def _axes(pairs: Pairs) -> dict[str, Any]:
    return {
        "scenario": pairs.scenario.title,
        "currency": pairs.scenario.currency,
        "x": _axis(pairs.x, pairs.xs),
        "y": _axis(pairs.y, pairs.ys),
    }


def _axis(choice: Choice, values: Array) -> dict[str, Any]:
    return {
        "change": choice.path,
        "unit": choice.lever.unit,
        "now": choice.lever.level,
        "values": [float(one) for one in values],
    }
