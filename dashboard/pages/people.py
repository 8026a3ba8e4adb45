"""People: who works here, what they cost, and what they carry."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.parts import charts, charts_business, members, periods, tables
from dashboard.parts.tiles import small
from dashboard.parts.words import Words
from simulator.answers.ledger import Ledger
from simulator.answers.projection import Projection
from simulator.engine.dates import YEAR
from simulator.engine.model import Array


def page(projection: Projection, say: Words) -> None:
    """Heads and their pay, then what each of them carries."""
    roles = members.titles(projection.scenario, "role")
    if not roles:
        st.info(say("This file lists no roles yet; add one under roles."))
        return
    left, right = st.columns(2)
    with left:
        st.subheader(say("Heads by role"))
        heads(projection, say, roles)
        st.subheader(say("Hires by quarter"))
        hires(projection, say, roles)
    with right:
        st.subheader(say("Pay by year"))
        pay(projection, say)
        st.subheader(say("Revenue per head"))
        revenue_per_head(projection, say)
    st.subheader(say("Customers per head"))
    driven(projection, say, roles)
    st.subheader(say("Roles"))
    table(projection, say, roles)


def heads(projection: Projection, say: Words, roles: Mapping[str, str]) -> None:
    """People in each role by month."""
    ledger = projection.ledger
    series = {title: ledger.of_member("headcount", role) for role, title in roles.items()}
    parts = [say("{role}: {count:number}", role=title, count=counts[-1]) for title, counts in series.items()]
    everybody = ledger.total("headcount")
    text = say(
        "{first:number} people work here in {start:month} and {last:number} in {end:month}. {parts}.",
        first=everybody[0],
        last=everybody[-1],
        start=projection.dates[0],
        end=projection.dates[-1],
        parts=members.listed(parts),
    )
    figure = charts_business.stacked(say, projection.dates, series, say("heads"), steps=True)
    charts.show(figure, text, key="heads-chart")


def joined(ledger: Ledger, role: str) -> Array:
    """People who came this month, less those who left."""
    counts = ledger.of_member("headcount", role)
    return np.diff(counts, prepend=float(ledger.assumed("opening_headcount", role)[0]))


def hires(projection: Projection, say: Words, roles: Mapping[str, str]) -> None:
    """People who join in each quarter; nobody is counted for leaving."""
    changes = {title: joined(projection.ledger, role) for role, title in roles.items()}
    series = {title: periods.summed(np.maximum(change, 0), "quarter") for title, change in changes.items()}
    names = periods.labels(projection.scenario.months, "quarter", say)
    figure = charts_business.bars(
        say, names, series, x_title=periods.axis(say, "quarter"), y_title=say("heads that join"), kind="number"
    )
    by_quarter = sum(series.values(), start=np.zeros(len(names)))
    if not by_quarter.any():
        text = say("Nobody is hired within the plan.")
    else:
        text = say(
            "{count:number} people are hired within the plan, most of them in the quarter from {when}: {most:number}.",
            count=float(by_quarter.sum()),
            when=names[int(np.argmax(by_quarter))],
            most=float(by_quarter.max()),
        )
    if left := -sum(float(np.minimum(change, 0).sum()) for change in changes.values()):
        text += " " + say("{count:number} leave.", count=left)
    charts.show(figure, text, key="hires-chart")


def pay(projection: Projection, say: Words) -> None:
    """What people cost each year, in cash and in shares."""
    ledger, months = projection.ledger, projection.scenario.months
    cash, stock = (periods.summed(ledger.total(line), "year") for line in ("payroll", "stock_compensation"))
    names = periods.labels(months, "year", say)
    series = {say("payroll"): cash, **({say("in shares"): stock} if stock.any() else {})}
    figure = charts_business.bars(
        say,
        names,
        series,
        x_title=periods.axis(say, "year"),
        y_title=say("a year, {currency}", currency=projection.currency),
        kind="money",
    )
    text = say(
        "In the year from {first} pay comes to {start:money}, in the year from {last} to {end:money}; taxes, insurance "
        "and benefits that the employer pays are in it.",
        first=names[0],
        last=names[-1],
        start=cash[0],
        end=cash[-1],
    )
    text += " " + (
        say("Shares and options add {stock:money} over the whole plan, and no cash leaves for them.", stock=stock.sum())
        if stock.any()
        else say("Nobody is paid in shares.")
    )
    charts.show(figure, text, key="pay-chart")
    if months % YEAR:
        small(say("The last year has {months:months} only.", months=months % YEAR))


def revenue_per_head(projection: Projection, say: Words) -> None:
    """Revenue of twelve months for each person at their end."""
    ledger = projection.ledger
    months, people = projection.scenario.months, ledger.total("headcount")
    so_far = np.concatenate([[0.0], np.cumsum(ledger.total("revenue"))])
    ends = np.arange(min(YEAR, months), months + 1)
    year = so_far[ends] - so_far[ends - min(YEAR, months)]
    there = people[ends - 1]
    each = np.where(there > 0, year / np.where(there > 0, there, 1), np.nan)
    figure = charts_business.curves(
        say,
        [projection.dates[end - 1] for end in ends],
        {say("revenue per head"): each},
        x_title=say("Month"),
        y_title=say("of the twelve months before, {currency} per head", currency=projection.currency),
        kind="money",
    )
    kpi = projection.kpis["revenue_per_head"]
    if kpi.value is None:
        text = say(kpi.why)
    else:
        text = say("The last year's revenue comes to {value:money} for each person at its end.", value=kpi.value)
        if (best := int(np.nanargmax(each))) < len(each) - 1:
            text += " " + say(
                "The most is {best:money}, in the year to {when:month}.",
                best=each[best],
                when=projection.dates[ends[best] - 1],
            )
    charts.show(figure, text, key="revenue-per-head-chart")


def driven(projection: Projection, say: Words, roles: Mapping[str, str]) -> None:
    """Paying customers for each head of the roles that serve them, and what the plan asks of one."""
    ledger = projection.ledger
    asked = {role: float(ledger.assumed("customers_per_head", role)[-1]) for role in roles}
    support = {role for role in roles if ledger.assumed("support_share", role)[-1] > 0}
    serving = [role for role in roles if asked[role] > 0 or role in support]
    if not serving:
        st.info(
            say("No role serves customers: give one a support_share, or customers_per_head to let it grow with them.")
        )
        return
    customers = ledger.total("customers_served")
    each = {role: _over(customers, ledger.of_member("headcount", role)) for role in serving}
    figure = charts_business.curves(
        say,
        projection.dates,
        {roles[role]: values for role, values in each.items()},
        x_title=say("Month"),
        y_title=say("paying customers per head"),
        kind="number",
    )
    charts.show(figure, driven_sentence(projection, say, roles, asked, each), key="driven-chart")


def driven_sentence(
    projection: Projection, say: Words, roles: Mapping[str, str], asked: Mapping[str, float], each: Mapping[str, Array]
) -> str:
    """How many customers a head has at the end, and whether the plan hires by them."""
    parts = []
    for role, values in each.items():
        text = (
            say("no heads of {role}", role=roles[role])
            if np.isnan(values[-1])
            else say("{count:number} for each head of {role}", role=roles[role], count=values[-1])
        )
        rule = (
            say("one is hired for every {asked:number}", asked=asked[role])
            if asked[role] > 0
            else say("hired as planned, however many there are")
        )
        parts.append(f"{text} ({rule})")
    return say(
        "There are {customers:number} paying customers in {when:month}: {parts}.",
        customers=float(projection.ledger.total("customers_served")[-1]),
        when=projection.dates[-1],
        parts=members.listed(parts),
    )


def _over(amount: Array, people: Array) -> Array:
    """The amount for each head; NaN where there is nobody."""
    return np.where(people > 0, amount / np.where(people > 0, people, 1), np.nan)


def table(projection: Projection, say: Words, roles: Mapping[str, str]) -> None:
    """Each role with its first month, its heads at each year's end, and a year's base pay."""
    ledger, months = projection.ledger, projection.scenario.months
    ends = periods.ends(months, "year")
    counts = {role: ledger.of_member("headcount", role) for role in roles}
    columns = {
        say("Role"): list(roles.values()),
        say("First month"): [
            say.month_number(int(np.flatnonzero(count)[0])) if count.any() else "–" for count in counts.values()
        ],
        **{
            say("Heads {when}", when=say.month_number(end)): [say.number(count[end]) for count in counts.values()]
            for end in ends
        },
        say("Base pay a year"): [say.money(ledger.of_member("annual_pay", role)[-1]) for role in roles],
    }
    tables.show(pd.DataFrame(columns), alt=say("Roles with their heads and pay"), texts=[say("First month")])
    empty = [title for role, title in roles.items() if not counts[role].any()]
    if empty:
        small(say("A dash: nobody is planned for {roles}.", roles=members.listed(empty)))
