"""Callbacks that run to their end, one after the other, whatever arrives meanwhile.

For a newer event, Streamlit stops a script at its next touch of the session, inside a callback, too, and does not call
that callback again; the newer event begins at once in another thread. An edit would be lost, or made on a scenario
that lacks the one before, when the next one arrives while it is computed.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from threading import Condition, RLock
from typing import ParamSpec, TypeVar

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")
# A page is drawn after this time even if an edit still computes.
LONGEST_WAIT_SECONDS = 30


class Acts:
    """The actions of one session that have begun: one at a time holds the lock, and pages wait for all of them."""

    def __init__(self) -> None:
        self.lock, self.changed, self.begun = RLock(), Condition(), 0

    def count(self, more: int) -> None:
        """Count one action more or less."""
        with self.changed:
            self.begun += more
            self.changed.notify_all()


def _acts() -> Acts:
    acts: Acts = st.session_state.setdefault("acts", Acts())
    return acts


def unstopped(act: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Return an action during which no newer event stops the script; what it reads at first is as the user saw it."""

    @wraps(act)
    def done(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        context = get_script_run_ctx(suppress_warning=True)
        requests = context.script_requests if context else None
        if requests is None or "on_scriptrunner_yield" in vars(requests):
            return act(*args, **kwargs)
        vars(requests)["on_scriptrunner_yield"] = lambda: None
        acts = _acts()
        acts.count(1)
        try:
            return act(*args, **kwargs)
        finally:
            acts.count(-1)
            del vars(requests)["on_scriptrunner_yield"]

    return done


def whole(act: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Return an action that no newer event stops; those of the same session wait for each other."""

    @unstopped
    @wraps(act)
    def done(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        with _acts().lock:
            return act(*args, **kwargs)

    return done


def wait() -> None:
    """Wait until all actions that have begun in this session are done, so that the page shows what came of them."""
    acts = _acts()
    with acts.changed:
        acts.changed.wait_for(lambda: acts.begun == 0, timeout=LONGEST_WAIT_SECONDS)
