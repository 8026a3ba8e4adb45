"""The versions of the open scenario: every state that was saved, to restore from a list."""

from __future__ import annotations

import streamlit as st

from dashboard.desk.desk import Desk
from dashboard.desk.files import own_stem
from dashboard.desk.permission import may_write
from dashboard.desk.versions import Version, versions
from dashboard.desk.whole import unstopped
from dashboard.parts.explaining.refusals import why
from dashboard.parts.kept.drafts import close_menu
from dashboard.parts.tiles import small
from dashboard.parts.words import Words, escape
from simulator.scenario.reading import parse

# Session key: whether the list stands over the page, which a redrawn page would close otherwise.
SHOWN = "versions-shown"
# More would not fit on a screen; older ones stay on disk.
MOST_LISTED = 20


def button(desk: Desk, say: Words) -> None:
    """Draw the button that opens the list; only scenarios that the reader has saved have versions."""
    look = {"icon": ":material/layers:", "width": "stretch", "disabled": not (may_write() and own_stem(desk))}
    st.button(say("Versions"), key="versions", on_click=_opened, **look)


def dialog(desk: Desk, say: Words) -> None:
    """Open the list of versions over the page."""
    st.dialog(say("Versions"), width="medium", on_dismiss=_closed)(_listing)(desk, say)


@unstopped
def _opened() -> None:
    st.session_state[SHOWN] = True
    close_menu()


def _closed() -> None:
    st.session_state[SHOWN] = False


def _listing(desk: Desk, say: Words) -> None:
    found = list(versions(own_stem(desk)))
    if not found:
        small(say("No versions yet: each time you save the scenario makes one."))
    for one in found[:MOST_LISTED]:
        _entry(one, desk, say)
    if len(found) > MOST_LISTED:
        small(say("{count} older versions are not shown.", count=str(len(found) - MOST_LISTED)))
    small(say("Restoring is one change of the scenario, which can be undone. The page Compare puts any version beside "
              "the scenario."))  # fmt: skip


def _entry(one: Version, desk: Desk, say: Words) -> None:
    """Draw a version with its name and time, and the way back to it."""
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        when = say.moment(one.saved.astimezone())
        told = f"**{escape(one.name)}**  \n:small[{escape(when)}]" if one.name else f":small[{escape(when)}]"
        st.markdown(told, width="content")
        if one.text == desk.scenario.text and not desk.scenario.edits:
            small(say("Open now"))
        elif st.button(say("Restore"), key=f"version:{one.id}"):
            _restore(one, desk, say)


def _restore(one: Version, desk: Desk, say: Words) -> None:
    """Make the version the scenario, as one step; one that cannot be computed any more is refused with the reason."""
    name, scenario = "Version restored", desk.scenario
    if desk.change(name, one.id, lambda _: parse(one.text, scenario.folder, scenario.file)):
        _closed()
        st.rerun()
    reason = why(desk.refused[name].problems, scenario, say)
    st.error(f"{escape(say('This version cannot be restored.'))} {reason}")
