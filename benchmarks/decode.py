"""Does the profiler slow down what it measures?  `python -m benchmarks.decode`

Decodes, classifies and trains, twice in turns (ABBA) within one process: by the profiler's own method, with its
windows, marks, sampling thread and live report, and by a bare loop with one clock around it.  Prints the ratio of the
two rates, the median over many rounds with its interval.  A ratio beyond 2 % fails, unless the computer is too noisy to
tell.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from scipy.stats import binom

from profiling.data import batches
from profiling.hardware import device as devices
from profiling.hardware.host import HostSensor
from profiling.hardware.sensor import Watch
from profiling.making.training import Training
from profiling.runs import live
from profiling.serving.answering import Classification, Generation
from profiling.workload import presets
from profiling.workload.kinds import KINDS
from profiling.workload.workload import Case

# The meters may cost as much; a noisy computer is one on which the interval is wider.
TOLERANCE = 0.02
# Odd, so that the median is one round's own; enough that a few disturbed rounds do not move it.
TURNS = 21
NEW_TOKENS = 16
STEPS = 4


@dataclass(frozen=True)
class Contest:
    """One kind of step, measured by the profiler and by a bare loop."""

    name: str
    preset: str
    case: Case
    metered: Callable[[Any], float]  # returns seconds of the steps, by the profiler's figures
    bare: Callable[[Any], Callable[[], object]]  # prepares; returns the steps, to be timed from outside


def bare_decode(generation: Generation) -> Callable[[], object]:
    """Read the prompt of a request; return the decoding of all tokens but the first."""
    first = generation.prefill()

    @torch.inference_mode()
    def work() -> None:
        token = first
        for _ in range(NEW_TOKENS - 1):
            output = generation.model(token, past_key_values=generation.cache, use_cache=True, logits_to_keep=1)
            token = torch.argmax(output.logits, -1)

    return work


def bare_classify(classification: Classification) -> Callable[[], object]:
    """Return the classification of a few batches, each fetched from the host."""

    @torch.inference_mode()
    def work() -> None:
        for _ in range(STEPS):
            batch = batches.inputs(next(classification.batches))
            classification.model(**{name: tensor.to(classification.device) for name, tensor in batch.items()})

    return work


def bare_train(training: Training) -> Callable[[], object]:
    """Return a few optimiser steps, each on a batch fetched from the host."""
    trainer, model = training.trainer, training.trainer.model

    def work() -> None:
        for _ in range(STEPS):
            batch = {name: tensor.to(training.device) for name, tensor in next(trainer.stream).items()}
            with trainer.autocast():
                loss = model(**batch).loss
            loss.backward()
            trainer.optimizer.step()
            trainer.optimizer.zero_grad()

    return work


DECODE = Case("generate", {"batch": 1, "prompt_tokens": 32, "new_tokens": NEW_TOKENS})
CLASSIFY = Case("classify", {"batch": 8, "tokens": 64})
TRAIN = Case("train", {"method": "full", "batch": 4, "tokens": 64})
CONTESTS = (
    Contest(
        "decode", "generation-full", DECODE, lambda method: float(method.run(1).totals["decode_seconds"]), bare_decode
    ),
    Contest("classify", "classifier-quick", CLASSIFY, lambda method: float(method.run(STEPS).seconds), bare_classify),
    Contest("train", "classifier-quick", TRAIN, lambda method: float(method.run(STEPS).seconds), bare_train),
)


def metered(contest: Contest, method: Any, report: live.Report) -> float:
    """Return seconds of the steps, by the profiler's figures, while its thread reads the sensor."""
    with Watch(devices.sensor(method.device), report):
        return contest.metered(method)


def bare(contest: Contest, method: Any) -> float:
    """Return seconds of the same steps, with one clock around them."""
    work = contest.bare(method)
    devices.synchronise(method.device)
    started = time.perf_counter()
    work()
    devices.synchronise(method.device)
    return time.perf_counter() - started


def ratios(contest: Contest, device: torch.device) -> list[float]:
    """Return the profiler's rate divided by the bare loop's, for each round."""
    workload = presets.find(contest.preset).workload
    report = live.Reporter(lambda _values: None)
    precision = devices.precision("auto", device)
    method: Any = KINDS[contest.case.kind].run(workload, contest.case, precision, device, report)
    ways = (lambda: metered(contest, method, report), lambda: bare(contest, method))
    for way in ways:
        way()  # warms up
    seconds: tuple[list[float], list[float]] = ([], [])
    for turn in range(TURNS):
        for which in (0, 1) if turn % 2 else (1, 0):
            seconds[which].append(ways[which]())
    # Both ways of a round see the same load; the median ignores rounds that something else disturbed.
    return [bare / metered for metered, bare in zip(*seconds, strict=True)]


def interval(values: Sequence[float]) -> tuple[float, float]:
    """Return the 95 % interval of the median, between two of the values in order: it holds for any distribution."""
    rank = int(binom.ppf(0.025, len(values), 0.5))
    ordered = sorted(values)
    return ordered[rank - 1], ordered[-rank]


def verdict(low: float, high: float, busy: bool) -> str:
    """Return what an interval of the ratio says: `within`, `beyond`, or `noisy` where it cannot tell."""
    if low <= 1 + TOLERANCE and high >= 1 - TOLERANCE and (high - low) / 2 <= TOLERANCE:
        return "within"
    return "noisy" if busy or (high - low) / 2 > TOLERANCE else "beyond"


def main() -> None:
    """Print the ratio of each contest; exit with 1 where the meters cost more than the tolerance."""
    device, found = devices.choose("auto"), list[str]()
    for contest in CONTESTS:
        busy = bool(HostSensor().others(own=[os.getpid()]))
        rounds = ratios(contest, device)
        low, high = interval(rounds)
        found.append(verdict(low, high, busy))
        said = {"within": "within", "beyond": "BEYOND", "noisy": "too noisy to tell of"}[found[-1]]
        print(
            f"{contest.name} on {device.type}: the profiler's rate is {statistics.median(rounds):.4f} of a bare loop's "
            f"({low:.4f} to {high:.4f} in {TURNS} turns): {said} {TOLERANCE:.0%}"
        )
    if "beyond" in found:
        sys.exit(1)


if __name__ == "__main__":
    main()
