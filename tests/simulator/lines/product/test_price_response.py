"""What a price does: companies of one plan and every tariff, against constant elasticity worked out by hand."""

from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from companies import written
from scipy import integrate, stats

from simulator.answers.projection import project
from simulator.engine.model import Array
from simulator.errors import ScenarioError
from simulator.scenario.overlays import parse_overlay
from simulator.scenario.reading import parse
from simulator.scenario.scenario import Scenario
from simulator.terminal import scenario_of

MONTHS = 12
# A market so large that those who have come do not show in it.
TOP = {"opening_cash": 1e9, "tax_rate": 0, "hours_per_month": 730, "market_size": 1e18}
USE = {"requests_per_customer": 1000, "usage_spread": 0.8}
TOKENS = {"tokens_per_request": 500, "input_tokens_per_request": 2000, "cached_share": 0.5}
# Tariffs, and the prices that make up each: to double the bill, all of them are doubled.
TARIFFS: dict[str, dict[str, float]] = {
    "flat": {"price": 60},
    "seats": {"price": 40, "seat_price": 15},
    "metered": {"output_price": 8, "input_price": 2, "cached_price": 0.5},
    "commitment": {"commitment": 9, "output_price": 8, "input_price": 2},
    "tier": {"output_price": 8, "tier_starts": 6},
    "overage": {"price": 30, "overage_price": 0.05},
    "credits": {"credits_per_customer": 25},
    "services": {"price": 20, "setup_fee": 240, "service_fee": 5, "tuning_fee": 3},
}
TERMS: dict[str, dict[str, float]] = {
    "seats": {"seats_per_customer": 4},
    "tier": {"tier_discount": 0.3},
    "overage": {"included_requests": 900},
}


def company(folder: Path, plan: Mapping[str, Any], top: Mapping[str, Any] | None = None, **more: Any) -> Scenario:
    """Return a company with one plan, which a thousand sign-ups and ten deals a month consider."""
    plain = {"price": 0, "conversion": 0.02, "share_of_signups": 1, "share_of_deals": 1, "churn": 0.03}
    members = {
        "channel": {"search": {"budget": 0, "cost_per_signup": 1, "most_signups": 1, "organic_signups": 1000}},
        "role": {"seller": {"heads": 1, "opening_headcount": 1, "salary": 0, "quota": 10}},
        "feature": {"answers": {"pool": "large", **TOKENS}},
        "pool": {"large": {"tokens_per_second": 1000, "device_price": 2, "peak_to_mean": 2}},
        "plan": {"one": plain | USE | dict(plan)},
        **more,
    }
    return parse(written(members, TOP | dict(top or {}), months=MONTHS), folder, "priced.yaml")


def tariff(folder: Path, name: str, **more: Any) -> Scenario:
    """Return the company that charges by one tariff, with more fields of its plan."""
    return company(folder, {**TARIFFS[name], **TERMS.get(name, {}), **more})


def times(scenario: Scenario, name: str, factor: float) -> Scenario:
    """Return the company with every price of its tariff multiplied."""
    return scenario.with_values({f"plans.one.{field}": factor * value for field, value in TARIFFS[name].items()})


def base(scenario: Scenario, line: str) -> Array:
    """Return a line of the base case by month."""
    return np.asarray(project(scenario, 0, evidence=False).series[f"{line}[one]"].base)


def bill(scenario: Scenario) -> float:
    """Return the bill that a customer who comes in the first month expects."""
    return float(base(scenario, "expected_bill")[0])


# The bill


def metered_by_integral(price: float, commitment: float, spread: float, tier: float = np.inf) -> float:
    """Return the mean of the larger of commitment and use over lognormal customers; beyond `tier`, 30 % off."""
    use = stats.lognorm(spread, scale=1000 * np.exp(-(spread**2) / 2))

    def charged(requests: float) -> float:
        worth = requests * price
        return max(commitment, min(worth, tier) + 0.7 * max(worth - tier, 0))

    kinks = sorted({commitment / price, min(tier, 1e6) / price, 1000.0})
    value, _ = integrate.quad(lambda q: charged(float(use.ppf(q))), 0, 1, points=use.cdf(kinks), limit=400)
    return float(value)


