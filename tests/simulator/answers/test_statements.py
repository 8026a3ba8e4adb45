"""Statements: rows that add up, by month, quarter and fiscal year."""

import numpy as np
import pytest

from simulator.answers.ledger import Ledger
from simulator.answers.statements import STATEMENTS, rows_of, statement


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
