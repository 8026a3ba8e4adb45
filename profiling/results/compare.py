"""Two records side by side: is a change larger than the noise between runs?

Each metric rests on as many observations as the record has processes.  The ratio of two such figures gets an
interval from both spreads (Welch's, on the logarithms), and, since a record holds many figures of which one in
twenty would seem to change by chance alone, changes are called so by Holm's rule over all of them.  No torch.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from scipy.special import stdtr, stdtrit

from profiling.architecture import source
from profiling.results.metrics import METRICS
from profiling.results.record import CaseResult, Estimate, Record

LEVEL = 0.95
# A ratio is not known where the logarithm of its interval reaches further than this to either side.
WIDEST = 100.0
# Of the memory figures of a case, those that say what it took at most.
PEAKS = ("allocated_peak_bytes", "reserved_peak_bytes", "resident_peak_bytes")
# Memory is a count without an interval; what allocators and systems vary by is less than this.
MEMORY_TOLERANCE = 0.05
# What differs from run to run, or is told apart otherwise.
UNTOLD = ("hash", "model", "name", "seeds", "cases", "kind", "id")


@dataclass(frozen=True)
class Change:
    """One figure in both records: the new over the old, with an interval, and whether that is more than noise."""

    where: str
    metric: str
    old: Estimate
    new: Estimate
    ratio: float | None  # None where nothing can be said: of zero, of one process, of an interval without end
    low: float | None
    high: float | None
    p_value: float | None
    real: bool

    @property
    def welcome(self) -> bool | None:
        """Whether a real change is for the better; None where there is no change, or no better direction."""
        metric = METRICS.get(self.metric)
        if not self.real or self.ratio is None or metric is None or metric.better is None:
            return None
        return (self.ratio > 1) == (metric.better == "higher")

    def to_json(self) -> dict[str, Any]:
        """Return the change as plain JSON."""
        return {**vars(self), "old": self.old.to_json(), "new": self.new.to_json(), "welcome": self.welcome}


@dataclass(frozen=True)
class Comparison:
    """What two records say together: changes, what else differs between the runs, and cases without a partner."""

    old: Record
    new: Record
    changes: tuple[Change, ...]
    differences: tuple[str, ...]
    unmatched: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the comparison as plain JSON."""
        return {
            "old": self.old.id,
            "new": self.new.id,
            "level": LEVEL,
            "changes": [change.to_json() for change in self.changes],
            "differences": list(self.differences),
            "unmatched": list(self.unmatched),
        }


def compare(old: Record, new: Record) -> Comparison:
    """Return both records' figures at the points that they share; what only one has measured is named."""
    pairs = [
        (before, after)
        for after in new.cases
        for before in old.cases
        if before.kind == after.kind and dict(before.point) == dict(after.point)
    ]
    found = [_change(before, after, name) for before, after in pairs for name in _shared(before, after)]
    matched = {id(case) for pair in pairs for case in pair}
    lone = [
        f"{case.where}: only in {record.id}"
        for record in (old, new)
        for case in record.cases
        if id(case) not in matched
    ]
    ended = [line for before, after in pairs for line in _memory(before, after)]
    ended += [
        f"{after.where}: {_ending(before)} before, {_ending(after)} now"
        for before, after in pairs
        if _ending(before) != _ending(after)
    ]
    return Comparison(old, new, tuple(_judged(found)), (*differences(old, new), *ended), tuple(lone))


def _shared(before: CaseResult, after: CaseResult) -> list[str]:
    """Return metrics that both have measured in the same unit."""
    if not (before.ok and after.ok):
        return []
    return [
        name for name, new in after.metrics.items() if name in before.metrics and before.metrics[name].unit == new.unit
    ]


def _memory(before: CaseResult, after: CaseResult) -> Iterator[str]:
    """Yield memory that grew or shrank, and another largest batch."""
    old, new = (case.extra.get("largest_batch") for case in (before, after))
    if old != new and None not in (old, new):
        yield f"{after.where}: largest batch {old}, now {new}"
    for name, taken in after.memory.items():
        had = before.memory.get(name)
        if name in PEAKS and had and taken and abs(taken / had - 1) > MEMORY_TOLERANCE:
            yield f"{after.where}: {name.removesuffix('_bytes').replace('_', ' ')} {taken / had - 1:+.0%}"


def _ending(case: CaseResult) -> str:
    """Return how a case ended, in words."""
    return case.status.replace("_", " ") + (", throttled" if case.throttled else "")


def _change(before: CaseResult, after: CaseResult, metric: str) -> Change:
    """Return a figure's change with its own interval; whether it is real is judged over all of them."""
    old, new = before.metrics[metric], after.metrics[metric]
    unknown = Change(after.where, metric, old, new, None, None, None, None, real=False)
    if min(old.value, new.value) <= 0 or min(old.runs, new.runs) < 2:
        return unknown
    ratio, (spread, freedom) = new.value / old.value, _welch(old, new)
    if spread == 0:
        same = ratio == 1
        return Change(after.where, metric, old, new, ratio, ratio, ratio, 1.0 if same else 0.0, real=not same)
    half = float(stdtrit(freedom, (1 + LEVEL) / 2)) * spread
    if half > WIDEST:
        return unknown
    width = math.exp(half)
    p_value = 2 * float(stdtr(freedom, -abs(math.log(ratio)) / spread))
    return Change(after.where, metric, old, new, ratio, ratio / width, ratio * width, p_value, real=False)


