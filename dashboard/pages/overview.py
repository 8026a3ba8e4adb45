"""Overview: the verdict and its reasons, cash with its 90% interval, and the evidence behind the costs."""

import numpy as np
import streamlit as st
from plotly.graph_objects import Figure

from dashboard.desk.desk import Desk
from dashboard.parts import charts, charts_results
from dashboard.parts.charts import Kind
from dashboard.parts.choices import from_list
from dashboard.parts.deciding import remedies
from dashboard.parts.play import panel
from dashboard.parts.tiles import doubts, meaning, small, variant, wall
from dashboard.parts.words import Words, escape
from simulator.answers.kpis import TOPICS, Kpi
from simulator.answers.projection import Projection
from simulator.answers.reasons import among_trials
from simulator.answers.variations.cost_drivers import Drivers
from simulator.answers.verdict import Verdict

ALERTS = {
    "gold mine": st.success,
    "sound": st.info,
    "fragile": st.warning,
    "bubble": st.error,
    "undecided": st.info,
}
KPIS = (
    *("runway", "break_even_month", "lowest_cash", "end_cash", "gross_margin", "cac", "payback_months", "ltv_to_cac"),
    *("months_left", "arr", "nrr", "burn_multiple"),
)
# Session key: whether the list of all key figures is open.
FIGURES = "all-key-figures"
# Session key: whether levers that answer at once are open.
PLAY = "play-open"
# Session key: whether the evidence is counted and shown, which takes nearly as long as the trials.
EVIDENCE = "evidence-open"
# Cost whose evidence is shown → its title.
COSTS = {"cost_of_revenue": "Cost of revenue", "costs": "All costs"}


def page(projection: Projection, say: Words, desk: Desk, is_first: bool = False) -> None:
    """Draw the verdict above the figures, which are computed sooner; charts and verdict wait for the trials."""
    top = st.container()
    wall(KPIS, projection, say)
    with top:
        verdict(projection, say, is_first)
        doubts(projection.scenario, say)
        if not is_first:
            changes(projection, say)
        smallest = st.container()
    with st.expander(say("Play"), key=PLAY, on_change="rerun") as playing:
        if playing.open:
            panel.panel(desk, projection, KPIS, say)
    if is_first:
        return
    # Some sixty figures and a chart are computed and drawn only for those who look.
    with st.expander(say("All key figures"), key=FIGURES, on_change="rerun") as figures:
        if figures.open:
            all_figures(projection, say)
    left, right = st.columns(2)
    with left:
        st.header(say("Cash"))
        charts.show(cash_chart(projection, say), cash_sentence(projection, say), key="cash-chart")
    with right:
        operating(projection, say)
    with st.expander(say("Evidence behind the costs"), key=EVIDENCE, on_change="rerun") as behind:
        if behind.open:
            evidence(projection, say)
    with smallest:  # the search comes last, since it may take some seconds
        remedies.offer(projection, say, desk)


def verdict(projection: Projection, say: Words, is_first: bool) -> None:
    """Draw the verdict and its reasons; no grade before the trials have run."""
    found = projection.verdict
    reasons = "\n".join(f"- {escape(say.message(reason))}" for reason in found.found)
    if is_first:
        st.info(reasons, title=say("Base case; verdict and charts follow when the trials are done"))
        return
    sentence = escape(say.message(found.sentence))
    ALERTS[found.grade](f"{sentence}\n\n{reasons}", title=grade(found, say))


def grade(found: Verdict, say: Words) -> str:
    """Return the grade, or the two between which it is undecided."""
    if not found.between:
        return say(found.grade.capitalize())
    best, worst = (say(one.capitalize()) for one in found.between)
    return say("Undecided: {best} or {worst}", best=best, worst=worst)


def changes(projection: Projection, say: Words) -> None:
    """List what the scenario needs for the next better grade."""
    found = projection.verdict
    if found.next_grade is None or not found.changes:
        return
    title = say("To reach {grade}:", grade=say(found.next_grade.capitalize()))
    st.markdown(f"**{escape(title)}**\n\n" + "\n".join(f"- {escape(say.message(change))}" for change in found.changes))


def all_figures(projection: Projection, say: Words) -> None:
    """List every KPI by topic with its definition, its source and its value by other definitions."""
    for topic in TOPICS:
        figures = [kpi for kpi in projection.kpis.values() if kpi.topic == topic]
        st.markdown("\n".join([f"**{escape(say(topic.capitalize()))}**", "", *(entry(kpi, say) for kpi in figures)]))
    over_months(projection, say)


