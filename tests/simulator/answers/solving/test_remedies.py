"""The smallest changes that meet what the next better grade lacks."""

from __future__ import annotations

from pathlib import Path

import pytest
from costs_alone import made

from simulator.__main__ import main
from simulator.answers.projection import project
from simulator.answers.solving.remedies import remedy, size_of, targets_of
from simulator.answers.solving.target import Target
from simulator.output.prices import Plain
from simulator.output.solved import change_sentence, remedy_sentence


def test_a_condition_is_offered_the_smallest_changes_first():
    """Each meets it by itself, the least of it and with the errors that are added."""
    scenario = made(cost="{normal: [10000, 1000]}", trials=400)
    target = Target("probability_of_ruin", "<=", 0.05)
    found = remedy(scenario, target, 400)
    assert [change.lever.path for change in found.changes] == ["fixed_overhead", "rounds.seed.amount"]
    assert sorted(map(size_of, found.changes)) == list(map(size_of, found.changes))
    for change in found.changes:
        after = change.lever.at(change.sure)
        assert project(after, 400, evidence=False).kpis["probability_of_ruin"].value < 0.05
    assert "Lower fixed_overhead by" in change_sentence(found.changes[0], "fixed_overhead", Plain())
    assert "three standard errors of 400 trials" in remedy_sentence(found, Plain())


def test_a_base_case_is_judged_by_what_it_comes_to():
    """Where nothing is drawn, cash itself has to stay above the floor."""
    scenario = made()
    targets = targets_of(project(scenario, 0))
    assert Target("lowest_cash", ">=", 0) in targets
    changes = remedy(scenario, Target("lowest_cash", ">=", 0), 0).changes
    assert changes[0].sure == pytest.approx(80_000 / 12, rel=1e-6)


def test_what_no_single_change_meets_is_said():
    """Nobody buys, so no margin can be had."""
    found = remedy(made(), Target("gross_margin", ">=", 0.7), 0)
    assert found.changes == ()
    assert "combine some" in remedy_sentence(found, Plain())


def test_the_command_prints_a_sentence_for_each_change(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """Below the condition that it meets."""
    (tmp_path / "costs.yaml").write_text(made(cost="{normal: [10000, 1000]}").text, encoding="utf-8")
    assert main(["reach", str(tmp_path / "costs.yaml"), "--trials", "60"]) == 0
    said = capsys.readouterr().out
    assert "To reach Fragile:" in said
    assert "Raise rounds.seed.amount by" in said
