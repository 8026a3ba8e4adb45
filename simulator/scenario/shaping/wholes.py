"""Shares of one whole, such as the sign-ups that all plans divide: a new member's part, and what a removed one leaves.

The sum of the shares stays. A new member takes its part from all others in proportion, and a removed one gives it back
in the same way, so that both together change nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np

from simulator.engine.model import Array
from simulator.lines import PARTS_OF_ALL
from simulator.scenario.assumption import is_described
from simulator.scenario.document import plain
from simulator.scenario.scaling import scaled
from simulator.scenario.scenario import Scenario

# A further member starts with this part of a whole: small, so that the shares of the others change little.
NEW_PART = 0.1
# What a new member takes a part of; customers who upgrade keep the plans that they go to.
TAKEN_BY_NEW = ("share_of_signups", "share_of_deals")

# Path → the share in the first month, before and after.
Moves = Mapping[str, tuple[float, float]]
Edits = dict[tuple[str, ...], Any]


def shared_by(scenario: Scenario, kind: str, name: str) -> float:
    """Return the sum of a share over the members of a kind in the first month."""
    return sum(scenario.assumption_of(name, one).central for one in scenario.entities.get(kind, ()))


def part_of_new(scenario: Scenario, kind: str, name: str) -> float:
    """Return the part of a whole that a new member starts with: all of it for the first, none of what nobody shares."""
    if not scenario.entities.get(kind):
        return 1.0 if name == TAKEN_BY_NEW[0] else 0.0
    return NEW_PART * shared_by(scenario, kind, name) if name in TAKEN_BY_NEW else 0.0


def giving_way(scenario: Scenario, document: Any, kind: str, name: str, part: float) -> Edits:
    """Return the edits of the shares of all members that make room for one more with this part of the whole.

    The sum stays; where it is not above the part, it grows to at most 1.
    """
    whole = shared_by(scenario, kind, name)
    after = whole if part < whole else min(1.0, whole + part)
    return multiplied(scenario, document, kind, name, (after - part) / whole) if whole else {}


def taking_up(scenario: Scenario, kind: str, name: str, leaving: Collection[str]) -> float:
    """Return the factor by which the other shares of a whole take up those of the members that leave.

    The sum is at most what it was in every month, and the same in one of them; 1 where no other member has a share.
    """
    members = scenario.entities.get(kind, ())
    bases = {one: scenario.assumption_of(name, one).base(scenario.months) for one in members}
    whole, rest = (_sum(bases[one] for one in members if one not in but) for but in ((), leaving))
    whole, rest = np.broadcast_arrays(whole, rest)
    shared = rest > 0
    return float((whole[shared] / rest[shared]).min()) if shared.any() else 1.0


def _sum(shares: Any) -> Array:
    return np.asarray(sum(shares, np.zeros(1)))


def multiplied(  # noqa: PLR0917
    scenario: Scenario, document: Any, kind: str, name: str, factor: float, but: Collection[str] = ()
) -> Edits:
    """Return the edits that multiply a share of all members of a kind by a factor; its source and note stay.

    A value for all members is edited once, where it stands.
    """
    edits: Edits = {}
    if factor == 1:
        return edits
    for one in scenario.entities.get(kind, ()):
        share = scenario.assumption_of(name, one)
        if one in but or share.is_default:
            continue
        path = ("assumptions", name) if share.path == name else (f"{kind}s", one, name)
        entry = plain(document[path[0]][path[1]] if len(path) == 2 else document[path[0]][path[1]][name])
        new = scaled(share.literal, factor)
        edits[path] = {**entry, "value": new} if is_described(entry) else new
    return edits


def moves(before: Scenario, after: Scenario) -> Moves:
    """Return the shares of a whole that a change of members has moved, those of members of both scenarios."""
    found: dict[str, tuple[float, float]] = {}
    for kind, names in PARTS_OF_ALL.items():
        for name in names:
            for one in before.entities.get(kind, ()):
                if one in after.entities.get(kind, ()):
                    old, new = (each.assumption_of(name, one).central for each in (before, after))
                    if not np.isclose(old, new, rtol=1e-6):
                        found[f"{kind}s.{one}.{name}"] = old, new
    return found
