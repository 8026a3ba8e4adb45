"""Walks: values that move by chance from month to month around their plan."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from companies import written
from made import case, measurement
from scipy import stats
from scipy.special import ndtri

from simulator.answers.draws import draw, stream, trials_of
from simulator.answers.variations.sensitivity import tornado
from simulator.engine.model import Array
from simulator.errors import BadValue, ScenarioError
from simulator.scenario.chances import Walk
from simulator.scenario.reading import parse
from simulator.scenario.scaling import moved
from simulator.scenario.scenario import Scenario
from simulator.scenario.values import read_value


def steps(values: Array) -> Array:
    """Return the monthly changes of the logarithm."""
    return np.diff(np.log(values), axis=0)


@pytest.mark.parametrize(("half_life", "kept"), [(None, 1.0), (24, 0.5 ** (1 / 24)), (3, 0.5 ** (1 / 3)), (1, 0.5)])
def test_a_walk_has_the_variance_of_its_closed_form(small: Scenario, half_life: float | None, kept: float):
    """The variance of log X(m) is σ² (1 − φ^2m) / (1 − φ²), or σ² m without a half-life, and its mean is 0."""
    walk = {"walk": 1, "monthly_volatility": "6%"} | ({"half_life": half_life} if half_life else {})
    logs = np.log(draw(small.with_value("device_price_level", walk), 20_000)["device_price_level"][:, 1:])
    months = np.arange(14)
    variance = 0.06**2 * (months if kept == 1 else (1 - kept ** (2 * months)) / (1 - kept**2))
    assert not logs[0].any()
    # The deviation of a sample's variance is the variance × √(2 / n).
    assert logs.var(axis=1) == pytest.approx(variance, rel=5 * np.sqrt(2 / 20_000), abs=1e-15)
    assert np.abs(logs.mean(axis=1)[1:] / np.sqrt(variance[1:])).max() < 5 / np.sqrt(20_000)
    shocks = ndtri(stream(3, "device_price_level/walk").random((20_000, 14))[:, 13])
    assert logs[13] == pytest.approx(kept * logs[12] + 0.06 * shocks)


def test_half_of_a_shock_is_left_after_a_half_life():
    """A shock of one deviation in month 1 is worth half as much, in logarithms, six months later."""
    shocks = np.zeros((14, 1))
    shocks[1] = 1
    logs = np.log(Walk(0.1, 6).factors(shocks))[:, 0]
    assert logs[[0, 1, 7, 13]] == pytest.approx([0, 0.1, 0.05, 0.025])
    assert np.log(Walk(0.1).factors(shocks))[1:, 0] == pytest.approx(0.1)


def test_the_base_case_of_a_walk_is_its_plan(small: Scenario):
    """Without shocks a walk is the value that it moves: here a ramp from 1 to 2."""
    walk = {"walk": {"from": 1, "to": 2, "over": 4}, "monthly_volatility": "20%"}
    scenario = small.with_value("demand_level", walk)
    base = draw(scenario, 5)["demand_level"][:6, 0]
    assert base == pytest.approx([1, 1.25, 1.5, 1.75, 2, 2])
    assert scenario.assumptions["demand_level"].is_uncertain
    assert draw(scenario, 5)["demand_level"][0] == pytest.approx(np.ones(6))


def test_a_walk_multiplies_a_range(small: Scenario):
    """A range that walks has its own value in month 0, and the path around it after."""
    walk = {"walk": {"uniform": [1, 3]}, "monthly_volatility": "5%", "half_life": 4}
    values = draw(small.with_value("demand_level", walk), 5_000)["demand_level"][:, 1:]
    level = draw(small.with_value("demand_level", walk["walk"]), 5_000)["demand_level"][:, 1:]
    path = draw(small.with_value("demand_level", {**walk, "walk": 1}), 5_000)["demand_level"][:, 1:]
    assert values == pytest.approx(level * path, rel=1e-12)


@pytest.mark.parametrize("rank", [-0.8, 0.6, 1])
def test_correlations_tie_the_steps_of_walks(small: Scenario, rank: float):
    """Two walks have the rank correlation asked for in the changes of every month, and none between months."""
    for path in ("device_price_level", "demand_level"):
        small = small.with_value(path, {"walk": 1, "monthly_volatility": "6%"})
    values = draw(replace(small, correlations=(("device_price_level", "demand_level", rank),)), 5_000)
    rents, demand = steps(values["device_price_level"][:, 1:]), steps(values["demand_level"][:, 1:])
    for month in range(13):
        found = stats.spearmanr(rents[month], demand[month]).statistic
        assert found == pytest.approx(rank, abs=max(5 / np.sqrt(5_000) * (1 - rank**2), 1e-9))
    assert abs(stats.spearmanr(rents[0], demand[1]).statistic) < 5 / np.sqrt(5_000)


def test_correlations_tie_levels_and_steps_of_walking_ranges(small: Scenario):
    """Two ranges that walk are tied in their levels, and in their steps, which do not depend on the levels."""
    for path in ("device_price_level", "demand_level"):
        small = small.with_value(path, {"walk": {"uniform": [1, 2]}, "monthly_volatility": "6%"})
    values = draw(replace(small, correlations=(("device_price_level", "demand_level", 0.7),)), 5_000)
    one, other = values["device_price_level"][:, 1:], values["demand_level"][:, 1:]
    for left, right, rank in (
        (one[0], other[0], 0.7),
        (steps(one)[4], steps(other)[4], 0.7),
        (one[0], steps(other)[4], 0),
    ):
        assert stats.spearmanr(left, right).statistic == pytest.approx(rank, abs=0.06)


def test_a_walk_stays_within_what_makes_sense(small: Scenario):
    """A share that walks is cut off at 100 %."""
    walk = {"walk": "80%", "monthly_volatility": "40%"}
    values = draw(small.with_value("plans.basic.conversion", walk), 500)["plans.basic.conversion"]
    assert values.max() == 1


def test_a_tornado_moves_a_walk_to_its_percentiles(small: Scenario):
    """P5 and P95 of a geometric walk of 6 % in month 13 are exp(±1.645 × 6 % × √13), and cash moves with them."""
    scenario = small.with_value("device_price_level", {"walk": 1, "monthly_volatility": "6%"})
    swing = next(swing for swing in tornado(scenario) if swing.path == "device_price_level")
    assert (swing.low, swing.high) == pytest.approx((np.exp(-0.35584), np.exp(0.35584)), rel=1e-4)
    assert swing.at_low > swing.at_high
    drawn = draw(scenario, 20_000)["device_price_level"][13, 1:]
    assert np.quantile(drawn, [0.05, 0.95]) == pytest.approx([swing.low, swing.high], rel=0.02)


@pytest.mark.parametrize(
    ("literal", "says"),
    [
        ({"walk": 1}, "the walk is incomplete"),
        ({"walk": 1, "monthly_volatility": "6%", "times": 2}, "says more than a walk does"),
        ({"walk": 1, "monthly_volatility": 0}, "above 0% and at most 100%"),
        ({"walk": 1, "monthly_volatility": "-5%"}, "above 0% and at most 100%"),
        ({"walk": 1, "monthly_volatility": 6}, "the monthly volatility is 6; give one above 0%"),
        ({"walk": 1, "monthly_volatility": "90% between 1% and 9%"}, "is not a number"),
        ({"walk": 1, "monthly_volatility": {"walk": 1}}, "is not a number"),
        (
            {"walk": 1, "monthly_volatility": "6%", "half_life": 0},
            "the half-life is 0 months; give 0.1 to 1,200 months",
        ),
        ({"walk": 1, "monthly_volatility": "6%", "half_life": 1e9}, "or leave it out"),
        ({"walk": 1, "monthly_volatility": "6%", "half_life": None}, "is not a number"),
        ({"walk": {"walk": 1, "monthly_volatility": "6%"}, "monthly_volatility": "6%"}, "keep one of the two"),
        ({"walk": {0: {"walk": 1, "monthly_volatility": "6%"}}, "monthly_volatility": "6%"}, "is not a value"),
        ({"walk": None, "monthly_volatility": "6%"}, "is not a number"),
        ({"walk": [1], "monthly_volatility": "6%"}, "is not a number"),
        ({0: {"walk": 1, "monthly_volatility": "6%"}}, "is not a value"),
    ],
    ids=str,
)
def test_what_is_no_walk_is_refused(literal: Any, says: str):
    """Each error says what a walk needs."""
    with pytest.raises(BadValue) as caught:
        read_value(literal, lambda _: pytest.fail("no measurement"))
    assert says in f"{caught.value.what}; {caught.value.todo}"


def test_churn_cannot_walk_and_names_what_can(small: Scenario):
    """A churn belongs to a customer's age, so it refuses a walk and points at the level of churn."""
    with pytest.raises(ScenarioError, match=r"changes from month to month.*let churn_level change or walk instead"):
        small.with_value("plans.basic.churn", {"walk": "5%", "monthly_volatility": "6%"})


