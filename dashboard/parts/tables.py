"""Tables with whole amounts, a pinned first column and bold totals; and their export as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st
from babel.numbers import format_decimal

from dashboard.parts.explaining.links import Step, link
from dashboard.parts.words import Words, escape


@dataclass(frozen=True)
class Explains:
    """What the cells of a table explain: `step` gives the number behind a row and a column, None where there is none.

    `name` tells the table from others of the page, and from itself with other rows.
    """

    name: str
    say: Words
    step: Callable[[int, int], Step | None]


# A longer table may not fit a screen, so the link stands below it, too.
FEW_ROWS = 12
# A spreadsheet reads text that begins with one of these as a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
# Wide enough for most titles; the widest still leaves a phone room for one more column.
FIRST_COLUMN_PIXELS, WIDEST_COLUMN = 196, 260
# A longer text in a column of numbers makes it so wide that numbers at its right end would be off a phone's screen.
LONGEST_NUMBER = 18
# Width of a bold digit, of a letter in a title, and of the padding around the text of a cell.
DIGIT_PIXELS, LETTER_PIXELS, PADDING_PIXELS = 7.4, 6.4, 22


def whole(say: Words, value: float) -> str:
    """Format an amount without decimals, as in financial statements and cap tables: 1,234,567."""
    return format_decimal(round(value), locale=say.locale)


def show(
    frame: pd.DataFrame,
    alt: str,
    *,
    texts: Collection[str] = (),
    totals: Collection[int] = (),
    explains: Explains | None = None,
) -> None:
    """Draw a table whose first column stays in sight; other columns except `texts` and wide ones are right-aligned.

    `totals` holds the positions of the rows in bold. With `explains`, a chosen cell shows a link to its explanation.
    """
    first, *others = frame.columns
    config: dict[str, Any] = {first: st.column_config.TextColumn(pinned=True, width=first_width(frame[first]))}
    for name in others:
        longest = max((len(text) for text in frame[name]), default=0)
        # The browser makes a column too narrow where its cells are longer than its heading.
        width = round(longest * DIGIT_PIXELS + PADDING_PIXELS) if longest > len(name) else None
        if name in texts or longest > LONGEST_NUMBER:
            config[name] = st.column_config.TextColumn(width=width and min(width, WIDEST_COLUMN))
        else:
            config[name] = st.column_config.TextColumn(alignment="right", width=width)
    bold = frame.style.apply(lambda row: ["font-weight: bold" if row.name in totals else ""] * len(row), axis=1)
    look: dict[str, Any] = {"hide_index": True, "column_config": config, "alt": alt, "height": "content"}
    if explains is None:
        st.dataframe(bold if totals else frame, **look)
        return
    # The link has a place of its own, so that the table does not move when a cell is chosen.
    above = st.container()
    key = f"cells:{explains.name}"
    st.dataframe(bold if totals else frame, key=key, on_select="rerun", selection_mode="single-cell", **look)
    chosen = st.session_state.get(key, {}).get("selection", {}).get("cells") or []
    with above:
        cell_link(frame, chosen, explains)
    if chosen and len(frame) > FEW_ROWS:
        cell_link(frame, chosen, explains)


def cell_link(frame: pd.DataFrame, chosen: Sequence[tuple[int, str]], explains: Explains) -> None:
    """Draw the link to the explanation of the chosen cell, or say that a cell can be chosen."""
    say = explains.say
    for row, column in chosen:
        place = list(frame.columns).index(column) if column in frame.columns else 0
        step = explains.step(row, place) if row < len(frame) else None
        if step is not None:
            head = "" if place == 0 else f", {column}"
            link(say("Explain {cell}", cell=f"{frame.iloc[row, 0]}{head}"), step, say)
            return
    st.markdown(f":small[{escape(say('Choose a cell to explain its number.'))}]")


def first_width(titles: Iterable[str]) -> int:
    """Return the width of the first column that shows the longest of its titles, within limits."""
    longest = max(map(len, titles), default=0)
    return min(max(FIRST_COLUMN_PIXELS, round(longest * LETTER_PIXELS + PADDING_PIXELS)), WIDEST_COLUMN)


def as_csv(head: Sequence[str], rows: Iterable[Sequence[str | float]]) -> bytes:
    """Return a CSV file with numbers to the cent and no text that a spreadsheet could read as a formula."""
    content = io.StringIO()
    writer = csv.writer(content)
    writer.writerow(map(defused, head))
    writer.writerows([defused(cell) if isinstance(cell, str) else f"{cell:.2f}" for cell in row] for row in rows)
    # The byte order mark lets Excel read names with accents.
    return content.getvalue().encode("utf-8-sig")


def defused(text: str) -> str:
    """Return text in a form that a spreadsheet shows literally."""
    return f"'{text}" if text.startswith(FORMULA) else text
