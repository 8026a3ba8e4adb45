"""The best price of a plan, searched on the whole base case; where no response is assumed, the losses to bear instead.

The search looks at half to twice today's price. While the best lies at an end, that end moves out, to 16 times or a
sixteenth at the farthest. Then it zooms in on the highest outcomes. Whole devices make the outcome jagged, so the best
is the highest that was found, with the range of prices that do nearly as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from profiling.errors import Phrase
from simulator.answers.kpis.tried import MONTHS
from simulator.answers.pricing.aims import AIMS
from simulator.answers.pricing.break_even import BreakEven, break_even_losses
from simulator.answers.pricing.priced import EQUAL, Priced
from simulator.answers.pricing.response import RESPONSES, other_responses
from simulator.engine.model import Array
from simulator.errors import PlanError
from simulator.scenario.assumption import Assumption
from simulator.scenario.scenario import Scenario

# The search goes this far from today's price, in both directions.
FARTHEST = 16.0
# It begins this far from today's price, and grows by the same factor.
NEAREST = 2.0
# A peak this close to where the search ends may be a ripple, so the search goes on.
INSIDE = 2.0**0.5
# Whole devices and people move the outcome by this share of its range on the curve, or less.
RIPPLE = 0.02
# Twelve steps to a doubling, 5.9 % each; today's price is one of them.
COARSE = 2.0 ** (np.arange(-48, 49) / 12)
# The first zoom looks at several peaks, since the highest may lie between two coarse steps; the second at one. With
# three searches at once, each fits one batch, and two rounds leave steps of 0.04 %.
ZOOMS = ((3, 14), (1, 42))
# Outcomes this close to the best, as a share of it, count as equally good.
NEARLY = 0.01

Rising = Literal["up", "down"]


@dataclass(frozen=True)
class Curve:
    """Outcomes by factor of today's price, in rising order of the factors."""

    factors: Array
    outcomes: Array

    @classmethod
    def of(cls, factors: Array, outcomes: Array) -> Curve:
        """Return the curve through the points whose outcome has a value."""
        known = np.isfinite(outcomes)
        return cls(factors[known], outcomes[known])

    def joined(self, factors: Array, outcomes: Array) -> Curve:
        """Return the curve with more points in it."""
        more = Curve.of(factors, outcomes)
        every, first = np.unique(np.concatenate([self.factors, more.factors]), return_index=True)
        return Curve(every, np.concatenate([self.outcomes, more.outcomes])[first])

    @property
    def is_level(self) -> bool:
        """Whether the outcome is the same at every price."""
        return bool(np.ptp(self.outcomes) <= EQUAL * np.abs(self.outcomes).max())

    @property
    def best(self) -> int:
        """The place of the highest outcome; of several that are equal, the one nearest to today's price."""
        least = self.outcomes.max() - EQUAL * np.abs(self.outcomes).max()
        distance = np.where(self.outcomes >= least, np.abs(np.log(self.factors)), np.inf)
        return int(np.argmin(distance))

    def within(self, low: float, high: float) -> Curve:
        """Return the part of the curve between two factors."""
        kept = (self.factors >= low) & (self.factors <= high)
        return Curve(self.factors[kept], self.outcomes[kept])

    def grown(self) -> Curve:
        """Return the part around today's price with the best outcome well inside it, or as far as the search goes."""
        low, high = 1 / NEAREST, NEAREST
        while True:
            part = self.within(low, high)
            best = float(part.factors[part.best])
            if best * INSIDE > high and high < FARTHEST:
                high *= NEAREST
            elif best / INSIDE < low and low > 1 / FARTHEST:
                low /= NEAREST
            else:
                return part

    @property
    def rising(self) -> Rising | None:
        """The end of the curve at which the outcome is still rising; None where the best lies inside.

        A peak near an end that does no better than the end, but for a ripple, does not count as inside.
        """
        best, ends = float(self.factors[self.best]), self.outcomes[[0, -1]]
        down, up = self.outcomes.max() - ends <= RIPPLE * np.ptp(self.outcomes)
        if up and best * INSIDE > self.factors[-1]:
            return "up"
        return "down" if down and best / INSIDE < self.factors[0] else None

    def peaks(self, count: int) -> list[int]:
        """Return the places of the best and of the next highest peaks, ends of the search left out."""
        inside = np.arange(1, len(self.factors) - 1)
        rises, falls = (self.outcomes[inside] >= self.outcomes[inside + side] for side in (-1, 1))
        tops = inside[rises & falls]
        found = [self.best, *tops[np.argsort(-self.outcomes[tops], kind="stable")].tolist()]
        return [place for place in dict.fromkeys(found) if 0 < place < len(self.factors) - 1][:count]

    @property
    def nearly(self) -> tuple[float, float]:
        """The factors between which the outcome stays close to the best."""
        best = self.best
        least = self.outcomes[best] - NEARLY * abs(self.outcomes[best])
        return self._edge(best, -1, least), self._edge(best, 1, least)

    def _edge(self, best: int, step: int, least: float) -> float:
        """Return the factor at which the outcome falls below `least`, going from the best in steps."""
        places = np.arange(best, len(self.factors) if step > 0 else -1, step)
        below = np.flatnonzero(self.outcomes[places] < least)
        if not below.size:
            return float(self.factors[places[-1]])
        pair = places[[below[0], below[0] - 1]]
        return float(np.exp(np.interp(least, self.outcomes[pair], np.log(self.factors[pair]))))


