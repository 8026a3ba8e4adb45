"""A run that stopped goes on where it stopped, however it was stopped, and only on what it began on."""

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from played import Played
from waiting import until

from profiling import places
from profiling.errors import JobError
from profiling.files import write_atomic
from profiling.results import record
from profiling.results.record import CaseResult, Record
from profiling.results.sameness import changes
from profiling.runs import jobs, lock
from profiling.runs.job import Job, State
from profiling.worker.worker import Worker

Go = Callable[..., int | None]
LEFT = {"request.json", "state.json", "events.jsonl", "record.json"}


def die_at(write: int, half: bool) -> None:
    """Has this process killed as it puts its so-manieth piece on the disk, or but half of that piece."""
    real, seen = os.fsync, 0

    def fsync(handle: int) -> None:
        nonlocal seen
        seen += 1
        if seen == write:
            if half:
                os.ftruncate(handle, os.fstat(handle).st_size - 7)
            os.kill(os.getpid(), signal.SIGKILL)
        real(handle)

    os.fsync = fsync


@pytest.fixture
def go(job: Job, examined: dict[str, Any], measured: dict[str, Any]) -> Go:
    """Runs the job's worker in a process that dies at its `write`th piece; gives its exit code."""
    now = time.time()
    job.write_state(State("waiting", 0.0, "starting", now, now, None, None))

    def start(write: int = 0, half: bool = False) -> int | None:
        def life() -> None:
            die_at(write, half)
            sys.exit(Worker(job, Played(examined, measured)).run())

        process = multiprocessing.get_context("fork").Process(target=life)
        process.start()
        process.join()
        return process.exitcode

    return start


def complete(job: Job) -> Record:
    """The record on the disk, which must have every case."""
    found = record.load(job.folder / "record.json")
    assert [case.kind for case in found.cases] == [case.kind for case in job.workload().cases]
    assert {case.status for case in found.cases} == {"ok"}
    return found


POSIX = pytest.mark.skipif(sys.platform == "win32", reason="signals and forks are POSIX's")


@POSIX
def test_a_run_survives_being_killed_again_and_again(job: Job, go: Go) -> None:
    """Each time a little later, at a whole or half a piece: what was finished stays, and one whole record comes."""
    kept: list[CaseResult] = []
    for write in range(1, 100):
        code = go(write, half=write % 2 == 1)
        finished = [case for _, case in sorted(job.finished().items())]
        assert finished[: len(kept)] == kept
        kept = finished
        assert (lock.holder(), lock.queue()) == (None, [])
        if code == 0:
            break
        assert (code, job.state().status) == (-signal.SIGKILL, "died")
    complete(job)
    assert job.damage() is None
    assert {path.name for path in job.folder.iterdir()} == LEFT


@POSIX
@pytest.mark.parametrize("half", [False, True], ids=["whole", "half"])
def test_one_kill_at_any_moment_costs_at_most_one_case(job: Job, go: Go, half: bool) -> None:
    """From the first state to the record: the run goes on to the same record, under the same name."""
    request = (job.folder / "request.json").read_text()
    for write in range(1 + half, 100, 2):
        code = go(write, half)
        before = job.finished()
        assert go() == 0
        found = complete(job)
        assert (found.id, lock.holder(), lock.queue()) == (job.id, None, [])
        assert [found.cases[place] for place in before] == list(before.values())
        assert {path.name for path in job.folder.iterdir()} == LEFT
        if code == 0:
            break
        assert code == -signal.SIGKILL
        for path in job.folder.iterdir():
            path.unlink()
        write_atomic(job.folder / "request.json", request)
        job.write_state(State("waiting", 0.0, "starting", 1.0, 1.0, None, None))
    assert write > 15  # the run does have so many moments


@pytest.fixture
def again(examined: Any, measured: Any) -> Played:
    """Measuring processes for a run that goes on."""
    return Played(examined, measured)


@pytest.fixture
def complete_run(job: Job, examined: Any, measured: Any) -> None:
    """A run that measured both of its cases."""
    Worker(job, Played(examined, measured)).run()


@pytest.fixture
def interrupted(job: Job, complete_run: None) -> None:
    """A run that measured its first case, and whose process then came to its end without a word."""
    (job.folder / "record.json").unlink()
    lines = job.journal.path.read_bytes().splitlines(keepends=True)
    last = next(place for place, line in enumerate(lines) if b"case_finished" in line)
    job.journal.path.write_bytes(b"".join(lines[: last + 1]) + b'{"event": "case_fin')
    state = job.folder / "state.json"
    write_atomic(state, json.dumps({**json.loads(state.read_text()), "status": "running"}))


@pytest.mark.usefixtures("interrupted")
def test_finished_cases_are_kept_and_the_rest_is_measured(job: Job, again: Played) -> None:
    """One look at the device, to see that it is the same, and the repeats of the second case."""
    assert Worker(job, again).run() == 0
    assert again.asked == [None, "classify", "classify", "classify"]
    (note,) = complete(job).extra["resumed"]
    assert (note["changed"], note["kept"]) == ([], [0])


@pytest.mark.usefixtures("interrupted")
def test_progress_begins_where_it_stood(job: Job, again: Played) -> None:
    """What is kept counts as done."""
    seen = len(job.events())
    Worker(job, again).run()
    progress = [event["progress"] for event in job.events()[seen:] if event["event"] == "state"]
    assert progress == sorted(progress)
    assert progress[1] >= 0.5
    assert progress[-1] == 1.0


