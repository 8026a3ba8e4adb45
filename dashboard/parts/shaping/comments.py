"""Comments on an assumption: what readers said, and a field to say more; they travel with the scenario."""

from __future__ import annotations

from datetime import date

import streamlit as st

from dashboard.desk.desk import Desk
from dashboard.desk.whole import unstopped
from dashboard.parts.shaping.steps import step, told
from dashboard.parts.tiles import small
from dashboard.parts.words import Words, escape
from simulator.scenario.comments import LONGEST, Comment
from simulator.scenario.shaping.comments import with_comment, without_comment

# Session key: the name under which this reader comments, kept from one comment to the next.
AUTHOR = "comment-by"


def comments(desk: Desk, say: Words, path: str) -> None:
    """Draw the comments on an assumption, each with a way to remove it, and a form for another one."""
    found = [one for one in desk.scenario.comments if one.on == path]
    st.markdown(f"**{say('Comments')}**")
    if not found:
        small(say("Nobody has commented on this value yet."))
    for place, one in enumerate(found):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.markdown(said(one), width="stretch")
            st.button(
                say("Remove"), key=f"uncomment:{path}:{place}", on_click=_removed, args=(desk, one), type="tertiary"
            )
    with st.form(f"comment:{path}:{len(found)}", border=False):
        st.text_input(
            say("Your name"), st.session_state.get(AUTHOR, ""), key=f"comment-by:{path}", max_chars=LONGEST["by"]
        )
        st.text_area(say("Comment"), key=f"comment-text:{path}:{len(found)}", max_chars=LONGEST["text"], height=80)
        st.form_submit_button(say("Add the comment"), on_click=_added, args=(desk, path, len(found)))
    told(desk, say, _name(path))


def said(one: Comment) -> str:
    """Return a comment in Markdown, whoever wrote it, with its author and date below."""
    below = ", ".join(filter(None, (one.by, one.date)))
    return escape(one.text) + (f"  \n:small[{escape(below)}]" if below else "")


def _name(path: str) -> str:
    return f"{path}: comment"


@unstopped
def _added(desk: Desk, path: str, count: int) -> None:
    by, text = (st.session_state.get(key) or "" for key in (f"comment-by:{path}", f"comment-text:{path}:{count}"))
    st.session_state[AUTHOR] = by
    comment = Comment(path, by, date.today().isoformat(), text)
    step(desk, _name(path), lambda scenario: with_comment(scenario, comment), lambda _: "")


def _removed(desk: Desk, one: Comment) -> None:
    step(desk, _name(one.on), lambda scenario: without_comment(scenario, one), lambda _: "")
