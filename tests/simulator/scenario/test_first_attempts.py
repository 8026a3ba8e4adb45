"""First attempts: amounts, units and names as people write them, and what they forget."""

from pathlib import Path
from typing import Any

import pytest
from companies import written
from doubted import CHANNEL, FEATURE, PLAN, POOL, SELLER, TOP, plan, warned

from simulator.answers.explain import explain
from simulator.engine.units import quantity
from simulator.errors import BadValue, PlanError, ScenarioError
from simulator.scenario.checks.stated_units import Currencies, check_unit
from simulator.scenario.reading import parse
from simulator.scenario.values import read_number


@pytest.mark.parametrize(
    ("written_as", "advice"),
    [
        ("80k", "write 80000"),
        ("3M", "write 3000000"),
        ("450,000", "write 450000"),
        ("€59", "write 59"),
        ("49-69", "write 90% between 49 and 69"),
        ("2% to 5%", "write 90% between 2% and 5%"),
        ("2027-09", "months count from 0"),
        ("12,5%", "write 1200, 4% or"),
        ("July", "write 1200, 4% or"),
    ],
)
def test_amount_is_shown_as_it_would_be_written(written_as: str, advice: str):
    """The advice is what was meant, or an example where that is unknown."""
    with pytest.raises(BadValue) as error:
        read_number(written_as)
    assert error.value.todo.startswith(advice)


@pytest.mark.parametrize("unit", ["$/GPU/hour", "USD/gpu/hr", "USD/device/hours", "USD/device/hour"])
def test_units_have_their_common_names(unit: str):
    """A GPU is a device, an hr an hour, and $ the dollar."""
    check_unit(unit, 2.0, quantity("money/device/hour"), Currencies("USD").of(unit))


def test_percent_is_shown_for_the_number_given():
    """Thirty per cent is not 30."""
    with pytest.raises(ScenarioError, match=r"give 0 to 1 \(30% is 0.3\)"):
        warned({"tax_rate": 30})


NOTE = {
    "signed_month": 1,
    "investment": 500_000,
    "valuation_cap": 5e6,
    "maturity_months": 5,
    "note_interest_rate": 0.06,
}
OWNED = {**POOL, "opening_owned_devices": 4, "opening_equipment": 1, "device_list_price": 1, "wanted_devices": 4}
TRAINED = {"examples_per_run": 10, "tokens_per_example": 10, "training_tokens_per_second": 5, "run_every": 3}
CHAIN = {
    "feature": {"a": FEATURE, "b": {**FEATURE, "pool": "mid"}, "c": {**FEATURE, "pool": "top"}},
    "pool": {"large": POOL, "mid": POOL, "top": POOL},
    "route": {
        "up": {"pool": "large", "feature": "b", "escalated_share": 0.3},
        "higher": {"pool": "mid", "feature": "c", "escalated_share": 0.1},
    },
}
LOAN = {"drawn_month": 2, "principal": 1e5, "warrant_coverage": 0.1}
FORGOTTEN: list[tuple[dict[str, Any], str]] = [
    ({"plan": plan(opening_customers=9, days_to_pay=30)}, "plans.pro.days_to_pay: the opening customers pay their"),
    ({"plan": plan(prepaid_months=12, contract_months=12, refund_on_leaving=1)}, "nobody leaves within the 12 months"),
    ({"plan": plan(churn_spread=2)}, "plans.pro.churn_spread: churn falls to 1/3 of itself in a month"),
    (
        {"plan": plan(tier_starts=5, tier_discount=0.4, tier_2_starts=9, tier_2_discount=0.2)},
        "is dearer than the first",
    ),
    ({"plan": plan(opening_customers=9, opening_mrr=900)}, "plans.pro.opening_mrr: it comes on top of"),
    ({"plan": plan(trial_conversion=0.5)}, "plans.pro.trial_conversion: it has no effect while trial_months is 0"),
    ({"plan": plan(launch_month=24)}, "plans.pro.launch_month: month 24 comes after the projection's last"),
    ({"safe": {"note": NOTE}}, "safes.note.maturity_months: the note is repaid in cash in month 6"),
    ({"pool": {"large": {**OWNED, "opening_device_age": 6}}}, "opening_device_age: the other devices are taken to be"),
    (
        {"pool": {"large": {**POOL, "spot_share": 0.3}}},
        "pools.large.spot_share: it costs nothing, since spot_price is 0",
    ),
    (CHAIN, "routes.higher.escalated_share: it sends nothing on, since the pool answers no request first"),
    ({"loan": {"venture": LOAN}, "holder": {"us": {"shares": 10}}}, "no round before the loan sets the price"),
    ({"option_grant": {"team": {"grant_month": 3, "options": 10}}}, "there is no pool to grant the options from"),
    ({"program": {"tune": TRAINED}}, "tokens_per_example: it costs nothing, since training_device_price is 0"),
    ({"role": {"seller": {**SELLER, "quota": 200}}}, "each seller starts 200 deals a month"),
    ({"feature": {"chat": {**FEATURE, "most_tries": 3}}}, "most_tries: it has no effect while step_failure is 0"),
]


@pytest.mark.parametrize(("changes", "told"), FORGOTTEN, ids=[told for _, told in FORGOTTEN])
def test_what_is_forgotten_is_told(changes: dict[str, Any], told: str):
    """The warning names what has no effect, costs nothing, or is not what it seems."""
    assert any(told in one for one in warned(**changes)), warned(**changes)


def refused(**sections: Any) -> str:
    """Return the mistakes in a company with these sections."""
    usual = {"channel": {"ads": CHANNEL}, "plan": {"pro": PLAN}, "feature": {"chat": FEATURE}, "pool": {"large": POOL}}
    with pytest.raises(ScenarioError) as error:
        parse(written({**usual, **sections}, TOP, months=24), Path())
    return str(error.value)


def test_training_without_a_rate_is_refused():
    """A token a second would make a training run cost a million."""
    told = refused(program={"tune": {name: value for name, value in TRAINED.items() if "second" not in name}})
    assert "programs.tune.training_tokens_per_second: the program needs it unless tokens_per_example is 0" in told


def test_route_to_its_own_pool_is_refused():
    """A model does not escalate to itself."""
    told = refused(route={"hard": {"pool": "large", "feature": "chat", "escalated_share": 0.1}})
    assert "routes.hard.escalated_share: the route leads to a feature on its own pool" in told


# Names of numbers


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("CAC", "did you mean kpi_cac"),
        ("MRR", "did you mean kpi_mrr"),
        ("gros_margin", "did you mean kpi_gross_margin"),
        ("zebra", "`python -m simulator lines` lists them"),
    ],
)
def test_unknown_number_leads_to_what_is_meant(name: str, told: str):
    """A title of a KPI leads to the KPI, and a misspelt name to the nearest."""
    scenario = parse(written({"plan": {"pro": PLAN}}, TOP, months=3), Path())
    with pytest.raises(PlanError) as error:
        explain(scenario, name, 0)
    assert told in str(error.value)


def test_assumption_can_be_explained():
    """Its path leads to its value and its origin."""
    scenario = parse(written({"plan": {"pro": PLAN}}, TOP, months=3), Path())
    assert explain(scenario, "plans.pro.price", 2).value == 100
