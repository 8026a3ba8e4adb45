"""The workbook as a file: one formula a row, names, colours, print set-up, and what must not be in it."""

import re
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from made import SMALL
from openpyxl import load_workbook
from openpyxl.utils import column_index_from_string
from recalculated import cells_of, fields, off, written

from simulator.__main__ import main
from simulator.answers.projection import project
from simulator.errors import ModelError
from simulator.output import book
from simulator.output.book.excel import Book, Style
from simulator.output.book.grid import FIRST, OPENED, Grid
from simulator.scenario.reading import parse
from simulator.scenario.scenario import Scenario

CELL = re.compile(r"(?<![\d.])(\$?)\b([A-Z]{1,3})(\$?)(\d+)")
FORBIDDEN = re.compile(r"\b(OFFSET|INDIRECT|NOW|TODAY|RAND|RANDBETWEEN|CELL|INFO|LAMBDA|LET)\(|\[\d+\]|#REF!")
DATE = datetime(2027, 1, 1)
SIGNS = "=1+1", "+1", "-1", "@SUM(A1)", "＝1", "＋1", "－1", "＠A1"


@pytest.fixture(scope="module")
def made(small: Scenario, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Grid]:
    """Return the workbook of the small scenario with a few trials, and where its lines stand."""
    file = tmp_path_factory.mktemp("book") / "plan.xlsx"
    grid, _ = written(small, file, trials=20)
    return file, grid


@pytest.fixture(scope="module")
def opened(made: tuple[Path, Grid]):
    """Return the workbook with its formulas."""
    return load_workbook(made[0])


def relative(formula: str, column: int) -> str:
    """Return a formula with the columns of its cells counted from its own."""

    def shifted(match: re.Match[str]) -> str:
        at = match[2] if match[1] else column_index_from_string(match[2]) - column
        return f"{match[1]}<{at}>{match[3]}{match[4]}"

    return CELL.sub(shifted, formula)


def test_a_row_has_one_formula(made: tuple[Path, Grid], opened):
    """From the first month to the last, each row of a line has the same formula relative to its cell."""
    _, grid = made
    for place in (*grid.rows.values(), *grid.reversed.values()):
        cells = [opened[place.page].cell(place.row, FIRST + 1 + month) for month in range(grid.months)]
        assert all(cell.data_type == "f" for cell in cells)
        assert len({relative(cell.value, cell.column) for cell in cells}) == 1, (place, cells[0].value)


def test_every_cell_is_written_with_its_value(made: tuple[Path, Grid], small: Scenario):
    """A viewer that does not recalculate shows the model's numbers, bit for bit."""
    file, grid = made
    values = book.values_of(project(small, 0, evidence=False))
    assert off(grid, values, cells_of(file)) == []


def test_nothing_in_it_can_surprise(made: tuple[Path, Grid], opened):
    """It has no macro, no link to another file, and no function that changes by itself or that older Excel lacks."""
    with zipfile.ZipFile(made[0]) as parts:
        names = " ".join(parts.namelist())
    assert not re.search(r"vba|externalLink|connections|\.bin", names)
    formulas = [cell.value for page in opened for row in page.iter_rows() for cell in row if cell.data_type == "f"]
    assert [one for one in formulas if FORBIDDEN.search(one)] == []
    assert max(map(len, formulas)) < 8_192


def test_every_input_has_a_name(small: Scenario, opened):
    """A formula reads `plans.team.price` by that name, and the name leads to a blue number on yellow."""
    names = opened.defined_names
    assert set(names) >= {".".join(filter(None, one.key)).replace(" ", "_") for one, _ in fields(small)}
    page, address = names["plans.team.price"].attr_text.split("!")
    cell = opened[page][address.replace("$", "")]
    assert (cell.value, cell.font.color.rgb, cell.fill.fgColor.rgb) == (400, "FF0000FF", "FFFFFFCC")
    formulas = (one.value for page in opened for row in page.iter_rows() for one in row if one.data_type == "f")
    assert any("plans.team.price" in formula for formula in formulas)


def test_colours_tell_what_a_cell_is(made: tuple[Path, Grid], opened):
    """Formulas are black; what comes from another sheet is green; a value that no formula computes is marked."""
    cash = made[1].rows["cash", 0]
    assert opened[cash.page].cell(cash.row, FIRST + 1).font.color.rgb == "FF000000"
    assert opened[cash.page].cell(cash.row, OPENED + 1).font.color.rgb == "FF006100"
    assert opened["Statements"]["E9"].font.color.rgb == "FF006100"
    value = opened["Simulated trials"].cell(5, FIRST + 1)
    assert (value.data_type, value.font.italic) == ("n", True)


