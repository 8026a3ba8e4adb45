"""One page of what a device does: what tokens, an epoch and a run cost on it, how sure, and what bounds them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from profiling.errors import rounded
from profiling.measure.stopping import MOST_TAKEN, WIDEST
from profiling.results import figures
from profiling.results.costs import SECONDS_PER_HOUR, Priced
from profiling.results.record import CaseResult, Estimate, Record
from profiling.results.report import CPU_WARNING, HOST_BOUND_BELOW
from profiling.workload.kinds import KINDS

# Why a case was cancelled: only a survey's own clock cancels its runs.
TIME_UP = "the time was up"
EPOCH_EXAMPLES = 10_000
RUN_TOKENS = 1e9
# From this share of a ceiling on, it is what bounds a step.
AT_CEILING = 0.4
CEILINGS = {"mfu": "arithmetic", "mbu": "memory bandwidth"}
COPY = "copy_bytes_per_second"


@dataclass(frozen=True)
class Finding:
    """One case in the words of somebody who plans with it."""

    model: str
    case: str
    rate: Estimate
    seconds: dict[str, float]  # of a million tokens, an epoch, a run
    cost: dict[str, float] | None  # None: nobody gave or listed a price
    bound: str
    larger: str  # what larger batches brought; empty where none was tried
    doubt: str  # why the figure is not sure enough for a plan; empty where it is

    def to_json(self) -> dict[str, Any]:
        """Return the finding as plain JSON."""
        return {**vars(self), "rate": self.rate.to_json()}


def findings(records: Sequence[Record], price: Priced | None) -> list[Finding]:
    """Return a finding for each case that has a rate; a noisy one says so."""
    return [
        found for record in records for case in record.cases if (found := _finding(record, case, price)) is not None
    ]


def _finding(record: Record, case: CaseResult, price: Priced | None) -> Finding | None:
    name = next((one for one in figures.rates(case) if one in case.metrics), None)
    if name is None or (rate := case.metrics[name]).value <= 0:
        return None
    model = record.preset.removeprefix("survey-")
    seconds = {"a million tokens": 1e6 / rate.value}
    if case.kind == "train":
        tokens = EPOCH_EXAMPLES * int(case.point["tokens"])
        factor = case.metrics["step_to_run_factor"].value if "step_to_run_factor" in case.metrics else 1.0
        seconds[f"an epoch of {EPOCH_EXAMPLES:,} examples"] = tokens / rate.value * factor
        seconds["a run of a billion tokens"] = RUN_TOKENS / rate.value
    cost = None
    if price is not None:
        cost = {what: spent * price.per_hour / SECONDS_PER_HOUR for what, spent in seconds.items()}
    return Finding(
        model,
        case.where,
        rate,
        seconds,
        cost,
        bound(case, record.ceiling),
        _larger(case),
        "" if case.ok else str(case.why),
    )


def bound(case: CaseResult, ceilings: Mapping[str, Estimate]) -> str:
    """Return what bounds a case: a ceiling that it comes near to, or else the host and what else runs there.

    A ceiling that is not known itself bounds nothing.
    """
    name = KINDS[case.kind].utilisation
    used = case.metrics[name].value if name in case.metrics else None
    busy = case.extra.get("busy_share")
    if used is None:
        return "not known"
    share = f"{used:.0%} of the {CEILINGS[name]} that was measured"
    ceiling = ceilings.get(f"{case.extra.get('arithmetic')}_matmul_flops_per_second" if name == "mfu" else COPY)
    if ceiling is not None and ceiling.high - ceiling.low > 2 * WIDEST * ceiling.value:
        return f"not known: the {CEILINGS[name]} was measured as {ceiling}, too noisy to tell"
    if used >= AT_CEILING:
        return f"{CEILINGS[name]} ({share})"
    if busy is not None and busy < HOST_BOUND_BELOW:
        return f"the host: the device computes for {busy:.0%} of the time ({share})"
    if (taken := case.extra.get("taken_share") or 0.0) > MOST_TAKEN:
        return f"other programs, probably: they took {taken:.0%} of the cores ({share})"
    return f"no ceiling; probably what each small operation takes beside its work ({share})"


def _larger(case: CaseResult) -> str:
    rates = case.extra.get("knee_rates") or {}
    if not rates:
        return ""
    told = ", ".join(f"{batch}: {rounded(rate)}" for batch, rate in rates.items())
    return f"examples a second by batch {told}; {case.extra.get('knee_ended')}"


def untried(records: Sequence[Record], missing: Sequence[str]) -> list[str]:
    """Return what gave no figure, each with the reason."""
    found = [
        f"{record.preset.removeprefix('survey-')}, {case.where}: "
        + (TIME_UP if case.status == "cancelled" else f"{case.status.replace('_', ' ')} ({case.why})")
        for record in records
        for case in record.cases
        if not case.metrics
    ]
    return [*found, *missing]


def text(records: Sequence[Record], price: Priced | None, missing: Sequence[str]) -> str:
    """Return the page."""
    return "\n".join(_lines(records, price, missing))


def _lines(records: Sequence[Record], price: Priced | None, missing: Sequence[str]) -> Iterator[str]:
    first = records[0]
    yield f"What {first.label} does, in {first.workload['precision']}, with {first.workload['engine']}"
    if first.on_cpu:
        yield CPU_WARNING
    ceilings = "; ".join(f"{_ceiling(name)} {one}" for name, one in _fastest(records).items())
    yield f"Ceilings{f', the fastest of {len(records)} looks' if len(records) > 1 else ''}: {ceilings}"
    yield f"Costs at {price}" if price else "No price is listed for this device: --price-per-hour tells the costs."
    for found in findings(records, price):
        yield ""
        yield f"{found.model}, {found.case}"
        yield f"  {found.rate}{f'; too noisy: {found.doubt}' if found.doubt else ''}"
        for what, seconds in found.seconds.items():
            priced = f", {rounded(found.cost[what])} {price.currency}" if found.cost and price else ""
            yield f"  {what}: {_time(seconds)}{priced}{_range(found.rate)}"
        yield f"  bound by {found.bound}"
        if found.larger:
            yield f"  {found.larger}"
    if left := untried(records, missing):
        yield ""
        yield "Without a figure"
        yield from (f"  {one}" for one in left)
        if any(one.endswith(TIME_UP) for one in left):
            yield "  Larger --minutes leave time for these."


def _fastest(records: Sequence[Record]) -> dict[str, Estimate]:
    """Return the fastest of each ceiling: every run looks anew, and a disturbed look is slower than the device."""
    looks = [(name, one) for record in records for name, one in record.ceiling.items()]
    return dict(sorted(looks, key=lambda look: look[1].value))


def _ceiling(name: str) -> str:
    """Return what a ceiling bounds, in words."""
    words = name.removesuffix("_per_second").removesuffix("_flops").removesuffix("_bytes").replace("_", " ")
    return words.replace("matmul", "matrix product").replace("copy", "memory copy")


def _range(rate: Estimate) -> str:
    """Return how far a time or a cost may be off, as shares of it, by the interval of its rate."""
    if rate.low <= 0:
        return " (or far more)"
    return f" ({rate.value / rate.high - 1:+.0%} to {rate.value / rate.low - 1:+.0%})"


def _time(seconds: float) -> str:
    if seconds < 120:
        return f"{rounded(seconds)} s"
    return (
        f"{rounded(seconds / 60)} min" if seconds < 2 * SECONDS_PER_HOUR else f"{rounded(seconds / SECONDS_PER_HOUR)} h"
    )
