"""Counted percentiles: within their bound of the exact ones, and the same bits in whatever blocks trials come."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.answers import draws, trials
from simulator.answers.blocks import counting
from simulator.answers.blocks.counting import Brackets, Cells, Counting, Tally
from simulator.answers.blocks.percentiles import percentiles_of
from simulator.answers.projection import project, with_trials
from simulator.engine.model import Array
from simulator.scenario.scenario import Scenario

MADE = np.random.default_rng(5)
COUNT = 9_000
# Two months of six members: a bell, whole numbers, a constant, a rare one, a long tail, and a share at the percentile.
VALUES = np.stack(
    [
        MADE.normal(size=(2, COUNT)),
        np.round(MADE.normal(size=(2, COUNT))),
        np.full((2, COUNT), 7.1),
        MADE.poisson(0.02, (2, COUNT)).astype(float),
        np.exp(3 * MADE.normal(size=(2, COUNT))),
        (MADE.random((2, COUNT)) < 0.055).astype(float),
    ],
    axis=1,
)


def counted(values: Array, cuts: Sequence[int], first: Array = VALUES) -> tuple[Array, Array]:
    """Return the percentiles of one line, and their errors, counted in blocks that end at the cuts."""
    months, members, count = values.shape
    cells = Cells(months, {"line": members})
    brackets = Brackets.empty(cells)
    for month in range(months):
        brackets.fill("line", month, first[month : month + 1, :, : counting.FIRST])
    tally = Tally.nothing(brackets, count)
    for start, stop in zip([0, *cuts], [*cuts, count], strict=True):
        block = Counting(brackets, stop - start)
        for month in range(months):
            block.add(month, {"line": values[month : month + 1, :, start:stop]})
        tally = tally.plus(block.counted())
    found, errors = tally.percentiles(brackets)
    return cells.line("line", found), cells.line("line", errors)


def test_a_counted_percentile_is_within_its_bound():
    """The bound holds for every kind of line; it is zero for a constant, and small beside a normal sample's error."""
    found, errors = counted(VALUES, [5_000])
    assert (abs(found - percentiles_of(VALUES)) <= errors * (1 + 1e-12)).all()
    assert (errors[:, 2] == 0).all()
    assert (errors[:, 3] == 0).all()  # the rare one is 0 at all three percentiles of the first trials
    # The standard error of a bell's P5 is √(0.05 × 0.95 / n) over its density there, 0.103.
    assert (errors[:, 0] < 0.25 * np.sqrt(0.05 * 0.95 / COUNT) / 0.103).all()


@settings(max_examples=8)
@given(st.lists(st.integers(1, COUNT - 1), unique=True, max_size=6).map(sorted))
def test_blocks_do_not_change_a_bit(cuts: list[int]):
    """However the trials are cut into blocks, counts and percentiles are the same."""
    assert all(map(np.array_equal, counted(VALUES, cuts), counted(VALUES, [])))


@pytest.mark.parametrize("shift", [-3.0, 0.5, 3.0])
def test_first_trials_that_mislead_widen_the_bound(shift: float):
    """Where percentiles are not between the values that the first trials gave, the bound reaches to the extremes."""
    moved = VALUES + shift
    found, errors = counted(moved, [700])
    assert (abs(found - percentiles_of(moved)) <= errors * (1 + 1e-12)).all()
    assert errors[:, 0].min() > abs(shift) / 2


def test_a_projection_tells_what_is_exact(small: Scenario, monkeypatch: pytest.MonkeyPatch):
    """Of more trials than memory holds, cash stays exact and other lines are within the error that is told."""
    exact = project(small, 160, percentiles=True)
    assert all(series.error is None for series in exact.series.values())
    monkeypatch.setattr(trials, "MOST_KEPT", 0)
    monkeypatch.setattr(trials, "MOST_CELLS", 0)
    monkeypatch.setattr(draws, "MOST_IN_BLOCK", 60)
    streamed = with_trials(project(small, 0), 160, percentiles=True)
    for key, series in streamed.series.items():
        if series.error is None:
            assert key == "cash"
            assert np.array_equal(series.p50, exact.series[key].p50)
            continue
        for name in ("p05", "p50", "p95"):
            off = abs(getattr(series, name) - getattr(exact.series[key], name))
            assert (off <= series.error * (1 + 1e-9) + 1e-9).all(), key
    for name, values in vars(exact.figures.outcomes).items():
        assert np.array_equal(values, getattr(streamed.figures.outcomes, name))


def test_lines_asked_for_late_are_exact_in_blocks(small: Scenario, monkeypatch: pytest.MonkeyPatch):
    """A few lines of many trials are kept from their blocks, so their percentiles are those of all trials at once."""
    exact = project(small, 50, percentiles=True).series["customers[team]"]
    monkeypatch.setattr(trials, "MOST_CELLS", 0)
    monkeypatch.setattr(draws, "MOST_IN_BLOCK", 20)
    late = project(small, 50).series["customers[team]"]
    assert late.error is None
    assert np.array_equal(late.p95, exact.p95)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_value_that_is_not_finite_shows_in_the_extremes(bad: float):
    """A trial without a finite value is not lost in the counts, so that the run is refused."""
    values = VALUES[:1, :, :50].copy()
    values[0, 0, 7] = bad
    brackets = Brackets.empty(Cells(1, {"line": 6}))
    brackets.fill("line", 0, VALUES[:1, :, :40])
    block = Counting(brackets, 50)
    block.add(0, {"line": values})
    assert not np.isfinite([block.tally.least, block.tally.most]).all()
