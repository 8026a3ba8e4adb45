"""A lever moves the middle of an assumption and keeps its shape."""

import pytest

from dashboard.desk import DEFAULT, SHIPPED
from simulator.moves import moved
from simulator.reading import load

PATH = "plans.team.price"


LITERALS = [
    100,
    "90% between 50 and 200",
    {"pert": [50, 100, 400]},
    {"normal": [100, 10]},
    {"lognormal": [100, 0.2]},
    {"uniform": [50, 150]},
    {"samples": [90, 100, 120]},
    {0: 100, 12: 150},
    {0: {"pert": [50, 100, 400]}, 12: 80},
    {"start": 100, "monthly_growth": "2%"},
    {"from": 100, "to": 50, "over": 12},
]


@pytest.mark.parametrize("literal", LITERALS, ids=str)
def test_the_middle_moves_and_the_shape_stays(literal: object):
    """The centre is what was asked for, and what was uncertain stays uncertain."""
    scenario = load(SHIPPED / DEFAULT).with_value(PATH, literal)
    before = scenario.assumptions[PATH]
    after = scenario.with_value(PATH, moved(before, 130.0)).assumptions[PATH]
    assert after.central == pytest.approx(130)
    assert after.is_uncertain == before.is_uncertain
    assert type(after.value.course) is type(before.value.course)


def test_a_growth_rate_is_not_a_level():
    """Scaling the start leaves the growth as it was."""
    scenario = load(SHIPPED / DEFAULT).with_value(PATH, {"start": 100, "monthly_growth": "2%"})
    assert moved(scenario.assumptions[PATH], 200.0) == {"start": 200.0, "monthly_growth": "2%"}
