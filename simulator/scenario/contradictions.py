"""Assumptions that are each in order and cannot hold together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from simulator.engine.wiring import Members
from simulator.lines import PARTS_OF_ALL, PARTS_OF_EACH, business
from simulator.scenario.assumption import Assumption

Contradiction = tuple[str, str, str]  # the path of one of them, what is wrong, and what to do


def contradictions(assumptions: Mapping[str, Assumption], members: Members) -> Iterator[Contradiction]:
    """Each of them, with the path of one of the assumptions."""
    yield from _overfull(assumptions, members)
    yield from _limited_twice(assumptions, members)


def _overfull(assumptions: Mapping[str, Assumption], members: Members) -> Iterator[Contradiction]:
    """Each set of shares that part one whole and exceed it: the path of the last of them, and what is wrong."""
    sets = [
        [business().inputs[name].path(member) for name in names]
        for kind, names in PARTS_OF_EACH.items()
        for member in members.names[kind]
    ]
    sets += [
        [business().inputs[name].path(member) for member in members.names[kind]]
        for kind, names in PARTS_OF_ALL.items()
        for name in names
        if members.names[kind]
    ]
    for paths in sets:
        found = [assumptions[path if path in assumptions else path.rpartition(".")[2]] for path in paths]
        if (whole := sum(one.central for one in found)) > 1 + 1e-9:
            what = f"the parts of one whole come to {whole:.0%} ({', '.join(paths)})"
            yield found[-1].path, what, "lower one of them"


def _limited_twice(assumptions: Mapping[str, Assumption], members: Members) -> Iterator[Contradiction]:
    """Pools whose rate was read off a curve within a limit, and which would be slowed by a second one."""
    for pool in members.names["pool"]:
        rate, limit = (_held(assumptions, name, pool) for name in ("tokens_per_second", "token_latency_limit"))
        if rate.on_curve and limit.central:
            what = f"limits a wait that the curve of {rate.path} already keeps"
            yield limit.path, what, f"set it to 0, or give {rate.path} one rate"


def _held(assumptions: Mapping[str, Assumption], name: str, member: str) -> Assumption:
    """The assumption of a member, its own or that of all."""
    path = business().inputs[name].path(member)
    return assumptions[path if path in assumptions else name]
