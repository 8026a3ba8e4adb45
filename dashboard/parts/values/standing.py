"""What stands in each field as it was last drawn, so that only a real change of it counts as an edit.

A browser sends the state of all its fields with each event, those of a form that has just gone included, and Streamlit
calls the callback of each field whose state it no longer has. A field's callback therefore compares what arrives with
what the field showed.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import streamlit as st

# Session state: key of a field → what stands in it; the form drawn last.
FIELDS, FORM = "standing", "form-drawn"
# A busy browser may show a field anew this long after it was drawn, and sends until then what it showed before.
ECHO_SECONDS = 2.0


@dataclass
class Shown:
    """What stands in a field, whether it was typed there, what was drawn before it, and when it was drawn."""

    value: Any
    typed: bool = False
    before: Any = None
    drawn: float = math.inf

    def echo(self, value: Any) -> Any:
        """Return what the browser may still send once another value stands here; None after what somebody typed."""
        if self.typed:
            return None
        return self.before if self.value == value else self.value

    def has(self, arrived: Any) -> bool:
        """Return whether a value from the browser is no change: what stands there, or an echo of what stood before."""
        return arrived == self.value or (arrived == self.before and time.monotonic() < self.drawn + ECHO_SECONDS)


def _known() -> dict[str, Shown]:
    known: dict[str, Shown] = st.session_state.setdefault(FIELDS, {})
    return known


@contextmanager
def standing(key: str, value: Any) -> Iterator[None]:
    """Put a value into the field that is drawn inside, and remember it.

    A value that stands there already is not set again: the browser would drop what is being typed into the field.
    """
    known = _known()
    old = known.get(key)
    if old is None or old.value != value or st.session_state.get(key) != value:
        known[key] = Shown(value, before=old.echo(value) if old else None)
        st.session_state[key] = value
    yield
    shown = known[key]
    shown.typed, shown.drawn = False, min(shown.drawn, time.monotonic())


def is_new(key: str) -> bool:
    """Return whether somebody changed a field since it was drawn; the change counts once."""
    arrived, known = st.session_state.get(key), _known()
    # A field that is being drawn anew has no state for a moment.
    if arrived is None or (key in known and known[key].has(arrived)):
        return False
    known[key] = Shown(arrived, typed=True)
    return True


def draws(form: object) -> None:
    """Note which form is being drawn."""
    st.session_state[FORM] = form


def is_drawn(form: object) -> bool:
    """Return whether a form is the one that was drawn last."""
    return bool(st.session_state.get(FORM) == form)
