"""A vendor's bill in the plan: by request, by plan, over a threshold, in batches and from reserved throughput."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from companies import written
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtri

from simulator.answers.ledger import Ledger
from simulator.engine.lognormal import part_above, share_above
from simulator.lines.serving.reserved import reserved_tokens
from simulator.scenario.reading import parse

# The pool of a vendor that serves everything, at 3 and 15 for a million tokens.
BOUGHT = {
    "vendor_share": 1,
    "vendor_input_price": 3,
    "vendor_output_price": 15,
    "tokens_per_second": 1,
    "device_price": 0,
    "peak_to_mean": 1,
}
PLAN = {"conversion": 0, "churn": 0, "opening_customers": 100, "requests_per_customer": 10_000}


def books(
    feature: dict[str, Any],
    pool: dict[str, Any],
    plan: dict[str, Any] | None = None,
    hour: dict[str, Any] | None = None,
) -> Ledger:
    """Return the ledger of companies with these features, all of which one pool serves, and a plan at 100 a month."""
    members = {
        "plan": plan or {"paid": PLAN | {"price": 100}},
        "feature": {name: {"pool": "large", "tokens_per_request": 0, **one} for name, one in feature.items()},
        "pool": {"large": BOUGHT | pool},
        "hour": hour or {},
    }
    top = {"opening_cash": 0, "tax_rate": 0, "hours_per_month": 730}
    return Ledger.of(parse(written(members, top, months=2), Path()))


def bill(feature: dict[str, Any], pool: dict[str, Any]) -> float:
    """Return the vendor's bill for a million requests to a feature."""
    return float(books({"chat": feature}, pool).of_member("vendor_cost", "large")[0])


def test_each_plan_bears_its_own_bill():
    """A free plan that reads 1,000 million tokens and a paid one that writes 500 cost 3,150 and 7,530 at 3 and 15."""
    features = {
        "writing": {"tokens_per_request": 500, "input_tokens_per_request": 10, "free_use_share": 0},
        "reading": {"tokens_per_request": 10, "input_tokens_per_request": 1_000, "use_share": 0},
    }
    found = books(features, {}, {"paid": PLAN | {"price": 100}, "free": PLAN | {"price": 0}})
    costs = [found.of_member("inference_cost", plan)[0] for plan in ("paid", "free")]
    assert costs == [pytest.approx(7_530), pytest.approx(3_150)]
    assert 1 - costs[0] / found.total("revenue")[0] == pytest.approx(0.247)
    assert found.total("serving_cost")[0] == pytest.approx(10_680)


@pytest.mark.parametrize(
    ("pool", "expected"),
    [
        ({}, 3 * 2_000 + 15 * 300),
        ({"vendor_cache_discount": 0.9}, 3 * (2_000 - 0.9 * 800) + 15 * 300),
        ({"vendor_write_premium": 0.25}, 3 * (2_000 + 0.25 * 600) + 15 * 300),
        (
            {"vendor_write_premium": 0.25, "vendor_hour_premium": 1, "vendor_hour_share": 0.4},
            3 * (2_000 + (0.6 * 0.25 + 0.4 * 1) * 600) + 15 * 300,
        ),
        ({"vendor_call_fee": 0.01}, 3 * 2_000 + 15 * 300 + 10_000),
        ({"vendor_batch_share": 0.6, "vendor_batch_discount": 0.5}, 0.7 * (3 * 2_000 + 15 * 300)),
        ({"vendor_threshold": 1_999, "vendor_long_input": 2, "vendor_long_output": 1.5}, 6 * 2_000 + 22.5 * 300),
        ({"vendor_threshold": 2_000, "vendor_long_input": 2, "vendor_long_output": 1.5}, 3 * 2_000 + 15 * 300),
        ({"vendor_share": 0.4}, 0.4 * (3 * 2_000 + 15 * 300)),
    ],
)
def test_a_bill_by_hand(pool: dict[str, float], expected: float):
    """A million requests read 2,000 tokens, 800 of them cached and half of the others written, and write 300."""
    feature = {
        "tokens_per_request": 300,
        "input_tokens_per_request": 2_000,
        "cached_share": 0.4,
        "cache_write_share": 0.5,
    }
    assert bill(feature, pool) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(("mean", "spread"), [(60_000, 1.0), (150_000, 0.5), (400_000, 1.5)])
