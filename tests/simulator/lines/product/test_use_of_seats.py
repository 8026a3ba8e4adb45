"""Use follows the seats that are sold."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from companies import written

from simulator.answers.projection import project
from simulator.engine.model import Array
from simulator.scenario.reading import parse
from simulator.scenario.scenario import Scenario

MONTHS = 36


def company(folder: Path, top: dict[str, Any] | None = None, **plan: Any) -> Scenario:
    """Return a company of 100 customers who pay by seat, and whose tokens a vendor sells."""
    fields = {
        "price": 0, "seat_price": 100, "seats_per_customer": 10, "conversion": 0, "churn": 0,
        "opening_customers": 100, "requests_per_seat": 50, **plan,
    }  # fmt: skip
    members = {
        "plan": {"one": fields},
        "feature": {"answers": {"pool": "bought", "tokens_per_request": 1000}},
        "pool": {"bought": {"vendor_share": 1, "vendor_output_price": 5, "tokens_per_second": 1, "device_price": 0,
                            "peak_to_mean": 1}},
    }  # fmt: skip
    assumptions = {"opening_cash": 1e9, "tax_rate": 0, "hours_per_month": 730} | (top or {})
    return parse(written(members, assumptions, months=MONTHS), folder, "seats.yaml")


def base(scenario: Scenario, line: str) -> Array:
    """Return a line of the base case by month."""
    return np.asarray(project(scenario, 0, evidence=False).series[line].base)


def test_requests_are_those_of_the_seats(tmp_path: Path):
    """A hundred customers with ten seats of 50 requests make 50,000, which cost 5 a thousand times 1,000 tokens."""
    scenario = company(tmp_path)
    assert base(scenario, "requests[one]") == pytest.approx(np.full(MONTHS, 50_000))
    assert base(scenario, "cost_of_revenue") == pytest.approx(np.full(MONTHS, 50 * 5))


def test_ten_times_the_seats_make_ten_times_the_cost(tmp_path: Path):
    """Revenue and inference both grow tenfold."""
    few = company(tmp_path)
    many = few.with_value("plans.one.seats_per_customer", 100)
    for line in ("requests[one]", "cost_of_revenue", "revenue"):
        assert base(many, line) == pytest.approx(10 * base(few, line))


def test_seats_that_customers_add_are_used(tmp_path: Path):
    """At 3 % more seats a month, requests grow by 3 % a month."""
    scenario = company(tmp_path, seat_growth=0.03)
    assert base(scenario, "requests[one]") == pytest.approx(50_000 * 1.03 ** np.arange(MONTHS))


def test_seats_that_customers_give_up_are_not_used(tmp_path: Path):
    """At 2 % fewer seats a month, so do requests."""
    scenario = company(tmp_path, seat_growth=-0.02, churn=0.05)
    there = 100 * 0.95 ** np.arange(MONTHS)
    assert base(scenario, "requests[one]") == pytest.approx(there * 500 * 0.98 ** np.arange(MONTHS))


def test_a_customer_makes_its_own_requests_beside_those_of_its_seats(tmp_path: Path):
    """200 a customer come on top of 50 a seat, and without use of seats they are all there is."""
    assert base(company(tmp_path, requests_per_customer=200), "requests[one]")[0] == pytest.approx(100 * (200 + 500))
    alone = company(tmp_path, requests_per_customer=200, requests_per_seat=0, seat_growth=0.03)
    assert base(alone, "requests[one]") == pytest.approx(np.full(MONTHS, 20_000))


def test_new_customers_bring_the_seats_of_their_age(tmp_path: Path):
    """A cohort's requests are those of its own seats, which began to grow when it joined."""
    scenario = company(
        tmp_path, seat_growth=0.05, churn=0.1, opening_customers=0, share_of_signups=1, conversion=1,
    )  # fmt: skip
    text = scenario.text + "channels:\n  one: {budget: 0, cost_per_signup: 1, most_signups: 1, organic_signups: 10}\n"
    found = base(parse(text, tmp_path, "cohorts.yaml"), "requests[one]")
    ages = np.arange(MONTHS)
    assert found == pytest.approx(np.cumsum(10 * 500 * (0.9 * 1.05) ** ages))


def test_a_cap_limits_each_customer_whatever_its_seats(tmp_path: Path):
    """Where nobody differs, a cap of 300 requests a customer leaves 300 of 500."""
    scenario = company(tmp_path, requests_cap=300, usage_spread=0.01)
    assert base(scenario, "requests[one]")[0] == pytest.approx(30_000, rel=1e-3)


def test_metered_use_of_seats_is_charged(tmp_path: Path):
    """A price of 20 a million tokens earns 10 a customer with ten seats, and 12 with twelve."""
    scenario = company(tmp_path, output_price=20)
    assert base(scenario, "metered_revenue[one]")[0] == pytest.approx(100 * 10)
    larger = scenario.with_value("plans.one.seats_per_customer", 12)
    assert base(larger, "metered_revenue[one]")[0] == pytest.approx(100 * 12)


def test_seats_count_at_the_level_of_the_whole_scenario(tmp_path: Path):
    """Seats written once for all plans are used as a plan's own are."""
    scenario = company(tmp_path, {"seats_per_customer": 20}, seats_per_customer=10)
    assert base(scenario, "requests[one]")[0] == pytest.approx(50_000)
