"""Callbacks that run to their end, one after the other, whatever arrives meanwhile.

A newer event stops a script at its next touch of the session, inside a callback, too, and that callback is not called
again: an edit would be lost that still computes. With `runner.fastReruns` off, the newer event waits for that touch.
After a lost connection, or a click on Stop, it does not: it begins in another thread beside the callback.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from threading import RLock
from typing import ParamSpec, TypeVar

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")
# A page is drawn after this time even if an edit still computes.
LONGEST_WAIT_SECONDS = 30


def _acting() -> RLock:
    """Return what an action of this session holds while it computes."""
    lock: RLock = st.session_state.setdefault("acting", RLock())
    return lock


def unstopped(act: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Return an action during which no newer event stops the script; what it reads at first is as the user saw it."""

    @wraps(act)
    def done(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        context = get_script_run_ctx(suppress_warning=True)
        requests = context.script_requests if context else None
        if requests is None or "on_scriptrunner_yield" in vars(requests):
            return act(*args, **kwargs)
        vars(requests)["on_scriptrunner_yield"] = lambda: None
        try:
            return act(*args, **kwargs)
        finally:
            del vars(requests)["on_scriptrunner_yield"]

    return done


def whole(act: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Return an action that no newer event stops; those of the same session wait for each other."""

    @unstopped
    @wraps(act)
    def done(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        with _acting():
            return act(*args, **kwargs)

    return done


def wait() -> None:
    """Wait until no action of this session computes, so that the page shows what came of it."""
    lock = _acting()
    if lock.acquire(timeout=LONGEST_WAIT_SECONDS):
        lock.release()