def test_the_mean_bill_over_a_threshold_is_that_of_many_requests(mean: float, spread: float):
    """Requests of lognormal lengths, each billed by itself, cost on average what the closed form says."""
    count = 1_000_000
    lengths = mean * np.exp(spread * ndtri((np.arange(count) + 0.5) / count) - spread**2 / 2)
    long = lengths > 200_000
    each = lengths * np.where(long, 6, 3) + 1_000 * np.where(long, 22.5, 15)
    terms = {"vendor_threshold": 200_000, "vendor_long_input": 2, "vendor_long_output": 1.5}
    feature = {"tokens_per_request": 1_000, "input_tokens_per_request": mean, "length_spread": spread}
    assert bill(feature, terms) == pytest.approx(each.mean(), rel=1e-3)


def test_a_threshold_holds_for_each_call():
    """A task of ten steps reads more than the threshold in all, and no call of it does."""
    terms = {"vendor_threshold": 200_000, "vendor_long_input": 2, "vendor_long_output": 1.5}
    task = {"input_tokens_per_request": 50_000, "steps": 10}
    assert bill(task, terms) == pytest.approx(3 * 500_000)
    assert bill(task | {"input_tokens_per_request": 250_000}, terms) == pytest.approx(6 * 2_500_000)


@given(st.floats(1, 1e6), st.floats(1, 1e6), st.floats(0, 5))
def test_long_calls_hold_more_than_their_share_of_the_input(mean: float, limit: float, spread: float):
    """Both shares lie between 0 and 1, and the share of the input is the larger."""
    calls, tokens = share_above(mean, limit, spread), part_above(mean, limit, spread)
    assert 0 <= calls <= tokens <= 1


def test_reserved_throughput_spills_over_by_the_hour():
    """What exceeds the reservation in an hour of the day is bought on demand, even if the day's mean does not."""
    pulls = np.where(np.arange(24) < 8, 0.25, 1.0)
    hours = {f"h{hour:02}": {"load": pull} for hour, pull in enumerate(pulls)}
    # A million requests of 1,000 tokens are 1,000 million tokens a month.
    demand = 1_000 * pulls / pulls.sum()
    per_hour = 2 * 180 * 3_600 * 730 / 24 / 1e6
    pool = {"vendor_reserved_units": 2, "vendor_unit_rate": 180, "vendor_unit_price": 4}
    found = books({"chat": {"tokens_per_request": 1_000}}, pool, hour=hours)
    spilled = np.maximum(demand - per_hour, 0).sum()
    assert 0 < spilled < 1_000 - per_hour * 8
    assert found.of_member("spilled_share", "large")[0] == pytest.approx(spilled / 1_000)
    cost = found.of_member("vendor_cost", "large")[0]
    assert cost == pytest.approx(spilled * 15 + 2 * 4 * 730)
    assert found.total("token_cost")[0] + found.total("idle_serving")[0] == pytest.approx(cost)


@given(st.floats(0, 1e6), st.floats(0, 1e6), st.lists(st.floats(0, 10), min_size=24, max_size=24))
def test_a_reservation_serves_no_more_than_it_can(asked: float, capacity: float, pulls: list[float]):
    """Tokens served from a reservation exceed neither its capacity nor the demand."""
    served = sum(reserved_tokens(asked, pull, sum(pulls) / 24, capacity, 1) for pull in pulls)
    assert 0 <= served <= min(asked, capacity) * (1 + 1e-9)


def test_an_unused_reservation_is_still_paid():
    """Without demand the pool bears the price of its reservation as idle serving, and no request's."""
    pool = {"vendor_reserved_units": 1, "vendor_unit_rate": 10, "vendor_unit_price": 2}
    found = books({"chat": {"tokens_per_request": 0}}, pool)
    assert found.total("idle_serving")[0] == pytest.approx(2 * 730)
    assert found.total("serving_cost")[0] == pytest.approx(2 * 730)


def test_a_fee_for_a_call_without_tokens_is_borne_once():
    """Requests of no tokens cost their fees, which plans bear and idle serving does not repeat."""
    found = books({"chat": {"tokens_per_request": 0}}, {"vendor_call_fee": 0.01})
    costs = [found.total(name)[0] for name in ("serving_cost", "inference_cost", "idle_serving")]
    assert costs == [pytest.approx(10_000), pytest.approx(10_000), 0]