# Whole scenarios


@pytest.mark.parametrize("half_life", [None, 6])
def test_chance_of_running_out_under_a_walking_cost(tmp_path: Path, half_life: int | None):
    """A cost of 1,000 that walks by 10 % a month exhausts 26,000 in 24 months as often as NumPy's paths do."""
    walk = {"walk": 1_000, "monthly_volatility": "10%"} | ({"half_life": half_life} if half_life else {})
    top = {"opening_cash": 26_000, "tax_rate": 0, "hours_per_month": 730, "fixed_overhead": walk}
    scenario = parse(written({}, top, months=24, trials=0), tmp_path)
    cash = trials_of(scenario, 20_000).keep(["cash"])["cash"][-1, 0]
    kept = 1.0 if half_life is None else 0.5 ** (1 / half_life)
    shocks, logs = np.random.default_rng(8).normal(0, 0.1, (24, 200_000)), np.zeros((24, 200_000))
    for month in range(1, 24):
        logs[month] = kept * logs[month - 1] + shocks[month]
    rebuilt = float((26_000 - 1_000 * np.exp(logs).sum(axis=0) < 0).mean())
    assert cash[0] == pytest.approx(2_000)
    assert (cash[1:] < 0).mean() == pytest.approx(rebuilt, abs=4 * np.sqrt(0.25 / 20_000))


