"""The smallest changes that meet what the next better grade lacks, each with a button that applies it."""

from __future__ import annotations

from functools import partial

import streamlit as st

from dashboard.desk.desk import Desk
from dashboard.parts.deciding.applying import button
from dashboard.parts.explaining.naming import named
from dashboard.parts.moving.waiting import at_once, question
from dashboard.parts.tiles import small
from dashboard.parts.words import Words, escape
from simulator.answers.projection import Projection
from simulator.answers.solving.remedies import remedy, targets_of
from simulator.answers.solving.search import Solution
from simulator.answers.solving.target import Target
from simulator.output.solved import change_sentence, remedy_sentence, target_words

# Session key: whether the list is open; it takes some seconds to find, so it waits until somebody looks.
OPEN = "remedies"


def offer(projection: Projection, say: Words, desk: Desk) -> None:
    """List the changes by condition, once the reader opens the list; nothing where no condition is lacking."""
    targets = targets_of(projection)
    if not targets:
        return
    with st.expander(say("Smallest single changes that would do"), key=OPEN, on_change="rerun") as opened:
        if opened.open:
            for target in targets:
                _condition(projection, target, say, desk)


def _condition(projection: Projection, target: Target, say: Words, desk: Desk) -> None:
    scenario = projection.scenario
    st.markdown(f"**{escape(target_words(target, scenario.currency, say))}**")
    asked = question("remedy", scenario, target, projection.trials)
    found = at_once(asked, partial(remedy, scenario, target, projection.trials), say)
    if found is None:
        return
    for change in found.changes:
        _change(change, say, desk)
    small(remedy_sentence(found, say))


def _change(change: Solution, say: Words, desk: Desk) -> None:
    lever = change.lever
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(escape(change_sentence(change, named(say, lever.assumption, lever.scenario), say)))
        button(desk, lever, change.sure, say, key=f"remedy:{change.target.kpi}:{lever.path}")
