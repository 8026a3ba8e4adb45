"""VAT: prices with and without it, what the state is owed, and that it is neither revenue nor cost."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from companies import written
from hypothesis import given, settings
from hypothesis import strategies as st
from invariants import check

from simulator.answers.customers.deciles import deciles
from simulator.answers.ledger import Ledger
from simulator.answers.statements import statement
from simulator.lines import business
from simulator.scenario.numbers import base_values, simulation_of
from simulator.scenario.reading import parse
from simulator.scenario.scenario import Scenario


def company(top: dict[str, Any] | None = None, pool: dict[str, Any] | None = None, **plan: Any) -> Scenario:
    """Return a company with a thousand customers who pay 5 a month, and with no costs but those given."""
    customer = {
        "price": 5, "conversion": 0, "churn": 0, "opening_customers": 1000, "requests_per_customer": 10, **plan,
    }  # fmt: skip
    most = {"opening_cash": 100_000, "hours_per_month": 730, "tax_rate": 0, **(top or {})}
    pools = {"gpu": pool} if pool else {}
    return parse(written({"plan": {"app": customer}, "pool": pools}, most, months=12), Path())


def line(scenario: Scenario, name: str) -> list[float]:
    """Return a line of the base case by month, summed over its members."""
    return Ledger.of(scenario).total(name).tolist()


def test_a_price_with_vat_leaves_the_net_price():
    """Of 5 with 19 % VAT, 4.20 is revenue and 0.80 is owed; a payment provider takes 2.9 % of the whole 5."""
    app = company(vat_rate="19%", vat_included=1, payment_fee="2.9%")
    assert line(app, "revenue") == pytest.approx([5_000 / 1.19] * 12)
    assert line(app, "mrr") == pytest.approx([5_000 / 1.19] * 12)
    assert line(app, "vat_charged") == pytest.approx([798.3193277] * 12)
    assert line(app, "collections") == pytest.approx([5_000] * 12)
    assert line(app, "payment_fees") == pytest.approx([145] * 12)
    assert line(app, "net_income") == pytest.approx([5_000 / 1.19 - 145] * 12)


def test_vat_comes_on_top_of_a_net_price():
    """At 5 without VAT, revenue is 5,000, and customers pay 5,950."""
    app = company(vat_rate="19%", payment_fee="2.9%")
    assert line(app, "revenue") == pytest.approx([5_000] * 12)
    assert line(app, "collections") == pytest.approx([5_950] * 12)
    assert line(app, "payment_fees") == pytest.approx([0.029 * 5_950] * 12)


def test_vat_is_held_until_the_month_after():
    """Cash is ahead of profit by one month's VAT: what is charged in a month is settled in the next."""
    app = company(vat_rate="20%")
    assert line(app, "vat_settled") == pytest.approx([0, *[1_000] * 11])
    assert line(app, "vat_payable") == pytest.approx([1_000] * 12)
    assert line(app, "cash") == pytest.approx([101_000 + 5_000 * month for month in range(1, 13)])


@pytest.mark.parametrize(
    ("first", "settled"),
    [
        (12, [300, 0, 0, 3_000, 0, 0, 3_000, 0, 0, 3_000, 0, 0]),
        (2, [0, 0, 2_300, 0, 0, 3_000, 0, 0, 3_000, 0, 0, 3_000]),
    ],
)
def test_vat_may_be_settled_by_the_quarter(first: int, settled: list[float]):
    """Each quarter of the fiscal year is settled in the month after it, with what was owed at the start."""
    app = company({"vat_every": 3, "opening_vat_payable": 300, "first_year_months": first}, vat_rate="20%")
    assert line(app, "vat_settled") == pytest.approx(settled)


def test_vat_of_suppliers_is_given_back():
    """Overheads of 6,000 with 20 % VAT beside sales of 5,000 with 20 %: the state owes 200 a month."""
    app = company({"fixed_overhead": 6_000, "input_vat_rate": "20%", "days_payable": 365 / 12}, vat_rate="20%")
    assert line(app, "input_vat") == pytest.approx([1_200] * 12)
    assert line(app, "vat_payable") == pytest.approx([-200] * 12)
    assert line(app, "vat_settled") == pytest.approx([0, *[-200] * 11])
    # Half of what is owed to suppliers stays owed for another month, VAT included.
    assert line(app, "payables")[:3] == pytest.approx([3_600, 5_400, 6_300])
    assert line(app, "net_income") == pytest.approx([-1_000] * 12)


