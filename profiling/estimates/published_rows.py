"""The published tables as rows to fit: which of them say something, and in which terms.

A row is left out where its source leaves open what is needed: the device, the lengths, the model's shape, or hours
that hold more than the training.  Each reason stands beside the line that leaves the row out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from profiling.estimates import hardware, published_terms
from profiling.estimates.published_terms import Served
from profiling.estimates.question import WEIGHT_BYTES
from profiling.methods import METHODS
from profiling.models import architecture
from profiling.models.architecture import Architecture
from profiling.reference import datasheets
from profiling.reference.datasheets import Device, ServingRun, TrainingRun

# The systems of these sources hold SXM parts, though their tables name the chip alone; an H800's arithmetic is an
# H100's, with slower links.
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
# Whether 6·N·D over the hours is the training's own utilisation, in the words of the table; the others' hours hold
# more than the training, or its tokens are not known.
CLEAN = ("yes",)
# Rates that count the recomputed forward pass: 8·N·D is done where 6·N·D is the model's (arXiv:2104.04473, eq. 3).
RECOMPUTED = ("throughput only", "8TP/(nX)")
# No device multiplies this near to its peak while it trains; a row above is of another device than it says.
HIGHEST_UTILISATION = 0.75
# Prompt and new tokens where a single sequence's are not told: its cache is light beside the weights.
SHORT = (1, 256)
GIB, GB = 2**30, 1e9


@dataclass(frozen=True)
class Row:
    """One published figure: seconds or bytes, beside the terms that its fit has."""

    source: str
    model: str
    names: tuple[str, ...]
    terms: tuple[float, ...]
    value: float
    group: tuple[str, ...]  # rows that share what was not modelled
    devices: int = 1
    parameters: float | None = None  # active ones


@cache
def of(family: str) -> tuple[Row, ...]:
    """The rows of a family, read from the tables once."""
    return tuple(_FAMILIES[family]())


def _pretraining() -> Iterator[Row]:
    """Seconds for one second's worth of arithmetic at the peak: one over the utilisation."""
    for run in datasheets.rows(TrainingRun):
        if run.method in PRETRAINED and (utilisation := _utilisation(run)) is not None:
            # The sizes of one source ran on one machine, by the same people.
            yield Row(
                run.source,
                run.model,
                ("arithmetic",),
                (1.0,),
                1 / utilisation,
                (run.source,),
                run.devices or 1,
                run.active_parameters,
            )


def _utilisation(run: TrainingRun) -> float | None:
    """The model's own operations over the peak; None where the row does not tell."""
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


def _fine_tuning() -> Iterator[Row]:
    """Seconds of one pass over a batch on one device."""
    for run in datasheets.rows(TrainingRun):
        sizes, sheet = _sizes(run.model), _sheet(run.device)
        if run.method not in FINE_TUNED or sizes is None or sheet is None or run.sequence_tokens is None:
            continue
        rates = hardware.rates(sheet, run.precision or "bfloat16")
        examples = (run.batch or 1) / _sharers(run)
        if run.seconds_per_iteration is not None:
            seconds = run.seconds_per_iteration / (run.gradient_accumulation or 1)
        elif run.tokens_per_second_per_device is not None:
            seconds = examples * run.sequence_tokens / run.tokens_per_second_per_device
        else:
            continue
        terms = published_terms.training(sizes, run.method, examples, run.sequence_tokens, rates)
        if terms[0] / seconds <= HIGHEST_UTILISATION:
            yield Row(
                run.source,
                run.model,
                published_terms.TRAINING,
                terms,
                seconds,
                (run.source, run.model),
                run.devices or 1,
            )


def _sharers(run: TrainingRun) -> int:
    """Devices that share one batch: times of a whole iteration are of all, rates of a device are its own."""
    return (run.devices or 1) if run.seconds_per_iteration is not None else 1


def _memory() -> Iterator[Row]:
    """Peak bytes on one device while fine-tuning."""
    for run in datasheets.rows(TrainingRun):
        sizes, sheet = _sizes(run.model), _sheet(run.device)
        if run.method not in FINE_TUNED or run.memory_gb is None or sizes is None or run.sequence_tokens is None:
            continue
        devices = run.devices or 1
        peak = run.memory_gb * (GIB if "GiB" in run.note else GB)
        if sheet is not None and sheet.memory_bytes is not None and peak > sheet.memory_bytes:
            peak /= devices  # more than a device holds: the sum over them
        terms = published_terms.memory(
            sizes, run.method, (run.batch or 1) / _sharers(run), run.sequence_tokens, devices
        )
        # Less than weights, gradients and moments take: another optimiser, in fewer bits, that the row does not name.
        if run.method != "full" or peak > terms[0]:
            yield Row(run.source, run.model, published_terms.MEMORY, terms, peak, (run.source, run.model))


def _serving() -> Iterator[Row]:
    """Seconds for one written token of all devices together."""
    for run in datasheets.rows(ServingRun):
        sizes, sheet, lengths = _sizes(run.model), _sheet(run.device), _lengths(run)
        precision = run.precision.partition("-")[0]
        # FP4's peak is in no data sheet here.
        if sizes is None or sheet is None or lengths is None or precision not in WEIGHT_BYTES or not run.devices:
            continue
        rates = hardware.rates(sheet, precision)
        eager = run.benchmark.startswith("HF transformers")
        served = Served(precision, *lengths, run.concurrency, run.devices, eager)
        terms = published_terms.serving(sizes, served, rates)
        seconds = 1 / run.tokens_per_second
        yield Row(run.source, run.model, published_terms.SERVING, terms, seconds, (run.source, run.model), run.devices)


def _lengths(run: ServingRun) -> tuple[int, int] | None:
    """Prompt and new tokens; None where many sequences' are not told, since then they decide."""
    if run.prompt_tokens and run.new_tokens:
        return run.prompt_tokens, run.new_tokens
    if run.concurrency != 1:
        return None
    named = re.fullmatch(r"gen (\d+)", run.scenario)
    return (SHORT[0], int(named[1])) if named else SHORT


@cache
def _sizes(name: str) -> Architecture | None:
    """The model's sizes; sources spell names with and without dashes."""
    plain = _plain(name)
    found = next((row for row in datasheets.rows(datasheets.Model) if _plain(row.name) == plain), None)
    return None if found is None else architecture.of(found.config)


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9.]", "", name.casefold())


def _sheet(name: str) -> Device | None:
    """The data sheet of a table's device; None where it is not named, or its variant is open."""
    found = datasheets.candidates(MEANT.get(name, name)) if name else ()
    return found[0] if len(found) == 1 else None


_FAMILIES = {"pretraining": _pretraining, "fine-tuning": _fine_tuning, "serving": _serving, "memory": _memory}
