"""What the engine is measured against: the business by hand has every line, and gives the engine's numbers."""

import ast
from pathlib import Path

import numpy as np
import pytest

from benchmarks.plan import KEPT, SCENARIOS, by_engine, without_engine
from simulator.draws import draw
from simulator.lines import business
from simulator.numbers import plan_of
from simulator.reading import load

BY_HAND = sorted((Path(__file__).parents[1] / "benchmarks" / "by_hand").glob("*.py"))


def words(path: Path) -> set[str]:
    """The names that a file gives to values: variables, attributes and keys, without a leading `_`."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Name | ast.Attribute):
            found.add((node.id if isinstance(node, ast.Name) else node.attr).removeprefix("_"))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.add(node.value)
        elif isinstance(node, ast.keyword) and node.arg:
            found.add(node.arg)
    return found


def imported(path: Path) -> set[str]:
    """The packages that a file imports."""
    nodes = [*ast.walk(ast.parse(path.read_text(encoding="utf-8")))]
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return plain | {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}


@pytest.mark.parametrize("path", sorted(SCENARIOS.glob("*.yaml")), ids=lambda path: path.stem)
def test_by_hand_and_engine_agree(path: Path):
    """In every month, member and trial of every plan that ships."""
    scenario = load(path)
    plan = plan_of(scenario, draw(scenario, 25))
    ours, theirs = by_engine(plan), without_engine(scenario, plan)
    for name in KEPT:
        np.testing.assert_allclose(ours[name], theirs[name], rtol=1e-9, atol=1e-6, err_msg=name)


def test_by_hand_has_every_line():
    """The two do the same work: no line is left out."""
    found = set().union(*map(words, BY_HAND))
    assert [name for name in business().lines if name not in found] == []


def test_by_hand_stands_alone():
    """It shares nothing with the engine but the numbers that it is given."""
    used = {name for path in BY_HAND for name in imported(path) if not name.startswith("benchmarks.by_hand")}
    assert {name.split(".")[0] for name in used} <= {"__future__", "collections", "numpy", "scipy", "types"}
