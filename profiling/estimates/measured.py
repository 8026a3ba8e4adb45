"""Estimates of a case that was measured on this device: the measurement, with the spread of its own repeats."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

from profiling.errors import Phrase, PredictionError
from profiling.estimates.calibrated import is_alike
from profiling.estimates.fit import Interval
from profiling.estimates.observations import Observation
from profiling.estimates.prediction import NO_SENSOR, Answer, Prediction
from profiling.estimates.question import Question, stage_count


def answer(question: Question, observations: Sequence[Observation]) -> Answer:
    """Return the newest measurement of the same case; raise PredictionError where there is none."""
    same = [
        one
        for one in observations
        if is_alike(one, question)
        and one.architecture == question.architecture
        and dict(one.point) == question.coordinates
    ]
    if not same:
        raise PredictionError(Phrase("{case} was not measured on this device", case=question.where))
    newest = max(same, key=lambda one: one.created)
    setting = newest.setting.words
    basis = Phrase("this case was measured in {record} ({setting})", record=newest.record_id, setting=setting)
    # The interval of the next run; the record has that of the mean, which is narrower.
    parts = [
        Interval(found.value, found.low, found.high, found.level)
        .for_one_more(found.runs)
        .times(stage_count(stage, question.point))
        for stage, found in newest.seconds.items()
    ]
    seconds = Prediction.of(reduce(Interval.plus, parts), "s", "measured", basis, None)
    peak, watts = newest.memory_bytes, newest.watts
    # A record keeps the largest of the repeats' peaks, and the spread of peaks was not measured.
    words = Phrase("{basis}; the most that any repeat held, without an interval", basis=basis)
    memory = None if peak is None else Prediction(peak, peak, peak, None, "B", "measured", words, None)
    joules = None if watts is None else seconds.derived(seconds.interval.times(watts), "J")
    why = {} if memory else {"memory_bytes": Phrase("that measurement did not count its memory")}
    if joules is None:
        why["joules"] = NO_SENSOR
    return Answer(seconds, None, memory, joules, None, newest.capacity_bytes, why)