def test_pages_are_set_up_for_reading_and_paper(opened):
    """Heads stay in sight; paper is landscape with the first columns repeated; the cover leads to every sheet."""
    page = opened["Balance"]
    assert (page.freeze_panes, page.page_setup.orientation, page.print_title_cols) == ("E5", "landscape", "$A:$C")
    assert opened["Statements"].print_title_rows == "$1:$4"
    cells = [row[0] for row in opened["Cover"].iter_rows()]
    links = {cell.hyperlink.location.split("!")[0].strip("'") for cell in cells if cell.hyperlink}
    assert links == set(opened.sheetnames) - {"Cover"}


def test_the_cover_draws_cash_and_revenue(made: tuple[Path, Grid]):
    """Both charts are the spreadsheet's own."""
    with zipfile.ZipFile(made[0]) as parts:
        charts = [parts.read(name).decode() for name in parts.namelist() if name.startswith("xl/charts/chart")]
    assert ["lineChart" in one for one in charts] == [True, False]
    assert ["barChart" in one for one in charts] == [False, True]


def test_the_cover_says_which_scenario_it_is(small: Scenario, opened):
    """Its title, its two hashes, and that nothing was changed since."""
    shown = {row[0]: row[1] for row in opened["Cover"].iter_rows(values_only=True) if row[0]}
    assert (shown["Hash of the numbers"], shown["Hash of the file"]) == (small.hash, small.file_hash)
    assert opened["Cover"]["A1"].value == "Small"
    assert opened.properties.created.isoformat() == "2027-01-01T00:00:00"


def test_the_same_scenario_gives_the_same_bytes(small: Scenario, made: tuple[Path, Grid]):
    """Neither the clock nor the order of sets is in it."""
    content, _ = book.workbook(project(small, 20, evidence=False))
    assert content == made[0].read_bytes()


def test_a_text_that_looks_like_a_formula_stays_text(tmp_path: Path):
    """Titles and notes are text in a cell that stays text when somebody edits it."""
    notes = "".join(
        f"  role{place}: {{heads: {{value: 1, note: '{sign}'}}, salary: 9}}\n" for place, sign in enumerate(SIGNS)
    )
    text = SMALL.replace("title: Small", f"title: '{SIGNS[0]}'").replace("roles:\n", f"roles:\n{notes}")
    written(parse(text, tmp_path), tmp_path / "plan.xlsx")
    opened = load_workbook(tmp_path / "plan.xlsx")
    cells = [cell for page in ("Cover", "Inputs") for row in opened[page].iter_rows() for cell in row]
    found = [(cell.value, cell.data_type, cell.quotePrefix) for cell in cells if cell.value in SIGNS]
    assert found == [(sign, "s", True) for sign in (SIGNS[0], *SIGNS)]


def test_a_cell_that_two_formulas_cover_is_an_error():
    """Before there is a file."""
    page = Book(DATE, {}).page("Page")
    page.formula(0, 0, "=1", 1, Style("formula"))
    with pytest.raises(ModelError, match="Page!A1: the cell is written twice"):
        page.formula(0, 0, "=2", 2, Style("formula"))


def test_a_line_without_a_row_is_an_error(small: Scenario, monkeypatch: pytest.MonkeyPatch):
    """A formula that would read it names it; so does a row without formulas."""
    placed = book.place_lines

    def without_cash(grid: Grid) -> dict[str, list[str]]:
        found = placed(grid)
        grid.rows.pop(("cash", 0))
        return found

    monkeypatch.setattr(book, "place_lines", without_cash)
    with pytest.raises(ModelError, match="cash: no row holds the line"):
        book.workbook(project(small, 0, evidence=False))


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["plan.xls"], r"does not end in \.xlsx"),
        (["no/plan.xlsx"], "there is no folder no"),
        ([], "has no path, or two"),
        (["a.xlsx", "--out", "b.xlsx"], "has no path, or two"),
    ],
)
def test_a_workbook_that_cannot_be_written_is_an_error(
    file: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    why: str,
):
    """The command says which path it could not write, and what to do."""
    path = file()
    monkeypatch.chdir(path.parent)
    assert main(["workbook", str(path), *arguments, "--trials", "0"]) == 2
    assert re.search(why, capsys.readouterr().err)
