"""Answers read off a base case: cohorts, deciles, queues, statements, owners, the users' advantage."""

import json
from pathlib import Path

import numpy as np
import pytest
from companies import everything
from hypothesis import given
from hypothesis import strategies as st

from simulator.answers.capacity import (
    VendorBreakeven,
    day,
    erlang_c,
    mean_wait,
    served_within,
    sources,
    vendor_breakeven,
    whole_devices_against,
)
from simulator.answers.customers.cohorts import fit_retention, survival_of, triangle
from simulator.answers.customers.deciles import Piecewise, Usage, deciles
from simulator.answers.customers.economics import unit_economics
from simulator.answers.ledger import Ledger
from simulator.answers.ownership.investors import cap_tables, exit_at_end
from simulator.answers.projection import project
from simulator.answers.statements import STATEMENTS, rows_of, statement
from simulator.answers.variations.advantage import advantage
from simulator.engine.lognormal import excess, spread_of_top_tenth
from simulator.errors import PlanError, Undefined
from simulator.output.plain import as_json
from simulator.scenario.reading import load, parse

SCENARIOS = Path(__file__).parents[3] / "scenarios"


@pytest.fixture(scope="module")
def whole() -> Ledger:
    """The base case of a company that has everything."""
    return Ledger.of(everything(Path(), months=30, seed=4))


# Cohorts


def test_the_triangle_sums_to_customers(whole: Ledger):
    """The cohorts of a month sum to its customers."""
    for plan in whole.names("plan"):
        total = np.nansum(triangle(whole, plan), axis=0)
        np.testing.assert_allclose(total, whole.of_member("customers", plan), rtol=1e-9)


def test_the_published_retention_is_found_again():
    """Fader and Hardie (2007), regular customers: alpha .668 and beta 3.806, and survival in years 8 to 12."""
    churn, spread = fit_retention(np.array([0.869, 0.743, 0.653, 0.593, 0.551, 0.517, 0.491]))
    assert churn / spread == pytest.approx(0.668, abs=0.001)
    assert (1 - churn) / spread == pytest.approx(3.806, abs=0.005)
    assert survival_of(churn, spread, 12)[8:] == pytest.approx([0.460, 0.436, 0.414, 0.395, 0.378], abs=0.001)


@pytest.mark.parametrize("shares", [[0.9], [0.9, 0.95], [1.0, 0.9], [0.5, -0.1]])
def test_what_is_no_retention_is_refused(shares: list[float]):
    """One point, a rise, no loss and a negative share are no retention curve."""
    with pytest.raises(PlanError, match="give two or more that fall"):
        fit_retention(np.array(shares))


# Heavy tails


def test_three_quarters_in_the_top_tenth_is_a_spread_of_two():
    """Φ(σ − 1.28155) = 75 % where σ = 1.956."""
    assert spread_of_top_tenth(0.75) == pytest.approx(1.956, abs=0.0005)


@given(mean=st.floats(1, 1e5), spread=st.floats(0.1, 2.5), knots=st.lists(st.floats(1, 1e6), min_size=1, max_size=3))
def test_tenths_average_to_the_whole(mean: float, spread: float, knots: list[float]):
    """The mean over ten tenths of any piecewise amount is its mean over all customers by Black's formula."""
    amount = Piecewise(3.0, tuple((knot, 0.5) for knot in knots))
    whole = 3.0 + sum(0.5 * excess(mean, knot, spread) for knot in knots)
    assert amount.by_tenth(Usage(mean, spread)).mean() == pytest.approx(whole, rel=1e-6)


def test_deciles_of_a_plan_agree_with_its_lines(whole: Ledger):
    """The requests of the tenths average to the plan's line, and the tenths rise."""
    for plan in whole.names("plan"):
        found = deciles(whole, plan)
        assert found.requests.mean() == pytest.approx(whole.of_member("capped_requests", plan)[-1], rel=1e-6)
        assert np.all(np.diff(found.requests) >= 0)
        assert 0 <= found.losing <= 1


def test_who_loses_money_is_found_where_cost_overtakes_the_fee():
    """At a flat fee, the customers who use more than the fee pays for lose money, as a sample of customers confirms."""
    usage, fee, cost = Usage(100.0, 1.2), 30.0, 0.2
    sample = np.exp(np.random.default_rng(5).normal(np.log(100) - 0.72, 1.2, 400_000))
    assert 1 - usage.share_below(np.array(fee / cost)) == pytest.approx((sample * cost > fee).mean(), abs=0.003)


