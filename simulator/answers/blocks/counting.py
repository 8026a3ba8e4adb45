"""Percentiles of more trials than memory holds, by counting: each with a bound on how far it is from the exact one.

The first trials say between which two values a percentile of all of them lies. Every trial is then counted: below
these two values, or in one of the equal bins between them. Counts of blocks add up to the same whole numbers in any
order, so neither the blocks nor whoever counts them changes a bit of the result, and memory does not grow with trials.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.answers.blocks.percentiles import PERCENTILES
from simulator.engine.model import Array

Whole = NDArray[np.intp]
SHARES = np.array(PERCENTILES) / 100
# Trials that say where percentiles lie. Twice as many would narrow the bins by a third, and take as long as that saves.
FIRST = 4_000
# Standard deviations that a percentile of all trials may be from that of the first: one in 500 million is farther. A
# percentile that is gets a wide bound instead of a wrong value.
DEVIATIONS = 6
# Bins between the two values. With 100,000 trials, a bin is a quarter of the percentile's own standard error wide.
BINS = 256
# Two values that differ by less, relative to their size, are equal but for rounding.
EQUAL = 1e-12


@dataclass(frozen=True)
class Brackets:
    """Between which values percentiles lie; `low` and `high` have the shape (months, members, percentiles)."""

    low: Array
    high: Array

    @classmethod
    def of(cls, trials: Array) -> Brackets:
        """Return the brackets around the percentiles of the first trials, of shape (months, members, trials or 1)."""
        count, rows = trials.shape[-1], _rows(trials)
        middle, reach = SHARES * (count - 1), DEVIATIONS * np.sqrt(SHARES * (1 - SHARES) * count)
        places = np.array([np.floor(middle - reach), np.ceil(middle + reach)]).clip(0, count - 1).astype(np.intp)
        ends = np.repeat(rows[:, :1], places.size, axis=1)
        moving = rows.min(axis=1) < rows.max(axis=1)
        ends[moving] = np.sort(rows[moving], axis=1)[:, places.ravel()]
        low, high = np.moveaxis(ends.reshape(*trials.shape[:2], *places.shape), 2, 0)
        return cls(low, high)

    @classmethod
    def joined(cls, months: Sequence[Brackets]) -> Brackets:
        """Return the brackets of consecutive months as one."""
        return cls(np.concatenate([one.low for one in months]), np.concatenate([one.high for one in months]))

    def months(self, first: int, count: int) -> Brackets:
        """Return the brackets of some of the months."""
        return Brackets(self.low[first : first + count], self.high[first : first + count])

    @property
    def bins(self) -> Whole:
        """The number of bins in each bracket: one where both ends are the same value."""
        return np.where(self.high - self.low > EQUAL * np.maximum(abs(self.low), abs(self.high)), BINS, 1)

    @property
    def starts(self) -> Whole:
        """The place of each bracket's first count, which is of trials below it; its bins follow."""
        ends = np.cumsum(self.bins + 1).reshape(self.low.shape)
        return np.asarray(ends - (self.bins + 1))

    @property
    def scales(self) -> Array:
        """Bins per unit of the line; 0 where there is one bin."""
        return np.where(self.bins > 1, self.bins / np.where(self.bins > 1, self.high - self.low, 1), 0.0)


