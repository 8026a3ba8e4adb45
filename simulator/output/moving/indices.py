"""Sobol's indices of a scenario as plain values, as a table, and in a sentence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from simulator.answers.moving.groups import LUCK
from simulator.answers.moving.indices import Explained
from simulator.output.prices import Plain, Speaker
from simulator.scenario.scenario import Scenario

MOST_SHOWN = 15
# Interactions are worth a sentence from this share of the variance on.
NOTABLE = 0.05
Values = Mapping[str, Any]


def indices_json(scenario: Scenario, found: Explained) -> dict[str, Any]:
    """Return the indices by group and by area."""
    return {
        "scenario": scenario.title,
        "kpi": found.goal.name,
        "title": found.goal.title,
        "unit": found.goal.unit,
        **{name: getattr(found, name) for name in ("trials", "mean", "deviation", "alone")},
        "groups": [{**asdict(one), "paths": list(found.paths.get(one.group, ()))} for one in found.groups],
        "areas": [asdict(one) for one in found.areas],
        "sentence": sentence(found, {one.group: one.group for one in found.groups}, Plain()),
    }


def sentence(found: Explained, names: Mapping[str, str], say: Speaker) -> str:
    """Return which group explains most, what luck explains, and whether interactions matter; `names` is by group."""
    first = found.groups[0]
    values = {
        "title": say(found.goal.title),
        "name": names[first.group],
        **{end: say.quantity(max(getattr(first.total, end), 0.0), "share") for end in ("value", "low", "high")},
    }
    text = "{title}: {name} accounts for {value} of the variance, interactions included ({low} to {high})."
    said = [say(text, **values)]
    luck = next((one for one in found.groups if one.group == LUCK), None)
    if luck is not None and luck is not first:
        share = say.quantity(max(luck.total.value, 0.0), "share")
        said.append(say("The luck of counts, which no measurement removes, accounts for {share}.", share=share))
    if found.alone < 1 - NOTABLE:
        share = say.quantity(1 - found.alone, "share")
        said.append(say("{share} comes from interactions: assumptions that matter together.", share=share))
    return " ".join(said)


def indices_table(shown: Values) -> str:
    """Return the groups with the largest totals, and the areas."""
    return "\n".join(_lines(shown))


def _lines(shown: Values) -> Iterator[str]:
    yield f"{shown['scenario']} · {shown['title']} · two samples of {shown['trials']:,} trials"
    yield f"\n{'Share of the variance, with its 95 % interval':<62}{'alone':>20}{'with interactions':>22}"
    yield from map(_row, shown["groups"][:MOST_SHOWN])
    if len(shown["groups"]) > MOST_SHOWN:
        yield f"  and {len(shown['groups']) - MOST_SHOWN} more; --json has all"
    yield "\nBy area"
    yield from map(_row, shown["areas"])
    yield f"\n{shown['sentence']}"


def _row(one: Values) -> str:
    name = one["group"] if len(one["group"]) <= 60 else f"{one['group'][:59]}…"
    first, total = (f"{share['value']:.1%} ({share['low']:.0%}…{share['high']:.0%})" for share in _shares(one))
    return f"  {name:<60}{first:>20}{total:>22}"


def _shares(one: Values) -> tuple[Values, Values]:
    return one["first"], one["total"]
