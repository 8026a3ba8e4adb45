"""Which assumptions explain the spread of a KPI over the trials: Sobol's indices, computed when somebody asks."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import plotly.graph_objects as go
import streamlit as st

from dashboard.parts import charts
from dashboard.parts.charts import filled, framed
from dashboard.parts.explaining import refusals
from dashboard.parts.explaining.naming import named
from dashboard.parts.moving.waiting import awaited
from dashboard.parts.tiles import small
from dashboard.parts.words import Words, escape
from profiling.results.drawn.drawing import as_it_stands
from profiling.results.drawn.palette import BLUE, GREY
from simulator.answers.kpis.tried import Goal
from simulator.answers.moving.groups import draws_anything
from simulator.answers.moving.indices import Explained, explained
from simulator.answers.moving.sobol import Index
from simulator.errors import BreakevenError
from simulator.output.moving.indices import sentence
from simulator.scenario.scenario import Scenario

TRIALS = 1_024
MOST_GROUPS = 10


def panel(goal: Goal, scenario: Scenario, say: Words) -> None:
    """Draw the shares of a KPI's variance by assumption and by area, or the button that computes them."""
    st.markdown(f"**{escape(say('Which assumptions explain the spread'))}**")
    if not draws_anything(scenario):
        small(say("Nothing in this scenario is drawn, so there is no spread to explain."))
        return
    label = say("Compute the shares of the variance (about half a minute)")
    try:
        work = partial(explained, scenario, goal.name, TRIALS)
        found = awaited(f"variance:{scenario.hash}:{goal.name}:{TRIALS}", label, work, say)
    except BreakevenError as error:
        st.warning(refusals.why(error, scenario, say))
        return
    if found is not None:
        shares(found, scenario, say)


def shares(found: Explained, scenario: Scenario, say: Words) -> None:
    """Draw the shares by group, and beside them those of each area."""
    names = {one.group: _name(one.group, found, scenario, say) for one in found.groups}
    left, right = st.columns((2, 1))
    with left:
        shown = found.groups[:MOST_GROUPS]
        figure = bars([names[one.group] for one in shown], shown, say)
        charts.show(figure, sentence(found, names, say), key="variance")
    with right:
        areas = [" + ".join(map(say, one.group.split(" + "))) for one in found.areas]
        text = "By area, {name} accounts for most of the variance: {share}."
        share = say.share(max(found.areas[0].total.value, 0.0))
        charts.show(bars(areas, found.areas, say), say(text, name=areas[0], share=share), key="variance-areas")


def _name(group: str, found: Explained, scenario: Scenario, say: Words) -> str:
    """Return the names of the assumptions in a group; luck has its own."""
    paths = found.paths.get(group, ())
    return " + ".join(named(say, scenario.assumptions[path], scenario) for path in paths) or say(group)


def bars(names: Sequence[str], found: Sequence[Index], say: Words) -> go.Figure:
    """Return two bars a group, each with its 95 % interval: the variance explained alone, and with interactions."""
    figure = framed(say("share of the variance"), "", height=110 + 44 * len(found))
    for name, part, colour, pattern in (
        (say("with interactions"), "total", BLUE, ""),
        (say("alone"), "first", GREY, "/"),
    ):
        parts = [getattr(one, part) for one in found]
        figure.add_bar(
            x=[max(one.value, 0.0) for one in parts],
            y=list(map(as_it_stands, names)),
            orientation="h",
            name=name,
            marker=filled(colour, pattern),
            error_x={
                "array": [max(one.high - max(one.value, 0.0), 0.0) for one in parts],
                "arrayminus": [max(max(one.value, 0.0) - max(one.low, 0.0), 0.0) for one in parts],
                "thickness": 1,
            },
            hovertemplate=[f"{say.share(one.low)} – {say.share(one.high)}<extra></extra>" for one in parts],
        )
    figure.update_layout(barmode="group", hovermode="closest", legend_traceorder="reversed")
    figure.update_xaxes(tickformat=".0%", rangemode="tozero")
    figure.update_yaxes(autorange="reversed")
    return figure
