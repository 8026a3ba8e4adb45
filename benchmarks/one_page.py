"""A script that draws one page alone; `page`, `scenario` and `trials` are in the session."""

import importlib
import inspect

import streamlit as st

from dashboard.desk.cached import projected
from dashboard.desk.desk import Desk
from dashboard.parts.words import Words


def main() -> None:
    """Draw the page with the arguments that it asks for."""
    state = st.session_state
    known = {
        "projection": projected(state.scenario, state.trials),
        "say": Words("en", state.scenario.currency, state.scenario.start),
        "desk": Desk(),
        "is_first": not state.trials,
    }
    draw = importlib.import_module(f"dashboard.pages.{state.page}").page
    draw(*(known[parameter] for parameter in inspect.signature(draw).parameters))


if __name__ == "__main__":
    main()
