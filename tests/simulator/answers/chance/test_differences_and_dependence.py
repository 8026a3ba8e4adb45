"""Differences between scenarios over the same trials, and how figures go with assumptions."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from companies import written

from simulator import project
from simulator.answers.chance.dependence import RUIN, dependence
from simulator.answers.chance.paired import Chances, paired
from simulator.answers.projection import Projection
from simulator.errors import PlanError, Undefined
from simulator.output.chance.dependence import dependence_json, dependence_table
from simulator.output.chance.dependence import sentence as depends
from simulator.output.chance.paired import sentence
from simulator.output.prices import Plain
from simulator.scenario.reading import parse
from simulator.scenario.scenario import Scenario


def company(tmp_path: Path, months: int = 24, **top: Any) -> Scenario:
    """Return a company that only pays an overhead from 800 to 1,200 a month."""
    known = {"opening_cash": 26_000, "tax_rate": 0, "hours_per_month": 730, "fixed_overhead": {"uniform": [800, 1_200]}}
    return parse(written({}, {**known, **top}, months=months, trials=500), tmp_path)


def run(scenario: Scenario, trials: int = 500) -> Projection:
    """Return the trials of a scenario."""
    return project(scenario, trials, evidence=False)


def test_what_two_scenarios_share_cancels(tmp_path: Path):
    """A grant of 1,000 is a difference of 1,000 in every trial, however uncertain either outcome is."""
    one = company(tmp_path)
    found = paired(run(one), run(one.with_value("opening_cash", 27_000)))
    assert (found.end_cash.value, found.low, found.high) == pytest.approx((1_000, 1_000, 1_000))
    assert found.end_cash.error == pytest.approx(0, abs=1e-9)
    assert found.more == 1
    assert found.ruin.only_other == 0
    # 1 of 400 is 41.67 of overhead a month: 1,000 of cash saves a tenth of all trials.
    assert found.ruin.difference.value == pytest.approx(-1_000 / 24 / 400, abs=0.01)
    said = sentence(found, "With a grant", "EUR", Plain())
    assert said.startswith("With a grant has 1,000 EUR more cash at the end on average (in 90% of the trials from")
    assert "fewer of 500 trials (standard error" in said


def test_the_error_of_a_difference_of_chances_is_mcnemars():
    """Of 1,000 trials, 30 that only the first and 10 that only the other loses: −2 % ± 0.63."""
    first, other = np.zeros((2, 1_000), bool)
    first[:50], other[30:60] = True, True
    found = Chances.of(first, other)
    assert (found.only_first, found.only_other) == (30, 10)
    assert found.difference.value == -0.02
    assert found.difference.error == pytest.approx((41 - 400 / 1_001) ** 0.5 / 1_001)


def test_trials_that_are_not_the_same_are_not_compared(tmp_path: Path):
    """Another seed, or another number of months, is told instead of a difference."""
    one = company(tmp_path)
    with pytest.raises(Undefined, match="different seeds"):
        paired(run(one), run(one.with_seed(9)))
    with pytest.raises(Undefined, match="numbers of months"):
        paired(run(one), run(company(tmp_path, months=20)))


def test_a_figure_that_follows_one_assumption_is_explained_by_it(tmp_path: Path):
    """Cash at the end is 26,000 − 24 × overhead: groups lie on that line, and no variance is left but within them."""
    scenario = company(tmp_path, tax_rate={"uniform": [0.1, 0.3]})
    found = dependence(scenario, "end_cash", "fixed_overhead", 500)
    assert [one.trials for one in found.groups] == [50] * 10
    assert [one.mean for one in found.groups] == pytest.approx(
        [26_000 - 24 * one.middle for one in found.groups], abs=60
    )
    assert found.explained == pytest.approx(0.99, abs=0.005)
    none = dependence(scenario, "end_cash", "tax_rate", 500)
    assert not none.is_visible
    assert "show no dependence of Cash at the end on Tax" in depends(none, "Tax", Plain())


def test_the_chance_of_running_out_goes_from_none_to_all(tmp_path: Path):
    """Below an overhead of 1,083 no trial runs out, above all do; errors are above zero all the same."""
    found = dependence(company(tmp_path), RUIN, "fixed_overhead", 500)
    assert [one.mean for one in found.groups][:7] == [0] * 7
    assert [one.mean for one in found.groups][8:] == [1] * 2
    assert all(one.error > 0 for one in found.groups)


def test_known_outcomes_tell_the_same_without_a_run(shipped: Scenario, monkeypatch: pytest.MonkeyPatch):
    """Trials that ran already give the same groups."""
    known = run(shipped, 200).figures.outcomes
    path = "plans.team.conversion"
    fresh = dependence(shipped, "lowest_cash", path, 200)
    monkeypatch.setattr("simulator.answers.chance.dependence.outcomes_of", None)
    assert dependence(shipped, "lowest_cash", path, 200, known=known) == fresh


def test_the_error_of_a_month_is_a_number_of_months(shipped: Scenario):
    """An error of 0.9 is no month 1, and the error of a share is in points."""
    for kpi, unit in (("break_even_month", "months?"), ("gross_margin", "points")):
        found = dependence(shipped, kpi, "plans.team.conversion", 200)
        rows = dependence_table(dependence_json(shipped, found)).splitlines()[3:13]
        assert all(re.search(rf"\s{found.groups[0].trials}\s.*\s\d[\d.]* {unit}\s", row) for row in rows)


@pytest.mark.parametrize(
    ("path", "trials", "says"),
    [
        ("plans.team.conversion", 10, "10 trials do not show a dependence"),
        ("tax_rate", 200, "tax_rate is certain; choose from"),
        ("plans.team.chrun", 200, "plans.team.chrun is not an assumption; did you mean plans.team.churn"),
    ],
)
def test_what_shows_no_dependence_is_refused(shipped: Scenario, path: str, trials: int, says: str):
    """Too few trials, a certain assumption and a name that is none are said, with what to choose from."""
    with pytest.raises(PlanError, match=says):
        dependence(shipped, "end_cash", path, trials)
