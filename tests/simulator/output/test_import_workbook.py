"""The way back: what somebody changed in a workbook becomes edits of a scenario, and a hostile file can do no harm."""

import json
import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made import case, changed, measurement
from recalculated import Computed, by_libreoffice, fields, overwritten, part_of, refused, repacked, typed_over, written

from simulator.__main__ import main
from simulator.errors import PlanError
from simulator.output.book import carried, edits
from simulator.output.book.excel import cell
from simulator.output.book.fields import names_of
from simulator.output.book.grid import FIRST
from simulator.output.book.inputs import BY_MONTH, PAGE, Inputs
from simulator.scenario.reading import load, parse
from simulator.scenario.scenario import Scenario

SCENARIOS = Path(__file__).parents[3] / "scenarios"
PATH = b'<c r="B9000" t="inlineStr"><is><t>plans.team.price</t></is></c>'
RECORD = json.dumps(measurement(case(1500.0)), indent=1)


@pytest.fixture
def typed(sent: Path, small: Scenario, tmp_path: Path) -> Callable[..., Path]:
    """Return a function that types into the inputs of the workbook, by path and part, and saves it under a new name."""
    rows = {one.key: row for one, row in fields(small)}

    def changed_file(changes: Mapping[tuple[str, str], object], column: str = "Value", onto: Path = sent) -> Path:
        at = {rows[key]: value for key, value in changes.items()}
        return typed_over(onto, at, tmp_path / "changed.xlsx", column)

    return changed_file


def literals(file: Path) -> dict[str, Any]:
    """Return the edits in a workbook by path; nothing may be left out."""
    with edits.changes_in(file) as changes:
        assert changes.left_out == ()
        return {edit.path: edit.literal for edit in changes.edits}


def left_out(file: Path) -> str:
    """Return what of a workbook is left out; it must have no edits."""
    with edits.changes_in(file) as changes:
        assert changes.edits == ()
        return "\n".join(changes.left_out)


def test_what_nobody_changed_comes_back_as_it_was(sent: Path, small: Scenario, tmp_path: Path):
    """The scenario in the workbook is the file, byte for byte, and there are no edits."""
    assert literals(sent) == {}
    assert main(["import-workbook", str(sent), "--out", str(tmp_path / "back.yaml")]) == 0
    assert (tmp_path / "back.yaml").read_text() == small.text


def test_what_ifs_and_edits_come_back_in_the_scenario(file: Callable[..., Path], tmp_path: Path):
    """They are part of what was sent, and no changes of it; the numbers are the same to the last bit."""
    scenario = load(file(), [SCENARIOS / "overlays" / "gpu-shortage.yaml"]).with_value("plans.team.price", 420)
    written(scenario, tmp_path / "plan.xlsx")
    with edits.changes_in(tmp_path / "plan.xlsx") as changes:
        assert (changes.edits, changes.left_out) == ((), ())
        assert (changes.sent.hash, changes.sent.file_hash) == (scenario.hash, scenario.file_hash)


# Path and part, the number that somebody types, and the literal that it makes.
TYPED: Mapping[tuple[str, str], tuple[float, Any]] = {
    ("plans.team.price", ""): (450, 450),
    ("plans.team.conversion", ""): (0.06, "6%"),
    ("plans.basic.conversion", ""): (0.02**0.5, "90% between 10% and 20%"),
    ("plans.basic.churn", ""): (0.1, {"pert": ["6%", "10%", "18%"]}),
    ("plans.basic.price_elasticity", ""): (1.6, {"lognormal": [1.6, 0.3]}),
    ("fixed_overhead", "month 6"): (4e7**0.5, {0: 3000, 6: "90% between 4000 and 10000"}),
    ("channels.search.organic_signups", ""): (20, {"start": 20, "monthly_growth": "90% between 1% and 4%"}),
    ("channels.search.budget", "over"): (12, {"from": 2000, "to": 8000, "over": 12}),
    ("roles.engineer.heads", "month 5"): (4, {0: 2, 5: 4}),
    ("plans.team.churn_spread", ""): (0.2, 0.2),
    ("cash_floor", ""): (1000, 1000),
}


