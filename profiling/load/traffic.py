"""The requests of one load: how long they are, when they come, and what they share with those before.

A client process of several has its part of the requests: of a trace every so-many-th, of a rate or of a number of open
requests its share.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np

from profiling.errors import WorkloadError
from profiling.load import arrivals, traces
from profiling.load.traces import Arrival
from profiling.workload.kinds.load import RAMP
from profiling.workload.lengths import Lengths

Point = Mapping[str, Any]


@dataclass(frozen=True)
class Asked:
    """What one request asks: tokens of its own, new tokens, and tokens that the server has met in earlier ones."""

    own_tokens: int
    new_tokens: int
    known_tokens: int = 0

    @property
    def prompt_tokens(self) -> int:
        """Tokens of the whole prompt."""
        return self.known_tokens + self.own_tokens


@dataclass
class Conversation:
    """What user and model have said in turn, and its tokens by the server's count."""

    said: list[str] = field(default_factory=list)
    tokens: int = 0


@dataclass(frozen=True)
class Traffic:
    """The requests that one client sends at a point; `seed` decides everything about them."""

    point: Point
    seed: int
    trace: tuple[Arrival, ...] = ()
    client: int = 0

    @classmethod
    def of(cls, point: Point, seed: int) -> Traffic:
        """Return the requests of a whole load; raise WorkloadError where its trace has no lengths and it none, too."""
        trace = traces.read(Path(point["arrivals"]), point) if "arrivals" in point else ()
        for name in ("prompt", "new"):
            given = f"{name}_tokens" in point or f"{name}_lengths" in point
            if not given and getattr(trace[0], f"{name}_tokens") is None:
                what = f"neither the load nor its trace has lengths: {name}_tokens is missing"
                raise WorkloadError(what, where="load", todo=f"add it, or name the trace's {name}_column")
        return cls(point, seed, trace)

    @property
    def clients(self) -> int:
        """How many processes share the load."""
        return int(self.point.get("clients", 1))

    @property
    def turns(self) -> int:
        """Requests of one conversation, each of which repeats what was said before."""
        return int(self.point.get("turns", 1))

    @property
    def concurrency(self) -> int:
        """Requests that this client keeps open in closed loop."""
        return len(range(self.client, int(self.point["concurrency"]), self.clients))

    def share(self, requests: int) -> int:
        """Return this client's share of a number of requests, rounded up."""
        return -(-requests // self.clients)

    def asked(self, index: int, said_tokens: int = 0) -> Asked:
        """Return the lengths of this client's request of that number, after so much was said in its conversation.

        A shared prefix is a part of the first prompt, of which at least one token is its own.
        """
        place = index * self.clients + self.client
        known = said_tokens or int(self.point.get("prefix_tokens", 0))
        own = self._tokens("prompt", place) - (0 if said_tokens else known)
        return Asked(max(1, own), self._tokens("new", place), known)

    def _tokens(self, name: str, place: int) -> int:
        """Return a length: the load's own, or the trace's where the load gives none."""
        if (fixed := self.point.get(f"{name}_tokens")) is not None:
            return int(fixed)
        if (text := self.point.get(f"{name}_lengths")) is not None:
            draw = np.random.default_rng([self.seed, crc32(name.encode()), place])
            return Lengths.parse(text, f"load: {name}_lengths").at(draw.random())
        # What goes out after the trace has ended is not measured.
        return int(getattr(self.trace[place % len(self.trace)], f"{name}_tokens"))

    def offsets(self) -> Iterator[float]:
        """Yield the times of requests, or of the first requests of conversations, in seconds after the start."""
        if self.trace:
            yield from (arrival.offset for arrival in self.trace[self.client :: self.clients])
            return
        begun = self.clients * self.turns
        ramp_to = self.point.get(RAMP)
        yield from arrivals.drawn(
            self.point["requests_per_minute"] / begun,
            self.seed + 1_000_003 * self.client,
            self.point.get("burstiness_percent", 100),
            None if ramp_to is None else ramp_to / begun,
            -(-self.point["requests"] // begun),
        )


def moves(point: Point) -> bool:
    """Return whether the demand itself changes during the load, so that times cannot be expected to stand still."""
    return "arrivals" in point or RAMP in point or point.get("burstiness_percent", 100) > 100
