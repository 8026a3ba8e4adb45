"""The key figures and the checks: figures that are traced as formulas, all others marked as values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from simulator.answers.checks import PREFIX, TOLERANCE
from simulator.answers.kpis import DEFINITIONS
from simulator.answers.projection import Projection
from simulator.answers.search import readable
from simulator.engine.formula import text
from simulator.engine.model import Array
from simulator.output.book.asides import STALE, stale
from simulator.output.book.excel import LETTERS, Book, Page, Style, fixed
from simulator.output.book.grid import FIRST, NUMBERS, OPENED, Grid
from simulator.output.book.pages import about, month_page, print_months

PAGE, CHECKS = "KPIs", "Checks"
HEAD = ("KPI", "Variant", "Value", "Unit", "As sent", "Kind", "Definition", "Formula", "Source", "Why it has no value")
HOLDS = "books_balance"
NO_VALUE = "—"
NUMBERS_OF = {"share": "0.0%", "month": "#,##0.0", "month index": "0"}


@dataclass(frozen=True)
class Figure:
    """One definition of a KPI: `line` is the traced line, empty for a value; `value` is None where it has none."""

    name: str
    title: str
    topic: str
    variant: str
    unit: str
    value: float | None
    line: str
    definition: str
    source: str
    why: str

    @property
    def number(self) -> str:
        """The number format of Excel."""
        size = abs(self.value or 0)
        return NUMBERS_OF.get(self.unit, "#,##0" if size >= 1000 else "#,##0.0" if size >= 100 else "#,##0.00##")

    @property
    def measure(self) -> str:
        """The unit for people; months count from 0."""
        return "month, from 0" if self.unit == "month index" else self.unit


def figures_of(projection: Projection) -> list[Figure]:
    """Return every KPI by each of its definitions, the chosen one first."""
    found = []
    for name, kpi in projection.kpis.items():
        for variant, value in {kpi.variant: kpi.value, **kpi.others}.items():
            one, why = DEFINITIONS[name].variants[variant], kpi.why if variant == kpi.variant else ""
            found.append(
                Figure(name, kpi.title, kpi.topic, variant, kpi.unit, value, one.line, one.definition, kpi.source, why)
            )
    return found


def last_month(grid: Grid, one: Figure) -> str:
    """Return the cell that holds a traced figure in the last month."""
    place = grid.rows[one.line, 0]
    return fixed(place.page, place.row - 1, FIRST + grid.months - 1)


def kpis(book: Book, grid: Grid, projection: Projection) -> dict[str, int]:
    """Add the page of the KPIs in the last month; return the row, from 0, of each by its chosen definition."""
    page = book.page(PAGE, "#264478")
    page.text(0, 0, PAGE, "title")
    page.text(1, 0, f"In the last month. Formulas follow the inputs. {STALE}", "small")
    page.link(2, 0, "Cover", "← Cover")
    stale(page, 2, 6)
    page.texts(NUMBERS, 0, HEAD, "head")
    page.widths(38, 26, 16, 14, 16, 10, 70, 70, 40, 40)
    rows: dict[str, int] = {}
    topic, row = "", NUMBERS
    for one in figures_of(projection):
        if one.topic != topic:
            topic, row = one.topic, row + 1
            page.text(row, 0, topic.capitalize(), "section")
        row += 1
        rows.setdefault(one.name, row)
        _figure(page, row, grid, one)
    page.sheet.freeze_panes(NUMBERS + 1, 1)
    page.print_as(1, NUMBERS + 1)
    return rows


def shown(page: Page, row: int, column: int, source: str, one: Figure) -> None:
    """Write a figure as a link to a cell; a dash stands for no value."""
    value: float | str = NO_VALUE if one.value is None else one.value
    page.formula(row, column, f'=IF(ISNUMBER({source}),{source},"{NO_VALUE}")', value, Style("pull", one.number))


def _figure(page: Page, row: int, grid: Grid, one: Figure) -> None:
    sent = float("nan") if one.value is None else one.value
    page.texts(row, 0, (one.title, one.variant))
    if one.line:
        shown(page, row, 2, last_month(grid, one), one)
    else:
        page.number(row, 2, sent, Style("value", one.number))
    page.text(row, 3, one.measure, "unit")
    page.number(row, 4, sent, Style("value", one.number))
    words = text(grid.model.formulas[one.line]) if one.line else ""
    page.texts(row, 5, ("formula" if one.line else "value", one.definition, words, one.source, one.why))


@dataclass(frozen=True)
class Checks:
    """The page of rules that hold in every month, each as a difference that is zero but for rounding.

    `names` are their lines, and `values` has these by name, of shape (months, 1).
    """

    grid: Grid
    names: Sequence[str]
    values: Mapping[str, Array]
    currency: str

    def write(self, book: Book, dates: Sequence[date]) -> None:
        """Add the page, with a mark for each rule and one for all of them."""
        page = month_page(book, CHECKS, about("simulator.answers.checks"), dates, "#00B050")
        page.widths(24, 90, 12, 12)
        rows = [self._rule(page, name) for name in self.names]
        marks = f"{LETTERS[OPENED]}{rows[0] + 1}:{LETTERS[OPENED]}{rows[-1] + 1}"
        whole = "OK" if {_mark(self.values[name]) for name in self.names} == {"OK"} else "CHECK"
        page.formula(2, OPENED, f'=IF(COUNTIF({marks},"OK")={len(rows)},"OK","CHECK")', whole, Style("check"))
        book.name(HOLDS, CHECKS, 2, OPENED)
        for row in (2, *rows):
            mark_colours(page, row, OPENED)
        print_months(page, len(dates))

    def _rule(self, page: Page, name: str) -> int:
        """Write one rule, and return its row."""
        row, line = self.grid.rows[name, 0].row - 1, self.grid.model.lines[name]
        page.texts(row, 0, (readable(name.removeprefix(PREFIX)), line.description))
        page.text(row, 2, line.quantity.text(self.currency), "unit")
        across = f"{LETTERS[FIRST]}{row + 1}:{LETTERS[FIRST + self.grid.months - 1]}{row + 1}"
        holds = f'=IF(MAX(MAX({across}),-MIN({across}))<{TOLERANCE},"OK","CHECK")'
        page.formula(row, OPENED, holds, _mark(self.values[name]), Style("check"))
        # Rounding is no difference, and it is another one in each program.
        rounded = np.round(self.values[name][:, 0], 2) + 0.0
        formula = f"=ROUND({self.grid.formula(name, 0).removeprefix('=')},2)"
        page.months(row, FIRST, formula, rounded.tolist(), Style("formula", "#,##0.00;-#,##0.00;–"))
        return row


def _mark(values: Array) -> str:
    return "OK" if abs(values).max() < TOLERANCE else "CHECK"


def mark_colours(page: Page, row: int, column: int) -> None:
    """Colour a cell green where it says OK, and red where it says CHECK."""
    for word, ink, ground in (("OK", "#006100", "#C6EFCE"), ("CHECK", "#9C0006", "#FFC7CE")):
        look = page.book.file.add_format({"font_color": ink, "bg_color": ground})
        page.sheet.conditional_format(
            row, column, row, column, {"type": "cell", "criteria": "==", "value": f'"{word}"', "format": look}
        )
