"""The best values of several charges together, for an aim and within limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, cast

import numpy as np

from profiling.errors import Phrase
from simulator.answers.blocks.progress import Meter, Progress, quietly
from simulator.answers.outcomes import Estimate
from simulator.answers.pricing.aims import AIMS, Aim
from simulator.answers.pricing.choice import Choice, literals
from simulator.answers.pricing.limits import Limits, Points
from simulator.answers.pricing.optimiser import (
    AGAIN,
    ERRORS_OF_A_GAIN,
    Optimiser,
    free_place,
    kept_place,
    settled_place,
    work_of,
)
from simulator.answers.pricing.over import BASE, OVERS
from simulator.answers.pricing.priced import EQUAL
from simulator.answers.pricing.response import other_responses, responses_of
from simulator.answers.solving.target import Target
from simulator.engine.model import Array
from simulator.errors import PlanError
from simulator.scenario.assumption import Assumption
from simulator.scenario.scaling import rounded
from simulator.scenario.scenario import Scenario

End = Literal["low", "high"]
# More choices at once would take generations that nobody waits for.
MOST_CHOICES = 6
# Values of one choice on its curve, the others held at their best, and the trials that an aim is read off there.
POINTS, POINTS_OF_TRIALS, TRIALS_OF_A_CURVE = 61, 21, 200
# Aims this close to the best, as a share of it, count as equally good.
NEARLY = 0.01
# The best values are rounded to this many digits where that loses less than this share of the aim.
DIGITS, LOST = 4, 1e-3


@dataclass(frozen=True)
class Point:
    """Values of the choices, the aim there, and the outcome of each limit with whether it is kept."""

    values: tuple[float, ...]
    aim: float
    outcomes: tuple[float, ...]
    kept: tuple[bool, ...]

    @property
    def keeps_all(self) -> bool:
        """Whether all limits are kept."""
        return all(self.kept)


@dataclass(frozen=True)
class Course:
    """The aim over the values of one choice, the others at their best; NaN where a limit is not kept, or without one.

    `low` and `high` are the values around the best between which the aim stays within 1 % of it. `end` is the end of
    the range at which the best lies, None for a best inside.
    """

    values: Array
    aims: Array
    low: float
    high: float
    end: End | None


@dataclass(frozen=True)
class Regret:
    """What the best values lose where the elasticities, by path, are others: against the best ones for these.

    `quantile` is None where the elasticities have no range, and are all lower or higher by a quarter.
    """

    quantile: float | None
    response: Mapping[str, float]
    best: Point
    kept: float

    @property
    def lost(self) -> float:
        """The aim that is lost."""
        return max(self.best.aim - self.kept, 0.0)


@dataclass(frozen=True)
class Several:
    """The best values of several choices, or the point that comes nearest to keeping the limits where none does.

    `free` is the best point without any limit, None where there are none; `courses` has one entry a choice, and is
    empty where no point keeps the limits. Regrets are empty, too, where the aim or a limit is about trials. `gain` is
    what the best point has more than today's over the same trials; None in the base case.
    """

    limits: Limits
    choices: tuple[Choice, ...]
    now: Point
    best: Point
    free: Point | None
    courses: tuple[Course, ...]
    regrets: tuple[Regret, ...]
    gain: Estimate | None

    @property
    def scenario(self) -> Scenario:
        """The scenario as it is today."""
        return self.limits.scenario

    @property
    def aim(self) -> Aim:
        """What the values are chosen for."""
        return self.limits.aim

    @property
    def is_found(self) -> bool:
        """Whether any point keeps all limits."""
        return self.best.keeps_all

    @property
    def is_better(self) -> bool:
        """Whether the best values do better than today's, or keep a limit that these do not."""
        more = self.best.aim - self.now.aim > EQUAL * abs(self.now.aim)
        return self.is_found and bool(more or not self.now.keeps_all)

    @property
    def is_unbounded(self) -> bool:
        """Whether the aim still improves where the search ends, and neither given bounds nor the legal range end it."""
        courses = zip(self.choices, self.courses, strict=False)
        return any(course.end and one.is_open(course.end) for one, course in courses)

    @property
    def is_told(self) -> bool:
        """Whether the gain is more than the chance of which trials were drawn."""
        if self.gain is None or not self.now.keeps_all:
            return True
        return self.gain.value > ERRORS_OF_A_GAIN * self.gain.error

    @property
    def is_advised(self) -> bool:
        """Whether the best values are better and worth applying."""
        return self.is_better and self.is_told and not self.is_unbounded

    @property
    def binding(self) -> tuple[Target, ...]:
        """The limits that the best point without any does not keep; where no point keeps all, those not kept."""
        point = self.free if self.is_found else self.best
        return (
            tuple(one for one, kept in zip(self.limits.targets, point.kept, strict=True) if not kept) if point else ()
        )

    @cached_property
    def literals(self) -> Mapping[str, Any]:
        """What the file would say with the best values, by path."""
        return literals(self.choices, self.best.values)

    @property
    def plans(self) -> tuple[str, ...]:
        """The pricing plans that a choice belongs to."""
        return plans_of(self.scenario, self.choices)

    @property
    def response(self) -> Mapping[str, Assumption]:
        """The elasticities of those plans by path, without those that are zero."""
        known = responses_of(self.scenario, self.plans)
        return {path: one for path, one in known.items() if one.base(self.scenario.months).any()}


