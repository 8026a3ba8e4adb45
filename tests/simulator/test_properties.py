"""What must hold in every month of every trial, whatever the numbers are."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.draws import draw
from simulator.lines import business
from simulator.model import Array
from simulator.numbers import base_values, plan_of
from simulator.projection import project
from simulator.scenario import Scenario

TRIALS = 20
seeds = st.integers(0, 2**32 - 1)


def kept(scenario: Scenario, seed: int) -> dict[str, Array]:
    """Every line of the base plan and of a few trials, of shape (months, members, 1 + trials)."""
    return plan_of(scenario, draw(scenario.with_seed(seed), TRIALS)).keep()


@pytest.fixture(scope="module")
def drawn(shipped: Scenario) -> dict[str, Array]:
    """The shipped business in twenty trials."""
    return kept(shipped, 11)


def before(values: Array, opening: float | Array = 0.0) -> Array:
    """Last month's values, the opening ones first."""
    return np.concatenate([np.broadcast_to(opening, values[:1].shape), values[:-1]])


def summed(values: Mapping[str, Array], name: str) -> Array:
    """A line over its members, of shape (months, trials)."""
    return values[name].sum(axis=1)


@given(seed=seeds, trial=st.integers(0, TRIALS))
def test_trials_run_together_as_each_would_alone(small: Scenario, seed: int, trial: int):
    """No trial's numbers depend on another's."""
    values = draw(small.with_seed(seed), TRIALS)
    one = {path: array if array.shape[1] == 1 else array[:, trial : trial + 1] for path, array in values.items()}
    alone, together = plan_of(small, one).keep(), plan_of(small, values).keep()
    for name, line in together.items():
        # The sum over a cohort may be taken in another order.
        np.testing.assert_allclose(alone[name][:, :, 0], line[:, :, trial], rtol=1e-12, atol=1e-9, err_msg=name)


@given(factor=st.floats(1e-3, 1e3))
def test_money_scales_and_ratios_stay(shipped: Scenario, factor: float):
    """In another currency every amount is multiplied, and no count, share or hour changes."""
    values = base_values(shipped)
    scaled = {path: array * factor ** money_in(shipped, path) for path, array in values.items()}
    plain, other = plan_of(shipped, values).keep(), plan_of(shipped, scaled).keep()
    for name, line in business().lines.items():
        power = dict(line.unit.powers).get("money", 0)
        largest = np.abs(plain[name]).max() * factor**power
        np.testing.assert_allclose(
            other[name], plain[name] * factor**power, rtol=1e-9, atol=1e-9 * largest, err_msg=name
        )


def money_in(scenario: Scenario, path: str) -> float:
    """The power of money in an assumption's unit."""
    quantity = business().inputs[scenario.assumptions[path].name].quantity
    assert quantity is not None
    return dict(quantity.unit.powers).get("money", 0)


@given(seed=seeds)
def test_customers_roll_from_month_to_month(small: Scenario, seed: int):
    """Customers are last month's and the new ones, less those who left; nobody leaves twice."""
    values = kept(small, seed)
    opening = np.array([40.0, 0.0])[None, :, None]
    lost = values["churned_customers"]
    rolled = before(values["customers"], opening) + values["new_customers"] - lost
    np.testing.assert_allclose(values["customers"], rolled, rtol=1e-10)
    assert lost.min() > -1e-9


def test_cohorts_sum_to_customers(drawn: dict[str, Array]):
    """Counted cohort by cohort, customers are the same as the line says."""
    new, survival = drawn["new_customers"], drawn["survival"]
    for month in (0, 5, 17):
        cohorts = sum(new[age] * survival[month - age] for age in range(month + 1))
        np.testing.assert_allclose(drawn["customers"][month], cohorts, rtol=1e-10)


def test_survival_only_falls(drawn: dict[str, Array]):
    """It starts at one and stays within zero and one."""
    survival = drawn["survival"]
    assert (survival[0] == 1).all()
    assert (np.diff(survival, axis=0) <= 0).all()
    assert survival.min() >= 0


