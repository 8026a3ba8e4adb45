"""Rates read from a curve of throughput against latency: the tokens per second at a limit on the latency.

A curve is measured or published. A measured curve consists of the cases of one record over load or batch. A published
curve is written in the scenario as `{curve: {1: [51.7, 0.0186], 25: [623, 0.0388]}, within: 0.03}`, which means
concurrent requests: [tokens per second, seconds per token], and the limit in seconds per token. A rate or latency may
be a range, such as `90% between 45 and 58`; the rate at the limit is then uncertain, as that of a measured curve is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import ndtri

from profiling.errors import Phrase, RecordError
from profiling.results.curve import LOADS, Curve, Point, Rate, of, rate_within
from profiling.results.record import Estimate, Record
from simulator.errors import BadValue
from simulator.scenario.chances import Fixed, Normal, Part
from simulator.scenario.values import read_number, read_part

PUBLISHED = "write {curve: {1: [51.7, 0.0186], 25: [623, 0.0388]}, within: 0.03}"
MEASURED = "write within: {over: batch, tpot_seconds: 0.05}"
MOST_POINTS = 100
UNIT = "token/s"
# The share of a point's distribution that its interval holds, as in `90% between 45 and 58`.
LEVEL = 0.9


@dataclass(frozen=True)
class Limit:
    """The longest latencies allowed, in seconds: time per output token, and time to first token (None: no limit)."""

    tpot_seconds: float
    ttft_seconds: float | None = None

    def on(self, curve: Curve) -> Rate:
        """Return the highest rate on the curve that keeps the limit; raises BadValue where no point does."""
        try:
            return rate_within(curve, self.tpot_seconds, self.ttft_seconds)
        except RecordError as error:
            raise BadValue(error.told, "allow a higher latency, or use another curve") from None


@dataclass(frozen=True)
class OnCurve(Fixed):
    """A rate on a published curve whose points are certain."""

    curve: Curve
    limit: Limit
    unit: str = UNIT


@dataclass(frozen=True)
class AboutCurve(Normal):
    """A rate on a published curve whose points are ranges: normal, as a measured rate is."""

    curve: Curve
    limit: Limit
    unit: str = UNIT


def published(literal: Mapping[str, Any]) -> OnCurve | AboutCurve:
    """Return the rate that a curve written in the scenario gives at its limit; raises BadValue."""
    points = literal.get("curve")
    if set(literal) != {"curve", "within"} or not isinstance(points, Mapping) or not 0 < len(points) <= MOST_POINTS:
        raise BadValue("the curve is incomplete", PUBLISHED)
    curve = Curve("concurrency", tuple(sorted((_point(*item) for item in points.items()), key=lambda one: one.load)))
    limit = Limit(_above_zero(literal["within"]))
    rate = limit.on(curve)
    if rate.low == rate.high:
        return OnCurve(rate.value, curve, limit)
    return AboutCurve(rate.value, (rate.high - rate.low) / 2 / float(ndtri(0.5 + LEVEL / 2)), curve, limit)


def _point(load: Any, pair: Any) -> Point:
    if not isinstance(pair, list | tuple) or len(pair) != 2:
        raise BadValue(
            Phrase("the curve has {pair} at load {load}", pair=str(pair)[:60], load=str(load)[:20]), PUBLISHED
        )
    rate, latency = pair
    return Point(_above_zero(load), _estimate(rate, UNIT), _estimate(latency, "s"), None)


def _above_zero(literal: Any) -> float:
    return _checked(read_number(literal))


def _checked(number: float) -> float:
    if number <= 0:
        raise BadValue(
            Phrase("the curve or its limit has {number:g}", number=number), "give loads, rates and latencies above zero"
        )
    return number


def _estimate(literal: Any, unit: str) -> Estimate:
    """Return a number or a distribution as a value with its interval, which a certain number has without width."""
    part = read_part(literal, _no_reference)
    low, high = part.quantile(np.array([(1 - LEVEL) / 2, (1 + LEVEL) / 2])).tolist()
    # The centre of a lopsided distribution, such as the mode of a PERT, may lie outside.
    return Estimate(part.central, _checked(min(low, part.central)), max(high, part.central), LEVEL, unit, 1)


def _no_reference(_: Mapping[str, Any]) -> Part:
    raise BadValue("a point of a curve refers to another curve or a record", "give numbers or ranges")


def measured(record: Record, metric: str, at: Mapping[str, Any], within: Any) -> tuple[Estimate, Curve, Limit]:
    """Return the rate that a record's cases give at a limit, with its interval, the curve and the limit.

    `within` names what changes along the curve (`over`) and the limits; `at` what is fixed. Raises BadValue.
    """
    known = {"over", "tpot_seconds", "ttft_seconds"}
    if not isinstance(within, Mapping) or not {"over", "tpot_seconds"} <= set(within) <= known:
        raise BadValue("`within` is not a limit", MEASURED)
    if metric != "tokens_per_second" or within["over"] not in list(LOADS):  # the literal may be a list, or a map
        raise BadValue(
            Phrase("there is no curve of {metric} over {within}", metric=metric[:60], within=str(within["over"])[:60]),
            MEASURED,
        )
    limit = Limit(*(_above_zero(within[name]) for name in ("tpot_seconds", "ttft_seconds") if name in within))
    curve = of(record, within["over"], at)
    rate, nearest = limit.on(curve), curve.points[0].tokens_per_second
    return Estimate(rate.value, rate.low, rate.high, nearest.level, UNIT, nearest.runs), curve, limit
