"""The menu: every page in one click, first in the sidebar, or above the page where the sidebar is folded away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from dashboard.parts.words import escape

Sections = Mapping[str, Sequence[Any]]
# Streamlit folds the sidebar away on a screen of at most this width; then the menu stands above the page.
FOLDED_PIXELS = 768
NARROW = "menu-above"
ONLY_NARROW = f"<style>@media (min-width: {FOLDED_PIXELS + 1}px) {{ .st-key-{NARROW} {{ display: none; }} }}</style>"


def beside(sections: Sections) -> None:
    """Draw a link to each page under the title of its section; a section of one page needs none."""
    for section, entries in sections.items():
        if len(entries) > 1:
            st.markdown(f":small[**{escape(section)}**]")
        with st.grid(2, min_column_width=100, gap="xxsmall"):
            for page in entries:
                st.page_link(page, width="stretch")


def above(sections: Sections) -> None:
    """Draw the same links in rows, seen on a narrow screen alone."""
    st.html(ONLY_NARROW)
    with st.container(key=NARROW, gap="xxsmall"):
        for entries in sections.values():
            with st.container(horizontal=True, gap="xxsmall"):
                for page in entries:
                    st.page_link(page)
