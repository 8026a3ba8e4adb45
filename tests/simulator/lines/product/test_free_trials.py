"""Free trials that convert, and plans that launch later."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from companies import written
from hypothesis import given, settings
from hypothesis import strategies as st
from invariants import check

from simulator.answers.draws import draw, trials_of
from simulator.answers.projection import Projection, project
from simulator.errors import ScenarioError
from simulator.scenario.numbers import simulation_of
from simulator.scenario.reading import parse
from simulator.scenario.scenario import Scenario

TOP = {"opening_cash": 0, "tax_rate": 0, "hours_per_month": 730}
PLAN = {"price": 20, "conversion": 0.5, "share_of_signups": 1, "churn": 0, "requests_per_customer": 100}
CHAT = {"chat": {"pool": "gpu", "tokens_per_request": 500}}
GPU = {"gpu": {"tokens_per_second": 2_000, "device_price": 2, "peak_to_mean": 1}}


def scenario(
    plans: dict[str, dict[str, Any]], signups: Any = 100, months: int = 12, credits: float = 0, **members: Any
) -> Scenario:
    """Return a company whose channel brings this many sign-ups a month."""
    press = {"budget": 0, "cost_per_signup": 1, "most_signups": 1, "organic_signups": signups}
    kinds = {"channel": {"press": press}, "plan": plans, "feature": CHAT, "pool": GPU, **members}
    top = TOP | {"opening_cloud_credits": credits}
    return parse(written(kinds, top, months=months, trials=0), Path())


def projected(months: int = 12, signups: Any = 100, **plan: Any) -> Projection:
    """Return the projection of a company with one plan."""
    return project(scenario({"app": PLAN | plan}, signups, months), 0)


def line(projection: Projection, name: str, plan: str = "app") -> list[float]:
    """Return a line of a plan by month."""
    return list(projection.ledger.of_member(name, plan))


# Free trials


def test_a_trial_of_two_months_brings_customers_in_the_third():
    """Fifty of 100 sign-ups try the plan in each month; a quarter of them buys two months later."""
    found = projected(trial_months=2, trial_conversion=0.25)
    assert line(found, "trials_started") == pytest.approx([50] * 12)
    assert line(found, "trial_users") == pytest.approx([50] + [100] * 11)
    assert line(found, "new_customers") == pytest.approx([0, 0] + [12.5] * 10)
    assert line(found, "subscription_revenue")[:5] == pytest.approx([0, 0, 250, 500, 750])


def test_two_weeks_are_a_month():
    """A free trial of half a month is rounded up to one."""
    assert line(projected(trial_months=0.5, trial_conversion=0.4), "new_customers")[:3] == pytest.approx([0, 20, 20])


def test_people_on_trial_are_served_as_a_cost_of_winning_customers():
    """With 50 on trial and no customer yet, 5,000 requests cost sales and marketing, and the gross profit is 0."""
    found = projected(trial_months=3, trial_conversion=0.5)
    first = {name: line(found, name)[0] for name in ("requests", "inference_cost", "free_inference", "paid_inference")}
    assert first["requests"] == pytest.approx(5_000)
    assert first["inference_cost"] > 0
    assert (first["free_inference"], first["paid_inference"]) == (pytest.approx(first["inference_cost"]), 0)
    # In month 3, 25 have bought, and 150 are on trial.
    assert line(found, "free_inference")[3] / line(found, "inference_cost")[3] == pytest.approx(150 / 175)


def test_cloud_credits_for_trials_lower_the_cost_of_winning_customers():
    """Where credits pay a vendor's bill, those for trials do not raise the gross margin."""
    vendor = {"vendor_share": 1, "vendor_output_price": 40, "credits_pay_vendor": 1}
    plan = PLAN | {"trial_months": 1, "trial_conversion": 0.25}
    paid_by_credits = scenario({"app": plan}, months=3, pool={"gpu": GPU["gpu"] | vendor}, credits=1e6)
    found = project(paid_by_credits, 0).ledger
    for credit, cost in (("credits_for_free_plans", "free_inference"), ("credits_for_customers", "paid_inference")):
        assert found.total(credit) == pytest.approx(-found.total(cost))
    assert found.total("free_inference") == pytest.approx([100, 100, 100])


def test_a_plan_earns_on_its_customers_and_not_on_trials():
    """The margin of a plan leaves trials out: customer acquisition cost has them already."""
    with_trials = projected(trial_months=1, trial_conversion=1, signups={0: 100, 1: 0}, months=3)
    bought = projected(signups={0: 0, 1: 100, 2: 0}, months=3)
    assert line(with_trials, "plan_margin") == pytest.approx(line(bought, "plan_margin"))
    assert line(with_trials, "free_inference")[0] > 0


def test_those_on_trial_at_the_start_end_evenly():
    """Of 60 people on a free trial of three months, 20 reach its end in each of the first three months."""
    found = projected(signups=0, trial_months=3, trial_conversion=0.5, opening_trial_users=60)
    assert line(found, "trials_ended")[:4] == pytest.approx([20, 20, 20, 0])
    assert line(found, "trial_users")[:4] == pytest.approx([40, 20, 0, 0])


