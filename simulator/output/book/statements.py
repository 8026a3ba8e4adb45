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
from simulator.output.book.pages import COVER, month_page, print_months

PAGE, YEARS = "Statements", "By year"
MONEY = "#,##0;-#,##0;–"
# The row of the fiscal years, from 0, and the first row of the statements.
FISCAL, BODY = TOP, TOP + 2
COLOUR = "#264478"
# The number of the month, or of the year, at the head of a column.
NUMBER = f"{NOW}${NUMBERS + 1}"
# The day that Excel counts days from.
EXCEL_ZERO = date(1899, 12, 30)


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
        said = f"In {self.ledger.scenario.currency}; each row sums lines of the model."
        page = month_page(self.book, PAGE, said, self.dates, COLOUR)
        page.text(FISCAL, 0, "Fiscal year", "small")
        first = f"MOD(-_xlfn.CEILING.MATH({self.first_year}),{YEAR})"
        page.months(FISCAL, FIRST, f"=INT(({NUMBER}+{first})/{YEAR})", self.years.tolist(), Style("formula", "0"))
        for row, one, amounts in self._rows(page):
            formula = "+".join(self.grid.total(PAGE, line) for line in one.lines)
            page.months(row, FIRST, f"={formula}", amounts.tolist(), _style(one))
        print_months(page, len(self.dates))

    def _years(self) -> None:
        """Add the page by fiscal year: flows are sums, balances those of the last month of the year."""
        page = self.book.page(YEARS, COLOUR)
        page.text(0, 0, YEARS, "title")
        page.text(
            1, 0, "Sums of months, and balances at the end, by fiscal year; the first and last may be short.", "small"
        )
        page.link(2, 0, COVER, "← Cover")
        page.texts(NUMBERS, 0, ("", "", "Unit", "From"), "head")
        # As many as there are whenever the fiscal year begins; one may be empty.
        years = [self.years == year for year in range((len(self.dates) + YEAR - 2) // YEAR + 1)]
        for column, year in enumerate(years, FIRST):
            page.number(NUMBERS, column, column - FIRST, Style("head", "0"))
            self._start(page, column, year)
        balances = {row for (name, _), row in places().items() if name in BALANCES}
        for row, one, amounts in self._rows(page):
            found = [amounts[year] for year in years]
            shown = [float(months[-1]) if len(months) else 0.0 for months in found]
            if row not in balances:
                shown = [float(months.sum()) for months in found]
            page.months(row, FIRST, self._balance(row) if row in balances else self._flow(row), shown, _style(one))
        page.widths(40, 2, 10, 10, *[16] * len(years))
        page.sheet.freeze_panes(TOP, FIRST)
        page.print_as(1, TOP)

    def _start(self, page: Page, column: int, year: Array) -> None:
        """Write the first month of a fiscal year, nothing where it has none."""
        number = f"{LETTERS[column]}${NUMBERS + 1}"
        formula = f'=IFERROR(INDEX({self._across(NUMBERS - 1)},MATCH({number},{self._across(FISCAL)},0)),"")'
        shown = (self.dates[int(np.argmax(year))] - EXCEL_ZERO).days if year.any() else ""
        page.formula(NUMBERS - 1, column, formula, shown, Style("head", "mmm yyyy"))

    def _flow(self, row: int) -> str:
        """Return the formula of the sum over a year."""
        return f"=SUMIF({self._across(FISCAL)},{NUMBER},{self._across(row)})"

    def _balance(self, row: int) -> str:
        """Return the formula of the last month of a year, 0 where it has none."""
        years = self._across(FISCAL)
        return f"=IF({NUMBER}>MAX({years}),0,INDEX({self._across(row)},MATCH({NUMBER},{years},1)))"

    def _across(self, row: int) -> str:
        """Return a row of the page by month, all months of it."""
        return f"{quoted(PAGE)}!{BEGIN}${row + 1}:${self.last}${row + 1}"

    def _rows(self, page: Page) -> Iterator[tuple[int, Row, Array]]:
        """Write the titles of all rows; yield each row with its place and its months."""
        found, currency = places(), self.ledger.scenario.currency
        for name in STATEMENTS:
            rows = rows_of(name)
            page.text(found[name, rows[0].title] - 1, 0, TITLES[name], "section")
            for one in rows:
                row, kind = found[name, one.title], "label total" if one.total else "text"
                page.texts(row, 0, (one.title if one.total else f"  {one.title}", "", currency, ""), kind)
                yield row, one, sum((self.ledger.total(line) for line in one.lines), np.zeros(len(self.dates)))


def _style(row: Row) -> Style:
    return Style("pull total" if row.total else "pull", MONEY)
