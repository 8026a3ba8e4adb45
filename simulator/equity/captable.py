"""The cap table: how many shares each holder owns after each event, in whole shares and exact fractions, never floats.

A company is a list of events (see `shares`); `history` applies them in order of their months and returns the table
after each. Shares are fully diluted: the whole pool, options and warrants count. `conversion` prices a round in which
SAFEs convert, and `waterfall` splits an exit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from math import floor
from typing import Literal

from profiling.errors import Phrase
from simulator.equity.conversion import price_round
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
    demand,
)
from simulator.errors import PlanError

Kind = Literal["common", "pool", "option", "warrant", "preferred"]


@dataclass(frozen=True)
class Holding:
    """Shares of one holder and kind.

    `paid` is the total paid for them. `price` is the price of one share, or the strike of a pool, option or warrant.
    `preference` is None except for preferred shares.
    """

    name: str
    kind: Kind
    shares: int
    month: int
    price: Fraction = Fraction(0)
    paid: Fraction = Fraction(0)
    preference: Preference | None = None


@dataclass(frozen=True)
class CapTable:
    """All holdings after an event; `price` is that of the last priced round, None before the first."""

    month: int = 0
    event: str = ""
    holdings: tuple[Holding, ...] = ()
    safes: tuple[Safe, ...] = ()
    price: Fraction | None = None

    @property
    def shares(self) -> int:
        """All shares, fully diluted; SAFEs that have not converted are excluded."""
        return sum(holding.shares for holding in self.holdings)

    @property
    def ungranted(self) -> int:
        """Shares of the pool that are not granted as options."""
        return sum(holding.shares for holding in self.holdings if holding.kind == "pool")

    @property
    def post_money(self) -> Fraction | None:
        """All shares at the last round's price; None before the first."""
        return None if self.price is None else self.shares * self.price

    def shares_of(self, name: str) -> int:
        """Return the shares of one holder, 0 for a name that is not in the table."""
        return sum(holding.shares for holding in self.holdings if holding.name == name)

    def ownership(self) -> dict[str, Fraction]:
        """Return each holder's fraction of all shares, fully diluted; the fractions sum to 1."""
        return {holding.name: Fraction(holding.shares, self.shares) for holding in self.holdings}

    def dilution_since(self, earlier: CapTable) -> dict[str, Fraction]:
        """Return the fraction of its ownership that each holder has lost since an earlier table; gains are negative."""
        then = earlier.ownership()
        return {name: 1 - Fraction(self.shares_of(name), self.shares) / part for name, part in then.items() if part}


def history(events: Iterable[Event]) -> tuple[CapTable, ...]:
    """Return the table after each event, in order of months; events of one month keep their order.

    Raise PlanError if two events share a name, or an event does not fit the ones before it.
    """
    tables = [CapTable()]
    names: set[str] = set()
    for event in sorted(events, key=lambda event: event.month):
        demand(event.name not in names, event.name, "two events have this name", "rename one of them")
        names.add(event.name)
        after = _APPLY[type(event)](tables[-1], event)
        tables.append(replace(after, month=event.month, event=event.name))
    return tuple(tables[1:])


def _with(table: CapTable, *holdings: Holding) -> CapTable:
    return replace(table, holdings=(*table.holdings, *holdings))


def _pool(table: CapTable, event: OptionPool) -> CapTable:
    once = all(holding.kind != "pool" for holding in table.holdings)
    demand(once, event.name, "there already is an option pool", "top it up in a round, or enlarge the first one")
    return _with(table, Holding(event.name, "pool", event.shares, event.month, event.strike))


def _grow_pool(table: CapTable, by: int, month: int) -> CapTable:
    """Return the table with the pool changed by a number of shares, negative to shrink it."""
    if by and not any(holding.kind == "pool" for holding in table.holdings):
        return _with(table, Holding("Option pool", "pool", by, month))
    grown = [replace(one, shares=one.shares + by) if one.kind == "pool" else one for one in table.holdings]
    return replace(table, holdings=tuple(grown))


def _grant(table: CapTable, event: Grant) -> CapTable:
    what = Phrase(
        "it grants {shares:,} options, but the pool has {ungranted:,} left",
        shares=event.shares,
        ungranted=table.ungranted,
    )
    demand(event.shares <= table.ungranted, event.name, what, "grant fewer, or top up the pool in an earlier round")
    left = _grow_pool(table, -event.shares, event.month)
    return _with(left, Holding(event.name, "option", event.shares, event.month, event.strike))


def _warrant(table: CapTable, event: Warrant) -> CapTable:
    where = Phrase("Warrants of {loan}", loan=event.name)
    if table.price is None:
        raise PlanError(
            Phrase("no round before month {month} sets a price", month=event.month),
            todo="move the loan after the first round",
            where=where,
        )
    count = floor(event.coverage * event.loan / table.price)
    demand(count > 0, where, "they buy no whole share", "raise the coverage, or remove them")
    return _with(table, Holding(event.name, "warrant", count, event.month, table.price))


def _round(table: CapTable, event: PricedRound) -> CapTable:
    """Convert the SAFEs, top up the pool and issue the new shares, all at the round's price."""
    demand(
        table.shares > 0,
        Phrase("Round {round}", round=event.name),
        "nobody holds shares before it",
        "add the founders' shares first",
    )
    priced = price_round(table.shares, table.ungranted, table.safes, event)
    new = floor(event.money / priced.price)
    demand(
        new > 0,
        Phrase("Round {round}", round=event.name),
        "its money buys no whole share",
        "raise more, or lower the valuation",
    )
    topped = _grow_pool(table, priced.pool, event.month)
    holdings = [_converted(safe, shares, event) for safe, shares in zip(table.safes, priced.converted, strict=True)]
    issued = Holding(event.name, "preferred", new, event.month, priced.price, event.money, event.preference)
    return replace(_with(topped, *holdings, issued), safes=(), price=priced.price)


def _converted(safe: Safe, shares: int, event: PricedRound) -> Holding:
    """Return a SAFE's shares: the round's preferred, but with a preference on the money paid for the SAFE."""
    demand(
        shares > 0,
        Phrase("SAFE {safe}", safe=safe.name),
        Phrase("it buys no whole share in round {round}", round=event.name),
        "remove it",
    )
    price = safe.amount / shares
    return Holding(safe.name, "preferred", shares, safe.month, price, safe.amount, event.preference)


def _maturity(table: CapTable, event: Maturity) -> CapTable:
    """Take a note that is due out of the table; at its cap it converts alone, into common shares."""
    note = next((safe for safe in table.safes if safe.name == event.note), None)
    if note is None:
        raise PlanError("it has no note that is still open", "remove the maturity", where=event.name)
    left = replace(table, safes=tuple(safe for safe in table.safes if safe is not note))
    if not event.converts:
        return left
    demand(note.cap is not None, event.name, "its note has no valuation cap to convert at", "give it one")
    sold = note.amount / (note.cap or 1)
    shares = floor(table.shares * (sold / (1 - sold) if note.post_money else sold))
    demand(shares > 0, event.name, "its note buys no whole share", "lower its cap")
    return _with(left, Holding(note.name, "common", shares, event.month, note.amount / shares, note.amount))


_APPLY: dict[type, Callable[..., CapTable]] = {
    Common: lambda table, event: _with(table, Holding(event.name, "common", event.shares, event.month)),
    OptionPool: _pool,
    Grant: _grant,
    Safe: lambda table, event: replace(table, safes=(*table.safes, event)),
    PricedRound: _round,
    Warrant: _warrant,
    Maturity: _maturity,
}
