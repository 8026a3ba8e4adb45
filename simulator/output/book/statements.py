"""The statements as formulas: by month from the lines, and by fiscal year from the months."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

import numpy as np

from simulator.answers.ledger import Ledger
from simulator.answers.statements import BALANCES, STATEMENTS, TITLES, Row, rows_of
from simulator.engine.dates import YEAR
from simulator.engine.model import Array
from simulator.output.book.excel import LETTERS, NOW, Book, Page, Style, quoted
from simulator.output.book.grid import BEGIN, FIRST, NUMBERS, TOP, Grid
from simulator.output.book.inputs import Inputs
from simulator.output.book.pages import month_page

PAGE, YEARS = "Statements", "By year"
MONEY = "#,##0;-#,##0;–"
# The row of the fiscal years, from 0, and the first row of the statements.
FISCAL, BODY = TOP, TOP + 2


def places() -> dict[tuple[str, str], int]:
    """Return the row, from 0, of each row of the statements by statement and title, on both pages."""
    found, row = {}, BODY
    for name in STATEMENTS:
        row += 1
        for one in rows_of(name):
            found[name, one.title] = row
            row += 1
        row += 1
    return found


class Statements:
    """The two pages of the statements of a base case."""

    def __init__(self, book: Book, grid: Grid, ledger: Ledger, inputs: Inputs, dates: Sequence[date]) -> None:
        self.book, self.grid, self.ledger, self.dates = book, grid, ledger, dates
        self.first_year = inputs.source("first_year_months", 0)[1]
        self.last = LETTERS[FIRST + len(dates) - 1]
        first = int(np.ceil(ledger.assumed("first_year_months")[0])) % YEAR
        self.years = (np.arange(len(dates)) + (-first) % YEAR) // YEAR

    def write(self) -> None:
        """Add both pages."""
        self._months()
        self._years()

    def _months(self) -> None:
        page = month_page(self.book, PAGE, f"In {self.ledger.scenario.currency}; each row sums lines of the model.", self.dates, "#264478")
        page.texts(FISCAL, 0, ("Fiscal year", "", ""), "small")
        month = f"{NOW}${NUMBERS + 1}"
        page.months(FISCAL, FIRST, f"=INT(({month}+MOD(-_xlfn.CEILING.MATH({self.first_year}),{YEAR}))/{YEAR})", self.years.tolist(), Style("formula", "0"))
        for row, one, values in self._rows(page):
            formula = "+".join(self.grid.total(PAGE, line) for line in one.lines)
            page.months(row, FIRST, f"={formula}", values, Style("pull total" if one.total else "pull", MONEY))

    def _rows(self, page: Page) -> Iterator[tuple[int, Row, Array]]:
        """Write the titles of all rows; yield each row with its place and its months."""
        found = places()
        for name in STATEMENTS:
            rows = rows_of(name)
            page.text(found[name, rows[0].title] - 1, 0, TITLES[name], "section")
            for one in rows:
                row = found[name, one.title]
                page.texts(row, 0, (one.title if one.total else f"  {one.title}", "", self.ledger.scenario.currency), "label total" if one.total else "text")
                yield row, one, sum((self.ledger.total(line) for line in one.lines), np.zeros(len(self.dates)))

    def _years(self) -> None:
        """Add the page by fiscal year: flows are sums, balances those of the last month of the year."""
        page = self.book.page(YEARS, "#264478")
        page.text(0, 0, YEARS, "title")
        page.text(1, 0, "Sums of months, and balances at the end, by fiscal year; the first and the last may be short.", "small")
        page.link(2, 0, "Cover", "← Cover")
        page.texts(NUMBERS, 0, ("", "", "Unit", "From"), "head")
        count = (len(self.dates) + YEAR - 2) // YEAR + 1
        numbers = self._across(FISCAL)
        starts = [self.dates[int(np.argmax(self.years == year))] if year in self.years else None for year in range(count)]
        for year, start in enumerate(starts, FIRST):
            page.number(NUMBERS, year, year - FIRST, Style("head", "0"))
            shown = "" if start is None else float((start - date(1899, 12, 30)).days)
            found = f"INDEX({self._across(NUMBERS - 1)},MATCH({LETTERS[year]}${NUMBERS + 1},{numbers},0))"
            page.formula(NUMBERS - 1, year, f'=IFERROR({found},"")', shown, Style("head", "mmm yyyy"))
        balances = {row for (name, _), row in places().items() if name in BALANCES}
        for row, one, values in self._rows(page):
            style = Style("pull total" if one.total else "pull", MONEY)
            of_year = [values[self.years == year] for year in range(count)]
            if row in balances:
                formula = f"=IF({NOW}${NUMBERS + 1}>MAX({numbers}),0,INDEX({self._across(row)},MATCH({NOW}${NUMBERS + 1},{numbers},1)))"
                page.months(row, FIRST, formula, [months[-1] if len(months) else 0.0 for months in of_year], style)
            else:
                formula = f"=SUMIF({numbers},{NOW}${NUMBERS + 1},{self._across(row)})"
                page.months(row, FIRST, formula, [months.sum() for months in of_year], style)
        page.widths(40, 2, 10, 10, *[16] * count)
        page.sheet.freeze_panes(TOP, FIRST)
        page.print_as(1, TOP)

    def _across(self, row: int) -> str:
        """Return a row of the page by month, all months of it."""
        return f"{quoted(PAGE)}!{BEGIN}${row + 1}:${self.last}${row + 1}"
