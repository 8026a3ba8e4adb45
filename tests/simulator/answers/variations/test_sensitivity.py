"""Swings: each assumption alone, over its own range or by 10 % either way, moves a KPI as its own projection says."""

from collections.abc import Callable

import pytest

from simulator.answers.kpis.tried import Goal
from simulator.answers.projection import project
from simulator.answers.variations.sensitivity import Swing, tornado
from simulator.output.moving.swings import sentence
from simulator.output.prices import Plain
from simulator.scenario.scenario import Scenario


def swing_of(scenario: Scenario, path: str, kpi: str = "end_cash") -> Swing:
    """Return the swing of one assumption."""
    return next(one for one in tornado(scenario, kpi) if one.path == path)


@pytest.mark.parametrize("kpi", ["end_cash", "gross_margin", "peak_burn", "arr"])
@pytest.mark.parametrize("path", ["plans.team.price", "plans.team.conversion"])
def test_the_ends_are_projections_at_both_ends(shipped: Scenario, kpi: str, path: str):
    """Of a price without a range, 10 % less and more; of a range, its P5 and P95."""
    found = swing_of(shipped, path, kpi)
    expected = [project(shipped.with_value(path, end), 0).kpis[kpi].value for end in (found.low, found.high)]
    assert [found.at_low, found.at_high] == pytest.approx(expected)
    assert found.base == pytest.approx(project(shipped, 0).kpis[kpi].value)


def test_a_number_without_a_range_moves_by_a_tenth(shipped: Scenario):
    """Swings over a range and by 10 % are told apart."""
    price = shipped.assumptions["plans.team.price"].central
    bare, ranged = swing_of(shipped, "plans.team.price"), swing_of(shipped, "plans.team.conversion")
    assert (bare.stated, ranged.stated) == (False, True)
    assert (bare.low, bare.high) == (pytest.approx(0.9 * price), pytest.approx(1.1 * price))


def test_the_widest_comes_first(shipped: Scenario):
    """Widths fall."""
    widths = [one.width for one in tornado(shipped)]
    assert widths == sorted(widths, reverse=True)


def test_a_share_stays_within_what_makes_sense(shipped: Scenario):
    """10 % more than a share of 95 % is all of it."""
    found = tornado(shipped.with_value("plans.team.churn", 0.95), "arr")
    assert next(one.high for one in found if one.path == "plans.team.churn") == 1


def test_a_runway_that_never_ends_counts_as_the_horizon(shipped: Scenario):
    """With a hundred million, cash lasts at every end, so nothing moves the runway."""
    rich = shipped.with_value("opening_cash", 1e8)
    found = [one for one in tornado(rich, "runway") if one.width]
    assert found == []
    assert sentence(Goal.of(rich, "runway"), found, {}, Plain()) == "Runway: no assumption alone moves it."


def test_ends_are_told_in_a_month_in_which_they_differ(read: Callable[..., Scenario]):
    """Growth that is uncertain begins the same at both ends, so the last month is told."""
    scenario = read().with_value("plans.team.price", {"start": 100, "monthly_growth": "90% between 0.01 and 0.02"})
    found = swing_of(scenario, "plans.team.price")
    assert 100 < found.low < found.high
