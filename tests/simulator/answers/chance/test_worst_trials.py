"""Why the worst trials fail: what was unusual in them is named, what was not is left out, and each can be run again."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from companies import written
from scipy import stats

from simulator import load, project
from simulator.__main__ import main
from simulator.answers.chance.replay import replay
from simulator.answers.chance.worst import _corrected, worst
from simulator.answers.draws import trials_of
from simulator.answers.projection import Projection
from simulator.errors import PlanError, Undefined
from simulator.output.chance.risk import risk_json, why_sentence
from simulator.output.prices import Plain
from simulator.scenario.reading import parse
from simulator.scenario.scenario import Scenario


def company(tmp_path: Path, trials: int = 1_000, **top: Any) -> Projection:
    """Return a company of 24 months that only pays: cash falls by what `fixed_overhead` and others say."""
    known = {"opening_cash": 26_000, "tax_rate": 0, "hours_per_month": 730, "fixed_overhead": 1_000}
    text = written({}, {**known, **top}, months=24, trials=trials, counts="expected")
    return project(parse(text, tmp_path), evidence=False)


def why(found: Projection) -> Any:
    """Return why the worst trials of a projection failed."""
    return worst(found.scenario, found.ledger, found.figures.outcomes)


def test_the_only_cause_is_named_with_its_medians(tmp_path: Path):
    """Cash runs out where the overhead is above 26,000 / 24; what costs nothing is not named."""
    found = why(company(tmp_path, fixed_overhead={"uniform": [800, 1_200]}, tax_rate={"uniform": [0.1, 0.3]}))
    assert [one.path for one in found.unusual] == ["fixed_overhead"]
    (cause,) = found.unusual
    edge = 26_000 / 24
    assert found.ran_out
    assert found.count == pytest.approx(1_000 * (1_200 - edge) / 400, abs=2)
    assert cause.odds == 1
    assert cause.inside == pytest.approx((edge + 1_200) / 2, abs=2)
    assert cause.outside == pytest.approx((edge + 800) / 2, abs=2)
    said = why_sentence(found, {cause.path: "Overhead"}, Plain())
    assert said.startswith("In the 29% of the trials that ran out of cash, Overhead was high (median 1,14")


def test_where_none_runs_out_the_lowest_twentieth_stands_in(tmp_path: Path):
    """With enough cash, the 5 % of the trials with the lowest cash are looked at."""
    found = why(company(tmp_path, opening_cash=90_000, fixed_overhead={"uniform": [800, 1_200]}))
    assert (found.ran_out, found.count, found.trials) == (False, 50, 1_000)
    assert found.unusual[0].inside == pytest.approx(1_190, abs=1)
    assert found.listed[0].ranks == (0.999,)


def test_a_yes_or_no_is_told_by_how_often_it_came_about(tmp_path: Path):
    """A cost of 1 a month comes about in all trials that run out of 20, and in none of the others."""
    found = why(company(tmp_path, opening_cash=20, fixed_overhead={"chance": "30%"}))
    first = found.unusual[0]
    assert (first.path, first.is_chance, first.inside, first.outside) == ("fixed_overhead", True, 1, 0)
    said = why_sentence(found, {first.path: "Overhead"}, Plain())
    assert said.endswith("Overhead came about more often (in 100% against 0%).")


def test_luck_is_named_where_nothing_else_explains():
    """With every assumption certain, only counts differ: in the worst trials few customers came, by luck."""
    scenario = load("scenarios/support-copilot.yaml").with_value("rounds.series_a.amount", 2_000_000)
    for path, one in scenario.assumptions.items():
        scenario = scenario.with_value(path, one.central) if one.is_uncertain else scenario
    found = why(project(scenario, 1_000, evidence=False))
    first = found.unusual[0]
    assert (found.has_luck, first.path, first.is_high) == (True, "customers_from_signups[team]", False)
    assert all(one.is_luck for one in found.unusual)
    assert "Team sign-ups came out low by luck" in why_sentence(
        found, {one.path: "Team sign-ups" for one in found.unusual}, Plain()
    )


def test_few_trials_and_equal_ones_tell_nothing(tmp_path: Path):
    """Below 100 trials, or where all fall equally low, the reason is said."""
    with pytest.raises(Undefined, match="100 trials or more"):
        why(company(tmp_path, trials=50, fixed_overhead={"uniform": [800, 1_200]}))
    with pytest.raises(Undefined, match="equally low"):
        why(company(tmp_path, tax_rate={"uniform": [0.1, 0.3]}))


def test_nothing_is_named_by_luck_alone(tmp_path: Path):
    """A tax rate without a profit to tax is named for none of ten seeds."""
    found = company(tmp_path, fixed_overhead={"uniform": [800, 1_200]}, tax_rate={"uniform": [0.1, 0.3]})
    named = [
        one.path
        for seed in range(10)
        for one in why(project(found.scenario.with_seed(seed), 400, evidence=False)).unusual
    ]
    assert set(named) == {"fixed_overhead"}


def test_p_values_are_corrected_as_holm_does():
    """0.01, 0.04 and 0.03 become 0.03, 0.06 and 0.06."""
    assert _corrected(np.array([0.01, 0.04, 0.03])) == pytest.approx([0.03, 0.06, 0.06])
    assert _corrected(np.array([0.5, 0.9])).max() <= 1


def test_a_trial_again_is_the_one_that_ran(shipped: Scenario):
    """Its cash is that of the same trial among all, to the bit, and its rank is that among 1,000."""
    again = replay(shipped, 37)
    among = trials_of(shipped, 40).keep(["cash"])["cash"][:, 0]
    assert np.array_equal(again.cash, among[:, 38])
    assert np.array_equal(again.base, among[:, 0])
    assert all(0 <= one.rank < 1 for one in again.drawn)
    with pytest.raises(PlanError, match="there is no trial"):
        replay(shipped, 10**8)


def test_the_command_names_the_worst_and_shows_one(capsys: pytest.CaptureFixture[str]):
    """`risk` ends in sentences and lists trials; `trial` shows the first of them with the same month."""
    file = "scenarios/support-copilot.yaml"
    shown = risk_json(project(load(file), 400, evidence=False))
    number, broke = (shown["listed"][0][name] for name in ("number", "broke"))
    assert main(["risk", file, "--trials", "400"]) == 0
    said = capsys.readouterr().out
    assert f"\n  {number} " in said
    assert said.rstrip().endswith(shown["sentences"][-1])
    assert main(["trial", file, str(number)]) == 0
    assert f"Trial {number} runs out of cash in month {broke}." in capsys.readouterr().out
    assert main(["risk", file, "--trials", "0"]) == 2


def test_ranks_are_those_of_a_rank_sum_test(tmp_path: Path):
    """The corrected p of a single assumption is that of Mann and Whitney."""
    projection = company(tmp_path, fixed_overhead={"uniform": [800, 1_200]})
    found = why(projection)
    ranks = np.arange(found.trials)
    expected = stats.mannwhitneyu(ranks[-found.count :], ranks[: -found.count]).pvalue
    assert found.unusual[0].p == pytest.approx(expected, rel=0.01)
