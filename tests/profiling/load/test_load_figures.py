"""Arrivals, percentiles and Little's law against scipy, published rows, and cases worked by hand."""

import asyncio
import json
import time
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.stats

from profiling.errors import LoadError, WorkloadError
from profiling.load import arrivals, figures, keeping, queueing, result, traces
from profiling.load.drive import Answer, Load, Outcome, open_loop
from profiling.load.endpoint import Reply
from profiling.load.traffic import Asked, Conversation
from profiling.results.metrics import METRICS
from profiling.results.record import CaseResult
from profiling.workload.kinds.load import check_point
from profiling.workload.workload import Case

POINT = {"requests_per_minute": 60, "prompt_tokens": 8, "new_tokens": 3, "requests": 8}

# NVIDIA, NIM LLM benchmarking 1.0.0: Llama-3.3-70B in fp8 on two H100, 5,000 tokens in, 500 out.
# Concurrency, TTFT and ITL in milliseconds, tokens a second.
NIM_70B = [(1, 406.77, 18.58, 51.67), (25, 688.69, 38.75, 623.4), (100, 7996, 92.91, 917.26)]


@pytest.mark.parametrize(("concurrency", "ttft", "itl", "published"), NIM_70B)
def test_published_rows_obey_littles_law(concurrency: int, ttft: float, itl: float, published: float) -> None:
    """Each of them within 0.6 %."""
    expected = queueing.closed_loop_tokens_per_second(concurrency, 500, ttft / 1e3, itl / 1e3)
    assert published == pytest.approx(expected, rel=0.006)


def test_time_open_counts_inside_of_the_window_only() -> None:
    """Of spans 0-2, 1-5, 3-9 and 7-8, three seconds and a bit lie between 1 and 4."""
    spans = [(0.0, 2.0), (1.0, 5.0), (3.0, 9.0), (7.0, 8.0)]
    assert queueing.request_seconds(spans, 1.0, 4.0) == 1 + 3 + 1


def test_arrivals_are_poisson() -> None:
    """Gaps at 120 a minute are exponential with a mean of half a second, by Kolmogorov and Smirnov."""
    gaps = np.diff(list(islice(arrivals.drawn(120, seed=3), 4000)), prepend=0.0)
    assert scipy.stats.kstest(gaps, "expon", args=(0, 0.5)).pvalue > 0.01


def test_a_seed_gives_the_same_arrivals() -> None:
    """And another seed others."""
    first, again, other = (list(islice(arrivals.drawn(60, seed), 5)) for seed in (1, 1, 2))
    assert first == again != other


def test_a_trace_starts_with_its_first_arrival(tmp_path: Path) -> None:
    """Whatever clock it was recorded by."""
    path = tmp_path / "trace.txt"
    path.write_text("100.5\n101\n\n101\n104.25\n")
    assert [one.offset for one in traces.read(path, {})] == [0, 0.5, 0.5, 3.75]


@pytest.mark.parametrize("content", ["", "1\n0.5\n", "1\nsoon\n", "1\nnan\n", "1\ninf\n"])
def test_a_trace_that_makes_no_sense_is_refused(tmp_path: Path, content: str) -> None:
    """Empty, backwards, or not a number; the file is named."""
    path = tmp_path / "trace.txt"
    path.write_text(content)
    with pytest.raises(WorkloadError, match=r"trace\.txt"):
        traces.read(path, {})


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"requests_per_minute": None}, "no pace"),
        ({"concurrency": 4}, "requests_per_minute and concurrency"),
        ({"new_tokens": 1}, "new_tokens"),
        ({"requests": 7}, "requests"),
        ({"tpot_limit_milliseconds": 0}, "tpot_limit_milliseconds"),
        ({"requests_per_minute": None, "concurrency": 5000}, "concurrency"),
    ],
)
def test_a_point_that_is_no_load_is_refused(change: dict[str, Any], what: str) -> None:
    """The field is named."""
    point = {name: value for name, value in {**POINT, **change}.items() if value is not None}
    with pytest.raises(WorkloadError, match=what):
        check_point(point, "load")


async def never(_index: int, _before: Conversation) -> tuple[Asked, Reply]:
    return await asyncio.get_running_loop().create_future()


def test_a_trace_that_is_too_short_is_said() -> None:
    """Three arrivals do not make eight requests."""
    load = Load(never, requests=8, warmup_requests=0, warmup_seconds=0.0)
    with pytest.raises(WorkloadError, match="the trace ends before 8 requests"):
        asyncio.run(load.run(lambda one: open_loop(one, [0.0, 0.001, 0.002])))


