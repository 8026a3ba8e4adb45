"""Choices that survive a switch of pages: one of a few titles as a row of buttons, one of many in a list."""

from collections.abc import Mapping
from typing import TypeVar

import streamlit as st

from dashboard.parts.words import Words, escape

Key = TypeVar("Key", bound=str)


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


def month_of(say: Words, label: str, months: int, key: str) -> int:
    """Return a month of the projection, by default the last."""
    return st.selectbox(
        label,
        range(months),
        index=months - 1,
        format_func=say.month_number,
        key=key,
        persist_state="session",
        width=260,
    )
