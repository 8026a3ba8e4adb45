"""Workbooks recalculated by foreign engines, and compared with the model cell by cell."""

import re
import subprocess
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path

import formualizer
import numpy as np
import pytest
from openpyxl import load_workbook

from simulator.answers.checks import TOLERANCE
from simulator.answers.projection import Projection, project
from simulator.engine.model import Array
from simulator.errors import BreakevenError
from simulator.output import book
from simulator.output.book import carried, edits, figures
from simulator.output.book.excel import cell
from simulator.output.book.fields import Field, with_fields
from simulator.output.book.grid import FIRST, Grid
from simulator.output.book.inputs import COLUMNS, PAGE, Inputs
from simulator.scenario.scenario import Scenario

# A cell of a page by row and column, counted from 1.
Cells = Callable[[str, int, int], object]
# Differences of large numbers leave a residue of rounding where a line is zero: this share of the column's largest.
RESIDUE = 1e-13
RECALCULATE_ON_LOAD = """\
<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse">
<value>0</value></prop></item></oor:items>
"""


class Formualizer:
    """A workbook in formualizer, in which inputs can be changed."""

    def __init__(self, file: Path) -> None:
        self.book = formualizer.load_workbook(str(file))
        self.book.evaluate_all()

    def put(self, row: int, value: float) -> float:
        """Type a value into a row of the inputs, counted from 0, recalculate, and return what was there."""
        before = self.book.get_value(PAGE, row + 1, COLUMNS["Value"] + 1)
        self.book.set_value(PAGE, row + 1, COLUMNS["Value"] + 1, float(value))
        self.book.evaluate_all()
        return before

    def __call__(self, page: str, row: int, column: int) -> object:
        """Return a cell."""
        return self.book.get_value(page, row, column)


def typed_over(file: Path, changes: Mapping[int, object], to: Path, column: str = "Value") -> Path:
    """Save a copy of a workbook with other values in rows of the inputs, counted from 0."""
    return overwritten(file, PAGE, {cell(row, COLUMNS[column]): value for row, value in changes.items()}, to)


def overwritten(file: Path, page: str, values: Mapping[str, object], to: Path) -> Path:
    """Save a copy of a workbook with other values in some cells of a page; nothing is computed again."""

    def typed(sheet: bytes) -> bytes:
        text = sheet.decode()
        for address, value in values.items():
            old = rf'<c r="{address}"( s="\d+")?[^>]*?(?:/>|>.*?</c>)'
            text, count = re.subn(old, rf'<c r="{address}"\1{_content(value)}</c>', text, count=1)
            assert count, f"the sheet has no cell {address}"
        return text.encode()

    return repacked(file, to, {part_of(file, page): typed})


@dataclass(frozen=True)
class Computed:
    """A formula, without its `=`, and the value that a program computed with it."""

    formula: str
    value: float


def _content(value: object) -> str:
    """Return the rest of the element of a cell."""
    if value is None:
        return ">"
    if isinstance(value, Computed):
        return f"><f>{escape(value.formula)}</f><v>{value.value!r}</v>"
    if isinstance(value, bool):
        return f' t="b"><v>{int(value)}</v>'
    return (
        f"><v>{value!r}</v>"
        if isinstance(value, int | float)
        else f' t="inlineStr"><is><t>{escape(str(value))}</t></is>'
    )


def part_of(file: Path, page: str) -> str:
    """Return the part of a workbook that holds a page."""
    with zipfile.ZipFile(file) as parts:
        titles = re.findall(r'<sheet name="([^"]*)"', parts.read("xl/workbook.xml").decode())
    return f"xl/worksheets/sheet{titles.index(page) + 1}.xml"


def repacked(file: Path, to: Path, parts: Mapping[str, Callable[[bytes], bytes]]) -> Path:
    """Return a copy of a zip with some parts changed, or added where it has none of that name."""
    with zipfile.ZipFile(file) as old:
        found = {name: old.read(name) for name in old.namelist()}
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new:
        for name in dict.fromkeys([*found, *parts]):
            new.writestr(name, parts.get(name, lambda same: same)(found.get(name, b"")))
    return to


