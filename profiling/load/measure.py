"""One repeat of one load on a server, from the point to plain data."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp

from profiling.errors import CancelledError
from profiling.load import arrivals, endpoint
from profiling.load.drive import Load, closed_loop, open_loop
from profiling.load.endpoint import Dialect, Reply
from profiling.load.prompts import prompt
from profiling.load.result import Point, result
from profiling.workload.kinds.load import check_point
from profiling.workload.workload import Effort

POLL_SECONDS = 0.2  # the delay with which a cancellation is seen


@dataclass(frozen=True)
class Server:
    """A server that answered a first request: how to speak to it, and how many words make its prompts long enough."""

    session: aiohttp.ClientSession
    base: str
    model: str
    dialect: Dialect
    words: int

    @classmethod
    async def found(cls, session: aiohttp.ClientSession, base: str, model: str, point: Point, seed: int) -> Server:
        """Ask once, with a word for each wanted token; raise LoadError where no answer comes."""
        wanted = point["prompt_tokens"]
        first = prompt(wanted, seed, 0)
        dialect, reply = await endpoint.negotiate(session, base, model, first, point["new_tokens"])
        had = reply.usage.get("prompt_tokens") or wanted
        return cls(session, base, model, dialect, max(1, round(wanted * wanted / had)))

    async def ask(self, seed: int, new_tokens: int, index: int) -> Reply:
        """Send the request of that number."""
        body = self.dialect.body(self.model, prompt(self.words, seed, index), new_tokens)
        return await endpoint.stream(self.session, self.base + self.dialect.path, body)


def measure(
    url: str, model: str, point: Point, effort: Effort, seed: int, *, cancelled: Callable[[], bool] = lambda: False
) -> dict[str, Any]:
    """Put one load on the server at `url` and return the findings; `seed` decides arrivals and prompts.

    The point has prompt_tokens, new_tokens, requests, and one of requests_per_minute, concurrency, or arrivals
    (a file of offsets); and may have ttft_limit_milliseconds and tpot_limit_milliseconds.  Of the effort the
    warm-up counts.  Raises WorkloadError for another point, LoadError where server or client failed, and
    CancelledError within a second of `cancelled()`.
    """
    check_point(dict(point), "load")
    return asyncio.run(_unless(cancelled, _measure(endpoint.checked_url(url), model, point, effort, seed)))


async def _unless(cancelled: Callable[[], bool], work: Coroutine[Any, Any, dict[str, Any]]) -> dict[str, Any]:
    """Return the result of the work; raise CancelledError where it is cancelled."""
    task = asyncio.ensure_future(work)
    while not task.done():
        if cancelled():
            task.cancel()
            await asyncio.wait({task})
            raise CancelledError("the load was cancelled")
        await asyncio.wait({task}, timeout=POLL_SECONDS)
    return task.result()


async def _measure(base: str, model: str, point: Point, effort: Effort, seed: int) -> dict[str, Any]:
    """Run the load inside of its event loop."""
    sender = _sender(point, seed)
    async with endpoint.connect() as session:
        server = await Server.found(session, base, model, point, seed)
        # In closed loop all slots start at once, which no later request sees.
        warmup_requests = max(effort.warmup_steps, point.get("concurrency", 0))
        ask = partial(server.ask, seed, point["new_tokens"])
        load = Load(ask, point["requests"], warmup_requests, effort.warmup_seconds)
        await load.run(sender)
    return result(load, server.dialect, point)


def _sender(point: Point, seed: int) -> Callable[[Load], Coroutine[Any, Any, None]]:
    """Return the sender of requests at the point's pace."""
    if "concurrency" in point:
        return partial(closed_loop, concurrency=point["concurrency"])
    if "arrivals" in point:
        return partial(open_loop, offsets=arrivals.trace(Path(point["arrivals"])))
    return partial(open_loop, offsets=arrivals.poisson(point["requests_per_minute"], seed))