def test_trials_without_a_share_who_buy_are_refused():
    """A free trial in which nobody says how many buy is an error that names the missing assumption."""
    with pytest.raises(ScenarioError, match="add `trial_conversion:` to plans"):
        projected(trial_months=1)


def test_each_trial_that_ends_has_one_of_two_outcomes():
    """In trials, buyers are a binomial count of the trials that end: its mean, its variance, and whole numbers."""
    company = scenario({"app": PLAN | {"trial_months": 1, "trial_conversion": 0.3}}, months=8)
    names = ("trials_started", "trials_ended", "trials_converted", "trial_users", "customers")
    found = {name: values[:, 0, 1:] for name, values in trials_of(company, 4_000).keep(names).items()}
    started, ended, bought = (found[name] for name in names[:3])
    assert (ended[1:] == started[:-1]).all()
    assert (found["trial_users"] == started).all()
    assert (bought == np.rint(bought)).all()
    assert (bought <= ended).all()
    assert (found["customers"] == bought.cumsum(axis=0)).all()
    # Starts are Poisson with mean 50, so buyers are Poisson with mean 15; given the starts they are binomial.
    later = bought[1:]
    assert later.mean() == pytest.approx(15, abs=4 * np.sqrt(15 / later.size))
    rest = later - 0.3 * ended[1:]
    assert rest.var() == pytest.approx(50 * 0.3 * 0.7, rel=0.05)


def by_hand(length: int, share: float, signups: list[float], churn: float) -> tuple[list[float], list[float]]:
    """Return people on trial and customers by month, each sign-up followed by itself."""
    on_trial, customers = np.zeros(len(signups)), np.zeros(len(signups))
    for began, number in enumerate(signups):
        for month in range(began, len(signups)):
            passed = month - began
            if passed < length:
                on_trial[month] += number / 2
            else:
                customers[month] += number / 2 * (share if length else 1) * (1 - churn) ** (passed - length)
    return on_trial.tolist(), customers.tolist()


@settings(max_examples=12, deadline=None)
@given(length=st.integers(0, 5), share=st.sampled_from((0.0, 0.2, 1.0)), churn=st.sampled_from((0.0, 0.1)),
       signups=st.lists(st.integers(0, 50), min_size=10, max_size=10))  # fmt: skip
def test_customers_are_those_of_every_signup_by_itself(length: int, share: float, churn: float, signups: list[int]):
    """The lines agree with a count of each month's sign-ups, through the trial and after it."""
    found = projected(10, dict(enumerate(signups)), trial_months=length, trial_conversion=share, churn=churn)
    on_trial, customers = by_hand(length, share, [float(one) for one in signups], churn)
    assert line(found, "trial_users") == pytest.approx(on_trial)
    assert line(found, "customers") == pytest.approx(customers)


# Launches


def test_nobody_buys_before_the_launch():
    """A plan that launches in month 4 loses the sign-ups before, and its neighbour gets none of them."""
    plans = {"early": PLAN | {"share_of_signups": 0.4}, "late": PLAN | {"share_of_signups": 0.6, "launch_month": 4}}
    found = project(scenario(plans), 0)
    assert line(found, "new_customers", "late") == pytest.approx([0] * 4 + [30] * 8)
    assert line(found, "new_customers", "early") == pytest.approx([20] * 12)


def test_nobody_upgrades_to_a_plan_before_its_launch():
    """Customers who would upgrade to a plan that is not sold yet stay where they are."""
    free = PLAN | {"price": 0, "conversion": 0, "share_of_signups": 0, "opening_customers": 1_000, "upgrade_rate": 0.1}
    paid = PLAN | {"share_of_signups": 0, "share_of_upgrades": 1, "launch_month": 3}
    found = project(scenario({"free": free, "paid": paid}), 0)
    assert line(found, "customers", "free")[:5] == pytest.approx([1_000, 1_000, 1_000, 900, 810])
    assert line(found, "customers", "paid")[:5] == pytest.approx([0, 0, 0, 100, 190])


def test_sellers_win_no_deals_for_a_plan_before_its_launch():
    """Deals of the plan begin with its launch; a launch between two months waits for the next."""
    seller = {"heads": 1, "opening_headcount": 1, "salary": 0, "selling_share": 1, "quota": 5}
    plan = PLAN | {"share_of_deals": 1, "share_of_signups": 0, "launch_month": 1.5}
    found = project(scenario({"app": plan}, role={"seller": seller}), 0)
    assert line(found, "new_customers")[:4] == pytest.approx([0, 0, 5, 5])


@pytest.mark.parametrize("months", [1, 3])
def test_books_with_trials_and_a_launch_balance(months: int):
    """All rules of the books hold for a plan with a free trial, a launch and a feedback loop, in trials."""
    plan = PLAN | {"trial_months": months, "trial_conversion": 0.3, "launch_month": 2, "opening_trial_users": 5}
    company = scenario({"app": plan, "other": PLAN | {"share_of_signups": 0}})
    assert check(simulation_of(company, draw(company, 20))) == []