def over_months(projection: Projection, say: Words) -> None:
    """Draw a KPI as it would be reported at the end of each month."""
    traced = [name for name, kpi in projection.kpis.items() if kpi.line and kpi.value is not None]
    if not traced:
        return
    name = from_list(
        say("Show over the months"), traced, "kpi-over-months", lambda one: say(projection.kpis[one].title)
    )
    kpi = projection.kpis[name]
    values = projection.figures.measured.series(kpi.line)
    known = np.flatnonzero(np.isfinite(values))
    kind: Kind = "money" if kpi.unit == projection.currency else "share" if kpi.unit == "share" else "number"
    title, last = say(kpi.title), len(values) - 1
    figure = charts.curves(say, projection.dates, {title: values}, title, kind)
    text = say(
        "{title} is {first} in {start:month}, its first month with a value, and {last} in {end:month}.",
        title=title,
        first=say.quantity(values[known[0]], kpi.unit),
        start=projection.dates[known[0]],
        last=say.quantity(values[last], kpi.unit),
        end=projection.dates[last],
    )
    charts.show(figure, text, key="kpi-chart")


def entry(kpi: Kpi, say: Words) -> str:
    """Return one KPI as an item of a list."""
    title, counted = say(kpi.title), variant(kpi, say)
    name = say("{text} ({more})", text=title, more=counted) if counted else title
    value = "–" if kpi.value is None else say.estimate(kpi.value, kpi.unit, kpi.error)
    why = f"{say.message(kpi.reason)} " if kpi.reason is not None else ""
    return f"- {say.valued(escape(name), f'**{escape(value)}**')}  \n  :small[{escape(why + meaning(kpi, say))}]"


def cash_chart(projection: Projection, say: Words) -> Figure:
    """Return the chart of cash, with the floor below which the company is out of cash."""
    return charts_results.band(
        say,
        projection.dates,
        projection.series["cash"],
        say("cash, {currency}", currency=projection.currency),
        floor=projection.scenario.settings.cash_floor,
    )


def cash_sentence(projection: Projection, say: Words) -> str:
    """Return lowest and final cash, and the 90% interval where trials were run."""
    cash = projection.series["cash"]
    low = int(np.argmin(cash.base))
    values = {"when": projection.dates[low], "low": cash.base[low], "end": cash.base[-1]}
    text = say("In the base case cash is lowest in {when:month} at {low:money} and ends at {end:money}.", **values)
    if not np.array_equal(cash.p05, cash.p95):
        text += " " + say(
            "The 90% interval of final cash runs from {bottom:money} to {top:money}.",
            bottom=cash.p05[-1],
            top=cash.p95[-1],
        )
    if (standing := among_trials(projection.figures)) is not None:
        text += " " + say.message(standing)
    return text


def operating(projection: Projection, say: Words) -> None:
    """Draw revenue against all costs and against the cost of serving customers."""
    st.header(say("Revenue and costs"))
    revenue, cost = projection.series["revenue"].base, projection.series["costs"].base
    series = {
        say("revenue"): revenue,
        say("all costs"): cost,
        say("cost of serving customers"): projection.series["cost_of_revenue"].base,
    }
    figure = charts.curves(
        say, projection.dates, series, say("a month, {currency}", currency=projection.currency), "money"
    )
    ahead, behind = np.flatnonzero(revenue >= cost), np.flatnonzero(revenue < cost)
    if ahead.size:
        text = say("Revenue first covers all costs in {first:month}.", first=projection.dates[ahead[0]])
        steady = behind[-1] + 1 if behind.size else 0
        if ahead[0] < steady < len(projection.dates):
            text += " " + say("From {steady:month} on it covers them in every month.", steady=projection.dates[steady])
    else:
        text = say("Revenue does not cover all costs by the end of the projection.")
    values = {"revenue": revenue[-1], "cost": cost[-1], "when": projection.dates[-1]}
    text += " " + say("In {when:month} revenue is {revenue:money} and all costs are {cost:money}.", **values)
    charts.show(figure, text, key="operating-chart")


def evidence(projection: Projection, say: Words) -> None:
    """Draw which kinds of evidence stand behind what moves costs, and how much of it a device can tell."""
    counted = projection.evidence or {}
    drivers = {say(title): counted[cost] for cost, title in COSTS.items()}
    text = " ".join(evidence_sentence(title, found, say) for title, found in drivers.items())
    shares = {title: found.by_kind for title, found in drivers.items()}
    charts.show(charts_results.evidence(say, shares), text, key="evidence-chart")
    small(
        say(
            "Each assumption is moved 10% up and down; the change of the cost counts towards the kind of evidence "
            "behind that assumption. A rate is what a profile run measures; prices, demand and decisions are not."
        )
    )


def evidence_sentence(title: str, found: Drivers, say: Words) -> str:
    """Return how much of what moves a cost is measured, and how much of it are rates that can be measured at all."""
    rates = sum(found.rates.values())
    facts = {"title": title, "assumed": found.by_kind["assumed"], "measured": found.by_kind["measured"], "rates": rates}
    text = say("{title}: {measured:share} of the drivers is measured and {assumed:share} is assumed.", **facts)
    if not rates:
        return text + " " + say("No device rate moves it.")
    facts["known"] = found.rates["measured"] / rates
    return text + " " + say("Device rates make up {rates:share}; {known:share} of these is measured.", **facts)
