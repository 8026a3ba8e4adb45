"""Differences between two scenarios over the same trials: what one draws under a name, the other draws, too.

What the two have in common cancels, so that a difference is known far better than either outcome.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from simulator.answers.kpis.registry import Drawn
from simulator.answers.outcomes import FEWEST_OF_EACH, Estimate, Flags, mean_of, narrowed
from simulator.answers.projection import Projection
from simulator.errors import Undefined


@dataclass(frozen=True)
class Chances:
    """How a chance differs: the difference, and in how many trials it is so in only one of the two scenarios."""

    difference: Estimate
    only_first: int
    only_other: int

    @classmethod
    def of(cls, first: Flags, other: Flags) -> Chances:
        """Return how a chance differs between trials of two scenarios.

        The standard error is McNemar's, with half a trial added to either count (Agresti and Min, 2005), times what
        slices of the hypercube tell.
        """
        trials = len(first)
        lost, won = int(np.count_nonzero(first & ~other)), int(np.count_nonzero(other & ~first))
        variance = (lost + won + 1) - (won - lost) ** 2 / (trials + 1)
        part = narrowed(other.astype(float) - first) if lost + won >= FEWEST_OF_EACH else 1.0
        return cls(Estimate((won - lost) / trials, part * math.sqrt(variance) / (trials + 1)), lost, won)


@dataclass(frozen=True)
class Paired:
    """How the other scenario's trials differ from the first's: cash at the end, and two chances.

    `low` and `high` are P5 and P95 of the difference of cash over the trials, `more` the share of them with more.
    """

    trials: int
    end_cash: Estimate
    low: float
    high: float
    more: float
    ruin: Chances
    profit: Chances


def paired(first: Projection, other: Projection) -> Paired:
    """Return what the other scenario has more than the first, trial by trial.

    Raise Undefined where their trials are not the same ones, or nothing is drawn.
    """
    one, two = first.figures.outcomes, other.figures.outcomes
    trials = min(one.trials, two.trials)
    if trials < 2:
        raise Undefined("No trials were run.")
    if first.figures.drawn is other.figures.drawn is Drawn.NOTHING:
        raise Undefined("Nothing in this scenario is drawn, so every trial would be the base case.")
    if first.currency != other.currency:
        raise Undefined("The scenarios are in different currencies.")
    if first.scenario.seed != other.scenario.seed:
        raise Undefined("The scenarios have different seeds, so their trials have nothing in common.")
    if first.scenario.months != other.scenario.months:
        raise Undefined("The scenarios have different numbers of months, so their trials end at different times.")
    cash = two.end_cash[:trials] - one.end_cash[:trials]
    low, high = np.percentile(cash, (5, 95))
    return Paired(
        trials,
        mean_of(cash),
        float(low),
        float(high),
        float(np.mean(cash > 0)),
        Chances.of(np.isfinite(one.broke[:trials]), np.isfinite(two.broke[:trials])),
        Chances.of(one.operating_income[:trials] > 0, two.operating_income[:trials] > 0),
    )
