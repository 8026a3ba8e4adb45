"""The share of customers of an age who stay for some months more."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import betaln

from simulator.engine.ages import staying


@given(
    churn=st.floats(0.01, 0.95), spread=st.floats(0.05, 20), age=st.floats(0, 200), months=st.integers(0, 240),
)  # fmt: skip
def test_the_share_is_that_of_the_beta_geometric_model(churn: float, spread: float, age: float, months: int):
    """Survival to t is B(a, b + t) / B(a, b), with a = churn / spread and b = (1 - churn) / spread."""
    a, b = churn / spread, (1 - churn) / spread
    expected = np.exp(betaln(a, b + age + months) - betaln(a, b + age))
    assert staying(churn, spread, age, months) == pytest.approx(expected, rel=1e-7)


def test_without_spread_all_leave_alike():
    """At a churn of 3 %, .97^n stay for n months, at any age."""
    assert staying(0.03, 0.0, np.array([0.0, 50.0]), np.array([12, 1])) == pytest.approx([0.97**12, 0.97])


def test_everybody_may_leave():
    """At a churn of 100 % nobody new stays a month, and everybody stays for none; at age 2 and spread 1, 2/3 stay."""
    assert staying(1.0, 1.0, 0.0, np.array([0, 1, 5])) == pytest.approx([1, 0, 0])
    assert staying(1.0, 1.0, 2.0, 1) == pytest.approx(2 / 3)
