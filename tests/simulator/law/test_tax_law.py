"""Tax by law: losses above a threshold, a fiscal year that begins within the scenario, and depreciation by tax life."""

from pathlib import Path

import numpy as np
import pytest
from companies import written
from hypothesis import given
from hypothesis import strategies as st

from simulator.answers.ledger import Ledger
from simulator.answers.statements import statement
from simulator.lines.company.tax import losses_used, macrs_weight, tax_before_credit, tax_due, tax_weight
from simulator.lines.devices.fleet import deduction_weight
from simulator.scenario.reading import parse
from simulator.scenario.scenario import Scenario

PROFITS = st.floats(0, 1e9)


def company(months: int = 24, price: float = 200_000, **top: object) -> Scenario:
    """Return a company whose one customer pays a price each month, and that has no costs."""
    customer = {
        "price": price, "conversion": 0, "churn": 0, "opening_customers": 1, "requests_per_customer": 1,
    }  # fmt: skip
    given = {"opening_cash": 0, "hours_per_month": 730, "tax_rate": "25.8%", **top}
    return parse(written({"plan": {"app": customer}}, given, months=months), Path())


@pytest.mark.parametrize(
    ("limit", "threshold", "rate", "tax"),
    [
        # 3M of losses and 2.4M of profit in the Netherlands, Germany and the United Kingdom, and without a threshold.
        (0.5, 1e6, 0.258, 180_600),
        (0.7, 1e6, 0.30, 126_000),
        (0.5, 5e6, 0.25, 0),
        (0.5, 0, 0.258, 309_600),
    ],
)
def test_losses_offset_profit_in_full_up_to_the_threshold(limit: float, threshold: float, rate: float, tax: float):
    """Above the threshold, losses offset only a share of the profit."""
    assert tax_before_credit(2.4e6, losses_used(2.4e6, 3e6, limit, threshold), rate) == pytest.approx(tax)


def test_a_year_of_the_company_pays_by_the_threshold():
    """The Dutch company with 3M of losses pays 180,600 on 2.4M, and carries 1.3M of losses on."""
    ledger = Ledger.of(company(12, loss_limit="50%", loss_threshold=1_000_000, opening_tax_losses=3_000_000))
    assert ledger.total("tax").sum() == pytest.approx(180_600)
    assert ledger.total("tax_losses")[-1] == pytest.approx(1_300_000)


@given(PROFITS, PROFITS, st.floats(0, 1), PROFITS, PROFITS)
def test_a_higher_threshold_never_costs_tax(profit: float, losses: float, limit: float, one: float, other: float):
    """Losses used rise with the threshold, and never exceed the losses there are or the profit."""
    less, more = sorted((one, other))
    lower, higher = (float(losses_used(profit, losses, limit, threshold)) for threshold in (less, more))
    assert lower <= higher * (1 + 1e-12)
    assert higher <= min(losses, profit) * (1 + 1e-12)


def test_losses_serve_from_the_next_fiscal_year_on():
    """A company founded in October with a calendar year as its fiscal year uses the losses of its first three months.

    It loses 100,000 in each of the months to December and earns 100,000 in each after: the fourth to sixth month offset
    the losses. A fiscal year from October would tax the sum of both.
    """
    customer = {"price": 300_000, "conversion": 0, "churn": 0, "opening_customers": 1, "requests_per_customer": 1}
    top = {"opening_cash": 0, "hours_per_month": 730, "tax_rate": 0.2, "loss_limit": 0.5}
    top |= {"fixed_overhead": {0: 400_000, 3: 200_000}, "first_year_months": 3}
    ledger = Ledger.of(parse(written({"plan": {"app": customer}}, top, months=15), Path()))
    # The calendar year earns 1.2M; half of it, more than 300,000, may be offset.
    assert ledger.total("tax_of_year")[14] == pytest.approx(0.2 * (1_200_000 - 300_000))
    assert ledger.total("losses_at_new_year")[[2, 3, 14]].tolist() == [0, 300_000, 300_000]
    assert np.flatnonzero(ledger.total("new_year")).tolist() == [3]


def test_a_running_fiscal_year_goes_on():
    """Profit of the year before the scenario and tax booked on it count: the year pays tax once, on all of it."""
    at_start = {"opening_income_of_year": 1_000_000, "opening_tax_of_year": 258_000, "opening_tax_losses": 600_000}
    ledger = Ledger.of(company(6, first_year_months=4, loss_limit=1, **at_start))
    # 1M and four months of 200,000, less 600,000 of losses.
    assert ledger.total("tax_of_year")[3] == pytest.approx(0.258 * (1_800_000 - 600_000))
    assert ledger.total("tax")[:4].sum() == pytest.approx(0.258 * 1_200_000 - 258_000)
    assert ledger.total("tax_of_year")[4] == pytest.approx(0.258 * 200_000)


