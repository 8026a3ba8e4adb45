"""One load's findings: times, counts, whether it was a steady state, and notes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from profiling.errors import LoadError, WorkloadError
from profiling.load import queueing
from profiling.load.drive import Answer, Load
from profiling.load.endpoint import Dialect
from profiling.measure.statistics import TREND_TOLERANCE, Floats, is_steady
from profiling.workload.kinds.load import MOST_IN_FLIGHT

# A late client adds to every time it measures.  The share it may add is the drift that is tolerated.
LATENESS_SHARE = TREND_TOLERANCE
# The event loop's clock ticks in milliseconds; nobody who waits for an answer notices five of them.
LATENESS_SECONDS = 0.005
# Waiting times resemble their neighbours, which the trend test would take for a trend: it gets means of groups.
TREND_GROUPS = 20
# Larger deviations of lengths are noted, and so is a larger share of prompts from a cache.
LENGTH_TOLERANCE = 0.05

Point = Mapping[str, Any]


def result(load: Load, dialect: Dialect, point: Point) -> dict[str, Any]:
    """Return the findings of one repeat; raise LoadError where the client could not keep its times."""
    answers = load.measured
    if load.overloaded:
        full = f"the server does not keep up {pace(point)}: more than {MOST_IN_FLIGHT} requests were open at once"
        return {"steady": False, "why": full, "failures": dict(load.failures)}
    window = _window(load, answers, point)
    _check_client(answers)
    why = _drift(answers, point)
    return {
        "steady": why is None,
        "why": why,
        "failures": dict(load.failures),
        "path": dialect.path,
        "notes": notes(answers, dialect, point),
        "prompt_tokens": _prompt_tokens(answers),
        "itl_between": "tokens" if _tokens_a_piece(answers) < 1 + LENGTH_TOLERANCE else "pieces",
        "within_limits": _within_limits(answers, point),
        **_times(answers),
        **window,
    }


def pace(point: Point) -> str:
    """Return the load as the end of a sentence."""
    if "concurrency" in point:
        return f"with {point['concurrency']} requests open at a time"
    if "arrivals" in point:
        return f"with the arrivals of {point['arrivals']}"
    return f"at {point['requests_per_minute']} requests a minute"


def _check_client(answers: Sequence[Answer]) -> None:
    """Raise LoadError where the client was late by more than its times allow."""
    late = nearest_rank([answer.lateness_seconds for answer in answers], 0.99)
    most = max(LATENESS_SECONDS, LATENESS_SHARE * float(np.median([answer.ttft_seconds for answer in answers])))
    if late > most:
        raise LoadError(
            f"the client itself was late: 1 request in 100 was sent {late * 1e3:.3g} ms after its time or later, and "
            f"{most * 1e3:.3g} ms is the most that leaves the times standing; give it an idle core, or ask"
            f" for less load"
        )


def nearest_rank(values: Sequence[float] | Floats, share: float) -> float:
    """Return the smallest value that at least this share of them does not exceed."""
    return float(np.quantile(np.asarray(values), share, method="inverted_cdf"))


def _drift(answers: Sequence[Answer], point: Point) -> str | None:
    """Return why this was no steady state: times to the first or last token that rise or fall during the load."""
    for name, values in (
        ("time to first token", [answer.ttft_seconds for answer in answers]),
        ("time to the last token", [answer.seconds for answer in answers]),
    ):
        groups = [float(group.mean()) for group in np.array_split(np.asarray(values), min(TREND_GROUPS, len(values)))]
        if not is_steady(groups):
            third = len(groups) // 3
            first, last = float(np.mean(groups[:third])), float(np.mean(groups[-third:]))
            word, what = ("rose", "the server does not keep up") if last > first else ("fell", "no steady state")
            return f"{what} {pace(point)}: the {name} {word} from {first:.3g} to {last:.3g} s"
    return None


def _times(answers: Sequence[Answer]) -> dict[str, Any]:
    """Return the times of each request, in the order of sending, and sums over all requests."""
    gaps = np.concatenate([np.diff(answer.reply.piece_times) for answer in answers])
    return {
        "ttft_seconds": _rounded([answer.ttft_seconds for answer in answers]),
        "request_seconds": _rounded([answer.seconds for answer in answers]),
        "output_tokens": [answer.reply.output_tokens for answer in answers],
        "after_first_seconds": sum(answer.after_first_seconds for answer in answers),
        "itl_seconds_p50": nearest_rank(gaps, 0.50) if len(gaps) else None,
        "itl_seconds_p95": nearest_rank(gaps, 0.95) if len(gaps) else None,
        "client_lateness_seconds_p99": nearest_rank([answer.lateness_seconds for answer in answers], 0.99),
    }


def _rounded(values: Sequence[float]) -> list[float]:
    # Six digits are beyond any network's noise, and keep thousands of samples legible.
    return [float(f"{value:.6g}") for value in values]


def _window(load: Load, answers: Sequence[Answer], point: Point) -> dict[str, Any]:
    """Return what went through the server between the first measured request and the first one after the measured."""
    assert load.window_end is not None
    start, end = load.window_start, load.window_end
    if end <= start:
        raise WorkloadError(
            f"all {load.requests} measured requests arrive at once, which is no rate", todo="spread the trace"
        )
    pieces = [(answer, sum(start <= at < end for at in answer.reply.piece_times)) for answer in load.answers]
    tokens = sum(answer.reply.output_tokens * inside / len(answer.reply.piece_times) for answer, inside in pieces)
    finished = sum(start <= answer.reply.piece_times[-1] < end for answer in load.answers)
    window = {"window_seconds": end - start, "window_tokens": tokens, "window_requests": finished}
    return {**window, "littles_law": _littles_law(load, answers, point, tokens / (end - start))}


def _littles_law(load: Load, answers: Sequence[Answer], point: Point, tokens_per_second: float) -> list[float]:
    """Return both sides of Little's law: tokens a second in closed loop, requests open in open loop."""
    assert load.window_end is not None
    start, end = load.window_start, load.window_end
    if "concurrency" in point:
        tokens = float(np.mean([answer.reply.output_tokens for answer in answers]))
        ttft = float(np.mean([answer.ttft_seconds for answer in answers]))
        itl = float(np.mean([answer.after_first_seconds for answer in answers])) / max(1.0, tokens - 1)
        return [tokens_per_second, queueing.closed_loop_tokens_per_second(point["concurrency"], tokens, ttft, itl)]
    spans = [(answer.intended, answer.intended + answer.seconds) for answer in load.answers]
    spans += [(opened, end) for opened in load.open.values()]
    arrivals_per_second = load.requests / (end - start)
    mean_seconds = float(np.mean([answer.seconds for answer in answers]))
    return [queueing.request_seconds(spans, start, end) / (end - start), arrivals_per_second * mean_seconds]


