"""Throughput and latency against load, and the rate that keeps a limit."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiling.errors import RecordError
from profiling.results import curve
from profiling.results.curve import Curve, Point, rate_within
from profiling.results.record import CaseResult, Estimate, Record


def exactly(value: float, spread: float = 0.0) -> Estimate:
    return Estimate(value, value * (1 - spread), value * (1 + spread), 0.95, "1", 3)


def joined(*rows: tuple[float, float, float, float], spread: float = 0.0) -> Curve:
    """A curve from rows of load, tokens a second, TPOT and TTFT in seconds."""
    made = (Point(load, *(exactly(value, spread) for value in values)) for load, *values in rows)
    return Curve("concurrency", tuple(made))


# NVIDIA, NIM LLM benchmarking 1.0.0: Llama-3.3-70B in fp8 on two H100, 5,000 tokens in, 500 out.
NIM_70B = joined((1, 51.67, 0.01858, 0.40677), (25, 623.4, 0.03875, 0.68869), (100, 917.26, 0.09291, 7.996))


def test_a_limit_at_a_measured_point_gives_its_rate() -> None:
    """38.75 ms per token is what 25 requests at a time take."""
    found = rate_within(NIM_70B, 0.03875)
    assert (found.value, found.load, found.bound) == (623.4, 25, "limit")


def test_between_two_points_everything_is_a_straight_line() -> None:
    """Half of the way from 38.75 to 92.91 ms lies half of the way from 623 to 917 tokens a second."""
    found = rate_within(NIM_70B, (0.03875 + 0.09291) / 2)
    assert (found.value, found.load) == (pytest.approx((623.4 + 917.26) / 2), pytest.approx(62.5))


def test_the_tighter_limit_decides() -> None:
    """A second to the first token is over long before 60 ms per token."""
    found = rate_within(NIM_70B, 0.060, ttft_limit=1.0)
    share = (1.0 - 0.68869) / (7.996 - 0.68869)
    assert found.value == pytest.approx(623.4 + share * (917.26 - 623.4))


def test_nothing_is_said_beyond_the_highest_load() -> None:
    """A limit that every point keeps gives the best measured rate, and says that it ends there."""
    found = rate_within(NIM_70B, 10.0, ttft_limit=100.0)
    assert (found.value, found.bound) == (917.26, "measured")
    assert "the highest load measured" in found.why


def test_a_limit_below_the_lowest_load_is_refused() -> None:
    """No rate is made up for it; what the lowest load took is said."""
    with pytest.raises(RecordError, match=r"at 1 request at a time.*0\.0186 s per token.*limit is 0\.01 s"):
        rate_within(NIM_70B, 0.010)


def test_throughput_that_falls_beyond_saturation_is_not_chosen() -> None:
    """The best rate within the limit may lie below the largest load that keeps it."""
    found = rate_within(joined((1, 50, 0.02, 0.1), (8, 300, 0.03, 0.2), (16, 250, 0.05, 0.5)), 0.06)
    assert (found.value, found.load) == (300, 8)


def test_a_load_beyond_one_that_breaks_the_limit_does_not_count() -> None:
    """A lucky point past the first breach is no operating point."""
    found = rate_within(joined((1, 50, 0.02, 0), (8, 300, 0.06, 0), (16, 600, 0.02, 0)), 0.04)
    assert found.value == pytest.approx(175)


def test_the_interval_holds_the_doubt_about_latency_and_rate() -> None:
    """Ten per cent either way; where even the lowest load may break the limit, the low end is nothing."""
    doubted = joined((1, 100, 0.01, 0), (2, 200, 0.02, 0), spread=0.1)
    found = rate_within(doubted, 0.015)
    assert found.low == pytest.approx(90 + 90 * (0.015 - 0.011) / 0.011)
    assert found.value == pytest.approx(150)
    assert found.high == pytest.approx(110 + 110 * (0.015 - 0.009) / 0.009)
    assert rate_within(doubted, 0.0105).low == 0


@pytest.mark.parametrize("loads", [[], [1, 1], [2, 1]])
def test_points_out_of_order_are_refused(loads: list[float]) -> None:
    """So are none, and one load twice."""
    with pytest.raises(RecordError):
        joined(*((load, 1, 1, 1) for load in loads))


rows = st.lists(st.tuples(*[st.floats(0.01, 100)] * 3), min_size=1, max_size=6)


@given(rows, st.floats(0, 0.5), st.floats(1, 100), st.floats(1, 2))
def test_a_looser_limit_never_costs_throughput(
    values: list[tuple[float, float, float]], spread: float, limit: float, looser: float
) -> None:
    """The rate lies in its interval and within what was measured, and rises with the limit."""
    made = joined((1, 1.0, 0.5, 0.5), *((place + 2, *row) for place, row in enumerate(values)), spread=spread)
    tight, loose = rate_within(made, limit, limit), rate_within(made, limit * looser, limit * looser)
    assert tight.low <= tight.value <= tight.high
    assert tight.value <= max(point.tokens_per_second.value for point in made.points) * (1 + 1e-12)
    assert tight.value <= loose.value * (1 + 1e-12)


def case(
    kind: str, point: dict[str, Any], rate: float, status: str = "ok", ttft: str = "ttft_seconds_p95"
) -> CaseResult:
    metrics = {"tokens_per_second": exactly(rate), "tpot_seconds": exactly(0.01), ttft: exactly(0.2)}
    return CaseResult(kind, point, status, None, metrics if status == "ok" else {}, {}, None, None, {})


def record(*cases: CaseResult) -> Record:
    return Record("r1", "2026-11-22T00:00:00Z", "load", {}, {"kind": "cpu", "name": "Test"}, {}, {}, None, cases)


def test_a_curve_is_read_from_the_finished_loads_in_order() -> None:
    """A load that the server did not keep up with is no point; how many requests were measured is free."""
    shape = {"prompt_tokens": 64, "new_tokens": 32}
    found = curve.of(
        record(
            case("load", {"requests_per_minute": 120, "requests": 500, **shape}, 60),
            case("load", {"requests_per_minute": 30, "requests": 100, **shape}, 15),
            case("load", {"requests_per_minute": 240, "requests": 500, **shape}, 0, "no_steady_state"),
            case("load", {"concurrency": 4, "requests": 100, **shape}, 70),
        ),
        "requests_per_minute",
    )
    assert [(point.load, point.tokens_per_second.value) for point in found.points] == [(30, 15), (120, 60)]


def test_generation_in_batches_makes_a_curve_too() -> None:
    """Nobody waits there, so that its mean time to first token is taken."""
    shape = {"prompt_tokens": 64, "new_tokens": 32}
    cases = [case("generate", {"batch": batch, **shape}, 10.0 * batch, ttft="ttft_seconds") for batch in (4, 1)]
    found = curve.of(record(*cases), "batch")
    assert [(point.load, point.ttft_seconds) for point in found.points] == [(1, exactly(0.2)), (4, exactly(0.2))]


def test_cases_that_differ_in_more_than_load_are_not_joined() -> None:
    """The coordinate is named, and choosing one of its values helps."""
    mixed = record(*(case("generate", {"batch": batch, "new_tokens": 8 * batch}, 1) for batch in (1, 2)))
    with pytest.raises(RecordError, match="new_tokens 8, 16; choose one"):
        curve.of(mixed, "batch")
    assert len(curve.of(mixed, "batch", at={"new_tokens": 8}).points) == 1


@pytest.mark.parametrize("over", ["concurrency", "tokens"])
def test_a_curve_that_was_not_measured_is_refused(over: str) -> None:
    """Neither an empty one nor one over what is no load."""
    with pytest.raises(RecordError, match=over):
        curve.of(record(case("generate", {"batch": 1}, 1)), over)


@pytest.mark.parametrize("tpot", [None, exactly(0.0)], ids=["not told", "told as 0 by an older version"])
def test_a_limit_on_what_nobody_saw_cannot_be_kept(tpot: Estimate | None) -> None:
    """An answer that came in one piece has no time per token, and no rate is read off it."""
    seen, unseen = (case("load", {"concurrency": count, "new_tokens": 64}, 400) for count in (1, 2))
    others = {name: value for name, value in unseen.metrics.items() if name != "tpot_seconds"}
    unseen = replace(unseen, metrics=others if tpot is None else {**others, "tpot_seconds": tpot})
    with pytest.raises(RecordError, match="nobody saw tokens come at load, concurrency 2"):
        curve.of(record(seen, unseen), "concurrency")
