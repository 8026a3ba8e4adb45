"""Explain a number: its definition, the months it looks at, and the lines, assumptions and sources behind it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial

import numpy as np
import streamlit as st

from dashboard.desk.desk import Desk
from dashboard.desk.whole import unstopped
from dashboard.parts import charts
from dashboard.parts.charts import Kind
from dashboard.parts.choices import select
from dashboard.parts.defaults import worded
from dashboard.parts.explaining.links import Step, from_address, go, link
from dashboard.parts.explaining.naming import named
from dashboard.parts.explaining.titles import called, period, spoken, title, whose
from dashboard.parts.levers import badge
from dashboard.parts.tiles import small
from dashboard.parts.values.editors import editor
from dashboard.parts.values.fields import Field, field
from dashboard.parts.values.standing import draws
from dashboard.parts.words import Words, escape, first_paragraph
from simulator.answers.explain import Node, explain, valued
from simulator.answers.kpis.measures import CASH_FLOOR
from simulator.answers.projection import Projection
from simulator.answers.search import TOTAL, found_by
from simulator.engine.model import MONTH
from simulator.engine.windows import WINDOWS
from simulator.errors import PlanError
from simulator.lines import business
from simulator.scenario.assumption import Assumption
from simulator.scenario.scenario import Scenario
from simulator.scenario.typed.entry import is_calendar

START = "cash"
# Of the months that a number looks at, these few decide or are the latest; the others are folded.
MOST_MONTHS, MOST_INPUTS, MOST_FOUND = 5, 24, 12


def page(projection: Projection, say: Words, desk: Desk) -> None:
    """Draw the chosen number with its formula and inputs; each input leads one step deeper."""
    months = len(projection.dates)
    trail: list[Step] = st.session_state.setdefault("trail", [])
    step = from_address(say.start, months) or (trail[0] if trail else Step(START, months - 1))
    search(projection, say)
    try:
        node = explained(step, projection)
    except PlanError:  # an old link, or a member that has been removed
        st.info(say("This scenario does not have the number that was asked for, so cash is shown."))
        step = Step(START, months - 1)
        node = explained(step, projection)
    choose(step, projection, say)
    followed(trail, step, projection)
    breadcrumb(trail, projection, say)
    with st.container(border=True):
        st.metric(escape(title(node, projection, say)), escape(amount(node, say)))
        if node.reason is not None:
            st.markdown(escape(say.message(node.reason)))
        formula(node, projection, say)
        if node.assumption is not None:
            st.markdown(escape(say(first_paragraph(business().inputs[node.assumption.name].meaning))))
            origin(node.assumption, projection.scenario, say)
            change(desk, node.assumption, say)
    below(node, projection, say)
    course(node, projection, say)


def explained(step: Step, projection: Projection) -> Node:
    """Return the node of a number; raise PlanError where there is no such number."""
    figures = projection.figures
    return explain(projection.scenario, step.key, step.month, span=step.span, figures=figures)


def search(projection: Projection, say: Words) -> None:
    """Let the reader find a number by words, and list what they may mean as links."""
    words = st.text_input(
        say("Find a number"),
        key="why-search",
        placeholder=say("burn, CAC, tokens, runway, free tier, salary …"),
        icon=":material/search:",
        max_chars=100,
    )
    if not words:
        return
    found = found_by(words, projection.scenario, lambda text: say(first_paragraph(text)))
    if not found:
        st.info(say("No number is called so. Try one word, or choose from the list below."))
        return
    last = len(projection.dates) - 1
    with st.container(horizontal=True, gap="small"):
        for one in found[:MOST_FOUND]:
            name = called(one.key.partition("[")[0], projection, say)
            if "[" in one.key:
                line, _, label = one.key.partition("[")
                name += f" · {whose(line, label.rstrip(']'), projection.scenario)}"
            icon = ":material/edit:" if one.kind == "assumption" else ":material/account_tree:"
            link(name, Step(one.key, last), say, icon=icon)
    if len(found) > MOST_FOUND:
        small(say("And {count} more; another word narrows the search.", count=str(len(found) - MOST_FOUND)))


def choose(step: Step, projection: Projection, say: Words) -> None:
    """Draw the lists that hold the number shown: the line or KPI, its member where it has several, and the month."""
    labels: dict[str, list[str]] = {kpi.key: [""] for kpi in projection.kpis.values()}
    for key in projection.series:
        line, _, label = key.partition("[")
        labels.setdefault(line, []).append(label.rstrip("]"))
    name, _, member = step.key.partition("[")
    labels.setdefault(name, [""])
    names = sorted(labels, key=lambda one: called(one, projection, say).lower())

    def picked(name: str, label: str, month: int) -> None:
        go(Step(f"{name}[{label}]" if label else name, month), say.start)

    @unstopped
    def line_picked() -> None:
        line = st.session_state["why-line"]
        picked(line, labels[line][0], step.month)

    def member_picked() -> None:
        picked(name, st.session_state[f"why-member:{name}"], step.month)

    def month_picked() -> None:
        picked(name, member.rstrip("]"), st.session_state["why-month"])

    # The address says what is shown, so that a link and the browser's Back set the lists.
    st.session_state["why-line"] = name
    with st.container(horizontal=True):
        titled = partial(called, projection=projection, say=say)
        select(say("Number"), names, "why-line", titled, on_change=line_picked)
        if member and len(labels[name]) > 1:
            key = f"why-member:{name}"
            st.session_state[key] = member.rstrip("]")
            own = partial(whose, name, scenario=projection.scenario)
            select(say("Of"), labels[name], key, own, on_change=member_picked)
        if step.span == 1 and valued(name, projection.scenario) is None:
            st.session_state["why-month"] = step.month
            months = range(len(projection.dates))
            select(say("Month"), months, "why-month", say.month_number, on_change=month_picked, width=260)


def followed(trail: list[Step], step: Step, projection: Projection) -> None:
    """Bring the trail to the number shown: back to it, one step deeper, or a new trail that begins with it."""
    if step in trail:
        del trail[trail.index(step) + 1 :]
        return
    try:
        told = explained(trail[-1], projection).told if trail else ()
    except PlanError:  # an edit has removed the last number
        told = ()
    is_deeper = any(step == Step(one.key, one.month, one.span) for one in told)
    trail[:] = [*trail, step] if is_deeper else [step]


def breadcrumb(trail: Sequence[Step], projection: Projection, say: Words) -> None:
    """Draw the path from the first number to this one; each step leads back."""
    if len(trail) < 2:
        return
    with st.container(horizontal=True, gap="xsmall"):
        for position, step in enumerate(trail[:-1]):
            icon = ":material/arrow_back:" if position == len(trail) - 2 else None
            name = escape(title(explained(step, projection), projection, say))
            st.button(name, key=f"crumb:{position}", on_click=go, args=(step, say.start), icon=icon)


def formula(node: Node, projection: Projection, say: Words) -> None:
    """Draw the definition and the formula of a line, or how an amount in another currency is converted."""
    if node.assumption is None and node.description:
        st.markdown(escape(say(first_paragraph(node.description))))
    if node.formula:
        line = node.key.partition("[")[0]
        one, scenario = node.assumption, projection.scenario
        name = called(line, projection, say) if one is None else named(say, one, scenario)
        st.code(f"{name} = {node.formula_in(say, partial(spoken, say=say))}", language=None, wrap_lines=True)
    elif node.is_kpi:
        months = period(Step(node.key, node.month, node.span), say)
        small(
            say("Computed from the finished projection, without a formula. Months looked at: {months}.", months=months)
        )


def amount(node: Node, say: Words) -> str:
    """Return the value with its unit, a dash where there is none, or what a default stands for."""
    if node.reason is not None:
        return "–"
    if (one := node.assumption) is not None and not node.parts:
        if words := worded(one, say):
            return words
        if is_calendar(business().inputs[one.name]):
            return say.month_number(round(node.value))
    return say.quantity(node.value, node.unit)


def origin(assumption: Assumption, scenario: Scenario, say: Words) -> None:
    """Draw evidence, source, date and note of an assumption, and what readers said about it."""
    facts = {
        say("Evidence"): badge(assumption.evidence, say),
        say("Source"): escape(say.origin(assumption.source) or say("none given")),
        say("As of"): escape(assumption.as_of or "–"),
        say("Note"): escape(say.origin(assumption.note) or "–"),
        say("In the file"): say("line {line}", line=str(assumption.line))
        if assumption.line
        else say("not in the file: a default or an edit"),
    }
    if said := [escape(str(one)) for one in scenario.comments if one.on == assumption.path]:
        facts[say("Comments")] = "  \n".join(said)
    st.table(facts, border="horizontal", alt=say("Where this assumption comes from"))


def change(desk: Desk, assumption: Assumption, say: Words) -> None:
    """Draw the field of an assumption as its form has it, with its menu and its source."""
    owner = assumption.path.rpartition(".")[0]
    form = "why", assumption.path
    draws(form)
    with st.container(width=420, gap="xsmall"):
        field(Field(desk, say, business().inputs[assumption.name], owner.partition(".")[2] or None, form))
    editor(desk, say)


def below(node: Node, projection: Projection, say: Words) -> None:
    """Draw the inputs, each as a button that leads a step deeper; of many months the decisive ones first."""
    # The number of each month, which windows of a KPI read beside a line, says nothing.
    told = [one for one in node.told if not (node.is_kpi and one.key == MONTH)]
    if not told:
        return
    st.header(say("Looks at") if node.is_kpi and not node.formula else say("Computed from"))
    place = 0
    for role in dict.fromkeys(one.role for one in told):
        group = [one for one in told if one.role == role]
        by_month = len({one.month for one in group}) > 1 and len(group) > MOST_MONTHS
        shown = group[: MOST_MONTHS if by_month else MOST_INPUTS]
        if by_month:
            small(looked_at(node, group, projection, say))
        inputs(shown, place, node, projection, say)
        if hidden := group[len(shown) :]:
            with st.expander(say("{count} more", count=str(len(hidden))), key=f"more:{node.key}:{role}"):
                inputs(hidden, place + len(shown), node, projection, say)
        place += len(group)


def looked_at(node: Node, group: Sequence[Node], projection: Projection, say: Words) -> str:
    """Return which months of a number are read, and which of them come first."""
    months = [one.month for one in group]
    name = called(group[0].key.partition("[")[0], projection, say)
    when = period(Step("", max(months), max(months) - min(months) + 1), say)
    if months[0] == max(months) or group[0].when not in WINDOWS:
        return say("{name}, {when}: the latest month first.", name=name, when=when)
    first = say.month_number(months[0])
    if node.reason is not None:
        text = say("{name}, {when}: lowest in {first}, which comes first.", name=name, when=when, first=first)
    else:
        text = say("{name}, {when}: {first} decides and comes first.", name=name, when=when, first=first)
    return text


def inputs(nodes: Iterable[Node], place: int, parent: Node, projection: Projection, say: Words) -> None:
    """Draw numbers as buttons with their amounts; a number that has nothing below it is no button."""
    for position, child in enumerate(nodes, place):
        step = Step(child.key, child.month, child.span)
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            name = escape(title(child, projection, say))
            # The month, the floor, and an amount as stated beside its conversion, have nothing below them.
            is_leaf = child.key in (MONTH, CASH_FLOOR) or (child.key, child.month) == (parent.key, parent.month)
            if is_leaf:
                st.markdown(name, width="content")
            else:
                icon = ":material/subdirectory_arrow_right:"
                st.button(name, key=f"input:{position}", icon=icon, on_click=go, args=(step, say.start))
            mark = badge(child.assumption.evidence, say) if child.assumption else ""
            st.markdown(f"**{escape(amount(child, say))}** {mark}", width="content")


def course(node: Node, projection: Projection, say: Words) -> None:
    """Draw the number over the months of the base case, with the month shown marked."""
    values = by_month(node, projection)
    known = np.flatnonzero(np.isfinite(values))
    if len(known) < 2:
        return
    name = called(node.key.partition("[")[0], projection, say)
    st.header(say("Month by month"))
    kind: Kind = "money" if node.unit == projection.currency else "share" if node.unit == "share" else "number"
    axis = say.beside(name, projection.currency) if kind == "money" else name
    figure = charts.curves(say, projection.dates, {name: values}, axis, kind)
    low, high = (int(known[pick(values[known])]) for pick in (np.argmin, np.argmax))
    text = say(
        "{name} is {first} in {start:month} and {last} in {end:month}; the lowest month is {low:month} with {least}, "
        "the highest {high:month} with {most}.",
        name=name,
        first=say.quantity(values[known[0]], node.unit),
        start=projection.dates[known[0]],
        last=say.quantity(values[known[-1]], node.unit),
        end=projection.dates[known[-1]],
        low=projection.dates[low],
        least=say.quantity(values[low], node.unit),
        high=projection.dates[high],
        most=say.quantity(values[high], node.unit),
    )
    charts.show(figure, text, key="why-chart")


def by_month(node: Node, projection: Projection) -> np.ndarray:
    """Return a number in every month, NaN where it has none; empty for an assumption and what only the end has."""
    ledger, name = projection.ledger, node.key.partition("[")[0]
    if node.line is not None:
        if name in ledger.lines:
            return np.asarray(ledger.lines[name][:, node.member])
        return projection.figures.measured.series(name, node.member)
    terms = [term.removeprefix(TOTAL) for term in node.key.split("+")]
    if node.assumption is None and all(term in ledger.lines for term in terms):
        return np.asarray(sum(ledger.total(term) for term in terms))
    return np.array([])
