"""Sobol's indices: known answers of Ishigami's and linear functions, by the functions that the command uses."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest

from simulator.answers.moving.groups import LUCK, areas_of, drawn_groups
from simulator.answers.moving.indices import explained
from simulator.answers.moving.sobol import Index, Inputs, indices, sampled
from simulator.errors import PlanError
from simulator.scenario.scenario import Scenario


def samples(names: str, trials: int, draw: Callable[[np.random.Generator, int], np.ndarray]) -> Iterator:
    """Yield the samples A and B of independent inputs in two blocks."""
    rng = np.random.default_rng(7)
    for size in (trials // 4, trials - trials // 4):
        yield tuple({name: draw(rng, size) for name in names} for _ in range(2))


def found_by(model: Callable[[Inputs], np.ndarray], drawn: Iterator, groups: dict[str, str]) -> dict[str, Index]:
    """Return the indices by group."""
    return {one.group: one for one in indices(sampled(model, drawn, groups), seed=3)}


def holds(index: Index, first: float, total: float, within: float) -> bool:
    """Return whether both estimates are near the truth, and both intervals about as wide as they are wrong."""
    near = abs(index.first.value - first) < within and abs(index.total.value - total) < within
    return near and index.first.low - within < first < index.first.high + within


def ishigami(values: Inputs) -> np.ndarray:
    """Return sin x + 7 sin² y + 0.1 z⁴ sin x (Ishigami and Homma, 1990)."""
    return np.sin(values["x"]) + 7 * np.sin(values["y"]) ** 2 + 0.1 * values["z"] ** 4 * np.sin(values["x"])


def angles(rng: np.random.Generator, size: int) -> np.ndarray:
    """Draw from −π to π."""
    return rng.uniform(-np.pi, np.pi, size)


def test_ishigamis_indices_are_known():
    """First orders .3139, .4424 and 0; totals .5576, .4424 and .2437."""
    found = found_by(ishigami, samples("xyz", 2**13, angles), {"x": "x", "y": "y", "z": "z"})
    assert holds(found["x"], 0.3139, 0.5576, 0.04)
    assert holds(found["y"], 0.4424, 0.4424, 0.04)
    assert holds(found["z"], 0.0, 0.2437, 0.04)


def test_groups_take_their_interactions_with_them():
    """x and z of Ishigami's function explain 1 − .4424 as a group, alone and in total."""
    found = found_by(ishigami, samples("xyz", 2**13, angles), {"xz": "xz", "y": "y"})
    assert holds(found["xz"], 0.5576, 0.5576, 0.04)


def test_intervals_hold_the_truth_as_often_as_they_say():
    """Of 20 estimates of a linear model's first order of .8, about 95 % have it in their interval."""
    hits = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        a, b = ({name: rng.normal(size=256) for name in "xy"} for _ in range(2))
        (index, _) = indices(sampled(lambda v: 2 * v["x"] + v["y"], [(a, b)], {"x": "x", "y": "y"}), seed)
        hits += index.first.low <= 0.8 <= index.first.high
    assert 17 <= hits <= 20


def test_a_linear_model_of_one_group_is_explained_by_it():
    """A single group explains everything."""
    found = found_by(lambda v: v["x"] + v["y"], samples("xy", 4096, lambda r, n: r.normal(size=n)), {"all": "xy"})
    assert holds(found["all"], 1, 1, 0.05)


def test_an_outcome_that_never_differs_is_refused():
    """There is no variance to explain."""
    flat = sampled(lambda v: 0 * v["x"] + 5, samples("x", 64, angles), {"x": "x"})
    with pytest.raises(PlanError, match="the outcome is the same in all 128 trials"):
        indices(flat)


# Scenarios


def linear(read: Callable[..., Scenario]) -> Scenario:
    """Return a scenario whose final cash is linear in two assumptions that are drawn, of variances 16 to 1."""
    base = read().with_values({"tax_rate": 0, "opening_cash": {"normal": [5e8, 4e6]}})
    bare = {path: one.central for path, one in base.assumptions.items() if one.is_uncertain and path != "opening_cash"}
    with_costs = base.with_values({**bare, "fixed_overhead": {"normal": [1e7, 1e6 / base.months]}})
    return replace(with_costs, settings=replace(with_costs.settings, counts="expected"), correlations=())


def test_a_scenario_linear_in_two_assumptions_has_their_variances(read: Callable[..., Scenario]):
    """Cash of deviation 4M from the opening balance and 1M from overhead: 16/17 and 1/17; no count is drawn."""
    found = explained(linear(read), "end_cash", 4096)
    by_group = {one.group: one for one in found.groups}
    assert set(by_group) == {"opening_cash", "fixed_overhead"}
    assert found.deviation == pytest.approx(np.sqrt(17) * 1e6, rel=0.02)
    assert holds(by_group["opening_cash"], 16 / 17, 16 / 17, 0.05)
    assert holds(by_group["fixed_overhead"], 1 / 17, 1 / 17, 0.05)


def test_correlated_assumptions_and_luck_are_groups(shipped: Scenario):
    """What correlates moves as one; counts are a group of their own; every path is in one group and one area."""
    groups = drawn_groups(shipped)
    tied = {path for pair in shipped.correlations for path in pair[:2]}
    assert {len(paths) for paths in groups.values() if tied & set(paths)} == {2}
    found = explained(shipped, "end_cash", 64)
    assert {one.group for one in found.groups} == {*groups, LUCK}
    uncertain = sorted(path for path, one in shipped.assumptions.items() if one.is_uncertain)
    assert sorted(path for paths in groups.values() for path in paths) == uncertain
    assert sorted(path for paths in areas_of(groups.values()).values() for path in paths) == uncertain


def test_the_same_seed_gives_the_same_indices(read: Callable[..., Scenario]):
    """Indices and intervals are the same twice, and progress is told up to the end."""
    told: list[float] = []
    scenario = linear(read)
    assert explained(scenario, "end_cash", 64, told.append) == explained(scenario, "end_cash", 64)
    assert told == sorted(told)
    assert told[-1] == 1


def test_nonsense_is_refused(shipped: Scenario, read: Callable[..., Scenario]):
    """Too few trials; and a scenario in which nothing is drawn."""
    with pytest.raises(PlanError, match="0 trials do not make a sample; give 64 to 65,536"):
        explained(shipped, "end_cash", 0)
    certain = linear(read).with_values({"opening_cash": 1, "fixed_overhead": 1})
    with pytest.raises(PlanError, match="nothing in this scenario is drawn"):
        explained(certain, "end_cash")