def is_of_plan(choice: Choice) -> bool:
    """Return whether a choice is an assumption of a pricing plan."""
    return choice.path.startswith("plans.")


def plans_of(scenario: Scenario, choices: Sequence[Choice]) -> tuple[str, ...]:
    """Return the pricing plans that choices belong to; all plans where one belongs to none."""
    if not all(map(is_of_plan, choices)):
        return scenario.entities["plan"]
    return tuple(dict.fromkeys(choice.path.split(".")[1] for choice in choices))


def best_of(
    scenario: Scenario,
    changes: Sequence[str],
    *,
    aim: str = "end_cash",
    keep: Sequence[Target] = (),
    plan: str = "",
    trials: int | None = None,
    over: str = BASE,
    progress: Progress = quietly,
) -> Several:
    """Return the best values of several assumptions, each PATH or PATH=LOW..HIGH, for an aim and within limits.

    `over` says whether the aim is read off the base case, or is the mean, the median or P5 of the trials, whose number
    `trials` defaults to the scenario's. `progress` is told about what share is done. Raise PlanError for an unknown aim
    or name, one named twice, bounds that are none, too many changes, an aim without a value today, be it in one trial,
    or an aim or a limit of trials without any; BreakevenError for bounds that the scenario cannot take.
    """
    if aim not in AIMS:
        raise PlanError(
            Phrase("{aim} is not an aim of a price", aim=aim), Phrase("choose from {near}", near=", ".join(AIMS))
        )
    if over not in OVERS:
        raise PlanError(
            Phrase("an aim cannot be read off {typed!r}", typed=over[:40]),
            Phrase("choose from {near}", near=", ".join(OVERS)),
        )
    choices = _choices(scenario, changes, plan)
    count = scenario.trials if trials is None else trials
    limits = Limits(scenario, AIMS[aim], tuple(dict.fromkeys(keep)), count, over, Meter(progress))
    is_drawn, regrets = limits.are_drawn, len(other_responses(scenario, plans_of(scenario, choices)))
    curves = POINTS_OF_TRIALS if is_drawn else POINTS
    limits.meter.expected = work_of(limits, len(choices), curves, 0 if is_drawn else regrets)
    now = limits.at(choices, np.array([_levels(choices)]), complete=True)
    if np.isnan(now.aims[0]):
        raise _without_value(limits)
    choices, place, free = _searched(limits, choices)
    best = _rounded(limits, choices, place)
    found = _point(limits, limits.at(choices, np.array([best]), complete=True))
    axes = range(len(choices)) if found.keeps_all else ()
    answer = Several(
        limits,
        choices,
        _point(limits, now),
        found,
        _point(limits, limits.at(choices, np.array([_values(choices, free)]), complete=True)) if keep else None,
        tuple(_course(limits, choices, axis, place, found) for axis in axes),
        _regrets(limits, choices, place, found) if found.keeps_all and not is_drawn else (),
        _gain(limits, choices, best),
    )
    progress(1.0)
    return answer


def _without_value(limits: Limits) -> PlanError:
    """Return the refusal of an aim that has no value today, or in some of the trials."""
    what, over = Phrase("{title} has no value today", title=limits.aim.title), limits.over_trials
    if over is not None:
        values = over.by_trial([limits.scenario])[0]
        what = Phrase(
            "{title} has no value today in {lost:,} of {trials:,} trials",
            title=limits.aim.title,
            lost=np.count_nonzero(np.isnan(values)),
            trials=values.size,
        )
    return PlanError(what, "choose another aim, such as end_cash")


def _gain(limits: Limits, choices: Sequence[Choice], best: Sequence[float]) -> Estimate | None:
    """Return what the best values bring more than today's over the same trials; None for an aim of the base case."""
    over = limits.over_trials
    if over is None:
        return None
    now, then = over.by_trial([limits.scenario, limits.scenario.with_values(literals(choices, best))])
    return over.difference(now, then)


def _choices(scenario: Scenario, changes: Sequence[str], plan: str) -> tuple[Choice, ...]:
    choices = tuple(Choice.read(scenario, one, plan) for one in changes)
    paths = [choice.path for choice in choices]
    if twice := next((path for path in paths if paths.count(path) > 1), None):
        raise PlanError(Phrase("{path} is named twice", path=twice), "name each assumption once")
    if len(choices) > MOST_CHOICES:
        raise PlanError(
            Phrase("{count} assumptions are too many at once", count=len(choices)),
            Phrase("name at most {most}", most=MOST_CHOICES),
        )
    return choices


