"""The command `solve`: a sentence with what to write, the frontier as a table, and refusals."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
from commanded import both

from simulator.__main__ import main

UNTIL = "end_cash >= 1000000"
CALL = ["--change", "plans.team.price", "--until", UNTIL]


def test_what_it_prints_to_apply_meets_the_target(file: Callable[..., Path], capsys: pytest.CaptureFixture[str]):
    """The option --set that it prints gives `kpis` a value that meets the target."""
    path = str(file())
    assert main(["solve", path, *CALL]) == 0
    said = capsys.readouterr().out
    assert "raise plans.team.price from 400" in said
    setting = shlex.split(said.splitlines()[-1])[-2:]
    assert setting[0] == "--set"
    assert main(["kpis", path, "--trials", "0", *setting, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["end_cash"]["value"] >= 1_000_000


@pytest.mark.parametrize(
    ("change", "until", "met"),
    [("plans.team.price", UNTIL, "from there on"), ("roles.engineer.heads", "end_cash >= 0", "up to there")],
)
def test_two_changes_give_a_table_that_says_on_which_side_of_the_value_the_target_is_met(
    file: Callable[..., Path], change: str, until: str, met: str
):
    """A row for each value of the second, as text and as JSON: a higher price brings cash, and more people take it."""
    shown, text = both("solve", file(), "--change", change, "--change", "plans.team.churn", "--until", until)
    assert set(shown) == {
        *("scenario", "currency", "changes", "units", "target", "trials", "now", "rows", "sentence"),
    }
    assert {row["met"] for row in shown["rows"] if row["first"] is not None} == {met}
    assert {row["met"] for row in shown["rows"] if row["first"] is None} <= {"everywhere", "nowhere"}
    lines = text.splitlines()
    assert lines[4].split() == ["plans.team.churn", change]
    assert len(lines) == 5 + len(shown["rows"])


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--change", "plans.team.price", "--until", "a lot"], "is not a target"),
        ([*CALL, "--from", "500", "--to", "300"], "lower --from, or a higher --to"),
        ([*CALL, "--trials", "0", "--until", "runway > 3 in 90% of trials"], "none are run"),
        ([*CALL, "--change", "plans.team.price"], "named twice"),
        ([*CALL, "--change", "plans.team.churn", "--change", "tax_rate"], "name one, or two"),
    ],
)
def test_nonsense_is_refused(
    options: list[str], says: str, file: Callable[..., Path], capsys: pytest.CaptureFixture[str]
):
    """In a sentence, with exit code 2."""
    assert main(["solve", str(file()), *options]) == 2
    assert says in capsys.readouterr().err


def test_a_bound_that_is_no_number_is_refused(file: Callable[..., Path], capsys: pytest.CaptureFixture[str]):
    """Before anything runs."""
    with pytest.raises(SystemExit):
        main(["solve", str(file()), *CALL, "--from", "cheap"])
    assert "is not a number" in capsys.readouterr().err
