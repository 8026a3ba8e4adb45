"""KPIs of many trials at once are those of each trial."""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
from commanded import command
from companies import everything

from simulator.answers.kpis.registry import DEFINITIONS, Figures
from simulator.answers.kpis.tried import MONTHS, Goal, goals_of
from simulator.answers.ledger import Ledger
from simulator.answers.outcomes import LINES, Outcomes
from simulator.answers.variations.inputs import simulated
from simulator.engine.model import Array
from simulator.engine.run import Simulation
from simulator.errors import PlanError, Undefined
from simulator.scenario.scenario import Scenario

GOALS = [name for name, one in DEFINITIONS.items() if next(iter(one.variants.values())).line]


def of_column(scenario: Scenario, lines: Mapping[str, Array], column: int) -> Figures:
    """Return the figures of one column as those of a base case."""
    ledger = Ledger(scenario, {name: line[:, :, column] for name, line in lines.items()}, {})
    return Figures(ledger, Outcomes.of({name: np.empty((scenario.months, 0)) for name in LINES}, 0.0))


@pytest.fixture(scope="module")
def beside(tmp_path_factory: pytest.TempPathFactory) -> tuple[Scenario, Simulation, Mapping[str, Array]]:
    """A scenario, its base case beside two changes, and the lines of all three."""
    scenario = everything(tmp_path_factory.mktemp("scenario"), months=14, seed=4)
    simulation = simulated(scenario, [{"opening_cash": np.array([amount])} for amount in (0.0, 1e9)])
    return scenario, simulation, simulation.keep()


@pytest.mark.parametrize("name", GOALS)
def test_every_traced_kpi_is_the_one_of_its_trial(name: str, beside: tuple[Scenario, Simulation, Mapping[str, Array]]):
    """The base case and two changes have the KPIs that each has alone; without a value, a month is the horizon."""
    scenario, simulation, lines = beside
    goal = Goal.of(scenario, name)
    expected = []
    for column in range(3):
        try:
            expected.append(of_column(scenario, lines, column).measured.value(goal.line, scenario.months - 1))
        except Undefined:
            expected.append(float(scenario.months))
    if goal.unit not in MONTHS and scenario.months in expected:
        with pytest.raises(PlanError, match=f"{name} has no value in"):
            goals_of(scenario, simulation, [goal])
    else:
        assert goals_of(scenario, simulation, [goal])[0] == pytest.approx(expected)


@pytest.mark.parametrize(("name", "what"), [("nrr", "has no value in a single trial"), ("cahs", "is not a KPI")])
def test_other_kpis_are_refused_by_name(name: str, what: str, small: Scenario):
    """The error lists the KPIs to choose from."""
    with pytest.raises(PlanError, match=rf"{name} {what}.*choose from mrr, arr"):
        Goal.of(small, name)


def test_the_scenarios_own_definition_counts(read: Callable[..., Scenario]):
    """A scenario that chooses ARR of fees is judged by it."""
    scenario = read(("assumptions:", "definitions: {arr: fees}\nassumptions:"))
    assert Goal.of(scenario, "arr").line == "kpi_arr_of_fees"


def test_a_kpi_that_looks_a_year_back_is_refused_in_a_sentence(file: Callable[..., Path]):
    """In a projection of a year no month lies a year before the last one, in the base case or in a trial."""
    path = file(("months: 14", "months: 12"), ("assumptions:", "definitions: {nrr: bridge}\nassumptions:"))
    done = command("swings", path, "--kpi", "nrr")
    assert done.returncode == 2
    assert "nrr has no value in" in done.stderr
