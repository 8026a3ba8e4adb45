"""How exact trials are: intervals that hold the truth, cash at risk, chances by month and round, and enough trials."""

from pathlib import Path

import numpy as np
import pytest
from companies import written
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from simulator import project
from simulator.__main__ import main
from simulator.answers.chance import enough as enough_trials
from simulator.answers.chance.enough import enough, refined
from simulator.answers.chance.survival import (
    before_rounds,
    by_month,
    course,
    expected_shortfall,
    percentiles,
)
from simulator.answers.outcomes import LINES, Outcomes, mean_of, narrowing, quantile_interval
from simulator.answers.projection import with_more_trials
from simulator.engine.model import Array
from simulator.errors import PlanError, Undefined
from simulator.scenario.reading import parse
from simulator.scenario.scenario import Scenario


def outcomes(lowest: Array) -> Outcomes:
    """Return trials with this lowest cash, which is also that of the end."""
    return Outcomes.of(dict.fromkeys(LINES, lowest[None]), 0.0)


def test_cash_at_risk_of_a_normal_distribution():
    """P5 is μ − 1.645 σ, and the mean below it μ − 2.063 σ, both within four standard errors."""
    found = outcomes(np.random.default_rng(5).normal(1e6, 2e5, 20_000))
    edge, tail = found.cash_at_risk(), expected_shortfall(found)
    assert edge.value == pytest.approx(1e6 + 2e5 * stats.norm.ppf(0.05), abs=4 * edge.error)
    assert tail.value == pytest.approx(1e6 - 2e5 * stats.norm.pdf(stats.norm.ppf(0.05)) / 0.05, abs=4 * tail.error)
    assert tail.error < 4_000
    with pytest.raises(Undefined, match="20 trials or more"):
        expected_shortfall(outcomes(np.arange(10.0)))


@given(st.floats(0, 1e6), st.integers(100, 500), st.integers(0, 99))
def test_cash_that_is_missing_keeps_95_percent_of_the_trials_above_the_floor(floor: float, trials: int, seed: int):
    """With it in every month at most 5 % of the trials and one more run out; it is 0 where they do so already."""
    lowest = np.random.default_rng(seed).normal(2e5, 2e5, trials)
    found = outcomes(lowest)
    missing = found.cash_missing(floor).value
    helped = Outcomes.of(dict.fromkeys(LINES, lowest[None] + missing), floor)
    # P5 lies between two trials, so one more than 5 % may be below it.
    assert helped.ruin().value <= 0.05 + 1 / trials
    assert missing > 0 or found.ruin().value <= 0.05 + 1 / trials
    less = Outcomes.of(dict.fromkeys(LINES, lowest[None] + missing - 2e5), floor)
    assert missing == 0 or less.ruin().value > 0.05


def test_cash_at_risk_is_a_kpi_and_so_is_what_is_missing(tmp_path: Path):
    """Opening cash that is normal with nothing to earn: P5 is μ − 1.645 σ, and that much is missing below zero."""
    top = {"opening_cash": {"normal": [0, 1000]}, "tax_rate": 0}
    kpi = project(parse(written({}, top, months=12), tmp_path), 2_000, evidence=False).kpis["cash_at_risk"]
    assert kpi.error is not None
    assert kpi.value == pytest.approx(-1_645, abs=4 * kpi.error)
    assert kpi.others == {"missing for the floor": pytest.approx(-(kpi.value or 0))}


@pytest.mark.parametrize(
    ("trials", "value", "low", "high"),
    [(1, False, False, False), (2, False, False, True), (19, False, False, True), (20, True, False, True),
     (71, True, False, True), (72, True, True, True)],
)  # fmt: skip
def test_what_too_few_trials_cannot_tell_is_left_open(trials: int, value: bool, low: bool, high: bool):
    """P5 takes 20 trials, and its lower end 72: 0.95^71 = 2.6 % of samples lie above it as a whole, 0.95^72 = 2.5 %."""
    found = percentiles(np.random.default_rng(3).normal(size=trials))
    p05, p50, p95 = found
    assert [one is not None for one in (p05.value, p05.low, p05.high)] == [value, low, high]
    assert [one is not None for one in (p95.value, p95.high, p95.low)] == [value, low, high]
    assert (p50.value is not None) == (trials >= 2)
    assert (p50.low is not None) == (p50.high is not None) == (trials >= 6)


