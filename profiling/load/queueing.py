"""Little's law, L = λ·W, which every load must obey, on any server.

Source: J. D. C. Little, A Proof for the Queuing Formula L = λW, Operations Research 9 (1961).
"""

from __future__ import annotations

from collections.abc import Iterable

# Counting edges and unequal lengths leave 1 or 2 %; NVIDIA's published table obeys the law within 0.6 %.
TOLERANCE = 0.05
# Beyond this no counting edge explains it, and one of the figures is wrong.
LARGEST_ERROR = 0.20


def closed_loop_tokens_per_second(concurrency: float, output_tokens: float, ttft: float, itl: float) -> float:
    """Return the rate with a constant number of open requests: c·OSL / (TTFT + (OSL - 1)·ITL), times in seconds."""
    return concurrency * output_tokens / (ttft + (output_tokens - 1) * itl)


def request_seconds(spans: Iterable[tuple[float, float]], start: float, end: float) -> float:
    """Return the time that requests were open from start to end; over its length, the mean number open (Little's L)."""
    return sum(max(0.0, min(closed, end) - max(opened, start)) for opened, closed in spans)
