"""One case of the record from what its repeats sent.  No torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from statistics import fmean, median
from typing import Any

import numpy as np

from profiling.errors import Phrase
from profiling.hardware.sensor import POWER_CAP
from profiling.measure import metrics, statistics
from profiling.results.record import CaseResult
from profiling.workload.kinds.work import Setting
from profiling.workload.workload import Case

Run = dict[str, Any]

# Where heat or the board slows the device for less of the time than this, a mean moves by less than the noise.
SLOWED_SHARE = 0.05
# A sample takes up to 20 bytes of a record; these leave a third of the largest one for all else.
MOST_SAMPLES = 300_000


def unmeasured(asked: Case, status: str, why: str | None) -> CaseResult:
    """Return a case without a measurement, and the reason."""
    return CaseResult(asked.kind, asked.point, status, why, {}, {}, None, None, {})


def others(looks: Sequence[Run]) -> tuple[Run, ...] | None:
    """Return every other process that any look at the device saw; None where nobody could tell."""
    known = [look["others"] for look in looks if look.get("others") is not None]
    return tuple({other["pid"]: other for seen in known for other in seen}.values()) if known else None


def case(asked: Case, setting: Setting, runs: Sequence[Run]) -> CaseResult:
    """Return the case that its repeats make; without a steady state in each of them it has no metrics."""
    unsteady = sum(not run["steady"] for run in runs)
    drifted = "repeats that still drifted after measuring three times: {unsteady} of {all}"
    why = Phrase(drifted, unsteady=unsteady, all=len(runs)) if unsteady else None
    beside, extra = beside_metrics(runs)
    steps = [run["step_seconds"] for run in runs]
    return CaseResult(
        *(asked.kind, asked.point, "no_steady_state" if unsteady else "ok", why),
        metrics={} if unsteady else metrics.estimates(asked, setting, runs),
        samples={"step_seconds": steps},
        **beside,
        extra={
            "work": {stage: vars(needed) for stage, needed in metrics.work(asked, setting).items()},
            "within_share": statistics.within_share(steps),
            **extra,
        },
    )


def thinned(found: CaseResult, cases: int) -> CaseResult:
    """Return a case with its samples thinned, as a record of this many cases must stay small enough to be read.

    Each sample that remains is the mean of its neighbours, and `samples_each` says of how many.
    """
    timed = {name: runs for name, runs in found.samples.items() if _are_numbers(runs)}
    count = sum(len(run) for runs in timed.values() for run in runs)
    each = -(-count * cases // MOST_SAMPLES)
    if each <= 1:
        return found
    samples = {name: [_means(run, each) for run in runs] for name, runs in timed.items()}
    extra = {**found.extra, "samples_each": each * found.extra.get("samples_each", 1)}
    return replace(found, samples={**found.samples, **samples}, extra=extra)


def _are_numbers(runs: Any) -> bool:
    """Return whether samples are a number of each step or request, by repeat; those of learning are curves."""
    lists: bool = isinstance(runs, list) and all(isinstance(run, list) and run for run in runs)
    return lists and all(isinstance(one, int | float) for run in runs for one in run)


def _means(run: Sequence[float], each: int) -> list[float]:
    """Return the means of as many neighbours, one less where the number does not come out even; with six digits."""
    return [float(f"{part.mean():.6g}") for part in np.array_split(np.asarray(run, float), -(-len(run) // each))]


def beside_metrics(runs: Sequence[Run]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the fields of a case that every kind measured on this computer shares, and those for its `extra`."""
    shares = _throttling(runs)
    slowed = shares and any(share >= SLOWED_SHARE for reason, share in shares.items() if reason != POWER_CAP)
    throttled = None if shares is None else bool(slowed)
    memory = largest([run["memory"] for run in runs])
    return {"memory": memory, "energy": _energy(runs), "throttled": throttled}, {
        "precision": runs[0]["precision"],
        "clocks": [run["clocks"] for run in runs],
        "idle_watts": runs[0]["idle_watts"],  # the first, before this case warmed the device
        "throttle_reasons": None if shares is None else list(shares),
        "throttle_shares": shares,
        "busy_share": _busy_share(runs),
        "taken_share": _taken_share(runs),
        **_told(runs),
    }


# What the first repeat tells of a case, where it does, and what every repeat tells for itself.
_OF_THE_FIRST = (
    *("arithmetic", "activations", "weight_bytes", "trainable_parameters", "stored", "optimiser"),
    *("padding_share", "labels"),
    *("processes", "devices"),
    *("framework_flops_per_step", "framework_bytes", "framework_bytes_per_step"),
    *("operators", "kernel_seconds_per_step", "trace_file"),
)
_OF_EACH = (
    *("time_to_first_step_seconds", "compile_seconds", "discarded_count", "attempts", "quality"),
    *("example_tokens", "row_examples"),
)


def _told(runs: Sequence[Run]) -> Run:
    """Return further findings by name, as far as the repeats have them."""
    first = {name: runs[0][name] for name in _OF_THE_FIRST if runs[0].get(name) is not None}
    each = {name: [run[name] for run in runs] for name in _OF_EACH if runs[0].get(name) is not None}
    beside = others(runs)
    return {**first, **each, **({"others": list(beside)} if beside else {})}


def _taken_share(runs: Sequence[Run]) -> float | None:
    """Return the share of a CPU's cores that other processes took after the median repeat; None elsewhere."""
    if any(run.get("cores") is None or run.get("others") is None for run in runs):
        return None
    return float(median(sum(other.get("cores", 0.0) for other in run["others"]) / run["cores"] for run in runs))


def _throttling(runs: Sequence[Run]) -> dict[str, float] | None:
    """Return the mean share of the time of each reason for slower clocks; None where no sensor could tell."""
    known = [run["throttle_reasons"] for run in runs if run["throttle_reasons"] is not None]
    if not known:
        return None
    names = sorted({reason for reasons in known for reason in reasons})
    return {name: fmean(reasons.get(name, 0.0) for reasons in known) for name in names}


def _busy_share(runs: Sequence[Run]) -> float | None:
    """Return the share of the time in which the device computed, by its kernels where a repeat was traced.

    Otherwise the driver tells it, which takes a pause between two kernels for busy where it is too short to see.
    """
    for run in runs:
        if (kernels := run.get("kernel_seconds_per_step")) is not None:
            return min(1.0, float(kernels * run["count"] / run["seconds"]))
    known = [run["busy_share"] for run in runs if run.get("busy_share") is not None]
    return fmean(known) if known else None


def largest(memories: Sequence[Mapping[str, Any]]) -> Run:
    """Return the largest of each memory figure over the repeats; None where nobody counted."""
    return {
        name: max((memory[name] for memory in memories if memory.get(name) is not None), default=None)
        for name in memories[0]
    }


def _energy(runs: Sequence[Run]) -> Run | None:
    """Return the energy of all repeats with every warning; None where one of them could not tell."""
    parts = [run["energy"] for run in runs]
    if any(part is None for part in parts):
        return None
    return {
        "joules": sum(part["joules"] for part in parts),
        "seconds": sum(part["seconds"] for part in parts),
        "source": " and ".join(sorted({part["source"] for part in parts})),
        "warnings": [part["warning"] for part in parts if part["warning"]],
        "repeats": parts,
    }