@pytest.mark.parametrize(
    ("first", "paid"), [(12, [2, 5, 8, 11]), (3, [2, 5, 8, 11]), (4, [0, 3, 6, 9]), (5, [1, 4, 7, 10])]
)
def test_tax_is_paid_at_the_end_of_each_fiscal_quarter(first: int, paid: list[int]):
    """The last month before a fiscal year begins ends a quarter, and so does every third month from there."""
    assert np.flatnonzero(tax_due(np.arange(12.0), 1.0, first)).tolist() == paid


def test_statements_follow_the_fiscal_year():
    """With four months left of the first fiscal year, yearly columns hold 4, 12 and 8 months of revenue."""
    ledger = Ledger.of(company(24, first_year_months=4))
    for period, starts in (("year", (0, 4, 16)), ("quarter", (0, 1, 4, 7, 10, 13, 16, 19, 22))):
        made = statement(ledger, "income", period)
        revenue = next(amounts for row, amounts in zip(made.rows, made.amounts, strict=True) if row.title == "Revenue")
        assert made.starts == starts
        assert revenue == pytest.approx(200_000 * np.diff([*starts, 24]))


def test_straight_line_writes_a_device_off_month_by_month():
    """A device for 36,000 bought in October and written off over three years costs 1,000 a month: 3,000 that year."""
    weights = tax_weight(np.arange(40.0), macrs_weight(np.arange(40.0), 0.0), 0.0, 36.0)
    assert 36_000 * weights[:3].sum() == pytest.approx(3_000)
    assert 36_000 * weights[:36] == pytest.approx([1_000] * 36)
    assert not weights[36:].any()


@given(st.floats(0.5, 120), st.floats(0, 1))
def test_tax_law_writes_off_all_of_the_price(life: float, bonus: float):
    """The weights of all ages sum to one, with a bonus in the first month or without."""
    ages = np.arange(121.0)
    assert tax_weight(ages, macrs_weight(ages, bonus), bonus, life).sum() == pytest.approx(1)
    assert tax_weight(ages, macrs_weight(ages, bonus), bonus, 0.0).sum() == pytest.approx(1)


def test_without_a_tax_life_the_us_schedule_holds():
    """MACRS is the default, as before there was a choice."""
    ages = np.arange(90.0)
    assert (tax_weight(ages, macrs_weight(ages, 0.4), 0.4, 0.0) == macrs_weight(ages, 0.4)).all()


@given(st.integers(1, 90), st.floats(0, 1), st.sampled_from([0.0, 36.0]))
def test_what_is_left_for_the_tax_office_is_deducted_with_the_sale(life: int, bonus: float, tax_life: float):
    """All of the price is deducted by the month in which the device is sold, and nothing after it."""
    ages = np.arange(120.0)
    weights = tax_weight(ages, macrs_weight(ages, bonus), bonus, tax_life)
    deducted = deduction_weight(ages, weights, np.cumsum(weights), life)
    assert deducted[:life] == pytest.approx(weights[:life])
    assert deducted[: life + 1].sum() == pytest.approx(1)
    assert not deducted[life + 1 :].any()


def test_a_device_sold_early_is_no_longer_depreciated_for_tax():
    """Of 30,000, MACRS has deducted 20 + 16 % after 18 months; the sale for 3,000 then deducts the other 19,200."""
    pool = {
        "tokens_per_second": 1, "device_price": 0, "peak_to_mean": 1, "device_list_price": 30_000,
        "wanted_devices": {0: 1, 18: 0}, "economic_life": 18, "residual_share": 0.1,
    }  # fmt: skip
    app = {"price": 1_000, "conversion": 0, "churn": 0, "opening_customers": 1, "requests_per_customer": 1}
    top = {"opening_cash": 0, "hours_per_month": 730, "tax_rate": "21%"}
    ledger = Ledger.of(parse(written({"plan": {"app": app}, "pool": {"gpu": pool}}, top, months=24), Path()))
    deducted = [*[500] * 12, *[800] * 6, 19_200, *[0] * 5]
    assert ledger.total("tax_depreciation") == pytest.approx(deducted)
    income = 1_000 + np.where(np.arange(24) == 18, 3_000, 0) - deducted
    assert ledger.total("taxable_income") == pytest.approx(income)
