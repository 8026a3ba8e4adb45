"""Prompt or fine-tune: two bills, and the number of requests at which they are equal."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from profiling.errors import RecordError
from profiling.results import choice
from profiling.results.choice import Terms, Way
from profiling.results.costs import Priced
from profiling.results.record import CaseResult, Estimate, Record

HOURLY = Terms(Priced.given(3600.0))  # a second costs 1


def exact(value: float, unit: str = "s") -> Estimate:
    """A figure without spread."""
    return Estimate(value, value, value, 0.95, unit, 5)


def way(name: str, request_seconds: float, training_seconds: float = 0.0, labels: int = 0) -> Way:
    """A way that was measured without spread."""
    return Way(name, name, exact(0.9, "1"), labels, exact(request_seconds), 100.0, training_seconds)


def test_training_pays_where_what_it_saves_has_paid_for_it() -> None:
    """600 s of training serve 12 months: 50 a month, and each request saves 0.05 s of 1 each."""
    assert choice.pays_from(way("trained", 0.05, 600.0), way("prompted", 0.1), HOURLY) == pytest.approx(1000)


def test_labels_are_paid_once_like_the_training() -> None:
    """400 labels at half a dollar are 200 more, for those that are shown in a prompt, too."""
    terms = Terms(HOURLY.price, label_price=0.5)
    trained, prompted = way("trained", 0.05, 600.0, labels=400), way("prompted", 0.1, labels=16)
    assert choice.pays_from(trained, prompted, terms) == pytest.approx((600 + 200 - 8) / 12 / 0.05)


def test_training_never_pays_where_its_requests_cost_as_much() -> None:
    """Nothing is saved that could pay for it."""
    assert choice.pays_from(way("trained", 0.1, 600.0), way("prompted", 0.1), HOURLY) == math.inf


@given(
    cheap=st.floats(1e-6, 1.0),
    dear=st.floats(1e-6, 1.0),
    training=st.floats(1.0, 1e6),
    months=st.floats(0.5, 60),
)
def test_at_that_number_of_requests_both_bills_are_equal(
    cheap: float, dear: float, training: float, months: float
) -> None:
    """Below it prompting is the cheaper one, and above it training is."""
    terms = Terms(HOURLY.price, months=months)
    trained, prompted = way("trained", cheap, training), way("prompted", dear)
    requests = choice.pays_from(trained, prompted, terms)

    def bill(one: Way, count: float) -> float:
        return one.monthly_cost(terms) + count * one.request_cost(terms)

    if math.isfinite(requests):
        assert bill(trained, requests) == pytest.approx(bill(prompted, requests))
        assert bill(trained, 2 * requests) < bill(prompted, 2 * requests)
    else:
        assert bill(trained, 1e12) >= bill(prompted, 1e12)


def measured(kind: str, point: dict[str, Any], extra: dict[str, Any], **metrics: Estimate) -> CaseResult:
    """One finished case."""
    return CaseResult(kind, point, "ok", None, metrics, {}, None, None, {}, extra)


PROMPTED = measured(
    "prompt",
    {"batch": 4, "tokens": 32, "examples": 8},
    {"labels": 32},
    held_out_accuracy=exact(0.7, "1"),
    request_seconds=exact(0.1),
    request_tokens=exact(400.0, "token"),
)
LEARNED = measured(
    "learn",
    {"method": "lora", "batch": 16, "tokens": 32, "steps": 100},
    {"labels": 1600, "seconds": [500.0, 700.0]},
    held_out_accuracy=exact(0.9, "1"),
)
SERVED = measured("classify", {"batch": 4, "tokens": 32}, {}, requests_per_second=exact(20.0, "request/s"))


def of(*cases: CaseResult) -> Record:
    """A record of these cases."""
    device = {"kind": "cpu", "name": "a CPU", "count": 1}
    return Record("run-1", "2026-11-27T00:00:00Z", "ways", {"model": {"path": "x"}}, device, {}, {}, (), cases)


def test_a_record_gives_its_ways_side_by_side() -> None:
    """The trained model answers as the record's classifying case did, without examples in its prompt."""
    record = of(PROMPTED, LEARNED, SERVED)
    prompted, trained = choice.ways(record)
    assert (prompted.labels, prompted.request_tokens) == (32, 400)
    assert (trained.labels, trained.request_tokens, trained.request_seconds.value) == (1600, 32, 0.05)
    assert trained.training_seconds == 600
    text = choice.text(record, [prompted, trained], HOURLY)
    assert "'trained: lora' costs less from 1,000 requests a month" in text
    assert "with 20.0 points more right" in text


@pytest.mark.parametrize(
    "damaged",
    [
        replace(PROMPTED, metrics={"request_seconds": exact(0.1)}),
        replace(PROMPTED, point={"batch": 4, "tokens": 32}),
        replace(LEARNED, extra={}),
        replace(LEARNED, point={"batch": 4}),
    ],
)
def test_a_case_that_lacks_a_figure_is_named(damaged: CaseResult) -> None:
    """As one does whose figure was not finite; the other ways are compared without it."""
    record = of(PROMPTED, LEARNED, SERVED, damaged)
    assert len(choice.ways(record)) == 2
    assert choice.left_out(record) == [f"{damaged.where}: its figures are not all there"]


def test_one_way_alone_is_no_choice() -> None:
    """The sentence says what else to measure."""
    with pytest.raises(RecordError, match="measured; measure cases to prompt, learn and classify"):
        choice.ways(of(PROMPTED, SERVED))


def test_a_case_that_was_measured_in_vain_is_told() -> None:
    """Without its rate nobody knows what a request to the trained model costs."""
    noisy = replace(SERVED, status="too_noisy", why="other processes took 98% of the cores")
    with pytest.raises(RecordError, match=r"classify, batch 4, tokens 32: other processes took 98% of the cores"):
        choice.ways(of(PROMPTED, LEARNED, noisy))
    record = of(PROMPTED, replace(PROMPTED, point={**PROMPTED.point, "examples": 0}), LEARNED, noisy)
    found = choice.ways(record)
    assert len(found) == 2
    assert choice.text(record, found, HOURLY).splitlines()[-2:] == [
        "Left out: classify, batch 4, tokens 32: other processes took 98% of the cores.",
        f"Left out: {LEARNED.where}: no case to classify tells what a request to it costs.",
    ]
