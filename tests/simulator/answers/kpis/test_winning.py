"""What it costs to win customers and what they bring, for companies simple enough to compute by hand."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from companies import written

from simulator.answers.customers.economics import unit_economics
from simulator.answers.pricing.aims import Aim, outcomes_of
from simulator.answers.projection import Projection, project
from simulator.scenario.reading import load, parse
from simulator.scenario.scenario import Scenario

TOP = {"opening_cash": 5_000_000, "tax_rate": 0, "hours_per_month": 730}
# Half of the sign-ups buy, so a customer costs twice a sign-up; the channel is far from saturated.
ADS = {"budget": 1000, "cost_per_signup": 500, "most_signups": 1e9}
PLAN = {"price": 100, "conversion": 0.5, "share_of_signups": 1, "churn": 0.2, "requests_per_customer": 0}


def projected(
    plans: Mapping[str, Mapping[str, Any]], ads: Mapping[str, Any] | None = None, months: int = 36, **members: Any
) -> Projection:
    """Return the base case of a company that serves at no cost, with these plans and one channel."""
    named = {name: {**PLAN, **plan} for name, plan in plans.items()}
    listed = {"channel": {"ads": {**ADS, **(ads or {})}}, "plan": named, **members}
    return project(parse(written(listed, TOP, months=months), Path()), 0, evidence=False)


def value(found: Projection, name: str) -> float | None:
    """Return a KPI."""
    return found.kpis[name].value


@pytest.mark.parametrize(
    ("churn", "cost", "ratio", "payback"),
    [
        (0.2, 1000, 100 * (1 - 0.8**36) / 0.2 / 1000, None),
        (0.2, 2000, 100 * (1 - 0.8**36) / 0.2 / 2000, None),
        (1.0, 105, 100 / 105, None),
        (0.0, 1000, 3.6, 10),
        (0.0, 1001, 3600 / 1001, 11),
        (0.02, 1000, 100 * (1 - 0.98**36) / 0.02 / 1000, 12),
    ],
)
def test_a_cohort_pays_back_from_what_is_left_of_it(churn: float, cost: float, ratio: float, payback: float | None):
    """Gross profit after n months is 100 (1 − (1 − c)^n) / c a customer; at 2 % 11 months bring 996, 12 bring 1,076."""
    found = projected({"basic": {"churn": churn, "opening_customers": 3000}}, {"cost_per_signup": cost / 2})
    assert value(found, "cac") == pytest.approx(cost, rel=1e-5)
    assert value(found, "ltv_to_cac") == pytest.approx(ratio, rel=1e-5)
    assert value(found, "payback_months") == payback
    if payback is None:
        assert "does not pay back" in found.kpis["payback_months"].why


@pytest.mark.parametrize("organic", [0, 5])
def test_spending_that_has_stopped_still_tells_what_customers_cost(organic: float):
    """With no budget in the last year, cost and value are those of the last twelve months that had one."""
    stopped = {"budget": {0: 10_000, 24: 0}, "organic_signups": organic}
    kept = {"budget": 10_000, "organic_signups": organic}
    plans = {"basic": {"opening_customers": 3000}}
    before, after = (projected(plans, ads) for ads in (kept, stopped))
    assert value(after, "cac") == pytest.approx(value(before, "cac"))
    assert value(after, "ltv_to_cac") == pytest.approx(value(before, "ltv_to_cac"))
    assert value(after, "cac") == pytest.approx(10_000 / (10 + organic / 2), rel=1e-4)


def test_each_plan_bears_what_wins_its_customers():
    """Channels are paid by those who sign up, sellers by deals; LTV is a sum over plans, not a product of means."""
    plans = {
        "small": {"price": 50, "churn": 0.1},
        "large": {"price": 10_000, "churn": 0.01, "share_of_signups": 0, "share_of_deals": 1},
    }
    seller = {"heads": 1, "opening_headcount": 1, "salary": 120_000, "selling_share": 1, "quota": 0.5}
    found = projected(plans, role={"seller": seller})
    small, large = (unit_economics(found.ledger, plan) for plan in plans)
    lives = {"small": 50 * (1 - 0.9**36) / 0.1, "large": 10_000 * (1 - 0.99**36) / 0.01}
    assert (small.cac, large.cac) == pytest.approx((1000, 20_000), rel=1e-4)
    assert (small.lifetime, large.lifetime) == pytest.approx((lives["small"], lives["large"]), rel=1e-4)
    # Each month the channel wins one customer for 1,000, and the seller half a customer for 10,000.
    assert value(found, "ltv") == pytest.approx((lives["small"] + 0.5 * lives["large"]) / 1.5, rel=1e-4)
    assert value(found, "ltv_to_cac") == pytest.approx((lives["small"] + 0.5 * lives["large"]) / 11_000, rel=1e-4)
    assert small.payback is None
    assert large.payback == 3


def test_sellers_are_paid_before_their_deals_close():
    """With a sales cycle of six months, the deals of a year were paid by sellers who were there half a year earlier."""
    heads = {0: 1, 18: 3}
    seller = {"heads": heads, "opening_headcount": 1, "salary": 120_000, "selling_share": 1, "quota": 1}
    plans = {"large": {"share_of_signups": 0, "share_of_deals": 1}}
    text = {"channel": {"ads": {**ADS, "budget": 0}}, "plan": {"large": {**PLAN, **plans["large"]}}}
    company = written({**text, "role": {"seller": seller}}, {**TOP, "sales_cycle": 6}, months=30)
    found = project(parse(company, Path()), 0, evidence=False)
    assert value(found, "cac") == pytest.approx(10_000)
    assert found.kpis["cac"].others["lagged by the sales cycle"] == pytest.approx(10_000)


def test_a_free_plan_is_a_way_to_win_customers_of_a_paid_one():
    """Free users who upgrade are won by the channel; the free plan itself wins nobody."""
    plans = {
        "free": {"price": 0, "upgrade_rate": 0.5, "churn": 0},
        "paid": {"share_of_signups": 0, "share_of_upgrades": 1, "churn": 0.1},
    }
    found = projected(plans, months=60)
    assert unit_economics(found.ledger, "free").cac is None
    assert unit_economics(found.ledger, "paid").cac == pytest.approx(1000, rel=1e-4)


def test_a_fee_for_setting_up_comes_once():
    """A customer who stays one month brings the setup fee and one month, however many customers there are."""
    found = projected({"basic": {"churn": 1.0, "setup_fee": 300, "service_cost_share": 0}})
    assert value(found, "ltv") == pytest.approx(400)


def test_payment_fees_on_setting_up_come_once():
    """A customer who stays three years brings 97 % of the setup fee and of 36 monthly fees."""
    found = projected({"basic": {"churn": 0, "setup_fee": 300, "service_cost_share": 0, "payment_fee": 0.03}})
    assert value(found, "ltv") == pytest.approx(0.97 * (300 + 36 * 100))


def test_setting_up_costs_what_it_costs_when_customers_join():
    """It took 80 % of the fee in the first year and nothing since, so 300 and a month's 100 pay back 350 at once."""
    plan = {"churn": 0, "setup_fee": 300, "service_cost_share": {0: 0.8, 12: 0}}
    found = projected({"basic": plan}, {"cost_per_signup": 175})
    assert value(found, "payback_months") == 1
    assert value(found, "ltv") == pytest.approx(300 + 36 * 100)


