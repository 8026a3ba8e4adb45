"""Ways to charge side by side: one plan's customers, costs and response, under each way at equal and at best bills.

Each way replaces the charges of the plan that come back every month; fees for setup, services and tuned models stay.
It begins at the bill that a new customer has today. All levels of a way then move together, from a quarter to four
times that bill.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from profiling.errors import Phrase
from simulator.answers.blocks.progress import Progress, quietly, within
from simulator.answers.customers.deciles import Deciles, deciles
from simulator.answers.kpis.registry import Drawn
from simulator.answers.ledger import Ledger
from simulator.answers.outcomes import Estimate
from simulator.answers.pricing.aims import AIMS, Aim, outcomes_of
from simulator.answers.pricing.priced import EQUAL, Priced
from simulator.answers.projection import drawn_in
from simulator.answers.solving.columns import SideBySide
from simulator.answers.solving.outcome import Judge
from simulator.answers.solving.target import Target
from simulator.engine.model import Array
from simulator.errors import PlanError
from simulator.scenario.scaling import rounded
from simulator.scenario.scenario import Scenario

# The charges that a way replaces.
REPLACED = (
    *("price", "seat_price", "commitment", "output_price", "input_price", "cached_price", "task_price"),
    *("overage_price", "credits_per_customer", "tier_discount", "tier_2_discount", "tier_3_discount"),
)
# Each way by what it charges, with the share of the bill that each charge brings at first.
WAYS: Mapping[str, Mapping[str, float]] = {
    "flat": {"price": 1.0},
    "seats": {"seat_price": 1.0},
    "usage": {"overage_price": 1.0},
    "hybrid": {"price": 0.5, "overage_price": 0.5},
    "credits": {"credits_per_customer": 1.0},
    "outcome": {"task_price": 1.0},
}
TITLES = {
    "today": "Today's charges",
    "flat": "Flat fee",
    "seats": "Fee per seat",
    "usage": "Price per request",
    "hybrid": "Fee, and a price per request above the mean use",
    "credits": "Prepaid credits",
    "outcome": "Price per finished task",
}
# The whole bill of a new customer, and the part of it for services.
BILL = ("expected_bill", "expected_services")
# Factors of the bill that are searched: four steps to a doubling, then closer around the best.
FACTORS, CLOSER = 2.0 ** (np.arange(-8, 9) / 4), 2.0 ** (np.arange(-8, 9) / 32)
# Duration of the search, as the number of trials of all ways that take the same time.
OF_A_SEARCH = 500
NO_RUIN = Target("probability_of_ruin", "<=", 0.0)

End = Literal["low", "high"]


@dataclass(frozen=True)
class Way:
    """One way to charge at its best level: what it charges, the factor of today's bill, and what that comes to.

    `at_equal` is the aim at today's bill. `end` is the end of the search at which the best level lies. `ruin` is None
    where nothing is drawn. `tenths` are those of the plan's customers in the last month; None without customers.
    """

    name: str
    levels: Mapping[str, float]
    factor: float
    at_equal: float
    outcome: float
    margin: float
    ruin: Estimate | None
    tenths: Deciles | None
    end: End | None

    @property
    def under_water(self) -> int | None:
        """How many tenths of the customers cost more than they pay."""
        return None if self.tenths is None else int((self.tenths.margin < 0).sum())


@dataclass(frozen=True)
class Charging:
    """The ways to charge for a plan: today's first, then the others.

    `responds` says whether customers respond to the bill; without, each way is shown at today's bill. `left_out` names
    the ways that cannot bring the bill, since the plan has no use of that kind. `trials` is their number, 0 without.
    """

    priced: Priced
    bill: float
    ways: tuple[Way, ...]
    left_out: tuple[str, ...]
    responds: bool
    trials: int

    @property
    def aim(self) -> Aim:
        """What the ways are compared by."""
        return AIMS[self.priced.aim]

    @property
    def best(self) -> Way:
        """The way with the highest outcome; today's where no other does better."""
        return max(self.ways, key=lambda way: (way.outcome, way.name == "today"))

    def literals(self, way: Way) -> Mapping[str, Any]:
        """Return what the file would say for a way, by path."""
        return _literals(self.priced, way.levels)


def ways_to_charge(
    scenario: Scenario, plan: str, aim: str = "end_cash", trials: int | None = None, progress: Progress = quietly
) -> Charging:
    """Return the ways to charge for a plan, each at its best level, on common trials, by default the scenario's number.

    `progress` is told about what share is done. Raise PlanError for a plan that is free or unknown or has no bill, an
    unknown aim, or an aim without a value today.
    """
    priced = Priced.of(scenario, plan, aim)
    bill, starts = equal_bills(priced)
    if not starts:
        what = Phrase("{path} bills its customers nothing, whatever it charges", path=f"plans.{priced.plan}")
        raise PlanError(what, "lower its discount")
    outcomes, curves, responds = _curves(priced, starts)
    if not np.isfinite(outcomes):
        raise PlanError(
            Phrase("{title} has no value today", title=AIMS[aim].title), "choose another aim, such as end_cash"
        )
    chosen = {name: _chosen(*curves[name], responds) for name in starts}
    levels = {name: _times(levels, chosen[name][0]) for name, levels in starts.items()}
    variants = [scenario, *(scenario.with_values(_literals(priced, one)) for one in levels.values())]
    count = scenario.trials if trials is None else trials
    count = 0 if drawn_in(scenario, Ledger.of(scenario)) is Drawn.NOTHING else count
    progress(searched := OF_A_SEARCH / (OF_A_SEARCH + count))
    judge = Judge(NO_RUIN, scenario, count) if count else None
    ruins = judge.outcomes(variants, progress=within(progress, searched, 1.0)) if judge else [None] * len(variants)
    ledgers = next(SideBySide(scenario, 0).run(variants)).ledgers(variants)
    margins, _ = outcomes_of(scenario, [AIMS["gross_margin"]], [_changes(priced, one) for one in levels.values()])
    found = [
        Way(name, levels.get(name, {}), factor, equal, best, float(margin), ruin, _tenths(ledger, priced.plan), end)
        for (name, (factor, equal, best, end)), margin, ruin, ledger in zip(
            {"today": (1.0, outcomes, outcomes, None), **chosen}.items(), margins[0], ruins, ledgers, strict=True
        )
    ]
    left_out = tuple(name for name in WAYS if name not in starts)
    return Charging(priced, bill, tuple(found), left_out, responds, count)


