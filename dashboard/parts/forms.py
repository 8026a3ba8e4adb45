"""Forms with every assumption of a member or of the company, derived from the signatures of the model's lines.

A new line adds its assumptions to the form by itself. An empty field means the default.
"""

from __future__ import annotations

import streamlit as st

from dashboard.desk.desk import Desk, Refusal
from dashboard.parts.defaults import in_words, shown, worded
from dashboard.parts.literals import as_text, literal_of
from dashboard.parts.tiles import small
from dashboard.parts.words import Words, escape, first_paragraph, readable, with_code
from simulator.engine.model import Input
from simulator.lines import business
from simulator.scenario.assumption import Assumption

# As many names of lines as fit below a field.
MOST_READERS = 3


def inputs_of(kind: str) -> dict[str, list[Input]]:
    """Return topic → the assumptions of a member of `kind`, or of the company if `kind` is empty."""
    model = business()
    topics: dict[str, list[Input]] = {}
    for needed in model.inputs.values():
        if needed.home == ((kind,) if kind else ()) and not needed.is_state:
            topics.setdefault(model.lines[needed.readers[0]].topic, []).append(needed)
    return topics


def form(desk: Desk, say: Words, kind: str, member: str | None) -> set[str]:
    """Draw a field for each assumption by topic, and return the paths, whose errors appear beside the fields."""
    scenario = desk.scenario
    small(
        say(
            "Type a number, a percentage such as 4%, or a range such as 90% between 2 and 5. An empty field uses the "
            "default shown in it."
        )
    )
    paths: set[str] = set()
    for topic, inputs in inputs_of(kind).items():
        given = sum(is_set(desk, scenario.assumption_of(one.name, member)) for one in inputs)
        counts = {"given": str(given), "count": str(len(inputs))}
        title = say("{topic}: {given} of {count} set", topic=say(readable(topic)), **counts)
        with st.expander(escape(title), expanded=given > 0), st.grid(3, min_column_width=240, gap="medium"):
            for needed in inputs:
                paths.add(needed.path(member))
                with st.container(gap="xsmall"):
                    field(desk, say, needed, member)
    return paths


def is_set(desk: Desk, assumption: Assumption) -> bool:
    """Return whether the file or an edit sets an assumption; all others are defaults."""
    return assumption.line > 0 or assumption.path in desk.scenario.edits


def field(desk: Desk, say: Words, needed: Input, member: str | None) -> None:
    """Draw the field of one assumption. A refused value stays in the field beside its error."""
    path = needed.path(member)
    assumption = desk.scenario.assumption_of(needed.name, member)
    own = is_set(desk, assumption) and assumption.path == path
    refusal: Refusal | None = desk.refused.get(path)
    key = f"form:{path}"
    st.session_state[key] = str(refusal.typed) if refusal else as_text(assumption.literal) if own else ""
    st.text_input(
        escape(", ".join(filter(None, (say(readable(needed.name)), unit_beside(needed.name, assumption.unit, say))))),
        key=key,
        placeholder=worded(assumption, say) or shown(assumption.literal, assumption.unit),
        help=escape(meaning(needed, say)),
        on_change=_typed,
        args=(desk, key, path, "" if needed.default is None else as_text(needed.default)),
    )
    if refusal:
        st.error(with_code(refusal.why), icon=":material/error:")
    small(origin(needed, assumption, say))


def unit_beside(name: str, unit: str, say: Words) -> str:
    """Return the unit to write beside a field; empty where the name says it, as in `Ramp months`."""
    if unit == "share":
        return say("a share, such as 4%")
    return "" if all(part in name for part in unit.split("/")) else say.unit(unit)


def origin(needed: Input, assumption: Assumption, say: Words) -> str:
    """Return the default of an assumption and the lines that read it."""
    default = say("no default") if needed.default is None else say("default: {value}", value=in_words(needed, say))
    if assumption.line and assumption.path == needed.name and needed.home:
        default = say("set for all: {value}", value=shown(assumption.literal, assumption.unit))
    readers = [say(readable(name)) for name in dict.fromkeys(needed.readers)]
    more = ["…"] if len(readers) > MOST_READERS else []
    return say("{default}; used by {lines}", default=default, lines=", ".join([*readers[:MOST_READERS], *more]))


def meaning(needed: Input, say: Words) -> str:
    """Return what an assumption means, its range, and the definitions of the lines that read it."""
    model = business()
    lines = (model.lines[name] for name in dict.fromkeys(needed.readers))
    read = " ".join(f"{say(readable(line.name))}: {say(first_paragraph(line.description))}" for line in lines)
    return " ".join(filter(None, (say(needed.meaning), limits(needed, say), read)))


def limits(needed: Input, say: Words) -> str:
    """Return the allowed range as a sentence; empty where any number is allowed."""
    low, high = (needed.quantity.low, needed.quantity.high) if needed.quantity else (None, None)
    if low is None and high is None:
        return ""
    if high is None:
        return say("{low} or more.", low=as_text(low))
    return say("From {low} to {high}.", low=as_text(low), high=as_text(high))


def _typed(desk: Desk, key: str, path: str, default: str) -> None:
    typed = str(st.session_state[key]).strip()
    change(desk, path, typed, default)


def change(desk: Desk, path: str, typed: str, default: str = "") -> None:
    """Set one assumption to what was typed, or to its default where nothing was."""
    desk.change(path, typed, lambda scenario: scenario.with_value(path, literal_of(typed or default)))
