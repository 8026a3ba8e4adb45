"""One load's findings: times, counts, whether it was a steady state, and notes."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from profiling.errors import Phrase, WorkloadError, rounded
from profiling.load import queueing
from profiling.load.drive import Answer, Outcome, kinds
from profiling.load.endpoint import Dialect
from profiling.load.traffic import moves
from profiling.measure.statistics import TREND_SIGNIFICANCE, Floats, is_steady, trend_p_value
from profiling.results.sentence import Counted
from profiling.workload.kinds.kind import FEWEST_STEPS
from profiling.workload.kinds.load import MOST_IN_FLIGHT, RAMP, UP_TO

# Waiting times resemble their neighbours, which the trend test would take for a trend: it gets means of groups.
TREND_GROUPS = 20
# A queue grows where the requests open rise by this factor more than their arrivals do, and so large a share of the
# arrivals meanwhile stays behind.  A burst that is worked off, or a demand that rises, has one of these at most.
QUEUE_RISE, QUEUE_SHARE = 1.5, 0.10
# Larger deviations of lengths are noted, and so is a larger share of prompts from a cache.
LENGTH_TOLERANCE = 0.05
LENGTHS = (
    "The server did not keep to {wanted}: answers have {least} to {most}, {mean} on average; rates and times per token "
    "use what came."
)
MEAN_LENGTHS = (
    "The server did not keep to {wanted} on average: answers have {least} to {most}, {mean} on average; rates and "
    "times per token use what came."
)

BEHIND = (
    "the server does not keep up {pace}: requests open rose from {few} to {many}, and one took {fast} s at first and "
    "{slow} s at last"
)

Point = Mapping[str, Any]


def result(outcome: Outcome, dialect: Dialect, point: Point) -> dict[str, Any]:
    """Return the findings of one repeat."""
    failures = dict(Counter(kind for _, kind in outcome.failures))
    if outcome.overloaded:
        full = Phrase(
            "{pace}, more than {most} requests were open at once, the most that a client holds",
            pace=pace(point),
            most=MOST_IN_FLIGHT,
        )
        return {"steady": False, "why": full, "failures": failures, "notes": []}
    answers = outcome.measured
    window = _window(outcome, answers, point)
    drift = _drift(answers)
    why = _queue(outcome, answers, point)
    if why is None and drift is not None and not moves(point):
        why = Phrase("{pace}, {drift}", pace=pace(point), drift=drift)
    told: list[str] = (
        [Phrase("The demand itself moves during the load; {drift}.", drift=drift)]
        if why is None and drift is not None
        else []
    )
    return {
        "steady": why is None,
        "why": why,
        "failures": failures,
        "failed": sum(outcome.start <= intended < outcome.end for intended, _ in outcome.failures),
        "path": dialect.path,
        "notes": [*told, *notes(outcome, dialect, point)],
        "prompt_tokens": _prompt_tokens(answers),
        **_between(answers),
        **_times(answers),
        **window,
    }


def pace(point: Point) -> str:
    """Return the load as a part of a sentence."""
    if "concurrency" in point:
        return Phrase("with {load}", load=Counted(point["concurrency"], "requests open at a time"))
    if "arrivals" in point:
        return Phrase("with the arrivals of {trace}", trace=point["arrivals"])
    if UP_TO in point:
        return Phrase("at up to {load}", load=Counted(point[UP_TO], "requests a minute"))
    if RAMP in point:
        first, last = point["requests_per_minute"], Counted(point[RAMP], "requests a minute")
        return Phrase("at {first} to {last}", first=f"{first:,}", last=last)
    return Phrase("at {load}", load=Counted(point["requests_per_minute"], "requests a minute"))


def nearest_rank(values: Sequence[float] | Floats, share: float) -> float:
    """Return the smallest value that at least this share of them does not exceed."""
    return float(np.quantile(np.asarray(values), share, method="inverted_cdf"))


def _groups(values: Sequence[float] | Floats) -> Floats:
    """Return means of consecutive groups; shape (groups,)."""
    series = np.asarray(values, float)
    return np.array([group.mean() for group in np.array_split(series, min(TREND_GROUPS, len(series)))])


def _ends(groups: Floats) -> tuple[float, float]:
    """Return the means of the first and of the last third."""
    third = max(1, len(groups) // 3)
    return float(groups[:third].mean()), float(groups[-third:].mean())


def _drift(answers: Sequence[Answer]) -> str | None:
    """Return which of the times to the first and to the last token rises or falls during the load, in words."""
    if ends := _moved([answer.ttft_seconds for answer in answers]):
        return Phrase("the time to first token went from {first} to {last} s", **ends)
    if ends := _moved([answer.seconds for answer in answers]):
        return Phrase("the time to the last token went from {first} to {last} s", **ends)
    return None


def _moved(seconds: Sequence[float]) -> dict[str, str] | None:
    """Return the times at first and at last where they rise or fall, as they are shown."""
    groups = _groups(seconds)
    if is_steady(groups.tolist()):
        return None
    first, last = _ends(groups)
    return {"first": rounded(first), "last": rounded(last)}


def _queue(outcome: Outcome, answers: Sequence[Answer], point: Point) -> str | None:
    """Return why the server does not keep up: the queue grows.  In closed loop it cannot."""
    if "concurrency" in point or len(answers) < FEWEST_STEPS:
        return None
    began = np.sort([*(answer.intended for answer in outcome.answers), *outcome.open])
    ended = np.sort([answer.intended + answer.seconds for answer in outcome.answers])
    at = [answer.intended for answer in answers]
    open_requests = _groups((np.searchsorted(began, at) - np.searchsorted(ended, at, side="right")).astype(float))
    few, many = _ends(open_requests)
    rises = trend_p_value(open_requests) < TREND_SIGNIFICANCE
    # Between the middles of the first and of the last third lie two thirds of the arrivals.
    # A number of requests that come at random is uncertain by its square root.
    behind = many - few > QUEUE_SHARE * len(answers) * 2 / 3 + math.sqrt(many)
    if not (rises and behind and many > QUEUE_RISE * few * _demand_rise(at, outcome.end)):
        return None
    fast, slow = _ends(_groups([answer.seconds for answer in answers]))
    shown = {"few": rounded(few), "many": rounded(many), "fast": rounded(fast), "slow": rounded(slow)}
    return Phrase(BEHIND, pace=pace(point), **shown)


def _demand_rise(at: Sequence[float], end: float) -> float:
    """Return by what factor the rate of arrivals rises from the first third of the requests to the last."""
    third = len(at) // 3
    return (at[third] - at[0]) / max(1e-9, end - at[-third])


def _times(answers: Sequence[Answer]) -> dict[str, Any]:
    """Return figures of each request, in the order of sending, and percentiles of what has too many to be kept."""
    gaps = np.concatenate([np.diff(np.unique(answer.reply.piece_times)) for answer in answers])
    quantiles = {f"itl_seconds_p{percent}": nearest_rank(gaps, percent / 100) for percent in (50, 95, 99) if len(gaps)}
    return {
        "ttft_seconds": _rounded([answer.ttft_seconds for answer in answers]),
        "request_seconds": _rounded([answer.seconds for answer in answers]),
        "output_tokens": [answer.reply.output_tokens for answer in answers],
        "after_first_seconds": [answer.after_first_seconds for answer in answers],
        "later_tokens": [answer.reply.later_tokens for answer in answers],
        "lateness_seconds": [answer.lateness_seconds for answer in answers],
        "gaps": len(gaps),
        **quantiles,
    }


def _rounded(values: Sequence[float]) -> list[float]:
    # Six digits are beyond any network's noise, and keep thousands of samples legible.
    return [float(f"{value:.6g}") for value in values]


def _window(outcome: Outcome, answers: Sequence[Answer], point: Point) -> dict[str, Any]:
    """Return what went through the server between the first measured request and the first one after the measured."""
    start, end = outcome.start, outcome.end
    if end <= start or not answers:
        raise WorkloadError("all measured requests arrive at once, which is no rate", todo="spread the trace")
    inside = [_inside(answer, start, end) for answer in outcome.answers]
    tokens = sum(answer.reply.output_tokens * part for answer, (part, _) in zip(outcome.answers, inside, strict=True))
    finished = sum(part for _, part in inside)
    return {
        **{"window_start": start, "window_seconds": end - start, "window_tokens": tokens, "window_requests": finished},
        "littles_law": _littles_law(outcome, answers, point, tokens / (end - start)),
    }


def _inside(answer: Answer, start: float, end: float) -> tuple[float, float]:
    """Return which shares of an answer's output and of its time lie between start and end.

    Each piece counts evenly over the time since the one before it.  Counted at the moment of its arrival, answers that
    come in step would lie inside or outside of the window all together, by a hair.
    """
    times, counts = np.unique(answer.reply.piece_times, return_counts=True)
    points = [answer.intended, *times]
    written = np.interp([start, end], points, [0.0, *np.cumsum(counts) / counts.sum()])
    spent = np.interp([start, end], [points[0], points[-1]], [0.0, 1.0])
    return float(np.diff(written)[0]), float(np.diff(spent)[0])


def _littles_law(outcome: Outcome, answers: Sequence[Answer], point: Point, tokens_per_second: float) -> list[float]:
    """Return both sides of Little's law: tokens a second in closed loop, requests open in open loop."""
    start, end = outcome.start, outcome.end
    if "concurrency" in point:
        tokens = float(np.mean([answer.reply.output_tokens for answer in answers]))
        ttft = float(np.mean([answer.ttft_seconds for answer in answers]))
        itl = float(np.mean([answer.after_first_seconds for answer in answers])) / max(1.0, tokens - 1)
        open_requests = point["concurrency"] * _awaited_share(answers, point)
        return [tokens_per_second, queueing.closed_loop_tokens_per_second(open_requests, tokens, ttft, itl)]
    spans = [(answer.intended, answer.intended + answer.seconds) for answer in outcome.answers]
    spans += [(opened, end) for opened in outcome.open]
    mean_seconds = float(np.mean([answer.seconds for answer in answers]))
    open_requests = queueing.request_seconds(spans, start, end) / (end - start)
    return [open_requests, len(answers) / (end - start) * mean_seconds]


