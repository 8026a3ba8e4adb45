"""A measurement record as text for people, with the definitions of what it reports."""

from __future__ import annotations

from collections.abc import Iterator

from profiling.metrics import DEFINITIONS
from profiling.record import Case, Record

CPU_WARNING = "Measured on a CPU. These numbers say nothing about a GPU, and are never scaled into one's."


def text(record: Record) -> str:
    """The whole record, ending with a definition of each metric in it."""
    parts = [*_head(record), *(line for case in record.cases for line in _case(case)), *_definitions(record)]
    return "\n".join(parts)


def _head(record: Record) -> Iterator[str]:
    workload, software = record.workload, record.software
    yield f"{record.id}: {record.preset} on {record.label}"
    if record.on_cpu:
        yield CPU_WARNING
    versions = ", ".join(f"{name} {software[name]}" for name in ("torch", "transformers", "peft") if name in software)
    yield f"{record.created}, {workload.get('precision')}, {versions}; workload {workload.get('hash')}"
    yield f"model: {_shape(record)}"
    for name, estimate in record.ceiling.items():
        yield f"ceiling {name.removesuffix('_per_second')}: {estimate}"
    yield _others(record)


def _shape(record: Record) -> str:
    shape, count = record.workload.get("model") or {}, record.workload.get("parameters")
    size = "parameters not known" if count is None else f"{count / 1e6:,.1f}M parameters"
    return f"{shape.get('family')}, {shape.get('layers')} layers x {shape.get('hidden')}, {size}, random weights"


def _others(record: Record) -> str:
    if record.others is None:
        return "other processes on the device: nobody could tell"
    names = ", ".join(f"{other.get('name') or 'unnamed'} ({other.get('pid')})" for other in record.others)
    return f"other processes on the device: {names or 'none'}"


def _case(case: Case) -> Iterator[str]:
    yield ""
    yield f"{case.where}: {case.status.replace('_', ' ')}" + (f" ({case.why})" if case.why else "")
    width = max((len(name) for name in case.metrics), default=0)
    for name, estimate in case.metrics.items():
        yield f"  {name:<{width}}  {estimate}"
    if memory := _memory(case):
        yield f"  memory: {memory}"
    if case.memory:
        yield f"  {_energy(case)}"
    if case.throttled:
        yield f"  THROTTLED by {', '.join(case.extra.get('throttle_reasons') or ['the device'])}"


def _memory(case: Case) -> str:
    """The figures that are known, in gibibytes."""
    known = {name.removesuffix("_bytes").replace("_", " "): value for name, value in case.memory.items()}
    return ", ".join(f"{name} {value / 2**30:.2f} GiB" for name, value in known.items() if value is not None)


def _energy(case: Case) -> str:
    if case.energy is None:
        return "energy: not known, no sensor could tell"
    warnings = "".join(f"; {warning}" for warning in (case.energy.get("warnings") or ()))
    return f"energy: {case.energy['joules']:.1f} J by the {case.energy['source']}{warnings}"


def _definitions(record: Record) -> Iterator[str]:
    shown = {*record.ceiling, *(name for case in record.cases for name in case.metrics)}
    yield ""
    yield "Definitions (intervals: Student's t over whole processes, rates as ratios of sums)"
    for name, definition in DEFINITIONS.items():
        if name in shown:
            yield f"  {name}: {definition}"
