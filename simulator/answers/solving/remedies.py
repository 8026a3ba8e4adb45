"""Remedies: the smallest changes of one assumption that meet a condition which the next better grade lacks."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import takewhile

from simulator.answers.blocks.progress import Meter, Progress, quietly
from simulator.answers.facts import ERRORS_APART, Facts
from simulator.answers.projection import MOST_JUDGED, Projection
from simulator.answers.solving.lever import Lever, Within
from simulator.answers.solving.outcome import Judge
from simulator.answers.solving.search import FEW_TRIALS, Search, Solution, effort_of
from simulator.answers.solving.target import Operator, Target
from simulator.answers.verdict import Condition, unmet
from simulator.errors import BreakevenError
from simulator.lines import CHARGES
from simulator.scenario.scenario import Scenario

# What a founder decides or works on: prices, the funnel, customers who leave, the team, devices and tokens, and money.
LEVERS = {
    *CHARGES,
    *("conversion", "churn", "budget", "cost_per_signup", "organic_signups", "heads", "salary", "fixed_overhead"),
    *("device_price", "tokens_per_second", "vendor_output_price", "vendor_input_price", "requests_per_customer"),
    *("amount", "investment", "principal"),
}
# Each lever is first moved by these factors, up and down, which shows those that help, and about how far they have to
# go. A change by more than the last is no small one.
FACTORS = (1.2, 2.0, 4.0)
# How many changes are offered for a condition, and on how many trials they are searched at most.
OFFERED, MOST_TRIALS = 3, 500
# The KPI behind a condition, over the trials and in the base case where nothing is drawn.
TARGETS: Mapping[str, tuple[tuple[str, Operator], tuple[str, Operator]]] = {
    "ruin": (("probability_of_ruin", "<="), ("lowest_cash", ">=")),
    "profit": (("chance_of_profit", ">="), ("operating_margin", ">")),
    "gross_margin": (("median_gross_margin", ">="), ("gross_margin", ">=")),
    "payback": (("payback_months", "<="), ("payback_months", "<=")),
    "ltv_to_cac": (("ltv_to_cac", ">="), ("ltv_to_cac", ">=")),
}


@dataclass(frozen=True)
class Remedy:
    """A condition as a target, and the changes that meet it, the smallest first; none where no single one does.

    `is_close` says that the target is met today, but too narrowly for the trials to be sure.
    """

    target: Target
    changes: tuple[Solution, ...]
    is_close: bool = False


def targets_of(projection: Projection) -> list[Target]:
    """Return the target of each condition that the next better grade lacks.

    Of several conditions of which one is enough the first counts; one that no number can bring about is left out.
    """
    facts = Facts(projection.figures)
    firsts = (group[0] for group in unmet(projection.figures))
    return [_target(one, facts) for one in firsts if one.name in TARGETS]


def _target(condition: Condition, facts: Facts) -> Target:
    (kpi, operator), plain = TARGETS[condition.name]
    bound = condition.bound
    if facts.from_trials and condition.name in {"ruin", "profit"} and condition.state(facts) is None:
        # An open condition is met for certain only this far inside its bound.
        apart = ERRORS_APART * math.sqrt(bound * (1 - bound) / MOST_JUDGED)
        bound += apart if operator == ">=" else -apart
    if facts.from_trials or condition.name not in {"ruin", "profit", "gross_margin"}:
        return Target(kpi, operator, bound)
    bounds = {"ruin": facts.figures.cash_floor, "profit": 0.0, "gross_margin": condition.bound}
    return Target(*plain, bounds[condition.name])


def remedy(scenario: Scenario, target: Target, trials: int, progress: Progress = quietly) -> Remedy:
    """Return the smallest changes of one assumption that meet a target, on this many trials or as many as suffice."""
    judge = Judge(target, scenario, min(trials, MOST_TRIALS))
    if judge.meets(judge.now.value):
        return Remedy(target, (), is_close=True)
    progress(0.0)
    levers = levers_of(scenario)
    meter = Meter(progress, 2 * len(levers) * FEW_TRIALS + OFFERED * effort_of(judge))
    found = [Search(lever, judge, meter).solution(within) for lever, within in _promising(judge, levers, meter)]
    solved = [one for one in found if one.root is not None]
    return Remedy(target, tuple(sorted(solved, key=size_of)))


def size_of(change: Solution) -> float:
    """Return how far a change goes, as the logarithm of its factor; infinite for one to zero."""
    ratio = change.sure / change.lever.level
    return abs(math.log(ratio)) if ratio > 0 else math.inf


def _promising(judge: Judge, levers: Sequence[Lever], meter: Meter) -> list[tuple[Lever, Within]]:
    """Return the levers that seem to need the smallest changes, each with the values between which to search."""
    # A few trials tell how far a change moves the outcome; where it stands today, all trials know better.
    now, few = judge.gap(judge.now.value), judge.gap(judge.outcomes([judge.scenario], FEW_TRIALS)[0].value)
    better = now - few if math.isfinite(now - few) else 0.0
    going = [(lever, _course(lever, way), (lever.level, now)) for lever in levers for way in (1, -1)]
    found: list[tuple[float, Lever, Within]] = []
    # Once enough levers help, those that have to go further need not be tried.
    while len(found) < OFFERED and (going := [one for one in going if one[1]]):
        moved = [lever.at(values[0]) for lever, values, _ in going]
        outcomes = judge.outcomes(moved, FEW_TRIALS, meter.part(len(moved) * FEW_TRIALS))
        waiting, going = going, []
        for (lever, values, near), outcome in zip(waiting, outcomes, strict=True):
            far = values[0], judge.gap(outcome.value) + better
            if far[1] >= 0 > near[1]:
                found.append((_size(lever, near, far), lever, Within(*sorted((lever.level, far[0])))))
            else:
                going.append((lever, values[1:], far))
    return [(lever, within) for _, lever, within in sorted(found, key=lambda one: one[0])[:OFFERED]]


def _course(lever: Lever, way: int) -> list[float]:
    """Return values farther and farther from today's level, up or down, as far as the scenario can take them."""
    values = (lever.level * factor**way for factor in FACTORS)
    return list(takewhile(partial(_fits, lever), values))


def _size(lever: Lever, near: tuple[float, float], far: tuple[float, float]) -> float:
    """Return how far from today's level the gap crosses zero, as the logarithm of a factor; points are (value, gap)."""
    part = near[1] / (near[1] - far[1])
    return abs(math.log(near[0] / lever.level)) + part * abs(math.log(far[0] / near[0]))


def levers_of(scenario: Scenario) -> list[Lever]:
    """Return the levers that a scenario states, and that are above zero."""
    stated = [path for path, one in scenario.assumptions.items() if one.name in LEVERS and not one.is_default]
    return [lever for lever in (Lever.of(scenario, path) for path in stated) if lever.level > 0]


def _fits(lever: Lever, value: float) -> bool:
    try:
        lever.at(value)
    except BreakevenError:
        return False
    return True
