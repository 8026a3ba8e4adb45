"""How good are estimates from published figures?  `python -m benchmarks.published`

Each source of the tables is left out in turn, with all of its rows, and each of its figures is asked of a fit to the
other sources.  Printed are the share of figures inside their 90 % interval, the median error, the median ratio of an
interval's ends, and how many figures were answered at all: wide intervals are always inside, and whoever answers little
is seldom wrong, so none of the four says much without the others.

The files in `unseen/` have the tables' columns and figures of sources that are in no table.  Nothing is fitted to them:
each is asked of all tables, as a user asks.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from profiling.errors import PredictionError
from profiling.estimates import published, published_rows
from profiling.estimates.calibrated import check_ground
from profiling.estimates.fit import Fit, Interval
from profiling.estimates.published_rows import Row
from profiling.reference import csvrows

FAMILIES = ("pretraining", "fine-tuning", "serving", "eager serving", "memory")
UNSEEN = Path(__file__).parent / "unseen"


@dataclass(frozen=True)
class Judged:
    """One published figure, and what was estimated of it without its source; None: the question was refused."""

    row: Row
    interval: Interval | None

    @property
    def inside(self) -> bool:
        """Whether the figure lies in the interval."""
        return self.interval is not None and self.interval.low <= self.row.value <= self.interval.high

    @property
    def error(self) -> float:
        """Share of the figure by which the estimate misses it; NaN where there is none."""
        return float("nan") if self.interval is None else abs(self.interval.value / self.row.value - 1)

    @property
    def width(self) -> float:
        """Upper bound over lower bound; NaN where there is none."""
        return float("nan") if self.interval is None else self.interval.high / self.interval.low


def judged(rows: Sequence[Row]) -> list[Judged]:
    """Return the rows of one family, each as it is estimated from the other sources."""
    found = list[Judged]()
    for source in dict.fromkeys(row.publication for row in rows):
        known = [row for row in rows if row.publication != source]
        fit = published.fit_rows(known) if known else None
        found += [_judged(row, fit) for row in rows if row.publication == source]
    return found


def unseen(family: str) -> list[Judged]:
    """Return the figures of one family that are in no table, each as it is estimated from the tables."""
    return _known(family, published_rows.among(family, lambda kind: csvrows.read(UNSEEN / kind.FILE, kind)))


def refused(family: str) -> str:
    """Return how many figures are refused for want of their own source, and how many with it, as one line.

    A term of which one source alone tells cannot be known without that source; a user asks all of them.
    """
    rows = published_rows.of(family)
    counts = [sum(one.interval is None for one in asked) for asked in (judged(rows), _known(family, rows))]
    return f"{family:<14} {counts[0]:4d} of {len(rows):4d} refused without their own source, {counts[1]} with it"


def _known(family: str, rows: Sequence[Row]) -> list[Judged]:
    """Return figures as they are estimated from all tables."""
    return [_judged(row, published.fit_of(family)) for row in rows]


def _judged(row: Row, fit: Fit | None) -> Judged:
    """Return a figure with its estimate by a fit, if that knows its ground."""
    try:
        if fit is None:
            raise PredictionError("no other source published such figures")
        check_ground(fit, row.terms, row.model, published.NEGLIGIBLE)
        return Judged(row, fit.interval(np.array(row.terms)))
    except PredictionError:
        return Judged(row, None)


def line(name: str, figures: Sequence[Judged]) -> str:
    """Return the four figures of some questions, as one line."""
    answered = [one for one in figures if one.interval is not None]
    told = f"{name:<14} {len(answered):4d} of {len(figures):4d} answered"
    if not answered:
        return told
    inside = sum(one.inside for one in answered) / len(answered)
    error, width = (statistics.median(getattr(one, what) for one in answered) for what in ("error", "width"))
    return f"{told}, {inside:4.0%} inside, median error {error:5.1%}, median width {width:.2f}"


def main() -> None:
    """Print the figures of the tables, each source left out, and those that are in no table."""
    _print("Published figures, asked of the other sources'", lambda family: judged(published_rows.of(family)))
    for family in FAMILIES:
        print(f"  {refused(family)}")
    _print("Figures of sources that are in no table, asked of all tables", unseen)


def _print(title: str, figures_of: Callable[[str], list[Judged]]) -> None:
    """Print one line for each family of figures and each source, and one for all."""
    print(f"{title} (90 % intervals; width: upper over lower bound)")
    every = list[Judged]()
    for family in FAMILIES:
        figures = figures_of(family)
        every += figures
        print(f"  {line(family, figures)}")
        for source in dict.fromkeys(one.row.publication for one in figures):
            print(f"    {line('', [one for one in figures if one.row.publication == source])}: {source}")
    print(f"  {line('all', every)}")


if __name__ == "__main__":
    main()
