"""KPIs against their definitions, for companies simple enough to compute by hand."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from companies import written

from simulator.answers.kpis import DEFINITIONS, Kpi
from simulator.answers.projection import Projection, project
from simulator.scenario.reading import parse

TOP = {"hours_per_month": 730, "opening_cash": 1_000_000, "tax_rate": 0}
CHANNEL = {"budget": 1000, "cost_per_signup": 10, "most_signups": 1_000_000, "organic_signups": 50}
PLAN = {"price": 100, "conversion": 0.5, "share_of_signups": 1, "churn": 0.02, "requests_per_customer": 100}
POOL = {"tokens_per_second": 1000, "device_price": 2, "peak_to_mean": 2}
FEATURE = {"pool": "large", "tokens_per_request": 1000}


def kpis(plan: Mapping[str, Any] | None = None, head: str = "", **top: Any) -> dict[str, Kpi]:
    """Return the KPIs of a company with one plan, one channel and one pool."""
    return company({"basic": {**PLAN, **(plan or {})}}, head, **top)


def company(plans: Mapping[str, Any], head: str = "", **top: Any) -> dict[str, Kpi]:
    """Return the KPIs of a company with these plans, one channel and one pool."""
    members = {"channel": {"ads": CHANNEL}, "plan": plans, "feature": {"chat": FEATURE}, "pool": {"large": POOL}}
    return projected(members, head, months=36, **top).kpis


def projected(members: Mapping[str, Any], head: str = "", months: int = 12, **top: Any) -> Projection:
    """Return the base case of a company with these members."""
    text = written(members, {**TOP, **top}, months=months) + head
    return project(parse(text, Path()), 0, evidence=False)


def value(kpi: Kpi, variant: str = "") -> float:
    """Return a KPI by one of its definitions."""
    found = kpi.others[variant] if variant and variant != kpi.variant else kpi.value
    assert found is not None, kpi.why
    return found


@pytest.mark.parametrize(
    ("growth", "net", "gross"),
    [(None, 0.98, 0.98), (0.03, 0.98 * 1.03, 0.98), (-0.01, 0.98 * 0.99, 0.98 * 0.99)],
    ids=["churn alone lowers both", "seats that grow lift net retention alone", "seats that shrink lower both"],
)
def test_retention_of_a_closed_cohort_is_compounded(growth: float | None, net: float, gross: float):
    """Churn c and seats that grow by g leave ((1 − c)(1 + g))^12 of recurring revenue after a year."""
    seats = {"price": 0, "seat_price": 20, "seats_per_customer": 5, "seat_growth": growth}
    found = kpis(None if growth is None else seats)
    assert value(found["nrr"]) == pytest.approx(net**12)
    assert value(found["grr"]) == pytest.approx(gross**12)


def test_a_year_is_twelve_months():
    """Annual churn is 1 − (1 − c)^12, not 12 c; ARR is 12 × MRR, and MRR is customers times the fee."""
    found = kpis()
    assert value(found["churn"]) == pytest.approx(0.02)
    assert value(found["churn"], "annual") == pytest.approx(1 - 0.98**12)
    assert value(found["arr"]) == pytest.approx(12 * value(found["mrr"]))
    assert value(found["mrr"]) == pytest.approx(100 * value(found["end_customers"]))


def test_a_lifetime_follows_from_gross_profit_and_churn():
    """LTV without a horizon is ARPA × gross margin / churn, and with one the sum of 36 months."""
    found = kpis()
    monthly = value(found["arpa"]) * value(found["gross_margin"])
    assert value(found["ltv"], "no horizon") == pytest.approx(monthly / 0.02)
    assert value(found["ltv"]) == pytest.approx(monthly * (1 - 0.98**36) / 0.02)


def test_idle_devices_make_tokens_dearer():
    """A busy device makes 3.6 million tokens an hour for 2 USD; what it costs while it idles makes each dearer."""
    found = kpis()
    usage = value(found["cost_per_million_tokens"], "usage")
    assert usage == pytest.approx(2 / 3.6, rel=1e-9)
    assert value(found["cost_per_million_tokens"]) > 1.5 * usage


def test_credits_flatter_the_margin():
    """The variant at list price is the margin without credits."""
    plain, credited = kpis(), kpis(credits_granted=100_000)
    assert value(credited["gross_margin"]) > value(plain["gross_margin"])
    assert value(credited["gross_margin"], "without credits") == pytest.approx(value(plain["gross_margin"]))


def test_free_plans_alone_have_no_gross_margin():
    """Without revenue there is nothing to take a share of."""
    margin = kpis({"price": 0})["gross_margin"]
    assert (margin.value, margin.why) == (None, "There is no revenue in the last year.")


def test_a_scenario_chooses_its_definitions():
    """The chosen variant is the value, and the others are listed beside it."""
    found = kpis(head="definitions: {gross_margin: all inference, churn: annual}\n")
    assert found["gross_margin"].variant == "all inference"
    assert set(found["gross_margin"].others) == {"policy", "without credits"}
    assert value(found["churn"]) == pytest.approx(1 - 0.98**12)


def test_every_figure_has_words_and_a_number_or_a_reason():
    """Every KPI has a title and a definition, and either a value or a reason."""
    for kpi in kpis().values():
        assert kpi.title
        assert kpi.definition
        assert (kpi.value is None) == bool(kpi.why)


def test_figures_stand_in_the_order_of_their_topics():
    """Survival comes first, the investors' view last."""
    topics = list(dict.fromkeys(kpi.topic for kpi in kpis().values()))
    assert topics == ["survival", "growth", "margins", "efficiency", "serving", "investors"]
    assert len(DEFINITIONS) == len(kpis())


