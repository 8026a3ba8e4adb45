"""Ownership of the company and the payouts of an exit, from the scenario's holders, grants, SAFEs, rounds and loans.

A ledger, of the base case or of one trial, says when each round closes and how much it raises; `equity` does the exact
arithmetic.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from profiling.errors import Phrase
from simulator.answers.ledger import Ledger
from simulator.answers.outcomes import broke_in
from simulator.equity.captable import CapTable, history
from simulator.equity.returns import Investment, Return, investor_returns
from simulator.equity.shares import (
    Common,
    Event,
    Grant,
    Maturity,
    OptionPool,
    Preference,
    PricedRound,
    Safe,
    Warrant,
    exact,
)
from simulator.equity.waterfall import Waterfall, waterfall
from simulator.errors import PlanError, Undefined

# Follows a note's name in the name of the event of its maturity.
DUE = " due"


@dataclass(frozen=True)
class Exit:
    """A sale in the last month: its price, the payouts, and the return of each investor."""

    month: int
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
        if closed is not None and not ledger.of_member("valuation_before", name)[closed]:
            raise Undefined("A round has no pre-money valuation, so its price is unknown: add `pre_money`.")
    try:
        return history(_events(ledger))
    except PlanError as error:
        said = Phrase("{where}: {what}; {todo}.", where=error.where, what=error.what, todo=error.todo)
        raise Undefined(said) from None


def _events(ledger: Ledger) -> Iterator[Event]:
    for name in ledger.names("holder"):
        shares = int(ledger.assumed("shares", name)[0])
        pooled = ledger.assumed("set_aside", name)[0] > 0
        yield OptionPool(name, shares) if pooled else Common(name, shares)
    for name in ledger.names("safe"):
        yield from _safe(ledger, name)
    for name in ledger.names("round"):
        if (month := _first(ledger, "money_raised", name)) is not None:
            yield _round(ledger, name, month)
    # Events of a month apply in this order, so that a grant may use the options that the month's round adds.
    for name in ledger.names("option_grant"):
        if (month := _first(ledger, "options_granted", name)) is not None:
            options = int(ledger.of_member("options_granted", name)[month])
            yield Grant(name, month, options, exact(float(ledger.assumed("strike", name)[0])))
    for name in ledger.names("loan"):
        coverage = ledger.assumed("warrant_coverage", name)[0]
        if coverage and (month := _first(ledger, "loan_drawn", name)) is not None:
            yield Warrant(name, month, _cents(ledger.of_member("loan_drawn", name)[month]), exact(float(coverage)))


def _first(ledger: Ledger, line: str, name: str) -> int | None:
    """Return the first month in which a line is positive, None if there is none."""
    months = np.flatnonzero(ledger.of_member(line, name) > 0)
    return int(months[0]) if len(months) else None


def _safe(ledger: Ledger, name: str) -> Iterator[Event]:
    """Yield a SAFE or note over all that it converts, repays or is still owed, and the month in which a note is due."""
    if (signed := _signed(ledger, name)) is None:
        return
    converted, repaid = ledger.of_member("safe_converted", name), -ledger.of_member("note_repaid", name)
    amount = float(converted.sum() + repaid.sum() + ledger.of_member("safe_balance", name)[-1])
    cap, discount, post_money, rate, due = (
        float(ledger.assumed(term, name)[0])
        for term in ("valuation_cap", "conversion_discount", "post_money", "note_interest_rate", "maturity_months")
    )
    is_debt = rate > 0 or due > 0
    yield Safe(
        name, signed, _cents(amount), _cents(cap) if cap else None, exact(discount), bool(post_money), is_debt=is_debt
    )
    ended = np.flatnonzero((converted + repaid > 0) & (ledger.total("money_raised") == 0))
    if len(ended):
        yield Maturity(name + DUE, int(ended[0]), name, converts=bool(converted[ended[0]] > 0))


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
    multiple, participating, limit, seniority, pool_share, pool_shares = (
        float(ledger.assumed(term, name)[0])
        for term in (
            *("preference_multiple", "participating", "participation_cap", "seniority"),
            *("options_after", "options_added"),
        )
    )
    preference = Preference(exact(multiple), bool(participating), exact(limit) if limit else None, int(seniority))
    money, pre_money = (_cents(ledger.of_member(line, name)[month]) for line in ("money_raised", "valuation_before"))
    convention = ledger.scenario.settings.round_pricing
    return PricedRound(name, month, money, pre_money, exact(pool_share), int(pool_shares), preference, convention)


def company_worth(ledger: Ledger) -> float:
    """Return the price of a sale in the last month: the company's value and its cash, 0 or more."""
    return max(float(ledger.total("company_value")[-1]) + float(ledger.total("cash")[-1]), 0.0)


def exit_at_end(ledger: Ledger, tables: tuple[CapTable, ...], value: float | None = None) -> Exit:
    """Return a sale in the last month for `value`, by default for the company's value and its cash.

    Raise Undefined if cash runs out before, unless a value is given: a company without cash is not sold for a multiple
    of its revenue.
    """
    month = ledger.scenario.months - 1
    if value is None:
        broke = broke_in(ledger.total("cash"), ledger.scenario.settings.cash_floor)
        if broke is not None:
            raise Undefined("Cash runs out in {month}, so there is no sale.", month=(broke, "month index"))
        value = company_worth(ledger)
    split = payouts_at(ledger, tables[-1], value)
    paid = {holder: float(amount) for holder, amount in split.by_holder().items()}
    return Exit(month, value, split, investor_returns(_investments(ledger), paid, month))


def payouts_at(ledger: Ledger, table: CapTable, value: float) -> Waterfall:
    """Return the split of a sale in the last month for `value`."""
    owed = min(float(ledger.total("debt")[-1]), value)
    granted = exact(float(ledger.assumed("options_granted_at_exit")[-1]))
    return waterfall(table, _cents(value), _cents(owed), granted)


def _investments(ledger: Ledger) -> Iterator[Investment]:
    """Yield what SAFEs and rounds pay; a note that is repaid in cash is over before the sale."""
    for name in ledger.names("safe"):
        if (signed := _signed(ledger, name)) is not None and not ledger.of_member("note_repaid", name).any():
            yield Investment(name, signed, _invested(ledger, name))
    for name in ledger.names("round"):
        if (closed := _first(ledger, "money_raised", name)) is not None:
            yield Investment(name, closed, float(ledger.of_member("money_raised", name)[closed]))
