"""What a run writes down, however it ends; the measuring processes are played by lists of answers."""

from __future__ import annotations

import errno
from typing import Any

import pytest

from profiling import lock, record
from profiling.errors import CancelledError, RepeatLostError
from profiling.isolation import Isolation
from profiling.jobs import Job
from profiling.worker import Worker


class Played(Isolation):
    """Gives one answer after the other; an exception among them is raised, a function is called."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)

    def run(self, *_: Any) -> dict[str, Any]:
        answer: Any = self.answers.pop(0)
        if callable(answer):
            answer()
            raise CancelledError("the run was cancelled")
        if isinstance(answer, Exception):
            raise answer
        found: dict[str, Any] = answer
        return found


@pytest.fixture
def looks(examined: dict[str, Any]) -> list[dict[str, Any]]:
    """Three looks at the device."""
    return [{"result": examined}] * 3


@pytest.fixture
def three(measured: dict[str, Any]) -> list[dict[str, Any]]:
    """Three repeats that went well."""
    return [{"result": measured}] * 3


def statuses(job: Job) -> list[str]:
    found = job.record()
    assert found is not None
    return [case.status for case in found.cases]


def test_a_run_ends_with_its_record(job: Job, looks: list[Any], three: list[Any]) -> None:
    """State, events and record tell the same story."""
    assert Worker(job, Played(*looks, *three, *three)).run() == 0
    assert (job.state().status, job.state().progress, statuses(job)) == ("done", 1.0, ["ok", "ok"])
    assert [event["event"] for event in job.events()].count("case_finished") == 2
    assert record.load(job.folder / "record.json").id == job.id


def test_running_out_of_memory_is_a_result_and_the_other_cases_go_on(
    job: Job, looks: list[Any], three: list[Any]
) -> None:
    """The case says so; the next one has a fresh process."""
    full = {"status": "out_of_memory", "why": "tried to allocate 80 GiB"}
    assert Worker(job, Played(*looks, full, *three)).run() == 0
    assert statuses(job) == ["out_of_memory", "ok"]


def test_a_lost_repeat_fails_its_case_alone(job: Job, looks: list[Any], three: list[Any]) -> None:
    """A crash in a library does not end the run."""
    Worker(job, Played(*looks, RepeatLostError("ended with code -11"), *three)).run()
    found = job.record()
    assert found is not None
    assert (statuses(job), found.cases[0].why) == (["failed", "ok"], "ended with code -11")


def test_a_device_that_cannot_be_examined_fails_the_run(job: Job) -> None:
    """Without a device there is nothing to measure, and the reason is the state's error."""
    refused = {"status": "failed", "why": "float16 has no fast arithmetic on a CPU"}
    assert Worker(job, Played(refused, refused, refused)).run() == 1
    assert job.state().status == "failed"
    assert "float16 has no fast" in (job.state().error or "")
    assert job.record() is None


def test_cancelling_keeps_the_cases_that_were_finished(job: Job, looks: list[Any], three: list[Any]) -> None:
    """The others say that they were not reached."""
    Worker(job, Played(*looks, *three, (job.folder / "cancel").touch)).run()
    assert (job.state().status, statuses(job)) == ("cancelled", ["ok", "cancelled"])


def test_the_lock_is_free_after_every_end(job: Job, looks: list[Any]) -> None:
    """Held during the run by its name, and by nobody after."""
    seen: list[str | None] = []

    def look() -> None:
        seen.append(lock.holder())

    Worker(job, Played(*looks, look)).run()
    assert job.id in (seen[0] or "")
    assert lock.holder() is None


def test_progress_never_goes_back(job: Job, looks: list[Any], three: list[Any]) -> None:
    """A case that fails early takes its remaining repeats off the list."""
    Worker(job, Played(*looks, {"status": "failed", "why": "no"}, *three)).run()
    progress = [event["progress"] for event in job.events() if event["event"] == "state"]
    assert progress == sorted(progress)
    assert progress[-1] == 1.0


def test_a_full_disk_ends_the_run_with_a_sentence(
    job: Job, looks: list[Any], three: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The record finds no room; the state, for which a reserve is given up, does, and finished cases are kept."""

    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(record, "write_atomic", full)
    assert Worker(job, Played(*looks, *three, *three)).run() == 1
    assert job.state().status == "failed"
    assert "is full; free some room" in (job.state().error or "")
    assert statuses(job) == ["ok", "ok"]
    assert not (job.folder / "reserve").exists()


def test_a_line_cut_by_a_kill_is_passed_over(job: Job, looks: list[Any], three: list[Any]) -> None:
    """What was written before it stays readable, and so does the run's record of finished cases."""
    Worker(job, Played(*looks, *three, *three)).run()
    (job.folder / "record.json").unlink()
    with (job.folder / "events.jsonl").open("ab") as file:
        file.write(b"\n[]\n\xff\xfe\n" + b"[" * 100_000 + b'\n{"event": "case_fini')
    assert statuses(job) == ["ok", "ok"]


def test_nothing_is_left_half_written(job: Job, looks: list[Any], three: list[Any]) -> None:
    """After a run there are its files, and no temporary ones."""
    Worker(job, Played(*looks, *three, *three)).run()
    left = {path.name for path in job.folder.iterdir()}
    assert left == {"request.json", "state.json", "events.jsonl", "record.json"}
