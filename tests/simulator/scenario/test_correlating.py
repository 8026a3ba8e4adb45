"""Correlations that contradict each other: refused in a sentence, with the nearest that fit."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.errors import ScenarioError
from simulator.scenario.correlating import _nearest, fit, nearest_correlations
from simulator.scenario.scenario import Scenario
from simulator.scenario.shaping.members import with_correlations

TRIANGLE = [("a", "b", -0.9), ("a", "c", 0.9), ("b", "c", 0.9)]


def test_highams_example():
    """The nearest correlation matrix to [[1, 1, 0], [1, 1, 1], [0, 1, 1]] has 0.7607 and 0.1573 (Higham, 2002)."""
    found = _nearest(np.array([[1.0, 1, 0], [1, 1, 1], [0, 1, 1]]))
    assert found == pytest.approx(np.array([[1, 0.7607, 0.1573], [0.7607, 1, 0.7607], [0.1573, 0.7607, 1]]), abs=1e-4)


def test_an_even_triangle_gives_way_evenly():
    """Three that contradict each other by the same amount become ±0.48, just below the ±0.5 of normals at 60°."""
    found = nearest_correlations(TRIANGLE)
    assert [rank for *_, rank in found] == [-0.48, 0.48, 0.48]
    assert not fit(TRIANGLE)
    assert fit(found)


def test_correlations_that_fit_stay():
    """Nothing is changed where nothing contradicts, and what is apart from a contradiction stays nearly as it is."""
    both = [("a", "b", -0.6), ("a", "c", 0.6)]
    assert nearest_correlations(both) == both
    found = {(one, other): rank for one, other, rank in nearest_correlations([*TRIANGLE, ("x", "y", 0.5)])}
    assert found["x", "y"] == pytest.approx(0.5, abs=0.02)
    assert set(found) == {("a", "b"), ("a", "c"), ("b", "c"), ("x", "y")}


@settings(max_examples=25)
@given(ranks=st.lists(st.floats(-1, 1), min_size=10, max_size=10))
def test_the_nearest_always_fit(ranks: list[float]):
    """Whatever ten correlations of five assumptions are asked for, those offered fit and lie from −1 to 1."""
    names = "abcde"
    pairs = [(one, other) for at, one in enumerate(names) for other in names[at + 1 :]]
    found = nearest_correlations([(*pair, rank) for pair, rank in zip(pairs, ranks, strict=True)])
    assert fit(found)
    assert all(-1 <= rank <= 1 for *_, rank in found)


def test_the_refusal_names_the_nearest_and_they_are_accepted(read: Callable[..., Scenario]):
    """A triangle that cannot be is refused with three numbers; a file with these is read."""
    third = "plans.basic.churn"
    pairs = f", -0.9]\n  - [channels.search.cost_per_signup, {third}, 0.9]\n  - [plans.basic.conversion, {third}, 0.9]"
    nearest = r"take the nearest that fit: \[channels.search.cost_per_signup, plans.basic.conversion, -0.48\], "
    with pytest.raises(ScenarioError, match=nearest):
        read((", 0.5]", pairs))
    assert read((", 0.5]", pairs.replace("0.9", "0.48"))).correlations[0][2] == -0.48


def test_a_correlation_beyond_one_is_refused_in_a_sentence(read: Callable[..., Scenario]):
    """1.4 is no correlation."""
    says = "1.4 is not a rank correlation of two assumptions; give two different names and a number from -1 to 1"
    with pytest.raises(ScenarioError, match=says):
        read((", 0.5]", ", 1.4]"))


def test_all_correlations_are_replaced_at_once(read: Callable[..., Scenario]):
    """Those offered stand in the place of those that there were, whatever these are."""
    pairs = [
        ("channels.search.cost_per_signup", "plans.basic.conversion", -0.2),
        ("plans.basic.churn", "tax_rate", 0.1),
    ]
    assert list(with_correlations(read(), pairs).correlations) == pairs
    assert list(with_correlations(with_correlations(read(), []), pairs).correlations) == pairs


def test_a_walk_that_cannot_follow_what_is_drawn_once_is_told(read: Callable[..., Scenario]):
    """A walk around a number and a range have no correlation; a walk around a range has, by where it starts."""
    pair = [("demand_level", "channels.search.cost_per_signup", 0.5)]
    for literal, told in ((1, True), ({"uniform": [0.8, 1.2]}, False)):
        walks = read().with_value("demand_level", {"walk": literal, "monthly_volatility": "5%"})
        found = [one.what for one in with_correlations(walks, pair).warnings]
        assert any("its correlation with channels.search.cost_per_signup has no effect" in one for one in found) is told
