"""The worst trials, and why: which assumptions, or which luck of counts, were unusual in them.

A value counts as unusual if its ranks in the worst trials and in the others differ by more than chance explains
(Mann and Whitney, 1947), with Holm's correction for asking about many. What matters at both of its ends alike is not
seen this way. Correlated assumptions may stand in for each other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import mannwhitneyu

from simulator.answers.draws import HYPERCUBE, draw, lucky
from simulator.answers.ledger import Ledger
from simulator.answers.outcomes import Flags, Outcomes
from simulator.engine.model import Array
from simulator.errors import Undefined
from simulator.lines import business
from simulator.scenario.chances import YesOrNo
from simulator.scenario.scenario import Scenario
from simulator.scenario.typed.entry import spoken_unit

# Fewer trials than these, or than FEWEST on either side, say nothing about why.
FEWEST_TRIALS, FEWEST = 100, 20
# The worst trials by lowest cash, where too few ran out or too few did not.
WORST = 0.05
# Draws of more trials take longer and hardly tell more.
MOST_TRIALS = 5_000
# The chance of naming anything at all where nothing matters.
LEVEL = 0.01
# What is told of: in six of ten pairs of a worst trial and another one, the worst has the higher value, or the lower.
NOTABLE = 0.1
# Trials that are listed one by one.
LISTED = 10


@dataclass(frozen=True)
class Unusual:
    """What was unusual in the worst trials: an assumption by its path, or the luck of a line that counts.

    `inside` and `outside` are its medians in the worst trials and in the others, means of what is yes or no, in `unit`.
    Luck is a share: 0 the worst, 1 the best that a month can bring, by its mean over the months. `odds` is the share of
    pairs of a worst trial and another one in which the worst has the higher value, ties by half; `p` is corrected.
    """

    path: str
    unit: str
    is_luck: bool
    is_chance: bool
    inside: float
    outside: float
    odds: float
    p: float

    @property
    def is_high(self) -> bool:
        """Whether the worst trials have high values of it."""
        return self.odds > 0.5


@dataclass(frozen=True)
class Trial:
    """One of the worst trials: its number, the month in which cash runs out if it does, and its lowest cash.

    `ranks` says for each unusual assumption which share of all trials has lower values of it.
    """

    number: int
    broke: int | None
    lowest_cash: float
    end_cash: float
    ranks: tuple[float, ...]


@dataclass(frozen=True)
class Worst:
    """The worst of some first trials: those that ran out of cash, or the 5 % with the lowest cash.

    `unusual` has the most telling first, luck last; `has_luck` says whether counts are drawn at all.
    """

    trials: int
    count: int
    ran_out: bool
    has_luck: bool
    unusual: tuple[Unusual, ...]
    listed: tuple[Trial, ...]


def worst(scenario: Scenario, ledger: Ledger, outcomes: Outcomes) -> Worst:
    """Return why the worst trials failed; `outcomes` are those of the first trials, `ledger` is the base case.

    Raise Undefined with fewer than 100 trials, or where all trials have the same cash.
    """
    count = min(outcomes.trials, MOST_TRIALS)
    if count < FEWEST_TRIALS:
        raise Undefined("Why trials fail takes 100 trials or more to tell.")
    lowest, broke = outcomes.lowest_cash[:count], outcomes.broke[:count]
    if lowest.min() == lowest.max():
        raise Undefined("Cash falls equally low in all trials.")
    failed = np.isfinite(broke)
    ran_out = FEWEST <= np.count_nonzero(failed) <= count - FEWEST
    order = np.argsort(lowest, kind="stable")
    if not ran_out:
        failed = np.zeros(count, bool)
        failed[order[: max(FEWEST, int(WORST * count))]] = True
    features = [*_assumed(scenario, count), *_luck(scenario, ledger, count)]
    found = _unusual(features, failed)
    by_path = {feature.path: feature.values for feature in features}
    listed = tuple(
        Trial(
            int(one),
            int(broke[one]) if np.isfinite(broke[one]) else None,
            float(lowest[one]),
            float(outcomes.end_cash[one]),
            tuple(float(np.mean(by_path[that.path] < by_path[that.path][one])) for that in found),
        )
        for one in order[:LISTED]
    )
    luck = any(feature.is_luck for feature in features)
    return Worst(count, int(np.count_nonzero(failed)), bool(ran_out), luck, found, listed)


@dataclass(frozen=True)
class _Feature:
    """One number of each trial, of shape (trials,)."""

    path: str
    unit: str
    values: Array
    is_luck: bool = False
    is_chance: bool = False


def _assumed(scenario: Scenario, count: int) -> list[_Feature]:
    """Return what each uncertain assumption is in each trial: its mean over the months."""
    parts = [draw(scenario, size, first, scenario.uncertain) for first, size in _blocks(count)]
    found = []
    for path in scenario.uncertain:
        one = scenario.assumptions[path]
        values = np.concatenate([part[path][:, 1:].mean(axis=0) for part in parts])
        is_chance = len(one.value.parts) == 1 and isinstance(one.value.parts[0], YesOrNo)
        unit = "share" if is_chance else spoken_unit(one)
        found.append(_Feature(path, unit, values, is_chance=is_chance))
    return found


def _luck(scenario: Scenario, ledger: Ledger, count: int) -> list[_Feature]:
    """Return the mean over the months of the uniform numbers behind each count that is not zero in the base case."""
    blocks = _blocks(count) if scenario.settings.counts == "drawn" else []
    parts = [
        {name: luck[:, :, 1:].mean(axis=0) for name, luck in lucky(scenario, size, first).items()}
        for first, size in blocks
    ]
    found = []
    for name in parts[0] if parts else ():
        values = np.concatenate([part[name] for part in parts], axis=1)
        for place, label in enumerate(scenario.members.labels(business().lines[name].per)):
            if ledger.lines[name][:, place].any():
                path = f"{name}[{label}]" if label else name
                found.append(_Feature(path, "share", values[place], is_luck=True))
    return found


def _blocks(count: int) -> list[tuple[int, int]]:
    """Return the first trial and the number of trials of each block, whose luck fits in little memory."""
    return [(first, min(HYPERCUBE, count - first)) for first in range(0, count, HYPERCUBE)]


def _unusual(features: list[_Feature], failed: Flags) -> tuple[Unusual, ...]:
    """Return the features whose ranks differ for certain, the most telling first, and luck after assumptions."""
    moving = [one for one in features if np.ptp(one.values) > 0]
    if not moving:
        return ()
    values = np.array([one.values for one in moving])
    test = mannwhitneyu(values[:, failed], values[:, ~failed], axis=1, method="asymptotic")
    odds = test.statistic / (np.count_nonzero(failed) * np.count_nonzero(~failed))
    found = []
    for one, odd, p in zip(moving, odds, _corrected(test.pvalue), strict=True):
        if p < LEVEL and abs(odd - 0.5) >= NOTABLE:
            middle = np.mean if one.is_chance else np.median
            inside, outside = (float(middle(one.values[which])) for which in (failed, ~failed))
            what = (one.path, one.unit, one.is_luck, one.is_chance)
            found.append(Unusual(*what, inside, outside, float(odd), float(p)))
    return tuple(sorted(found, key=lambda one: (one.is_luck, -abs(one.odds - 0.5))))


def _corrected(p: Array) -> Array:
    """Return p-values under Holm's correction, which holds however they depend on each other."""
    order = np.argsort(p)
    stepped = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    found = np.empty_like(p)
    found[order] = np.minimum(stepped, 1.0)
    return found
