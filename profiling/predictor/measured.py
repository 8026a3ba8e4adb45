"""A case that was measured on this device already answers for itself, with the interval of its own repeats."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

from profiling.errors import PredictionError
from profiling.predictor.calibrated import is_alike
from profiling.predictor.fit import Interval
from profiling.predictor.observations import Observation
from profiling.predictor.prediction import NO_SENSOR, Answer, Prediction
from profiling.predictor.question import Question, stage_count


def answer(question: Question, observations: Sequence[Observation]) -> Answer:
    """The newest measurement of the very case; raises PredictionError where there is none."""
    same = [one for one in observations if is_alike(one, question) and _is_same(one, question)]
    if not same:
        raise PredictionError(f"{question.where} was not measured on this device")
    newest = max(same, key=lambda one: one.created)
    basis = f"this case was measured in {newest.record_id} ({newest.setting.words})"
    parts = [
        Interval(found.value, found.low, found.high, found.level).times(stage_count(stage, question.point))
        for stage, found in newest.seconds.items()
    ]
    seconds = Prediction.of(reduce(Interval.plus, parts), "s", "measured", basis, None)
    memory = None if newest.memory_bytes is None else _exactly(newest.memory_bytes, seconds, "B")
    joules = (
        None
        if newest.watts is None
        else Prediction.of(seconds.interval.times(newest.watts), "J", "measured", basis, None)
    )
    why = {} if memory else {"memory_bytes": "nobody counted the memory of that measurement"}
    if joules is None:
        why["joules"] = NO_SENSOR
    return Answer(seconds, None, memory, joules, None, newest.capacity_bytes, why)


def _exactly(value: float, like: Prediction, unit: str) -> Prediction:
    """A peak, which repeats share: it has no interval of its own."""
    return Prediction(value, value, value, like.level, unit, like.evidence, like.basis, None)


def _is_same(one: Observation, question: Question) -> bool:
    return one.architecture == question.architecture and dict(one.point) == dict(question.point)
