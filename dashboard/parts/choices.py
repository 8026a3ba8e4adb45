"""Choices that survive a switch of pages: one of a few titles as a row of buttons, one of many in a list."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import streamlit as st

from dashboard.desk.whole import unstopped
from dashboard.parts.values.shown import Shown
from dashboard.parts.words import Words, escape

Key = TypeVar("Key", bound=str)
Option = TypeVar("Option")


def one_of(
    say: Words, label: str, titles: Mapping[Key, str], key: str, default: Key | None = None, *, translated: bool = True
) -> Key:
    """Return the chosen key of `titles`, by default the first; titles from a file are not translated."""
    return st.segmented_control(
        label,
        list(titles),
        default=next(iter(titles)) if default is None else default,
        required=True,
        format_func=lambda name: say(titles[name]) if translated else escape(titles[name]),
        key=key,
        persist_state="session",
    )


def select(
    label: str, options: Sequence[Option], key: str, named: Callable[[Option], str] = str, **more: Any
) -> Option:
    """Return one of many options; `named` gives their titles, `more` goes to the widget."""
    told_again(key, options, named)
    chosen: Option = st.selectbox(label, options, format_func=named, key=key, **more)
    return chosen


def from_list(
    label: str, options: Sequence[Option], key: str, named: Callable[[Option], str] = str, **more: Any
) -> Option:
    """Return one of many options, by default the first, and keep it while other pages are shown.

    What the page itself chose in it (see `choose`) stays, whatever a busy browser still shows there.
    """
    if (known := st.session_state.get(key)) in options:
        more["index"] = options.index(known)  # what a browser shows that was not told what was chosen before
    chosen = select(label, options, key, named, persist_state="session", on_change=_picked, args=(key,), **more)
    stood = st.session_state.get(_stands(key), Shown(chosen))
    st.session_state[_stands(key)] = shown = stood if stood.value == chosen else stood.moved(chosen)
    shown.drawn(is_set=shown is not stood)
    return chosen


def choose(key: str, option: Any) -> None:
    """Choose an option of a list in the reader's place, before the list is drawn: what was uploaded or added."""
    if (stood := st.session_state.get(_stands(key))) is not None:
        st.session_state[_stands(key)] = stood.moved(option)
    st.session_state[key] = option


@unstopped
def _picked(key: str) -> None:
    """Note what somebody chose in a list, and put back what stands there where a browser repeats what stood before."""
    arrived, stood = st.session_state[key], st.session_state[_stands(key)]
    if stood.has(arrived):
        st.session_state[key] = stood.value
    else:
        st.session_state[_stands(key)] = Shown(arrived)


def _stands(key: str) -> str:
    return f"{key}:stands"


def several_from_list(
    label: str, options: Sequence[Option], key: str, named: Callable[[Option], str] = str, **more: Any
) -> list[Option]:
    """Return any number of many options, by default none, and keep them while other pages are shown."""
    told_again(key, options, named)
    chosen: list[Option] = st.multiselect(label, options, format_func=named, key=key, persist_state="session", **more)
    return chosen


def told_again(key: str, options: Sequence[Option], named: Callable[[Option], str]) -> None:
    """Tell the browser what is chosen if its title has changed: a member was renamed, or the language switched.

    A browser sends what is chosen in a list by its title with every event. Streamlit takes a title that it no longer
    knows for a choice that is none, and one that now belongs to another option for that option.
    """
    known, titles = st.session_state.get(key), f"{key}:titles"
    picked = known if isinstance(known, list) else [known]
    now = [named(one) for one in picked if one in options]
    if now and st.session_state.get(titles, now) != now:
        st.session_state[key] = known
    st.session_state[titles] = now


def several(
    label: str, options: Sequence[Option], key: str, named: Callable[[Option], str] = str, **more: Any
) -> list[Option]:
    """Return any number of options, by default none; `more` goes to the widget."""
    look = {"selection_mode": "multi", "format_func": named, **more}
    chosen: list[Option] = st.pills(label, options, key=key, persist_state="session", **look)
    return chosen


def month_of(say: Words, label: str, months: int, key: str) -> int:
    """Return a month of the projection, by default the last."""
    return from_list(label, range(months), key, say.month_number, index=months - 1, width=260)
