"""The panel Play: levers whose moves are computed in the browser, by the formulas that the live file carries, too."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from dashboard.desk.cached import HASH
from dashboard.desk.desk import Desk
from dashboard.desk.whole import unstopped
from dashboard.parts.levers import label, turn
from dashboard.parts.words import Words
from simulator.answers.kpis import Kpi
from simulator.answers.projection import Projection
from simulator.answers.variations.levers import levers_of
from simulator.lines import business
from simulator.output.live.page import plan_of, plan_script
from simulator.scenario.assumption import Assumption
from simulator.scenario.scaling import first_level
from simulator.scenario.scenario import Scenario
from simulator.scenario.typed.entry import is_percent

HERE = Path(__file__).parent
KEY = "play"
# The most figures beside the levers.
MOST_FIGURES = 6
_panel = st.components.v2.component(
    "breakeven_play",
    html='<div class="play"></div>',
    js=f"{plan_script()}\n{(HERE / 'play.js').read_text(encoding='utf-8')}",
    css=(HERE / "play.css").read_text(encoding="utf-8"),
)


def panel(desk: Desk, projection: Projection, kpis: tuple[str, ...], say: Words) -> None:
    """Draw the levers of the draft, and beside them those of the figures that have a formula."""

    @unstopped
    def moved() -> None:
        if (move := st.session_state[KEY].moved) is not None and (path := move["path"]) in desk.scenario.assumptions:
            one = desk.scenario.assumptions[path]
            turn(desk, one, move["level"], first_level(one, desk.scenario.months)[1])

    scenario = projection.scenario
    shown = [projection.kpis[name] for name in kpis if projection.kpis[name].line][:MOST_FIGURES]
    code, plan = _plan(scenario)
    data = {
        "code": code,
        "plan": plan,
        "levers": [_lever(scenario, one, say) for _, found in levers_of(scenario, desk.original) for one in found],
        "figures": [_figure(one, say) for one in shown],
        "words": {"was": say("was"), "cash": say("Cash by month; dashes: before the move")},
        "currency": scenario.currency,
        "language": say.locale.language,
        "start": f"{scenario.start:%Y-%m}",
    }
    _panel(data=data, key=KEY, on_moved_change=moved)


@st.cache_data(hash_funcs=HASH, max_entries=8, show_spinner=False)
def _plan(scenario: Scenario) -> tuple[str, dict[str, Any]]:
    return plan_of(scenario)


def _figure(kpi: Kpi, say: Words) -> dict[str, str]:
    return {"title": say(kpi.title), "line": kpi.line, "unit": kpi.unit}


def _lever(scenario: Scenario, one: Assumption, say: Words) -> dict[str, Any]:
    """Return a lever with its range: from nothing to twice its level, within what makes sense."""
    month, level = first_level(one, scenario.months)
    low, high = (0.0, 2 * level) if level >= 0 else (2 * level, 0.0)
    bounds = {"low": max(low, one.low if one.low is not None else low), "high": high or 1.0}
    if one.high is not None:
        bounds["high"] = min(bounds["high"], one.high)
    scale = 100.0 if is_percent(business().inputs[one.name]) else 1.0
    return {"path": one.path, "label": label(say, one, scenario, month), "scale": scale, "level": level, **bounds}
