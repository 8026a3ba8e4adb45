"""Capacity: what to reserve, own, rent on demand and leave to a vendor, as a plan of what to sign when."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.desk.desk import Desk
from dashboard.parts import charts, members, tables
from dashboard.parts.business.missing import to_set
from dashboard.parts.explaining.naming import named
from dashboard.parts.explaining.refusals import why
from dashboard.parts.moving.waiting import at_once, question
from dashboard.parts.tiles import small
from dashboard.parts.words import Words, escape
from profiling.results.drawn.palette import VERMILLION
from simulator.answers.blocks.progress import Progress, within
from simulator.answers.committing.commitments import Commitments, commitments
from simulator.answers.committing.quotes import read_quotes
from simulator.answers.projection import Projection
from simulator.errors import BreakevenError
from simulator.output.commitments import months_json, remarks, sentence
from simulator.scenario.assumption import Assumption

# What a pool has to state for each way to be compared.
PRICES = ("device_price", "reserved_price", "device_list_price", "vendor_output_price", "vendor_input_price")


def page(projection: Projection, say: Words, desk: Desk, is_first: bool = False) -> None:
    """Draw the plan of commitments of one pool; it waits for the trials."""
    small(say("What to sign when: the commitments that cost least in the mean of all trials, before demand is known."))
    pools = members.known(projection.scenario, "pool", say)
    if not pools:
        return
    pool = members.chosen(pools, "pool", say("Serving pool"), say)
    if projection.scenario.assumption_of("tokens_per_second", pool).is_default:
        st.info(say("This pool has no devices; a vendor serves its tokens."))
        to_set(projection, say, pool, ("tokens_per_second", *PRICES))
        return
    if is_first:
        return
    typed = st.text_input(
        say("Other terms that you were quoted: months = price of a device for an hour"),
        placeholder="12 = 2.40, 36 = 1.90",
        key="capacity-quotes",
        persist_state="session",
    )
    try:
        quotes = read_quotes(typed)
        asked = question("commitments", projection.scenario, pool, projection.trials, quotes)
        found = at_once(asked, partial(_planned, projection, pool, quotes), say, is_large=True)
    except BreakevenError as error:
        st.info(why(error, projection.scenario, say))
    else:
        if found is not None:
            plan(found, projection, say, desk)
    to_set(projection, say, pool, PRICES)


def _planned(projection: Projection, pool: str, quotes: Mapping[int, float], progress: Progress) -> Commitments:
    """Return the plan of commitments, with what knowing demand would save."""
    found = commitments(projection.scenario, pool, projection.trials, quotes, within(progress, 0, 0.6))
    progress(0.6)
    _ = found.regret  # computed once, and while the reader can still cancel
    return found


def plan(found: Commitments, projection: Projection, say: Words, desk: Desk) -> None:
    """Draw the plan: the answer and how to apply it, devices and costs by month, and what it rests on."""
    st.info(escape(sentence(found, say)))
    apply(found, say, desk)
    left, right = st.columns(2)
    with left:
        devices(found, projection, say)
    with right:
        costs(found, projection, say)
    signings(found, say)

    def name(one: Assumption) -> str:
        return named(say, one, projection.scenario)

    st.markdown("\n".join(f"- {escape(one)}" for one in remarks(found, say, name)))
    with st.expander(say("All months"), key="all-months"):
        months(found, projection, say)


def apply(found: Commitments, say: Words, desk: Desk) -> None:
    """Draw the button that writes the plan into the scenario, as one change that can be undone."""
    edits, place = found.edits(), f"pools.{found.offers.pool}"
    if not edits:
        if found.is_committed:
            small(say("The scenario has this plan already."))
        return
    edit = (place, "", lambda scenario: scenario.with_values(edits))
    st.button(say("Apply to scenario"), key="apply-plan", icon=":material/check:", on_click=desk.change, args=edit)
    if place in desk.refused:
        st.error(why(desk.refused[place].problems, desk.scenario, say), icon=":material/error:")


def devices(found: Commitments, projection: Projection, say: Words) -> None:
    """Draw the devices of each kind by month, with the need of the busiest hour."""
    st.header(say("Devices by month"))
    offered = found.offers
    spilled = np.where(found.by_vendor, 0, offered.spilled(found.held + found.owned).mean(axis=1))
    peak, high = (np.quantile(offered.peak, at, axis=1) for at in (0.5, 0.95))
    kinds = {
        say("owned before"): offered.kept.mean(axis=1),
        say("owned"): found.owned,
        say("reserved"): found.held,
        say("on demand, mean of hours and trials"): spilled,
    }
    series = {title: values for title, values in kinds.items() if values.any()}
    figure = charts.stacked(say, projection.dates, series, say("devices"), steps=True)
    draw = partial(charts.line, figure, projection.dates, colour=VERMILLION, showlegend=True)
    draw(peak, say("busiest hour, P50"), dash="dash", width=1.5)
    draw(high, say("busiest hour, P95"), dash="dot", width=1.5)
    charts.scaled(figure, say, "number", high)
    # Terms end with the plan or before, so the last month may have no reservation left.
    last = max(np.flatnonzero(found.held + found.owned), default=-1)
    text = say(
        "In {when:month} the busiest hour needs {peak:number} devices, or {high:number} at P95; {held:number} are "
        "reserved, {owned:number} owned, and {spilled:number} on demand in the mean of "
        "hours and trials.",
        when=projection.dates[last],
        peak=peak[last],
        high=high[last],
        held=found.held[last],
        owned=float((found.owned + offered.kept.mean(axis=1))[last]),
        spilled=spilled[last],
    )
    charts.show(figure, text, key="capacity-devices")


def costs(found: Commitments, projection: Projection, say: Words) -> None:
    """Draw the pool's cost by month under the plan, on demand alone, and at the vendor alone."""
    st.header(say("Cost by month"))
    bill, rent = found.costs.mean(axis=1), found.offers.rent.mean(axis=1)
    series = {say("this plan"): bill, say("on demand alone"): rent}
    if found.offers.vendor is not None:
        series[say("the vendor's API")] = found.offers.vendor.mean(axis=1)
    y_title = say("a month, {currency}", currency=projection.currency)
    text = say(
        "In the mean of the trials the plan costs {bill:money} over the projection, and on demand alone {rent:money}.",
        bill=bill.sum(),
        rent=rent.sum(),
    )
    charts.show(charts.curves(say, projection.dates, series, y_title, "money"), text, key="capacity-costs")


