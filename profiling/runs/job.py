"""One profile run, read from its folder by any process at any time.

    request.json   what to measure            state.json   its state, replaced atomically
    events.jsonl   what happened, appended    record.json  the result          log.txt  what was printed
    live.json      the last live values       live.jsonl   all live values
    cancel         asks the run to end

A detached process, `worker.worker`, does the run; nothing here imports torch.
"""

from __future__ import annotations

import contextlib
import json
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import psutil

from profiling import places
from profiling.checks import NUMBER, OBJECT, TEXT, check, fields, integer, items, one_of, optional, read_json
from profiling.errors import JobError, Phrase, RecordError
from profiling.files import is_there, open_regular, write_atomic
from profiling.results import record
from profiling.results.record import CASE, CaseResult, Record
from profiling.runs import live, processes
from profiling.runs.journal import Journal
from profiling.workload.workload import Workload

STATUSES = ("waiting", "running", "done", "failed", "cancelled", "died")
FINAL = ("done", "failed", "cancelled", "died")
LARGEST_FILE_BYTES = 20_000_000

EXAMINED = fields({"record": OBJECT, "ceilings": items(OBJECT)})
FINISHED = fields({"place": integer(0), "case": CASE})
STATE = fields(
    {
        "status": one_of(*STATUSES),
        "progress": NUMBER,
        "message": {"type": "string"},
        "started": NUMBER,
        "updated": NUMBER,
    },
    {
        **{"pid": optional(integer(1)), "pid_created": optional(NUMBER), "pid_born": optional(TEXT)},
        **{"error": optional(TEXT), "left_seconds": optional(NUMBER)},
    },
)
# What a run says as it begins, before it accepts the computer that it finds.
EXAMINING = Phrase("examining the device")
# A worker that is asked to end has this long to write its record before it is killed.
GRACE_SECONDS = 10.0


@dataclass(frozen=True)
class State:
    """State of a run; times are seconds since 1970, progress is a share from 0 to 1."""

    status: str
    progress: float
    message: str
    started: float
    updated: float
    pid: int | None
    error: str | None
    pid_created: float | None = None  # distinguishes the process from a later one with the same number
    pid_born: str | None = None  # the same, however the clock is set; None: the system does not tell
    left_seconds: float | None = None  # until the end, by the time that the finished part took; None: nothing finished

    @property
    def final(self) -> bool:
        """Whether the run has ended."""
        return self.status in FINAL


@dataclass(frozen=True)
class Examined:
    """The device and its ceilings, as a run found them before its first case."""

    record: Record  # without its cases
    ceilings: list[dict[str, Any]]  # as each repeat measured them


