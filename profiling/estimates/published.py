"""Estimates without measurements: data sheets, and efficiencies that others published.

The form is the physical one, with the fastest published matrix product and the data sheet's bandwidth.  The
coefficients, fitted to the published rows, say how many times longer than that each term takes.

    pretraining    arithmetic, and what software of before FlashAttention-2 took longer, which nobody has who asks
                   today; else the published runs differ by who ran them, not by any term tried
    fine-tuning    arithmetic with recomputation, the traffic of kernels that are not fused, unpacking of weights, the
                   optimiser's step, offload; beside them gathering of weights, and the host that launches kernels
    serving        arithmetic beside bytes of weights and cache, unpacking, exchange between devices, a cost for each
                   layer of a step, and the server's scheduling between steps
    eager serving  bytes of weights, keys and values repeated for each head, unpacking, which for several sequences
                   writes 16 bits; beside them the launches
    memory         peak of fine-tuning: weights with gradients and optimiser, what is kept of the layers, logits, the
                   process

Rows of one publication share what the form does not model, and are left out together.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np

from profiling import methods
from profiling.errors import Phrase, PredictionError, joined
from profiling.estimates import assumptions, fitting, hardware, published_rows, published_terms
from profiling.estimates.calibrated import check_ground
from profiling.estimates.fit import REACH, Fit
from profiling.estimates.observations import Observation
from profiling.estimates.prediction import NO_SENSOR, Answer, Prediction
from profiling.estimates.published_rows import Row
from profiling.estimates.published_terms import Rates, Served, Trained
from profiling.estimates.question import Question
from profiling.reference import datasheets
from profiling.reference.datasheets import Device
from profiling.results.sentence import Counted
from profiling.workload.kinds import KINDS

UNPUBLISHED = "nobody published comparable speeds of {what}"
# A term that takes less of the whole may lie anywhere: being wrong by a half, it changes the estimate by 2.5 %.
NEGLIGIBLE = 0.05
# The published pretraining runs read at least one sequence of this length in a pass on each device.
PRETRAINING_TOKENS = 2048


def answer(question: Question, _observations: Sequence[Observation] = ()) -> Answer:
    """Return time and memory from data sheets and published rows; raise PredictionError where they do not suffice."""
    sheet = _sheet(question)
    if not question.architecture.only_attends:
        other = "the published figures are of language models with attention alone, and this is a {family}"
        raise PredictionError(Phrase(other, family=question.family), todo="measure it")
    rates = hardware.rates(sheet, question.weights_in)
    seconds = _generating(question, rates) if KINDS[question.kind].writes else _training(question, rates)
    memory, why = _memory(question)
    why["joules"] = NO_SENSOR
    if sheet.tdp_w is not None:
        most = f"{sheet.tdp_w * question.devices * seconds.high:.3g}"
        why["joules"] = joined(NO_SENSOR, Phrase("the data sheet's TDP bounds it at {most} J", most=most))
    return Answer(seconds, None, memory, None, None, rates.memory_bytes, why, assumptions=assumptions.of(question))


@cache
def fit_of(family: str) -> Fit:
    """Return the fit of one family of rows, from the tables as they were at the first call."""
    return fit_rows(published_rows.of(family))


def fit_rows(rows: Sequence[Row]) -> Fit:
    """Return a fit of published rows, all of one family."""
    publications = tuple(row.publication for row in rows)
    terms, values = np.array([row.terms for row in rows]), np.array([row.value for row in rows])
    return Fit(rows[0].form, terms, values, publications, REACH, balanced=True)


def basis(family: str) -> str:
    """Return the evidence of a family's estimates, in a sentence."""
    rows = published_rows.of(family)
    sources = ", ".join(sorted({row.source for row in rows}))
    return Phrase(
        "data sheet, and {rows} of {family} ({sources})",
        rows=Counted(len(rows), "published rows"),
        family=family,
        sources=sources,
    )


def _training(question: Question, rates: Rates) -> Prediction:
    """Return the time of one step, with the examples spread over the devices."""
    if not KINDS[question.kind].takes_method:
        raise PredictionError(Phrase(UNPUBLISHED, what=question.kind), todo="measure it")
    method, tokens = methods.find(question.method or ""), int(question.point["tokens"])
    examples = question.batch / question.devices
    if not method.published_as:
        known = [name for name, one in methods.METHODS.items() if one.published_as]
        todo = Phrase("ask for {known}, or measure it", known=", ".join(known))
        raise PredictionError(Phrase(UNPUBLISHED, what=method.name), todo=todo)
    if method.from_scratch:
        _check_pretraining(question)
        flops = examples * question.architecture.training_flops(tokens, method.name)
        return _predicted("pretraining", (flops / rates.reached, 0.0))
    asked = published_terms.training(question.architecture, trained_of(question, method.published_as), rates)
    _check_devices("fine-tuning", question)
    _check_ground("fine-tuning", asked, question)
    one = _predicted("fine-tuning", asked)
    return one.derived(one.interval.times(question.accumulation), "s")


def trained_of(question: Question, method: str) -> Trained:
    """Return the settings of a pass of the question's training, by the published method that stands for its own."""
    return Trained(
        method,
        question.batch / question.devices,
        question.width,
        question.devices,
        again=question.computed_again,
        compiled=question.engine == "compiled",
        accumulation=question.accumulation,
        recipe=question.recipe,
        offload=question.offload,
    )


