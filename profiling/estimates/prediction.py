"""An estimate: a value, its interval, and the evidence for it.

measured     the same case was measured on this device
calibrated   the physical form, fitted to this device's own measurements
published    data sheets, and published efficiencies
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from profiling.errors import Phrase, PredictionError
from profiling.estimates import fitting
from profiling.estimates.fit import Interval
from profiling.estimates.fitting import Place

EVIDENCE = ("measured", "calibrated", "published")

NO_SENSOR = Phrase("no sensor measured the device's power, and a data sheet's TDP is not a measurement")

DEFINITIONS = {
    "seconds": "Training: one optimiser step. Classifying: one batch. Generating: one batch of whole answers,"
    " prefill and decode.",
    "tokens_per_second": "Training and classifying: tokens read per second, as records count them, without patches"
    " of images. Generating: tokens written per second.",
    "memory_bytes": "Peak on each device: all memory that the process holds, not only that of its tensors.",
    "joules": "Energy of the devices over the seconds, at the measured mean power.",
    "cost": "Price of the devices' time for a million tokens, counted as in tokens_per_second; steps only, without"
    " set-up, evaluation, checkpoints and failed runs.",
}


@dataclass(frozen=True)
class Prediction:
    """A value in `unit`; a measurement lies between `low` and `high` with probability `level`.

    Without a level the value is an upper bound without an interval, and both bounds are the value.
    """

    value: float
    low: float
    high: float
    level: float | None
    unit: str
    evidence: str
    basis: str  # the records or rows behind the value, and what was fitted
    leave_one_out_error: float | None  # typical relative error on rows left out of the fit; None: no fit

    @classmethod
    def of(cls, interval: Interval, unit: str, evidence: str, basis: str, error: float | None) -> Prediction:
        """Return a prediction from an interval."""
        return cls(interval.value, interval.low, interval.high, interval.level, unit, evidence, basis, error)

    def derived(self, interval: Interval, unit: str, basis: str | None = None) -> Prediction:
        """Return another figure computed from this one, which has the same evidence."""
        return Prediction.of(interval, unit, self.evidence, basis or self.basis, self.leave_one_out_error)

    @property
    def interval(self) -> Interval:
        """Value, bounds and level; raises PredictionError for an upper bound, which has no interval."""
        if self.level is None:
            bound = Phrase("{value:g} {unit} is an upper bound without an interval", value=self.value, unit=self.unit)
            raise PredictionError(bound, todo="read its value")
        return Interval(self.value, self.low, self.high, self.level)

    def to_json(self) -> dict[str, Any]:
        """Return the prediction as plain JSON."""
        return dict(vars(self))


@dataclass(frozen=True)
class Answer:
    """All figures of one case; `why` has a sentence for each figure that is missing."""

    seconds: Prediction
    tokens_per_second: Prediction | None
    memory_bytes: Prediction | None
    joules: Prediction | None
    cost: Prediction | None
    capacity_bytes: float | None  # of one device
    why: Mapping[str, str]
    least_bytes: float | None = None  # on each device, by arithmetic
    counted_whole: bool = False  # whether arithmetic knows every part of it
    fits_on: tuple[Place, ...] = ()  # where it would fit, if it does not here
    assumptions: tuple[str, ...] = ()  # beside the coordinates; a record's basis has its own setting

    @property
    def figures(self) -> dict[str, Prediction | None]:
        """Figures by name, in the order in which they are shown."""
        return {name: getattr(self, name) for name in DEFINITIONS}

    @property
    def fits(self) -> bool | None:
        """Whether the memory suffices; None where the interval contains the capacity, or either is unknown.

        Whatever was measured fitted. What arithmetic alone needs is a bound that no interval is asked about, and
        decides where there is no interval.
        """
        if self.seconds.evidence == "measured":
            return True
        if self.capacity_bytes is None:
            return None
        if not fitting.fits(self.least_bytes or 0.0, self.capacity_bytes):
            return False
        if self.memory_bytes is None:
            return True if self.counted_whole else None
        if self.memory_bytes.high <= self.capacity_bytes:
            return True
        return False if self.memory_bytes.low > self.capacity_bytes else None

    def to_json(self) -> dict[str, Any]:
        """Return the answer as plain JSON."""
        shown = {name: None if figure is None else figure.to_json() for name, figure in self.figures.items()}
        told: dict[str, Any] = {
            "capacity_bytes": self.capacity_bytes,
            "least_bytes": self.least_bytes,
            "fits": self.fits,
        }
        told["assumptions"] = list(self.assumptions)
        return {**shown, **told, "fits_on": [vars(place) for place in self.fits_on], "why": dict(self.why)}
