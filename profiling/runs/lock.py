"""The lock that lets one run at a time measure on this computer, and the queue of waiting runs.

The whole computer is locked and not one device, since a run on the CPU disturbs a run on a GPU that it feeds. The
system releases the lock however its holder ends. Each waiting run has a ticket, valid while its process exists; the
oldest ticket goes first.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

import filelock
import psutil

from profiling import places
from profiling.checks import NUMBER, TEXT, check, fields, integer, optional, read_json
from profiling.errors import CancelledError, DeviceBusyError, JobError, Phrase
from profiling.files import open_regular, within, write_atomic
from profiling.runs import processes

POLL_SECONDS = 0.2
LARGEST_TICKET_BYTES = 10_000
LONGEST_NOTE_BYTES = 300
# A float of seconds since 1970 distinguishes a few ten-millionths.
CLOCK_TICK = 1e-6
TICKET = fields({"asked": NUMBER, "pid": integer(1), "pid_created": NUMBER}, {"pid_born": optional(TEXT)})


@dataclass(frozen=True, order=True)
class Ticket:
    """Place of a run in the queue, ordered by the time of its start."""

    asked: float  # seconds since 1970
    name: str
    pid: int
    pid_created: float
    pid_born: str | None = field(default=None, compare=False)

    @classmethod
    def of(cls, name: str, asked: float, process: psutil.Process) -> Ticket:
        """Return the ticket of a run and its process."""
        return cls(asked, name, process.pid, process.create_time(), processes.birth(process))

    def join(self) -> None:
        """Enter the queue; a second call changes nothing."""
        _queue().mkdir(parents=True, exist_ok=True)
        write_atomic(_queue() / f"{self.name}.json", json.dumps(asdict(self)))

    def leave(self) -> None:
        """Leave the queue."""
        (_queue() / f"{self.name}.json").unlink(missing_ok=True)


def ticket(name: str) -> Ticket:
    """Return the ticket that a run got at its start, or a new one at the end of the queue."""
    given = (each for each in queue() if each.name == name)
    return next(given, None) or Ticket.of(name, last_place(time.time()), psutil.Process())


def last_place(now: float) -> float:
    """Return the place behind all tickets, also where the clock was set back since they were given."""
    return max([now, *(ticket.asked + CLOCK_TICK for ticket in queue())])


def _queue() -> Path:
    return places.locks() / "queue"


def queue() -> list[Ticket]:
    """Return the tickets of runs that measure or wait, in order, and delete those of ended processes."""
    return sorted(ticket for path in within(_queue(), "*.json") if (ticket := _living(path)) is not None)


def _living(path: Path) -> Ticket | None:
    """Return the ticket in a file if its process still exists; delete the file otherwise."""
    try:
        plain = check(read_json(path, LARGEST_TICKET_BYTES, JobError), TICKET, str(path), JobError)
        ticket = Ticket(plain["asked"], path.stem, plain["pid"], plain["pid_created"], plain.get("pid_born"))
    except JobError:
        ticket = None
    if ticket is not None and processes.running(ticket.pid, ticket.pid_created, ticket.pid_born):
        return ticket
    with contextlib.suppress(OSError):  # a folder is no ticket, either
        path.unlink(missing_ok=True)
    return None


LOCK = "device.lock"
RESUMING = "resume.lock"


def _lock(name: str = LOCK) -> filelock.FileLock:
    try:
        places.locks().mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unlockable(error) from error
    return filelock.FileLock(places.locks() / name)


def _note() -> Path:
    return places.locks() / "device.holder"


def _holder_named() -> str:
    try:
        with open_regular(_note()) as file:
            return file.read(LONGEST_NOTE_BYTES).decode("utf-8", "replace")
    except OSError:
        return "another run"


def holder() -> str | None:
    """Return who holds the device; None where it is free."""
    lock = _lock()
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        return _holder_named()
    except OSError as error:
        raise _unlockable(error) from error
    lock.release()
    return None


def _unlockable(error: OSError, name: str = LOCK) -> JobError:
    return JobError(
        Phrase("the lock cannot be used ({reason})", reason=error.strerror),
        where=str(places.locks() / name),
        todo="remove it",
    )


@contextmanager
def resuming() -> Iterator[None]:
    """Let one process at a time see that a run has ended and start it again, so that two cannot both start it."""
    try:
        acquired = _lock(RESUMING).acquire()
    except OSError as error:
        raise _unlockable(error, RESUMING) from error
    with acquired:
        yield


@contextmanager
def hold(
    ticket: Ticket, wait: bool, waiting_for: Callable[[str], None], cancelled: Callable[[], bool]
) -> Iterator[None]:
    """Hold the device for the ticket while the block runs, after all earlier tickets.

    Pass to `waiting_for` who holds the device meanwhile, and how many come first. Raise DeviceBusyError without `wait`,
    and CancelledError once `cancelled()` is true.
    """
    ticket.join()
    try:
        lock = _turn(ticket, wait, waiting_for, cancelled)
        try:
            write_atomic(_note(), f"{ticket.name} (process {os.getpid()})")
            yield
        finally:
            lock.release()
    finally:
        with contextlib.suppress(OSError):
            ticket.leave()


def _turn(
    ticket: Ticket, wait: bool, waiting_for: Callable[[str], None], cancelled: Callable[[], bool]
) -> filelock.FileLock:
    """Return the acquired lock when all earlier tickets are gone."""
    lock, told = _lock(), ""
    while True:
        before = [each for each in queue() if each < ticket]
        if not before:
            try:
                # Also without `wait`, allow a moment: `holder` takes the lock for an instant.
                lock.acquire(timeout=POLL_SECONDS)
                return lock
            except filelock.Timeout:
                pass
            except OSError as error:
                raise _unlockable(error) from error
        current = _holder_named()
        if before:  # such as `20261122T013323-classifier-fcb2 (process 17), 2 before it`
            current = Phrase("{holder}, {count} before it", holder=holder() or before[0].name, count=len(before))
        if not wait:
            raise DeviceBusyError(busy(current))
        if current != told:
            waiting_for(told := current)
        if cancelled():
            raise CancelledError("the run was cancelled while it waited")
        time.sleep(POLL_SECONDS if before else 0)


def busy(current: str) -> str:
    """Return the message for a run that will not wait."""
    return Phrase("the device is taken by {current}; wait for it, or cancel it first", current=current)
