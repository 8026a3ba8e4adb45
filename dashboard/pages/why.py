"""Explain a number: any number of the projection, traced through formulas to assumptions and their sources."""

from __future__ import annotations

import streamlit as st

from dashboard.desk.cached import ledger
from dashboard.desk.desk import Desk
from dashboard.parts import members
from dashboard.parts.choices import from_list, month_of
from dashboard.parts.defaults import worded
from dashboard.parts.levers import badge, lever, named
from dashboard.parts.tiles import small
from dashboard.parts.words import Words, escape, first_paragraph, readable
from simulator.answers.explain import Node, explain
from simulator.answers.kpis import measures
from simulator.answers.kpis.measures import PREFIX
from simulator.answers.projection import Projection
from simulator.errors import PlanError
from simulator.scenario.assumption import Assumption

START = "cash"
# A cohort line reads every earlier month; the latest few are enough to see the pattern.
MOST_INPUTS = 24

Step = tuple[str, int]


def page(projection: Projection, say: Words, desk: Desk) -> None:
    """Draw the chosen number with its formula and inputs; each input leads one step deeper."""
    first = choose(projection, say)
    trail: list[Step] = st.session_state.setdefault("trail", [])
    if not trail or trail[0] != first:
        trail[:] = [first]
    try:
        nodes = walked(trail, projection)
    except PlanError as error:  # a KPI may have no value in this month
        st.info(escape(valueless(first, error, projection, say)))
        return
    trail[:] = [(node.key, node.month) for node in nodes]
    breadcrumb(nodes, projection, say)
    node = nodes[-1]
    with st.container(border=True):
        st.metric(escape(title(node, projection, say)), escape(amount(node, say)))
        formula(node, projection, say)
        if node.assumption is not None:
            origin(node.assumption, say)
            lever(desk, say, node.assumption, key=f"why:{node.key}")
    below(node, projection, say)


def valueless(step: Step, error: PlanError, projection: Projection, say: Words) -> str:
    """Return why a KPI has no value in a month; the reason follows the first colon of the error."""
    line, month = step
    reason = error.what.partition(": ")[2]
    name, when = called(line, projection, say), projection.dates[month]
    return say("{name} has no value in {when:month}: {reason}", name=name, when=when, reason=say(reason))


def choose(projection: Projection, say: Words) -> Step:
    """Return the number to explain: a line, its member where it has several, or a KPI; and a month."""
    labels: dict[str, list[str]] = {kpi.line: [""] for kpi in projection.kpis.values() if kpi.line}
    for key in projection.series:
        line, _, member = key.partition("[")
        labels.setdefault(line, []).append(member.rstrip("]"))
    names = sorted(labels, key=lambda name: called(name, projection, say).lower())
    with st.container(horizontal=True):
        first = names.index(START)
        line = from_list(say("Number"), names, "why-line", lambda name: called(name, projection, say), index=first)
        member = labels[line][0]
        if member:
            member = from_list(say("Of"), labels[line], f"why-member:{line}", lambda one: whose(line, one, projection))
        month = month_of(say, say("Month"), len(projection.dates), "why-month")
    return (f"{line}[{member}]" if member else line), month


def called(name: str, projection: Projection, say: Words) -> str:
    """Return a line's name for people; a KPI has its title and says so, since a line may have the same name."""
    if not name.startswith(PREFIX):
        return say(readable(name))
    title = next((kpi.title for kpi in projection.kpis.values() if kpi.line == name), None)
    return say("{name} (KPI)", name=say(title or readable(name.removeprefix(PREFIX))))


def whose(line: str, label: str, projection: Projection) -> str:
    """Return the titles of the members that a number belongs to; a label has one part for each kind of member."""
    kinds = measures().lines[line].per
    parts = label.split(", ") if len(kinds) > 1 else [label]
    return " · ".join(members.named(projection.scenario, *one) for one in zip(kinds, parts, strict=False))


def walked(trail: list[Step], projection: Projection) -> list[Node]:
    """Return the nodes of a trail; an edit may have removed an input, and the trail then ends early."""
    scenario = projection.scenario
    nodes = [explain(scenario, *trail[0], ledger(scenario))]
    for step in trail[1:]:
        found = next((child for child in nodes[-1].inputs if (child.key, child.month) == step), None)
        if found is None:
            break
        nodes.append(found)
    return nodes


def breadcrumb(nodes: list[Node], projection: Projection, say: Words) -> None:
    """Draw the path from the first number to this one; each step leads back."""
    if len(nodes) < 2:
        return
    with st.container(horizontal=True, gap="xsmall"):
        for position, node in enumerate(nodes[:-1]):
            icon, args = ":material/arrow_back:" if position == len(nodes) - 2 else None, (position + 1,)
            name = escape(title(node, projection, say))
            st.button(name, key=f"crumb:{position}", on_click=_cut, args=args, icon=icon)


def _cut(length: int) -> None:
    del st.session_state.trail[length:]


def formula(node: Node, projection: Projection, say: Words) -> None:
    """Draw the definition and the formula of a line, or how an amount in another currency is converted."""
    if node.assumption is None:
        st.markdown(escape(say(first_paragraph(node.description))))
    if node.formula:
        line = node.key.partition("[")[0]
        name = (
            called(line, projection, say)
            if node.assumption is None
            else named(say, node.assumption, projection.scenario)
        )
        st.code(f"{name} = {node.formula}".replace("_", " "), language=None, wrap_lines=True)


def amount(node: Node, say: Words) -> str:
    """Return the value with its unit, or what a default stands for."""
    words = worded(node.assumption, say) if node.assumption and not node.parts else None
    return words or say.quantity(node.value, node.unit)


def origin(assumption: Assumption, say: Words) -> None:
    """Draw evidence, source, date and note of an assumption."""
    facts = {
        say("Evidence"): badge(assumption.evidence, say),
        say("Source"): escape(assumption.source or say("none given")),
        say("As of"): escape(assumption.as_of or "–"),
        say("Note"): escape(assumption.note or "–"),
        say("In the file"): say("line {line}", line=str(assumption.line))
        if assumption.line
        else say("not in the file: a default or an edit"),
    }
    st.table(facts, border="horizontal", alt=say("Where this assumption comes from"))


def below(node: Node, projection: Projection, say: Words) -> None:
    """Draw the inputs of a line, each as a button that leads a step deeper."""
    if not node.inputs:
        return
    st.subheader(say("Computed from"))
    for position, child in enumerate(node.inputs[:MOST_INPUTS]):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            icon, deeper = ":material/subdirectory_arrow_right:", st.session_state.trail.append
            args = ((child.key, child.month),)
            name = escape(title(child, projection, say))
            st.button(name, key=f"input:{position}", icon=icon, on_click=deeper, args=args)
            mark = badge(child.assumption.evidence, say) if child.assumption else ""
            st.markdown(f"**{escape(amount(child, say))}** {mark}", width="content")
    hidden = len(node.inputs) - MOST_INPUTS
    if hidden > 0:
        small(say("And {count} earlier months.", count=str(hidden)))


def title(node: Node, projection: Projection, say: Words) -> str:
    """Return the name of a number with its member and month."""
    if node.assumption is not None:
        name = named(say, node.assumption, projection.scenario)
        return say("{name}, as stated", name=name) if node.assumption.is_foreign and not node.parts else name
    line, _, label = node.key.partition("[")
    owner = f" · {whose(line, label.rstrip(']'), projection)}" if label else ""
    return f"{called(line, projection, say)}{owner}, {say.month_number(node.month)}"
