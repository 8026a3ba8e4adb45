"""The search for the best values of several choices, by differential evolution from SciPy.

Differential evolution needs no slope, which whole devices and people take away, and computes a whole generation at
once: every member is a column of one run. It compares points alone, so a point that keeps all limits is better than one
that does not, of two that keep them the one with the higher aim, and of two that do not the nearer (Deb, 2000).

Limits of the trials are first judged on a few. All trials then correct them at the best point, until the best point on
the corrected few keeps them on all. Last, the point is moved towards the best one without limits as far as they allow.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from simulator.answers.pricing.choice import Choice
from simulator.answers.pricing.limits import FEW_TRIALS, Limits, Points
from simulator.engine.model import Array

# Members of a generation, per choice, and generations: where the base case decides, and where trials do. A run of many
# columns takes little longer than one of few, unless there are trials.
MEMBERS, GENERATIONS = 24, 14
# Generations of a search that begins at the best of one much like it.
AGAIN = 5
MEMBERS_OF_TRIALS, GENERATIONS_OF_TRIALS = 10, 8
# Values of each choice that are tried around the best, and as many mixtures of them; each round looks closer.
SWEEP, WIDTH, CLOSER, ROUNDS, ROUNDS_OF_TRIALS = 14, 0.15, 3.0, 5, 2
# How often the few trials are corrected by all, and the steps between the best points with and without limits.
CORRECTIONS, STEPS = 4, 5
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

    def best(self, start: Sequence[Array], generations: int = GENERATIONS) -> Array:
        """Return the places of the best point, of shape (choices,), begun from some places and others between them."""
        from scipy.optimize import differential_evolution  # noqa: PLC0415  # slow to import, and needed here alone

        count, drawn = len(self.choices), self.limits.need_trials
        first = _spread((MEMBERS_OF_TRIALS if drawn else MEMBERS) * count, count)
        first[: len(start)] = start
        differential_evolution(
            self._merits,
            [(0.0, 1.0)] * count,
            init=first,
            maxiter=min(generations, GENERATIONS_OF_TRIALS) if drawn else generations,
            tol=1e-6,
            rng=SEED,
            polish=False,
            updating="deferred",
            vectorized=True,
        )
        for closer in range(ROUNDS_OF_TRIALS if drawn else ROUNDS):
            self._look_around(WIDTH / CLOSER**closer)
        return self.top()[0]

    def top(self) -> tuple[Array, Points]:
        """Return the places and the point of the best that was seen, as all trials correct the few."""
        places = np.concatenate([one for one, _ in self.seen])
        parts = [points for _, points in self.seen]
        points = Points(
            *(np.concatenate([getattr(one, name) for one in parts]) for name in ("values", "aims", "outcomes"))
        )
        place = int(np.argmin(self.merits(points)))
        return places[place], points.of([place])

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
        found = self.look(places.T)
        self.seen.append((places.T.copy(), found))
        return self.merits(found)

    def _look_around(self, width: float) -> None:
        """Try places at most so far from the best: along each choice alone, and of all together."""
        best, count = self.top()[0], len(self.choices)
        steps = np.linspace(-width, width, SWEEP)
        alone = (np.eye(count)[:, None] * steps[None, :, None]).reshape(-1, count)
        mixed = width * (2 * _spread(SWEEP * (count - 1), count) - 1)
        self._merits(np.clip(best + np.concatenate([alone, mixed]), 0, 1).T)


def _spread(points: int, choices: int) -> Array:
    """Return places spread evenly from 0 to 1, of shape (points, choices)."""
    from scipy.stats import qmc  # noqa: PLC0415  # slow to import, and needed here alone

    return np.asarray(qmc.Halton(choices, rng=SEED).random(points))


def free_place(
    limits: Limits, choices: Sequence[Choice], start: Sequence[Array], generations: int = GENERATIONS
) -> Array:
    """Return the places of the point with the highest aim, limits left aside, of shape (choices,)."""
    return Optimiser(limits.without(*limits.targets), choices).best(start, generations)


def kept_place(
    limits: Limits, choices: Sequence[Choice], start: Sequence[Array], free: Array, generations: int = GENERATIONS
) -> Array:
    """Return the places of the best point that keeps the limits, or else of the one that comes nearest to that.

    The search begins at `start` and at `free`, the best without limits.
    """
    if limits.kept(Optimiser(limits, choices).look(free[None]))[0]:
        return free
    if not limits.need_trials:
        return Optimiser(limits, choices).best([*start, free], generations)
    search = Optimiser(limits, choices, min(FEW_TRIALS, limits.trials))
    search.best([*start, free])
    return _toward(limits, choices, _confirmed(search), free)


def _confirmed(search: Optimiser) -> Array:
    """Return the best place on all trials: the few are corrected at the best point until all trials agree."""
    whole = Optimiser(search.limits, search.choices)
    for _ in range(CORRECTIONS):
        place, few = search.top()
        exact = whole.look(place[None])
        whole.seen.append((place[None], exact))
        if search.limits.kept(exact)[0] and len(whole.seen) > 1:
            break
        search.correction = np.nan_to_num(exact.outcomes[0] - few.outcomes[0])
    return whole.top()[0]


def _toward(limits: Limits, choices: Sequence[Choice], kept: Array, free: Array) -> Array:
    """Return the best place on the way from one that keeps the limits to the best without, halving the way."""
    whole = Optimiser(limits, choices)
    low, high = 0.0, 1.0
    whole.seen.append((kept[None], whole.look(kept[None])))
    if not limits.kept(whole.seen[0][1])[0]:
        return kept
    for _ in range(STEPS):
        middle = (low + high) / 2
        place = (kept + middle * (free - kept))[None]
        found = whole.look(place)
        whole.seen.append((place, found))
        low, high = (middle, high) if limits.kept(found)[0] else (low, middle)
    return whole.top()[0]
