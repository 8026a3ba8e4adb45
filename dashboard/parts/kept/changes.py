"""The changes of a draft: undo and redo by name, the list of them, and taking all of them back."""

from __future__ import annotations

from contextlib import suppress
from datetime import date

import streamlit as st

from dashboard.desk.desk import Desk, scenario_at
from dashboard.parts import members
from dashboard.parts.defaults import worded
from dashboard.parts.explaining.naming import OF_A_MEMBER, SETTING_LABELS, name_of
from dashboard.parts.tiles import small
from dashboard.parts.values.texts import field_text, shape_text
from dashboard.parts.words import Words, escape
from simulator.errors import BreakevenError
from simulator.lines import PARTS_OF_ALL, business
from simulator.scenario.scenario import Scenario

# What a step that shapes the scenario does, as its name ends: `plans.team: removed`.
DONE_LABELS = {
    "added": "{what} added",
    "copied": "{what} duplicated",
    "renamed": "{what} renamed",
    "key": "Key of {what} changed",
    "removed": "{what} removed",
    "origin": "Source of {what} changed",
    "comment": "Comments on {what} changed",
    "set": "{what} changed",
}
# Steps that change all of the scenario.
WHOLE_LABELS = ("Version restored",)
# Two lines of the sidebar.
LONGEST_LABEL = 56
# More than fits on a screen; undo still reaches the older ones.
MOST_SHOWN = 30


def undo_and_redo(desk: Desk, say: Words) -> None:
    """Draw undo and redo with the names of the changes."""
    draft = desk.draft
    undo = short(step_called(desk, draft.position, say)) if draft.can_undo else ""
    redo = short(step_called(desk, draft.position + 1, say)) if draft.can_redo else ""
    label = say("Undo: {change}", change=escape(undo)) if undo else say("Undo")
    st.button(label, on_click=desk.undo, disabled=not draft.can_undo, key="undo")
    label = say("Redo: {change}", change=escape(redo)) if redo else say("Redo")
    st.button(label, on_click=desk.redo, disabled=not draft.can_redo, key="redo")


def short(name: str) -> str:
    """Return a name that fits on a button."""
    return name if len(name) <= LONGEST_LABEL else f"{name[: LONGEST_LABEL - 1]}…"


def listing(desk: Desk, say: Words) -> None:
    """List the changes, the last first, with a button that takes all of them back."""
    draft = desk.draft
    if draft.position == 0:
        small(say("No changes since the scenario was opened or saved."))
        return
    names = [step_called(desk, place, say) for place in range(1, draft.position + 1)]
    shown = list(enumerate(names, start=1))[-MOST_SHOWN:]
    if len(shown) < len(names):
        small(say("The last {shown} of {all} changes, the newest first.", shown=str(len(shown)), all=str(len(names))))
    st.markdown("\n".join(f"{place}\\. {escape(name)}  " for place, name in reversed(shown)))
    about = say("Goes back to the scenario as last saved; undo brings the changes back.")
    st.button(
        say("Revert all changes"), on_click=desk.revert, disabled=not draft.is_changed, help=about, key="revert-all"
    )


def step_called(desk: Desk, position: int, say: Words) -> str:
    """Return what a step changed, and from what to what: `Price · Team: $49 → $55`.

    A member that the scenario lacks now has the title of the step after or before.
    """
    draft = desk.draft
    name = draft.steps[position].name
    known = [desk.scenario]
    with suppress(BreakevenError):  # a record to which an earlier state refers may be gone
        known += [scenario_at(step, draft.file) for step in draft.steps[position - 1 : position + 1]]
    about = OF_A_MEMBER.fullmatch(name.partition(": ")[0])
    titled = (one for one in reversed(known) if about is None or _has(one, *about.group(1, 2)))
    change = called(next(titled, desk.scenario), name, say)
    if not known[2:]:
        return change
    (before, shape), (after, new_shape) = (told(one, name.removesuffix(": set"), say) for one in known[1:])
    # A range that moves with its centre needs no words; one that is new, or all that changed, does.
    if before == after or bool(shape) != bool(new_shape):
        before, after = _with_shape(before, shape, say), _with_shape(after, new_shape, say)
    if before and after and before != after:
        return say("{name}: {before} → {after}", name=change, before=before, after=after)
    return change


def _with_shape(text: str, shape: str, say: Words) -> str:
    return say("{text} ({more})", text=text, more=shape) if shape else text


def told(scenario: Scenario, place: str, say: Words) -> tuple[str, str]:
    """Return the value of an assumption or a setting in a few words, and its range or its course.

    Both are empty for anything else, or what is not there.
    """
    owner, _, name = place.rpartition(".")
    kind, _, member = owner.partition(".")
    needed = business().inputs.get(name)
    is_there = not owner or _has(scenario, kind.removesuffix("s"), member)
    # A setting may have the name of a member's assumption, such as the months of a loan.
    if needed and is_there and (found := scenario.assumptions.get(scenario.path_of(needed, member or None))):
        currency = say.currency_prefix if found.unit.startswith(say.currency) else ""
        return f"{currency}{worded(found, say) or field_text(found, needed, say)}", shape_text(found, needed, say)
    if kind := next((kind for kind, names in PARTS_OF_ALL.items() if place in names), ""):
        parts = ((one, scenario.assumption_of(place, one).central) for one in scenario.entities[kind])
        return say.beside(*(f"{members.named(scenario, kind, one)} {say.share(share)}" for one, share in parts)), ""
    value = getattr(scenario.settings, place, "") if place in SETTING_LABELS else ""
    if isinstance(value, date):
        return say.month(value), ""
    return f"{value:,.10g}" if isinstance(value, int | float) else str(value), ""


def _has(scenario: Scenario, kind: str, member: str) -> bool:
    return member in scenario.entities.get(kind, ())


def called(scenario: Scenario, name: str, say: Words) -> str:
    """Return the name of a change as people read it: `Price · Team` for the price of the plan Team."""
    place, _, what = name.partition(": ")
    if what in DONE_LABELS:
        return say(DONE_LABELS[what], what=name_of(scenario, place, say))
    return name_of(scenario, name or "Change", say)
