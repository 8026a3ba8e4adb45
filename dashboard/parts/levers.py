"""Levers: the few assumptions that founders change most, in the sidebar of every page."""

import math
import re
from collections.abc import Iterator

import streamlit as st

from dashboard.desk.desk import Desk
from dashboard.parts.words import Words, escape, readable, with_code
from simulator.scenario.assumption import Assumption
from simulator.scenario.scaling import moved
from simulator.scenario.scenario import Scenario

# The assumptions that are levers, by group; a scenario shows those that it has.
GROUPS = (
    ("Pricing", (r"plans\.[^.]+\.price", r"plans\.[^.]+\.conversion", r"plans\.[^.]+\.churn")),
    ("Growth", (r"channels\.[^.]+\.budget",)),
    ("Serving", (r"pools\.[^.]+\.device_price", r"pools\.[^.]+\.tokens_per_second")),
    ("Team and funding", (r"roles\.[^.]+\.heads", r"rounds\.[^.]+\.amount")),
)
# Streamlit's nearest colours to those of the charts; a badge always shows the word, too.
BADGES = {"measured": "green", "calibrated": "blue", "published": "orange", "assumed": "gray"}


def levers_of(scenario: Scenario) -> Iterator[tuple[str, list[Assumption]]]:
    """Yield the groups of levers that a scenario has, in the order of `GROUPS`.

    A schedule that begins at zero cannot be scaled, so it is edited on the page Assumptions.
    """
    for title, patterns in GROUPS:
        found = [
            assumption
            for pattern in patterns
            for path, assumption in scenario.assumptions.items()
            if re.fullmatch(pattern, path) and (assumption.is_plain or assumption.central)
        ]
        if found:
            yield title, found


def panel(desk: Desk, say: Words) -> None:
    """Draw all levers of the open scenario by group; the first group is expanded."""
    for position, (title, assumptions) in enumerate(levers_of(desk.scenario)):
        with st.expander(say(title), expanded=position == 0):
            for assumption in assumptions:
                lever(desk, say, assumption, key=f"lever:{assumption.path}")


def lever(desk: Desk, say: Words, assumption: Assumption, key: str) -> None:
    """Draw one number field. A refused value stays in the field beside its error."""
    refusal = desk.refused.get(assumption.path)
    scale = 100.0 if shown_as_percent(assumption) else 1.0
    if refusal is None:
        st.session_state[key] = float(f"{assumption.central * scale:.6g}")
    st.number_input(
        label(say, assumption),
        key=key,
        format="%.10g",
        # The step follows the file's value, not the current one: a field whose step changes is redrawn and loses focus.
        step=step(assumption, desk.original.assumptions.get(assumption.path, assumption).central * scale),
        help=hint(say, assumption),
        on_change=_turned,
        args=(desk, assumption, key, scale),
    )
    if refusal is not None:
        st.error(with_code(refusal.why), icon=":material/error:")


def _turned(desk: Desk, assumption: Assumption, key: str, scale: float) -> None:
    typed = st.session_state[key]
    if typed is not None:
        literal = moved(assumption, typed / scale)
        desk.change(assumption.path, typed, lambda scenario: scenario.with_value(assumption.path, literal))


def shown_as_percent(assumption: Assumption) -> bool:
    """Return whether a value is typed in percent: shares, and rates such as customers per user."""
    return assumption.unit == "share" or (assumption.high == 1 and assumption.low == 0)


def named(say: Words, assumption: Assumption) -> str:
    """Return the name of an assumption with its member: `Price · team`."""
    name = say(readable(assumption.name))
    member = assumption.path.split(".")[1].replace("_", " ") if "." in assumption.path else ""
    return f"{name} · {member}" if member else name


def label(say: Words, assumption: Assumption) -> str:
    """Return the name of a lever with its unit: `Price · team, USD / customer`."""
    unit = "%" if shown_as_percent(assumption) else say.unit(assumption.unit)
    return escape(", ".join(filter(None, (named(say, assumption), unit))))


def badge(evidence: str, say: Words, more: str = "") -> str:
    """Return the kind of evidence as a coloured badge, followed by `more`."""
    return f":{BADGES[evidence]}-badge[{escape(f'{say(evidence)} {more}'.strip())}]"


def hint(say: Words, assumption: Assumption) -> str:
    """Return the evidence and source of an assumption for the help of its lever."""
    origin = say(
        "{evidence}: {source}", evidence=say(assumption.evidence), source=assumption.source or say("no source")
    )
    kept = "" if assumption.is_plain else say("A range, a schedule or a walk; a change scales all of it.")
    return escape(f"{origin}. {kept}".strip())


def step(assumption: Assumption, shown: float) -> float:
    """Return the step of one click: a whole person, or a tenth of the value's power of ten."""
    if assumption.unit == "head" or shown == 0:
        return 1.0
    return 10.0 ** (math.floor(math.log10(abs(shown))) - 1)
