"""What is missing: links to the assumptions that a figure needs, each to the field where it is given."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.parts.explaining.links import Step, link
from dashboard.parts.explaining.naming import named
from dashboard.parts.words import Words
from simulator.answers.projection import Projection


def to_set(projection: Projection, say: Words, member: str | None, names: Sequence[str]) -> None:
    """Draw a link for each assumption of a member, or of the company, that is zero or not given, to set it there."""
    last = len(projection.dates) - 1
    with st.container(horizontal=True, gap="small"):
        for name in names:
            one = projection.scenario.assumption_of(name, member)
            if one.is_default or not projection.ledger.assumed(name, member).any():
                label = say("Set {name}", name=named(say, one, projection.scenario))
                link(label, Step(one.path, last), say, icon=":material/edit:")
