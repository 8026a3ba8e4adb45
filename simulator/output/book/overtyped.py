"""Rows of formulas that somebody typed over: a cell in them does not hold the row's own formula.

A row has the same formula in every month but for the columns, so what most of its cells hold is the row's formula,
however the program that saved the file writes it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import cache
from typing import Any

from simulator.output.book.excel import LETTERS


def overtyped(cells: Sequence[Any], first: int) -> list[str]:
    """Return the columns of a row's cells that hold something else than the formula of most of them.

    `cells` are those from column `first` on, counted from 0, and may go beyond the last month; a formula is a text that
    begins with `=`.
    """
    forms = [_form(content, first + place) for place, content in enumerate(cells)]
    months = max((place for place, content in enumerate(cells, 1) if content is not None), default=0)
    if not months:
        return []
    usual, count = Counter(forms[:months]).most_common(1)[0]
    if usual is None or 2 * count <= months:
        return []
    return [LETTERS[first + place] for place, form in enumerate(forms[:months]) if form != usual]


def _form(content: Any, column: int) -> str | None:
    """Return a formula with its own column and the one before by other names; None for what is no formula."""
    if not isinstance(content, str) or not content.startswith("="):
        return None
    return _near(column).sub(lambda found: "@" if found[0] == LETTERS[column] else "<", content)


@cache
def _near(column: int) -> re.Pattern[str]:
    """Return what finds references to a column or to the one before it, but no absolute ones."""
    return re.compile(rf"(?<![\w$.])(?:{LETTERS[column]}|{LETTERS[column - 1]})(?=\$?\d)")
