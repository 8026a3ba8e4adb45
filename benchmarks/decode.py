"""Does the profiler slow down what it measures?  `python -m benchmarks.decode`

Decodes with the 135M language model twice over, in turns (ABBA) within one process: by the profiler's own method,
with its windows, marks and sampling thread, and by a bare loop with one clock around it.  Prints the ratio
of the two rates; beyond 2 % of 1 the exit code is 1.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import replace

import torch

from profiling import device as devices
from profiling import presets
from profiling.methods import Generation
from profiling.sensor import Watch

Way = Callable[[Generation], float]

TURNS = 20
NEW_TOKENS = 16
TOLERANCE = 0.02


def metered(generation: Generation) -> float:
    """Seconds of one request's decoding, by the profiler's figures."""
    with Watch(devices.sensor(generation.device)):
        return float(generation.run(1).totals["decode_seconds"])


@torch.inference_mode()
def bare(generation: Generation) -> float:
    """Seconds of one request's decoding, by a loop of its own with one clock around it."""
    cache, token = generation.prefill()
    devices.synchronise(generation.device)
    started = time.perf_counter()
    for _ in range(NEW_TOKENS - 1):
        logits = generation.model(token, past_key_values=cache, use_cache=True, logits_to_keep=1).logits
        token = torch.argmax(logits, -1)
    devices.synchronise(generation.device)
    return time.perf_counter() - started


def main() -> int:
    """Interleaves the two, so that whatever else the machine does falls on both; gives the exit code."""
    device = devices.choose("auto")
    workload = replace(presets.PRESETS["generation-full"].workload, name="bench")
    point = {"batch": 1, "prompt_tokens": 32, "new_tokens": NEW_TOKENS}
    generation = Generation(workload, point, devices.precision("auto", device), device)
    for way in (metered, bare):
        way(generation)  # warms up
    seconds: dict[Way, list[float]] = {metered: [], bare: []}
    for turn in range(TURNS):
        for way in (metered, bare) if turn % 2 else (bare, metered):
            seconds[way].append(way(generation))
    # The fastest turn of each: whatever else runs on the machine can only slow a turn down.
    profiled, loop = min(seconds[metered]), min(seconds[bare])
    ratio, rate = loop / profiled, (NEW_TOKENS - 1) / profiled
    print(
        f"decode on {device.type}: profiler {rate:.1f} token/s, {ratio:.4f} of a bare loop's rate ({TURNS} turns each)"
    )
    return 0 if abs(ratio - 1) <= TOLERANCE else 1


if __name__ == "__main__":
    sys.exit(main())
