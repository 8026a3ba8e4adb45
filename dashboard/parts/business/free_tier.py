"""The free tier: a sentence on what it costs, with a link to the number."""

from __future__ import annotations

import streamlit as st

from dashboard.parts.explaining.links import Step, link
from dashboard.parts.words import Words, escape
from simulator.answers.customers.free_tier import CREDITS, OF_PLANS, free_tier
from simulator.answers.projection import Projection
from simulator.answers.search import TOTAL

# The sum that the page Explain takes apart.
KEY = "+".join([*(f"{TOTAL}{line}" for line in OF_PLANS), CREDITS])


def cost_of_free(projection: Projection, say: Words) -> None:
    """Say what free plans and free trials cost a month and in all; nothing where the scenario has none."""
    found = free_tier(projection.ledger)
    if found is None:
        return
    months = len(found.month)
    text = say(
        "Free plans and free trials cost {now:money} in {when:month} and {total:money} over {months:months}, which is "
        "{share:share} of sales and marketing.",
        now=found.month[-1],
        when=projection.dates[-1],
        total=found.total,
        months=months,
        share=found.share_of_selling,
    )
    st.markdown(escape(text))
    link(say("Explain the cost of serving for free"), Step(KEY, months - 1, months), say)
