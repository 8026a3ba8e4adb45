"""The table of assumptions: one row each in the words of the forms, with a value that can be typed over."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from zlib import crc32

import pandas as pd
import streamlit as st

from dashboard.desk.desk import Desk
from dashboard.desk.whole import whole
from dashboard.parts.defaults import worded
from dashboard.parts.explaining.naming import named
from dashboard.parts.values.fields import change, shown_kept
from dashboard.parts.values.texts import cell_text, shape_text, unit_in_words
from dashboard.parts.words import Words
from simulator.lines import business
from simulator.scenario.assumption import Assumption
from simulator.scenario.scenario import Scenario

COLUMNS = ("Assumption", "Value", "Unit", "Evidence", "Source", "As of", "Note")
# In pixels where the longest text is known: a name, a unit, a date.
WIDTHS = {"Assumption": 230, "Value": "medium", "Unit": 140, "As of": 90, "Source": "medium", "Note": "large"}
# Session state: (key of a table, row) → what was typed there and the literal that came of it; the paths to speak of.
TAKEN, SPOKEN = "table-taken", "table-kept"


def text_of(assumption: Assumption, say: Words) -> str:
    """Return what the cell of an assumption shows."""
    return worded(assumption, say) or cell_text(assumption, business().inputs[assumption.name], say)


def frame(assumptions: Iterable[Assumption], scenario: Scenario, say: Words) -> pd.DataFrame:
    """Return a table of text with one row an assumption."""
    inputs = business().inputs
    rows = [
        (
            named(say, a, scenario),
            text_of(a, say),
            unit_in_words(inputs[a.name], a.unit, say),
            *(say(a.evidence), say.origin(a.source), str(a.as_of or ""), say.origin(a.note)),
        )
        for a in assumptions
    ]
    return pd.DataFrame(rows, columns=[say(column) for column in COLUMNS], dtype="str")


def key_of(desk: Desk, shown: Sequence[Assumption]) -> str:
    """Return the key of the table with these rows.

    Streamlit keeps what was typed by the position of its row and shows it there, even if the row now holds another
    value. So other rows need another key, and so do rows whose value has changed elsewhere since it was typed.
    """
    taken: dict[tuple[str, int], tuple[str, str]] = st.session_state.setdefault(TAKEN, {})
    paths = crc32(",".join(one.path for one in shown).encode())
    for turn in range(len(taken) + 1):
        key = f"table:{desk.revision}:{turn}:{paths:x}"
        if all(repr(shown[row].literal) == literal for (own, row), (_, literal) in taken.items() if own == key):
            break
    return key


@whole
def typed(desk: Desk, key: str, paths: list[str], texts: list[str]) -> None:
    """Apply what was typed into the table; Streamlit reports earlier cells again, which are skipped."""
    taken: dict[tuple[str, int], tuple[str, str]] = st.session_state.setdefault(TAKEN, {})
    spoken: dict[str, list[str]] = st.session_state.setdefault(SPOKEN, {})
    for row, cells in st.session_state[key]["edited_rows"].items():
        text = str(next(iter(cells.values())) or "").strip()
        last, _ = taken.get((key, row), (texts[row], ""))
        if text == last:
            continue
        before = desk.scenario.assumptions.get(paths[row])
        if before is None:
            continue  # the table of a file that has been closed meanwhile
        if change(desk, paths[row], text, _default(before.name)) and shown_kept(before, _now(desk, paths[row])):
            spoken.setdefault(key, []).append(paths[row])
        taken[key, row] = text, repr(_now(desk, paths[row]).literal)


def _now(desk: Desk, path: str) -> Assumption:
    return desk.scenario.assumptions[path]


def _default(name: str) -> str:
    default = business().inputs[name].default
    return "" if default is None else f"{default:.12g}"


def kept(key: str) -> list[str]:
    """Return the paths of a table whose range or course was kept when a number was typed, the last of each."""
    return list(dict.fromkeys(st.session_state.get(SPOKEN, {}).get(key, ())))


def what_became(desk: Desk, say: Words, path: str) -> str:
    """Return what a value is after a number was typed over its range or course."""
    found = _now(desk, path)
    needed = business().inputs[found.name]
    return say(
        "{name}: kept in proportion, now {value} ({shape}).",
        name=named(say, found, desk.scenario),
        value=cell_text(found, needed, say),
        shape=shape_text(found, needed, say),
    )
