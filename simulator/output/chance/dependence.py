"""Dependence of a KPI on an assumption as plain values, as a table, and in a sentence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from simulator.answers.chance.dependence import Dependence
from simulator.output.prices import Plain, Speaker, apart
from simulator.output.tables import precise, told_apart
from simulator.scenario.scenario import Scenario

Values = Mapping[str, Any]


def dependence_json(scenario: Scenario, found: Dependence) -> dict[str, Any]:
    """Return the KPI in each group of trials."""
    return {
        "scenario": scenario.title,
        "kpi": found.goal.name,
        "title": found.goal.title,
        "unit": found.goal.unit,
        "path": found.path,
        "of": found.unit,
        "trials": found.trials,
        "groups": [asdict(one) for one in found.groups],
        "explained": found.explained,
        "p": found.p,
        "sentence": sentence(found, found.path, Plain()),
    }


def sentence(found: Dependence, name: str, say: Speaker) -> str:
    """Return how the KPI goes from the lowest values of an assumption to the highest, or that nothing is seen."""
    first, last, unit = found.groups[0], found.groups[-1], found.goal.unit
    values = {
        "title": say(found.goal.title),
        "name": name,
        "trials": say.quantity(found.trials, "1"),
        "share": say.quantity(found.explained, "share"),
        "low": say.quantity(first.middle, found.unit),
        "high": say.quantity(last.middle, found.unit),
        "at_low": say.quantity(first.mean, unit),
        "at_high": say.quantity(last.mean, unit),
    }
    if not found.is_visible:
        return say("{trials} trials show no dependence of {title} on {name}.", **values)
    text = (
        "{title} is {at_low} on average where {name} is about {low}, and {at_high} where it is about {high}; {name} "
        "alone explains {share} of the variance."
    )
    return say(text, **values)


def dependence_table(shown: Values) -> str:
    """Return the groups of trials, one a row."""
    return "\n".join(_lines(shown))


def _lines(shown: Values) -> Iterator[str]:
    yield f"{shown['scenario']} · {shown['title']} by {shown['path']} · {shown['trials']:,} trials"
    yield f"\n{'from':>24}{'to':>24}{'trials':>8}{'mean':>20}{'error':>18}{'P5':>20}{'P95':>20}"
    groups = shown["groups"]
    ends = (told_apart([one[name] for one in groups], shown["of"]) for name in ("low", "high"))
    for one, low, high in zip(groups, *ends, strict=True):
        mean, p05, p95 = (precise(one[name], shown["unit"]) for name in ("mean", "p05", "p95"))
        error = apart(one["error"], shown["unit"], Plain())
        yield f"{low:>24}{high:>24}{one['trials']:>8,}{mean:>20}{error:>18}{p05:>20}{p95:>20}"
    yield f"\n{shown['sentence']}"
