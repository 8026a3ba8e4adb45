"""Pricing: the price levers with their margin and runway, and the map of price against conversion."""

import numpy as np
import streamlit as st

from dashboard.desk.cached import mapped
from dashboard.desk.desk import Desk
from dashboard.parts import charts
from dashboard.parts.levers import lever
from dashboard.parts.tiles import small, wall
from dashboard.parts.words import Words, readable
from simulator.answers.projection import Projection
from simulator.answers.variations.pricing import PriceMap, price_of

KPIS = ("gross_margin", "runway", "lowest_cash", "end_cash")
LEVERS = ("conversion", "churn")
TICKS = {"end_cash": "~s", "margin": ".0%", "runway": ".0f"}
OUTCOMES = {"end_cash": "Cash at the end", "margin": "Gross margin", "runway": "Runway"}
# From half to twice the plan's own point, in steps that keep a map under half a second.
FACTORS = np.geomspace(0.5, 2.0, 13)


def page(projection: Projection, say: Words, desk: Desk) -> None:
    """The levers of one plan, what they do now, and what they could do."""
    plans = projection.scenario.entities["plan"]
    if not plans:
        st.info(say("This file lists no pricing plans yet; add one under plans."))
        return
    plan = st.segmented_control(
        say("Plan to price"),
        plans,
        default=plans[0],
        required=True,
        key="priced-plan",
        persist_state="session",
    )
    asked = price_of(projection.scenario, plan)
    names = (asked or "price", *LEVERS)
    for column, name in zip(st.columns(len(names)), names, strict=True):
        assumption = projection.scenario.assumption_of(name, plan)
        with column:
            lever(desk, say, assumption, key=f"pricing:{assumption.path}")
    wall(KPIS, projection, say)
    if asked is None:
        st.info(say("This plan asks its customers for nothing, so that there is no price to draw a map of."))
    else:
        price_map(projection, say, plan, asked)


def price_map(projection: Projection, say: Words, plan: str, name: str) -> None:
    """An outcome over price and conversion, the plan's own point marked."""
    st.subheader(say("Price against conversion"))
    outcome = st.segmented_control(
        say("Show"),
        list(OUTCOMES),
        default="end_cash",
        required=True,
        format_func=lambda name: say(OUTCOMES[name]),
        key="map-outcome",
        persist_state="session",
    )
    planned = [projection.scenario.assumption_of(one, plan) for one in (name, "conversion")]
    price, conversion = (assumption.central for assumption in planned)
    prices = tuple(float(price * factor) for factor in FACTORS)
    conversions = tuple(float(min(1.0, conversion * factor)) for factor in FACTORS)
    found = mapped(projection.scenario, plan, prices, conversions, name)
    # Cash that outlasts the plan is drawn as the plan's last month.
    grid = np.nan_to_num(getattr(found, outcome), nan=projection.scenario.months if outcome == "runway" else np.nan)
    figure = charts.heatmap(
        say,
        prices,
        [100 * share for share in conversions],
        grid,
        x_title=f"{say(readable(name))}, {say.unit(planned[0].unit)}",
        y_title=say("conversion, % of sign-ups"),
        here=(price, 100 * conversion),
        text=hover(found, outcome, say),
        tickformat=TICKS[outcome],
    )
    # On the map price and conversion stay as they are; in the plan they may move with the months.
    steady = all(np.ptp(assumption.base(projection.scenario.months)) == 0 for assumption in planned)
    where = say("as planned") if steady else say("at this point")
    charts.show(figure, map_sentence(found, outcome, say, (price, conversion), where), key="price-map")
    small(say("Each point is the whole base plan, run again with that price and that conversion."))


def hover(found: PriceMap, outcome: str, say: Words) -> list[list[str]]:
    """What to say at each point of the map."""
    grid = np.asarray(getattr(found, outcome))
    return [
        [
            say("{price:money}, {conversion:share}", price=price, conversion=conversion)
            + f": {outcome_text(grid[row, column], outcome, say)}"
            for column, price in enumerate(found.prices)
        ]
        for row, conversion in enumerate(found.conversions)
    ]


def outcome_text(value: float, outcome: str, say: Words) -> str:
    """One outcome in words."""
    if outcome == "margin":
        return say.share(value)
    if outcome == "runway":
        return say.months(value) if np.isfinite(value) else say("cash lasts the plan")
    return say.money(value)


def map_sentence(found: PriceMap, outcome: str, say: Words, here: tuple[float, float], where: str) -> str:
    """What the map says: the outcome at this plan's point and at the map's corners, and the price that pays most.

    `where` names the plan's point in words.
    """
    price, conversion = here
    row = int(np.argmin(np.abs(found.conversions - conversion)))
    column = int(np.argmin(np.abs(found.prices - price)))
    grid = getattr(found, outcome)
    best = int(np.argmax(found.end_cash[row]))
    return say(
        "{outcome} is {now} {where}, {lowest} at the lowest price and conversion on this map, and {highest} at the "
        "highest. At today's conversion of {conversion:share}, {best:money} is the price here that leaves most cash: "
        "{best_cash:money} at the end, against {cash:money} {where}.",
        outcome=say(OUTCOMES[outcome]),
        where=where,
        now=outcome_text(grid[row, column], outcome, say),
        lowest=outcome_text(grid[0, 0], outcome, say),
        highest=outcome_text(grid[-1, -1], outcome, say),
        conversion=conversion,
        best=found.prices[best],
        best_cash=found.end_cash[row, best],
        cash=found.end_cash[row, column],
    )
