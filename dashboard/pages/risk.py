"""Risk: the spread of cash, the chance of running out of it, and the assumptions that move the result most."""

import numpy as np
import streamlit as st

from dashboard.pages.overview import cash_chart, cash_sentence
from dashboard.parts import charts, charts_results
from dashboard.parts.chance import depending, exact, surviving
from dashboard.parts.moving import moved
from dashboard.parts.tiles import small, wall
from dashboard.parts.words import Words
from simulator.answers.kpis.funding import next_round
from simulator.answers.projection import Projection

CHANCES = ("probability_of_ruin", "ruin_before_round", "cash_at_risk")
KPIS = ("runway", "lowest_cash", "end_cash", "peak_burn")


def page(projection: Projection, say: Words, is_first: bool = False) -> None:
    """Draw cash with its 90% interval, the chance of running out, and what moves the answer, once trials ran."""
    wall(KPIS, projection, say)
    if is_first:
        return
    st.header(say("Cash with its 90% interval"))
    charts.show(cash_chart(projection, say), cash_sentence(projection, say), key="fan-chart")
    st.header(say("Chance of running out of cash"))
    chance = projection.kpis["probability_of_ruin"]
    if chance.reason is None:
        wall(CHANCES, projection, say)
        chart = charts_results.chance(say, projection.dates, projection.ruin)
        charts.show(chart, ruin_sentence(projection, say), key="ruin")
        surviving.rounds(projection, say)
        surviving.why(projection, say)
        exact.panel(projection, say)
    else:
        small(say.message(chance.reason))
    # Swings take as long as the trials, so both wait until somebody looks.
    for key, title, panel in (
        ("moves-open", say("What moves the answer"), moved.panel),
        ("depends-open", say("What depends on what"), depending.panel),
    ):
        with st.expander(title, key=key, on_change="rerun") as part:
            if part.open:
                panel(projection, say)


def ruin_sentence(projection: Projection, say: Words) -> str:
    """Return the chance of running out of cash, when it begins and when it passes one half."""
    ruin, count = np.asarray(projection.ruin), say.number(projection.figures.outcomes.trials)
    chance = chance_of(projection, "probability_of_ruin", say)
    if ruin[-1] == 0:
        text = "None of {count} trials runs out of cash within {months:months}: the chance is {share}."
        return say(text, months=len(ruin), count=count, share=chance)
    first = projection.dates[int(np.flatnonzero(ruin > 0)[0])]
    values = {"share": chance, "months": len(ruin), "first": first, "count": count}
    text = say(
        "The chance of running out of cash within {months:months} is {share}, from {count} trials; the first trial "
        "runs out in {first:month}.",
        **values,
    )
    half = np.flatnonzero(ruin >= 0.5)
    if half.size:
        text += " " + say("From {when:month} the chance is above one half.", when=projection.dates[half[0]])
    if (month := next_round(projection.ledger)) is not None:
        before = chance_of(projection, "ruin_before_round", say)
        values = {"before": before, "when": projection.dates[month]}
        text += " " + say("Before the next round closes in {when:month} it is {before}.", **values)
    return text


def chance_of(projection: Projection, name: str, say: Words) -> str:
    """Return a chance with its standard error."""
    kpi = projection.kpis[name]
    return "–" if kpi.value is None else say.estimate(kpi.value, kpi.unit, kpi.error)
