"""The pages of lines: one for each topic, a row for each member of a line, and months across."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from simulator.answers.search import readable
from simulator.engine.formula import text
from simulator.engine.model import OPENING, Array, Line
from simulator.engine.units import Quantity
from simulator.errors import ModelError
from simulator.output.book.excel import Book, Page, Style
from simulator.output.book.grid import FIRST, NUMBERS, OPENED, TOP, Grid

COVER = "Cover"
# A year on each page of paper, which can be read.
MONTHS_ON_PAPER = 12
# How the pages of each room of lines are marked, and those of key figures.
COLOURS = {
    "market": "#70AD47",
    "product": "#4472C4",
    "serving": "#ED7D31",
    "devices": "#A5A5A5",
    "making": "#7030A0",
    "company": "#5B9BD5",
    "capital": "#C00000",
    "kpis": "#264478",
}
# A share that somebody typed keeps its digits.
SHARE = "0.0##%"
LABELLED = {"share": "0.0%", "month index": "0", "month": "#,##0.0"}


def number_format(quantity: Quantity | None, typed: float | None = None) -> str:
    """Return the number format of a quantity; one that was `typed` keeps the digits that it has."""
    if typed is not None:
        return SHARE if quantity and quantity.label == "share" else _digits(typed)
    if quantity and quantity.label in LABELLED:
        return LABELLED[quantity.label]
    if quantity and quantity.unit.text() == "money":
        return "#,##0;-#,##0;–"
    return "#,##0.00####" if quantity and "/" in quantity.unit.text() else "#,##0.00"


def _digits(number: float) -> str:
    """Return the number format that shows a number with the digits that it has, up to six."""
    return "#,##0" if float(number).is_integer() else "#,##0.00####" if abs(number) >= 1 else "0.00######"


def month_page(book: Book, title: str, about: str, dates: Sequence[date], colour: str = "") -> Page:
    """Add a page whose columns are months: its title, what it is about, the dates, and the numbers of the months."""
    page = book.page(title, colour)
    page.text(0, 0, title, "title")
    page.text(1, 0, about, "small")
    page.link(2, 0, COVER, "← Cover")
    page.texts(NUMBERS, 0, ("", "", "Unit", "Opening"), "head")
    for column, first_day in enumerate(dates, FIRST):
        page.date(NUMBERS - 1, column, datetime.combine(first_day, time()), Style("head", "mmm yy"))
        page.number(NUMBERS, column, column - FIRST, Style("head", "0"))
    page.widths(40, 30, 14, 12)
    page.sheet.set_column(FIRST, FIRST + len(dates) - 1, 12)
    page.sheet.freeze_panes(TOP, FIRST)
    return page


def print_months(page: Page, months: int) -> None:
    """Set a page with months up for paper, once its rows are written."""
    page.print_as(-(-months // MONTHS_ON_PAPER), TOP, 3)


def topic_of(line: Line) -> tuple[str, str]:
    """Return the module of a line, and the title of its page."""
    module = line.function.__module__
    room, _, topic = module.rpartition(".")
    return module, f"KPI {topic}" if room.endswith(".kpis") else readable(topic)


def topics_of(grid: Grid) -> dict[str, list[str]]:
    """Return the lines with any member by the module that they are in, in the order of `COLOURS`."""
    found: dict[str, list[str]] = {}
    for name, line in grid.model.lines.items():
        if grid.count(name):
            found.setdefault(line.function.__module__, []).append(name)
    rooms = [*COLOURS, ""]
    return dict(sorted(found.items(), key=lambda one: rooms.index(room if (room := room_of(one[0])) in rooms else "")))


def room_of(module: str) -> str:
    """Return the room of a module of lines."""
    return module.split(".")[-2] if "." in module else ""


def place_lines(grid: Grid) -> dict[str, list[str]]:
    """Give every line its rows on the page of its topic; return the lines of each page."""
    pages: dict[str, list[str]] = {}
    for names in topics_of(grid).values():
        _, title = topic_of(grid.model.lines[names[0]])
        row = TOP + 1
        for name in names:
            row = grid.place(title, name, row)
        pages[title] = names
    return pages


@dataclass(frozen=True)
class Lines:
    """The pages of all lines; `topics` has the lines of each.

    `values` has each line by name, (months, members), and `opened` what comes before the first month, (members,), by
    the name of its assumption.
    """

    grid: Grid
    topics: Mapping[str, Sequence[str]]
    values: Mapping[str, Array]
    opened: Mapping[str, Array]
    currency: str

    def write(self, book: Book, dates: Sequence[date]) -> None:
        """Add the pages; raise ModelError where a month of a line is left without a formula."""
        for title, names in self.topics.items():
            module, _ = topic_of(self.grid.model.lines[names[0]])
            page = month_page(book, title, about(module), dates, COLOURS.get(room_of(module), ""))
            for name in names:
                for member in range(self.grid.count(name)):
                    self._row(page, name, member)
            print_months(page, len(dates))
        check_covered(book, self.grid)

    def _row(self, page: Page, name: str, member: int) -> None:
        """Write one member of a line, and where others read it backwards, the row in reverse."""
        grid, line, values = self.grid, self.grid.model.lines[name], self.values[name][:, member]
        row, title, look = grid.rows[name, member].row - 1, _title(grid, name, member), number_format(line.quantity)
        page.texts(row, 0, (title, grid.label(name, member)))
        page.text(row, 2, line.quantity.text(self.currency), "unit")
        if f"{OPENING}{name}" in self.opened:
            before = float(self.opened[f"{OPENING}{name}"][member])
            page.formula(row, OPENED, grid.opening(name, member), before, Style("pull", look))
        page.months(row, FIRST, grid.formula(name, member), values.tolist(), Style("formula", look))
        if (name, member) in grid.reversed:
            row = grid.reversed[name, member].row - 1
            page.text(row, 0, f"{title}, last month first", "small")
            page.months(row, FIRST, grid.turned(name, member), values[::-1].tolist(), Style("formula", look))


def _title(grid: Grid, name: str, member: int) -> str:
    """Return the name of a row for people, such as `Cloud rent · large`."""
    per = grid.model.lines[name].per
    return " · ".join([readable(name.removeprefix("kpi_")), *([grid.members.labels(per)[member]] if per else [])])


def about(module: str) -> str:
    """Return the first sentence of what a module of lines says of itself."""
    return (sys.modules[module].__doc__ or "").strip().partition("\n\n")[0].replace("\n", " ")


def check_covered(book: Book, grid: Grid) -> None:
    """Raise ModelError where a month of a row has no formula."""
    for held in (grid.rows, grid.reversed):
        for (name, member), place in held.items():
            cells = book.pages[place.page].cells
            missing = [month for month in range(grid.months) if (place.row - 1, FIRST + month) not in cells]
            if missing:
                what = f"{grid.label(name, member)} has no formula in month {missing[0]}"
                raise ModelError(what, "report this", where=f"{place.page}!{place.row}")


def dictionary(book: Book, grid: Grid, pages: Mapping[str, Sequence[str]], currency: str) -> None:
    """Add the page that says what every line is: its unit, its meaning, and its formula in words."""
    page = book.page("Lines")
    page.text(0, 0, "Lines", "title")
    page.text(1, 0, "Every line of the model: what it is, and how it is computed.", "small")
    page.texts(NUMBERS, 0, ("Line", "Sheet", "Unit", "Meaning", "Formula"), "head")
    page.widths(34, 18, 20, 70, 90)
    for row, (title, name) in enumerate(_every(pages), NUMBERS + 1):
        line, place = grid.model.lines[name], grid.rows[name, 0]
        page.link(row, 0, title, name, f"A{place.row}")
        told = (title, line.quantity.text(currency), line.description, text(grid.model.formulas[name]))
        page.texts(row, 1, told)
    page.sheet.freeze_panes(NUMBERS + 1, 1)
    page.print_as(1, NUMBERS + 1)


def _every(pages: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str]]:
    for title, names in pages.items():
        yield from ((title, name) for name in names)
