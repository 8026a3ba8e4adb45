"""The plan of commitments: what to sign when, what that costs in each trial, and what knowing demand would save."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.answers.blocks.progress import Progress, quietly
from simulator.answers.committing.offers import NO_QUOTES, Offers, offers
from simulator.answers.committing.program import PRECISION, Program, Term, best, covered
from simulator.engine.model import Array
from simulator.scenario.scaling import rounded
from simulator.scenario.scenario import Scenario

# Up to twice this number of replicas the gain of each is exact; beyond, that of an eighth more devices is averaged.
COARSE = 8
# How many devices are told what price of a reservation they are worth.
MOST_WORTHS = 3
# Trials of a plan of 60 months that are planned one by one, as if demand and prices were known. A longer plan takes
# more time by the square of its length, or more, and further terms take as much again, so fewer trials estimate its
# regret.
FORESEEN, FEWEST = 40, 5
NOTE = "From the plan of commitments."


@dataclass(frozen=True)
class Commitments:
    """What to sign and to buy: devices signed and bought in each month, and whether the vendor serves it alone.

    `signed` has shape (terms, months), the others (months,). Renewals are signed, too.
    """

    offers: Offers
    signed: Array
    bought: Array
    by_vendor: NDArray[np.bool_]

    @property
    def is_committed(self) -> bool:
        """Whether the plan is anything but renting on demand."""
        return bool(self.signed.any() or self.bought.any() or self.by_vendor.any())

    @cached_property
    def held(self) -> Array:
        """Reserved devices in each month, of all terms."""
        terms = zip(self.offers.terms, self.signed, strict=True)
        return sum((covered(signed, term.months) for term, signed in terms), np.zeros(self.offers.months))

    @cached_property
    def owned(self) -> Array:
        """Own devices in each month that the plan has bought."""
        return covered(self.bought, self.offers.life)

    @property
    def renewed(self) -> Array:
        """Devices signed in each month in the place of those whose term has ended, of shape (terms, months)."""
        ended = [_later(signed, term.months) for term, signed in zip(self.offers.terms, self.signed, strict=True)]
        return np.minimum(self.signed, np.reshape(ended, self.signed.shape))

    @cached_property
    def costs(self) -> Array:
        """The cost of the pool, of shape (months, trials): reserved, owned, on demand and at the vendor."""
        return self.reserved_cost + self.owned_cost + self.spilled_cost

    @cached_property
    def reserved_cost(self) -> Array:
        """Rent of the reserved devices at the prices at which they were signed, used or not."""
        terms = zip(self.offers.terms, self.signed, strict=True)
        rents = (_covered(signed[:, None] * term.price, term.months) for term, signed in terms)
        return sum(rents, np.zeros_like(self.offers.rent))

    @cached_property
    def owned_cost(self) -> Array:
        """Capital, hosting and power of the devices that the plan buys."""
        found = self.offers
        if found.capital is None:
            return np.zeros_like(found.rent)
        return _covered(self.bought[:, None] * found.capital, found.life) + self.owned[:, None] * found.running

    @cached_property
    def spilled_cost(self) -> Array:
        """The cost of what commitments do not cover: the rent on demand, or the vendor's bill in its months."""
        found = self.offers
        rent = found.spilled(self.held + self.owned) * found.rate
        return rent if found.vendor is None else np.where(self.by_vendor[:, None], found.vendor, rent)

    @property
    def committed_rent(self) -> Array:
        """Rent of reserved devices that is agreed and due in later months, at the end of each, in the mean trial."""
        months, ahead = self.offers.months, np.zeros(self.offers.months)
        for term, signed in zip(self.offers.terms, self.signed, strict=True):
            left = np.maximum(term.months - 1 - np.arange(months), 0)
            ahead += np.convolve(signed * term.price.mean(axis=1), left)[:months]
        return ahead

    @property
    def saved(self) -> Array:
        """What the plan saves over all months against on demand alone, by trial."""
        return np.asarray(self.offers.rent.sum(axis=0) - self.costs.sum(axis=0))

    @property
    def idle_share(self) -> float:
        """Share of the hours of the committed devices in which nothing needs them; 0 without any."""
        committed = self.held + self.owned
        if not committed.any():
            return 0.0
        unused = np.maximum(committed[:, None, None] - self.offers.beyond, 0).mean(axis=(1, 2))
        return float(np.where(self.by_vendor, committed, unused).sum() / committed.sum())

    def near(self, quantile: float) -> tuple[float, float]:
        """Return the costs of the plan and of on demand alone at a quantile of demand in device-hours.

        Both are means over the twentieth of the trials whose demand is nearest to that.
        """
        order = np.argsort(self.offers.mean.sum(axis=0), kind="stable")
        around = np.clip(np.array([quantile - 0.025, quantile + 0.025]) * len(order), 0, len(order))
        first = min(int(around[0]), len(order) - 1)
        some = order[first : max(int(np.ceil(around[1])), first + 1)]
        return float(self.costs[:, some].sum(axis=0).mean()), float(self.offers.rent[:, some].sum(axis=0).mean())

    @cached_property
    def regret(self) -> tuple[float, float] | None:
        """What knowing demand and prices ahead would save in the mean trial, and its standard error; None if known."""
        trials = self.offers.rent.shape[1]
        if trials < 2:
            return None
        few = FORESEEN * (60 / self.offers.months) ** 2 / max(len(self.offers.terms), 1)
        foreseen = min(trials, FORESEEN, max(FEWEST, round(few)))
        known = [best(_program(self.offers, trial)).cost for trial in range(foreseen)]
        lost = self.costs[:, :foreseen].sum(axis=0) - known
        # What is left to the precision of the program is no regret.
        lost = np.where(lost > 10 * PRECISION * self.costs[:, : len(lost)].sum(axis=0), lost, 0)
        return float(lost.mean()), float(lost.std(ddof=1) / np.sqrt(len(lost)))

    @property
    def terms_used(self) -> list[Term]:
        """The terms for which the plan signs devices."""
        return [term for term, signed in zip(self.offers.terms, self.signed, strict=True) if signed.any()]

    @cached_property
    def in_one_term(self) -> Commitments:
        """The cheapest plan that a scenario can hold, which has one term for a pool; this plan where it has one."""
        if len(self.terms_used) < 2:
            return self
        plans = [_cheapest(replace(self.offers, terms=(term,))) for term in self.offers.terms]
        return min(plans, key=lambda one: float(one.costs.sum(axis=0).mean()))

    @property
    def _decided(self) -> dict[str, Any]:
        """The assumptions that the plan decides, by month; those of a term that the scenario does not state, too."""
        wanted = np.where(self.owned > 0, self.owned + self.offers.kept.max(axis=1), 0.0)
        decided = {
            "reserved_devices": self.held,
            "wanted_devices": wanted,
            "vendor_share": self.by_vendor.astype(float),
        }
        for term in self.terms_used:
            if term.is_quoted:
                price = (term.price / self.offers.hours).mean(axis=1)
                decided |= {"reserved_term": np.full(self.offers.months, term.months), "reserved_price": price}
        return decided

    def edits(self) -> dict[str, Any]:
        """Return the assumptions that write the plan in one term into the scenario, by path; none where it has it."""
        found, decided = self.offers, self.in_one_term._decided
        stated = {name: found.scenario.assumption_of(name, found.pool) for name in decided}
        return {
            f"pools.{found.pool}.{name}": {"value": _steps(course), "note": NOTE}
            for name, course in decided.items()
            if stated[name].is_uncertain or not np.allclose(stated[name].base(found.months), course, rtol=1e-9, atol=0)
        }

    def applied(self) -> Scenario:
        """Return the scenario with the plan in one term written into it; raise BreakevenError where it does not fit."""
        return self.offers.scenario.with_values(self.edits())


