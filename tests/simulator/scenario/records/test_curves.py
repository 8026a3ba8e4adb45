"""A pool's rate read from a curve of throughput against latency, at a limit on the latency."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from made import case, measurement

from simulator.answers.draws import draw
from simulator.errors import ScenarioError
from simulator.scenario.reading import load, parse
from simulator.scenario.records.attach import attach
from simulator.scenario.scaling import moved

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
    said = attach(loads, path, "large", within={"over": "concurrency", "tpot_seconds": "0.055"}).sentence
    rate = load(path).assumptions[RATE]
    assert rate.central == pytest.approx(600)
    assert rate.evidence == "measured"
    assert rate.measured is not None
    assert rate.measured.low < 600 < rate.measured.high
    assert "token_latency_limit" not in said
    assert "tpot_seconds 0.055" in said


# Published points that are ranges

# As many tokens per second at 25 requests as anywhere from 561.06 to 685.74, in nine cases of ten.
BETWEEN = {**NIM, 25: ["90% between 561.06 and 685.74", 0.03875]}


def test_a_published_point_with_a_range_gives_an_uncertain_rate(file: File):
    """At the point itself the rate is normal around its centre, with the range as its interval of 90 %."""
    curve = {**NIM, 25: [{"normal": [623.4, 37.9]}, 0.03875]}
    rate = load(file()).with_value(RATE, {"curve": curve, "within": 0.03875}).assumptions[RATE]
    assert rate.central == pytest.approx(623.4)
    assert rate.is_uncertain
    assert rate.value.parts[0].quantile(np.array([0.05, 0.95])) == pytest.approx(
        [623.4 - 1.64485 * 37.9, 623.4 + 1.64485 * 37.9], rel=1e-5
    )


def test_half_way_between_two_points_half_of_the_doubt_is_left(file: File):
    """With doubt at one of two points, the interval at a limit half way between them has half of its width."""
    curve = {**NIM, 25: [{"uniform": [600, 640]}, 0.03875]}
    rate = load(file()).with_value(RATE, {"curve": curve, "within": (0.03875 + 0.09291) / 2}).assumptions[RATE]
    low, high = rate.value.parts[0].quantile(np.array([0.05, 0.95]))
    assert rate.central == pytest.approx((620 + 917.26) / 2)
    assert high - low == pytest.approx(36 / 2)  # nine tenths of 40 at the point, and half of that between


def test_a_doubtful_latency_makes_the_rate_uncertain(file: File):
    """Where the latency may be longer, the limit is reached earlier: 400 a second at best, and 325 at worst."""
    curve = {1: [100, 0.01], 11: [400, {"uniform": [0.03, 0.03 + 1 / 90]}]}
    rate = load(file()).with_value(RATE, {"curve": curve, "within": 0.03}).assumptions[RATE]
    # The interval of 90 % of the latency runs from 0.0305556 to 0.0405556, and its centre is 0.0355556.
    ends = [100 + 300 * 0.02 / (latency - 0.01) for latency in (0.0405556, 0.0305556)]
    low, high = rate.value.parts[0].quantile(np.array([0.05, 0.95]))
    assert rate.central == pytest.approx(100 + 300 * 0.02 / 0.0255556, rel=1e-5)
    assert high - low == pytest.approx(ends[1] - ends[0], rel=1e-4)


def test_certain_points_stay_certain(file: File):
    """Plain numbers, and ranges at loads that the limit does not reach, leave the rate certain."""
    far = {**NIM, 100: ["90% between 800 and 1000", 0.09291]}
    for curve in (NIM, far):
        rate = load(file()).with_value(RATE, {"curve": curve, "within": 0.03875}).assumptions[RATE]
        assert not rate.is_uncertain
        assert rate.central == pytest.approx(623.4)


def test_doubt_of_published_points_is_drawn_and_stays_published(file: File):
    """Trials draw the rate, and its evidence is that of the page that it was read from."""
    value = {"value": {"curve": BETWEEN, "within": 0.03875}, "source": "a page", "as_of": "2026-01-01"}
    scenario = load(file()).with_value(RATE, value)
    rates = draw(scenario, 20_000)[RATE][0, 1:]
    assert scenario.assumptions[RATE].evidence == "published"
    assert np.quantile(rates, [0.05, 0.95]) == pytest.approx([561.06, 685.74], rel=0.01)
    assert rates.std() == pytest.approx((685.74 - 561.06) / 2 / 1.64485, rel=0.03)


@pytest.mark.parametrize(
    ("pair", "words"),
    [
        (["90% between -5 and 5", 0.03], "above zero"),
        ([600, {"normal": [0.03, 0.03]}], "above zero"),
        ([600, "90% between 5 and 2"], "swap the two"),
        ([{0: 600, 12: 700}, 0.03], "is not a value"),
        ([{"walk": 600, "monthly_volatility": "5%"}, 0.03], "is not a value"),
        ([{"measured": "measurements/x.json", "metric": "tokens_per_second"}, 0.03], "give numbers or ranges"),
        ([{"curve": NIM, "within": 1}, 0.03], "give numbers or ranges"),
    ],
    ids=str,
)
def test_a_point_that_is_no_number_is_refused(file: File, pair: list[Any], words: str):
    """The message says what a point may be."""
    with pytest.raises(ScenarioError, match=words):
        rate_within(file, 0.05, {**NIM, 25: pair})


def test_a_curve_may_walk(file: File):
    """A rate from a curve with doubt may walk, and a change of its level keeps the walk."""
    walk = {"walk": {"curve": BETWEEN, "within": 0.03875}, "monthly_volatility": "3%"}
    rate = load(file()).with_value(RATE, walk).assumptions[RATE]
    assert rate.on_curve is not None
    assert moved(rate, 500.0) == {"walk": 500.0, "monthly_volatility": "3%"}
