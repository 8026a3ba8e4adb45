"""Customers: how many there are and what they bring, who stays, what each is worth, and what heavy users cost."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.parts import charts, charts_business, members, periods, tables
from dashboard.parts.tiles import small, wall
from dashboard.parts.words import Words, escape
from simulator.answers.customers.cohorts import HORIZON, triangle
from simulator.answers.customers.deciles import NO_CAP, TENTHS, Deciles, deciles
from simulator.answers.customers.economics import UnitEconomics, unit_economics
from simulator.answers.ledger import Ledger
from simulator.answers.projection import Projection
from simulator.engine.dates import YEAR
from simulator.engine.model import Array

KPIS = ("end_customers", "churn", "nrr", "grr", "arpa", "cac", "ltv", "ltv_to_cac")
# The bridge of recurring revenue: line, and whether it adds or takes away.
BRIDGE = (("new_mrr", 1), ("expansion_mrr", 1), ("contraction_mrr", -1), ("churned_mrr", -1))
# A cap to try where the plan has none: it touches few customers, and those are the ones that cost most.
CAP_OVER_MEAN = 3


def page(projection: Projection, say: Words) -> None:
    """All plans first, then one plan in depth."""
    wall(KPIS, projection, say)
    plans = members.titles(projection.scenario, "plan")
    if not plans:
        st.info(say("This file lists no pricing plans yet; add one under plans."))
        return
    left, right = st.columns(2)
    with left:
        st.subheader(say("Customers by plan"))
        by_plan(projection, say, plans)
    with right:
        st.subheader(say("Recurring revenue: what came and what went"))
        bridge(projection, say)
    st.subheader(say("What a customer is worth"))
    economics(projection, say, plans)
    st.subheader(say("One plan in depth"))
    plan = members.chosen(projection, "plan", say("Plan to look into"))
    left, right = st.columns(2)
    with left:
        st.subheader(say("Cohorts"))
        cohorts(projection, say, plan)
    with right:
        st.subheader(say("Who stays"))
        retention(projection, say, plans, plan)
    st.subheader(say("Light and heavy users"))
    tenths(projection, say, plan)


def by_plan(projection: Projection, say: Words, plans: Mapping[str, str]) -> None:
    """Customers of each plan by month, free plans included."""
    ledger = projection.ledger
    series = {title: ledger.of_member("customers", plan) for plan, title in plans.items()}
    parts = [say("{plan}: {count:number}", plan=title, count=counts[-1]) for title, counts in series.items()]
    text = say(
        "In {when:month} there are {count:number} customers, {paying:number} of them paying. {parts}.",
        when=projection.dates[-1],
        count=float(ledger.total("customers")[-1]),
        paying=float(ledger.total("paying_customers")[-1]),
        parts=members.listed(parts),
    )
    charts.show(charts_business.stacked(say, projection.dates, series, say("customers")), text, key="plans-chart")


def bridge(projection: Projection, say: Words) -> None:
    """What new customers add to recurring revenue, what staying ones change, and what leaving ones take away."""
    ledger, period = projection.ledger, periods.chosen(say, "bridge-period")
    names = (say("new"), say("expansion"), say("contraction"), say("churn"))
    moves = [sign * ledger.total(line) for line, sign in BRIDGE]
    figure = charts_business.bars(
        say,
        periods.labels(projection.scenario.months, period, say),
        {name: periods.summed(move, period) for name, move in zip(names, moves, strict=True)},
        x_title=periods.axis(say, period),
        y_title=say("change of monthly recurring revenue, {currency}", currency=projection.currency),
        kind="money",
    )
    # To the cent: what is left of a difference of sums is no money.
    new, more, less, lost = (abs(round(float(move.sum()), 2)) for move in moves)
    text = say(
        "Monthly recurring revenue goes from {start:money} to {end:money}: new customers bring {new:money}, those who "
        "stay add {more:money} and take away {less:money}, and {lost:money} leaves with customers who leave.",
        start=float(ledger.total("mrr_before")[0]),
        end=float(ledger.total("mrr")[-1]),
        new=new,
        more=more,
        less=less,
        lost=lost,
    )
    charts.show(figure, text, key="bridge-chart")
    if ledger.total("upgrades").any():
        small(say("Whoever moves to another plan counts as lost to the one and as new to the other."))


def economics(projection: Projection, say: Words, plans: Mapping[str, str]) -> None:
    """What a customer and a request bring and cost over the last year, plan beside plan."""
    found = {title: unit_economics(projection.ledger, plan) for plan, title in plans.items()}
    rows = economics_rows(say)
    columns = {title: [cell(one) for cell in rows.values()] for title, one in found.items()}
    tables.show(pd.DataFrame({say("A mean customer"): list(rows), **columns}), alt=say("Unit economics of each plan"))
    st.markdown(escape(economics_sentence(found, say)))
    small(
        say(
            "Money is a month of the last year; other costs are payment fees, services and royalties. The months are "
            "those that a new customer stays of the first {horizon}.",
            horizon=str(HORIZON),
        )
    )
    if any(one.revenue is None for one in found.values()):
        small(say("A dash: the plan has no customers in the last year."))
    elif any(one.cost_per_request is None for one in found.values()):
        small(say("A dash: the plan's customers ask for nothing in the last year."))


def economics_rows(say: Words) -> dict[str, Callable[[UnitEconomics], str]]:
    """The rows of the table, each with how a plan fills its cell."""

    def money(amount: float | None) -> str:
        return "–" if amount is None else say.money(amount)

    return {
        say("Customers at the end"): lambda one: say.number(one.customers),
        say("Revenue a month"): lambda one: money(one.revenue),
        say("Inference a month"): lambda one: money(one.inference),
        say("Other costs a month"): lambda one: money(one.other),
        say("Margin a month"): lambda one: money(one.margin),
        say("Months of staying"): lambda one: say.number(one.months),
        say("Margin over those months"): lambda one: money(one.lifetime),
        say("Revenue per request"): lambda one: money(one.revenue_per_request),
        say("Inference per request"): lambda one: money(one.cost_per_request),
    }


def economics_sentence(found: Mapping[str, UnitEconomics], say: Words) -> str:
    """Which plan's customers leave most over their months, and which least."""
    known = {title: one.lifetime for title, one in found.items() if one.lifetime is not None}
    if not known:
        return say("No plan has customers in the last year.")
    best, worst = max(known, key=known.__getitem__), min(known, key=known.__getitem__)
    text = say("A customer of {plan} leaves most: {margin:money} over its months.", plan=best, margin=known[best])
    if worst != best:
        text += " " + say("One of {plan} leaves least: {margin:money}.", plan=worst, margin=known[worst])
    return text


