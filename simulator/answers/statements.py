"""Income statement, balance sheet and cash flow statement by month, quarter or year, in the order of accountants.

A statement is a list of rows, each of which shows lines of the model; the only computation is the sum over a period.
Costs, interest expense and tax are positive numbers that the totals below them subtract. Years and quarters are those
of the fiscal year, so the first of them may be short.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from simulator.answers.ledger import Ledger
from simulator.engine.dates import QUARTER, YEAR
from simulator.engine.model import Array
from simulator.lines import business

Period = Literal["month", "quarter", "year"]
LENGTHS: dict[Period, int] = {"month": 1, "quarter": QUARTER, "year": YEAR}


@dataclass(frozen=True)
class Row:
    """One row of a statement: the sum of `lines` over their members.

    A total lists in `groups` the groups of lines above it. A line of these groups that no row names gets a row of its
    own, so that a new line is never missing.
    """

    title: str
    lines: tuple[str, ...]
    total: bool = False
    groups: tuple[str, ...] = ()


def _row(title: str, *lines: str) -> Row:
    return Row(title, lines)


def _sum(title: str, line: str, *groups: str) -> Row:
    return Row(title, (line,), total=True, groups=groups)


INCOME = (
    _row("Subscriptions", "subscription_revenue"),
    _row("Usage and commitments", "overage_revenue", "metered_revenue"),
    _row("Prepaid credits", "credit_revenue"),
    _row("Services", "service_revenue"),
    _sum("Revenue", "revenue", "income"),
    _row("Inference", "paid_inference", "idle_serving"),
    _row("Cloud credits", "credits_for_customers"),
    _row("Moderation, review, storage and tools", "paid_care"),
    _row("Support staff", "support_payroll"),
    _row("Service delivery", "service_cost"),
    _row("Payment fees and royalties", "payment_fees", "royalty"),
    _row("Amortisation of models", "amortisation_of_revenue"),
    _sum("Cost of revenue", "cost_of_revenue", "direct_cost"),
    _sum("Gross profit", "gross_profit"),
    _sum("Sales and marketing", "sales_and_marketing"),
    _sum("Research and development", "research_and_development"),
    _sum("General and administrative", "general_and_administrative"),
    _row("Other operating income", "other_operating_income"),
    _sum("Operating income", "operating_income"),
    _row("Interest income", "interest_income"),
    _row("Interest expense", "interest_expense"),
    _sum("Income before tax", "pretax_income"),
    _row("Tax on income", "tax"),
    _sum("Net income", "net_income"),
)
BALANCE = (
    _row("Cash", "cash"),
    _row("Accounts receivable", "receivables"),
    _row("Property, plant and equipment", "equipment"),
    _row("Capitalised models", "model_assets"),
    _sum("Total assets", "assets", "asset"),
    _row("Accounts payable", "payables"),
    _row("Deferred revenue", "deferred_revenue"),
    _row("Customer credits", "credit_balance"),
    _row("Tax payable", "tax_payable"),
    _row("VAT payable", "vat_payable"),
    _row("SAFEs and notes", "safe_balance"),
    _row("Debt", "debt"),
    _sum("Total liabilities", "liabilities", "liability"),
    _row("Net assets at the start", "net_assets_at_start"),
    _row("Paid-in capital", "paid_in_capital"),
    _row("Retained earnings", "retained_earnings"),
    _sum("Total equity", "equity"),
)
CASH_FLOW = (
    _row("Net income", "net_income"),
    _row("Depreciation", "device_depreciation"),
    _row("Amortisation", "amortisation"),
    _row("Stock compensation", "stock_compensation"),
    _row("Interest added to notes", "note_interest_added"),
    _row("Gain on disposals", "disposal_gain_removed"),
    _row("Change in receivables", "receivables_change"),
    _row("Change in deferred revenue and credits", "deferred_change"),
    _row("Change in payables", "payables_change"),
    _row("Change in tax payable", "tax_change"),
    _row("Change in VAT payable", "vat_change"),
    _sum("Cash from operations", "operating_cash_flow", "noncash_cost", "adjustment"),
    _row("Devices bought", "capex_paid"),
    _row("Devices sold", "disposal_proceeds"),
    _row("Capitalised models", "development_paid"),
    _sum("Cash from investing", "investing_cash_flow", "investing"),
    _row("Priced rounds", "equity_raised"),
    _row("SAFEs and notes", "safe_raised"),
    _row("Notes repaid", "note_repaid"),
    _row("Loans drawn", "loan_drawn"),
    _row("Loans repaid", "repayment"),
    _row("Dividends", "dividends_paid"),
    _sum("Cash from financing", "financing_cash_flow", "financing"),
    _sum("Change in cash", "cash_flow"),
)
STATEMENTS: dict[str, tuple[Row, ...]] = {"income": INCOME, "balance": BALANCE, "cash flow": CASH_FLOW}
TITLES = {"income": "Income statement", "balance": "Balance sheet", "cash flow": "Cash flow statement"}
# Statements of balances at the end of a period; all others sum flows over it.
BALANCES = frozenset({"balance"})


@dataclass(frozen=True)
class Statement:
    """A statement: `amounts` has shape (rows, periods), and `starts` has the first month of each period."""

    rows: tuple[Row, ...]
    starts: tuple[int, ...]
    amounts: Array


def statement(ledger: Ledger, name: str, period: Period) -> Statement:
    """Return one of `STATEMENTS` by fiscal period: flows are sums, and balances those at the end.

    The first and the last period may be short.
    """
    rows = rows_of(name)
    # Fiscal quarters and years begin whole periods before or after the next fiscal year does.
    first = int(np.ceil(ledger.assumed("first_year_months")[0])) % LENGTHS[period]
    starts = (0, *range(first or LENGTHS[period], ledger.scenario.months, LENGTHS[period]))
    by_month = np.stack([sum(map(ledger.total, row.lines)) for row in rows])
    if name in BALANCES:
        # A period ends the month before the next one starts.
        return Statement(rows, starts, by_month[:, [*(start - 1 for start in starts[1:]), -1]])
    return Statement(rows, starts, np.add.reduceat(by_month, starts, axis=1))


def rows_of(name: str) -> tuple[Row, ...]:
    """Return the rows of a statement, with a row for each line of its groups that `STATEMENTS` does not name."""
    rows: list[Row] = []
    named = {line for row in STATEMENTS[name] for line in row.lines}
    for row in STATEMENTS[name]:
        grouped = [line for group in row.groups for line in business().groups[group]]
        rows += [_row(line.replace("_", " ").capitalize(), line) for line in grouped if line not in named]
        rows.append(row)
    return tuple(rows)