def _awaited_share(answers: Sequence[Answer], point: Point) -> float:
    """Return the share of a conversation's time in which it waits for the server and does not think."""
    thinking = float(point.get("think_milliseconds", 0)) / 1e3 * (1 - 1 / int(point.get("turns", 1)))
    seconds = float(np.mean([answer.seconds for answer in answers]))
    return seconds / (seconds + thinking)


def _tokens_a_piece(answers: Sequence[Answer]) -> float | None:
    """Return the mean number of tokens that arrived at once; None where no answer has a gap between its pieces."""
    seen = [answer for answer in answers if answer.reply.arrivals > 1]
    return _tokens(seen) / sum(answer.reply.arrivals for answer in seen) if seen else None


def _between(answers: Sequence[Answer]) -> dict[str, str]:
    """Return what the gaps lie between, where there are any."""
    tokens = _tokens_a_piece(answers)
    return {} if tokens is None else {"itl_between": "tokens" if abs(tokens - 1) < LENGTH_TOLERANCE else "pieces"}


def _tokens(answers: Sequence[Answer]) -> int:
    return sum(answer.reply.output_tokens for answer in answers)


def _prompt_tokens(answers: Sequence[Answer]) -> float | None:
    """Return the mean length of the prompts by the server's count; None where it gives none."""
    counts = [answer.reply.usage["prompt_tokens"] for answer in answers if "prompt_tokens" in answer.reply.usage]
    return float(np.mean(counts)) if counts else None