@dataclass(frozen=True)
class Best:
    """A price, its factor of today's price, and the outcome there; `rising` says that it is an end of the search."""

    price: float
    factor: float
    outcome: float
    rising: Rising | None


@dataclass(frozen=True)
class End:
    """The best price where the elasticities differ from those assumed; `response` holds their values.

    Uncertain elasticities are all at one quantile. Without any, `quantile` is None, and all are higher or lower by the
    same factor. `kept` is the outcome there at the price that is best for the elasticities assumed.
    """

    quantile: float | None
    response: Mapping[str, float]
    best: Best
    kept: float

    @property
    def regret(self) -> float:
        """What the price for the assumed elasticities loses there against the best price."""
        return max(self.best.outcome - self.kept, 0.0)

    @property
    def share(self) -> float | None:
        """The regret as a share of what the best price brings; None where that brings nothing."""
        return self.regret / self.best.outcome if self.best.outcome > 0 else None


@dataclass(frozen=True)
class PriceAnswer:
    """The best price of a plan, or why the model names none.

    `responds` says whether customers or their use change with the price; without, only `break_even` says anything.
    `curve` covers the prices that were searched, and `highest` the highest outcome on it, at an end where the outcome
    is `rising`. `flat` is the range of prices that do nearly as well, and `beyond` the nearest price outside of the
    curve that does better, None without one.
    """

    priced: Priced
    now: float
    curve: Curve
    highest: Best
    flat: tuple[float, float]
    beyond: float | None
    responds: bool
    response: Mapping[str, Assumption]
    ends: tuple[End, ...]
    break_even: tuple[BreakEven, ...]

    @property
    def best(self) -> Best | None:
        """The best price; None where no response is assumed, no price can do better, or the outcome still rises."""
        named = self.responds and self.is_open and self.highest.rising is None
        return self.highest if named else None

    @property
    def is_level(self) -> bool:
        """Whether the aim is the same at every price."""
        return self.curve.is_level

    @property
    def is_beyond(self) -> bool:
        """Whether the aim is a month that lies beyond the projection today, so that no price can bring a later one."""
        return AIMS[self.priced.aim].unit in MONTHS and self.now >= self.priced.scenario.months

    @property
    def is_open(self) -> bool:
        """Whether another price may do better than today's."""
        return not (self.is_level or self.is_beyond)

    @property
    def rising(self) -> Rising | None:
        """The end of the search at which the outcome is still rising, where a response is assumed."""
        return self.highest.rising if self.responds and self.is_open else None

    @property
    def losses(self) -> tuple[BreakEven, ...]:
        """The losses that a rise may cost, where these say anything."""
        return self.break_even if self.is_open else ()


