"""The verdict of companies whose fate is plain: the grade, and the sentence that is true of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from companies import written
from scipy.stats import norm

from simulator.answers.kpis.registry import Drawn
from simulator.answers.outcomes import quantile_of
from simulator.answers.projection import Projection, is_settled, project, settle, with_more_trials
from simulator.answers.reasons import among_trials
from simulator.answers.variations.cost_drivers import cost_drivers
from simulator.scenario.reading import parse

TOP = {"opening_cash": 5_000_000, "tax_rate": 0, "hours_per_month": 730}
PLAN = {"price": 100, "conversion": 0.5, "share_of_signups": 1, "churn": 0.02, "requests_per_customer": 0}
SOURCED = {"value": 100, "source": "a price list", "as_of": "2026-11-09"}
ADS = {"budget": 1000, "cost_per_signup": 500, "most_signups": 1e9}


def company(
    top: Mapping[str, Any] | None = None,
    plan: Mapping[str, Any] | None = None,
    ads: Mapping[str, Any] | None = None,
    trials: int = 0,
    **more: Any,
) -> Projection:
    """Return the projection of a company with one plan and one channel, that serves at no cost."""
    head = {key: more.pop(key) for key in ("months", "seed", "counts") if key in more}
    members = {"channel": {"ads": {**ADS, **(ads or {})}}, "plan": {"basic": {**PLAN, **(plan or {})}}, **more}
    text = written(members, {**TOP, **(top or {})}, **{"months": 36, "counts": "expected", **head})
    return project(parse(text, Path()), trials, evidence=False)


def said(found: Projection) -> str:
    """Return all that the verdict says."""
    verdict = found.verdict
    return "\n".join(map(str, (verdict.sentence, *verdict.reasons, *verdict.changes)))


@pytest.mark.parametrize(("cost", "churn"), [(1000, 0.2), (2000, 0.2), (105, 1.0)])
def test_customers_who_cost_more_than_they_bring_are_no_gold_mine(cost: float, churn: float):
    """Existing customers pay all costs, and each new one loses money."""
    found = company(plan={"churn": churn, "opening_customers": 3000}, ads={"cost_per_signup": cost / 2})
    assert found.verdict.grade == "fragile"
    assert "Growth costs more than it brings: winning a customer costs" in str(found.verdict.sentence)
    assert "Raise LTV over CAC from" in said(found)


def test_spending_that_has_stopped_does_not_turn_customers_into_gold():
    """Marketing ends a year before the plan does, and the grade remembers what customers cost."""
    found = company(
        plan={"churn": 0.2, "opening_customers": 30_000}, ads={"budget": {0: 10_000, 24: 0}, "organic_signups": 1}
    )
    assert found.verdict.grade not in {"gold mine", "sound"}


def test_customers_who_pay_back_fast_are_a_gold_mine():
    """Payback in one month, a margin of 100 %, a profit from the start and plenty of cash."""
    found = company(plan={"opening_customers": 100}, ads={"cost_per_signup": 40})
    assert found.verdict.grade == "gold mine"
    assert str(found.verdict.sentence).startswith("On these assumptions customers pay back fast")
    assert found.verdict.next_grade is None


def test_a_reseller_with_thin_margins_is_no_bubble():
    """Royalties of 85 % leave a gross margin of 15 %, and the company lives on it from the first month."""
    found = company(plan={"royalty_share": 0.85, "opening_customers": 10_000}, ads={"budget": 10, "cost_per_signup": 5})
    assert found.verdict.grade == "fragile"
    sentence = str(found.verdict.sentence)
    assert sentence.startswith("The business makes a profit on thin margins: gross margin is 15%")
    assert "by 18% would end the profit" in sentence


def test_a_company_before_its_revenue_is_no_bubble():
    """Cash lasts to the end, and nobody has been charged yet."""
    found = company(plan={"price": 0}, ads={"budget": 0})
    assert found.verdict.grade == "fragile"
    assert str(found.verdict.sentence).startswith("There is no revenue in the last year: cash lasts")
    near = company({"opening_cash": 365_000, "fixed_overhead": 10_000}, {"price": 0}, {"budget": 0})
    assert str(near.verdict.sentence) == "There is no revenue in the last year, and at its end cash lasts 0.5 months."
    poor = company({"opening_cash": 100_000, "fixed_overhead": 10_000}, {"price": 0}, {"budget": 0})
    assert poor.verdict.grade == "bubble"
    assert str(poor.verdict.sentence) == "Cash runs out in month 10, before there is any revenue."


def test_a_mature_company_that_seeks_no_customers_can_be_a_gold_mine():
    """Old customers stay and pay; payback does not apply."""
    manager = {"heads": 1, "opening_headcount": 1, "salary": 60_000, "selling_share": 1}
    found = company(plan={"opening_customers": 5000, "churn": 0.001}, ads={"budget": 0}, role={"manager": manager})
    assert found.verdict.grade == "gold mine"
    assert "wins no new customers" in str(found.verdict.sentence)
    assert "so payback does not apply" in said(found)


def test_a_scenario_that_is_dead_in_month_14_is_a_bubble_that_says_so():
    """1,450,000 lasts 14 months at 100,000, and there is never a profit."""
    found = company({"opening_cash": 1_450_000, "fixed_overhead": 100_000}, {"conversion": 0.001})
    assert found.verdict.grade == "bubble"
    assert str(found.verdict.sentence).startswith("Cash runs out in month 14, and even without that limit")


def test_a_loss_of_some_trials_is_not_told_as_one_of_all():
    """Cash runs out in the base case; lognormal costs exceed the revenue of 100,000 in three of four trials."""
    overhead = "90% between 90000 and 130000"
    top = {"opening_cash": -200_000, "fixed_overhead": overhead}
    found = company(top, {"opening_customers": 1_000, "churn": 0}, {"budget": 0}, trials=400).verdict.sentence
    chance = norm.cdf(np.log(np.sqrt(90 * 130) / 100) / (np.log(130 / 90) / 2 / norm.ppf(0.95)))
    assert str(found).startswith("In the base case cash runs out in month 0, and even without that limit the last year")
    assert found.values["loss"][0] == pytest.approx(chance, abs=0.01)


def test_funding_that_comes_too_late_is_named_with_what_is_missing():
    """Cash of 716,000 lasts seven months at 100,000; ten months need 284,000 more, and then three million come."""
    found = company(
        {"opening_cash": 716_000, "fixed_overhead": 100_000},
        {"conversion": 0.001},
        {"budget": 0},
        round={"a": {"close_month": 10, "amount": 3_000_000}},
        months=30,
    )
    assert found.verdict.grade == "fragile"
    assert str(found.verdict.sentence) == (
        "Cash runs out in month 7, 3 months before the next funding closes in month 10: in the base case "
        "284,000 EUR more by month 7, "
        "or that funding 3 months earlier, would carry the company on."
    )


def test_a_dead_company_has_no_value():
    """What follows after cash has run out never happens: no value, no rate of return."""
    found = company({"opening_cash": 1_450_000, "fixed_overhead": 100_000}, {"conversion": 0.001})
    for name in ("net_present_value", "internal_rate_of_return", "company_value"):
        assert found.kpis[name].value is None
        assert found.kpis[name].why == "Cash runs out before the last month, so the plan never gets there."


# Chances


def lottery(least: float = 0, most: float = 1_000_000, **head: Any) -> Projection:
    """Return a company that pays an amount between two ends in its only other month; nothing else happens."""
    overheads = {"legal": {"begins": 1, "once": {"uniform": [least, most]}}}
    return company(
        {"opening_cash": head.pop("cash")}, ads={"budget": 0}, plan={"price": 100, "opening_customers": 1},
        overhead=overheads, months=2, **head,
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("cash", "ruin"), [(900_000, 0.1), (500_000, 0.5), (50_000, 0.95)])
def test_a_chance_comes_with_its_standard_error(seed: int, cash: float, ruin: float):
    """The chance is 1 − cash / 1,000,000, with the error of a binomial, or less where slices of trials tell it."""
    binomial = (ruin * (1 - ruin)) ** 0.5
    few, many = (lottery(cash=cash - 200, trials=count, seed=seed).kpis["probability_of_ruin"] for count in (900, 2000))
    assert few.error == pytest.approx(binomial / 900**0.5, rel=0.2)
    assert few.value == pytest.approx(ruin, abs=0.002)
    assert many.error == pytest.approx(binomial / 2000**0.5 / 4, rel=0.01)
    assert many.value == pytest.approx(ruin, abs=0.001)


def test_no_ruin_in_the_trials_is_no_certainty():
    """Where no trial runs out, the standard error is still above zero."""
    kpi = lottery(cash=2_000_000, trials=500).kpis["probability_of_ruin"]
    assert kpi.value == 0
    assert 0 < kpi.error < 1 / 500


def test_a_median_comes_with_its_standard_error():
    """The median of n normal numbers has the deviation √(π / 2n) of theirs."""
    values = np.random.default_rng(0).standard_normal(20_000)
    found = quantile_of(values, 0.5)
    assert found.error == pytest.approx((np.pi / 2 / 20_000) ** 0.5, rel=0.2)
    low = quantile_of(values, 0.05)
    assert low.value == pytest.approx(norm.ppf(0.05), abs=4 * low.error)
    assert low.error == pytest.approx((0.05 * 0.95 / 20_000) ** 0.5 / norm.pdf(norm.ppf(0.05)), rel=0.2)


def between_grades(**head: Any) -> Projection:
    """Return a company whose chance of running out of cash is exactly a fifth, and that is sound otherwise."""
    overheads = {"legal": {"begins": 1, "once": {"uniform": [0, 1_000_000]}}}
    plan = {"opening_customers": 5000, "churn": 0, "royalty_share": 0.4}
    return company(
        {"opening_cash": 200_000}, plan, {"budget": 0}, overhead=overheads, months=26, **head,
    )  # fmt: skip


def test_a_grade_that_the_trials_cannot_tell_is_undecided():
    """The income of two months and the cash cover exactly four fifths of what may come."""
    found = settle(between_grades(trials=500))
    assert found.kpis["probability_of_ruin"].value == pytest.approx(0.2, abs=0.012)
    assert (found.verdict.grade, found.verdict.between) == ("undecided", ("sound", "fragile"))
    assert found.verdict.trials == 20_000
    assert found.verdict.next_grade == "sound"
    assert "20,000 trials cannot decide the grade: the chance of running out of cash, " in said(found)


def test_what_the_trials_cannot_tell_asks_for_a_clear_figure():
    """A chance that lies at its bound, on whichever side, is never asked to be raised to less than it is."""
    for seed in range(4):
        found = between_grades(trials=500, seed=seed)
        assert found.verdict.next_grade == "sound"
        (asked, *_) = map(str, found.verdict.changes)
        assert asked.startswith("Lower the chance of running out of cash from "), asked
        assert asked.endswith(" to clearly less than 20%."), asked


def test_a_margin_that_half_of_the_trials_lack_cannot_decide():
    """In 49 of 100 trials customers come and pay, which is too close to one half."""
    free = {"discount": {"chance": 0.3}, "conversion": {"chance": 0.7}, "stay_when_charged": 0.3}
    found = company({"opening_cash": 1e8, "fixed_overhead": 1e5}, free, trials=1000)
    assert found.verdict.between == ("fragile", "bubble")
    assert "1,000 trials cannot decide the grade: about half of them have no revenue in the last year." in said(found)
    assert "Too many trials have no revenue in the last year." in said(found)
    assert found.kpis["low_gross_margin"].why == "Too many trials have no revenue in the last year."


def test_trials_are_added_only_while_the_grade_is_open():
    """A clear case is settled at once; a block more of an open one holds the first trials and 2,000 more."""
    clear = lottery(cash=2_000_000, trials=500)
    assert is_settled(clear)
    assert settle(clear) is clear
    first = between_grades(trials=500)
    more = with_more_trials(first)
    assert more.figures.outcomes.trials == 2_500
    assert (more.figures.outcomes.broke[:500] == first.figures.outcomes.broke).all()
    assert more.series is first.series


def test_few_trials_decide_nothing():
    """Of ten trials that all survive, a chance of one in five would often show none."""
    found = between_grades(trials=10)
    assert found.verdict.grade == "undecided"


def test_where_nothing_is_drawn_there_are_no_chances():
    """A plan without ranges and with expected counts says so, and is judged by its base case."""
    found = company(plan={"opening_customers": 100}, trials=200)
    assert found.figures.drawn is Drawn.NOTHING
    assert "Nothing in this scenario is drawn" in found.kpis["probability_of_ruin"].why
    assert "Nothing in this scenario is drawn" in said(found)
    assert "of the trials" not in said(found)
    assert found.verdict.trials == 0


def test_where_nobody_comes_or_goes_counts_draw_nothing():
    """Counts are drawn, but a company without customers has none."""
    found = company(plan={"price": 0, "conversion": 0}, ads={"budget": 0}, trials=200, counts="drawn")
    assert found.figures.drawn is Drawn.NOTHING
    assert found.verdict.grade != "undecided"


def test_where_only_counts_vary_the_verdict_says_so():
    """Counts of customers are drawn although no assumption has a range."""
    found = company(plan={"opening_customers": 100}, trials=200, counts="drawn")
    assert "No assumption has a range: only counts vary" in said(found)
    assert found.kpis["probability_of_ruin"].value == 0


def test_the_base_case_alone_is_judged_as_such():
    """Without trials the verdict is on the base case, and says so."""
    found = lottery(cash=600_000, trials=0)
    assert "No trials were run, so the verdict is on the base case." in said(found)
    assert found.verdict.trials == 0


@pytest.mark.parametrize("margin", [0.6, 0.1])
@pytest.mark.parametrize("overhead", [0, 20_000])
@pytest.mark.parametrize("customers", [0, 50, 400])
def test_the_base_case_alone_says_nothing_of_trials(margin: float, overhead: float, customers: int):
    """Whatever its grade, a verdict without trials names none but that there are none."""
    plan = {"opening_customers": customers, "royalty_share": 1 - margin}
    found = company({"opening_cash": 2_000_000, "fixed_overhead": overhead}, plan)
    words = said(found).replace("No trials were run, so the verdict is on the base case.", "")
    assert "trials" not in words.replace("every trial would be the base case", "")
    assert "edian" not in words


def test_two_sellers_with_few_deals_are_no_gold_mine():
    """The base case is safe and rich; in more than a quarter of the trials deals come too late (27.6 % of 20,000)."""
    seller = {"heads": 2, "opening_headcount": 2, "salary": 0, "quota": 0.3}
    plan = {"price": 20_000, "share_of_signups": 0, "share_of_deals": 1}
    found = company(
        {"opening_cash": 600_000, "fixed_overhead": 100_000}, plan, {"budget": 0}, role={"seller": seller},
        trials=4000, counts="drawn",
    )  # fmt: skip
    ruin = found.kpis["probability_of_ruin"]
    assert ruin.value == pytest.approx(0.276, abs=4 * ruin.error)
    assert found.verdict.grade == "fragile"


def test_a_chance_before_the_next_round_counts_only_what_comes_before():
    """Cash runs out in the second month in half of the trials, and the round closes in the third."""
    overheads = {
        "legal": {"begins": 1, "once": {"uniform": [0, 1_000_000]}},
        "move": {"begins": 4, "once": {"uniform": [0, 1e7]}},
    }
    found = company(
        {"opening_cash": 500_000}, {"price": 0}, {"budget": 0}, overhead=overheads, months=6, trials=4000,
        round={"a": {"close_month": 2, "amount": 1_000_000}},
    )  # fmt: skip
    before, ever = (found.kpis[name] for name in ("ruin_before_round", "probability_of_ruin"))
    assert before.value == pytest.approx(0.5, abs=4 * before.error)
    assert ever.value > 0.85


def test_the_base_case_is_told_from_the_median_trial():
    """A cost of mode 0 and mean 2/3 leaves the base case with more cash than nearly all trials."""
    overheads = {"legal": {"begins": 1, "once": {"pert": [0, 0, 1_000_000]}}}
    found = company({"opening_cash": 2_000_000}, ads={"budget": 0}, overhead=overheads, months=2, trials=1000)
    message = among_trials(found.figures)
    assert message is not None
    assert message.values["beaten"][0] > 0.98
    assert "more cash than 100% of the trials" in str(message)


# Runway


def burning(cash: float, months: int = 12, **more: Any) -> Projection:
    """Return a company that burns 100,000 a month."""
    top = {"opening_cash": cash, "fixed_overhead": 100_000}
    return company(top, {"conversion": 0}, {"budget": 0}, months=months, **more)


def test_a_scenario_that_ends_with_a_month_of_cash_says_so():
    """Twelve months at 100,000 leave 95,000 of 1,295,000: less than a month."""
    found = burning(1_295_000)
    assert found.kpis["runway"].value is None
    assert found.kpis["months_left"].value == pytest.approx(0.95)
    assert "At the end cash lasts 0.9 months" in said(found)


@pytest.mark.parametrize(
    ("members", "alone"),
    [
        ({"round": {"a": {"close_month": 4, "amount": 2_000_000, "closing_cost": 0.05}}}, 6),
        ({"safe": {"a": {"signed_month": 4, "investment": 2_000_000}}}, 6),
        ({"loan": {"a": {"drawn_month": 4, "principal": 2_000_000, "interest_rate": 0.12}}}, 6),
        ({"round": {"a": {"close_month": 0, "amount": 300_000}, "b": {"close_month": 4, "amount": 1_000_000}}}, 9),
    ],
)
def test_runway_is_told_without_money_that_has_not_come(members: Mapping[str, Any], alone: float):
    """600,000 last six months whatever is promised; what closes in the first month is there."""
    found = burning(600_000, **members)
    assert found.kpis["runway"].value is None
    assert found.kpis["runway"].others["without funding that has not closed"] == alone
    assert f"Without the funding that has not closed yet, cash runs out in month {alone}." in said(found)


def test_the_trough_that_counts_is_the_one_after_the_last_funding():
    """Cash is lowest before the round; after it, the last month is."""
    found = burning(600_000, round={"a": {"close_month": 5, "amount": 2_000_000}})
    assert (found.kpis["lowest_cash"].value, found.kpis["lowest_cash_month"].value) == (pytest.approx(100_000), 4)
    trough, month = (found.kpis[f"lowest_cash_after_funding{end}"].value for end in ("", "_month"))
    assert (trough, month) == (pytest.approx(1_400_000), 11)
    assert burning(2e6).kpis["lowest_cash_after_funding"].why.startswith("No round, SAFE or loan closes")


def test_a_reference_that_follows_from_prices_is_no_assumption_of_its_own():
    """Of what moves cost, less is assumed where reading fills in the reference bill than where the file states it."""
    plan = {"price_elasticity": 2, "royalty_share": 0.1}
    filled, stated = (
        cost_drivers(company(plan={**plan, **bill}).scenario)["costs"].by_kind["assumed"]
        for bill in ({"price": SOURCED}, {"price": SOURCED, "reference_bill": 100})
    )
    assert 0 < filled < stated
