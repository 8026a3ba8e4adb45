"""Customers by decile of use: requests, revenue and cost of each tenth, and the share of customers who lose money.

Within a plan, requests are lognormal over customers, and both revenue and cost of a customer are linear in requests
between a few knots (allowance, tier, commitment, cap). The mean of each tenth therefore has a closed form, as the mean
of all customers has. Prices come from the lines of the model, called for one customer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from simulator.answers.ledger import Ledger
from simulator.engine.model import Array
from simulator.lines.product import billing
from simulator.lines.product.recurring import mrr
from simulator.lines.product.usage import _metered_knots

TENTHS = 10
# The default of `requests_cap`: a cap that nobody reaches.
NO_CAP = 1e12


@dataclass(frozen=True)
class Usage:
    """Requests of a plan's customers in a month: lognormal with this mean and standard deviation of the logarithm."""

    mean: float
    spread: float

    def quantile(self, share: Array) -> Array:
        """Return the number of requests below which this share of customers stays."""
        return np.asarray(self.mean * np.exp(self.spread * ndtri(share) - self.spread**2 / 2))

    def share_below(self, requests: Array) -> Array:
        """Return the share of customers with fewer requests."""
        with np.errstate(divide="ignore"):
            return np.asarray(ndtr(np.log(np.asarray(requests) / self.mean) / self.spread + self.spread / 2))

    def excess_by_tenth(self, limit: float) -> Array:
        """Return E[max(X - limit, 0)] within each tenth of customers, of shape (10,)."""
        # Black's formula, as in `engine.lognormal.excess`, between the quantiles that bound each tenth.
        edges = ndtri(np.arange(TENTHS + 1) / TENTHS)
        place = np.log(limit / self.mean) / self.spread + self.spread / 2 if limit > 0 else -np.inf
        low, high = np.maximum(edges[:-1], place), np.maximum(edges[1:], place)
        above = self.mean * (ndtr(high - self.spread) - ndtr(low - self.spread)) - limit * (ndtr(high) - ndtr(low))
        return np.asarray(TENTHS * above)


@dataclass(frozen=True)
class Piecewise:
    """An amount that is piecewise linear in requests: `base`, and knots of (requests, change of slope there)."""

    base: float
    knots: tuple[tuple[float, float], ...]

    def at(self, requests: Array) -> Array:
        """Return the amount at a number of requests."""
        return self.base + sum((slope * np.maximum(requests - knot, 0) for knot, slope in self.knots), np.zeros(()))

    def by_tenth(self, usage: Usage) -> Array:
        """Return the mean amount within each tenth of customers, of shape (10,)."""
        return self.base + sum((slope * usage.excess_by_tenth(knot) for knot, slope in self.knots), np.zeros(TENTHS))

    def capped(self, cap: float) -> Piecewise:
        """Return the amount where requests stop at a cap."""
        kept = [(knot, slope) for knot, slope in self.knots if knot < cap]
        return Piecewise(self.base, (*kept, (cap, -sum(slope for _, slope in kept))))


@dataclass(frozen=True)
class Deciles:
    """Each tenth of a plan's customers, the lightest users first; money is per customer and month, of shape (10,).

    `losing` is the share of all customers who cost more than they pay.
    """

    plan: str
    requests: Array
    revenue: Array
    cost: Array
    losing: float

    @property
    def margin(self) -> Array:
        """Margin of a mean customer in each tenth: revenue less cost."""
        return self.revenue - self.cost


def deciles(ledger: Ledger, plan: str, month: int = -1, cap: float | None = None) -> Deciles:
    """Return the tenths of a plan's customers in one month; `cap` replaces the plan's own limit on requests."""
    usage = Usage(*(_line(ledger, name, plan, month) for name in ("use_per_customer", "usage_deviation")))
    limit = _now(ledger, plan, "requests_cap", month) if cap is None else cap
    # A customer pays for services and for models of its own each month; setup is paid once, and left out.
    monthly = (_now(ledger, plan, name, month) for name in ("service_fee", "tuning_fee"))
    services = float(billing.service_revenue(1, 0, _line(ledger, "net_level", plan, month), 0, *monthly))
    revenue = _revenue(ledger, plan, month, services).capped(limit)
    # A request costs tokens on the allocation basis, moderation, review and storage.
    asked = _line(ledger, "requests", plan, month)
    spent = _line(ledger, "inference_cost", plan, month) + _line(ledger, "request_care", plan, month)
    served = Piecewise(0, ((0, spent / asked if asked > 0 else 0.0),)).capped(limit)
    service_cost = float(billing.service_cost(services, _now(ledger, plan, "service_cost_share", month)))
    # Lines for one unit of money give shares of revenue.
    rates = (_now(ledger, plan, name, month) for name in ("vat_rate", "payment_fee"))
    fee = float(billing.payment_fees(1, 0, 0, *rates))
    fee += float(billing.royalty(1, _now(ledger, plan, "royalty_share", month)))
    fees = tuple((knot, fee * slope) for knot, slope in revenue.knots)
    fixed = service_cost + _fixed_fee(ledger, plan, month)
    cost = Piecewise(served.base + fixed + fee * revenue.base, (*served.knots, *fees))
    requests = Piecewise(0, ((0, 1),)).capped(limit).by_tenth(usage)
    losing = _losing(usage, revenue, cost)
    return Deciles(plan, requests, revenue.by_tenth(usage), cost.by_tenth(usage), losing)