def test_pay_and_withheld_fees_are_no_supplier_invoices():
    """A seller's commission and a lender's fee bear no VAT and are paid at once, whatever suppliers allow."""
    seller = {"heads": 1, "salary": 0, "quota": 10}
    app = {"price": 5, "conversion": 0, "churn": 0, "requests_per_customer": 10, "share_of_deals": 1}
    members = {
        "plan": {"app": app | {"commission_share": "10%"}}, "role": {"seller": seller},
        "loan": {"bank": {"principal": 1_000, "drawn_month": 0, "arrangement_fee": "2%"}},
    }  # fmt: skip
    top = {"opening_cash": 0, "hours_per_month": 730, "tax_rate": 0, "input_vat_rate": "20%", "days_payable": 30}
    found = parse(written(members, top, months=2, counts="expected"), Path())
    assert line(found, "commission") == pytest.approx([10 * 5 * 12 * 0.1] * 2)
    assert line(found, "loan_fee") == pytest.approx([20, 0])
    assert line(found, "purchases") == pytest.approx([0, 0])
    assert line(found, "operating_cash_flow") == pytest.approx([50 - 60 - 20, 100 - 60])


def test_vat_on_devices_is_paid_at_once_and_given_back():
    """Ten devices of 10,000 cost 120,000 with VAT of 20 %, of which 20,000 come back a month later."""
    rented = {"tokens_per_second": 1, "device_price": 0, "peak_to_mean": 1}
    bought = rented | {"wanted_devices": {0: 0, 4: 10}, "device_list_price": 10_000, "economic_life": 60}
    found = Ledger.of(company({"input_vat_rate": "20%"}, bought))
    assert found.total("investment_vat").tolist() == pytest.approx([0] * 4 + [20_000] + [0] * 7)
    assert found.total("cash_flow")[3:7] == pytest.approx([5_000, -115_000, 25_000, 5_000])
    assert found.total("device_capex").sum() == pytest.approx(100_000)
    assert not check(simulation_of(found.scenario, base_values(found.scenario)))


def test_a_year_paid_ahead_is_taxed_with_its_invoice():
    """A customer of a new year pays its VAT at once, while the revenue comes month by month."""
    app = company(vat_rate="20%", prepaid_months=12, opening_deferred_revenue=27_500)
    ledger = Ledger.of(app)
    np.testing.assert_allclose(ledger.total("vat_charged"), 0.2 * ledger.total("billings"))
    assert ledger.total("revenue") == pytest.approx([5_000] * 12)
    assert ledger.total("billings")[0] == pytest.approx(1000 / 12 * 60)


def test_nobody_owes_vat_on_an_invoice_that_is_never_paid():
    """Of 5,000 net, a tenth is lost: VAT is due on the rest, and profit bears the net loss alone."""
    app = company(vat_rate="20%", bad_debt_share="10%")
    assert line(app, "vat_charged") == pytest.approx([900] * 12)
    assert line(app, "collections") == pytest.approx([5_400] * 12)
    assert line(app, "net_income") == pytest.approx([4_500] * 12)


def test_customers_answer_to_the_price_that_they_see():
    """VAT taken out of a price of 5 changes nothing for customers, who still pay 5."""
    answer = {"reference_bill": 4, "churn_elasticity": 2, "churn": "5%"}
    plain, taxed = company(**answer), company(**answer, vat_rate="19%", vat_included=1)
    assert line(taxed, "customers") == line(plain, "customers")
    assert line(taxed, "revenue") == pytest.approx([one / 1.19 for one in line(plain, "revenue")])


def test_a_tenth_of_customers_brings_its_net_revenue():
    """The revenue of all tenths is that of the plan, for fees, overage, metered tokens and services alike."""
    use = {"included_requests": 5, "overage_price": 0.1, "service_fee": 2, "commitment": 3, "output_price": 4}
    app = company(**use, vat_rate="19%", vat_included=1, payment_fee="3%")
    ledger = Ledger.of(app)
    found = deciles(ledger, "app")
    assert found.revenue.mean() * 1_000 == pytest.approx(ledger.total("plan_revenue")[-1])


def test_statements_show_what_the_state_is_owed():
    """VAT payable is a liability, and its change a part of the cash from operations."""
    ledger = Ledger.of(company(vat_rate="20%"))
    for name, title, amount in (("balance", "VAT payable", 1_000), ("cash flow", "Change in VAT payable", 1_000)):
        made = statement(ledger, name, "year")
        assert made.amounts[[row.title for row in made.rows].index(title), 0] == pytest.approx(amount)


@settings(max_examples=10)
@given(st.floats(0, 1), st.sampled_from([0, 1]), st.floats(0, 0.3), st.integers(1, 12), st.floats(0, 90))
def test_the_books_balance_with_vat(rate: float, included: int, paid: float, every: int, days: float):
    """Assets are liabilities and equity, and cash is collections less payments, whatever the rates and terms."""
    top = {"input_vat_rate": paid, "vat_every": every, "days_payable": days, "fixed_overhead": 3_000}
    app = company(top, vat_rate=rate, vat_included=included, days_to_pay=days, bad_debt_share=0.05, prepaid_months=3)
    assert not check(simulation_of(app, base_values(app)))


def test_a_company_without_vat_computes_nothing_for_it():
    """Without a rate, VAT is one zero for all months and trials."""
    app = company()
    kept = simulation_of(app, base_values(app))
    assert {"vat_charged", "input_vat"} <= business().lines.keys()
    assert all(not kept.keep([name])[name].any() for name in ("vat_charged", "input_vat", "vat_payable"))
