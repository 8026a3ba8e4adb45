"""Figures of a record follow from its own samples, and one that does not is found."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from played import Played

from profiling.results import intervals, record
from profiling.results.recomputed import Recomputed, recomputed
from profiling.results.record import CaseResult, Record
from profiling.runs.job import Job
from profiling.worker.worker import Worker

SHIPPED = sorted((Path(__file__).parents[3] / "scenarios" / "measurements").glob("*.json"))
# What each kind of case can be held to, as far as its record has it; a course has no steps to check it by.
CHECKED = {
    "learn": set(),
    "prompt": set(),
    "train": {"step_seconds", "training_examples_per_second", "training_tokens_per_second"},
    "classify": {"requests_per_second", "batch_seconds", "tokens_per_second"},
    "generate": {
        *("tpot_seconds", "decode_tokens_per_second", "tokens_per_second"),
        *("requests_per_second", "prefill_tokens_per_second"),
    },
}


def finished(case: CaseResult) -> bool:
    """Return whether a scenario may read the case."""
    return case.ok


def doubted(case: CaseResult, of: Record) -> list[str]:
    """Return the metrics of one case that its samples contradict."""
    return [one.metric for one in recomputed(replace(of, cases=(case,))) if not one.agrees]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_record_that_ships_agrees_with_its_samples(path: Path):
    """Rates, times and their intervals; what no sample tells is listed as such."""
    for case in filter(finished, record.load(path).cases):
        found = recomputed(replace(record.load(path), cases=(case,)))
        assert all(one.agrees for one in found)
        assert {one.metric for one in found if one.found is not None} == CHECKED[case.kind] & {*case.metrics}


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_rate_that_was_raised_is_found(path: Path):
    """A twentieth more, with its interval moved along, is not what the samples give."""
    of = record.load(path)
    for case in filter(finished, of.cases):
        for name in CHECKED[case.kind] & {*case.metrics}:
            one = case.metrics[name]
            more = replace(one, value=1.05 * one.value, low=1.05 * one.low, high=1.05 * one.high)
            assert name in doubted(replace(case, metrics={**case.metrics, name: more}), of)


def test_an_interval_that_was_narrowed_is_found():
    """The trials draw from it."""
    of = record.load(SHIPPED[0])
    case = next(one for one in of.cases if one.kind == "classify")
    one = case.metrics["tokens_per_second"]
    narrow = replace(one, low=one.value * 0.99, high=one.value * 1.01)
    assert doubted(replace(case, metrics={**case.metrics, "tokens_per_second": narrow}), of) == ["tokens_per_second"]


@pytest.mark.parametrize(
    "samples",
    [None, 7, [], [[1.0], []], [["x"], [1]], [[1e300], [1e300]], [[True], [1.0]], [[-1.0], [0.0]]],
)
def test_without_samples_nothing_is_claimed_to_be_checked(samples: object):
    """A record may have none, and a stranger's may have anything there."""
    of, samples = record.load(SHIPPED[0]), {"step_seconds": samples}
    found: list[Recomputed] = recomputed(replace(of, cases=tuple(replace(one, samples=samples) for one in of.cases)))
    assert found
    assert all(one.found is None and one.agrees for one in found)


def test_rates_of_texts_follow_from_those_that_each_repeat_drew():
    """Two rows of texts, of 30 tokens on average in one repeat and 40 in the other, and packed two to a row there."""
    of = record.load(SHIPPED[0])
    case = next(one for one in of.cases if one.kind == "train")
    steps, texts, lengths = [[1.0] * 8, [2.0] * 8], [2.0, 4.0], [30.0, 40.0]
    tokens = [8 * count * length for count, length in zip(texts, lengths, strict=True)]
    rates = {
        "training_examples_per_second": intervals.ratio([8 * count for count in texts], [8.0, 16.0], "example/s"),
        "training_tokens_per_second": intervals.ratio(tokens, [8.0, 16.0], "token/s"),
    }
    point = {**case.point, "batch": 2, "accumulation": 1}
    extra = {"row_examples": [1.0, 2.0], "example_tokens": lengths}
    made = replace(case, point=point, metrics=rates, samples={"step_seconds": steps}, extra=extra)
    assert [(one.metric, one.found, one.agrees) for one in recomputed(replace(of, cases=(made,)))] == [
        (name, pytest.approx(rate.value), True) for name, rate in rates.items()
    ]
    ragged = replace(made, extra={**extra, "row_examples": [1.0, 2.0, 1.0]})
    assert not doubted(ragged, of)


def test_more_samples_than_a_record_holds_are_kept_as_means(
    job: Job, examined: dict[str, Any], measured: dict[str, Any]
) -> None:
    """The record of a long run of short steps can be read, and its figures still follow from its samples."""
    steps = [round(second, 6) for second in np.random.default_rng(1).uniform(0.05, 0.15, 100_001)]
    long = {**measured, "count": len(steps), "seconds": sum(steps), "step_seconds": steps}
    assert Worker(job, Played(examined, long)).run() == 0
    found = record.load(job.folder / "record.json")
    assert [(case.status, case.extra["samples_each"]) for case in found.cases] == [("ok", 3)] * 2
    told = recomputed(found)
    assert all(one.agrees for one in told)
    assert {one.metric for one in told if one.found} >= {"step_seconds", "batch_seconds"}
