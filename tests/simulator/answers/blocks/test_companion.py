"""A process beside this one does work to the same bits, raises what it raises, and is replaced when it is lost."""

import operator
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from simulator.answers.blocks.companion import Companion
from simulator.answers.trials import kept_of, tried
from simulator.errors import PlanError, ScenarioError
from simulator.scenario.reading import load
from simulator.scenario.scenario import Scenario

ROOT = Path(__file__).parents[4]


@pytest.fixture(scope="module")
def companion() -> Iterator[Companion]:
    """One that has started."""
    started = Companion()
    started.start().result()
    yield started
    started.stop().result()


def test_it_is_another_process_with_the_same_bits(companion: Companion, small: Scenario) -> None:
    """Percentiles of cash, and a later block with a row of its own."""
    assert companion.submit(os.getpid).result() != os.getpid()
    found = companion.submit(tried, small, 300, ["cash"])
    here = tried(small, 300, ["cash"])
    assert found.result().percentiles["cash"].tobytes() == here.percentiles["cash"].tobytes()
    assert found.result().outcomes.end_cash.tobytes() == here.outcomes.end_cash.tobytes()
    (_, there), (_, rows) = (
        companion.submit(kept_of, small, 50, ["revenue"], 300).result(),
        kept_of(small, 50, ["revenue"], 300),
    )
    assert there["revenue"].tobytes() == rows["revenue"].tobytes()


def test_it_raises_what_the_work_raises(companion: Companion) -> None:
    """And goes on with the next piece."""
    with pytest.raises(ZeroDivisionError):
        companion.submit(operator.truediv, 1, 0).result()
    with pytest.raises(PlanError, match="no such thing"):
        companion.submit(fail).result()
    assert companion.submit(operator.add, 1, 2).result() == 3


def test_mistakes_in_a_file_come_back_as_they_are(companion: Companion, tmp_path: Path) -> None:
    """With their lines, from the same process, which goes on."""
    file, before = tmp_path / "bad.yaml", companion.submit(os.getpid).result()
    file.write_text("breakeven: 1\ntitle: T\n", encoding="utf-8")
    with pytest.raises(ScenarioError) as here:
        load(file)
    with pytest.raises(ScenarioError) as there:
        companion.submit(load, file).result()
    assert (str(there.value), there.value.found) == (str(here.value), here.value.found)
    assert companion.submit(os.getpid).result() == before


def test_an_answer_that_cannot_be_read_costs_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is left of it in the pipe would be the next answer, so the work is done here, and another process begins."""
    started = Companion()
    started.start().result()
    before = started.submit(os.getpid).result()

    def unread(_: object) -> None:
        monkeypatch.undo()
        raise AttributeError("no such class")

    monkeypatch.setattr("simulator.answers.blocks.companion._answer", unread)
    assert started.submit(os.getpid).result() == os.getpid()
    assert started.submit(os.getpid).result() not in {before, os.getpid()}
    started.stop().result()


def fail() -> None:
    """Fail as trials do."""
    raise PlanError("no such thing", "name another")


def test_what_it_prints_is_no_answer(companion: Companion) -> None:
    """A library may print, in Python or below it."""
    assert companion.submit(print, "words").result() is None
    assert companion.submit(os.write, 1, b"words\n").result() == 6


def test_work_that_it_has_not_come_to_can_be_taken_back(companion: Companion, small: Scenario) -> None:
    """It does one piece after the other."""
    first, second = (companion.submit(tried, small, 500, ["cash"]) for _ in range(2))
    assert second.cancel()
    assert first.result().outcomes.trials == 500


def test_until_it_starts_work_is_done_here() -> None:
    """Nobody waits for the process."""
    companion = Companion()
    assert not companion.is_ready
    assert companion.submit(os.getpid).result() == os.getpid()


def test_a_lost_process_is_replaced() -> None:
    """What it was given is done here meanwhile."""
    companion = Companion()
    companion.start().result()
    lost = companion.submit(os.getpid).result()
    os.kill(lost, signal.SIGKILL)
    assert companion.submit(os.getpid).result() == os.getpid()
    companion.start().result()
    assert companion.submit(os.getpid).result() not in {lost, os.getpid()}
    companion.stop().result()
    assert not companion.is_ready


def test_it_ends_with_whoever_started_it() -> None:
    """Even where that process was killed."""
    code = (
        "import os, signal; from simulator.answers.blocks.companion import Companion\n"
        "companion = Companion(); companion.start().result(); print(companion.submit(os.getpid).result(), flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, check=False, timeout=120)
    assert done.returncode == -signal.SIGKILL
    with suppress(psutil.NoSuchProcess):
        psutil.Process(int(done.stdout)).wait(timeout=60)
