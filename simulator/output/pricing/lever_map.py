"""The map of two levers in words, and as plain values: what `map --json` prints and a page shows."""

from __future__ import annotations

from typing import Any

import numpy as np

from simulator.answers.pricing.choice import Choice
from simulator.answers.pricing.lever_map import LeverMap
from simulator.output.prices import Plain, Speaker, aim_words
from simulator.output.pricing.several import Names, finite
from simulator.output.solved import level_words


def sentence(found: LeverMap, names: Names, say: Speaker) -> str:
    """Return the range of the aim on the map, where it is highest, and what it is today."""
    row, column = found.best
    if found.is_level:
        text = "{aim} is {now} everywhere on this map: neither assumption moves it."
        return say(text, aim=say(found.aim.title), now=aim_words(found.aim, found.now, found.scenario, say))
    amounts = {"low": found.worst, "high": float(found.outcomes[row, column]), "now": found.now}
    text = (
        "{aim} goes from {low} to {high} on this map, {now} today. It is highest at {x} {best_x} and {y} {best_y}; "
        "each point is a complete base case."
    )
    return say(
        text,
        aim=say(found.aim.title),
        x=names(found.x.path),
        y=names(found.y.path),
        best_x=level_words(found.x.lever, float(found.xs[column]), say),
        best_y=level_words(found.y.lever, float(found.ys[row]), say),
        **{name: aim_words(found.aim, amount, found.scenario, say) for name, amount in amounts.items()},
    )


def lever_map_json(found: LeverMap) -> dict[str, Any]:
    """Return the map as plain values; a pair without a value, or a month that never comes, is null."""
    row, column = found.best
    outcomes = [[finite(float(one)) for one in values] for values in found.outcomes]
    return {
        "scenario": found.scenario.title,
        "currency": found.scenario.currency,
        "aim": found.aim.name,
        "unit": found.aim.unit_in(found.scenario.currency),
        "now": finite(found.now),
        "x": _axis(found.x, found.xs),
        "y": _axis(found.y, found.ys),
        "outcomes": outcomes,
        "best": {"x": float(found.xs[column]), "y": float(found.ys[row]), "outcome": outcomes[row][column]},
        "sentence": sentence(found, str, Plain()),
    }


def _axis(choice: Choice, values: np.ndarray) -> dict[str, Any]:
    return {
        "change": choice.path,
        "unit": choice.lever.unit,
        "now": choice.lever.level,
        "values": [float(one) for one in values],
    }
