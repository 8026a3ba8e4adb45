"""The workbook: two other engines recalculate its formulas and arrive at the model's numbers."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import formualizer
import numpy as np
import pytest
from companies import everything
from made import by_month, echo, joined, lines, simulation, typed
from openpyxl import load_workbook
from scipy.special import ndtr

from simulator.__main__ import main
from simulator.answers.ledger import Ledger
from simulator.engine.ages import staying
from simulator.engine.model import MONTH
from simulator.engine.quantities import DirectCost, Money, Number, Share
from simulator.engine.run import Simulation
from simulator.engine.wiring import Members
from simulator.output import workbook
from simulator.scenario.numbers import base_values, simulation_of
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
    """Compare every cell of every line with the model, within 1e-9 of the line's largest number."""
    file = folder / "plan.xlsx"
    sheet = workbook.save(made, file)
    cells = recalculated(file)
    for name, values in made.keep().items():
        within = 1e-9 * np.abs(values).max(initial=0) + RESIDUE
        for month, member in np.ndindex(values.shape[:2]):
            found = cells(sheet.row(name, member), month + 2)
            assert found == pytest.approx(values[month, member, 0], rel=0, abs=within), (name, member, month)


def business_of(scenario: Scenario) -> Simulation:
    """Return the base case of a scenario, ready to run."""
    return simulation_of(scenario, base_values(scenario))


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
    """Every line of a company that has something of every kind gives the same numbers in formualizer."""
    made = business_of(everything(tmp_path, months=18, seed=4))
    assert all(made.members.count(line.per) for line in made.model.lines.values())
    agree(made, tmp_path, by_formualizer)


def test_a_second_engine_computes_the_shipped_scenario_alike(shipped: Scenario, tmp_path: Path):
    """Every line of a shipped scenario gives the same numbers in formualizer."""
    agree(business_of(shipped), tmp_path, by_formualizer)


@pytest.mark.office
def test_libreoffice_computes_every_operation_alike(tmp_path: Path):
    """LibreOffice reads precedence, signs and rounding as the small model means them."""
    agree(every_operation(), tmp_path, by_libreoffice)


@pytest.mark.office
def test_libreoffice_computes_the_business_alike(shipped: Scenario, tmp_path: Path):
    """Every line of a shipped scenario gives the same numbers in LibreOffice."""
    agree(business_of(shipped), tmp_path, by_libreoffice)


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
