"""Values that walk: their distribution in closed form, and their way through to costs, demand and churn."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from companies import written
from numpy.testing import assert_allclose
from scipy import stats

from simulator.answers.draws import trials_of
from simulator.engine.model import Array
from simulator.scenario.reading import parse
from simulator.scenario.scenario import Scenario

MONTHS = 40
TRIALS = 4_000
VOLATILITY = 0.06
FREE = {"walk": 1, "monthly_volatility": VOLATILITY}
HELD = FREE | {"half_life": 12}


def company(folder: Path, top: Mapping[str, Any] | None = None, price: Any = 3, **more: Any) -> Scenario:
    """Return a company that rents ten devices, buys tokens from a vendor, and has customers who come and go."""
    members = {
        "plan": {"one": {"price": 10, "conversion": 0.5, "share_of_signups": 1, "churn": 0.05,
                         "opening_customers": 1000, "requests_per_customer": 100}},
        "channel": {"search": {"budget": 0, "cost_per_signup": 1, "most_signups": 1, "organic_signups": 100}},
        "feature": {"answers": {"pool": "rented", "tokens_per_request": 1000},
                    "search": {"pool": "bought", "tokens_per_request": 1000}},
        "pool": {"rented": {"tokens_per_second": 1e6, "device_price": price, "peak_to_mean": 1, "fewest_devices": 10},
                 "bought": {"vendor_share": 1, "vendor_output_price": 5, "tokens_per_second": 1, "device_price": 0,
                            "peak_to_mean": 1}},
    }  # fmt: skip
    assumptions = {"opening_cash": 1e9, "tax_rate": 0, "hours_per_month": 730, "market_size": 1e18} | dict(top or {})
    text = written(members, assumptions, months=MONTHS, trials=TRIALS, seed=11, counts="expected")
    return parse(text + "".join(f"{key}: {value}\n" for key, value in more.items()), folder, "walking.yaml")


def lines(scenario: Scenario, *names: str) -> dict[str, Array]:
    """Return lines by month, of shape (months, members, 1 + trials), the base case first."""
    return trials_of(scenario, TRIALS).keep(names)


def deviation(kept: float) -> Array:
    """Return the standard deviation of the logarithm by month: that of a sum of shocks that fade."""
    variance = VOLATILITY**2 * np.cumsum(kept ** (2 * np.arange(MONTHS)))
    return np.sqrt(np.concatenate([[0], variance[:-1]]))


@pytest.mark.parametrize(("walk", "kept"), [(FREE, 1.0), (HELD, 0.5 ** (1 / 12))])
def test_a_walk_is_lognormal_around_its_plan(walk: dict[str, Any], kept: float, tmp_path: Path):
    """The logarithm has mean 0 and the variance of its shocks; the first month and the base case have no shock."""
    index = lines(company(tmp_path, {"device_price_level": walk}), "device_price_index")["device_price_index"][:, 0]
    assert (index[:, 0] == 1).all()
    assert (index[0] == 1).all()
    logs, wide = np.log(index[1:, 1:]), deviation(kept)[1:]
    assert np.abs(logs.mean(axis=1) / (wide / np.sqrt(TRIALS))).max() < 4
    assert logs.std(axis=1) == pytest.approx(wide, rel=4 / np.sqrt(2 * TRIALS))
    assert stats.kstest(logs[-1] / wide[-1], "norm").pvalue > 0.01
    # Increments beyond what the half-life takes back are independent from month to month.
    shocks = (logs[1:] - kept * logs[:-1]) / VOLATILITY
    assert np.abs(np.corrcoef(shocks)[np.triu_indices(len(shocks), 1)]).max() < 5 / np.sqrt(TRIALS)


def test_half_of_a_shock_is_left_after_the_half_life(tmp_path: Path):
    """The regression of a value on that of twelve months before is one half."""
    index = lines(company(tmp_path, {"device_price_level": HELD}), "device_price_index")["device_price_index"][:, 0]
    before, after = np.log(index[27, 1:]), np.log(index[39, 1:])
    assert before @ after / (before @ before) == pytest.approx(0.5, abs=4 * 0.9 / np.sqrt(TRIALS))


def test_the_walk_moves_a_course_around_itself(tmp_path: Path):
    """A price that falls by steps walks around the steps; the base case is the steps."""
    course = {"walk": {0: 4, 12: 3}, "monthly_volatility": VOLATILITY}
    rent = lines(company(tmp_path, price=course), "cloud_rent")["cloud_rent"][:, 0]
    assert rent[:, 0] == pytest.approx(10 * 730 * np.where(np.arange(MONTHS) < 12, 4, 3))
    assert np.log(rent[-1, 1:] / rent[-1, 0]).std() == pytest.approx(deviation(1.0)[-1], rel=0.05)


def test_the_price_of_devices_reaches_their_rent(tmp_path: Path):
    """Ten devices cost ten times 730 hours at the walked price, in every month of every trial."""
    found = lines(company(tmp_path, {"device_price_level": FREE}), "device_price_index", "cloud_rent", "cash")
    index = found["device_price_index"][:, 0]
    assert_allclose(found["cloud_rent"][:, 0], 10 * 730 * 3 * index, rtol=1e-12)
    steady = lines(company(tmp_path), "cash")["cash"][:, 0, :1]
    assert_allclose(found["cash"][:, 0] - steady, -np.cumsum(21_900 * (index - 1), axis=0), rtol=1e-6, atol=1e-3)


def test_the_price_of_tokens_reaches_the_vendors_bill(tmp_path: Path):
    """Tokens cost their price times the walk; devices do not."""
    found = lines(company(tmp_path, {"token_price_level": FREE}), "token_price_index", "vendor_cost", "cloud_rent")
    bill = found["vendor_cost"][:, 1]
    assert_allclose(bill, bill[:, :1] * found["token_price_index"][:, 0], rtol=1e-12)
    assert np.log(found["token_price_index"][-1, 0, 1:]).std() == pytest.approx(deviation(1.0)[-1], rel=0.05)
    assert (found["cloud_rent"][:, 0] == found["cloud_rent"][:1, :1, :1]).all()


def test_token_prices_follow_a_walk_of_devices(tmp_path: Path):
    """Half of a move of device prices, in logarithms, reaches tokens, on top of their own."""
    scenario = company(tmp_path, {"device_price_level": FREE, "token_price_follows": 0.5})
    found = lines(scenario, "device_price_index", "token_price_index")
    assert_allclose(found["token_price_index"], np.sqrt(found["device_price_index"]), rtol=1e-12)


def test_demand_that_walks_moves_sign_ups(tmp_path: Path):
    """A hundred sign-ups a month become a hundred times the walk, and customers follow."""
    found = lines(company(tmp_path, {"demand_level": HELD}), "signups", "demand_index", "customers")
    index = found["demand_index"][:, 0]
    assert np.log(index[-1, 1:]).std() == pytest.approx(deviation(0.5 ** (1 / 12))[-1], rel=0.05)
    assert_allclose(found["signups"][:, 0], 100 * index, rtol=1e-9)
    there, expected = np.full(1 + TRIALS, 1000.0), []
    for month in range(MONTHS):
        there = there * (1 if month == 0 else 0.95) + 50 * index[month]
        expected.append(there)
    assert_allclose(found["customers"][:, 0], expected, rtol=1e-9)


def test_churn_that_walks_moves_those_who_leave(tmp_path: Path):
    """Churn of 5 % becomes 5 % times the walk, in the month's own hazard, and leaves earlier months alone."""
    found = lines(company(tmp_path, {"churn_level": FREE}), "customers", "leaving_share")
    hazard = found["leaving_share"][:, 0]
    walk = hazard[1:] / 0.05
    assert np.log(walk[-1, 1:]).std() == pytest.approx(deviation(1.0)[-1], rel=0.05)
    there, expected = np.full(1 + TRIALS, 1000.0), []
    for month in range(MONTHS):
        there = there * (1 - (hazard[month] if month else 0)) + 50
        expected.append(there)
    assert_allclose(found["customers"][:, 0], expected, rtol=1e-9)


def test_correlations_tie_the_steps_of_two_walks(tmp_path: Path):
    """At a correlation of 0.8, monthly changes of devices and tokens correlate by 0.8, and so do their levels."""
    pair = "\n  - [device_price_level, token_price_level, 0.8]"
    scenario = company(tmp_path, {"device_price_level": FREE, "token_price_level": FREE}, correlations=pair)
    found = lines(scenario, "device_price_index", "token_price_index")
    devices, tokens = (np.log(found[name][:, 0, 1:]) for name in ("device_price_index", "token_price_index"))
    steps = [
        np.corrcoef(np.diff(devices, axis=0)[month], np.diff(tokens, axis=0)[month])[0, 1] for month in (0, 20, 38)
    ]
    # A correlation of ranks of 0.8 is one of normal numbers of 0.8135.
    assert steps == pytest.approx([0.8135] * 3, abs=0.035)
    assert np.corrcoef(devices[-1], tokens[-1])[0, 1] == pytest.approx(0.8135, abs=0.035)
