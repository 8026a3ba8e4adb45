"""Percentiles of more trials than memory holds, by counting: each with a bound on how far it is from the exact one.

The first trials say between which two values a percentile of all of them lies. Every trial is then counted: below
these two values, or in one of the equal bins between them. Counts of blocks add up to the same whole numbers in any
order, so neither the blocks nor whoever counts them changes a bit of the result, and memory does not grow with trials.

A cell is one month of one member of one line; all cells of all lines are one axis here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.answers.blocks.percentiles import PERCENTILES
from simulator.engine.model import Array

Whole = NDArray[np.int64]
SHARES = np.array(PERCENTILES) / 100
# Trials that say where percentiles lie. Twice as many would narrow the bins by a third, and take as long as that saves.
FIRST = 4_000
# Standard deviations that a percentile of all trials may be from that of the first: one in two million is farther. A
# percentile that is gets a wide bound instead of a wrong value.
DEVIATIONS = 5
# Bins between the two values. With 100,000 trials, a bin is a fifth of the percentile's own standard error wide.
BINS = 256
# Two values that differ by less, relative to their size, are equal but for rounding.
EQUAL = 1e-12
# Cells that are counted at once: their trials then fit the processor's cache.
AT_ONCE = 64


@dataclass(frozen=True)
class Cells:
    """The places of lines among all cells; `members` has the number of members of each line."""

    months: int
    members: Mapping[str, int]

    @cached_property
    def starts(self) -> dict[str, int]:
        """The first cell of each line."""
        sizes = accumulate((self.months * count for count in self.members.values()), initial=0)
        return dict(zip(self.members, sizes, strict=False))

    @property
    def count(self) -> int:
        """The number of cells."""
        return self.months * sum(self.members.values())

    def of(self, name: str, first: int, months: int) -> slice:
        """Return the cells of some months of a line."""
        start = self.starts[name] + first * self.members[name]
        return slice(start, start + months * self.members[name])

    def line(self, name: str, values: Array) -> Array:
        """Return the values of a line, of shape (…, months, members), from those of all cells, of shape (…, cells)."""
        return values[..., self.of(name, 0, self.months)].reshape(*values.shape[:-1], self.months, self.members[name])


@dataclass(frozen=True)
class Brackets:
    """Between which values the percentiles of cells lie; both of shape (cells, percentiles)."""

    cells: Cells
    low: Array
    high: Array

    @classmethod
    def empty(cls, cells: Cells) -> Brackets:
        """Return brackets that `fill` has to fill."""
        return cls(cells, *np.empty((2, cells.count, len(PERCENTILES))))

    @classmethod
    def joined(cls, cells: Cells, parts: Sequence[Brackets]) -> Brackets:
        """Return the brackets of all cells from those of some lines each, in the same order."""
        return cls(cells, np.concatenate([one.low for one in parts]), np.concatenate([one.high for one in parts]))

    def fill(self, name: str, month: int, trials: Array) -> None:
        """Take the brackets of a line's months from the first trials, of shape (months, members, trials or 1)."""
        count, rows = trials.shape[-1], _rows(trials)
        middle, reach = SHARES * (count - 1), DEVIATIONS * np.sqrt(SHARES * (1 - SHARES) * count)
        low, high = (np.clip(one, 0, count - 1).astype(np.intp) for one in (middle - reach, np.ceil(middle + reach)))
        where = self.cells.of(name, month, len(trials))
        self.low[where] = self.high[where] = rows[:, :1]
        if count > 1 and (moving := np.flatnonzero(rows.min(axis=1) < rows.max(axis=1))).size:
            ordered = np.sort(rows[moving], axis=1)
            self.low[where.start + moving], self.high[where.start + moving] = ordered[:, low], ordered[:, high]

    @cached_property
    def wide(self) -> Whole:
        """The place of each bracket among those that have bins; -1 where both ends are the same value."""
        is_wide = self.high - self.low > EQUAL * np.maximum(abs(self.low), abs(self.high))
        return np.where(is_wide, np.cumsum(is_wide).reshape(is_wide.shape) - 1, -1)

    @cached_property
    def scale(self) -> Array:
        """Bins per unit of the line; 0 where there are none."""
        return np.where(self.wide < 0, 0.0, BINS / np.where(self.wide < 0, 1.0, self.high - self.low))