@pytest.fixture(scope="module")
def received(sent: Path, small: Scenario, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Scenario]:
    """Return the literals of all edits of a workbook with these numbers, and the scenario with them."""
    rows = {one.key: row for one, row in fields(small)}
    changes = {rows[key]: number for key, (number, _) in TYPED.items()}
    with edits.changes_in(typed_over(sent, changes, tmp_path_factory.mktemp("typed") / "plan.xlsx")) as found:
        assert found.left_out == ()
        return {edit.path: edit.literal for edit in found.edits}, edits.applied(found, found.sent)


@pytest.mark.parametrize(("path", "part"), TYPED)
def test_a_number_that_was_typed_is_an_edit(received: tuple[dict[str, Any], Scenario], path: str, part: str):
    """A percentage stays one, a range keeps its shape around the new number, and a course its other parts."""
    found, made = received
    number, literal = TYPED[path, part]
    assert found[path] == literal
    if path == "cash_floor":
        assert made.settings.cash_floor == number
    else:
        assert next(one.value for one, _ in fields(made) if one.key == (path, part)) == pytest.approx(number, rel=1e-9)


def test_a_step_may_begin_in_another_month(typed: Callable[..., Path]):
    """The month of a step is typed beside its value."""
    assert literals(typed({("roles.engineer.heads", "month 5"): 7}, "From month")) == {
        "roles.engineer.heads": {0: 2, 7: 3}
    }


def test_a_part_of_a_month_is_not_taken(typed: Callable[..., Path]):
    """Nor is a word in the place of a month; what was typed is said with its row."""
    for month in (5.5, "May"):
        said = left_out(typed({("roles.engineer.heads", "month 5"): month}, "From month"))
        assert re.fullmatch(rf"Inputs!\d+: the month from which it holds is '{month}'; type a whole number", said)


def test_numbers_typed_over_months_are_a_schedule(sent: Path, small: Scenario, tmp_path: Path):
    """Somebody who plans 4 heads in the months 8 and 9 alone types them there; the other months stay."""
    row = Inputs(small).monthly["roles.engineer.heads"]
    months = {cell(row, FIRST + month): 4 for month in (8, 9)}
    file = overwritten(sent, BY_MONTH, months, tmp_path / "changed.xlsx")
    assert literals(file) == {"roles.engineer.heads": {0: 2.0, 5: 3.0, 8: 4.0, 10: 3.0}}


def test_formulas_typed_over_months_are_a_schedule(sent: Path, small: Scenario, tmp_path: Path):
    """What another formula comes to counts, be it in one month or in all; one that comes to the same does not."""
    row = Inputs(small).monthly["roles.engineer.heads"]
    grown = {cell(row, FIRST + 8): Computed("2*2", 4.0), cell(row, FIRST + 9): Computed("1+2", 3.0)}
    file = overwritten(sent, BY_MONTH, grown, tmp_path / "changed.xlsx")
    assert literals(file) == {"roles.engineer.heads": {0: 2.0, 5: 3.0, 8: 4.0, 9: 3.0}}
    months = range(small.months)
    every = {cell(row, FIRST + month): Computed("2.5*2", 5.0) for month in months}
    assert literals(overwritten(sent, BY_MONTH, every, tmp_path / "all.xlsx")) == {"roles.engineer.heads": {0: 5.0}}


def test_what_was_typed_over_a_line_is_said(sent: Path, tmp_path: Path):
    """A number, another formula, and an empty cell: a scenario takes inputs alone."""
    typed = {"F6": 1_000, "H6": Computed("G6*2", 9.0), "J6": None}
    said = left_out(overwritten(sent, "Balance", typed, tmp_path / "changed.xlsx"))
    assert re.fullmatch(r"Balance!F6, H6, J6: a formula of .+ was typed over; a scenario takes inputs alone, .*", said)


