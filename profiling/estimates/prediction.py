"""What an estimate says: a value, its interval, what kind of evidence stands behind it, and in which words.

measured     this very case was measured on this device before
calibrated   the physical form, fitted to this device's own measurements
published    data sheets, and efficiencies that others published
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from profiling.errors import PredictionError
from profiling.estimates.fit import Interval

EVIDENCE = ("measured", "calibrated", "published")

NO_SENSOR = "no sensor measured the device's power, and a data sheet's is no measurement"

DEFINITIONS = {
    "seconds": "Training: one optimiser step. Classifying: one batch. Generating: one batch of whole answers,"
    " prefill and decode.",
    "tokens_per_second": "Training and classifying: tokens read a second, as records count them: no patches of"
    " images. Generating: tokens written a second.",
    "memory_bytes": "Peak on each device: what the process holds of it, not only what its tensors fill.",
    "joules": "Energy of the devices, as often as seconds are meant, at the mean power that was measured.",
    "cost": "Price of the devices' time for a million tokens, counted as in tokens_per_second; steps alone, without"
    " set-up, evaluation, checkpoints and failed runs.",
}


@dataclass(frozen=True)
class Prediction:
    """A value in `unit` that a measurement will find between `low` and `high` with probability `level`.

    Without a level the value is an upper figure that no interval is known for, and both bounds are the value.
    """

    value: float
    low: float
    high: float
    level: float | None
    unit: str
    evidence: str
    basis: str  # which records or rows stand behind it, and what was fitted
    leave_one_out_error: float | None  # typical relative error on rows left out of the fit; None: nothing was fitted

    @classmethod
    def of(cls, interval: Interval, unit: str, evidence: str, basis: str, error: float | None) -> Prediction:
        """A prediction from an interval."""
        return cls(interval.value, interval.low, interval.high, interval.level, unit, evidence, basis, error)

    @property
    def interval(self) -> Interval:
        """The numbers alone; raises PredictionError for an upper figure, which has none."""
        if self.level is None:
            raise PredictionError(f"{self.value:g} {self.unit} is an upper figure without an interval; read its value")
        return Interval(self.value, self.low, self.high, self.level)

    def to_json(self) -> dict[str, Any]:
        """The prediction as plain JSON."""
        return dict(vars(self))


@dataclass(frozen=True)
class Answer:
    """Everything that could be estimated of one case; `why` has a sentence for each figure that could not."""

    seconds: Prediction
    tokens_per_second: Prediction | None
    memory_bytes: Prediction | None
    joules: Prediction | None
    cost: Prediction | None
    capacity_bytes: float | None  # of one device
    why: Mapping[str, str]

    @property
    def figures(self) -> dict[str, Prediction | None]:
        """The figures by name, in the order in which they are shown."""
        return {name: getattr(self, name) for name in DEFINITIONS}

    @property
    def fits(self) -> bool | None:
        """Whether the memory suffices; None where its interval holds the capacity, or one of them is not known."""
        if self.memory_bytes is None or self.capacity_bytes is None:
            return None
        if self.memory_bytes.high <= self.capacity_bytes:
            return True
        return False if self.memory_bytes.low > self.capacity_bytes else None

    def to_json(self) -> dict[str, Any]:
        """The answer as plain JSON."""
        shown = {name: None if figure is None else figure.to_json() for name, figure in self.figures.items()}
        return {**shown, "capacity_bytes": self.capacity_bytes, "fits": self.fits, "why": dict(self.why)}
