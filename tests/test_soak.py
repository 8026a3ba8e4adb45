"""What takes too long for the suite: every scenario under every what-if, and under ten seeds; see `make soak`."""

from itertools import product
from pathlib import Path

import pytest
from invariants import check

from simulator.answers.draws import draw
from simulator.answers.projection import project, settle
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


@pytest.mark.soak
@pytest.mark.parametrize("path", sorted(SCENARIOS.glob("*.yaml")), ids=lambda path: path.stem)
def test_no_grade_is_decided_by_the_seed(path: Path):
    """Over ten seeds, the grades that the trials decide are all the same; others are undecided."""
    scenario = load(path)
    verdicts = [settle(project(scenario.with_seed(seed), evidence=False)).verdict for seed in range(10)]
    assert len({verdict.grade for verdict in verdicts if not verdict.between}) <= 1
