"""A plan written as a spreadsheet of live formulas, for a test that lets LibreOffice compute it again.

One row a member of a line, one row an assumption of a member, months across from column B. Where a line looks
back on a past in reverse, its row is kept a second time with the months in reverse, so that the formula takes two
straight ranges.
"""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from openpyxl import Workbook, load_workbook
from openpyxl.utils import get_column_letter

from simulator.engine import formula
from simulator.engine.model import MONTH, Read
from simulator.engine.run import Simulation

# The file format writes functions that are younger than itself with a prefix.
YOUNGER = re.compile(r"\b(CEILING\.MATH|FLOOR\.MATH|NORM\.S\.DIST)\(")
RECALCULATE_ON_LOAD = """\
<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse">
<value>0</value></prop></item></oor:items>
"""

Row = tuple[str, int]


@dataclass
class Sheet:
    """The rows of a plan: `(name, member)` in the order in which they were first needed."""

    simulation: Simulation
    rows: dict[Row, int] = field(default_factory=dict)

    def row(self, name: str, member: int) -> int:
        """The row of a member of a line or an assumption, counted from 1."""
        return self.rows.setdefault((name, member), len(self.rows) + 1)

    def address(self, name: str, member: int, month: int) -> str:
        """The cell of one number."""
        return f"{get_column_letter(month + 2)}{self.row(name, member)}"

    def formula(self, line: str, member: int, month: int) -> str:
        """What stands in a line's cell."""
        reads = {read.parameter: read for read in self.simulation.model.reads[line]}
        written = formula.excel(
            self.simulation.model.formulas[line],
            lambda symbol: self.cells(line, member, month, reads[symbol.name], symbol.backwards),
        )
        return "=" + YOUNGER.sub(r"_xlfn.\1(", written)

    def cells(self, line: str, member: int, month: int, read: Read, backwards: bool) -> str:
        """The address, the range or the sum that a line's parameter stands for."""
        model, members = self.simulation.model, self.simulation.members
        if read.source == MONTH:
            return self.address(MONTH, 0, month)
        if read.over == "total":
            return self.total(line, member, month, read)
        place = int(members.place(model.lines[line].per, model.per(read.source))[member])
        if read.when == "past":
            return self.past(read.source, place, month, backwards)
        return self.moment(read, read.source, place, month)

    def moment(self, read: Read, source: str, member: int, month: int) -> str:
        """This month's cell or last month's, which before the first is the opening value's."""
        if read.when == "last":
            return self.address(source, member, month - 1) if month else self.address(f"opening_{source}", member, 0)
        return self.address(source, member, month)

    def total(self, line: str, member: int, month: int, read: Read) -> str:
        """The sum of the members of one line, or of all the lines of a group."""
        cells = [
            self.moment(read, source, int(place), month)
            for source in self.simulation.model.sources(read)
            for place in self.simulation.wiring.summed(line, source)[member]
        ]
        return f"SUM({','.join(cells)})" if cells else "0"

    def past(self, source: str, member: int, month: int, backwards: bool) -> str:
        """All months so far, as they came or in reverse."""
        if not backwards:
            return f"{self.address(source, member, 0)}:{self.address(source, member, month)}"
        last, name = self.simulation.months - 1, f"{source} in reverse"
        return f"{self.address(name, member, last - month)}:{self.address(name, member, last)}"

    def content(self) -> dict[str, str | float]:
        """Every cell by its address."""
        simulation, cells = self.simulation, {}
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
        for name, member in [row for row in self.rows if row[0].endswith(" in reverse")]:
            for month in months:
                forward = self.address(name.removesuffix(" in reverse"), member, simulation.months - 1 - month)
                cells[self.address(name, member, month)] = f"={forward}"
        return cells


def recalculated(sheet: Sheet, folder: Path) -> dict[str, float]:
    """Write the sheet, let LibreOffice compute it with a profile of its own, and read every formula's value."""
    content = sheet.content()
    book = Workbook()
    for address, cell in content.items():
        book.active[address] = cell
    for (name, _), row in sheet.rows.items():
        book.active[f"A{row}"] = name
    book.save(folder / "plan.xlsx")
    profile = folder / "profile"
    (profile / "user").mkdir(parents=True)
    (profile / "user" / "registrymodifications.xcu").write_text(RECALCULATE_ON_LOAD)
    command = ["soffice", f"-env:UserInstallation={profile.as_uri()}", "--headless", "--norestore"]
    command += ["--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(folder / "out"), "plan.xlsx"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=120)
    computed = load_workbook(folder / "out" / "plan.xlsx", data_only=True).active
    return {
        address: computed[address].value
        for address, cell in content.items()
        if isinstance(cell, str) and cell.startswith("=")
    }
