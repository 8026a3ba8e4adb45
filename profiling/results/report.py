"""A measurement record as text for people, with the definitions of what it reports."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from statistics import fmean
from typing import Any

from profiling.architecture import source
from profiling.errors import counted
from profiling.reference import datasheets
from profiling.results import figures
from profiling.results.metrics import METRICS
from profiling.results.record import COUNTED, CaseResult, Record
from profiling.workload.kinds import KINDS

# Further operators take too little time to matter.
MOST_OPERATORS = 5

# Below this share the device mostly waits for Python, and a faster one would not help.
HOST_BOUND_BELOW = 0.70

# Fewer parameters would be 0.0 millions.
SMALLEST_IN_MILLIONS = 1e5

CPU_WARNING = "Measured on a CPU. These numbers say nothing about a GPU, and are never scaled to one."


def text(record: Record) -> str:
    """Return the whole record as text, ending with a definition of each metric in it."""
    return "\n".join([*_head(record), *(line for case in record.cases for line in _case(case)), *_definitions(record)])


def _head(record: Record) -> Iterator[str]:
    workload, software = record.workload, record.software
    yield f"{record.id}: {record.preset} on {record.label}"
    if record.on_cpu:
        yield CPU_WARNING
    versions = ", ".join(f"{name} {software[name]}" for name in ("torch", "transformers", "peft") if name in software)
    ran = ", ".join(filter(None, (record.created, workload.get("precision"), versions)))
    yield f"{ran}; workload {workload.get('hash')}"
    yield f"model: {model(record)}"
    if record.device["kind"] == "server":
        yield f"engine: {workload.get('engine')}"
    for name, estimate in record.ceiling.items():
        yield f"ceiling {name.removesuffix('_per_second')}: {estimate}"
    if (sheet := _sheet(record)) is not None:
        yield sheet
    if note := record.device.get("sensor_note"):
        yield f"sensor: {note}"
    if absent := record.device.get("not_reported"):
        yield f"not reported by the driver: {'; '.join(f'{name} ({why})' for name, why in absent.items())}"
    others = "unknown" if record.others is None else _names(record.others) or "none"
    yield f"other processes on the device: {others}"
    yield from _resumed(record)
    yield from _hosts(record)


def model(record: Record) -> str:
    """Return the model of a record, with its size where that is known."""
    count = record.workload.get("parameters")
    known = "" if count is None else f"{count / 1e6:,.1f}M" if count >= SMALLEST_IN_MILLIONS else f"{count:,.0f}"
    size = f"{known} parameters" if known else "parameters not known"
    return f"{source.title(record.workload.get('model') or {})}, {size}"


def _resumed(record: Record) -> Iterator[str]:
    """Yield which cases were measured after a stop, and what had changed by then."""
    for resumption in record.extra.get("resumed") or ():
        kept = {int(place) for place in resumption.get("kept") or ()}
        later = [str(place + 1) for place in range(len(record.cases)) if place not in kept]
        changed = "; ".join(resumption.get("changed") or ()) or "on the same machine and software"
        yield f"resumed: cases {', '.join(later) or 'none'} were measured after a stop ({changed})"


def _hosts(record: Record) -> Iterator[str]:
    """Yield what each host of a merged record has part in, and the parts that are missing."""
    for one in record.extra.get("hosts") or ():
        changed = "".join(f"; resumed after a change: {sentence}" for sentence in one.get("changed") or ())
        yield f"host {one['host']}: {counted(one['cases'], 'cases')}, {', '.join(one['records'])}{changed}"
    parts = record.extra.get("parts") or {"missing": ()}
    for number in parts["missing"]:
        yield f"part {number} of {parts['of']} is missing, with all of its cases"


def _sheet(record: Record) -> str | None:
    """Return the dense peaks in the device's data sheet; None where the tables do not have the device."""
    found = () if record.on_cpu else datasheets.candidates(str(record.device["name"]))
    if len(found) != 1:
        return None
    known = {"bf16 TFLOP/s": found[0].bf16_dense_tflops, "GB/s": found[0].bandwidth_gb_s, "W": found[0].tdp_w}
    told = ", ".join(f"{value:,.4g} {unit}" for unit, value in known.items() if value is not None)
    return f"data sheet of {found[0].name}: {told} ({found[0].source})"


