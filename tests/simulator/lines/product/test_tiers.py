"""Metered prices that fall in several tiers, against price lists and sampled customers."""

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from companies import written
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.answers.customers.deciles import deciles
from simulator.answers.projection import Projection, project
from simulator.engine.model import Array
from simulator.errors import ScenarioError
from simulator.lines.product.usage import metered_fee, tier_2_due, tier_3_due, used_up
from simulator.scenario.reading import parse

TOP = {"opening_cash": 0, "tax_rate": 0, "hours_per_month": 730}
CUSTOMER = {"price": 0, "conversion": 0, "churn": 0, "opening_customers": 100}
GPU = {"gpu": {"tokens_per_second": 2_000, "device_price": 0.5, "peak_to_mean": 1}}
# Data transfer out to the internet, as AWS lists it for its first regions: USD for a gigabyte within each tier, and the
# gigabytes at which a tier begins (10, 50 and 150 terabytes of 1,024).
PRICES = (0.09, 0.085, 0.07, 0.05)
BEGINS = (0, 10_240, 51_200, 153_600)


def list_price(used: float) -> float:
    """Return the bill of one month, tier by tier."""
    ends = (*BEGINS[1:], np.inf)
    return sum(price * max(min(used, end) - begin, 0) for price, begin, end in zip(PRICES, BEGINS, ends, strict=True))


def tiers_of(prices: tuple[float, ...], begins: tuple[float, ...]) -> dict[str, float]:
    """Return a price list as a plan has it: starts at the first price, and discounts on it."""
    names = ("tier", "tier_2", "tier_3")
    starts = {f"{name}_starts": prices[0] * begin for name, begin in zip(names, begins[1:], strict=True)}
    return starts | {f"{name}_discount": 1 - price / prices[0] for name, price in zip(names, prices[1:], strict=True)}


def projected(**plan: Any) -> Projection:
    """Return the projection of a plan that charges for output tokens, of which a request has a million."""
    members = {"plan": {"api": CUSTOMER | plan}, "feature": {"chat": {"pool": "gpu", "tokens_per_request": 1e6}}}
    return project(parse(written({**members, "pool": GPU}, TOP, months=2), Path()), 0)


def fee(**plan: Any) -> float:
    """Return the mean metered fee of a customer in the first month."""
    return float(projected(**plan).ledger.of_member("metered_fee", "api")[0])


@pytest.mark.parametrize("used", [5_000, 30_000, 100_000, 204_800])
def test_a_published_price_list_gives_its_own_bill(used: float):
    """Two hundred terabytes cost 14,131.20, in four tiers; smaller uses end in earlier ones."""
    found = fee(requests_per_customer=used, usage_spread=0.01, output_price=PRICES[0], **tiers_of(PRICES, BEGINS))
    assert found == pytest.approx(list_price(used), rel=1e-6)
    assert list_price(204_800) == pytest.approx(14_131.20)


@cache
def sampled(mean: float, spread: float) -> Array:
    """Return two million customers' use."""
    normal = np.random.default_rng(7).standard_normal(1_000_000)
    return np.asarray(mean * np.exp(spread * np.concatenate([normal, -normal]) - spread**2 / 2))


def charged(used: Array, commitment: float, starts: list[float], discounts: list[float]) -> Array:
    """Return what each use costs at a price of 1: the commitment, or more for more use, tier by tier."""
    rates, edges = [1.0, *(1 - one for one in discounts)], [0.0, *starts, np.inf]
    parts = [
        rate * np.clip(used - low, 0, high - low) for rate, low, high in zip(rates, edges, edges[1:], strict=False)
    ]
    return np.asarray(np.maximum(commitment, sum(parts)))


def closed(use: tuple[float, float, float], commitment: float, starts: list[float], discounts: list[float]) -> float:
    """Return the mean fee by the lines at a price of 1; `use` is its mean, cap and spread."""
    second = tier_2_due(starts[0], discounts[0], starts[1])
    third = tier_3_due(second, starts[0], starts[1], discounts[1], starts[2])
    consumed = used_up(commitment, starts[0], second, third, *discounts)
    tiers = [one for tier in zip(starts, discounts, strict=True) for one in tier]
    mean, cap, spread = use
    return float(metered_fee(mean, cap, 1.0, 1.0, spread, commitment, consumed, *tiers))


@pytest.mark.parametrize("commitment", [0, 150, 290, 700, 3_000])
@pytest.mark.parametrize("cap", [1_800, 1e12])
def test_the_mean_fee_is_that_of_two_million_customers(commitment: float, cap: float):
    """Commitments end before the first tier and within each of three; a cap bounds what is charged."""
    starts, discounts = [200.0, 500.0, 1_200.0], [0.1, 0.35, 0.6]
    used = np.minimum(sampled(400, 1.2), cap)
    expected = charged(used, commitment, starts, discounts).mean()
    assert closed((400, cap, 1.2), commitment, starts, discounts) == pytest.approx(expected, rel=2e-3)


amounts = st.floats(1, 1_000)
shares = st.floats(0, 0.95)


@settings(max_examples=60)
@given(commitment=st.floats(0, 3_000), starts=st.lists(amounts, min_size=3, max_size=3),
       discounts=st.lists(shares, min_size=3, max_size=3))  # fmt: skip
def test_use_that_consumes_a_commitment_costs_it(commitment: float, starts: list[float], discounts: list[float]):
    """The use found by inverting the price list is billed at exactly the commitment."""
    starts = sorted(starts)
    second = tier_2_due(starts[0], discounts[0], starts[1])
    third = tier_3_due(second, starts[0], starts[1], discounts[1], starts[2])
    consumed = float(used_up(commitment, starts[0], second, third, *discounts))
    assert charged(np.array(consumed), 0, starts, discounts) == pytest.approx(commitment, abs=1e-9)


def test_tiers_that_repeat_the_one_below_change_nothing():
    """A second and a third tier with the first one's discount leave the bill as it was."""
    one = {"requests_per_customer": 1_000, "output_price": 1, "commitment": 300, "tier_starts": 400}
    one["tier_discount"] = 0.3
    more = {"tier_2_starts": 700, "tier_2_discount": 0.3, "tier_3_starts": 900, "tier_3_discount": 0.3}
    assert fee(**one, **more) == pytest.approx(fee(**one))


def test_tenths_of_customers_pay_by_tier():
    """The revenue of each tenth is the mean over the sampled customers of that tenth."""
    starts, discounts = [200.0, 500.0, 1_200.0], [0.1, 0.35, 0.6]
    tiers = {f"{name}_starts": start for name, start in zip(("tier", "tier_2", "tier_3"), starts, strict=True)}
    tiers |= {f"{name}_discount": one for name, one in zip(("tier", "tier_2", "tier_3"), discounts, strict=True)}
    found = projected(requests_per_customer=400, usage_spread=1.2, output_price=1, commitment=290, **tiers)
    paid = charged(np.sort(sampled(400, 1.2)), 290, starts, discounts).reshape(10, -1).mean(axis=1)
    assert deciles(found.ledger, "api").revenue == pytest.approx(paid, rel=5e-3)


@pytest.mark.parametrize(("lower", "upper"), [("tier_starts", "tier_2_starts"), ("tier_2_starts", "tier_3_starts")])
def test_a_tier_below_the_one_before_is_refused(lower: str, upper: str):
    """Starts that fall are an error that names both tiers."""
    with pytest.raises(ScenarioError, match=f"plans.api.{upper}.* lower plans.api.{lower}"):
        projected(requests_per_customer=1, **{"tier_starts": 1, lower: 500, upper: 400})
