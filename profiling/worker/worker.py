"""The detached process of a run, which holds the device, measures one case after the other, and records each.

Run as `python -m profiling.worker.worker FOLDER [--anyway]` by `jobs.start` and `jobs.resume`.  It never imports torch
itself, so that a crash of a measuring process is recorded here.
"""

from __future__ import annotations

import errno
import os
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from multiprocessing.util import Finalize
from pathlib import Path
from typing import Any

import psutil

from profiling import places
from profiling.errors import CancelledError, JobError, Phrase, ProfilingError
from profiling.measure import summary
from profiling.results import record, sameness
from profiling.results.record import CaseResult, Record
from profiling.runs import lock, processes
from profiling.runs.job import EXAMINING, Examined, Job, State
from profiling.runs.live import Series
from profiling.worker.isolation import Isolation
from profiling.worker.measuring import CACHES, Measuring, header
from profiling.workload.kinds.work import Ceiling

# Deleted when the disk is full, so that the last state can still be written.
RESERVE_BYTES = 65_536

# NumPy's OpenBLAS starts threads on import, after which forking is unsafe; torch, which does the measured work, has its
# own threads. Progress bars of downloads would only fill the log.
WORKER_ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1", "HF_HUB_DISABLE_PROGRESS_BARS": "1"}


@dataclass
class Worker:
    """One run, from its request or the point where it stopped to its record."""

    job: Job
    isolation: Isolation = field(default_factory=Isolation)
    anyway: bool = False  # resumes even if the device or a library has changed

    def __post_init__(self) -> None:
        process = psutil.Process()
        self.workload = self.job.workload()
        now = time.time()
        born = process.create_time(), processes.birth(process)
        self.state = State("waiting", 0.0, "starting", now, now, process.pid, None, *born)
        self.cases: dict[int, CaseResult] = {}
        self.clock: tuple[float, int] | None = None  # when the cases began, and how many tasks were done by then
        self.told: dict[str, Any] = {}
        self.measuring = Measuring(
            self.workload, self.job.folder, self.isolation, self._cancelled, self._next, self._live
        )

    @cached_property
    def series(self) -> Series:
        """Live values of the run; the files are made with the first value."""
        return Series(self.job.folder)

    def run(self) -> int:
        """Measure what is left, write how the run ended, and return the exit code of the process."""
        try:
            self.job.journal.mend()
            self._reserve.write_bytes(bytes(RESERVE_BYTES))
            ticket, wait = lock.ticket(self.job.id), self.job.request()["wait"]
            with lock.hold(ticket, wait, self._waiting, self._cancelled):
                self._tidy()
                self._measure()
        except CancelledError as error:
            return self._end("cancelled", str(error))
        except ProfilingError as error:
            return self._end("failed", str(error))
        except OSError as error:
            traceback.print_exc()
            return self._end("failed", _disk_sentence(error, self.job.folder))
        except Exception as error:
            # A crashed run must not look alive.
            traceback.print_exc()
            what = f"{type(error).__name__}: {error}".splitlines()[0][:500]
            return self._end(
                "failed", Phrase("an error of the profiler itself ({what}); log.txt has its trace", what=what)
            )
        return self._end("done", None)

    def _tidy(self) -> None:
        """Remove what a killed process left: half-written files, its scratch folder and caches."""
        for litter in self.job.folder.glob("." + 16 * "[0-9a-f]"):
            litter.unlink()
        for name in ("scratch", CACHES):
            shutil.rmtree(self.job.folder / name, ignore_errors=True)

    def _measure(self) -> None:
        """Examine the device, then measure every case that is left; a cancellation keeps the finished ones."""
        self._tell("running", EXAMINING)
        begun = self._begin()
        self.clock = time.monotonic(), self.measuring.done
        (self.job.folder / "record.json").unlink(missing_ok=True)  # from here on the events are more complete
        try:
            for place, plan in enumerate(self.workload.cases):
                if place not in self.cases:
                    self.cases[place] = self.measuring.case(plan, self.ceiling, self.cases.values())
                    self.job.journal.append("case_finished", place=place, case=self.cases[place].to_json())
        finally:
            self._write_record(begun)

    def _begin(self) -> Record:
        """Return the record without cases: examined now, or as it was when a resumed run began."""
        if (examined := self.job.examined()) is not None:
            return self._go_on(examined)
        looks = self.measuring.looks(self.workload.effort.repeats)
        ceilings = [look["ceiling"] for look in looks]
        self.ceiling = Ceiling.best(ceilings)
        begun = header(self.job.request(), self.workload, looks)
        self.job.journal.append("examined", record=begun.to_json(), ceilings=ceilings)
        return begun

    def _go_on(self, examined: Examined) -> Record:
        """Take over the finished cases; raise JobError if device or software has changed, unless `anyway`."""
        self.cases = {place: case for place, case in self.job.finished().items() if case.status != "failed"}
        self.measuring.keep(len(self.cases))
        look = self.measuring.looks(1)[0]
        changed = sameness.changes(examined.record, look)
        if changed and not self.anyway:
            what = Phrase("since the run began, {changes}", changes="; ".join(changed))
            raise JobError(what, todo="measure on what it began on, or resume --anyway, which the record will say")
        self.ceiling = Ceiling.best([look["ceiling"]] if changed else examined.ceilings)
        self.job.journal.append("resumed", changed=changed, kept=sorted(self.cases))
        return replace(examined.record, extra={**examined.record.extra, "resumed": self._resumptions()})

    def _resumptions(self) -> list[dict[str, Any]]:
        """Return each time that the run was resumed, with the places of the kept cases and what had changed."""
        return [
            {name: event.get(name) for name in ("at", "changed", "kept")}
            for event in self.job.events()
            if event["event"] == "resumed"
        ]

    def _write_record(self, begun: Record) -> None:
        """Write the record with every case of the workload; those not reached are marked as cancelled."""
        why = Phrase("the run ended before this case was measured")
        cases = [
            self.cases.get(place) or summary.unmeasured(plan, "cancelled", why)
            for place, plan in enumerate(self.workload.cases)
        ]
        record.write(self.job.folder / "record.json", replace(begun, cases=tuple(cases)))

    def _waiting(self, holder: str) -> None:
        self._tell("waiting", Phrase("waiting for {holder}", holder=holder))

    def _next(self, message: str) -> None:
        self.told = {"doing": message}
        self._tell("running", message)

    def _live(self, values: Mapping[str, Any]) -> None:
        self.series.add({**self.told, **values})

    def _cancelled(self) -> bool:
        return self.job.cancel_asked

    def _tell(self, status: str, message: str, error: str | None = None) -> None:
        """Write the state, and the event of it."""
        # A case that needs more repeats than was expected makes no progress, and takes none back.
        share = self.measuring.done / (self.measuring.done + self.measuring.left)
        progress = 1.0 if status == "done" else max(share, self.state.progress)
        self.state = replace(
            self.state,
            status=status,
            message=message,
            progress=progress,
            updated=time.time(),
            error=error,
            left_seconds=self._left_seconds(),
        )
        self.job.journal.append("state", status=status, message=message, progress=progress)
        self.job.write_state(self.state)

    def _left_seconds(self) -> float | None:
        """Return the time to the end, at the pace of the tasks since the cases began; None before the first."""
        if self.clock is None or (done := self.measuring.done - self.clock[1]) <= 0:
            return None
        return (time.monotonic() - self.clock[0]) / done * self.measuring.left

    def _end(self, status: str, error: str | None) -> int:
        """Write the final state, after deleting the reserve to make room, and return the exit code."""
        self._reserve.unlink(missing_ok=True)
        self._tell(status, error or status, error)
        return 0 if status == "done" else 1

    @property
    def _reserve(self) -> Path:
        return self.job.folder / "reserve"


def _disk_sentence(error: OSError, folder: Path) -> str:
    """Return what to do about an error of the file system."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Phrase("the disk that holds {folder} is full; free some room, and resume the run", folder=folder)
    return Phrase(
        "{path}: {reason}; check the folder, and resume the run",
        path=error.filename or folder,
        reason=error.strerror or error,
    )


def main(arguments: Sequence[str]) -> int:
    """Wait until the starter has recorded this process, run, and return the exit code."""
    sys.stdin.read()
    os.environ.update(WORKER_ENVIRONMENT)
    # Measuring processes have caches of their own, and would walk the model anew in each repeat.
    os.environ["BREAKEVEN_CACHE"] = str(places.cache())
    job = Job(Path(arguments[0]))
    # A request to terminate is a cancellation.
    signal.signal(signal.SIGTERM, lambda _number, _frame: (job.folder / "cancel").touch())
    sockets = places.make_sockets()
    os.environ["TMPDIR"] = tempfile.tempdir = str(sockets)
    # At exit, after multiprocessing has removed its own folder in there, which it does at -100.
    Finalize(None, shutil.rmtree, (sockets, True), exitpriority=-200)
    return Worker(job, anyway="--anyway" in arguments).run()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
