"""A plan beside dated list prices of other products: a sentence, and a table with their sources."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard.parts import tables
from dashboard.parts.tiles import small
from dashboard.parts.words import Words, escape
from simulator.answers.pricing.rivals import Rivals, rivals_of
from simulator.output.pricing.rivals import remarks, sentence
from simulator.scenario.scenario import Scenario

# Session key: whether the part is open.
OPEN = "rivals"
CHARGED_LABELS = {"customer": "customer", "seat": "seat", "request": "request", "task": "finished task"}


@st.fragment
def beside(scenario: Scenario, plan: str, say: Words) -> None:
    """Draw the comparison once the reader opens it."""
    with st.expander(say("Against list prices of others"), key=OPEN, on_change="rerun") as opened:
        if not opened.open:
            return
        found = rivals_of(scenario, plan)
        said = sentence(found, say)
        st.info(escape(said))
        if found.rows:
            tables.show(table(found, say), said, texts=(say("Per"), say("Source")))
        if notes := " ".join(remarks(found, say)):
            small(notes)


def table(found: Rivals, say: Words) -> pd.DataFrame:
    """Return a row for each list price, with its source and day."""
    return pd.DataFrame(
        [
            {
                say("Product"): row.listed.name,
                say("List price"): say.quantity(row.listed.price, row.listed.currency),
                say("This plan"): say.quantity(row.own, row.listed.currency),
                say("Per"): say(CHARGED_LABELS[row.listed.charge]),
                say("Source"): f"{row.listed.source}, {row.listed.as_of.isoformat()}",
            }
            for row in found.rows
        ]
    )