def _names(others: Iterable[Mapping[str, Any]]) -> str:
    return ", ".join(f"{other.get('name') or 'unnamed'} ({other.get('pid')})" for other in others)


def _case(case: CaseResult) -> Iterator[str]:
    yield ""
    if case.kind not in KINDS:
        yield f"{case.kind} is a kind of case that this version does not know; update it to read the case in full"
    yield f"{case.where}: {case.status.replace('_', ' ')}" + (f" ({case.why})" if case.why else "")
    width = max((len(name) for name in case.metrics), default=0)
    for name, estimate in case.metrics.items():
        yield f"  {name:<{width}}  {estimate}"
    if memory := _memory(case):
        yield f"  memory: {memory}"
    if case.memory:
        yield f"  {_energy(case)}"
    for finding in findings(case):
        yield f"  {finding}"
    if slowed := slower_clocks(case):
        yield f"  {'THROTTLED by' if case.throttled else 'slower clocks, but not throttled:'} {slowed}"


def slower_clocks(case: CaseResult) -> str:
    """Return what slowed the device's clocks, and for how long; empty where nothing did, or no sensor could tell."""
    shares = case.extra.get("throttle_shares") or {}
    reasons = case.extra.get("throttle_reasons") or (["the device"] if case.throttled else [])
    return ", ".join(f"{name} ({shares[name]:.0%} of the time)" if name in shares else name for name in reasons)


def findings(case: CaseResult) -> Iterator[str]:
    """Yield the findings beside the metrics, a sentence each."""
    extra = case.extra
    if (stopped := extra.get("stopped")) and (main := figures.main(case)):
        enough = "as many as asked" if stopped == COUNTED else stopped
        yield f"repeated {counted(case.metrics[main].runs, 'times')}: {enough}"
    if spread := extra.get("spread"):
        yield _spread(spread, len(extra.get("hosts") or ()))
    if (busy := extra.get("busy_share")) is not None:
        bound = "; host-bound, so raise the batch, or ask for `compile`" if busy < HOST_BOUND_BELOW else ""
        yield f"the device computes for {busy:.0%} of the time{bound}"
    if (largest := extra.get("largest_batch")) is not None:
        yield f"largest batch that fits: {largest}" if largest else "not even one example fits"
    if ended := extra.get("knee_ended"):
        yield f"largest batch that pays: {extra.get('knee_batch') or 'not known'} ({ended})"
    yield from _beginning(extra)
    yield from _training(extra)
    yield from _tried(extra)
    if operations := _operations(extra):
        yield operations
    if (share := extra.get("within_share")) is not None:
        yield f"of the variance, {share:.0%} is within runs, the rest between them"
    if others := extra.get("others"):
        yield f"other processes on the device by the end of its steps: {_names(others)}"
    yield from extra.get("notes") or ()
    for name, why in (extra.get("omitted") or {}).items():
        yield f"{name}: left out, {why}"
    for operator in (extra.get("operators") or ())[:MOST_OPERATORS]:
        yield f"{operator['name']}: {operator['share']:.0%} of the time, {counted(operator['calls'], 'calls')}"


def _training(extra: Mapping[str, Any]) -> Iterator[str]:
    """Yield what was trained, on what, and how it was kept."""
    if (trained := extra.get("trainable_parameters")) is not None:
        yield f"trained parameters: {trained:,}"
    if (labels := extra.get("labels")) is not None:
        yield f"labelled examples: {labels:,}"
    if stored := extra.get("stored"):
        parts = (f"{which} in {' and '.join(kinds)}" for which, kinds in stored.items() if kinds)
        yield f"weights: {', '.join(parts)}; {extra.get('optimiser', 'optimiser unknown')}"
    tokens = extra.get("example_tokens") or [extra[name] for name in ("row_tokens",) if extra.get(name)]
    if tokens and (share := extra.get("padding_share")):
        yield f"tokens of an example: {fmean(tokens):.0f}, beside which {share:.0%} of the positions are padding"
    if tokens and (texts := fmean(extra.get("row_examples") or [1.0])) > 1:
        yield f"packed: {texts:.3g} texts to a row, of {fmean(tokens):.3g} tokens each; the last one of a row is cut"


