"""A pool's rate read from a curve of throughput against latency, at a limit on the latency."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from made import case, measurement

from simulator.errors import ScenarioError
from simulator.scenario.attach import attach
from simulator.scenario.reading import load, parse

# NVIDIA NIM's performance page for NIM 1.8.0: Llama-3.3-70B in FP8 on two H100, 5,000 tokens in and 500 out.
NIM = {1: [51.67, 0.01858], 25: [623.4, 0.03875], 100: [917.26, 0.09291]}
RATE = "pools.large.tokens_per_second"
File = Callable[..., Path]
Record = Callable[..., Path]


def rate_within(file: File, within: Any, curve: Any = None) -> float:
    """Return the rate of a pool on the published curve at a limit."""
    scenario = load(file()).with_value(RATE, {"curve": NIM if curve is None else curve, "within": within})
    return scenario.assumptions[RATE].central


@pytest.mark.parametrize(
    ("within", "rate"),
    [(0.03875, 623.4), (0.09291, 917.26), ((0.03875 + 0.09291) / 2, (623.4 + 917.26) / 2), (1, 917.26)],
    ids=["a published point", "the last point", "half way between two points", "no more beyond the last point"],
)
def test_the_rate_lies_on_the_published_curve(file: File, within: float, rate: float):
    """A published latency gives the published rate, and a limit between two points lies on the straight line."""
    assert rate_within(file, within) == pytest.approx(rate)


def test_a_limit_that_no_point_keeps_is_an_error(file: File):
    """A limit below the latency of a single request is refused."""
    with pytest.raises(ScenarioError, match=r"lowest load measured.*allow a higher latency"):
        rate_within(file, 0.01)


@pytest.mark.parametrize(
    ("curve", "words"),
    [
        ({}, "incomplete"),
        ({1: 51.67}, "the curve has 51.67 at load 1"),
        ({1: [51.67, -0.1]}, "above zero"),
        ([[51.67, 0.02]], "incomplete"),
    ],
)
def test_a_curve_that_is_none_is_refused(file: File, curve: Any, words: str):
    """The message shows how a curve is written."""
    with pytest.raises(ScenarioError, match=words):
        rate_within(file, 0.05, curve)


def test_two_limits_contradict_each_other(file: File):
    """A rate read from a curve at a limit must not be reduced by a second limit."""
    scenario = load(file()).with_value(RATE, {"curve": NIM, "within": 0.05})
    with pytest.raises(ScenarioError, match=r"token_latency_limit: .*, which already keeps a latency limit"):
        scenario.with_value("pools.large.token_latency_limit", 0.05)


def test_a_curve_written_in_the_file_reads_the_same(file: File):
    """A curve that is saved to a file gives the same rate."""
    text = load(file()).with_value(RATE, {"curve": NIM, "within": 0.05}).to_yaml()
    again = parse(text, file().parent)
    assert again.assumptions[RATE].central == pytest.approx(rate_within(file, 0.05))


@pytest.fixture
def loads(tmp_path: Path) -> Path:
    """Return the path of a record of a server under three loads."""

    def under(concurrency: int, rate: float, tpot: float) -> dict[str, Any]:
        one = case(rate, kind="load", concurrency=concurrency, prompt_tokens=100, new_tokens=50)
        wait = {"value": tpot, "low": 0.9 * tpot, "high": 1.1 * tpot, "level": 0.95, "unit": "s", "runs": 3}
        return {**one, "metrics": {**one["metrics"], "tpot_seconds": wait}}

    cases = (under(1, 50, 0.02), under(10, 400, 0.03), under(50, 800, 0.08))
    path = tmp_path / "record.json"
    path.write_text(json.dumps(measurement(*cases)))
    return path


def test_a_measured_curve_is_attached_with_its_limit(file: File, loads: Path):
    """The pool's rate lies between the second and the third load, with an interval, as measured evidence."""
    path = file()
    said = attach(loads, path, "large", within={"over": "concurrency", "tpot_seconds": "0.055"})
    rate = load(path).assumptions[RATE]
    assert rate.central == pytest.approx(600)
    assert rate.evidence == "measured"
    assert rate.measured is not None
    assert rate.measured.low < 600 < rate.measured.high
    assert "token_latency_limit" not in said
    assert "tpot_seconds 0.055" in said
