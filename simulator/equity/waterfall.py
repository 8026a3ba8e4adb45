"""The exit waterfall: what each holder is paid when the company is sold, exactly, summing to the exit value.

Debt is paid first, then preferences by seniority, then whoever shares in what is left. Every claim is a number of
money given the value of one common share, and never falls with it; so one value of a common share makes the claims
sum to what there is, and with it every conversion and exercise is decided at once: nobody gains by choosing
otherwise. Not covered: dividends, anti-dilution, carve-outs, vesting and tax.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby, pairwise
from math import floor
from typing import Literal

from simulator.equity.captable import CapTable, Holding
from simulator.equity.shares import Safe, demand, exact

Takes = Literal["common", "exercises", "lapses", "preference", "participates", "converts", "money back"]
# Below every preference: what a discount adds to a SAFE's money comes before common shares alone.
BELOW_ALL = -(10**9)


@dataclass(frozen=True)
class Payout:
    """What one holding is paid: `amount` in money, options and warrants less their strike.

    `shares` are those held, or for a SAFE those it would convert into; `takes` is what the holder chose.
    """

    name: str
    amount: Fraction
    shares: Fraction
    takes: Takes

    @property
    def per_share(self) -> Fraction:
        """Money a share; 0 where there are none."""
        return self.amount / self.shares if self.shares else Fraction(0)


@dataclass(frozen=True)
class Waterfall:
    """An exit shared out: `debt_paid` and the amounts of all payouts sum exactly to `exit_value`.

    `common_share` is what one common share is paid.
    """

    exit_value: Fraction
    debt_paid: Fraction
    common_share: Fraction
    payouts: tuple[Payout, ...]

    def by_holder(self) -> dict[str, Fraction]:
        """Money by holder."""
        names = dict.fromkeys(payout.name for payout in self.payouts)
        return {name: sum((p.amount for p in self.payouts if p.name == name), Fraction(0)) for name in names}


@dataclass(frozen=True)
class _Claim:
    """What a holding may demand.

    `fixed` are sums owed before common, each with its seniority; `shares` count as common at or above `strike`;
    `participating` adds both, up to `cap` in money, and otherwise the larger of the two is paid.
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
        """All that is owed before common."""
        return sum((money for _, money in self.fixed), Fraction(0))

    def worth(self, share: Fraction) -> Fraction:
        """The claim where a common share is worth so much, all preferences being paid in full."""
        converted = self.shares * max(Fraction(0), share - self.strike)
        if not self.participating:
            return max(self.owed, converted)
        both = self.owed + converted
        return both if self.cap is None else max(min(both, self.cap), converted)

    def bends(self) -> list[Fraction]:
        """Values of a common share at which the claim's slope changes."""
        if not self.shares:
            return []
        if not self.participating:
            return [self.strike + self.owed / self.shares]
        return [] if self.cap is None else [(self.cap - self.owed) / self.shares, self.cap / self.shares]

    def takes(self, share: Fraction) -> Takes:
        """What the holder chooses where a common share is worth so much."""
        if self.source == "common":
            return "common"
        if self.source == "option":
            return "exercises" if share > self.strike else "lapses"
        converts = share * self.shares > (self.owed if not self.participating else self.cap or self.worth(share))
        if converts:
            return "converts"
        if self.source == "safe":
            return "money back"
        return "participates" if self.participating and share else "preference"


def waterfall(
    table: CapTable, exit_value: float | Fraction, debt: float | Fraction = 0, pool_granted: float | Fraction = 1
) -> Waterfall:
    """Share out an exit over a cap table and its unconverted SAFEs.

    `pool_granted` is the part of the remaining pool that counts as granted and vested at its strike; what is not
    granted is paid nothing. The default, all of it, understates everybody else rather than overstates them; give 0
    where each grant is an event of its own. No payout falls as the exit value rises, save where one more SAFE starts
    to convert: by its terms that gives other post-money SAFEs more shares. PlanError where a number is out of range,
    or nobody holds shares.
    """
    value, owed, granted = exact(exit_value), exact(debt), exact(pool_granted)
    demand(value >= 0, "Exit", "its value is negative", "give 0 or more")
    demand(owed >= 0, "Exit", "the debt is negative", "give 0 or more")
    demand(0 <= granted <= 1, "Exit", "the part of the pool that is granted is not between 0 and 1", "give 0.8 for 80%")
    paid = min(value, owed)
    held = [_claim(holding, granted) for holding in table.holdings]
    demand(any(claim.shares for claim in held), "Exit", "nobody holds shares", "add the founders' shares")
    claims, share = _settle(held, table.safes, value - paid)
    amounts = _amounts(claims, share, value - paid)
    payouts = [_payout(claim, amount, share) for claim, amount in zip(claims, amounts, strict=True)]
    return Waterfall(value, paid, share, tuple(payouts))


def _payout(claim: _Claim, amount: Fraction, share: Fraction) -> Payout:
    return Payout(claim.name, amount, claim.shares, claim.takes(share))


def _claim(holding: Holding, granted: Fraction) -> _Claim:
    """What a holding may demand; of the pool only the granted part."""
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
    """All claims, SAFEs last in their order, and the value of a common share that makes them sum to `value`.

    How many shares a post-money SAFE converts into depends on which SAFEs convert. Start with all that have a cap,
    and let the one that is furthest from gaining take its money back, until all the others gain: none of these
    would rather have its money back, and none of those would rather convert.
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
    """Each unconverted SAFE as a claim on its money back, or on shares at its cap if it is among those converting.

    The capitalisation at an exit leaves out the ungranted pool and the SAFEs that take their money back; a
    post-money cap counts all converting shares in, a pre-money cap none. A discount buys shares at a part of their
    value, which is worth amount / (1 − discount) whatever that value is (Y Combinator, Post-money SAFE, 2018).
    """
    base = sum((claim.shares for claim in held), Fraction(0))
    at_cap = {safe.name: safe.amount / safe.cap for safe in safes if safe.cap and safe.name in converting}
    before = {safe.name: part * base for safe in safes if not safe.post_money and (part := at_cap.get(safe.name))}
    sold = sum((at_cap[name] for name in at_cap.keys() - before.keys()), Fraction(0))
    demand(sold < 1, "Exit", f"the SAFEs sell {float(sold):.0%} of the company", "raise their caps")
    whole = (base + sum(before.values(), Fraction(0))) / (1 - sold)
    shares = {name: before.get(name, part * whole) for name, part in at_cap.items()}
    return [
        _Claim(safe.name, shares.get(safe.name, Fraction(0)), fixed=_safe_fixed(safe), source="safe") for safe in safes
    ]


def _safe_fixed(safe: Safe) -> tuple[tuple[int, Fraction], ...]:
    """The money back at the SAFE's seniority, and what its discount adds ahead of common shares alone."""
    return ((safe.seniority, safe.amount), (BELOW_ALL, safe.amount / (1 - safe.discount) - safe.amount))


def _share_value(claims: Sequence[_Claim], value: Fraction) -> Fraction:
    """The value of a common share at which claims sum to `value`; 0 where preferences take all of it.

    The sum of claims is linear between the bends of all claims, so the segment that holds `value` gives it exactly.
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
    """What each claim is paid: its worth, or where preferences exceed `value` what its seniority leaves it."""
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
