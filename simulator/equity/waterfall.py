"""The exit waterfall: what each holder is paid when the company is sold, exactly, summing to the exit value.

Debt is paid first, then preferences by seniority, and the rest goes to common shares and those that count as common.
Given the value of one common share, every claim is an amount of money that never falls as this value rises. So one
value makes the claims sum to the money there is, and with it every conversion and exercise is decided at once: no
holder gains by choosing otherwise. Not covered: dividends, anti-dilution, carve-outs, vesting and tax.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby, pairwise
from math import floor
from typing import Literal

from profiling.errors import Phrase
from simulator.equity.captable import CapTable, Holding
from simulator.equity.shares import Safe, demand, exact

Takes = Literal["common", "exercises", "lapses", "cancelled", "preference", "participates", "converts", "money back"]
# Ranks below every preference, since the value that a discount adds to a SAFE's money is senior to common shares only.
BELOW_ALL = -(10**9)
# Ranks above every preference, since a note is a debt.
ABOVE_ALL = 10**9
# Where the mistakes below are.
EXIT = Phrase("Exit")


@dataclass(frozen=True)
class Payout:
    """The payout to one holding: `amount` in money, net of the strike for options and warrants.

    `shares` are those held, or for a SAFE those it would convert into. `takes` is what the holder chooses.
    """

    name: str
    amount: Fraction
    shares: Fraction
    takes: Takes


@dataclass(frozen=True)
class Waterfall:
    """The split of an exit: `debt_paid` and the amounts of all payouts sum exactly to `exit_value`.

    `common_share` is the payout to one common share.
    """

    exit_value: Fraction
    debt_paid: Fraction
    common_share: Fraction
    payouts: tuple[Payout, ...]

    def by_holder(self) -> dict[str, Fraction]:
        """Return the money paid to each holder."""
        names = dict.fromkeys(payout.name for payout in self.payouts)
        return {name: sum((p.amount for p in self.payouts if p.name == name), Fraction(0)) for name in names}


@dataclass(frozen=True)
class _Claim:
    """The claim of one holding.

    `fixed` are amounts owed before common, each with its seniority. `shares` count as common at or above `strike`. A
    `participating` claim is paid both, up to `cap` in money; any other is paid the larger of the two.
    """

    name: str
    shares: Fraction
    strike: Fraction = Fraction(0)
    fixed: tuple[tuple[int, Fraction], ...] = ()
    participating: bool = False
    cap: Fraction | None = None
    source: Literal["common", "option", "preferred", "safe"] = "common"

    @property
    def owed(self) -> Fraction:
        """The total owed before common."""
        return sum((money for _, money in self.fixed), Fraction(0))

    def worth(self, share: Fraction) -> Fraction:
        """Return the claim in money for this value of a common share, if all preferences are paid in full."""
        converted = self.shares * max(Fraction(0), share - self.strike)
        if not self.participating:
            return max(self.owed, converted)
        both = self.owed + converted
        return both if self.cap is None else max(min(both, self.cap), converted)

    def bends(self) -> list[Fraction]:
        """Return the values of a common share at which the claim's slope changes."""
        if not self.shares:
            return []
        if not self.participating:
            return [self.strike + self.owed / self.shares]
        return [] if self.cap is None else [(self.cap - self.owed) / self.shares, self.cap / self.shares]

    def takes(self, share: Fraction) -> Takes:
        """Return what the holder chooses for this value of a common share."""
        if self.source == "common":
            return "common"
        if self.source == "option":
            if not self.shares:
                return "cancelled"
            return "exercises" if share > self.strike else "lapses"
        converts = share * self.shares > (self.owed if not self.participating else self.cap or self.worth(share))
        if converts:
            return "converts"
        if self.source == "safe":
            return "money back"
        return "participates" if self.participating and share else "preference"


def waterfall(
    table: CapTable, exit_value: float | Fraction, debt: float | Fraction = 0, pool_granted: float | Fraction = 0
) -> Waterfall:
    """Return the split of an exit over a cap table and its unconverted SAFEs and notes.

    `pool_granted` is the part of the remaining pool that counts as granted and vested at its strike; the rest is
    cancelled, as at a sale, and paid nothing. No payout falls as the exit value rises, unless one more SAFE starts to
    convert: by their terms this gives other post-money SAFEs more shares. Raise PlanError if a number is out of range
    or nobody holds shares.
    """
    value, owed, granted = exact(exit_value), exact(debt), exact(pool_granted)
    demand(value >= 0, EXIT, "its value is negative", "give 0 or more")
    demand(owed >= 0, EXIT, "the debt is negative", "give 0 or more")
    demand(0 <= granted <= 1, EXIT, "the part of the pool that is granted is not between 0 and 1", "give 0.8 for 80%")
    paid = min(value, owed)
    held = [_claim(holding, granted) for holding in table.holdings]
    demand(any(claim.shares for claim in held), EXIT, "nobody holds shares", "add the founders' shares")
    claims, share = _settle(held, table.safes, value - paid)
    amounts = _amounts(claims, share, value - paid)
    paired = zip(claims, amounts, strict=True)
    payouts = tuple(Payout(claim.name, amount, claim.shares, claim.takes(share)) for claim, amount in paired)
    return Waterfall(value, paid, share, payouts)


