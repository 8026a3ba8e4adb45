"""The largest rate of random arrivals that keeps the limits of a load, by doubling and bisection."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import isqrt
from typing import Any

from profiling.errors import LateClientError, LoadError, Phrase
from profiling.load import keeping
from profiling.results.sentence import Counted
from profiling.workload.kinds.load import UP_TO

# Two rates so near to each other are not told apart by a few hundred requests.
RESOLUTION = 1.1
# The first rate to try is this share of the largest; below the last one a load would take hours.
FIRST_SHARE, LEAST_SHARE = 8, 64
USUAL_GOODPUT_PERCENT = 95
# A client that is late this often at one rate has no time for it; at further rates it has one try, since each takes
# minutes.
TRIES = 3

Run = dict[str, Any]
Point = Mapping[str, Any]


def most(point: Point, attempt: Callable[[Point], Run]) -> Run:
    """Return the findings at the largest rate up to the point's whose goodput is enough, with all rates tried.

    A rate at which the queue grows, or too many requests fail, keeps no limit.  One at which the client is late says
    nothing about the server: lower ones are tried, and what they kept stands.  Raises LateClientError where the client
    was late even at the lowest of them.
    """
    largest, fixed = int(point[UP_TO]), {name: value for name, value in point.items() if name != UP_TO}
    tried: dict[int, Run] = {}
    low, high, rate = 0, 0, max(1, largest // FIRST_SHARE)
    late: dict[int, LateClientError] = {}
    while rate:
        try:
            tried[rate] = _tried({**fixed, "requests_per_minute": rate}, attempt, 1 if late else TRIES)
        except LateClientError as error:
            tried[rate], late[rate] = {"kept": False}, error
        if tried[rate]["kept"]:
            low = rate
        else:
            high = rate
        rate = _next(low, high, largest)
    shares = {str(rate): tried[rate].get("goodput_share") for rate in sorted(tried)}
    if not low and high in late:
        raise late[high]
    if not low:
        why = Phrase(
            "no rate down to {load} keeps the limits: {why}",
            load=Counted(high, "requests a minute"),
            why=tried[high]["why"],
        )
        return {**tried[high], "steady": False, "why": why, "rates_tried": shares}
    found = {**tried[low], "rate_found": low, "rate_bounded": bool(high), "rates_tried": shares}
    if high not in late:
        return found
    bound = Phrase(
        "The search ended below {load}, where {why}; the server may keep the limits at more.",
        load=Counted(high, "requests a minute"),
        why=late[high].what,
    )
    return {**found, "notes": [*found["notes"], bound]}


def _next(low: int, high: int, largest: int) -> int:
    """Return the next rate to try between the largest that kept the limits and the least that did not; 0 for none."""
    if not low:
        return max(1, high // 4) if high > max(1, largest // LEAST_SHARE) else 0
    if not high:
        return min(largest, 2 * low) if low < largest else 0
    return 0 if high - low <= 1 or high <= RESOLUTION * low else max(low + 1, isqrt(low * high))


def _tried(at: Point, attempt: Callable[[Point], Run], tries: int) -> Run:
    """Return the findings at one rate, with its goodput and whether that is enough; try again after a late client.

    Raises LateClientError where it was late each time.
    """
    try:
        run = attempt(at)
    except LoadError as error:
        return {"kept": False, "why": str(error), "failures": {}, "notes": []}
    if not run["steady"]:
        return {**run, "kept": False}
    try:
        share = keeping.goodput(run, at)
    except LateClientError:
        if tries == 1:
            raise
        return _tried(at, attempt, tries - 1)
    enough = at.get("goodput_percent", USUAL_GOODPUT_PERCENT)
    kept = "{share} of the requests kept them, and {enough}% is enough"
    why = Phrase(kept, share=f"{share:.1%}", enough=enough)
    return {**run, "kept": share >= enough / 100, "goodput_share": share, "why": why}