@pytest.mark.parametrize(("trials", "says"), [(1, "takes 20 trials or more"), (30, "With so few trials (30)")])
def test_risk_of_few_trials_says_what_they_cannot_tell(
    trials: int, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    """A single trial has no P5, and no interval without width."""
    path = tmp_path / "lottery.yaml"
    path.write_text(written({}, {"opening_cash": {"normal": [0, 1000]}, "tax_rate": 0}, months=12), encoding="utf-8")
    assert main(["risk", str(path), "--trials", str(trials)]) == 0
    said = capsys.readouterr().out
    assert says in said
    first = next(line for line in said.splitlines() if line.lstrip().startswith("end cash"))
    assert first.split()[5 if trials == 30 else 3] == "–"


def test_intervals_of_percentiles_hold_them_in_95_of_100_cases():
    """Over 400 samples of 500 normal numbers, P5 and P50 lie within in 91 to 99 of 100 cases."""
    rng = np.random.default_rng(1)
    held = {0.05: 0, 0.5: 0}
    for _ in range(400):
        values = rng.standard_normal(500)
        for share in held:
            low, high = quantile_interval(values, share)
            assert low is not None
            assert high is not None
            held[share] += low <= stats.norm.ppf(share) <= high
    assert all(0.91 <= count / 400 <= 0.99 for count in held.values())


def test_slices_tell_how_much_narrower_a_share_is():
    """Independent trials keep the binomial error, a grid in every slice has a quarter; few trials claim nothing."""
    rng = np.random.default_rng(2)
    found = [narrowing(rng.random(5_000) < 0.3) for _ in range(20)]
    assert 0.85 < np.mean(found) <= 1
    even = np.concatenate([rng.permutation(100) / 100 for _ in range(50)])
    assert narrowing(even < 0.3) == 0.25
    assert narrowing(even[:1_000] < 0.3) == narrowing(even < 0) == 1


def test_the_error_of_a_mean_is_that_of_the_means_of_slices():
    """Of even slices the mean is known exactly; of independent numbers as σ / √n."""
    rng = np.random.default_rng(3)
    even = np.concatenate([rng.permutation(100) / 100 for _ in range(20)])
    assert mean_of(even).error == pytest.approx(0, abs=1e-12)
    assert mean_of(rng.normal(0, 3, 10_000)).error == pytest.approx(0.03, rel=0.3)
    assert mean_of(rng.normal(0, 3, 1_000)).error == pytest.approx(3 / 1_000**0.5, rel=0.1)


def test_reported_errors_are_those_between_seeds(small: Scenario):
    """Over 12 seeds of 2,000 trials, mean cash at the end differs by about its standard error."""
    short = small.with_value("plans.team.churn", {"uniform": [0.01, 0.05]})
    found = [
        mean_of(project(short.with_seed(seed), 2_000, evidence=False).figures.outcomes.end_cash) for seed in range(12)
    ]
    between = np.std([one.value for one in found], ddof=1)
    assert 0.5 < between / np.mean([one.error for one in found]) < 2


def test_the_chance_by_month_only_rises_and_ends_at_the_chance(shipped: Scenario):
    """The last month's chance is that of the KPI; before a round it is that of the month before it closes."""
    projection = project(shipped, 300, evidence=False)
    outcomes = projection.figures.outcomes
    found = [one.value for one in by_month(outcomes, shipped.months)]
    assert found == pytest.approx(list(projection.ruin))
    assert sorted(found) == found
    rounds = before_rounds(projection.ledger, outcomes)
    assert rounds
    assert all(one.chance.value == found[one.month - 1] for one in rounds)


def test_enough_trials_are_as_many_as_make_both_narrow(shipped: Scenario):
    """Twice as wide an interval takes four times the trials; percentiles lie within their intervals."""
    projection = project(shipped, 300, evidence=False)
    found = enough(projection)
    wider = max(found.chance / 0.01, found.cash / 0.02)
    assert found.needed == pytest.approx(300 * wider**2, abs=100)
    for one in percentiles(projection.figures.outcomes.end_cash):
        assert one.low <= one.value <= one.high


def test_trials_are_added_until_they_are_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """They stop where both are narrow, where time is up, and where nothing is drawn there are none."""
    top = {"opening_cash": 26_000, "tax_rate": 0, "hours_per_month": 730, "fixed_overhead": {"uniform": [800, 1_200]}}
    scenario = parse(written({}, top, months=24, trials=200), tmp_path)
    found = refined(project(scenario, evidence=False), 60)
    assert enough(found).is_enough
    assert found.figures.outcomes.trials < 20_000
    monkeypatch.setattr(enough_trials, "NARROW_CASH", 1e-9)
    assert refined(project(scenario, evidence=False), 0).figures.outcomes.trials <= 2_200
    certain = scenario.with_value("fixed_overhead", 1_000)
    with pytest.raises(Undefined, match="Nothing in this scenario is drawn"):
        refined(project(certain, 200, evidence=False), 1)


def test_every_percentile_of_a_line_has_its_error(shipped: Scenario):
    """By month they are the percentiles of the series, inside their intervals; a name that is none is refused."""
    projection = project(shipped, 300, evidence=False, keep=["customers[team]"])
    found, series = course(projection, "customers[team]"), project(shipped, 300).series["customers[team]"]
    for place, values in enumerate((series.p05, series.p50, series.p95)):
        assert [month[place].value for month in found.months] == pytest.approx(list(values))
    assert all(one.low <= one.value <= one.high for month in found.months for one in month)
    assert found.months[-1][1].error > 0
    more = with_more_trials(projection, most=500)
    assert (course(more, "customers[team]").trials, more.figures.outcomes.trials) == (500, 500)
    assert np.array_equal(more.kept["customers[team]"][:, :300], projection.kept["customers[team]"])
    with pytest.raises(PlanError, match="no line of this scenario"):
        project(shipped, 300, keep=["customers[nobody]"])
