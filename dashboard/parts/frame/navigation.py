"""The menu: every page in one click, first in the sidebar, or above the page where the sidebar is folded away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from dashboard.parts.words import escape

Sections = Mapping[str, Sequence[Any]]
FADES_AFTER_SECONDS = 1
ABOVE, BESIDE = "menu-above", "menu-beside"
# What an address says of whose numbers a page shows, and how; the rest belongs to one page.
CARRIED = ("draft", "example", "lang")
# Streamlit folds the sidebar away on a narrow screen, where the keyboard would still walk through it unseen. There, two
# tiles stand side by side and would cut off an amount such as US$404,484, as others do a title or US$0.0000186. The
# longest title is bold on its own page. On a phone the sidebar lies over the page, and a link in it would change what
# nobody sees. The tools of a table always stand above it where nothing hovers, and would cover the sentence there.
# Streamlit fades what a run has not drawn yet over a second, which takes a browser without a graphics card half a
# processor while the trials run; it fades in one step, and after an edit's usual time. The frame, drawn after the page,
# does not fade: it can be used all the while.
STYLE = f"""<style>
[data-testid="stSidebar"][data-collapsed="true"] > * {{ display: none; }}
@media (min-width: 768px) {{
  body:has([data-testid="stSidebar"][data-collapsed="false"]) .st-key-{ABOVE} {{ display: none; }} }}
@media (max-width: 767.98px) {{ .st-key-{BESIDE} {{ display: none; }} }}
[data-testid="stSidebar"] [data-testid="stPageLink-NavLink"] {{ padding-inline: 0.25rem; }}
[data-testid="stMetric"] :is([data-testid="stMetricLabel"], [data-testid="stMetricValue"]) * {{
  white-space: normal; overflow-wrap: anywhere; }}
@media (max-width: 1400px) {{ [data-testid="stMetricValue"] {{ font-size: 1.5rem; }} }}
@media (max-width: 640px) {{
  [data-testid="stMetricValue"] {{ font-size: 1.35rem; }}
  [data-testid="stButtonGroup"] [role="radiogroup"] {{ flex-wrap: wrap; row-gap: 0.25rem; }} }}
[data-testid="stElementContainer"][data-stale="true"] {{ transition: opacity 0s {FADES_AFTER_SECONDS}s !important; }}
details, summary {{ transition-duration: 0s !important; }}
:is([data-testid="stSidebar"], .st-key-{ABOVE}) :is([data-stale="true"], summary) {{ opacity: 1 !important; }}
@media (hover: none) {{ :has(> [data-testid="stElementToolbar"]) {{ margin-top: 2.75rem; }} }}
</style>"""


def beside(sections: Sections) -> None:
    """Draw a link to each page under the title of its section; a section of one page needs none."""
    st.html(STYLE)
    with st.container(key=BESIDE, gap="xxsmall"):
        for section, entries in sections.items():
            if len(entries) > 1:
                st.markdown(f":small[**{escape(section)}**]")
            with st.grid(2, min_column_width=100, gap="xxsmall"):
                for page in entries:
                    st.page_link(page, width="stretch", query_params=carried())


def carried() -> dict[str, str]:
    """Return what the address of every page has: from it, a server learns what a session that it lost has shown."""
    return {name: st.query_params[name] for name in CARRIED if name in st.query_params}


def above(sections: Sections) -> None:
    """Draw the same links in rows above the page, in sight while the sidebar is folded away."""
    with st.container(key=ABOVE, gap="xxsmall"):
        for entries in sections.values():
            with st.container(horizontal=True, gap="xxsmall"):
                for page in entries:
                    st.page_link(page, query_params=carried())
