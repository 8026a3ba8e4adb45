"""The language of a session: the one in the address, else the one chosen, else that of the browser."""

import streamlit as st

from dashboard.parts.frame import axes
from dashboard.parts.words import LANGUAGES, LOCALES, Words, spoken
from simulator.scenario.scenario import Scenario

ADDRESS, CHOSEN, SWITCH = "lang", "language", "language-switch"


def chosen() -> str:
    """Return the language of this session, and keep a choice in the address of every page."""
    asked = st.query_params.get(ADDRESS, "")
    if asked in LOCALES:
        st.session_state[CHOSEN] = asked
    elif kept := st.session_state.get(CHOSEN):
        st.query_params[ADDRESS] = kept  # another page of the menu has its own address
    return st.session_state.get(CHOSEN) or spoken(st.context.locale)


def words(scenario: Scenario) -> Words:
    """Return the words of this session for a scenario, and keep them for whatever is drawn without them."""
    say = Words(chosen(), scenario.currency, scenario.start)
    st.session_state[axes.SESSION] = say
    return say


def switch(say: Words) -> None:
    """Draw the choice of language; each language stands under its own name."""
    # Set by hand, since the address may change it.
    st.session_state[SWITCH] = say.language if say.language in LANGUAGES else None
    st.segmented_control(
        say("Language"),
        list(LANGUAGES),
        key=SWITCH,
        format_func=LANGUAGES.__getitem__,
        required=True,
        on_change=_choose,
    )


def _choose() -> None:
    st.query_params[ADDRESS] = st.session_state[SWITCH]
