"""Sends the requests of one load on time, and collects what comes back.

Requests go on after the last measured one until all the measured ones are answered: those that close the
series would otherwise see an emptier server than the others did.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from profiling.errors import LoadError, ProfilingError, WorkloadError
from profiling.load.endpoint import Reply, advice
from profiling.load.traffic import Asked, Conversation
from profiling.workload.kinds.load import MOST_IN_FLIGHT

# With a larger share of failures the answered requests do not represent all; of few requests, one or two may be chance.
MOST_FAILURES, FEWEST_FAILURES = 0.01, 3

# Sends the request of that number in its conversation, to which it adds.
Ask = Callable[[int, Conversation], Coroutine[Any, Any, tuple[Asked, Reply]]]


@dataclass(frozen=True)
class Answer:
    """One request and its reply; all times on the same monotonic clock, in seconds."""

    intended: float
    sent: float
    asked: Asked
    reply: Reply

    @property
    def lateness_seconds(self) -> float:
        """How long after its intended time the client sent the request."""
        return self.sent - self.intended

    @property
    def ttft_seconds(self) -> float:
        """From the intended start to the first piece of output."""
        return self.reply.piece_times[0] - self.intended

    @property
    def seconds(self) -> float:
        """From the intended start to the last piece of output."""
        return self.reply.piece_times[-1] - self.intended

    @property
    def after_first_seconds(self) -> float:
        """From the first piece of output to the last."""
        return self.reply.piece_times[-1] - self.reply.piece_times[0]


@dataclass(frozen=True)
class Outcome:
    """What came of one load: every answer, and the window of the measured ones."""

    answers: Sequence[Answer]
    open: Sequence[float]  # intended times of the requests without an answer
    failures: Sequence[tuple[float, str]]  # intended time and kind of each
    start: float  # intended time of the first measured request ...
    end: float  # ... and of the first one after them
    overloaded: bool = False

    @property
    def measured(self) -> list[Answer]:
        """The answers to the requests of the window, in the order of their intended times."""
        inside = (answer for answer in self.answers if self.start <= answer.intended < self.end)
        return sorted(inside, key=lambda one: one.intended)

    @classmethod
    def joined(cls, parts: Sequence[Outcome]) -> Outcome:
        """Return what came of a load that several clients shared, over the time in which all of them measured."""
        start, end = max(part.start for part in parts), min(part.end for part in parts)
        overloaded = any(part.overloaded for part in parts)
        if end <= start and not overloaded:
            raise LoadError("the clients did not measure at the same time", todo="measure more requests")
        return cls(
            [answer for part in parts for answer in part.answers],
            [intended for part in parts for intended in part.open],
            [failure for part in parts for failure in part.failures],
            *(start, end, overloaded),
        )


@dataclass
class Load:
    """One load as it goes on: what was sent, what came back, and which of it is measured."""

    ask: Ask
    requests: int  # to measure
    warmup_requests: int
    warmup_seconds: float
    answers: list[Answer] = field(default_factory=list)
    open: dict[int, float] = field(default_factory=dict)  # intended times of the requests without an answer
    failures: list[tuple[float, str]] = field(default_factory=list)  # intended time and kind of each
    first: int | None = None  # number of the first measured request ...
    window_start: float = 0.0  # ... and its intended time
    window_end: float | None = None  # that of the first request after the measured ones
    overloaded: bool = False
    _sent: int = field(default=0, init=False)
    _error: ProfilingError | None = field(default=None, init=False)
    _finished: asyncio.Event = field(default_factory=asyncio.Event, init=False)

    async def run(self, sender: Callable[[Load], Coroutine[Any, Any, None]]) -> Outcome:
        """Drive the load until every measured request is answered, and return what came of it.

        Raises LoadError where too many requests fail, and the error that the sender stopped with.
        """
        self.started = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            self._create = group.create_task
            self._tasks: set[asyncio.Task[Any]] = set()
            self.start(sender(self))
            await self._finished.wait()
            for task in self._tasks:
                task.cancel()
        if self._error is not None:
            raise self._error
        end = self.window_start if self.window_end is None else self.window_end
        return Outcome(self.answers, [*self.open.values()], self.failures, self.window_start, end, self.overloaded)

    def start(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Start work that ends with the load at the latest."""
        task = self._create(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def send(self, intended: float, before: Conversation | None = None) -> asyncio.Task[bool]:
        """Send the next request now, to be counted from its intended time; the task tells whether it was answered."""
        index, self._sent = self._sent, self._sent + 1
        self._mark(index, intended)
        self.open[index] = intended
        if len(self.open) > MOST_IN_FLIGHT:
            self.overloaded = True
            self.stop()
        return self.start(self._request(index, intended, before or Conversation()))

    def stop(self, error: ProfilingError | None = None) -> None:
        """End the load and abandon open requests."""
        self._error = self._error or error
        self._finished.set()

    def _is_measured(self, index: int) -> bool:
        return self.first is not None and self.first <= index < self.first + self.requests

    def _mark(self, index: int, intended: float) -> None:
        """Open the window at the first request after the warm-up, and close it at the first one after the measured.

        The warm-up lasts for its requests, for its seconds, and until the first of them has come back.
        """
        waited = intended - self.started >= self.warmup_seconds
        if self.first is None and index >= self.warmup_requests and waited and len(self.open) < index:
            self.first, self.window_start = index, intended
        elif self.first is not None and index == self.first + self.requests:
            self.window_end = intended
            self._stop_when_answered()

    async def _request(self, index: int, intended: float, before: Conversation) -> bool:
        """Send one request and wait for the end of its answer."""
        sent = time.perf_counter()
        asked, reply = await self.ask(index, before)
        del self.open[index]
        if reply.failure is None:
            self.answers.append(Answer(intended, sent, asked, reply))
        else:
            self._failed(reply, intended)
        self._stop_when_answered()
        return reply.failure is None

    def _failed(self, reply: Reply, intended: float) -> None:
        """Count a failure by its kind, and end the load where there are too many."""
        self.failures.append((intended, str(reply.failure)))
        total = len(self.failures)
        if total >= FEWEST_FAILURES and total > MOST_FAILURES * self.requests:
            said = f'; the server said "{reply.message.strip()}"' if reply.message.strip() else ""
            self.stop(
                LoadError(
                    f"{total} of {self._sent} requests failed ({kinds(kind for _, kind in self.failures)}), more than "
                    f"{MOST_FAILURES:.0%} of the {self.requests} to measure{said}",
                    todo=advice(str(reply.failure)),
                )
            )

    def _stop_when_answered(self) -> None:
        if self.window_end is not None and not any(self._is_measured(index) for index in self.open):
            self.stop()


def kinds(failures: Iterable[str]) -> str:
    """Return failures by kind, the most frequent first."""
    return ", ".join(f"{kind}: {count}" for kind, count in Counter(failures).most_common())


def too_short(requests: int) -> WorkloadError:
    """Return what is said of a trace that has fewer arrivals than a load needs."""
    what = f"the trace ends before {requests} requests after the warm-up and one more"
    return WorkloadError(what, todo="lengthen it, or measure fewer")


async def open_loop(load: Load, offsets: Iterable[float], turns: int = 1, think_seconds: float = 0.0) -> None:
    """Send each request at its time, in seconds after the start, however slowly the server answers.

    With several turns, a conversation begins at each of these times.
    """
    for offset in offsets:
        intended = load.started + offset
        await asyncio.sleep(max(0.0, intended - time.perf_counter()))
        if turns == 1:
            load.send(intended)
        else:
            load.start(conversation(load, intended, turns, think_seconds))
    if load.window_end is None:
        load.stop(too_short(load.requests))


async def closed_loop(load: Load, concurrency: int, turns: int = 1, think_seconds: float = 0.0) -> None:
    """Keep a number of requests, or of conversations, open: each answer starts the next request."""

    async def slot() -> None:
        while True:
            await conversation(load, time.perf_counter(), turns, think_seconds)

    await asyncio.gather(*(slot() for _ in range(concurrency)))


async def conversation(load: Load, intended: float, turns: int, think_seconds: float) -> None:
    """Send the turns of one conversation, each after the answer to the one before; a failure ends it."""
    before = Conversation()
    for _ in range(turns):
        await asyncio.sleep(max(0.0, intended - time.perf_counter()))
        if not await load.send(intended, before):
            return
        intended = time.perf_counter() + think_seconds