def signings(found: Commitments, say: Words) -> None:
    """List what is signed and bought, in the order of time."""
    terms, renewed = found.offers.terms, found.renewed
    rows = sorted(
        [
            *(
                (month, say("reserve"), found.signed[place, month], renewed[place, month], terms[place].months)
                for place, month in np.argwhere(found.signed).tolist()
            ),
            *(
                (month, say("buy"), found.bought[month], 0.0, found.offers.life)
                for month in np.flatnonzero(found.bought).tolist()
            ),
        ]
    )
    if not rows:
        return
    st.header(say("What to sign"))
    st.table(
        {
            say("Month"): [say.month_number(month) for month, *_ in rows],
            say("What"): [kind for _, kind, *_ in rows],
            say("Devices"): [say.number(count) for _, _, count, *_ in rows],
            say("Of which renewed"): [say.number(renewed) for *_, renewed, _ in rows],
            say("Last month"): [say.month_number(month + lasts - 1) for month, *_, lasts in rows],
        },
        hide_index=True,
        border="horizontal",
        alt=say("What to sign in which month"),
    )


def months(found: Commitments, projection: Projection, say: Words) -> None:
    """List needs, commitments and costs of every month."""
    rows = months_json(found)
    frame = pd.DataFrame(
        {
            say("Month"): [say.month(day) for day in projection.dates],
            say("Needed, mean hour"): [say.number(one["mean"]["p50"]) for one in rows],
            say("Needed, busiest hour"): [
                f"{say.number(one['peak']['p50'])} ({say.number(one['peak']['p05'])}–{say.number(one['peak']['p95'])})"
                for one in rows
            ],
            say("Owned before"): [say.number(one["kept"]) for one in rows],
            say("Owned"): [say.number(one["owned"]) for one in rows],
            say("Reserved"): [say.number(one["reserved"]) for one in rows],
            say("On demand"): [say.number(one["on_demand"]) for one in rows],
            say("Vendor"): [say("yes") if one["by_vendor"] else "–" for one in rows],
            say("Cost"): [say.money(one["cost"]) for one in rows],
            say("On demand alone"): [say.money(one["on_demand_cost"]) for one in rows],
            say("Committed ahead"): [say.money(one["committed_ahead"]) for one in rows],
        }
    )
    tables.show(frame, say("Needs, commitments and costs of every month"))
    small(say("Needs are medians of the trials, with P5 to P95 in brackets; all else is the mean of the trials."))
