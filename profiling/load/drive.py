"""Sends the requests of one load on time, and collects what comes back.

Requests go on after the last measured one until all the measured ones are answered: those that close the
series would otherwise see an emptier server than the others did.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass, field
from typing import Any

from profiling.errors import LoadError, ProfilingError, WorkloadError
from profiling.load.endpoint import Reply
from profiling.workload.kinds.load import MOST_IN_FLIGHT

# With a larger share of failures the answered requests do not represent all.
MOST_FAILURES = 0.01


@dataclass(frozen=True)
class Answer:
    """One request and its reply; all times on the same monotonic clock, in seconds."""

    index: int
    intended: float
    sent: float
    reply: Reply

    @property
    def lateness_seconds(self) -> float:
        """How long after its intended time the client sent the request."""
        return self.sent - self.intended

    @property
    def ttft_seconds(self) -> float:
        """From the intended start to the first piece of text."""
        return self.reply.piece_times[0] - self.intended

    @property
    def seconds(self) -> float:
        """From the intended start to the last piece of text."""
        return self.reply.piece_times[-1] - self.intended

    @property
    def after_first_seconds(self) -> float:
        """From the first piece of text to the last."""
        return self.reply.piece_times[-1] - self.reply.piece_times[0]

    @property
    def tpot_seconds(self) -> float:
        """Time for each token after the first piece of text."""
        return self.after_first_seconds / max(1, self.reply.output_tokens - 1)


@dataclass
class Load:
    """One load as it goes on: what was sent, what came back, and which of it is measured."""

    ask: Callable[[int], Coroutine[Any, Any, Reply]]  # sends the request of that number
    requests: int  # to measure
    warmup_requests: int
    warmup_seconds: float
    answers: list[Answer] = field(default_factory=list)
    open: dict[int, float] = field(default_factory=dict)  # intended times of the requests without an answer
    failures: Counter[str] = field(default_factory=Counter)
    first: int | None = None  # number of the first measured request ...
    window_start: float = 0.0  # ... and its intended time
    window_end: float | None = None  # that of the first request after the measured ones
    overloaded: bool = False
    _sent: int = field(default=0, init=False)
    _error: ProfilingError | None = field(default=None, init=False)
    _finished: asyncio.Event = field(default_factory=asyncio.Event, init=False)

    async def run(self, sender: Callable[[Load], Coroutine[Any, Any, None]]) -> None:
        """Drive the load until every measured request is answered.

        Raises LoadError where too many requests fail, and the error that the sender stopped with.
        """
        self.started = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            self._create = group.create_task
            self._tasks = {group.create_task(sender(self))}
            await self._finished.wait()
            for task in self._tasks:
                task.cancel()
        if self._error is not None:
            raise self._error

    def send(self, intended: float) -> asyncio.Task[None]:
        """Send the next request now, to be counted from its intended time."""
        index, self._sent = self._sent, self._sent + 1
        self._mark(index, intended)
        self.open[index] = intended
        if len(self.open) > MOST_IN_FLIGHT:
            self.overloaded = True
            self.stop()
        task: asyncio.Task[None] = self._create(self._request(index, intended))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def stop(self, error: ProfilingError | None = None) -> None:
        """End the load and abandon open requests."""
        self._error = self._error or error
        self._finished.set()

    @property
    def measured(self) -> list[Answer]:
        """The answers to the measured requests, in the order in which those were sent."""
        return sorted((answer for answer in self.answers if self._is_measured(answer.index)), key=lambda one: one.index)

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

    async def _request(self, index: int, intended: float) -> None:
        """Send one request and wait for the end of its answer."""
        sent = time.perf_counter()
        reply = await self.ask(index)
        del self.open[index]
        if reply.failure is None:
            self.answers.append(Answer(index, intended, sent, reply))
        else:
            self._failed(reply)
        self._stop_when_answered()

    def _failed(self, reply: Reply) -> None:
        """Count a failure by its kind, and end the load where there are too many."""
        self.failures[str(reply.failure)] += 1
        total = self.failures.total()
        if total > MOST_FAILURES * self.requests:
            kinds = ", ".join(f"{kind}: {count}" for kind, count in self.failures.most_common())
            said = f'; the server said "{reply.message.strip()}"' if reply.message.strip() else ""
            self.stop(
                LoadError(
                    f"{total} of {self._sent} requests failed ({kinds}), and at most {MOST_FAILURES:.0%} of "
                    f"{self.requests} may{said}; look at the server's log, or ask less of it"
                )
            )

    def _stop_when_answered(self) -> None:
        if self.window_end is not None and not any(self._is_measured(index) for index in self.open):
            self.stop()


async def open_loop(load: Load, offsets: Iterable[float]) -> None:
    """Send each request at its time, in seconds after the start, however slowly the server answers."""
    for offset in offsets:
        intended = load.started + offset
        await asyncio.sleep(max(0.0, intended - time.perf_counter()))
        load.send(intended)
    if load.window_end is None:
        load.stop(
            WorkloadError(
                f"the trace ends before {load.requests} requests after the warm-up and one more; lengthen it, or "
                f"measure fewer"
            )
        )


async def closed_loop(load: Load, concurrency: int) -> None:
    """Keep a number of requests open: each answer starts the next request."""

    async def slot() -> None:
        while True:
            await load.send(time.perf_counter())

    await asyncio.gather(*(slot() for _ in range(concurrency)))
