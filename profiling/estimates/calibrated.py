"""Estimates from this device's own measurements: the physical form fitted to records, or a refusal.

Refused are another device, precision or make of model than was measured, fewer than three sizes or three batches
(nothing would tell a term from another), and points far outside of the measured ones.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence, Sized
from dataclasses import dataclass
from functools import reduce

import numpy as np

from profiling.errors import PredictionError
from profiling.estimates.fit import Fit, Interval
from profiling.estimates.observations import Observation, Setting
from profiling.estimates.prediction import NO_SENSOR, Answer, Prediction
from profiling.estimates.question import STAGES, TERMS, Question, memory_terms, stage_count, terms

FEWEST_SIZES = 3
FEWEST_BATCHES = 3
# Three coefficients, and three points more to judge them by.
FEWEST_POINTS = 6
# A term may go this far beyond the measured ones: within, the leverage widens the interval as it should; beyond, other
# kernels, caches and limits take over that no measurement has seen.
REACH = 2.0


@dataclass(frozen=True)
class Calibration:
    """The measurements that a question can be answered from: one setting, one kind, one method, one make of model."""

    question: Question
    observations: tuple[Observation, ...]

    @property
    def setting(self) -> Setting:
        """The setting that all of them share."""
        return self.observations[0].setting

    @property
    def basis(self) -> str:
        """What stands behind an estimate, in a sentence."""
        records = sorted({one.record_id for one in self.observations})
        sizes = sorted({one.architecture.parameters for one in self.observations})
        span = f"{len(sizes)} sizes from {sizes[0] / 1e6:,.1f}M to {sizes[-1] / 1e6:,.1f}M parameters"
        return (
            f"fitted to {len(self.observations)} cases of {', '.join(records)} ({span}; {self.setting.words}): "
            f"seconds = a·layers + bytes/bandwidth + FLOPs/rate"
        )

    def fit(self, stage: str) -> Fit:
        """The physical form of one stage."""
        return Fit(
            TERMS,
            np.array([one.terms[stage] for one in self.observations]),
            np.array([one.seconds[stage].value for one in self.observations]),
            self._groups(self.observations),
        )

    def _groups(self, of: Sequence[Observation]) -> tuple[Hashable, ...]:
        """Which cases are left out together, to see how well the others tell them; one group a case.

        A batch that was not measured is new in its point alone.  A size that was not measured is new in all that
        its points share, so that a whole size must be told from the others.
        """
        fitted = any(one.architecture == self.question.architecture for one in of)
        return tuple(one.at if fitted else one.architecture for one in of)

    def seconds(self) -> Prediction:
        """Time of what `seconds` stands for in the question's kind; raises PredictionError outside of the ground."""
        question, parts, errors = self.question, [], []
        asked = terms(question.config, question.kind, question.point, self.setting.precision, question.purpose)
        for stage in STAGES[question.kind]:
            fit = self.fit(stage)
            check_ground(fit, asked[stage], question.where)
            parts.append(fit.interval(asked[stage]).times(stage_count(stage, question.point)))
            errors.append(fit.leave_one_out_error)
        return Prediction.of(reduce(Interval.plus, parts), "s", "calibrated", self.basis, max(errors))

    def memory(self) -> Prediction | None:
        """Peak memory, linear in parameters and in what is kept for each token; None where nobody counted it."""
        counted = [one for one in self.observations if one.memory_bytes]
        if len(counted) < FEWEST_POINTS:
            return None
        fit = Fit(
            ("process", "parameters", "tokens"),
            np.array([memory_terms(one.architecture, one.kind, one.point) for one in counted]),
            np.array([float(one.memory_bytes or 0) for one in counted]),
            self._groups(counted),
        )
        asked = memory_terms(self.question.architecture, self.question.kind, self.question.point)
        basis = f"fitted to the peaks of {len(counted)} cases: process + parameters + tokens kept"
        return Prediction.of(fit.interval(asked), "B", "calibrated", basis, fit.leave_one_out_error)

    def joules(self, seconds: Prediction) -> Prediction | None:
        """Energy at the measured mean power, from the least to the most of the cases; None where none was measured."""
        watts = [one.watts for one in self.observations if one.watts is not None]
        if not watts:
            return None
        mean = sum(watts) / len(watts)
        energy = Interval(
            seconds.value * mean, seconds.low * min(watts), seconds.high * max(watts), seconds.interval.level
        )
        basis = (
            f"the seconds, at a mean power of {mean:.0f} W ({min(watts):.0f} to {max(watts):.0f}) in {len(watts)} cases"
        )
        return Prediction.of(energy, "J", "calibrated", basis, seconds.leave_one_out_error)

    @property
    def capacity_bytes(self) -> float | None:
        """The device's memory."""
        return next((one.capacity_bytes for one in self.observations if one.capacity_bytes), None)


