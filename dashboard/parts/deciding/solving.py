"""The value of an assumption that meets a target: its choice, the answer in a sentence, and the curve behind it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

import numpy as np
import streamlit as st

from dashboard.desk.desk import Desk
from dashboard.parts import charts
from dashboard.parts.charts import Kind
from dashboard.parts.choices import from_list, one_of
from dashboard.parts.deciding.applying import button
from dashboard.parts.explaining.naming import name_of
from dashboard.parts.explaining.refusals import why
from dashboard.parts.frame import axes
from dashboard.parts.moving.waiting import at_once, question
from dashboard.parts.tiles import small
from dashboard.parts.words import Words, escape
from profiling.results.drawn.palette import GREEN
from simulator.answers.kpis import DEFINITIONS
from simulator.answers.kpis.registry import Drawn
from simulator.answers.projection import Projection
from simulator.answers.solving.lever import Lever
from simulator.answers.solving.remedies import levers_of
from simulator.answers.solving.search import Point, Solution, solve
from simulator.answers.solving.target import Operator, Target
from simulator.errors import BreakevenError
from simulator.output.solved import level_words, point_words, remarks, sentence
from simulator.scenario.scenario import Scenario

# What founders ask for most, with the bound that a first look begins with; the other KPIs follow.
FIRST = {
    **{"runway": 18.0, "probability_of_ruin": 0.05, "end_cash": 0.0, "lowest_cash": 0.0, "chance_of_profit": 0.8},
    **{"gross_margin": 0.7, "break_even_month": 24.0, "payback_months": 12.0, "ltv_to_cac": 3.0},
}
COMPARED_TITLES: dict[Operator, str] = {">=": "At least", "<=": "At most"}
# Fewer is better, where a first look asks for at most.
LOW_IS_GOOD = ("probability_of_ruin", "ruin_before_round", "break_even_month", "payback_months", "cac", "burn_multiple")
# Shares of the trials to choose from; none of them stands for the base case.
NO_SHARE, SHARES = 0.0, (0.5, 0.8, 0.9, 0.95, 0.99)
# The curve is drawn from half of the lower of today's value and the one found to twice the higher.
AROUND = 2.0


def finder(projection: Projection, say: Words, desk: Desk) -> None:
    """Let the reader choose an assumption and a target, and draw the value that meets it."""
    scenario = projection.scenario
    paths = changeable(scenario)
    if not paths:
        st.info(say("This scenario states no assumption that could be moved."))
        return
    title = partial(title_of, scenario, say)
    path = from_list(say("Which assumption may change?"), paths, "solve-change", title)
    target = wanted(projection, say)
    try:
        asked = question("solve", scenario, path, target, projection.trials)
        search = partial(solve, scenario, path, target, trials=projection.trials)
        found = at_once(asked, lambda progress: search(progress=progress), say)
    except BreakevenError as error:
        st.info(why(error, scenario, say))
        return
    if found is None:
        return
    st.info(escape(sentence(found, title(path), say)))
    if said := " ".join(remarks(found, say)):
        small(said)
    if found.root is not None and not found.now.met:
        button(desk, found.lever, found.root.value, say, key="solve-apply")
    curve(found, title(path), say)


def title_of(scenario: Scenario, say: Words, path: str) -> str:
    """Return the name of an assumption for people; the member need not have a value of its own."""
    return name_of(scenario, path, say)


def changeable(scenario: Scenario) -> list[str]:
    """Return the assumptions that the scenario states and that are not zero; what founders change most comes first."""
    first = [lever.path for lever in levers_of(scenario)]
    money = [path for path in first if path.endswith((".amount", ".investment"))]
    stated = [
        path for path, one in scenario.assumptions.items() if not one.is_default and Lever.of(scenario, path).level
    ]
    return list(dict.fromkeys([*money, *first, *stated]))


def wanted(projection: Projection, say: Words) -> Target:
    """Return the target that the reader chooses."""
    kpis = list(dict.fromkeys([*FIRST, *DEFINITIONS]))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kpi = from_list(say("Which figure has to be met?"), kpis, "solve-kpi", lambda one: say(DEFINITIONS[one].title))
        first: Operator = "<=" if kpi in LOW_IS_GOOD else ">="
        operator = one_of(say, say("It has to be"), COMPARED_TITLES, f"solve-operator:{kpi}", first)
        bound = bound_of(kpi, projection, say)
        share = share_of(kpi, projection, say)
    return Target(kpi, operator, bound, share)


def bound_of(kpi: str, projection: Projection, say: Words) -> float:
    """Return the bound that the reader types; shares are typed as percentages."""
    now, unit = projection.kpis[kpi].value, projection.kpis[kpi].unit
    scale = 100.0 if unit == "share" else 1.0
    label = say("Bound, %") if unit == "share" else say("Bound")
    usual = FIRST.get(kpi, now or 0.0) * scale
    typed = st.number_input(label, value=float(f"{usual:.6g}"), format="%.10g", key=f"solve-bound:{kpi}", width=180)
    return float(typed) / scale


def share_of(kpi: str, projection: Projection, say: Words) -> float | None:
    """Return the share of trials that have to meet the bound; None for the base case, and where trials tell nothing."""
    scenario = projection.scenario
    is_by_trial = bool(Target(kpi, ">=", 0.0).variant(scenario).line)
    if not is_by_trial or not projection.trials or projection.figures.drawn is Drawn.NOTHING:
        return None

    def title(share: float) -> str:
        return say("{share:share} of the trials", share=share) if share else say("the base case")

    options = (NO_SHARE, *SHARES)
    share = from_list(say("In"), options, f"solve-share:{kpi}", title, index=options.index(0.95))
    return None if share == NO_SHARE else share


def curve(found: Solution, name: str, say: Words) -> None:
    """Draw the outcome over the assumption, with the bound, today's value and the one found."""
    points = near(found)
    if len(points) < 2:
        return
    kind = kind_of(found)
    wanted_at = found.target.bound if found.target.share is None else found.target.share
    title = say(found.target.title) if found.target.share is None else say("Share of trials that meet the target")
    scale = 100.0 if found.lever.spoken_unit == "share" else 1.0
    unit = "%" if found.lever.spoken_unit == "share" else say.unit(found.lever.spoken_unit)
    x = [scale * one.value for one in points]
    y = [height(found, one) for one in points]
    figure = charts.curves(say, x, {title: y}, title, kind, x_title=say.beside(name, unit))
    if max(x) >= axes.SHORTENED:
        charts.amounts(figure, say, money=found.lever.spoken_unit.split("/")[0] == say.currency, axis="x")
    figure.update_layout(hovermode="closest", showlegend=True)
    figure.update_traces(showlegend=False, selector={"mode": "lines"})
    if kind != "share":
        figure.update_yaxes(rangemode="normal")
    charts.across(figure, wanted_at)
    charts.here(figure, say, (scale * found.lever.level, height(found, found.now)))
    if found.root is not None:
        mark = {"symbol": "diamond", "size": 12, "color": GREEN, "line": {"width": 1.5, "color": "white"}}
        at = [scale * found.root.value], [height(found, found.root)]
        figure.add_scatter(x=at[0], y=at[1], mode="markers", marker=mark, name=say("the value found"))
    charts.show(figure, curve_sentence(found, points, name, title, say), key="solve-curve")


