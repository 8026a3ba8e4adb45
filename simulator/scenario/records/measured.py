"""References to records: read from a scenario and resolved to a measured number with its interval.

A reference names a record beside the scenario, a metric, and the case where there are several:
`{measured: measurements/run.json, metric: tokens_per_second, at: {batch: 8}}`. With `within` the number is the rate on
the record's curve at a latency limit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from os.path import realpath
from pathlib import Path, PurePath
from typing import Any

from scipy.special import ndtri

from profiling.errors import Phrase, RecordError
from profiling.results import record as records
from profiling.results.curve import Curve
from simulator.engine.model import Array
from simulator.errors import BadValue
from simulator.scenario.chances import Normal
from simulator.scenario.records.curves import AboutCurve, Limit, OnCurve, measured, published
from simulator.scenario.values import LARGEST_NUMBER

MEASUREMENTS = "measurements"
# The relative deviation of a normal for an interval of no width, where a normal needs one above zero.
TINY = 1e-12
EXAMPLE = "write {measured: measurements/FILE.json, metric: NAME, at: {batch: 8}}"


@dataclass(frozen=True)
class Measured:
    """A measured number, drawn from the normal distribution whose central interval is the record's own."""

    central: float
    low: float
    high: float
    level: float
    unit: str
    label: str
    created: str
    on_cpu: bool
    curve: Curve | None = None  # the curve that the number was read from, if any
    limit: Limit | None = None

    @property
    def normal(self) -> Normal:
        """Distribution that the number is drawn from."""
        deviations = 2 * float(ndtri(0.5 + self.level / 2))
        return Normal(self.central, max((self.high - self.low) / deviations, TINY * max(1.0, abs(self.central))))

    def quantile(self, share: Array) -> Array:
        """Return the normal's quantile."""
        return self.normal.quantile(share)

    def cdf(self, number: float) -> float:
        """Return the normal's share at or below a number."""
        return self.normal.cdf(number)


def _load(path: Path) -> records.Record:
    """Return the record in a file, read once for all references to it; raises RecordError."""
    try:
        now = path.stat()
    except OSError:
        return records.load(path)  # says why it cannot be read
    return _read(path, (now.st_ino, now.st_mtime_ns, now.st_size))


@lru_cache(maxsize=32)
def _read(path: Path, _stands: tuple[int, int, int]) -> records.Record:
    return records.load(path)


def resolve(reference: Mapping[str, Any], folder: Path) -> Measured | OnCurve | AboutCurve:
    """Return the number that a reference or a written curve stands for, in a scenario in `folder`; raises BadValue.

    Only files below `folder` are read, so that a scenario from a stranger cannot read others.
    """
    if "curve" in reference:
        return published(reference)
    unknown = set(reference) - {"measured", "metric", "at", "within"}
    if unknown or not isinstance(reference.get("measured"), str) or not isinstance(reference.get("metric"), str):
        raise BadValue("the reference is incomplete", EXAMPLE)
    named = PurePath(reference["measured"])
    path = Path(realpath(folder / named))
    outside = named.is_absolute() or ".." in named.parts or not path.is_relative_to(realpath(folder))
    if outside or path.suffix != ".json":
        what = Phrase("{reference!r} is not a record beside the scenario", reference=reference["measured"][:120])
        raise BadValue(
            what, Phrase("put the record under {measurements}/ and name it from there", measurements=MEASUREMENTS)
        )
    at = reference.get("at", {})
    if not isinstance(at, Mapping):
        raise BadValue("`at` does not choose a case", "write it like {batch: 8}")
    metric, within = reference["metric"], reference.get("within")
    try:
        record = _load(path)
        if within is None:
            estimate, curve, limit = record.estimate(metric, dict(at)), None, None
        else:
            estimate, curve, limit = measured(record, metric, dict(at), within)
    except RecordError as error:
        raise BadValue(error.told, error.todo or "name a record, metric and case that exist") from None
    interval = (estimate.value, estimate.low, estimate.high, estimate.level)
    if max(map(abs, interval)) > LARGEST_NUMBER:
        raise BadValue(
            Phrase("the record gives {value:g}, which is not a usable number", value=estimate.value), "measure again"
        )
    return Measured(*interval, estimate.unit, record.label, record.created, record.on_cpu, curve, limit)
