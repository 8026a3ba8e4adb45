"""Breakeven's dashboard: the frame. Plan and levers beside the answer, one cached run, and the pages."""

from functools import partial
from inspect import signature
from typing import Any

import streamlit as st

from dashboard.desk import files
from dashboard.desk.cached import MOST_TRIALS, projected
from dashboard.desk.desk import Desk, sentence_of
from dashboard.pages import (
    assumptions,
    compare,
    customers,
    funding,
    hardware,
    measurements,
    models,
    overview,
    people,
    pricing,
    risk,
    serving,
    statements,
    why,
)
from dashboard.parts import levers
from dashboard.parts.words import LOCALES, Words, escape
from simulator.errors import BreakevenError
from simulator.scenario.scenario import Scenario

# Section → its pages, each with its title and its icon; a page's module names its address.
MENU = {
    "The answer": (
        (overview, "Overview", "monitoring"),
        (risk, "Risk", "casino"),
        (compare, "Compare", "balance"),
        (why, "Why", "account_tree"),
    ),
    "The business": (
        (pricing, "Pricing", "sell"),
        (customers, "Customers", "groups"),
        (people, "People", "badge"),
        (statements, "Statements", "receipt_long"),
        (funding, "Funding", "savings"),
    ),
    "Models and devices": (
        (serving, "Serving", "dns"),
        (models, "Models and data", "model_training"),
        (hardware, "Hardware", "memory"),
        (measurements, "Measurements", "speed"),
    ),
    "The numbers": ((assumptions, "Assumptions", "table"),),
}


def language() -> str:
    """Return the language that the address asks for, else English."""
    asked = st.query_params.get("lang", "en")
    return asked if asked in LOCALES else "en"


def pages(say: Words, known: dict[str, Any]) -> dict[str, list[Any]]:
    """Every page by section, as a function of what its signature asks for: the finished projection, say, the desk."""
    return {
        say(section): [
            st.Page(
                partial(module.page, **{name: known[name] for name in signature(module.page).parameters}),
                title=say(title),
                url_path=module.__name__.rpartition(".")[2],
                icon=f":material/{icon}:",
                default=module is overview,
            )
            for module, title, icon in entries
        ]
        for section, entries in MENU.items()
    }


def failure(scenario: Scenario, trials: int) -> str:
    """Run the trials; why they cannot be run, or nothing. Their ends may break a plan whose middle stands."""
    try:
        projected(scenario, trials, evidence=True)
    except BreakevenError as error:
        return sentence_of(error)
    return ""


def main() -> None:
    """Draw the frame, compute the plan once, and hand it to the page."""
    st.set_page_config("Breakeven", ":material/balance:", layout="wide")
    desk = Desk()
    scenario = desk.scenario
    with st.sidebar:
        bench = st.container()
        say = Words(language(), scenario.currency, scenario.start)
    with bench:
        files.menu(desk, say)
        levers.panel(desk, say)
    trials = min(scenario.trials, MOST_TRIALS)
    tried, why_not = st.session_state.get("tried", ("", ""))
    complete = tried == scenario.hash
    # The base plan is on the page at once; trials, and what the costs rest on, follow.
    projection = projected(scenario, trials, evidence=True) if complete and not why_not else projected(scenario, 0)
    page = st.navigation(pages(say, {"projection": projection, "say": say, "desk": desk}), position="top")
    st.title(page.title, anchor=False)
    files.offer(desk, say)
    files.problems(say)
    if complete and why_not:
        st.error(escape(say("The trials cannot be run, so this is the base plan alone. {why}", why=why_not)))
    try:
        page.run()
    except BreakevenError as error:
        st.error(escape(sentence_of(error)))
    if not complete:
        st.session_state.tried = scenario.hash, failure(scenario, trials)
        st.rerun()


# A process that is started beside this one reads this file again, under another name.
if __name__ == "__main__":
    main()
