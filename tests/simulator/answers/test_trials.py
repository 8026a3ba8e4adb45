"""Running trials: percentiles of what is looked at, the same in blocks as at once, in bounded memory."""

from pathlib import Path

import numpy as np
import pytest
from companies import EXPECTED, LISTED, literal, written

from simulator.__main__ import main
from simulator.answers import draws, projection, trials
from simulator.answers.draws import block_of, cells_of
from simulator.answers.projection import project, with_more_trials, with_trials
from simulator.answers.trials import outcomes_of
from simulator.answers.variations.cost_drivers import cost_drivers
from simulator.answers.variations.inputs import vary
from simulator.answers.verdict import GRADES, UNDECIDED
from simulator.engine import run
from simulator.errors import PlanError
from simulator.lines import business
from simulator.output.plain import as_json
from simulator.output.tables import projection_table
from simulator.scenario.numbers import base_values, simulation_of
from simulator.scenario.reading import parse
from simulator.scenario.scenario import Scenario

NAMES = ("p05", "p50", "p95")


def of_everything(**changes: int) -> str:
    """Return a scenario with as many members of every kind, and numbers for what each of them must say."""
    count = changes.pop("members")
    members = {kind: {f"{kind}{place}": {} for place in range(count)} for kind in LISTED}
    for place, (feature, route) in enumerate(zip(members["feature"].values(), members["route"].values(), strict=True)):
        feature["pool"] = f"pool{place}"
        route |= {"pool": f"pool{(place + 1) % count}", "feature": f"feature{place}"}
    top = {"hours_per_month": 730}
    for needed in business().inputs.values():
        if needed.default is None or needed.name in EXPECTED:
            for holder in members[needed.home[0]].values() if needed.home else [top]:
                holder.setdefault(needed.name, literal(needed, count, ("number", 20, 20, 1)))
    return written(members, top, **changes)


def test_percentiles_asked_for_late_are_those_asked_for_early(small: Scenario):
    """Each line has the same percentiles whether it is read alone, all are computed on demand, or all at once."""
    early, late, alone = project(small, 40, percentiles=True), project(small, 40), project(small, 40)
    late.compute_percentiles()
    assert list(early.series) == list(late.series)
    for key, series in early.series.items():
        for name in NAMES:
            assert np.array_equal(getattr(series, name), getattr(late.series[key], name)), key
    for key in ("cash", "revenue", "customers[team]", "device_hours[small]"):
        assert all(np.array_equal(getattr(alone.series[key], n), getattr(early.series[key], n)) for n in NAMES), key


def test_percentiles_are_those_of_numpy(small: Scenario):
    """P5, median and P95 of a line are NumPy's percentiles of its trials."""
    kept = trials.trials_of(small, 40).keep(["revenue"])["revenue"][:, 0, 1:]
    series = project(small, 40).series["revenue"]
    for name, place in zip(NAMES, (5, 50, 95), strict=True):
        assert getattr(series, name) == pytest.approx(np.percentile(kept, place, axis=1), rel=1e-12)


def test_without_trials_the_base_case_stands_in_their_place(small: Scenario):
    """Percentiles of a base case alone are the base case."""
    cash = project(small, 0).series["cash"]
    assert all(np.array_equal(getattr(cash, name), cash.base) for name in NAMES)


def test_trials_leave_the_base_case_as_it_was(shipped: Scenario):
    """Every line of the base case has the same bits with trials as without, so a first figure never moves."""
    alone, tried = project(shipped, 0), project(shipped, 30)
    assert all(np.array_equal(series.base, tried.series[key].base) for key, series in alone.series.items())


def test_a_base_case_is_computed_once(small: Scenario, monkeypatch: pytest.MonkeyPatch):
    """Trials, and more trials, are added to the base case that is there."""
    base = project(small, 0)
    monkeypatch.setattr(projection, "simulation_of", None)
    found = with_more_trials(with_trials(base, 10))
    assert found.ledger is base.ledger
    assert found.figures.outcomes.trials == 2_010


@pytest.mark.parametrize(("block", "many"), [(7, 10**9), (7, 5), (2, 10**9), (2_500, 20)])
def test_blocks_of_trials_come_to_the_same(small: Scenario, monkeypatch: pytest.MonkeyPatch, block: int, many: int):
    """Outcomes and cash are the same bits in one block, in several, and in threads."""
    whole, cash = outcomes_of(small, 40, first=3)
    monkeypatch.setattr(draws, "MOST_IN_BLOCK", block)
    monkeypatch.setattr(trials, "MANY_TRIALS", many)
    found, others = outcomes_of(small, 40, first=3)
    assert np.array_equal(others, cash)
    assert all(np.array_equal(getattr(found, name), getattr(whole, name)) for name in vars(whole))


