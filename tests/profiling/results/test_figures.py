"""A record's figures show what it measured, and say it in a sentence made from the same points."""

import re
from dataclasses import replace
from itertools import starmap
from typing import Any
from xml.etree import ElementTree

import pytest
from example import RECORD
from hypothesis import given
from hypothesis import strategies as st

from profiling.measure import metrics, summary
from profiling.results import costs, figures, html_report, record, report
from profiling.results.costs import Priced
from profiling.results.drawn import svg
from profiling.results.figures import Figure, Point, Sentence
from profiling.results.record import CaseResult, Estimate, Record
from profiling.workload.kinds.work import Ceiling
from profiling.workload.workload import Case, Workload

PRICE = Priced(3.6, "USD", "a list price", "2026-11-01")
CEILING = Ceiling({"float32": 1e9}, 1e8)


@pytest.fixture
def measured_record(generator: Workload, measured: dict[str, Any]) -> Record:
    """Two batches of generation, each made from the same three answers, beside ceilings that are known."""

    def case(plan: Case) -> CaseResult:
        setting = metrics.setting(generator, plan, CEILING, {"arithmetic": "float32", "weight_bytes": 4.0})
        return summary.case(plan, setting, [measured] * 3)

    known = {
        "float32_matmul_flops_per_second": Estimate(1e9, 1e9, 1e9, 0.95, "FLOP/s", 3),
        "copy_bytes_per_second": Estimate(1e8, 1e8, 1e8, 0.95, "B/s", 3),
    }
    device = {"kind": "cpu", "name": "Test", "memory_capacity_bytes": 4 * 2**30}
    cases = tuple(case(plan) for plan in generator.cases)
    return Record("id", "2026-11-22T00:00:00Z", "tiny", generator.to_json(), device, {}, known, None, cases)


def by_key(shown: Record, price: Priced | None = None) -> dict[str, figures.Figure]:
    return {figure.key: figure for figure in figures.of(shown, price)}


def test_each_figure_is_drawn_from_the_records_own_points(measured_record: Record) -> None:
    """Batch on the x axis, the metric with its interval on the y axis."""
    (points,) = by_key(measured_record)["throughput"].series.values()
    rates = [case.metrics["tokens_per_second"] for case in measured_record.cases]
    assert [(point.x, point.y, point.low, point.high) for point in points] == [
        (batch, rate.value, rate.low, rate.high) for batch, rate in zip((1, 2), rates, strict=True)
    ]


def test_the_sentence_names_the_best_point(measured_record: Record) -> None:
    """Twice the batch in the same time is twice the rate."""
    said = str(by_key(measured_record)["throughput"].sentence)
    assert said.startswith("The highest rate is 160")
    assert "at batch 2" in said


def test_the_roof_is_bandwidth_up_to_the_ridge_and_arithmetic_beyond(measured_record: Record) -> None:
    """Bandwidth x intensity up to the ridge, and the matrix product's ceiling after it."""
    roof = by_key(measured_record)["roofline"].limits["ceiling, float32"]
    assert {(round(x, 6), y) for x, y in roof} >= {(10.0, 1.0)}  # 1e9 FLOP/s over 1e8 B/s, in GFLOP/s
    assert all(y == pytest.approx(min(1.0, 0.1 * x)) for x, y in roof)


def test_a_batch_that_did_not_fit_stands_at_the_edge_of_memory(measured_record: Record) -> None:
    """And the sentence says which batch does."""
    (case, *_) = measured_record.cases
    beyond = replace(case, point={**case.point, "batch": 64}, status="out_of_memory", extra={"largest_batch": 48})
    found = by_key(replace(measured_record, cases=(*measured_record.cases, beyond)))["memory"]
    assert [(point.x, point.y) for point in found.missing] == [(64.0, 4.0)]
    assert "the largest batch that does is 48" in str(found.sentence)


def test_without_a_sensor_there_is_no_figure_of_energy(measured_record: Record) -> None:
    """Nothing is drawn at zero."""
    assert "energy" not in by_key(measured_record)


def test_cost_is_the_price_over_the_rate(measured_record: Record) -> None:
    """3.6 dollars an hour are a tenth of a cent a second; at 160 tokens a second a million cost 6.25 dollars."""
    case = measured_record.cases[1]
    found = costs.per_million_tokens(case, PRICE)
    assert found.value == pytest.approx(0.001 * 1e6 / case.metrics["tokens_per_second"].value)
    assert found.low == pytest.approx(0.001 * 1e6 / case.metrics["tokens_per_second"].high)


