"""Estimates without any measurement: data sheets, and the efficiencies that others published.

The form is the physical one again, with the data sheet's peak and bandwidth.  What is fitted to the published
rows is how many times longer than the sheet's each term takes: 2 for arithmetic means that half of the peak was
reached.

    pretraining   arithmetic alone: the published runs are large, and spread little about one utilisation
    fine-tuning   arithmetic, a cost for each layer of a pass, and, for QLoRA, unpacking the weights
    serving       arithmetic, bytes of weights and cache, a cost for each layer of a step, and more of it where the
                  engine runs eagerly, without captured graphs
    memory        of fine-tuning: weights with gradients and optimiser, activations, logits, the process

Rows that share what the form does not say are left out together: of pretraining one source's, of the rest one model's
at one source.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np

from profiling import methods
from profiling.errors import PredictionError
from profiling.estimates import footprint, hardware, published_rows, published_terms
from profiling.estimates.calibrated import REACH, check_ground
from profiling.estimates.fit import Fit
from profiling.estimates.observations import Observation
from profiling.estimates.prediction import NO_SENSOR, Answer, Prediction
from profiling.estimates.published_rows import Row
from profiling.estimates.published_terms import Rates, Served
from profiling.estimates.question import Question
from profiling.workload.kinds import KINDS

# The published runs are of decoders; an encoder's or an image model's efficiency is not theirs.
DECODERS = ("llama", "gpt2", "mixtral", "qwen3_moe", "deepseek_v3")
# The published pretraining runs read at least one sequence of this length in a pass on each device.
PRETRAINING_TOKENS = 2048


def answer(question: Question, _observations: Sequence[Observation] = ()) -> Answer:
    """Time and memory from sheets and published rows; raises PredictionError where they do not carry the question."""
    sheet = hardware.sheet(question.device)
    if sheet is None:
        raise PredictionError(
            f"{question.device or 'the device'} is in no data sheet here; name one by --device, or add its row to a "
            f"devices.csv of your own"
        )
    if question.family not in DECODERS:
        raise PredictionError(f"the published runs are of decoders, and this is a {question.family} model; measure it")
    rates = hardware.rates(sheet, _precision(question))
    seconds = _generating(question, rates) if KINDS[question.kind].writes else _training(question, rates)
    memory, why = _memory(question)
    bound = (
        ""
        if sheet.tdp_w is None
        else (f"; the data sheet's TDP bounds it by {sheet.tdp_w * question.devices * seconds.high:.3g} J")
    )
    return Answer(seconds, None, memory, None, None, rates.memory_bytes, {**why, "joules": NO_SENSOR + bound})


@cache
def fit_of(family: str) -> Fit:
    """The fit of one family of rows, from the tables as they were when it was first asked for."""
    return fit_rows(published_rows.of(family))


def fit_rows(rows: Sequence[Row]) -> Fit:
    """A fit of published rows, all of one family."""
    return Fit(
        rows[0].names,
        np.array([row.terms for row in rows]),
        np.array([row.value for row in rows]),
        tuple(row.group for row in rows),
    )


def basis(family: str) -> str:
    """Which rows stand behind a family's estimates."""
    rows = published_rows.of(family)
    sources = ", ".join(sorted({row.source for row in rows}))
    return f"data sheet, and {len(rows)} published rows of {family} ({sources})"


def _precision(question: Question) -> str:
    """What is computed in unless it is said: 16 bits, as in the published runs."""
    return question.precision or "bfloat16"


