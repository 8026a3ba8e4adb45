"""How exact the trials are: the intervals of percentiles, and a button that runs more trials until they are enough."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from dashboard.desk.cached import HASH
from dashboard.parts.explaining import refusals
from dashboard.parts.moving.waiting import awaited
from dashboard.parts.tables import show
from dashboard.parts.tiles import small
from dashboard.parts.words import Words, escape
from simulator.answers.chance.enough import enough, refined
from simulator.answers.chance.survival import percentiles
from simulator.answers.projection import Projection
from simulator.errors import BreakevenError
from simulator.output.chance.risk import enough_sentence
from simulator.scenario.scenario import Scenario

# Seconds that a click may take.
PATIENCE = 60.0


def panel(projection: Projection, say: Words) -> None:
    """Draw the percentiles with their intervals, and whether there are enough trials; a button runs more."""
    st.header(say("Are there enough trials?"))
    shown = projection
    if not enough(projection).is_enough:
        key = f"enough:{HASH[Scenario](projection.scenario)}:{projection.figures.outcomes.trials}"
        label = say("Run more trials until this is exact (up to a minute)")
        work = partial(_refined, projection)
        try:
            shown = awaited(key, label, work, say) or projection
        except BreakevenError as error:
            st.warning(refusals.why(error, projection.scenario, say))
    st.markdown(escape(enough_sentence(enough(shown), say)))
    table(shown, say)


def _refined(projection: Projection, progress: object) -> Projection:
    return refined(projection, PATIENCE, progress=progress)


def table(projection: Projection, say: Words) -> None:
    """Draw P5, P50 and P95 of cash with their 95 % intervals."""
    outcomes, money = projection.figures.trials, projection.currency
    heads = [say("Percentile"), say("value"), say("from"), say("to")]
    amounts = {say("Cash at the end"): outcomes.end_cash, say("Lowest cash"): outcomes.lowest_cash}
    rows = [
        [
            f"{name} · P{100 * one.share:.0f}",
            *("–" if end is None else say.quantity(end, money) for end in (one.value, one.low, one.high)),
        ]
        for name, values in amounts.items()
        for one in percentiles(values)
    ]
    show(pd.DataFrame(rows, columns=heads), say("Percentiles and their 95% intervals"))
    small(say("From and to: the interval that holds the percentile of endless trials in 95 of 100 cases."))
