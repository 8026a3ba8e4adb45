"""Contracts with the owners of the company: shares, pool, options, SAFEs, notes, priced rounds and warrants.

Each class holds the terms of one contract, and `captable` applies them in order. Numbers that must be exact become
fractions, also if given as floats or text. Months are counted from 0.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from fractions import Fraction
from math import isfinite
from numbers import Integral

from profiling.errors import Phrase
from simulator.errors import PlanError
from simulator.scenario.settings import CONVENTIONS, Convention


def exact(number: float | str | Fraction) -> Fraction:
    """Return the fraction that a number's decimal digits say: 0.2 is one fifth, not the nearest binary number."""
    if isinstance(number, float):
        demand(isfinite(number), str(number), "it is not an amount", "give a finite number")
        return Fraction(repr(float(number)))
    # NumPy's whole numbers would overflow inside a fraction.
    return Fraction(int(number)) if isinstance(number, Integral) else Fraction(number)


def demand(holds: bool, where: str, what: str, todo: str) -> None:
    """Raise PlanError with what is wrong, where and what to do, unless a condition holds."""
    if not holds:
        raise PlanError(what, todo, where=where)


class _Exact:
    """Base class that converts every field declared as a Fraction, so that `Safe("Ann", 0, 1e5, 5e6)` works."""

    def __post_init__(self) -> None:
        for field in fields(self):  # type: ignore[arg-type]
            value = getattr(self, field.name)
            if "Fraction" in str(field.type) and value is not None:
                object.__setattr__(self, field.name, exact(value))
        self.check()

    def check(self) -> None:
        """Raise PlanError if the terms make no sense."""


class _Issue(_Exact):
    """Base class of events that create shares, which must be whole and positive."""

    name: str
    shares: int

    def check(self) -> None:
        """Raise PlanError unless shares are whole and positive."""
        counted = isinstance(self.shares, int) and self.shares > 0
        demand(counted, self.name, Phrase("{shares} is not a number of shares", shares=self.shares), "give 1 or more")


@dataclass(frozen=True)
class Preference(_Exact):
    """Terms of a preferred class: what it is owed at an exit before common shares.

    `multiple` and `cap` are multiples of the money paid. `cap` bounds preference and participation together; None is
    no bound. A higher `seniority` is paid first, and classes of equal seniority share pro rata.
    """

    multiple: Fraction = Fraction(1)
    participating: bool = False
    cap: Fraction | None = None
    seniority: int = 0

    def check(self) -> None:
        """Raise PlanError for a negative multiple, or a cap that could never be paid out."""
        where = Phrase("Liquidation preference")
        demand(self.multiple >= 0, where, "its multiple is negative", "give 0 or more")
        if self.cap is not None:
            demand(self.participating, where, "it has a cap but does not participate", "remove one")
            demand(self.cap >= self.multiple, where, "its cap is below its multiple", "raise it")


@dataclass(frozen=True)
class Common(_Issue):
    """Common shares issued to a founder or another holder."""

    name: str
    shares: int
    month: int = 0


@dataclass(frozen=True)
class OptionPool(_Issue):
    """Shares set aside for options not granted yet; `strike` is the price at which they can be exercised."""

    name: str
    shares: int
    strike: Fraction = Fraction(0)
    month: int = 0


@dataclass(frozen=True)
class Grant(_Issue):
    """Options granted out of the pool, exercisable at `strike` per share."""

    name: str
    month: int
    shares: int
    strike: Fraction = Fraction(0)


@dataclass(frozen=True)
class Safe(_Exact):
    """A simple agreement for future equity: money now, shares in the next priced round.

    `cap` is the valuation cap or None, `discount` a fraction of the round's price. With both, the one that gives more
    shares counts; with neither, the SAFE converts at the round's price. `seniority` applies at an exit before
    conversion; after conversion the round's seniority applies. A convertible note `is_debt`: its `amount` is the money
    with all interest that it converts or repays, and an exit repays it before any shares.
    """

    name: str
    month: int
    amount: Fraction
    cap: Fraction | None = None
    discount: Fraction = Fraction(0)
    post_money: bool = True
    seniority: int = 0
    is_debt: bool = False

    def check(self) -> None:
        """Raise PlanError unless the money buys less than the whole company."""
        where = Phrase("SAFE {safe}", safe=self.name)
        demand(self.amount > 0, where, "its amount is not positive", "give the money that was paid for it")
        demand(0 <= self.discount < 1, where, "its discount is not between 0 and 1", "give 0.2 for 20%")
        if self.cap is not None:
            what = Phrase(
                "its cap of {cap:,.0f} is not above the {amount:,.0f} paid",
                cap=float(self.cap),
                amount=float(self.amount),
            )
            demand(self.cap > self.amount, where, what, "raise the cap, or lower the amount")


@dataclass(frozen=True)
class PricedRound(_Exact):
    """A round that sells preferred shares for `money` at a pre-money valuation, and converts all SAFEs.

    The pool is topped up within the pre-money, either by `pool_shares` new shares or until the ungranted pool is
    `pool_share` of all shares after the round. A pool that is already larger does not change.
    """

    name: str
    month: int
    money: Fraction
    pre_money: Fraction
    pool_share: Fraction = Fraction(0)
    pool_shares: int = 0
    preference: Preference = Preference()
    convention: Convention = "percent ownership"

    def check(self) -> None:
        """Raise PlanError unless the valuation is positive and the pool's top-up is given in one way."""
        where = Phrase("Round {round}", round=self.name)
        demand(self.money > 0, where, "it raises no money", "give a positive amount, or remove the round")
        demand(self.pre_money > 0, where, "its pre-money valuation is not positive", "give the value of the company")
        demand(0 <= self.pool_share < 1, where, "its pool share is not between 0 and 1", "give 0.1 for 10%")
        demand(self.pool_shares >= 0, where, "its new pool shares are negative", "give 0 or more")
        twice = bool(self.pool_share and self.pool_shares)
        demand(not twice, where, "its pool top-up is given as a share and as a number", "keep one of them")
        choices = ", ".join(CONVENTIONS)
        demand(
            self.convention in CONVENTIONS,
            where,
            Phrase("no convention is called {convention}", convention=self.convention),
            Phrase("use {choices}", choices=choices),
        )


@dataclass(frozen=True)
class Warrant(_Exact):
    """Warrants that come with a loan: `coverage` × loan buys shares at the last round's price, which is the strike."""

    name: str
    month: int
    loan: Fraction
    coverage: Fraction

    def check(self) -> None:
        """Raise PlanError unless both terms are positive."""
        where = Phrase("Warrants of {loan}", loan=self.name)
        demand(self.loan > 0, where, "the loan is not positive", "give the money lent")
        demand(self.coverage > 0, where, "the coverage is not positive", "give 0.1 for 10%, or remove the warrants")


@dataclass(frozen=True)
class Maturity:
    """The month in which a note is due: it `converts` into common shares at its cap, or is repaid in cash."""

    name: str
    month: int
    note: str
    converts: bool = False


Event = Common | OptionPool | Grant | Safe | PricedRound | Warrant | Maturity