def test_an_origin_that_was_typed_comes_along(typed: Callable[..., Path]):
    """A number alone drops the origin of the one before; with a new source beside it, the row's origin is its own."""
    file = typed({("tax_rate", ""): 0.25})
    assert literals(file) == {"tax_rate": "25%"}
    file = typed({("tax_rate", ""): "the new law"}, "Source", onto=file)
    origin = {"source": "the new law", "as_of": "2026-11-09", "evidence": "published"}
    assert literals(file) == {"tax_rate": {"value": "25%", **origin}}


def test_a_note_alone_changes_no_number(typed: Callable[..., Path]):
    """The value and the rest of its origin stay."""
    file = typed({("tax_rate", ""): "asked on the phone"}, "Note")
    assert literals(file)["tax_rate"] == {
        "value": "20%",
        "source": "the law",
        "as_of": "2026-11-09",
        "evidence": "published",
        "note": "asked on the phone",
    }


def test_edits_apply_to_another_scenario(typed: Callable[..., Path], file: Callable[..., Path], tmp_path: Path):
    """A later version of the file keeps its comments and all that was not changed in the workbook."""
    other, out = file(("price: 400", "price: 420"), ("title: Small", "title: Later")), tmp_path / "new.yaml"
    book = typed({("plans.team.conversion", ""): 0.06})
    assert main(["import-workbook", str(book), "--onto", str(other), "--out", str(out)]) == 0
    assert out.read_text() == other.read_text().replace("conversion: 5%\n", "conversion: 6%\n")
    assert load(out).title == "Later"


def test_the_table_says_what_was_changed(typed: Callable[..., Path], capsys: pytest.CaptureFixture[str]):
    """Before and after, from the month that differs, and that nothing was written."""
    cells = {("plans.team.price", ""): 450, ("roles.engineer.heads", "month 5"): 4, ("tax_rate", ""): "soon"}
    assert main(["import-workbook", str(typed(cells))]) == 0
    shown = capsys.readouterr().out
    assert re.search(r"plans\.team\.price +400 EUR/customer/month → 450 EUR/customer/month\n", shown)
    assert re.search(r"roles\.engineer\.heads +\d heads? → 4 heads? from month 5\n", shown)
    assert "Not taken: Inputs!" in shown
    assert "the value is 'soon'" in shown
    assert "Nothing was written" in shown


def test_the_table_tells_a_change_that_moves_no_number(typed: Callable[..., Path], capsys: pytest.CaptureFixture[str]):
    """A note has no before and after, so the table shows the assumption as it stands now."""
    assert main(["import-workbook", str(typed({("tax_rate", ""): "asked on the phone"}, "Note"))]) == 0
    shown = capsys.readouterr().out
    assert "→" not in shown
    assert re.search(r"tax_rate +20%, now as {value: 20%, .*note: asked on the phone}\n", shown)


def test_a_number_that_makes_no_sense_is_not_taken(typed: Callable[..., Path]):
    """Each has a sentence that says where it stands and what is wrong."""
    strange = {
        "plans.team.churn_spread": (-1, "-1 is below 0"),
        "plans.team.conversion": (None, "the value is empty"),
        "plans.team.price": ("400 or so", "type a number"),
        "plans.basic.price": (True, "type a number"),
        "tax_rate": (20, "2,000% is too large"),
        "opening_cash": (1e300, "type a number"),
    }
    said = left_out(typed({(path, ""): number for path, (number, _) in strange.items()})).splitlines()
    for _, why in strange.values():
        assert any(why in sentence for sentence in said), (why, said)
    assert all(re.match(r"Inputs!\d+: ", sentence) for sentence in said)


def test_records_travel_with_the_scenario(tmp_path: Path):
    """A measured number comes back with the record that it refers to, beside the new file."""
    home, away = tmp_path / "home", tmp_path / "away"
    (home / "measurements").mkdir(parents=True)
    away.mkdir()
    (home / "measurements" / "run.json").write_text(RECORD)
    measured = "{measured: measurements/run.json, metric: tokens_per_second, at: {batch: 8}}"
    text = changed(("large: {tokens_per_second: 900", f"large: {{tokens_per_second: {measured}"))
    written(parse(text, home), tmp_path / "plan.xlsx")
    shutil.rmtree(home)
    assert main(["import-workbook", str(tmp_path / "plan.xlsx"), "--out", str(away / "new.yaml")]) == 0
    assert (away / "measurements" / "run.json").read_text() == RECORD
    assert load(away / "new.yaml").to_yaml() == text


