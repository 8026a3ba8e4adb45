"""The least memory that a case takes on each device, by arithmetic, and the devices on which it would fit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from profiling.estimates import footprint, hardware
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
    """Return the least that each device holds: weights, gradients and optimiser spread over all, activations, cache.

    Activations are those that checkpointing keeps, unless the question is without.  What is offloaded does not count.
    """
    sizes, point, kind = question.architecture, question.coordinates, KINDS[question.kind]
    if kind.takes_method:
        recomputation = "full" if question.computed_again else "selective"
        plan = footprint.Plan(
            str(question.method),
            max(1, question.batch // question.devices),
            question.width,
            recipe=question.recipe,
            zero_stage=3,
            devices=question.devices,
            recomputation=recomputation,
        )
        needs = footprint.training(sizes, plan)
        state = 0.0 if question.offload == "state" else needs.state
        return state + (0.0 if question.offload == "activations" else needs.activations or 0.0)
    context = int(point.get("prompt_tokens", 0)) + int(point.get("new_tokens", 0))
    needs = footprint.inference(
        sizes, question.weights_in, batch=question.batch, context_tokens=context if kind.writes else 0
    )
    return (needs.total or needs.state) / question.devices


def impossible(question: Question) -> Iterator[str]:
    """Yield that the case does not fit into the device's memory, where arithmetic says so, and where it would."""
    sheet = hardware.sheet(question.device)
    if sheet is None or sheet.memory_bytes is None or (least := least_bytes(question)) <= sheet.memory_bytes:
        return
    others = ", ".join(map(str, places(question)))
    yield (
        f"it does not fit: {least / 1e9:,.1f} GB at least, of {sheet.memory_bytes / 1e9:.0f} GB on each device"
        + (f"; it would on {others}" if others else "")
    )


def places(question: Question) -> list[Place]:
    """Return where the case would fit: more of the same device first, then the smallest device for each count."""
    found, own = list[Place](), hardware.sheet(question.device)
    if own is not None and (count := next((one for one in COUNTS if _fits(question, own, one)), None)):
        found.append(Place(own.name, count))
    sheets = sorted(datasheets.rows(Device), key=lambda sheet: sheet.memory_bytes or 0)
    for count in COUNTS[:4]:
        room = (sheet for sheet in sheets if _fits(question, sheet, count))
        if (sheet := next(room, None)) is not None:
            found.append(Place(sheet.name, count))
    return [*dict.fromkeys(found)][:MOST_PLACES]


def _fits(question: Question, sheet: Device, count: int) -> bool:
    return least_bytes(replace(question, devices=count)) <= MEMORY_SHARE * (sheet.memory_bytes or 0)