def test_a_run_costs_its_epoch_with_what_comes_beside_its_steps() -> None:
    """The price of a second times the steps of an epoch, with evaluation and checkpoint."""
    shipped = record.load(RECORD)
    case = next(case for case in shipped.cases if case.kind == "train")
    found = costs.per_run(case, shipped, PRICE)
    tokens = shipped.workload["epoch_examples"] * case.point["tokens"]
    seconds = tokens / case.metrics["training_tokens_per_second"].value
    assert found.value == pytest.approx(0.001 * seconds * case.metrics["step_to_run_factor"].value)


def load_case(per_minute: int, rate: float, first: float, token: float, **point: int) -> CaseResult:
    """A load at a rate of requests, and what it took: tokens a second, seconds to the first token and for each more."""
    figures = {"tokens_per_second": (rate, "token/s"), "ttft_seconds_p95": (first, "s"), "tpot_seconds": (token, "s")}
    metrics = {name: Estimate(value, value, value, 0.95, unit, 3) for name, (value, unit) in figures.items()}
    place = {"prompt_tokens": 256, "new_tokens": 64, "requests": 100 + per_minute, "requests_per_minute": per_minute}
    return CaseResult("load", {**place, **point}, "ok", None, metrics, {}, None, None, {})


LIMITS = {"ttft_limit_milliseconds": 1000, "tpot_limit_milliseconds": 50}
LOADS = ((30, 20.0, 0.2, 0.02), (60, 40.0, 0.3, 0.03), (120, 70.0, 0.9, 0.06), (240, 90.0, 4.0, 0.08))


def server(*cases: CaseResult) -> Record:
    device = {"kind": "server", "name": "H100", "count": 1}
    return Record("id", "2026-11-27T00:00:00Z", "served", {"model": {}}, device, {}, {}, None, cases)


def test_a_load_is_drawn_over_what_was_asked_with_its_limits() -> None:
    """Throughput, and both waits below the two limits; how many requests were counted makes no series of its own."""
    shown = by_key(server(*(load_case(*row, **LIMITS) for row in LOADS)))
    assert set(shown) == {"loaded-requests_per_minute", "waiting-requests_per_minute"}
    (points,) = shown["loaded-requests_per_minute"].series.values()
    assert [(point.x, point.y) for point in points] == [(30, 20.0), (60, 40.0), (120, 70.0), (240, 90.0)]
    waits = shown["waiting-requests_per_minute"]
    assert list(waits.series) == ["first token (P95)", "each further token (mean)"]
    assert waits.limits == {
        "limit on first token: 1 s": ((30.0, 1.0), (240.0, 1.0)),
        "limit on each further token: 0.05 s": ((30.0, 0.05), (240.0, 0.05)),
    }


@pytest.mark.parametrize(
    ("limits", "says"),
    [
        # At 120 a minute the first token comes in time, and the others take 60 ms where 50 are allowed.
        pytest.param(LIMITS, "Every limit is kept up to 60 requests a minute; at 240 req", id="until a limit breaks"),
        pytest.param({"ttft_limit_milliseconds": 100}, "No measured load keeps every limit; at 30 req", id="never"),
        pytest.param(
            {"ttft_limit_milliseconds": 9000}, "Every limit is kept at every load measured; at 240", id="always"
        ),
        pytest.param({}, "At 240 requests a minute, the highest load", id="without a limit"),
    ],
)
def test_the_sentence_says_up_to_which_load_the_limits_are_kept(limits: dict[str, int], says: str) -> None:
    """Loads beyond a broken limit do not count."""
    shown = by_key(server(*(load_case(*row, **limits) for row in LOADS)))
    assert str(shown["waiting-requests_per_minute"].sentence).startswith(says)


