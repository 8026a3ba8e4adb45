"""Attribution: the difference of KPIs between two scenarios, shared among what differs, so that the shares sum exactly.

A cause is an assumption that differs, for all members at once; members that only one scenario has; or what is left, the
links between members and the settings. Shares are Shapley values of the KPIs of the base case.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from profiling.errors import Phrase
from simulator.answers.blocks.progress import Progress, quietly
from simulator.answers.comparing.differences import Difference, Lone, differences, lone_members
from simulator.answers.kpis.tried import Goal
from simulator.answers.moving.hybrids import Structures, change_of, tied
from simulator.answers.moving.shapley import Coalitions, shapley
from simulator.answers.variations.goals import goals_under
from simulator.engine.model import Array
from simulator.errors import PlanError, ScenarioError
from simulator.lines import CHARGES, REFERENCES
from simulator.scenario.scenario import Scenario

# More groups of members make too many scenarios to read.
MOST_GROUPS = 5
# Differences of outcomes, relative to their size, that are rounding.
EQUAL = 1e-9


@dataclass(frozen=True)
class Cause:
    """What differs between two scenarios: assumptions of one name, members, or the rest of the structure (`is_rest`).

    `names` has the assumption, or the members by title; `members` whose assumption it is, by title, empty for the
    company; `kind` is theirs.
    """

    names: tuple[str, ...]
    kind: str = ""
    members: tuple[str, ...] = ()
    is_rest: bool = False


@dataclass(frozen=True)
class Attribution:
    """KPIs of two scenarios, and the share of each cause in their difference.

    `old` and `new` have shape (goals,), `shares` and `errors` (causes, goals). Errors are 0 where all orders of the
    causes were counted. A month that never comes counts as the length of the projection.
    """

    goals: tuple[Goal, ...]
    old: Array
    new: Array
    causes: tuple[Cause, ...]
    shares: Array
    errors: Array

    @property
    def is_sampled(self) -> bool:
        """Whether random orders stand for all orders."""
        return bool(self.errors.any())


def attribution(old: Scenario, new: Scenario, kpis: Sequence[str], progress: Progress = quietly) -> Attribution:
    """Return the causes of the difference between two scenarios.

    Raise PlanError where a KPI is not the same figure in both, or has no value in either or between them.
    """
    goals = tuple(Goal.of(old, name) for name in kpis)
    if odd := next((goal for goal in goals if goal != Goal.of(new, goal.name)), None):
        what = Phrase("{name} is not the same figure in both: the currency or the definition differs", name=odd.name)
        raise PlanError(what, "compare scenarios that agree on both")
    lone = lone_members((old, new))
    try:
        return _Between.of(old, new, tied(lone, old, new)).shared(goals, progress)
    except ScenarioError:  # a member of one scenario does not fit into the other: the structure changes as a whole
        return _Between.of(old, new, ()).shared(goals, progress)


@dataclass(frozen=True)
class _Between:
    """All that lies between two scenarios: players are groups of members, assumptions, and the rest, in this order."""

    structures: Structures
    valued: tuple[tuple[Difference, ...], ...]
    causes: tuple[Cause, ...]

    @classmethod
    def of(cls, old: Scenario, new: Scenario, lone: tuple[tuple[Lone, ...], ...]) -> _Between:
        """Return what differs; too many groups of members belong to the rest."""
        lone = lone if len(lone) <= MOST_GROUPS else ()
        differs = differences((old, new))
        grouped = _grouped([one for one in differs if _has_both(one)])
        apart = {one for group in lone for one in group}
        rest = [one.member for one in lone_members((old, new)) if one not in apart]
        rest += [one.name for one in differs if not one.held]
        causes = (
            *(Cause(tuple(one.member for one in group), group[0].kind) for group in lone),
            *map(_cause, grouped),
            Cause(tuple(rest), is_rest=True),
        )
        return cls(Structures((old, new), lone), grouped, causes)

    def shared(self, goals: tuple[Goal, ...], progress: Progress) -> Attribution:
        """Return the share of each cause; what changes nothing, alone or last, is part of the rest."""
        old, new, moves = self._screened(goals)
        # One row a player of the game: the causes that move something, and all others together.
        players = np.array([*np.eye(len(self.causes), dtype=bool)[moves], ~moves])
        found = shapley(lambda chosen: self._outcomes(chosen @ players, goals, progress), len(players))
        causes = [*(one for one, is_moving in zip(self.causes, moves, strict=True) if is_moving), self.causes[-1]]
        kept = [place for place, share in enumerate(found.values) if share.any()]
        shares, errors = found.values[kept], found.errors[kept]
        return Attribution(goals, old, new, tuple(causes[place] for place in kept), shares, errors)

    def _screened(self, goals: tuple[Goal, ...]) -> tuple[Array, Array, NDArray[np.bool_]]:
        """Return the KPIs of both scenarios, and which causes but the rest change one of them alone or last."""
        alone = np.eye(len(self.causes), dtype=bool)
        ends = np.array([np.zeros(len(alone), dtype=bool), np.ones(len(alone), dtype=bool)])
        found = self._outcomes(np.concatenate([ends, alone, ~alone]), goals, quietly)
        old, new, first, last = found[0], found[1], found[2 : 2 + len(alone)], found[2 + len(alone) :]
        rounding = EQUAL * np.maximum(np.abs(old), np.abs(new))
        moves = np.any((np.abs(first - old) > rounding) | (np.abs(new - last) > rounding), axis=1)
        moves[-1] = False
        return old, new, moves

    def _outcomes(self, coalitions: Coalitions, goals: tuple[Goal, ...], progress: Progress) -> Array:
        """Return the KPIs of scenarios between the two, of shape (coalitions, goals); who is in is new."""
        groups = len(self.structures.lone)
        structures: dict[tuple[int, tuple[bool, ...]], list[int]] = {}
        for row, chosen in enumerate(coalitions):
            structures.setdefault((int(chosen[-1]), tuple(map(bool, chosen[:groups]))), []).append(row)
        found = np.empty((len(coalitions), len(goals)))
        done = 0
        for (base, changed), rows in structures.items():
            scenario = self.structures.of(base, changed)
            changes = [self._change(coalitions[row, groups:-1], base, scenario.months) for row in rows]
            found[rows] = goals_under(scenario, changes, goals)[:, 1:].T
            progress((done := done + len(rows)) / len(coalitions))
        return found

    def _change(self, chosen: NDArray[np.bool_], base: int, months: int) -> dict[str, Array]:
        """Return every assumption that differs, by path in the base, as the chosen ones make it."""
        found: dict[str, Array] = {}
        for differs, is_new in zip(self.valued, chosen, strict=True):
            found |= change_of(differs, bool(is_new), base, months)
        return found


def _grouped(differs: Sequence[Difference]) -> tuple[tuple[Difference, ...], ...]:
    """Return what differs by assumption; where references differ, which follow from prices, both move together."""
    together = {*CHARGES, *REFERENCES} if any(_name(one) in REFERENCES for one in differs) else {}
    grouped: dict[tuple[str, str], list[Difference]] = {}
    for one in differs:
        grouped.setdefault((one.kind, "" if _name(one) in together else one.name), []).append(one)
    return tuple(map(tuple, grouped.values()))


def _name(one: Difference) -> str:
    return one.held[0].name if one.held and one.held[0] else ""


def _cause(differs: Sequence[Difference]) -> Cause:
    names, members = (dict.fromkeys(getattr(one, name) for one in differs) for name in ("name", "member"))
    return Cause(tuple(names), differs[0].kind, tuple(filter(None, members)))


def _has_both(one: Difference) -> bool:
    """Return whether both scenarios have a value, in the same currency."""
    held = [assumption for assumption in one.held if assumption is not None]
    return len(held) == 2 and held[0].is_foreign == held[1].is_foreign
