"""References to measurements: read from a scenario and resolved to a number with its interval.

A reference names a record beside the scenario, a metric, and the operating point where there are several:
`{measured: measurements/run.json, metric: tokens_per_second, at: {batch: 8}}`. With `within` it is the rate that the
record's curve over load gives while a limit on the wait is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

from scipy.special import ndtri

from profiling.errors import RecordError
from profiling.results import record as records
from profiling.results.curve import Curve
from profiling.results.record import Record
from simulator.engine.model import Array
from simulator.scenario.chances import Normal
from simulator.scenario.curves import Limit, OnCurve, measured, published
from simulator.scenario.values import BadValue

MEASUREMENTS = "measurements"
# Stands for an interval of no width, which a normal cannot have.
TINY = 1e-12
EXAMPLE = "write {measured: measurements/FILE.json, metric: NAME, at: {batch: 8}}"


@dataclass(frozen=True)
class Measured:
    """A measured number, drawn from a normal whose central interval is the record's own."""

    central: float
    low: float
    high: float
    level: float
    unit: str
    label: str
    created: str
    on_cpu: bool
    curve: Curve | None = None  # of which it was read, where it was
    limit: Limit | None = None

    @property
    def normal(self) -> Normal:
        """The distribution that it is drawn from."""
        deviations = 2 * float(ndtri(0.5 + self.level / 2))
        return Normal(self.central, max((self.high - self.low) / deviations, TINY * max(1.0, abs(self.central))))

    def quantile(self, share: Array) -> Array:
        """The normal's quantile."""
        return self.normal.quantile(share)

    def cdf(self, number: float) -> float:
        """The normal's share at or below a number."""
        return self.normal.cdf(number)


def resolve(reference: Mapping[str, Any], folder: Path) -> Measured | OnCurve:
    """The number behind a reference or a written curve in a scenario that lies in `folder`; raises BadValue.

    Only files below `folder` are read, so that a stranger's scenario cannot reach for others.
    """
    if "curve" in reference:
        return published(reference)
    unknown = set(reference) - {"measured", "metric", "at", "within"}
    if unknown or not isinstance(reference.get("measured"), str) or not isinstance(reference.get("metric"), str):
        raise BadValue("the reference is incomplete", EXAMPLE)
    named = PurePath(reference["measured"])
    path = (folder / named).resolve()
    outside = named.is_absolute() or ".." in named.parts or not path.is_relative_to(folder.resolve())
    if outside or path.suffix != ".json":
        raise BadValue(
            f"{reference['measured'][:120]!r} is not a record beside the scenario",
            f"put the record under {MEASUREMENTS}/ and name it from there",
        )
    at = reference.get("at", {})
    if not isinstance(at, Mapping):
        raise BadValue("`at` is not an operating point", "write it like {batch: 8}")
    try:
        record = records.load(path)
        found = _found(record, reference["metric"], dict(at), reference.get("within"))
    except RecordError as error:
        raise BadValue(str(error), "name a record, metric and point that exist") from None
    estimate, *curve = found
    interval = (estimate.value, estimate.low, estimate.high, estimate.level)
    return Measured(*interval, estimate.unit, record.label, record.created, record.on_cpu, *curve)


def _found(record: Record, metric: str, at: Mapping[str, Any], within: Any) -> tuple[Any, ...]:
    """The metric at one point; or, within a limit, its estimate with the curve and the limit."""
    return (record.estimate(metric, at),) if within is None else measured(record, metric, at, within)
