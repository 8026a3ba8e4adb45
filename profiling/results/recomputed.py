"""Whether a record's figures follow from its own samples, so that nobody has to take them on trust.

A case of steps keeps the seconds of every step of every repeat; its rates and times per step, with their intervals,
are computed from these anew. A generating case keeps its decoding steps only: figures of the whole request are held to
the figures that they are made of. What no sample tells, such as memory, energy and accuracy, stays unchecked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import fsum
from typing import Any

from profiling.results import intervals
from profiling.results.metrics import METRICS
from profiling.results.record import LATE, SURE, CaseResult, Estimate, Record

# Samples have six digits, and leave out the moments between steps, which a figure's window has.
TOLERANCE = 0.005
# A step of a month is no sample.
LONGEST_STEP = 2.6e6


@dataclass(frozen=True)
class Recomputed:
    """One figure of a case: as the record claims it, and as its samples give it.

    `found` is None where no sample tells; its interval is None where samples give the value alone.
    """

    case: str
    metric: str
    claimed: Estimate
    found: float | None
    interval: tuple[float, float] | None = None

    @property
    def agrees(self) -> bool:
        """Whether nothing contradicts the claim."""
        if self.found is None:
            return True
        pairs = [(self.claimed.value, self.found)]
        if self.interval is not None:
            pairs += zip((self.claimed.low, self.claimed.high), self.interval, strict=True)
        return all(abs(one - other) <= TOLERANCE * abs(self.claimed.value) for one, other in pairs)


def recomputed(record: Record) -> list[Recomputed]:
    """Return every figure of the finished cases beside what the record's own samples give."""
    return [one for case in record.cases if case.ok for one in _of_case(case, record.workload)]


def _of_case(case: CaseResult, workload: Mapping[str, Any]) -> Iterator[Recomputed]:
    steps = _steps(case)
    factors = _factors(case, workload) if steps else {}
    whole = _whole(case) if steps else {}
    for name, claimed in case.metrics.items():
        if name in factors and len(steps) == claimed.runs:
            found = _estimate(name, factors[name], steps, case)
            yield Recomputed(case.where, name, claimed, found.value, (found.low, found.high))
        else:
            yield Recomputed(case.where, name, claimed, whole.get(name))


def _steps(case: CaseResult) -> list[list[float]]:
    """Return the seconds of every step by repeat; none where the samples are of something else, or of several hosts."""
    found = case.samples.get("step_seconds")
    if "hosts" in case.extra or not isinstance(found, list) or len(found) < 2:
        return []
    if not all(isinstance(one, list) and one for one in found):
        return []
    numbers = all(type(second) in (int, float) and 0 < second < LONGEST_STEP for one in found for second in one)
    return found if numbers else []


def _factors(case: CaseResult, workload: Mapping[str, Any]) -> dict[str, float | None]:
    """Return by metric what each step counts for a rate, such as its tokens; None for the time of a step itself."""
    point, extra = case.point, case.extra
    batch, tokens = point.get("batch", 0), point.get("tokens", 0)
    if case.kind == "train":
        accumulation = point.get("accumulation", workload.get("accumulation"))
        examples = float(batch * _or_one(accumulation) * _or_one(extra.get("processes")))
        rates = {"training_examples_per_second": examples}
        rates["training_tokens_per_second"] = examples * (extra.get("row_tokens") or tokens)
        return {"step_seconds": None, **rates}
    if case.kind == "classify":
        return {
            "batch_seconds": None,
            "requests_per_second": float(batch),
            "tokens_per_second": float(batch * tokens),
        }
    return {"tpot_seconds": None, "decode_tokens_per_second": float(batch)} if case.kind == "generate" else {}


def _or_one(count: object) -> int:
    return count if isinstance(count, int) and count > 0 else 1


def _whole(case: CaseResult) -> dict[str, float]:
    """Return what follows for whole requests from the time to the first token and that for each further one."""
    first, further = (case.metrics.get(name) for name in ("ttft_seconds", "tpot_seconds"))
    batch, prompt, new = (case.point.get(name, 0) for name in ("batch", "prompt_tokens", "new_tokens"))
    if case.kind != "generate" or not (batch and new and first and further and first.value > 0):
        return {}
    seconds = first.value + (new - 1) * further.value
    return {
        "tokens_per_second": batch * new / seconds,
        "requests_per_second": batch / seconds,
        "prefill_tokens_per_second": batch * prompt / first.value,
    }


def _estimate(name: str, factor: float | None, steps: Sequence[Sequence[float]], case: CaseResult) -> Estimate:
    """Return a metric's ratio of sums over the repeats, with the interval that a profile run gives it."""
    metric = METRICS[name]
    seconds, counts = [fsum(one) for one in steps], [float(len(one)) for one in steps]
    if factor is None:
        found = intervals.ratio(seconds, counts, metric.unit)
    else:
        found = intervals.ratio([factor * count for count in counts], seconds, metric.unit)
    widened = case.extra.get("stopped") in (SURE, LATE)
    return intervals.after_stopping(found, metric.least, metric.most) if widened else found