def _claim(holding: Holding, granted: Fraction) -> _Claim:
    """Return the claim of a holding; of the pool only the granted part counts."""
    shares = Fraction(holding.shares)
    if holding.kind == "common":
        return _Claim(holding.name, shares)
    if holding.preference is None:
        counted = Fraction(floor(shares * granted)) if holding.kind == "pool" else shares
        return _Claim(holding.name, counted, holding.price, source="option")
    terms = holding.preference
    fixed = ((terms.seniority, terms.multiple * holding.paid),)
    cap = None if terms.cap is None else terms.cap * holding.paid
    return _Claim(holding.name, shares, Fraction(0), fixed, terms.participating, cap, "preferred")


def _settle(held: Sequence[_Claim], safes: Iterable[Safe], value: Fraction) -> tuple[list[_Claim], Fraction]:
    """Return all claims, SAFEs last in their order, and the value of a common share that makes them sum to `value`.

    How many shares a post-money SAFE converts into depends on which SAFEs convert. So start with all that have a cap,
    and let the one that loses most by converting take its money back, until none loses. Then no SAFE that converts
    prefers its money, and none that takes its money prefers to convert.
    """
    safes = list(safes)
    converting = {safe.name for safe in safes if safe.cap is not None}
    while True:
        claims = [*held, *_safe_claims(held, safes, converting)]
        share = _share_value(claims, value)
        regret = [(claim.owed / claim.shares, claim.name) for claim in claims[len(held) :] if claim.shares]
        if not regret or max(regret)[0] <= share:
            return claims, share
        converting -= {max(regret)[1]}


def _safe_claims(held: Sequence[_Claim], safes: Sequence[Safe], converting: set[str]) -> list[_Claim]:
    """Return each unconverted SAFE as a claim on its money, or on shares at its cap if it converts.

    The capitalisation at an exit excludes the ungranted pool and the SAFEs that take their money back. A post-money
    cap counts all converting shares, a pre-money cap none. A SAFE's discount buys shares below their value, which is
    worth amount / (1 − discount) at any value (Y Combinator, Post-money SAFE, 2018). A note's discount is one on the
    price of a round, so at an exit its holder chooses between its money with interest and shares at its cap.
    """
    base = sum((claim.shares for claim in held), Fraction(0))
    at_cap = {safe.name: safe.amount / safe.cap for safe in safes if safe.cap and safe.name in converting}
    before = {safe.name: part * base for safe in safes if not safe.post_money and (part := at_cap.get(safe.name))}
    sold = sum((at_cap[name] for name in at_cap.keys() - before.keys()), Fraction(0))
    demand(sold < 1, EXIT, Phrase("the SAFEs sell {sold:.0%} of the company", sold=float(sold)), "raise their caps")
    whole = (base + sum(before.values(), Fraction(0))) / (1 - sold)
    shares = {name: before.get(name, part * whole) for name, part in at_cap.items()}
    claims = []
    for safe in safes:
        added = safe.amount / (1 - safe.discount) - safe.amount
        owed = ((safe.seniority, safe.amount), (BELOW_ALL, added))
        fixed = ((ABOVE_ALL, safe.amount),) if safe.is_debt else owed
        claims.append(_Claim(safe.name, shares.get(safe.name, Fraction(0)), fixed=fixed, source="safe"))
    return claims


def _share_value(claims: Sequence[_Claim], value: Fraction) -> Fraction:
    """Return the value of a common share at which claims sum to `value`; 0 if preferences take all of it.

    The sum of claims is linear between the bends of all claims, so the segment that contains `value` gives it exactly.
    """

    def total(share: Fraction) -> Fraction:
        return sum((claim.worth(share) for claim in claims), Fraction(0))

    if value <= total(Fraction(0)):
        return Fraction(0)
    bends = sorted({Fraction(0), *(bend for claim in claims for bend in claim.bends())})
    for low, high in pairwise(bends):
        if total(low) <= value < total(high):
            return low + (high - low) * (value - total(low)) / (total(high) - total(low))
    last = bends[-1]
    return last + (value - total(last)) / sum((claim.shares for claim in claims), Fraction(0))


def _amounts(claims: Sequence[_Claim], share: Fraction, value: Fraction) -> list[Fraction]:
    """Return what each claim is paid: its worth, or what its seniority leaves if preferences exceed `value`."""
    if sum((claim.owed for claim in claims), Fraction(0)) <= value:
        return [claim.worth(share) for claim in claims]
    paid = [Fraction(0)] * len(claims)
    owed = [(rank, place, money) for place, claim in enumerate(claims) for rank, money in claim.fixed]
    for _, peers in groupby(sorted(owed, reverse=True), key=lambda item: item[0]):
        tier = list(peers)
        due = sum((money for *_, money in tier), Fraction(0))
        part = min(Fraction(1), value / due) if due else Fraction(0)
        for _, place, money in tier:
            paid[place] += part * money
        value -= part * due
    return paid
