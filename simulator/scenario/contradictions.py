"""Contradictions between assumptions that are each valid alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from simulator.engine.wiring import Members
from simulator.lines import PARTS_OF_ALL, PARTS_OF_EACH, business
from simulator.scenario.assumption import Assumption

Contradiction = tuple[str, str, str]  # the path of one assumption, what is wrong, and what to do

# Shares such as 0.7 + 0.2 + 0.1 miss one by a rounding error.
ROUNDING = 1e-9


def contradictions(assumptions: Mapping[str, Assumption], members: Members) -> Iterator[Contradiction]:
    """Yield every contradiction: shares that exceed a whole, and pools with two latency limits."""
    yield from _overfull(assumptions, members)
    for pool in members.names["pool"]:
        rate, limit = (_held(assumptions, name, pool) for name in ("tokens_per_second", "token_latency_limit"))
        if rate.on_curve and limit.central:
            what = f"{rate.path} is read from a curve, which already keeps a latency limit"
            yield limit.path, what, f"set this limit to 0, or give {rate.path} a single rate"


def _overfull(assumptions: Mapping[str, Assumption], members: Members) -> Iterator[Contradiction]:
    """Yield each set of shares of one whole whose sum exceeds it, with the path of the last share."""
    sets = [
        [(name, member) for name in names] for kind, names in PARTS_OF_EACH.items() for member in members.names[kind]
    ]
    for kind, names in PARTS_OF_ALL.items():
        sets += [[(name, member) for member in members.names[kind]] for name in names if members.names[kind]]
    for shares in sets:
        found = [_held(assumptions, name, member) for name, member in shares]
        if (whole := sum(one.central for one in found)) > 1 + ROUNDING:
            listed = ", ".join(dict.fromkeys(one.path for one in found))
            yield found[-1].path, f"shares of one whole add up to {whole:.0%}", f"lower one of {listed}"


def _held(assumptions: Mapping[str, Assumption], name: str, member: str) -> Assumption:
    """Return the assumption of a member: its own, or the one for all members."""
    path = business().inputs[name].path(member)
    return assumptions[path if path in assumptions else name]