def _longest(extra: Mapping[str, Any], name: str) -> str:
    """Return the longest of some seconds by repeat, in words; empty where none are known."""
    seconds = [one for one in extra.get(name) or () if one is not None]
    return f"{max(seconds):.2f} s at most over {counted(len(seconds), 'runs')}" if seconds else ""


def _beginning(extra: Mapping[str, Any]) -> Iterator[str]:
    """Yield how long the first step took, and its program to compile."""
    if first := _longest(extra, "time_to_first_step_seconds"):
        yield f"time to the first step: {first}"
    if compiling := _longest(extra, "compile_seconds"):
        yield f"compiling: {compiling}, by how much longer the first step took"


def _tried(extra: Mapping[str, Any]) -> Iterator[str]:
    """Yield the rates that a search tried, each with its share in every repeat; a dash where it has no figure."""
    repeats = extra.get("rates_tried") or ()
    rates = sorted({rate for one in repeats for rate in one}, key=lambda rate: (len(rate), rate))
    shares = {rate: [one[rate] for one in repeats if rate in one] for rate in rates}
    told = "; ".join(
        f"{rate}: {', '.join('–' if share is None else f'{share:.0%}' for share in each)}"
        for rate, each in shares.items()
    )
    if told:
        yield f"requests a minute tried, with the share of requests that kept the limits: {told}"


def _spread(spread: Mapping[str, Any], hosts: int) -> str:
    """Return how far hosts, repeats, and the steps within them spread."""
    parts = {name.replace("_", " "): value for name, value in spread.items() if name != "metric" and value is not None}
    told = ", ".join(f"{value:.1%} {name}" for name, value in parts.items())
    return f"over {counted(hosts, 'hosts')}, {spread['metric']} has standard deviations of {told}"


def _operations(extra: Mapping[str, Any]) -> str | None:
    """Return the operations of a step by formula, beside the count of the framework."""
    phases, count = extra.get("work") or {}, extra.get("framework_flops_per_step")
    formula = next((phases[phase]["flops"] for phase in ("step", "prefill") if phase in phases), None)
    if formula is None or not isinstance(count, int | float):
        return None
    several = int(extra.get("processes") or 1)
    each = f" of each of {several} processes" if several > 1 else ""
    return f"operations a step{each}: {formula:.4g} by formula, {count:.4g} counted by the framework"


def _memory(case: CaseResult) -> str:
    """Return the known figures in gibibytes."""
    known = {name.removesuffix("_bytes").replace("_", " "): value for name, value in case.memory.items()}
    return ", ".join(f"{name} {value / 2**30:.2f} GiB" for name, value in known.items() if value is not None)


def _energy(case: CaseResult) -> str:
    if case.energy is None:
        return "energy: unknown, no sensor"
    warnings = "".join(f"; {warning}" for warning in (case.energy.get("warnings") or ()))
    several = int(case.extra.get("devices") or 1)
    one = f", of one of {several} devices" if several > 1 else ""
    return f"energy: {case.energy['joules']:.1f} J by the {case.energy['source']}{one}{warnings}"


def _definitions(record: Record) -> Iterator[str]:
    shown = {*record.ceiling, *(name for case in record.cases for name in case.metrics)}
    if not shown:
        return
    yield ""
    yield "Definitions (intervals: Student's t over whole processes, wider where their width ended the repeats;"
    yield "rates as ratios of sums)"
    for name, metric in METRICS.items():
        if name in shown:
            yield f"  {name}: {metric.definition}"
