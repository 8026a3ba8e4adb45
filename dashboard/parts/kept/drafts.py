"""The drafts of this browser: a list to open them from, and the bin."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.desk.ageing import BIN_DAYS, DRAFT_DAYS
from dashboard.desk.desk import Desk
from dashboard.desk.drafts import Summary
from dashboard.desk.permission import READ_ONLY_TEXT, may_write
from dashboard.desk.uploads import Arrived
from dashboard.desk.whole import unstopped
from dashboard.parts.tiles import small
from dashboard.parts.words import Words, escape

# Session key: whether the list stands over the page, which a redrawn page would close otherwise.
SHOWN = "drafts-shown"
# Session key: how often the menu File was closed.
MENUS = "menus"
# More would hide what is below the list; older drafts follow as these are discarded or age out.
MOST_LISTED = 20


def drafts(desk: Desk, say: Words, place: str = "page") -> None:
    """List the drafts of this browser to open or discard, and the bin to restore them from.

    `place` sets the list on a page apart from the one over it.
    """
    if not may_write():
        small(say(READ_ONLY_TEXT))
        return
    found, binned = desk.drafts(), desk.shelf.binned()
    if not found:
        small(say("No drafts yet: the first change makes one."))
    for one in found[:MOST_LISTED]:
        _entry(one, desk, say, place)
    _older(found, say)
    if binned:
        title = say("Bin: 1 draft") if len(binned) == 1 else say("Bin: {count} drafts", count=str(len(binned)))
        with st.expander(title, icon=":material/delete:", key=f"bin:{place}"):
            for one in binned[:MOST_LISTED]:
                _in_bin(one, desk, say, place)
            _older(binned, say)
    days = {"drafts": str(DRAFT_DAYS), "bin": str(BIN_DAYS)}
    small(say("Drafts belong to this browser. One without changes for {drafts} days goes to the bin, and is deleted "
              "{bin} days later.", **days))  # fmt: skip


def _older(found: Sequence[Summary], say: Words) -> None:
    """Say how many drafts a list does not show."""
    if (more := len(found) - MOST_LISTED) > 0:
        one = say("1 older draft is not shown.")
        small(one if more == 1 else say("{count} older drafts are not shown.", count=str(more)))


def dialog(desk: Desk, say: Words) -> None:
    """Open the list of drafts over the page."""
    st.dialog(say("Drafts"), width="medium", on_dismiss=_closed)(drafts)(desk, say, "over")


def close_menu() -> None:
    """Close the menu File, which would cover what was opened: under another key it is a new one."""
    st.session_state[MENUS] = st.session_state.get(MENUS, 0) + 1


def _closed() -> None:
    st.session_state[SHOWN] = False


def _entry(one: Summary, desk: Desk, say: Words, place: str) -> None:
    """Draw a draft with its title, time and number of changes."""
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        told(one, say)
        if one.id == st.session_state.address:
            small(say("Open now"))
            return
        with st.container(horizontal=True, width="content"):
            if st.button(say("Open"), key=f"{place}:draft:{one.id}", help=escape(one.file)):
                desk.take_up(one.id)
                _closed()
                st.rerun()
            if st.button(say("Discard"), key=f"{place}:discard:{one.id}", help=say("Move to the bin")):
                desk.discard(one.id)
                st.rerun()


def _in_bin(one: Summary, desk: Desk, say: Words, place: str) -> None:
    """Draw a discarded draft with the way back."""
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        told(one, say)
        if st.button(say("Restore"), key=f"{place}:from-bin:{one.id}"):
            desk.bring_back(one.id)
            st.rerun()


def told(one: Summary, say: Words) -> None:
    """Write the title of a draft and, below it, when it was changed last and how often."""
    when = say.moment(one.updated.astimezone())
    text = (
        say("{when}, 1 change", when=when)
        if one.changes == 1
        else say("{when}, {count} changes", when=when, count=str(one.changes))
    )
    st.markdown(f"**{escape(one.title)}**  \n:small[{escape(text)}]", width="content")


def missing(desk: Desk, say: Words) -> None:
    """Say that the draft in the address is gone, and where to look for it."""
    if desk.is_lost:
        text = "The draft in this address is gone: it was saved under a name, discarded, or deleted for its age."
        st.warning(say(text), icon=":material/link_off:")
        small(say("Your scenarios, your drafts and the bin are in the menu File."))


def offer(desk: Desk, say: Words) -> None:
    """Say in one line what becomes of changes, where that is not as usual, what came, or offer the last changed draft.

    The offer stays until the reader opens the draft, dismisses it, or changes anything; so does what came.
    """
    if not may_write():
        small(say(READ_ONLY_TEXT))
    elif desk.is_copy:
        small(say("This is a copy of the draft in the address: your first change keeps it as your own."))
    name, arrived = st.session_state.get("arrived", ("", None))
    if arrived and name == desk.draft.id and not desk.draft.is_changed:
        small(what_came(arrived, say))
    if (one := desk.offered) is None:
        return
    when = say.moment(one.updated.astimezone())
    text = say("You changed {title} on {when}; all drafts are in the menu File.", title=one.title, when=when)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f":small[{escape(text)}]", width="content")
        st.button(say("Continue"), on_click=_continued, args=(desk, one.id), type="tertiary", key="restore")
        st.button(say("Dismiss"), on_click=desk.decline, type="tertiary", key="dismiss")


def what_came(arrived: Arrived, say: Words) -> str:
    """Return what an upload brought."""
    count, told = arrived.records, []
    if arrived.scenario:
        told.append(say("{file} is open.", file=arrived.scenario))
    if arrived.is_bundle:
        told.append(say("No file in the bundle was changed since it was made."))
    if count:
        one = say("1 measurement came along.")
        told.append(one if count == 1 else say("{count} measurements came along.", count=str(count)))
    return " ".join(told)


@unstopped
def _continued(desk: Desk, draft_id: str) -> None:
    desk.decline()
    desk.take_up(draft_id)
