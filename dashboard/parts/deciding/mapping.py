"""The map of two assumptions: their choice, an aim over both, and a button that applies the highest point."""

from __future__ import annotations

from functools import partial

import numpy as np
import streamlit as st

from dashboard.desk.desk import Desk, sentence_of
from dashboard.parts import charts, charts_results
from dashboard.parts.choices import from_list
from dashboard.parts.deciding.applying import button_for_all
from dashboard.parts.deciding.solving import changeable, title_of
from dashboard.parts.moving.waiting import at_once, question
from dashboard.parts.words import Words, with_code
from simulator.answers.pricing.aims import AIMS
from simulator.answers.pricing.choice import Choice
from simulator.answers.pricing.lever_map import LeverMap, lever_map
from simulator.answers.projection import Projection
from simulator.errors import BreakevenError
from simulator.output.prices import aim_words
from simulator.output.pricing.lever_map import sentence

# An odd number of values, so that today's is one of them; a map of them takes some tenths of a second.
POINTS = 21
TICKS = {"money": "~s", "share": ".0%", "month": ".0f", "1": ".2f"}


def two(projection: Projection, first: tuple[str, str], aim: str, say: Words, desk: Desk) -> None:
    """Let the reader choose two assumptions, at first these, and draw the aim over both."""
    scenario = projection.scenario
    paths = list(dict.fromkeys([*first, *changeable(scenario)]))
    title = partial(title_of, scenario, say)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        x = from_list(say("Across"), paths, "map-x", title)
        y = from_list(say("Upwards"), paths, "map-y", title, index=1)
    try:
        asked = question("map", scenario, x, y, aim)
        search = partial(lever_map, scenario, x, y, aim, POINTS)
        found = at_once(asked, lambda progress: search(progress=progress), say)
    except BreakevenError as error:
        st.info(with_code(sentence_of(error)))
        return
    if found is None:
        return
    draw(found, say)
    row, column = found.best
    if found.outcomes[row, column] > found.now:
        best = ((found.x, found.xs[column]), (found.y, found.ys[row]))
        literals = {choice.path: choice.lever.literal(float(value)) for choice, value in best}
        button_for_all(desk, literals, say, key="map-apply")


def draw(found: LeverMap, say: Words) -> None:
    """Draw the aim over both assumptions, with the scenario's own point marked."""
    aim, scenario = AIMS[found.aim.name], found.scenario
    title = partial(title_of, scenario, say)
    scales = [100.0 if choice.lever.spoken_unit == "share" else 1.0 for choice in (found.x, found.y)]
    axes = scales[0] * found.xs, scales[1] * found.ys
    point = scales[0] * found.x.lever.level, scales[1] * found.y.lever.level
    text = [
        [
            f"{say.quantity(x, found.x.lever.spoken_unit)}, "
            f"{say.quantity(y, found.y.lever.spoken_unit)}: {aim_words(aim, value, scenario, say)}"
            for x, value in zip(found.xs, row, strict=True)
        ]
        for y, row in zip(found.ys, found.outcomes, strict=True)
    ]
    titles = (axis_title(found.x, title(found.x.path), say), axis_title(found.y, title(found.y.path), say))
    # A runway beyond the projection is drawn as the last month.
    grid = np.where(np.isposinf(found.outcomes), scenario.months, found.outcomes)
    form = TICKS[aim.unit]
    figure = charts_results.heatmap(say, titles, axes, grid, text=text, tickformat=form, point=point)
    charts.show(figure, sentence(found, title, say), key="lever-map")


def axis_title(choice: Choice, name: str, say: Words) -> str:
    """Return the name of an assumption with its unit."""
    unit = "%" if choice.lever.spoken_unit == "share" else say.unit(choice.lever.spoken_unit)
    return say.beside(name, unit)
