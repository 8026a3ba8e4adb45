"""What to measure next: the quantities whose uncertainty puts most cash at stake, and the runs that measure them."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from dashboard.desk.cached import HASH
from dashboard.parts.explaining import refusals
from dashboard.parts.explaining.naming import named
from dashboard.parts.tiles import small
from dashboard.parts.words import Words, escape
from profiling.workload.kinds import KINDS
from simulator.answers.variations.worth_measuring import Worth, hour_costs, worth_measuring
from simulator.errors import BreakevenError
from simulator.scenario.scaling import unwalked
from simulator.scenario.scenario import Scenario

MOST_SHOWN = 3


def panel(scenario: Scenario, say: Words) -> None:
    """Draw the quantities with most cash at stake, each with a button to its workloads."""
    st.header(say("What to measure next"))
    try:
        found = [worth for worth in ranked(scenario) if worth.spread > 0][:MOST_SHOWN]
    except BreakevenError as error:
        st.warning(refusals.why(error, scenario, say))
        return
    if not found:
        small(say("No measurable quantity of this scenario changes final cash."))
        return
    with st.grid(MOST_SHOWN, min_column_width=240, gap="small"):
        for worth in found:
            with st.container(border=True, height="stretch", gap="xsmall"):
                one(worth, scenario, say)


@st.cache_resource(hash_funcs=HASH, max_entries=32, show_spinner=False)
def ranked(scenario: Scenario) -> list[Worth]:
    """Return every measurable quantity, the one with most cash at stake first."""
    return worth_measuring(scenario)


def one(worth: Worth, scenario: Scenario, say: Words) -> None:
    """Draw one quantity with the cash at stake and a button to its workloads."""
    st.markdown(f"**{escape(named(say, scenario.assumptions[worth.path], scenario))}**")
    st.metric(say("Narrows final cash by"), escape(say.money(worth.spread)))
    small(sentence(worth, scenario, say))
    if price := hour_costs(scenario, worth.path):
        small(say("An hour of its devices costs {hour} in this scenario.", hour=say.quantity(price, scenario.currency)))
    to_workload(worth.path, scenario, say, key=f"next:{worth.path}")


def to_workload(path: str, scenario: Scenario, say: Words, key: str) -> None:
    """Draw a button that leads to the workloads that measure a quantity."""
    label, icon = say("Choose a workload"), ":material/arrow_downward:"
    st.button(label, icon=icon, on_click=_choose, args=(measured_by(path, scenario),), key=key)


def sentence(worth: Worth, scenario: Scenario, say: Words) -> str:
    """Return the present range of a quantity with its evidence."""
    unit = scenario.assumptions[worth.path].unit
    ends = {"low": say.number(worth.low), "high": say.quantity(worth.high, unit), "evidence": say(worth.evidence)}
    if worth.stated:
        return say("The scenario gives {low} to {high} ({evidence}).", **ends)
    return say("The scenario gives no range ({evidence}), so {low} to {high} is assumed.", **ends)


def measured_by(path: str, scenario: Scenario) -> str:
    """Return the kind of case that measures a quantity: the kind cited, else the one for its section."""
    literal = unwalked(scenario.assumptions[path].literal)
    at = literal.get("at") if isinstance(literal, Mapping) else None
    if isinstance(at, Mapping) and at.get("kind"):
        return str(at["kind"])
    return next((kind.name for kind in KINDS.values() if path.startswith(f"{kind.informs}.")), "")


def _choose(kind: str) -> None:
    st.session_state["measures"] = kind
