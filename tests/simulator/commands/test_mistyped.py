"""Names that were mistyped, or left empty: each command says what was typed and which name is near."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from simulator.__main__ import main

X = ["--x", "plans.team.price"]


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (["swings", "--kpi", "runwy"], "runwy is not a KPI; did you mean runway?"),
        (["swings", "--kpi", ""], "an empty name is not a KPI; choose from"),
        (["indices", "--kpi", "gros_margin"], "gros_margin is not a KPI; did you mean gross_margin"),
        (["risk", "--line", "revenu"], "revenu is no line of this scenario; did you mean revenue"),
        (["risk", "--line", ""], "an empty name is no line of this scenario"),
        (["solve", "--change", "", "--until", "runway >= 18"], "an empty name is not an assumption"),
        (["solve", "--change", "plans.team.prise", "--until", "runway >= 18"], "did you mean plans.team.price"),
        (["map", *X, "--y", ""], "an empty name is not an assumption"),
        (["map", *X, "--y", "plans.team.chrun"], "did you mean plans.team.churn"),
        (["capacity", ""], "an empty name is not a pool of the scenario; choose from pools.large"),
        (["risk", "--set", "=3"], "an empty name is not an assumption"),
    ],
)
def test_a_mistyped_name_is_told_with_the_nearest(
    call: list[str], says: str, file: Callable[..., Path], capsys: pytest.CaptureFixture[str]
):
    """On one line, with exit code 2."""
    assert main([call[0], str(file()), *call[1:]]) == 2
    said = capsys.readouterr().err.strip()
    assert says in said
    assert len(said.splitlines()) == 1
