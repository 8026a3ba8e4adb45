"""Customers: their number and revenue, retention, the value of a customer, and the cost of heavy users."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.parts import charts, members, periods, tables
from dashboard.parts.business import figures
from dashboard.parts.business.free_tier import cost_of_free
from dashboard.parts.choices import one_of
from dashboard.parts.explaining.links import Step
from dashboard.parts.tiles import small, wall
from dashboard.parts.words import Words, escape
from simulator.answers.customers.cohorts import HORIZON, triangle
from simulator.answers.customers.deciles import NO_CAP, TENTHS, Deciles, deciles
from simulator.answers.customers.economics import UnitEconomics, unit_economics
from simulator.answers.customers.free_tier import OF_PLANS, free_tier
from simulator.answers.ledger import Ledger
from simulator.answers.projection import Projection
from simulator.engine.dates import YEAR

KPIS = ("end_customers", "churn", "nrr", "grr", "arpa", "cac", "ltv", "ltv_to_cac")
# Movements of recurring revenue: name, line, and whether the line adds or takes away.
MOVEMENTS = (
    ("new", "new_mrr", 1),
    ("expansion", "expansion_mrr", 1),
    ("contraction", "contraction_mrr", -1),
    ("churn", "churned_mrr", -1),
)
# A cap to try where the plan has none: few customers reach three times the mean, and they cost most.
CAP_OVER_MEAN = 3
# Room above the tallest bar, so that both charts of deciles share one scale.
HEADROOM = 1.08


def page(projection: Projection, say: Words) -> None:
    """Draw all pricing plans first, then one plan in depth."""
    wall(KPIS, projection, say)
    plans = members.known(projection.scenario, "plan", say)
    if not plans:
        return
    left, right = st.columns(2)
    with left:
        by_plan(projection, say, plans)
    with right:
        bridge(projection, say)
    economics(projection, say, plans)
    st.header(say("One plan in depth"))
    plan = members.chosen(plans, "plan", say("Pricing plan"), say)
    left, right = st.columns(2)
    with left:
        cohorts(projection, say, plan)
    with right:
        retention(projection, say, plans, plan)
    tenths(projection, say, plan)


def by_plan(projection: Projection, say: Words, plans: Mapping[str, str]) -> None:
    """Draw the customers of each plan by month, free plans included."""
    st.header(say("Customers by plan"))
    ledger = projection.ledger
    series = {title: ledger.of_member("customers", plan) for plan, title in plans.items()}
    everyone, paying = (float(ledger.total(line)[-1]) for line in ("customers", "paying_customers"))
    values = {"when": projection.dates[-1], "count": everyone, "paying": paying}
    if everyone - paying < 0.5:  # less than one free customer
        text = say("In {when:month} there are {count:number} customers, all paying.", **values)
    else:
        text = say("In {when:month} there are {count:number} customers, of whom {paying:number} pay.", **values)
    if len(series) > 1:
        parts = [say("{plan}: {count:number}", plan=title, count=counts[-1]) for title, counts in series.items()]
        text += " " + say("{parts}.", parts=say.listed(parts))
    charts.show(charts.stacked(say, projection.dates, series, say("customers")), text, key="plans-chart")


def bridge(projection: Projection, say: Words) -> None:
    """Draw the movements of monthly recurring revenue by period."""
    st.header(say("MRR movements"))
    ledger, period = projection.ledger, one_of(say, say("By"), periods.LABELS, "bridge-period")
    moves = {say(name): sign * ledger.total(line) for name, line, sign in MOVEMENTS}
    if not any(move.any() for move in moves.values()):
        st.info(say("There is no MRR: customers pay for what they use, and no plan has a monthly fee."))
        return
    figure = charts.bars(
        say,
        periods.labels(projection.scenario.months, period, say),
        {name: periods.summed(move, period) for name, move in moves.items()},
        say("change of MRR, {currency}", currency=projection.currency),
        "money",
        x_title=periods.axis(say, period),
    )
    # Rounded to cents, since a difference of large sums is never exactly zero.
    new, more, less, lost = (abs(round(float(move.sum()), 2)) for move in moves.values())
    values = {"start": float(ledger.total("mrr_before")[0]), "end": float(ledger.total("mrr")[-1]), "new": new}
    facts = {"more": more, "less": less, "lost": lost}
    text = say(
        "MRR goes from {start:money} to {end:money}: new customers add {new:money}, expansion adds {more:money}, "
        "contraction takes {less:money} and churn {lost:money}.",
        **values,
        **facts,
    )
    charts.show(figure, text, key="bridge-chart")
    if ledger.total("upgrades").any():
        small(say("A change of plan counts as expansion or contraction; a customer from a free plan is new."))


def economics(projection: Projection, say: Words, plans: Mapping[str, str]) -> None:
    """Draw unit economics of the last year with one column a plan."""
    st.header(say("Value of a customer"))
    found = {title: unit_economics(projection.ledger, plan) for plan, title in plans.items()}
    rows = economics_rows(say)
    columns = {title: [cell(one) for cell in rows.values()] for title, one in found.items()}
    names = list(rows)
    if (free := free_tier(projection.ledger)) is not None:
        names.append(say("Cost of serving for free, whole projection"))
        for plan, title in plans.items():
            columns[title].append(say.money(free.plans[plan]))
    tables.show(
        pd.DataFrame({say("Mean customer"): names, **columns}),
        alt=say("Unit economics of each plan"),
        totals=() if free is None else [len(rows)],
        explains=tables.Explains("economics", say, partial(behind, list(plans), len(projection.dates))),
    )
    st.markdown(escape(economics_sentence(found, say)))
    cost_of_free(projection, say)
    small(
        say(
            "Amounts are monthly means of the last year; other costs are payment fees, services and royalties. LTV, "
            "CAC and payback are those of new customers in the last year with spending on them, over {horizon} months "
            "at most; LTV bears a share of costs common to all plans, such as support.",
            horizon=str(HORIZON),
        )
    )
    if any(one.revenue is None for one in found.values()):
        small(say("A dash: the plan has no customers in the last year."))
    elif any(one.cost_per_request is None for one in found.values()):
        small(say("A dash: customers of the plan send no requests in the last year."))


# The line of a plan behind each row of the table, or the KPI of all plans where the plan's own has no line.
BEHIND = (
    *("customers", "plan_revenue", "customer_inference", "customer_care", "plan_margin", "contract_survival"),
    *("kpi_ltv", "kpi_cac", "kpi_ltv_to_cac", "kpi_payback_months", "plan_revenue", "inference_cost"),
)


def behind(plans: Sequence[str], months: int, row: int, column: int) -> Step:
    """Return the number behind a cell: the plan's line over the last year, or the free serving of all months."""
    plan = plans[max(column - 1, 0)]
    if row >= len(BEHIND):
        return Step("+".join(f"{line}[{plan}]" for line in OF_PLANS), months - 1, months)
    line = BEHIND[row]
    if line.startswith("kpi_"):
        return Step(line, months - 1)
    return Step(f"{line}[{plan}]", months - 1, 1 if line in ("customers", "contract_survival") else min(YEAR, months))


