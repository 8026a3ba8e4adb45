"""What stands in each field as it was last drawn, so that only a real change of it counts as an edit.

A browser sends the state of all its fields with each event, those of a form that has just gone included, and Streamlit
calls the callback of each field whose state it no longer has. A field's callback therefore compares what arrives with
what the field showed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import streamlit as st

# Session state: key of a field → what stood in it; the form that was drawn last.
FIELDS, FORM = "standing", "form-drawn"


def _known() -> dict[str, Any]:
    known: dict[str, Any] = st.session_state.setdefault(FIELDS, {})
    return known


@contextmanager
def standing(key: str, value: Any) -> Iterator[None]:
    """Put a value into the field that is drawn inside, and remember it once the field is drawn.

    A value that stands there already is not set again: the browser would drop what is being typed into the field.
    """
    known = _known()
    if known.get(key) != value or st.session_state.get(key) != value:
        st.session_state[key] = value
    yield
    known[key] = value


def is_new(key: str) -> bool:
    """Return whether somebody changed a field since it was drawn; the change counts once."""
    arrived, known = st.session_state[key], _known()
    if key in known and arrived == known[key]:
        return False
    known[key] = arrived
    return True


def draws(form: object) -> None:
    """Note which form is being drawn."""
    st.session_state[FORM] = form


def is_drawn(form: object) -> bool:
    """Return whether a form is the one that was drawn last."""
    return bool(st.session_state.get(FORM) == form)
