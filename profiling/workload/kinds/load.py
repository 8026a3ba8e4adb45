"""A load on a running server that streams answers."""

from __future__ import annotations

from typing import Any

from profiling.checks import TEXT, check, fields, integer
from profiling.errors import Phrase, WorkloadError
from profiling.workload import limits
from profiling.workload.kinds.kind import FEWEST_STEPS, Kind
from profiling.workload.lengths import Lengths

# The largest rate up to this one is looked for that keeps the limits.
UP_TO = "requests_per_minute_up_to"
# How fast a load asks: at random with a known rate, with a fixed number of open requests, at recorded times, or at the
# largest rate that the limits allow.
PACES = ("requests_per_minute", "concurrency", "arrivals", UP_TO)
LIMITS = ("ttft_limit_milliseconds", "tpot_limit_milliseconds")
RAMP = "ramp_to_requests_per_minute"
# The lengths of a request: one number, a distribution, or those of a trace.
LENGTHS = {"prompt_tokens": "prompt_lengths", "new_tokens": "new_lengths"}
# The common limit of open files is 1,024; a client process holds no more requests open than this.
MOST_IN_FLIGHT = 900
MOST_CLIENTS = 64
RATE = integer(1, 1_000_000)

POINT = fields(
    {"requests": integer(FEWEST_STEPS, limits.MOST_TOKENS)},
    {
        "prompt_tokens": integer(1, limits.MOST_TOKENS),
        "new_tokens": integer(2, limits.MOST_TOKENS),
        **dict.fromkeys((*LENGTHS.values(), "arrivals", "time_column", "prompt_column", "new_column"), TEXT),
        **dict.fromkeys(("requests_per_minute", RAMP, UP_TO), RATE),
        "concurrency": integer(1, MOST_IN_FLIGHT * MOST_CLIENTS),
        "burstiness_percent": integer(0, 1000),
        "prefix_tokens": integer(1, limits.MOST_TOKENS),
        "turns": integer(1, 1000),
        "think_milliseconds": integer(0, 3_600_000),
        "clients": integer(1, MOST_CLIENTS),
        "goodput_percent": integer(1, 100),
        **{name: integer(1) for name in LIMITS},
    },
)
# Coordinates that have a meaning only beside one of others.
ONLY_WITH = {
    RAMP: ("requests_per_minute",),
    "burstiness_percent": ("requests_per_minute", UP_TO),
    "time_column": ("arrivals",),
    "prompt_column": ("arrivals",),
    "new_column": ("arrivals",),
    "think_milliseconds": ("turns",),
    "turns": ("requests_per_minute", "concurrency", UP_TO),
    "goodput_percent": (UP_TO,),
    UP_TO: LIMITS,
}


def check_point(point: dict[str, Any], where: str) -> None:
    """Raise WorkloadError unless a load has lengths, enough requests to see a trend in, and one pace."""
    check(point, POINT, where, WorkloadError)
    paces = [name for name in PACES if name in point]
    if len(paces) != 1:
        what = Phrase("has {fields}", fields=" and ".join(paces)) if paces else "has no pace"
        raise WorkloadError(what, where=where, todo=Phrase("give one of {words}", words=", ".join(PACES)))
    for name, others in ONLY_WITH.items():
        if name in point and not any(other in point for other in others):
            raise WorkloadError(
                Phrase("{field!r} has no meaning without {words}", field=name, words=" or ".join(others)),
                where=where,
                todo="add it",
            )
    for fixed, drawn in LENGTHS.items():
        _check_lengths(point, fixed, drawn, where)
    if point.get("concurrency", 0) > MOST_IN_FLIGHT * point.get("clients", 1):
        what = Phrase("one client holds at most {most} requests open", most=MOST_IN_FLIGHT)
        raise WorkloadError(what, where=where, todo="lower 'concurrency', or add 'clients'")


def _check_lengths(point: dict[str, Any], fixed: str, drawn: str, where: str) -> None:
    """Raise WorkloadError unless a length is given once, as a number or as a distribution, or left to a trace."""
    given = [name for name in (fixed, drawn) if name in point]
    if len(given) == 2 or (not given and "arrivals" not in point):
        what = Phrase("has {fields}", fields=" and ".join(given)) if given else Phrase("has no {field}", field=fixed)
        raise WorkloadError(what, where=where, todo=Phrase("give one of {words}", words=f"{fixed}, {drawn}"))
    if drawn in point:
        Lengths.parse(point[drawn], f"{where}: {drawn}")


LOAD = Kind(
    name="load",
    title="A server under load",
    order=5,
    tasks=("causal",),
    coordinates=("prompt_tokens", "new_tokens", "requests"),
    way="server",
    runner="profiling.load.measure:measure",
    optional=tuple(name for name in POINT["properties"] if name not in ("prompt_tokens", "new_tokens", "requests")),
    check=check_point,
    rates=("tokens_per_second",),
    utilisation="mbu",
    result="profiling.load.figures:case",
)
