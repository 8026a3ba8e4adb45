"""What stands in each field as it was last drawn, so that only a real change of it counts as an edit.

A browser sends the state of all its fields with each event, those of a form that has just gone included, and Streamlit
calls the callback of each field whose state it no longer has. A field's callback therefore compares what arrives with
what the field shows, and with what a busy browser may still show.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from dashboard.parts.members import OWNER

# Session state: key of a field → what stands in it; the form drawn last.
FIELDS, FORM = "standing", "form-drawn"
# A busy browser may take this long to show a field that was drawn anew, and sends until then what it showed before.
ECHO_SECONDS = 2.0


@dataclass
class Shown:
    """What stands in a field, and until when a browser may still send each of the values that stood there before.

    A value that the page sets takes a while to reach the browser; `arriving` tells until when. It is infinite until the
    field is drawn with it.
    """

    value: Any
    echoes: dict[Any, float] = field(default_factory=dict)
    arriving: float = -math.inf

    def moved(self, value: Any) -> Shown:
        """Return the field with a value that nobody typed into it, or that the browser does not show yet."""
        before = dict.fromkeys((*self.echoes, self.value), math.inf)
        return Shown(value, {old: until for old, until in before.items() if old != value}, math.inf)

    def typed(self, value: Any) -> Shown:
        """Return the field with a value that somebody typed.

        The one before may still arrive and take its place on the screen, so that the browser is told the new one, too.
        """
        return Shown(self.value).moved(value) if time.monotonic() < self.arriving else Shown(value)

    def drawn(self, is_set: bool) -> None:
        """Note that the browser has been told what stands here; `is_set` if that takes the place of what it shows."""
        latest = time.monotonic() + ECHO_SECONDS
        self.echoes = {value: min(until, latest) for value, until in self.echoes.items()}
        self.arriving = latest if is_set else min(self.arriving, latest)

    def has(self, arrived: Any) -> bool:
        """Return whether a value from the browser is no change: what stands there, or an echo of what stood before."""
        return bool(arrived == self.value or time.monotonic() < self.echoes.get(arrived, -math.inf))


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