def cohorts(projection: Projection, say: Words, plan: str) -> None:
    """Who joined in which quarter, and how many of them are still there at the end of each later one."""
    left = triangle(projection.ledger, plan)
    joined = periods.summed(np.diag(left), "quarter")
    if not joined.any():
        st.info(say("Nobody has this plan within the months of the file."))
        return
    months = projection.scenario.months
    ends = periods.ends(months, "quarter")
    there = periods.summed(np.nan_to_num(left), "quarter")[:, ends]
    known = (np.arange(len(joined))[:, None] <= np.arange(len(joined))[None, :]) & (joined[:, None] > 0)
    shares = np.where(known, there / np.where(joined > 0, joined, 1)[:, None], np.nan)
    names, columns = periods.labels(months, "quarter", say), [say.month_number(end) for end in ends]
    hover = [
        [
            say(
                "of {joined:number} who joined in the quarter from {cohort}, {there:number} are there at the end of "
                "{when}: {share:share}",
                joined=joined[row], cohort=names[row], there=there[row, column], when=columns[column],
                share=shares[row, column],
            )
            for column in range(len(joined))
        ]
        for row in range(len(joined))
    ]  # fmt: skip
    # A cohort of a whole customer can be spoken of; the very first deals may come to less.
    first = int(np.argmax(joined >= 1)) if (joined >= 1).any() else int(np.argmax(joined))
    text = say(
        "Of those who joined in the quarter from {first} ({joined:number}), {share:share} are still there at the end "
        "of {when:month}. What is left of all cohorts then comes to {sum:number}, as many customers as the plan has.",
        joined=joined[first],
        first=names[first],
        share=shares[first, -1],
        when=projection.dates[-1],
        sum=float(there[:, -1].sum()),
    )
    charts.show(charts_business.triangle(say, names, columns, shares, hover), text, key="cohorts-chart")
    if projection.ledger.assumed("opening_customers", plan)[0] > 0:
        small(say("Those who were there at the start count with the first quarter's."))


