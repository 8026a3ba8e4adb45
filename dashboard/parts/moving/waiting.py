"""Work that takes longer than a click: a button that begins it, its progress, a button that ends it, and its result.

A result is kept for all sessions. Any click while the work runs ends it, since Streamlit begins the page anew and stops
the old run where it next tells progress.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import streamlit as st

from dashboard.desk.cached import TURN
from dashboard.parts.words import Words
from simulator.answers.variations.goals import Progress

Result = TypeVar("Result")


@dataclass
class Kept:
    """The result of one question, once there is one."""

    key: str
    result: Any = None


@st.cache_resource(max_entries=64, show_spinner=False)
def _kept(key: str) -> Kept:
    return Kept(key)


def awaited(key: str, label: str, work: Callable[[Progress], Result], say: Words) -> Result | None:
    """Return the result of the work, or draw a button that begins it; raise what the work raises.

    `key` names the question, with the hash of its scenario.
    """
    kept = _kept(key)
    if kept.result is None and st.button(label, icon=":material/play_arrow:", key=f"begin:{key}"):
        kept.result = _worked(key, work, say)
        st.rerun()
    return cast("Result | None", kept.result)


def _worked(key: str, work: Callable[[Progress], Result], say: Words) -> Result:
    """Return the result of the work, with its progress and a button that ends it."""
    bar = st.progress(0.0, say("Waiting for a turn"))
    st.button(say("Cancel"), icon=":material/stop:", key=f"cancel:{key}")
    with TURN:
        return work(lambda done: _told(bar, done, say))


def _told(bar: st.delta_generator.DeltaGenerator, done: float, say: Words) -> None:
    bar.progress(min(done, 1.0), say("{share} done", share=say.share(done)))
