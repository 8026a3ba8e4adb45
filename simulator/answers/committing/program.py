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
from simulator.errors import PlanError

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
    """Return the cheapest choice; the vendor takes over, or hands over, at most once.

    Raise PlanError where none is found in time.
    """
    months, levels = program.gains.shape
    signing, buying = _signing(program), _buying(program)
    has_vendor = program.vendor is not None
    swaps = np.zeros(months) if program.vendor is None else program.vendor - program.rent
    # Lots signed and bought, devices in use by month and level, months of the vendor, and which way it changes.
    committed, used = len(signing) + len(buying), months * levels
    widths = np.tile(program.widths, months)
    prices = np.concatenate([signing, buying]) * program.lot * (1 + TIE)
    lots = np.full(committed, np.ceil(program.widths.sum() / program.lot))
    costs = np.concatenate([prices, -program.gains.ravel(), swaps, [0.0]])
    # The solver's tolerances are absolute, so money of any size is brought to one.
    scale = np.abs(costs).max() or 1.0
    found = milp(
        costs / scale,
        integrality=np.repeat([1, 0, 1], [committed, used, months + 1]),
        bounds=Bounds(0, np.concatenate([lots, widths, np.full(months, has_vendor), [1]])),
        constraints=[
            _in_use(program, len(signing), len(buying)),
            *(_by_vendor(program, committed) if has_vendor else ()),
        ],
        options={"mip_rel_gap": PRECISION, "time_limit": MOST_SECONDS},
    )
    if found.x is None:
        raise PlanError(f"no plan was found in {MOST_SECONDS:g} seconds", "project fewer months")
    chosen = np.abs(np.round(found.x[:committed])) * program.lot
    signed = np.pad(chosen[: len(signing)], (0, months - len(signing)))
    bought = np.pad(chosen[len(signing) :], (0, months - len(buying)))
    by_vendor = found.x[committed + used : -1] > 0.5
    return Choice(signed, bought, by_vendor, float(program.rent.sum() + scale * found.fun))


def _in_use(program: Program, signings: int, purchases: int) -> LinearConstraint:
    """Return the limit on devices in use: in every month those committed, of all that were signed or bought in time."""
    months, levels = program.gains.shape
    starts = np.concatenate([np.arange(signings), np.arange(purchases)])
    lengths = np.repeat([program.term, program.life], [signings, purchases])
    age = np.arange(months)[:, None] - starts
    covers = ((age >= 0) & (age < lengths)) * float(program.lot)
    by_month = sparse.kron(sparse.eye_array(months), np.ones((1, levels)))
    return LinearConstraint(sparse.hstack([-covers, by_month, _nothing(months, months + 1)]).tocsr(), -np.inf, 0)


def _by_vendor(program: Program, committed: int) -> tuple[LinearConstraint, LinearConstraint]:
    """Return what the vendor's months rule out: devices in use in them, and more than one change to or from it."""
    months, levels = program.gains.shape
    used = months * levels
    idle = sparse.kron(sparse.eye_array(months), program.widths[:, None])
    none = sparse.hstack([_nothing(used, committed), sparse.eye_array(used), idle, _nothing(used, 1)])
    # It may begin only where it takes over (1), and end only where it hands over (0).
    before, step, way = (
        _nothing(months - 1, committed + used),
        np.diff(np.eye(months), axis=0),
        np.ones((months - 1, 1)),
    )
    once = sparse.vstack([sparse.hstack([before, step, -way]), sparse.hstack([before, -step, way])])
    return (
        LinearConstraint(none.tocsr(), -np.inf, np.tile(program.widths, months)),
        LinearConstraint(once.tocsr(), -np.inf, np.repeat([0.0, 1.0], months - 1)),
    )


def _nothing(rows: int, columns: int) -> sparse.csr_array:
    """Return a block of a constraint that reads none of these variables."""
    return sparse.csr_array((rows, columns))


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
    return np.asarray(program.capital * served + ran[np.arange(months) + served] - ran[:months])
