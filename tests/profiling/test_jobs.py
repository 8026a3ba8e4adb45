"""Real runs in real processes: followed, waited for, cancelled, and killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from profiling import jobs, lock
from profiling.errors import DeviceBusyError, JobError
from profiling.files import write_atomic
from profiling.jobs import Job, State
from profiling.report import CPU_WARNING
from profiling.workload import Workload

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 120  # imports and three looks at the device, on a machine that is busy


def until(true: Callable[[], bool], job: Job) -> None:
    """Waits for something to become true of a run."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < deadline, f"{job.state()}\n{job.log_tail()}"
        time.sleep(0.05)


def has_finished_a_case(job: Job) -> bool:
    return any(event["event"] == "case_finished" for event in job.events())


def test_a_killed_run_keeps_its_cases_and_gives_way_to_the_next(classifier: Workload) -> None:
    """kill -9 in a later case: `died`, its repeat gone, its record readable, and the lock passes on."""
    slow = replace(classifier, effort=replace(classifier.effort, seconds=0.0, warmup_steps=1, warmup_seconds=0.0))
    endless = replace(slow, cases=(slow.cases[1], *(slow.cases[0],) * 500))
    first = jobs.start(endless)
    until(lambda: first.state().status == "running", first)
    second = jobs.start(classifier)
    until(lambda: first.id in second.state().message, second)
    assert second.state().status == "waiting"
    with pytest.raises(DeviceBusyError, match=first.id):
        jobs.start(classifier, wait=False)

    until(lambda: has_finished_a_case(first), first)
    worker = psutil.Process(first.state().pid)
    family = worker.children(recursive=True)
    worker.kill()
    until(lambda: first.state().status == "died", first)
    assert psutil.wait_procs(family, timeout=10)[1] == []
    found = first.record()
    assert found is not None
    assert found.cases[0].kind == "classify"

    until(lambda: second.state().status == "running", second)
    assert [job.id for job in jobs.jobs()] == sorted([first.id, second.id], reverse=True)
    assert second.cancel().status == "cancelled"
    assert lock.holder() is None


def test_a_run_from_the_terminal_measures_and_shows(generator: Workload, tmp_path: Path) -> None:
    """run, list and show by way of the command line; stdout is one JSON object, progress is on stderr."""
    workload = tmp_path / "workload.json"
    workload.write_text(json.dumps(generator.to_json()))
    out = tmp_path / "runs"
    ran = command("run", "--workload", str(workload), "--out", str(out), "--json")
    assert ran.returncode == 0, ran.stderr
    measured = json.loads(ran.stdout)
    assert "100% done" in ran.stderr
    assert measured["device"]["kind"] in {"cpu", "cuda", "mps", "xpu"}
    assert {case["status"] for case in measured["cases"]} <= {"ok", "no_steady_state"}
    assert measured["ceiling"]["copy_bytes_per_second"]["runs"] == 3

    listed = json.loads(command("list", "--out", str(out), "--json").stdout)
    assert [(run["id"], run["status"]) for run in listed["runs"]] == [(measured["id"], "done")]
    shown = command("show", measured["id"], "--out", str(out))
    assert measured["id"] in shown.stdout
    assert (CPU_WARNING in shown.stdout) == (measured["device"]["kind"] == "cpu")


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    """One command of the package, as a user would give it."""
    return subprocess.run(
        [sys.executable, "-m", "profiling", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX's")
def test_ctrl_c_cancels_the_run_that_is_followed(classifier: Workload, tmp_path: Path) -> None:
    """The client alone is interrupted; it ends its run, which is a process of another group, and exits with 130."""
    workload = tmp_path / "workload.json"
    workload.write_text(json.dumps(replace(classifier, cases=classifier.cases * 500).to_json()))
    arguments = [sys.executable, "-m", "profiling", "run", "--workload", str(workload)]
    # A process that was started in the background ignores Ctrl-C, and so would what it starts.
    earlier = signal.signal(signal.SIGINT, signal.default_int_handler)
    client = subprocess.Popen(arguments, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    signal.signal(signal.SIGINT, earlier)
    assert client.stderr is not None
    client.stderr.readline()  # it follows by now
    client.send_signal(signal.SIGINT)
    told = client.communicate(timeout=PATIENCE_SECONDS)[1]
    assert (client.returncode, [job.state().status for job in jobs.jobs()]) == (130, ["cancelled"]), told
    assert "profiling: cancelled" in told


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("run",), "name either a preset or --workload"),
        (("run", "nothing-of-the-kind"), "there is no preset"),
        (("show", "nothing"), "there is no run"),
        (("run", "--workload", "nowhere.json"), "cannot be read"),
        (("attach", "r.json", "s.yaml", "pool", "--at", "batch"), "is no coordinate"),
    ],
)
def test_a_wrong_command_is_answered_with_one_sentence(arguments: tuple[str, ...], words: str) -> None:
    """On stderr, with exit code 2, and nothing on stdout."""
    answer = command(*arguments)
    assert (answer.returncode, answer.stdout) == (2, "")
    assert answer.stderr.startswith("profiling: ")
    assert words in answer.stderr
    assert answer.stderr.count("\n") == 1


