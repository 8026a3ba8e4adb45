"""The best values of several charges of a plan together, within limits, with a button that applies them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import streamlit as st

from dashboard.desk.desk import Desk
from dashboard.parts.choices import from_list, several
from dashboard.parts.deciding.applying import button_for_all
from dashboard.parts.deciding.solving import title_of
from dashboard.parts.explaining.refusals import why
from dashboard.parts.moving.waiting import at_once, question
from dashboard.parts.tiles import small
from dashboard.parts.words import Words, escape
from simulator.answers.blocks.progress import Progress
from simulator.answers.kpis.registry import Drawn
from simulator.answers.pricing.several import MOST_CHOICES, Several, best_of
from simulator.answers.projection import Projection
from simulator.answers.solving.lever import Lever
from simulator.answers.solving.target import Target
from simulator.errors import BreakevenError
from simulator.lines import CHARGES
from simulator.output.pricing.several import remarks, sentence

# Session key: whether the part is open; a search takes some seconds, so it waits until somebody looks.
OPEN = "several-prices"
# What a plan's bill depends on besides its charges.
TERMS = ("included_requests", "discount", "tier_starts", "tier_discount")
NO_LIMIT = ""
RUIN_LABELS = {NO_LIMIT: "no limit", "1%": "1% or less", "5%": "5% or less", "10%": "10% or less"}
MARGIN_LABELS = {NO_LIMIT: "no limit", "50%": "50% or more", "60%": "60% or more", "70%": "70% or more"}


def together(projection: Projection, plan: str, say: Words, desk: Desk, *, aim: str, over: str) -> None:
    """Let the reader choose charges and limits, and draw the best values; nothing for a plan with a single charge."""
    paths = changeable(projection, plan)
    if len(paths) < 2:
        return
    with st.expander(say("Several charges at once, within limits"), key=OPEN, on_change="rerun") as opened:
        if not opened.open:
            return
        title = partial(title_of, projection.scenario, say)
        chosen = several(say("What may change"), paths, f"several-paths:{plan}", title, default=paths[:2])
        keep = limits(projection, say)
        if not chosen:
            return
        if len(chosen) > MOST_CHOICES:
            st.info(say("Choose six or fewer."))
            return
        told(projection, chosen, say, desk, aim=aim, over=over, keep=keep, key="several")


def told(
    projection: Projection,
    paths: Sequence[str],
    say: Words,
    desk: Desk,
    *,
    aim: str,
    over: str,
    key: str,
    keep: tuple[Target, ...] = (),
) -> Several | None:
    """Draw the best values of these assumptions in sentences, with a button that applies them, and return them.

    Return None where the search was cancelled, or refused with the reason in its place.
    """
    scenario, title = projection.scenario, partial(title_of, projection.scenario, say)

    def search(progress: Progress) -> Several:
        given: dict[str, Any] = {"aim": aim, "keep": keep, "trials": projection.trials, "over": over}
        return best_of(scenario, paths, **given, progress=progress)

    try:
        asked = question(key, scenario, tuple(paths), aim, over, keep, projection.trials)
        found = at_once(asked, search, say)
    except BreakevenError as error:
        st.info(why(error, scenario, say))
        return None
    if found is None:
        return None
    st.info(escape(sentence(found, title, say)))
    small(" ".join(remarks(found, title, say)))
    if found.is_advised:
        button_for_all(desk, found.literals, say, key=f"{key}-apply")
    return found


def changeable(projection: Projection, plan: str) -> list[str]:
    """Return the charges and terms of the plan that are above zero, and the prices of other plans after them."""
    scenario = projection.scenario
    names = [*CHARGES, *TERMS]
    plans = [plan, *(one for one in scenario.entities["plan"] if one != plan)]
    paths = [f"plans.{one}.{name}" for one in plans for name in names]
    stated = [path for path in paths if path in scenario.assumptions and not scenario.assumptions[path].is_default]
    return [path for path in stated if Lever.of(scenario, path).level > 0]


def limits(projection: Projection, say: Words) -> tuple[Target, ...]:
    """Return the limits that the reader chooses."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        ruin = NO_LIMIT
        if projection.trials and projection.figures.drawn is not Drawn.NOTHING:
            label = say("Chance of running out of cash")
            ruin = from_list(label, list(RUIN_LABELS), "several-ruin", lambda one: say(RUIN_LABELS[one]), width=220)
        label = say("Gross margin")
        margin = from_list(label, list(MARGIN_LABELS), "several-margin", lambda one: say(MARGIN_LABELS[one]), width=220)
        dry = st.checkbox(say("No tenth of customers under water"), key="several-dry", persist_state="session")
    chosen = [f"probability_of_ruin <= {ruin}"] * bool(ruin) + [f"gross_margin >= {margin}"] * bool(margin)
    return tuple(Target.read(text) for text in [*chosen, *["tenths_under_water <= 0"] * dry])
