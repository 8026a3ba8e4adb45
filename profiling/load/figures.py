"""Every metric of one load with its interval, and the case of the record, from the repeats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from profiling.load import queueing
from profiling.load.result import nearest_rank
from profiling.measure import statistics
from profiling.measure.statistics import LEVEL
from profiling.results.metrics import METRICS
from profiling.results.record import CaseResult, Estimate
from profiling.workload.workload import Case

# Ten requests lie beyond the 99th percentile of a thousand; of fewer, one slow request decides it.
FEWEST_FOR_P99 = 1000
# The times of each request that are kept, with the percentiles that are reported of them.
PERCENTILES = {"ttft_seconds": (50, 95, 99), "request_seconds": (50, 95, 99)}

# A note on every closed loop: its clients wait for the server, which users do not.
CAPACITY_ONLY = "A closed loop shows the capacity of the server; an open loop shows how long users wait."

Run = Mapping[str, Any]


def estimates(runs: Sequence[Run]) -> dict[str, Estimate]:
    """Return every metric that the repeats are enough for; `omitted` names the others with the reason."""
    found = {**_rates(runs), **_means(runs)}
    for name, percents in PERCENTILES.items():
        for percent in percents:
            if (estimate := percentile([run[name] for run in runs], percent)) is not None:
                found[f"{name}_p{percent}"] = estimate
    return found


def omitted(runs: Sequence[Run]) -> dict[str, str]:
    """Return the percentiles that are left out, each with the reason."""
    count = sum(_counts(runs))
    return {
        f"{name}_p{percent}": f"{count} requests are too few; measure at least {fewest(percent)} over all repeats"
        for name, percents in PERCENTILES.items()
        for percent in percents
        if count < fewest(percent)
    }


def fewest(percent: int) -> int:
    """Return the number of requests below which a percentile has no interval, or no meaning.

    Of n requests the largest lies above the percentile p with probability 1 - p^n; the interval's upper end
    exists where that reaches (1 + level) / 2.
    """
    bounded = int(np.ceil(np.log((1 - LEVEL) / 2) / np.log(max(percent, 100 - percent) / 100)))
    return max(bounded, FEWEST_FOR_P99) if percent == 99 else bounded


def percentile(repeats: Sequence[Sequence[float]], percent: int) -> Estimate | None:
    """Return a percentile of all requests; None where they are too few.

    The interval is the wider, at either end, of two: the distribution-free one from the pooled order
    statistics (W. J. Conover, Practical Nonparametric Statistics, 3rd ed., section 3.2), and Student's over
    the percentiles of the repeats, which accounts for the likeness of requests within one run.
    """
    from scipy import stats  # noqa: PLC0415 (takes a second to import)

    pooled = np.concatenate([np.asarray(values, float) for values in repeats])
    if len(pooled) < fewest(percent):
        return None
    value = nearest_rank(pooled, percent / 100)
    order = stats.quantile_test(pooled, q=value, p=percent / 100).confidence_interval(LEVEL)
    between = statistics.ratio([nearest_rank(run, percent / 100) for run in repeats], [1.0] * len(repeats), "s")
    low, high = min(float(order.low), between.low, value), max(float(order.high), between.high, value)
    return Estimate(value, low, high, LEVEL, "s", len(repeats))


def _ratios(parts: Mapping[str, tuple[Sequence[float], Sequence[float]]]) -> dict[str, Estimate]:
    """Return each metric as the ratio of its sums over the repeats, in its own unit."""
    return {name: statistics.ratio(above, below, METRICS[name].unit) for name, (above, below) in parts.items()}


def _rates(runs: Sequence[Run]) -> dict[str, Estimate]:
    """Return what goes through the server a second, and the checks on it."""
    seconds = [run["window_seconds"] for run in runs]
    counted, expected = zip(*(run["littles_law"] for run in runs), strict=True)
    found = _ratios(
        {
            "tokens_per_second": ([run["window_tokens"] for run in runs], seconds),
            "requests_per_second": ([run["window_requests"] for run in runs], seconds),
            "littles_law_ratio": (counted, expected),
        }
    )
    if all(run["within_limits"] is not None for run in runs):
        found["goodput_share"] = _share([run["within_limits"] for run in runs], _counts(runs))
    return found


def _means(runs: Sequence[Run]) -> dict[str, Estimate]:
    """Return times per request and per token, and the percentiles of what has too many values to be kept."""
    parts: dict[str, tuple[Sequence[float], Sequence[float]]] = {}
    parts["ttft_seconds"] = [sum(run["ttft_seconds"]) for run in runs], _counts(runs)
    later_tokens = [sum(max(0, tokens - 1) for tokens in run["output_tokens"]) for run in runs]
    if all(later_tokens):
        parts["tpot_seconds"] = [run["after_first_seconds"] for run in runs], later_tokens
    for name in ("itl_seconds_p50", "itl_seconds_p95", "client_lateness_seconds_p99"):
        if all(run[name] is not None for run in runs):
            parts[name] = [run[name] for run in runs], [1.0] * len(runs)
    return _ratios(parts)


def _counts(runs: Sequence[Run]) -> list[int]:
    """Return the number of measured requests of each repeat."""
    return [len(run["ttft_seconds"]) for run in runs]


def _share(within: Sequence[int], counts: Sequence[int]) -> Estimate:
    """Return a share of requests; its interval is the wider of Student's over repeats and Wilson's over requests."""
    from scipy import stats  # noqa: PLC0415 (takes a second to import)

    between = statistics.ratio(within, counts, "1")
    pooled = stats.binomtest(sum(within), sum(counts)).proportion_ci(LEVEL, method="wilson")
    low, high = min(between.low, float(pooled.low)), min(1.0, max(between.high, float(pooled.high)))
    return replace(between, low=low, high=max(high, between.value))


def contradiction(found: Mapping[str, Estimate]) -> str | None:
    """Return why the figures are refused, where Little's law is so far off that some of them must be wrong."""
    off = found["littles_law_ratio"].value - 1
    if abs(off) <= queueing.LARGEST_ERROR:
        return None
    return (
        f"Little's law is off by {off:+.0%}, and {queueing.LARGEST_ERROR:.0%} is the most that chance explains: times "
        f"and throughput do not fit together; measure more requests, and check whether the server counts its tokens"
    )


