"""Statements: income statement, balance sheet and cash flow statement, by month, quarter or year."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.parts import periods
from dashboard.parts.choices import one_of
from dashboard.parts.tables import as_csv, show, whole
from dashboard.parts.tiles import download, small
from dashboard.parts.words import Words, escape, readable
from simulator.answers.ledger import Ledger
from simulator.answers.projection import Projection
from simulator.answers.statements import Period, Statement, statement

TITLES = {"income": "Income statement", "balance": "Balance sheet", "cash flow": "Cash flow"}
PERIODS: dict[Period, str] = {"year": "Years", "quarter": "Quarters", "month": "Months"}
# A difference below half a cent comes from floating-point rounding.
HALF_A_CENT = 0.005
# The page that explains a number, and the key of its field.
WHY, WHY_LINE = "why", "why-line"


def page(projection: Projection, say: Words) -> None:
    """Draw one statement in the chosen periods."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = one_of(say, say("Statement"), TITLES, "statement")
        period = one_of(say, say("Columns"), PERIODS, "statement-period")
        empty = st.toggle(say("Show empty rows"), key="statement-empty", persist_state="session")
    made = statement(projection.ledger, name, period)
    heads = headings(made, name, period, projection, say)
    st.markdown(escape(SENTENCES[name](made, heads[-1], projection, say)))
    table(made, heads, say, TITLES[name], empty)
    small(
        say(
            "Amounts in {currency}. Years and quarters are those of the fiscal year.",
            currency=projection.currency,
        )
    )
    balanced(projection.ledger, say)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        as_file(made, name, period, projection, say)
        explained(made, say)


def headings(made: Statement, name: str, period: Period, projection: Projection, say: Words) -> list[str]:
    """Return the heading of each column: its period, or for a balance sheet the month at whose end it is drawn up."""
    if period == "month":
        return [say.month(projection.dates[start]) for start in made.starts]
    if name == "balance":
        lasts = [*(start - 1 for start in made.starts[1:]), len(projection.dates) - 1]
        return [say("end of {when}", when=say.month_number(last)) for last in lasts]
    return periods.labels_of(made.starts, period, say)


def table(made: Statement, heads: list[str], say: Words, title: str, empty: bool) -> None:
    """Draw the rows with their amounts; rows of zeros only if `empty` asks for them."""
    shown = [place for place, row in enumerate(made.rows) if empty or row.total or np.round(made.amounts[place]).any()]
    rows = [[say(made.rows[place].title), *(whole(say, amount) for amount in made.amounts[place])] for place in shown]
    totals = [position for position, place in enumerate(shown) if made.rows[place].total]
    show(pd.DataFrame(rows, columns=[say(title), *heads]), say(title), totals=totals)


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
    moved = np.abs(np.diff(ledger.total("cash")) - ledger.total("cash_flow")[1:])
    worst = float(max(sides.max(), moved.max(initial=0.0)))
    if worst < HALF_A_CENT:
        text = say(
            "Checked to the cent: in each of {count} months assets equal liabilities plus equity, and cash changes by "
            "the cash flow.",
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


def explained(made: Statement, say: Words) -> None:
    """Let the reader choose a line of the statement and open the page that explains it."""
    titles = {line: row.title if len(row.lines) == 1 else readable(line) for row in made.rows for line in row.lines}
    line = st.selectbox(
        say("Explain a row"),
        list(titles),
        index=None,
        format_func=lambda line: say(titles[line]),
        placeholder=say("Choose a row"),
        key="statement-line",
        width=260,
    )
    if st.button(say("Open the explanation"), icon=":material/account_tree:", disabled=line is None, key="to-why"):
        st.session_state[WHY_LINE] = line
        # Streamlit identifies a page by its path, so this placeholder leads to the page of the same path.
        st.switch_page(st.Page(lambda: None, url_path=WHY, title=WHY), query_params=st.query_params.to_dict())
