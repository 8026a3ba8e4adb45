"""Months as dates, and the number of months in a quarter and a year."""

from __future__ import annotations

from datetime import date

QUARTER, YEAR = 3, 12


def months_from(start: date, months: int) -> tuple[date, ...]:
    """Return the first days of consecutive months from the month of `start` on."""
    counted = range(start.month - 1, start.month - 1 + months)
    return tuple(date(start.year + month // YEAR, month % YEAR + 1, 1) for month in counted)
