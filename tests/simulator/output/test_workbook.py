"""The workbook: two other engines recalculate its formulas and arrive at the model's numbers."""

import re
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import formualizer
import numpy as np
import pytest
from companies import everything
from made import by_month, echo, joined, lines, simulation, typed
from openpyxl import load_workbook
from scipy.special import ndtr

from simulator.__main__ import main
from simulator.answers.kpis import measures
from simulator.answers.kpis.measures import Measures
from simulator.answers.ledger import Ledger
from simulator.engine.ages import staying
from simulator.engine.model import MONTH, Array
from simulator.engine.quantities import DirectCost, Money, Number, Share
from simulator.engine.run import Simulation
from simulator.engine.wiring import Members
from simulator.output import workbook
from simulator.scenario.scenario import Scenario

Cells = Callable[[int, int], object]
# Differences of large numbers leave a residue of rounding where a line is zero.
RESIDUE = 1e-10
RECALCULATE_ON_LOAD = """\
<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse">
<value>0</value></prop></item></oor:items>
"""


def by_formualizer(file: Path) -> Cells:
    """Return the cells of a workbook by row and column, as formualizer recalculates them."""
    book = formualizer.load_workbook(str(file))
    book.evaluate_all()
    (page,) = book.sheet_names
    return lambda row, column: book.get_value(page, row, column)


