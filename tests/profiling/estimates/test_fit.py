"""The fit recovers the coefficients behind the data, and its intervals cover as often as their level says."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from profiling.estimates.fit import Fit, Form, Interval, coefficients

PLAIN = Form(("layers", "bytes", "flops"))
LAYERS_S, BYTE_S, FLOP_S = 3e-4, 1 / 5e10, 1 / 2e11


def grid(sizes: int = 3, batches: int = 3) -> np.ndarray:
    """Return terms of growing models at growing batches; shape (sizes x batches, 3)."""
    models = [(4 + 4 * size, 4e7 * 3**size) for size in range(sizes)]
    return np.array([(layers, nbytes, nbytes * 6 * 4**batch) for layers, nbytes in models for batch in range(batches)])


def made(rows: np.ndarray, spread: float, seed: int) -> np.ndarray:
    """Return seconds by the physical form, with proportional noise."""
    noise = np.random.default_rng(seed).normal(0, spread, len(rows))
    return rows @ [LAYERS_S, BYTE_S, FLOP_S] * np.exp(noise)


def fit_of(rows: np.ndarray, seconds: np.ndarray) -> Fit:
    return Fit(PLAIN, rows, seconds, tuple(range(len(rows))))


def test_exact_data_give_the_coefficients_back():
    """Without noise the fit finds what each layer, byte and operation takes."""
    assert fit_of(grid(), made(grid(), 0, 0)).coefficients == pytest.approx([LAYERS_S, BYTE_S, FLOP_S], rel=1e-6)


def test_noise_moves_the_coefficients_little():
    """Over many draws the mean rate is within two percent of the true one."""
    found = [fit_of(grid(4, 4), made(grid(4, 4), 0.05, seed)).coefficients[2] for seed in range(60)]
    assert np.mean(found) == pytest.approx(FLOP_S, rel=0.02)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.floats(1e-3, 1e3), min_size=9, max_size=9))
def test_no_coefficient_is_negative(seconds: list[float]):
    """More work never takes less time, for any measurements."""
    assert (coefficients(grid(), np.array(seconds), PLAIN, np.ones(9)) >= 0).all()


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10_000), st.floats(1e-3, 1e3))
def test_the_unit_of_time_does_not_matter(seed: int, factor: float):
    """Seconds in another unit give the same prediction in that unit."""
    seconds, asked = made(grid(), 0.1, seed), grid()[4] * 1.3
    there, here = fit_of(grid(), seconds * factor).interval(asked), fit_of(grid(), seconds).interval(asked)
    assert there.value == pytest.approx(here.value * factor, rel=1e-5)
    assert there.high / there.low == pytest.approx(here.high / here.low, rel=1e-4)


@pytest.mark.parametrize(("spread", "batches"), [(0.03, 3), (0.15, 3), (0.05, 5)])
def test_intervals_cover_new_points_as_often_as_their_level(spread: float, batches: int):
    """A 90 % interval covers 90 % of new measurements, of sizes between and batches beyond."""
    rows = grid(3, batches)
    asked = np.array([rows[1] * 1.4, rows[-1] * [1, 1, 2.0], rows[0] * [1, 1, 0.7]])
    covered = []
    for seed in range(100):
        fit = fit_of(rows, made(rows, spread, seed))
        for truth, row in zip(made(asked, spread, seed + 50_000), asked, strict=True):
            interval = fit.interval(row)
            covered.append(interval.low <= truth <= interval.high)
    assert 0.87 <= np.mean(covered) <= 0.97


def test_the_interval_widens_away_from_the_fitted_points():
    """A point with another mix of work is less certain than one in the middle of the grid."""
    fit = fit_of(grid(), made(grid(), 0.05, 1))
    assert fit.leverage([60, 1e7, 1e8]) > 3 * fit.leverage(grid()[4])


def test_one_outlier_does_not_bend_the_fit():
    """A row that is off by a factor 20 pulls like one that is off by e."""
    seconds = made(grid(4, 4), 0.02, 3)
    wild = seconds * np.where(np.arange(16) == 5, 20, 1)
    off = fit_of(grid(4, 4), wild).at(grid()[4]) / fit_of(grid(4, 4), seconds).at(grid()[4])
    assert 1 <= off < 1.5


def test_the_leave_one_out_error_reflects_the_noise():
    """The leave-one-out error is somewhat above the noise."""
    errors = [fit_of(grid(4, 4), made(grid(4, 4), 0.1, seed)).leave_one_out_error for seed in range(40)]
    assert 0.1 < np.mean(errors) < 0.16


def test_repeats_of_one_point_are_left_out_together():
    """A repeat in the data does not confirm the point that it repeats."""
    rows, seconds = grid(), made(grid(), 0.1, 5)
    twice = Fit(PLAIN, np.vstack([rows, rows]), np.tile(seconds, 2), tuple([*range(9)] * 2))
    assert twice.left_out[:9] == pytest.approx(fit_of(rows, seconds).left_out, abs=0.01)


def test_a_term_of_one_row_only_is_not_predicted():
    """The only row with a term has no leave-one-out error."""
    rows = np.array([[1.0, 0, 1], [1, 0, 2], [1, 0, 4], [1, 5, 3]])
    left_out = fit_of(rows, np.array([2.0, 3, 5, 9])).left_out
    assert np.isnan(left_out[3])
    assert np.isfinite(left_out[:3]).all()


def test_a_rate_swaps_the_bounds_of_its_time():
    """The longest time gives the lowest rate."""
    assert Interval(2, 1, 4, 0.9).reciprocal(8) == Interval(4, 2, 8, 0.9)


def test_an_interval_lies_between_the_errors_of_seen_and_of_left_out_rows():
    """Rows of one group share an error that the fit follows, and that a new group does not share."""
    rows = np.ones((40, 1))
    groups = tuple(place // 4 for place in range(40))
    shared = np.random.default_rng(11).normal(0, 0.2, 10)[list(groups)]
    fit = Fit(Form(("work",)), rows, np.exp(shared), groups, balanced=True)
    spread = np.log(fit.interval([1.0]).high / fit.at([1.0]))
    seen, left_out = (np.sqrt(np.mean(errors**2)) for errors in (shared - shared.mean(), fit.left_out))
    assert 1.6 * seen < spread < 1.75 * left_out
