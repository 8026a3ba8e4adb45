"""Which measured requests count, and which of them kept the limits of their load."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from profiling.errors import LateClientError, LoadError, Phrase, rounded
from profiling.measure.statistics import TREND_TOLERANCE
from profiling.workload.kinds.load import LIMITS

# A late client adds to every time it measures.  The share it may add is the drift that is tolerated.
LATENESS_SHARE = TREND_TOLERANCE
# The event loop's clock ticks in milliseconds; nobody who waits for an answer notices five of them.
LATENESS_SECONDS = 0.005
# So many of the requests may be late, or come in one piece, and are left out; of few requests, one.
MOST_LEFT_OUT = 0.01
# Figures of each request, from which a late one is taken out.
EACH = ("ttft_seconds", "request_seconds", "output_tokens", "after_first_seconds", "later_tokens", "lateness_seconds")
UNSEEN = "{count} of {all} requests were answered in one piece, so that nobody saw their tokens come"

Run = Mapping[str, Any]
Point = Mapping[str, Any]


def most_left_out(count: int) -> float:
    """Return how many requests may be left out of a figure, given their number."""
    return max(1.0, MOST_LEFT_OUT * count)


def on_time(runs: Sequence[Run]) -> tuple[list[Run], list[str]]:
    """Return the repeats without the requests that the client sent late, and a sentence where there were any.

    Raise LateClientError where more of all repeats' requests were late than may be left out.
    """
    late = [second for run in runs for second in run["lateness_seconds"]]
    most = max(
        LATENESS_SECONDS, LATENESS_SHARE * float(np.median([ttft for run in runs for ttft in run["ttft_seconds"]]))
    )
    count = sum(second > most for second in late)
    if not count:
        return list(runs), []
    told = Phrase(
        "{count} of {all} requests were sent more than {most} ms late, up to {latest} ms",
        **{"count": count, "all": len(late), "most": rounded(most * 1e3), "latest": rounded(max(late) * 1e3)},
    )
    if count > most_left_out(len(late)):
        what = Phrase("the client itself was late: {told}, which their times would contain", told=told)
        raise LateClientError(what, todo="give it an idle core, more 'clients', or ask for less load")
    said = Phrase("The client itself was late: {told}; they are in no figure.", told=told)
    return [_without(run, most) for run in runs], [said]


def _without(run: Run, most: float) -> Run:
    kept = [place for place, second in enumerate(run["lateness_seconds"]) if second <= most]
    return {**run, **{name: [run[name][place] for place in kept] for name in EACH}}


def tpots(run: Run) -> list[float]:
    """Return the time per token of each request whose tokens were seen to come."""
    pairs = zip(run["after_first_seconds"], run["later_tokens"], strict=True)
    return [seconds / tokens for seconds, tokens in pairs if tokens]


def unseen(runs: Sequence[Run]) -> str | None:
    """Return why nothing is told of time per token, and of a limit on it; None where it was seen of enough requests."""
    tokens = [later for run in runs for later in run["later_tokens"]]
    count = sum(later is None for later in tokens)
    if count <= most_left_out(len(tokens)) and any(tokens):
        return None
    return Phrase(UNSEEN, count=count, all=len(tokens)) if count else Phrase("no answer has more than one token")


def limits_unseen(runs: Sequence[Run], point: Point) -> str | None:
    """Return why nobody can tell whether the limits were kept; None where there are none, or it can be told."""
    return unseen(runs) if "tpot_limit_milliseconds" in point else None


def within(run: Run, point: Point) -> int | None:
    """Return the number of requests that kept every limit of the point; None where it has none.

    An answer of one token has no later one to wait for; one whose tokens were not seen to come has kept nothing.
    """
    if not set(LIMITS) & set(point):
        return None
    ttft, tpot = (float(point.get(name, math.inf)) / 1e3 for name in LIMITS)
    rows = zip(run["ttft_seconds"], run["after_first_seconds"], run["later_tokens"], strict=True)
    return sum(bool(first <= ttft and _in_pace(later, tokens, tpot)) for first, later, tokens in rows)


def asked(run: Run) -> int:
    """Return the number of requests whose limits count: a failed one has kept none."""
    return len(run["ttft_seconds"]) + int(run["failed"])


def _in_pace(seconds: float, tokens: float | None, limit: float) -> bool:
    return limit == math.inf or (tokens is not None and seconds <= limit * tokens)


def goodput(run: Run, point: Point) -> float:
    """Return the share of one repeat's requests that kept the limits; raise LoadError where nobody can tell."""
    (kept,), _ = on_time([run])
    if (why := limits_unseen([kept], point)) is not None:
        raise LoadError(why, todo="drop the limit on TPOT, or have the server stream each token")
    return (within(kept, point) or 0) / asked(kept)
