"""Runs as folders: start one, follow it, cancel it, read what it left, from any process and at any time.

    request.json   what was asked             state.json   where it stands, replaced atomically
    events.jsonl   what happened, appended    record.json  the result          log.txt  what was printed
    cancel         its presence asks the run to end

The run itself is `worker`, a detached process; nothing here imports torch.
"""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
import threading
import time
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

from profiling import lock, places, presets, record
from profiling.checks import Fields, parse_json, read_json
from profiling.errors import DeviceBusyError, JobError, RecordError
from profiling.files import write_atomic
from profiling.isolation import kill_tree
from profiling.record import Record
from profiling.workload import Workload

STATUSES = ("waiting", "running", "done", "failed", "cancelled", "died")
FINAL = ("done", "failed", "cancelled", "died")
LARGEST_FILE_BYTES = 20_000_000
# A worker that was asked to end has this long to put its record away before it is killed.
GRACE_SECONDS = 10.0


@dataclass(frozen=True)
class State:
    """Where a run stands; times are seconds since 1970, progress runs from 0 to 1."""

    status: str
    progress: float
    message: str
    started: float
    updated: float
    pid: int | None
    error: str | None
    pid_created: float | None = None  # tells the process from a later one with the same number

    @property
    def final(self) -> bool:
        """Whether nothing more will happen."""
        return self.status in FINAL


@dataclass(frozen=True)
class Job:
    """One run, seen through its folder."""

    folder: Path

    @property
    def id(self) -> str:
        """The run's name, which is its folder's and its record's."""
        return self.folder.name

    def request(self) -> dict[str, Any]:
        """What was asked; raises JobError where the folder is no run's."""
        fields = Fields.of(_read(self.folder / "request.json"), str(self.folder), JobError)
        return dict(fields.values)

    def workload(self) -> Workload:
        """The workload that was asked for."""
        return Workload.parse(self.request().get("workload"), f"{self.folder / 'request.json'}: workload")

    def state(self) -> State:
        """Where the run stands now; a process that is gone without a last word has died, or was cancelled."""
        state = self.written_state()
        if state.final or _alive(state):
            return state
        again = self.written_state()  # its last word may have come between the two looks
        if again.final:
            return again
        status = "cancelled" if self.cancel_asked else "died"
        what = "the process ended before the run did; what had finished is kept, and log.txt has its last words"
        return replace(again, status=status, message=status, error=what)

    def written_state(self) -> State:
        """The state as the worker last wrote it; raises JobError where it cannot be read."""
        path = self.folder / "state.json"
        fields = Fields.of(_read(path), str(path), JobError)
        created = fields.values.get("pid_created")
        return State(
            status=fields.one_of("status", STATUSES),
            progress=fields.number("progress"),
            message=str(fields["message"]),
            started=fields.number("started"),
            updated=fields.number("updated"),
            pid=None if fields.values.get("pid") is None else fields.integer("pid", least=1),
            error=fields.optional_text("error"),
            pid_created=None if created is None else fields.number("pid_created"),
        )

    def write_state(self, state: State) -> None:
        """Replaces the state; for the worker, and for `start` before there is one."""
        write_atomic(self.folder / "state.json", json.dumps(asdict(state)) + "\n")

    def events(self) -> list[dict[str, Any]]:
        """What happened so far, oldest first; a line that a killed process left half written is passed over."""
        path = self.folder / "events.jsonl"
        lines = path.read_bytes().splitlines() if path.exists() else []
        return [event for event in map(_event, lines) if event is not None]

    @property
    def cancel_asked(self) -> bool:
        """Whether somebody asked the run to end."""
        return (self.folder / "cancel").exists()

    def cancel(self, grace_seconds: float = GRACE_SECONDS) -> State:
        """Asks the run to end, and ends its processes where it does not within the grace; gives the last state.

        A run that has ended stays as it ended.
        """
        if (state := self.state()).final:
            return state
        (self.folder / "cancel").touch()
        deadline = time.monotonic() + grace_seconds
        while not (state := self.state()).final and time.monotonic() < deadline:
            time.sleep(0.05)
        if not state.final and (process := _process(state)) is not None:
            kill_tree(process.pid)
            psutil.wait_procs([process], timeout=5)
        return self.state()

    def record(self) -> Record | None:
        """The run's record; of a run that ended early, the cases it finished; None before any has."""
        path = self.folder / "record.json"
        if path.exists():
            return record.load(path)
        return _partial(self.events(), str(path))

    def log_tail(self, lines: int = 20) -> str:
        """The last lines that the run printed."""
        path = self.folder / "log.txt"
        if not path.exists():
            return ""
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - 400 * lines))
            return "\n".join(file.read().decode(errors="replace").splitlines()[-lines:])


