"""What takes too long for the suite: every scenario under every what-if. `make soak` runs it with all other soaks."""

from itertools import product
from pathlib import Path

import pytest
from invariants import check

from simulator.answers.draws import draw
from simulator.answers.projection import project
from simulator.scenario.numbers import simulation_of
from simulator.scenario.reading import load

SCENARIOS = Path(__file__).parents[1] / "scenarios"
PAIRS = list(product(sorted(SCENARIOS.glob("*.yaml")), sorted((SCENARIOS / "overlays").glob("*.yaml"))))


@pytest.mark.soak
@pytest.mark.parametrize(("path", "overlay"), PAIRS, ids=lambda path: path.stem)
def test_books_of_every_scenario_balance_under_every_overlay(path: Path, overlay: Path):
    """In every month of a few trials all rules hold, and the verdict has a grade."""
    scenario = load(path, [overlay])
    assert check(simulation_of(scenario, draw(scenario, 10))) == []
    assert project(scenario, 20).verdict.grade