def equal_bills(priced: Priced) -> tuple[float, dict[str, dict[str, float]]]:
    """Return today's bill of a new customer, and the levels of each way that bring the same bill.

    A bill is in proportion to each charge, so the bill of one unit tells the level. A way whose charge brings nothing
    is left out.
    """
    uses, whole, services = (line[:, 0] for line in _lines(priced, [], "expected_use", *BILL))
    month = int(np.argmax(whole > services))  # the first with a bill
    use = float(uses[month])
    names = dict.fromkeys((name, way == "hybrid") for way, shares in WAYS.items() for name in shares)
    units = [_changes(priced, {name: 1.0, **_allowance(name, use, is_hybrid)}) for name, is_hybrid in names]
    bills, fixed = (line[month] for line in _lines(priced, units, *BILL))
    bill, brings = float(bills[0] - fixed[0]), dict(zip(names, bills[1:] - fixed[1:], strict=True))
    found = {}
    for way, shares in WAYS.items():
        is_hybrid = way == "hybrid"
        if all(brings[name, is_hybrid] > 0 for name in shares):
            levels = {name: share * bill / float(brings[name, is_hybrid]) for name, share in shares.items()}
            allowance = [_allowance(name, use, is_hybrid) for name in shares]
            found[way] = {**levels, **{key: one for part in allowance for key, one in part.items()}}
    return bill, found


def _allowance(name: str, use: float, is_hybrid: bool) -> dict[str, float]:
    """Return the requests that are included where requests have a price: none, or those of a mean customer."""
    return {"included_requests": use if is_hybrid else 0.0} if name == "overage_price" else {}


def _lines(priced: Priced, changes: Sequence[Mapping[str, Array]], *names: str) -> list[Array]:
    """Return lines of the plan today and under changes, each of shape (months, 1 + changes)."""
    _, found = priced.run(changes, names)
    return [found[name][:, priced.place] for name in names]


def _times(levels: Mapping[str, float], factor: float) -> dict[str, float]:
    return {name: rounded(one if name == "included_requests" else one * factor) for name, one in levels.items()}


def _changes(priced: Priced, levels: Mapping[str, float]) -> dict[str, Array]:
    """Return the change that charges these levels and nothing else that comes back every month."""
    nothing = {name: 0.0 for name in REPLACED if priced.course_of(name).any()}
    return {priced.path(name): np.array([one]) for name, one in {**nothing, **levels}.items()}


def _literals(priced: Priced, levels: Mapping[str, float]) -> dict[str, float]:
    return {path: float(one[0]) for path, one in _changes(priced, levels).items()} if levels else {}


def _curves(
    priced: Priced, starts: Mapping[str, Mapping[str, float]]
) -> tuple[float, dict[str, tuple[Array, Array]], bool]:
    """Return today's aim, the factors and the aims of each way, and whether customers or their use respond to it."""
    changes = [_changes(priced, _times(levels, factor)) for levels in starts.values() for factor in FACTORS]
    outcomes, lines = priced.run(changes, ["customers", "requests"])
    columns = slice(1, 1 + len(FACTORS))
    moved = (lines[name][:, priced.place, columns] for name in ("customers", "requests"))
    responds = any((np.ptp(one, axis=1) > EQUAL * np.abs(one).max()).any() for one in moved)
    first = dict(zip(starts, np.split(outcomes[1:], len(starts)), strict=True))
    grids = {name: FACTORS[_place(one)] * CLOSER for name, one in first.items()}
    grids = {name: np.clip(grid, FACTORS[0], FACTORS[-1]) for name, grid in grids.items()}
    closer = [_changes(priced, _times(starts[name], factor)) for name, grid in grids.items() for factor in grid]
    second = np.split(priced.run(closer)[0][1:], len(starts))
    curves = {
        name: (np.concatenate([FACTORS, grids[name]]), np.concatenate([first[name], more]))
        for name, more in zip(starts, second, strict=True)
    }
    return float(outcomes[0]), curves, responds


def _place(outcomes: Array) -> int:
    return int(np.argmax(np.where(np.isfinite(outcomes), outcomes, -np.inf)))


def _chosen(factors: Array, outcomes: Array, responds: bool) -> tuple[float, float, float, End | None]:
    """Return the best factor, the aim at today's bill and at the best, and the end at which that lies."""
    equal = float(outcomes[np.argmin(np.abs(np.log(factors)))])
    if not responds:
        return 1.0, equal, equal, None
    place = _place(outcomes)
    factor = float(factors[place])
    end: End | None = "low" if factor <= FACTORS[0] else "high" if factor >= FACTORS[-1] else None
    return factor, equal, float(outcomes[place]), end


def _tenths(ledger: Ledger, plan: str) -> Deciles | None:
    return deciles(ledger, plan) if ledger.of_member("customers", plan)[-1] > 0 else None
