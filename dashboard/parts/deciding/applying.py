"""Applying a value that a search has found: one named change of the draft, which can be undone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from dashboard.desk.desk import Desk
from dashboard.parts.explaining.refusals import why
from dashboard.parts.words import Words
from simulator.answers.solving.lever import Lever


def button(desk: Desk, lever: Lever, value: float, say: Words, key: str) -> None:
    """Draw a button that gives the assumption this value; the whole page is then drawn anew."""
    button_for_all(desk, {lever.path: lever.literal(value)}, say, key)


def button_for_all(desk: Desk, literals: Mapping[str, Any], say: Words, key: str) -> None:
    """Draw a button that gives assumptions these literals as one change, named after the first of them."""
    if st.button(say("Apply to scenario"), key=key, icon=":material/check:"):
        path = next(iter(literals))
        if desk.change(path, literals[path], lambda scenario: scenario.with_values(literals)):
            st.rerun()
        st.error(why(desk.refused[path].problems, desk.scenario, say), icon=":material/error:")
