"""The workbook within the limits of Excel, which cannot be tried here: see `excel_limits` for where they are from."""

import re
from datetime import datetime
from functools import partial
from pathlib import Path

import pytest
from excel_limits import faults, formula_faults
from made import SMALL, echo, joined, lines, shortened
from recalculated import repacked, written

from simulator.engine.quantities import Number
from simulator.engine.wiring import Members
from simulator.errors import ModelError
from simulator.output.book.excel import Book, Style, quoted
from simulator.output.book.grid import Grid
from simulator.output.book.pages import place_lines
from simulator.scenario.reading import load, parse

SCENARIOS = sorted((Path(__file__).parents[3] / "scenarios").glob("*.yaml"))
# A row has the same formula in every month, so a year shows nearly all; `make soak` writes each scenario to its end.
SOME = [(SCENARIOS[0], 60), (SCENARIOS[4], 13), (SCENARIOS[8], 13)]
REST = [pytest.param(path, 60, marks=pytest.mark.soak) for path in SCENARIOS[1:]]


@pytest.mark.parametrize(("path", "months"), SOME + REST, ids=lambda one: getattr(one, "stem", None))
def test_excel_takes_every_scenario_that_ships(path: Path, months: int, tmp_path: Path):
    """No formula, name, text, link, rule, format or chart is one that Excel would refuse."""
    written(shortened(load(path), months), tmp_path / "plan.xlsx")
    assert faults(tmp_path / "plan.xlsx") == []


# Names that Excel reads as cells or values, that differ in capitals or marks alone, or are as long as one may be.
NAMES = {
    "basic": "R1",
    "team": "r1",
    "answers": "A1",
    "sorting": '"TRUE"',
    "large": "L" * 40,
    "small": "l-" * 20,
    "tune": "RC",
    "engineer": "C",
    "search": "XFD1048576",
}
# What is longest and worst in a text: two units each, quotes, line feeds, a bell, and what XML cannot hold.
WORST = "😀\"'<&]]>" * 25 + "\\n" * 1_000 + "\\a\\ufffe"


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """Return the workbook of a scenario whose names and texts are chosen to break it."""
    text = SMALL
    for old, new in NAMES.items():
        text = re.sub(rf"\b{old}\b", new, text)
    quoted = '"' + WORST.replace('"', '\\"') + '"'
    text = text.replace("title: Small\n", f"title: {quoted}\ndescription: {quoted}\n")
    text = text.replace("title: Basic", f"title: {quoted}").replace("source: the law", f"source: {quoted}")
    text += f"comments:\n  - {{on: tax_rate, by: A, date: 2026-11-28, text: {quoted}}}\n"
    written(parse(text, tmp_path), tmp_path / "plan.xlsx")
    return tmp_path / "plan.xlsx"


def test_excel_takes_names_and_texts_that_were_chosen_to_break_it(hostile: Path):
    """Names like cells, texts of emoji, quotes, line feeds and characters that XML has not."""
    assert faults(hostile) == []


def test_a_formula_that_excel_would_refuse_is_an_error():
    """Before there is a file, with the cell that would hold it."""
    page = Book(datetime(2027, 1, 1), {}).page("Page")
    with pytest.raises(ModelError, match="Page!A1: the formula is longer than the 8,192 characters that Excel takes"):
        page.formula(0, 0, "=1" + "+1" * 4_096, 1, Style("formula"))


def test_a_sum_of_many_members_is_nested():
    """Members of two pools that take turns are single cells, more of them than a function takes."""
    reads = Members({"feature": tuple(map(str, range(600))), "pool": ("a", "b")}, {("feature", "pool"): (0, 1) * 300})
    made = joined(
        lines(echo("use", "amount", Number), per="feature"), lines(echo("served", "total_use", Number), per="pool")
    )
    grid = Grid(made, reads, 2, lambda name, member: ("", ""))
    place_lines(grid)
    formula = grid.formula("served", 1)
    assert formula.count("SUM(") == 3
    assert list(formula_faults(formula, [])) == []


def test_a_sheet_that_is_called_like_a_cell_is_quoted():
    """`Gpt4` is a cell to Excel, since its columns go to XFD."""
    assert [quoted(title) for title in ("Gpt4", "Market", "KPI growth")] == ["'Gpt4'", "Market", "'KPI growth'"]


# Each part of a workbook with what is changed in it, and what is then found.
SHEET, FORMULA = "xl/worksheets/sheet1.xml", "<f>books_balance</f>"
BROKEN = [
    ("xl/workbook.xml", 'name="Market"', f'name="{"M" * 32}"', "no sheet may be called"),
    ("xl/workbook.xml", 'name="Cover"', 'name="kpis"', "two sheets are called kpis"),
    ("xl/workbook.xml", 'name="tax_rate"', 'name="TAX2027"', "no cell may be called TAX2027"),
    ("xl/workbook.xml", 'name="loss_limit"', 'name="CASH_FLOOR"', "two cells are called cash_floor"),
    ("xl/workbook.xml", '"ageing">Inputs!', '"ageing">Elsewhere!', "ageing leads to Elsewhere!"),
    (SHEET, FORMULA, f"<f>LET(x,1)</f>{FORMULA}", "calls LET"),
    (SHEET, FORMULA, f'<f>"{"x" * 256}"</f>{FORMULA}', "a text within a formula is too long"),
    (SHEET, FORMULA, f"<f>{'ABS(' * 65}1{')' * 65}</f>{FORMULA}", "nested more than 64 levels"),
    (SHEET, FORMULA, f"<f>SUM({'1,' * 255}1)</f>{FORMULA}", "more than 255 arguments"),
    (SHEET, FORMULA, f"<f>1{'+1' * 4_096}</f>", "a formula has 8,193 characters"),
    (SHEET, " ht=", ' ht="410" was=', "a row is too high"),
    (SHEET, "<f>inputs_changed</f><v>", "<f>inputs_changed</f><v>x", "is no number"),
    ("xl/sharedStrings.xml", ">Statements<", f">{'😀' * 16_384}<", "more than 32767 characters"),
    ("xl/charts/chart1.xml", ">Statements!", ">Elsewhere!", "a chart leads to Elsewhere!"),
]


@pytest.fixture(scope="module")
def found(sent: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return what is found in a workbook that breaks all of these."""

    def broken(part: str, text: bytes) -> bytes:
        for _, old, new, _ in (one for one in BROKEN if one[0] == part):
            assert old in text.decode(), f"{part} does not hold {old}"
            text = text.decode().replace(old, new, 1).encode()
        return text

    parts = {part: partial(broken, part) for part, *_ in BROKEN}
    return " ".join(faults(repacked(sent, tmp_path_factory.mktemp("limits") / "broken.xlsx", parts)))


@pytest.mark.parametrize("fault", [fault for *_, fault in BROKEN])
def test_the_limits_would_be_seen(found: str, fault: str):
    """A workbook that was changed to break one of them is found out."""
    assert fault in found


def test_a_character_that_xml_has_not_would_be_seen(sent: Path, tmp_path: Path):
    """Excel reads no other part of such a file."""
    core = {"docProps/core.xml": lambda text: text.replace(b"Small", b"Sm\x07all")}
    assert faults(repacked(sent, tmp_path / "broken.xlsx", core)) == [
        "docProps/core.xml holds characters that XML has not"
    ]