def _training(question: Question, rates: Rates) -> Prediction:
    """One step, with its examples spread over the devices."""
    if not KINDS[question.kind].takes_method:
        raise PredictionError(f"no efficiencies are published for {question.kind}; measure it")
    method, tokens = methods.find(question.method or ""), int(question.point["tokens"])
    examples = question.batch / question.devices
    if not method.published_as:
        known = [name for name, one in methods.METHODS.items() if one.published_as]
        raise PredictionError(f"nothing comparable is published for {method.name}; only for {', '.join(known)}")
    if method.from_scratch:
        _check_pretraining(question)
        flops = examples * question.architecture.training_flops(tokens, method.name)
        return _predicted("pretraining", (flops / rates.flops,))
    asked = published_terms.training(question.architecture, method.published_as, examples, tokens, rates)
    _check_devices("fine-tuning", question)
    check_ground(fit_of("fine-tuning"), asked, question.where)
    return _predicted("fine-tuning", asked)


def _generating(question: Question, rates: Rates) -> Prediction:
    """One batch of whole answers; by an engine with captured graphs, as servers are."""
    prompt, new = int(question.point["prompt_tokens"]), int(question.point["new_tokens"])
    served = Served(_precision(question), prompt, new, question.batch, question.devices)
    asked = published_terms.serving(question.architecture, served, rates)
    _check_devices("serving", question)
    check_ground(fit_of("serving"), asked, question.where)
    token = _predicted("serving", asked)
    whole = token.interval.times(question.tokens_per_step)
    return Prediction.of(whole, "s", "published", token.basis, token.leave_one_out_error)


def _check_pretraining(question: Question) -> None:
    """Raises PredictionError for a model or a batch unlike the published ones."""
    _check_devices("pretraining", question)
    sizes = [row.parameters for row in published_rows.of("pretraining") if row.parameters]
    if not min(sizes) / REACH <= question.architecture.active_parameters <= max(sizes) * REACH:
        raise PredictionError(
            f"{question.architecture.active_parameters:.3g} parameters lie far outside of the {min(sizes):.3g} to "
            f"{max(sizes):.3g} whose pretraining is published; measure it"
        )
    tokens = question.tokens_per_step / question.devices
    if tokens < PRETRAINING_TOKENS / REACH:
        raise PredictionError(
            f"{tokens:.0f} tokens on each device are few against the {PRETRAINING_TOKENS} of published pretraining; "
            f"ask for a larger batch"
        )


def _check_devices(family: str, question: Question) -> None:
    """Raises PredictionError for far more devices than the published rows have."""
    most = max(row.devices for row in published_rows.of(family))
    if question.devices > REACH * most:
        raise PredictionError(
            f"{question.devices} devices are far more than the {most} of published {family}; ask for at most "
            f"{REACH * most:.0f}"
        )


def _predicted(family: str, asked: tuple[float, ...]) -> Prediction:
    """Seconds by a family's fit."""
    fit = fit_of(family)
    return Prediction.of(fit.interval(asked), "s", "published", basis(family), fit.leave_one_out_error)


def _memory(question: Question) -> tuple[Prediction | None, dict[str, str]]:
    """Peak bytes on one device of a fine-tuning; of the rest what arithmetic says must be held, in a sentence."""
    sizes, devices, point = question.architecture, question.devices, question.point
    method = methods.METHODS.get(question.method or "")
    if method is not None and method.published_as and not method.from_scratch:
        terms = published_terms.memory(
            sizes, method.published_as, question.batch / devices, int(point["tokens"]), devices
        )
        fit = fit_of("memory")
        return (
            Prediction.of(fit.interval(terms), "B", "published", basis("memory"), fit.leave_one_out_error),
            {},
        )
    if KINDS[question.kind].takes_method:
        plan = footprint.Plan(method=question.method or "", zero_stage=3, devices=devices)
        least = footprint.training(sizes, plan).state
        held = "weights, gradients and optimiser, spread over the devices,"
    else:
        context = int(point["prompt_tokens"]) + int(point["new_tokens"])
        least = (
            footprint.inference(sizes, _precision(question), batch=question.batch, context_tokens=context).total or 0
        )
        least, held = least / devices, "weights and cache, spread over the devices,"
    words = f"no peaks are published for this; {held} alone take {least / 1e9:.1f} GB on each"
    return None, {"memory_bytes": words}
