"""Rates of return and present values of cash flows, dated or periodic, and the returns of investors.

Money paid is negative and money received positive. Rates are fractions: a year for dated flows (actual days / 365,
Excel's convention), a period for all others. If there is no rate, or more than one, `Undefined` says why. pyxirr does
the arithmetic.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from math import isfinite

import numpy as np
import pyxirr

from profiling.errors import Phrase
from simulator.engine.dates import YEAR
from simulator.errors import PlanError, Undefined

# From losing 99.9 % a period to gaining a hundredfold. 2,400 points lie half a percent apart, so that two rates of a
# cash flow rarely fall between the same two points.
SEARCHED_RATES = np.expm1(np.linspace(np.log(0.001), np.log(101), 2400))
Date = date | str
# Maps rates to present values.
Value = Callable[[list[float]], object]


def npv(rate: float, amounts: Sequence[float]) -> float:
    """Return the net present value of one amount a period; the first is not discounted."""
    _check_rate(rate)
    return float(pyxirr.npv(rate, _floats(amounts)) or 0.0)


def excel_npv(rate: float, amounts: Sequence[float]) -> float:
    """Return what Excel's NPV gives: every amount falls at the end of its period, so the first is discounted too."""
    return npv(rate, amounts) / (1 + rate)


def xnpv(rate: float, dates: Sequence[Date], amounts: Sequence[float]) -> float:
    """Return the net present value of dated amounts at the date of the first one given."""
    _check_rate(rate)
    _check_dates(dates, amounts)
    days = list(map(str, dates))
    # pyxirr discounts to the earliest date, Excel to the first one listed.
    first = pyxirr.year_fraction(min(days), days[0], pyxirr.DayCount.ACT_365F)
    at_the_earliest = pyxirr.xnpv(rate, days, _floats(amounts), silent=True) or 0.0
    return float(at_the_earliest * (1 + rate) ** first)


def irr(amounts: Sequence[float]) -> float:
    """Return the rate at which one amount a period has no present value; raise Undefined unless it is unique."""
    flows = _floats(amounts)
    return _rate(flows, lambda: pyxirr.irr(flows, silent=True), lambda rates: pyxirr.npv(rates, flows))


def xirr(dates: Sequence[Date], amounts: Sequence[float]) -> float:
    """Return the rate a year at which dated amounts have no present value; raise Undefined unless it is unique."""
    _check_dates(dates, amounts)
    order = sorted(zip(map(str, dates), _floats(amounts), strict=True))
    days, flows = [day for day, _ in order], [amount for _, amount in order]
    if days[0] == days[-1]:
        raise Undefined("All money moves on one day, so there is no rate of return.")
    return _rate(
        flows, lambda: pyxirr.xirr(days, flows, silent=True), lambda rates: pyxirr.xnpv(rates, order, silent=True)
    )


@dataclass(frozen=True)
class Investment:
    """One payment by an investor; the amount is positive."""

    investor: str
    month: int
    amount: float


@dataclass(frozen=True)
class Return:
    """The return of one investor: `moic`, the multiple of its money, and `irr` a year; if None, `why` says why."""

    investor: str
    invested: float
    received: float
    moic: float
    irr: float | None
    why: str = ""


def investor_returns(
    investments: Iterable[Investment], received: Mapping[str, float], exit_month: int
) -> tuple[Return, ...]:
    """Return what each investor earns, in order of first investment, when `received` is paid in `exit_month`.

    Amounts may be fractions; an investor that `received` does not name gets nothing. A month is 1/12 year, and the
    yearly rate compounds the monthly one. Raise PlanError for an investment after the exit.
    """
    by_investor: dict[str, list[Investment]] = {}
    for investment in sorted(investments, key=lambda one: one.month):
        by_investor.setdefault(investment.investor, []).append(investment)
    return tuple(
        _return(investor, paid, float(received.get(investor, 0)), exit_month) for investor, paid in by_investor.items()
    )


def _return(investor: str, paid: Sequence[Investment], received: float, exit_month: int) -> Return:
    """Return what one investor earns, counted from the month of its first investment."""
    if late := [one for one in paid if one.month > exit_month]:
        text = "{investor} invests in month {month}, after the exit in month {exit}"
        what = Phrase(text, investor=investor, month=late[0].month, exit=exit_month)
        raise PlanError(what, "move the exit, or remove the investment")
    if any(one.amount <= 0 for one in paid):
        what = Phrase("{investor} invests an amount that is not positive", investor=investor)
        raise PlanError(what, "give the money paid, or remove the investment")
    flows = [0.0] * (exit_month - paid[0].month + 1)
    for one in paid:
        flows[one.month - paid[0].month] -= float(one.amount)
    invested = -sum(flows)
    flows[-1] += received
    try:
        yearly, why = (1 + irr(flows)) ** YEAR - 1, ""
    except Undefined as reason:
        yearly, why = None, reason.text
    return Return(investor, invested, received, received / invested, yearly, why)


def _rate(flows: Sequence[float], solve: Callable[[], float | None], value: Value) -> float:
    """Return the only rate at which flows, in order of time, have no present value; raise Undefined otherwise.

    Flows that change sign once have exactly one such rate (Descartes' rule of signs), which `solve` finds. For flows
    that change sign more often, every sign change of `value` is searched.
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
        raise Undefined(Phrase("More than one rate of return balances these cash flows: {listed}.", listed=listed))
    if found[0] is None or not isfinite(found[0]):
        raise Undefined("No finite rate of return balances these cash flows.")
    return found[0]


def _crossings(value: Value) -> list[float | None]:
    """Return the rates at which the present value changes sign, in rising order.

    Two rates between neighbours of SEARCHED_RATES are missed, and so is one at which the value only touches zero.
    """
    from scipy.optimize import brentq  # noqa: PLC0415  # slow to import, and needed here alone

    worth = np.asarray(value(SEARCHED_RATES.tolist()), dtype=float)
    known = np.isfinite(worth) & (worth != 0)
    rates, signs = SEARCHED_RATES[known], np.sign(worth[known])
    places = np.flatnonzero(signs[1:] != signs[:-1])

    def at(rate: float) -> float:
        return float(np.asarray(value([rate])).item())

    return [float(brentq(at, rates[place], rates[place + 1], xtol=1e-14)) for place in places]


def _floats(amounts: Sequence[float]) -> list[float]:
    flows = [float(amount) for amount in amounts]
    if not all(map(isfinite, flows)):
        raise PlanError("one of the cash flows is not a number", "give an amount for each period")
    return flows


def _check_rate(rate: float) -> None:
    if not rate > -1:
        raise PlanError(
            Phrase("a discount rate of {rate:.0%} loses everything at once", rate=rate), "give one above -100%"
        )


def _check_dates(dates: Sequence[Date], amounts: Sequence[float]) -> None:
    if len(dates) != len(amounts) or not dates:
        raise PlanError(
            Phrase("there are {dates} dates for {amounts} cash flows", dates=len(dates), amounts=len(amounts)),
            "give one date for each",
        )
