"""Contradictions between the terms of one round or one SAFE."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from profiling.errors import Phrase
from simulator.engine.wiring import Members
from simulator.scenario.assumption import Assumption


def of_funding(held: Callable[[str, str], Assumption], members: Members) -> Iterator[tuple[str, str, str]]:
    """Yield the path of each term that another term rules out, what is wrong, and what to do.

    `held` gives the assumption of a name that holds for a member.
    """
    for name in members.names["round"]:
        after, added = held("options_after", name), held("options_added", name)
        if after.central and added.central:
            yield added.path, "the new options are given as a number and as a share of the company", "keep one of them"
        cap, multiple = held("participation_cap", name), held("preference_multiple", name)
        if cap.central and not held("participating", name).central:
            yield cap.path, "the round has a participation cap but does not participate", "add `participating: 1`"
        elif 0 < cap.central < multiple.central:
            what = Phrase(
                "the cap of {cap:g}x is below the preference of {multiple:g}x",
                cap=cap.central,
                multiple=multiple.central,
            )
            yield cap.path, what, "raise the cap, or lower the preference"
    for name in members.names["safe"]:
        converts = held("converts_at_maturity", name)
        if converts.central and not held("valuation_cap", name).central:
            yield converts.path, "the note converts at its valuation cap, but has none", "add `valuation_cap:`"
