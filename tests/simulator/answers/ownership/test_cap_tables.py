"""Who owns the company of a base case, and what an exit pays."""

from pathlib import Path

import pytest

from simulator.answers.ledger import Ledger
from simulator.answers.ownership.investors import cap_tables, exit_at_end
from simulator.errors import Undefined
from simulator.scenario.reading import parse
from simulator.scenario.scenario import Scenario


def test_shares_sum_to_the_whole_and_an_exit_pays_all_of_it(whole: Ledger):
    """Ownership sums to 1, and payouts and debt sum to the exit value."""
    tables = cap_tables(whole)
    assert sum(tables[-1].ownership().values()) == 1
    sale = exit_at_end(whole, tables, 50_000_000)
    assert float(sum(sale.split.by_holder().values()) + sale.split.debt_paid) == pytest.approx(50_000_000)


def test_a_safe_from_before_the_plan_converts():
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


def test_a_scenario_without_holders_says_so(small: Scenario):
    """Without holders the cap table is undefined, and the reason says what to add."""
    with pytest.raises(Undefined, match="list them under `holders`"):
        cap_tables(Ledger.of(small))
