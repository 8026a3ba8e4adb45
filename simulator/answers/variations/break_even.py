"""Losses at which a rise of a plan's price stops paying, found on the whole base case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simulator.answers.variations.priced import Priced
from simulator.engine.model import Array

RISES = (0.10, 0.25, 0.50)
# Where the plan's new customers come from; a lost customer is lost in each.
SOURCES = ("conversion", "share_of_deals", "share_of_upgrades")
# Each round narrows the share 41 times; three rounds leave 0.0015 % of customers, and fit one batch.
POINTS, ROUNDS = 42, 3
# Outcomes that differ by less, relative to today's, are equal but for rounding.
EQUAL = 1e-9


@dataclass(frozen=True)
class BreakEven:
    """The share of new customers that a rise may lose before it stops paying.

    `elasticity` is the price elasticity of demand that loses this share, None where every new customer may be lost.
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

    A larger loss up to this share never leaves less than today; whole devices may let some larger loss pay again.
    """
    low, high = np.zeros(len(rises)), np.ones(len(rises))
    bills = np.array(rises)
    for _ in range(ROUNDS):
        shares = np.linspace(low, high, POINTS)
        gains, bills = _gains(priced, rises, shares)
        low, high = _narrowed(shares, gains)
    return tuple(
        BreakEven(rise, float(share), None if share == 1 else float(-np.log1p(-share) / np.log(bill)))
        for rise, share, bill in zip(rises, low, bills, strict=True)
    )


def _gains(priced: Priced, rises: Sequence[float], shares: Array) -> tuple[Array, Array]:
    """Return what each rise brings at each share lost, of the shape of `shares`, and how far it lifts the bill."""
    changes = [
        {key: course for name in SOURCES for key, course in priced.times(name, 1 - share).items()}
        | priced.times(priced.name, 1 + rise)
        for row in shares
        for rise, share in zip(rises, row, strict=True)
    ]
    outcomes, _ = priced.run(changes)
    now = outcomes[0]
    gains = (outcomes[1:] - now).reshape(shares.shape)
    return np.where(abs(gains) <= EQUAL * abs(now), 0, gains), 1 + np.array(rises)


def _narrowed(shares: Array, gains: Array) -> tuple[Array, Array]:
    """Return the last share that still pays and the first that does not, for each column; both ends where all agree."""
    pays = gains > 0
    first = np.where(pays.all(axis=0), len(shares), pays.argmin(axis=0))
    columns = np.arange(shares.shape[1])
    low = shares[np.maximum(first - 1, 0), columns]
    high = shares[np.minimum(first, len(shares) - 1), columns]
    return low, high
