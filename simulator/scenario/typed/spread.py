"""What an uncertain value comes to: its 90 % interval, its course over the months, and the value without chance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from simulator.engine.model import Array
from simulator.scenario.assumption import Assumption
from simulator.scenario.chances import YesOrNo, quantile_within
from simulator.scenario.scaling import rounded, unwalked
from simulator.scenario.values import Growth, Ramp, Steps

# P5 and P95 of this many draws lie within about 2 % of a lognormal's own, closer than a chart shows.
DRAWS = 2_000


def spread(assumption: Assumption) -> tuple[float, float] | None:
    """Return P5 and P95 of the first month's value; None where that is certain, or either yes or no."""
    part, bounds = assumption.value.parts[0], assumption.value.bounds(assumption.low, assumption.high)[0]
    low, high = quantile_within(part, *bounds, np.array([0.05, 0.95]))
    return None if low == high or isinstance(part, YesOrNo) else (float(low), float(high))


def course(assumption: Assumption, months: int) -> tuple[Array, Array, Array]:
    """Return P5, the base case and P95 by month, each of shape (months,), of draws that are the same each time."""
    chance = np.random.default_rng(0)
    value = assumption.value
    parts = zip(value.parts, value.bounds(assumption.low, assumption.high), strict=True)
    drawn = np.stack([quantile_within(part, *bounds, chance.random(DRAWS)) for part, bounds in parts])
    drawn = np.broadcast_to(value.course.over(drawn, months), (months, DRAWS))
    if value.walk:
        drawn = drawn * value.walk.factors(chance.standard_normal((months, DRAWS)))
    low, high = np.percentile(assumption.within(drawn), [5, 95], axis=1)
    return low, np.broadcast_to(assumption.base(months), months), high


def certain(assumption: Assumption) -> Any:
    """Return the literal of the base case: each range at its centre, and no walk; a schedule stays one."""
    literal, value = unwalked(assumption.literal), assumption.value
    centres = [rounded(part.central) for part in value.parts]
    if isinstance(literal, Mapping) and isinstance(value.course, Growth):
        return dict(zip(("start", "monthly_growth"), centres, strict=True))
    if isinstance(literal, Mapping) and isinstance(value.course, Ramp):
        return dict(zip(("from", "to"), centres, strict=True)) | {"over": literal["over"]}
    if isinstance(value.course, Steps) and len(centres) > 1:
        return dict(zip(value.course.starts, centres, strict=True))
    return centres[0]
