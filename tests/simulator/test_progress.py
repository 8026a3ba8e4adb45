"""Progress of trials on a terminal."""

import time

import pytest

from simulator import terminal


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let stderr be a terminal, and time pass from 0 s by 2 s at a look."""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    moments = iter(range(0, 100, 2))
    monkeypatch.setattr(time, "monotonic", lambda: next(moments))


@pytest.mark.usefixtures("screen")
def test_progress_tells_blocks_and_the_time_that_is_left(capsys: pytest.CaptureFixture[str]):
    """After a quarter of the blocks in 2 s, the rest take 6 s; at the end the line is gone, and stays so."""
    progress = terminal.Progress()
    progress.tell(1, 4)
    progress.clear()
    progress.tell(2, 4)
    told = "trials: block 1 of 4, about 6 s left (Ctrl-C stops)"
    assert capsys.readouterr().err == f"\r{told}\r{' ' * len(told)}\r"


def test_progress_is_for_a_terminal(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    """A file or a pipe gets no progress."""
    monkeypatch.setattr(terminal, "SILENT", 0)
    progress = terminal.Progress()
    progress.tell(1, 4)
    progress.clear()
    assert capsys.readouterr().err == ""