def _searched(limits: Limits, choices: tuple[Choice, ...]) -> tuple[tuple[Choice, ...], Array, Array]:
    """Return the choices and the places of the best point with and without limits.

    Where a best lies at an end that was not given, that end moves out, once for either point. Trials take too long for
    a second search.
    """
    free = free_place(limits, choices, [_today(choices)])
    wider = _wider(choices, free)
    if wider != choices:
        free = free_place(limits, wider, [_today(wider), _moved(choices, wider, free)], AGAIN)
        choices = wider
    place = kept_place(limits, choices, [_today(choices)], free)
    wider = _wider(choices, place)
    if limits.over_trials:
        starts, same = [_today(choices), free], place is free
        free = settled_place(limits.without(*limits.targets), choices, starts)
        if same and limits.kept(Optimiser(limits, choices).look(free[None]))[0]:
            return choices, free, free
        return choices, settled_place(limits, choices, [_today(choices), place]), free
    if place is free or wider == choices or limits.need_trials:
        return choices, place, free
    starts = [_today(wider), _moved(choices, wider, place)]
    free = free_place(limits, wider, [*starts, _moved(choices, wider, free)], AGAIN)
    return wider, kept_place(limits, wider, starts, free, AGAIN), free


def _moved(old: Sequence[Choice], new: Sequence[Choice], place: Array) -> Array:
    """Return the same values as places within other bounds."""
    pairs = zip(old, new, place, strict=True)
    return np.array([after.place(before.at(at)) for before, after, at in pairs])


def _wider(choices: Sequence[Choice], place: Array) -> tuple[Choice, ...]:
    return tuple(choice.wider(at) for choice, at in zip(choices, place, strict=True))


def _today(choices: Sequence[Choice]) -> Array:
    return np.array([choice.place(choice.lever.level) for choice in choices])


def _levels(choices: Sequence[Choice]) -> list[float]:
    return [choice.lever.level for choice in choices]


def _values(choices: Sequence[Choice], place: Array) -> list[float]:
    return [choice.at(at) for choice, at in zip(choices, place, strict=True)]


def _rounded(limits: Limits, choices: Sequence[Choice], place: Array) -> list[float]:
    """Return the values at a place, in few digits where that costs next to nothing."""
    values = [rounded(one) for one in _values(choices, place)]
    few = (float(f"{one:.{DIGITS}g}") for one in values)
    short = [min(max(one, choice.low), choice.high) for choice, one in zip(choices, few, strict=True)]
    found = limits.at(choices, np.array([values, short]))
    exact, near = found.aims
    keeps = limits.kept(found)
    return short if keeps[1] >= keeps[0] and near >= exact - LOST * abs(exact) else values


def _point(limits: Limits, points: Points) -> Point:
    outcomes = points.outcomes[0]
    kept = (judge.meets(one) for judge, one in zip(limits.judges, outcomes, strict=True))
    return Point(tuple(points.values[0].tolist()), float(points.aims[0]), tuple(outcomes.tolist()), tuple(kept))


def _course(limits: Limits, choices: Sequence[Choice], axis: int, place: Array, best: Point) -> Course:
    """Return the aim over one choice, on a few trials where a limit or the aim is about trials.

    The aim then has what all trials say more than these at the best values.
    """
    choice, count = choices[axis], POINTS_OF_TRIALS if limits.are_drawn else POINTS
    places = np.repeat(place[None], count, axis=0)
    places[:, axis] = np.linspace(0, 1, count)
    trials = min(TRIALS_OF_A_CURVE, limits.trials) if limits.over_trials else limits.few
    found = Optimiser(limits, choices).look(places, trials)
    more = best.aim - limits.at(choices, np.array([best.values]), trials=trials).aims[0] if limits.over_trials else 0.0
    aims = np.where(limits.kept(found), found.aims + more, np.nan)
    values = found.values[:, axis]
    at, end = best.values[axis], None
    if choice.is_low_end(place[axis]) or choice.is_high_end(place[axis]):
        end = "low" if choice.is_low_end(place[axis]) else "high"
    low, high = (_edge(values[side], aims[side], (at, best.aim)) for side in (values < at, values > at))
    return Course(values, aims, low, high, cast("End | None", end))


def _edge(values: Array, aims: Array, best: tuple[float, float]) -> float:
    """Return how far on one side of the best the aim stays close to it, between two values by a straight line."""
    near, least = best, best[1] - NEARLY * abs(best[1])
    pairs: list[tuple[float, float]] = list(zip(values.tolist(), aims.tolist(), strict=True))
    for value, aim in sorted(pairs, key=lambda one: abs(one[0] - best[0])):
        if np.isnan(aim):
            return near[0]
        if aim < least:
            return near[0] + (value - near[0]) * (near[1] - least) / (near[1] - aim)
        near = value, aim
    return near[0]


def _regrets(limits: Limits, choices: Sequence[Choice], place: Array, best: Point) -> tuple[Regret, ...]:
    """Return what the best values lose under other elasticities, within the same bounds and limits."""
    found = []
    for quantile, case in other_responses(limits.scenario, plans_of(limits.scenario, choices)):
        search = Optimiser(limits, choices, change=case)
        other = _point(limits, search.look(search.best([place], AGAIN)[None]))
        kept = limits.at(choices, np.array([best.values]), change=case).aims[0]
        response = {path: float(one[0]) for path, one in case.items()}
        found.append(Regret(quantile, response, other, float(kept)))
    return tuple(found)
