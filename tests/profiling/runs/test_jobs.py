"""Runs in processes of their own: followed, waited for, cancelled, and killed; one of them measures."""

import errno
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import psutil
import pytest
from waiting import PATIENCE_SECONDS, until

from profiling import places
from profiling.__main__ import main
from profiling.errors import CancelledError, DeviceBusyError, JobError
from profiling.files import write_atomic
from profiling.results.report import CPU_WARNING
from profiling.runs import jobs, lock, processes
from profiling.runs.jobs import Job, State
from profiling.runs.live import Series, read_last, read_series
from profiling.runs.lock import Ticket
from profiling.workload.workload import Workload

ROOT = Path(__file__).parents[3]


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the processes of runs measure nothing: a training goes on until it is stopped."""
    monkeypatch.setattr(processes, "WORKER", "run_played")
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[1]))


@pytest.mark.usefixtures("played")
def test_a_killed_run_keeps_its_cases_and_gives_way_to_the_next(classifier: Workload) -> None:
    """kill -9 in a later case: `died`, its repeat gone, its record readable, and the lock passes on."""
    first = jobs.start(replace(classifier, cases=classifier.cases[::-1]))
    until(lambda: first.state().status == "running", first)
    second, third = jobs.start(classifier), jobs.start(classifier)
    until(lambda: "1 before it" in second.state().message, second)
    until(lambda: "2 before it" in third.state().message, third)
    assert [first.id in job.state().message for job in (second, third)] == [True, True]
    assert [ticket.name for ticket in lock.queue()] == [first.id, second.id, third.id]
    assert third.cancel().status == "cancelled"
    assert second.state().status == "waiting"
    with pytest.raises(DeviceBusyError, match=first.id):
        jobs.start(classifier, wait=False)

    until(lambda: "train" in (first.live() or {}).get("doing", ""), first)
    worker = psutil.Process(first.state().pid)
    family = worker.children(recursive=True)
    assert family
    worker.kill()
    until(lambda: first.state().status == "died", first)
    assert psutil.wait_procs(family, timeout=10)[1] == []
    assert first.record().cases[0].kind == "classify"

    until(lambda: second.state().status == "running", second)
    assert [job.id for job in jobs.jobs()] == sorted([first.id, second.id, third.id], reverse=True)
    assert second.cancel().status == "cancelled"
    assert (lock.holder(), lock.queue()) == (None, [])


def test_a_run_from_the_terminal_measures_and_shows(
    generator: Workload, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`run` in a process of its own, with stdout as one JSON object and progress on stderr; then list and show."""
    workload = tmp_path / "workload.json"
    workload.write_text(json.dumps(replace(generator, cases=generator.cases[:1]).to_json()))
    out = tmp_path / "runs"
    with tempfile.TemporaryDirectory() as elsewhere:  # as short as where it would be: sockets want short paths
        call = [sys.executable, "-m", "profiling", "run", "--workload", str(workload), "--out", str(out), "--json"]
        environment = {**os.environ, "HOME": elsewhere, "TMPDIR": elsewhere}
        ran = subprocess.run(call, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stderr
        assert list(Path(elsewhere).rglob("*")) == []  # all is in the run's folder
    measured = json.loads(ran.stdout)
    assert "100% done" in ran.stderr
    assert measured["device"]["kind"] in {"cpu", "cuda", "mps", "xpu"}
    assert {case["status"] for case in measured["cases"]} <= {"ok", "too_noisy", "no_steady_state"}
    assert measured["ceiling"]["copy_bytes_per_second"]["runs"] == 3
    if measured["device"]["kind"] == "cpu":
        assert {case["energy"] for case in measured["cases"]} == {None}  # no driver tells, and nobody guesses

    assert main(["list", "--out", str(out), "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [(run["id"], run["status"]) for run in listed["runs"]] == [(measured["id"], "done")]
    assert main(["show", measured["id"], "--out", str(out)]) == 0
    shown = capsys.readouterr().out
    assert measured["id"] in shown
    assert (CPU_WARNING in shown) == (measured["device"]["kind"] == "cpu")


# `python -m profiling`, whose runs measure nothing.
PLAYED = """
import sys
from profiling.__main__ import main
from profiling.runs import processes
processes.WORKER = "run_played"
sys.exit(main())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX's")
@pytest.mark.usefixtures("played")
@pytest.mark.parametrize("asked", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "terminated"])
def test_whoever_ends_the_command_cancels_the_run_that_it_follows(
    classifier: Workload, tmp_path: Path, asked: signal.Signals
) -> None:
    """The client alone gets the signal; it ends its run, which is a process of another group, and exits with 130."""
    workload = tmp_path / "workload.json"
    workload.write_text(json.dumps(classifier.to_json()))
    arguments = [sys.executable, "-c", PLAYED, "run", "--workload", str(workload)]
    # A process that was started in the background ignores Ctrl-C, and so would what it starts.
    earlier = signal.signal(signal.SIGINT, signal.default_int_handler)
    client = subprocess.Popen(arguments, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    signal.signal(signal.SIGINT, earlier)
    told = client.stderr.readline()
    while "%" not in told:  # a run's state: it follows by now
        told = client.stderr.readline()
        assert told, client.wait()
    client.send_signal(asked)
    told = client.communicate(timeout=PATIENCE_SECONDS)[1]
    assert (client.returncode, [job.state().status for job in jobs.jobs()]) == (130, ["cancelled"]), told
    assert "profiling: cancelled" in told


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


def test_a_process_of_unknown_birth_is_nobodys(job: Job) -> None:
    """A folder that was copied, or damaged, names a number alone."""
    a_state(job, os.getpid())
    assert (job.state().status, job.cancel().status) == ("died", "died")


def test_a_clock_that_is_set_kills_no_run(job: Job, others: "Others", monkeypatch: pytest.MonkeyPatch) -> None:
    """Linux derives a process's start from the clock; its ticks stay, so the run goes on and keeps its place."""
    me = psutil.Process()
    job.write_state(State("running", 0.5, "", 1.0, 2.0, me.pid, None, me.create_time(), processes.birth(me)))
    ticket = queued(others[0], 1)
    create_time = psutil.Process.create_time
    monkeypatch.setattr(psutil.Process, "create_time", lambda self: create_time(self) + 3600)
    assert job.state().status == ("running" if sys.platform == "linux" else "died")
    assert lock.queue() == [ticket]
    assert lock.last_place(0.0) > ticket.asked


def test_a_stranger_is_never_killed(job: Job) -> None:
    """A folder may name any process with its birth; only one that was started as this run's worker is killed."""
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    a_state(job, stranger.pid, psutil.Process(stranger.pid).create_time())
    assert job.cancel(grace_seconds=0.1).status == "running"
    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


def test_cancelling_ends_a_run_that_does_not_listen(job: Job) -> None:
    """After its grace a worker is killed, and counts as cancelled."""
    sleep = [sys.executable, "-c", "import time; time.sleep(600)"]
    deaf = subprocess.Popen([*sleep, processes.WORKER, str(job.folder)])
    a_state(job, deaf.pid, psutil.Process(deaf.pid).create_time())
    sockets = places.sockets_root() / f"{places.SOCKETS_PREFIX}{deaf.pid}-test"
    sockets.mkdir()
    assert job.cancel(grace_seconds=0.1).status == "cancelled"
    assert not psutil.pid_exists(deaf.pid)
    assert not sockets.exists()
    deaf.wait()


def test_a_run_of_another_user_goes_on_and_is_no_traceback(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system refuses to end it, so it is still running."""

    def refused(self: psutil.Process) -> None:
        raise psutil.AccessDenied(self.pid)

    sleep = [sys.executable, "-c", "import time; time.sleep(600)"]
    deaf = subprocess.Popen([*sleep, processes.WORKER, str(job.folder)])
    a_state(job, deaf.pid, psutil.Process(deaf.pid).create_time())
    monkeypatch.setattr(psutil, "wait_procs", lambda processes, timeout: ([], processes))
    with monkeypatch.context() as denied:
        denied.setattr(psutil.Process, "kill", refused)
        assert job.cancel(grace_seconds=0.1).status == "running"
    deaf.kill()
    deaf.wait()


@pytest.mark.parametrize(("written", "status"), [("done", "done"), ("running", "died")])
def test_a_run_that_ended_is_not_cancelled_afterwards(job: Job, written: str, status: str) -> None:
    """How it ended is not for a later wish to say."""
    a_state(job, None, status=written)
    assert (job.cancel().status, job.state().status, job.cancel_asked) == (status, status, False)


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


Others = list[subprocess.Popen[bytes]]


@pytest.fixture
def others() -> Iterator[Others]:
    """Three processes that do nothing, to hold tickets."""
    idle = [subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) for _ in range(3)]
    yield idle
    for process in idle:
        process.kill()
        process.wait()


def queued(process: subprocess.Popen[bytes], asked: float) -> Ticket:
    ticket = Ticket.of(f"run-{asked:g}", asked, psutil.Process(process.pid))
    ticket.join()
    return ticket


def test_the_queue_goes_by_the_time_at_which_a_run_was_asked_for(others: Others) -> None:
    """And not by who comes to write first, nor by name."""
    later, sooner, middle = (queued(process, asked) for process, asked in zip(others, (10, 2, 9), strict=True))
    assert lock.queue() == [sooner, middle, later]
    sooner.leave()
    assert lock.queue() == [middle, later]


def test_a_ticket_counts_as_long_as_its_process_lives(others: Others) -> None:
    """Nobody waits for the dead, nor for another process with the same number, nor for half a ticket."""
    dead, reborn, fine = (queued(process, asked) for process, asked in zip(others, (1, 2, 3), strict=True))
    others[0].kill()
    others[0].wait()
    replace(reborn, pid_created=reborn.pid_created - 100, pid_born="another").join()
    (places.locks() / "queue" / "damaged.json").write_text("{")
    assert dead not in lock.queue()
    assert lock.queue() == [fine]
    assert [path.stem for path in (places.locks() / "queue").iterdir()] == [fine.name]


@pytest.fixture
def mine() -> Ticket:
    """The ticket of this process, after those of others."""
    return Ticket.of("mine", 3, psutil.Process())


def test_the_oldest_goes_first_though_the_device_is_free(others: Others, mine: Ticket) -> None:
    """A later run waits for one that is only about to take the device, and says how many come before it."""
    first, second = queued(others[0], 1), queued(others[1], 2)
    told: list[str] = []

    def leave(words: str) -> None:
        told.append(words)
        (first if len(told) == 1 else second).leave()

    with lock.hold(mine, True, leave, lambda: False):
        assert lock.queue() == [mine]
        assert "mine" in (lock.holder() or "")
    assert told == ["run-1, 2 before it", "run-2, 1 before it"]
    assert (lock.holder(), lock.queue()) == (None, [])


def test_whoever_does_not_wait_is_refused_behind_others(others: Others, mine: Ticket) -> None:
    """Although nobody measures yet."""
    queued(others[0], 1)
    with pytest.raises(DeviceBusyError, match="run-1"), lock.hold(mine, False, print, lambda: False):
        pass
    assert mine not in lock.queue()


def test_whoever_is_cancelled_in_the_queue_leaves_it(others: Others, mine: Ticket) -> None:
    """Those behind move up."""
    first = queued(others[0], 1)
    with pytest.raises(CancelledError), lock.hold(mine, True, lambda words: None, lambda: True):
        pass
    assert lock.queue() == [first]


def test_the_course_of_a_long_run_is_thinned_out_and_not_cut(tmp_path: Path) -> None:
    """From its beginning to its end, in even steps, and never more than so many."""
    series = Series(tmp_path, most_points=10)
    for step in range(100):
        series.add({"step": step})
    steps = [point["step"] for point in read_series(tmp_path)]
    assert 5 <= len(steps) <= 10
    assert steps[0] < 10
    assert steps[-1] >= 80
    gaps = [later - sooner for sooner, later in pairwise(steps)]
    assert max(gaps) - min(gaps) <= 16
    assert read_last(tmp_path)["step"] == 99


def test_a_course_goes_on_where_an_earlier_process_left_it(tmp_path: Path) -> None:
    """Without the half of a line that a kill left."""
    Series(tmp_path).add({"step": 1})
    with (tmp_path / "live.jsonl").open("a") as file:
        file.write('{"step": 2, "los')
    Series(tmp_path).add({"step": 3})
    assert [point["step"] for point in read_series(tmp_path)] == [1, 3]


def test_an_event_that_finds_no_room_leaves_no_half_of_itself(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes later must not be written behind half a line."""
    job.journal.append("first")

    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            job.journal.append("second")
    job.journal.append("third")
    assert [event["event"] for event in job.events()] == ["first", "third"]
    assert job.damage() is None