def refused(file: Path) -> str:
    """Return the sentence with which a workbook is refused, which names it."""
    with pytest.raises(BreakevenError) as error, edits.changes_in(file):
        pass
    assert str(error.value).startswith(str(file))
    return str(error.value)


def by_libreoffice(file: Path) -> Path:
    """Return the workbook as LibreOffice recalculates and saves it."""
    profile = file.parent / "profile"
    (profile / "user").mkdir(parents=True, exist_ok=True)
    (profile / "user" / "registrymodifications.xcu").write_text(RECALCULATE_ON_LOAD)
    command = ["soffice", f"-env:UserInstallation={profile.as_uri()}", "--headless", "--norestore"]
    command += ["--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(file.parent / "out"), file.name]
    subprocess.run(command, cwd=file.parent, check=True, capture_output=True, timeout=600)
    return file.parent / "out" / file.name


def cells_of(file: Path) -> Cells:
    """Return the cells of a workbook with the values that it was saved with."""
    made = load_workbook(file, data_only=True, read_only=True)
    pages = {page.title: list(page.iter_rows(values_only=True)) for page in made.worksheets}

    def value(page: str, row: int, column: int) -> object:
        found = pages[page][row - 1]
        return found[column - 1] if column <= len(found) else None

    return value


def written(scenario: Scenario, file: Path, trials: int = 0) -> tuple[Grid, Projection]:
    """Write a scenario's workbook; return where its lines stand, and the projection."""
    projection = project(scenario, trials, evidence=False)
    content, grid = book.workbook(projection)
    file.write_bytes(content)
    return grid, projection


def off(grid: Grid, values: Mapping[str, Array], cells: Cells) -> list[str]:
    """Return the cells that differ from the model by more than 1e-9 of their row, or rounding at their page's scale.

    The sums of a check are zero, and round at the scale of the balance sheet.
    `values` has every line by name, of shape (months, members); NaN is #N/A.
    """
    scale: dict[str, Array] = {}
    for (name, member), place in grid.rows.items():
        amounts = np.abs(np.nan_to_num(values[name][:, member]))
        scale[place.page] = np.maximum(scale.get(place.page, 0), amounts)
    found = []
    for (name, member), place in grid.rows.items():
        line = values[name][:, member]
        largest = np.abs(np.nan_to_num(line)).max(initial=0)
        within = 1e-9 * largest + RESIDUE * np.maximum(scale[place.page], 1)
        if name.startswith("check_"):
            within = np.maximum(TOLERANCE, RESIDUE * scale["Balance"])
        for month, value in enumerate(line):
            cell = cells(place.page, place.row, FIRST + month + 1)
            if not _alike(cell, float(value), float(within[month])):
                found.append(f"{grid.label(name, member)} in month {month}: {cell} and not {value}")
    return found


def _alike(cell: object, value: float, within: float) -> bool:
    if np.isnan(value):
        return "N/A" in str(cell) or "Na" in str(cell)
    return isinstance(cell, int | float) and abs(cell - value) <= within


def off_figures(grid: Grid, projection: Projection, cells: Cells) -> list[str]:
    """Return the traced KPIs whose cell differs from the projection."""
    found = []
    for one in figures.figures_of(projection):
        if one.line:
            place = grid.rows[one.line, 0]
            cell = cells(place.page, place.row, FIRST + grid.months)
            value = float("nan") if one.value is None else one.value
            if not _alike(cell, value, 1e-9 * abs(value) + 1e-9):
                found.append(f"{one.title} ({one.variant}): {cell} and not {value}")
    return found


def fields(scenario: Scenario) -> list[tuple[Field, int]]:
    """Return the fields of the workbook of a scenario with their rows, counted from 0."""
    inputs = Inputs(carried.as_read(scenario))
    return [(one, inputs.places[one.key]) for found in inputs.fields.values() for one in found]


def with_number(scenario: Scenario, one: Field, number: float) -> Scenario:
    """Return the scenario with another number in a field, as the import makes it; raises BreakevenError."""
    return scenario.with_value(one.path, with_fields(scenario.assumptions[one.path], {one.part: float(number)}, {}))
