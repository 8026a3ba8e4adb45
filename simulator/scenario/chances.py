"""The parts of a value: a fixed number, or a distribution given by its quantiles; and walks and rank correlations.

Each part has a centre, which the base case uses, and a quantile function, the inverse of its cumulative distribution.
Sampling through quantiles allows a distribution to be truncated at the range that makes sense, and correlated by rank.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import numpy as np
from scipy import special

from simulator.engine.model import Array

Correlations = Sequence[tuple[str, str, float]]


class Part(Protocol):
    """One number of a value, certain or uncertain."""

    @property
    def central(self) -> float:
        """The number that the base case uses."""

    def quantile(self, share: Array) -> Array:
        """Return the number that this share of all draws is at or below."""

    def cdf(self, number: float) -> float:
        """Return the share of draws at or below a number."""


@dataclass(frozen=True)
class Fixed:
    """A certain number."""

    central: float

    def quantile(self, share: Array) -> Array:
        """Return the number itself for every share."""
        return np.full_like(share, self.central)

    def cdf(self, number: float) -> float:
        """Return 0 below the number, 1 from it on."""
        return float(number >= self.central)


@dataclass(frozen=True)
class Normal:
    """The normal distribution; its centre is the mean."""

    central: float
    deviation: float

    def quantile(self, share: Array) -> Array:
        """Return mean + deviation × z, where z = Φ⁻¹(share)."""
        return self.central + self.deviation * np.asarray(special.ndtri(share))

    def cdf(self, number: float) -> float:
        """Return Φ of the standardised number."""
        return float(special.ndtr((number - self.central) / self.deviation))


@dataclass(frozen=True)
class LogNormal:
    """A quantity whose logarithm is normal with mean `mu` and deviation `sigma`; its centre is the median."""

    mu: float
    sigma: float

    @property
    def central(self) -> float:
        """Median, exp(mu)."""
        return math.exp(self.mu)

    @property
    def mean(self) -> float:
        """Mean, exp(mu + sigma² / 2)."""
        return math.exp(self.mu + self.sigma**2 / 2)

    def quantile(self, share: Array) -> Array:
        """Return exp(mu + sigma × z), where z = Φ⁻¹(share)."""
        return np.asarray(np.exp(self.mu + self.sigma * special.ndtri(share)))

    def cdf(self, number: float) -> float:
        """Return Φ of the standardised logarithm, 0 for a number at or below zero."""
        return float(special.ndtr((math.log(number) - self.mu) / self.sigma)) if number > 0 else 0.0


@dataclass(frozen=True)
class Pert:
    """PERT: a beta distribution on [low, high] whose mean weighs the mode four times; its centre is the mode."""

    low: float
    central: float
    high: float

    @property
    def mean(self) -> float:
        """Mean, (low + 4 × mode + high) / 6."""
        return (self.low + 4 * self.central + self.high) / 6

    @property
    def _shape(self) -> tuple[float, float]:
        # The weight of 4 on the mode, as PERT has it, makes the two exponents of the beta add up to 6.
        width = self.high - self.low
        return 1 + 4 * (self.central - self.low) / width, 1 + 4 * (self.high - self.central) / width

    def quantile(self, share: Array) -> Array:
        """Return the inverse of the regularised incomplete beta function, scaled to [low, high].

        It is a smooth function of the normal quantile z of the share. Between two knots of z, Hermite's cubic with the
        values and slopes at both is within 2e-10 of the range, and takes a thirtieth of the time.
        """
        values, slopes = _beta_at_knots(*self._shape)
        place = np.clip((special.ndtri(share) - KNOTS[0]) / STEP, 0, len(KNOTS) - 1)
        left = np.minimum(place.astype(np.intp), len(KNOTS) - 2)
        part = place - left
        rise = values[left + 1] - values[left]
        bend = (1 - part) * (slopes[left] - rise) - part * (slopes[left + 1] - rise)
        return self.low + (self.high - self.low) * np.asarray(values[left] + part * (rise + (1 - part) * bend))

    def cdf(self, number: float) -> float:
        """Return the regularised incomplete beta function of the number's place in [low, high]."""
        share = (number - self.low) / (self.high - self.low)
        return float(special.betainc(*self._shape, min(max(share, 0.0), 1.0)))


# Every share that a generator draws lies between the first and the last of these normal quantiles.
STEP = 1 / 32
KNOTS = np.arange(-8.5, 8.5 + STEP, STEP)


@lru_cache(512)
def _beta_at_knots(first: float, second: float) -> tuple[Array, Array]:
    """Return the quantiles of a beta distribution at the knots, and their slopes per step, of shape (knots,)."""
    # Above the median the distance from 1 is computed, which is small there, as the share itself is below it.
    tail = special.ndtr(-np.abs(KNOTS))
    below = KNOTS < 0
    near = np.where(below, special.betaincinv(first, second, tail), special.betaincinv(second, first, tail))
    values = np.where(below, near, 1 - near)
    rest = 1 - near
    density = np.where(below, near, rest) ** (first - 1) * np.where(below, rest, near) ** (second - 1)
    normal = np.exp(-KNOTS * KNOTS / 2) / math.sqrt(2 * math.pi)
    return values, STEP * normal * special.beta(first, second) / density


