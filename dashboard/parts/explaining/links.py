"""Links to the page Explain: its address names the number and the month, so that a link can be kept and sent."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

import streamlit as st

from dashboard.parts.words import Words, escape

# The page that explains a number.
WHY = "why"
NUMBER, MONTH, MONTHS = "number", "month", "months"
MONTH_IN_ADDRESS = re.compile(r"(\d{4})-(\d{2})")


@dataclass(frozen=True)
class Step:
    """A number to explain: its key, its month counted from 0, and of a sum how many months end with that month."""

    key: str
    month: int
    span: int = 1


def page() -> Any:
    """Return the page Explain as a target; Streamlit identifies a page by its path, so a placeholder will do."""
    return st.Page(lambda: None, url_path=WHY, title=WHY)


def address(step: Step, start: date) -> dict[str, str]:
    """Return the query of the page that explains a number; what else stands in the address stays there."""
    kept = {name: text for name, text in st.query_params.to_dict().items() if name not in (NUMBER, MONTH, MONTHS)}
    year, month = divmod(start.month - 1 + step.month, 12)
    own = {NUMBER: step.key, MONTH: f"{start.year + year}-{month + 1:02}"}
    return kept | own | ({MONTHS: str(step.span)} if step.span > 1 else {})


def from_address(start: date, months: int) -> Step | None:
    """Return the number that the address names, by default in the last month; None where it names none."""
    given = st.query_params.to_dict()
    if NUMBER not in given:
        return None
    found = MONTH_IN_ADDRESS.fullmatch(given.get(MONTH, ""))
    month = 12 * (int(found[1]) - start.year) + int(found[2]) - start.month if found else months - 1
    # A start or a length that has changed since the link was made leaves its month out of range.
    month = min(max(month, 0), months - 1)
    span = int(text) if (text := given.get(MONTHS, "")).isdecimal() and len(text) < 5 else 1
    return Step(given[NUMBER], month, min(max(span, 1), month + 1))


def go(step: Step, start: date) -> None:
    """Show another number on the page Explain; the browser's Back leads back."""
    st.query_params.from_dict(address(step, start))


def link(label: str, step: Step, say: Words, **more: Any) -> None:
    """Draw a link to the explanation of a number; `more` goes to the link."""
    look = {"icon": ":material/account_tree:", **more}
    st.page_link(page(), label=escape(label), query_params=address(step, say.start), **look)
