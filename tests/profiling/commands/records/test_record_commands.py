"""Commands that read records: what they print, and what they say of a damaged run."""

import codecs
from pathlib import Path

import pytest
from example import RECORD

from profiling.__main__ import main
from profiling.files import write_atomic
from profiling.runs.job import Job

Capture = pytest.CaptureFixture[str]


def test_a_record_is_shown_by_its_file(capsys: Capture) -> None:
    """The file may lie anywhere."""
    assert main(["show", str(RECORD)]) == 0
    assert "classifier-full" in capsys.readouterr().out


def test_runs_are_merged_by_the_folder_that_they_lie_in(done: Job, tmp_path: Path, capsys: Capture) -> None:
    """Into a record that any command reads; a run without a record is passed over with a warning."""
    empty = Job(done.folder.parent / "a-run-that-was-lost")
    empty.folder.mkdir()
    write_atomic(empty.folder / "request.json", (done.folder / "request.json").read_text())
    write_atomic(empty.folder / "state.json", (done.folder / "state.json").read_text())
    out = tmp_path / "merged.json"
    assert main(["merge", str(done.folder.parent), "--out", str(out)]) == 0
    warned = capsys.readouterr().err
    assert "passed over: nothing has been measured yet in run a-run-that-was-lost" in warned
    assert f"record of 1 run in {out}" in warned
    assert main(["report", str(out)]) == 0
    assert f"{done.id}-merged" in capsys.readouterr().out


def test_a_damaged_record_is_shown_with_the_way_on(done: Job, capsys: Capture) -> None:
    """The events still know what was measured."""
    write_atomic(done.folder / "record.json", "{")
    assert main(["show", done.id]) == 2
    error = capsys.readouterr().err
    assert "record.json: not a JSON file" in error
    assert f"`resume {done.id}` writes it again" in error


def test_a_record_may_begin_with_the_mark_of_utf_8(done: Job, capsys: Capture) -> None:
    """Editors on Windows write it before the first brace."""
    path = done.folder / "record.json"
    path.write_bytes(codecs.BOM_UTF8 + path.read_bytes())
    assert main(["report", str(path)]) == 0
    assert done.id in capsys.readouterr().out


def test_damaged_events_are_told_beside_the_record(done: Job, capsys: Capture) -> None:
    """The record is shown all the same."""
    done.journal.path.write_bytes(b"\xff\n" + done.journal.path.read_bytes())
    assert main(["show", done.id]) == 0
    out, err = capsys.readouterr()
    assert done.id in out
    assert "1 lines cannot be read" in err
