"""Each repeat has a process of its own, which neither harms its parent nor outlives it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from profiling.errors import CancelledError, RepeatLostError
from profiling.isolation import UNSAFE, Isolation
from profiling.worker import WORKER_ENVIRONMENT

ROOT = Path(__file__).parents[2]

# Spawned processes import this module to find their task; a fork server that holds torch is the worker's test.


def answer_with_pid(request: dict[str, Any]) -> dict[str, Any]:
    return {"result": {"pid": os.getpid(), "saw": request["value"]}}


def exit_silently(request: dict[str, Any]) -> dict[str, Any]:
    os._exit(request["code"])


def kill_oneself(request: dict[str, Any]) -> dict[str, Any]:
    os.kill(os.getpid(), request["signal"])
    return {}


def sleep_long(request: dict[str, Any]) -> dict[str, Any]:
    Path(request["file"]).write_text(str(os.getpid()))
    time.sleep(600)
    return {}


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
def test_a_killed_process_is_reported_with_the_likely_cause() -> None:
    """The system's own killer, for want of memory, sends this signal."""
    with pytest.raises(RepeatLostError, match="want of memory"):
        Isolation(kill_oneself, "spawn").run({"signal": 9}, never)


def test_cancelling_ends_the_process(tmp_path: Path) -> None:
    """At once, and before the error reaches the caller."""
    note = tmp_path / "pid"
    with pytest.raises(CancelledError):
        Isolation(sleep_long, "spawn").run({"file": str(note)}, lambda: note.exists() and bool(note.read_text()))
    assert not psutil.pid_exists(int(note.read_text()))


def test_a_repeat_dies_with_its_parent(tmp_path: Path) -> None:
    """Even when the parent is killed without a chance to clean up."""
    note = tmp_path / "pid"
    code = (
        "from test_isolation import *\n"
        f"if __name__ == '__main__': Isolation(sleep_long, 'spawn').run({{'file': {str(note)!r}}}, never)"
    )
    script = tmp_path / "parent.py"
    script.write_text(code)
    paths = os.pathsep.join([str(ROOT), str(Path(__file__).parent)])
    parent = subprocess.Popen([sys.executable, script], env={**os.environ, "PYTHONPATH": paths})
    pid = wait_for_pid(note)
    parent.kill()
    parent.wait()
    assert is_gone(pid, within_seconds=5)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere every process is spawned")
def test_what_the_fork_server_imports_leaves_it_safe_to_fork() -> None:
    """One thread and no open device, or each repeat would pay for its own imports."""
    code = "from profiling import preload; print(preload.safe_to_fork())"
    environment = {**os.environ, **WORKER_ENVIRONMENT}
    answer = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "True"


def test_where_forking_is_not_safe_the_process_is_spawned() -> None:
    """The first answer is a refusal; the second comes from a process that imported for itself."""

    class Unsafe(Isolation):
        def _attempt(self, *_: Any) -> dict[str, Any]:
            return {"status": UNSAFE} if self.method == "forkserver" else {"result": self.method}

    assert Unsafe(method="forkserver").run({}, never) == {"result": "spawn"}


def wait_for_pid(note: Path) -> int:
    """The process id that a task wrote down, once it is there."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if note.exists() and note.read_text():
            return int(note.read_text())
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
