"""The same bits wherever trials and changes run: threads, processes, a cluster that loses a worker; and what fails."""

import argparse
import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from distributed import Client, LocalCluster

from simulator import terminal
from simulator.__main__ import main
from simulator.answers import draws, trials
from simulator.answers.blocks import executors
from simulator.answers.blocks.executors import cluster, processes
from simulator.answers.blocks.work import Watched, in_order
from simulator.answers.projection import Projection, project
from simulator.answers.variations.inputs import vary
from simulator.errors import PlanError
from simulator.scenario.scenario import Scenario

ROOT = Path(__file__).parents[4]
TRIALS = 180


def bits(projection: Projection) -> dict[str, bytes]:
    """Return the outcomes and all percentiles of a projection, bit for bit."""
    projection.compute_percentiles()
    outcomes = {name: one.tobytes() for name, one in vars(projection.figures.outcomes).items()}
    return outcomes | {name: one.tobytes() for name, one in projection.series.bands.known.items()}


def run(small: Scenario, executor: Executor | None) -> Projection:
    """Return a projection with percentiles of all lines."""
    return project(small, TRIALS, percentiles=True, evidence=False, executor=executor)


@pytest.fixture
def blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let trials run in many small blocks, and let percentiles be counted."""
    monkeypatch.setattr(draws, "MOST_IN_BLOCK", 30)
    monkeypatch.setattr(trials, "MOST_KEPT", 0)
    monkeypatch.setattr(trials, "MOST_CELLS", 0)


@pytest.fixture(scope="module")
def two() -> Iterator[Executor]:
    """Two processes."""
    with processes(2) as pool:
        yield pool


@pytest.mark.usefixtures("blocks")
def test_processes_give_the_same_bits(small: Scenario, two: Executor):
    """Outcomes and percentiles of two processes are those of this one, on one thread or two."""
    here = bits(run(small, None))
    assert bits(run(small, two)) == here
    with ThreadPoolExecutor(1) as one:
        assert bits(run(small, one)) == here


def test_changes_on_processes_give_the_same_bits(small: Scenario, two: Executor):
    """Changes of a scenario are the same wherever they run."""
    changes = [{"tax_rate": np.array([rate])} for rate in (0.1, 0.2, 0.3, 0.4, 0.5)]
    assert np.array_equal(vary(small, changes, ["cash"], two)["cash"], vary(small, changes, ["cash"])["cash"])


@pytest.mark.usefixtures("blocks")
def test_a_cluster_that_loses_a_worker_gives_the_same_bits(small: Scenario):
    """A worker that was started as the README says is killed after the first blocks; another computes what it began."""
    here = bits(run(small, None))
    with LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, protocol="tcp", dashboard_address=None
    ) as local:
        command = [sys.executable, "-m", "dask", "worker", local.scheduler_address, "--nthreads", "1", "--no-nanny"]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        with subprocess.Popen(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": "."}, **quiet) as other:
            with Client(local, set_as_default=False) as client:
                client.wait_for_workers(2, timeout=120)
            with cluster(local.scheduler_address) as executor:
                killing = Watched(executor, lambda done, given: done == 3 and other.kill())
                assert bits(run(small, killing)) == here
    assert other.returncode == -signal.SIGKILL


def test_a_lost_process_is_told_in_a_sentence():
    """A process that the system ends, as where memory runs out, breaks off the run with what to do."""
    told = r"a process that computed trials was stopped.*run fewer"
    with processes(1) as pool:
        with pytest.raises(PlanError, match=told):
            list(in_order(os._exit, [1], pool))
        with pytest.raises(PlanError, match=told):  # it takes no further work
            list(in_order(abs, [1], pool))


@pytest.mark.parametrize(
    ("address", "told"),
    [("nonsense", "nonsense is not the address of a Dask"), ("tcp://127.0.0.1:1", "no Dask scheduler answers at tcp")],
)
def test_no_cluster_is_told_in_a_sentence(address: str, told: str, monkeypatch: pytest.MonkeyPatch):
    """An address that is none, and one at which nobody listens."""
    monkeypatch.setattr("simulator.answers.blocks.executors.PATIENCE", 0.5)
    with pytest.raises(PlanError, match=told), cluster(address):
        pass


@pytest.mark.parametrize("count", ["0", "-1", "1000", "two"])
def test_a_number_of_processes_that_cannot_be(count: str, capsys: pytest.CaptureFixture[str]):
    """Nonsense is refused before a file is read."""
    with pytest.raises(SystemExit):
        main(["run", "nowhere.yaml", f"--processes={count}"])
    assert "--processes" in capsys.readouterr().err


def test_what_has_not_begun_is_cancelled():
    """A reader that stops early leaves nothing running but what has begun."""
    begun = []
    with ThreadPoolExecutor(1) as pool:
        for _ in in_order(lambda item: time.sleep(0.02) or begun.append(item), range(50), pool):
            break
    assert len(begun) < 10


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="processes are forked on Linux alone")
def test_many_trials_run_on_processes_that_nobody_asked_for(monkeypatch: pytest.MonkeyPatch):
    """From 5,000 trials on a command uses up to four cores; another thread, which may hold a lock, forbids it."""
    options = argparse.Namespace(cluster=None, processes=None)

    def kind(trials: int) -> tuple[type, int]:
        with terminal.workers(options, trials) as pool:
            return type(pool._inner), pool._inner._max_workers

    monkeypatch.setattr(executors.threading, "active_count", lambda: 1)
    monkeypatch.setattr(executors.os, "sched_getaffinity", lambda _: set(range(16)))
    assert kind(4_999) == (ThreadPoolExecutor, 2)
    assert kind(5_000) == (ProcessPoolExecutor, 4)
    monkeypatch.setattr(executors.threading, "active_count", lambda: 2)
    assert kind(5_000) == (ThreadPoolExecutor, 2)


def test_a_watched_executor_counts():
    """After every piece of work it tells how many are done, and how many there are."""
    told = []
    with ThreadPoolExecutor(1) as pool:
        assert list(in_order(abs, [-1, -2, -3], Watched(pool, lambda *counts: told.append(counts)))) == [1, 2, 3]
    assert told[-1] == (3, 3)


def test_workers_are_sent_little_and_load_no_pages(small: Scenario):
    """A block of trials runs in a process that has imported neither streamlit nor the dashboard."""
    code = (
        "import pickle, sys; work = pickle.load(sys.stdin.buffer); work((0, 5));"
        "print(sorted({'streamlit', 'dashboard', 'torch', 'pandas'} & set(sys.modules)))"
    )
    sent = pickle.dumps(partial(trials._keep, small, ["cash"]))
    done = subprocess.run([sys.executable, "-c", code], input=sent, cwd=ROOT, capture_output=True, check=True)
    assert done.stdout.decode().strip() == "[]"
    assert len(sent) < 200_000


def test_ctrl_c_ends_a_run_with_a_sentence(small: Scenario, tmp_path: Path):
    """A run that a person stops says so, without a traceback, and exits as shells expect."""
    file = tmp_path / "small.yaml"
    file.write_text(small.text, encoding="utf-8")
    code = (
        "import os, signal, sys; from simulator import terminal; from simulator.__main__ import main\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # a shell's background jobs ignore Ctrl-C
        "terminal.project = lambda *_, **__: os.kill(os.getpid(), signal.SIGINT)\n"
        f"sys.exit(main(['run', {str(file)!r}]))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (130, "")
    assert done.stderr == "stopped before the end: nothing was printed or written\n"