def economics_rows(say: Words) -> dict[str, Callable[[UnitEconomics], str]]:
    """Return the rows of the table, each with the function that fills its cells."""

    def money(amount: float | None) -> str:
        return "–" if amount is None else say.money(amount)

    return {
        say("Customers at the end"): lambda one: say.number(one.customers),
        say("Revenue a month"): lambda one: money(one.revenue),
        say("Inference a month"): lambda one: money(one.inference),
        say("Other costs a month"): lambda one: money(one.other),
        say("Margin a month"): lambda one: money(one.margin),
        say("Lifetime, months"): lambda one: say.number(one.months),
        say("Gross profit over the lifetime (LTV)"): lambda one: money(one.lifetime),
        say("Cost of winning one (CAC)"): lambda one: money(one.cac),
        say("LTV / CAC"): lambda one: "–" if one.ltv_to_cac is None else say.number(one.ltv_to_cac),
        say("Payback, months"): lambda one: "–" if one.payback is None else say.number(one.payback),
        say("Revenue per request"): lambda one: money(one.revenue_per_request),
        say("Inference per request"): lambda one: money(one.cost_per_request),
    }


def economics_sentence(found: Mapping[str, UnitEconomics], say: Words) -> str:
    """Return the plans whose customers earn most and least over their lifetime."""
    known = {title: one.lifetime for title, one in found.items() if one.lifetime is not None}
    if not known:
        return say("No plan has customers in the last year.")
    best, worst = max(known, key=known.__getitem__), min(known, key=known.__getitem__)
    text = say("{plan} earns most per customer: {margin:money} over the lifetime.", plan=best, margin=known[best])
    if worst == best:
        return text
    if known[worst] < 0:
        more = say("A customer of {plan} costs {margin:money} over the lifetime.", plan=worst, margin=-known[worst])
    else:
        more = say("{plan} earns least: {margin:money}.", plan=worst, margin=known[worst])
    return f"{text} {more}"


