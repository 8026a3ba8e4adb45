"""Each repeat has a process of its own, which neither harms its parent nor outlives it."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from profiling.errors import CancelledError, RepeatLostError
from profiling.files import write_atomic
from profiling.hardware import host
from profiling.runs.live import Report
from profiling.worker.isolation import CACHES, UNSAFE, Isolation, stop
from profiling.worker.worker import WORKER_ENVIRONMENT

ROOT = Path(__file__).parents[3]

# Spawned processes import this module to find their task.


def answer_with_pid(request: dict[str, Any], report: Report) -> dict[str, Any]:
    return {"result": {"pid": os.getpid(), "saw": request["value"]}}


def exit_silently(request: dict[str, Any], report: Report) -> dict[str, Any]:
    os._exit(request["code"])


def kill_oneself(request: dict[str, Any], report: Report) -> dict[str, Any]:
    os.kill(os.getpid(), request["signal"])
    return {}


def sleep_long(request: dict[str, Any], report: Report) -> dict[str, Any]:
    Path(request["file"]).write_text(str(os.getpid()))
    time.sleep(600)
    return {}


def sleep_beside_a_child(request: dict[str, Any], report: Report) -> dict[str, Any]:
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
    write_atomic(Path(request["file"]), f"{os.getpid()} {child.pid} {int('torch' in sys.modules)}")
    time.sleep(600)
    return {}


def tell_much(request: dict[str, Any], report: Report) -> dict[str, Any]:
    for step in range(5):
        report({"step": step})
    time.sleep(0.6)
    report({"step": 5, "loss": float("inf")})
    return {"result": "told"}


def tell_until_it_cannot(request: dict[str, Any], report: Report) -> dict[str, Any]:
    Path(request["begun"]).touch()
    while True:
        try:
            report({"step": 1})
        except OSError:
            Path(request["broken"]).touch()
        time.sleep(0.1)


def write_somewhere(request: dict[str, Any], report: Report) -> dict[str, Any]:
    code = "import tempfile; print(tempfile.mkdtemp())"
    inherited = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    written = [tempfile.mkdtemp(), inherited.stdout.strip()]
    return {"result": {"written": written, "caches": [os.environ[name] for name in CACHES]}}


def find_the_hubs_cache(request: dict[str, Any], report: Report) -> dict[str, Any]:
    code = "from huggingface_hub import constants; print(constants.HF_HUB_CACHE)"
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return {"result": child.stdout.strip()}


def leave_an_orphan(request: dict[str, Any], report: Report) -> dict[str, Any]:
    orphan = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
    Path(request["file"]).write_text(str(orphan.pid))
    os._exit(1)


def never() -> bool:
    return False


def test_every_task_has_a_process_of_its_own() -> None:
    """Two tasks, two processes, neither of them this one."""
    isolation = Isolation(answer_with_pid, "spawn")
    first, second = (isolation.run({"value": value}, never)["result"] for value in (1, 2))
    assert (first["saw"], second["saw"]) == (1, 2)
    assert len({first["pid"], second["pid"], os.getpid()}) == 3


def test_a_process_that_ends_silently_is_reported() -> None:
    """The parent survives and says how it ended."""
    with pytest.raises(RepeatLostError, match="code 3"):
        Isolation(exit_silently, "spawn").run({"code": 3}, never)


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX's")
def test_a_killed_process_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody's signal, as long as the system has killed no process for memory."""
    monkeypatch.setattr(host, "memory_kills", lambda: 7)
    with pytest.raises(RepeatLostError, match="killed from outside"):
        Isolation(kill_oneself, "spawn").run({"signal": 9}, never)


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX's")
def test_a_process_that_the_system_kills_for_memory_ran_out_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same signal, but the system's count of such kills has moved: that is a result, and no failure."""
    counts = iter((7, 8))
    monkeypatch.setattr(host, "memory_kills", lambda: next(counts))
    answer = Isolation(kill_oneself, "spawn").run({"signal": 9}, never)
    assert answer["status"] == "out_of_memory"
    assert "memory ran out" in answer["why"]


def tell_score(request: dict[str, Any], report: Report) -> dict[str, Any]:
    return {"result": Path("/proc/self/oom_score_adj").read_text().strip()}


@pytest.mark.skipif(sys.platform != "linux", reason="Linux's own")
def test_where_memory_runs_out_the_measuring_process_is_the_first_to_go() -> None:
    """Not the worker that waits for it, nor the dashboard."""
    assert Isolation(tell_score, "spawn").run({}, never)["result"] == "1000"


def test_what_a_task_tells_arrives_before_its_answer() -> None:
    """Twice a second at most: of five values at once the first is sent, and the last stands when its time comes."""
    told: list[Any] = []
    assert Isolation(tell_much, "spawn").run({}, never, told.append) == {"result": "told"}
    assert told == [{"step": 0}, {"step": 5, "loss": None}]


