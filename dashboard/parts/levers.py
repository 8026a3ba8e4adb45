"""Levers: the few assumptions that founders change most, in the sidebar of every page."""

import math

import streamlit as st

from dashboard.desk.desk import Desk
from dashboard.desk.whole import unstopped
from dashboard.parts.explaining.naming import named
from dashboard.parts.explaining.refusals import why
from dashboard.parts.values.standing import is_new, standing
from dashboard.parts.values.texts import label_text, readable_level, unit_in_words
from dashboard.parts.words import Words, escape
from simulator.answers.variations.levers import levers_of
from simulator.lines import business
from simulator.scenario.assumption import Assumption
from simulator.scenario.scaling import first_level, moved
from simulator.scenario.scenario import Scenario
from simulator.scenario.typed.entry import is_percent

# Streamlit's nearest colours to those of the charts; a badge always shows the word, too.
BADGES = {"measured": "green", "calibrated": "blue", "published": "orange", "assumed": "gray"}


def panel(desk: Desk, say: Words) -> None:
    """Draw all levers of the open scenario by group; the first group is expanded."""
    for position, (title, assumptions) in enumerate(levers_of(desk.scenario, desk.original)):
        with st.expander(say(title), expanded=position == 0, key=f"levers:{title}"):
            for assumption in assumptions:
                lever(desk, say, assumption, key=f"lever:{assumption.path}")


def lever(desk: Desk, say: Words, assumption: Assumption, key: str) -> None:
    """Draw one number field. A refused value stays in the field beside its error.

    A schedule that begins at zero is moved by its first level above, since zero has no proportions.
    """
    refusal = desk.refused.get(assumption.path)
    scale = 100.0 if is_percent(business().inputs[assumption.name]) else 1.0
    month, level = first_level(assumption, desk.scenario.months)
    shown = float(f"{readable_level(assumption, level) * scale:.6g}")
    # A form keeps a refused value as text, which a number field cannot show.
    typed = refusal.typed if refusal and isinstance(refusal.typed, float) else shown
    original = desk.original.assumptions.get(assumption.path, assumption)
    with standing(key, typed) as stands:
        st.number_input(
            label(say, assumption, desk.scenario, month),
            value=stands,
            key=key,
            format="%.10g",
            # The step follows the file's value, not the current one: a field whose step changes loses focus.
            step=step(assumption, first_level(original, desk.scenario.months)[1] * scale),
            help=hint(say, assumption),
            on_change=_turned,
            args=(desk, assumption, key, scale, level),
        )
    if refusal is not None:
        st.error(why(refusal.problems, desk.scenario, say), icon=":material/error:")


@unstopped
def _turned(desk: Desk, assumption: Assumption, key: str, scale: float, level: float) -> None:
    if is_new(key) and (typed := st.session_state[key]) is not None:
        turn(desk, assumption, typed / scale, level, typed)


def turn(desk: Desk, assumption: Assumption, value: float, level: float, typed: float | None = None) -> None:
    """Move an assumption so that what was `level` is `value`, as one change of the draft; `typed` is as entered."""
    literal = moved(assumption, value, level)
    given = value if typed is None else typed
    desk.change(assumption.path, given, lambda scenario: scenario.with_value(assumption.path, literal))


def label(say: Words, assumption: Assumption, scenario: Scenario, month: int = 0) -> str:
    """Return the name of a lever with its unit, and the month from which it holds: `Price · Team, $ per customer`."""
    unit = unit_in_words(business().inputs[assumption.name], assumption.unit, say)
    since = say("from {month}", month=say.month_number(month)) if month else ""
    return label_text(say.beside(named(say, assumption, scenario), unit, since))


def badge(evidence: str, say: Words, more: str = "") -> str:
    """Return the kind of evidence as a coloured badge, followed by `more`."""
    return f":{BADGES[evidence]}-badge[{escape(f'{say(evidence)} {more}'.strip())}]"


def hint(say: Words, assumption: Assumption) -> str:
    """Return the evidence and source of an assumption for the help of its lever."""
    origin = say(
        "{evidence}: {source}",
        evidence=say(assumption.evidence),
        source=say.origin(assumption.source) or say("no source"),
    )
    kept = "" if assumption.is_plain else say("A range, a schedule or a walk; a change scales all of it.")
    return escape(f"{say.sentence(origin)} {kept}".strip())


def step(assumption: Assumption, shown: float) -> float:
    """Return the step of one click: a whole person, or a tenth of the value's power of ten."""
    if assumption.unit == "head" or shown == 0:
        return 1.0
    return 10.0 ** (math.floor(math.log10(abs(shown))) - 1)