OUTPUT = 500 * 8 / 1e6
BILLS = {
    "flat": 60,
    "seats": 40 + 4 * 15,
    "metered": 1000 * (OUTPUT + (1000 * 2 + 1000 * 0.5) / 1e6),
    "commitment": metered_by_integral(OUTPUT + 1000 * 2 / 1e6, 9, 0.8),
    "tier": metered_by_integral(OUTPUT, 0, 0.8, tier=6),
    "credits": 25,
    "services": 20 + 240 / 12 + 5 + 3,
    "overage": 30 + 0.05 * (metered_by_integral(1, 900, 0.8) - 900),
}


@pytest.mark.parametrize("name", TARIFFS)
def test_the_bill_is_all_that_a_customer_expects_to_pay(name: str, tmp_path: Path):
    """Fees, seats, metered use, commitment, credits and services are each in it, at the use before any response."""
    assert bill(tariff(tmp_path, name)) == pytest.approx(BILLS[name], rel=1e-4)


# New customers


@pytest.mark.parametrize("name", TARIFFS)
def test_twice_the_bill_at_elasticity_two_wins_a_quarter(name: str, tmp_path: Path):
    """Sign-ups who buy, and deals, are both a quarter, whatever makes up the bill."""
    planned = tariff(tmp_path, name, price_elasticity=2)
    dearer = times(planned, name, 2)
    assert bill(dearer) == pytest.approx(2 * bill(planned), rel=1e-9)
    for line, mean in {"customers_from_signups": 20, "deals_for_plan": 10}.items():
        assert base(planned, line) == pytest.approx(np.full(MONTHS, mean), rel=1e-9)
        assert base(dearer, line) == pytest.approx(np.full(MONTHS, mean / 4), rel=1e-9)


@pytest.mark.parametrize("name", TARIFFS)
def test_half_the_bill_wins_sign_ups_and_no_deals(name: str, tmp_path: Path):
    """Four times the sign-ups buy; sellers start no more deals because a price is low."""
    cheaper = times(tariff(tmp_path, name, price_elasticity=2), name, 0.5)
    assert base(cheaper, "customers_from_signups") == pytest.approx(np.full(MONTHS, 80), rel=1e-9)
    assert base(cheaper, "deals_for_plan") == pytest.approx(np.full(MONTHS, 10), rel=1e-9)


@pytest.mark.parametrize("name", TARIFFS)
def test_without_elasticity_a_price_moves_nobody(name: str, tmp_path: Path):
    """No response is assumed unless the file says so."""
    dearer = times(tariff(tmp_path, name), name, 2)
    for line, mean in {"customers_from_signups": 20, "deals_for_plan": 10}.items():
        assert base(dearer, line) == pytest.approx(np.full(MONTHS, mean), rel=1e-9)


def test_one_price_of_several_moves_the_bill_by_its_part(tmp_path: Path):
    """Doubling the price of a seat raises a bill of 100 to 160, and at elasticity 1.5 keeps 1.6^-1.5 of the buyers."""
    dearer = tariff(tmp_path, "seats", price_elasticity=1.5).with_value("plans.one.seat_price", 30)
    assert base(dearer, "customers_from_signups")[0] == pytest.approx(20 * 1.6**-1.5)


@pytest.mark.parametrize(
    ("name", "change"),
    [("seats", {"seats_per_customer": 8}), ("metered", {"requests_per_customer": 3000}),
     ("overage", {"requests_per_customer": 3000}), ("metered", {"requests_per_customer": {0: 1000, 6: 5000}})],
)  # fmt: skip
def test_larger_customers_are_no_higher_price(name: str, change: dict[str, Any], tmp_path: Path):
    """Bills are compared at the use and the seats of the file's month 0: who uses more is not scared away by it."""
    planned = tariff(tmp_path, name, price_elasticity=1.5, churn_elasticity=1)
    larger = planned.with_values({f"plans.one.{field}": value for field, value in change.items()})
    assert base(larger, "customers") == pytest.approx(base(planned, "customers"), rel=1e-9)
    assert base(larger, "plan_revenue")[-1] > 1.2 * base(planned, "plan_revenue")[-1]


