"""Where a value comes from: a small form for its source, date, kind of evidence and note, and comments below it."""

from __future__ import annotations

from zlib import crc32

import streamlit as st

from dashboard.desk.desk import Desk
from dashboard.desk.whole import unstopped
from dashboard.parts.choices import select
from dashboard.parts.explaining.naming import named
from dashboard.parts.shaping.comments import comments
from dashboard.parts.shaping.steps import step, told
from dashboard.parts.words import Words, escape
from simulator.scenario.assumption import Assumption
from simulator.scenario.shaping.origins import with_origin

# The kinds of evidence that can be claimed by hand; only a reference to a record is measured.
CLAIMS = {"": "As source and date say", "calibrated": "calibrated", "published": "published", "assumed": "assumed"}


def origin_form(desk: Desk, say: Words, assumption: Assumption) -> None:
    """Draw a button that opens the origin of an assumption; nothing is drawn inside until it is opened."""
    path = assumption.path
    opened = f"origin-open:{path}"
    with st.popover(
        say("Source"), key=opened, on_change="rerun", type="tertiary", icon=":material/link:",
        help=say("Source, date, evidence and note of this value, and comments on it"),
    ) as popover:  # fmt: skip
        if not popover.open:
            return
        held = desk.scenario.assumptions.get(path, assumption)
        st.markdown(f"**{say('Where does this value come from?')}**")
        # The state of the fields belongs to one origin, so that they show another after an undo.
        version = f"{crc32(repr((held.source, held.as_of, held.evidence, held.note)).encode()):x}"
        _fields(desk, say, held, f"origin:{path}:{version}", opened)
        told(desk, say, f"{path}: origin")
        comments(desk, say, path)


def _fields(desk: Desk, say: Words, held: Assumption, key: str, opened: str) -> None:
    with st.form(key, border=False):
        st.text_input(
            say("Source"), held.source, key=f"{key}:source", max_chars=2_000,
            placeholder=say("A link, a paper, an offer, your own count"),
        )  # fmt: skip
        st.text_input(say("As of"), held.as_of, key=f"{key}:as_of", placeholder="2026-11", max_chars=40)
        if held.measured is None:
            implied = "published" if held.source else "assumed"
            claims = list(CLAIMS)
            select(
                say("Evidence"), claims, f"{key}:evidence", lambda claim: say(CLAIMS[claim]),
                index=0 if held.evidence == implied else claims.index(held.evidence),
                help=say("A value with a source and a date is published; calibrated means fitted to measurements."),
            )  # fmt: skip
        st.text_area(say("Note"), held.note, key=f"{key}:note", max_chars=2_000, height=80)
        st.form_submit_button(say("Save the source"), on_click=_typed, args=(desk, say, held, key, opened))


@unstopped
def _typed(desk: Desk, say: Words, held: Assumption, key: str, opened: str) -> None:
    typed = {name: st.session_state.get(f"{key}:{name}") or "" for name in ("source", "as_of", "evidence", "note")}
    made = step(
        desk,
        f"{held.path}: origin",
        lambda scenario: with_origin(scenario, held.path, **typed),
        lambda _: "",
    )
    st.session_state[opened] = not made
    if made:  # the form has closed, so what was done is said over the page
        name = escape(named(say, held, desk.scenario))
        st.toast(say("The source of {name} is saved.", name=name), icon=":material/check:")
