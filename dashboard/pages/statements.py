"""Statements: income, balance sheet and cash flow in the order of accountants, by month, quarter or year."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.parts.tables import as_csv, show, whole
from dashboard.parts.tiles import small
from dashboard.parts.words import Words, escape, readable
from simulator.answers.ledger import Ledger
from simulator.answers.projection import Projection
from simulator.answers.statements import LENGTHS, Period, Statement, statement

TITLES = {"income": "Income statement", "balance": "Balance sheet", "cash flow": "Cash flow"}
PERIODS: dict[str, str] = {"month": "Months", "quarter": "Quarters", "year": "Years"}
# Differences below half a cent are the rounding of the computer.
HALF_A_CENT = 0.005
# Where the reader is led to take a number apart, and the name of its field there.
WHY, WHY_LINE = "why", "why-line"


def page(projection: Projection, say: Words) -> None:
    """One statement, in the periods that the reader chooses."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.segmented_control(
            say("Statement"),
            list(TITLES),
            default="income",
            required=True,
            format_func=lambda name: say(TITLES[name]),
            key="statement",
            persist_state="session",
        )
        period = st.segmented_control(
            say("By"),
            list(PERIODS),
            default="year",
            required=True,
            format_func=lambda period: say(PERIODS[period]),
            key="statement-period",
            persist_state="session",
        )
        empty = st.toggle(say("Rows without amounts"), key="statement-empty", persist_state="session")
    made = statement(projection.ledger, name, period)
    st.markdown(escape(SENTENCES[name](made, projection, say)))
    table(made, headings(made, name, period, projection, say), say, TITLES[name], empty)
    small(say("Amounts in {currency}. Periods are counted from the plan's first month.", currency=projection.currency))
    balanced(projection.ledger, say)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        download(made, name, period, projection, say)
        explained(made, say)


def headings(made: Statement, name: str, period: Period, projection: Projection, say: Words) -> list[str]:
    """What stands above each column: the month, the first month of a longer period, or the day of a balance."""
    if period == "month":
        return [say.month(projection.dates[start]) for start in made.starts]
    if name == "balance":
        lasts = [min(start + LENGTHS[period], len(projection.dates)) - 1 for start in made.starts]
        return [say("end of {when:month}", when=projection.dates[last]) for last in lasts]
    return [say("from {when:month}", when=projection.dates[start]) for start in made.starts]


def table(made: Statement, heads: list[str], say: Words, title: str, empty: bool) -> None:
    """The rows with their amounts; those of zero throughout only where they are asked for."""
    shown = [place for place, row in enumerate(made.rows) if empty or row.total or np.round(made.amounts[place]).any()]
    rows = [[say(made.rows[place].title), *(whole(say, amount) for amount in made.amounts[place])] for place in shown]
    totals = [position for position, place in enumerate(shown) if made.rows[place].total]
    show(pd.DataFrame(rows, columns=[say(title), *heads]), say(title), totals=totals)


def income_sentence(made: Statement, projection: Projection, say: Words) -> str:
    """What the last period of the income statement comes to."""
    return say(
        "From {first:month} on, the last period here, revenue is {revenue:money}; {gross:money} of it is left after "
        "the cost of serving customers, and {net:money} as net income.",
        first=projection.dates[made.starts[-1]],
        revenue=amount(made, "revenue"),
        gross=amount(made, "gross_profit"),
        net=amount(made, "net_income"),
    )


def balance_sentence(made: Statement, projection: Projection, say: Words) -> str:
    """What the company has and owes at the end."""
    return say(
        "At the end of {last:month} the company has {assets:money}, of which {cash:money} is cash; it owes "
        "{liabilities:money}, and {equity:money} belongs to its owners.",
        last=projection.dates[-1],
        assets=amount(made, "assets"),
        cash=amount(made, "cash"),
        liabilities=amount(made, "liabilities"),
        equity=amount(made, "equity"),
    )


def cash_sentence(_: Statement, projection: Projection, say: Words) -> str:
    """Where cash came from and went over the whole plan."""
    flows = ("operating_cash_flow", "investing_cash_flow", "financing_cash_flow", "cash_flow")
    operations, investing, financing, change = (float(projection.ledger.total(name).sum()) for name in flows)
    return say(
        "Over the whole plan operations bring {operations:money}, investing {investing:money} and financing "
        "{financing:money}: cash changes by {change:money} and ends at {end:money}.",
        operations=operations,
        investing=investing,
        financing=financing,
        change=change,
        end=float(projection.ledger.total("cash")[-1]),
    )


SENTENCES = {"income": income_sentence, "balance": balance_sentence, "cash flow": cash_sentence}


def amount(made: Statement, line: str) -> float:
    """The amount of a row in the last period."""
    place = next(place for place, row in enumerate(made.rows) if row.lines == (line,))
    return float(made.amounts[place, -1])


def balanced(ledger: Ledger, say: Words) -> None:
    """Whether both sides of the balance sheet agree, and cash with its flow, in every month."""
    sides = np.abs(ledger.total("assets") - ledger.total("liabilities") - ledger.total("equity"))
    moved = np.abs(np.diff(ledger.total("cash")) - ledger.total("cash_flow")[1:])
    worst = float(max(sides.max(), moved.max(initial=0.0)))
    if worst < HALF_A_CENT:
        text = say(
            "It balances: in each of {count} months assets equal liabilities and equity, and cash changes by its flow, "
            "to the cent.",
            count=str(len(sides)),
        )
        st.markdown(f":material/check_circle: {escape(text)}")
    else:
        st.warning(escape(say("It does not balance: the largest difference in a month is {gap:money}.", gap=worst)))


def download(made: Statement, name: str, period: Period, projection: Projection, say: Words) -> None:
    """The statement as a file, with every row, made when it is asked for."""
    head = [say(TITLES[name]), *headings(made, name, period, projection, say)]
    rows = [[say(row.title), *map(float, amounts)] for row, amounts in zip(made.rows, made.amounts, strict=True)]
    st.download_button(
        say("Download as CSV"),
        data=partial(as_csv, head, rows),
        file_name=f"{name.replace(' ', '-')}-by-{period}.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
        key="download-statement",
    )


def explained(made: Statement, say: Words) -> None:
    """Choose a line of the statement, and go to where it is taken apart."""
    titles = {line: row.title if len(row.lines) == 1 else readable(line) for row in made.rows for line in row.lines}
    line = st.selectbox(
        say("Take a number apart"),
        list(titles),
        index=None,
        format_func=lambda line: say(titles[line]),
        placeholder=say("Choose a row"),
        key="statement-line",
        width=260,
    )
    if st.button(say("Show under Why"), icon=":material/account_tree:", disabled=line is None, key="to-why"):
        st.session_state[WHY_LINE] = line
        # A page is known by its path; this one stands for the page of that path.
        st.switch_page(st.Page(lambda: None, url_path=WHY, title=WHY), query_params=st.query_params.to_dict())
