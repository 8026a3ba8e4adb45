"""The Excel writer, for all that the workbook is made of: pages, cells, formats and names; it knows nothing of plans.

Every cell is written once: a second formula, number or text in a cell is an error, and so is a page or a name that is
defined twice. The only module that imports the writer.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Sequence
from datetime import datetime
from html import escape
from typing import Any, NamedTuple

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import CellFormulaTuple, Worksheet

from simulator.errors import ModelError

# In the formula of a row: the letters of the column of this month, and of the column before it.
NOW, BEFORE = "\ue000", "\ue001"
LETTERS = tuple(map(xl_col_to_name, range(300)))
# A text that begins so would become a formula once somebody edits its cell, or exports the sheet to CSV; the marked
# text stays a text. The last four are the full-width forms, which some locales read alike.
FORMULA_SIGNS = tuple("=+-@\t\r＝＋－＠")
# What Excel takes: half of the characters of a cell, since some count twice, the line feeds in it, and a formula.
LONGEST_TEXT, MOST_LINE_FEEDS, LONGEST_FORMULA = 16_000, 253, 8_192
# Excel would take these for cells.
LIKE_A_CELL = re.compile(r"[A-Za-z]{1,3}\d+|[Rr]\d*[Cc]?\d*|[Cc]\d*")
LINE_HEIGHT = 13.5
# Rows of a page with months that fit on a sheet of paper.
ROWS_ON_PAPER = 60
FONT = "Calibri"
# The field's colours: inputs blue on light yellow, formulas black, links to other sheets green.
BLUE, BLACK, GREEN, GREY, DARK = "#0000FF", "#000000", "#006100", "#7F7F7F", "#1F3864"
KINDS: dict[str, dict[str, Any]] = {
    "text": {},
    "wrapped": {"text_wrap": True, "valign": "top"},
    "title": {"bold": True, "font_size": 16, "font_color": DARK},
    "section": {"bold": True, "font_color": DARK, "bottom": 1, "bottom_color": DARK},
    "head": {"bold": True, "font_color": "#FFFFFF", "bg_color": DARK, "text_wrap": True, "valign": "vcenter"},
    "unit": {"font_color": GREY, "indent": 1},
    "small": {"font_color": GREY, "font_size": 9},
    "link": {"font_color": "#0563C1", "underline": 1},
    "input": {"font_color": BLUE, "bg_color": "#FFFFCC", "border": 4, "border_color": "#BFBFBF"},
    "formula": {"font_color": BLACK},
    "pull": {"font_color": GREEN},
    "total": {"font_color": BLACK, "bold": True, "top": 1},
    "pull total": {"font_color": GREEN, "bold": True, "top": 1},
    "label total": {"bold": True, "top": 1},
    # A number that no formula computes, as it was when the workbook was written.
    "value": {"font_color": GREY, "italic": True, "bg_color": "#F2F2F2"},
    "check": {"bold": True, "align": "center"},
}


class Style(NamedTuple):
    """The look of a cell: one of `KINDS`, and a number format of Excel."""

    kind: str
    number: str = "General"


class _Sheet(Worksheet):  # type: ignore[misc]  # the writer has no types
    """A sheet of the writer that takes a row of formulas at once, and writes their numbers quickly.

    The writer looks in each formula for the functions of newer versions, which takes most of its time; `YOUNGER` in
    `grid` has marked those already.
    """

    def write_formulas(self, row: int, first: int, formulas: Sequence[str], look: Any, values: Sequence[Any]) -> None:
        """Write formulas, without their leading `=`, side by side from a column on, each with its value."""
        for column in (first, first + len(formulas) - 1):
            self._check_dimensions(row, column)  # which also widens the part of the sheet that is used
        cells = self.table[row]
        for column, (formula, value) in enumerate(zip(formulas, values, strict=True), first):
            cells[column] = CellFormulaTuple(formula, look, value)

    def _write_cell(self, row: int, col: int, cell: Any) -> None:
        """Write the element of a cell; nine in ten are formulas with a number."""
        if type(cell) is CellFormulaTuple and type(cell.value) is float:
            formula, style = escape(cell.formula, quote=False), cell.format._get_xf_index()
            self.fh.write(f'<c r="{LETTERS[col]}{row + 1}" s="{style}"><f>{formula}</f><v>{cell.value!r}</v></c>')
        else:
            super()._write_cell(row, col, cell)


class Page:
    """One sheet of the workbook; rows and columns count from 0."""

    def __init__(self, book: Book, title: str, sheet: Any) -> None:
        self.book, self.title, self.sheet = book, title, sheet
        self.cells: set[tuple[int, int]] = set()

    def _take(self, row: int, column: int) -> None:
        """Note that a cell is written; raise ModelError if it already is."""
        if (row, column) in self.cells:
            raise ModelError("the cell is written twice", "report this", where=f"{self.title}!{cell(row, column)}")
        self.cells.add((row, column))

    def text(self, row: int, column: int, text: str, kind: str = "text") -> None:
        """Write a text, which stays one whatever it begins with; an empty one takes the look alone."""
        self._take(row, column)
        if not text:
            self.sheet.write_blank(row, column, None, self.book.format(Style(kind)))
            return
        look = self.book.format(Style(kind), inert=text.startswith(FORMULA_SIGNS))
        self.sheet.write_string(row, column, fitting(text), look)

    def wide(self, row: int, column: int, columns: int, text: str, lines: int) -> None:
        """Write a text over several columns, on a number of lines."""
        for place in range(column, column + columns):
            self._take(row, place)
        look = self.book.format(Style("wrapped"), inert=text.startswith(FORMULA_SIGNS))
        self.sheet.merge_range(row, column, row, column + columns - 1, "", look)
        self.sheet.write_string(row, column, fitting(text), look)
        self.sheet.set_row(row, LINE_HEIGHT * max(lines, 1))

    def texts(self, row: int, column: int, texts: Sequence[str], kind: str = "text") -> None:
        """Write texts side by side."""
        for place, text in enumerate(texts):
            self.text(row, column + place, text, kind)

    def number(self, row: int, column: int, number: float, style: Style) -> None:
        """Write a number; a dash stands for what is none."""
        if not math.isfinite(number):
            self.text(row, column, "—", style.kind)
            return
        self._take(row, column)
        self.sheet.write_number(row, column, number, self.book.format(style))

    def formula(self, row: int, column: int, formula: str, value: float | str, style: Style) -> None:
        """Write a formula with its value, which viewers that do not recalculate show; what is no number is #N/A."""
        self._formulas(row, column, [formula], [value], style)

    def months(self, row: int, first: int, formula: str, values: Sequence[float], style: Style) -> None:
        """Write one formula across the columns from `first` on, in which NOW and BEFORE stand for columns."""
        here = [in_column(formula, column) for column in range(first, first + len(values))]
        self._formulas(row, first, here, values, style)

    def _formulas(
        self, row: int, first: int, formulas: Sequence[str], values: Sequence[float | str], style: Style
    ) -> None:
        for column in range(first, first + len(formulas)):
            self._take(row, column)
        if max(map(len, formulas)) > LONGEST_FORMULA:
            what = f"the formula is longer than the {LONGEST_FORMULA:,} characters that Excel takes"
            raise ModelError(what, "give members shorter names", where=f"{self.title}!{cell(row, first)}")
        shown = ["#N/A" if isinstance(value, float) and not math.isfinite(value) else value for value in values]
        written = [formula.removeprefix("=") for formula in formulas]
        self.sheet.write_formulas(row, first, written, self.book.format(style), shown)

    def link(self, row: int, column: int, page: str, text: str, at: str = "A1") -> None:
        """Write a text that leads to a cell of another page."""
        self._take(row, column)
        look = self.book.format(Style("link"))
        self.sheet.write_url(row, column, f"internal:{quoted(page)}!{at}", look, string=text)

    def date(self, row: int, column: int, moment: datetime, style: Style) -> None:
        """Write a date."""
        self._take(row, column)
        self.sheet.write_datetime(row, column, moment, self.book.format(style))

    def widths(self, *widths: float) -> None:
        """Set the widths of the first columns, in characters."""
        for column, width in enumerate(widths):
            self.sheet.set_column(column, column, width)

    def print_as(self, across: int, repeat_rows: int, repeat_columns: int = 0) -> None:
        """Set the page up for paper: landscape, as many pages across, with these first rows and columns on each.

        Call it last. Rows are repeated where the page is longer than paper, since LibreOffice takes a second to open
        each page that repeats both.
        """
        self.sheet.set_landscape()
        self.sheet.set_paper(9)  # A4
        self.sheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
        self.sheet.fit_to_pages(across, 0)
        self.sheet.set_footer("&L&8&F&C&8&A&R&8&P / &N")
        if repeat_columns:
            self.sheet.repeat_columns(0, repeat_columns - 1)
        if repeat_rows and (not repeat_columns or max(row for row, _ in self.cells) >= ROWS_ON_PAPER):
            self.sheet.repeat_rows(0, repeat_rows - 1)