def notes(outcome: Outcome, dialect: Dialect, point: Point) -> list[str]:
    """Return sentences on everything that differs from the point, or from what a reader would expect."""
    answers = outcome.measured
    said = [] if dialect.note is None else [dialect.note]
    if outcome.failures:
        failed = "Requests that failed ({failed}) are in no figure but goodput: they kept no limit."
        said.append(Phrase(failed, failed=kinds(kind for _, kind in outcome.failures)))
    if sent_again := sum(answer.reply.sent_again for answer in answers):
        again = (
            "{again} of {all} requests went out twice: the server closed the connection that it had left open, and the "
            "answer took the longer for it."
        )
        said.append(Phrase(again, again=sent_again, all=len(answers)))
    return [*said, *_length_notes(answers, point), *_prompt_notes(answers)]


def _length_notes(answers: Sequence[Answer], point: Point) -> Iterator[str]:
    """Yield sentences on answers that are longer or shorter than asked, and on how their tokens were counted."""
    told = [answer for answer in answers if answer.reply.usage.get("completion_tokens")]
    if any(answer.reply.output_tokens != answer.asked.new_tokens for answer in told):
        lengths = [answer.reply.output_tokens for answer in told]
        wanted = Counted(float(f"{np.mean([answer.asked.new_tokens for answer in told]):.4g}"), "new tokens")
        yield Phrase(
            LENGTHS if "new_tokens" in point else MEAN_LENGTHS,
            **{"wanted": wanted, "least": min(lengths), "most": max(lengths)},
            mean=rounded(float(np.mean(lengths))),
        )
    if len(told) < len(answers):
        yield Phrase("The server does not count its tokens; each streamed piece of text was taken for one.")
        pieces = float(np.mean([len(answer.reply.piece_times) for answer in answers]))
        wanted_tokens = float(np.mean([answer.asked.new_tokens for answer in answers]))
        if abs(pieces / wanted_tokens - 1) > LENGTH_TOLERANCE:
            yield Phrase(
                "Answers came in {pieces} pieces on average, and {tokens} tokens were asked: if the server wrote "
                "those, rates of tokens are {times} times what is told.",
                **{"pieces": rounded(pieces), "tokens": rounded(wanted_tokens)},
                times=rounded(wanted_tokens / pieces),
            )
    if (at_once := _tokens_a_piece(answers)) is not None and at_once >= 1 + LENGTH_TOLERANCE:
        yield Phrase(
            "Tokens arrived {tokens} at a time on average: ITL is between arrivals, not tokens.",
            tokens=rounded(at_once, 2),
        )
    if (tokens := _tokens(answers) / sum(len(answer.reply.piece_times) for answer in answers)) < 1 - LENGTH_TOLERANCE:
        yield Phrase(
            "The server counts {tokens} tokens to a streamed piece: its pieces are smaller than tokens, or it leaves "
            "out some, such as those of reasoning; rates and times per token use its count.",
            tokens=rounded(tokens, 2),
        )