def retention(projection: Projection, say: Words, plans: Mapping[str, str], plan: str) -> None:
    """The share of a cohort that is still there at each age, for every plan."""
    ledger = projection.ledger
    figure = charts_business.curves(
        say,
        np.arange(projection.scenario.months),
        {title: ledger.of_member("contract_survival", name) for name, title in plans.items()},
        x_title=say("months since joining"),
        y_title=say("share still there"),
        kind="share",
    )
    staying = ledger.of_member("contract_survival", plan)
    ages = [age for age in (YEAR, 2 * YEAR, 3 * YEAR) if age < len(staying)] or [len(staying) - 1]
    parts = [say("{share:share} after {age:months}", share=staying[age], age=age) for age in ages]
    text = say(
        "Of new customers of {plan} there are still {parts}; upgrades, events and a product that falls behind come "
        "on top.",
        plan=plans[plan],
        parts=members.listed(parts),
    )
    charts.show(figure, text, key="retention-chart")


def tenths(projection: Projection, say: Words, plan: str) -> None:
    """What each tenth of the plan's customers pays and costs, as planned and with a cap on requests."""
    ledger = projection.ledger
    if ledger.of_member("requests", plan)[-1] <= 0:
        st.info(say("Nobody asks for anything in the last month, so that no tenth has a cost."))
        return
    cap = cap_to_try(ledger, say, plan)
    planned, tried = deciles(ledger, plan), deciles(ledger, plan, cap=cap)
    top = 1.08 * max(float(amounts.max()) for one in (planned, tried) for amounts in (one.revenue, one.cost))
    left, right = st.columns(2)
    with left:
        show_tenths(say, planned, top, planned_sentence(planned, say), "tenths-planned")
    with right:
        show_tenths(say, tried, top, capped_sentence(planned, tried, cap, say), "tenths-capped")
    small(
        say(
            "Costs are tokens, payment fees and royalties, and what moderation, review and storage take by the request."
        )
    )


def cap_to_try(ledger: Ledger, say: Words, plan: str) -> float:
    """A cap on a customer's requests a month, the plan's own unless the reader types another."""
    own = float(ledger.assumed("requests_cap", plan)[-1])
    mean = float(ledger.assumed("requests_per_customer", plan)[-1])
    default = own if own < NO_CAP else CAP_OVER_MEAN * mean
    cap = st.number_input(
        say("Try a cap on a customer's requests a month"),
        min_value=0.001,
        value=float(f"{default:.6g}"),
        step=float(f"{max(mean / 10, 0.1):.1g}"),
        format="%.10g",
        # A new file, or another use, starts from its own number again.
        key=f"cap:{plan}:{default:.6g}",
        persist_state="session",
    )
    if own < NO_CAP:
        about = say(
            "The plan's own cap is {own:number}; without it a mean customer would ask for {mean:number}.",
            own=own,
            mean=mean,
        )
    else:
        about = say("The plan has no cap; a mean customer asks for {mean:number}.", mean=mean)
    small(about)
    return cap


def show_tenths(say: Words, found: Deciles, top: float, text: str, key: str) -> None:
    """Revenue and cost of a customer of each tenth, side by side."""
    figure = charts_business.bars(
        say,
        [say.number(place + 1) for place in range(TENTHS)],
        {say("pays"): found.revenue, say("costs"): found.cost},
        x_title=say("tenth of customers, the heaviest users last"),
        y_title=say("per customer and month, {currency}", currency=say.currency),
        kind="money",
        mode="group",
        top=top,
    )
    charts.show(figure, text, key=key)


def planned_sentence(found: Deciles, say: Words) -> str:
    """The heaviest tenth against the mean, and who loses money, as planned."""
    return say(
        "As planned: the heaviest tenth asks for {share:share} of all requests, pays {pays:money} a month and costs "
        "{costs:money}; a mean customer leaves {margin:money}. {losing:share} of customers cost more than they pay.",
        share=_share_of_top(found.requests),
        pays=found.revenue[-1],
        costs=found.cost[-1],
        margin=float(found.margin.mean()),
        losing=found.losing,
    )


def capped_sentence(planned: Deciles, tried: Deciles, cap: float, say: Words) -> str:
    """What the cap changes."""
    return say(
        "With a cap of {cap:number}: the heaviest tenth asks for {requests:number} a month instead of {before:number}, "
        "pays {pays:money} and costs {costs:money}; a mean customer leaves {margin:money} instead of {was:money}. "
        "{losing:share} of customers cost more than they pay.",
        cap=cap,
        requests=tried.requests[-1],
        before=planned.requests[-1],
        pays=tried.revenue[-1],
        costs=tried.cost[-1],
        margin=float(tried.margin.mean()),
        was=float(planned.margin.mean()),
        losing=tried.losing,
    )


def _share_of_top(requests: Array) -> float:
    whole = float(requests.sum())
    return float(requests[-1]) / whole if whole > 0 else 0.0
