"""What a scenario says, as the checks for what is probably not meant read it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np

from simulator.engine.wiring import Members
from simulator.scenario.assumption import Assumption
from simulator.scenario.checks.contradictions import Contradiction, held
from simulator.scenario.settings import Settings


class Said:
    """What a scenario says: its assumptions by name and member, its members and its settings."""

    def __init__(self, assumptions: Mapping[str, Assumption], members: Members, settings: Settings) -> None:
        self.assumptions, self.members, self.settings = assumptions, members, settings

    def of(self, name: str, member: str | None = None) -> Assumption:
        """Return an assumption of a member: its own, or the one for all members."""
        return held(self.assumptions, name, member)

    def most(self, name: str, member: str | None = None) -> float:
        """Return the largest value of an assumption in any month of the base case."""
        return float(self.of(name, member).base(self.settings.months).max())

    def may_differ(self, name: str, member: str | None, number: float) -> bool:
        """Return whether an assumption may have another value than this number, in a month or in a trial."""
        one = self.of(name, member)
        return one.is_uncertain or bool(np.any(one.base(self.settings.months) != number))

    def names(self, kind: str) -> tuple[str, ...]:
        """Return the members of a kind."""
        return self.members.names.get(kind, ())


Check = Callable[[Said], Iterator[Contradiction]]
