"""Starting, resuming and finding runs. `job` reads a single run. Nothing here imports torch."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

from profiling import places
from profiling.errors import DeviceBusyError, JobError, Phrase, RecordError
from profiling.files import is_file, is_there, within, write_atomic
from profiling.runs import lock, processes
from profiling.runs.job import Job, State
from profiling.runs.lock import Ticket
from profiling.workload import presets
from profiling.workload.sweep import Part
from profiling.workload.workload import Workload

__all__ = ["Job", "State", "default_root", "find", "jobs", "remaining", "resume", "start"]


def default_root() -> Path:
    """Return the folder of runs that is used unless another is named."""
    return places.runs()


def jobs(root: Path | None = None) -> list[Job]:
    """Return every run under the root, newest first."""
    folder = root or default_root()
    found = [path for path in within(folder, "*") if is_file(path / "request.json")]
    return [Job(path) for path in sorted(found, key=lambda path: path.name, reverse=True)]


def find(run_id: str, root: Path | None = None) -> Job:
    """Return the run of that id; raise JobError where there is none."""
    folder = root or default_root()
    job = Job(folder / Path(run_id).name)
    if not is_file(job.folder / "request.json"):
        raise JobError(
            Phrase("there is no run {run!r} under {folder}", run=run_id, folder=folder),
            todo="`list` shows those there are",
        )
    return job


def start(preset: str | Workload, root: Path | None = None, wait: bool = True, part: Part | None = None) -> Job:
    """Start a run of a workload, or of a part of it, in a detached process, and return at once.

    A run waits behind those that measure or wait; without `wait` it is refused with DeviceBusyError. Raise
    WorkloadError for an unknown preset, and JobError where the folder cannot be made.
    """
    asked = presets.find(preset).workload if isinstance(preset, str) else preset
    whole = Workload.parse(asked.to_json(), asked.name)  # refused here, before a process is started
    workload = part.cut(whole) if part else whole
    _check_free(wait)
    now = datetime.now(UTC)
    # Many parts may start in the same second, in one folder.
    name = f"{workload.name}-{part.number}of{part.of}" if part else workload.name
    job = Job((root or default_root()) / f"{now:%Y%m%dT%H%M%S}-{name}-{secrets.token_hex(2)}")
    request = {"id": job.id, "created": f"{now:%Y-%m-%dT%H:%M:%SZ}", "wait": wait, "workload": workload.to_json()}
    request |= {"part": part.to_json(whole)} if part else {}
    try:
        job.folder.mkdir(parents=True)
        _launch(job, request)
    except OSError as error:
        raise _unwritable(job, error) from error
    return job


def resume(job: Job, anyway: bool = False, wait: bool = True) -> Job:
    """Continue a stopped run: keep its finished cases, and measure the rest in the same folder.

    The run fails if the device or a library has changed, unless `anyway`, which the record then notes. Raise JobError
    where the run is complete or still in progress, also because another process resumed it at the same moment, and
    DeviceBusyError where others measure and it should not `wait`.
    """
    with lock.resuming():
        _resume(job, anyway, wait)
    return job


def _resume(job: Job, anyway: bool, wait: bool) -> None:
    """Do what `resume` does, as the only one that does it now."""
    _check_ended(job)
    if not remaining(job) and _has_record(job):
        raise JobError(
            Phrase("run {run} is complete: all of its cases were measured", run=job.id),
            todo="start a new run to measure again",
        )
    request = job.request()
    _check_free(wait)
    try:
        (job.folder / "cancel").unlink(missing_ok=True)
        _launch(job, {**request, "wait": wait}, *(["--anyway"] if anyway else []))
    except OSError as error:
        raise _unwritable(job, error) from error


def remaining(job: Job) -> list[int]:
    """Return the places of the cases that `resume` would measure: those not reached, and those that failed."""
    kept = {place for place, case in job.finished().items() if case.status != "failed"}
    return [place for place in range(len(job.workload().cases)) if place not in kept]


def _check_ended(job: Job) -> None:
    """Raise JobError where the process of the run still exists; a damaged state counts as ended."""
    try:
        going = not job.state().final
    except JobError:
        going = any(ticket.name == job.id for ticket in lock.queue())
    if going:
        raise JobError(Phrase("run {run} still goes on", run=job.id), todo="`follow` shows it, `cancel` ends it")


def _has_record(job: Job) -> bool:
    """Return whether the run has a readable record; otherwise resuming writes one from the events."""
    try:
        return is_there(job.folder / "record.json") and job.record() is not None
    except RecordError:
        return False


def _check_free(wait: bool) -> None:
    """Raise DeviceBusyError where other runs come before one that should not wait."""
    if wait:
        return
    current = lock.holder() or next((ticket.name for ticket in lock.queue()), None)
    if current is not None:
        raise DeviceBusyError(lock.busy(current))


def _unwritable(job: Job, error: OSError) -> JobError:
    return JobError(
        Phrase("cannot be written ({reason})", reason=error.strerror),
        where=str(job.folder),
        todo="choose another folder",
    )


def _launch(job: Job, request: dict[str, Any], *options: str) -> None:
    """Start the worker, which waits for the end of its standard input before it reads its folder.

    The process number is therefore in the state before the worker writes there, and the place in the queue is that of
    the start. The request comes last, since it makes the folder visible as a run.
    """
    process = _spawn(job, options)
    assert process.stdin is not None
    try:
        now = time.time()
        ticket = Ticket.of(job.id, lock.last_place(now), psutil.Process(process.pid))
        ticket.join()
        born = ticket.pid_created, ticket.pid_born
        job.write_state(State("waiting", 0.0, "starting", now, now, process.pid, None, *born))
        write_atomic(job.folder / "request.json", json.dumps(request, indent=1) + "\n")
    finally:
        process.stdin.close()
        # Without this wait, the ended worker would stay a zombie of this process.
        threading.Thread(target=process.wait, daemon=True).start()


def _spawn(job: Job, options: Sequence[str]) -> subprocess.Popen[bytes]:
    """Start the worker in its own session, so that it outlives the terminal or server that started it."""
    detached: dict[str, Any] = {"start_new_session": True}
    if sys.platform == "win32":
        detached = {"creationflags": subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP}
    with (job.folder / "log.txt").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", processes.WORKER, str(job.folder.resolve()), *options],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=Path(__file__).parents[2],
            **detached,
        )