@dataclass(frozen=True)
class Tally:
    """Counts of trials in brackets, and the `least` and `most` of all trials, of shape (months, members)."""

    counts: NDArray[Any]
    least: Array
    most: Array

    @classmethod
    def of(cls, trials: Array, brackets: Brackets, count: int) -> Tally:
        """Count trials of shape (months, members, trials), or (months, members, 1) if all `count` are alike."""
        rows = _rows(trials)
        least, most = rows.min(axis=1), rows.max(axis=1)
        counts = np.zeros(int(np.sum(brackets.bins + 1)), dtype=np.intp)
        grid = [_rows(one) for one in (brackets.low, brackets.high, brackets.starts, brackets.bins, brackets.scales)]
        moving = least < most
        _count_alike(counts, least[~moving, None], [one[~moving] for one in grid], count)
        values = rows if moving.all() else rows[moving]
        for bracket in zip(*(one[moving].T for one in grid), strict=True):
            _count_moving(counts, values, bracket)
        shape = trials.shape[:2]
        return cls(counts.astype(np.min_scalar_type(count)), least.reshape(shape), most.reshape(shape))

    @classmethod
    def joined(cls, months: Sequence[Tally]) -> Tally:
        """Return the counts of consecutive months as one."""
        return cls(*(np.concatenate([getattr(one, name) for one in months]) for name in ("counts", "least", "most")))

    def plus(self, other: Tally) -> Tally:
        """Return the counts of these trials and others together."""
        counts = np.add(self.counts, other.counts, dtype=np.uint32)
        return Tally(counts, np.minimum(self.least, other.least), np.maximum(self.most, other.most))

    def percentiles(self, brackets: Brackets, count: int) -> tuple[Array, Array]:
        """Return percentiles of shape (3, months, members), and how far any of the three may be off, (months, members).

        A trial within a bin is taken to lie where it would if the bin's trials were spread evenly.
        """
        places = SHARES * (count - 1)
        ranks = np.floor(places).astype(np.intp)
        lower, low, _ = self._at(brackets, ranks)
        upper, _, high = self._at(brackets, np.minimum(ranks + 1, count - 1))
        values = lower + (upper - lower) * (places - ranks)
        return np.moveaxis(values, -1, 0), (high - low).max(axis=-1)

    def _at(self, brackets: Brackets, ranks: Whole) -> tuple[Array, Array, Array]:
        """Return the trials of these ranks, one for each percentile, and the ends of the bins that they are in."""
        starts, bins = brackets.starts, brackets.bins
        sums = np.concatenate([[0], np.cumsum(self.counts, dtype=np.intp)])
        target = sums[starts] + ranks + 1
        found = np.searchsorted(sums, target) - 1
        place = np.minimum(found - starts, bins + 1)
        width = (brackets.high - brackets.low) / bins
        low = np.where(place > bins, brackets.high, brackets.low + width * (place - 1))
        low = np.where(place == 0, self.least[..., None], low)
        high = np.where(place > bins, self.most[..., None], brackets.low + width * place)
        held = np.where((place == 0) | (place > bins), 1, self.counts[np.minimum(found, len(self.counts) - 1)])
        within = (target - 0.5 - sums[np.minimum(found, len(self.counts) - 1)]) / held
        value = np.where(place == 0, high, np.where(place > bins, low, low + (high - low) * within))
        return value, low, high


def _rows(values: NDArray[Any]) -> NDArray[Any]:
    """Return values of shape (months, members, …) with months and members as one axis."""
    return values.reshape(-1, values.shape[-1])


def _count_alike(counts: Whole, values: Array, grid: Sequence[NDArray[Any]], count: int) -> None:
    """Count rows in which all trials have one value, of shape (rows, 1), in brackets of shape (rows, percentiles)."""
    low, high, start, bins, scale = grid
    place = 1 + np.minimum((values - low) * scale, bins - 1).astype(np.intp)
    counts[(start + np.where(values < low, 0, place))[values <= high]] += count


def _count_moving(counts: Whole, values: Array, bracket: Sequence[NDArray[Any]]) -> None:
    """Count the trials of rows, of shape (rows, trials), in one bracket each."""
    low, high, start, bins, scale = bracket
    reached = values >= low[:, None]
    inside = reached & (values <= high[:, None])
    counts[start] += values.shape[1] - _in_rows(reached)
    found = _in_rows(inside)
    place = values[inside]
    place -= np.repeat(low, found)
    place *= np.repeat(scale, found)
    bin_ = np.minimum(place.astype(np.intp), np.repeat(bins - 1, found))
    bin_ += np.repeat(start + 1, found)
    counts += np.bincount(bin_, minlength=len(counts))


def _in_rows(flags: NDArray[np.bool_]) -> Whole:
    """Return how many are true in each row; several times faster than one count along an axis."""
    return np.array([np.count_nonzero(row) for row in flags], dtype=np.intp)
