"""Breakeven's dashboard: the frame. Plan and levers beside the answer, one cached run, and the pages."""

from functools import partial
from typing import Any

import streamlit as st

from dashboard import assumptions, files, hardware, levers, overview, pricing, risk, why
from dashboard.desk import Desk
from dashboard.plans import MOST_TRIALS, projected
from dashboard.words import LANGUAGES, Words
from simulator.projection import Projection


def language() -> str:
    """The reader's language: as chosen, else as the browser asks, else English."""
    asked, codes = (st.context.locale or "en")[:2], list(LANGUAGES)
    return st.selectbox(
        "Language · Sprache",
        codes,
        index=codes.index(asked) if asked in codes else 0,
        format_func=LANGUAGES.get,
        key="lang",
        bind="query-params",
    )


def pages(projection: Projection, say: Words, desk: Desk) -> list[Any]:
    """Every page, as a function of the finished projection."""
    return [
        st.Page(
            partial(overview.page, projection, say),
            title=say("Overview"),
            url_path="overview",
            icon=":material/monitoring:",
            default=True,
        ),
        st.Page(
            partial(pricing.page, projection, say, desk),
            title=say("Pricing"),
            url_path="pricing",
            icon=":material/sell:",
        ),
        st.Page(partial(risk.page, projection, say), title=say("Risk"), url_path="risk", icon=":material/casino:"),
        st.Page(
            partial(why.page, projection, say, desk),
            title=say("Why"),
            url_path="why",
            icon=":material/account_tree:",
        ),
        st.Page(
            partial(hardware.page, projection, say, desk),
            title=say("Hardware"),
            url_path="hardware",
            icon=":material/memory:",
        ),
        st.Page(
            partial(assumptions.page, say, desk),
            title=say("Assumptions"),
            url_path="assumptions",
            icon=":material/table:",
        ),
    ]


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
    complete = st.session_state.get("complete") == scenario.hash
    projection = projected(scenario, min(scenario.trials, MOST_TRIALS) if complete else 0)
    page = st.navigation(pages(projection, say, desk), position="top")
    st.title(page.title, anchor=False)
    files.offer(desk, say)
    files.problems(say)
    page.run()
    if not complete:  # the base plan is on the page at once; the trials follow
        projected(scenario, min(scenario.trials, MOST_TRIALS))
        st.session_state.complete = scenario.hash
        st.rerun()


main()
