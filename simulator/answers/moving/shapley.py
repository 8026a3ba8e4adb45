"""Shapley values: a difference shared among its causes so that the shares sum to it exactly.

A cause's share is the mean of what it changes when it joins the others in every order (Shapley, 1953). Up to ten causes
all orders are counted by their coalitions; beyond, random orders stand for them, each with its reverse, which lowers
the error; the shares of every order sum to the whole, so those of their mean do, too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import factorial

import numpy as np
from numpy.typing import NDArray

from simulator.engine.model import Array

# One row a coalition, one column a player, who is in or out.
Coalitions = NDArray[np.bool_]
# More players have too many coalitions to run all of them.
MOST_EXACT = 10
# Random orders, each followed by its reverse.
PAIRS = 100


@dataclass(frozen=True)
class Shares:
    """The share of each player, of shape (players, outcomes), with its standard error, 0 where all orders counted."""

    values: Array
    errors: Array


def shapley(value: Callable[[Coalitions], Array], players: int, seed: int = 0) -> Shares:
    """Return the Shapley value of each player.

    `value` returns the outcomes of each coalition, of shape (coalitions, outcomes); every coalition is asked for once.
    """
    if players <= MOST_EXACT:
        return _exact(value, players)
    rng = np.random.default_rng(seed)
    forwards = [rng.permutation(players) for _ in range(PAIRS)]
    orders = np.array([order for one in forwards for order in (one, one[::-1])])
    return _sampled(value, orders)


def _exact(value: Callable[[Coalitions], Array], players: int) -> Shares:
    """Return the mean over all orders: each coalition without a player counts for the orders that begin with it."""
    numbers = np.arange(2**players)
    members = (numbers[:, None] >> np.arange(players) & 1).astype(bool)
    outcomes = value(members)
    size = members.sum(axis=1)
    weights = np.array([factorial(k) * factorial(players - k - 1) / factorial(players) for k in range(players)])
    found = np.empty((players, outcomes.shape[1]))
    for player in range(players):
        without = numbers[~members[:, player]]
        found[player] = weights[size[without]] @ (outcomes[without | 1 << player] - outcomes[without])
    return Shares(found, np.zeros_like(found))


def _sampled(value: Callable[[Coalitions], Array], orders: NDArray[np.int_]) -> Shares:
    """Return the mean over some orders, which come in pairs, with the error between the pairs."""
    count, players = orders.shape
    # Place of each player in each order; after s steps the players of the first s places are in.
    places = np.argsort(orders, axis=1)
    steps = places[:, None, :] < np.arange(players + 1)[None, :, None]
    coalitions, back = np.unique(steps.reshape(-1, players), axis=0, return_inverse=True)
    outcomes = value(coalitions)[back.reshape(count, players + 1)]
    gains = np.diff(outcomes, axis=1)
    shares = np.take_along_axis(gains, places[:, :, None], axis=1)
    pairs = shares.reshape(count // 2, 2, players, -1).mean(axis=1)
    return Shares(pairs.mean(axis=0), pairs.std(axis=0, ddof=1) / np.sqrt(len(pairs)))
