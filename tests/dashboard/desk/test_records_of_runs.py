"""Records of the runs on this computer, however many runs there are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dashboard.profiler import runs
from dashboard.profiler.runs import MOST_LISTED


def test_a_record_is_found_behind_many_runs_without_one(home: Path, record: dict[str, Any]):
    """Cancelled runs, which are newer, do not hide it."""
    for number in range(MOST_LISTED):
        folder = home / "runs" / f"20261102T{number:06}-cancelled"
        folder.mkdir()
        (folder / "request.json").write_text("{}", encoding="utf-8")
    assert [path.parent.name for path in runs.results()] == [record["id"]]


def test_a_visitor_of_a_read_only_server_sees_no_runs(record: dict[str, Any], monkeypatch: pytest.MonkeyPatch):
    """They are those of its operator."""
    assert [path.parent.name for path in runs.results()] == [record["id"]]
    monkeypatch.setenv("BREAKEVEN_READ_ONLY", "1")
    assert runs.results() == []
    assert runs.listed() == []