def test_reading_runs_does_not_import_torch() -> None:
    """The dashboard starts without it."""
    code = "import sys; from profiling import jobs, presets, record, report; print('torch' in sys.modules)"
    answer = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "False"


def a_state(job: Job, pid: int | None, created: float | None = None, status: str = "running") -> None:
    job.write_state(State(status, 0.5, "at work", 1.0, 2.0, pid, None, created))


def test_a_process_that_is_gone_has_died(job: Job) -> None:
    """The folder alone says `running`; the system knows better."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    a_state(job, ended.pid)
    assert job.state().status == "died"
    assert "log.txt" in (job.state().error or "")


def test_another_process_with_the_same_number_is_not_the_run(job: Job) -> None:
    """Numbers are given out again; the time of birth tells."""
    a_state(job, os.getpid(), psutil.Process().create_time() - 100)
    assert job.state().status == "died"
    a_state(job, os.getpid(), psutil.Process().create_time())
    assert job.state().status == "running"


def test_cancelling_ends_a_run_that_does_not_listen(job: Job) -> None:
    """After its grace a worker is killed, and counts as cancelled."""
    deaf = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    a_state(job, deaf.pid, psutil.Process(deaf.pid).create_time())
    assert job.cancel(grace_seconds=0.1).status == "cancelled"
    assert not psutil.pid_exists(deaf.pid)
    deaf.wait()


def test_a_finished_run_stays_as_it_ended(job: Job) -> None:
    """Cancelling it later changes nothing."""
    a_state(job, None, status="done")
    assert job.cancel().status == "done"


def test_a_run_that_died_is_not_cancelled_afterwards(job: Job) -> None:
    """How it ended is not for a later wish to say."""
    a_state(job, None)
    assert (job.cancel().status, job.state().status, job.cancel_asked) == ("died", "died", False)


@pytest.mark.parametrize("text", ["", "{", '{"status": "flying"}', "[]"])
def test_a_damaged_state_is_reported_with_its_file(job: Job, text: str) -> None:
    """And with nothing but a JobError."""
    write_atomic(job.folder / "state.json", text)
    with pytest.raises(JobError, match=r"state\.json"):
        job.state()


def test_folders_that_are_no_runs_are_passed_over(job: Job) -> None:
    """A stray folder or file among the runs hides nothing."""
    (job.folder.parent / "notes").mkdir()
    (job.folder.parent / "readme.txt").touch()
    assert jobs.jobs() == [job]


def test_the_log_ends_with_the_last_lines(job: Job) -> None:
    """However long it is, only its end is read."""
    (job.folder / "log.txt").write_text("".join(f"line {number}\n" for number in range(10_000)))
    assert job.log_tail(2) == "line 9998\nline 9999"


def test_a_root_that_cannot_be_written_is_reported(classifier: Workload, tmp_path: Path) -> None:
    """A file stands where the folder should be."""
    (tmp_path / "file").touch()
    with pytest.raises(JobError, match="cannot be written"):
        jobs.start(classifier, tmp_path / "file")