def test_changing_to_a_better_plan_is_neither_lost_nor_new():
    """A tenth changes plans each month and nobody leaves: churn is zero, and only sign-ups are new."""
    low = {**PLAN, "churn": 0, "upgrade_rate": 0.1}
    high = {**PLAN, "price": 1000, "churn": 0, "share_of_signups": 0, "share_of_upgrades": 1}
    found, alone = company({"low": low, "high": high}), company({"low": {**low, "upgrade_rate": 0}})
    assert value(found["churn"]) == pytest.approx(0, abs=1e-9)
    assert value(found["cac"]) == pytest.approx(value(alone["cac"]))


def test_a_lifetime_under_contract_is_that_of_its_renewals():
    """Yearly contracts at 5 % a month keep all for 12 months, .95^12 for the next 12, .95^24 for the third 12."""
    found = company({"basic": {**PLAN, "churn": 0.05, "contract_months": 12}})
    months = 12 * (1 + 0.95**12 + 0.95**24)
    assert value(found["ltv"]) == pytest.approx(value(found["arpa"]) * value(found["gross_margin"]) * months)
    assert value(found["ltv"], "no horizon") == pytest.approx(
        value(found["arpa"]) * value(found["gross_margin"]) * 12 / (1 - 0.95**12)
    )


def test_the_verdict_does_not_depend_on_the_variant_of_runway():
    """The verdict uses simulated runway for every variant shown."""
    heads = ("", "definitions: {runway: cash over burn}\n")
    first, second = (
        projected({"plan": {"basic": PLAN}}, head, months=36, fixed_overhead=20_000).verdict for head in heads
    )
    assert first == second


def test_models_that_credits_paid_for_are_no_asset():
    """Rent paid by credits costs nothing, so nothing is expensed, capitalised or taxed."""
    program = {
        "runs": 1, "examples_per_run": 100_000, "tokens_per_example": 100, "training_tokens_per_second": 100,
        "training_device_price": 4, "capitalised_share": 1,
    }  # fmt: skip
    ledger = projected({"program": {"base": program}}, tax_rate=0.2, credits_granted=1e7).ledger
    for name in ("research_and_development", "net_income", "tax", "model_assets"):
        assert ledger.total(name) == pytest.approx(0, abs=1e-6), name


def test_devices_of_the_start_are_no_profit_for_the_tax_office():
    """Depreciation of opening equipment counts in the books and for tax."""
    pool = {**POOL, "opening_equipment": 1.2e6, "fewest_devices": 0}
    ledger = projected({"pool": {"large": pool}}, tax_rate=0.2).ledger
    assert ledger.total("net_income") == pytest.approx(-20_000)
    assert ledger.total("taxable_income") == pytest.approx(-20_000)


def test_a_pool_that_a_vendor_serves_rents_nothing():
    """A pool served by a vendor rents no minimum of devices."""
    pool = {**POOL, "vendor_share": 1, "vendor_output_price": 10}
    members = {"plan": {"basic": PLAN}, "channel": {"ads": CHANNEL}, "feature": {"chat": FEATURE}}
    ledger = projected({**members, "pool": {"large": pool}}, months=6).ledger
    assert ledger.total("device_cost").sum() == 0
    assert ledger.total("cost_per_million_tokens")[-1] == pytest.approx(10)
