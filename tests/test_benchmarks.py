"""What `make bench` makes of its figures."""

import numpy as np
import pytest

from benchmarks.decode import TURNS, interval, verdict


@pytest.mark.parametrize(
    ("low", "high", "busy", "found"),
    [
        (0.985, 0.995, False, "within"),
        (0.985, 0.995, True, "within"),
        (0.990, 1.025, False, "within"),
        (0.940, 0.960, False, "beyond"),
        (1.030, 1.050, False, "beyond"),
        (0.940, 0.960, True, "noisy"),
        (0.900, 1.100, False, "noisy"),
        (0.800, 0.900, False, "noisy"),
    ],
)
def test_meters_fail_only_where_the_computer_is_quiet(low: float, high: float, busy: bool, found: str):
    """A wide interval tells nothing, and neither does a shift while other programs run."""
    assert verdict(low, high, busy) == found


def test_the_interval_holds_the_median_in_95_of_100_cases():
    """Of a skewed distribution, whose mean is elsewhere: exp(normal) has the median 1."""
    draws = np.exp(np.random.default_rng(7).normal(0, 0.1, (4000, TURNS)))
    held = np.mean([low <= 1 <= high for low, high in map(interval, draws.tolist())])
    assert held == pytest.approx(0.96, abs=0.02)
