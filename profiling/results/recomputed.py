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
from profiling.workload.kinds import KINDS
from profiling.workload.kinds.kind import Counts

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
    kind = KINDS.get(case.kind)
    factors = kind.by_step(case.point, case.extra, workload) if steps and kind and kind.by_step else {}
    values = {name: one.value for name, one in case.metrics.items()}
    whole = kind.whole(case.point, values) if steps and kind and kind.whole else {}
    for name, claimed in case.metrics.items():
        counts = factors.get(name)
        told = name in factors and (counts is None or len(counts) in (1, len(steps)))
        if told and len(steps) == claimed.runs:
            found = _estimate(name, counts, steps, case)
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


def _estimate(name: str, counts: Counts, steps: Sequence[Sequence[float]], case: CaseResult) -> Estimate:
    """Return a metric's ratio of sums over the repeats, with the interval that a profile run gives it."""
    metric = METRICS[name]
    seconds, taken = [fsum(one) for one in steps], [float(len(one)) for one in steps]
    if counts is None:
        found = intervals.ratio(seconds, taken, metric.unit)
    else:
        each = counts if len(counts) == len(taken) else [*counts] * len(taken)
        found = intervals.ratio([one * many for one, many in zip(each, taken, strict=True)], seconds, metric.unit)
    widened = case.extra.get("stopped") in (SURE, LATE)
    return intervals.after_stopping(found, metric.least, metric.most) if widened else found
