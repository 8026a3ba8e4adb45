"""Pricing: the best price of a plan or the losses that a rise may cost, levers, and the map against conversion."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from dashboard.desk.cached import best_priced, mapped
from dashboard.desk.desk import Desk
from dashboard.parts import charts, charts_results, members, tables
from dashboard.parts.business.free_tier import cost_of_free
from dashboard.parts.choices import one_of
from dashboard.parts.levers import lever
from dashboard.parts.tiles import small, wall
from dashboard.parts.words import Words, escape
from profiling.results.drawn.palette import GREEN
from simulator.answers.pricing.aims import AIMS
from simulator.answers.pricing.best import NEAREST, PriceAnswer
from simulator.answers.pricing.break_even import BreakEven
from simulator.answers.pricing.lever_map import PriceMap
from simulator.answers.pricing.priced import price_of
from simulator.answers.pricing.studies import STUDIES, Study
from simulator.answers.projection import Projection
from simulator.answers.search import readable
from simulator.output.prices import ask, break_even_sentence, remarks, sentence

KPIS = ("gross_margin", "runway", "lowest_cash", "end_cash")
LEVERS = ("conversion", "churn")
RESPONSES = ("price_elasticity", "churn_elasticity")
TICKS = {"end_cash": "~s", "margin": ".0%", "runway": ".0f"}
OUTCOMES = {"end_cash": "Cash at the end", "margin": "Gross margin", "runway": "Runway"}
# From half to twice the scenario's own conversion; today's is one of them.
CONVERSIONS = 2.0 ** (np.arange(-6, 7) / 6)
# About this many prices keep a map under half a second, whatever range it covers.
PRICES = 12


def page(projection: Projection, say: Words, desk: Desk) -> None:
    """Draw the answer for one plan, its levers and their effect now, and the map of other prices."""
    plans = members.known(projection.scenario, "plan", say)
    if not plans:
        return
    plan = members.chosen(plans, "plan", say("Pricing plan"), say)
    if price_of(projection.scenario, plan) is None:
        st.info(
            say(
                "This plan is free, so there is no price to find. Give it one, and say which share of its customers "
                "would stay."
            )
        )
        cost_of_free(projection, say)
        levers(projection, say, desk, plan, ("price", "stay_when_charged", *LEVERS))
        wall(KPIS, projection, say)
        return
    titles = {name: aim.title for name, aim in AIMS.items()}
    aim = one_of(say, say("What the price is for"), titles, "price-aim")
    answer = best_priced(projection.scenario, plan, aim)
    st.info(escape(sentence(answer, say)))
    small(" ".join(remarks(answer, say)))
    cost_of_free(projection, say)
    curve(answer, say)
    levers(projection, say, desk, plan, (answer.priced.name, *LEVERS))
    wall(KPIS, projection, say)
    response(answer, projection, say, desk)
    price_map(answer, say)


def levers(projection: Projection, say: Words, desk: Desk, plan: str, names: tuple[str, ...]) -> None:
    """Draw levers of the plan side by side."""
    for column, name in zip(st.columns(len(names)), names, strict=True):
        assumption = projection.scenario.assumption_of(name, plan)
        with column:
            lever(desk, say, assumption, key=f"pricing:{assumption.path}")


def curve(answer: PriceAnswer, say: Words) -> None:
    """Draw the aim over the price, with today's price and the best one marked."""
    priced, shown = answer.priced, answer.curve.within(*window(answer))
    prices, outcomes = priced.level * shown.factors, shown.outcomes
    title = say(AIMS[priced.aim].title)
    figure = charts.curves(say, prices, {title: outcomes}, title, "money", x_title=price_title(answer, say))
    figure.update_layout(hovermode="closest")
    figure.update_yaxes(rangemode="normal")
    charts.here(figure, say, (priced.level, answer.now))
    if answer.best:
        mark = {"symbol": "diamond", "size": 12, "color": GREEN, "line": {"width": 1.5, "color": "white"}}
        best = ([answer.best.price], [answer.best.outcome])
        figure.add_scatter(x=best[0], y=best[1], mode="markers", marker=mark, name=say("best price"))
    logarithmic(figure, answer)
    # A little room, so that the ticks at both ends are drawn.
    figure.update_xaxes(range=[np.log10(prices[0] / 1.05), np.log10(prices[-1] * 1.05)])
    figure.update_layout(showlegend=True)
    figure.update_traces(showlegend=False, selector={"mode": "lines"})
    charts.show(figure, curve_sentence(answer, prices, outcomes, say), key="price-curve")


def logarithmic(figure: go.Figure, answer: PriceAnswer) -> None:
    """Give a wide range of prices a logarithmic axis, with a few ticks that a phone has room for."""
    low, high = window(answer)
    factors = 2.0 ** np.arange(np.log2(low), np.log2(high) + 1)
    ticks = [float(f"{factor * answer.priced.level:.3g}") for factor in factors]
    figure.update_xaxes(type="log", tickvals=ticks, ticktext=[f"{tick:,g}" for tick in ticks])


def price_title(answer: PriceAnswer, say: Words) -> str:
    """Return the name of the price with its unit, for an axis."""
    return f"{say(readable(answer.priced.name))}, {say.unit(answer.priced.assumption.unit)}"


