"""What to measure next: the quantities of the plan that leave most money open, and the runs that would tell."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from dashboard.desk.cached import HASH
from dashboard.parts.tiles import small
from dashboard.parts.words import Words, escape, readable
from profiling.workload.kinds import KINDS
from simulator.answers.variations.worth_measuring import Worth, worth_measuring
from simulator.errors import BreakevenError
from simulator.scenario.scenario import Scenario

MOST_SHOWN = 3


def panel(scenario: Scenario, say: Words) -> None:
    """The quantities that are worth most to know, each with the kind of run that measures it."""
    st.subheader(say("What to measure next"))
    try:
        found = [worth for worth in ranked(scenario) if worth.spread > 0][:MOST_SHOWN]
    except BreakevenError as error:
        st.warning(escape(str(error)))
        return
    if not found:
        small(say("No quantity of this plan that a run measures leaves any money open."))
        return
    with st.grid(MOST_SHOWN, min_column_width=240, gap="small"):
        for worth in found:
            with st.container(border=True, height="stretch", gap="xsmall"):
                one(worth, scenario, say)


@st.cache_resource(hash_funcs=HASH, max_entries=32, show_spinner=False)
def ranked(scenario: Scenario) -> list[Worth]:
    """Every quantity that could be measured, the one that leaves most open first."""
    return worth_measuring(scenario)


def one(worth: Worth, scenario: Scenario, say: Words) -> None:
    """One quantity: the money that hangs on it, why, and the way to its measurement."""
    st.metric(say(readable(worth.path.rpartition(".")[2])), escape(say.money(worth.spread)))
    small(sentence(worth, scenario, say))
    kind = measured_by(worth, scenario)
    st.button(
        say("Choose a workload for it"),
        icon=":material/arrow_downward:",
        on_click=_choose,
        args=(kind,),
        key=f"next:{worth.path}",
    )


def sentence(worth: Worth, scenario: Scenario, say: Words) -> str:
    """Between which ends it may lie, and on what evidence."""
    unit = scenario.assumptions[worth.path].unit
    ends = {
        "place": worth.path.rpartition(".")[0],
        "low": say.quantity(worth.low, unit),
        "high": say.quantity(worth.high, unit),
        "evidence": say(worth.evidence),
    }
    if worth.stated:
        return say(
            "{place} lies between {low} and {high} ({evidence}). So much of the cash at the plan's end hangs on where.",
            **ends,
        )
    return say(
        "{place} states no range ({evidence}); {low} to {high} is taken. So much of the cash at the plan's end hangs "
        "on it.",
        **ends,
    )


def measured_by(worth: Worth, scenario: Scenario) -> str:
    """The kind of case that measures it: the one that did, else the one that informs its section of the scenario."""
    literal = scenario.assumptions[worth.path].literal
    at = literal.get("at") if isinstance(literal, Mapping) else None
    if isinstance(at, Mapping) and at.get("kind"):
        return str(at["kind"])
    return next((kind.name for kind in KINDS.values() if worth.path.startswith(f"{kind.informs}.")), "")


def _choose(kind: str) -> None:
    st.session_state["measures"] = kind