def test_a_price_that_changes_later_moves_those_who_come_later(tmp_path: Path):
    """The reference is the bill of month 0: a price of 50 that becomes 100 in month 6 loses half from then on."""
    changing = company(tmp_path, {"price": {0: 50, 6: 100}, "price_elasticity": 1})
    assert base(changing, "customers_from_signups") == pytest.approx([20] * 6 + [10] * 6)


def test_a_discount_is_a_lower_bill(tmp_path: Path):
    """A fifth off wins 1.25 times the sign-ups at elasticity 1."""
    cheaper = tariff(tmp_path, "flat", price_elasticity=1).with_value("plans.one.discount", 0.2)
    assert base(cheaper, "customers_from_signups")[0] == pytest.approx(25)


def test_the_revenue_of_a_monopoly_peaks_at_its_price(tmp_path: Path):
    """At elasticity ε and a cost of c a customer, c·ε/(ε-1) earns the most: 30 for 10 and 1.5."""
    planned = company(tmp_path, {"price": 25, "price_elasticity": 1.5, "churn": 1, "share_of_deals": 0})
    prices = (27, 29, 29.9, 30, 30.1, 31, 33)
    won = [base(planned.with_value("plans.one.price", price), "customers")[-1] for price in prices]
    profits = [(price - 10) * customers for price, customers in zip(prices, won, strict=True)]
    assert prices[int(np.argmax(profits))] == 30
    assert max(profits) == pytest.approx(20 * 20 * (30 / 25) ** -1.5)


# The market


@pytest.mark.parametrize("name", ["flat", "seats", "metered", "credits", "overage"])
def test_a_market_that_gets_cheaper_moves_nobody_by_itself(name: str, tmp_path: Path):
    """In a price war everybody's bill falls, so that as many buy as before."""
    plan = {**TARIFFS[name], **TERMS.get(name, {}), "price_elasticity": 2, "churn_elasticity": 1, "follows_tokens": 1}
    war = {"war": {"starts": 3, "price_factor": 0.6}}
    market = {"device_price_growth": -0.05, "token_price_follows": 1}
    scenario = company(tmp_path, plan, market, event=war)
    assert base(scenario, "customers_from_signups") == pytest.approx(np.full(MONTHS, 20))
    assert base(scenario, "expected_bill")[3] == pytest.approx(BILLS[name] * 0.6 * 0.95**3, rel=1e-4)
    steady = company(tmp_path, plan)
    assert base(scenario, "customers") == pytest.approx(base(steady, "customers"))


# Churn and use


def test_churn_rises_with_the_bill(tmp_path: Path):
    """At a churn elasticity of 0.5, four times the bill doubles the share who leave, from the month of the rise."""
    plan = {"price": {0: 50, 6: 200}, "churn": 0.04, "churn_elasticity": 0.5, "opening_customers": 1000}
    scenario = company(tmp_path, plan | {"share_of_deals": 0, "share_of_signups": 0})
    shares = np.array([0] + [0.04] * 5 + [0.08] * 6)  # customers there at the start are of age 0 in month 0
    assert base(scenario, "customers") == pytest.approx(1000 * np.cumprod(1 - shares))


def test_churn_on_contract_waits_for_its_end(tmp_path: Path):
    """Of contracts of six months a sixth ends each month; who stays is decided by the price of that month."""
    plan = {"price": {0: 50, 3: 100}, "churn": 0.04, "churn_elasticity": 1, "opening_customers": 1000}
    scenario = company(tmp_path, plan | {"share_of_deals": 0, "share_of_signups": 0, "contract_months": 6})
    kept, few = 0.96**6, 1 - 2 * (1 - 0.96**6)
    shares = base(scenario, "customers") / 1000
    assert shares[:3] == pytest.approx([1 - (month + 1) / 6 * (1 - kept) for month in range(3)])
    assert shares[3] == pytest.approx(shares[2] - 1 / 6 * (1 - few))
    assert (np.diff(shares) < 0).all()


