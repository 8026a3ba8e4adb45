"""The program of commitments, against the newsvendor's ratio in closed form, and against every choice there is."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.answers.committing.program import Program, Term, best, covered
from simulator.engine.model import Array

RATE = 100.0


def gains_of(needed: Array, most: int) -> Array:
    """Return the rent that the first, the second … device saves, for needs of shape (months, trials)."""
    return np.stack([RATE * np.clip(needed - n, 0, 1).mean(axis=1) for n in range(most)], axis=1)


def program(needed: Array, most: int = 6, **offers: object) -> Program:
    """Return the program of these needs, each device of which costs RATE a month on demand."""
    widths = np.ones(most)
    return Program(RATE * needed.mean(axis=1), gains_of(needed, most), widths, **offers)  # type: ignore[arg-type]


@given(st.integers(0, 10_000), st.floats(0.05, 0.95))
@settings(max_examples=15, deadline=None)
def test_a_month_is_the_newsvendors(seed: int, ratio: float):
    """With terms of a month, the n-th device is signed where the chance that it is needed exceeds the price ratio."""
    needed = np.random.default_rng(seed).integers(0, 7, (3, 21)).astype(float)
    found = best(program(needed, terms=[Term(np.full(3, ratio * RATE), 1)]))
    chance = np.stack([(needed >= n).mean(axis=1) for n in range(1, 7)], axis=1)
    at_least, at_most = (chance > ratio + 1e-6).sum(axis=1), (chance > ratio - 1e-6).sum(axis=1)
    assert (at_least <= found.signed[0]).all()
    assert (found.signed[0] <= at_most).all()


@given(st.integers(0, 10_000), st.floats(0.1, 1.1))
@settings(max_examples=15, deadline=None)
def test_a_term_of_the_whole_plan_goes_level_by_level(seed: int, ratio: float):
    """A device signed for all months pays where it is used in a larger share of months and trials than the ratio."""
    needed = np.random.default_rng(seed).integers(0, 7, (5, 9)).astype(float)
    found = best(program(needed, terms=[Term(np.full(5, ratio * RATE), 5)]))
    used = gains_of(needed, 6).mean(axis=0) / RATE
    assert (used > ratio + 1e-6).sum() <= found.signed[0, 0] <= (used > ratio - 1e-6).sum()
    assert not found.signed[0, 1:].any()


def cost_of(made: Program, signed: Array, bought: Array, by_vendor: Array) -> float:
    """Return what a choice costs, month by month."""
    held = sum(covered(starts, term.months) for term, starts in zip(made.terms, signed, strict=True))
    owned = covered(bought, made.life)
    committed = np.arange(made.gains.shape[1]) < (held + owned)[:, None]
    rent = made.rent - (made.gains * committed).sum(axis=1)
    total = float(np.where(by_vendor, made.vendor if made.vendor is not None else 0, rent).sum())
    for term, starts in zip(made.terms, signed, strict=True):
        total += float((starts * term.price).sum() * term.months)
    if made.capital is not None and made.running is not None:
        served = np.minimum(made.life, len(rent) - np.arange(len(rent)))
        total += float((bought * made.capital * served).sum() + (owned * made.running).sum())
    return total


@pytest.mark.parametrize("seed", range(6))
def test_no_choice_is_cheaper(seed: int):
    """Of all ways to reserve for two months, to buy for three, and to change to or from the vendor once."""
    rng = np.random.default_rng(seed)
    needed = rng.integers(0, 3, (4, 5)).astype(float)
    made = program(
        needed,
        2,
        terms=[Term(RATE * rng.uniform(0.4, 0.9, 4), 2)],
        capital=RATE * rng.uniform(0.3, 0.8, 4),
        running=RATE * rng.uniform(0.05, 0.2, 4),
        life=3,
        vendor=RATE * rng.uniform(0, 2, 4),
    )
    once = [np.arange(4) < n for n in range(5)] + [np.arange(4) >= n for n in range(1, 4)]
    least = min(
        cost_of(made, np.array([[*signed, 0]]), np.array(bought), by_vendor)
        for signed in product(range(3), repeat=3)
        for bought in product(range(3), repeat=4)
        for by_vendor in once
    )
    found = best(made)
    assert found.cost == pytest.approx(least, abs=1e-4)
    assert cost_of(made, found.signed, found.bought, found.by_vendor) == pytest.approx(least, abs=1e-4)


@given(
    st.lists(st.lists(st.integers(0, 2), min_size=4, max_size=4), min_size=1, max_size=4),
    st.lists(st.lists(st.floats(0.2, 1.1), min_size=4, max_size=4), min_size=2, max_size=2),
    st.permutations([1, 2, 3, 4]),
)
@settings(max_examples=20, deadline=None)
def test_no_mix_of_two_terms_is_cheaper(needs: list[list[int]], prices: list[list[float]], lengths: list[int]):
    """Of all ways to sign up to two devices for either of two terms in any month, with the rest on demand."""
    terms = [Term(RATE * np.array(price), months) for price, months in zip(prices, lengths, strict=False)]
    made = program(np.array(needs, dtype=float).T, 2, terms=terms)
    ways = [
        [np.array([*starts, *[0] * (one.months - 1)]) for starts in product(range(3), repeat=5 - one.months)]
        for one in terms
    ]
    none, found = np.zeros(4), best(made)
    least = min(cost_of(made, np.array(signed), none, none > 0) for signed in product(*ways))
    assert found.cost == pytest.approx(least, abs=1e-4)
    assert cost_of(made, found.signed, found.bought, found.by_vendor) == pytest.approx(least, abs=1e-4)


@given(st.integers(0, 10_000), st.lists(st.floats(1.0, 3.0), min_size=1, max_size=3))
@settings(max_examples=15, deadline=None)
def test_nothing_is_signed_at_the_price_on_demand_or_above(seed: int, ratios: list[float]):
    """A commitment can only idle, so whatever its term it has to be cheaper than what it takes the place of."""
    needed = np.random.default_rng(seed).integers(0, 7, (5, 9)).astype(float)
    terms = [Term(np.full(5, ratio * RATE), months) for months, ratio in enumerate(ratios, 1)]
    assert not best(program(needed, terms=terms)).signed.any()


def test_the_base_is_signed_for_long_and_the_season_for_short():
    """Two devices always, and four for two months of six: the long term serves the base, the short one the season."""
    needed = np.array([[2.0], [2.0], [6.0], [6.0], [2.0], [2.0]])
    found = best(program(needed, terms=[Term(np.full(6, 80.0), 2), Term(np.full(6, 50.0), 6)]))
    assert found.signed.tolist() == [[0, 0, 4, 0, 0, 0], [2, 0, 0, 0, 0, 0]]
    assert found.cost == pytest.approx(2 * 6 * 50 + 4 * 2 * 80)


@given(st.lists(st.integers(0, 5), min_size=1, max_size=12), st.integers(1, 15))
def test_what_starts_is_there_for_its_term(starts: list[int], term: int):
    """Each start counts in its own month and the term - 1 after it."""
    there = [sum(starts[max(0, month - term + 1) : month + 1]) for month in range(len(starts))]
    assert covered(np.array(starts), term).tolist() == there


def test_a_term_longer_than_the_plan_is_not_signed():
    """However cheap it is, since nobody knows the months after the plan."""
    needed = np.full((3, 1), 4.0)
    assert not best(program(needed, terms=[Term(np.full(3, 1.0), 4)])).signed.any()


def test_one_month_can_be_planned():
    """A plan of a single month has no change to rule out."""
    found = best(program(np.full((1, 1), 2.0), terms=[Term(np.array([60.0]), 1)], vendor=np.array([90.0])))
    assert found.by_vendor.all()
    assert found.cost == pytest.approx(90)


def test_nothing_is_committed_for_months_that_the_vendor_serves():
    """However small its price is beside the rent that the vendor saves."""
    rent = np.full(4, 1e12)
    gains, price = rent[:, None] / 5, np.full(4, 1.0)
    terms = [Term(price, 2)]
    made = Program(rent, gains, np.array([5.0]), 1, terms, capital=price, running=price, life=9, vendor=price)
    found = best(made)
    assert found.by_vendor.all()
    assert not (found.signed[0] + found.bought).any()


def test_lots_are_whole():
    """Devices come in replicas: of the two replicas of four that seven devices would fill, each pays or not."""
    terms = [Term(np.array([0.8 * RATE]), 1)]
    made = Program(np.array([7 * RATE]), np.array([[RATE, 0.75 * RATE]]), np.array([4.0, 4.0]), 4, terms)
    assert best(made).signed.tolist() == [[4]]
