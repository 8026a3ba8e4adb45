"""People: headcount and hires by role, pay, and the revenue and customers per person."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.parts import charts, members, periods, tables
from dashboard.parts.tiles import small
from dashboard.parts.words import Words
from simulator.answers.ledger import Ledger
from simulator.answers.projection import Projection
from simulator.engine.dates import YEAR
from simulator.engine.model import Array


def page(projection: Projection, say: Words) -> None:
    """Draw headcount and pay, then revenue and customers per person."""
    roles = members.known(projection.scenario, "role", say)
    if not roles:
        return
    left, right = st.columns(2)
    with left:
        headcount(projection, say, roles)
        hires(projection, say, roles)
    with right:
        pay(projection, say)
        revenue_per_head(projection, say)
    customers_per_head(projection, say, roles)
    table(projection, say, roles)


def headcount(projection: Projection, say: Words, roles: Mapping[str, str]) -> None:
    """Draw the people in each role by month."""
    st.header(say("People by role"))
    ledger = projection.ledger
    series = {title: ledger.of_member("headcount", role) for role, title in roles.items()}
    parts = [say("{role}: {count:number}", role=title, count=counts[-1]) for title, counts in series.items()]
    everybody = ledger.total("headcount")
    values = {"first": everybody[0], "last": everybody[-1], "start": projection.dates[0], "end": projection.dates[-1]}
    more = {"parts": say.listed(parts)}
    text = say(
        "Headcount goes from {first:number} in {start:month} to {last:number} in {end:month}. {parts}.",
        **values,
        **more,
    )
    charts.show(charts.stacked(say, projection.dates, series, say("people"), steps=True), text, key="heads-chart")


def joined(ledger: Ledger, role: str) -> Array:
    """Return new hires less leavers by month."""
    counts = ledger.of_member("headcount", role)
    opening = ledger.scenario.assumption_of("opening_headcount", role)
    # Without a number, the people of the first month were there before.
    return np.diff(counts, prepend=counts[0] if opening.is_default else opening.central)


def hires(projection: Projection, say: Words, roles: Mapping[str, str]) -> None:
    """Draw new hires by quarter; leavers are not subtracted."""
    st.header(say("Hires by quarter"))
    changes = {title: joined(projection.ledger, role) for role, title in roles.items()}
    series = {title: periods.summed(np.maximum(change, 0), "quarter") for title, change in changes.items()}
    names = periods.labels(projection.scenario.months, "quarter", say)
    figure = charts.bars(say, names, series, say("new hires"), "number", x_title=periods.axis(say, "quarter"))
    by_quarter = sum(series.values(), start=np.zeros(len(names)))
    if not by_quarter.any():
        text = say("Nobody is hired in the projection.")
    else:
        text = say(
            "{count:number} people are hired; the busiest quarter brings {most:number} ({when}).",
            count=float(by_quarter.sum()),
            when=names[int(np.argmax(by_quarter))],
            most=float(by_quarter.max()),
        )
    if left := -sum(float(np.minimum(change, 0).sum()) for change in changes.values()):
        text += " " + say("{count:number} leave.", count=left)
    charts.show(figure, text, key="hires-chart")


def pay(projection: Projection, say: Words) -> None:
    """Draw the cost of people by year, in cash and in shares."""
    st.header(say("Pay by year"))
    ledger, months = projection.ledger, projection.scenario.months
    cash, stock = (periods.summed(ledger.total(line), "year") for line in ("payroll", "stock_compensation"))
    names = periods.labels(months, "year", say)
    series = {say("payroll"): cash, **({say("stock compensation"): stock} if stock.any() else {})}
    y_title = say("a year, {currency}", currency=projection.currency)
    figure = charts.bars(say, names, series, y_title, "money", x_title=periods.axis(say, "year"))
    values = {"first": names[0], "last": names[-1], "start": cash[0], "end": cash[-1]}
    text = say(
        "Payroll is {start:money} ({first}) and {end:money} ({last}), with employer taxes, insurance and benefits.",
        **values,
    )
    text += " " + (
        say("Stock compensation adds {stock:money} over the projection and costs no cash.", stock=stock.sum())
        if stock.any()
        else say("Nobody is paid in shares.")
    )
    charts.show(figure, text, key="pay-chart")
    if months % YEAR:
        small(say("The last year has only {months:months}.", months=months % YEAR))


def revenue_per_head(projection: Projection, say: Words) -> None:
    """Draw trailing 12-month revenue per person."""
    st.header(say("Revenue per person"))
    ledger = projection.ledger
    months, people = projection.scenario.months, ledger.total("headcount")
    so_far = np.concatenate([[0.0], np.cumsum(ledger.total("revenue"))])
    ends = np.arange(min(YEAR, months), months + 1)
    each = _over(so_far[ends] - so_far[ends - min(YEAR, months)], people[ends - 1])
    figure = charts.curves(
        say,
        [projection.dates[end - 1] for end in ends],
        {say("revenue per person"): each},
        say("trailing 12 months, {currency} per person", currency=projection.currency),
        "money",
    )
    kpi = projection.kpis["revenue_per_head"]
    if kpi.reason is not None:
        text = say.message(kpi.reason)
    else:
        text = say("Revenue of the last year is {value:money} per person at its end.", value=kpi.value)
        if (best := int(np.nanargmax(each))) < len(each) - 1:
            text += " " + say(
                "The highest value is {best:money}, in the year to {when:month}.",
                best=each[best],
                when=projection.dates[ends[best] - 1],
            )
    charts.show(figure, text, key="revenue-per-head-chart")


def customers_per_head(projection: Projection, say: Words, roles: Mapping[str, str]) -> None:
    """Draw paying customers per person for the roles that serve customers."""
    st.header(say("Customers per person"))
    ledger = projection.ledger
    asked = {role: float(ledger.assumed("customers_per_head", role)[-1]) for role in roles}
    support = {role for role in roles if ledger.assumed("support_share", role)[-1] > 0}
    serving = [role for role in roles if asked[role] > 0 or role in support]
    if not serving:
        st.info(
            say("No role serves customers. Set a support share, or customers per head for a team that grows with them.")
        )
        return
    customers = ledger.total("customers_served")
    each = {role: _over(customers, ledger.of_member("headcount", role)) for role in serving}
    series = {roles[role]: values for role, values in each.items()}
    figure = charts.curves(say, projection.dates, series, say("paying customers per person"), "number")
    charts.show(figure, customers_sentence(projection, say, roles, asked, each), key="driven-chart")


def customers_sentence(
    projection: Projection, say: Words, roles: Mapping[str, str], asked: Mapping[str, float], each: Mapping[str, Array]
) -> str:
    """Return customers per person at the end by role, and whether hiring follows customers."""
    parts = []
    for role, values in each.items():
        text = (
            say("{role}: nobody", role=roles[role])
            if np.isnan(values[-1])
            else say("{role}: {count:number} per person", role=roles[role], count=values[-1])
        )
        rule = (
            say("one is hired per {asked:number} customers", asked=asked[role])
            if asked[role] > 0
            else say("headcount is fixed")
        )
        parts.append(say("{text} ({more})", text=text, more=rule))
    return say(
        "In {when:month} there are {customers:number} paying customers. {parts}.",
        customers=float(projection.ledger.total("customers_served")[-1]),
        when=projection.dates[-1],
        parts=say.listed(parts),
    )


def _over(amount: Array, people: Array) -> Array:
    """Return the amount per person, NaN where there is nobody."""
    return np.where(people > 0, amount / np.where(people > 0, people, 1), np.nan)


def table(projection: Projection, say: Words, roles: Mapping[str, str]) -> None:
    """Draw each role with its first month, its headcount at the end of each year, and annual base pay."""
    st.header(say("Roles and headcount"))
    ledger, months = projection.ledger, projection.scenario.months
    ends = periods.ends(months, "year")
    counts = {role: ledger.of_member("headcount", role) for role in roles}
    columns = {
        say("Role"): list(roles.values()),
        say("First month"): [
            say.month_number(int(np.flatnonzero(count)[0])) if count.any() else "–" for count in counts.values()
        ],
        **{say.month_number(end): [say.number(count[end]) for count in counts.values()] for end in ends},
        say("Base pay a year"): [say.money(ledger.of_member("annual_pay", role)[-1]) for role in roles],
    }
    tables.show(pd.DataFrame(columns), alt=say("Roles with headcount and pay"), texts=[say("First month")])
    empty = [title for role, title in roles.items() if not counts[role].any()]
    if empty:
        small(say("A dash: nobody works in this role in the projection ({roles}).", roles=say.listed(empty)))
