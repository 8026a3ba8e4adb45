"""Losses at which a rise of a plan's price stops paying, found on the whole base case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from simulator.answers.pricing.priced import EQUAL, Priced
from simulator.engine.model import Array

RISES = (0.10, 0.25, 0.50)
# Each round fits one batch and narrows the share 41 times, to 0.06 %; between the last two points it is interpolated.
POINTS, ROUNDS = 42, 2
# An elasticity that loses all customers is infinite; one that leaves this share of them is as good.
LEAST_LEFT = 1e-9


@dataclass(frozen=True)
class BreakEven:
    """The share of new customers that a rise may lose before it stops paying.

    `elasticity` is the price elasticity that loses this share, None where every new customer may be lost.
    """

    rise: float
    share: float
    elasticity: float | None

    @property
    def every(self) -> bool:
        """Whether the rise pays even without any new customer."""
        return self.share == 1

    @property
    def never(self) -> bool:
        """Whether the rise does not pay even if nobody is lost."""
        return self.share == 0


def break_even_losses(priced: Priced, rises: Sequence[float] = RISES) -> tuple[BreakEven, ...]:
    """Return for each rise the share of new customers whose loss takes back what the rise brings.

    Up to this share every loss leaves more than today; whole devices may let some larger loss pay again.
    """
    reference, bills = _bills(priced, rises)
    low, high = np.zeros(len(rises)), np.ones(len(rises))
    for _ in range(ROUNDS):
        shares = np.linspace(low, high, POINTS)
        low, high, found = _narrowed(shares, _gains(priced, rises, shares, reference, bills))
    first = int(np.flatnonzero(priced.course)[0]) if len(priced.course) > 1 else 0
    return tuple(
        BreakEven(rise, float(share), None if share == 1 else float(_elasticity(float(share), bill)[first]))
        for rise, share, bill in zip(rises, found, bills, strict=True)
    )


def _bills(priced: Priced, rises: Sequence[float]) -> tuple[Array, list[Array]]:
    """Return today's bill of a new customer by month, and by how much each rise multiplies it."""
    _, found = priced.run([priced.times(priced.name, 1 + rise) for rise in rises], ["comparable_bill"])
    bills = found["comparable_bill"][:, priced.place]
    today = bills[:, 0]
    return today, [np.divide(bill, today, out=np.ones_like(today), where=today > 0) for bill in bills[:, 1:].T]


def _elasticity(share: float, bill: Array) -> Array:
    """Return by month the elasticity at which a bill multiplied by `bill` loses a share of new customers."""
    rise = np.log(bill)
    lost = np.full_like(rise, -np.log(max(1 - share, LEAST_LEFT)))
    return np.divide(lost, rise, out=np.zeros_like(rise), where=rise > 0)


def _gains(priced: Priced, rises: Sequence[float], shares: Array, reference: Array, bills: Sequence[Array]) -> Array:
    """Return what each rise brings at each share lost, of the shape of `shares` (points, rises)."""
    changes: list[Mapping[str, Array]] = [
        {
            **priced.times(priced.name, 1 + rise),
            priced.path("reference_bill"): reference,
            priced.path("price_elasticity"): _elasticity(float(share), bill),
        }
        for row in shares
        for rise, share, bill in zip(rises, row, bills, strict=True)
    ]
    outcomes, _ = priced.run(changes)
    gains = (outcomes[1:] - outcomes[0]).reshape(shares.shape)
    return np.where(abs(gains) <= EQUAL * abs(outcomes[0]), 0, gains)


def _narrowed(shares: Array, gains: Array) -> tuple[Array, Array, Array]:
    """Return for each rise the last share up to which all pay, the next one, and the share between that gains nothing.

    All three are the end where the rise always or never pays.
    """
    pays = gains > 0
    first = np.where(pays.all(axis=0), len(shares), pays.argmin(axis=0))
    columns = np.arange(shares.shape[1])
    last, after = np.maximum(first - 1, 0), np.minimum(first, len(shares) - 1)
    low, high, gain, loss = shares[last, columns], shares[after, columns], gains[last, columns], gains[after, columns]
    part = np.divide(gain, gain - loss, out=np.zeros_like(gain), where=gain > loss)
    return low, high, low + part * (high - low)
