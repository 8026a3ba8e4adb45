"""The cheapest commitments for expected costs: a small mixed-integer program.

Rent on demand falls with each further device, and by less and less, so the n-th device is worth a month's price
where it is used for a larger share of hours than that price is of the price on demand. This is the newsvendor's
critical ratio, and with terms of one month the whole answer. Longer terms tie months together: every reservation or
purchase covers the months of its term, so that their matrix has consecutive ones and whole numbers come by themselves,
with any number of terms on offer.
A vendor serves whole months in the place of devices; the months at which it takes over or hands over are tried.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from simulator.engine.model import Array

# A commitment must save more than its price by this share, so that a tie signs nothing.
TIE = 1e-9
# Months of the vendor that could save less than this share of all costs are not looked at.
PRECISION = 1e-4


@dataclass(frozen=True)
class Term:
    """A term for which devices may be reserved: `price` of one for a month by month of signing, and its `months`.

    A price has shape (months,), or (months, trials) where trials are told apart. `is_quoted` says that the scenario
    does not state it.
    """

    price: Array
    months: int
    is_quoted: bool = False


@dataclass(frozen=True)
class Program:
    """Costs by month, in money; `gains` has shape (months, levels), `widths` (levels,), all others (months,).

    `rent` is the cost of renting everything on demand. Each of the first `widths[0]` devices saves `gains[:, 0]` of it,
    each of the next `widths[1]` saves `gains[:, 1]`, and so on, falling. A device signed in a month for one of the
    `terms` costs the price of that month for each month of the term, all of which lie within the plan; one bought costs
    `capital` of that month and `running` of each for `life` months, of which only those in the plan count. Both come in
    lots of `lot` devices.
    `vendor` is the vendor's bill for a whole month. None stands for what is not offered.
    """

    rent: Array
    gains: Array
    widths: Array
    lot: int = 1
    terms: Sequence[Term] = ()
    capital: Array | None = None
    running: Array | None = None
    life: int = 1
    vendor: Array | None = None


@dataclass(frozen=True)
class Choice:
    """Devices signed and bought in each month, whether the vendor serves it, and the expected cost of all months.

    `signed` has shape (terms, months), the others (months,).
    """

    signed: Array
    bought: Array
    by_vendor: NDArray[np.bool_]
    cost: float


def covered(starts: Array, length: int) -> Array:
    """Return how many of those that start in each month, and last `length` months, are there in each month."""
    sums = np.cumsum(starts)
    return np.asarray(sums - np.concatenate([np.zeros(min(length, len(sums))), sums])[: len(sums)])


def best(program: Program) -> Choice:
    """Return the cheapest choice; the vendor takes over, or hands over, at most once."""
    months = np.arange(len(program.rent))
    if program.vendor is None:
        return _without_vendor(program, months < 0)
    # The months of the vendor that promise most come first, and those that cannot be cheaper are left out.
    turns = [months < first for first in range(len(months) + 1)] + [months >= first for first in range(1, len(months))]
    least = [float(np.where(turn, program.vendor, _least(program)).sum()) for turn in turns]
    found: Choice | None = None
    for place in np.argsort(least, kind="stable").tolist():
        if found is not None and least[place] >= found.cost - PRECISION * abs(found.cost):
            break
        choice = _without_vendor(program, turns[place])
        found = choice if found is None or choice.cost < found.cost else found
    assert found is not None, "the vendor serving no month is always a choice"
    return found


def _least(program: Program) -> Array:
    """Return what each month costs at least: as if devices could be committed for it alone, at the lowest price."""
    months = len(program.rent)
    lowest = np.full(months, np.inf)
    ways = [(one.price, one.months, np.zeros(months)) for one in program.terms]
    if program.capital is not None and program.running is not None:
        ways.append((program.capital, program.life, program.running))
    for prices, length, beside in ways:
        earlier = [prices[max(0, month - length + 1) : month + 1].min() for month in range(months)]
        lowest = np.minimum(lowest, np.array(earlier) + beside)
    return np.asarray(program.rent - np.maximum(program.gains - lowest[:, None], 0) @ program.widths)


def _without_vendor(program: Program, by_vendor: NDArray[np.bool_]) -> Choice:
    """Return the cheapest commitments where the vendor serves these months."""
    months, levels = program.gains.shape
    ways = [*(_signing(one) for one in program.terms), _buying(program)]
    prices = np.concatenate(ways)
    committed = len(prices)
    lots = np.full(committed, np.ceil(program.widths.sum() / program.lot))
    gains = np.where(by_vendor[:, None], 0, program.gains)
    # Lots signed and bought, and devices in use by month and level.
    costs = np.concatenate([prices * program.lot * (1 + TIE), -gains.ravel()])
    # The solver's tolerances are absolute, so money of any size is brought to one.
    scale = np.abs(costs).max(initial=0) or 1.0
    found = milp(
        costs / scale,
        integrality=np.repeat([1, 0], [committed, months * levels]),
        bounds=Bounds(0, np.concatenate([lots, np.tile(program.widths, months)])),
        constraints=_in_use(program, [len(one) for one in ways]),
    )
    assert found.x is not None, "signing nothing is always a choice"
    chosen = np.abs(np.round(found.x[:committed])) * program.lot
    parts = np.split(chosen, np.cumsum([len(one) for one in ways])[:-1])
    *signed, bought = (np.pad(part, (0, months - len(part))) for part in parts)
    rest = float(np.where(by_vendor, 0.0 if program.vendor is None else program.vendor, program.rent).sum())
    return Choice(np.array(signed).reshape(-1, months), bought, by_vendor, rest + scale * found.fun)


def _in_use(program: Program, counts: Sequence[int]) -> LinearConstraint:
    """Return the limit on devices in use: in every month those committed, of all that were signed or bought in time.

    `counts` are the months in which each term can be signed, and at last those in which devices can be bought.
    """
    months, levels = program.gains.shape
    starts = np.concatenate([np.arange(count) for count in counts])
    lengths = np.repeat([*(one.months for one in program.terms), program.life], counts)
    age = np.arange(months)[:, None] - starts
    covers = ((age >= 0) & (age < lengths)) * float(program.lot)
    by_month = sparse.kron(sparse.eye_array(months), np.ones((1, levels)))
    return LinearConstraint(sparse.hstack([-covers, by_month]).tocsr(), -np.inf, 0)


def _signing(term: Term) -> Array:
    """Return what a device costs over its term, by the month of signing; terms do not outlast the plan."""
    return term.price[: max(len(term.price) - term.months + 1, 0)] * term.months


def _buying(program: Program) -> Array:
    """Return what a device costs within the plan, by the month of purchase."""
    if program.capital is None or program.running is None:
        return np.zeros(0)
    months = len(program.rent)
    served = np.minimum(program.life, months - np.arange(months))
    ran = np.concatenate([[0.0], np.cumsum(program.running)])
    return np.asarray(program.capital * served + ran[np.arange(months) + served] - ran[:months])
