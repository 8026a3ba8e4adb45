"""Start: what Breakeven is, and three ways in: eight questions, an example, or a file."""

from __future__ import annotations

import streamlit as st

from dashboard.desk.desk import Desk
from dashboard.desk.examples import Example, examples
from dashboard.parts import menu
from dashboard.parts.kept.drafts import drafts
from dashboard.parts.questions import form
from dashboard.parts.tiles import small
from dashboard.parts.words import Words, escape

QUESTIONS, EXAMPLE, FILE = "questions", "example", "file"
WAYS = {QUESTIONS: "Answer eight questions", EXAMPLE: "Start from an example", FILE: "Open a file"}


def page(desk: Desk, say: Words) -> None:
    """Say what this is, and draw the way in that is chosen."""
    st.markdown(
        say(
            "Breakeven plans a startup that builds on large language models: what to charge, whom to hire, and when "
            "the money runs out. Each number says whether it was measured, published or assumed, and its uncertainty "
            "runs through to the answer."
        )
    )
    way = st.segmented_control(
        say("How do you want to begin?"),
        list(WAYS),
        default=QUESTIONS,
        required=True,
        format_func=lambda one: say(WAYS[one]),
        key="way",
        persist_state="session",
    )
    if way == EXAMPLE:
        with st.grid(3, min_column_width=280, gap="medium"):
            for one in examples():
                _example(one, desk, say)
    elif way == FILE:
        menu.upload(desk, say)
    else:
        form(desk, say)
    if desk.drafts():
        st.header(say("Drafts"), anchor=False)
        drafts(desk, say)


def _example(one: Example, desk: Desk, say: Words) -> None:
    with st.container(border=True, height="stretch", gap="xsmall"):
        st.markdown(f"**{escape(one.name)}**")
        st.markdown(escape(say(f"{one.sells}.")))
        small(say(f"{one.story}."))
        st.button(
            say("Open {name}", name=one.name),
            on_click=menu.open_file,
            args=(desk, one.path),
            key=f"open:{one.path.stem}",
        )
