"""Correlations: which uncertain values tend to move together, each pair added, changed or removed as one step."""

from __future__ import annotations

import streamlit as st

from dashboard.desk.desk import Desk
from dashboard.parts.levers import named
from dashboard.parts.shaping.steps import step, told
from dashboard.parts.tiles import small
from dashboard.parts.words import Words, escape
from simulator.scenario.scenario import Scenario
from simulator.scenario.shaping.members import correlated

PLACE = "correlations"
KEYS = ("correlated:one", "correlated:other", "correlated:rank")


def correlations(desk: Desk, say: Words) -> None:
    """Draw the pairs that are correlated, and a form that adds one; nothing is drawn inside until it is opened."""
    with st.expander(say("Correlations"), key="correlations-open", on_change="rerun") as expander:
        if not expander.open:
            return
        small(say("From -1, one rises where the other falls, to 1, both rise together; 0 is no correlation."))
        for one, other, rank in desk.scenario.correlations:
            pair = {"one": _named(desk, say, one), "other": _named(desk, say, other), "rank": say.number(rank)}
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(escape(say("{one} and {other}: {rank}", **pair)))
                key = f"uncorrelate:{one}:{other}"
                st.button(say("Remove"), key=key, on_click=_set, args=(desk, say, one, other, None))
        _form(desk, say)
        told(desk, PLACE)


def _named(desk: Desk, say: Words, path: str) -> str:
    return named(say, desk.scenario.assumptions[path], desk.scenario)


def _form(desk: Desk, say: Words) -> None:
    uncertain = {path: _named(desk, say, path) for path, one in desk.scenario.assumptions.items() if one.is_uncertain}
    with st.form("correlation-form", border=False, enter_to_submit=False):
        for label, key in zip(("One value", "Another value"), KEYS, strict=False):
            st.selectbox(say(label), list(uncertain), None, key=key, format_func=lambda path: uncertain.get(path, path))
        st.number_input(say("Rank correlation"), -1.0, 1.0, 0.5, step=0.1, key=KEYS[2])
        st.form_submit_button(say("Add the correlation"), on_click=_typed, args=(desk, say))


def _typed(desk: Desk, say: Words) -> None:
    one, other, rank = (st.session_state[key] for key in KEYS)
    if one and other:
        _set(desk, say, one, other, rank)


def _set(desk: Desk, say: Words, one: str, other: str, rank: float | None) -> None:
    pair = {"one": _named(desk, say, one), "other": _named(desk, say, other)}

    def done(_: Scenario) -> str:
        if rank:
            return say("The correlation of {one} with {other} is set.", **pair)
        return say("The correlation of {one} with {other} is removed.", **pair)

    step(desk, f"{PLACE}: set", lambda scenario: correlated(scenario, one, other, rank or None), done, PLACE)