def test_a_run_sorts_what_it_prints(small: Scenario, monkeypatch: pytest.MonkeyPatch):
    """Of all lines only cash has its percentiles computed before somebody reads another."""
    sorted_shapes = []
    find = trials.percentiles_of
    monkeypatch.setattr(trials, "percentiles_of", lambda found: sorted_shapes.append(found.shape) or find(found))
    found = project(small, 40)
    assert "of the cost drivers are assumptions" in str(found.verdict.reasons[-1])
    assert sorted_shapes == [(small.months, 1, 40)]


def test_evidence_is_counted_when_it_is_read_and_once(small: Scenario, monkeypatch: pytest.MonkeyPatch):
    """A grade needs no evidence; its reasons do, and adding trials does not count it again."""
    counted = []
    monkeypatch.setattr(projection, "cost_drivers", lambda one: counted.append(one) or cost_drivers(one))
    found = project(small, 10)
    assert (found.verdict.grade in (*GRADES, UNDECIDED), counted) == (True, [])
    assert "of the cost drivers are assumptions" in str(found.verdict.reasons[-1])
    assert with_more_trials(found).evidence == found.evidence
    assert counted == [small]


def test_a_table_is_that_of_all_values(capsys: pytest.CaptureFixture[str], tmp_path: Path, small: Scenario):
    """`run` prints the same table from the few values that it needs as from all that `--json` prints."""
    file = tmp_path / "small.yaml"
    file.write_text(small.text, encoding="utf-8")
    assert main(["run", str(file), "--trials", "50"]) == 0
    assert capsys.readouterr().out == projection_table(as_json(project(small, 50))) + "\n"


# Memory


def test_too_many_rows_are_refused_at_once(tmp_path: Path):
    """Fifty of every kind over 240 months, a file of 30 kB, are refused before any of it is computed."""
    scenario = parse(of_everything(members=50, months=240), tmp_path)
    with pytest.raises(PlanError, match=r"240 months of the 77,\d{3} rows that its members make are more than"):
        project(scenario)


def test_a_block_fits_the_memory_of_a_block(small: Scenario, monkeypatch: pytest.MonkeyPatch):
    """Members, months and ranges all make a block of trials smaller."""
    assert block_of(small) == draws.MOST_IN_BLOCK
    monkeypatch.setattr(draws, "MOST_IN_MEMORY", 10 * cells_of(small) + 1)
    assert block_of(small) == 10
    assert cells_of(small) > small.months + sum(one.is_uncertain for one in small.assumptions.values())


@pytest.mark.parametrize("names", [None, ("cash", "customers")])
def test_a_chunk_fits_the_memory_of_a_block(
    small: Scenario, monkeypatch: pytest.MonkeyPatch, names: tuple[str, ...] | None
):
    """Rows × months × trials of a chunk stay within the bound, and the numbers are the same."""
    simulation = trials.trials_of(small, 20)
    whole = simulation.keep(names)
    rows = simulation.wiring.program(None if names is None else frozenset(names)).rows
    monkeypatch.setattr(run, "BLOCK_CELLS", 3 * 21 * rows)
    chunks = list(simulation.run(names))
    assert {len(values["cash"]) for values in chunks} == {3, small.months % 3}
    again = simulation.keep(names)
    assert all(np.array_equal(again[name], one) for name, one in whole.items())


def test_only_lines_that_are_asked_for_are_kept(small: Scenario):
    """A run for one line yields that line, and holds a part of all rows at a time."""
    simulation = simulation_of(small, base_values(small))
    assert [set(values) for values in simulation.run(["cash"])] == [{"cash"}]
    rows = [simulation.wiring.program(names).rows for names in (frozenset(["cash"]), None)]
    assert rows[0] < 0.6 * rows[1]


def test_changes_in_batches_come_to_the_same(small: Scenario, monkeypatch: pytest.MonkeyPatch):
    """Changes that do not fit into memory at once run in batches, with the same result."""
    changes = [{"tax_rate": np.array([rate])} for rate in (0.1, 0.2, 0.3, 0.4, 0.5)]
    whole = vary(small, changes, ["cash"])["cash"]
    monkeypatch.setattr("simulator.answers.variations.inputs.BLOCK_CELLS", 2 * cells_of(small))
    assert np.array_equal(vary(small, changes, ["cash"])["cash"], whole)
