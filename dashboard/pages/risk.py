"""Risk: the fan of outcomes, the chance of running out of cash, and what moves the answer most."""

import numpy as np
import streamlit as st

from dashboard.desk.cached import swings
from dashboard.pages.overview import cash_chart, cash_sentence
from dashboard.parts import charts
from dashboard.parts.levers import named
from dashboard.parts.tiles import small
from dashboard.parts.words import Words
from simulator.answers.projection import Projection

MOST_SWINGS = 10


def page(projection: Projection, say: Words) -> None:
    """How far the plan may miss, how likely ruin is, and which assumption is to blame."""
    st.subheader(say("Cash, in nine trials of ten"))
    charts.show(cash_chart(projection, say), cash_sentence(projection, say), key="fan-chart")
    left, right = st.columns(2)
    with left:
        st.subheader(say("Chance of running out of cash"))
        if projection.trials:
            chart = charts.chance(say, projection.dates, projection.ruin)
            charts.show(chart, ruin_sentence(projection, say), key="ruin")
        else:
            small(say("No trials were run."))
    with right:
        st.subheader(say("What moves the answer most"))
        tornado(projection, say)


def ruin_sentence(projection: Projection, say: Words) -> str:
    """What the chart of ruin shows."""
    ruin = np.asarray(projection.ruin)
    if ruin[-1] == 0:
        return say("In no trial does cash fall below the floor within {months:months}.", months=len(ruin))
    half = np.flatnonzero(ruin >= 0.5)
    text = say(
        "In {share:share} of trials cash falls below the floor within {months:months}, "
        "in the first of them in {first:month}.",
        share=ruin[-1],
        months=len(ruin),
        first=projection.dates[int(np.flatnonzero(ruin > 0)[0])],
    )
    if half.size:
        text += " " + say("From {when:month} on it is more likely than not.", when=projection.dates[half[0]])
    return text


def tornado(projection: Projection, say: Words) -> None:
    """The uncertain assumptions that move cash at the end the furthest."""
    found = swings(projection.scenario)[:MOST_SWINGS]
    if not found:
        st.info(say("No assumption of this plan is uncertain yet; give one a range to see what it moves."))
        return
    names = [named(say, projection.scenario.assumptions[swing.path]) for swing in found]
    figure = charts.tornado(
        say,
        {name: swing.at_low for name, swing in zip(names, found, strict=True)},
        {name: swing.at_high for name, swing in zip(names, found, strict=True)},
        float(projection.series["cash"].base[-1]),
        say("cash at the end, {currency}", currency=projection.currency),
    )
    first = found[0]
    text = say(
        "{name} moves cash at the end the most: {low:money} at its low end, {high:money} at its high end, "
        "everything else as planned.",
        name=names[0],
        low=first.at_low,
        high=first.at_high,
    )
    charts.show(figure, text, key="tornado")