def test_prepaid_money_is_not_profit_before_it_is_earned():
    """A year paid ahead pays a customer back no sooner than the same fee month by month."""
    monthly, ahead = (projected({"basic": {"churn": 0, "prepaid_months": n}}, months=48) for n in (1, 12))
    assert value(monthly, "payback_months") == 10
    assert value(ahead, "payback_months") == 10


def test_money_spent_in_vain_has_no_payback():
    """Where a channel brings nobody, there is neither a cost of winning a customer nor a payback."""
    found = projected({"basic": {"conversion": 0}})
    assert found.kpis["cac"].why == "No paying customers are won."
    assert found.verdict.grade not in {"gold mine", "sound"}


def test_customers_who_come_by_themselves_cost_nothing():
    """Without any spending CAC is 0, and there is nothing to pay back."""
    found = projected({"basic": {}}, {"budget": 0, "organic_signups": 20})
    assert value(found, "cac") == 0
    assert found.kpis["payback_months"].why == "Winning customers costs nothing."


@pytest.mark.parametrize(("literal", "churn"), [({"churn_level": 2.0}, 0.2), ({"churn_elasticity": 1.0}, 0.2)])
def test_what_drives_customers_away_shortens_what_they_bring(literal: Mapping[str, Any], churn: float):
    """At twice the price or the pull of the market, a churn of 10 % takes a fifth of a new cohort each month."""
    dear = {"price": {0: 50, 1: 100}} if "churn_elasticity" in literal else {}
    found = projected({"basic": {"churn": 0.1, **dear, **literal}})
    assert value(found, "ltv") == pytest.approx(100 * (1 - (1 - churn) ** 36) / churn, rel=1e-9)


def test_a_better_rival_shortens_what_customers_bring():
    """A rival who takes a tenth of all customers each month is part of the loss, like churn."""
    event = {"starts": 0, "lasts": 240, "customers_lost": 0.1}
    found = projected({"basic": {"churn": 0.1}}, event={"rival": event})
    assert value(found, "ltv") == pytest.approx(100 * (1 - 0.81**36) / 0.19, rel=1e-9)


# Changes after which customers are won in other months, by nobody, by dearer sellers, or stay and pay otherwise.
CHANGES: list[dict[str, Any]] = [
    {"channels.search.budget": {0: 9000, 40: 0}, "channels.search.organic_signups": 0, "channels.outbound.budget": 0},
    {"channels.search.budget": {0: 9000, 30: 0}},
    {"plans.team.conversion": 0, "plans.starter.conversion": 0, "plans.team.share_of_deals": 0},
    {"sales_cycle": 0},
    {"sales_cycle": 7.5},
    {"roles.seller.quota": 0},
    {"plans.team.prepaid_months": 12, "plans.team.refund_on_leaving": 0.5},
    {"plans.team.contract_months": 12, "plans.team.churn": 0.2, "plans.team.churn_spread": 0.1},
    {"plans.team.setup_fee": 500, "plans.team.price": {0: 1490, 30: 1700}},
    {"plans.team.price": 0},
]


@pytest.mark.parametrize("kpi", ["ltv_to_cac", "payback_months", "cac"])
def test_side_by_side_every_change_has_its_own_base_case(support: Scenario, kpi: str):
    """Each of them alone, as a scenario of its own, has the same customers, window, cost and value."""
    variants = [support.with_values(one) for one in CHANGES]
    changed = [
        {path: made.assumptions[path].base(made.months) for path in one}
        for one, made in zip(CHANGES, variants, strict=True)
    ]
    (found,), _ = outcomes_of(support, [Aim.of_kpi(kpi)], changed)
    alone = [project(one, 0, evidence=False).kpis[kpi].value for one in (support, *variants)]
    assert found[np.isfinite(found)] == pytest.approx([one for one in alone if one is not None], rel=1e-9)
    assert [one is None for one in alone] == (~np.isfinite(found)).tolist()


@pytest.fixture(scope="module")
def support() -> Scenario:
    """Return a shipped scenario with sellers, channels and two plans."""
    return load(Path(__file__).parents[4] / "scenarios" / "support-copilot.yaml")
