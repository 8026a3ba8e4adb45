"""The best values of several charges in words, and as plain values: what `price --json` prints and a page shows."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

from simulator.answers.pricing.choice import Choice
from simulator.answers.pricing.over import BASE, OVERS
from simulator.answers.pricing.several import Point, Regret, Several, is_of_plan
from simulator.answers.solving.target import Target
from simulator.lines import CHARGES
from simulator.output.prices import Plain, Speaker, aim_words, apart, far_from_today
from simulator.output.solved import level_words, target_words
from simulator.scenario.literals import as_text

# What a path is called for the reader.
Names = Callable[[str], str]


def sentence(found: Several, names: Names, say: Speaker) -> str:
    """Return the answer in one sentence: the best values, that today's are, or that no values keep the limits."""
    words = _words(found, names, say)
    if not found.is_found:
        text = "No values that were searched keep {limits}. The nearest, {best}, comes to {reached}."
        return say(text, **words)
    if not found.is_better:
        return say("No values that were searched do better than today's {today}: {aim} is {now}.", **words)
    if found.is_unbounded:
        return _unbounded(found, words, say)
    if not found.is_told:
        return say(
            "The trials cannot tell any values from today's {today}: {aim} is {now}, and {outcome} at {best}.", **words
        )
    if found.now.keeps_all:
        return say("{aim} is highest at {best}: {outcome}, against {now} at today's {today}.", **words)
    return say("{aim} is highest at {best}: {outcome}. Today's {today} does not keep the limits: {now}.", **words)


def _unbounded(found: Several, words: dict[str, str], say: Speaker) -> str:
    """Return why no best values are named where the aim still improves at an end of the search."""
    if not found.response:
        return say(
            "No best values can be named, because the scenario assumes no response of customers to these prices: {aim} "
            "still improves where the search ends, at {best}: {outcome}, against {now} at today's {today}.",
            **words,
        )
    return say(
        "No best values can be named: {aim} still improves where the search ends, at {best}: {outcome}, against {now} "
        "at today's {today}. Give bounds to say how far to go.",
        **words,
    )


def _words(found: Several, names: Names, say: Speaker) -> dict[str, str]:
    aim, scenario = found.aim, found.scenario
    return {
        "aim": aim_title(found, say),
        "best": values_words(found, found.best, names, say),
        "today": values_words(found, found.now, names, say),
        "outcome": aim_words(aim, found.best.aim, scenario, say),
        "now": aim_words(aim, found.now.aim, scenario, say),
        "limits": _listed([target_words(one, scenario.currency, say) for one in found.binding], say),
        "reached": _listed([_reached(found, one, found.best, say) for one in found.binding], say),
    }


def aim_title(found: Several, say: Speaker) -> str:
    """Return the title of the aim, with what number of the trials it is."""
    if found.limits.over == BASE:
        return say(found.aim.title)
    return say("{aim} ({over})", aim=say(found.aim.title), over=say(OVERS[found.limits.over]))


def values_words(found: Several, point: Point, names: Names, say: Speaker) -> str:
    """Return the values of a point, each with the name of its assumption."""
    pairs = zip(found.choices, point.values, strict=True)
    return _listed([f"{names(one.path)} {level_words(one.lever, value, say)}" for one, value in pairs], say)


def _listed(parts: list[str], say: Speaker) -> str:
    return say(", ").join(parts)


def _reached(found: Several, target: Target, point: Point, say: Speaker) -> str:
    """Return what a point comes to for a limit: a share of the trials, or the KPI."""
    value = point.outcomes[found.limits.targets.index(target)]
    if math.isnan(value):
        return say("no value")
    if target.share is not None:
        return say("{share} of the trials", share=say.quantity(value, "share"))
    if math.isinf(value):
        return say("beyond the projection")
    unit = target.unit(found.scenario.currency)
    if say.quantity(value, unit) != say.quantity(target.bound, unit):
        return say.quantity(value, unit)
    # So near to the bound that the usual digits would not tell them apart.
    return f"{value:.4%}" if unit == "share" else f"{value:,.10g}"


def remarks(found: Several, names: Names, say: Speaker) -> Iterator[str]:
    """Yield what a reader should know beside the answer: limits, how flat it is, ends, and what it rests on."""
    if found.is_found and found.binding and found.free and found.free.aim > found.best.aim:
        words = _words(found, names, say)
        words["free"] = aim_words(found.aim, found.free.aim, found.scenario, say)
        words["at"] = values_words(found, found.free, names, say)
        yield say("Without {limits} it would be {free}, at {at}.", **words)
    if found.gain is not None and found.is_better and not found.is_unbounded:
        yield say(
            "That is {gain} more than today, with a standard error of {error} over the {trials} trials, which are the "
            "same at all values.",
            gain=apart(found.gain.value, found.aim.unit_in(found.scenario.currency), say),
            error=apart(found.gain.error, found.aim.unit_in(found.scenario.currency), say),
            trials=say.quantity(found.limits.trials, "1"),
        )
    for choice, course in zip(found.choices, found.courses, strict=False):
        words = _course_words(choice, course.low, course.high, names, say)
        if course.end:
            yield say("{name} lies at the end of what was searched, {from_} to {to}: beyond it may be better.", **words)
        elif course.low < course.high:
            yield say("{name} from {low} to {high}, the others held, stays within 1% of the best.", **words)
    yield from _rests_on(found, names, say)
    for regret in found.regrets:
        yield say(
            "If {response}, these values lose {lost} against the best ones for that.",
            response=_response(regret, names, say),
            lost=apart(regret.lost, found.aim.unit_in(found.scenario.currency), say),
        )
    if found.limits.need_trials:
        yield say(
            "Limits are judged on {trials} trials, the same at all values.",
            trials=say.quantity(found.limits.trials, "1"),
        )


