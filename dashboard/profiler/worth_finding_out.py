"""What to find out before a choice: the value of knowing each uncertain assumption, and what would tell it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd
import streamlit as st

from dashboard.desk.cached import laid_over
from dashboard.desk.whatifs import own
from dashboard.parts.choices import several
from dashboard.parts.explaining import refusals
from dashboard.parts.explaining.naming import named
from dashboard.parts.moving.moved import choose
from dashboard.parts.moving.waiting import awaited, question
from dashboard.parts.tables import show
from dashboard.parts.tiles import small
from dashboard.parts.words import Words, escape
from dashboard.profiler.what_to_measure import to_workload
from simulator.answers.blocks.progress import Progress
from simulator.answers.moving.options import COMMIT, COMMITTED, SHIPPED, Option, option_of
from simulator.answers.moving.worth import PROFILE_RUN, Knowing, Worth, worth
from simulator.errors import BreakevenError
from simulator.output.moving.worth import sentence
from simulator.scenario.overlays import parse_overlay
from simulator.scenario.scenario import Scenario

TRIALS = 2_000
MOST_SHOWN = 8


def panel(scenario: Scenario, say: Words) -> None:
    """Let the reader choose options and a KPI, and draw what is worth finding out before choosing between them."""
    st.header(say("What to find out before a choice"))
    titles = {name: escape(say(title)) for name, title in options().items()}
    chosen = several(
        say("Options beside today's scenario"), list(titles), "worth-options", lambda name: titles.get(name, name)
    )
    goal = choose(say("Judged by, more is better"), "worth-kpi", scenario, say)
    if not chosen:
        small(say("Choose what you could do instead: a price, a later round, other devices, or a what-if of your own."))
        return

    def work(progress: Progress) -> Worth:
        made = [_option(scenario, name) for name in chosen]
        return worth(scenario, made, goal.name, TRIALS, progress)

    try:
        # A what-if of one's own is told by its content, since another reader's file may have the same name.
        asked = question("worth", scenario, goal.name, TRIALS, [(name, own().get(name)) for name in sorted(chosen)])
        found = awaited(asked, say("Compute what is worth finding out (some ten seconds)"), work, say)
    except BreakevenError as error:
        st.warning(refusals.why(error, scenario, say))
        return
    if found is not None:
        answer(found, scenario, say)


def options() -> Mapping[str, str]:
    """Return the titles of what a reader may choose, by name: prices, rounds and devices, and uploaded what-ifs.

    The what-ifs that ship are what may happen to a company, and nobody chooses them.
    """
    ship = {name: parse_overlay(text, name).title for name, text in SHIPPED.items()}
    return {**ship, COMMIT: COMMITTED, **{name: overlay.title for name, overlay in own().items()}}


def _option(scenario: Scenario, name: str) -> Option:
    if name in own():
        return Option(own()[name].title, laid_over(scenario, (own()[name],)))
    return option_of(scenario, name, Path)


def answer(found: Worth, scenario: Scenario, say: Words) -> None:
    """Draw the options, the answer in a sentence, and what can be told with what tells it."""
    names = {one.path: named(say, scenario.assumptions[one.path], scenario) for one in found.knowing}
    st.markdown(escape(sentence(found, names, say)))
    by_option(found, say)
    told = [one for one in found.knowing if one.can_be_told][:MOST_SHOWN]
    heads = [say("Assumption"), say("Worth up to"), say("Standard error"), say("Told by"), say("What it costs")]
    rows: Sequence[Sequence[str]] = [
        [
            names[one.path],
            *(say.quantity(part, found.goal.unit) for part in one.worth),
            say(one.told_by),
            costs(one, scenario, say),
        ]
        for one in told
    ]
    if rows:
        show(pd.DataFrame(rows, columns=heads), say("Worth of knowing before the choice"), texts=heads[3:])
    for one in told:
        if one.told_by == PROFILE_RUN:
            st.markdown(escape(names[one.path]))
            to_workload(one.path, scenario, say, key=f"worth:{one.path}")


def costs(one: Knowing, scenario: Scenario, say: Words) -> str:
    """Return what an hour of a profile run costs, or that the plan does not say what would tell an assumption."""
    if one.hour_costs is None:
        return say("Not in the plan")
    return say("{price} an hour", price=say.quantity(one.hour_costs, scenario.currency))


def by_option(found: Worth, say: Words) -> None:
    """Draw the mean of each option, and how often it is the best."""
    heads = [say("Option"), say("Mean"), say("Standard error"), say("Best in")]
    rows = [
        [say(one.title), *(say.quantity(part, found.goal.unit) for part in mean), say.share(chance)]
        for one, mean, chance in zip(found.options, found.means, found.chances, strict=True)
    ]
    show(pd.DataFrame(rows, columns=heads), say("Options side by side"), totals=(found.best,))