def _generating(question: Question, rates: Rates) -> Prediction:
    """Return the time of one batch of whole answers: a decoding step for each token, with its share of the prompt.

    Raise PredictionError for a model with an encoder, which no published server has run.
    """
    if not all(one.decodes for one in question.architecture.matrices):
        what = Phrase("a model whose prompt an encoder reads")
        raise PredictionError(Phrase(UNPUBLISHED, what=what), todo="measure it")
    served = _served(question, question.batch)
    family = "eager serving" if served.eager else "serving"
    if served.eager:
        _check_eager(question)
    asked = published_terms.serving(question.architecture, served, rates)
    _check_devices(family, question)
    _check_ground(family, asked, question)
    step = _predicted(family, asked)
    return step.derived(step.interval.times(served.new_tokens), "s")


def _check_eager(question: Question) -> None:
    """Raise PredictionError for what runs far slower in an eager engine than its bytes and launches tell.

    Qwen's page of Qwen3 has 1.9 token/s of a mixture where a server writes 137, and a third of the rate in FP8.
    """
    mixture = any(matrix.copies_used is not None for matrix in question.architecture.matrices)
    if mixture or question.weights_in == "fp8":
        what = Phrase("mixtures") if mixture else "FP8"
        raise PredictionError(
            Phrase("nobody published comparable speeds of {what} in transformers without a compiler", what=what),
            todo="ask for --engine server, or measure it",
        )


def _served(question: Question, batch: int | None) -> Served:
    """Return the settings of the question's engine."""
    prompt, new = int(question.point["prompt_tokens"]), int(question.point["new_tokens"])
    how = {"eager": question.engine == "eager", "bare": question.engine == "compiled"}
    return Served(question.weights_in, prompt, new, batch, question.devices, **how)


def held(question: Question) -> int:
    """Return the sequences that the devices' memory holds beside the weights, whatever batch the question has.

    Raise PredictionError where the question writes nothing, and where the device has no data sheet.
    """
    if not KINDS[question.kind].writes:
        writes = Phrase("--batch max is for generate, and not for {kind}", kind=question.kind)
        raise PredictionError(writes, todo="name a number")
    served, rates = _served(question, None), hardware.rates(_sheet(question), question.weights_in)
    return int(published_terms.held_sequences(question.architecture, served, rates))


def _sheet(question: Question) -> Device:
    """Return the data sheet of the question's device; raise PredictionError where there is none."""
    sheet = hardware.sheet(question.device)
    if sheet is None:
        device, names = question.device, ", ".join(one.name for one in datasheets.rows(Device))
        raise PredictionError(
            Phrase("there is no data sheet of {device}", device=device) if device else "no device is named",
            todo=Phrase("name one of {names} by --device, or add a row to your own devices.csv", names=names),
        )
    return sheet


def _check_ground(family: str, asked: tuple[float, ...], question: Question) -> None:
    """Raise PredictionError where a term that matters lies too far beyond those of published rows."""
    check_ground(fit_of(family), asked, question.where, NEGLIGIBLE, "published")


def _check_pretraining(question: Question) -> None:
    """Raise PredictionError for a model or a batch unlike the published ones."""
    _check_devices("pretraining", question)
    sizes = [row.parameters for row in published_rows.of("pretraining") if row.parameters]
    if not min(sizes) / REACH <= question.architecture.active_parameters <= max(sizes) * REACH:
        unlike = "the model has {size} billion parameters, and those of published pretraining {least} to {most}"
        own, *ends = (
            f"{size / 1e9:,.3g}" for size in (question.architecture.active_parameters, min(sizes), max(sizes))
        )
        raise PredictionError(
            Phrase(unlike, size=own, least=ends[0], most=ends[1]), todo="take one closer to them, or measure it"
        )
    tokens = question.tokens_per_step / question.devices
    if tokens < PRETRAINING_TOKENS / REACH:
        few = "a step reads {tokens:.0f} tokens on each device, and published pretraining {most} or more"
        raise PredictionError(
            Phrase(few, tokens=tokens, most=PRETRAINING_TOKENS), todo="ask for a larger batch, or for longer texts"
        )


def _check_devices(family: str, question: Question) -> None:
    """Raise PredictionError for far more devices than the published rows have."""
    most = max(row.devices for row in published_rows.of(family))
    if question.devices > REACH * most:
        many = "published figures of {family} are of {most} devices at most, and these are {devices}"
        raise PredictionError(
            Phrase(many, family=family, most=most, devices=question.devices),
            todo=Phrase("ask for at most {most:.0f}, or measure it", most=REACH * most),
        )


def _predicted(family: str, asked: tuple[float, ...], unit: str = "s") -> Prediction:
    """Return seconds, or bytes, by a family's fit."""
    fit = fit_of(family)
    return Prediction.of(fit.interval(asked), unit, "published", basis(family), fit.leave_one_out_error)


def _memory(question: Question) -> tuple[Prediction | None, dict[str, str]]:
    """Return the peak of a fine-tuning on one device, or why it is not known."""
    method = methods.METHODS.get(question.method or "")
    if method is not None and method.published_as and not method.from_scratch:
        asked = published_terms.memory(question.architecture, trained_of(question, method.published_as))
        return _predicted("memory", asked, "B"), {}
    least = fitting.least_bytes(question) / 1e9
    words = "no peaks are published for this; by arithmetic it takes {least} GB at least on each device"
    return None, {"memory_bytes": Phrase(words, least=f"{least:,.1f}")}
