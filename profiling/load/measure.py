"""One repeat of one load on a server, from the point to plain data."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from profiling.load import clients, endpoint, search
from profiling.load.drive import Load, Outcome, closed_loop, open_loop, too_short
from profiling.load.result import Point, result
from profiling.load.server import Server, Spoken
from profiling.load.traffic import Traffic
from profiling.workload import address
from profiling.workload.kinds.load import UP_TO, check_point
from profiling.workload.workload import Effort


@dataclass(frozen=True)
class Target:
    """The server to load, and the key that it wants."""

    base: str
    model: str
    key: str | None = field(default=None, repr=False)


def measure(
    url: str,
    model: str,
    point: Point,
    effort: Effort,
    seed: int,
    *,
    key: str | None = None,
) -> dict[str, Any]:
    """Put one load on the server at `url` and return the findings; `seed` decides arrivals, lengths and prompts.

    The point is one of a case of this kind; of the effort the warm-up counts.  `key` is sent with each request and
    stands nowhere else.  Raises WorkloadError for another point, and LoadError where server or client failed.
    """
    check_point(dict(point), "load")
    target = Target(address.checked_url(url), model, key)

    def attempt(at: Point) -> dict[str, Any]:
        return asyncio.run(_measure(target, at, effort, seed))

    return search.most(point, attempt) if UP_TO in point else attempt(point)


async def _measure(target: Target, point: Point, effort: Effort, seed: int) -> dict[str, Any]:
    """Run the load inside of its event loop, or in those of several clients."""
    traffic = Traffic.of(point, seed)
    if traffic.trace and len(traffic.trace) <= effort.warmup_steps + point["requests"]:
        raise too_short(point["requests"])  # before minutes are spent on what there is
    async with endpoint.connect(target.key) as session:
        spoken = await Spoken.found(session, target.base, target.model, traffic)
        if traffic.clients == 1:
            outcome = await drive(Server(session, spoken, traffic), effort)
        else:
            outcome = await clients.drive(partial(_client, spoken, effort, target.key), traffic)
    return result(outcome, spoken.dialect, point)


async def _client(spoken: Spoken, effort: Effort, key: str | None, traffic: Traffic) -> Outcome:
    """Return what came of one client's share of the load."""
    async with endpoint.connect(key) as session:
        return await drive(Server(session, spoken, traffic), effort)


async def drive(server: Server, effort: Effort) -> Outcome:
    """Return what came of the requests of one client."""
    traffic, point = server.traffic, server.traffic.point
    spacing = {"turns": traffic.turns, "think_seconds": point.get("think_milliseconds", 0) / 1e3}
    warmup_requests = traffic.share(effort.warmup_steps)
    if "concurrency" in point:
        # All slots start at once, which no later request sees.
        warmup_requests = max(warmup_requests, traffic.concurrency)
        sender = partial(closed_loop, concurrency=traffic.concurrency, **spacing)
    else:
        sender = partial(open_loop, offsets=traffic.offsets(), **spacing)
    load = Load(server.ask, traffic.share(point["requests"]), warmup_requests, effort.warmup_seconds)
    return await load.run(sender)