@pytest.mark.parametrize(
    ("limits", "says"),
    [
        # 3.60 an hour is a thousandth a second: at 40 token/s a million take 25,000 s.
        (
            LIMITS,
            "Within the limits, a million tokens cost least, 25 ± 0 USD, 95 %, 3 runs, in load at 60 requests a minute",
        ),
        ({"ttft_limit_milliseconds": 100}, "No load keeps every limit; at best, a million tokens cost 11 ± 0 USD"),
        ({}, "A million tokens cost least, 11 ± 0 USD"),
    ],
)
def test_a_million_tokens_under_load_cost_the_time_of_the_device(limits: dict[str, int], says: str) -> None:
    """Cheapest at the highest rate, which counts only where the limits are kept."""
    found = by_key(server(*(load_case(*row, **limits) for row in LOADS)), Priced.given(3.6))
    costs = found["cost-requests_per_minute"]
    (points,) = costs.series.values()
    assert [point.y for point in points] == pytest.approx([50, 25, 1000 / 70, 1000 / 90])
    assert str(costs.sentence).startswith(says)
    assert "at 3.6 USD an hour" in str(costs.sentence)


def test_every_device_of_a_server_is_paid() -> None:
    """Two devices at 3.60 an hour take two thousandths a second."""
    one = load_case(*LOADS[0])
    two = server(replace(one, extra={"devices": 2}))
    costs = by_key(replace(two, device={**two.device, "count": 2}), Priced.given(3.6))["cost-requests_per_minute"]
    assert [point.y for points in costs.series.values() for point in points] == pytest.approx([100])
    assert "at 2 × 3.6 USD" in str(costs.sentence)


def test_a_load_without_an_axis_has_its_cost_in_a_list() -> None:
    """Recorded arrivals have no single rate; what stood in no figure, and why, is told too."""
    replayed = load_case(*LOADS[0])
    point = {"arrivals": "trace.csv", "requests": 100}
    drifted = CaseResult("load", {"requests_per_minute": 9}, "no_steady_state", "it rose", {}, {}, None, None, {})
    found = server(replace(replayed, point=point), drifted)
    priced = figures.tokens_priced(found, Priced.given(3.6))
    assert [cost.value for cost in priced.values()] == pytest.approx([50])
    page = html_report.html(found, Priced.given(3.6))
    assert "A million tokens, at 3.6 USD an hour" in page
    assert "<li>load, requests_per_minute 9: no steady state; it rose</li>" in page


def test_an_interval_ends_at_the_roof(measured_record: Record) -> None:
    """Seconds that may be 0 are no infinite rate."""
    (case, *_) = measured_record.cases
    metrics = {name: replace(one, low=0.0) if one.unit == "s" else one for name, one in case.metrics.items()}
    found = by_key(replace(measured_record, cases=(replace(case, metrics=metrics),)))["roofline"]
    for point in (point for points in found.series.values() for point in points):
        assert point.high == pytest.approx(max(point.y, min(1.0, 0.1 * point.x)))


@pytest.mark.parametrize("value", [0.0, 5e-324, 1e30])
def test_seconds_that_no_device_takes_are_shown(measured_record: Record, value: float) -> None:
    """A stranger's record may hold them, and is reported as it is."""
    (case, *more) = measured_record.cases
    metrics = {name: replace(one, value=value, low=value, high=value) for name, one in case.metrics.items()}
    ceiling = {name: replace(one, value=value, low=value, high=value) for name, one in measured_record.ceiling.items()}
    for known in (measured_record.ceiling, ceiling):
        strange = replace(measured_record, cases=(replace(case, metrics=metrics), *more), ceiling=known)
        page = html_report.html(Record.parse(strange.to_json(), "stranger"), Priced.given(2.0))
        assert "ttft_seconds: Time to first token" in page


def test_points_at_one_place_are_said_and_not_drawn(measured_record: Record) -> None:
    """A record of two batches has charts with their tables, one of a single batch a sentence, or a table of methods."""
    single = replace(measured_record, cases=measured_record.cases[:1], ceiling={})
    for shown, charts, tables in ((measured_record, 4, 4), (single, 0, 1), (server(*starmap(load_case, LOADS)), 2, 2)):
        page = html_report.html(shown)
        assert (page.count("<figure>"), page.count("<table>")) == (charts, tables)


def test_the_file_is_small_and_well_formed(measured_record: Record) -> None:
    """Well below a tenth of a megabyte, and each drawing is XML with a mark for each point."""
    page = html_report.html(server(*(load_case(*row, **LIMITS) for row in LOADS)), PRICE)
    assert len(page.encode()) < 100_000
    for drawing, series in zip(re.findall(rf'<svg viewBox="0 0 {svg.WIDTH}.*?</svg>', page), (1, 1, 2), strict=True):
        assert len(ElementTree.fromstring(drawing).findall("path")) == 4 * series


