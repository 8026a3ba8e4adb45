"""Forms with every assumption of a member or of the company, derived from the signatures of the model's lines.

What matters first stands on top, all else is folded by topic. A new line adds its assumptions to the form by itself. An
empty field means the default.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.desk.desk import Desk
from dashboard.parts.members import COMPANY, Owner
from dashboard.parts.tiles import small
from dashboard.parts.values.editors import editor
from dashboard.parts.values.fields import Field, field, is_set
from dashboard.parts.values.shares import together
from dashboard.parts.values.standing import draws
from dashboard.parts.words import Words, escape
from simulator.answers.search import readable
from simulator.engine.model import Input
from simulator.lines import business
from simulator.lines.essentials import ALWAYS, ESSENTIALS, GOES_WITH, MOST, WHERE_STATED


def inputs_of(kind: str) -> dict[str, list[Input]]:
    """Return topic → the assumptions of a member of `kind`, or of the company if `kind` is empty."""
    model = business()
    topics: dict[str, list[Input]] = {}
    for needed in model.inputs.values():
        if needed.home == ((kind,) if kind else ()) and not needed.is_state:
            topics.setdefault(model.lines[needed.readers[0]].topic, []).append(needed)
    return topics


def essentials(desk: Desk, kind: str, member: str | None) -> list[Input]:
    """Return the assumptions that matter first, at most `MOST`; what a plan states to charge for follows its price."""
    stated = WHERE_STATED.get(kind, ())
    given = {name for name in stated if is_set(desk, desk.scenario.assumption_of(name, member))}
    asked = given.union(*(GOES_WITH.get(name, ()) for name in given))
    own = [name for name in stated if name in asked]
    names, inputs = ESSENTIALS.get(kind, ()), business().inputs
    kept = [*dict.fromkeys((*names[:ALWAYS], *own, *names[ALWAYS:]))][:MOST]
    return [inputs[name] for name in dict.fromkeys((*names[:1], *own, *names[1:])) if name in kept]


def form(desk: Desk, say: Words, kind: str, member: str | None) -> set[str]:
    """Draw a field for each assumption and return the paths, whose errors appear beside the fields."""
    draws(_owner(kind, member))
    text = (
        "Type a number (49, 4% or $0.5M), a range (44 to 62), growth (49, +4% a month), or a schedule (49, then 59 "
        "from {month}). An empty field uses its default."
    )
    small(say(text, month=say.month_number(12)))
    first = essentials(desk, kind, member)
    paths = fields(desk, say, first, kind, member, first=True)
    paths |= together(desk, say, kind, member)
    for topic, inputs in inputs_of(kind).items():
        if rest := [one for one in inputs if one not in first]:
            given = sum(is_set(desk, desk.scenario.assumption_of(one.name, member)) for one in rest)
            counts = {"given": str(given), "count": str(len(rest))}
            title = say("{topic}: {given} of {count} set", topic=say(readable(topic)), **counts)
            with st.expander(escape(title), key=f"topic:{kind}:{topic}"):
                paths |= fields(desk, say, rest, kind, member)
    editor(desk, say)
    return paths


def _owner(kind: str, member: str | None) -> Owner:
    return (kind, member or "") if kind else COMPANY


def fields(
    desk: Desk, say: Words, inputs: Sequence[Input], kind: str, member: str | None, *, first: bool = False
) -> set[str]:
    """Draw fields side by side, fewer to a row on a narrow screen, and return their paths."""
    with st.grid(3, min_column_width=240, gap="medium"):
        for needed in inputs:
            with st.container(gap="xsmall"):
                field(Field(desk, say, needed, member, _owner(kind, member), first))
    return {needed.path(member) for needed in inputs}
