"""Steps that shape a scenario: each can be undone, and says beside its control what it did or why it was refused.

A step is named after the place that it changes and what it does, such as `plans.team: removed`.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import streamlit as st

from dashboard.desk.desk import Desk
from dashboard.desk.drafts import Step
from dashboard.desk.whole import whole
from dashboard.parts.explaining.refusals import why
from dashboard.parts.values.standing import standing
from dashboard.parts.words import Words, escape
from simulator.errors import Problem
from simulator.scenario.scenario import Scenario


@dataclass(frozen=True)
class Told:
    """What the last step of this kind has to say: beside which control, whether it was made, and the state it left."""

    where: str
    sentence: str
    state: Step
    problems: tuple[Problem, ...] = ()

    @property
    def is_made(self) -> bool:
        """Whether the step was made, and not refused."""
        return not self.problems


@whole
def step(
    desk: Desk, name: str, edit: Callable[[Scenario], Scenario], done: Callable[[Scenario], str], where: str = ""
) -> bool:
    """Make one change and return whether it was accepted; `done` says what it did, given the scenario before."""
    before = desk.scenario
    is_made = desk.change(name, "", edit)
    refusal = desk.refused.pop(name, None)
    sentence, problems = ("", refusal.problems) if refusal else (done(before), ())
    st.session_state["shaping-told"] = Told(where or name, sentence, desk.draft.now, problems)
    return is_made


def stood(desk: Desk, where: str, key: str, value: object) -> AbstractContextManager[Any]:
    """Return what puts a value into the field that is drawn inside, unless the one it shows was just refused here."""
    said: Told | None = st.session_state.get("shaping-told")
    refused = said is not None and said.where == where and not said.is_made and said.state == desk.draft.now
    return standing(key, st.session_state.get(key, value) if refused else value)


def told(desk: Desk, say: Words, where: str) -> None:
    """Say what the last step did or why it was refused, if it was asked for here and nothing has changed since."""
    said: Told | None = st.session_state.get("shaping-told")
    if said is None or said.where != where or said.state != desk.draft.now:
        return
    if said.problems:
        st.error(why(said.problems, desk.scenario, say), icon=":material/error:")
    elif said.sentence:
        st.success(escape(said.sentence), icon=":material/check:")
