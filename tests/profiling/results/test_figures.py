"""A record's figures show what it measured, and say it in a sentence made from the same points."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from profiling.measure import metrics, summary
from profiling.results import costs, figures, html_report, record, report
from profiling.results.costs import Priced
from profiling.results.record import CaseResult, Estimate, Record
from profiling.workload.kinds.work import Ceiling
from profiling.workload.workload import Case, Workload

SHIPPED = next((Path(__file__).parents[3] / "scenarios" / "measurements").glob("*.json"))
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


def test_no_point_lies_above_the_roof_by_more_than_its_work_allows(measured_record: Record) -> None:
    """The roof is bandwidth x intensity up to the ridge, and the matrix product's ceiling after it."""
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
    shipped = record.load(SHIPPED)
    case = next(case for case in shipped.cases if case.kind == "train")
    found = costs.per_run(case, shipped, PRICE)
    tokens = shipped.workload["epoch_examples"] * case.point["tokens"]
    seconds = tokens / case.metrics["training_tokens_per_second"].value
    assert found.value == pytest.approx(0.001 * seconds * case.metrics["step_to_run_factor"].value)


def test_the_file_for_a_browser_needs_no_network(measured_record: Record) -> None:
    """It loads nothing, and every sentence stands in it beside its figure."""
    page = html_report.html(measured_record, PRICE)
    assert re.findall(r"<(?:script|link|img)[^>]+(?:src|href)=", page) == []
    assert all(str(figure.sentence).replace("'", "&#x27;") in page for figure in figures.of(measured_record, PRICE))


def test_a_strangers_record_cannot_write_into_the_page(measured_record: Record) -> None:
    """Names are text, never markup."""
    assert "<script>alert" not in html_report.html(replace(measured_record, preset="<script>alert(1)</script>"))


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
    found = costs.per_run(case, replace(record.load(SHIPPED), workload={"epoch_examples": 10_000}), PRICE)
    assert found.value == pytest.approx(dollars)


def test_the_data_sheet_stands_beside_the_measured_ceiling() -> None:
    """Of an H100 by the driver's own name; a CPU has none in the tables."""
    shipped = record.load(SHIPPED)
    known = replace(shipped, device={"kind": "cuda", "name": "NVIDIA H100 80GB HBM3", "count": 1})
    assert "data sheet of H100-SXM: 989 bf16 TFLOP/s, 3,350 GB/s, 700 W" in report.text(known)
    assert "data sheet" not in report.text(shipped)
