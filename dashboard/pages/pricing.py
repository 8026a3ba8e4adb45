"""Pricing: the best price of a plan or the losses that a rise may cost, several charges, ways to charge, and a map."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from dashboard.desk.cached import best_priced
from dashboard.desk.desk import Desk
from dashboard.parts import charts, members, tables
from dashboard.parts.business.free_tier import cost_of_free
from dashboard.parts.charts import Kind
from dashboard.parts.choices import from_list
from dashboard.parts.deciding.applying import button
from dashboard.parts.deciding.charging import ways
from dashboard.parts.deciding.mapping import two
from dashboard.parts.deciding.rivals import beside
from dashboard.parts.deciding.several_prices import together, told
from dashboard.parts.explaining import refusals
from dashboard.parts.levers import lever
from dashboard.parts.tiles import small, wall
from dashboard.parts.words import Words, escape
from profiling.results.drawn.palette import GREEN
from simulator.answers.kpis.registry import Drawn
from simulator.answers.pricing.aims import AIMS
from simulator.answers.pricing.best import NEAREST, PriceAnswer
from simulator.answers.pricing.break_even import BreakEven
from simulator.answers.pricing.over import BASE, FEWEST, OVERS, figure_of
from simulator.answers.pricing.priced import price_of
from simulator.answers.pricing.studies import STUDIES, Study
from simulator.answers.projection import Projection
from simulator.answers.search import readable
from simulator.answers.solving.lever import Lever
from simulator.errors import PlanError
from simulator.output.prices import aim_words, ask, break_even_sentence, remarks, sentence
from simulator.output.pricing.several import aim_title
from simulator.scenario.typed.entry import spoken_unit

KPIS = ("gross_margin", "runway", "lowest_cash", "end_cash")
LEVERS = ("conversion", "churn")
# A doubled price is one in spite of rounding.
ROUNDING = 1e-6
# How the axis of an aim is written, by its unit.
KINDS_OF: dict[str, Kind] = {"money": "money", "share": "share"}
RESPONSES = ("price_elasticity", "churn_elasticity")


def page(projection: Projection, say: Words, desk: Desk) -> None:
    """Draw the answer for one plan, its levers and their effect now, and the map of other prices."""
    plans = members.known(projection.scenario, "plan", say)
    if not plans:
        return
    priced = next((plan for plan in plans if price_of(projection.scenario, plan)), None)
    plan = members.chosen(plans, "plan", say("Pricing plan"), say, priced)
    name = price_of(projection.scenario, plan)
    if name is None:
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
    with st.container(horizontal=True, vertical_alignment="bottom"):
        aim = from_list(say("What the price is for"), list(AIMS), "price-aim", lambda name: say(AIMS[name].title))
        over = read_off(projection, aim, say)
    price = f"plans.{plan}.{name}"
    try:
        answer = best_priced(projection.scenario, plan, aim)
    except PlanError as error:  # the aim has no value here, which takes nothing else from the page
        answer = None
        st.warning(refusals.why(error, projection.scenario, say))
    if answer and over == BASE:
        st.info(escape(sentence(answer, say)))
        small(" ".join(remarks(answer, say)))
        if answer.best and answer.best.outcome > answer.now:
            button(desk, Lever.of(projection.scenario, price), answer.best.price, say, key="price-apply")
    elif answer:
        over_trials(answer, projection, over, say, desk)
    cost_of_free(projection, say)
    if answer and over == BASE:
        curve(answer, say)
    levers(projection, say, desk, plan, (name, *LEVERS))
    wall(KPIS, projection, say)
    if answer:
        response(answer, projection, say, desk)
        together(projection, plan, say, desk, aim=aim, over=over)
    ways(projection, plan, aim, say, desk)
    beside(projection.scenario, plan, say)
    st.header(say("Two assumptions at once"))
    two(projection, (price, f"plans.{plan}.conversion"), aim, say, desk)


def read_off(projection: Projection, aim: str, say: Words) -> str:
    """Return what the aim is read off, as the reader chooses; the base case where trials cannot tell it."""
    is_traced = AIMS[aim].line or figure_of(projection.scenario, AIMS[aim])
    if not is_traced or projection.trials < FEWEST or projection.figures.drawn is Drawn.NOTHING:
        return BASE
    return from_list(say("Read off"), list(OVERS), "price-over", lambda one: say(OVERS[one]))


def over_trials(answer: PriceAnswer, projection: Projection, over: str, say: Words, desk: Desk) -> None:
    """Draw the best price over the trials, and the aim by price."""
    aim, price = AIMS[answer.priced.aim], answer.priced.path(answer.priced.name)
    found = told(projection, [price], say, desk, aim=aim.name, over=over, key="over")
    if found is None or not found.courses:
        return
    (course,), title = found.courses, aim_title(found, say)
    figure = by_price(answer, course.values, {title: course.aims}, found.now.aim, say)
    if found.is_advised:
        marked(figure, found.best.values[0], found.best.aim, say)
    words = {
        "aim": title,
        "low": say.quantity(float(course.values[0]), spoken_unit(answer.priced.assumption)),
        "high": say.quantity(float(course.values[-1]), spoken_unit(answer.priced.assumption)),
        "first": aim_words(aim, float(course.aims[0]), projection.scenario, say),
        "last": aim_words(aim, float(course.aims[-1]), projection.scenario, say),
        "now": aim_words(aim, found.now.aim, projection.scenario, say),
        "price": say.quantity(answer.priced.level, spoken_unit(answer.priced.assumption)),
    }
    text = say("{aim} by price: {first} at {low}, {now} at today's {price} and {last} at {high}.", **words)
    charts.show(figure, text, key="price-over-curve")


def marked(figure: go.Figure, price: float, outcome: float, say: Words) -> None:
    """Mark the best price."""
    mark = {"symbol": "diamond", "size": 12, "color": GREEN, "line": {"width": 1.5, "color": "white"}}
    figure.add_scatter(x=[price], y=[outcome], mode="markers", marker=mark, name=say("best price"))


def levers(projection: Projection, say: Words, desk: Desk, plan: str, names: tuple[str, ...]) -> None:
    """Draw levers of the plan side by side."""
    for column, name in zip(st.columns(len(names)), names, strict=True):
        assumption = projection.scenario.assumption_of(name, plan)
        with column:
            lever(desk, say, assumption, key=f"pricing:{assumption.path}")


def curve(answer: PriceAnswer, say: Words) -> None:
    """Draw the aim over the price, with today's price and the best one marked."""
    shown = answer.curve.within(*window(answer))
    prices, outcomes = answer.priced.level * shown.factors, shown.outcomes
    figure = by_price(answer, prices, {say(AIMS[answer.priced.aim].title): outcomes}, answer.now, say)
    if answer.best:
        marked(figure, answer.best.price, answer.best.outcome, say)
    charts.show(figure, curve_sentence(answer, prices, outcomes, say), key="price-curve")


