"""Breakeven's dashboard: the frame with the sidebar and the menu, one cached projection, and the pages."""

from functools import partial
from inspect import signature
from types import ModuleType
from typing import Any

import streamlit as st
from starlette.middleware import Middleware
from streamlit.starlette import App

from dashboard.desk.cached import begin, is_running, judged, most_of, projected, wait_for_trials
from dashboard.desk.desk import Desk, problems_of
from dashboard.desk.guard import Guard, check_address
from dashboard.desk.rest import looked_after
from dashboard.pages import (
    assumptions,
    compare,
    customers,
    funding,
    overview,
    people,
    pricing,
    risk,
    statements,
    targets,
    welcome,
    why,
)
from dashboard.pages.devices import capacity, hardware, measurements, models, serving
from dashboard.parts import levers, menu
from dashboard.parts.explaining import refusals
from dashboard.parts.frame import language, navigation
from dashboard.parts.kept.drafts import missing
from dashboard.parts.plot.plot import ROUTES
from dashboard.parts.tiles import small
from dashboard.parts.words import Words, escape
from simulator.answers.projection import MOST_JUDGED, Projection, is_settled
from simulator.errors import BreakevenError, Problem
from simulator.scenario.scenario import Scenario

# A block of trials takes about a second.
ADD_TRIALS_EVERY_SECONDS = 1.0
# Section → its pages, each with its title. The name of a page's module is its address.
MENU = {
    "Start": ((welcome, "Start"),),
    "Results": (
        (overview, "Overview"),
        (risk, "Risk"),
        (targets, "Targets"),
        (compare, "Compare"),
        (why, "Explain a number"),
    ),
    "Business": (
        (pricing, "Pricing"),
        (customers, "Customers"),
        (people, "People"),
        (statements, "Statements"),
        (funding, "Funding"),
    ),
    "Models and devices": (
        (serving, "Serving"),
        (capacity, "Capacity"),
        (models, "Models and data"),
        (hardware, "Hardware"),
        (measurements, "Measurements"),
    ),
    "Assumptions": ((assumptions, "Assumptions"),),
}


def pages(say: Words, known: dict[str, Any], first: ModuleType) -> dict[str, list[Any]]:
    """Return the pages by section, `first` at the root; each gets the arguments that its signature names, once it runs.

    The arguments are projection, say, desk, and is_first, whether a second pass with trials follows at once. The
    section without a name has no links.
    """

    def run(module: ModuleType) -> None:
        module.page(**{name: known[name] for name in signature(module.page).parameters})

    def made(module: ModuleType, title: str, path: str = "") -> Any:
        name = path or module.__name__.rpartition(".")[2]
        return st.Page(partial(run, module), title=say(title), url_path=name, default=bool(path))

    found = {say(section): [made(*entry) for entry in entries] for section, entries in MENU.items()}
    # The page at the root would lose its own address, which somebody may have kept or may be looking at.
    found[""] = [made(*entry, "root") for entries in MENU.values() for entry in entries if entry[0] is first]
    return found


def failure(scenario: Scenario, trials: int) -> tuple[Problem, ...]:
    """Run the trials and return why they fail, or nothing. Extreme draws may break a scenario whose base case works."""
    try:
        projected(scenario, trials, evidence=True)
    except BreakevenError as error:
        return problems_of(error)
    return ()


def blocks_of(scenario: Scenario) -> int:
    """Return how many blocks of trials were added for the verdict on this scenario."""
    judged_hash, blocks = st.session_state.get("blocks", ("", 0))
    return blocks if judged_hash == scenario.hash else 0


@st.fragment(run_every=ADD_TRIALS_EVERY_SECONDS)
def settling(scenario: Scenario, trials: int, say: Words) -> None:
    """Add a block of trials each time, while the page can be used, and draw the page anew once the verdict is settled.

    The first time is part of drawing the page, which does not wait.
    """
    found, blocks = judged(scenario, trials, blocks_of(scenario)), blocks_of(scenario) + 1
    if not is_settled(found) and not is_running(found, blocks) and st.session_state.drawn_once:
        try:
            found = judged(scenario, trials, blocks)
        except BreakevenError as error:  # an extreme draw, which the trials before had not met
            st.session_state.tried = scenario.hash, problems_of(error)
            st.rerun()
        st.session_state.blocks = scenario.hash, blocks
    if st.session_state.drawn_once and is_settled(found):
        st.rerun()
    st.session_state.drawn_once = True
    done = {"done": say.number(found.figures.outcomes.trials), "most": say.number(MOST_JUDGED)}
    small(say("More trials run until they decide the grade: {done} so far, {most} at most.", **done))


