"""Ways to charge for a plan side by side: a table, and a button that applies the best."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pandas as pd
import streamlit as st

from dashboard.desk.desk import Desk
from dashboard.parts import tables
from dashboard.parts.deciding.applying import button_for_all
from dashboard.parts.explaining.refusals import why
from dashboard.parts.moving.waiting import at_once, question
from dashboard.parts.tiles import small
from dashboard.parts.words import Words, escape
from simulator.answers.blocks.progress import Progress
from simulator.answers.pricing.charging import TITLES, Charging, ways_to_charge
from simulator.answers.projection import Projection
from simulator.errors import BreakevenError
from simulator.output.prices import aim_words
from simulator.output.pricing.charging import levels_words, remarks, sentence

# Session key: whether the part is open; the comparison takes some seconds, so it waits until somebody looks.
OPEN = "charging"


def ways(projection: Projection, plan: str, aim: str, say: Words, desk: Desk) -> None:
    """Draw the comparison once the reader opens it."""
    with st.expander(say("Ways to charge, side by side"), key=OPEN, on_change="rerun") as opened:
        if not opened.open:
            return
        try:
            asked = question("charging", projection.scenario, plan, aim, projection.trials)
            found = at_once(asked, partial(_compared, projection, plan, aim), say)
        except BreakevenError as error:
            st.info(why(error, projection.scenario, say))
            return
        if found is None:
            return
        said = sentence(found, say)
        st.info(escape(said))
        tables.show(table(found, say), said, texts=(say("Way to charge"),))
        st.markdown("\n".join(charges(found, say)))
        small(" ".join(remarks(found, say)))
        if found.best.levels:
            button_for_all(desk, found.literals(found.best), say, key="charging-apply")


def _compared(projection: Projection, plan: str, aim: str, progress: Progress) -> Charging:
    return ways_to_charge(projection.scenario, plan, aim, projection.trials, progress)


def table(found: Charging, say: Words) -> pd.DataFrame:
    """Return a row for each way: what it comes to, and who is under water."""
    scenario = found.priced.scenario
    rows = [
        {
            say("Way to charge"): say(TITLES[way.name]),
            say(found.aim.title): aim_words(found.aim, way.outcome, scenario, say),
            say("At today's bill"): aim_words(found.aim, way.at_equal, scenario, say),
            say("Gross margin"): say.share(way.margin),
            say("Runs out of cash"): "–" if way.ruin is None else say.share(way.ruin.value),
            say("Tenths under water"): "–" if way.under_water is None else say.number(way.under_water),
        }
        for way in found.ways
    ]
    return pd.DataFrame(rows)


def charges(found: Charging, say: Words) -> Iterator[str]:
    """Yield what each way charges as an item of a list: in a table it would be wider than a screen."""
    for way in (one for one in found.ways if one.levels):
        yield f"- **{escape(say(TITLES[way.name]))}**: {escape(levels_words(found, way, say))}"