def best_price(scenario: Scenario, plan: str, aim: str = "end_cash") -> PriceAnswer:
    """Return the price of a plan that is best for an aim; raise PlanError for a free plan."""
    priced = Priced.of(scenario, plan, aim)
    response = {name: scenario.assumption_of(name, priced.plan) for name in RESPONSES}
    others = other_responses(scenario, [priced.plan])
    cases = [{}, *(case for _, case in others)]
    now, coarse, responds = _coarse(priced, cases)
    grown = [curve.grown() for curve in coarse]
    curves = _zoomed(priced, cases, grown) if responds else grown
    bests = [_best(priced, curve) for curve in curves]
    ends = _ends(priced, others, bests) if responds else ()
    low, high = (factor * priced.level for factor in curves[0].nearly)
    beyond = _beyond(priced, coarse[0], bests[0])
    losses = () if responds else break_even_losses(priced)
    return PriceAnswer(priced, now, curves[0], bests[0], (low, high), beyond, responds, response, ends, losses)


def _ends(
    priced: Priced, others: Sequence[tuple[float | None, Mapping[str, Array]]], bests: Sequence[Best]
) -> tuple[End, ...]:
    """Return the best price under each of the other elasticities, and the outcome there at the centre's best price."""
    factor = bests[0].factor
    kept, _ = priced.run([{**case, **priced.times(priced.name, factor)} for _, case in others])
    return tuple(
        End(at, {path.rpartition(".")[2]: float(one[0]) for path, one in case.items()}, best, float(outcome))
        for (at, case), best, outcome in zip(others, bests[1:], kept[1:], strict=True)
    )


def _coarse(priced: Priced, cases: Sequence[Mapping[str, Array]]) -> tuple[float, list[Curve], bool]:
    """Return today's outcome, the curve of each case, and whether customers or their use change with the price."""
    outcomes, found = priced.run(_changes(priced, cases, [COARSE] * len(cases)), ["customers", "requests"])
    moved = [found[name][:, priced.place, 1 : 1 + len(COARSE)] for name in ("customers", "requests")]
    responds = any((np.ptp(one, axis=1) > EQUAL * np.abs(one).max()).any() for one in moved)
    curves = [Curve.of(COARSE, part) for part in np.split(outcomes[1:], len(cases))]
    if not np.isfinite(outcomes[0]) or min(len(curve.factors) for curve in curves) < len(COARSE) / 2:
        what = Phrase("{title} has no value at today's price, or at most others", title=AIMS[priced.aim].title)
        raise PlanError(what, "choose another aim, such as end_cash")
    return float(outcomes[0]), curves, responds


def _zoomed(priced: Priced, cases: Sequence[Mapping[str, Array]], curves: list[Curve]) -> list[Curve]:
    """Return the curve of each case with more and more points around its peaks."""
    for count, points in ZOOMS:
        grids = [_between(curve, count, points) for curve in curves]
        outcomes, _ = priced.run(_changes(priced, cases, grids))
        parts = np.split(outcomes[1:], np.cumsum([len(grid) for grid in grids])[:-1])
        curves = [curve.joined(grid, part) for curve, grid, part in zip(curves, grids, parts, strict=True)]
    return curves


def _beyond(priced: Priced, coarse: Curve, best: Best) -> float | None:
    """Return the price nearest to today's that does better than the best of the part that was searched."""
    better = coarse.factors[coarse.outcomes > best.outcome + EQUAL * abs(best.outcome)]
    return float(priced.level * better[np.abs(np.log(better)).argmin()]) if better.size else None


def _changes(priced: Priced, cases: Sequence[Mapping[str, Array]], grids: Sequence[Array]) -> list[Mapping[str, Array]]:
    return [
        {**case, **priced.times(priced.name, float(factor))}
        for case, grid in zip(cases, grids, strict=True)
        for factor in grid
    ]


def _between(curve: Curve, count: int, points: int) -> Array:
    """Return factors around each of the highest peaks, between the curve's points to either side of it."""
    sides = [(curve.factors[place - 1], curve.factors[place + 1]) for place in curve.peaks(count)]
    return np.concatenate([np.geomspace(low, high, points + 2)[1:-1] for low, high in sides] or [np.array([1.0])])


def _best(priced: Priced, curve: Curve) -> Best:
    rising = curve.rising
    place = {"up": len(curve.factors) - 1, "down": 0}[rising] if rising else curve.best
    factor = float(curve.factors[place])
    return Best(factor * priced.level, factor, float(curve.outcomes[place]), rising)