def test_walking_levels_move_the_indices_month_by_month(small: Scenario):
    """In each trial, prices of devices and tokens and demand follow their own walks."""
    levels = ("device_price_level", "token_price_level", "demand_level")
    for path in levels:
        small = small.with_value(path, {"walk": 1, "monthly_volatility": "6%"})
    drawn = draw(small, 30)
    found = trials_of(small, 30).keep(["device_price_index", "token_price_index", "demand_index"])
    for index, level in zip(found.values(), levels, strict=True):
        assert index[:, 0] == pytest.approx(drawn[level], rel=1e-12)


def test_a_measured_rate_may_walk(small: Scenario, tmp_path: Path):
    """A walk around a record's figure keeps its interval and evidence, and a lever keeps the walk."""
    (tmp_path / "measurements").mkdir()
    (tmp_path / "measurements" / "run.json").write_text(json.dumps(measurement(case(800))))
    reference = {"measured": "measurements/run.json", "metric": "tokens_per_second", "at": {"batch": 8}}
    walk = {"walk": reference, "monthly_volatility": "2%", "half_life": 12}
    rate = replace(small, folder=tmp_path).with_value("pools.large.tokens_per_second", walk)
    found = rate.assumptions["pools.large.tokens_per_second"]
    assert (found.evidence, found.central) == ("measured", 800)
    assert moved(found, 500.0) == {**walk, "walk": 500.0}
    values = draw(rate, 20_000)[found.path][:, 1:]
    assert np.quantile(values[0], [0.025, 0.975]) == pytest.approx([720, 880], rel=0.005)
    assert np.log(values[1] / values[0]).std() == pytest.approx(0.02, rel=0.05)
