"""Properties of trials, percentiles, ruin and load that hold for any numbers; `invariants` checks the books."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from companies import everything
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.answers.draws import draw
from simulator.answers.projection import project
from simulator.engine.model import Array
from simulator.scenario.numbers import simulation_of
from simulator.scenario.scenario import Scenario

TRIALS = 20
seeds = st.integers(0, 2**32 - 1)


def kept(scenario: Scenario, seed: int) -> dict[str, Array]:
    """Return every line of the base case and a few trials, of shape (months, members, 1 + trials)."""
    return simulation_of(scenario, draw(scenario.with_seed(seed), TRIALS)).keep()


@pytest.fixture(scope="module")
def drawn() -> dict[str, Array]:
    """Return the lines of twenty trials of the company that has everything."""
    return kept(everything(Path(), months=24), 11)


@settings(max_examples=10)
@given(seed=seeds, trial=st.integers(0, TRIALS))
def test_a_trial_is_the_same_alone_and_among_others(small: Scenario, seed: int, trial: int):
    """The numbers of a trial do not depend on other trials."""
    values = draw(small.with_seed(seed), TRIALS)
    one = {path: array if array.shape[1] == 1 else array[:, trial : trial + 1] for path, array in values.items()}
    alone, together = simulation_of(small, one).keep(), simulation_of(small, values).keep()
    for name, line in together.items():
        # The sum over a cohort may be taken in another order.
        np.testing.assert_allclose(alone[name][:, :, 0], line[:, :, trial], rtol=1e-12, atol=1e-9, err_msg=name)


def test_survival_only_falls(drawn: dict[str, Array]):
    """Survival starts at one, never rises, and stays within zero and one."""
    survival = drawn["survival"]
    assert (survival[0] == 1).all()
    assert (np.diff(survival, axis=0) <= 0).all()
    assert survival.min() >= 0


def test_cost_by_pool_sums_to_what_serving_costs(drawn: dict[str, Array]):
    """Cost per million tokens, times tokens, is the serving cost of each pool."""
    cost = drawn["cost_per_million_tokens"] * drawn["tokens_served"]
    np.testing.assert_allclose(cost, np.where(drawn["tokens_served"] > 0, drawn["serving_cost"], 0), rtol=1e-12)


def test_devices_carry_the_load(drawn: dict[str, Array]):
    """Every hour has whole devices, enough for its load, and utilisation is at most one."""
    there = drawn["devices_at"]
    needed = np.repeat(drawn["devices_for_mean"], 24, axis=1) * drawn["hour_pull"]
    assert (there == np.ceil(there)).all()
    assert (there >= needed * (1 - 1e-12)).all()
    assert drawn["utilisation"].max() <= 1


@settings(max_examples=10)
@given(seed=seeds)
def test_percentiles_are_in_order(small: Scenario, seed: int):
    """In every month of every line, the fifth percentile is at most the median, and that at most the 95th."""
    for key, series in project(small.with_seed(seed), TRIALS, percentiles=True).series.items():
        slack = 1e-9 * np.abs(series.p50) + 1e-12
        assert (series.p05 <= series.p50 + slack).all(), key
        assert (series.p50 <= series.p95 + slack).all(), key


@settings(max_examples=10)
@given(seed=seeds)
def test_ruin_only_grows(small: Scenario, seed: int):
    """A trial that ran out of cash once stays counted."""
    poor = replace(small, settings=replace(small.settings, cash_floor=300_000.0))
    ruin = project(poor.with_seed(seed), TRIALS).ruin
    assert (np.diff(ruin) >= 0).all()
    assert ruin[0] >= 0
    assert ruin[-1] <= 1
