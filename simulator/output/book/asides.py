"""What no formula computes: the trials, the cap table and the verdict, as they were when the workbook was written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from simulator.answers.projection import Projection
from simulator.engine.model import Array
from simulator.output.book.excel import Book, Page, Style
from simulator.output.book.grid import FIRST, TOP
from simulator.output.book.inputs import CHANGED
from simulator.output.book.pages import month_page, print_months
from simulator.output.plain import captable_json

TRIALS, CAP_TABLE = "Simulated trials", "Cap table"
STALE = "Values as sent: they do not follow changes of the inputs."
MONEY = Style("value", "#,##0")
# Where the percentiles of cash stand on the page of the trials, for the chart.
RUIN = "Chance of having run out of cash"
BANDS = {"Cash, P5": 0, "Cash, median": 1, "Cash, P95": 2}


def stale(page: Page, row: int, column: int) -> None:
    """Write a warning that appears once inputs were changed."""
    said = "Inputs were changed, and these values were not computed again."
    page.formula(row, column, f'=IF({CHANGED}>0,"{said}","")', "", Style("check"))


def trials(book: Book, projection: Projection) -> None:
    """Add the page of the trials: percentiles of cash, and the chance of running out of it, by month."""
    page = month_page(book, TRIALS, STALE, projection.dates, "#BFBFBF")
    stale(page, 2, FIRST - 2)
    cash, row = projection.series["cash"], TOP
    shown: dict[str, Array] = {}
    if projection.trials:
        shown |= dict(zip(BANDS, (cash.p05, cash.p50, cash.p95), strict=True))
    if not np.isnan(projection.ruin[-1]):
        shown[RUIN] = projection.ruin
    for row, (title, values) in enumerate(shown.items(), TOP):
        page.texts(row, 0, (title, "", "share" if title == RUIN else projection.currency))
        for column, value in enumerate(values, FIRST):
            page.number(row, column, float(value), Style("value", "0.0%") if title == RUIN else MONEY)
    drawn, judged = projection.trials, projection.figures.outcomes.trials
    page.text(row + 2, 0, f"{drawn:,} trials behind the percentiles, {judged:,} behind the chances and the verdict")
    for place, sentence in enumerate(verdict_of(projection), row + 4):
        page.text(place, 0, sentence)
    print_months(page, len(projection.dates))


def verdict_of(projection: Projection) -> Iterator[str]:
    """Yield the verdict as sentences: the grade, why, and what would change it."""
    verdict = projection.verdict
    between = f" between {' and '.join(verdict.between)}" if verdict.between else ""
    yield f"{verdict.grade.capitalize()}{between}. {verdict.sentence}"
    yield from map(str, verdict.reasons)
    if verdict.changes:
        yield f"To reach {str(verdict.next_grade).capitalize()}:"
        yield from map(str, verdict.changes)


def cap_table(book: Book, projection: Projection) -> None:
    """Add the page of who owns the company after each event, and what a sale in the last month pays."""
    page = book.page(CAP_TABLE, "#BFBFBF")
    page.text(0, 0, CAP_TABLE, "title")
    page.text(1, 0, STALE, "small")
    page.link(2, 0, "Cover", "← Cover")
    stale(page, 2, 1)
    page.widths(34, 16, 14, 14, 14)
    shown = captable_json(projection.ledger)
    row = TOP
    for table in shown["tables"] or ():
        row = _owners(page, row, table)
    if shown["exit"]:
        row = _sale(page, row, shown["exit"], projection.currency)
    if shown["why"]:
        page.text(row, 0, shown["why"])
    page.sheet.freeze_panes(TOP, 1)
    page.print_as(1, TOP)


def _owners(page: Page, row: int, table: dict[str, Any]) -> int:
    """Write the holders after one event; return the next free row."""
    price = "" if table["price"] is None else f", price {table['price']:,.4f}"
    page.texts(row, 0, (f"Month {table['month']}, after {table['event']}{price}", "Shares", "Ownership"), "head")
    for holder, shares in table["shares"].items():
        row += 1
        page.text(row, 0, holder)
        page.number(row, 1, shares, MONEY)
        page.number(row, 2, table["ownership"][holder], Style("value", "0.00%"))
    for name in table["unconverted"]:
        row += 1
        page.texts(row, 0, (name, "not converted"))
    return row + 2


def _sale(page: Page, row: int, sale: dict[str, Any], currency: str) -> int:
    """Write what a sale pays each holder; return the next free row."""
    title = f"Sold in month {sale['month']} for {sale['value']:,.0f} {currency}; lenders get {sale['debt_paid']:,.0f}"
    page.texts(row, 0, (title, "Payout", "Multiple", "IRR a year"), "head")
    for holder, amount in sale["payouts"].items():
        row += 1
        page.text(row, 0, holder)
        page.number(row, 1, amount, MONEY)
        earned = sale["returns"].get(holder, {})
        for column, (name, form) in enumerate((("moic", '0.00"x"'), ("irr", "0.0%")), 2):
            if earned.get(name) is not None:
                page.number(row, column, earned[name], Style("value", form))
    return row + 2
