"""Explanations: KPIs without a formula, sums, members told once, and numbers found by people's words."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from simulator.answers.explain import explain, valued
from simulator.answers.kpis import DEFINITIONS
from simulator.answers.kpis.basis import BASIS
from simulator.answers.ledger import Ledger
from simulator.answers.projection import Projection, project
from simulator.answers.search import found_by
from simulator.errors import PlanError
from simulator.scenario.reading import load
from simulator.scenario.scenario import Scenario

SHIPPED = Path(__file__).parents[3] / "scenarios"


@pytest.fixture(scope="module")
def shipped() -> Projection:
    """The support copilot with a few trials."""
    return project(load(SHIPPED / "support-copilot.yaml"), 50, evidence=False)


def test_every_kpi_without_a_formula_says_what_it_looks_at():
    """The months and lines behind each value are listed, and no others."""
    values = {one.function.__name__ for kpi in DEFINITIONS.values() for one in kpi.variants.values() if not one.line}
    assert set(BASIS) == values


@pytest.mark.parametrize("name", sorted(BASIS))
def test_a_kpi_without_a_formula_leads_to_its_lines(shipped: Projection, name: str):
    """What stands below the definition has values of the same projection."""
    node = explain(shipped.scenario, f"kpi_{name}", 59, figures=shipped.figures)
    assert node.description.endswith(".")
    assert node.inputs
    assert all(one.reason or np.isfinite(one.value) for one in node.inputs)


def test_every_kpi_is_explained_with_the_value_that_its_tile_shows(shipped: Projection):
    """The key of a tile leads to the same number, or to the same reason why there is none."""
    for kpi in shipped.kpis.values():
        node = explain(shipped.scenario, kpi.key, 59, figures=shipped.figures)
        assert node.value == pytest.approx(kpi.value) if kpi.value is not None else str(node.reason) == kpi.why


def test_cac_looks_at_the_months_in_which_customers_are_won(shipped: Projection):
    """Its first line is the spending of those months, which is what its value divides."""
    won, node = shipped.figures.won, explain(shipped.scenario, "cac", 59, figures=shipped.figures)
    assert (node.month, node.span) == (59, won.stop - won.start)
    spent = node.inputs[0]
    assert (spent.key, spent.month, spent.span) == ("sales_and_marketing", won.stop - 1, won.stop - won.start)
    assert spent.value == pytest.approx(shipped.ledger.total("sales_and_marketing")[won.start : won.stop].sum())


def test_a_kpi_of_a_scenario_has_the_definition_that_it_chose(read: Callable[..., Scenario]):
    """A bare name means the chosen variant, as in the list of KPIs."""
    scenario = read(("start: 2027-01", "start: 2027-01\ndefinitions: {arr: fees}"))
    assert explain(scenario, "arr", 13).key == "kpi_arr_of_fees"
    assert valued("arr", scenario) is None


@pytest.mark.parametrize("arr", DEFINITIONS["arr"].variants)
def test_a_kpi_that_follows_another_is_found_and_explained_as_it_is_shown(read: Callable[..., Scenario], arr: str):
    """The burn multiple has the definition of ARR on its tile, in its explanation, and where it is searched for."""
    scenario = read(("start: 2027-01", f"start: 2027-01\ndefinitions: {{arr: {arr}}}"))
    shown = project(scenario, 0).kpis["burn_multiple"]
    assert shown.variant == arr
    assert explain(scenario, "burn_multiple", 13).key == shown.key
    assert found_by("burn multiple", scenario)[0].key == shown.key


def test_lowest_cash_shows_its_month_first(shipped: Projection):
    """The months around the minimum come before all others."""
    cash = [one for one in explain(shipped.scenario, "lowest_cash_after_funding", 59).inputs if one.role == "ever_cash"]
    least = int(shipped.kpis["lowest_cash_after_funding_month"].value)
    assert [one.month for one in cash[:3]] == [least, least + 1, least - 1]
    assert len(cash) == 60


def test_runway_shows_the_first_month_below_the_floor_first(small: Scenario):
    """Where cash runs out, the month that decides is on top."""
    poor = small.with_value("opening_cash", 1000)
    node = explain(poor, "runway", 13)
    assert node.inputs[1].month == node.value


def test_a_kpi_without_a_value_is_explained_all_the_same(shipped: Projection):
    """The reason stands in the place of the number, above the months around the lowest cash."""
    node = explain(shipped.scenario, "runway", 59, figures=shipped.figures)
    assert str(node.reason) == "Cash never falls below the floor."
    assert node.inputs[1].month == int(np.argmin(shipped.ledger.total("cash")))


def test_a_sum_over_months_and_members_adds_up(shipped: Projection):
    """A year of a line of every plan is the sum of its months, each the sum of its plans."""
    year = explain(shipped.scenario, "total_plan_revenue", 23, shipped.ledger, span=12)
    assert year.value == pytest.approx(shipped.ledger.total("plan_revenue")[12:24].sum())
    assert [one.month for one in year.inputs] == list(range(23, 11, -1))
    assert [one.key for one in year.inputs[0].inputs] == ["plan_revenue[starter]", "plan_revenue[team]"]


def test_a_row_of_several_lines_is_a_sum_of_them(shipped: Projection):
    """A row of a statement leads to its lines."""
    row = explain(shipped.scenario, "total_paid_inference+total_idle_serving", 23, shipped.ledger, span=12)
    assert [one.key for one in row.inputs] == ["total_paid_inference", "total_idle_serving"]
    assert row.value == pytest.approx(sum(one.value for one in row.inputs))


def test_hours_that_say_the_same_are_told_once(shipped: Projection):
    """Without a daily pattern, 24 hours of devices are one number."""
    node = explain(shipped.scenario, "rented_hours[large]", 59, shipped.ledger)
    told = next(one for one in node.told if one.alike)
    assert (len(told.alike), told.kind_alike) == (24, "hour")
    assert len(node.told) == len(node.inputs) - 23


def test_members_that_differ_are_told_one_by_one(shipped: Projection):
    """Two plans with different revenue stay apart."""
    node = explain(shipped.scenario, "total_plan_revenue", 59, shipped.ledger)
    assert node.told == node.inputs


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("CAC", "kpi_cac"),
        ("burn", "kpi_peak_burn"),
        ("burn rate", "kpi_peak_burn"),
        ("tokens", "total_tokens_served"),
        ("runway", "kpi_runway"),
        ("free tier", "total_free_inference"),
        ("salary", "roles.founder.salary"),
        ("salaries", "roles.founder.salary"),
        ("Gross margin", "kpi_gross_margin"),
        ("churn starter", "plans.starter.churn"),
        ("employees", "total_headcount"),
        ("R&D", "research_and_development"),
        ("utilization", "kpi_mean_utilisation"),
        ("每月烧钱", "kpi_peak_burn"),
    ],
)
def test_words_find_what_people_mean(shipped: Projection, words: str, first: str):
    """Common terms lead to KPIs, lines and assumptions."""
    assert first in [one.key for one in found_by(words, shipped.scenario)[:2]]


@pytest.mark.parametrize(
    ("words", "first"), [("毛利", "gross_profit"), ("现金跑道", "kpi_runway"), ("流失 Starter", "plans.starter.churn")]
)
def test_translated_names_are_found_where_words_have_no_spaces(shipped: Projection, words: str, first: str):
    """A part of a translated name is enough; the title of a member is in the language of the file."""
    names = {"Gross profit": "毛利", "Gross margin": "毛利率", "Runway": "现金跑道", "Churn": "客户流失率"}
    assert found_by(words, shipped.scenario, lambda text: names.get(text, text))[0].key == first


def test_words_that_mean_nothing_find_nothing(shipped: Projection):
    """An unknown word, and no word, give an empty list."""
    assert found_by("elephants", shipped.scenario) == found_by(" ", shipped.scenario) == []


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.yaml")), ids=lambda path: path.stem)
def test_whatever_is_found_can_be_explained(path: Path):
    """Every key that a search gives leads to a number."""
    scenario = load(path)
    ledger = Ledger.of(scenario)
    for one in found_by("e", scenario) + found_by("cost", scenario) + found_by("month", scenario):
        if not valued(one.key, scenario):
            explain(scenario, one.key, scenario.months - 1, ledger)


def test_an_unknown_number_is_answered_with_what_it_may_mean(shipped: Projection):
    """A word of people's own leads on."""
    with pytest.raises(PlanError, match="did you mean kpi_peak_burn, kpi_net_cash"):
        explain(shipped.scenario, "burn", 59, shipped.ledger)


def test_months_before_the_first_cannot_be_summed(shipped: Projection):
    """The error says how many months there are."""
    with pytest.raises(PlanError, match="there are no 12 months up to month 3: give 1 to 4"):
        explain(shipped.scenario, "revenue", 3, shipped.ledger, span=12)
