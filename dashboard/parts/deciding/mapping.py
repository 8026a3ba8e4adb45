"""The map of two assumptions: their choice, an aim or a target over both, and a button that applies the best point."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from dashboard.desk.desk import Desk
from dashboard.parts import charts, charts_results
from dashboard.parts.choices import from_list
from dashboard.parts.deciding.applying import button_for_all
from dashboard.parts.deciding.solving import changeable, title_of
from dashboard.parts.explaining.refusals import why
from dashboard.parts.moving.waiting import at_once, question
from dashboard.parts.tiles import small
from dashboard.parts.words import Words
from simulator.answers.kpis import DEFINITIONS
from simulator.answers.kpis.registry import Drawn
from simulator.answers.outcomes import Estimate
from simulator.answers.pricing.aims import AIMS
from simulator.answers.pricing.choice import Choice
from simulator.answers.pricing.lever_map import LeverMap, Pairs, lever_map
from simulator.answers.projection import Projection
from simulator.answers.solving.target import Target
from simulator.answers.solving.target_map import TargetMap, target_map
from simulator.engine.model import Array
from simulator.errors import BreakevenError
from simulator.output.prices import aim_words
from simulator.output.pricing.lever_map import result_words, sentence, target_remark, target_sentence

# An odd number of values, so that today's is one of them; a map of them takes some tenths of a second.
POINTS = 21
# Targets of the trials that the map can show in the place of the aim, by KPI.
OF_TRIALS = {
    target.kpi: target
    for target in (
        Target("probability_of_ruin", "<=", 0.05),
        Target("cash_at_risk", ">=", 0.0),
        Target("chance_of_profit", ">=", 0.8),
    )
}
TICKS = {"money": "~s", "share": ".0%", "month": ".0f", "1": ".2f"}


def two(projection: Projection, first: tuple[str, str], aim: str, say: Words, desk: Desk) -> None:
    """Let the reader choose two assumptions, at first these, and draw the aim, or a target of the trials, over both."""
    scenario = projection.scenario
    paths = list(dict.fromkeys([*first, *changeable(scenario)]))
    title = partial(title_of, scenario, say)
    with st.grid(3, min_column_width=240, gap="small"):
        x = from_list(say("Across"), paths, "map-x", title)
        y = from_list(say("Upwards"), paths, "map-y", title, index=1)
        target = shown(projection, aim, say)
    try:
        if target is None:
            asked = question("map", scenario, x, y, aim)
            search: Callable[..., LeverMap | TargetMap] = partial(lever_map, scenario, x, y, aim, POINTS)
        else:
            asked = question("target-map", scenario, x, y, target)
            search = partial(target_map, scenario, x, y, target)
        found = at_once(asked, lambda progress: search(progress=progress), say)
    except BreakevenError as error:
        st.info(why(error, scenario, say))
        return
    if found is None:
        return
    if isinstance(found, TargetMap):
        of_target(found, say)
        is_better = bool(found.met[found.best]) and not found.is_met_today
    else:
        of_aim(found, say)
        is_better = bool(found.outcomes[found.best] > found.now)
    if is_better:
        button_for_all(desk, found.pairs.literals(*found.best), say, key="map-apply")


def shown(projection: Projection, aim: str, say: Words) -> Target | None:
    """Return the target of the trials that the reader chooses to see; None for the aim in the base case."""
    if not projection.trials or projection.figures.drawn is Drawn.NOTHING:
        return None
    titles = {"": AIMS[aim].title, **{kpi: DEFINITIONS[kpi].title for kpi in OF_TRIALS}}
    kpi = from_list(say("Shows"), list(titles), "map-shows", lambda one: say(titles[one]))
    return OF_TRIALS.get(kpi)


def of_aim(found: LeverMap, say: Words) -> None:
    """Draw the aim in the base case over both assumptions."""
    scenario = found.pairs.scenario
    words = [[aim_words(found.aim, value, scenario, say) for value in row] for row in found.outcomes]
    figure = grid(found.pairs, found.outcomes, words, found.aim.unit, say)
    charts.show(figure, sentence(found, partial(title_of, scenario, say), say), key="lever-map")


def of_target(found: TargetMap, say: Words) -> None:
    """Draw what the target comes to over both assumptions, each with its error."""
    scenario = found.pairs.scenario
    pairs = [zip(*rows, strict=True) for rows in zip(found.outcomes, found.errors, strict=True)]
    words = [[result_words(found, Estimate(*one), say) for one in row] for row in pairs]
    figure = grid(found.pairs, found.outcomes, words, found.target.unit("money"), say)
    charts.show(figure, target_sentence(found, partial(title_of, scenario, say), say), key="target-map")
    small(target_remark(found, say))


def grid(pairs: Pairs, outcomes: Array, words: Sequence[Sequence[str]], unit: str, say: Words) -> go.Figure:
    """Return outcomes, in words and as shades, over both assumptions, with the scenario's own point marked."""
    scales = [100.0 if choice.lever.spoken_unit == "share" else 1.0 for choice in (pairs.x, pairs.y)]
    axes = scales[0] * pairs.xs, scales[1] * pairs.ys
    point = scales[0] * pairs.x.lever.level, scales[1] * pairs.y.lever.level
    text = [
        [
            f"{say.quantity(x, pairs.x.lever.spoken_unit)}, {say.quantity(y, pairs.y.lever.spoken_unit)}: {one}"
            for x, one in zip(pairs.xs, row, strict=True)
        ]
        for y, row in zip(pairs.ys, words, strict=True)
    ]
    title = partial(title_of, pairs.scenario, say)
    titles = (axis_title(pairs.x, title(pairs.x.path), say), axis_title(pairs.y, title(pairs.y.path), say))
    # A month beyond the projection is drawn as the last one.
    heights = np.where(np.isposinf(outcomes), pairs.scenario.months, outcomes)
    return charts_results.heatmap(say, titles, axes, heights, text=text, tickformat=TICKS[unit], point=point)


def axis_title(choice: Choice, name: str, say: Words) -> str:
    """Return the name of an assumption with its unit."""
    unit = "%" if choice.lever.spoken_unit == "share" else say.unit(choice.lever.spoken_unit)
    return say.beside(name, unit)
