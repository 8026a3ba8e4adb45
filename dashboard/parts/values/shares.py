"""Shares of one whole, edited together: raising one before lowering the other would exceed the whole."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboard.desk.desk import Desk
from dashboard.desk.whole import whole
from dashboard.parts.explaining.naming import named
from dashboard.parts.explaining.refusals import why
from dashboard.parts.values.standing import standing
from dashboard.parts.values.texts import field_text, label_text, number_text
from dashboard.parts.words import Words, escape
from simulator.answers.search import readable
from simulator.engine.model import Input
from simulator.lines import PARTS_OF_ALL, PARTS_OF_EACH, business
from simulator.scenario.assumption import Assumption
from simulator.scenario.scenario import Scenario
from simulator.scenario.typed.entry import typed_literal

Share = tuple[Input, str]
OF_TIME = "shares_of_time"
TITLES = {OF_TIME: "Shares of time"}


def wholes(scenario: Scenario, kind: str, member: str | None) -> dict[str, list[Share]]:
    """Return title → the shares of each whole that a member has a part in and that the scenario divides."""
    inputs = business().inputs
    found = {name: [(inputs[name], one) for one in scenario.entities[kind]] for name in PARTS_OF_ALL.get(kind, ())}
    if member and kind in PARTS_OF_EACH:
        found[OF_TIME] = [(inputs[name], member) for name in PARTS_OF_EACH[kind]]
    return {
        title: parts
        for title, parts in found.items()
        if len(parts) > 1 and any(scenario.assumption_of(needed.name, one).central for needed, one in parts)
    }


def together(desk: Desk, say: Words, kind: str, member: str | None) -> set[str]:
    """Draw a small form for each whole, folded, and return the names under which their errors are kept."""
    found = wholes(desk.scenario, kind, member)
    for name, parts in found.items():
        shares = [held(desk.scenario, part) for part in parts]
        whole = number_text(sum(one.central for one in shares), parts[0][0], say)
        title = say(
            "Set together: {name}, {whole} in all", name=say(TITLES.get(name) or readable(name)).lower(), whole=whole
        )
        refusal = desk.refused.get(name)
        folded = st.expander(escape(title), expanded=refusal is not None, key=f"together-open:{name}")
        with folded, st.form(f"together:{name}", border=False):
            texts = [field_text(one, needed, say) for one, (needed, _) in zip(shares, parts, strict=True)]
            for one, path, text in zip(shares, paths_of(parts), refusal.typed if refusal else texts, strict=True):
                with standing(key := f"together:{path}", text) as stands:
                    st.text_input(label_text(f"{named(say, one, desk.scenario)}, %"), stands, key=key)
            st.form_submit_button(say("Set together"), on_click=take, args=(desk, say, name, parts))
            if refusal:
                st.error(why(refusal.problems, desk.scenario, say), icon=":material/error:")
    return {*found}


def paths_of(parts: list[Share]) -> list[str]:
    """Return the paths of the members' own values."""
    return [needed.path(one) for needed, one in parts]


def held(scenario: Scenario, part: Share) -> Assumption:
    """Return the assumption that holds for a share."""
    needed, member = part
    return scenario.assumption_of(needed.name, member)


@whole
def take(desk: Desk, say: Words, name: str, parts: list[Share]) -> None:
    """Set the shares that were typed, all at once."""
    typed = {path: str(st.session_state[f"together:{path}"]).strip() for path in paths_of(parts)}

    def edit(scenario: Scenario) -> Scenario:
        literals: dict[str, Any] = {}
        for part, (path, text) in zip(parts, typed.items(), strict=True):
            before = held(scenario, part)
            if text != field_text(before, part[0], say):
                literals[path] = typed_literal(text, before, scenario.start)
        return scenario.with_values(literals) if literals else scenario

    desk.change(name, [*typed.values()], edit)