def test_all_may_leave_and_no_more(tmp_path: Path):
    """A hazard that price drives above one takes everybody, and leaves no fewer than nobody."""
    plan = {"price": {0: 50, 6: 5000}, "churn": 0.2, "churn_elasticity": 2, "opening_customers": 1000}
    scenario = company(tmp_path, plan | {"share_of_deals": 0, "share_of_signups": 0})
    assert base(scenario, "customers")[6:] == pytest.approx(np.zeros(6), abs=0.01)
    assert (base(scenario, "customers") >= 0).all()


def test_use_falls_with_its_own_price(tmp_path: Path):
    """At a usage elasticity of 1, twice the price of tokens halves requests, and revenue from them stays."""
    planned = tariff(tmp_path, "metered", usage_elasticity=1)
    dearer = times(planned, "metered", 2)
    assert base(dearer, "requests") == pytest.approx(base(planned, "requests") / 2)
    assert base(dearer, "metered_revenue") == pytest.approx(base(planned, "metered_revenue"))


def test_use_does_not_answer_to_the_fee(tmp_path: Path):
    """A fee leaves use alone, and the bill that decides whether to buy is at the reference use."""
    plan = {"price": 10, "output_price": 8, "usage_elasticity": 1, "price_elasticity": 1}
    planned = company(tmp_path, plan)
    dearer = planned.with_value("plans.one.price", 20)
    assert base(dearer, "capped_requests") == pytest.approx(base(planned, "capped_requests"))
    tokens = planned.with_value("plans.one.output_price", 16)
    assert base(tokens, "customers_from_signups")[0] == pytest.approx(20 * (10 + 4) / (10 + 8))


# A plan that was free


def test_a_free_plan_that_starts_to_charge_keeps_its_share(tmp_path: Path):
    """Of those there, and of those who would have signed up, `stay_when_charged` remain; churn goes on beside it."""
    plan = {"price": {0: 0, 6: 20}, "stay_when_charged": 0.1, "opening_customers": 1000, "churn": 0.05}
    scenario = company(tmp_path, plan | {"share_of_deals": 0, "conversion": 0.5})
    assert base(scenario, "customers_from_signups") == pytest.approx([500] * 6 + [50] * 6)
    there, expected = 1000.0, []
    for month in range(MONTHS):
        there *= 1 if month == 0 else 0.95
        there = there * (0.1 if month == 6 else 1) + (500 if month < 6 else 50)
        expected.append(there)
    assert base(scenario, "customers") == pytest.approx(expected)


@pytest.mark.parametrize("gone", [0.0, 0.3])
def test_nobody_has_to_stay_when_a_plan_starts_to_charge(gone: float, tmp_path: Path):
    """A share of 0 empties the plan in the month of the change."""
    plan = {"price": {0: 0, 6: 20}, "stay_when_charged": gone, "opening_customers": 1000, "churn": 0}
    scenario = company(tmp_path, plan | {"share_of_deals": 0, "share_of_signups": 0})
    assert base(scenario, "customers") == pytest.approx([1000] * 6 + [1000 * gone] * 6, abs=0.01)


@pytest.mark.parametrize(
    "prices", ["price: {0: 0, 6: 20}", "price: {from: 0, to: 10, over: 6}", "seat_price: {0: 0, 6: 2}"]
)
def test_a_fee_from_nothing_asks_who_stays(prices: str, tmp_path: Path):
    """Without `stay_when_charged` the file is refused, and the message names the field."""
    text = company(tmp_path, {}).text.replace(
        "price: 0,", f"{prices}," if prices[0] == "p" else f"price: 0, {prices},", 1
    )
    with pytest.raises(ScenarioError, match="stay_when_charged"):
        parse(text, tmp_path, "charging.yaml")


# Upgrades