@given(
    st.lists(st.floats(1e-9, 1e12), min_size=2, max_size=5, unique=True),
    st.lists(st.floats(1e-9, 1e12), min_size=5, max_size=5),
    st.floats(0, 1e6),
    st.booleans(),
)
def test_every_point_is_drawn_inside_of_the_axes(xs: list[float], ys: list[float], width: float, log: bool) -> None:
    """Whatever the numbers and however wide the intervals."""
    points = tuple(Point(x, y, max(0.0, y - width), y + width, "p") for x, y in zip(xs, ys, strict=False))
    drawn = svg.draw(Figure("k", "t", "x", "y", {"s": points}, Sentence("said"), log_x=log, log_y=log))
    places = re.findall(r"translate\(([\d.]+) ([\d.]+)\)", drawn)
    assert len(places) == len(points)
    assert all(svg.LEFT <= float(x) <= svg.WIDTH and 0 <= float(y) <= svg.HEIGHT - svg.BOTTOM for x, y in places)


@pytest.mark.parametrize(
    ("axis", "ticks"),
    [
        (svg.Axis(0, 105, False, 0, 1), [0, 20, 40, 60, 80, 100]),
        (svg.Axis(0, 0.35, False, 0, 1), [0, 0.1, 0.2, 0.3]),
        (svg.Axis(0.9, 120, True, 0, 1), [1, 2, 5, 10, 20, 50, 100]),
        (svg.Axis(0.5, 2e6, True, 0, 1), [1, 10, 100, 1e3, 1e4, 1e5, 1e6]),
    ],
)
def test_numbers_at_an_axis_are_round(axis: svg.Axis, ticks: list[float]) -> None:
    """Multiples of 1, 2 or 5 times a power of ten; over many decades, the powers alone."""
    assert axis.ticks() == pytest.approx(ticks)


def test_the_file_for_a_browser_needs_no_network(measured_record: Record) -> None:
    """It loads nothing, and every sentence stands in it beside its figure."""
    page = html_report.html(measured_record, PRICE)
    assert re.findall(r"<(?:script|link|img)[^>]+(?:src|href)=", page) == []
    assert all(str(figure.sentence).replace("'", "&#x27;") in page for figure in figures.of(measured_record, PRICE))


def test_a_strangers_record_cannot_write_into_the_page(measured_record: Record) -> None:
    """Names are text, never markup."""
    page = html_report.html(replace(measured_record, preset="<script>alert(1)</script>"))
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page


@pytest.mark.parametrize(
    ("rate", "factor", "point", "extra", "dollars"),
    [
        # Eight devices at 3.6 dollars an hour train 10,000 examples in 12.5 seconds: 10 cents.
        pytest.param(800, 1, {}, {"devices": 8}, 8 * 0.001 * 12.5, id="several devices"),
        # The case's own number of examples, over which its factor was spread.
        pytest.param(100, 6, {"epoch_examples": 1_000}, {}, 0.06, id="a swept epoch"),
    ],
)
def test_a_run_is_priced_by_its_own_devices_and_epoch(
    rate: float, factor: float, point: dict[str, int], extra: dict[str, int], dollars: float
) -> None:
    """Several devices cost as many times as much, and a swept epoch replaces the workload's 10,000 examples."""
    figures = {"training_examples_per_second": (rate, "example/s"), "step_to_run_factor": (factor, "1")}
    metrics = {name: Estimate(value, value, value, 0.95, unit, 3) for name, (value, unit) in figures.items()}
    case = CaseResult("train", {"batch": 1, **point}, "ok", None, metrics, {}, None, None, {}, extra)
    found = costs.per_run(case, replace(record.load(RECORD), workload={"epoch_examples": 10_000}), PRICE)
    assert found.value == pytest.approx(dollars)


def test_the_data_sheet_stands_beside_the_measured_ceiling() -> None:
    """Of an H100 by the driver's own name; a CPU has none in the tables."""
    shipped = record.load(RECORD)
    known = replace(shipped, device={"kind": "cuda", "name": "NVIDIA H100 80GB HBM3", "count": 1})
    assert "data sheet of H100-SXM: 989 bf16 TFLOP/s, 3,350 GB/s, 700 W" in report.text(known)
    assert "data sheet" not in report.text(shipped)