@dataclass(frozen=True)
class Job:
    """One run and its folder."""

    folder: Path

    @property
    def id(self) -> str:
        """Name of the run, of its folder and of its record."""
        return self.folder.name

    @property
    def journal(self) -> Journal:
        """Events of the run."""
        return Journal(self.folder / "events.jsonl")

    def request(self) -> dict[str, Any]:
        """Return the request; raise JobError where the folder has none."""
        plain = read_json(self.folder / "request.json", LARGEST_FILE_BYTES, JobError)
        return dict(check(plain, OBJECT, str(self.folder), JobError))

    def workload(self) -> Workload:
        """Return the requested workload."""
        return Workload.parse(self.request().get("workload"), f"{self.folder / 'request.json'}: workload")

    def state(self) -> State:
        """Return the state now: a run whose process is gone without a final state has died, or was cancelled."""
        state = self.written_state()
        if state.final or processes.running(state.pid, state.pid_created, state.pid_born):
            return state
        again = self.written_state()  # the final state may have been written between the two looks
        if again.final:
            return again
        status = "cancelled" if self.cancel_asked else "died"
        what = (
            "the process ended before the run did; finished cases are kept, and log.txt has its last output; "
            f"`resume {self.id}` measures the rest"
        )
        return replace(again, status=status, message=status, error=what)

    def written_state(self) -> State:
        """Return the state as last written; raise JobError where it cannot be read."""
        path = self.folder / "state.json"
        plain = check(read_json(path, LARGEST_FILE_BYTES, JobError), STATE, str(path), JobError)
        return State(**{name: plain.get(name) for name in STATE["properties"]})

    def write_state(self, state: State) -> None:
        """Replace the state; for the worker, and for its starter before the worker runs."""
        write_atomic(self.folder / "state.json", json.dumps(asdict(state)) + "\n")

    def events(self) -> list[dict[str, Any]]:
        """Return all events, oldest first, without a last line that a killed process left half written."""
        return self.journal.events()

    def damage(self) -> str | None:
        """Return a sentence about unreadable lines of the events; None where there are none."""
        lines = self.journal.unreadable()
        text = "{path}: {lines} lines cannot be read; what they told is missing"
        return Phrase(text, path=str(self.journal.path), lines=lines) if lines else None

    def live(self) -> dict[str, Any] | None:
        """Return the last live values: step, tokens_per_second, loss, memory_bytes, watts, celsius."""
        return live.read_last(self.folder)

    def live_series(self) -> list[dict[str, Any]]:
        """Return the live values of the whole run, oldest first, thinned out where it is long."""
        return live.read_series(self.folder)

    @property
    def cancel_asked(self) -> bool:
        """Whether the run was asked to end."""
        return is_there(self.folder / "cancel")

    def cancel(self, grace_seconds: float = GRACE_SECONDS) -> State:
        """Ask the run to end, kill its processes after the grace period, and return its last state.

        A run that has already ended is unchanged, and no process is killed that is not surely the run's.
        """
        if (state := self.state()).final:
            return state
        try:
            (self.folder / "cancel").touch()
        except OSError as error:
            what = f"the run cannot be asked to end ({error.strerror})"
            raise JobError(what, where=str(self.folder), todo="check that you may write there") from error
        deadline = time.monotonic() + grace_seconds
        while not (state := self.state()).final and time.monotonic() < deadline:
            time.sleep(0.05)
        process = None if state.final else processes.running(state.pid, state.pid_created, state.pid_born)
        # The folder of a run may be a stranger's, and name any process.
        if process is not None and processes.is_worker(process, self.folder):
            processes.kill_tree(process)
            gone, _ = psutil.wait_procs([process], timeout=5)
            if gone:
                places.remove_sockets(process.pid)
        return self.state()

    def record(self) -> Record | None:
        """Return the record, with the finished cases alone if the run ended early; None before the first is finished.

        Raise RecordError where it cannot be read.
        """
        path = self.folder / "record.json"
        if is_there(path):
            return record.load(path)
        examined, cases = self.examined(), self.finished()
        if examined is None or not cases:
            return None
        return replace(examined.record, cases=tuple(cases[place] for place in sorted(cases)))

    def examined(self) -> Examined | None:
        """Return the device and its ceilings as the run found them; None before that."""
        for event in reversed(self.events()):
            if event["event"] == "examined":
                found = check(event, EXAMINED, str(self.journal.path), RecordError)
                plain = {**found["record"], "cases": []}
                return Examined(Record.parse(plain, str(self.journal.path)), found["ceilings"])
        return None

    def finished(self) -> dict[int, CaseResult]:
        """Return the finished cases by their place in the workload, without any that cannot be read."""
        found: dict[int, CaseResult] = {}
        for event in self.events():
            if event["event"] == "case_finished":
                with contextlib.suppress(RecordError):
                    plain = check(event, FINISHED, str(self.journal.path), RecordError)
                    found[plain["place"]] = CaseResult.of(plain["case"], str(self.journal.path))
        return found

    def log_tail(self, lines: int = 20) -> str:
        """Return the last lines of the log."""
        path = self.folder / "log.txt"
        try:
            with open_regular(path) as file:
                file.seek(max(0, path.stat().st_size - 400 * lines))
                return "\n".join(file.read(400 * lines).decode(errors="replace").splitlines()[-lines:])
        except OSError:
            return ""
