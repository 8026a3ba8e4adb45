"""The published tables as rows to fit: which rows are usable, and their terms.

A row is skipped where its source leaves the device, the lengths or the model's shape open, or counts hours besides
the training's, and where the device's data sheet lacks a rate.  The reason is beside the line that skips the row.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from profiling import architecture
from profiling.architecture import Architecture
from profiling.errors import PredictionError, WorkloadError
from profiling.estimates import footprint, hardware, published_terms
from profiling.estimates.fit import Form
from profiling.estimates.published_terms import Rates, Served, Trained
from profiling.estimates.question import WEIGHT_BYTES
from profiling.methods import METHODS
from profiling.reference import datasheets
from profiling.reference.datasheets import Device, ServingRun, TrainingRun

# The systems of these sources have SXM devices, though their tables name only the chip.  An H800 computes like an H100,
# with slower links.
MEANT = {
    "A100-40GB": "A100-SXM-40GB",
    "A100-80GB": "A100-SXM-80GB",
    "H100": "H100-SXM",
    "H100-80GB": "H100-SXM",
    "H800": "H100-SXM",
    "H200": "H200-SXM",
}
FINE_TUNED = tuple(name for name, one in METHODS.items() if one.published_as == name and not one.from_scratch)
PRETRAINED = tuple(name for name, one in METHODS.items() if one.from_scratch)
# Entries of `clean_6nd` with which 6·N·D over the hours is the utilisation.  The hours of other rows contain more than
# the training, or their tokens are unknown.
CLEAN = ("yes",)
# Rates that count the recomputed forward pass: 8·N·D operations where the model needs 6·N·D (arXiv:2104.04473, eq. 3).
RECOMPUTED = ("throughput only", "8TP/(nX)")
# What software older than FlashAttention-2 (arXiv:2307.08691) adds to the time; questions are about software of today.
PRETRAINING = Form(("arithmetic", "older software"))
OLDER_THAN = "2023-08"
# Prompt and new tokens where a single sequence's are unknown: its cache is small beside the weights.
SHORT = (1, 256)
# Weights of 4 bits in groups of 32 numbers that share a scale.
VARIANTS = {"int4-g32": "int4"}


@dataclass(frozen=True)
class Row:
    """One published figure, in seconds or bytes, with the terms of its fit."""

    source: str
    model: str
    form: Form
    terms: tuple[float, ...]
    value: float
    devices: int = 1
    parameters: float | None = None  # active ones

    @property
    def publication(self) -> str:
        """The page that the row was read from, without what a table's name adds in brackets."""
        return self.source.partition(" (")[0]


@cache
def of(family: str) -> tuple[Row, ...]:
    """Return the rows of a family, read from the tables once."""
    return among(family, datasheets.rows)


def among(family: str, tables: Callable[[Any], Iterable[Any]]) -> tuple[Row, ...]:
    """Return the rows of a family that `tables` gives for TrainingRun or ServingRun."""
    return tuple(FAMILIES[family](tables))


def _pretraining(tables: Callable[[Any], Iterable[TrainingRun]]) -> Iterator[Row]:
    """Yield the seconds that one second of arithmetic at the peak takes: one over the utilisation."""
    for run in tables(TrainingRun):
        if run.method in PRETRAINED and (utilisation := _utilisation(run)) is not None:
            what = run.source, run.model, PRETRAINING
            share = hardware.matmul_share(_sheet(run.device), run.precision or "bfloat16")
            terms = 1 / share, float(run.published < OLDER_THAN)
            yield Row(*what, terms, 1 / utilisation, run.devices or 1, run.active_parameters)


def _utilisation(run: TrainingRun) -> float | None:
    """Return the model's own operations over the peak; None where the row lacks what is needed."""
    if run.mfu_percent is not None:
        return run.mfu_percent / 100
    sheet = _sheet(run.device)
    peak = None if sheet is None else sheet.flops_per_second(run.precision or "bfloat16")
    if peak is None:
        return None
    if run.tflops_per_device is not None:
        recomputed = 6 / 8 if run.clean_6nd in RECOMPUTED else 1.0
        return run.tflops_per_device * 1e12 * recomputed / peak
    if run.clean_6nd in CLEAN and run.active_parameters and run.tokens and run.device_hours:
        return 6 * run.active_parameters * run.tokens / (run.device_hours * 3600 * peak)
    return None