def by_libreoffice(file: Path) -> Cells:
    """Return the cells of a workbook by row and column, as LibreOffice recalculates them."""
    profile = file.parent / "profile"
    (profile / "user").mkdir(parents=True)
    (profile / "user" / "registrymodifications.xcu").write_text(RECALCULATE_ON_LOAD)
    command = ["soffice", f"-env:UserInstallation={profile.as_uri()}", "--headless", "--norestore"]
    command += ["--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(file.parent / "out"), file.name]
    subprocess.run(command, cwd=file.parent, check=True, capture_output=True, timeout=120)
    page = load_workbook(file.parent / "out" / file.name, data_only=True).active
    return lambda row, column: page.cell(row, column).value


def agree(made: Simulation, folder: Path, recalculated: Callable[[Path], Cells]) -> None:
    """Compare every cell of every line of a simulation with the model."""
    file = folder / "plan.xlsx"
    sheet = workbook.save(made, file)
    compare(sheet, made.keep(), recalculated(file))


def agree_on_all(scenario: Scenario, folder: Path, recalculated: Callable[[Path], Cells]) -> None:
    """Compare every cell of every line and traced KPI of a scenario's base case."""
    ledger, file = Ledger.of(scenario), folder / "plan.xlsx"
    sheet = workbook.write(ledger, file)
    measured, model, members = Measures(ledger, measures()), measures(), scenario.members
    figures = {
        name: np.stack([measured.series(name, member) for member in range(members.count(model.lines[name].per))], 1)
        for name in model.lines.keys() - ledger.lines.keys()
    }
    values = {name: line[:, :, None] for name, line in (ledger.lines | figures).items()}
    compare(sheet, values, recalculated(file))


def compare(sheet: workbook.Sheet, values: Mapping[str, Array], cells: Cells) -> None:
    """Compare cells with values (months, members, 1), within 1e-9 of a line's largest; NaN is an error in a cell."""
    for name, line in values.items():
        within = 1e-9 * np.abs(np.nan_to_num(line)).max(initial=0) + RESIDUE
        for month, member in np.ndindex(line.shape[:2]):
            found, value = cells(sheet.row(name, member), month + 2), line[month, member, 0]
            if np.isnan(value):
                assert "N/A" in str(found) or "Na" in str(found), (name, member, month, found)
            else:
                assert found == pytest.approx(value, rel=0, abs=within), (name, member, month)


def every_operation() -> Simulation:
    """Return a model with a table, pointers, cohorts, a group, and each operation that Excel may misread."""

    def signed(x: Number) -> Number:
        return x

    def survival(month, last_survival=1.0) -> Share:
        return np.where(month == 0, 1, last_survival * 0.5)

    def stock(past_signed, past_survival) -> Number:
        return np.vecdot(past_signed, past_survival[..., ::-1])

    def plain_past(past_signed) -> Number:
        return np.vecdot(past_signed, past_signed)

    def signs(x, month) -> Number:
        return -(x**2) + 2**-x - -x + np.ceil(-x / 2) + np.floor(-x / 2) + abs(x - 3) + (x > 2) * 5

    def choices(x, month) -> Number:
        both = np.where(np.logical_and(x > 1, month < 2), 1, 2)
        return both + np.where(np.logical_or(x != 3, month >= 1), np.exp(-x), np.log(x)) + ndtr(x / 10)

    def loyal(x, first_x, month) -> Number:
        return staying(month / 4, x - 1, x, month + first_x) + staying(1, x, 0, month) / 2

    def spent(total_direct_cost, last_spent) -> Money:
        return total_direct_cost + last_spent / 2

    made = joined(
        lines(signed, survival, stock, plain_past, signs, choices, loyal, spent),
        lines(typed("rent", "price", Money, DirectCost), echo("served", "total_use", Number), per="pool"),
        lines(echo("owed", "pool_served", Number), per="plan"),
        lines(echo("use", "plan_amount", Number, "feature_length", Number), per=("plan", "feature")),
    )
    names = {"plan": ("a", "b"), "feature": ("f", "g"), "pool": ("p", "q")}
    members = Members(names, {("feature", "pool"): (0, 1), ("plan", "pool"): (1, 0)})
    inputs = {"x": by_month(1, 3, 4.5, 2), "opening_survival": 1, "opening_spent": 8}
    return simulation(made, inputs | {"price": [3, 4], "amount": [1, 10], "length": [2, 3]}, members, 4)


def test_a_second_engine_computes_every_operation_alike(tmp_path: Path):
    """A small model with all naming rules and operations gives the same numbers in formualizer."""
    agree(every_operation(), tmp_path, by_formualizer)


def test_a_second_engine_computes_the_business_alike(tmp_path: Path):
    """Every line and KPI of a company that has something of every kind gives the same numbers in formualizer."""
    scenario = everything(tmp_path, months=18, seed=4)
    assert all(scenario.members.count(line.per) for line in measures().lines.values())
    agree_on_all(scenario, tmp_path, by_formualizer)


def test_a_second_engine_computes_the_shipped_scenario_alike(shipped: Scenario, tmp_path: Path):
    """Every line and KPI of a shipped scenario gives the same numbers in formualizer."""
    agree_on_all(shipped, tmp_path, by_formualizer)


@pytest.mark.office
def test_libreoffice_computes_every_operation_alike(tmp_path: Path):
    """LibreOffice reads precedence, signs and rounding as the small model means them."""
    agree(every_operation(), tmp_path, by_libreoffice)


@pytest.mark.office
def test_libreoffice_computes_the_business_alike(shipped: Scenario, tmp_path: Path):
    """Every line and KPI of a shipped scenario gives the same numbers in LibreOffice."""
    agree_on_all(shipped, tmp_path, by_libreoffice)


def test_the_workbook_of_a_ledger_names_its_rows(shipped: Scenario, tmp_path: Path):
    """The first column has each line with its member; the first row has the months; numbers are formulas."""
    workbook.write(Ledger.of(shipped), tmp_path / "plan.xlsx")
    page = load_workbook(tmp_path / "plan.xlsx").active
    rows = {row[0].value: row[1:] for row in page.iter_rows()}
    assert [cell.value for cell in rows[MONTH]] == list(range(18))
    pool = shipped.entities["pool"][0]
    assert all(str(cell.value).startswith("=") for name in ("cash", f"cloud_rent[{pool}]") for cell in rows[name])


@pytest.mark.parametrize(("name", "why"), [("plan.xls", r"does not end in \.xlsx"), ("no/plan.xlsx", "cannot write")])
def test_a_workbook_that_cannot_be_written_is_an_error(
    file: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, why: str
):
    """The command says which path it could not write, and what to do."""
    assert main(["workbook", str(file()), str(tmp_path / name)]) == 2
    assert re.search(why, capsys.readouterr().err)