def test_losses_roll(drawn: dict[str, Array]):
    """Losses carried forward grow by losses, shrink by what is used, and never fall below zero."""
    losses, income = drawn["tax_losses"], drawn["operating_income"]
    rolled = before(losses) - drawn["losses_used"] + np.maximum(-income, 0)
    np.testing.assert_allclose(losses, rolled, rtol=1e-10, atol=1e-6)
    assert losses.min() >= -1e-6


def test_tax_is_due_on_what_is_left_of_profit(drawn: dict[str, Array], shipped: Scenario):
    """Tax is the rate times profit after losses, never negative, and none in a month of loss."""
    taxed = np.maximum(drawn["operating_income"], 0) - drawn["losses_used"]
    np.testing.assert_allclose(drawn["tax"], taxed * shipped.assumptions["tax_rate"].central, atol=1e-6)
    assert drawn["tax"].min() >= 0
    assert (drawn["tax"][drawn["operating_income"] <= 0] == 0).all()


def test_cash_rolls(drawn: dict[str, Array], shipped: Scenario):
    """Cash moves by net income and financing, and by nothing else."""
    moved = drawn["net_income"][:, 0] + summed(drawn, "equity_raised")
    opening = shipped.assumptions["opening_cash"].central
    np.testing.assert_allclose(drawn["cash"][:, 0], before(drawn["cash"][:, 0], opening) + moved, rtol=1e-12)


def test_costs_are_all_costs(drawn: dict[str, Array]):
    """Revenue less every cost is operating income."""
    left = drawn["revenue"] - drawn["costs"]
    np.testing.assert_allclose(left, drawn["operating_income"], atol=1e-6)


def test_payroll_is_paid_once(drawn: dict[str, Array]):
    """The four parts of the income statement share the payroll without rest."""
    parts = sum(drawn[f"{part}_payroll"] for part in ("support", "selling", "research", "general"))
    np.testing.assert_allclose(parts, drawn["payroll"], rtol=1e-12)


@given(seed=seeds)
def test_tokens_used_are_tokens_served(small: Scenario, seed: int):
    """What plans use through features is what pools serve."""
    values = kept(small, seed)
    np.testing.assert_allclose(summed(values, "tokens_used"), summed(values, "tokens_served"), rtol=1e-12)


def test_cost_by_pool_sums_to_the_rent(drawn: dict[str, Array]):
    """Cost per million tokens times tokens is each pool's rent."""
    cost = drawn["cost_per_million_tokens"] * drawn["tokens_served"]
    np.testing.assert_allclose(cost, np.where(drawn["tokens_served"] > 0, drawn["device_rent"], 0), rtol=1e-12)


def test_devices_carry_the_load(drawn: dict[str, Array]):
    """Whole devices are rented, enough for the need, and the busy share is at most one."""
    rented = drawn["devices_rented"]
    assert (rented == np.ceil(rented)).all()
    assert (rented >= drawn["devices_needed"]).all()
    assert drawn["utilisation"].max() <= 1


@settings(max_examples=10)
@given(seed=seeds)
def test_percentiles_are_in_order(small: Scenario, seed: int):
    """In every month of every line, the fifth percentile is at most the median, and that at most the 95th."""
    for key, series in project(small.with_seed(seed), TRIALS).series.items():
        slack = 1e-9 * np.abs(series.p50) + 1e-12
        assert (series.p05 <= series.p50 + slack).all(), key
        assert (series.p50 <= series.p95 + slack).all(), key


@settings(max_examples=10)
@given(seed=seeds)
def test_ruin_only_grows(small: Scenario, seed: int):
    """Whoever ran out of cash once stays counted."""
    poor = replace(small, settings=replace(small.settings, cash_floor=300_000.0))
    ruin = project(poor.with_seed(seed), TRIALS).ruin
    assert (np.diff(ruin) >= 0).all()
    assert ruin[0] >= 0
    assert ruin[-1] <= 1