def _fine_tuning(tables: Callable[[Any], Iterable[TrainingRun]]) -> Iterator[Row]:
    """Yield the seconds of one pass over a batch on one device."""
    for run in tables(TrainingRun):
        sizes, rates, trained = _sizes(run.model), _rates(run.device, run.precision or "bfloat16"), _trained(run)
        if trained is None or sizes is None or rates is None:
            continue
        if run.seconds_per_iteration is not None:
            seconds = run.seconds_per_iteration / trained.accumulation
        elif run.tokens_per_second_per_device is not None:
            seconds = trained.examples * trained.tokens / run.tokens_per_second_per_device
        else:
            continue
        terms = published_terms.training(sizes, trained, rates)
        # Faster than the fastest matrix product means another device than the row says, or fewer operations.
        if terms[0] <= seconds:
            yield Row(run.source, run.model, published_terms.TRAINING, terms, seconds, trained.devices)


def _trained(run: TrainingRun) -> Trained | None:
    """Return the settings of a fine-tuning; None for another run, and where its lengths or its recipe are not known.

    All devices share one batch in a time per iteration, unless they share the weights; a rate per device has its own.
    """
    recipe = run.recipe or footprint.USUAL_RECIPE
    if run.method not in FINE_TUNED or run.sequence_tokens is None or recipe not in footprint.RECIPES:
        return None
    devices = run.devices or 1
    alone = run.seconds_per_iteration is None or (run.sharded and run.method != "full")
    return Trained(
        run.method,
        (run.batch or 1) / (1 if alone else devices),
        run.sequence_tokens,
        devices,
        again=run.checkpointing != "no",
        compiled=run.compiled,
        sharded=run.sharded,
        accumulation=run.gradient_accumulation or 1,
        recipe=recipe,
        offload=run.offload,
        chunked=run.chunked,
        rank=run.rank,
    )


def _memory(tables: Callable[[Any], Iterable[TrainingRun]]) -> Iterator[Row]:
    """Yield the peak bytes on one device while fine-tuning."""
    for run in tables(TrainingRun):
        sizes, sheet, trained, peak = _sizes(run.model), _sheet(run.device), _trained(run), run.memory_bytes
        if trained is None or peak is None or sizes is None:
            continue
        if sheet is not None and sheet.memory_bytes is not None and peak > sheet.memory_bytes:
            peak /= trained.devices  # more than one device holds, so the row is a sum over all
        terms = published_terms.memory(sizes, trained)
        # Less than weights, gradients and moments take means an optimiser in fewer bits that the row does not name.
        if run.method != "full" or peak > terms[0]:
            yield Row(run.source, run.model, published_terms.MEMORY, terms, peak)


def _serving(tables: Callable[[Any], Iterable[ServingRun]], eager: bool) -> Iterator[Row]:
    """Yield the seconds of one decoding step, of eager engines or of the others."""
    for run in (one for one in tables(ServingRun) if one.eager == eager):
        precision = VARIANTS.get(run.precision, run.precision)
        sizes, rates, lengths = _sizes(run.model), _rates(run.device, precision), _lengths(run)
        # No data sheet here has a peak for FP4.
        if sizes is None or rates is None or lengths is None or precision not in WEIGHT_BYTES or not run.devices:
            continue
        served = Served(precision, *lengths, run.concurrency, run.devices, run.eager, run.bare)
        form = published_terms.EAGER if eager else published_terms.SERVING
        terms = published_terms.serving(sizes, served, rates)
        seconds = published_terms.sequences(sizes, served, rates) / run.tokens_per_second
        yield Row(run.source, run.model, form, terms, seconds, run.devices)


def _lengths(run: ServingRun) -> tuple[int, int] | None:
    """Return prompt and new tokens; None where those of many sequences are unknown, since their cache is large."""
    if run.prompt_tokens and run.new_tokens:
        return run.prompt_tokens, run.new_tokens
    if run.concurrency != 1:
        return None
    return SHORT[0], run.new_tokens or SHORT[1]


@cache
def _sizes(name: str) -> Architecture | None:
    """Return the model's sizes, None where they are not known; sources spell names with and without dashes."""
    plain = _plain(name)
    found = next((row for row in datasheets.rows(datasheets.Model) if _plain(row.name) == plain), None)
    try:
        return None if found is None else architecture.of(found.config)
    except WorkloadError:
        return None


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9.]", "", name.casefold())


def _rates(device: str, precision: str) -> Rates | None:
    """Return the rates of a table's device; None without a data sheet, or where it lacks one of them."""
    sheet = _sheet(device)
    try:
        return None if sheet is None else hardware.rates(sheet, precision)
    except PredictionError:
        return None


def _sheet(name: str) -> Device | None:
    """Return the data sheet of a table's device; None without a name, or where the variant is open."""
    found = datasheets.candidates(MEANT.get(name, name)) if name else ()
    return found[0] if len(found) == 1 else None


FAMILIES: dict[str, Callable[[Any], Iterator[Row]]] = {
    "pretraining": _pretraining,
    "fine-tuning": _fine_tuning,
    "serving": partial(_serving, eager=False),
    "eager serving": partial(_serving, eager=True),
    "memory": _memory,
}
