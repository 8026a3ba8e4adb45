"""The map of a target over two levers: each point is the target on the same trials, and its error is said."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from simulator.__main__ import main
from simulator.answers.projection import project
from simulator.answers.solving.target import Target
from simulator.answers.solving.target_map import TargetMap, target_map
from simulator.errors import PlanError
from simulator.output.prices import Plain
from simulator.output.pricing.lever_map import target_remark, target_sentence
from simulator.scenario.reading import load
from simulator.scenario.scenario import Scenario

FILE = Path(__file__).parents[4] / "scenarios" / "support-copilot.yaml"
PRICE, CHURN = "plans.team.price", "plans.team.churn"


@cache
def support() -> Scenario:
    """Return a shipped scenario."""
    return load(FILE)


def found(until: str, points: int = 3, trials: int = 60) -> TargetMap:
    """Return a small map of a shipped scenario."""
    return target_map(support(), PRICE, CHURN, Target.read(until), points=points, trials=trials)


@pytest.mark.parametrize("until", ["probability_of_ruin <= 30%", "cash_at_risk >= 0", "low_gross_margin >= 80%"])
def test_each_point_is_the_projection_of_its_own_scenario(until: str):
    """The same trials as a projection runs: chances and percentiles agree with it, and so do their errors."""
    answer = found(until)
    for place in ((0, 0), (0, 2), (2, 1)):
        alone = project(support().with_values(answer.pairs.literals(*place)), 60).kpis[answer.target.kpi]
        assert answer.outcomes[place] == pytest.approx(alone.value, rel=1e-9)
        assert answer.errors[place] == pytest.approx(alone.error, rel=1e-9)
        assert answer.met[place] == answer.target.holds(alone.value)


def test_a_share_of_the_trials_counts_them():
    """Half of the trials is a target of its own, told by trials that meet the bound."""
    answer = found("end_cash >= 0 in 50% of trials")
    assert (answer.outcomes * 60 == np.round(answer.outcomes * 60)).all()
    assert (answer.met == (answer.outcomes >= 0.5)).all()
    # More customers leave in the row above, so no trial gets better.
    assert (np.diff(answer.outcomes, axis=0) <= 0).all()


def test_the_nearest_point_that_meets_it_is_named():
    """Where today's does not; elsewhere the point that comes closest."""
    answer = found("probability_of_ruin <= 18%", points=5)
    assert answer.met.any()
    assert not answer.is_met_today
    said = target_sentence(answer, str, Plain())
    assert f"met at {answer.met.sum()} of 25 points" in said
    assert "the nearest point that meets it has plans.team.price" in said
    never = found("probability_of_ruin <= 0%")
    assert never.outcomes[never.best] == never.outcomes.min()
    assert "met nowhere on this map" in target_sentence(never, str, Plain())
    assert "met everywhere on this map" in target_sentence(found("probability_of_ruin <= 99%"), str, Plain())
    assert "standard error from 60 trials" in target_remark(never, Plain())


def test_a_target_of_the_base_case_has_no_error():
    """It runs no trials, and says nothing of them."""
    answer = found("gross_margin >= 85%")
    assert answer.trials == 0
    assert not answer.errors.any()
    assert not target_remark(answer, Plain())
    point = project(support().with_values(answer.pairs.literals(1, 2)), 0).kpis["gross_margin"]
    assert answer.outcomes[1, 2] == pytest.approx(point.value, rel=1e-9)


@pytest.mark.parametrize(
    ("until", "points", "trials", "says"),
    [
        ("probability_of_ruin <= 5%", 3163, 200, r"2,000,913,800 trials, which would take about .* here; give fewer"),
        ("probability_of_ruin <= 5%", 3, 0, "none are run; run 100 trials"),
        ("probability_of_ruin <= 5%", 1, 60, "--points 2 or more"),
        ("nrr >= 1 in 5% of trials", 3, 60, "known for the base case alone"),
    ],
)
def test_nonsense_is_refused_by_a_map_of_a_target(until: str, points: int, trials: int, says: str):
    """In a sentence, with what too large a map would take."""
    with pytest.raises(PlanError, match=says):
        found(until, points, trials)


def test_the_command_shows_a_target(capsys: pytest.CaptureFixture[str]):
    """Outcomes with their errors, and what the trials are."""
    call = ["map", str(FILE), "--x", PRICE, "--y", CHURN, "--points", "3", "--trials", "60"]
    assert main([*call, "--until", "probability_of_ruin <= 5%", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    assert (shown["trials"], shown["unit"]) == (60, "share")
    assert np.shape(shown["outcomes"]) == np.shape(shown["errors"]) == np.shape(shown["met"]) == (3, 3)
    assert "standard error from 60 trials" in shown["sentence"]
    with pytest.raises(SystemExit):
        main([*call, "--until", "runway >= 3", "--aim", "runway"])
