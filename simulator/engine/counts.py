"""Counts: whole numbers of customers around a mean, each from one uniform number.

A count is the quantile of its distribution at the uniform `luck`, so two scenarios with the same luck differ only by
what changed between them. Where `luck` is NaN, as in the base case, the count is its mean. Counts of small variance are
inverted exactly, term by term. Above that, the Cornish-Fisher expansion of the quantile stands in, with the correction
for whole numbers, as Giles derives it ("Approximation of the inverse Poisson cumulative distribution function", 2016);
no probability is then off by more than three in ten thousand.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.special import ndtri

from simulator.engine.choice import where
from simulator.engine.formula import Operation, Symbol, symbol

# Up to this variance the terms of a distribution are few, and the expansion is least exact.
MOST_VARIANCE = 10.0
# Quantiles stop this far from 0 and 1: a sum of terms may round to less than 1, and those of 0 and 1 are infinite.
NEAREST = 1e-14
# No count of that variance has its quantile at 1 - NEAREST this many terms up.
MOST_TERMS = 60
# Picking out the counts that go on costs more than it saves among fewer of them.
MANY_COUNTS = 5_000


def poisson(mean: Any, luck: Any) -> Any:
    """Return the Poisson count with this mean at the quantile `luck`."""
    if isinstance(mean, Symbol):
        return Operation("poisson", (mean, symbol(luck)))
    return _counted(_poisson, mean, luck, mean)


def binomial(count: Any, share: Any, luck: Any) -> Any:
    """Return how many of `count` are hit at the quantile `luck`, each with probability `share`.

    The part of `count` beyond a whole number is one more, hit with that part of the probability.
    """
    if isinstance(count, Symbol):
        return Operation("binomial", (count, symbol(share), symbol(luck)))
    return _counted(_binomial, count * share, luck, count, share)


def _counted(quantile: Any, mean: Any, luck: Any, *parameters: Any) -> Any:
    """Return the quantiles where there is luck, and the mean where there is none."""
    has_luck = ~np.isnan(luck)
    if not has_luck.any():
        return mean
    count = where(mean > 0, lambda *given: quantile(*np.broadcast_arrays(*given)), 0.0, *parameters, _kept(luck))
    return count if has_luck.all() else np.where(has_luck, count, mean)


def _kept(luck: Any) -> Any:
    """Return luck away from 0 and 1; the base case, which has none, gets some that is not used."""
    return np.minimum(np.fmax(luck, NEAREST), 1 - NEAREST)


def _by_size(variance: Any, exact: Callable[..., Any], expanded: Callable[..., Any], *given: Any) -> Any:
    """Return counts of small variance by their terms and the others by the expansion."""
    few = variance <= MOST_VARIANCE
    if few.all():
        return exact(*given)
    if not few.any():
        return expanded(*given)
    count = np.empty(few.shape)
    for some, counted in ((few, exact), (~few, expanded)):
        count[some] = counted(*(one[some] for one in given))
    return count


def _poisson(mean: Any, luck: Any) -> Any:
    return _by_size(mean, _few_poisson, _many_poisson, mean, luck)


def _many_poisson(mean: Any, luck: Any) -> Any:
    return _expanded(mean, mean, 1.0, 1.0, luck)


def _few_poisson(mean: Any, luck: Any) -> Any:
    return _summed(luck, np.exp(-mean), 0.0, lambda number, mean: mean / number, mean)


def _binomial(count: Any, share: Any, luck: Any) -> Any:
    whole = np.floor(count)
    share = np.clip(share, 0, 1)
    extra = (count - whole) * share
    likely = share > 0.5
    if not likely.any():
        return _hits(whole, share, extra, luck)
    # Where a hit is likelier than a miss, misses take fewer terms: of n and one more, all who are not missed are hit.
    missed = _hits(
        whole,
        np.where(likely, 1 - share, share),
        np.where(likely, 1 - extra, extra),
        np.where(likely, 1 - luck, luck),
    )
    return np.where(likely, whole + 1 - missed, missed)


def _hits(whole: Any, share: Any, extra: Any, luck: Any) -> Any:
    """Return the quantile of hits among a whole number, each with a share of one half at most, and one with `extra`."""
    return _by_size(whole * share * (1 - share), _few_hits, _many_hits, whole, share, extra, luck)


def _many_hits(whole: Any, share: Any, extra: Any, luck: Any) -> Any:
    variance = whole * share * (1 - share) + extra * (1 - extra)
    count = _expanded(whole * share + extra, variance, 1 - 2 * share, 1 - 6 * (share * (1 - share)), luck)
    return np.clip(count, 0, whole + 1)


def _few_hits(whole: Any, share: Any, extra: Any, luck: Any) -> Any:
    return _summed(luck, (1 - share) ** whole, extra, _hits_ratio, whole, share / (1 - share))


def _hits_ratio(number: int, whole: Any, odds: Any) -> Any:
    return np.maximum(whole + 1 - number, 0) / number * odds


def _summed(luck: Any, term: Any, extra: Any, ratio: Callable[..., Any], *parameters: Any) -> Any:
    """Return how many terms of a distribution sum to less than `luck`.

    `ratio` leads from one term to the next, by the next one's number and the `parameters`. `extra` is the probability
    of one more hit, by which every term moves up one place.
    """
    shape, count, total, left = luck.shape, np.zeros(luck.size), term.copy(), None
    for number in range(1, MOST_TERMS):
        more = luck > total - extra * term
        going_on = np.count_nonzero(more)
        if not going_on:
            break
        count[slice(None) if left is None else left] += more.ravel()
        if MANY_COUNTS < more.size > 2 * going_on:  # most have their count
            kept = np.flatnonzero(more)
            left = kept if left is None else left[kept]
            given = np.broadcast_arrays(luck, term, total, extra, *parameters)
            luck, term, total, extra, *rest = (one.ravel()[kept] for one in given)
            parameters = tuple(rest)
        term = term * ratio(number, *parameters)
        total += term
    return count.reshape(shape)


def _expanded(mean: Any, variance: Any, skew: Any, excess: Any, luck: Any) -> Any:
    """Return the quantile to second order; `skew` and `excess` are those of one hit, times its own deviation."""
    # In place, since new arrays would take longer than the sums: (x² - 3) k / 24 - (2x² - 5) s² / 36 - 1 / 24.
    deviation, normal = np.sqrt(variance), ndtri(luck)
    square = normal * normal
    second, skewed = square - 3, 2 * square
    second *= excess
    second /= 24
    skewed -= 5
    skewed *= skew
    skewed *= skew
    skewed /= 36
    second -= skewed
    second -= 1 / 24
    second *= normal
    second /= deviation
    square -= 1
    square *= skew
    square /= 6
    normal *= deviation
    normal += mean
    normal += square
    normal += 0.5
    normal += second
    return np.maximum(np.floor(normal, out=normal), 0, out=normal)
