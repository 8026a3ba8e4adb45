"""A change between two records counts only where it is larger than the noise between runs."""

import json
from dataclasses import replace

import numpy as np
import pytest
from example import RECORD
from scipy import stats

from profiling.results import compare, intervals, metrics, record
from profiling.results.record import CaseResult, Estimate, Record


def a_record(*rates: list[float], created: str = "2026-11-01T00:00:00Z") -> Record:
    """A record with one case for each list of rates, one rate a process."""
    cases = []
    for place, values in enumerate(rates, start=1):
        point, metrics = {"batch": place, "tokens": 8}, {"tokens_per_second": estimate(values)}
        cases.append(CaseResult("classify", point, "ok", None, metrics, {}, None, None, {}))
    return replace(record.load(RECORD), id=f"run-{created}", created=created, cases=tuple(cases))


def estimate(rates: list[float]) -> Estimate:
    return intervals.ratio(rates, [1.0] * len(rates), "token/s")


def test_a_record_has_not_changed_against_itself() -> None:
    """Every ratio is one, and nothing else differs."""
    shipped = record.load(RECORD)
    found = compare.compare(shipped, shipped)
    assert {change.ratio for change in found.changes} == {1.0}
    assert (found.differences, found.unmatched, [one for one in found.changes if one.real]) == ((), (), [])


def test_the_interval_is_welchs() -> None:
    """On small spreads the logarithm is straight, and SciPy's own test of means gives the same p."""
    old, new = [100.0, 101.0, 99.5, 100.5], [101.9, 102.4, 101.0]
    (change,) = compare.compare(a_record(old), a_record(new)).changes
    theirs = stats.ttest_ind(np.log(old), np.log(new), equal_var=False)
    assert change.p_value == pytest.approx(theirs.pvalue, rel=0.02)
    low, high = np.exp(-np.array(theirs.confidence_interval(0.95))[::-1])
    assert (change.low, change.high) == (pytest.approx(low, rel=1e-3), pytest.approx(high, rel=1e-3))


def test_a_clear_gain_is_real_and_welcome() -> None:
    """Twice the rate, with a spread of one in a hundred."""
    (change,) = compare.compare(a_record([100, 101, 99]), a_record([200, 202, 198])).changes
    assert (change.real, change.welcome) == (True, True)
    assert change.ratio == pytest.approx(2)


def test_a_change_within_the_noise_is_none() -> None:
    """Three per cent, where runs differ by ten."""
    (change,) = compare.compare(a_record([90, 100, 110]), a_record([93, 103, 113])).changes
    assert not change.real


def test_among_many_figures_chance_alone_finds_nothing() -> None:
    """Two sets of runs from one distribution: the share of comparisons with any false alarm keeps to one in twenty."""
    draw = np.random.default_rng(7)
    alarms = 0
    for _ in range(200):
        runs = [a_record(*(list(draw.normal(100, 2, 3)) for _ in range(12))) for _ in range(2)]
        alarms += any(change.real for change in compare.compare(*runs).changes)
    assert alarms <= stats.binom.ppf(0.999, 200, 0.05)


def test_what_else_is_not_the_same_is_said() -> None:
    """A new version of a library may be the whole story."""
    old = a_record([1, 1, 1])
    new = replace(old, software={**old.software, "torch": "9.9"})
    assert compare.compare(old, new).differences == (f"torch: {old.software['torch']}, now 9.9",)


def test_a_case_without_a_partner_is_named() -> None:
    """It is not dropped in silence."""
    found = compare.compare(a_record([1, 1, 1]), a_record([1, 1, 1], [2, 2, 2]))
    assert [line.partition(":")[0] for line in found.unmatched] == ["classify, batch 2, tokens 8"]


def test_a_case_that_ran_out_of_memory_since_is_said() -> None:
    """How a case ended is a result, too."""
    old = a_record([1, 1, 1])
    new = replace(old, cases=(replace(old.cases[0], status="out_of_memory", metrics={}),))
    assert compare.compare(old, new).differences == ("classify, batch 1, tokens 8: ok before, out of memory now",)


