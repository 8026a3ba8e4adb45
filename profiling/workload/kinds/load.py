"""A load on a running server that streams answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from profiling import checks
from profiling.checks import fields, integer
from profiling.errors import WorkloadError
from profiling.workload import limits
from profiling.workload.kinds.kind import FEWEST_STEPS, Kind

# How fast a load asks: at random with a known rate, with a fixed number of open requests, or at recorded offsets.
PACES = ("requests_per_minute", "concurrency", "arrivals")
LIMITS = ("ttft_limit_milliseconds", "tpot_limit_milliseconds")
# The common limit of open files is 1,024; a server with more requests open than this does not keep up.
MOST_IN_FLIGHT = 900


RULE = fields(
    {
        "prompt_tokens": integer(1, limits.MOST_TOKENS),
        "new_tokens": integer(2, limits.MOST_TOKENS),
        "requests": integer(FEWEST_STEPS, limits.MOST_TOKENS),
    },
    {
        "requests_per_minute": integer(1, 1_000_000),
        "concurrency": integer(1, MOST_IN_FLIGHT),
        **{name: integer(1) for name in LIMITS},
    },
)


def check(point: Mapping[str, Any], where: str) -> None:
    """Raise WorkloadError unless a load has lengths, enough requests to see a trend in, and one pace."""
    checks.check(point, RULE, where, WorkloadError)
    paces = [name for name in PACES if name in point]
    if len(paces) != 1:
        what = f"has {' and '.join(paces) or 'no pace'}"
        raise WorkloadError(what, where=where, todo=f"give one of {', '.join(PACES)}")


LOAD = Kind(
    name="load",
    title="A server under load",
    order=5,
    tasks=("causal",),
    coordinates=("prompt_tokens", "new_tokens", "requests"),
    way="server",
    runner="profiling.load.measure:measure",
    optional=(*PACES, *LIMITS),
    check=check,
    rates=("tokens_per_second",),
    utilisation="mbu",
    result="profiling.load.figures:case",
)