def by_price(
    answer: PriceAnswer, prices: np.ndarray, outcomes: dict[str, np.ndarray], now: float, say: Words
) -> go.Figure:
    """Return a chart of the aim, by its title, over the price on a logarithmic axis, with today's price marked.

    Its ticks are today's price, its doubles and its halves: a few, so that a phone has room for them.
    """
    kind: Kind = KINDS_OF.get(AIMS[answer.priced.aim].unit, "number")
    figure = charts.curves(say, prices, outcomes, next(iter(outcomes)), kind, x_title=price_title(answer, say))
    figure.update_layout(hovermode="closest", showlegend=True)
    figure.update_traces(showlegend=False)
    figure.update_yaxes(rangemode="normal")
    charts.here(figure, say, (answer.priced.level, now))
    low, high = np.log2(prices[0] / answer.priced.level), np.log2(prices[-1] / answer.priced.level)
    steps = np.arange(np.ceil(low - ROUNDING), np.floor(high + ROUNDING) + 1)
    ticks = [float(f"{answer.priced.level * 2.0**step:.3g}") for step in steps]
    # A little room, so that the ticks at both ends are drawn.
    ends = [np.log10(prices[0] / 1.05), np.log10(prices[-1] * 1.05)]
    figure.update_xaxes(type="log", tickvals=ticks, ticktext=[say.number(tick) for tick in ticks], range=ends)
    return figure


def price_title(answer: PriceAnswer, say: Words) -> str:
    """Return the name of the price with its unit, for an axis."""
    return say.beside(say(readable(answer.priced.name)), say.unit(spoken_unit(answer.priced.assumption)))


def curve_sentence(answer: PriceAnswer, prices: np.ndarray, outcomes: np.ndarray, say: Words) -> str:
    """Return what the curve shows: the aim at its two ends and now."""
    unit, aim = spoken_unit(answer.priced.assumption), AIMS[answer.priced.aim]
    ends = {"first": float(outcomes[0]), "last": float(outcomes[-1]), "now": answer.now}
    words = {
        "aim": say(aim.title),
        **{name: aim_words(aim, one, answer.priced.scenario, say) for name, one in ends.items()},
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
    st.header(say("How customers respond to the price"))
    levers(projection, say, desk, answer.priced.plan, RESPONSES)
    if answer.responds:
        return
    if answer.priced.course_of("reference_bill").any():
        small(
            say("To get a best price, set a price elasticity: the percentage of buyers that a price 1% higher loses.")
        )
    else:
        small(ask(answer, say))
    if answer.losses:
        losses(answer.losses, say)
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
    source = f"[{escape(study.source)}]({study.url})"
    return f"**{escape(size)}** {say.valued(escape(say(study.what)), say.beside(by, source))}"


def window(answer: PriceAnswer) -> tuple[float, float]:
    """Return the factors of today's price to show: those searched, or near ones where nothing responds."""
    return (answer.curve.factors[0], answer.curve.factors[-1]) if answer.responds else (1 / NEAREST, NEAREST)
