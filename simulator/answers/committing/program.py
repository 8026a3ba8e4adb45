"""The cheapest commitments for expected costs: a small mixed-integer program.

Rent on demand falls with each further device, and by less and less, so the n-th device is worth a month's price
where it is used for a larger share of hours than that price is of the price on demand. This is the newsvendor's
critical ratio, and with terms of one month the whole answer. Longer terms tie months together: every reservation or
purchase covers the months of its term, so that their matrix has consecutive ones and whole numbers come by themselves.
A vendor that serves whole months in the place of devices takes a yes or no by month.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from simulator.engine.model import Array

# A commitment must save more than its price by this share, so that a tie signs nothing.
TIE = 1e-9
PRECISION = 1e-6
MOST_SECONDS = 20.0


@dataclass(frozen=True)
class Program:
    """Costs by month, in money; `gains` has shape (months, levels), `widths` (levels,), all others (months,).

    `rent` is the cost of renting everything on demand. Each of the first `widths[0]` devices saves `gains[:, 0]` of it,
    each of the next `widths[1]` saves `gains[:, 1]`, and so on, falling. A device signed in a month costs `reserved` of
    that month for each of `term` months, all of which lie within the plan; one bought costs `capital` of that month and
    `running` of each for `life` months, of which only those in the plan count. Both come in lots of `lot` devices.
    `vendor` is the vendor's bill for a whole month. None stands for what is not offered.
    """

    rent: Array
    gains: Array
    widths: Array
    lot: int = 1
    reserved: Array | None = None
    term: int = 1
    capital: Array | None = None
    running: Array | None = None
    life: int = 1
    vendor: Array | None = None


@dataclass(frozen=True)
class Choice:
    """Devices signed and bought in each month, whether the vendor serves it, and the expected cost of all months."""

    signed: Array
    bought: Array
    by_vendor: Array
    cost: float


def covered(starts: Array, length: int) -> Array:
    """Return how many of those that start in each month, and last `length` months, are there in each month."""
    sums = np.cumsum(starts)
    return np.asarray(sums - np.concatenate([np.zeros(min(length, len(sums))), sums])[: len(sums)])


def best(program: Program) -> Choice:
    """Return the cheapest choice; the vendor takes over, or hands over, at most once."""
    months, levels = program.gains.shape
    signing, buying = _signing(program), _buying(program)
    starts = np.concatenate([np.arange(len(signing)), np.arange(len(buying))]).astype(int)
    lengths = np.repeat([program.term, program.life], [len(signing), len(buying)])
    month = np.arange(months)[:, None]
    covers = ((month >= starts) & (month < starts + lengths)) * float(program.lot)
    swaps = np.zeros(months) if program.vendor is None else program.vendor - program.rent
    # Commitments in lots, devices in use by month and level, months of the vendor, and whether it takes over (1) or hands over (0).
    costs = np.concatenate(
        [np.concatenate([signing, buying]) * program.lot * (1 + TIE), -program.gains.ravel(), swaps, [0.0]]
    )
    committed, used = len(starts), months * levels
    whole = np.concatenate([np.ones(committed), np.zeros(used), np.ones(months + 1)])
    widths = np.tile(program.widths, months)
    lots = np.ceil(program.widths.sum() / program.lot)
    most = np.concatenate([np.full(committed, lots), widths, np.full(months, program.vendor is not None), [1]])
    rows = [
        # No more devices are in use than there are, and none where the vendor serves.
        sparse.hstack([-covers, sparse.kron(sparse.eye(months), np.ones((1, levels))), sparse.csr_array((months, months + 1))]),
    ]  # fmt: skip
    limits = [np.zeros(months)]
    if program.vendor is not None:
        rows += [
            sparse.hstack([
                sparse.csr_array((used, committed)), sparse.eye(used),
                sparse.kron(sparse.eye(months), program.widths[:, None]), sparse.csr_array((used, 1)),
            ]),
            _once(committed + used, months),
        ]  # fmt: skip
        limits += [widths, np.repeat([0.0, 1.0], months - 1)]
    found = milp(
        costs,
        integrality=whole,
        bounds=Bounds(0, most),
        constraints=LinearConstraint(sparse.vstack(rows).tocsr(), -np.inf, np.concatenate(limits)),
        options={"mip_rel_gap": PRECISION, "time_limit": MOST_SECONDS},
    )
    assert found.x is not None, "signing nothing is always a choice"
    chosen = np.round(found.x[:committed]) * program.lot
    signed = np.pad(chosen[: len(signing)], (0, months - len(signing)))
    bought = np.pad(chosen[len(signing) :], (0, months - len(buying)))
    by_vendor = found.x[committed + used : -1] > 0.5
    return Choice(signed, bought, by_vendor, float(program.rent.sum() + found.fun))


def _signing(program: Program) -> Array:
    """Return what a device costs over its term, by the month of signing; terms do not outlast the plan."""
    if program.reserved is None:
        return np.zeros(0)
    return program.reserved[: max(len(program.rent) - program.term + 1, 0)] * program.term


def _buying(program: Program) -> Array:
    """Return what a device costs within the plan, by the month of purchase."""
    if program.capital is None or program.running is None:
        return np.zeros(0)
    months = len(program.rent)
    served = np.minimum(program.life, months - np.arange(months))
    ran = np.concatenate([[0.0], np.cumsum(program.running)])
    return program.capital * served + ran[np.arange(months) + served] - ran[:months]


def _once(before: int, months: int) -> sparse.sparray:
    """Return the rows that let the vendor begin only if it takes over, and end only if it hands over."""
    steps = sparse.csr_array(np.diff(np.eye(months), axis=0))
    left, way = sparse.csr_array((months - 1, before)), np.ones((months - 1, 1))
    return sparse.vstack([sparse.hstack([left, steps, -way]), sparse.hstack([left, -steps, way])])
