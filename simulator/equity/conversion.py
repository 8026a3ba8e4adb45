"""The price of a round in which SAFEs convert: exact, by closed forms, under three named conventions.

The problem is circular: SAFE shares may depend on the round's price, post-money SAFEs depend on each other's shares,
and a pool that is a share of the whole depends on everything. Once it is known which SAFEs take their cap and whether
the pool grows, everything is linear in the number of shares that a unit of money buys. So these choices are searched.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor

from profiling.errors import Phrase
from simulator.equity.shares import PricedRound, Safe, demand


@dataclass(frozen=True)
class PricedShares:
    """The price of a share, the whole shares of each SAFE in the order given, and the new pool shares."""

    price: Fraction
    converted: tuple[int, ...]
    pool: int


def price_round(shares: int, ungranted: int, safes: Sequence[Safe], event: PricedRound) -> PricedShares:
    """Return the price of a round over `shares` fully diluted, `ungranted` of them pool, while `safes` convert.

    Shares are rounded down, and the price is then struck on whole shares: times the shares that its convention counts
    it is exactly the valuation. Raise PlanError if the valuation does not cover what converts.
    """
    rounding = _Round(shares, ungranted, tuple(safes), event)
    per_money, exactly = rounding.solve()
    converted = tuple(map(floor, exactly))
    pool = floor(rounding.pool(sum(exactly, Fraction(0)), per_money))
    counted = shares + pool + (0 if event.convention == "pre-money" else sum(converted))
    return PricedShares(rounding.valuation / counted, converted, pool)


@dataclass(frozen=True)
class _Line:
    """a + b·x, in shares, where x is the number of shares that a unit of money buys: one over the price."""

    a: Fraction
    b: Fraction

    def __call__(self, x: Fraction) -> Fraction:
        return self.a + self.b * x


@dataclass(frozen=True)
class _Round:
    """Everything that the price of a round depends on."""

    shares: int
    ungranted: int
    safes: tuple[Safe, ...]
    event: PricedRound

    @property
    def valuation(self) -> Fraction:
        """The value of the shares that are counted before the new money."""
        invested = sum((safe.amount for safe in self.safes), Fraction(0))
        return self.event.pre_money + (invested if self.event.convention == "dollars invested" else 0)

    def solve(self) -> tuple[Fraction, list[Fraction]]:
        """Return shares per unit of money and the shares of each SAFE, both unrounded.

        Every choice is the larger of two numbers of shares. So x only rises as choices improve, no choice returns,
        and the search ends after finitely many exact steps (policy iteration, Howard 1960).
        """
        at_cap = [safe.cap is not None for safe in self.safes]
        grows = False
        while True:
            pool = self.new_pool(at_cap, grows)
            whole = self.capitalisation(at_cap, pool)
            x = self.shares_per_money(whole, pool)
            by_cap = [self.cap_shares(safe, whole(x), pool(x)) for safe in self.safes]
            by_price = [safe.amount / (1 - safe.discount) * x for safe in self.safes]
            # A choice changes only if the other is strictly better, so that ties do not cycle.
            better = [
                capped if at_the_cap == at_the_price else at_the_cap > at_the_price
                for capped, at_the_cap, at_the_price in zip(at_cap, by_cap, by_price, strict=True)
            ]
            needs_pool = grows or self.pool_line(whole)(x) > 0
            if better == at_cap and needs_pool == grows:
                return x, [max(pair) for pair in zip(by_cap, by_price, strict=True)]
            at_cap, grows = better, needs_pool

    def cap_shares(self, safe: Safe, capitalisation: Fraction, new_pool: Fraction) -> Fraction:
        """Return the shares that a SAFE gets at its cap, 0 without a cap.

        Both kinds of cap count the pool before the round. A post-money cap divides the capitalisation with all
        converting shares and without the pool's increase (Y Combinator, Post-money SAFE user guide, 2018). A pre-money
        cap divides the one without converting shares, but with any pool "to be created or increased in connection with
        the Equity Financing" (Y Combinator, SAFE of 2013, "Company Capitalization").
        """
        if safe.cap is None:
            return Fraction(0)
        return safe.amount / safe.cap * (capitalisation if safe.post_money else self.shares + new_pool)

    def terms(self, at_cap: Sequence[bool]) -> tuple[Fraction, Fraction, Fraction]:
        """Return what SAFEs buy: at a pre-money cap per share before them, at a price per x, at a post-money cap."""
        before, priced, sold = Fraction(0), Fraction(0), Fraction(0)
        for safe, capped in zip(self.safes, at_cap, strict=True):
            if not capped or safe.cap is None:
                priced += safe.amount / (1 - safe.discount)
            elif safe.post_money:
                sold += safe.amount / safe.cap
            else:
                before += safe.amount / safe.cap
        names = ", ".join(safe.name for safe in self.safes)
        demand(
            sold < 1,
            Phrase("SAFEs {safe}", safe=names),
            Phrase("together they sell {sold:.0%} of the company", sold=float(sold)),
            "raise their caps",
        )
        return before, priced, sold

    def capitalisation(self, at_cap: Sequence[bool], pool: _Line) -> _Line:
        """Return all shares after conversion as a line in x; post-money SAFEs at their cap sell a fraction of them."""
        before, priced, sold = self.terms(at_cap)
        given = self.shares + before * (self.shares + pool.a)
        return _Line(given / (1 - sold), (priced + before * pool.b) / (1 - sold))

    def new_pool(self, at_cap: Sequence[bool], grows: bool) -> _Line:
        """Return the new pool shares as a line in x.

        A pool that grows to a share of the whole counts the shares of pre-money SAFEs, which in turn count the pool.
        """
        if not grows:
            return _Line(Fraction(self.event.pool_shares), Fraction(0))
        without = self.pool_line(self.capitalisation(at_cap, _Line(Fraction(0), Fraction(0))))
        before, _, sold = self.terms(at_cap)
        left = 1 - self.odds * before / (1 - sold)
        what = "the SAFEs that convert and the pool leave nothing of the company"
        demand(
            left > 0,
            Phrase("Round {round}", round=self.event.name),
            what,
            "raise their caps, or lower the pool's share",
        )
        return _Line(without.a / left, without.b / left)

    def shares_per_money(self, whole: _Line, pool: _Line) -> Fraction:
        """Return the x that solves valuation × x = counted shares + new pool shares, both linear in x."""
        counted = _Line(Fraction(self.shares), Fraction(0)) if self.event.convention == "pre-money" else whole
        left = self.valuation - counted.b - pool.b
        what = "its pre-money valuation does not cover the SAFEs that convert and the pool"
        demand(
            left > 0,
            Phrase("Round {round}", round=self.event.name),
            what,
            "raise the valuation, or lower the pool's share",
        )
        return (counted.a + pool.a) / left

    @property
    def odds(self) -> Fraction:
        """Pool shares for each other share after the round."""
        return self.event.pool_share / (1 - self.event.pool_share)

    def pool_line(self, whole: _Line) -> _Line:
        """Return the new pool shares that bring the ungranted pool to its share of all shares after the round."""
        fixed = self.odds * (whole.a - self.ungranted) - self.ungranted
        return _Line(fixed, self.odds * (whole.b + self.event.money))

    def pool(self, converted: Fraction, x: Fraction) -> Fraction:
        """Return the new pool shares for known SAFE shares and x; a pool that is large enough does not change."""
        if not self.event.pool_share:
            return Fraction(self.event.pool_shares)
        whole = _Line(self.shares + converted, Fraction(0))
        return max(Fraction(0), self.pool_line(whole)(x))
