"""Correlations: which uncertain values tend to move together, each pair added, changed or removed as one step."""

from __future__ import annotations

import streamlit as st

from dashboard.desk.desk import Desk
from dashboard.desk.whole import unstopped
from dashboard.parts.choices import select
from dashboard.parts.explaining.naming import named
from dashboard.parts.shaping.steps import step, told
from dashboard.parts.tiles import small
from dashboard.parts.words import Words, escape
from simulator.errors import PlanError
from simulator.scenario.correlating import fit, nearest_correlations
from simulator.scenario.scenario import Scenario
from simulator.scenario.shaping.members import correlated, with_correlations

PLACE = "correlations"
# Session key: the pairs that contradict each other, and the state of the draft that refused them.
WANTED = "correlations-wanted"
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
        told(desk, say, PLACE)
        _offer(desk, say)


def _named(desk: Desk, say: Words, path: str) -> str:
    return named(say, desk.scenario.assumptions[path], desk.scenario)


def _form(desk: Desk, say: Words) -> None:
    uncertain = {path: _named(desk, say, path) for path in desk.scenario.uncertain}
    with st.form("correlation-form", border=False, enter_to_submit=False):
        for label, key in zip(("One value", "Another value"), KEYS, strict=False):
            select(say(label), list(uncertain), key, lambda path: uncertain.get(path, path), index=None)
        st.number_input(say("Rank correlation"), -1.0, 1.0, 0.5, step=0.1, key=KEYS[2])
        st.form_submit_button(say("Add the correlation"), on_click=_typed, args=(desk, say))


@unstopped
def _typed(desk: Desk, say: Words) -> None:
    one, other, rank = (st.session_state[key] for key in KEYS)
    if one and other:
        _set(desk, say, one, other, rank)
    else:
        step(desk, f"{PLACE}: set", _unchosen, lambda _: "", PLACE)


def _unchosen(_: Scenario) -> Scenario:
    raise PlanError("two values are not chosen", "choose one in each list")


def _offer(desk: Desk, say: Words) -> None:
    """Draw the nearest correlations that fit together, where the pair that was typed last contradicts the others."""
    wanted = st.session_state.get(WANTED)
    if wanted is None or wanted[1] != desk.draft.now:
        return
    nearest = nearest_correlations(wanted[0])
    st.markdown(escape(say("The nearest correlations that fit together:")))
    for one, other, rank in nearest:
        pair = {"one": _named(desk, say, one), "other": _named(desk, say, other), "rank": say.number(rank)}
        st.markdown("- " + escape(say("{one} and {other}: {rank}", **pair)))
    label, key = say("Use these correlations"), "nearest-correlations"
    st.button(label, icon=":material/check:", key=key, on_click=_take, args=(desk, say, nearest))


@unstopped
def _take(desk: Desk, say: Words, pairs: list[tuple[str, str, float]]) -> None:
    st.session_state.pop(WANTED, None)

    def done(_: Scenario) -> str:
        return say("All correlations are set to the nearest that fit together.")

    step(desk, f"{PLACE}: nearest", lambda scenario: with_correlations(scenario, pairs), done, PLACE)


@unstopped
def _set(desk: Desk, say: Words, one: str, other: str, rank: float | None) -> None:
    pair = {"one": _named(desk, say, one), "other": _named(desk, say, other)}

    def done(_: Scenario) -> str:
        if rank:
            return say("The correlation of {one} with {other} is set.", **pair)
        return say("The correlation of {one} with {other} is removed.", **pair)

    others = [known for known in desk.scenario.correlations if {*known[:2]} != {one, other}]
    wanted = [*others, (one, other, rank)] if rank else others
    st.session_state[WANTED] = None if fit(wanted) else (wanted, desk.draft.now)
    step(desk, f"{PLACE}: set", lambda scenario: correlated(scenario, one, other, rank or None), done, PLACE)
