"""What to find out before a choice: the value of knowing each uncertain assumption, and what would tell it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from dashboard.desk.cached import laid_over
from dashboard.parts.choices import several
from dashboard.parts.explaining.naming import named
from dashboard.parts.moving.moved import choose
from dashboard.parts.moving.waiting import awaited
from dashboard.parts.tables import show
from dashboard.parts.tiles import small
from dashboard.parts.words import Words, escape
from dashboard.profiler.what_to_measure import to_workload
from simulator.answers.blocks.progress import Progress
from simulator.answers.moving.options import SHIPPED, Option
from simulator.answers.moving.worth import PROFILE_RUN, Worth, worth
from simulator.errors import BreakevenError
from simulator.output.moving.worth import sentence
from simulator.scenario.overlays import Overlay, parse_overlay, shipped
from simulator.scenario.scenario import Scenario

TRIALS = 2_000
MOST_SHOWN = 8


def panel(scenario: Scenario, say: Words) -> None:
    """Let the reader choose options and a KPI, and draw what is worth finding out before choosing between them."""
    st.subheader(say("What to find out before a choice"))
    known = options()
    titles = {name: escape(say(overlay.title)) for name, overlay in known.items()}
    chosen = several(
        say("Options beside today's scenario"), list(known), "worth-options", lambda name: titles.get(name, name)
    )
    goal = choose(say("Judged by, more is better"), "worth-kpi", scenario, say)
    if not chosen:
        small(say("Choose what you could do instead: a price, a later round, or an answer to a what-if."))
        return

    def work(progress: Progress) -> Worth:
        made = [Option(known[name].title, laid_over(scenario, (known[name],))) for name in chosen]
        return worth(scenario, made, goal.name, TRIALS, progress)

    try:
        key = f"worth:{scenario.hash}:{goal.name}:{TRIALS}:{sorted(chosen)}"
        found = awaited(key, say("Compute what is worth finding out (some ten seconds)"), work, say)
    except BreakevenError as error:
        st.warning(escape(str(error)))
        return
    if found is not None:
        answer(found, scenario, say)


def options() -> Mapping[str, Overlay]:
    """Return what a reader may choose between, by name: prices and rounds, and the what-ifs that ship."""
    own = {name: parse_overlay(text, name) for name, text in SHIPPED.items()}
    return own | {overlay.file: overlay for overlay in shipped()}


def answer(found: Worth, scenario: Scenario, say: Words) -> None:
    """Draw the options, the answer in a sentence, and what can be told with what tells it."""
    names = {one.path: named(say, scenario.assumptions[one.path], scenario) for one in found.knowing}
    st.markdown(escape(sentence(found, names, say)))
    by_option(found, say)
    told = [one for one in found.knowing if one.can_be_told][:MOST_SHOWN]
    heads = [say("Assumption"), say("Worth up to"), say("Standard error"), say("Told by")]
    rows: Sequence[Sequence[str]] = [
        [names[one.path], *(say.quantity(part, found.goal.unit) for part in one.worth), say(one.told_by)]
        for one in told
    ]
    if rows:
        show(pd.DataFrame(rows, columns=heads), say("Worth of knowing before the choice"), texts=heads[3:])
    for one in told:
        if one.told_by == PROFILE_RUN:
            st.markdown(escape(names[one.path]))
            to_workload(one.path, scenario, say, key=f"worth:{one.path}")


def by_option(found: Worth, say: Words) -> None:
    """Draw the mean of each option, and how often it is the best."""
    heads = [say("Option"), say("Mean"), say("Standard error"), say("Best in")]
    rows = [
        [say(one.title), *(say.quantity(part, found.goal.unit) for part in mean), say.share(chance)]
        for one, mean, chance in zip(found.options, found.means, found.chances, strict=True)
    ]
    show(pd.DataFrame(rows, columns=heads), say("Options side by side"), totals=(found.best,))
