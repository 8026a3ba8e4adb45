"""Customers of a base case: cohorts, deciles of use, and what one of them brings."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.answers.customers.cohorts import fit_retention, survival_of, triangle
from simulator.answers.customers.deciles import Piecewise, Usage, deciles
from simulator.answers.customers.economics import unit_economics
from simulator.answers.ledger import Ledger
from simulator.engine.lognormal import excess, spread_of_top_tenth
from simulator.errors import PlanError

# Cohorts


def test_the_triangle_sums_to_customers(whole: Ledger):
    """The cohorts of a month sum to its customers."""
    for plan in whole.names("plan"):
        total = np.nansum(triangle(whole, plan), axis=0)
        np.testing.assert_allclose(total, whole.of_member("customers", plan), rtol=1e-9)


def test_the_published_retention_is_found_again():
    """Fader and Hardie (2007), regular customers: alpha .668 and beta 3.806, and survival in years 8 to 12."""
    churn, spread = fit_retention(np.array([0.869, 0.743, 0.653, 0.593, 0.551, 0.517, 0.491]))
    assert churn / spread == pytest.approx(0.668, abs=0.001)
    assert (1 - churn) / spread == pytest.approx(3.806, abs=0.005)
    assert survival_of(churn, spread, 12)[8:] == pytest.approx([0.460, 0.436, 0.414, 0.395, 0.378], abs=0.001)


@pytest.mark.parametrize("shares", [[0.9], [0.9, 0.95], [1.0, 0.9], [0.5, -0.1]])
def test_what_is_no_retention_is_refused(shares: list[float]):
    """One point, a rise, no loss and a negative share are no retention curve."""
    with pytest.raises(PlanError, match="give two or more that fall"):
        fit_retention(np.array(shares))


# Heavy tails


def test_three_quarters_in_the_top_tenth_is_a_spread_of_two():
    """Φ(σ − 1.28155) = 75 % where σ = 1.956."""
    assert spread_of_top_tenth(0.75) == pytest.approx(1.956, abs=0.0005)


@given(mean=st.floats(1, 1e5), spread=st.floats(0.1, 2.5), knots=st.lists(st.floats(1, 1e6), min_size=1, max_size=3))
def test_tenths_average_to_the_whole(mean: float, spread: float, knots: list[float]):
    """The mean over ten tenths of any piecewise amount is its mean over all customers by Black's formula."""
    amount = Piecewise(3.0, tuple((knot, 0.5) for knot in knots))
    whole = 3.0 + sum(0.5 * excess(mean, knot, spread) for knot in knots)
    assert amount.by_tenth(Usage(mean, spread)).mean() == pytest.approx(whole, rel=1e-6)


def test_deciles_of_a_plan_agree_with_its_lines(whole: Ledger):
    """The requests of the tenths average to the plan's line, and the tenths rise."""
    for plan in whole.names("plan"):
        found = deciles(whole, plan)
        assert found.requests.mean() == pytest.approx(whole.of_member("capped_requests", plan)[-1], rel=1e-6)
        assert np.all(np.diff(found.requests) >= 0)
        assert 0 <= found.losing <= 1


def test_who_loses_money_is_found_where_cost_overtakes_the_fee():
    """At a flat fee, the customers who use more than the fee pays for lose money, as a sample of customers confirms."""
    usage, fee, cost = Usage(100.0, 1.2), 30.0, 0.2
    sample = np.exp(np.random.default_rng(5).normal(np.log(100) - 0.72, 1.2, 400_000))
    assert 1 - usage.share_below(np.array(fee / cost)) == pytest.approx((sample * cost > fee).mean(), abs=0.003)


def test_a_cap_takes_from_the_heaviest_tenth_first(whole: Ledger):
    """A cap does not change the tenths below it."""
    plan = whole.names("plan")[0]
    free = deciles(whole, plan)
    capped = deciles(whole, plan, cap=float(free.requests[-1]) * 0.9)
    assert capped.requests[:5] == pytest.approx(free.requests[:5], rel=1e-6)
    assert capped.requests[-1] < free.requests[-1]


# One customer


def test_unit_economics_add_up(whole: Ledger):
    """The margin of a customer is revenue less costs."""
    for plan in whole.names("plan"):
        unit = unit_economics(whole, plan)
        assert unit.margin == pytest.approx(unit.revenue - unit.inference - unit.other)
        assert 0 <= unit.months <= 36