def test_without_another_named_the_newest_older_one_is_taken() -> None:
    """Of the same preset on the same device."""
    runs = [a_record([1, 1, 1], created=f"2026-{month}-01T00:00:00Z") for month in ("08", "10", "11")]
    elsewhere = replace(runs[1], created="2026-10-20T00:00:00Z", device={**runs[1].device, "name": "Other"})
    assert compare.before(runs[2], [*runs, elsewhere]) == runs[1]
    assert compare.before(runs[0], runs) is None


def test_the_text_says_which_way_and_how_far() -> None:
    """A reader learns the size, its interval, and whether it is good."""
    shown = compare.text(compare.compare(a_record([100, 101, 99]), a_record([50, 50.5, 49.5])))
    assert "tokens_per_second 50.0% lower" in shown
    assert ", worse" in shown


def with_metric(name: str, estimate: Estimate, **fields: object) -> Record:
    """A record of one case with one metric."""
    made = a_record([1, 1, 1])
    return replace(made, cases=(replace(made.cases[0], metrics={name: estimate}, **fields),))


def test_an_interval_that_ends_at_a_bound_is_not_taken_for_narrow() -> None:
    """Accuracies of 1, 0.9 and 1 against 0.80, 0.82 and 0.81 differ, and not beyond doubt; the interval stops at 1."""
    runs = ([1.0, 0.9, 1.0], [0.80, 0.82, 0.81])
    old, new = (with_metric("held_out_accuracy", intervals.mean(values, "1", 0.0, 1.0)) for values in runs)
    (change,) = compare.compare(old, new).changes
    theirs = stats.ttest_ind(*runs, equal_var=False)
    assert change.p_value == pytest.approx(theirs.pvalue, rel=0.5)


def test_to_forget_more_is_no_improvement() -> None:
    """Though its name ends like a gain."""
    old, new = (with_metric("forgotten_accuracy", Estimate(x, x - 0.01, x + 0.01, 0.95, "1", 3)) for x in (0.2, 0.6))
    (change,) = compare.compare(old, new).changes
    assert (change.real, change.welcome) == (True, False)


def test_a_figure_from_zero_cannot_be_judged() -> None:
    """No ratio says anything of it, and it is not called quiet."""
    old, new = (with_metric("forgotten_accuracy", Estimate(value, 0.0, value, 0.95, "1", 3)) for value in (0.0, 0.4))
    assert "which cannot be judged" in compare.text(compare.compare(old, new))


@pytest.mark.parametrize(("value", "high"), [(5e-324, 5e-324), (5e-324, 1e30), (1e-29, 1.0), (1e-29, 1e30)])
def test_a_figure_without_a_scale_cannot_be_judged(value: float, high: float) -> None:
    """In a record of a stranger, whose numbers no device has."""
    old, new = (with_metric("step_seconds", Estimate(x, 0.0, y, 0.95, "s", 3)) for x, y in ((value, high), (0.4, 0.4)))
    old, new = (Record.parse(json.loads(json.dumps(one.to_json())), "stranger") for one in (old, new))
    for one, other in ((old, new), (new, old)):
        assert "which cannot be judged" in compare.text(compare.compare(one, other))


def test_memory_that_grew_is_said() -> None:
    """Twice the memory in the same place."""
    rate = Estimate(1, 1, 1, 0.95, "token/s", 3)
    old, new = (with_metric("tokens_per_second", rate, memory={"resident_peak_bytes": size}) for size in (100, 200))
    assert compare.compare(old, new).differences == ("classify, batch 1, tokens 8: resident peak +100%",)


def test_a_registered_metric_says_which_way_is_better(monkeypatch: pytest.MonkeyPatch) -> None:
    """A metric of one's own is judged by its own field, whatever its name; an unknown one is not judged."""
    old, new = (with_metric("wobble_per_second", Estimate(x, x - 0.01, x + 0.01, 0.95, "1", 3)) for x in (1.0, 2.0))
    assert compare.compare(old, new).changes[0].welcome is None
    monkeypatch.setitem(metrics.METRICS, "wobble_per_second", metrics.Metric("wobble_per_second", "1", "lower", "…"))
    assert compare.compare(old, new).changes[0].welcome is False
