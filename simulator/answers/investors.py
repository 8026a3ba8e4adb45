"""Ownership of the company and the payouts of an exit, from the scenario's holders, SAFEs, rounds and loans.

The base case says when each round closes and how much it raises; `equity` does the exact arithmetic.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from simulator.answers.ledger import Ledger
from simulator.answers.outcomes import broke_in
from simulator.equity.captable import CapTable, history
from simulator.equity.returns import Investment, Return, investor_returns
from simulator.equity.shares import Common, Event, OptionPool, Preference, PricedRound, Safe, Warrant, exact
from simulator.equity.waterfall import Waterfall, waterfall
from simulator.errors import PlanError, Undefined


@dataclass(frozen=True)
class Exit:
    """A sale in the last month: its price, the payouts, and the return of each investor.

    `broke` is the month in which the base case runs out of cash, None if it does not: a company without cash is not
    sold for a multiple of its revenue.
    """

    month: int
    broke: int | None
    value: float
    split: Waterfall
    returns: tuple[Return, ...]


def cap_tables(ledger: Ledger) -> tuple[CapTable, ...]:
    """Return the cap table after each event of the base case.

    Raise Undefined if nobody holds shares or a round has no valuation.
    """
    if not ledger.names("holder"):
        raise Undefined("The scenario does not say who holds shares: list them under `holders`.")
    for name in ledger.names("round"):
        closed = _first(ledger, "money_raised", name)
        if closed is not None and not ledger.assumed("pre_money", name)[closed]:
            raise Undefined("A round has no pre-money valuation, so its price is unknown: add `pre_money`.")
    try:
        return history(_events(ledger))
    except PlanError as error:
        raise Undefined(str(error)) from None


def _events(ledger: Ledger) -> Iterator[Event]:
    for name in ledger.names("holder"):
        shares = int(ledger.assumed("shares", name)[0])
        pooled = ledger.assumed("set_aside", name)[0] > 0
        yield OptionPool(name, shares) if pooled else Common(name, shares)
    for name in ledger.names("safe"):
        if (month := _signed(ledger, name)) is not None:
            cap, paid = float(ledger.assumed("valuation_cap", name)[0]), _cents(_invested(ledger, name))
            discount = exact(float(ledger.assumed("conversion_discount", name)[0]))
            post_money = bool(ledger.assumed("post_money", name)[0])
            yield Safe(name, month, paid, _cents(cap) if cap else None, discount, post_money)
    for name in ledger.names("round"):
        if (month := _first(ledger, "money_raised", name)) is not None:
            yield _round(ledger, name, month)
    for name in ledger.names("loan"):
        coverage = ledger.assumed("warrant_coverage", name)[0]
        if coverage and (month := _first(ledger, "loan_drawn", name)) is not None:
            yield Warrant(name, month, _cents(ledger.of_member("loan_drawn", name)[month]), exact(float(coverage)))


def _first(ledger: Ledger, line: str, name: str) -> int | None:
    """Return the first month in which a line is positive, None if there is none."""
    months = np.flatnonzero(ledger.of_member(line, name) > 0)
    return int(months[0]) if len(months) else None


def _signed(ledger: Ledger, name: str) -> int | None:
    """Return the month in which a SAFE is signed; one from before the first month counts as signed in it."""
    return 0 if ledger.assumed("opening_safe_balance", name)[0] else _first(ledger, "safe_raised", name)


def _invested(ledger: Ledger, name: str) -> float:
    """Return all money paid for a SAFE, before the first month and since."""
    return float(ledger.assumed("opening_safe_balance", name)[0] + ledger.of_member("safe_raised", name).sum())


def _cents(amount: float) -> Fraction:
    """Return money rounded to whole cents, as it is paid."""
    return exact(f"{amount:.2f}")


def _round(ledger: Ledger, name: str, month: int) -> PricedRound:
    multiple, participating, seniority, pool_share = (
        float(ledger.assumed(term, name)[0])
        for term in ("preference_multiple", "participating", "seniority", "options_after")
    )
    preference = Preference(exact(multiple), bool(participating), seniority=int(seniority))
    # When funding is scarce, investors pay less for the same share of the company.
    scale = float(ledger.total("funding_index")[month])
    money = _cents(ledger.of_member("money_raised", name)[month])
    pre_money = _cents(float(ledger.assumed("pre_money", name)[month]) * scale)
    convention = ledger.scenario.settings.round_pricing
    return PricedRound(name, month, money, pre_money, exact(pool_share), 0, preference, convention)


def exit_at_end(ledger: Ledger, tables: tuple[CapTable, ...], value: float | None = None) -> Exit:
    """Return a sale in the last month for `value`, by default for the company's value and its cash."""
    month = ledger.scenario.months - 1
    if value is None:
        value = max(float(ledger.total("company_value")[-1]) + float(ledger.total("cash")[-1]), 0.0)
    owed = min(float(ledger.total("debt")[-1]), value)
    split = waterfall(tables[-1], _cents(value), _cents(owed))
    paid = {holder: float(amount) for holder, amount in split.by_holder().items()}
    invested = []
    for name in ledger.names("safe"):
        if (signed := _signed(ledger, name)) is not None:
            invested.append(Investment(name, signed, _invested(ledger, name)))
    for name in ledger.names("round"):
        if (closed := _first(ledger, "money_raised", name)) is not None:
            invested.append(Investment(name, closed, float(ledger.of_member("money_raised", name)[closed])))
    broke = broke_in(ledger.total("cash"), ledger.scenario.settings.cash_floor)
    return Exit(month, broke, value, split, investor_returns(invested, paid, month) if invested else ())
