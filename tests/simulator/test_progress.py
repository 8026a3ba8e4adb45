"""Progress on a terminal."""

import io
import sys
from types import SimpleNamespace

import pytest

from simulator import terminal
from simulator.__main__ import main
from simulator.scenario.scenario import Scenario


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
    monkeypatch.setattr(terminal, "STARTED", 0)
    progress = terminal.Progress("Trials")
    progress(0.25)
    progress.end()
    progress(0.5)
    told = "Trials: 25%, about 6 s left (Ctrl-C stops)"
    assert screen.getvalue() == f"\r{told}\r{' ' * len(told)}\r"


def test_work_of_unknown_size_is_told_by_its_name(monkeypatch: pytest.MonkeyPatch):
    """What has no share yet, such as writing a file, says what it is."""
    monkeypatch.setattr(sys, "stderr", screen := Screen())
    monkeypatch.setattr(terminal, "SILENT", 0)
    with terminal.Progress("Writing the page") as tell:
        tell(0)
        assert screen.getvalue() == "\rWriting the page (Ctrl-C stops)"


def test_progress_is_for_a_terminal(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    """A file or a pipe gets no progress."""
    monkeypatch.setattr(terminal, "SILENT", 0)
    progress = terminal.Progress("Trials")
    progress(0.25)
    progress.end()
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    "command",
    [
        "run --trials 40",
        "kpis --trials 40",
        "risk --trials 200",
        "price --plan team --change plans.team.price --over mean --trials 40",
        "map --x plans.team.price --y plans.team.churn --points 5",
        "charging --plan team --trials 40",
        "solve --change plans.team.price --until end_cash>=0",
        "solve --change plans.team.price --change plans.team.churn --until end_cash>=0",
        "reach --trials 40",
        "capacity large --trials 40",
        "swings --kpi end_cash",
        "indices --n 64",
        "dependence --on plans.basic.conversion --trials 200",
        "worth --option price-war --n 400",
    ],
)
def test_a_command_that_may_take_long_tells_how_far_it_is(
    command: str, small: Scenario, monkeypatch: pytest.MonkeyPatch
):
    """The share that is done rises from one time to the next, up to all of it at most."""
    told: dict[terminal.Progress, list[float]] = {}
    monkeypatch.setattr(terminal.Progress, "__call__", lambda one, done: told.setdefault(one, []).append(done))
    name, *options = command.split()
    monkeypatch.setattr(terminal, "load", lambda *_: small)
    assert main([name, "plan.yaml", *options]) == 0
    assert told, "nothing is told"
    for shares in told.values():
        assert shares == sorted(shares)
        assert 0 < shares[-1] <= 1
