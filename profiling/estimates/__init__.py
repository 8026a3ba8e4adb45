"""How long, how much memory, energy and money: for a model, method and device that were not measured.

    >>> question = Question(config, "train", {"method": "lora", "batch": 8, "tokens": 512}, device="H100-SXM")
    >>> of(question).seconds.value

What was measured answers before what is fitted to measurements, and that before what was published; each figure
carries the word for its evidence.  No torch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from profiling.errors import PredictionError
from profiling.estimates import calibrated, hardware, measured, observations, published
from profiling.estimates.observations import Observation
from profiling.estimates.prediction import DEFINITIONS, EVIDENCE, Answer, Prediction
from profiling.estimates.question import Question
from profiling.results.costs import Priced
from profiling.results.record import Record

NO_TOKENS = "this task reads no tokens, as records count them"

__all__ = ["DEFINITIONS", "EVIDENCE", "Answer", "Prediction", "Question", "of"]

_ANSWERS: dict[str, Callable[[Question, Sequence[Observation]], Answer]] = {
    "measured": measured.answer,
    "calibrated": calibrated.answer,
    "published": published.answer,
}


def of(
    question: Question,
    records: Sequence[Record] | None = None,
    *,
    price_per_hour: float | None = None,
    evidence: str | None = None,
) -> Answer:
    """Everything that can be estimated of a case.

    `records` are those of this machine's runs unless they are given; `evidence` asks for one kind alone.  Without
    `price_per_hour` (USD for one device) the cost is at the newest on-demand price in the device's table.  Raises
    PredictionError where no kind of evidence carries the question, with what each of them lacks.
    """
    seen = observations.of_records(observations.at_hand() if records is None else records)
    refusals = []
    for kind in EVIDENCE if evidence is None else (evidence,):
        try:
            found = _ANSWERS[kind](question, seen)
        except PredictionError as error:
            refusals.append(f"{kind}: {error}")
        else:
            return _priced(_with_rate(found, question), question, price_per_hour)
    raise PredictionError("; ".join(refusals))


def _with_rate(answer: Answer, question: Question) -> Answer:
    """The same with tokens a second, which are the step's tokens over its seconds, or why there are none."""
    seconds = answer.seconds
    if not question.tokens_per_step:
        return replace(answer, why={**answer.why, "tokens_per_second": NO_TOKENS, "cost": NO_TOKENS})
    rate = seconds.interval.reciprocal(question.tokens_per_step)
    return replace(
        answer,
        tokens_per_second=Prediction.of(rate, "token/s", seconds.evidence, seconds.basis, seconds.leave_one_out_error),
    )


def _priced(answer: Answer, question: Question, price_per_hour: float | None) -> Answer:
    """The same with its cost, or why there is none."""
    if not question.tokens_per_step:
        return answer
    price = hardware.price(question.device) if price_per_hour is None else Priced.given(price_per_hour)
    if price is None:
        words = f"no dated price is known for {question.device or 'the device'}; give --price-per-hour"
        return replace(answer, why={**answer.why, "cost": words})
    seconds = answer.seconds
    hours_per_million = question.devices * 1e6 / question.tokens_per_step / 3600
    cost = seconds.interval.times(hours_per_million * price.per_hour)
    basis = f"the seconds, at {price} for each device"
    return replace(
        answer, cost=Prediction.of(cost, "USD/million tokens", seconds.evidence, basis, seconds.leave_one_out_error)
    )