def answer(question: Question, observations: Sequence[Observation]) -> Answer:
    """Time, memory and energy from the fit; raises PredictionError where the measurements do not carry the question."""
    calibration = calibrate(question, observations)
    seconds = calibration.seconds()
    memory, joules = calibration.memory(), calibration.joules(seconds)
    why = {}
    if memory is None:
        why["memory_bytes"] = "too few of the measured cases counted their memory"
    if joules is None:
        why["joules"] = NO_SENSOR
    return Answer(seconds, None, memory, joules, None, calibration.capacity_bytes, why)


def calibrate(question: Question, observations: Sequence[Observation]) -> Calibration:
    """The measurements that carry the question; raises PredictionError saying what to measure where they do not."""
    alike = [one for one in observations if is_alike(one, question)]
    if not alike:
        raise PredictionError(f"no record here measured {_wanted(question)}; {_advice(question)}")
    # Of several engines and options the one with the most measured points answers, and is named in the basis.
    chosen = Counter(one.setting for one in alike).most_common(1)[0][0]
    found = Calibration(question, tuple(one for one in alike if one.setting == chosen))
    sizes = {one.architecture.parameters for one in found.observations}
    batches = {one.point["batch"] for one in found.observations}
    points = {one.at for one in found.observations}
    if len(sizes) < FEWEST_SIZES or len(batches) < FEWEST_BATCHES or len(points) < FEWEST_POINTS:
        raise PredictionError(
            f"{_wanted(question)} was measured at {_count(sizes, 'size')}, {_count(batches, 'batch size')} and "
            f"{_count(points, 'point')}; {_advice(question)}"
        )
    return found


def check_ground(fit: Fit, asked: Sequence[float], where: str) -> None:
    """Raises PredictionError where a term lies further than REACH beyond the fitted rows, saying by how much."""
    for name, value, column in zip(fit.terms, asked, fit.rows.T, strict=True):
        least, most = column[column > 0].min(initial=np.inf), column.max()
        if value > REACH * most or 0 < value < least / REACH:
            side, edge, factor = ("above", most, value / most) if value > most else ("below", least, least / value)
            raise PredictionError(
                f"{where} has {value:.3g} {name}, {factor:.3g} times {side} the {edge:.3g} that were measured, and "
                f"estimates reach a factor {REACH:g} beyond; measure nearer to it"
            )


def is_alike(one: Observation, question: Question) -> bool:
    """Whether the observation says something about the question."""
    return (
        one.kind == question.kind
        and one.point.get("method") == question.method
        and one.family == question.family
        and one.setting.task == question.purpose
        and one.setting.devices == question.devices
        and question.cores in (None, one.setting.cores)
        and (question.device is None or one.setting.is_on(question.device))
        and (question.precision is None or one.setting.precision == question.precision)
        and question.options.items() <= dict(one.setting.options).items()
    )


def _wanted(question: Question) -> str:
    """What would have to be measured, for an error message."""
    method = f" with method {question.method}" if question.method else ""
    cores = f" with {question.cores} cores" if question.cores else ""
    precision = f" in {question.precision}" if question.precision else ""
    place = f" on {question.devices} x {question.device}" if question.device else ""
    return f"{question.kind}{method} of a {question.family} model for {question.purpose}{precision}{place}{cores}"


def _advice(question: Question) -> str:
    """Which sizes and batches to measure, and how."""
    layers, batch = question.architecture.layers, question.batch
    sizes = ", ".join(map(str, sorted({max(1, layers // 4), max(1, layers // 2), layers})))
    return (
        f"it takes {FEWEST_SIZES} sizes, {FEWEST_BATCHES} batch sizes and {FEWEST_POINTS} points: in a workload file "
        f"list cases with num_hidden_layers {sizes}, or of other widths, at batch {max(1, batch // 4)}, "
        f"{max(2, batch // 2)} and {max(3, batch)}, and measure them by `python -m profiling run --workload FILE`"
    )


def _count(found: Sized, name: str) -> str:
    return f"{len(found)} {name}{'' if len(found) == 1 else 's'}"