def main() -> None:
    """Draw the frame and the page in it."""
    # A character, since Streamlit fetches the picture of an icon from another computer.
    st.set_page_config("Breakeven", "⚖️", layout="wide")
    desk = Desk()
    scenario = desk.scenario
    say = language.words(scenario)
    known: dict[str, Any] = {"say": say, "desk": desk}
    sections = pages(say, known, overview if desk.has_begun else welcome)
    page = st.navigation(sections, position="hidden")
    del sections[""]
    start, answer = (sections[say(name)][0] for name in ("Start", "Results"))
    at_start = page.title == start.title  # which the root shows, too, to those who just came
    if not at_start:
        st.session_state.pop("draft_at_start", None)
    elif st.session_state.setdefault("draft_at_start", desk.draft.id) != desk.draft.id:  # something was opened there
        st.switch_page(answer, query_params=st.query_params.to_dict())
    known["is_first"] = not at_start and st.session_state.get("tried", ("", ()))[0] != scenario.hash
    head = st.container()  # so that the page keeps its place while the frame stays as it was
    title = say("Breakeven") if at_start else page.title
    draw_frame = partial(frame, head, title, sections, desk if desk.has_begun or not at_start else None, say)
    # A frame that the browser shows already stays as it was in the first pass, and is drawn last in the second, so that
    # the figures come first in both.
    framed = page.url_path, say.language, desk.draft.id
    stands = st.session_state.get("framed") == framed
    if not stands:
        draw_frame()
        st.session_state.framed = framed
    try:
        missing(desk, say)
        if at_start:
            menu.problems(desk, say)
            page.run()
        else:
            answers(page, known)
    except Exception:
        if stands:  # whoever meets a fault of ours can undo what led to it
            draw_frame()
        raise
    if stands and not known["is_first"]:
        draw_frame()
    if not at_start:
        run_trials(known["projection"], known["is_first"], say)


def frame(head: Any, title: str, sections: navigation.Sections, desk: Desk | None, say: Words) -> None:
    """Draw the sidebar, with what belongs to a scenario where there is one, and menu and title above the page."""
    with st.sidebar:
        navigation.beside(sections)
        if desk:
            menu.menu(desk, say)
            levers.panel(desk, say)
        language.switch(say)
    with head:
        navigation.above(sections)
        st.title(title, anchor=False)


def answers(page: Any, known: dict[str, Any]) -> None:
    """Compute the projection once, and run the page with it.

    The base case appears at once; the trials follow in a second pass. What the first leaves out stays on the page as it
    was, faded, until the second draws it.
    """
    desk, say = known["desk"], known["say"]
    scenario = desk.scenario
    is_first, (_, why_not) = known["is_first"], st.session_state.get("tried", ("", ()))
    if is_first:
        begin(scenario)
    if is_first or why_not:
        known["projection"] = projected(scenario, 0, evidence=not is_first)
    else:
        known["projection"] = judged(scenario, most_of(scenario), blocks_of(scenario))
    menu.offer(desk, say)
    menu.problems(desk, say)
    if why_not and not is_first:
        only = escape(say("The trials fail, so this page shows only the base case."))
        st.error(f"{only} {refusals.why(why_not, scenario, say)}")
    try:
        page.run()
    except BreakevenError as error:
        st.error(refusals.why(error, scenario, say))


def run_trials(projection: Projection, is_first: bool, say: Words) -> None:
    """Run the trials after the first pass, and more of them after the second as long as the grade needs them."""
    scenario = projection.scenario
    if is_first:
        wait_for_trials(scenario)
        st.session_state.tried = scenario.hash, failure(scenario, most_of(scenario))
        st.rerun()
    if projection.trials and not is_settled(projection):
        st.session_state.drawn_once = False
        settling(scenario, most_of(scenario), say)


# `streamlit run` imports this file once, to find the server behind its guard, and then runs it as the page.
if __name__ == "__main__":
    main()
else:
    check_address()
    server = App(__file__, lifespan=looked_after, routes=ROUTES, middleware=[Middleware(Guard)])
