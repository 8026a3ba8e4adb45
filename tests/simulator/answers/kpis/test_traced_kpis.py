"""KPIs as lines: a value for every month, a formula, a tree, and a reason where there is no value."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from companies import everything, written
from made import echo, shortened

from simulator.__main__ import main
from simulator.answers.explain import explain
from simulator.answers.kpis import DEFINITIONS, measures, registry
from simulator.answers.projection import project
from simulator.engine.formula import excel, text
from simulator.engine.model import line_of
from simulator.engine.quantities import Money
from simulator.engine.windows import WINDOWS, Window, given, last_month, over
from simulator.errors import ModelError, Undefined
from simulator.scenario.reading import parse

# What no formula over the months of lines can say.
VALUES = {
    *("runway_unfunded", "probability_of_ruin", "ruin_before_round", "median_gross_margin", "low_gross_margin"),
    *("median_operating_margin", "low_operating_margin", "chance_of_profit", "npv_as_excel", "npv_by_days"),
    *("internal_rate_of_return", "irr_of_cash", "cac", "cac_of_channels", "lagged_cac", "ltv", "ltv_without_horizon"),
    *(
        "ltv_to_cac",
        "payback_months",
        "cash_at_risk",
        "cash_missing",
        "nrr",
        "grr",
        "runway_by_burn",
        "tenths_under_water",
    ),
}


def test_all_but_named_kpis_are_traced():
    """A KPI that is a value is one of a known list; every other one has a formula, in words and in Excel."""
    variants = [variant for one in DEFINITIONS.values() for variant in one.variants.values()]
    assert {variant.function.__name__ for variant in variants if not variant.line} == VALUES
    traced = [measures().formulas[variant.line] for variant in variants if variant.line]
    assert all(text(one) and excel(one, lambda read: "A1") for one in traced)


def test_series_is_the_figure_of_each_month(tmp_path: Path):
    """In every month, the series has what a projection that ended with the month would report."""
    scenario = everything(tmp_path, months=26, seed=4)
    whole = project(scenario, 0, evidence=False)
    for months in (1, 3, 7, 13, 25):
        for name, kpi in project(shortened(scenario, months), 0, evidence=False).kpis.items():
            if kpi.line:
                found = whole.figures.measured.series(kpi.line)[months - 1]
                assert found == pytest.approx(np.nan if kpi.value is None else kpi.value, nan_ok=True), (name, months)


@pytest.mark.parametrize(
    ("name", "month", "months"),
    [
        ("year", 20, range(9, 21)),
        ("year", 4, range(5)),
        ("prior_year", 23, range(12)),
        ("prior_year", 22, range(0)),
        ("year_ago", 12, range(1)),
        ("year_ago", 11, range(0)),
        ("quarter", 0, range(1)),
        ("ever", 3, range(4)),
    ],
)
def test_windows_have_their_months(name: str, month: int, months: range):
    """Windows that end now take what there is; those before need all of their months."""
    assert WINDOWS[name].months(month) == months


def test_window_of_the_past_begins_at_the_first_month():
    """A window without length goes back to month 0."""
    assert Window(None).months(59) == range(60)


def test_no_value_comes_with_its_reason():
    """A quotient needs a positive base, and a figure its condition."""
    for undefined in (lambda: over(1, 0, "Nothing."), lambda: given(False, 1, "Nothing.")):
        with pytest.raises(Undefined, match="Nothing"):
            undefined()


def test_no_month_is_minus_one():
    """A condition that never holds has no last month."""
    assert last_month(np.arange(3.0), np.array([False] * 3)) == -1


def test_tree_leads_from_a_kpi_to_its_months(tmp_path: Path):
    """The margin of the last year reads twelve months of two lines, each the number of the ledger."""
    node = explain(everything(tmp_path, months=18, seed=4), "gross_margin", 17)
    assert [child.month for child in node.inputs if child.role == "year_revenue"] == list(range(17, 5, -1))
    profit, revenue = (
        sum(child.value for child in node.inputs if child.role == role)
        for role in ("year_gross_profit", "year_revenue")
    )
    assert node.value == pytest.approx(profit / revenue)


def test_kpi_without_value_says_why(tmp_path: Path):
    """Eighteen months hold no two years to compare, although each of them has revenue."""
    found = explain(everything(tmp_path, months=18, seed=4), "revenue_growth", 17)
    assert str(found.reason) == "There is no full year with revenue before the last year."


def test_a_single_month_gives_no_wrong_reason():
    """Cash is burnt and a customer pays in the only month, so neither is denied: there is nothing to compare with."""
    plan = {"price": 1, "conversion": 0.5, "share_of_signups": 1, "churn": 0, "requests_per_customer": 0}
    members = {"plan": {"one": plan}, "channel": {"ads": {"organic_signups": 10}}}
    text = written(members, {"opening_cash": 1_000, "fixed_overhead": 100, "tax_rate": 0}, months=1)
    kpis = project(parse(text, Path()), 0).kpis
    assert kpis["peak_burn"].value == pytest.approx(95)
    assert kpis["burn_multiple"].why == "The first month has no growth to compare with."
    assert kpis["end_customers"].value == pytest.approx(5)
    assert kpis["churn"].why == "No month of the last year begins with paying customers."


def test_command_explains_a_kpi(capsys: pytest.CaptureFixture[str], file: Callable[..., Path]):
    """A KPI is named as in `kpis`, or as its readers name it."""
    for name in ("end_cash", "kpi_end_cash"):
        assert main(["explain", str(file()), name, "--month", "2"]) == 0
    assert capsys.readouterr().out.count("kpi_end_cash in month 2 = ") == 2


@pytest.mark.parametrize("read", ["last_revenue", "first_revenue", "past_revenue"])
def test_a_figure_that_reads_another_month_as_a_line_does_is_refused(read: str, monkeypatch: pytest.MonkeyPatch):
    """Figures have windows for that; without one, a figure would have this month's value."""
    figure = echo("figure", read, Money)
    figure.__doc__ = "A figure."
    monkeypatch.setattr(registry, "TRACED", [line_of(figure, (), "growth")])
    with pytest.raises(ModelError, match=rf"growth\.figure: {read} cannot be read here; read quarter_revenue, "):
        measures.__wrapped__()
