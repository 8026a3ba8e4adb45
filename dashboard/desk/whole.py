"""Callbacks that run to their end, one after the other, whatever arrives meanwhile.

For a newer event, Streamlit stops a script at its next touch of the session, inside a callback, too, and does not call
that callback again; the newer event begins at once in another thread. An edit would be lost, or made on a scenario
that lacks the one before, when the next one arrives while it is computed.
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


def whole(act: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Return an action that no newer event stops; those of the same session wait for each other."""

    @wraps(act)
    def done(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        context = get_script_run_ctx(suppress_warning=True)
        requests = context.script_requests if context else None
        if requests is None or "on_scriptrunner_yield" in vars(requests):
            return act(*args, **kwargs)
        vars(requests)["on_scriptrunner_yield"] = lambda: None
        try:
            with st.session_state.setdefault("acting", RLock()):
                return act(*args, **kwargs)
        finally:
            del vars(requests)["on_scriptrunner_yield"]

    return done
