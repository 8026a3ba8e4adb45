"""Every metric of one load with its interval, and the case of the record, from the repeats."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from profiling.errors import Phrase
from profiling.load import keeping, queueing
from profiling.load.result import nearest_rank
from profiling.load.traffic import moves
from profiling.measure import summary
from profiling.results import intervals
from profiling.results.intervals import LEVEL
from profiling.results.metrics import METRICS
from profiling.results.record import CaseResult, Estimate
from profiling.results.sentence import Counted
from profiling.workload.workload import Case

# Ten requests lie beyond the 99th percentile of a thousand; of fewer, one slow request decides it.
FEWEST_FOR_P99 = 1000
# The times of each request that are kept, with the percentiles that are reported of them.
PERCENTILES = dict.fromkeys(("ttft_seconds", "request_seconds", "tpot_seconds"), (50, 95, 99))
# The percentiles that are reported of the gaps between pieces.
GAPS = {f"itl_seconds_p{percent}": percent for percent in (50, 95, 99)}

# A note on every closed loop: its clients wait for the server, which users do not.
CAPACITY_ONLY = Phrase("A closed loop shows the capacity of the server; an open loop shows how long users wait.")
# Why Little's law may be off. In open loop both of its sides come of the same times, and differ by the requests that
# are open as the measured time begins and ends.
OFF_CLOSED = Phrase("times and throughput do not fit together; measure more requests")
OFF_OPEN = Phrase("more or fewer requests were open as the measured time ended than as it began; measure more requests")
OFF_MOVING = Phrase(
    "more or fewer requests were open as the measured time ended than as it began, since the demand moves; its times "
    "are those of this demand alone"
)
# Sentences of several repeats that differ in their numbers alone are told once.
NUMBERS = re.compile(r"\d[\d.,]*")
# A note on a search that ended at its own bound.
MORE_MAY_BE = Phrase("The limits were kept at the highest rate that the search may try; more may be possible.")

Run = Mapping[str, Any]


def estimates(runs: Sequence[Run], point: Mapping[str, Any]) -> dict[str, Estimate]:
    """Return every metric that the repeats are enough for; `omitted` names the others with the reason."""
    found = {**_rates(runs), **_means(runs), **_gaps(runs), **_goodput(runs, point), **_found(runs)}
    for name, values in _samples(runs).items():
        for percent in PERCENTILES[name]:
            if (estimate := percentile(values, percent)) is not None:
                found[f"{name}_p{percent}"] = estimate
    return found


def _samples(runs: Sequence[Run]) -> dict[str, list[list[float]]]:
    """Return the times of each request by name; time per token only where it was seen."""
    found = {name: [run[name] for run in runs] for name in PERCENTILES if name in runs[0]}
    return found if keeping.unseen(runs) else {**found, "tpot_seconds": [keeping.tpots(run) for run in runs]}


def omitted(runs: Sequence[Run], point: Mapping[str, Any]) -> dict[str, str]:
    """Return the metrics that are left out, each with the reason."""
    found: dict[str, str] = {}
    for name, values in _samples(runs).items():
        count = sum(map(len, values))
        for percent in PERCENTILES[name]:
            if count < fewest(percent):
                found[f"{name}_p{percent}"] = Phrase(
                    "{count}, and at least {fewest} over all repeats are needed",
                    count=Counted(count, "requests"),
                    fewest=f"{fewest(percent):,}",
                )
    why_unseen = keeping.unseen(runs)
    if why_unseen is not None:
        found["tpot_seconds"] = why_unseen
    gaps = min(run["gaps"] for run in runs)
    for name, percent in GAPS.items():
        if not gaps and why_unseen is not None:
            found[name] = why_unseen
        elif gaps < fewest(percent):
            needed = "{count}, and at least {fewest} in each repeat are needed"
            found[name] = Phrase(needed, count=Counted(gaps, "gaps"), fewest=f"{fewest(percent):,}")
    if runs[0].get("energy") is not None and (devices := _devices(runs[0])) > 1:
        found["joules_per_token"] = Phrase("the energy of one of {devices} devices is known", devices=devices)
    if (why_unkept := keeping.limits_unseen(runs, point)) is not None:
        unknown = "{why}; whether the limit on TPOT was kept is unknown"
        found["goodput_share"] = Phrase(unknown, why=why_unkept)
    return found


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
    if len(pooled) < fewest(percent) or not all(map(len, repeats)):
        return None
    value = nearest_rank(pooled, percent / 100)
    order = stats.quantile_test(pooled, q=value, p=percent / 100).confidence_interval(LEVEL)
    between = intervals.ratio([nearest_rank(run, percent / 100) for run in repeats], [1.0] * len(repeats), "s")
    low, high = min(float(order.low), between.low, value), max(float(order.high), between.high, value)
    return Estimate(value, low, high, LEVEL, "s", len(repeats))


def _ratios(parts: Mapping[str, tuple[Sequence[float], Sequence[float]]]) -> dict[str, Estimate]:
    """Return each metric as the ratio of its sums over the repeats, in its own unit."""
    return {name: intervals.ratio(above, below, METRICS[name].unit) for name, (above, below) in parts.items()}


def _rates(runs: Sequence[Run]) -> dict[str, Estimate]:
    """Return what goes through the server a second, and the checks on it."""
    seconds = [run["window_seconds"] for run in runs]
    found, expected = zip(*(run["littles_law"] for run in runs), strict=True)
    energies = [run.get("energy") if _devices(run) == 1 else None for run in runs]
    known = [energy["joules"] for energy in energies if energy is not None]
    tokens = [run["window_tokens"] for run in runs]
    return _ratios(
        {
            "tokens_per_second": (tokens, seconds),
            "requests_per_second": ([run["window_requests"] for run in runs], seconds),
            "littles_law_ratio": (found, expected),
            **({"joules_per_token": (known, tokens)} if len(known) == len(runs) else {}),
        }
    )


def _devices(run: Run) -> int:
    """Return how many devices the server uses."""
    return int(run.get("devices") or 1)


def _means(runs: Sequence[Run]) -> dict[str, Estimate]:
    """Return times per request and per token; the latter is a ratio of sums over the requests that were seen."""
    parts: dict[str, tuple[Sequence[float], Sequence[float]]] = {}
    parts["ttft_seconds"] = [sum(run["ttft_seconds"]) for run in runs], _counts(runs)
    if keeping.unseen(runs) is None:
        seen = [
            [pair for pair in zip(run["after_first_seconds"], run["later_tokens"], strict=True) if pair[1]]
            for run in runs
        ]
        parts["tpot_seconds"] = (
            [sum(one[0] for one in run) for run in seen],
            [sum(one[1] for one in run) for run in seen],
        )
    ones = [1.0] * len(runs)
    parts["client_lateness_seconds_p99"] = [nearest_rank(run["lateness_seconds"], 0.99) for run in runs], ones
    return _ratios(parts)


def _gaps(runs: Sequence[Run]) -> dict[str, Estimate]:
    """Return the percentiles of the gaps between pieces, as means over the repeats: there are too many to be kept."""
    enough = [name for name, percent in GAPS.items() if min(run["gaps"] for run in runs) >= fewest(percent)]
    return _ratios({name: ([run[name] for run in runs], [1.0] * len(runs)) for name in enough})


def _goodput(runs: Sequence[Run], point: Mapping[str, Any]) -> dict[str, Estimate]:
    """Return the share of requests that kept the limits, where the point has some and it can be told."""
    kept = [within for run in runs if (within := keeping.within(run, point)) is not None]
    if not kept or keeping.limits_unseen(runs, point) is not None:
        return {}
    return {"goodput_share": _share(kept, [keeping.asked(run) for run in runs])}


def _found(runs: Sequence[Run]) -> dict[str, Estimate]:
    """Return the rate that a search found, where there was one."""
    rates = [run["rate_found"] for run in runs if "rate_found" in run]
    return {"requests_per_minute_within_limits": intervals.mean(rates, "request/minute", least=0.0)} if rates else {}


def _counts(runs: Sequence[Run]) -> list[int]:
    """Return the number of measured requests of each repeat."""
    return [len(run["ttft_seconds"]) for run in runs]


def _share(within: Sequence[int], counts: Sequence[int]) -> Estimate:
    """Return a share of requests; its interval is the wider of Student's over repeats and Wilson's over requests."""
    from scipy import stats  # noqa: PLC0415 (takes a second to import)

    between = intervals.ratio(within, counts, "1")
    pooled = stats.binomtest(sum(within), sum(counts)).proportion_ci(LEVEL, method="wilson")
    low, high = min(between.low, float(pooled.low)), min(1.0, max(between.high, float(pooled.high)))
    return replace(between, low=low, high=max(high, between.value))


def contradiction(found: Mapping[str, Estimate], point: Mapping[str, Any]) -> str | None:
    """Return why the figures are refused, where Little's law is so far off that some of them must be wrong.

    Where demand moves, the law need not hold from one edge of the window to the other; a warning is all.
    """
    off = found["littles_law_ratio"].value - 1
    if abs(off) <= queueing.LARGEST_ERROR or moves(point):
        return None
    why = (
        Phrase("{why}, and check whether the server counts its tokens", why=OFF_CLOSED)
        if "concurrency" in point
        else OFF_OPEN
    )
    wrong = "Little's law is off by {off}, and {most} is the most that chance explains: {why}"
    return Phrase(wrong, off=f"{off:+.0%}", most=f"{queueing.LARGEST_ERROR:.0%}", why=why)


def warnings(found: Mapping[str, Estimate], point: Mapping[str, Any]) -> list[str]:
    """Return sentences on figures that contradict each other."""
    off = found["littles_law_ratio"].value - 1
    if abs(off) <= queueing.TOLERANCE:
        return []
    why = (
        Phrase("{why}, and do not rely on these figures if that does not help", why=OFF_CLOSED)
        if "concurrency" in point
        else (OFF_MOVING if moves(point) else OFF_OPEN)
    )
    return [Phrase("Little's law is off by {off}: {why}.", off=f"{off:+.0%}", why=why)]


def case(asked: Case, runs: Sequence[Run]) -> CaseResult:
    """Return the case that the repeats of one load make.

    Memory, clocks and energy are known where the server runs on this computer.  Raises LoadError where the client was
    late.
    """
    told = [run for run in runs if "lateness_seconds" in run]
    kept, said = keeping.on_time(told) if told else ([], [])
    unsteady = [run["why"] for run in runs if not run["steady"]]
    found = {} if unsteady else estimates(kept, asked.point)
    status: str = "ok"
    why: str | None = None
    if unsteady:
        repeats = Counted(len(runs), "repeats")
        status = "no_steady_state"
        why = Phrase("{why} ({count} of {repeats})", why=unsteady[0], count=len(unsteady), repeats=repeats)
    elif wrong := contradiction(found, asked.point):
        status, why, found = "failed", wrong, {}
    said += [note for run in runs for note in run.get("notes", ())]
    said += [CAPACITY_ONLY] if "concurrency" in asked.point else []
    said += [MORE_MAY_BE] if not all(run.get("rate_bounded", True) for run in runs) else []
    here = all("energy" in run for run in runs)
    beside, more = (
        summary.beside_metrics([dict(run) for run in runs])
        if here
        else ({"memory": {}, "energy": None, "throttled": None}, {})
    )
    return CaseResult(
        *(asked.kind, asked.point, status, why, found),
        **beside,
        samples=_samples(kept) if kept else {},
        extra={
            "notes": [
                *{NUMBERS.sub("#", note): note for note in said}.values(),
                *(warnings(found, asked.point) if found else ()),
            ],
            "omitted": omitted(kept, asked.point) if found else {},
            "failures": [run["failures"] for run in runs],
            "path": runs[0].get("path"),
            "devices": runs[0].get("devices"),
            "prompt_tokens_counted": [run.get("prompt_tokens") for run in runs],
            "output_tokens_counted": [float(np.mean(run["output_tokens"])) for run in kept],
            "itl_between": sorted({run["itl_between"] for run in runs if "itl_between" in run}),
            **more,
            **({"rates_tried": [run["rates_tried"] for run in runs]} if "rates_tried" in runs[0] else {}),
        },
    )
