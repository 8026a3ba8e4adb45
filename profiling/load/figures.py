"""What the repeats of one load come to: every metric with its interval, its definition, and a case of the record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from scipy import stats

from profiling.load import queueing
from profiling.load.result import nearest_rank
from profiling.measure import statistics
from profiling.measure.statistics import LEVEL
from profiling.results.record import CaseResult, Estimate
from profiling.workload.workload import Case

# Ten requests lie beyond the 99th percentile of a thousand; of fewer, one slow request decides it.
FEWEST_FOR_P99 = 1000

DEFINITIONS = {
    "ttft_seconds": "Time to first token (TTFT): from the intended start of a request, so that waiting counts, to its"
    " first text that is not empty; the mean. Without load: the prefill.",
    "ttft_seconds_p50": "TTFT that half of the requests do not exceed.",
    "ttft_seconds_p95": "TTFT that 95 % of the requests do not exceed.",
    "ttft_seconds_p99": "TTFT that 99 % of the requests do not exceed; from a thousand requests on.",
    "request_seconds_p50": "End-to-end time, from the intended start to the last token, that half do not exceed.",
    "request_seconds_p95": "End-to-end time, from the intended start to the last token, that 95 % do not exceed.",
    "request_seconds_p99": "End-to-end time that 99 % of the requests do not exceed; from a thousand requests on.",
    "itl_seconds_p50": "Inter-token latency (ITL): gap between streamed tokens (or pieces, where a note says so),"
    " over all gaps of all requests; the median.",
    "itl_seconds_p95": "Inter-token latency (ITL) that 95 % of all gaps do not exceed.",
    "littles_law_ratio": "What was counted over what Little's law expects: in closed loop tokens a second over c·OSL /"
    " (TTFT + (OSL - 1)·ITL), in open loop requests open over arrival rate x time in the server. It should be 1.",
    "client_lateness_seconds_p99": "How late the client itself sent the latest 1 % of requests; it is part of TTFT.",
    "goodput_share": "Share of the requests that kept the limits on TTFT and TPOT that the case names.",
}

# Said of every closed loop: its clients wait for the server, as users do not.
CAPACITY_ONLY = "A closed loop finds what the server is capable of; what users wait for is measured in open loop."

Run = Mapping[str, Any]


def estimates(runs: Sequence[Run]) -> dict[str, Estimate]:
    """Every metric of a load from its repeats; what they are too few for is left out, and `omitted` says why."""
    found = {**_rates(runs), **_means(runs)}
    for name in ("ttft_seconds", "request_seconds"):
        for percent in (50, 95, 99):
            if (estimate := percentile([run[name] for run in runs], percent)) is not None:
                found[f"{name}_p{percent}"] = estimate
    return found


def omitted(runs: Sequence[Run]) -> dict[str, str]:
    """The percentiles that are not told, each with the reason."""
    count = sum(len(run["ttft_seconds"]) for run in runs)
    return {
        f"{name}_p{percent}": f"{count} requests are too few; measure at least {fewest(percent)} over all repeats"
        for name in ("ttft_seconds", "request_seconds")
        for percent in (50, 95, 99)
        if count < fewest(percent)
    }


def fewest(percent: int) -> int:
    """The requests without which a percentile has no interval, or no meaning.

    Of n requests the largest lies above the percentile p with probability 1 - p^n; the interval's upper end
    exists where that reaches (1 + level) / 2.
    """
    bounded = int(np.ceil(np.log((1 - LEVEL) / 2) / np.log(max(percent, 100 - percent) / 100)))
    return max(bounded, FEWEST_FOR_P99) if percent == 99 else bounded


def percentile(repeats: Sequence[Sequence[float]], percent: int) -> Estimate | None:
    """A percentile of all requests; None where they are too few.

    The interval is the wider, at either end, of two: the distribution-free one from the pooled order
    statistics (W. J. Conover, Practical Nonparametric Statistics, 3rd ed., section 3.2), and Student's over
    the percentiles of the repeats, which knows that requests of one run resemble each other.
    """
    pooled = np.concatenate([np.asarray(values, float) for values in repeats])
    if len(pooled) < fewest(percent):
        return None
    value = nearest_rank(pooled, percent / 100)
    order = stats.quantile_test(pooled, q=value, p=percent / 100).confidence_interval(LEVEL)
    between = statistics.ratio([nearest_rank(run, percent / 100) for run in repeats], [1.0] * len(repeats), "s")
    low, high = min(float(order.low), between.low, value), max(float(order.high), between.high, value)
    return Estimate(value, low, high, LEVEL, "s", len(repeats))


def _rates(runs: Sequence[Run]) -> dict[str, Estimate]:
    """What goes through the server a second, and the checks on it."""
    seconds = [run["window_seconds"] for run in runs]
    counted, expected = zip(*(run["littles_law"] for run in runs), strict=True)
    found = {
        "tokens_per_second": statistics.ratio([run["window_tokens"] for run in runs], seconds, "token/s"),
        "requests_per_second": statistics.ratio([run["window_requests"] for run in runs], seconds, "request/s"),
        "littles_law_ratio": statistics.ratio(counted, expected, "1"),
    }
    if all(run["within_limits"] is not None for run in runs):
        found["goodput_share"] = _share([run["within_limits"] for run in runs], _counts(runs))
    return found


def _means(runs: Sequence[Run]) -> dict[str, Estimate]:
    """Times per request and per token, and the percentiles of what has too many values to be kept."""
    each = [1.0] * len(runs)
    later_tokens = [sum(max(0, tokens - 1) for tokens in run["output_tokens"]) for run in runs]
    found = {"ttft_seconds": statistics.ratio([sum(run["ttft_seconds"]) for run in runs], _counts(runs), "s")}
    if all(later_tokens):
        after_first = [run["after_first_seconds"] for run in runs]
        found["tpot_seconds"] = statistics.ratio(after_first, later_tokens, "s")
    for name in ("itl_seconds_p50", "itl_seconds_p95", "client_lateness_seconds_p99"):
        if all(run[name] is not None for run in runs):
            found[name] = statistics.ratio([run[name] for run in runs], each, "s")
    return found


def _counts(runs: Sequence[Run]) -> list[int]:
    return [len(run["ttft_seconds"]) for run in runs]


def _share(within: Sequence[int], counts: Sequence[int]) -> Estimate:
    """A share of requests; its interval is the wider of Student's over repeats and Wilson's over requests."""
    between = statistics.ratio(within, counts, "1")
    pooled = stats.binomtest(sum(within), sum(counts)).proportion_ci(LEVEL, method="wilson")
    low, high = min(between.low, float(pooled.low)), min(1.0, max(between.high, float(pooled.high)))
    return replace(between, low=low, high=max(high, between.value))


def contradiction(found: Mapping[str, Estimate]) -> str | None:
    """Why the figures cannot stand, where Little's law is so far off that some of them must be wrong."""
    off = found["littles_law_ratio"].value - 1
    if abs(off) <= queueing.LARGEST_ERROR:
        return None
    return (
        f"Little's law is off by {off:+.0%}, and {queueing.LARGEST_ERROR:.0%} is the most that chance explains: times "
        f"and throughput do not fit together; measure more requests, and see whether the server counts its tokens"
    )


