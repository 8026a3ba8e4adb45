"""Why two scenarios differ: the difference of a KPI shared among its causes, which sum to it exactly."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go
import streamlit as st

from dashboard.desk.cached import HASH
from dashboard.desk.whatifs import Variant
from dashboard.parts import charts
from dashboard.parts.charts import framed
from dashboard.parts.charts_results import along
from dashboard.parts.choices import from_list
from dashboard.parts.explaining import refusals
from dashboard.parts.moving.moved import choose
from dashboard.parts.moving.waiting import awaited
from dashboard.parts.words import Words
from profiling.results.drawn.drawing import as_it_stands
from profiling.results.drawn.palette import BLUE, GREY, VERMILLION
from simulator.answers.blocks.progress import Progress
from simulator.answers.kpis.tried import Goal
from simulator.answers.moving.attribution import Attribution, attribution
from simulator.answers.projection import Projection
from simulator.errors import BreakevenError
from simulator.output.moving.causes import named, ordered, sentence
from simulator.scenario.scenario import Scenario

MOST_CAUSES = 10


def panel(made: Sequence[tuple[Variant, Projection]], say: Words) -> None:
    """Let the reader choose a KPI and a scenario, and draw what makes it differ from the first."""
    st.header(say("Why they differ"))
    first = made[0][1].scenario
    others = {variant.name: found.scenario for variant, found in made[1:]}
    with st.container(horizontal=True):
        goal = choose(say("Key figure"), "causes-kpi", first, say)
        other = others[from_list(say("Scenario"), list(others), "causes-scenario", width=360)]
    keys = [HASH[Scenario](one) for one in (first, other)]

    def work(progress: Progress) -> Attribution:
        return attribution(first, other, [goal.name], progress)

    try:
        found = awaited(f"causes:{keys}:{goal.name}", say("Share the difference among its causes"), work, say)
    except BreakevenError as error:
        st.warning(refusals.why(error, first, say))
        return
    if found is not None:
        waterfall(found, goal, say)


def waterfall(found: Attribution, goal: Goal, say: Words) -> None:
    """Draw a bar for each cause, from one scenario's KPI to the other's."""
    places = ordered(found, 0)
    shown, rest = places[:MOST_CAUSES], places[MOST_CAUSES:]
    names = [named(found.causes[one], say) for one in shown]
    changes = [float(found.shares[one, 0]) for one in shown]
    if rest:
        names.append(say("{count} more", count=str(len(rest))))
        changes.append(float(found.shares[rest, 0].sum()))
    figure = framed(say(goal.title), "", height=130 + 34 * len(names))
    ends = (float(found.old[0]), float(found.new[0]))
    figure.add_trace(
        go.Waterfall(
            orientation="h",
            measure=["absolute", *["relative"] * len(names), "total"],
            x=[ends[0], *changes, ends[1]],
            y=list(map(as_it_stands, [say("This scenario"), *names, say("The other one")])),
            increasing_marker_color=BLUE,
            decreasing_marker_color=VERMILLION,
            totals_marker_color=GREY,
        )
    )
    figure.update_layout(hovermode="closest", showlegend=False)
    figure.update_yaxes(autorange="reversed")
    along(figure, say, goal.unit)
    charts.show(figure, sentence(found, 0, say), key="causes")