def _read(path: Path) -> Any:
    return read_json(path, LARGEST_FILE_BYTES, JobError)


def _event(line: bytes) -> dict[str, Any] | None:
    """The event on a line, None where it is not one."""
    try:
        event = parse_json(line)
    except ValueError:
        return None
    return event if isinstance(event, dict) and isinstance(event.get("event"), str) else None


def _partial(events: list[dict[str, Any]], where: str) -> Record | None:
    """The record that the finished cases make."""
    headers = [event.get("record") for event in events if event["event"] == "examined"]
    cases = [event["case"] for event in events if event["event"] == "case_finished" and "case" in event]
    if not headers or not cases:
        return None
    header = Fields.of(headers[-1], where, RecordError)
    return Record.parse({**header.values, "cases": cases}, where)


def _process(state: State) -> psutil.Process | None:
    """The worker's process where it still runs."""
    try:
        process = psutil.Process(state.pid)
        same = state.pid_created is None or abs(process.create_time() - state.pid_created) < 1
        return process if same and process.status() != psutil.STATUS_ZOMBIE else None
    except psutil.NoSuchProcess:
        return None


def _alive(state: State) -> bool:
    return state.pid is not None and _process(state) is not None


def default_root() -> Path:
    """Where runs are kept unless another folder is named."""
    return places.runs()


def jobs(root: Path | None = None) -> list[Job]:
    """Every run under the root, newest first."""
    folder = root or default_root()
    found = [path for path in folder.glob("*") if (path / "request.json").is_file()]
    return [Job(path) for path in sorted(found, key=lambda path: path.name, reverse=True)]


def find(run_id: str, root: Path | None = None) -> Job:
    """The run of that id; raises JobError where there is none."""
    job = Job((root or default_root()) / Path(run_id).name)
    if not (job.folder / "request.json").is_file():
        raise JobError(f"there is no run {run_id!r} under {job.folder.parent}; `list` shows those there are")
    return job


def start(preset: str | Workload, root: Path | None = None, wait: bool = True) -> Job:
    """Starts a run in a detached process and returns at once.

    Where another run holds the device, the new one waits for it, or, without `wait`, is refused with
    DeviceBusyError.  Raises WorkloadError for an unknown preset and JobError where the folder cannot be made.
    """
    asked = presets.find(preset).workload if isinstance(preset, str) else preset
    workload = Workload.parse(asked.to_json(), asked.name)  # refused here, not by a process that dies of it
    if not wait and (holder := lock.holder()) is not None:
        raise DeviceBusyError(f"the device is taken by {holder}; wait for it, or cancel it first")
    now = datetime.now(UTC)
    job = Job((root or default_root()) / f"{now:%Y%m%dT%H%M%S}-{workload.name}-{secrets.token_hex(2)}")
    request = {"id": job.id, "created": f"{now:%Y-%m-%dT%H:%M:%SZ}", "wait": wait, "workload": workload.to_json()}
    try:
        job.folder.mkdir(parents=True)
        _launch(job, request)
    except OSError as error:
        raise JobError(f"{job.folder}: cannot be written ({error.strerror}); choose another folder") from error
    return job


def _launch(job: Job, request: dict[str, Any]) -> None:
    """Starts the worker, which reads its standard input to the end before it looks at its folder.

    So its number is in the state before it writes there itself; the request, which makes the folder a run
    for others to see, comes last.
    """
    process = _spawn(job)
    assert process.stdin is not None
    try:
        now, created = time.time(), psutil.Process(process.pid).create_time()
        job.write_state(State("waiting", 0.0, "starting", now, now, process.pid, None, created))
        write_atomic(job.folder / "request.json", json.dumps(request, indent=1) + "\n")
    finally:
        process.stdin.close()
        # Waited for, or the ended worker would stay as a zombie of this process.
        threading.Thread(target=process.wait, daemon=True).start()


def _spawn(job: Job) -> subprocess.Popen[bytes]:
    """The worker in a session of its own, so that it outlives the terminal or server that asked for it."""
    detached: dict[str, Any] = {"start_new_session": True}
    if sys.platform == "win32":
        detached = {"creationflags": subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP}
    with (job.folder / "log.txt").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "profiling.worker", str(job.folder.resolve())],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=Path(__file__).parents[1],
            **detached,
        )
