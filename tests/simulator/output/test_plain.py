"""Answers as plain values, for JSON."""

import json
from pathlib import Path

from companies import everything

from simulator.answers.projection import project
from simulator.output.plain import as_json


def test_the_report_is_plain_and_the_same_twice():
    """The report is JSON without NaN, and the same scenario gives the same bytes."""
    scenario = everything(Path(), months=14, seed=4)
    first, second = (json.dumps(as_json(project(scenario, 3)), allow_nan=False) for _ in range(2))
    assert first == second
    assert {"statements", "plans", "pools", "captable", "advantage"} <= set(json.loads(first))
