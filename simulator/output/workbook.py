"""A plain workbook: every line and traced KPI of a scenario's base case as formulas that a spreadsheet recalculates.

One row is one member of a line or of an assumption; months run across from column B. Formulas are traced from the
lines, so nothing of the business is written here. The only module that imports the Excel writer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from simulator.answers.kpis import measures
from simulator.answers.kpis.measures import CASH_FLOOR
from simulator.answers.ledger import Ledger
from simulator.engine import formula
from simulator.engine.model import LUCK, MONTH, Read
from simulator.engine.run import Simulation
from simulator.engine.windows import WINDOWS
from simulator.scenario.numbers import simulation_of

# The file format predates these functions, so Excel knows them in a file only by a prefix.
YOUNGER = re.compile(r"\b(CEILING\.MATH|FLOOR\.MATH|NORM\.S\.DIST|NORM\.S\.INV)\(")
# A cohort's weights run against its months: such a row stands a second time in reverse, so that SUMPRODUCT can take
# two straight ranges.
REVERSED = " in reverse"

Row = tuple[str, int]


@dataclass
class Sheet:
    """A simulation as rows of cells: `(name, member)` in the order in which they were first needed."""

    simulation: Simulation
    rows: dict[Row, int] = field(default_factory=dict)

    def row(self, name: str, member: int) -> int:
        """Return the row of a member of a line or an assumption, counted from 1."""
        return self.rows.setdefault((name, member), len(self.rows) + 1)

    def label(self, name: str, member: int) -> str:
        """Return the name of a row for people, such as `cash` or `cloud_rent[large]`."""
        per = self.simulation.model.per(name.removesuffix(REVERSED))
        return f"{name}[{self.simulation.members.labels(per)[member]}]" if per else name

    def address(self, name: str, member: int, month: int) -> str:
        """Return the cell of one number, such as `D12`."""
        return f"{get_column_letter(month + 2)}{self.row(name, member)}"

    def formula(self, line: str, member: int, month: int) -> str:
        """Return the formula of a line in one month."""
        reads = {read.parameter: read for read in self.simulation.model.reads[line]}
        written = formula.excel(
            self.simulation.model.formulas[line],
            lambda symbol: self.cells(line, member, month, reads[symbol.name], symbol.backwards),
        )
        return "=" + YOUNGER.sub(r"_xlfn.\1(", written)

    def cells(self, line: str, member: int, month: int, read: Read, backwards: bool) -> str:
        """Return the address, the range or the sum that a line reads by one of its parameters."""
        model, members = self.simulation.model, self.simulation.members
        if read.source == LUCK:
            return ""  # counts are written as their means
        if read.when in WINDOWS:
            return self.window(line, member, WINDOWS[read.when].months(month), read)
        if read.source == MONTH:
            return self.address(MONTH, 0, month)
        if read.over == "total":
            return self.total(line, member, month, read)
        place = int(members.place(model.lines[line].per, model.per(read.source))[member])
        if read.when == "past":
            return self.past(read.source, place, month, backwards)
        return self.moment(read, read.source, place, month)

    def moment(self, read: Read, source: str, member: int, month: int) -> str:
        """Return the cell of this month, the last or the first; before the first month is the opening value."""
        if read.when == "first":
            return self.address(source, member, 0)
        if read.when == "last":
            return self.address(source, member, month - 1) if month else self.address(f"opening_{source}", member, 0)
        return self.address(source, member, month)

    def total(self, line: str, member: int, month: int, read: Read) -> str:
        """Return the sum over members of one line, or of all lines of a group."""
        cells = [
            self.moment(read, source, int(place), month)
            for source in self.simulation.model.sources(read)
            for place in self.simulation.wiring.summed(line, source)[member]
        ]
        return f"SUM({','.join(cells)})" if cells else "0"

    def window(self, line: str, member: int, months: range, read: Read) -> str:
        """Return the range of a window on a line's months, the sum of several members' ranges, or 0 for no months."""
        model, members = self.simulation.model, self.simulation.members
        if read.over == "total":
            wiring = self.simulation.wiring
            rows = [(one, int(place)) for one in model.sources(read) for place in wiring.summed(line, one)[member]]
        else:
            rows = [(read.source, int(members.place(model.lines[line].per, model.per(read.source))[member]))]
        if not rows or not months:
            return "0"
        ranges = [f"{self.address(*row, months[0])}:{self.address(*row, months[-1])}" for row in rows]
        return f"({'+'.join(ranges)})" if len(ranges) > 1 else ranges[0]

    def past(self, source: str, member: int, month: int, backwards: bool) -> str:
        """Return the range of all months so far, forwards or from the row in reverse."""
        if not backwards:
            return f"{self.address(source, member, 0)}:{self.address(source, member, month)}"
        last, name = self.simulation.months - 1, f"{source}{REVERSED}"
        return f"{self.address(name, member, last - month)}:{self.address(name, member, last)}"

    def content(self) -> dict[str, str | float]:
        """Return every cell by its address: a number, or a formula that starts with `=`."""
        simulation = self.simulation
        cells: dict[str, str | float] = {}
        months = range(simulation.months)
        for month in months:
            cells[self.address(MONTH, 0, month)] = float(month)
            for name, values in simulation.inputs.items():
                for member in range(values.shape[1]):
                    value = values[month if values.shape[0] > 1 else 0, member, 0]
                    cells[self.address(name, member, month)] = float(value)
            for name, line in simulation.model.lines.items():
                for member in range(simulation.members.count(line.per)):
                    cells[self.address(name, member, month)] = self.formula(name, member, month)
        for name, member in [row for row in self.rows if row[0].endswith(REVERSED)]:
            for month in months:
                forward = self.address(name.removesuffix(REVERSED), member, simulation.months - 1 - month)
                cells[self.address(name, member, month)] = f"={forward}"
        return cells


def write(ledger: Ledger, path: Path) -> Sheet:
    """Write the base case of a ledger's scenario to an .xlsx file: every line, KPI and month as a formula."""
    lines = simulation_of(ledger.scenario, ledger.values)
    floor = np.full((1, 1, 1), ledger.scenario.settings.cash_floor)
    return save(Simulation(measures(), lines.members, {**lines.inputs, CASH_FLOOR: floor}, lines.months), path)


def save(simulation: Simulation, path: Path) -> Sheet:
    """Write the first trial of a simulation to an .xlsx file and return where its cells are."""
    sheet, book = Sheet(simulation), Workbook()
    page = book.active
    for address, cell in sheet.content().items():
        page[address] = cell
    for name, member in sheet.rows:
        page[f"A{sheet.row(name, member)}"] = sheet.label(name, member)
    page.freeze_panes = "B2"
    book.save(path)
    return sheet
