"""Scaling changes the centre of an assumption and keeps its shape."""

from typing import Any

import pytest
from example import EXAMPLE

from dashboard.desk.desk import SHIPPED
from simulator.scenario.reading import load
from simulator.scenario.scaling import moved, scaled, unwalked

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
    {"walk": 100, "monthly_volatility": "6%", "half_life": 24},
    {"walk": {"pert": [50, 100, 400]}, "monthly_volatility": "6%"},
    {"walk": {0: 100, 12: 150}, "monthly_volatility": "6%"},
]


@pytest.mark.parametrize("literal", LITERALS, ids=str)
def test_the_middle_moves_and_the_shape_stays(literal: object):
    """The centre becomes the value asked for, and an uncertain value stays uncertain."""
    scenario = load(SHIPPED / EXAMPLE).with_value(PATH, literal)
    before = scenario.assumptions[PATH]
    after = scenario.with_value(PATH, moved(before, 130.0)).assumptions[PATH]
    assert after.central == pytest.approx(130)
    assert after.is_uncertain == before.is_uncertain
    assert type(after.value.course) is type(before.value.course)
    assert after.value.walk == before.value.walk


@pytest.mark.parametrize("literal", LITERALS, ids=str)
def test_a_lever_at_zero_is_zero(literal: object):
    """Nothing is left of a range or a schedule, and a distribution of zeros would be refused."""
    scenario = load(SHIPPED / EXAMPLE).with_value(PATH, literal)
    zero = moved(scenario.assumptions[PATH], 0.0)
    assert unwalked(zero) == 0
    assert not scenario.with_value(PATH, zero).assumptions[PATH].base(scenario.months).any()


def test_a_lever_on_a_chance_is_its_probability():
    """The lever of a yes-or-no number sets its probability, between 0 and 1."""
    scenario = load(SHIPPED / EXAMPLE).with_value("tax_rate", {"chance": "30%"})
    assert moved(scenario.assumptions["tax_rate"], 0.6) == {"chance": 0.6}
    assert moved(scenario.assumptions["tax_rate"], 1.4) == {"chance": 1}
    assert moved(scenario.assumptions["tax_rate"], -1) == {"chance": 0}


@pytest.mark.parametrize(
    ("literal", "factor", "becomes"),
    [
        ("4%", 0.8, "3.2%"),
        ("90% between 5% and 10%", 2, "90% between 10% and 20%"),
        ("90% between 5% and 0.1", 2, "90% between 10% and 0.2"),
        ({"pert": ["1%", "2%", 0.04]}, 2, {"pert": ["2%", "4%", 0.08]}),
        ({"chance": "30%"}, 2, {"chance": "60%"}),
        ({"chance": "30%"}, 5, {"chance": 1}),
        ({0: {"chance": 0.2}, 6: 1}, 2, {0: {"chance": 0.4}, 6: 2}),
        (3, 2, 6),
        (
            {"walk": "90% between 5 and 10", "monthly_volatility": "6%", "half_life": 24},
            *(2, {"walk": "90% between 10 and 20", "monthly_volatility": "6%", "half_life": 24}),
        ),
    ],
    ids=str,
)
def test_what_is_scaled_is_written_as_before(literal: object, factor: float, becomes: object):
    """A percentage stays one, a whole number gets no decimal point, and a probability is capped at 1."""
    assert scaled(literal, factor) == becomes
    assert str(scaled(3, 2)) == "6"


def test_a_growth_rate_is_not_a_level():
    """Scaling the start leaves the growth as it was."""
    scenario = load(SHIPPED / EXAMPLE).with_value(PATH, {"start": 100, "monthly_growth": "2%"})
    assert moved(scenario.assumptions[PATH], 200.0) == {"start": 200.0, "monthly_growth": "2%"}


@pytest.mark.parametrize(
    ("path", "literal", "becomes"),
    [
        ("opening_cash", "90% between 50 and 200", -130),
        ("opening_cash", {"normal": [100, 10]}, -130),
        ("opening_cash", {"uniform": [-150, -50]}, 130),
        ("roles.engineer.annual_raise", {0: "5%", 12: "10%"}, {0: "-2.5%", 12: "-5%"}),
    ],
    ids=str,
)
def test_a_number_of_the_other_sign_replaces_a_range(path: str, literal: object, becomes: Any):
    """The ends of a range do not change places; a schedule of certain numbers follows the new one as before."""
    scenario = load(SHIPPED / EXAMPLE).with_value(path, literal)
    found = moved(scenario.assumptions[path], becomes if isinstance(becomes, int) else -0.025)
    assert found == becomes
    assert scenario.with_value(path, found).assumptions[path].literal == becomes
