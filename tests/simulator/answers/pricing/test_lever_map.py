"""The map of two levers: each point is a projection of its own, and a map that would take too long is refused."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from unittest import mock

import numpy as np
import pytest

from simulator.__main__ import main
from simulator.answers.pricing.choice import Choice
from simulator.answers.pricing.lever_map import LeverMap, lever_map
from simulator.answers.projection import project
from simulator.errors import PlanError
from simulator.output.prices import Plain
from simulator.output.pricing.lever_map import sentence
from simulator.scenario.reading import load
from simulator.scenario.scenario import Scenario

FILE = Path(__file__).parents[4] / "scenarios" / "support-copilot.yaml"
PRICE, CHURN = "plans.team.price", "plans.team.churn"


@cache
def support() -> Scenario:
    """Return a shipped scenario."""
    return load(FILE)


def found(aim: str = "end_cash", points: int = 4) -> LeverMap:
    """Return a small map of a shipped scenario."""
    return lever_map(support(), PRICE, CHURN, aim, points)


@pytest.mark.parametrize("aim", ["end_cash", "gross_margin", "runway", "ltv_to_cac"])
def test_each_point_is_a_projection_of_its_own(aim: str):
    """The corners have the KPI of the scenario with both values in it; a month that never comes is infinite."""
    answer = found(aim)
    assert answer.outcomes.shape == (4, 4)
    for row, column in ((0, 0), (0, -1), (-1, 0)):
        value = project(support().with_values(answer.pairs.literals(row, column)), 0).kpis[aim].value
        assert answer.outcomes[row, column] == pytest.approx(np.inf if value is None else value, rel=1e-6)


def test_it_goes_from_half_to_twice_todays_values():
    """Evenly by ratio."""
    answer = found()
    assert answer.pairs.xs == pytest.approx(1490 * 2.0 ** np.array([-1, -1 / 3, 1 / 3, 1]))


@pytest.mark.parametrize(
    ("x", "y", "points", "says"),
    [
        (PRICE, PRICE, 4, "named twice"),
        (PRICE, CHURN, 3163, r"10,004,569 base cases, which would take about .* here; give --points 316"),
        (PRICE, CHURN, 1, "--points 2 or more"),
        (PRICE, "plans.team.seat_price", 4, "give bounds"),
    ],
)
def test_nonsense_is_refused_in_a_sentence(x: str, y: str, points: int, says: str):
    """Ten million points come with what they would take."""
    with pytest.raises(PlanError, match=says):
        lever_map(support(), x, y, points=points)


def test_the_command_prints_numbers_and_a_table(capsys: pytest.CaptureFixture[str]):
    """As JSON every point, and as text a few of them."""
    call = ["map", str(FILE), "--x", f"{PRICE}=1000..2000", "--y", CHURN, "--points", "9"]
    assert main([*call, "--json"]) == 0
    shown = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    assert (shown["x"]["values"][0], shown["x"]["values"][-1]) == (1000, pytest.approx(2000))
    assert len(shown["outcomes"]) == len(shown["outcomes"][0]) == 9
    assert shown["best"]["outcome"] == max(map(max, shown["outcomes"]))
    assert main(call) == 0
    assert shown["sentence"] in capsys.readouterr().out


def test_a_map_on_which_nothing_moves_says_so():
    """A runway beyond the projection is not highest anywhere."""
    answer = lever_map(support().with_value("opening_cash", 1e9), PRICE, CHURN, "runway", 2)
    assert answer.is_level
    assert "beyond the projection everywhere on this map" in sentence(answer, str, Plain())
    assert not found(points=2).is_level


def test_a_map_tells_how_far_it_is():
    """All of it comes last."""
    told: list[float] = []
    lever_map(support(), PRICE, CHURN, points=3, progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1


def test_a_map_of_too_many_pairs_is_refused_at_once():
    """The refusal says what helps, which narrower bounds do not, and computes no value of the levers but one."""
    told = pytest.raises(PlanError, match=r"make 10,000,000,000 base cases.*; give --points 316 or fewer$")
    with mock.patch.object(Choice, "change", autospec=True, side_effect=Choice.change) as changed, told:
        lever_map(support(), f"{PRICE}=1400..1401", CHURN, points=100_000)
    assert changed.call_count == 2