@dataclass(frozen=True)
class Uniform:
    """The uniform distribution from low to high; its centre is the middle."""

    low: float
    high: float

    @property
    def central(self) -> float:
        """Middle of the range."""
        return (self.low + self.high) / 2

    def quantile(self, share: Array) -> Array:
        """Return low + (high − low) × share."""
        return self.low + (self.high - self.low) * share

    def cdf(self, number: float) -> float:
        """Return the number's place between low and high, from 0 to 1."""
        return min(max((number - self.low) / (self.high - self.low), 0.0), 1.0)


@dataclass(frozen=True)
class Samples:
    """The empirical distribution of sorted observations, linear between neighbours; its centre is the median."""

    numbers: tuple[float, ...]

    @property
    def central(self) -> float:
        """Median of the observations."""
        return float(np.median(self.numbers))

    def quantile(self, share: Array) -> Array:
        """Return the quantile, interpolated between the observations."""
        return np.interp(share, np.linspace(0, 1, len(self.numbers)), self.numbers)

    def cdf(self, number: float) -> float:
        """Return the share, interpolated between the observations."""
        return float(np.interp(number, self.numbers, np.linspace(0, 1, len(self.numbers))))


@dataclass(frozen=True)
class YesOrNo:
    """The Bernoulli distribution: 1 with a probability, otherwise 0; its centre is the likelier one, 1 on a tie."""

    probability: float

    @property
    def central(self) -> float:
        """Likelier outcome: 1 from a probability of one half on, else 0."""
        return float(self.probability >= 0.5)

    def quantile(self, share: Array) -> Array:
        """Return 0 up to the share 1 − probability, then 1."""
        return np.where(np.asarray(share) > 1 - self.probability, 1.0, 0.0)

    def cdf(self, number: float) -> float:
        """Return 0 below 0, 1 − probability from 0 on, 1 from 1 on."""
        return 0.0 if number < 0 else 1 - self.probability if number < 1 else 1.0


@dataclass(frozen=True)
class Walk:
    """A random path around a course: the value of month m is the course's times X(m), with X(0) = 1.

    log X(m) = kept × log X(m-1) + volatility × z(m), where z(m) is a standard normal number of its own for each month.
    With a half-life the value returns to its course: half of a shock is left after that many months. Without one, a
    shock stays for good (a geometric random walk).
    """

    volatility: float
    half_life: float | None = None

    @property
    def kept(self) -> float:
        """Part of a deviation from the course that is left after a month, in logarithms."""
        return 1.0 if self.half_life is None else 0.5 ** (1 / self.half_life)

    def factors(self, shocks: Array) -> Array:
        """Return X by month for standard normal shocks of the same shape (months, trials); the first are not used."""
        logs = np.zeros_like(shocks)
        for month in range(1, len(shocks)):
            logs[month] = self.kept * logs[month - 1] + self.volatility * shocks[month]
        return np.asarray(np.exp(logs))

    def quantile(self, share: float, months: int) -> Array:
        """Return the value of X that this share of all trials is at or below, by month; shape (months, 1)."""
        variance = self.volatility**2 * np.cumsum(self.kept ** (2 * np.arange(months)))
        deviations = np.sqrt(np.concatenate([[0.0], variance[:-1]]))
        return np.asarray(np.exp(deviations * special.ndtri(share)))[:, None]


def legal_shares(part: Part, low: float, high: float) -> tuple[float, float]:
    """Return the shares of draws below `low` and up to `high`; draws that equal an end are within the range."""
    return part.cdf(math.nextafter(low, -math.inf)), part.cdf(high)


def quantile_within(part: Part, low: float, high: float, share: Array) -> Array:
    """Return the number that this share of the draws within [low, high] is at or below; draws outside are cut off."""
    bottom, top = legal_shares(part, low, high)
    return np.clip(part.quantile(bottom + share * (top - bottom)), low, high)


def correlation_matrix(correlations: Correlations) -> tuple[list[str], Array]:
    """Return the paths involved, and the matrix of correlations of the normals behind the rank correlations.

    A Gaussian copula with correlation 2 sin(pi r / 6) has Spearman's rank correlation r (Pearson, 1907).
    """
    paths = sorted({path for one, other, _ in correlations for path in (one, other)})
    matrix = np.eye(len(paths))
    for one, other, rank in correlations:
        place = paths.index(one), paths.index(other)
        matrix[place] = matrix[place[::-1]] = 2 * np.sin(np.pi * rank / 6)
    return paths, matrix
