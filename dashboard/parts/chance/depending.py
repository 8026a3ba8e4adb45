"""How a KPI goes with one assumption over the trials: its mean and its 90 % interval by the value."""

from __future__ import annotations

from functools import partial

import plotly.graph_objects as go
import streamlit as st

from dashboard.desk.cached import swings
from dashboard.parts import charts
from dashboard.parts.charts import Kind, framed, line, scaled
from dashboard.parts.charts_results import BAND
from dashboard.parts.choices import from_list
from dashboard.parts.explaining import refusals
from dashboard.parts.explaining.naming import named
from dashboard.parts.moving.moved import KPIS
from dashboard.parts.moving.waiting import awaited
from dashboard.parts.tiles import small
from dashboard.parts.words import Words
from profiling.results.drawn.palette import BLUE
from simulator.answers.chance.dependence import FEWEST, RUIN, TOLD, Dependence, dependence
from simulator.answers.kpis.registry import DEFINITIONS
from simulator.answers.kpis.tried import goals_among
from simulator.answers.projection import Projection
from simulator.errors import BreakevenError
from simulator.output.chance.dependence import sentence

TRIALS = 1_000
# The assumption that moves this KPI most is offered first.
FIRST = "end_cash"


def panel(projection: Projection, say: Words) -> None:
    """Let the reader choose a KPI and an assumption, and draw how one goes with the other."""
    scenario, outcomes = projection.scenario, projection.figures.outcomes
    paths = {one.path: named(say, scenario.assumptions[one.path], scenario) for one in swings(scenario, FIRST)}
    paths = {path: name for path, name in paths.items() if scenario.assumptions[path].is_uncertain}
    if not paths or outcomes.trials < FEWEST:
        small(say("This takes an assumption with a range, and 100 trials or more."))
        return
    titles = {RUIN: say(DEFINITIONS[RUIN].title)}
    titles |= {goal.name: say(goal.title) for goal in goals_among(scenario, KPIS)}
    with st.container(horizontal=True):
        kpi = from_list(say("Key figure"), list(titles), "depends-kpi", lambda one: titles.get(one, one), width=260)
        path = from_list(say("Assumption"), list(paths), "depends-on", lambda one: paths.get(one, one), width=360)
    found: Dependence | None
    try:
        if kpi in TOLD:
            found = dependence(scenario, kpi, path, min(outcomes.trials, TRIALS), known=outcomes)
        else:
            label, key = say("Run the trials for this figure"), f"depends:{scenario.hash}:{kpi}:{path}"
            found = awaited(key, label, partial(_run, projection, kpi, path), say)
    except BreakevenError as error:
        st.warning(refusals.why(error, scenario, say))
        return
    if found is not None:
        charts.show(chart(found, paths[path], say), sentence(found, paths[path], say), key="depends")


def _run(projection: Projection, kpi: str, path: str, progress: object) -> Dependence:
    return dependence(projection.scenario, kpi, path, TRIALS, progress=progress)


def chart(found: Dependence, name: str, say: Words) -> go.Figure:
    """Return the mean and the 90 % interval of a KPI over an assumption."""
    figure = framed(name, say(found.goal.title))
    middles = [one.middle for one in found.groups]
    if found.goal.name != RUIN:
        edge = {"mode": "lines", "line": {"width": 0}}
        figure.add_scatter(x=middles, y=[one.p95 for one in found.groups], name=say("P95"), showlegend=False, **edge)
        low = [one.p05 for one in found.groups]
        figure.add_scatter(x=middles, y=low, name=say("90% interval"), fill="tonexty", fillcolor=BAND, **edge)
    line(figure, middles, [one.mean for one in found.groups], say("mean"), BLUE, width=3)
    kind: Kind = "money" if found.goal.unit == say.currency else "share" if found.goal.unit == "share" else "number"
    scaled(figure, say, kind, [one.p95 for one in found.groups])
    if found.unit == "share":
        figure.update_xaxes(tickformat=".1%")
    return figure