def test_a_cap_takes_from_the_heaviest_tenth_first(whole: Ledger):
    """A cap does not change the tenths below it."""
    plan = whole.names("plan")[0]
    free = deciles(whole, plan)
    capped = deciles(whole, plan, cap=float(free.requests[-1]) * 0.9)
    assert capped.requests[:5] == pytest.approx(free.requests[:5], rel=1e-6)
    assert capped.requests[-1] < free.requests[-1]


# Queues and devices


def test_erlang_c_agrees_with_the_textbook():
    """Ten erlangs on 14 servers: 17.4 % wait, 88.8 % of three-minute calls start in 20 s; M/M/1: P(wait) = ρ."""
    assert erlang_c(10, 14) == pytest.approx(0.1741319335950)
    assert served_within(10, 14, 180, 20) == pytest.approx(0.8883500191795)
    assert erlang_c(0.8, 1) == pytest.approx(0.8)
    assert mean_wait(0.8, 1, 2.0) == pytest.approx(0.8 / 0.2 * 2.0)


def test_a_queue_that_cannot_keep_up_says_so():
    """With more load than servers, every request waits, without end."""
    assert (erlang_c(5, 5), mean_wait(5, 5, 1.0), served_within(6, 5, 1.0, 1.0)) == (1.0, np.inf, 0.0)


@given(load=st.floats(0.01, 50), more=st.integers(1, 60))
def test_another_server_never_makes_it_worse(load: float, more: int):
    """The probability of waiting never rises with another server."""
    servers = int(load) + more
    assert erlang_c(load, servers + 1) <= erlang_c(load, servers)


def test_a_day_has_whole_devices(whole: Ledger):
    """Each hour's devices are whole and cover the need."""
    for pool in whole.names("pool"):
        found = day(whole, pool)
        assert np.all(found.devices >= found.needed - 1e-9)
        assert np.all(found.devices == np.round(found.devices))
        assert len(sources(whole, pool)) == 4


def against_a_vendor(pool: str) -> VendorBreakeven | None:
    """Return the break-even of a pool with requests of 400 tokens: $.004 at the vendor, $2.50 a device hour."""
    text = (
        "breakeven: 1\ntitle: T\nstart: 2027-01\nmonths: 2\n"
        "assumptions: {hours_per_month: 730, opening_cash: 1, tax_rate: 0}\n"
        "plans: {a: {price: 1, conversion: 1, churn: 0, opening_customers: 10, requests_per_customer: 10}}\n"
        "features: {f: {pool: p, tokens_per_request: 400}}\n"
        f"pools: {{p: {{device_price: 2.5, {pool}}}}}\n"
    )
    return vendor_breakeven(Ledger.of(parse(text, Path())), "p")


@pytest.mark.parametrize(
    ("pool", "requests", "devices", "carried"),
    [("peak_to_mean: 1", 625, 1, 900), ("peak_to_mean: 2", None, None, 450),
     ("peak_to_mean: 1, spare_devices: 1", 2_500, 4, 900)],
    ids=["625 of the 900 a device carries", "450 never pay", "three at work pay for a spare"],
)  # fmt: skip
def test_break_even_with_a_vendor_is_the_hour_over_the_request(pool: str, requests, devices, carried: float):
    """$2.50 a GPU-hour against $.004 a request; a peak of twice the mean halves what a device carries."""
    found = against_a_vendor(f"tokens_per_second: 100, vendor_output_price: 10, {pool}")
    assert found is not None
    assert (found.requests, found.devices) == (requests and pytest.approx(requests), devices)
    assert (found.carried, found.by_vendor) == (pytest.approx(carried), pytest.approx(0.004))
    assert found.full == pytest.approx(2.5 / carried)
    assert found.why == ("" if requests else "Even a full device costs more per request than the vendor.")


def test_without_a_vendors_price_there_is_nothing_to_compare():
    """Without a vendor's price there is no break-even."""
    assert against_a_vendor("tokens_per_second: 100, peak_to_mean: 1") is None


@given(carried=st.integers(2, 60), ratio=st.floats(0.05, 1.5), fewest=st.integers(0, 4), spares=st.integers(0, 3))
def test_no_smaller_number_of_requests_pays_for_whole_devices(carried: int, ratio: float, fewest: int, spares: int):
    """Below the break-even every volume costs more on devices than at the vendor, and at the break-even it does not."""
    hourly = ratio * carried * 0.01
    found = whole_devices_against(0.01, hourly, carried, fewest, spares)

    def dearer(requests: float) -> bool:
        devices = max(fewest, int(np.ceil(requests / carried - 1e-9)), 1) + spares
        return devices * hourly > 0.01 * requests * (1 + 1e-9)

    end = 40 * carried if found.requests is None else found.requests * (1 - 1e-6)
    assert all(map(dearer, np.linspace(0.01, end, 400)))
    assert found.requests is None or not dearer(found.requests)