def curve_sentence(answer: PriceAnswer, prices: np.ndarray, outcomes: np.ndarray, say: Words) -> str:
    """Return what the curve shows: the aim at its two ends and now."""
    unit = answer.priced.assumption.unit
    words = {
        "aim": say(AIMS[answer.priced.aim].title),
        "first": say.money(outcomes[0]),
        "last": say.money(outcomes[-1]),
        "now": say.money(answer.now),
        "low": say.quantity(prices[0], unit),
        "high": say.quantity(prices[-1], unit),
        "price": say.quantity(answer.priced.level, unit),
    }
    if answer.responds:
        return say("{aim} by price: {first} at {low}, {now} at today's {price} and {last} at {high}.", **words)
    return say(
        "{aim} by price if no customer is lost or won by it: {first} at {low}, {now} at today's {price} and {last} at "
        "{high}.",
        **words,
    )


def response(answer: PriceAnswer, projection: Projection, say: Words, desk: Desk) -> None:
    """Draw the levers of how customers respond; without a response, the losses to bear and published elasticities."""
    st.subheader(say("How customers respond to the price"))
    levers(projection, say, desk, answer.priced.plan, RESPONSES)
    if answer.responds:
        return
    if answer.priced.course_of("reference_bill").any():
        small(
            say("To get a best price, set a price elasticity: the percentage of buyers that a price 1% higher loses.")
        )
    else:
        small(ask(answer, say))
    losses(answer.break_even, say)
    studies(say)


def losses(found: tuple[BreakEven, ...], say: Words) -> None:
    """Draw the table of the losses at which a rise stops paying, with each row in words below."""
    rows = [
        {
            say("Rise of the price"): say.share(one.rise),
            say("New customers it may lose"): say.share(one.share),
            say("Price elasticity that loses them"): "–" if one.elasticity is None else say.number(one.elasticity),
        }
        for one in found
    ]
    alt = " ".join(break_even_sentence(one, say) for one in found)
    tables.show(pd.DataFrame(rows), alt)
    small(alt)


def studies(say: Words) -> None:
    """Draw the published elasticities; names and sources are those of the studies."""
    small(say("Price elasticities that studies measured:"))
    st.markdown("\n".join(f"- :small[{study_line(study, say)}]" for study in STUDIES))


def study_line(study: Study, say: Words) -> str:
    """Return one study: what it measured and how much, and who published it where."""
    size = say.number(study.low) + ("" if study.low == study.high else f" – {say.number(study.high)}")
    by = escape(f"{study.who} ({study.year})")
    return f"**{escape(size)}** {escape(say(study.what))}: {by}, [{escape(study.source)}]({study.url})"


def price_map(answer: PriceAnswer, say: Words) -> None:
    """Draw an outcome over price and conversion, with the scenario's own point marked."""
    priced = answer.priced
    conversion = priced.scenario.assumption_of("conversion", priced.plan).central
    if not conversion or not priced.course_of("share_of_signups").any():
        return
    st.subheader(say("Price against conversion"))
    outcome = one_of(say, say("Show"), OUTCOMES, "map-outcome")
    shares = tuple(float(factor) for factor in CONVERSIONS if conversion * factor <= 1)
    found = mapped(priced.scenario, priced.plan, price_factors(window(answer)), shares)
    # A runway beyond the projection is drawn as the last month.
    grid = np.nan_to_num(getattr(found, outcome), nan=priced.scenario.months if outcome == "runway" else np.nan)
    titles = (price_title(answer, say), say("conversion, % of sign-ups"))
    axes, point = (found.prices, 100 * found.conversions), (priced.level, 100 * conversion)
    text, form = hover(found, outcome, say), TICKS[outcome]
    figure = charts_results.heatmap(say, titles, axes, grid, text=text, tickformat=form, point=point)
    logarithmic(figure, answer)
    charts.show(figure, map_sentence(found, outcome, say, (priced.level, conversion)), key="price-map")


def window(answer: PriceAnswer) -> tuple[float, float]:
    """Return the factors of today's price to show: those searched, or near ones where nothing responds."""
    return (answer.curve.factors[0], answer.curve.factors[-1]) if answer.responds else (1 / NEAREST, NEAREST)


def price_factors(ends: tuple[float, float]) -> tuple[float, ...]:
    """Return the factors of today's price on the map, the same number to each doubling; today's is one of them."""
    low, high = (round(np.log2(end)) for end in ends)
    steps = max(PRICES // (high - low), 1)
    return tuple(float(2.0 ** (step / steps)) for step in range(low * steps, high * steps + 1))


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


def map_sentence(found: PriceMap, outcome: str, say: Words, here: tuple[float, float]) -> str:
    """Return the outcome at the scenario's point, and at the corners of the map."""
    row, column = (
        int(np.argmin(np.abs(axis - now)))
        for axis, now in zip((found.conversions, found.prices), reversed(here), strict=True)
    )
    return say(
        "Each point is a complete base case. {outcome} is {now} in the base case, and {lowest} to {highest} from the "
        "lowest to the highest price and conversion on this map.",
        outcome=say(OUTCOMES[outcome]),
        now=outcome_text(getattr(found, outcome)[row, column], outcome, say),
        lowest=outcome_text(getattr(found, outcome)[0, 0], outcome, say),
        highest=outcome_text(getattr(found, outcome)[-1, -1], outcome, say),
    )