def near(found: Solution) -> list[Point]:
    """Return the points of the curve around today's value and the one found; all of them where none was found."""
    if found.root is None:
        return list(found.curve)
    ends = sorted((found.lever.level, found.root.value))
    if ends[0] < 0:
        return list(found.curve)
    return [one for one in found.curve if ends[0] / AROUND <= one.value <= ends[1] * AROUND]


def height(found: Solution, point: Point) -> float:
    """Return what a point comes to, for the chart: a month that never comes is drawn as the last one."""
    value = point.outcome.value
    return float(found.lever.scenario.months) if math.isinf(value) else value


def kind_of(found: Solution) -> Kind:
    """Return how the axis of outcomes is written."""
    unit = found.target.unit(found.lever.scenario.currency)
    if found.target.share is not None or unit == "share":
        return "share"
    return "money" if unit.split("/")[0] == found.lever.scenario.currency else "number"


def curve_sentence(found: Solution, points: Sequence[Point], name: str, title: str, say: Words) -> str:
    """Return what the curve shows at its two ends and today."""
    known = [one for one in points if not np.isnan(one.outcome.value)] or list(points)
    return say(
        "{title} by {name}: {first} at {low}, {now} at today's {level}, and {last} at {high}.",
        title=title,
        name=name,
        first=point_words(found, known[0], say),
        low=level_words(found.lever, known[0].value, say),
        now=point_words(found, found.now, say),
        level=level_words(found.lever, found.lever.level, say),
        last=point_words(found, known[-1], say),
        high=level_words(found.lever, known[-1].value, say),
    )