@given(st.text(max_size=80))
def test_any_text_comes_back_as_it_was(text: str):
    """Line breaks of all kinds, controls, and what looks like an escape of Excel's or of our own."""
    pieces = [
        {"File": carried.FILE, "Text": part, "Line ends": "yes" if ends else ""} for part, ends in carried.pieces(text)
    ]
    if pieces:
        pieces[0]["SHA-256"] = carried.hash_of(text)
        assert carried.read(pieces, "plan.xlsx") == {carried.FILE: text}
    else:
        assert not text


@pytest.mark.office
@pytest.mark.soak
def test_libreoffice_loses_nothing(sent: Path, tmp_path: Path):
    """A workbook that was opened and saved there still carries its scenario and its inputs."""
    shutil.copy(sent, tmp_path / "plan.xlsx")
    saved = by_libreoffice(tmp_path / "plan.xlsx")
    assert literals(saved) == {}


@pytest.mark.soak
@pytest.mark.parametrize("path", sorted(SCENARIOS.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_scenario_comes_back_as_it_was(path: Path, tmp_path: Path):
    """Through the workbook, byte for byte, without an edit."""
    written(load(path), tmp_path / "plan.xlsx")
    assert literals(tmp_path / "plan.xlsx") == {}
    assert main(["import-workbook", str(tmp_path / "plan.xlsx"), "--out", str(tmp_path / "new.yaml")]) == 0
    assert (tmp_path / "new.yaml").read_bytes() == path.read_bytes()


def test_rows_are_found_by_their_path(sent: Path, small: Scenario, tmp_path: Path):
    """Somebody inserts two rows above; a second row of one path is refused."""
    row = next(row for one, row in fields(small) if one.path == "plans.team.price")
    file = typed_over(sent, {row: 450}, tmp_path / "changed.xlsx")

    def moved(sheet: bytes) -> bytes:
        return re.sub(
            rb' r="([A-Z]*)(\d+)"', lambda at: b' r="%s%d"' % (at[1], int(at[2]) + 2 * (int(at[2]) > 5)), sheet
        )

    def twice(sheet: bytes) -> bytes:
        return sheet.replace(
            b"</sheetData>", b'<row r="9000">%s%s</row></sheetData>' % (PATH, b'<c r="E9000"><v>1</v></c>')
        )

    part = part_of(sent, PAGE)
    assert literals(repacked(file, tmp_path / "moved.xlsx", {part: moved})) == {"plans.team.price": 450}
    assert "stands on two rows" in refused(repacked(file, tmp_path / "twice.xlsx", {part: twice}))


@pytest.mark.parametrize("page", [PAGE, carried.PAGE])
def test_a_sheet_that_is_missing_is_named(sent: Path, tmp_path: Path, page: str):
    """The sentence says what to do."""

    def renamed(book: bytes) -> bytes:
        return book.replace(f'name="{page}"'.encode(), b'name="Other"')

    assert f"has no sheet {page}" in refused(repacked(sent, tmp_path / "less.xlsx", {"xl/workbook.xml": renamed}))


def test_names_that_excel_takes_for_others_differ(small: Scenario):
    """`a-b` and `a_b`, capitals, and what looks like a cell."""
    one = fields(small)[0][0]
    paths = ["plans.a-b.price", "plans.a_b.price", "plans.A_B.price", "ab1", "r1c1"]
    names = names_of([type(one)(path, "", 1.0) for path in paths])
    assert len({name.lower() for name in names.values()}) == len(paths)
    assert {"ab1", "r1c1"}.isdisjoint(names.values())


def test_a_record_of_another_content_is_not_replaced(tmp_path: Path):
    """What lies beside the new file stays as it is."""
    (tmp_path / "run.json").write_text("{}")
    with pytest.raises(PlanError, match="another record of the same name is here"):
        edits.put(tmp_path / "run.json", RECORD)
    assert (tmp_path / "run.json").read_text() == "{}"
