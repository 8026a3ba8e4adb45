"""Time, memory, energy and cost of a case that was not measured: a model, a method and a device.

    >>> question = Question(config, "train", {"method": "lora", "batch": 8, "tokens": 512}, device="H100-SXM")
    >>> estimate(question).seconds.value

A measurement of the case answers first, then a fit to measurements of this device, then published figures; each
figure names its evidence.  Imported are `architecture`, `methods`, `results`, `reference`, `runs` and `workload`, and
never torch; scipy only where it computes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from profiling.errors import Phrase, PredictionError, joined
from profiling.estimates import calibrated, fitting, hardware, measured, observations, published
from profiling.estimates.fit import Interval
from profiling.estimates.observations import Observation
from profiling.estimates.prediction import DEFINITIONS, EVIDENCE, Answer, Prediction
from profiling.estimates.question import Question
from profiling.results.costs import Priced
from profiling.results.record import Record

NO_TOKENS = Phrase("this task reads no tokens, as records count them")

__all__ = ["DEFINITIONS", "EVIDENCE", "Answer", "Prediction", "Question", "estimate"]

_ANSWERS: dict[str, Callable[[Question, Sequence[Observation]], Answer]] = {
    "measured": measured.answer,
    "calibrated": calibrated.answer,
    "published": published.answer,
}


def estimate(
    question: Question,
    records: Sequence[Record] | None = None,
    *,
    price_per_hour: float | None = None,
    evidence: str | None = None,
) -> Answer:
    """Return everything that can be estimated of a case.

    `records` are those of this computer's runs unless they are given; `evidence` allows one kind only.  Without
    `price_per_hour` (USD for one device) the cost is at the median of the listed on-demand prices.  Raise
    PredictionError where no kind of evidence answers the question, with what each of them lacks, and first what
    arithmetic tells of the memory.
    """
    seen = observations.of_records(observations.at_hand() if records is None else records)
    refusals = []
    for kind in EVIDENCE if evidence is None else (evidence,):
        try:
            found = _bounded(_ANSWERS[kind](question, seen), question)
            return _with_rate_and_cost(found, question, price_per_hour)
        except PredictionError as error:
            refusals.append(Phrase("{kind}: {why}", kind=kind, why=str(error)))
    raise PredictionError(joined(*fitting.told(question), *refusals))


def _bounded(answer: Answer, question: Question) -> Answer:
    """Return the answer with the least memory by arithmetic, below which no interval reaches.

    A measurement has its own answer, and whatever was measured fitted.
    """
    if answer.seconds.evidence == "measured":
        return answer
    least, memory = fitting.least_bytes(question), answer.memory_bytes
    whole = fitting.needs(question).total is not None
    if memory is not None and memory.level is not None:
        low, high = max(least, memory.low), max(least, memory.high)
        memory = memory.derived(Interval(max(least, memory.value), low, high, memory.level), "B")
    found = replace(answer, least_bytes=least, counted_whole=whole, memory_bytes=memory)
    if found.fits is not False:
        return found
    taken = least if memory is None else memory.low
    words = fitting.misfit(taken, found.capacity_bytes or 0.0)
    places = tuple(fitting.places(question, taken / least))
    return replace(found, fits_on=places, why={**found.why, "tokens_per_second": words, "cost": words})


def _with_rate_and_cost(answer: Answer, question: Question, price_per_hour: float | None) -> Answer:
    """Return the answer with tokens per second and cost, or with the reason why one is missing."""
    seconds, tokens = answer.seconds, question.tokens_per_step
    price = hardware.price(question.device) if price_per_hour is None else Priced.given(price_per_hour)
    if answer.fits is False:
        return answer
    if not tokens:
        return replace(answer, why={**answer.why, "tokens_per_second": NO_TOKENS, "cost": NO_TOKENS})
    answer = replace(answer, tokens_per_second=seconds.derived(seconds.interval.reciprocal(tokens), "token/s"))
    if price is None:
        device = question.device or Phrase("the device")
        words = Phrase("no dated price is known for {device}; give --price-per-hour", device=device)
        return replace(answer, why={**answer.why, "cost": words})
    hours_per_million = question.devices * 1e6 / tokens / 3600
    cost = seconds.interval.times(hours_per_million * price.per_hour)
    return replace(answer, cost=seconds.derived(cost, "USD/million tokens", f"the seconds, at {price} for each device"))