def _prompt_notes(answers: Sequence[Answer]) -> list[str]:
    """Return sentences on prompts that were longer or shorter than asked, or known to the server already."""
    wanted, had = float(np.mean([answer.asked.prompt_tokens for answer in answers])), _prompt_tokens(answers)
    if had is None:
        uncounted = "The server does not count the prompt's tokens; prompts have {wanted} words or so."
        return [Phrase(uncounted, wanted=rounded(wanted, 4))]
    said: list[str] = []
    if abs(had / wanted - 1) > LENGTH_TOLERANCE:
        other = "Prompts have {had} tokens on average by the server's count, not {wanted}."
        said.append(Phrase(other, had=rounded(had, 4), wanted=rounded(wanted, 4)))
    cached = sum(answer.reply.usage.get("cached_tokens", 0) for answer in answers) / (had * len(answers))
    known = sum(answer.asked.known_tokens for answer in answers) / (wanted * len(answers))
    if known:
        repeated = (
            "Of the prompts' tokens, {known} repeat earlier requests, and {cached} came from the server's prefix cache."
        )
        said.append(Phrase(repeated, known=f"{known:.0%}", cached=f"{cached:.0%}"))
    if cached > known + LENGTH_TOLERANCE:
        good = "{cached} of the prompts' tokens came from the server's prefix cache: TTFT is too good."
        said.append(Phrase(good, cached=f"{cached:.0%}"))
    return said
