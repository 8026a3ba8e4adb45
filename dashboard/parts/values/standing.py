"""What stands in each field as it was last drawn, so that only a real change of it counts as an edit.

A browser sends the state of all its fields with each event, those of a form that has just gone included, and Streamlit
calls the callback of each field whose state it no longer has. A field's callback therefore compares what arrives with
what the field shows, and with what a busy browser may still show.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from dashboard.parts.members import OWNER
from dashboard.parts.values.shown import Shown

# Session state: key of a field → what stands in it; the form drawn last.
FIELDS, FORM = "standing", "form-drawn"


def _known() -> dict[str, Shown]:
    known: dict[str, Shown] = st.session_state.setdefault(FIELDS, {})
    return known


@contextmanager
def standing(key: str, value: Any) -> Iterator[Any]:
    """Put a value into the field that is drawn inside, remember it, and give it back as the field's default.

    A value that stands there already is not set again: the browser would drop what is being typed into the field. A
    field that was never drawn shows its default, and nothing is set: Streamlit sets a value in both passes over a page,
    and between them somebody may type.
    """
    known = _known()
    old, state = known.get(key), st.session_state.get(key)
    if old is None and state is None:
        known[key] = Shown(value)
    elif old is None or old.value != value or state != value:
        known[key] = (old or Shown(state)).moved(value)
    if known[key].arriving == math.inf:
        st.session_state[key] = value
    yield value
    context = get_script_run_ctx()
    known[key].drawn(context is not None and context.session_state.is_new_state_value(key))


def is_new(key: str) -> bool:
    """Return whether somebody changed a field since it was drawn; the change counts once."""
    arrived, known = st.session_state.get(key), _known()
    # A field that is being drawn anew has no state for a moment.
    if arrived is None or (key in known and known[key].has(arrived)):
        return False
    known[key] = known[key].typed(arrived) if key in known else Shown(arrived)
    return True


def draws(form: object) -> None:
    """Note which form is being drawn."""
    st.session_state[FORM] = form


def is_open(form: object) -> bool:
    """Return whether a form is the one that was drawn last, or that of the owner who was chosen since.

    What a browser still shows of that owner from before can be typed into.
    """
    return form in (st.session_state.get(FORM), st.session_state.get(OWNER))
