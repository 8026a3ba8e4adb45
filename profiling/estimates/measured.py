"""A case that was measured on this device already answers for itself, with the spread of its own repeats."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

from profiling.errors import PredictionError
from profiling.estimates.calibrated import is_alike
from profiling.estimates.fit import Interval
from profiling.estimates.observations import Observation
from profiling.estimates.prediction import NO_SENSOR, Answer, Prediction
from profiling.estimates.question import Question, stage_count
from profiling.results.record import Estimate


def answer(question: Question, observations: Sequence[Observation]) -> Answer:
    """The newest measurement of the very case; raises PredictionError where there is none."""
    same = [one for one in observations if is_alike(one, question) and _is_same(one, question)]
    if not same:
        raise PredictionError(f"{question.where} was not measured on this device")
    newest = max(same, key=lambda one: one.created)
    basis = f"this case was measured in {newest.record_id} ({newest.setting.words})"
    parts = [_next(found).times(stage_count(stage, question.point)) for stage, found in newest.seconds.items()]
    seconds = Prediction.of(reduce(Interval.plus, parts), "s", "measured", basis, None)
    memory = None if newest.memory_bytes is None else _peak(newest.memory_bytes, basis)
    joules = (
        None
        if newest.watts is None
        else Prediction.of(seconds.interval.times(newest.watts), "J", "measured", basis, None)
    )
    why = {} if memory else {"memory_bytes": "nobody counted the memory of that measurement"}
    if joules is None:
        why["joules"] = NO_SENSOR
    return Answer(seconds, None, memory, joules, None, newest.capacity_bytes, why)


def _next(found: Estimate) -> Interval:
    """What the next run will take: the record has the interval of the mean, which is narrower."""
    return Interval(found.value, found.low, found.high, found.level).for_one_more(found.runs)


def _peak(value: float, basis: str) -> Prediction:
    """An upper figure: records keep the largest of the repeats' peaks, and nobody measured how they spread."""
    words = f"{basis}; the most that any repeat held, without an interval"
    return Prediction(value, value, value, None, "B", "measured", words, None)


def _is_same(one: Observation, question: Question) -> bool:
    return one.architecture == question.architecture and dict(one.point) == question.coordinates
