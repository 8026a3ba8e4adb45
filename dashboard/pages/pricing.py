"""Pricing: the price levers of one pricing plan with their effect, and the map of price against conversion."""

import numpy as np
import streamlit as st

from dashboard.desk.cached import mapped
from dashboard.desk.desk import Desk
from dashboard.parts import charts, charts_results, members
from dashboard.parts.choices import one_of
from dashboard.parts.levers import lever
from dashboard.parts.tiles import small, wall
from dashboard.parts.words import Words, readable
from simulator.answers.projection import Projection
from simulator.answers.variations.pricing import PriceMap, price_of

KPIS = ("gross_margin", "runway", "lowest_cash", "end_cash")
LEVERS = ("conversion", "churn")
TICKS = {"end_cash": "~s", "margin": ".0%", "runway": ".0f"}
OUTCOMES = {"end_cash": "Cash at the end", "margin": "Gross margin", "runway": "Runway"}
# From half to twice the scenario's own values; 13 steps keep a map under half a second.
FACTORS = np.geomspace(0.5, 2.0, 13)


def page(projection: Projection, say: Words, desk: Desk) -> None:
    """Draw the levers of one plan, their effect now, and the map of other prices."""
    plans = members.known(projection.scenario, "plan", say)
    if not plans:
        return
    plan = members.chosen(plans, "plan", say("Pricing plan"), say)
    asked = price_of(projection.scenario, plan)
    names = (asked or "price", *LEVERS)
    for column, name in zip(st.columns(len(names)), names, strict=True):
        assumption = projection.scenario.assumption_of(name, plan)
        with column:
            lever(desk, say, assumption, key=f"pricing:{assumption.path}")
    wall(KPIS, projection, say)
    if asked is None:
        st.info(say("This plan is free, so there is no price to map."))
    else:
        price_map(projection, say, plan, asked)


def price_map(projection: Projection, say: Words, plan: str, name: str) -> None:
    """Draw an outcome over price and conversion, with the scenario's own point marked."""
    st.subheader(say("Price against conversion"))
    outcome = one_of(say, say("Show"), OUTCOMES, "map-outcome")
    given = [projection.scenario.assumption_of(one, plan) for one in (name, "conversion")]
    price, conversion = (assumption.central for assumption in given)
    prices = tuple(float(price * factor) for factor in FACTORS)
    conversions = tuple(float(min(1.0, conversion * factor)) for factor in FACTORS)
    found = mapped(projection.scenario, plan, prices, conversions, name)
    # A runway beyond the projection is drawn as the last month.
    grid = np.nan_to_num(getattr(found, outcome), nan=projection.scenario.months if outcome == "runway" else np.nan)
    titles = f"{say(readable(name))}, {say.unit(given[0].unit)}", say("conversion, % of sign-ups")
    axes, point = (prices, [100 * share for share in conversions]), (price, 100 * conversion)
    text, form = hover(found, outcome, say), TICKS[outcome]
    figure = charts_results.heatmap(say, titles, axes, grid, text=text, tickformat=form, point=point)
    # Each point of the map holds price and conversion constant; the scenario itself may vary them by month.
    steady = all(np.ptp(assumption.base(projection.scenario.months)) == 0 for assumption in given)
    where = say("in the base case") if steady else say("at this constant price")
    charts.show(figure, map_sentence(found, outcome, say, (price, conversion), where), key="price-map")
    small(basis(projection, say, plan))


def basis(projection: Projection, say: Words, plan: str) -> str:
    """Return how price acts on conversion in the map."""
    names = ("price_elasticity", "reference_price")
    elasticity, reference = (projection.scenario.assumption_of(name, plan) for name in names)
    if not (elasticity.central and reference.central):
        return say(
            "Each point is a complete base case. With no price elasticity set, price leaves conversion as it is."
        )
    values = {"reference": reference.central, "elasticity": elasticity.central, "evidence": say(elasticity.evidence)}
    return say(
        "Each point is a complete base case. Conversion is that at the reference price of {reference:money}; a price "
        "elasticity of {elasticity:number} ({evidence}) lowers it at higher prices and raises it at lower ones.",
        **values,
    )


def hover(found: PriceMap, outcome: str, say: Words) -> list[list[str]]:
    """Return the hover text of each point of the map."""
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
    """Return one outcome in words."""
    if outcome == "margin":
        return say.share(value)
    if outcome == "runway":
        return say.months(value) if np.isfinite(value) else say("beyond the projection")
    return say.money(value)


def map_sentence(found: PriceMap, outcome: str, say: Words, here: tuple[float, float], where: str) -> str:
    """Return the outcome at the scenario's point (named by `where`) and the best price at today's conversion."""
    price, conversion = here
    row = int(np.argmin(np.abs(found.conversions - conversion)))
    column = int(np.argmin(np.abs(found.prices - price)))
    best = int(np.argmax(found.end_cash[row]))
    text = say(
        "{outcome} is {now} {where}, and {lowest} to {highest} from the lowest to the highest price and conversion on "
        "this map.",
        outcome=say(OUTCOMES[outcome]),
        where=where,
        now=outcome_text(getattr(found, outcome)[row, column], outcome, say),
        lowest=outcome_text(getattr(found, outcome)[0, 0], outcome, say),
        highest=outcome_text(getattr(found, outcome)[-1, -1], outcome, say),
    )
    values = {"where": where, "conversion": conversion, "best": found.prices[best]}
    more = {"best_cash": found.end_cash[row, best], "cash": found.end_cash[row, column]}
    text += " " + say(
        "At a conversion of {conversion:share}, {best:money} leaves the most cash at the end: {best_cash:money}, "
        "against {cash:money} {where}.",
        **values,
        **more,
    )
    if best in (0, len(found.prices) - 1):
        text += " " + say("That price lies at the edge of the map, so a better one may lie beyond.")
    return text
