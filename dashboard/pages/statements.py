"""Statements: income statement, balance sheet and cash flow statement, by month, quarter or year."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.parts import periods
from dashboard.parts.choices import one_of
from dashboard.parts.explaining.links import Step
from dashboard.parts.tables import Explains, as_csv, show, whole
from dashboard.parts.tiles import download, small
from dashboard.parts.words import Words, escape
from simulator.answers.ledger import Ledger
from simulator.answers.projection import Projection
from simulator.answers.search import TOTAL
from simulator.answers.statements import BALANCES, LENGTHS, Period, Statement, statement
from simulator.lines import business

TITLES = {"income": "Income statement", "balance": "Balance sheet", "cash flow": "Cash flow statement"}
PERIODS: dict[Period, str] = {"year": "Years", "quarter": "Quarters", "month": "Months"}
LAST_IS_SHORT: dict[Period, str] = {
    "year": "The last year has only {months:months}.",
    "quarter": "The last quarter has only {months:months}.",
}
# A difference below half a cent comes from floating-point rounding, and so does one of a few units in the last of the
# 16 digits of the largest amount: amounts in rupiah or dong have more digits than a cent can be told in.
HALF_A_CENT, ROUNDING = 0.005, 1e-14


def page(projection: Projection, say: Words) -> None:
    """Draw one statement in the chosen periods."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = one_of(say, say("Statement"), TITLES, "statement")
        period = one_of(say, say("Columns"), PERIODS, "statement-period")
        empty = st.toggle(say("Show empty rows"), key="statement-empty", persist_state="session")
    made = statement(projection.ledger, name, period)
    heads = headings(made, name, period, projection, say)
    st.markdown(escape(SENTENCES[name](made, heads[-1], projection, say)))
    table(made, name, heads, projection, say, empty)
    small(
        say(
            "Amounts in {currency}. Years and quarters are those of the fiscal year.",
            currency=projection.currency,
        )
    )
    if name not in BALANCES and (rest := len(projection.dates) - made.starts[-1]) < LENGTHS[period]:
        small(say(LAST_IS_SHORT[period], months=rest))
    balanced(projection.ledger, say)
    as_file(made, name, period, projection, say)


def headings(made: Statement, name: str, period: Period, projection: Projection, say: Words) -> list[str]:
    """Return the heading of each column: its period, or for a balance sheet the month at whose end it is drawn up."""
    if period == "month":
        return [say.month(projection.dates[start]) for start in made.starts]
    if name == "balance":
        lasts = [*(start - 1 for start in made.starts[1:]), len(projection.dates) - 1]
        return [say("end of {when}", when=say.month_number(last)) for last in lasts]
    return periods.labels_of(made.starts, period, say)


def table(  # noqa: PLR0917
    made: Statement, name: str, heads: list[str], projection: Projection, say: Words, empty: bool
) -> None:
    """Draw the rows with their amounts; rows of zeros only if `empty` asks for them. Each amount can be explained."""
    shown = [place for place, row in enumerate(made.rows) if empty or row.total or np.round(made.amounts[place]).any()]
    rows = [[say(made.rows[place].title), *(whole(say, amount) for amount in made.amounts[place])] for place in shown]
    totals = [position for position, place in enumerate(shown) if made.rows[place].total]

    def step(row: int, column: int) -> Step:
        return behind(made, name, shown[row], max(column - 1, 0), len(projection.dates))

    title = say(TITLES[name])
    explains = Explains(f"{name}:{len(heads)}:{len(rows)}", say, step)
    show(pd.DataFrame(rows, columns=[title, *heads]), title, totals=totals, explains=explains)


def behind(made: Statement, name: str, row: int, period: int, months: int) -> Step:
    """Return the number behind an amount: the row's lines over the months of its period, or at the end of it."""
    lines = business().lines
    terms = (f"{TOTAL}{line}" if lines[line].per else line for line in made.rows[row].lines)
    stops = [*made.starts[1:], months]
    span = 1 if name in BALANCES else stops[period] - made.starts[period]
    return Step("+".join(terms), stops[period] - 1, span)


def income_sentence(made: Statement, last: str, _: Projection, say: Words) -> str:
    """Return revenue, gross profit and net income of the last period."""
    return say(
        "Last period ({last}): revenue is {revenue:money}, gross profit {gross:money} and net income {net:money}.",
        last=last,
        revenue=amount(made, "revenue"),
        gross=amount(made, "gross_profit"),
        net=amount(made, "net_income"),
    )


def balance_sentence(made: Statement, _: str, projection: Projection, say: Words) -> str:
    """Return assets, liabilities and equity at the end."""
    values = {"last": projection.dates[-1], "assets": amount(made, "assets"), "cash": amount(made, "cash")}
    more = {"liabilities": amount(made, "liabilities"), "equity": amount(made, "equity")}
    return say(
        "At the end of {last:month} the company has assets of {assets:money}, of which {cash:money} is cash, "
        "liabilities of {liabilities:money} and equity of {equity:money}.",
        **values,
        **more,
    )


def cash_sentence(_: Statement, __: str, projection: Projection, say: Words) -> str:
    """Return cash from operations, investing and financing over the whole projection."""
    flows = ("operating_cash_flow", "investing_cash_flow", "financing_cash_flow", "cash_flow")
    operations, investing, financing, change = (float(projection.ledger.total(name).sum()) for name in flows)
    values = {"operations": operations, "investing": investing, "financing": financing, "change": change}
    more = {"end": float(projection.ledger.total("cash")[-1])}
    return say(
        "Over the whole projection operations bring {operations:money}, investing {investing:money} and financing "
        "{financing:money}: cash changes by {change:money} and ends at {end:money}.",
        **values,
        **more,
    )


SENTENCES = {"income": income_sentence, "balance": balance_sentence, "cash flow": cash_sentence}


def amount(made: Statement, line: str) -> float:
    """Return the amount of a row in the last period."""
    place = next(place for place, row in enumerate(made.rows) if row.lines == (line,))
    return float(made.amounts[place, -1])


def balanced(ledger: Ledger, say: Words) -> None:
    """Say whether the balance sheet balances, and cash changes by its flow, in every month."""
    sides = np.abs(ledger.total("assets") - ledger.total("liabilities") - ledger.total("equity"))
    before = ledger.assumed("opening_cash")[0]
    moved = np.abs(np.diff(ledger.total("cash"), prepend=before) - ledger.total("cash_flow"))
    worst, largest = float(max(sides.max(), moved.max())), float(np.abs(ledger.total("assets")).max())
    if worst < max(HALF_A_CENT, ROUNDING * largest):
        text = say(
            "Checked: in each of {count} months assets equal liabilities plus equity, and cash changes by the cash "
            "flow.",
            count=str(len(sides)),
        )
        st.markdown(f":material/check_circle: {escape(text)}")
    else:
        st.warning(
            escape(say("The statements do not balance: the largest difference in a month is {gap:money}.", gap=worst))
        )


def as_file(made: Statement, name: str, period: Period, projection: Projection, say: Words) -> None:
    """Offer the statement as a CSV file with every row."""
    head = [say(TITLES[name]), *headings(made, name, period, projection, say)]
    rows = [[say(row.title), *map(float, amounts)] for row, amounts in zip(made.rows, made.amounts, strict=True)]
    file = f"{name.replace(' ', '-')}-by-{period}.csv"
    download(say("Download as CSV"), partial(as_csv, head, rows), file, "text/csv", key="download-statement")
