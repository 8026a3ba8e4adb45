"""Differences between scenarios over the same trials, each in a sentence."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.desk.whatifs import Variant
from dashboard.parts.tiles import small
from dashboard.parts.words import Words, escape
from simulator.answers.chance.paired import paired
from simulator.answers.projection import Projection
from simulator.errors import Undefined
from simulator.output.chance.paired import sentence


def panel(made: Sequence[tuple[Variant, Projection]], say: Words) -> None:
    """Draw what each scenario has more or less than the first, once the trials of all have run."""
    st.header(say("Differences over the same trials"))
    first = made[0][1]
    if not all(found.trials for _, found in made):
        small(say("Differences appear when the trials are done."))
        return
    told, missing = [], dict[str, list[str]]()
    for variant, found in made[1:]:
        try:
            told.append(sentence(paired(first, found), variant.name, first.currency, say))
        except Undefined as reason:
            missing.setdefault(say(reason.text, **reason.values), []).append(variant.name)
    told += (say.valued(say.beside(*names), why) for why, names in missing.items())  # a shared reason is told once
    for text in told:
        st.markdown(f"- {escape(text)}")
