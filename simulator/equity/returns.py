"""Rates of return and present values of cash flows, dated or periodic, and what each investor earns.

Money paid is negative and money received positive. Rates are fractions: a year for dated flows (actual days / 365,
as Excel counts), a period for the others. Where a rate does not exist, or more than one does, `Undefined` says why;
the arithmetic itself is pyxirr's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from math import isfinite

import numpy as np
import pyxirr

from simulator.engine.dates import YEAR
from simulator.errors import PlanError, Undefined

# From losing 99.9 % a period to gaining a hundredfold, finely enough to tell rates apart that differ by half a percent.
SEARCHED_RATES = np.expm1(np.linspace(np.log(0.001), np.log(101), 2400))
Date = date | str
# Present values at many rates.
Value = Callable[[list[float]], object]


def npv(rate: float, amounts: Sequence[float]) -> float:
    """Net present value of one amount a period, the first of them not discounted."""
    _check_rate(rate)
    return float(pyxirr.npv(rate, _floats(amounts)) or 0.0)


def excel_npv(rate: float, amounts: Sequence[float]) -> float:
    """Net present value as Excel's NPV has it: every amount falls at its period's end, the first is discounted too."""
    return npv(rate, amounts) / (1 + rate)


def xnpv(rate: float, dates: Sequence[Date], amounts: Sequence[float]) -> float:
    """Net present value of dated amounts, at the date of the first of them in the order given."""
    _check_rate(rate)
    _check_dates(dates, amounts)
    days = list(map(str, dates))
    first = pyxirr.year_fraction(min(days), days[0], pyxirr.DayCount.ACT_365F)
    at_the_earliest = pyxirr.xnpv(rate, days, _floats(amounts), silent=True) or 0.0
    return float(at_the_earliest * (1 + rate) ** first)


def irr(amounts: Sequence[float]) -> float:
    """The rate a period at which one amount a period is worth nothing; Undefined where there is none, or several."""
    flows = _floats(amounts)
    return _rate(flows, lambda: pyxirr.irr(flows, silent=True), lambda rates: pyxirr.npv(rates, flows))


def xirr(dates: Sequence[Date], amounts: Sequence[float]) -> float:
    """The rate a year at which dated amounts are worth nothing; Undefined where there is none, or several."""
    _check_dates(dates, amounts)
    order = sorted(zip(map(str, dates), _floats(amounts), strict=True))
    days, flows = [day for day, _ in order], [amount for _, amount in order]
    if days[0] == days[-1]:
        raise Undefined("All money moves on one day, so no rate of return can be told.")
    return _rate(
        flows,
        lambda: pyxirr.xirr(days, flows, silent=True),
        lambda rates: pyxirr.xnpv(rates, order, silent=True),
    )


def moic(amounts: Sequence[float]) -> float:
    """Multiple of invested capital: all money received over all money paid."""
    flows = _floats(amounts)
    paid = -sum(amount for amount in flows if amount < 0)
    if not paid:
        raise Undefined("Nothing is invested.")
    return sum(amount for amount in flows if amount > 0) / paid


@dataclass(frozen=True)
class Investment:
    """Money that an investor pays in a month, as a positive amount."""

    investor: str
    month: int
    amount: float


@dataclass(frozen=True)
class Return:
    """What one investor earns: `moic` on the money invested and `irr` a year; without one, `why` says the reason."""

    investor: str
    invested: float
    received: float
    moic: float
    irr: float | None
    why: str = ""


def investor_returns(
    investments: Iterable[Investment], received: Mapping[str, float], exit_month: int
) -> tuple[Return, ...]:
    """Every investor's return where each receives its part in `exit_month`, in order of first investment.

    Amounts may be fractions; `received` names no part where an investor gets nothing. A month is 1/12 year, and the
    yearly rate is compounded from the monthly one. PlanError where money is invested after the exit.
    """
    by_investor: dict[str, list[Investment]] = {}
    for investment in sorted(investments, key=lambda one: one.month):
        by_investor.setdefault(investment.investor, []).append(investment)
    return tuple(
        _return(investor, paid, float(received.get(investor, 0)), exit_month) for investor, paid in by_investor.items()
    )


def _return(investor: str, paid: Sequence[Investment], received: float, exit_month: int) -> Return:
    """One investor's return; months before the first investment do not count."""
    if late := [one for one in paid if one.month > exit_month]:
        where = f"{investor} invests in month {late[0].month}"
        raise PlanError(f"{where}, after the exit in month {exit_month}; move the exit, or leave the money out.")
    if any(one.amount <= 0 for one in paid):
        raise PlanError(f"{investor} invests an amount that is not positive; give the money paid, or leave it out.")
    flows = [0.0] * (exit_month - paid[0].month + 1)
    for one in paid:
        flows[one.month - paid[0].month] -= float(one.amount)
    invested = -sum(flows)
    flows[-1] += received
    try:
        yearly, why = (1 + irr(flows)) ** YEAR - 1, ""
    except Undefined as reason:
        yearly, why = None, str(reason)
    return Return(investor, invested, received, received / invested, yearly, why)


def _rate(flows: Sequence[float], solve: Callable[[], float | None], value: Value) -> float:
    """The only rate at which flows, in order of time, are worth nothing.

    Flows that change sign once have exactly one (Descartes), and `solve` finds it. Where they change it more often,
    `value` is searched for every rate at which it changes its sign.
    """
    signs = [amount > 0 for amount in flows if amount]
    changes = sum(one != other for one, other in pairwise(signs))
    if not signs:
        raise Undefined("No money moves.")
    if not changes:
        raise Undefined("Nothing is ever paid in." if signs[0] else "Nothing is ever paid back.")
    found = [solve()] if changes == 1 else _crossings(value)
    if not found:
        raise Undefined("No rate of return balances these cash flows.")
    if len(found) > 1:
        listed = " and ".join(f"{round(rate or 0, 9) + 0:.1%}" for rate in found)
        raise Undefined(f"More than one rate of return balances these cash flows: {listed}.")
    if found[0] is None or not isfinite(found[0]):
        raise Undefined("No finite rate of return balances these cash flows.")
    return found[0]


def _crossings(value: Value) -> list[float | None]:
    """The rates at which the present value changes its sign, in rising order.

    Two that lie between neighbours of SEARCHED_RATES are not seen, nor is one at which the value only touches zero.
    """
    worth = np.asarray(value(SEARCHED_RATES.tolist()), dtype=float)
    known = np.isfinite(worth) & (worth != 0)
    rates, signs = SEARCHED_RATES[known], np.sign(worth[known])
    places = np.flatnonzero(signs[1:] != signs[:-1])
    return [
        float(
            optimize.brentq(lambda rate: np.asarray(value([rate])).item(), rates[place], rates[place + 1], xtol=1e-14)
        )
        for place in places
    ]


def _floats(amounts: Sequence[float]) -> list[float]:
    flows = [float(amount) for amount in amounts]
    if not all(map(isfinite, flows)):
        raise PlanError("A cash flow is not a finite number; give an amount for every period.")
    return flows


def _check_rate(rate: float) -> None:
    if not rate > -1:
        raise PlanError(f"A discount rate of {rate:.0%} loses everything at once; give one above -100%.")


def _check_dates(dates: Sequence[Date], amounts: Sequence[float]) -> None:
    if len(dates) != len(amounts) or not dates:
        raise PlanError(f"There are {len(dates)} dates for {len(amounts)} cash flows; give one date for each.")