def _within_limits(answers: Sequence[Answer], point: Point) -> int | None:
    """Return the number of requests that kept every limit of the point; None where it has none."""
    if not {"ttft_limit_milliseconds", "tpot_limit_milliseconds"} & set(point):
        return None
    ttft = point.get("ttft_limit_milliseconds", math.inf) / 1e3
    tpot = point.get("tpot_limit_milliseconds", math.inf) / 1e3
    return sum(bool(answer.ttft_seconds <= ttft and answer.tpot_seconds <= tpot) for answer in answers)


def _tokens_a_piece(answers: Sequence[Answer]) -> float:
    """Return the mean number of tokens in one piece of text."""
    pieces = sum(len(answer.reply.piece_times) for answer in answers)
    return sum(answer.reply.output_tokens for answer in answers) / pieces


def _prompt_tokens(answers: Sequence[Answer]) -> float | None:
    """Return the mean length of the prompts by the server's count; None where it gives none."""
    counts = [answer.reply.usage["prompt_tokens"] for answer in answers if "prompt_tokens" in answer.reply.usage]
    return float(np.mean(counts)) if counts else None


def notes(answers: Sequence[Answer], dialect: Dialect, point: Point) -> list[str]:
    """Return sentences on everything that differs from the point, or from what a reader would expect."""
    said = []
    if dialect.omitted:
        said.append(f"The server refused a request with {', '.join(dialect.omitted)}; it was asked without.")
    lengths = [answer.reply.output_tokens for answer in answers]
    if any(length != point["new_tokens"] for length in lengths):
        said.append(
            f"The server did not keep to {point['new_tokens']} new tokens: answers have {min(lengths)} to "
            f"{max(lengths)}, {np.mean(lengths):.3g} on average; rates and times per token use what came."
        )
    if not all(answer.reply.usage.get("completion_tokens") for answer in answers):
        said.append("The server does not count its tokens; each streamed piece of text was taken for one.")
    if (tokens := _tokens_a_piece(answers)) >= 1 + LENGTH_TOLERANCE:
        said.append(f"A streamed piece holds {tokens:.2g} tokens on average: ITL is between pieces, not tokens.")
    return said + _prompt_notes(answers, point)


def _prompt_notes(answers: Sequence[Answer], point: Point) -> list[str]:
    """Return sentences on prompts that were longer or shorter than asked, or known to the server already."""
    wanted, had = point["prompt_tokens"], _prompt_tokens(answers)
    if had is None:
        return [f"The server does not count the prompt's tokens; prompts have {wanted} words or so."]
    said = []
    if abs(had / wanted - 1) > LENGTH_TOLERANCE:
        said.append(f"Prompts have {had:.4g} tokens on average by the server's count, not {wanted}.")
    details = [answer.reply.usage.get("prompt_tokens_details") or {} for answer in answers]
    cached = sum(int(detail.get("cached_tokens") or 0) for detail in details) / (had * len(answers))
    if cached > LENGTH_TOLERANCE:
        said.append(f"{cached:.0%} of the prompts' tokens came from the server's prefix cache: TTFT is too good.")
    return said