@dataclass(frozen=True)
class Tally:
    """Trials counted in brackets.

    `below` and `inside` count those below and within each bracket, of shape (cells, percentiles), `bins` those of each
    bin of a wide one, of shape (wide brackets, bins); `least` and `most` are the extremes, of shape (cells,).
    """

    trials: int
    below: NDArray[Any]
    inside: NDArray[Any]
    bins: NDArray[Any]
    least: Array
    most: Array

    @classmethod
    def nothing(cls, brackets: Brackets, most: int) -> Tally:
        """Return a tally of no trials, for up to `most` of them."""
        shape, whole = brackets.low.shape, np.min_scalar_type(most)
        wide = int(brackets.wide.max(initial=-1)) + 1
        counts = (np.zeros(shape, whole), np.zeros(shape, whole), np.zeros((wide, BINS), whole))
        return cls(0, *counts, np.full(shape[0], np.inf), np.full(shape[0], -np.inf))

    def plus(self, other: Tally) -> Tally:
        """Return these trials and others together, counted in the arrays of this tally."""
        for name in ("below", "inside", "bins"):
            mine = getattr(self, name)
            mine += getattr(other, name)
        least, most = np.minimum(self.least, other.least), np.maximum(self.most, other.most)
        return Tally(self.trials + other.trials, self.below, self.inside, self.bins, least, most)

    def percentiles(self, brackets: Brackets) -> tuple[Array, Array]:
        """Return percentiles, of shape (percentiles, cells), and how far any of them may be off, of shape (cells,).

        Trials of a bin are taken to lie evenly in it.
        """
        places = SHARES * (self.trials - 1)
        ranks = np.floor(places).astype(np.int64)
        lower, low, _ = self._at(brackets, ranks)
        upper, _, high = self._at(brackets, np.minimum(ranks + 1, self.trials - 1))
        return (lower + (upper - lower) * (places - ranks)).T, (high - low).max(axis=1)

    def _at(self, brackets: Brackets, ranks: Whole) -> tuple[Array, Array, Array]:
        """Return the trials of these ranks, one for each percentile, and two values that each of them is between."""
        inner = ranks - self.below.astype(np.int64)
        value, low, high = brackets.low.copy(), brackets.low.copy(), brackets.high.copy()
        has_bins = (brackets.wide >= 0) & (inner >= 0) & (inner < self.inside)
        width = ((brackets.high - brackets.low) / BINS)[has_bins]
        bin_, share = _in_bins(self.bins, brackets.wide[has_bins], inner[has_bins])
        value[has_bins] += width * (bin_ + share)
        low[has_bins] += width * bin_
        high[has_bins] = low[has_bins] + width
        under, over = inner < 0, inner >= self.inside
        low[under] = np.broadcast_to(self.least[:, None], under.shape)[under]
        high[under] = brackets.low[under]
        value[over] = low[over] = brackets.high[over]
        high[over] = np.broadcast_to(self.most[:, None], over.shape)[over]
        return value, low, high


def _in_bins(bins: NDArray[Any], places: Whole, ranks: Whole) -> tuple[Whole, Array]:
    """Return the bin that the trial of each rank is in, and at which share of it the trial is taken to lie."""
    found, share = np.empty(len(ranks), np.int64), np.empty(len(ranks))
    for first in range(0, len(ranks), 4_096):  # sums of all at once would take more memory than the counts
        some = slice(first, first + 4_096)
        sums = np.cumsum(bins[places[some]], axis=1, dtype=np.int64)
        bin_ = (sums <= ranks[some, None]).sum(axis=1)
        row = np.arange(len(bin_))
        held = bins[places[some], bin_]
        found[some], share[some] = bin_, (ranks[some] - (sums[row, bin_] - held) + 0.5) / held
    return found, share


