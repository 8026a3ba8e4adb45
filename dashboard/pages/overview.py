"""Overview: the verdict and its reasons, cash with its band, and what the answer rests on."""

import numpy as np
import streamlit as st
from plotly.graph_objects import Figure

from dashboard.parts import charts
from dashboard.parts.levers import badge
from dashboard.parts.tiles import label, meaning, small, wall
from dashboard.parts.words import Words, escape
from simulator.answers.kpis import TOPICS, Kpi
from simulator.answers.projection import Projection
from simulator.answers.verdict import GRADES

ALERTS = {"gold mine": st.success, "sound": st.info, "fragile": st.warning, "bubble": st.error}
KPIS = ("runway", "break_even_month", "gross_margin", "lowest_cash", "arr", "nrr", "payback_months", "burn_multiple")


def page(projection: Projection, say: Words) -> None:
    """The answer first, then what it is made of."""
    verdict(projection, say)
    changes(projection, say)
    wall(KPIS, projection, say)
    with st.expander(say("All key figures")):
        all_figures(projection, say)
    left, right = st.columns(2)
    with left:
        st.subheader(say("Cash"))
        charts.show(cash_chart(projection, say), cash_sentence(projection, say), key="cash-chart")
    with right:
        st.subheader(say("Revenue and costs"))
        operating(projection, say)
    evidence(projection, say)


def verdict(projection: Projection, say: Words) -> None:
    """One sentence that answers, and the reasons it rests on; no grade before the trials have been run."""
    found = projection.verdict
    reasons = "\n".join(f"- {escape(say.message(reason))}" for reason in found.reasons)
    if awaits_trials(projection):
        st.info(reasons, title=say("The base plan; the verdict follows with the trials"))
        return
    sentence = escape(say.message(found.sentence))
    ALERTS[found.grade](f"{sentence}\n\n{reasons}", title=say(found.grade.capitalize()))


def awaits_trials(projection: Projection) -> bool:
    """Whether the plan has chances that have not been drawn, and that may change the grade."""
    return not projection.trials and projection.scenario.trials > 0


def changes(projection: Projection, say: Words) -> None:
    """What would have to be otherwise for the next better grade."""
    found = projection.verdict.changes
    if not found or awaits_trials(projection):
        return
    better = GRADES[GRADES.index(projection.verdict.grade) - 1]
    text = say("What would change it: for the grade {grade}, each of these.", grade=say(better.capitalize()))
    st.markdown(f"**{escape(text)}**\n\n" + "\n".join(f"- {escape(say.message(change))}" for change in found))


def all_figures(projection: Projection, say: Words) -> None:
    """Every key figure by topic, with what it means, where that comes from, and other definitions."""
    for topic in TOPICS:
        figures = [kpi for kpi in projection.kpis.values() if kpi.topic == topic]
        st.markdown("\n".join([f"**{escape(say(topic.capitalize()))}**", "", *(entry(kpi, say) for kpi in figures)]))


def entry(kpi: Kpi, say: Words) -> str:
    """One key figure as a point of a list."""
    value = "–" if kpi.value is None else say.quantity(kpi.value, kpi.unit)
    variant = f" ({say(kpi.variant)})" if kpi.variant else ""
    why = f"{say(kpi.why)} " if kpi.value is None else ""
    return f"- {escape(say(label(kpi)) + variant)}: **{escape(value)}**  \n  :small[{escape(why + meaning(kpi, say))}]"


def cash_chart(projection: Projection, say: Words) -> Figure:
    """Cash by month with its band, and the floor that decides ruin."""
    return charts.band(
        say,
        projection.dates,
        projection.series["cash"],
        say("cash, {currency}", currency=projection.currency),
        floor=projection.scenario.settings.cash_floor,
    )


def cash_sentence(projection: Projection, say: Words) -> str:
    """What the cash chart shows."""
    cash = projection.series["cash"]
    low = int(np.argmin(cash.base))
    text = say(
        "Cash is lowest in {when:month} at {low:money} and ends at {end:money}.",
        when=projection.dates[low],
        low=cash.base[low],
        end=cash.base[-1],
    )
    if not np.array_equal(cash.p05, cash.p95):
        text += " " + say(
            "Nine trials in ten end between {bottom:money} and {top:money}.", bottom=cash.p05[-1], top=cash.p95[-1]
        )
    return text


def operating(projection: Projection, say: Words) -> None:
    """Revenue against what it costs to earn it and to run the company."""
    revenue, cost = projection.series["revenue"].base, projection.series["costs"].base
    figure = charts.lines(
        say,
        projection.dates,
        {
            say("revenue"): revenue,
            say("all costs"): cost,
            say("cost of serving customers"): projection.series["cost_of_revenue"].base,
        },
        say("a month, {currency}", currency=projection.currency),
    )
    ahead = np.flatnonzero(revenue >= cost)
    values = {"revenue": revenue[-1], "cost": cost[-1], "when": projection.dates[-1]}
    if ahead.size:
        text = say("Revenue first covers all costs in {first:month}; ", first=projection.dates[ahead[0]])
    else:
        text = say("Revenue does not cover all costs within the plan; ")
    text += say("in {when:month} it is {revenue:money} against {cost:money}.", **values)
    charts.show(figure, text, key="operating-chart")


def evidence(projection: Projection, say: Words) -> None:
    """Which share of all costs rests on measurement, and which on less."""
    st.subheader(say("What this rests on"))
    if projection.evidence is None:
        small(say("It is counted with the trials, which follow the base plan."))
        return
    shares = {name: projection.evidence.get(name, 0.0) for name in charts.EVIDENCE_LOOKS}
    text = say(
        "Of what moves the costs, {measured:share} was measured, {calibrated:share} predicted from measurements, "
        "{published:share} published and {assumed:share} assumed.",
        **shares,
    )
    charts.show(charts.evidence(say, shares), text, key="evidence-chart")
    st.markdown(" ".join(badge(name, say, say.share(share)) for name, share in shares.items()))
    small(
        say(
            "Each assumption is moved ten per cent up and down; how far all costs follow is counted under the "
            "evidence that the assumption has."
        )
    )