def warnings(found: Mapping[str, Estimate]) -> list[str]:
    """Return sentences on figures that contradict each other."""
    off = found["littles_law_ratio"].value - 1
    if abs(off) <= queueing.TOLERANCE:
        return []
    return [
        f"Little's law is off by {off:+.0%}: times and throughput do not fit together; measure more requests, and do "
        f"not rely on these figures if that does not help."
    ]


def case(asked: Case, runs: Sequence[Run]) -> CaseResult:
    """Return the case that the repeats of one load make; memory and energy are the server's, and unknown."""
    unsteady = [run["why"] for run in runs if not run["steady"]]
    found = {} if unsteady else estimates(runs)
    status, why = "ok", None
    if unsteady:
        status, why = "no_steady_state", f"{unsteady[0]} ({len(unsteady)} of {len(runs)} repeats)"
    elif wrong := contradiction(found):
        status, why, found = "failed", wrong, {}
    said = [note for run in runs for note in run.get("notes", ())]
    said += [CAPACITY_ONLY] if "concurrency" in asked.point else []
    return CaseResult(
        *(asked.kind, asked.point, status, why, found),
        memory={},
        energy=None,
        throttled=None,
        samples={name: [run.get(name, []) for run in runs] for name in PERCENTILES},
        extra={
            "notes": [*dict.fromkeys(said), *(warnings(found) if found else ())],
            "omitted": omitted(runs) if found else {},
            "failures": [run["failures"] for run in runs],
            "path": runs[0].get("path"),
            "prompt_tokens_counted": [run.get("prompt_tokens") for run in runs],
            "output_tokens_counted": [
                float(np.mean(told)) if (told := run.get("output_tokens")) else None for run in runs
            ],
            "itl_between": sorted({run["itl_between"] for run in runs if "itl_between" in run}),
        },
    )
