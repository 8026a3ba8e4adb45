"""One run, seen through its folder, from any process and at any time.

    request.json   what was asked             state.json   where it stands, replaced atomically
    events.jsonl   what happened, appended    record.json  the result          log.txt  what was printed
    live.json      its last values            live.jsonl   their course
    cancel         its presence asks the run to end

The run itself is `worker`, a detached process; nothing here imports torch.
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
from profiling.errors import JobError, RecordError
from profiling.files import write_atomic
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
    {"pid": optional(integer(1)), "error": optional(TEXT), "pid_created": optional(NUMBER)},
)
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
class Examined:
    """What a run found before its first case."""

    record: Record  # without its cases
    ceilings: list[dict[str, Any]]  # as each repeat measured them


@dataclass(frozen=True)
class Job:
    """One run, seen through its folder."""

    folder: Path

    @property
    def id(self) -> str:
        """The run's name, which is its folder's and its record's."""
        return self.folder.name

    @property
    def journal(self) -> Journal:
        """What happened in the run."""
        return Journal(self.folder / "events.jsonl")

    def request(self) -> dict[str, Any]:
        """What was asked; raises JobError where the folder is no run's."""
        return dict(check(_read(self.folder / "request.json"), OBJECT, str(self.folder), JobError))

    def workload(self) -> Workload:
        """The workload that was asked for."""
        return Workload.parse(self.request().get("workload"), f"{self.folder / 'request.json'}: workload")

    def state(self) -> State:
        """Where the run stands now; a process that is gone without a last word has died, or was cancelled."""
        state = self.written_state()
        if state.final or processes.running(state.pid, state.pid_created):
            return state
        again = self.written_state()  # its last word may have come between the two looks
        if again.final:
            return again
        status = "cancelled" if self.cancel_asked else "died"
        what = (
            "the process ended before the run did; what had finished is kept, and log.txt has its last words; "
            f"`resume {self.id}` measures the rest"
        )
        return replace(again, status=status, message=status, error=what)

    def written_state(self) -> State:
        """The state as the worker last wrote it; raises JobError where it cannot be read."""
        path = self.folder / "state.json"
        plain = check(_read(path), STATE, str(path), JobError)
        return State(**{name: plain.get(name) for name in STATE["properties"]})

    def write_state(self, state: State) -> None:
        """Replaces the state; for the worker, and for whoever starts it before there is one."""
        write_atomic(self.folder / "state.json", json.dumps(asdict(state)) + "\n")

    def events(self) -> list[dict[str, Any]]:
        """What happened so far, oldest first; a line that a killed process left half written is passed over."""
        return self.journal.events()

    def damage(self) -> str | None:
        """A sentence where lines of the events cannot be read; None where all is well."""
        lines = self.journal.unreadable()
        return f"{self.journal.path}: {lines} lines cannot be read; what they told is missing" if lines else None

    def live(self) -> dict[str, Any] | None:
        """The last values that the run told: step, tokens_per_second, loss, memory_bytes, watts, celsius."""
        return live.read_last(self.folder)

    def live_series(self) -> list[dict[str, Any]]:
        """The same values over the run, oldest first, thinned out where it is long."""
        return live.read_series(self.folder)

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
        process = None if state.final else processes.running(state.pid, state.pid_created)
        if process is not None:
            processes.kill_tree(process.pid)
            psutil.wait_procs([process], timeout=5)
            places.remove_sockets(process.pid)
        return self.state()

    def record(self) -> Record | None:
        """The run's record; of a run that ended early, the cases it finished; None before any has.

        Raises RecordError where it cannot be read.
        """
        path = self.folder / "record.json"
        if path.exists():
            return record.load(path)
        examined, cases = self.examined(), self.finished()
        if examined is None or not cases:
            return None
        return replace(examined.record, cases=tuple(cases[place] for place in sorted(cases)))

    def examined(self) -> Examined | None:
        """The device and its ceiling as the run found them; None before it has looked, or where no line tells."""
        for event in reversed(self.events()):
            if event["event"] == "examined":
                found = check(event, EXAMINED, str(self.journal.path), RecordError)
                plain = {**found["record"], "cases": []}
                return Examined(Record.parse(plain, str(self.journal.path)), found["ceilings"])
        return None

    def finished(self) -> dict[int, CaseResult]:
        """The cases that have ended, by their place in the workload; one that cannot be read has not."""
        found: dict[int, CaseResult] = {}
        for event in self.events():
            if event["event"] == "case_finished":
                with contextlib.suppress(RecordError):
                    plain = check(event, FINISHED, str(self.journal.path), RecordError)
                    found[plain["place"]] = CaseResult.of(plain["case"], str(self.journal.path))
        return found

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