def cohorts(projection: Projection, say: Words, plan: str) -> None:
    """Draw the share of each quarter's new customers that remains at the end of each later quarter."""
    st.header(say("Cohorts"))
    left = triangle(projection.ledger, plan)
    joined = periods.summed(np.diag(left), "quarter")
    if not joined.any():
        st.info(say("This plan has no customers in the projection."))
        return
    months = projection.scenario.months
    ends = periods.ends(months, "quarter")
    there = periods.summed(np.nan_to_num(left), "quarter")[:, ends]
    quarters = np.arange(len(joined))
    known = (quarters[:, None] <= quarters) & (joined[:, None] > 0)
    shares = np.where(known, there / np.where(joined > 0, joined, 1)[:, None], np.nan)
    names, columns = periods.labels(months, "quarter", say), [say.month_number(end) for end in ends]
    hover = [
        [
            say(
                "Joined: {joined:number} customers ({cohort}). At the end of {when}, {there:number} of them remain: "
                "{share:share}",
                joined=joined[row], cohort=names[row], there=there[row, column], when=columns[column],
                share=shares[row, column],
            )
            for column in quarters
        ]
        for row in quarters
    ]  # fmt: skip
    # Name the first cohort of at least one whole customer; expected values of the very first deals may be less.
    first = int(np.argmax(joined >= 1)) if (joined >= 1).any() else int(np.argmax(joined))
    values = {"joined": joined[first], "first": names[first], "share": shares[first, -1], "when": projection.dates[-1]}
    more = {"sum": float(there[:, -1].sum())}
    text = say(
        "Of the {joined:number} customers of the first cohort ({first}), {share:share} remain at the end of "
        "{when:month}. The remainders of all cohorts add up to the {sum:number} customers of this plan.",
        **values,
        **more,
    )
    charts.show(figures.triangle(say, names, columns, shares, hover), text, key="cohorts-chart")
    if projection.ledger.assumed("opening_customers", plan)[0] > 0:
        small(say("Customers from before the first month count towards the first quarter."))


def retention(projection: Projection, say: Words, plans: Mapping[str, str], plan: str) -> None:
    """Draw the share of a cohort that remains at each age, for every plan."""
    st.header(say("Retention"))
    survival = {name: projection.ledger.of_member("contract_survival", name) for name in plans}
    figure = charts.curves(
        say,
        np.arange(projection.scenario.months),
        {plans[name]: values for name, values in survival.items()},
        say("share remaining"),
        "share",
        x_title=say("months since joining"),
    )
    staying = survival[plan]
    ages = [age for age in (YEAR, 2 * YEAR, 3 * YEAR) if age < len(staying)] or [len(staying) - 1]
    parts = [say("{share:share} after {age:months}", share=staying[age], age=age) for age in ages]
    text = say(
        "New customers of {plan} remain as follows: {parts}. Upgrades, one-time events and a product that falls behind "
        "the market reduce this further.",
        plan=plans[plan],
        parts=say.listed(parts),
    )
    charts.show(figure, text, key="retention-chart")