@dataclass
class Counting:
    """Counts one block of trials, chunk of months by chunk of months."""

    brackets: Brackets
    trials: int
    tally: Tally = field(init=False)

    def __post_init__(self) -> None:
        self.tally = Tally.nothing(self.brackets, self.trials)

    def add(self, month: int, lines: Mapping[str, Array]) -> None:
        """Count lines from a month on, each of shape (months, members, trials), or with one trial if all are alike."""
        waiting, rows_waiting = list[tuple[Whole, Array]](), 0
        for name, trials in lines.items():
            where, rows = self.brackets.cells.of(name, month, len(trials)), _rows(trials)
            least, most = (rows[:, 0],) * 2 if rows.shape[1] == 1 else (rows.min(axis=1), rows.max(axis=1))
            self.tally.least[where], self.tally.most[where] = least, most
            if (moving := np.flatnonzero(least < most)).size:
                waiting.append((where.start + moving, rows if len(moving) == len(rows) else rows[moving]))
                rows_waiting += len(moving)
                if rows_waiting >= AT_ONCE:
                    self._count(waiting)
                    waiting, rows_waiting = [], 0
        if waiting:
            self._count(waiting)

    def _count(self, waiting: Sequence[tuple[Whole, Array]]) -> None:
        cells = np.concatenate([cells for cells, _ in waiting])
        rows = np.concatenate([rows for _, rows in waiting])
        for first in range(0, len(cells), AT_ONCE):
            for place in range(len(PERCENTILES)):
                self._count_some(cells[first : first + AT_ONCE], rows[first : first + AT_ONCE], place)

    def _count_some(self, cells: Whole, rows: Array, place: int) -> None:
        """Count the trials of some cells, of shape (cells, trials), in their brackets of one percentile."""
        low = self.brackets.low[cells, place]
        reached = rows >= low[:, None]
        # Bits of eight trials at a time are counted much faster than trials.
        above = np.bitwise_count(np.packbits(reached, axis=1)).sum(axis=1, dtype=np.int64)
        inside = np.flatnonzero(reached & (rows <= self.brackets.high[cells, place, None]))
        found = np.diff(np.searchsorted(inside, np.arange(len(cells) + 1) * self.trials))
        self.tally.below[cells, place] += (self.trials - above).astype(self.tally.below.dtype)
        self.tally.inside[cells, place] += found.astype(self.tally.inside.dtype)
        bins = rows.ravel()[inside]
        bins -= np.repeat(low, found)
        bins *= np.repeat(self.brackets.scale[cells, place], found)
        within = np.minimum(bins, BINS - 1, out=bins).astype(np.intp)
        within += np.repeat(np.arange(len(cells)) * BINS, found)
        counts = np.bincount(within, minlength=len(cells) * BINS).reshape(-1, BINS)
        wide = self.brackets.wide[cells, place]
        self.tally.bins[wide[wide >= 0]] += counts[wide >= 0].astype(self.tally.bins.dtype)

    def counted(self) -> Tally:
        """Return the counts of the whole block, with those cells in which all trials have one value."""
        tally, brackets = self.tally, self.brackets
        alike = np.flatnonzero(tally.least == tally.most)
        value, low, wide = tally.least[alike, None], brackets.low[alike], brackets.wide[alike]
        tally.below[alike] = np.where(value < low, self.trials, 0)
        inside = (value >= low) & (value <= brackets.high[alike])
        tally.inside[alike] = np.where(inside, self.trials, 0)
        binned = inside & (wide >= 0)
        places = np.minimum(((value - low) * brackets.scale[alike])[binned].astype(np.intp), BINS - 1)
        tally.bins[wide[binned], places] = self.trials
        return Tally(self.trials, tally.below, tally.inside, tally.bins, tally.least, tally.most)


def _rows(values: Array) -> Array:
    """Return values of shape (months, members, trials) with months and members as one axis."""
    return values.reshape(-1, values.shape[-1])