@pytest.mark.usefixtures("interrupted")
def test_another_device_or_library_is_refused_with_what_changed(job: Job, examined: Any, measured: Any) -> None:
    """The run has failed, its finished case is still there, and the sentence says how to go on."""
    other = {**examined, "device": {**examined["device"], "name": "Other"}, "software": {"python": "3.12"}}
    assert Worker(job, Played(other, measured)).run() == 1
    error = job.state().error or ""
    assert "name was Test and is Other; python was 3.11 and is 3.12" in error
    assert "--anyway" in error
    assert list(job.finished()) == [0]


@pytest.mark.usefixtures("interrupted")
def test_anyway_it_goes_on_and_the_record_says_so(job: Job, examined: Any, measured: Any) -> None:
    """With the ceiling of the device as it is now for the cases still to come."""
    other = {**examined, "software": {"python": "3.12"}, "ceiling": {**examined["ceiling"], "copy_seconds": 0.25}}
    assert Worker(job, Played(other, measured), anyway=True).run() == 0
    assert complete(job).extra["resumed"][0]["changed"] == ["python was 3.11 and is 3.12"]


def test_a_failed_case_is_measured_again(job: Job, examined: Any, measured: Any, again: Played) -> None:
    """A device that was lost may be back; out of memory would stay out of memory."""
    Worker(job, Played(examined, measured, stop_after=6)).run()
    assert [case.status for case in job.finished().values()] == ["ok", "failed"]
    assert jobs.remaining(job) == [1]
    Worker(job, again).run()
    assert again.asked == [None, "classify", "classify", "classify"]
    complete(job)


def test_what_a_record_does_not_know_is_different() -> None:
    """A driver that was not there, or is not any more, is a change."""
    begun = Record("a", "b", "c", {}, {"kind": "cuda", "name": "X"}, {"torch": "1"}, {}, None, ())
    look = {"device": {"kind": "cuda", "name": "X", "driver": "9"}, "software": {"torch": "1"}}
    assert changes(begun, look) == ["driver was not known and is 9"]


@pytest.mark.usefixtures("complete_run")
def test_a_complete_run_is_not_resumed(job: Job) -> None:
    """There is nothing to measure, and a new run would be a new record."""
    with pytest.raises(JobError, match="is complete"):
        jobs.resume(job)


def test_a_run_that_goes_on_is_not_resumed(job: Job) -> None:
    """Also where its state is damaged: its place in the queue tells."""
    write_atomic(job.folder / "state.json", "{")
    ticket = lock.ticket(job.id)
    ticket.join()
    with pytest.raises(JobError, match="still goes on"):
        jobs.resume(job)


@POSIX
@pytest.mark.usefixtures("interrupted")
def test_of_two_who_resume_at_once_one_starts_the_run(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other is told that it goes on; each is a process of its own, and they set out together."""
    spawn = subprocess.Popen
    idle = [sys.executable, "-c", "import sys, time; sys.stdin.read(); time.sleep(60)"]
    monkeypatch.setattr(jobs.subprocess, "Popen", lambda _command, **options: spawn(idle, **options))
    context = multiprocessing.get_context("fork")
    job.write_state(replace(job.written_state(), pid=None))  # this process did the run, and is still here
    for _ in range(5):
        together, answers = context.Barrier(2), context.Queue()

        def ask(together: Any = together, answers: Any = answers) -> None:
            together.wait()
            try:
                jobs.resume(job)
                answers.put("started")
            except JobError as error:
                answers.put(error.what)

        asking = [context.Process(target=ask) for _ in range(2)]
        for process in asking:
            process.start()
        assert sorted(answers.get(timeout=60) for _ in asking) == [f"run {job.id} still goes on", "started"]
        for process in asking:
            process.join()
        os.kill(job.written_state().pid or 0, signal.SIGKILL)
        until(lambda: job.state().final, job)


@pytest.mark.usefixtures("complete_run")
def test_a_damaged_line_costs_its_own_case_alone(job: Job, again: Played) -> None:
    """The line is counted, and what it told is measured again."""
    lines = job.journal.path.read_bytes().splitlines(keepends=True)
    place = next(place for place, line in enumerate(lines) if b"case_finished" in line)
    lines[place] = lines[place][:40] + b"\xff\n"
    job.journal.path.write_bytes(b"".join(lines))
    assert "1 lines cannot be read" in (job.damage() or "")
    Worker(job, again).run()
    assert again.asked == [None, "train", "train", "train"]
    complete(job)


@pytest.mark.usefixtures("complete_run")
def test_a_damaged_record_is_made_anew(job: Job, again: Played) -> None:
    """From the events, by a look at the device and no measurement."""
    write_atomic(job.folder / "record.json", '{"format": "break')
    assert Worker(job, again).run() == 0
    assert again.asked == [None]
    complete(job)


@pytest.mark.soak
def test_a_real_run_goes_on_after_kill_9(classifier: Any) -> None:
    """Killed in its second case, resumed by way of the page's function: the first case is the very same."""
    first = jobs.start(classifier)
    until(lambda: 0 in first.finished(), first)
    os.kill(first.state().pid or 0, signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL)
    until(lambda: first.state().final, first)
    sockets = f"{places.SOCKETS_PREFIX}{first.written_state().pid}-*"
    until(lambda: not list(places.sockets_root().glob(sockets)), first)  # its fork server tidies up after it
    kept = first.finished()[0]
    jobs.resume(first)
    until(lambda: first.state().final, first)
    assert first.state().status == "done", first.log_tail()
    found = first.record()
    assert found.id == first.id
    assert found.cases[0] == kept
    assert found.cases[1].status in ("ok", "too_noisy", "no_steady_state")
