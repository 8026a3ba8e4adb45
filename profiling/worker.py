"""The detached process behind a run: holds the device, measures case after case, and writes down each.

Run as `python -m profiling.worker FOLDER` by `jobs.start`.  It never imports torch itself: whatever a
measurement does to its process, this one is there to record it.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import psutil

from profiling import arithmetic, lock, metrics, record, summary
from profiling.errors import CancelledError, ProfilingError, RepeatLostError
from profiling.isolation import Isolation
from profiling.jobs import Job, State
from profiling.metrics import Ceiling, Setting
from profiling.record import Case, Record
from profiling.workload import CasePlan

# Given up when the disk is full, so that the last state still finds room.
RESERVE_BYTES = 65_536

# NumPy's OpenBLAS starts threads on import, after which the fork server could not fork any more; torch,
# which does the measured work, has threads of its own.  A progress bar for one file only fills the log.
WORKER_ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1", "HF_HUB_DISABLE_PROGRESS_BARS": "1"}

Run = dict[str, Any]


@dataclass
class Worker:
    """One run from its request to its record."""

    job: Job
    isolation: Isolation = field(default_factory=Isolation)

    def __post_init__(self) -> None:
        process = psutil.Process()
        self.workload = self.job.workload()
        now = time.time()
        self.state = State("waiting", 0.0, "starting", now, now, process.pid, None, process.create_time())
        self.tasks = (1 + len(self.workload.cases)) * self.workload.effort.repeats
        self.done = 0
        self.cases: list[Case] = []

    def run(self) -> int:
        """Measures everything; gives the process's exit code.  The folder tells how it ended."""
        try:
            self._reserve.write_bytes(bytes(RESERVE_BYTES))
            held = lock.acquire(self.job.id, self.job.request()["wait"], self._waiting, self._cancelled)
            with held:
                self._measure()
        except CancelledError as error:
            return self._end("cancelled", str(error))
        except ProfilingError as error:
            return self._end("failed", str(error))
        except OSError as error:
            traceback.print_exc()
            return self._end("failed", _disk_sentence(error, self.job.folder))
        return self._end("done", None)

    def _measure(self) -> None:
        """The device first, then every case; cases measured before a cancellation are kept."""
        self._tell("running", "examining the device")
        header = self._examine()
        try:
            for plan in self.workload.cases:
                case = self._case(plan)
                self.cases.append(case)
                self._event("case_finished", case=case.to_json())
        finally:
            self._write_record(header)

    def _examine(self) -> Record:
        """A record without cases: device, software and ceiling, from as many processes as there are repeats."""
        answers = [self._task(None, repeat, "measuring the ceiling") for repeat in range(self.workload.effort.repeats)]
        for answer in answers:
            if "result" not in answer:
                raise ProfilingError(f"the device cannot be measured: {answer['why']}")
        results = [answer["result"] for answer in answers]
        ceilings = [result["ceiling"] for result in results]
        self.setting = Setting(self.workload, results[0]["precision"], Ceiling.best(ceilings))
        header = self._header(results)
        self._event("examined", record=header.to_json())
        return header

    def _header(self, looks: Sequence[Run]) -> Record:
        """The record so far: all but the cases."""
        request, found = self.job.request(), looks[0]
        workload = {
            **self.workload.to_json(),
            "precision": found["precision"],
            "parameters": arithmetic.parameters(self.workload.model),
            "engine": found["engine"],
            "repeats": self.workload.effort.repeats,
            "seeds": [self.workload.seed + repeat for repeat in range(self.workload.effort.repeats)],
            "hash": self.workload.hash,
        }
        return Record(
            id=request["id"],
            created=request["created"],
            preset=self.workload.name,
            workload=workload,
            device=found["device"],
            software=found["software"],
            ceiling=metrics.ceiling_estimates([look["ceiling"] for look in looks]),
            others=summary.others(looks),
            cases=(),
        )

    def _case(self, plan: CasePlan) -> Case:
        """Every repeat of one case; the first that fails ends the case, and only the case."""
        name = summary.unmeasured(plan, "failed", None).where
        runs: list[Run] = []
        for repeat in range(self.workload.effort.repeats):
            answer = self._task(plan, repeat, f"{name}: repeat {repeat + 1} of {self.workload.effort.repeats}")
            if "result" not in answer:
                self.done += self.workload.effort.repeats - repeat - 1
                return summary.unmeasured(plan, answer["status"], answer["why"])
            runs.append(answer["result"])
        return summary.case(plan, self.setting, runs)

    def _task(self, plan: CasePlan | None, repeat: int, message: str) -> Run:
        """One process's answer: a `result`, or a `status` and `why`."""
        self._tell("running", message)
        scratch = self.job.folder / "scratch"
        request = {
            "workload": self.workload.to_json(),
            "case": None if plan is None else asdict(plan),
            "repeat": repeat,
            "scratch": str(scratch),
        }
        scratch.mkdir(exist_ok=True)
        try:
            answer = self.isolation.run(request, self._cancelled)
        except RepeatLostError as error:
            answer = {"status": "failed", "why": str(error)}
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        self.done += 1
        return answer

    def _write_record(self, header: Record) -> None:
        """The record with every case that was planned; those that were not reached say so."""
        why = "the run ended before this case was measured"
        missing = [summary.unmeasured(plan, "cancelled", why) for plan in self.workload.cases[len(self.cases) :]]
        record.write(self.job.folder / "record.json", replace(header, cases=(*self.cases, *missing)))

    def _waiting(self, holder: str) -> None:
        self._tell("waiting", f"waiting for {holder}")

    def _cancelled(self) -> bool:
        return self.job.cancel_asked

    def _tell(self, status: str, message: str, error: str | None = None) -> None:
        """Writes the state, and an event with it."""
        progress = 1.0 if status == "done" else self.done / self.tasks
        self.state = replace(
            self.state, status=status, message=message, progress=progress, updated=time.time(), error=error
        )
        self._event("state", status=status, message=message, progress=progress)
        self.job.write_state(self.state)

    def _event(self, event: str, **data: Any) -> None:
        """Appends one line to the events, on the disk before this returns."""
        line = json.dumps({"event": event, "at": time.time(), **data}, allow_nan=False) + "\n"
        with (self.job.folder / "events.jsonl").open("a", encoding="utf-8") as file:
            file.write(line)
            file.flush()
            os.fsync(file.fileno())

    def _end(self, status: str, error: str | None) -> int:
        """The last word, for which the reserve is given up."""
        self._reserve.unlink(missing_ok=True)
        self._tell(status, error or status, error)
        return 0 if status == "done" else 1

    @property
    def _reserve(self) -> Path:
        return self.job.folder / "reserve"


def _disk_sentence(error: OSError, folder: Path) -> str:
    """What to do about an error of the file system."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"the disk that holds {folder} is full; free some room, and start the run again"
    return f"{error.filename or folder}: {error.strerror}; check the folder, and start the run again"


def main(arguments: Sequence[str]) -> int:
    """The process's entry: waits until its starter has written down its number, then runs."""
    sys.stdin.read()
    os.environ.update(WORKER_ENVIRONMENT)
    job = Job(Path(arguments[0]))
    signal.signal(signal.SIGTERM, _cancel_on_signal(job))
    return Worker(job).run()


def _cancel_on_signal(job: Job) -> Callable[[int, Any], None]:
    """A polite request to end, from the system or a person, is a cancellation."""

    def handler(_number: int, _frame: Any) -> None:
        (job.folder / "cancel").touch()

    return handler


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
