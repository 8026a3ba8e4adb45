"""The eight questions as fields. An empty field stands for its default, which is shown in grey."""

from __future__ import annotations

from itertools import groupby
from typing import Any

import streamlit as st

from dashboard.desk.desk import Desk, problems_of
from dashboard.desk.files import new_folder
from dashboard.desk.whole import whole
from dashboard.parts.choices import select
from dashboard.parts.explaining.refusals import why
from dashboard.parts.tiles import small
from dashboard.parts.words import Words, escape
from simulator.begin.answers import read, understood
from simulator.begin.questions import Field, fields, questions
from simulator.begin.writing import file_name, scenario_text
from simulator.errors import AnswersError, BreakevenError, Problem
from simulator.scenario.cards.catalogue import cards


def form(desk: Desk, say: Words) -> None:
    """Draw all questions on one page, and the button that makes the company."""
    small(
        say(
            "Grey values are used unless you type your own. Amounts may be typed as 500,000, 500k or $0.5M; "
            "what is uncertain may be a range, such as 500k to 1M."
        )
    )
    answers, faults = understood(_typed())
    wrong = {fault.key: fault for fault in faults}
    for question in questions():
        with st.container(border=True):
            st.header(f"{question.number}. {say(question.title)}", anchor=False)
            small(say(question.asks))
            asked = [one for one in question.fields if one.asked(answers)]
            for is_choice, group in groupby(asked, key=lambda one: one.kind == "choice"):
                # A choice is a sentence, which a third of the page would cut off.
                with st.grid(1 if is_choice else 3, min_column_width=240, gap="medium"):
                    for one in group:
                        with st.container(gap="xsmall"):
                            _field(one, answers, say)
                            if fault := wrong.get(one.key):
                                problem = Problem("", 0, fault.what, fault.todo)
                                st.error(why([problem], desk.scenario, say), icon=":material/error:")
    if faults:
        st.error(say("Correct the answers that are marked, then make the company."), icon=":material/error:")
    elif (refused := st.session_state.get("begin-refused")) and refused[0] == _typed():
        st.error(why(refused[1], desk.scenario, say), icon=":material/error:")
    look = {"key": "make", "type": "primary", "icon": ":material/rocket_launch:"}
    st.button(say("Make the company"), on_click=_make, args=(desk, say), **look)


def _key(one: Field) -> str:
    return f"begin:{one.key}"


def _typed() -> dict[str, Any]:
    """Return what was typed so far; what is kept of fields that are no longer asked does not count."""
    kept = {one.key: st.session_state.get(_key(one)) for one in fields().values()}
    typed = {key: text for key, text in kept.items() if text}
    answers, _ = understood(typed)
    return {key: text for key, text in typed.items() if key in answers}


def _field(one: Field, answers: dict[str, Any], say: Words) -> None:
    default = one.default_for(answers)
    # Labels are texts of our own. Escaped, a screen reader would read their hyphens with a backslash.
    currency, unit = one.unit_parts(answers)
    label = say.beside(say(one.label_for(answers)), " ".join(filter(None, (currency, say(unit)))))
    look: dict[str, Any] = {"key": _key(one), "help": escape(say(str(one.says))) or None, "persist_state": "session"}
    if one.kind in {"choice", "card"}:

        def named(key: str) -> str:
            return say(one.options[key]) if one.options else key

        select(
            label,
            list(one.options or cards()),
            named=named,
            index=None,
            placeholder=named(default),
            **look,
        )
    else:
        st.text_input(label, placeholder=say(default) if one.kind == "text" else _shown(default), **look)


def _shown(default: Any) -> str:
    return f"{default:,.12g}" if isinstance(default, float | int) else str(default or "")


@whole
def _make(desk: Desk, say: Words) -> None:
    """Open the company that the answers describe; a refusal is kept, to be shown until an answer changes."""
    typed = _typed()
    try:
        answers = read(typed)
        names = {key: say(answers[key]) for key in ("name", "product") if key not in typed}
        desk.open(f"{file_name(answers)}.yaml", scenario_text({**typed, **names}, say), new_folder())
    except AnswersError:
        return  # each answer that cannot be used is marked
    except BreakevenError as error:
        st.session_state["begin-refused"] = typed, problems_of(error)
