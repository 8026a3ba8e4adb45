"""Levers: the few assumptions that a founder turns first, beside the answer on every page."""

import math
import re
from collections.abc import Iterator

import streamlit as st

from dashboard.desk.desk import Desk
from dashboard.parts.words import Words, escape, readable
from simulator.scenario.assumption import Assumption
from simulator.scenario.scaling import moved
from simulator.scenario.scenario import Scenario

# Which assumptions are levers, group by group; a scenario shows those that it has.
GROUPS = (
    ("Pricing", (r"plans\.[^.]+\.price", r"plans\.[^.]+\.conversion", r"plans\.[^.]+\.churn")),
    ("Growth", (r"channels\.[^.]+\.budget",)),
    ("Serving", (r"pools\.[^.]+\.device_price", r"pools\.[^.]+\.tokens_per_second")),
    ("Team and funding", (r"roles\.[^.]+\.heads", r"rounds\.[^.]+\.amount")),
)
# The same colours as in the charts, and always with the word.
BADGES = {"measured": "green", "calibrated": "blue", "published": "orange", "assumed": "gray"}


def levers_of(scenario: Scenario) -> Iterator[tuple[str, list[Assumption]]]:
    """The groups of levers that a scenario has, in the order of the list above.

    A schedule that begins at zero cannot be scaled; it is edited in the table.
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
    """All levers of the plan on the desk, group by group; the first group is open."""
    for position, (title, assumptions) in enumerate(levers_of(desk.scenario)):
        with st.expander(say(title), expanded=position == 0):
            for assumption in assumptions:
                lever(desk, say, assumption, key=f"lever:{assumption.path}")


def lever(desk: Desk, say: Words, assumption: Assumption, key: str) -> None:
    """One number to turn. What is typed stays in the field, even where the plan cannot take it."""
    refusal = desk.refused.get(assumption.path)
    scale = 100.0 if shown_as_percent(assumption) else 1.0
    if refusal is None:
        st.session_state[key] = float(f"{assumption.central * scale:.6g}")
    st.number_input(
        label(say, assumption),
        key=key,
        format="%.10g",
        # From the file's number, not the current one: a field whose step changes is drawn anew and loses the focus.
        step=step(assumption, desk.original.assumptions.get(assumption.path, assumption).central * scale),
        help=hint(say, assumption),
        on_change=_turned,
        args=(desk, assumption, key, scale),
    )
    if refusal is not None:
        st.error(escape(refusal.why), icon=":material/error:")


def _turned(desk: Desk, assumption: Assumption, key: str, scale: float) -> None:
    typed = st.session_state[key]
    if typed is not None:
        literal = moved(assumption, typed / scale)
        desk.change(assumption.path, typed, lambda scenario: scenario.with_value(assumption.path, literal))


def shown_as_percent(assumption: Assumption) -> bool:
    """Shares are typed as per cent, and so are rates such as customers per user."""
    return assumption.unit == "share" or (assumption.high == 1 and assumption.low == 0)


def named(say: Words, assumption: Assumption) -> str:
    """The assumption's name and whose it is: `Price · team`."""
    name = say(readable(assumption.name))
    member = assumption.path.split(".")[1] if "." in assumption.path else ""
    return f"{name} · {member}" if member else name


def label(say: Words, assumption: Assumption) -> str:
    """The lever's name with what it counts: `Price · team, USD / customer`."""
    unit = "%" if shown_as_percent(assumption) else say.unit(assumption.unit)
    return escape(", ".join(part for part in (named(say, assumption), unit) if part))


def badge(evidence: str, say: Words, more: str = "") -> str:
    """The evidence as a coloured word, with whatever belongs to it."""
    return f":{BADGES[evidence]}-badge[{escape(f'{say(evidence)} {more}'.strip())}]"


def hint(say: Words, assumption: Assumption) -> str:
    """Where the number comes from, for the lever's tooltip."""
    origin = say(
        "{evidence}: {source}", evidence=say(assumption.evidence), source=assumption.source or say("no source")
    )
    kept = "" if assumption.is_plain else say("It is a range or a schedule; turning it scales all of it.")
    return escape(f"{origin}. {kept}".strip())


def step(assumption: Assumption, shown: float) -> float:
    """What one click adds: a whole person, or the next smaller power of ten than the number's own."""
    if assumption.unit == "head" or shown == 0:
        return 1.0
    return 10.0 ** (math.floor(math.log10(abs(shown))) - 1)
