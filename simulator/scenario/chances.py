"""What one number of a plan may be: fixed, or a distribution by its quantiles.

Each has a centre, which the base plan takes, and an inverse: the number that a given share of draws stays below.
Drawing by quantiles lets a distribution be cut off at the edge of what makes sense, and be correlated by rank.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy import special

from simulator.engine.model import Array


class Part(Protocol):
    """One number of a value, certain or not."""

    @property
    def central(self) -> float:
        """What the base plan takes."""

    def quantile(self, share: Array) -> Array:
        """The number that this share of all draws stays below."""

    def cdf(self, number: float) -> float:
        """The share of draws at or below a number."""


@dataclass(frozen=True)
class Fixed:
    """A number without doubt."""

    central: float

    def quantile(self, share: Array) -> Array:
        """The number itself, for every draw."""
        return np.full_like(share, self.central)

    def cdf(self, number: float) -> float:
        """A step at the number."""
        return float(number >= self.central)


@dataclass(frozen=True)
class Normal:
    """The normal distribution; its centre is the mean."""

    central: float
    deviation: float

    def quantile(self, share: Array) -> Array:
        """mean + deviation × z."""
        return self.central + self.deviation * np.asarray(special.ndtri(share))

    def cdf(self, number: float) -> float:
        """Φ of the standardised number."""
        return float(special.ndtr((number - self.central) / self.deviation))


@dataclass(frozen=True)
class LogNormal:
    """A quantity whose logarithm is normal with mean `mu` and deviation `sigma`; its centre is the median."""

    mu: float
    sigma: float

    @property
    def central(self) -> float:
        """The median, exp(mu)."""
        return math.exp(self.mu)

    @property
    def mean(self) -> float:
        """exp(mu + sigma² / 2)."""
        return math.exp(self.mu + self.sigma**2 / 2)

    def quantile(self, share: Array) -> Array:
        """exp(mu + sigma × z)."""
        return np.asarray(np.exp(self.mu + self.sigma * special.ndtri(share)))

    def cdf(self, number: float) -> float:
        """Φ of the standardised logarithm."""
        return float(special.ndtr((math.log(number) - self.mu) / self.sigma)) if number > 0 else 0.0


@dataclass(frozen=True)
class Pert:
    """PERT: a beta distribution on [low, high] whose mean weighs the most likely value four times."""

    low: float
    central: float
    high: float

    @property
    def mean(self) -> float:
        """(low + 4 × most likely + high) / 6."""
        return (self.low + 4 * self.central + self.high) / 6

    @property
    def _shape(self) -> tuple[float, float]:
        width = self.high - self.low
        return 1 + 4 * (self.central - self.low) / width, 1 + 4 * (self.high - self.central) / width

    def quantile(self, share: Array) -> Array:
        """The inverse of the incomplete beta function, stretched to [low, high]."""
        return self.low + (self.high - self.low) * np.asarray(special.betaincinv(*self._shape, share))

    def cdf(self, number: float) -> float:
        """The incomplete beta function."""
        share = (number - self.low) / (self.high - self.low)
        return float(special.betainc(*self._shape, min(max(share, 0.0), 1.0)))


@dataclass(frozen=True)
class Uniform:
    """Any number from low to high, all equally likely; its centre is the middle."""

    low: float
    high: float

    @property
    def central(self) -> float:
        """The middle."""
        return (self.low + self.high) / 2

    def quantile(self, share: Array) -> Array:
        """A straight line from low to high."""
        return self.low + (self.high - self.low) * share

    def cdf(self, number: float) -> float:
        """How far along the number lies."""
        return min(max((number - self.low) / (self.high - self.low), 0.0), 1.0)


@dataclass(frozen=True)
class Samples:
    """Observed numbers, sorted; draws fall between neighbours, and the centre is the median."""

    numbers: tuple[float, ...]

    @property
    def central(self) -> float:
        """The median."""
        return float(np.median(self.numbers))

    def quantile(self, share: Array) -> Array:
        """Linear between the sorted numbers."""
        return np.interp(share, np.linspace(0, 1, len(self.numbers)), self.numbers)

    def cdf(self, number: float) -> float:
        """Linear between the sorted numbers."""
        return float(np.interp(number, self.numbers, np.linspace(0, 1, len(self.numbers))))


@dataclass(frozen=True)
class YesOrNo:
    """1 with a probability, otherwise 0; its centre is whichever is likelier, 1 where both are."""

    probability: float

    @property
    def central(self) -> float:
        """1 from a probability of one half on, else 0."""
        return float(self.probability >= 0.5)

    def quantile(self, share: Array) -> Array:
        """0 up to the share of draws that say no, then 1."""
        return np.where(np.asarray(share) > 1 - self.probability, 1.0, 0.0)

    def cdf(self, number: float) -> float:
        """A step at 0 and a step at 1."""
        return 0.0 if number < 0 else 1 - self.probability if number < 1 else 1.0


def legal_shares(part: Part, low: float, high: float) -> tuple[float, float]:
    """The shares of draws below `low` and up to `high`; draws that lie on an end are within the range."""
    return part.cdf(math.nextafter(low, -math.inf)), part.cdf(high)
