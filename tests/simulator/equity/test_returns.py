"""Rates of return and present values against the documented examples of Excel, pyxirr and numpy-financial."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.equity.returns import Investment, excel_npv, investor_returns, irr, npv, xirr, xnpv
from simulator.errors import PlanError, Undefined

OUT_OF_ORDER = (["2015-06-11", "2015-07-21", "2018-06-10", "2015-10-17"], [-1000, -9000, 20000, -3000])
# Microsoft's own example for XIRR and XNPV.
EXCEL = (["2008-01-01", "2008-03-01", "2008-10-30", "2009-02-15", "2009-04-01"], [-10000, 2750, 4250, 3250, 2750])


# Dated flows


def test_dates_may_be_out_of_order():
    """XIRR and XNPV accept flows whose dates are out of order."""
    assert xirr(*OUT_OF_ORDER) == pytest.approx(0.16353715844, rel=1e-9)
    assert xnpv(0.1, *OUT_OF_ORDER) == pytest.approx(2218.42566365675, rel=1e-12)


def test_excels_own_example_of_dated_flows():
    """XIRR .373362535 and XNPV at 9 % 2086.6476."""
    assert xirr(*EXCEL) == pytest.approx(0.373362535, abs=1e-8)
    assert xnpv(0.09, *EXCEL) == pytest.approx(2086.647602, abs=1e-6)


def test_present_value_is_taken_at_the_first_date_given():
    """A flow a year earlier is worth a year's rate more on that date."""
    assert xnpv(0.1, ["2016-01-01", "2015-01-01"], [100, -100]) == pytest.approx(-10)


def test_the_rate_makes_the_present_value_nothing():
    """XNPV at the rate of XIRR is zero."""
    assert xnpv(xirr(*EXCEL), *EXCEL) == pytest.approx(0, abs=1e-6)


# One flow a period


@pytest.mark.parametrize(
    ("amounts", "rate"),
    [
        ([-70000, 12000, 15000, 18000, 21000, 26000], 0.0866309480365),
        ([-70000, 12000, 15000, 18000, 21000], -0.0212448482734),
        ([-70000, 12000, 15000], -0.443506941334),
        ([-100, 39, 59, 55, 20], 0.2809484211599611),
        ([-100, 0, 0, 74], -0.09549583034897258),
    ],
)
def test_rates_that_excel_and_numpy_financial_print(amounts: list[float], rate: float):
    """IRR agrees with the examples in both manuals."""
    assert irr(amounts) == pytest.approx(rate, rel=1e-9)


def test_excel_discounts_the_first_flow_too():
    """NPV(10 %; -100, 50, 60, 70) is 43.30 in Excel, and 10 % more if the first flow is not discounted."""
    amounts = [-100, 50, 60, 70]
    assert excel_npv(0.1, amounts) == pytest.approx(43.30305307, abs=1e-8)
    assert npv(0.1, amounts) == pytest.approx(43.30305307 * 1.1, abs=1e-7)


def test_excels_own_examples_of_present_value():
    """Microsoft's examples of NPV give 1,188.44 at 10 %, and 1,922.06 at 8 % with 40,000 paid today."""
    assert excel_npv(0.1, [-10000, 3000, 4200, 6800]) == pytest.approx(1188.44, abs=0.005)
    assert excel_npv(0.08, [8000, 9200, 10000, 12000, 14500]) - 40000 == pytest.approx(1922.06, abs=0.005)


@given(st.integers(2, 500), st.floats(0.01, 5))
def test_a_single_payment_back_has_a_closed_form(periods: int, multiple: float):
    """The rate is multiple^(1/periods) - 1."""
    amounts = [-100.0, *[0.0] * (periods - 1), 100 * multiple]
    assert irr(amounts) == pytest.approx(multiple ** (1 / periods) - 1, abs=1e-9)


# Undefined rates


@pytest.mark.parametrize(
    ("amounts", "reason"),
    [
        ([], "No money moves"),
        ([0, 0, 0], "No money moves"),
        ([-100, 0], "ever paid back"),
        ([100, 20], "ever paid in"),
        ([100, -100, 100], "No rate of return"),
        ([-100, 230, -132], "More than one .* 10.0% and 20.0%"),
        ([-1000, 3000, -2000], "More than one .* 0.0% and 100.0%"),
        ([-100, 100, 0, -7], "More than one .* -67.9% and -8.3%"),
    ],
)
def test_no_rate_is_said_with_its_reason(amounts: list[float], reason: str):
    """Flows without a change of sign have no rate; flows with several changes may have several."""
    with pytest.raises(Undefined, match=reason):
        irr(amounts)


def test_flows_that_turn_often_may_have_one_rate():
    """A small later payment does not make the rate ambiguous."""
    rate = irr([-100, 50, -10, 90])
    assert npv(rate, [-100, 50, -10, 90]) == pytest.approx(0, abs=1e-9)
    assert rate == pytest.approx(0.1237, abs=1e-4)


@pytest.mark.parametrize(
    ("broken", "error", "says"),
    [
        (lambda: xirr(["2020-01-01", "2020-01-01"], [-100, 120]), Undefined, "one day"),
        (lambda: xirr(["2020-01-01"], [-100, 120]), PlanError, "1 dates for 2 cash flows"),
        (lambda: npv(-1, [1]), PlanError, "give"),
        (lambda: irr([-1, float("nan")]), PlanError, "give"),
    ],
    ids=["flows on one day", "a missing date", "a rate of -100 %", "a flow of NaN"],
)
def test_impossible_flows_are_refused(broken, error, says: str):
    """Each error says why there is no answer."""
    with pytest.raises(error, match=says):
        broken()


# Multiples and investors


def test_a_single_investment_earns_the_multiples_root():
    """Eight times the money in three years is 100 % a year."""
    (found,) = investor_returns([Investment("Seed", 6, Fraction(100))], {"Seed": Fraction(800)}, 42)
    assert (found.invested, found.received, found.moic) == (100, 800, 8)
    assert found.irr == pytest.approx(1.0)


def test_an_investor_who_follows_on_has_one_return():
    """100 at the start and 110 a year later return 242 after two years, which is 10 % a year."""
    paid = [Investment("Ann", 12, 110), Investment("Bob", 0, 50), Investment("Ann", 0, 100)]
    ann, bob = sorted(investor_returns(paid, {"Ann": 242, "Bob": 50}, 24), key=lambda one: one.investor)
    assert ann.irr == pytest.approx(0.1)
    assert ann.moic == pytest.approx(242 / 210)
    assert (bob.moic, bob.irr) == (1, pytest.approx(0, abs=1e-12))


def test_a_total_loss_has_a_multiple_and_no_rate():
    """A total loss has the multiple 0, no rate, and the reason."""
    (found,) = investor_returns([Investment("Seed", 0, 100)], {}, 24)
    assert (found.moic, found.irr, found.why) == (0, None, "Nothing is ever paid back.")


@pytest.mark.parametrize(
    ("paid", "what"), [(Investment("Seed", 30, 100), "after the exit"), (Investment("Seed", 0, 0), "not positive")]
)
def test_impossible_investments_are_refused(paid: Investment, what: str):
    """An investment after the exit and one of no money are errors."""
    with pytest.raises(PlanError, match=what):
        investor_returns([paid], {}, 24)
