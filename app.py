"""Breakeven's dashboard: the frame. Plan and levers beside the answer, one cached run, and the pages."""

from functools import partial
from typing import Any

import streamlit as st

from dashboard import assumptions, files, hardware, levers, overview, pricing, risk, why
from dashboard.desk import Desk, sentence_of
from dashboard.plans import MOST_TRIALS, projected
from dashboard.words import LANGUAGES, Words, escape
from simulator.errors import BreakevenError
from simulator.projection import Projection
from simulator.scenario import Scenario


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


def failure(scenario: Scenario, trials: int) -> str:
    """Run the trials; why they cannot be run, or nothing. Their ends may break a plan whose middle stands."""
    try:
        projected(scenario, trials)
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
    projection = projected(scenario, trials if complete and not why_not else 0)
    page = st.navigation(pages(projection, say, desk), position="top")
    st.title(page.title, anchor=False)
    files.offer(desk, say)
    files.problems(say)
    if complete and why_not:
        st.error(escape(say("The trials cannot be run, so this is the base plan alone. {why}", why=why_not)))
    try:
        page.run()
    except BreakevenError as error:
        st.error(escape(sentence_of(error)))
    if not complete:  # the base plan is on the page at once; the trials follow
        st.session_state.tried = scenario.hash, failure(scenario, trials)
        st.rerun()


# A process that is started beside this one reads this file again, under another name.
if __name__ == "__main__":
    main()
