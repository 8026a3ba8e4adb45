"""Callbacks that run to their end, whatever arrives meanwhile.

Streamlit stops a script for a newer event at its next touch of the session, inside a callback, too, and does not call
that callback again: an edit would be lost, or half made, when the next one arrives while it is computed.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from streamlit.runtime.scriptrunner import get_script_run_ctx

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


def whole(act: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Return an action during which no newer event stops the script; the event waits until the action is done."""

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