def commitments(
    scenario: Scenario, pool: str, trials: int, quotes: Mapping[int, float] = NO_QUOTES, progress: Progress = quietly
) -> Commitments:
    """Return the cheapest commitments of a pool for its expected costs over these trials; 0 of them use the base case.

    `quotes` are terms in months beside the scenario's, each with its price of a device for an hour. Raise PlanError
    where the pool has no price of devices on demand.
    """
    return _cheapest(offers(scenario, pool, trials, quotes, progress))


def _cheapest(found: Offers) -> Commitments:
    choice = best(_program(found))
    return Commitments(found, choice.signed, choice.bought, choice.by_vendor)


def worth_reserving(found: Offers, term: int) -> list[float]:
    """Return up to which price of an hour a first, a second … device is worth a reservation of `term` months.

    Each takes the best months to be signed in; a term that is longer than the plan ends with it.
    """
    saved = np.stack([_gain(found, slice(None), place * found.lot, found.lot) for place in range(MOST_WORTHS)])
    months = min(term, found.months)
    best_months = np.lib.stride_tricks.sliding_window_view(saved, months, axis=1).mean(axis=2).max(axis=1)
    return [float(one) for one in best_months / found.hours.mean() if one > 0]


def _gain(found: Offers, some: slice, fewer: int, width: int) -> Array:
    """Return the rent on demand that each of `width` devices saves beside `fewer`, by month, in the mean of trials."""
    used = np.clip(found.beyond[:, :, some] - fewer, 0, width).mean(axis=1)
    return np.asarray((used * found.rate[:, some]).mean(axis=1) / width)


def _program(found: Offers, trial: int | None = None) -> Program:
    """Return the program for expected costs, or for those of one trial."""
    some = slice(None) if trial is None else slice(trial, trial + 1)

    def mean(costs: Array | None) -> Array | None:
        return None if costs is None else np.asarray(costs[:, some].mean(axis=1))

    terms = [replace(one, price=one.price[:, some].mean(axis=1)) for one in found.terms]
    capital = mean(found.capital)
    running = np.asarray(found.running[:, some].mean(axis=1))
    prices = [one.price.min() for one in terms]
    prices += [] if capital is None else [(capital + running).min()]
    gains, widths, edge = list[Array](), list[float](), 0
    # Devices that save less than their price in every month are never worth it, and neither are those after them.
    while prices and (not gains or gains[-1].max() > min(prices)):
        width = max(1, edge // COARSE // found.lot) * found.lot
        gains.append(_gain(found, some, edge, width))
        widths.append(width)
        edge += width
    return Program(
        np.asarray(found.rent[:, some].mean(axis=1)),
        np.stack(gains, axis=1) if gains else np.zeros((found.months, 1)),
        np.array(widths or [0.0]),
        found.lot,
        terms,
        capital,
        running,
        found.life,
        mean(found.vendor),
    )


def _covered(starts: Array, length: int) -> Array:
    """Return the sum of what begins in each month and lasts `length` months, of shape (months, trials)."""
    return np.apply_along_axis(covered, 0, starts, length)


def _later(course: Array, months: int) -> Array:
    return np.concatenate([np.zeros(months), course])[: len(course)]


def _steps(course: Array) -> Any:
    """Return a course over months as a file states it: a number, or the months in which it changes."""
    starts = [0, *(np.flatnonzero(np.diff(course)) + 1).tolist()]
    steps = {int(month): rounded(float(course[month])) for month in starts}
    return steps if len(steps) > 1 else steps[0]
