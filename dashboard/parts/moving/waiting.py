"""Work that takes longer than a click: its progress, a button that ends it, and its result.

It begins with a button, or at once where that is what the reader came for. A result is kept for all sessions. Any click
while the work runs ends it, since Streamlit begins the page anew and stops the old run where it next tells progress. So
such work stands in no fragment: a click in a fragment waits until the run before it is done.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, TypeVar, cast

import streamlit as st

from dashboard.desk.cached import TURN, identity
from dashboard.parts.words import Words
from simulator.answers.blocks.progress import Progress
from simulator.scenario.scenario import Scenario

Result = TypeVar("Result")
# The first second tells too little to say how long the rest takes.
SILENT = 1.0


@dataclass
class Kept:
    """The result of one question, once there is one."""

    key: str
    result: Any = None


@st.cache_resource(max_entries=64, show_spinner=False)
def _kept(key: str) -> Kept:
    return Kept(key)


@st.cache_resource(max_entries=4, show_spinner=False)
def _large(key: str) -> Kept:
    return Kept(key)


def question(name: str, scenario: Scenario, *parts: object) -> str:
    """Return the key of a question about a scenario; the parts say what exactly is asked, and are told by `repr`."""
    return f"{name}:{sha256(repr((identity(scenario), *parts)).encode()).hexdigest()}"


def awaited(key: str, label: str, work: Callable[[Progress], Result], say: Words) -> Result | None:
    """Return the result of the work, or draw a button that begins it; raise what the work raises.

    `key` is that of the question.
    """
    kept = _kept(key)
    if kept.result is None and st.button(label, icon=":material/play_arrow:", key=f"begin:{key}"):
        kept.result = _worked(key, work, say)
        st.rerun()
    return cast("Result | None", kept.result)


def at_once(key: str, work: Callable[[Progress], Result], say: Words, *, is_large: bool = False) -> Result | None:
    """Return the result of the work, which begins at once, or draw a button that begins it after it was cancelled.

    `key` is as in `awaited`; of large results, of some 15 MB, few are kept. Raise what the work raises.
    """
    kept = (_large if is_large else _kept)(key)
    if kept.result is None and st.session_state.get(stopped := f"stopped:{key}"):
        again = {"on_click": _set, "args": (stopped, False)}
        st.button(say("Search again"), icon=":material/play_arrow:", key=f"again:{key}", **again)
    elif kept.result is None:
        place = st.empty()
        with place.container():
            kept.result = _worked(key, work, say)
        place.empty()
    return cast("Result | None", kept.result)


def _worked(key: str, work: Callable[[Progress], Result], say: Words) -> Result:
    """Return the result of the work, with its progress and a button that ends it."""
    bar = st.progress(0.0, say("Waiting for a turn"))
    stop = {"on_click": _set, "args": (f"stopped:{key}", True)}
    st.button(say("Cancel"), icon=":material/stop:", key=f"cancel:{key}", **stop)
    with TURN:
        began = time.monotonic()
        return work(lambda done: _told(bar, done, time.monotonic() - began, say))


def _set(name: str, value: bool) -> None:
    st.session_state[name] = value


def _told(bar: st.delta_generator.DeltaGenerator, done: float, taken: float, say: Words) -> None:
    """Show the share that is done, and once a second has gone about how long the rest takes."""
    share = say.share(done)
    if not done or taken < SILENT:
        bar.progress(min(done, 1.0), say("{share} done", share=share))
        return
    left = say.number(round(taken * (1 - done) / done))
    bar.progress(min(done, 1.0), say("{share} done, about {seconds} s left", share=share, seconds=left))
