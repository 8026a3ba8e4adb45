"""Tables of a finished plan: amounts to the unit, a first column that stays, totals set apart, and files of them."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable, Sequence
from typing import Any

import pandas as pd
import streamlit as st
from babel.numbers import format_decimal

from dashboard.parts.words import Words

# What makes a spreadsheet take a text for a formula when it opens a file.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
# Wide enough for a title, and narrow enough to leave a phone room for a column beside it.
FIRST_COLUMN_PIXELS = 196
# What a bold digit takes, and the room around the text of a cell.
DIGIT_PIXELS, PADDING_PIXELS = 7.4, 22


def whole(say: Words, value: float) -> str:
    """An amount to the unit, as accountants and cap tables have it: 1,234,567."""
    return format_decimal(round(value), locale=say.locale)


def show(frame: pd.DataFrame, alt: str, *, texts: Collection[str] = (), totals: Collection[int] = ()) -> None:
    """A table whose first column stays in sight; all columns but it and `texts` stand to the right.

    `totals` are the positions of rows that are set apart.
    """
    first, *others = frame.columns
    config: dict[str, Any] = {first: st.column_config.TextColumn(pinned=True, width=FIRST_COLUMN_PIXELS)}
    for name in others:
        if name not in texts:
            longest = max((len(text) for text in frame[name]), default=0)
            # The browser guesses widths too low where amounts are longer than their heading.
            width = round(longest * DIGIT_PIXELS + PADDING_PIXELS) if longest > len(name) else None
            config[name] = st.column_config.TextColumn(alignment="right", width=width)
    bold = frame.style.apply(lambda row: ["font-weight: bold" if row.name in totals else ""] * len(row), axis=1)
    st.dataframe(bold if totals else frame, hide_index=True, column_config=config, alt=alt, height="content")


def as_csv(head: Sequence[str], rows: Iterable[Sequence[str | float]]) -> bytes:
    """A file for a spreadsheet: numbers to the cent, and no text that it could take for a formula."""
    content = io.StringIO()
    writer = csv.writer(content)
    writer.writerow(map(defused, head))
    writer.writerows([defused(cell) if isinstance(cell, str) else f"{cell:.2f}" for cell in row] for row in rows)
    # The mark at the head lets Excel read names with accents.
    return content.getvalue().encode("utf-8-sig")


def defused(text: str) -> str:
    """A text that a spreadsheet shows as it stands."""
    return f"'{text}" if text.startswith(FORMULA) else text
