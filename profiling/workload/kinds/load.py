"""A load on a running server that streams answers."""

from __future__ import annotations

from profiling.checks import Fields
from profiling.errors import WorkloadError
from profiling.workload import limits
from profiling.workload.kinds.kind import FEWEST_STEPS, Kind

# How fast a load asks: at random with a known rate, with a fixed number of open requests, or at recorded offsets.
PACES = ("requests_per_minute", "concurrency", "arrivals")
LIMITS = ("ttft_limit_milliseconds", "tpot_limit_milliseconds")
# The common limit of open files is 1,024; a server with more requests open than this does not keep up.
MOST_IN_FLIGHT = 900


def check(point: Fields) -> None:
    """Raise WorkloadError unless a load has lengths, enough requests to see a trend in, and one pace."""
    for name, least in (("prompt_tokens", 1), ("new_tokens", 2), ("requests", FEWEST_STEPS)):
        point.integer(name, least, limits.MOST_TOKENS)
    paces = [name for name in PACES if name in point.values]
    if len(paces) != 1:
        raise WorkloadError(f"{point.where}: has {' and '.join(paces) or 'no pace'}; give one of {', '.join(PACES)}")
    if paces != ["arrivals"]:
        point.integer(paces[0], least=1, most=MOST_IN_FLIGHT if paces == ["concurrency"] else 1_000_000)
    for name in LIMITS:
        if name in point.values:
            point.integer(name, least=1)


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
