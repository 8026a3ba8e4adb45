"""Assumptions: all of them in one table, searched by any word and edited as they stand in the file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.charts import EVIDENCE_LOOKS
from dashboard.desk import Desk
from dashboard.levers import named
from dashboard.tiles import small
from dashboard.words import Words, escape
from simulator.assumption import Assumption
from simulator.document import plain, read
from simulator.scenario import Scenario

COLUMNS = ("Assumption", "Value", "Unit", "Evidence", "Source", "As of", "Note")


def page(say: Words, desk: Desk) -> None:
    """The table, narrowed to what is looked for; a cell under "Value" takes what the file would."""
    st.markdown(
        escape(say("Type a value as it would stand in the file: 49, 4%, 90% between 2 and 5, {pert: [1, 2, 4]}."))
    )
    search, kinds = st.columns([2, 3], vertical_alignment="bottom")
    with search:
        wanted = st.text_input(say("Search"), key="table-search", type="search", persist_state="session")
    with kinds:
        evidence = st.pills(
            say("Evidence"),
            list(EVIDENCE_LOOKS),
            selection_mode="multi",
            format_func=say,
            key="table-evidence",
            persist_state="session",
        )
    shown = list(matching(desk.scenario.assumptions.values(), wanted, evidence, say))
    key = f"table:{desk.revision}:{wanted}:{','.join(evidence)}"
    st.data_editor(
        frame(shown, say),
        key=key,
        hide_index=True,
        height=560,
        column_config={
            say("Value"): st.column_config.TextColumn(width="medium"),
            say("Source"): st.column_config.TextColumn(width="medium"),
            say("Note"): st.column_config.TextColumn(width="large"),
        },
        disabled=[column for column in frame([], say).columns if column != say("Value")],
        on_change=_typed,
        args=(desk, key, [assumption.path for assumption in shown]),
        alt=say("All assumptions of the plan, the values can be edited"),
    )
    refusals(desk, say)


def matching(
    assumptions: Iterable[Assumption], wanted: str, evidence: Iterable[str], say: Words
) -> Iterable[Assumption]:
    """The assumptions that hold every word looked for, and one of the kinds of evidence chosen."""
    words, kinds = wanted.lower().split(), set(evidence)
    for assumption in assumptions:
        text = " ".join(map(str, (assumption.path, named(say, assumption), assumption.source, assumption.note))).lower()
        if all(word in text for word in words) and (not kinds or assumption.evidence in kinds):
            yield assumption


def frame(assumptions: Iterable[Assumption], say: Words) -> pd.DataFrame:
    """One row an assumption, every cell text."""
    rows = [
        (a.path, as_text(a.literal), a.unit, say(a.evidence), a.source, str(a.as_of or ""), a.note) for a in assumptions
    ]
    return pd.DataFrame(rows, columns=[say(column) for column in COLUMNS], dtype="str")


def as_text(literal: Any) -> str:
    """A literal as it stands in the file, on one line."""
    if isinstance(literal, Mapping):
        return "{" + ", ".join(f"{key}: {as_text(value)}" for key, value in literal.items()) + "}"
    if isinstance(literal, list | tuple):
        return "[" + ", ".join(map(as_text, literal)) + "]"
    return f"{literal:.12g}" if isinstance(literal, float) else str(literal)


def literal_of(text: str) -> Any:
    """What a typed text stands for, read with the same care as a file; raises ScenarioError."""
    return plain(read(f"value: {text}", "table")["value"])


def _typed(desk: Desk, key: str, paths: list[str]) -> None:
    """Take over what was typed into the table; cells taken over before change nothing a second time."""
    taken: dict[tuple[str, int], str] = st.session_state.setdefault("table-taken", {})
    for row, cells in st.session_state[key]["edited_rows"].items():
        typed = str(next(iter(cells.values())))
        if taken.get((key, row)) != typed:
            taken[key, row] = typed
            desk.change(paths[row], typed, lambda scenario, row=row, typed=typed: _edit(scenario, paths[row], typed))


def _edit(scenario: Scenario, path: str, typed: str) -> Scenario:
    return scenario.with_value(path, literal_of(typed))


def refusals(desk: Desk, say: Words) -> None:
    """What was typed and cannot stand, each with the reason; the plan is the last one that could."""
    for path, refusal in desk.refused.items():
        st.error(escape(f"{path} = {refusal.typed}: {refusal.why}"), icon=":material/error:")
    if desk.refused:
        small(say("Everything on the page still shows the last plan that could be computed."))