# Statements


@pytest.mark.parametrize("name", STATEMENTS)
@pytest.mark.parametrize("period", ["month", "quarter", "year"])
def test_rows_of_a_statement_add_up_to_its_totals(whole: Ledger, name: str, period):
    """Each total is the sum of the rows since the total before."""
    made = statement(whole, name, period)
    at = {row.title: amounts for row, amounts in zip(made.rows, made.amounts, strict=True)}
    parts = np.zeros(len(made.starts))
    for row, amounts in zip(made.rows, made.amounts, strict=True):
        if row.groups or row.title == "Total equity":
            np.testing.assert_allclose(parts, amounts, rtol=1e-9, atol=1e-6)
        parts = np.zeros(len(made.starts)) if row.total else parts + amounts
    if name == "balance":
        np.testing.assert_allclose(at["Total assets"], at["Total liabilities"] + at["Total equity"], atol=1e-5)


def test_a_new_line_gets_a_row_of_its_own(monkeypatch: pytest.MonkeyPatch):
    """A line that no row names appears before the total of its group."""
    fewer = tuple(row for row in STATEMENTS["income"] if row.lines != ("paid_care",))
    monkeypatch.setitem(STATEMENTS, "income", fewer)
    assert "Paid care" in [row.title for row in rows_of("income")]


def test_years_are_the_sum_of_their_months(whole: Ledger):
    """Flows of a fiscal year, here from month 8, are sums; balances are those of its last month."""
    for name, year in (("income", lambda months: months.sum(axis=1)), ("balance", lambda months: months[:, -1])):
        by_month, by_year = (statement(whole, name, period).amounts for period in ("month", "year"))
        np.testing.assert_allclose(by_year[:, 1], year(by_month[:, 8:20]))


# Owners and the advantage


def test_shares_sum_to_the_whole_and_an_exit_pays_all_of_it(whole: Ledger):
    """Ownership sums to 1, and payouts and debt sum to the exit value."""
    tables = cap_tables(whole)
    assert sum(tables[-1].ownership().values()) == 1
    sale = exit_at_end(whole, tables, 50_000_000)
    assert float(sum(sale.split.by_holder().values()) + sale.split.debt_paid) == pytest.approx(50_000_000)


def test_a_safe_from_before_the_plan_converts(small):
    """A SAFE of 1M at a cap of 10M, signed before the first month, owns a tenth before the round."""
    text = (
        "breakeven: 1\ntitle: T\nstart: 2027-01\nmonths: 6\n"
        "assumptions: {hours_per_month: 730, opening_cash: 1000000, tax_rate: 0}\n"
        "holders: {founders: {shares: 9000000}}\n"
        "safes: {angels: {signed_month: 0, investment: 0, opening_safe_balance: 1000000, valuation_cap: 10000000}}\n"
        "rounds: {a: {close_month: 3, amount: 5000000, pre_money: 20000000}}\n"
    )
    last = cap_tables(Ledger.of(parse(text, Path())))[-1]
    assert float(last.ownership()["angels"]) == pytest.approx(0.1 * 20 / 25, abs=1e-6)


def test_a_scenario_without_holders_says_so(small):
    """Without holders the cap table is undefined, and the reason says what to add."""
    with pytest.raises(Undefined, match="list them under `holders`"):
        cap_tables(Ledger.of(small))


def test_the_tutor_lives_off_its_users():
    """Without feedback the shipped tutor ends with lower quality and revenue."""
    found = advantage(load(SCENARIOS / "education-tutor.yaml"))
    assert found is not None
    assert min(found.worth("quality"), found.worth("revenue")) > 0


def test_a_scenario_without_feedback_has_no_advantage(small):
    """Without feedback there is no advantage to compute."""
    assert advantage(small) is None


def test_unit_economics_add_up(whole: Ledger):
    """The margin of a customer is revenue less costs."""
    for plan in whole.names("plan"):
        unit = unit_economics(whole, plan)
        assert unit.margin == pytest.approx(unit.revenue - unit.inference - unit.other)
        assert 0 <= unit.months <= 36


def test_the_report_is_plain_and_the_same_twice():
    """The report is JSON without NaN, and the same scenario gives the same bytes."""
    scenario = everything(Path(), months=14, seed=4)
    first, second = (json.dumps(as_json(project(scenario, 3)), allow_nan=False) for _ in range(2))
    assert first == second
    assert {"statements", "plans", "pools", "captable", "advantage"} <= set(json.loads(first))