def test_whatever_a_task_writes_lies_in_its_scratch_folder(tmp_path: Path) -> None:
    """Temporary files, and the caches of compilers, also those of processes that it starts."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    found = Isolation(write_somewhere, "spawn").run({"scratch": str(scratch)}, never)["result"]
    assert {Path(path) for path in found["written"]} == set(scratch.iterdir())
    assert set(found["caches"]) == {str(scratch)}


def test_models_of_the_hub_stay_in_the_users_own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that reads the hub's settings only now, as a spawned one and each rank does, fetches no model again."""
    for name in ("HF_HOME", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "own"))
    request = {name: str(tmp_path / name) for name in ("scratch", "caches")}
    found = Isolation(find_the_hubs_cache, "spawn").run(request, never)["result"]
    assert found == str(tmp_path / "own" / "huggingface" / "hub")


def test_caches_may_outlast_a_repeat(tmp_path: Path) -> None:
    """What one repeat compiled is there for the next; temporary files are not."""
    folders = {name: str(tmp_path / name) for name in ("scratch", "caches")}
    (tmp_path / "scratch").mkdir()
    found = Isolation(write_somewhere, "spawn").run(folders, never)["result"]
    assert set(found["caches"]) == {folders["caches"]}
    assert all(path.startswith(folders["scratch"]) for path in found["written"])


@pytest.mark.skipif(sys.platform == "win32", reason="an orphan is known by its environment, as on POSIX")
def test_what_a_lost_process_started_is_ended_too(tmp_path: Path) -> None:
    """Its child has no parent any more, but the environment that it inherited."""
    note = tmp_path / "pid"
    with pytest.raises(RepeatLostError):
        Isolation(leave_an_orphan, "spawn").run({"file": str(note), "scratch": str(tmp_path)}, never)
    assert is_gone(int(note.read_text()), within_seconds=5)


def test_cancelling_ends_the_process(tmp_path: Path) -> None:
    """At once, and before the error reaches the caller."""
    note = tmp_path / "pid"
    with pytest.raises(CancelledError):
        Isolation(sleep_long, "spawn").run({"file": str(note)}, lambda: note.exists() and bool(note.read_text()))
    assert not psutil.pid_exists(int(note.read_text()))


def test_a_process_that_tells_its_values_is_listened_to_until_it_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long its end takes: a broken pipe would end a cancelled run's log with a trace."""

    def slowly(*ending: Any) -> None:
        time.sleep(1.0)  # twice as long as values are collected
        stop(*ending)

    monkeypatch.setattr("profiling.worker.isolation.stop", slowly)
    begun, broken = tmp_path / "begun", tmp_path / "broken"
    with pytest.raises(CancelledError):
        Isolation(tell_until_it_cannot, "spawn").run({"begun": str(begun), "broken": str(broken)}, begun.exists)
    assert not broken.exists()


@pytest.mark.parametrize(
    ("method", "imported"),
    [
        ("spawn", 0),
        # Were it not safe to fork what holds torch, the process would be spawned, and import torch for itself.
        pytest.param("forkserver", 1, marks=pytest.mark.skipif(sys.platform != "linux", reason="Linux forks alone")),
    ],
)
def test_a_repeat_and_what_it_started_die_with_its_parent(method: str, imported: int, tmp_path: Path) -> None:
    """Even when the parent is killed without a chance to clean up; a repeat that was forked begins with torch."""
    note = tmp_path / "pids"
    call = f"Isolation(sleep_beside_a_child, {method!r}).run({{'file': {str(note)!r}}}, never)"
    script = tmp_path / "parent.py"
    script.write_text(f"from test_isolation import *\nif __name__ == '__main__': {call}")
    paths = os.pathsep.join([str(ROOT), str(Path(__file__).parent)])
    parent = subprocess.Popen([sys.executable, script], env={**os.environ, **WORKER_ENVIRONMENT, "PYTHONPATH": paths})
    *pids, torch_there = wait_for_pids(note)
    parent.kill()
    parent.wait()
    assert [is_gone(pid, within_seconds=10) for pid in pids] == [True, True]
    assert torch_there == imported


def test_where_forking_is_not_safe_the_process_is_spawned() -> None:
    """The first answer is a refusal; the second comes from a process that imported for itself."""

    class Unsafe(Isolation):
        def _attempt(self, *_: Any) -> dict[str, Any]:
            return {"status": UNSAFE} if self.method == "forkserver" else {"result": self.method}

    assert Unsafe(method="forkserver").run({}, never) == {"result": "spawn"}


def wait_for_pids(note: Path) -> list[int]:
    """The process ids that a task wrote down, once they are there; imports take long on a machine that is busy."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if note.exists():
            return [int(pid) for pid in note.read_text().split()]
        time.sleep(0.05)
    raise AssertionError("the task never started")


def is_gone(pid: int, within_seconds: float) -> bool:
    """Whether the process ends within the time."""
    deadline = time.monotonic() + within_seconds
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
