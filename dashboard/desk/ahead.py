"""What a session will ask for next: a process beside the server begins it while the page draws what is there."""

from collections.abc import Callable, Hashable
from concurrent.futures import Future, wait
from contextlib import suppress
from typing import Any

import streamlit as st

from simulator.answers.blocks.companion import Companion

# Until the server has started it, nothing begins ahead, and each page computes what it shows.
COMPANION = Companion()
# Session key: what was begun last, and what comes of it.
BEGUN = "begun"
# A newer event of a reader who waits is seen after this long.
LOOK_EVERY_SECONDS = 0.1


def begin(which: Hashable, work: Callable[..., Any], *given: Any) -> None:
    """Begin work for this session, in the place of other work that the companion has not come to; once for `which`."""
    known, before = st.session_state.get(BEGUN, (None, None))
    if known == which or not COMPANION.is_ready:
        return
    if before is not None:
        before.cancel()
    with suppress(RuntimeError):  # another session computed a property of the same scenario while it was written
        st.session_state[BEGUN] = which, COMPANION.submit(work, *given)


def begun(which: Hashable) -> Future[Any] | None:
    """Return what the companion does or has done for this session; what it has not come to is taken back, for None."""
    known, found = st.session_state.get(BEGUN, (None, None))
    return None if known != which or found.cancel() else found


def wait_for(which: Hashable) -> None:
    """Wait while the companion does what was begun; each look at the session lets a newer event in, which ends this."""
    while (current := st.session_state.get(BEGUN, (None, None)))[0] == which and current[1].running():
        wait([current[1]], timeout=LOOK_EVERY_SECONDS)


def is_running(which: Hashable) -> bool:
    """Return whether something was begun for this session and is not done."""
    known, found = st.session_state.get(BEGUN, (None, None))
    return known == which and not found.done()
