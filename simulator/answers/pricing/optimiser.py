"""The search for the best values of several choices, by differential evolution from SciPy.

Differential evolution needs no slope, which whole devices and people take away, and computes a whole generation at
once: every member is a column of one run. It compares points alone, so a point that keeps all limits is better than one
that does not, of two that keep them the one with the higher aim, and of two that do not the nearer (Deb, 2000).

Limits of the trials are first judged on a few. All trials then correct them at the best point, until the best point on
the corrected few keeps them on all. Then the point is moved towards the best one without limits as far as they allow.
An aim over the trials is first read off a few, too; all trials then choose among points around the best on the few. A
percentile is noisier than a mean, and the highest of many points that chance lifts and lowers is a poor guess of where
the top is; so the top of a quadratic through them is tried, as response surfaces are searched (Box and Wilson, 1951).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from simulator.answers.pricing.choice import Choice, literals
from simulator.answers.pricing.limits import Limits, Points
from simulator.engine.model import Array


class Effort(NamedTuple):
    """Members of a generation, per choice; generations at most; and rounds around the best."""

    members: int
    generations: int
    rounds: int


# Where the base case decides, and where trials do: a run of many columns takes little longer than one of few, unless
# there are trials.
OF_BASE, OF_TRIALS = Effort(24, 14, 5), Effort(10, 8, 2)
# Generations of a search that begins at the best of one much like it.
AGAIN = 5
# Values of each choice that are tried around the best, and as many mixtures of them; each round looks closer.
SWEEP, WIDTH, CLOSER = 14, 0.15, 3.0
# How often the few trials are corrected by all, and the steps between the best points with and without limits.
CORRECTIONS, STEPS = 4, 5
# How far around the best on a few trials all of them look, along each choice; each round looks closer.
AROUND, SWEEP_OF_ALL, ROUNDS_OF_ALL, CLOSER_ON_ALL = 0.12, 8, 2, 4.0
# Values of each choice that a part of the trials looks at before, lest the few mistake the highest peak.
EVEN_STEPS, PART = 11, 4
# A gain or a loss of fewer standard errors may be chance.
ERRORS_OF_A_GAIN = 2
# The seed of the search. Trials have their own.
SEED = 7


@dataclass
class Optimiser:
    """A search for the highest aim within limits over the places from 0 to 1 of each choice."""

    limits: Limits
    choices: Sequence[Choice]
    trials: int | None = None
    change: Mapping[str, Array] | None = None
    seen: list[tuple[Array, Points]] = field(default_factory=list)
    # What all trials say more than the few, by limit.
    correction: Array | float = 0.0

    def look(self, places: Array, trials: int | None = None) -> Points:
        """Return the points at places of shape (points, choices)."""
        values = np.array(
            [[choice.at(place) for choice, place in zip(self.choices, row, strict=True)] for row in places]
        )
        return self.limits.at(self.choices, values, trials=trials or self.trials, change=self.change)

    def best(self, start: Sequence[Array], generations: int = OF_BASE.generations) -> Array:
        """Return the places of the best point, of shape (choices,), begun from some places and others between them."""
        from scipy.optimize import differential_evolution  # noqa: PLC0415  # slow to import, and needed here alone

        count, effort = len(self.choices), _effort(self.limits)
        first = _spread(effort.members * count, count)
        first[: len(start)] = start
        differential_evolution(
            self._merits,
            [(0.0, 1.0)] * count,
            init=first,
            maxiter=min(generations, effort.generations),
            tol=1e-6,
            rng=SEED,
            polish=False,
            updating="deferred",
            vectorized=True,
        )
        for closer in range(effort.rounds):
            self.look_around(WIDTH / CLOSER**closer)
        return self.top()[0]

    def top(self) -> tuple[Array, Points]:
        """Return the places and the point of the best that was seen, as all trials correct the few."""
        places, points = self._all()
        place = int(np.argmin(self.merits(points)))
        return places[place], points.of([place])

    def crest(self, width: float) -> Array | None:
        """Return the top of the quadratic through the points at most so far from the best that keep the limits.

        None where it has no top there, or too few points.
        """
        best, (places, points) = self.top()[0], self._all()
        steps = places - best
        near = (np.abs(steps) <= width).all(axis=1) & self.limits.kept(points)
        first, other = np.triu_indices(len(best))
        steps = steps[near] / width
        terms = np.column_stack([np.ones(len(steps)), steps, steps[:, first] * steps[:, other]])
        if len(terms) < 2 * terms.shape[1]:
            return None
        fitted = np.linalg.lstsq(terms, points.aims[near], rcond=None)[0]
        slope, bend = fitted[1 : 1 + len(best)], np.zeros((len(best), len(best)))
        bend[first, other] = fitted[1 + len(best) :]
        bend = bend + bend.T
        if np.linalg.eigvalsh(bend).max() >= 0:
            return None
        step = np.linalg.solve(bend, -slope)
        return np.clip(best + width * step, 0, 1) if (np.abs(step) <= 1).all() else None

    def _all(self) -> tuple[Array, Points]:
        """Return the places and the points of all that was seen."""
        parts = [points for _, points in self.seen]
        columns = (np.concatenate([getattr(one, name) for one in parts]) for name in ("values", "aims", "outcomes"))
        return np.concatenate([one for one, _ in self.seen]), Points(*columns)

    def merits(self, points: Points) -> Array:
        """Return a number that is lower for a better point, from -1 to 3: above 2 where a limit is not kept."""
        corrected = Points(points.values, points.aims, points.outcomes + self.correction)
        short = self.limits.violations(corrected)
        with np.errstate(invalid="ignore"):
            good = -np.arctan((points.aims - self.base) / self.scale) / (np.pi / 2)
            bad = np.where(np.isfinite(short), 2 + short / (1 + short), 3)
        return np.where(short > 0, bad, good)

    @property
    def base(self) -> float:
        """The aim at the first point that has one, from which others are counted."""
        aims = np.concatenate([points.aims for _, points in self.seen])
        known = aims[np.isfinite(aims)]
        return float(known[0]) if known.size else 0.0

    @property
    def scale(self) -> float:
        """A size of the aim."""
        return max(abs(self.base), 1e-9)

    def _merits(self, places: Array) -> Array:
        """Return the merits of places of shape (choices, points), and keep the points."""
        return self.merits(self.keep(places.T.copy()))

    def look_around(self, width: float, sweep: int = SWEEP) -> None:
        """Try places at most so far from the best: along each choice alone, and of all together."""
        best, count = self.top()[0], len(self.choices)
        steps = np.linspace(-width, width, sweep)
        alone = (np.eye(count)[:, None] * steps[None, :, None]).reshape(-1, count)
        mixed = width * (2 * _spread(sweep * (count - 1), count) - 1)
        self.keep(np.clip(best + np.concatenate([alone, mixed]), 0, 1))

    def keep(self, places: Array) -> Points:
        """Return the points at places of shape (points, choices), and keep them among those seen."""
        found = self.look(places)
        self.seen.append((places, found))
        return found


def _effort(limits: Limits) -> Effort:
    return OF_TRIALS if limits.are_drawn else OF_BASE


def _spread(points: int, choices: int) -> Array:
    """Return places spread evenly from 0 to 1, of shape (points, choices)."""
    from scipy.stats import qmc  # noqa: PLC0415  # slow to import, and needed here alone

    return np.asarray(qmc.Halton(choices, rng=SEED).random(points))


def free_place(
    limits: Limits, choices: Sequence[Choice], start: Sequence[Array], generations: int = OF_BASE.generations
) -> Array:
    """Return the places of the point with the highest aim, limits left aside, of shape (choices,)."""
    free = limits.without(*limits.targets)
    return Optimiser(free, choices, free.few).best(start, generations)


def kept_place(
    limits: Limits,
    choices: Sequence[Choice],
    start: Sequence[Array],
    free: Array,
    generations: int = OF_BASE.generations,
) -> Array:
    """Return the places of the best point that keeps the limits, or else of the one that comes nearest to that.

    The search begins at `start` and at `free`, the best without limits.
    """
    if limits.kept(Optimiser(limits, choices).look(free[None]))[0]:
        return free
    search = Optimiser(limits, choices, limits.few)
    place = search.best([*start, free], generations)
    if not limits.are_drawn:
        return place
    return _toward(limits, choices, _confirmed(search), free)


def _confirmed(search: Optimiser) -> Array:
    """Return the best place on all trials: the few are corrected at the best point until all trials agree."""
    whole = Optimiser(search.limits, search.choices)
    for _ in range(CORRECTIONS):
        place, few = search.top()
        exact = whole.keep(place[None])
        if search.limits.kept(exact)[0] and len(whole.seen) > 1:
            break
        search.correction = np.nan_to_num(exact.outcomes[0] - few.outcomes[0])
    return whole.top()[0]


def _toward(limits: Limits, choices: Sequence[Choice], kept: Array, free: Array) -> Array:
    """Return the best place on the way from one that keeps the limits to the best without, halving the way."""
    whole = Optimiser(limits, choices)
    low, high = 0.0, 1.0
    if not limits.kept(whole.keep(kept[None]))[0]:
        return kept
    for _ in range(STEPS):
        middle = (low + high) / 2
        place = (kept + middle * (free - kept))[None]
        found = whole.keep(place)
        low, high = (middle, high) if limits.kept(found)[0] else (low, middle)
    return whole.top()[0]


def settled_place(limits: Limits, choices: Sequence[Choice], start: Sequence[Array]) -> Array:
    """Return the best place on all trials, for an aim over them: around the best of some places and of even steps.

    The steps go along each choice from the last of the places. The top of a quadratic through the points around the
    best percentile is taken unless the trials tell that it is worse.
    """
    whole, part, count = Optimiser(limits, choices), Optimiser(limits, choices, _part(limits)), len(choices)
    steps = np.tile(start[-1], (count, EVEN_STEPS, 1))
    for axis in range(count):
        steps[axis, :, axis] = np.linspace(0, 1, EVEN_STEPS)
    part.keep(steps.reshape(-1, count))
    whole.keep(np.array([*start, part.top()[0]]))
    for closer in range(ROUNDS_OF_ALL):
        whole.look_around(AROUND / CLOSER_ON_ALL**closer, SWEEP_OF_ALL)
    best, over = whole.top()[0], limits.over_trials
    crest = whole.crest(AROUND) if over and over.share else None
    if crest is None or over is None or not limits.kept(whole.look(crest[None]))[0]:
        return best
    edits = (literals(choices, [one.at(at) for one, at in zip(choices, place, strict=True)]) for place in (best, crest))
    more = over.difference(*over.by_trial([limits.scenario.with_values(one) for one in edits]))
    return crest if more.value >= -ERRORS_OF_A_GAIN * more.error else best


def _part(limits: Limits) -> int:
    return max(limits.few or 0, limits.trials // PART)


def work_of(limits: Limits, choices: int, curves: int, regrets: int) -> float:
    """Return the estimated duration of a search over this number of choices, in the units of `Limits.work`."""
    free, few = limits.without(*limits.targets), limits.few
    found = _work_of_search(free, choices)
    if limits.targets:
        found += _work_of_search(limits, choices)
        found += (CORRECTIONS + STEPS) * limits.work(1) if limits.are_drawn else 0
    if limits.over_trials:
        rounds = free.work(EVEN_STEPS * choices, _part(limits)) + ROUNDS_OF_ALL * free.work(
            SWEEP_OF_ALL * (2 * choices - 1)
        )
        found += rounds * (2 if limits.targets else 1)
    return found + choices * limits.work(curves, few) + regrets * _work_of_search(limits, choices, AGAIN)


def _work_of_search(limits: Limits, choices: int, generations: int = OF_BASE.generations) -> float:
    effort = _effort(limits)
    every = (min(generations, effort.generations) + 1) * limits.work(effort.members * choices, limits.few)
    return every + effort.rounds * limits.work(SWEEP * (2 * choices - 1), limits.few)
