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

# Session state: key of a field → what stands in it, and until it is drawn what stood before; the form drawn last.
FIELDS, FORM = "standing", "form-drawn"


def _known() -> dict[str, tuple[Any, ...]]:
    known: dict[str, tuple[Any, ...]] = st.session_state.setdefault(FIELDS, {})
    return known


@contextmanager
def standing(key: str, value: Any) -> Iterator[None]:
    """Put a value into the field that is drawn inside, and remember it.

    A value that stands there already is not set again: the browser would drop what is being typed into the field. Until
    the field is drawn, the browser may still send what stood before.
    """
    known = _known()
    if known.get(key) != (value,) or st.session_state.get(key) != value:
        known[key] = (value, *known.get(key, ())[-1:])
        st.session_state[key] = value
    yield
    known[key] = (value,)


def is_new(key: str) -> bool:
    """Return whether somebody changed a field since it was drawn; the change counts once."""
    arrived, known = st.session_state.get(key), _known()
    # A field that is being drawn anew has no state for a moment.
    if arrived is None or arrived in known.get(key, ()):
        return False
    known[key] = (arrived,)
    return True


def draws(form: object) -> None:
    """Note which form is being drawn."""
    st.session_state[FORM] = form


def is_drawn(form: object) -> bool:
    """Return whether a form is the one that was drawn last."""
    return bool(st.session_state.get(FORM) == form)
