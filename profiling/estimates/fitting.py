"""The least memory that a case takes on each device, by arithmetic, and the devices on which it would fit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from profiling.errors import Phrase
from profiling.estimates import footprint, hardware
from profiling.estimates.footprint import Footprint
from profiling.estimates.question import Question
from profiling.reference import datasheets
from profiling.reference.datasheets import Device
from profiling.workload.kinds import KINDS

# Counts of devices in one computer, or a few.
COUNTS = (1, 2, 4, 8, 16, 32, 64)
# The runtime, fragmentation and the buffers of a step take the rest.
MEMORY_SHARE = 0.9
MOST_PLACES = 5


@dataclass(frozen=True)
class Place:
    """Some devices of one kind."""

    device: str
    devices: int

    def __str__(self) -> str:
        return f"{self.devices} x {self.device}"


def least_bytes(question: Question) -> float:
    """Return the least that each device holds, without activations where they are not known."""
    needed = needs(question)
    return needed.state if needed.total is None else needed.total


def needs(question: Question) -> Footprint:
    """Return what each device holds: weights, gradients and optimiser spread over all, activations, cache.

    Activations are those that checkpointing keeps, unless the question is without.  What is offloaded does not count.
    """
    sizes, kind = question.architecture, KINDS[question.kind]
    if kind.takes_method:
        plan = footprint.Plan(
            str(question.method),
            max(1, question.batch // question.devices),
            question.width,
            recipe=question.recipe,
            zero_stage=3,
            devices=question.devices,
            again=question.computed_again,
        )
        found = footprint.training(sizes, plan)
        if question.offload == "state":
            return Footprint(0.0, activations=found.activations)
        return replace(found, activations=0.0) if question.offload == "activations" else found
    return footprint.inference(
        sizes,
        question.weights_in,
        batch=question.batch,
        context_tokens=question.longest if kind.writes else 0,
        devices=question.devices,
    )


def told(question: Question) -> Iterator[str]:
    """Yield what arithmetic tells of the memory: the least that the case takes, or that it does not fit, and where."""
    sheet = hardware.sheet(question.device)
    if sheet is None or sheet.memory_bytes is None:
        return
    least = least_bytes(question)
    if fits(least, sheet.memory_bytes):
        yield Phrase(
            "by arithmetic it takes {least} GB at least, of {whole} GB on each device",
            least=f"{least / 1e9:,.1f}",
            whole=f"{sheet.memory_bytes / 1e9:.0f}",
        )
        return
    yield misfit(least, sheet.memory_bytes)
    if others := ", ".join(map(str, places(question))):
        yield Phrase("it would on {others}", others=others)


def misfit(least: float, capacity_bytes: float) -> str:
    """Return why a case does not fit."""
    return Phrase(
        "it does not fit: it takes {least} GB at least, of {whole} GB on each device, of which the framework takes a "
        "tenth",
        least=f"{least / 1e9:,.1f}",
        whole=f"{capacity_bytes / 1e9:.0f}",
    )


def places(question: Question, times: float = 1.0) -> list[Place]:
    """Return where the case would fit: more of the same device first, then the smallest device for each count.

    Each device stands there once, with the least count. The case takes `times` what arithmetic counts.
    """
    needed = {count: times * least_bytes(replace(question, devices=count)) for count in COUNTS}
    found, own = dict[str, int](), hardware.sheet(question.device)
    if own is not None and (count := next((one for one in COUNTS if fits(needed[one], own.memory_bytes)), None)):
        found[own.name] = count
    for count in COUNTS[:4]:
        if enough := roomy(needed[count]):
            found.setdefault(enough[0].name, count)
    return [Place(*one) for one in found.items()][:MOST_PLACES]


def roomy(needed: float) -> list[Device]:
    """Return the devices of the data sheets that hold `needed` bytes, the smallest first."""
    enough = (one for one in datasheets.rows(Device) if fits(needed, one.memory_bytes))
    return sorted(enough, key=lambda sheet: sheet.memory_bytes or 0)


def fits(needed: float, capacity_bytes: float | None) -> bool:
    """Return whether a device of that memory holds `needed` bytes beside what arithmetic does not count."""
    return needed <= MEMORY_SHARE * (capacity_bytes or 0)
