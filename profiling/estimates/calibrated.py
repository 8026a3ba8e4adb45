"""Estimates from this device's own measurements: the physical form fitted to records, or a refusal.

Refused are another device, precision or family than was measured; fewer than three sizes or three batches, which
could not tell one term from another; and points far beyond the measured ones.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np

from profiling.errors import Phrase, PredictionError
from profiling.estimates.fit import REACH, Fit, Form, Interval
from profiling.estimates.observations import Observation, Setting
from profiling.estimates.prediction import NO_SENSOR, Answer, Prediction
from profiling.estimates.question import STAGES, TERMS, Question, memory_terms, stage_count, terms
from profiling.results.sentence import Counted

# What each term of a form stands for.
WORDS = {
    "arithmetic": "its arithmetic",
    "elementwise": "reading and writing its activations",
    "unpacking": "unpacking its weights",
    "whole unpacking": "unpacking its weights to 16 bits",
    "fused unpacking": "unpacking its weights in a compiled program",
    "optimiser": "the optimiser's step",
    "offload": "copying between the host and the device",
    "gathering": "gathering its weights from several devices",
    "launches": "launching the kernels of its layers",
    "exchange": "exchanging results between devices",
    "weights": "reading its weights",
    "cache": "reading its cache of keys and values",
    "repeated cache": "copying its cache of keys and values",
    "layers": "starting its layers",
    "split layers": "starting its layers on several devices",
    "steps": "scheduling",
    "bytes": "reading and writing memory",
    "flops": "its arithmetic",
    "older software": "the software of before August 2023",
}
LIGHTER = "ask for a smaller batch, shorter texts or more devices"
HEAVIER = "ask for a larger batch, longer texts or a larger model"
# What makes a term smaller that the batch does not change.
SMALLER = {
    **dict.fromkeys(("launches", "layers", "split layers"), "take a model with fewer layers"),
    **dict.fromkeys(("unpacking", "fused unpacking", "weights"), "take a smaller model or a faster device"),
    **dict.fromkeys(("optimiser", "offload", "gathering"), "take a smaller model"),
}

FEWEST_SIZES = 3
FEWEST_BATCHES = 3
# Three coefficients, and three more points to judge them by.
FEWEST_POINTS = 6


@dataclass(frozen=True)
class Calibration:
    """Measurements that answer a question: of one setting, one kind, one method and one family."""

    question: Question
    observations: tuple[Observation, ...]

    @property
    def setting(self) -> Setting:
        """The setting that all measurements share."""
        return self.observations[0].setting

    @property
    def basis(self) -> str:
        """The evidence of an estimate, in a sentence."""
        records = sorted({one.record_id for one in self.observations})
        sizes = sorted({one.architecture.parameters for one in self.observations})
        return Phrase(
            "fitted to {cases} of {records} ({sizes} sizes from {least}M to {most}M parameters; {setting}): "
            "seconds = a·layers + bytes/bandwidth + FLOPs/rate",
            cases=Counted(len(self.observations), "cases"),
            records=", ".join(records),
            sizes=len(sizes),
            least=f"{sizes[0] / 1e6:,.1f}",
            most=f"{sizes[-1] / 1e6:,.1f}",
            setting=self.setting.words,
        )

    def fit(self, stage: str) -> Fit:
        """Return the physical form fitted to one stage."""
        return Fit(
            Form(TERMS),
            np.array([one.terms[stage] for one in self.observations]),
            np.array([one.seconds[stage].value for one in self.observations]),
            self._groups(self.observations),
        )

    def _groups(self, of: Sequence[Observation]) -> tuple[Hashable, ...]:
        """Return one group a case; cases of one group are left out together and predicted from the rest.

        A new batch of a measured size differs in one point only, so single points are left out.  A new size differs
        in everything that its points share, so whole sizes are left out.
        """
        fitted = any(one.architecture == self.question.architecture for one in of)
        return tuple(one.at if fitted else one.architecture for one in of)

    def seconds(self) -> Prediction:
        """Return the time of the case; raise PredictionError for a point far beyond the measured ones."""
        question, parts, errors = self.question, [], []
        asked = terms(question.config, question.kind, question.point, self.setting.precision, question.purpose)
        for stage in STAGES[question.kind]:
            fit = self.fit(stage)
            check_ground(fit, asked[stage], question.where)
            parts.append(fit.interval(asked[stage]).times(stage_count(stage, question.point)))
            errors.append(fit.leave_one_out_error)
        return Prediction.of(reduce(Interval.plus, parts), "s", "calibrated", self.basis, max(errors))

    def memory(self) -> Prediction | None:
        """Return peak memory, linear in parameters and in tokens kept; None where too few cases counted theirs."""
        known = [one for one in self.observations if one.memory_bytes]
        if len(known) < FEWEST_POINTS:
            return None
        fit = Fit(
            Form(("process", "parameters", "tokens")),
            np.array([memory_terms(one.architecture, one.kind, one.point) for one in known]),
            np.array([float(one.memory_bytes or 0) for one in known]),
            self._groups(known),
        )
        asked = memory_terms(self.question.architecture, self.question.kind, self.question.point)
        peaks = "fitted to the peaks of {cases}: process + parameters + tokens kept"
        basis = Phrase(peaks, cases=Counted(len(known), "cases"))
        return Prediction.of(fit.interval(asked), "B", "calibrated", basis, fit.leave_one_out_error)

    def joules(self, seconds: Prediction) -> Prediction | None:
        """Return energy at the mean measured power, with the least and the most of the cases as bounds, or None."""
        watts = [one.watts for one in self.observations if one.watts is not None]
        if not watts:
            return None
        mean = sum(watts) / len(watts)
        least, most, level = min(watts), max(watts), seconds.interval.level
        energy = Interval(seconds.value * mean, seconds.low * least, seconds.high * most, level)
        basis = Phrase(
            "the seconds, at a mean power of {mean} W ({least} to {most}) in {cases}",
            **{"mean": f"{mean:.0f}", "least": f"{least:.0f}", "most": f"{most:.0f}"},
            cases=Counted(len(watts), "cases"),
        )
        return seconds.derived(energy, "J", basis)


def answer(question: Question, observations: Sequence[Observation]) -> Answer:
    """Return time, memory and energy from the fit; raise PredictionError where the measurements do not suffice."""
    calibration = calibrate(question, observations)
    seconds = calibration.seconds()
    memory, joules = calibration.memory(), calibration.joules(seconds)
    why = {}
    if memory is None:
        why["memory_bytes"] = Phrase("too few of the measured cases counted memory")
    if joules is None:
        why["joules"] = NO_SENSOR
    capacity = next((one.capacity_bytes for one in calibration.observations if one.capacity_bytes), None)
    return Answer(seconds, None, memory, joules, None, capacity, why)


def calibrate(question: Question, observations: Sequence[Observation]) -> Calibration:
    """Return the measurements that answer the question; raise PredictionError with what to measure otherwise."""
    alike = [one for one in observations if is_alike(one, question)]
    if not alike:
        raise PredictionError(Phrase("no record measured {wanted}", wanted=_wanted(question)), todo=_advice(question))
    # Of several engines and options, the one with the most measured points answers, and the basis names it.
    chosen = Counter(one.setting for one in alike).most_common(1)[0][0]
    found = Calibration(question, tuple(one for one in alike if one.setting == chosen))
    sizes = {one.architecture.parameters for one in found.observations}
    batches = {one.point["batch"] for one in found.observations}
    points = {one.at for one in found.observations}
    if len(sizes) < FEWEST_SIZES or len(batches) < FEWEST_BATCHES or len(points) < FEWEST_POINTS:
        what = Phrase(
            "{wanted} was measured in {cases}, of {sizes} and {batches}",
            wanted=_wanted(question),
            cases=Counted(len(points), "cases"),
            sizes=Counted(len(sizes), "sizes of models"),
            batches=Counted(len(batches), "sizes of batches"),
        )
        raise PredictionError(what, todo=_advice(question))
    return found


def check_ground(
    fit: Fit, asked: Sequence[float], where: str, negligible: float = 0.0, evidence: str = "measured"
) -> None:
    """Raise PredictionError, with the factor, where a term lies further than REACH beyond the fitted rows.

    A term that takes at most the share `negligible` of the estimate may lie anywhere. The rows are of cases that were
    `measured`, or `published`.
    """
    for name, value, column, part in zip(fit.form.terms, asked, fit.rows.T, fit.parts(asked), strict=True):
        least, most = column[column > 0].min(initial=np.inf), column.max()
        what = WORDS.get(name, name)
        if value > 0 and not most > 0:
            none = "{where}: no {evidence} case spends time on {what}"
            raise PredictionError(Phrase(none, where=where, evidence=evidence, what=what), todo="measure it")
        if part < negligible:
            continue
        if value > REACH * most:
            factor, allowed, todo = (
                value / most,
                Phrase("{reach:g} times at most", reach=REACH),
                SMALLER.get(name, LIGHTER),
            )
        elif 0 < value < least / REACH and not fit.form.counts:
            factor, allowed, todo = value / least, Phrase("{reach:g} times at least", reach=1 / REACH), HEAVIER
        else:
            continue
        far = (
            "{where}: {what} takes {factor} times as long as in any {evidence} case, and an estimate goes to {allowed}"
        )
        said = {"what": what, "factor": f"{factor:,.3g}", "evidence": evidence, "allowed": allowed}
        raise PredictionError(Phrase(far, where=where, **said), todo=Phrase("{todo}, or measure it", todo=todo))


def is_alike(one: Observation, question: Question) -> bool:
    """Tell whether the observation is evidence for the question."""
    return (
        one.kind == question.kind
        and question.offload == "no"
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
    """Return a description of the measurements that are missing."""
    device = question.device
    parts = {
        "method": Phrase(" with method {method}", method=question.method) if question.method else "",
        "cores": Phrase(" with {cores}", cores=Counted(question.cores, "cores")) if question.cores else "",
        "precision": Phrase(" in {precision}", precision=question.precision) if question.precision else "",
        "place": Phrase(" on {devices} x {device}", devices=question.devices, device=device) if device else "",
    }
    return Phrase(
        "{kind}{method} of a {family} model (task {purpose}){precision}{place}{cores}",
        **{"kind": question.kind, "family": question.family, "purpose": question.purpose, **parts},
    )


def _advice(question: Question) -> str:
    """Return the advice which sizes and batches to measure, and how."""
    layers, batch = question.architecture.layers, question.batch
    sizes = ", ".join(map(str, sorted({max(1, layers // 4), max(1, layers // 2), layers})))
    return Phrase(
        "measure {cases} cases or more, of {models} model sizes and {batches} batch sizes: list them in a workload "
        "file, with num_hidden_layers {sizes}, or other widths, at batch {least}, {middle} and {most}, and call "
        "`python -m profiling run --workload FILE`",
        **{"cases": FEWEST_POINTS, "models": FEWEST_SIZES, "batches": FEWEST_BATCHES, "sizes": sizes},
        **{"least": max(1, batch // 4), "middle": max(2, batch // 2), "most": max(3, batch)},
    )
