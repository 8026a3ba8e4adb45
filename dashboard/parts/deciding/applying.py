"""Applying a value that a search has found: one named change of the draft, which can be undone."""

from __future__ import annotations

import streamlit as st

from dashboard.desk.desk import Desk
from dashboard.parts.words import Words, with_code
from simulator.answers.solving.lever import Lever


def button(desk: Desk, lever: Lever, value: float, say: Words, key: str) -> None:
    """Draw a button that gives the assumption this value; the whole page is then drawn anew."""
    if st.button(say("Apply to scenario"), key=key, icon=":material/check:"):
        literal = lever.literal(value)
        if desk.change(lever.path, value, lambda scenario: scenario.with_value(lever.path, literal)):
            st.rerun()
        st.error(with_code(desk.refused[lever.path].why), icon=":material/error:")
