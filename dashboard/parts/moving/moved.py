"""What moves the answer: swings of single assumptions, of a KPI that the reader chooses."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.desk.cached import swings
from dashboard.parts import charts, charts_results
from dashboard.parts.choices import from_list
from dashboard.parts.explaining import refusals
from dashboard.parts.explaining.naming import named
from dashboard.parts.moving import variance
from dashboard.parts.tiles import small
from dashboard.parts.words import Words, escape
from simulator.answers.draws import has_ranges
from simulator.answers.kpis.tried import Goal, goals_among
from simulator.answers.projection import Projection
from simulator.answers.variations.sensitivity import Swing
from simulator.errors import PlanError
from simulator.output.moving.swings import sentence
from simulator.scenario.scenario import Scenario

# The KPIs that most founders decide by, and how many of the widest swings are drawn.
KPIS = ("end_cash", "runway", "lowest_cash", "peak_burn", "arr", "gross_margin", "break_even_month")
MOST_SWINGS = 10


def panel(projection: Projection, say: Words) -> None:
    """Draw what moves a KPI: the widest swings over a range, and beside them those without one."""
    scenario = projection.scenario
    goal = choose(say("Key figure"), "moved-kpi", scenario, say)
    try:
        found = [one for one in swings(scenario, goal.name) if one.width]
    except PlanError as error:
        st.warning(refusals.why(error, scenario, say))
        return
    names = {one.path: named(say, scenario.assumptions[one.path], scenario) for one in found}
    st.markdown(escape(sentence(goal, found, names, say)))
    left, right = st.columns(2)
    with left:
        st.markdown(f"**{escape(say('Over its own range, P5 to P95'))}**")
        if not has_ranges(scenario):
            st.info(say("No assumption of this scenario has a range, so nothing says how uncertain it is. Add ranges."))
        chart(goal, [one for one in found if one.stated], scenario, say, key="tornado")
    with right:
        st.markdown(f"**{escape(say('Without a range: 10% less or more'))}**")
        chart(goal, [one for one in found if not one.stated], scenario, say, key="tornado-bare")
    variance.panel(goal, scenario, say)


def choose(label: str, key: str, scenario: Scenario, say: Words) -> Goal:
    """Return the KPI that the reader chooses for an answer."""
    goals = {goal.name: goal for goal in goals_among(scenario, KPIS)}
    titles = {name: say(goal.title) for name, goal in goals.items()}
    return goals[from_list(label, list(goals), key, lambda name: titles.get(name, name), width=260)]


def chart(goal: Goal, found: Sequence[Swing], scenario: Scenario, say: Words, *, key: str) -> None:
    """Draw the widest swings as bars from the low end to the high end, with a sentence on the widest."""
    if not found:
        small(say("None of these moves it alone."))
        return
    shown = found[:MOST_SWINGS]
    names = [named(say, scenario.assumptions[one.path], scenario) for one in shown]
    figure = charts_results.tornado(
        say,
        {name: one.at_low for name, one in zip(names, shown, strict=True)},
        {name: one.at_high for name, one in zip(names, shown, strict=True)},
        found[0].base,
        x_title=say(goal.title),
        unit=goal.unit,
    )
    first = found[0]
    ends = {"low": say.quantity(first.at_low, goal.unit), "high": say.quantity(first.at_high, goal.unit)}
    text = "{name} moves it most: {low} at its low end, {high} at its high end, all else as in the base case."
    charts.show(figure, say(text, name=names[0], **ends), key=key)
