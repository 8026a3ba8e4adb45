"""Contradictions between assumptions that are each valid alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from itertools import pairwise

import numpy as np

from profiling.errors import Phrase
from simulator.engine.model import Array
from simulator.engine.wiring import Members
from simulator.lines import CHARGES, PARTS_OF_ALL, PARTS_OF_EACH, business
from simulator.scenario.assumption import Assumption
from simulator.scenario.checks.funding import of_funding
from simulator.scenario.checks.stated_units import RATE

Contradiction = tuple[str, str, str]  # the path of one assumption, what is wrong, and what to do

# What a kind of member needs, unless the assumption that decides on it has the value that spares it.
NEEDED = (
    ("channel", "budget", 0, ("cost_per_signup", "most_signups")),
    ("plan", "share_of_signups", 0, ("conversion",)),
    ("pool", "vendor_share", 1, ("tokens_per_second", "device_price", "peak_to_mean")),
    ("program", "tokens_per_example", 0, ("training_tokens_per_second",)),
)

# Shares such as 0.7 + 0.2 + 0.1 miss one by a rounding error.
ROUNDING = 1e-9


def contradictions(assumptions: Mapping[str, Assumption], members: Members, months: int) -> Iterator[Contradiction]:
    """Yield every contradiction: shares that exceed a whole, two latency limits, and what a plan leaves open.

    What holds by month is looked at in the first `months`, those that are projected.
    """
    yield from _routed(assumptions, members, months)
    yield from _overfull(assumptions, members, months)
    yield from _exchanged(assumptions)
    for pool in members.names["pool"]:
        rate, limit = (held(assumptions, name, pool) for name in ("tokens_per_second", "token_latency_limit"))
        if rate.on_curve and limit.central:
            what = Phrase("{path} is read from a curve, which already keeps a latency limit", path=rate.path)
            yield limit.path, what, Phrase("set this limit to 0, or give {path} a single rate", path=rate.path)
    yield from _left_out(assumptions, members, months)
    for plan in members.names["plan"]:
        yield from _unused(assumptions, plan)
        yield from _charged(assumptions, plan, months)
        yield from _tried(assumptions, plan)
        yield from _tiered(assumptions, plan, months)
    yield from of_funding(partial(held, assumptions), members)


def _routed(assumptions: Mapping[str, Assumption], members: Members, months: int) -> Iterator[Contradiction]:
    """Yield routes that escalate to the pool that they come from, and those that together move more than all."""
    pools = members.pointers.get(("feature", "pool"), ())
    moved: dict[int, Array | float] = {}
    for route, pool, feature in zip(
        members.names["route"],
        members.pointers.get(("route", "pool"), ()),
        members.pointers.get(("route", "feature"), ()),
        strict=False,
    ):
        again, instead = (held(assumptions, name, route) for name in ("escalated_share", "moved_share"))
        if pool == pools[feature] and again.central:
            yield again.path, "the route leads to a feature on its own pool", "set `feature:` to one on another pool"
        moved[pool] = moved.get(pool, 0.0) + instead.base(months)
        if np.any(moved[pool] > 1 + ROUNDING):
            what = Phrase(
                "the routes from {pool} together move more than all of its requests", pool=members.names["pool"][pool]
            )
            yield instead.path, what, "lower it, or the `moved_share` of another route"


def _exchanged(assumptions: Mapping[str, Assumption]) -> Iterator[Contradiction]:
    """Yield amounts in a second currency without its rate, and a rate without a second currency."""
    rate = assumptions[RATE]
    for one in assumptions.values():
        if one.is_foreign and rate.is_default:
            yield (
                one.path,
                Phrase("it is in {unit}, and the file gives no exchange rate", unit=one.unit),
                Phrase("add `{rate}:` in {unit}", rate=RATE, unit=rate.unit),
            )
    if rate.unit == "1" and not rate.is_default:
        yield RATE, "the file names no second currency", "add `second_currency:` at the top, such as USD"


def _left_out(assumptions: Mapping[str, Assumption], members: Members, months: int) -> Iterator[Contradiction]:
    """Yield what a channel with a budget, a plan with sign-ups, and a pool with devices of its own must say."""
    for kind, deciding, spared, names in NEEDED:
        for member in members.names[kind]:
            decides = held(assumptions, deciding, member)
            if decides.is_uncertain or (decides.base(months) != spared).any():
                for one in (held(assumptions, name, member) for name in names):
                    if one.is_default:
                        what = Phrase(
                            "the {kind} needs it unless {deciding} is {spared:g}",
                            kind=kind,
                            deciding=deciding,
                            spared=spared,
                        )
                        yield one.path, what, Phrase("add `{name}:` in {unit}", name=one.name, unit=one.unit)


def _unused(assumptions: Mapping[str, Assumption], plan: str) -> Iterator[Contradiction]:
    uses = [held(assumptions, name, plan) for name in ("requests_per_customer", "requests_per_seat")]
    if all(one.is_default for one in uses):
        todo = Phrase(
            "add `requests_per_customer:` in {unit} or `requests_per_seat:` in {wanted}",
            unit=uses[0].unit,
            wanted=uses[1].unit,
        )
        yield uses[0].path, "the use by customers of the plan is unknown", todo


def _charged(assumptions: Mapping[str, Assumption], plan: str, months: int) -> Iterator[Contradiction]:
    """Yield a price that goes from nothing to something, without a word on how many customers stay."""
    stay, reference = (held(assumptions, name, plan) for name in ("stay_when_charged", "reference_bill"))
    charges = [held(assumptions, name, plan) for name in CHARGES]
    asked = np.sum(np.broadcast_arrays(*(one.base(months) for one in charges)), axis=0) > 0
    was_free = reference.central == 0 and not reference.is_default
    if stay.is_default and ((was_free and asked.any()) or (asked[1:] & ~asked[:-1]).any()):
        path = next(one.path for one in charges if one.base(months).any())
        what = "the plan is free at first and charges later, and the share of its customers who then stay is unknown"
        yield path, what, Phrase("add `stay_when_charged:` to plans.{plan}, such as 30%", plan=plan)


def _tried(assumptions: Mapping[str, Assumption], plan: str) -> Iterator[Contradiction]:
    """Yield a free trial without a word on how many buy at its end."""
    length, bought = (held(assumptions, name, plan) for name in ("trial_months", "trial_conversion"))
    if length.central > 0 and bought.is_default:
        todo = Phrase("add `trial_conversion:` to plans.{plan}, such as 25%", plan=plan)
        yield length.path, "the share of free trials that end with a purchase is unknown", todo


def _tiered(assumptions: Mapping[str, Assumption], plan: str, months: int) -> Iterator[Contradiction]:
    """Yield each tier of metered prices that starts before the one below it."""
    tiers = [held(assumptions, name, plan) for name in ("tier_starts", "tier_2_starts", "tier_3_starts")]
    for lower, upper in pairwise(tiers):
        if not upper.is_default and (upper.base(months) < lower.base(months)).any():
            yield (
                upper.path,
                "the tier starts before the one below it",
                Phrase("raise it, or lower {path}", path=lower.path),
            )


def _overfull(assumptions: Mapping[str, Assumption], members: Members, months: int) -> Iterator[Contradiction]:
    """Yield each set of shares of one whole whose sum exceeds it in some month, with the path of the last share."""
    sets = [
        [(name, member) for name in names] for kind, names in PARTS_OF_EACH.items() for member in members.names[kind]
    ]
    for kind, names in PARTS_OF_ALL.items():
        sets += [[(name, member) for member in members.names[kind]] for name in names if members.names[kind]]
    for shares in sets:
        found = [held(assumptions, name, member) for name, member in shares]
        wholes = np.sum(np.broadcast_arrays(*(one.base(months) for one in found)), axis=0)
        if (over := wholes > 1 + ROUNDING).any():
            month = int(np.argmax(over))
            told = "shares of one whole add up to {whole:.0%} in month {month}"
            what = Phrase(
                told if month else "shares of one whole add up to {whole:.0%}", whole=wholes[month], month=month
            )
            listed = ", ".join(dict.fromkeys(one.path for one in found))
            yield found[-1].path, what, Phrase("lower one of {listed}", listed=listed)


def held(assumptions: Mapping[str, Assumption], name: str, member: str | None) -> Assumption:
    """Return the assumption of a member: its own, or the one for all members."""
    path = business().inputs[name].path(member)
    return assumptions[path if path in assumptions else name]