async def at_once(_index: int, _before: Conversation) -> tuple[Asked, Reply]:
    now = time.perf_counter()
    return Asked(8, 3), Reply([now, now], {"prompt_tokens": 8, "completion_tokens": 3}, complete=True)


def traced(offsets: list[float]) -> Outcome:
    """A load of eight requests after one, on a server that answers at once, by such a trace."""
    load = Load(at_once, requests=8, warmup_requests=1, warmup_seconds=0.0)
    return asyncio.run(load.run(lambda one: open_loop(one, offsets)))


def test_a_trace_may_end_with_the_request_that_closes_the_window() -> None:
    """One to warm up, eight to measure, and one more: the window lies between the second and the last."""
    found = traced([place * 0.01 for place in range(10)])
    assert len(found.measured) == 8
    assert found.end == pytest.approx(found.start + 0.08)


def test_a_burst_is_no_rate() -> None:
    """Eight arrivals at one moment have no time between them."""
    with pytest.raises(WorkloadError, match="arrive at once"):
        result.result(traced([0.0] + [0.02] * 9), result.Dialect("/completions"), POINT)


def test_requests_without_end_are_an_overload(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that never answers ends the load once too many requests are open."""
    monkeypatch.setattr("profiling.load.drive.MOST_IN_FLIGHT", 10)
    load = Load(never, requests=8, warmup_requests=0, warmup_seconds=0.0)
    asyncio.run(load.run(lambda one: open_loop(one, arrivals.drawn(1e6, 1))))
    assert load.overloaded


def test_the_median_and_its_interval_are_order_statistics() -> None:
    """Of 1 to 100 with repeats alike, scipy's binomial interval of the median."""
    values = list(np.random.default_rng(5).permutation(np.arange(1.0, 101.0)))
    found = figures.percentile([values, values], 50)
    pooled = scipy.stats.quantile_test(values * 2, q=50, p=0.5).confidence_interval(0.95)
    assert (found.value, found.low, found.high) == (50, pooled.low, pooled.high)


def test_repeats_that_differ_widen_the_interval() -> None:
    """Requests of one run resemble each other; only other runs show what a run draws once."""
    draw = np.random.default_rng(2)
    runs = [draw.normal(centre, 0.1, 300) for centre in (1, 2, 3)]
    found = figures.percentile(runs, 50)
    between = scipy.stats.t.interval(0.95, 2, 2, 1 / np.sqrt(3))
    assert (found.low, found.high) == pytest.approx((max(0, between[0]), between[1]), rel=0.05)


@pytest.mark.parametrize("percent", [50, 95])
def test_the_interval_covers_as_often_as_it_says(percent: int) -> None:
    """At least 95 % of 300 made experiments, but for three standard errors."""
    draw, truth = np.random.default_rng(1), float(scipy.stats.expon.ppf(percent / 100))
    found = [figures.percentile(list(draw.exponential(size=(3, 100))), percent) for _ in range(300)]
    covered = np.mean([one is not None and one.low <= truth <= one.high for one in found])
    assert covered > 0.95 - 3 * np.sqrt(0.95 * 0.05 / 300)


@pytest.mark.parametrize(("percent", "count"), [(95, 72), (99, 1000)])
def test_a_percentile_of_too_few_requests_is_not_told(percent: int, count: int) -> None:
    """The largest of 72 lies above the 95th percentile often enough to bound it; a 99th wants a thousand."""
    assert figures.percentile([np.arange(count - 1.0)], percent) is None
    assert figures.percentile([np.arange(count / 2), np.arange(count / 2)], percent) is not None


def answers(ttft: list[float], late: float = 0.0) -> list[Answer]:
    """Requests a second apart that take `ttft` to the first of three pieces, a tenth of a second apart."""
    usage = {"prompt_tokens": 8, "completion_tokens": 3}
    return [
        Answer(place, place + late, Asked(8, 3), Reply([place + wait, place + wait + 0.1, place + wait + 0.2], usage))
        for place, wait in enumerate(ttft)
    ]


def finished(ttft: list[float], late: float = 0.0) -> dict[str, Any]:
    """The result of a load that went so, all of it measured."""
    outcome = Outcome(answers(ttft, late), [], [], 0.0, float(len(ttft)))
    return result.result(outcome, result.Dialect("/completions"), POINT)


def test_times_count_from_the_intended_start() -> None:
    """A client that sends 4 ms late adds them to nobody's credit."""
    found = finished([0.5] * 10, late=0.004)
    assert found["ttft_seconds"] == pytest.approx([0.5] * 10)
    assert found["lateness_seconds"] == pytest.approx([0.004] * 10)


def test_lateness_matters_from_a_tenth_of_the_median() -> None:
    """Half a second to the first token bears 50 ms."""
    assert keeping.on_time([finished([0.5] * 10, late=0.045)])[1] == []
    with pytest.raises(LoadError, match=r"client itself was late: 10 of 10 requests .* up to 55 ms"):
        keeping.on_time([finished([0.5] * 10, late=0.055)])
    with pytest.raises(LoadError, match="up to 42,300 ms"):
        keeping.on_time([finished([0.5] * 10, late=42.3)])


def test_one_late_request_in_a_hundred_is_left_out_and_told() -> None:
    """Of three repeats together: two of 200 in one of them are 2 in 240, and a third is too many."""
    runs = [finished([0.5] * 20) for _ in range(2)] + [finished([0.5] * 200)]
    for place in (3, 150):
        runs[2]["lateness_seconds"][place] = 0.2
    kept, (said,) = keeping.on_time(runs)
    assert [len(run["ttft_seconds"]) for run in kept] == [20, 20, 198]
    assert said == (
        "The client itself was late: 2 of 240 requests were sent more than 50 ms late, up to 200 ms; they are in no "
        "figure."
    )
    runs[0]["lateness_seconds"][0] = 0.2
    with pytest.raises(LoadError, match="3 of 240 requests"):
        keeping.on_time(runs)


def test_waits_that_fall_are_no_steady_state_either() -> None:
    """Then the server was still warming up, which is no overload."""
    found = finished(list(np.linspace(1, 0.5, 40)))
    assert found["why"].startswith("at 60 requests a minute, the time to first token went")


def test_figures_of_a_load_worked_by_hand() -> None:
    """Waits of half a second and two gaps of a tenth: TPOT 0.1 s, and the window cuts nobody off."""
    found = figures.estimates([finished([0.5] * 80)] * 3, POINT)
    expected = {
        **{"tokens_per_second": 3, "requests_per_second": 1, "littles_law_ratio": 1},
        **{"ttft_seconds": 0.5, "ttft_seconds_p50": 0.5, "ttft_seconds_p95": 0.5},
        **{"request_seconds_p50": 0.7, "request_seconds_p95": 0.7, "tpot_seconds": 0.1},
        **{"tpot_seconds_p50": 0.1, "tpot_seconds_p95": 0.1},
        **{"itl_seconds_p50": 0.1, "itl_seconds_p95": 0.1, "client_lateness_seconds_p99": 0},
    }
    assert {name: estimate.value for name, estimate in found.items()} == pytest.approx(expected)


def test_answers_in_step_are_counted_by_their_time() -> None:
    """Sixteen at a time, each in one piece after 0.2 s: 1,280 tokens a second, wherever the window ends by a hair."""
    usage = {"prompt_tokens": 8, "completion_tokens": 16}
    came = [
        Answer(wave * 0.2, wave * 0.2, Asked(8, 16), Reply([wave * 0.2 + 0.2] * 2, usage))
        for wave in range(8)
        for _ in range(16)
    ]
    point = {"concurrency": 16, "prompt_tokens": 8, "new_tokens": 16, "requests": 64}
    for end in (0.9999, 1.0001):
        outcome = Outcome(came, [], [], 0.2001, end)
        found = result.result(outcome, result.Dialect("/completions"), point)
        rates = found["window_tokens"] / found["window_seconds"], found["window_requests"] / found["window_seconds"]
        assert rates == pytest.approx((1280, 80), rel=0.01)


def test_a_request_that_failed_has_kept_no_limit() -> None:
    """Of 20 requests that were answered in time and one that was not answered, 20 of 21 are good."""
    point = {**POINT, "ttft_limit_milliseconds": 600}
    outcome = Outcome(answers([0.5] * 20), [], [(3.5, "HTTP 500"), (20.5, "HTTP 500")], 0.0, 20.0)
    found = result.result(outcome, result.Dialect("/completions"), point)
    assert found["failures"] == {"HTTP 500": 2}
    assert figures.estimates([found] * 3, point)["goodput_share"].value == pytest.approx(20 / 21)
    assert keeping.goodput(found, point) == pytest.approx(20 / 21)


@pytest.mark.parametrize(
    ("usage", "asked_tokens", "told", "untold"),
    [
        ({}, 12, "12 tokens were asked: if the server wrote those, rates of tokens are 4 times", "did not keep"),
        ({}, 3, "each streamed piece of text was taken for one", "rates of tokens are"),
        ({"completion_tokens": 1}, 3, "The server counts 0.33 tokens to a streamed piece", "rates of tokens are"),
        ({"completion_tokens": 4800}, 3, "answers have 4800 to 4800, 4,800 on average", "tokens to a streamed piece"),
    ],
)
def test_a_count_that_differs_from_what_was_seen_is_told(
    usage: dict[str, int], asked_tokens: int, told: str, untold: str
) -> None:
    """Three pieces each; nobody is accused of a length that nobody counted."""
    came = [
        Answer(one.intended, one.sent, Asked(8, asked_tokens), Reply(one.reply.piece_times, usage))
        for one in answers([0.5] * 10)
    ]
    outcome = Outcome(came, [], [], 0.0, 10.0)
    said = " ".join(result.notes(outcome, result.Dialect("/completions"), {**POINT, "new_tokens": asked_tokens}))
    assert told in said
    assert untold not in said


def test_every_metric_is_defined_with_its_unit() -> None:
    """The registry names each metric that a load reports."""
    found = figures.estimates([finished([0.5] * 400)] * 3, {**POINT, "ttft_limit_milliseconds": 1000})
    assert {name: estimate.unit for name, estimate in found.items()} == {name: METRICS[name].unit for name in found}


def test_a_case_is_read_back_as_it_was_written() -> None:
    """The record's own reader takes it, with what was left out and why."""
    case = figures.case(Case("load", POINT), [finished([0.5] * 20)] * 3)
    assert CaseResult.of(json.loads(json.dumps(case.to_json())), "case") == case
    assert case.extra["omitted"]["ttft_seconds_p95"].startswith(
        "60 requests, and at least 72 over all repeats are needed"
    )
    gaps = finished([0.5] * 20)["gaps"]
    needed = f"{gaps} gaps, and at least 1,000 in each repeat are needed"
    assert case.extra["omitted"]["itl_seconds_p99"] == needed


@pytest.mark.parametrize("pace", ["requests_per_minute", "concurrency"])
def test_a_closed_loop_says_that_it_shows_capacity_only(pace: str) -> None:
    """And an open one does not."""
    point = {pace: 60, "prompt_tokens": 8, "new_tokens": 3, "requests": 8}
    case = figures.case(Case("load", point), [finished([0.5] * 20)] * 3)
    assert (figures.CAPACITY_ONLY in case.extra["notes"]) is (pace == "concurrency")


def test_figures_that_contradict_each_other_are_marked() -> None:
    """Six per cent off Little's law is said, four are not; in open loop the window's edges are all that it may be."""
    run = finished([0.5] * 20)
    off, near = (figures.estimates([{**run, "littles_law": [ratio, 1.0]}] * 3, POINT) for ratio in (1.06, 1.04))
    (opened,), (closed,) = (figures.warnings(off, point) for point in (POINT, {"concurrency": 4}))
    assert closed.startswith("Little's law is off by +6%: times and throughput do not fit together")
    assert opened.startswith("Little's law is off by +6%: more or fewer requests were open as the measured time ended")
    assert figures.warnings(near, POINT) == []


def test_a_demand_that_moves_is_not_mended_by_more_requests() -> None:
    """The law then fails at the edges of the window whatever its length, and the times are of that demand."""
    off = figures.estimates([{**finished([0.5] * 20), "littles_law": [0.81, 1.0]}] * 3, POINT)
    for moving in ({"arrivals": "day.csv"}, {"requests_per_minute": 60, "burstiness_percent": 300}):
        (said,) = figures.warnings(off, {**POINT, **moving})
        assert "since the demand moves" in said
        assert "measure more requests" not in said


def test_figures_that_cannot_both_be_right_are_none() -> None:
    """Forty per cent off Little's law is no case for a plan; nineteen are left with their warning."""
    off, near = ({**finished([0.5] * 20), "littles_law": [ratio, 1.0]} for ratio in (0.6, 1.19))
    failed = figures.case(Case("load", POINT), [off] * 3)
    assert (failed.status, failed.metrics) == ("failed", {})
    assert (failed.why or "").startswith("Little's law is off by -40%, and 20% is the most")
    assert figures.case(Case("load", POINT), [near] * 3).ok


def test_a_share_without_an_exception_is_not_certain() -> None:
    """Of 60 requests that all kept the limits Wilson still leaves 6 % to chance."""
    share = figures.estimates([finished([0.5] * 20)] * 3, {**POINT, "ttft_limit_milliseconds": 600})["goodput_share"]
    assert (share.value, share.high) == (1, 1)
    assert share.low == pytest.approx(60 / (60 + scipy.stats.norm.ppf(0.975) ** 2))
