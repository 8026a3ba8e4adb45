"""Progress on a terminal."""

import io
import sys
from types import SimpleNamespace

import pytest

from simulator import terminal


class Screen(io.StringIO):
    """A terminal."""

    def isatty(self) -> bool:
        """Return that it is one."""
        return True


def test_progress_tells_what_is_done_and_the_time_that_is_left(monkeypatch: pytest.MonkeyPatch):
    """After a quarter of the work in 2 s, the rest takes 6 s; at the end the line is gone, and stays so."""
    screen, moments = Screen(), iter(range(0, 100, 2))
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setattr(terminal, "time", SimpleNamespace(monotonic=lambda: next(moments)))
    progress = terminal.Progress("Trials")
    progress(0.25)
    progress.end()
    progress(0.5)
    told = "Trials: 25%, about 6 s left (Ctrl-C stops)"
    assert screen.getvalue() == f"\r{told}\r{' ' * len(told)}\r"


def test_progress_is_for_a_terminal(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    """A file or a pipe gets no progress."""
    monkeypatch.setattr(terminal, "SILENT", 0)
    progress = terminal.Progress("Trials")
    progress(0.25)
    progress.end()
    assert capsys.readouterr().err == ""