def tenths(projection: Projection, say: Words, plan: str) -> None:
    """Draw what each tenth of the plan's customers pays and costs, in the scenario and with a cap on requests."""
    st.header(say("Light and heavy users"))
    ledger = projection.ledger
    if ledger.of_member("requests", plan)[-1] <= 0:
        st.info(say("Customers of this plan send no requests in the last month, so usage costs nothing."))
        return
    cap = cap_to_try(ledger, say, plan)
    planned, tried = deciles(ledger, plan), deciles(ledger, plan, cap=cap)
    top = HEADROOM * max(float(amounts.max()) for one in (planned, tried) for amounts in (one.revenue, one.cost))
    left, right = st.columns(2)
    with left:
        show_tenths(say, planned, top, planned_sentence(planned, say), "tenths-planned")
    with right:
        show_tenths(say, tried, top, capped_sentence(planned, tried, cap, say), "tenths-capped")
    small(say("Costs are tokens, payment fees, royalties, and moderation, review and storage per request."))


def cap_to_try(ledger: Ledger, say: Words, plan: str) -> float:
    """Return a cap on the monthly requests of a customer, by default the plan's own or three times the mean."""
    own = float(ledger.assumed("requests_cap", plan)[-1])
    mean = float(ledger.of_member("use_per_customer", plan)[-1])
    capped = own < NO_CAP
    default = own if capped else CAP_OVER_MEAN * mean
    cap = st.number_input(
        say("Try a cap on monthly requests per customer"),
        min_value=0.001,
        value=float(f"{default:.6g}"),
        step=float(f"{max(mean / 10, 0.1):.1g}"),
        format="%.10g",
        # Another file or another mean starts from its own default.
        key=f"cap:{plan}:{default:.6g}",
        persist_state="session",
    )
    if capped:
        text = say("The plan's own cap is {own:number}; the mean without a cap is {mean:number}.", own=own, mean=mean)
    else:
        text = say("The plan has no cap; a mean customer sends {mean:number} requests.", mean=mean)
    small(text)
    return cap


def show_tenths(say: Words, found: Deciles, top: float, text: str, key: str) -> None:
    """Draw revenue beside cost for a customer of each tenth."""
    figure = charts.bars(
        say,
        [say.number(place + 1) for place in range(TENTHS)],
        {say("revenue"): found.revenue, say("cost"): found.cost},
        say("per customer and month, {currency}", currency=say.currency),
        "money",
        x_title=say("tenth of customers, heaviest users last"),
        mode="group",
        top=top,
    )
    charts.show(figure, text, key=key)


def planned_sentence(found: Deciles, say: Words) -> str:
    """Return usage, revenue and cost of the heaviest tenth, and the share of customers who lose money."""
    whole = float(found.requests.sum())
    values = {"share": float(found.requests[-1]) / whole if whole > 0 else 0.0, "pays": found.revenue[-1]}
    more = {"costs": found.cost[-1], "margin": float(found.margin.mean()), "losing": found.losing}
    return say(
        "As in the scenario: the heaviest tenth sends {share:share} of all requests, pays {pays:money} a month and "
        "costs {costs:money}. The mean margin is {margin:money} a customer; {losing:share} of customers cost more than "
        "they pay.",
        **values,
        **more,
    )


def capped_sentence(planned: Deciles, tried: Deciles, cap: float, say: Words) -> str:
    """Return what the cap changes for the heaviest tenth and for the mean margin."""
    values = {"cap": cap, "requests": tried.requests[-1], "before": planned.requests[-1]}
    if np.allclose(tried.requests, planned.requests):
        return say("A cap of {cap:number} changes nothing: this scenario already keeps below it.", **values)
    return say(
        "With a cap of {cap:number}: the heaviest tenth sends {requests:number} requests a month instead of "
        "{before:number}, pays {pays:money} and costs {costs:money}. The mean margin changes from {was:money} to "
        "{margin:money}; {losing:share} of customers cost more than they pay.",
        **values,
        pays=tried.revenue[-1],
        costs=tried.cost[-1],
        margin=float(tried.margin.mean()),
        was=float(planned.margin.mean()),
        losing=tried.losing,
    )