class Book:
    """A workbook in memory; `moment` is the date that it says it was made on."""

    def __init__(self, moment: datetime, properties: dict[str, str]) -> None:
        self._content = io.BytesIO()
        as_they_are = {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
        self.file = xlsxwriter.Workbook(self._content, as_they_are)
        self.file.set_properties({**properties, "created": moment})
        self.pages: dict[str, Page] = {}
        self.names: set[str] = set()
        self._formats: dict[tuple[Style, bool], Any] = {}

    def page(self, title: str, colour: str = "") -> Page:
        """Add a page; raise ModelError where another has its title."""
        if title in self.pages:
            raise ModelError(f"two sheets are called {title}", "rename one of them")
        sheet = self.file.add_worksheet(title, worksheet_class=_Sheet)
        sheet.hide_gridlines(2)
        if colour:
            sheet.set_tab_color(colour)
        self.pages[title] = Page(self, title, sheet)
        return self.pages[title]

    def format(self, style: Style, inert: bool = False) -> Any:
        """Return the writer's format of a style; `inert` marks a text that would pass for a formula."""
        if (style, inert) not in self._formats:
            look = {"font_name": FONT, "font_size": 10, "num_format": style.number, **KINDS[style.kind]}
            self._formats[style, inert] = self.file.add_format(look | ({"quote_prefix": True} if inert else {}))
        return self._formats[style, inert]

    def name(self, name: str, page: str, row: int, column: int) -> None:
        """Define a name for one cell; raise ModelError where it is defined already."""
        if name.lower() in self.names:
            raise ModelError(f"{name} is the name of two cells", "report this")
        self.names.add(name.lower())
        self.file.define_name(name, f"={fixed(page, row, column)}")

    def content(self) -> bytes:
        """Return the file, after which nothing can be written."""
        self.file.close()
        return self._content.getvalue()


def fitting(text: str) -> str:
    """Return a text as a cell takes it: cut where it is too long, with blanks for line feeds that are too many."""
    lines = text.split("\n", MOST_LINE_FEEDS)
    lines[-1] = lines[-1].replace("\n", " ")
    shown = "\n".join(lines)
    return shown if len(shown) <= LONGEST_TEXT else f"{shown[:LONGEST_TEXT]}…"


def in_column(formula: str, column: int) -> str:
    """Return a formula of a column, in which NOW and BEFORE stand for it and for the one before."""
    return formula.replace(NOW, LETTERS[column]).replace(BEFORE, LETTERS[column - 1])


def cell(row: int, column: int) -> str:
    """Return the address of a cell, such as `D12`; both count from 0."""
    return f"{LETTERS[column]}{row + 1}"


def fixed(page: str, row: int, column: int) -> str:
    """Return the address of a cell that stays the same wherever a formula is copied to, with its page."""
    return f"{quoted(page)}!${LETTERS[column]}${row + 1}"


def quoted(page: str) -> str:
    """Return the title of a page as formulas write it."""
    return page if page.isidentifier() and not LIKE_A_CELL.fullmatch(page) else f"'{page}'"