def warnings(found: Mapping[str, Estimate]) -> list[str]:
    """Sentences on figures that contradict each other."""
    ratio = found["littles_law_ratio"].value
    if abs(ratio - 1) <= queueing.TOLERANCE:
        return []
    return [
        f"Little's law is off by {ratio - 1:+.0%}: times and throughput do not fit together; measure more "
        f"requests, and do not rely on these if that does not help."
    ]


def case(plan: Case, runs: Sequence[Run]) -> CaseResult:
    """The case that the repeats of one load make; memory and energy are the server's, which nobody read."""
    unsteady = [run["why"] for run in runs if not run["steady"]]
    found = {} if unsteady else estimates(runs)
    if found and (why := contradiction(found)):
        return _case(plan, runs, "failed", why, {})
    why = f"{unsteady[0]} ({len(unsteady)} of {len(runs)} repeats)" if unsteady else None
    return _case(plan, runs, "no_steady_state" if unsteady else "ok", why, found)


def _case(plan: Case, runs: Sequence[Run], status: str, why: str | None, found: Mapping[str, Estimate]) -> CaseResult:
    """The case with what its server and its requests were, whatever stands of the figures."""
    said = [note for run in runs for note in run.get("notes", ())]
    said += [CAPACITY_ONLY] if "concurrency" in plan.point else []
    return CaseResult(
        kind=plan.kind,
        point=plan.point,
        status=status,
        why=why,
        metrics=found,
        memory={},
        energy=None,
        throttled=None,
        samples={name: [run.get(name, []) for run in runs] for name in ("ttft_seconds", "request_seconds")},
        extra={
            "notes": [*dict.fromkeys(said), *(warnings(found) if found else ())],
            "omitted": omitted(runs) if found else {},
            "failures": [run["failures"] for run in runs],
            "path": runs[0].get("path"),
            "prompt_tokens_counted": [run.get("prompt_tokens") for run in runs],
            "output_tokens_counted": [_mean(run.get("output_tokens")) for run in runs],
            "itl_between": sorted({run["itl_between"] for run in runs if "itl_between" in run}),
        },
    )


def _mean(values: Sequence[float] | None) -> float | None:
    return float(np.mean(values)) if values else None
