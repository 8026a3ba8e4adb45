"""A workbook from a stranger can do no harm: what explodes, leads elsewhere or was changed is refused in a sentence."""

import zipfile
from pathlib import Path

import pytest
from recalculated import part_of, refused, repacked

from simulator.errors import PlanError
from simulator.output.book import edits, reading


def test_a_file_that_is_no_workbook_is_refused(tmp_path: Path):
    """Whether it is text, a zip of something else, or not there."""
    file = tmp_path / "plan.xlsx"
    assert "cannot be read" in refused(file)
    file.write_text("breakeven: 1")
    assert "not an Excel workbook" in refused(file)
    with zipfile.ZipFile(file, "w") as parts:
        parts.writestr("a.txt", "a")
    assert "not a workbook that can be read" in refused(file)


def test_a_file_that_would_explode_is_refused(sent: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Parts are unfolded up to a bounded size, and counted; so is the file itself."""
    monkeypatch.setattr(reading, "MOST_UNFOLDED", 30_000_000)
    bomb = repacked(sent, tmp_path / "bomb.xlsx", {"xl/media/a.xml": lambda _: b" " * 30_000_001})
    assert bomb.stat().st_size < 1_000_000
    assert "unfolds to more than 30,000,000 bytes" in refused(bomb)
    monkeypatch.setattr(reading, "MOST_PARTS", 10)
    assert "parts" in refused(sent)
    monkeypatch.setattr(reading, "LARGEST_BYTES", 1_000)
    assert "more than 1,000 bytes" in refused(sent)


@pytest.mark.parametrize(
    ("part", "before", "many"),
    [
        ("xl/sharedStrings.xml", b"</sst>", b"<si/>"),
        ("xl/workbook.xml", b"</definedNames>", b'<definedName name="a">1</definedName>'),
        ("[Content_Types].xml", b"</Types>", b'<Override PartName="/x" ContentType="y"/>'),
        ("xl/worksheets/sheet1.xml", b"</sheetData>", b"<row/>"),
        ("xl/styles.xml", b"</styleSheet>", b"<a b='1'/>"),
    ],
)
def test_a_file_of_many_small_things_is_refused(sent: Path, tmp_path: Path, part: str, before: bytes, many: bytes):
    """A megabyte of them unfolds to little, and took a gigabyte and half a minute to read."""
    file = repacked(sent, tmp_path / "many.xlsx", {part: lambda old: old.replace(before, many * 10**6 + before)})
    assert f"{part} has more cells than a workbook of a scenario" in refused(file)


def test_a_part_that_is_many_sheets_is_refused(sent: Path, tmp_path: Path):
    """It would be read again for each of them."""
    again = b'<sheet name="again" sheetId="999" r:id="rId1"/></sheets>'
    file = repacked(sent, tmp_path / "again.xlsx", {"xl/workbook.xml": lambda old: old.replace(b"</sheets>", again)})
    assert "not a workbook that can be read" in refused(file)


def test_rows_are_bounded_over_all_sheets(sent: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A row far below the others makes all between them."""
    monkeypatch.setattr(reading, "MOST_ROWS_OF_ALL", 20_000)
    late = b'<row r="19999"><c r="A19999"><v>1</v></c></row></sheetData>'
    file = repacked(
        sent, tmp_path / "late.xlsx", {part_of(sent, "Lines"): lambda old: old.replace(b"</sheetData>", late)}
    )
    assert "the sheets have more than 20,000 rows" in refused(file)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "cp037"])
@pytest.mark.parametrize("part", ["xl/sharedStrings.xml", "xl/media/strings.png"])
def test_entities_are_refused(sent: Path, tmp_path: Path, encoding: str, part: str):
    """They could unfold without bound, or read other files; no spreadsheet writes them, in whatever encoding."""
    head = f'<?xml version="1.0" encoding="{encoding}"?>'
    laughs = '<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c SYSTEM "file:///etc/passwd">]><a/>'
    hidden = head.encode() + laughs.encode(encoding) if encoding == "cp037" else (head + laughs).encode(encoding)
    file = repacked(sent, tmp_path / "laughs.xlsx", {part: lambda _: hidden})
    assert ("defines entities" if encoding == "utf-8" else "not a workbook that can be read") in refused(file)


def test_a_scenario_that_was_changed_in_the_workbook_is_refused(sent: Path, tmp_path: Path):
    """Its hash is beside it."""

    def richer(strings: bytes) -> bytes:
        return strings.replace(b"  opening_cash: 500000", b"  opening_cash: 900000")

    file = repacked(sent, tmp_path / "changed.xlsx", {"xl/sharedStrings.xml": richer})
    assert "was changed on the sheet Scenario" in refused(file)


@pytest.mark.parametrize("name", ["../run.json", "/tmp/run.json", "a\\run.json", "run.py", "a/../../run.json"])
def test_a_record_cannot_lead_elsewhere(tmp_path: Path, name: str):
    """A record is a .json file beside the scenario or below it."""
    with pytest.raises(PlanError, match="is not a record beside a scenario"):
        edits.unpack({name: "{}"}, tmp_path, "plan.xlsx")