def _welch(old: Estimate, new: Estimate) -> tuple[float, float]:
    """Return the standard error of the logarithm of the ratio, and its degrees of freedom.

    Source: B. L. Welch, Biometrika 34 (1947), 28-35, with the delta method for the logarithm.
    """
    parts = [((standard_error(one) / one.value) ** 2, one.runs - 1) for one in (old, new)]
    total = sum(variance for variance, _ in parts)
    if total == 0:
        return 0.0, 1.0
    return math.sqrt(total), total**2 / sum(variance**2 / freedom for variance, freedom in parts)


def standard_error(estimate: Estimate) -> float:
    """Return the standard error from the wider half of an interval: the other may end at a bound."""
    deviations = float(stdtrit(estimate.runs - 1, (1 + estimate.level) / 2))
    return max(estimate.high - estimate.value, estimate.value - estimate.low) / deviations


def _judged(changes: Sequence[Change]) -> Iterator[Change]:
    """Yield each change with Holm's verdict: in order of p, each against the level over those that are left.

    Source: S. Holm, Scandinavian Journal of Statistics 6 (1979), 65-70.
    """
    tested = sorted((one.p_value, place) for place, one in enumerate(changes) if one.p_value is not None)
    real: set[int] = set()
    for rank, (p_value, place) in enumerate(tested):
        if p_value > (1 - LEVEL) / (len(tested) - rank):
            break
        real.add(place)
    for place, one in enumerate(changes):
        yield Change(**{**vars(one), "real": place in real})


def differences(old: Record, new: Record) -> list[str]:
    """Return what differs between the runs beside their figures, and so may explain a change."""
    found = [f"device: {old.label}, now {new.label}"] if old.label != new.label else []
    old_model, new_model = (source.title(record.workload.get("model") or {}) for record in (old, new))
    if old_model != new_model:
        found.append(f"model: {old_model}, now {new_model}")
    for title, before, after in (
        ("", old.software, new.software),
        ("workload ", old.workload, new.workload),
        ("device ", old.device, new.device),
    ):
        both = [name for name in before if name in after and name not in UNTOLD]
        found += [f"{title}{name}: {before[name]}, now {after[name]}" for name in both if before[name] != after[name]]
    return found


def before(record: Record, others: Sequence[Record]) -> Record | None:
    """Return the newest record older than this one, of the same preset on the same device; None where there is none."""
    older = [
        other
        for other in others
        if (other.preset, other.label) == (record.preset, record.label) and other.created < record.created
    ]
    return max(older, key=lambda other: other.created, default=None)


def text(comparison: Comparison) -> str:
    """Return the comparison for people: what changed for real, what did not, and what else is not the same."""
    real = [change for change in comparison.changes if change.real]
    lines = [f"{comparison.new.id} against {comparison.old.id}"]
    lines += [f"  {words(change)}" for change in real]
    judged = [change for change in comparison.changes if change.p_value is not None]
    quiet = len(judged) - len(real)
    lines += [f"  {_quiet(judged, quiet)}"] if quiet else []
    lines += [f"  {figures(change)}, which cannot be judged" for change in comparison.changes if change.p_value is None]
    lines += [] if comparison.changes else ["  no figure was measured at the same point in both"]
    for title, found in (("also different", comparison.differences), ("not compared", comparison.unmatched)):
        lines += ["", f"{title}:", *(f"  {line}" for line in found)] if found else []
    lines += ["", f"A change counts where chance makes one so large in fewer than {1 - LEVEL:.0%} of comparisons, by"]
    return "\n".join([*lines, "Welch's interval over processes, and Holm's rule over all figures compared."])


def figures(change: Change) -> str:
    """Return a figure in both records, without a verdict."""
    return f"{change.where}: {change.metric} {change.old}, now {change.new}"


def words(change: Change) -> str:
    """Return one real change: `train, batch 4: step_seconds 12 % lower (8 % to 16 %), better`."""
    ends = sorted(abs(end - 1) for end in (change.low, change.high) if end is not None)
    assert change.ratio is not None
    judged = {True: ", better", False: ", worse", None: ""}[change.welcome]
    way = "higher" if change.ratio > 1 else "lower"
    return (
        f"{change.where}: {change.metric} {abs(change.ratio - 1):.1%} {way} "
        f"({ends[0]:.1%} to {ends[1]:.1%}){judged}: {change.old}, now {change.new}"
    )


def _quiet(changes: Sequence[Change], count: int) -> str:
    """Return how many figures moved within their noise, and how small a change would have shown in half of them."""
    widths = sorted(
        change.high / change.ratio - 1 for change in changes if change.ratio and change.high and not change.real
    )
    seen = f"; half of them would have shown a change of {widths[len(widths) // 2]:.0%}" if widths else ""
    figures = "1 figure" if count == 1 else f"{count} figures"
    return f"{figures} did not change by more than the noise between runs{seen}"