def _line(ledger: Ledger, name: str, plan: str, month: int) -> float:
    return float(ledger.of_member(name, plan)[month])


def _now(ledger: Ledger, plan: str, name: str, month: int) -> float:
    return float(ledger.assumed(name, plan)[month])


def _fixed_fee(ledger: Ledger, plan: str, month: int) -> float:
    """Return the fixed payment fees of the month for a mean customer."""
    charges, customers = (_line(ledger, name, plan, month) for name in ("charges", "customers"))
    return charges * _now(ledger, plan, "payment_fee_fixed", month) / customers if customers > 0 else 0.0


def _revenue(ledger: Ledger, plan: str, month: int, services: float) -> Piecewise:
    """Return what one customer pays by requests: fees, overage, and metered tokens with tiers and a commitment.

    VAT is excluded.
    """
    net = _line(ledger, "net_level", plan, month)
    level, commitment = (_line(ledger, name, plan, month) for name in ("signed_level", "signed_commitment"))
    fees = _line(ledger, "signed_fee", plan, month), _line(ledger, "signed_seat_fee", plan, month)
    # Seats of a mean customer, or those of a new one in a month without customers.
    customers = _line(ledger, "customers", plan, month)
    seats = _line(ledger, "seats_billed", plan, month) / customers if customers > 0 else 0.0
    # Metered use brings the commitment with it, so recurring fees are counted without.
    recurring = float(mrr(1, fees[0], seats or _now(ledger, plan, "seats_per_customer", month), fees[1], 0, net))
    credits = _now(ledger, plan, "credits_per_customer", month)
    base = recurring * (1 - _now(ledger, plan, "refund_share", month)) + services
    base += float(billing.credit_sales(1, _line(ledger, "price_level", plan, month), net, credits))
    overage = billing.overage_revenue(1, 1, level, net, _now(ledger, plan, "overage_price", month))
    knots = [(_now(ledger, plan, "included_requests", month), float(overage))]
    price = float(ledger.table("metered_per_request", plan)[month].sum()) * level
    if price > 0:
        terms = (f"{tier}_{what}" for tier in ("tier", "tier_2", "tier_3") for what in ("starts", "discount"))
        # The line's knots are amounts of money at list price; those of `Piecewise` are requests.
        used_up = _line(ledger, "used_up", plan, month)
        metered = _metered_knots(used_up, *(_now(ledger, plan, name, month) for name in terms))
        knots += [(float(worth) / price, float(slope) * price * net) for worth, slope in metered]
    return Piecewise(base + commitment * net, tuple(knots))


def _losing(usage: Usage, revenue: Piecewise, cost: Piecewise) -> float:
    """Return the share of customers who cost more than they pay, from the roots of the margin."""
    # Between knots and roots the margin keeps its sign, so its middle decides for the whole interval.
    knots = sorted({0.0, *(knot for one in (revenue, cost) for knot, _ in one.knots if knot < NO_CAP)})
    ends = [*knots, max(knots[-1] * 2, float(usage.quantile(np.array(1 - 1e-12))))]
    edges = list(_with_roots(ends, [float(revenue.at(np.array(x)) - cost.at(np.array(x))) for x in ends]))
    middles = (np.array(edges[1:]) + np.array(edges[:-1])) / 2
    loses = revenue.at(middles) - cost.at(middles) < 0
    return float(np.diff(usage.share_below(np.array(edges)))[loses].sum())


def _with_roots(places: Sequence[float], values: Sequence[float]) -> Iterable[float]:
    """Yield the places, and between two of them the place where a straight line crosses zero."""
    for left, right, before, after in zip(places, places[1:], values, values[1:], strict=False):
        yield left
        if before * after < 0:
            yield left + (right - left) * before / (before - after)
    yield places[-1]
