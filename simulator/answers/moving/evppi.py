"""The expected value of partial perfect information (EVPPI): what knowing one input is worth for choosing an option.

EVPPI(φ) = E[max over options of E(U | φ)] − max over options of E(U), where U is the outcome of an option. E(U | φ) is
a regression of the differences of U between options on φ (Strong, Oakley and Brennan, 2014): a penalised cubic spline
of φ's normal scores, with the penalty that generalised cross-validation chooses (Wood, 2017), or a mean for each value
where φ has few.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import BSpline
from scipy.linalg import eigh
from scipy.special import ndtri
from scipy.stats import rankdata

from simulator.answers.outcomes import Estimate
from simulator.engine.model import Array

# An input with no more values than this has a mean for each.
FEW_VALUES = 8
# Intervals of a spline, more than any smooth response needs; the penalty decides how many count.
INTERVALS, DEGREE = 12, 3
# Penalties that are tried, relative to the basis.
PENALTIES = 10.0 ** np.linspace(-6, 6, 49)
# Draws of the regression behind the standard error.
DRAWS = 200


@dataclass(frozen=True)
class Fitted:
    """A regression of several outcomes on orthonormal columns: `basis` (trials, k), `kept` (k,) shrinks `raw` (k, D).

    `spread` is the covariance of the residuals, of shape (D, D), and `means` those of the outcomes, of shape (D,).
    """

    basis: Array
    kept: Array
    raw: Array
    spread: Array
    means: Array

    @property
    def values(self) -> Array:
        """The expected outcomes of each trial, of shape (trials, D)."""
        return np.asarray(self.means + self.basis @ (self.kept[:, None] * self.raw))


def evppi(features: Array, outcomes: Array, seed: int = 0) -> Estimate:
    """Return the value of knowing an input, never below zero, with its standard error.

    `features` has what describes the input in each trial, of shape (trials, k), `outcomes` the outcome of each option
    under the same trials, of shape (options, trials). The error covers the regression, the means and the sample.
    """
    differences = (outcomes[1:] - outcomes[0]).T
    if not np.ptp(differences, axis=0).any() or not np.ptp(features, axis=0).any():
        return Estimate(0.0, 0.0)
    fitted = _fitted(features, differences)
    gains = _gains(fitted.values)
    value = float(gains.mean())
    sample = float(gains.std()) / np.sqrt(len(gains))
    return Estimate(value, float(np.hypot(_of_draws(fitted, differences, seed).std(), sample)))


def _gains(expected: Array) -> Array:
    """Return what the best option of each trial gains on the one that is best on average, of shape (trials,)."""
    all_options = np.concatenate([np.zeros((len(expected), 1)), expected], axis=1)
    return np.asarray(all_options.max(axis=1) - all_options[:, all_options.mean(axis=0).argmax()])


def _of_draws(fitted: Fitted, differences: Array, seed: int) -> Array:
    """Return the value under draws of the regression's coefficients and of the means, of shape (DRAWS,)."""
    rng = np.random.default_rng(seed)
    options = differences.shape[1]
    noise = _root(fitted.spread)
    around = _root(np.cov(differences.T).reshape(options, options) / len(differences))
    found = np.empty(DRAWS)
    for draw in range(DRAWS):
        raw = fitted.raw + rng.normal(size=fitted.raw.shape) @ noise.T / np.sqrt(fitted.kept)[:, None]
        means = fitted.means + around @ rng.normal(size=options)
        found[draw] = _gains(means + fitted.basis @ (fitted.kept[:, None] * raw)).mean()
    return found


def _root(covariance: Array) -> Array:
    """Return a matrix whose product with its transpose is this covariance, which may be singular."""
    values, vectors = np.linalg.eigh(covariance)
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0)))


def _fitted(features: Array, outcomes: Array) -> Fitted:
    """Return the penalised regression of outcomes, of shape (trials, D), with the best penalty for all of them."""
    columns, penalty = _basis(features)
    columns = columns - columns.mean(axis=0)
    gram = columns.T @ columns
    gram += 1e-9 * np.trace(gram) / len(gram) * np.eye(len(gram))
    # In this basis (Demmler and Reinsch, 1975) every penalty shrinks each column by itself.
    rough, vectors = eigh(penalty, gram)
    basis, rough = columns @ vectors, np.maximum(rough, 0)
    means = outcomes.mean(axis=0)
    centred = outcomes - means
    raw = basis.T @ centred
    kept = _chosen(rough, raw, centred)
    residuals = centred - basis @ (kept[:, None] * raw)
    spread = residuals.T @ residuals / max(len(outcomes) - 1 - kept.sum(), 1)
    return Fitted(basis, kept, raw, spread, means)


def _chosen(rough: Array, raw: Array, centred: Array) -> Array:
    """Return how much of each column is kept under the penalty of the least generalised cross-validation score."""
    trials, whole = len(centred), (centred**2).sum(axis=0)
    scale = 1 / max(float(rough.max()), 1e-300)
    scored = []
    for penalty in PENALTIES:
        kept = 1 / (1 + penalty * rough * scale * len(rough))
        left = whole - ((2 * kept - kept**2)[:, None] * raw**2).sum(axis=0)
        score = float(np.sum(left / np.maximum(whole, 1e-300)) / (1 - (1 + kept.sum()) / trials) ** 2)
        scored.append((score, -penalty, kept))
    return np.asarray(min(scored, key=lambda one: one[:2])[2])


def _basis(features: Array) -> tuple[Array, Array]:
    """Return the columns of an additive model of the features, and the matrix of its roughness."""
    parts = [_of_feature(feature) for feature in features.T if np.ptp(feature)]
    sizes = np.cumsum([0, *(columns.shape[1] for columns, _ in parts)])
    penalty = np.zeros((sizes[-1], sizes[-1]))
    for first, last, (_, rough) in zip(sizes, sizes[1:], parts, strict=False):
        penalty[first:last, first:last] = rough
    return np.concatenate([columns for columns, _ in parts], axis=1), penalty


def _of_feature(feature: Array) -> tuple[Array, Array]:
    """Return a column for each of few values, or a B-spline of the normal scores; and the roughness of either."""
    values = np.unique(feature)
    if len(values) <= FEW_VALUES:
        columns = (feature[:, None] == values[1:]).astype(float)
        return columns, np.zeros((columns.shape[1],) * 2)
    scores = ndtri((rankdata(feature) - 0.5) / len(feature))
    ends = scores.min(), scores.max()
    step = (ends[1] - ends[0]) / INTERVALS
    knots = ends[0] + step * np.arange(-DEGREE, INTERVALS + DEGREE + 1)
    # The last score lies on the last knot, up to rounding.
    columns = BSpline.design_matrix(np.clip(scores, knots[DEGREE], knots[-DEGREE - 1]), knots, DEGREE).toarray()
    bends = np.diff(np.eye(columns.shape[1]), n=2, axis=0)
    return columns, bends.T @ bends