def test_upgrades_answer_to_the_price_of_the_better_plan(tmp_path: Path):
    """A tenth a month upgrades to two plans alike; at twice the price of one, a quarter of its half does, and stays."""
    better = {"price": 50, "conversion": 0, "churn": 0, "share_of_upgrades": 0.5, "requests_per_customer": 1}
    free = {"price": 0, "conversion": 0, "churn": 0, "opening_customers": 1000, "upgrade_rate": 0.1}
    plans = {"free": free | {"requests_per_customer": 1}, "elastic": better | {"price_elasticity": 2}, "other": better}
    planned = parse(written({"plan": plans}, TOP, months=1), tmp_path, "upgrades.yaml")
    for price, joined in {50: 50, 100: 12.5, 25: 200}.items():
        series = project(planned.with_value("plans.elastic.price", price), 0, evidence=False).series
        found = [float(series[f"customers[{plan}]"].base[0]) for plan in plans]
        assert found == pytest.approx([1000 - joined - 50, joined, 50])


# The reference is the file's


def test_set_and_what_if_keep_the_reference_of_the_file(tmp_path: Path):
    """A price doubled on the command line, in a what-if, or as an edit wins a quarter each time."""
    planned = tariff(tmp_path, "flat", price_elasticity=2)
    file = tmp_path / "priced.yaml"
    file.write_text(planned.text, encoding="utf-8")
    doubled = parse_overlay("overlay: 1\ntitle: Dear\nplans:\n  one: {price: {times: 2}}\n")
    ways = [
        scenario_of(Namespace(file=file, overlay=[], set=["plans.one.price=120"])),
        parse(planned.text, tmp_path, "priced.yaml", [doubled]),
        planned.with_value("plans.one.price", 120),
        planned.with_value("plans.one.churn", 0.05)
        .with_value("plans.one.price", 200)
        .with_value("plans.one.price", 120),
    ]
    assert [base(one, "customers_from_signups")[0] for one in ways] == pytest.approx([5] * 4)


@pytest.mark.parametrize("name", TARIFFS)
def test_a_saved_price_gives_the_same_numbers(name: str, tmp_path: Path):
    """Saving a changed price writes the old bill as the reference: read again, every line is the same bit for bit."""
    dearer = times(tariff(tmp_path, name, price_elasticity=1.3, churn_elasticity=0.4, usage_elasticity=0.2), name, 1.7)
    dearer.save(tmp_path / "saved.yaml")
    again = parse((tmp_path / "saved.yaml").read_text(encoding="utf-8"), tmp_path, "saved.yaml")
    one, other = (project(which, 20, evidence=False, percentiles=True) for which in (dearer, again))
    assert {key for key, series in one.series.items() if (series.base != other.series[key].base).any()} == set()
    assert {key for key, series in one.series.items() if (series.p05 != other.series[key].p05).any()} == set()


def test_an_unchanged_price_writes_no_reference(tmp_path: Path):
    """Another change leaves the file without a reference bill."""
    changed = tariff(tmp_path, "flat", price_elasticity=1).with_value("plans.one.churn", 0.02)
    assert "reference_bill" not in changed.to_yaml()


def test_a_plan_may_have_the_older_name_of_the_reference_bill(tmp_path: Path):
    """The older name is read as a field of a plan, and not as a part of its path."""
    text = tariff(tmp_path, "flat", price_elasticity=1, reference_price=30).text.replace("one:", "reference_price:")
    found = project(parse(text, tmp_path), 0, evidence=False).series["customers_from_signups[reference_price]"]
    assert found.base[0] == pytest.approx(10)


def test_a_mistake_under_the_older_name_is_told_under_it(tmp_path: Path):
    """Whoever looks for the name that is told finds it in the file."""
    with pytest.raises(ScenarioError, match=r"plans.one.reference_price: 'dear' is not a number"):
        tariff(tmp_path, "flat", price_elasticity=1, reference_price="dear")


def test_the_reference_price_of_old_files_is_the_reference_bill(tmp_path: Path):
    """An older name stays readable: 60 against a reference of 30 keeps half of the buyers at elasticity 1."""
    scenario = tariff(tmp_path, "flat", price_elasticity=1, reference_price=30)
    assert base(scenario, "customers_from_signups")[0] == pytest.approx(10)