def _course_words(choice: Choice, low: float, high: float, names: Names, say: Speaker) -> dict[str, str]:
    values = {"low": low, "high": high, "from_": choice.low, "to": choice.high}
    return {"name": names(choice.path), **{key: level_words(choice.lever, one, say) for key, one in values.items()}}


def _rests_on(found: Several, names: Names, say: Speaker) -> Iterator[str]:
    if not found.response:
        if path := next((one.path for one in found.choices if is_of_plan(one)), ""):
            yield say(
                "The scenario assumes no response of customers to these prices, so this holds only if nobody leaves "
                "over them: before using it, give {name} a value.",
                name=names(f"{path.rpartition('.')[0]}.price_elasticity"),
            )
        return
    listed = [
        say("{text} ({more})", text=f"{names(path)} {say.quantity(one.central, '1')}", more=say(one.evidence))
        for path, one in found.response.items()
    ]
    yield say("The answer rests on {elasticities}.", elasticities=_listed(listed, say))
    if found.is_advised:
        for choice, value in zip(found.choices, found.best.values, strict=True):
            if is_of_plan(choice) and choice.path.rpartition(".")[2] in CHARGES and choice.lever.level:
                yield from far_from_today(value / choice.lever.level, names(choice.path), say)
    if found.limits.over == BASE:
        return
    if any(one.is_uncertain for one in found.response.values()):
        yield say("The trials draw these elasticities from their ranges, so the answer allows for being wrong.")
    else:
        yield say("What it costs to be wrong about these elasticities is told for the base case alone.")


def _response(regret: Regret, names: Names, say: Speaker) -> str:
    at = "" if regret.quantile is None else f" (P{100 * regret.quantile:.0f})"
    return _listed([f"{names(path)} = {say.quantity(one, '1')}{at}" for path, one in regret.response.items()], say)


def several_json(found: Several) -> dict[str, Any]:
    """Return the answer as plain values; what has no value is null."""
    say, scenario = Plain(), found.scenario
    return {
        "scenario": scenario.title,
        "currency": scenario.currency,
        "aim": found.aim.name,
        "unit": found.aim.unit_in(scenario.currency),
        "over": found.limits.over,
        "trials": found.limits.trials if found.limits.are_drawn else 0,
        "found": found.is_found,
        "better": found.is_advised,
        "changes": [_change(found, place) for place in range(len(found.choices))],
        "now": _point(found, found.now),
        "best": _point(found, found.best),
        "gain": None if found.gain is None else found.gain._asdict(),
        "free": None if found.free is None else _point(found, found.free),
        "binding": [target_words(one, scenario.currency, say) for one in found.binding],
        "regrets": [
            {"quantile": one.quantile, "response": dict(one.response), "best": _point(found, one.best),
             "kept": finite(one.kept), "lost": finite(one.lost)}
            for one in found.regrets
        ],
        "sentence": sentence(found, str, say),
        "remarks": list(remarks(found, str, say)),
    }  # fmt: skip


def _change(found: Several, place: int) -> dict[str, Any]:
    choice, value = found.choices[place], found.best.values[place]
    course = found.courses[place] if found.courses else None
    literal = found.literals[choice.path]
    return {
        "change": choice.path,
        "unit": choice.lever.unit,
        "now": choice.lever.level,
        "value": value,
        "from": choice.low,
        "to": choice.high,
        "flat": None if course is None else [course.low, course.high],
        "end": None if course is None else course.end,
        "literal": literal,
        "set": f"{choice.path}={as_text(literal)}",
        "curve": [] if course is None else [
            {"value": float(at), "outcome": finite(float(aim))}
            for at, aim in zip(course.values, course.aims, strict=True)
        ],
    }  # fmt: skip


def _point(found: Several, point: Point) -> dict[str, Any]:
    limits = zip(found.limits.targets, point.outcomes, point.kept, strict=True)
    return {
        "values": list(point.values),
        "outcome": finite(point.aim),
        "limits": [
            {"kpi": one.kpi, "operator": one.operator, "bound": one.bound, "share": one.share,
             "outcome": finite(value), "kept": kept}
            for one, value, kept in limits
        ],
    }  # fmt: skip


def finite(value: float) -> float | None:
    """Return a number for JSON: None for NaN and infinity."""
    return value if math.isfinite(value) else None
