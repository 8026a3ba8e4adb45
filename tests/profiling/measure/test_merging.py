"""Parts of a sweep, and one workload on several hosts, become one record that says how far the hosts differ."""

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from played import Played

from profiling.errors import RecordError
from profiling.files import write_atomic
from profiling.measure import merging
from profiling.results import intervals, report
from profiling.results.record import CaseResult, Estimate, Record
from profiling.runs import jobs, processes
from profiling.runs.job import Job
from profiling.worker.worker import Worker
from profiling.workload import sweep
from profiling.workload.sweep import Axis, Part
from profiling.workload.workload import Workload

Measure = Callable[..., Record]


@pytest.fixture
def swept(classifier: Workload) -> Workload:
    """Seven cases: a training and a classifying one at three batches, and one more."""
    made = sweep.expand(classifier, [Axis("batch", (1, 2, 4))])
    return replace(made, cases=(*made.cases, *sweep.expand(classifier, [Axis("batch", (8,))]).cases[:1]))


@pytest.fixture
def measure(
    swept: Workload, examined: dict[str, Any], measured: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> Measure:
    """Runs a part of the sweep as a worker does, on a host of that name whose repeats take so many seconds."""

    def run(part: str | None = None, host: str = "here", seconds: float = 1.0, **device: Any) -> Record:
        monkeypatch.setattr(processes, "host", lambda: host)
        asked = Part.parse(part) if part else None
        job = Job(jobs.default_root() / f"run-{(part or 'all').replace('/', 'of')}-{host}-{seconds:g}")
        job.folder.mkdir(parents=True)
        request = {"id": job.id, "created": "2026-11-22T00:00:00Z", "wait": True}
        request |= {"workload": (asked.cut(swept) if asked else swept).to_json()}
        request |= {"part": asked.to_json(swept)} if asked else {}
        write_atomic(job.folder / "request.json", json.dumps(request))
        look = {**examined, "device": {**examined["device"], **device}}
        assert Worker(job, Played(look, {**measured, "seconds": seconds})).run() == 0
        return job.record()

    return run


def points(record: Record) -> list[str]:
    return [case.where for case in record.cases]


def test_a_process_beside_two_parts_of_one_host_is_told_once(measure: Measure) -> None:
    """Another host may have another process of the same number, and where one host cannot tell, nobody can."""
    beside = {"pid": 7, "name": "python"}
    parts = [replace(measure(f"{number}/3", host=host), others=(beside,)) for number, host in enumerate("aab", 1)]
    assert merging.merged(parts).others == (beside, beside)
    assert merging.merged([*parts[:2], replace(parts[2], others=None)]).others is None


def test_the_parts_of_a_sweep_make_the_record_of_the_whole(measure: Measure) -> None:
    """With the same cases in the same order, each as its host measured it, under the hash of the whole."""
    whole = measure()
    found = merging.merged([measure("3/3"), measure("1/3", host="there"), measure("2/3")])
    assert points(found) == points(whole)
    assert [case.metrics for case in found.cases] == [case.metrics for case in whole.cases]
    assert found.workload["cases"] == whole.workload["cases"]
    assert found.workload["hash"] == whole.workload["hash"]
    assert found.extra["parts"] == {"of": 3, "missing": []}
    assert {one["host"]: one["cases"] for one in found.extra["hosts"]} == {"here": 4, "there": 3}
    assert Record.parse(json.loads(json.dumps(found.to_json())), "merged") == found


def test_a_lost_part_costs_that_part(measure: Measure) -> None:
    """The others keep their order, and the report names the one that is missing."""
    whole = measure()
    found = merging.merged([measure("1/3"), measure("3/3", host="there")])
    assert points(found) == [where for place, where in enumerate(points(whole)) if place % 3 != 1]
    assert "part 2 of 3 is missing, with all of its cases" in report.text(found)


def test_a_part_of_more_than_there_can_be_is_refused(measure: Measure) -> None:
    """Counting those that lack would take all of the memory."""
    one = measure("1/3")
    strange = replace(one, extra={**one.extra, "part": {**one.extra["part"], "of": 10**9}})
    with pytest.raises(RecordError, match="is one of 1,000,000,000 parts, more than a workload has cases"):
        merging.merged([strange])


def test_cases_that_a_part_did_not_reach_are_cancelled(measure: Measure) -> None:
    """A host that was taken away in the middle of its part."""
    cut = measure("1/3")
    found = merging.merged([replace(cut, cases=cut.cases[:1]), measure("2/3"), measure("3/3")])
    assert [case.status for case in found.cases] == ["ok", "ok", "ok", "cancelled", "ok", "ok", "cancelled"]


@given(cases=st.integers(1, 40), of=st.integers(1, 40))
def test_parts_share_out_every_case_evenly(cases: int, of: int) -> None:
    """None is in two parts, and no part has two more than another."""
    plain = {"name": "w", "effort": {"repeats": 3, "warmup_steps": 1, "warmup_seconds": 0, "steps": 8, "seconds": 0}}
    plain |= {"model": {"config": {"model_type": "bert"}}}
    point = [{"kind": "classify", "point": {"batch": batch + 1, "tokens": 8}} for batch in range(cases)]
    whole = Workload.parse({**plain, "cases": point}, "w")
    if of > cases:
        with pytest.raises(sweep.WorkloadError, match=f"ask for {cases} parts? at most"):
            Part(1, of).cut(whole)
        return
    found = [Part(number, of).cut(whole).cases for number in range(1, of + 1)]
    assert sorted(case.point["batch"] for part in found for case in part) == list(range(1, cases + 1))
    assert max(map(len, found)) - min(map(len, found)) <= 1


@pytest.mark.parametrize("text", ["2", "0/4", "5/4", "a/b", "2/4/8", "-1/4", "1/1001", "²/4"])
def test_what_is_no_part_is_refused(text: str) -> None:
    """The sentence shows how one is written."""
    with pytest.raises(sweep.WorkloadError, match="write it as 2/4"):
        Part.parse(text)


def test_two_hosts_of_one_case_are_two_observations(measure: Measure) -> None:
    """Each with its own speed: the interval is that over the hosts, and the spread between them is told apart."""
    slow, fast = measure(host="a", seconds=1.02), measure(host="b", seconds=0.98)
    found = merging.merged([slow, fast]).cases[0]
    rates = [10 / 1.02, 10 / 0.98]
    interval = scipy.stats.t.interval(0.95, 1, np.mean(rates), scipy.stats.sem(rates))
    told = found.metrics["training_examples_per_second"]
    assert (told.value, told.low, told.high, told.runs) == pytest.approx((np.mean(rates), *interval, 2))
    assert found.extra["hosts"] == ["a", "b"]
    assert found.extra["spread"]["between_hosts"] == pytest.approx(np.std(rates, ddof=1) / np.mean(rates))
    assert found.extra["spread"]["between_repeats"] == 0
    assert len(found.samples["step_seconds"]) == 6
    words = (
        "over 2 hosts, training_tokens_per_second has standard deviations of 2.8% between hosts, 0.0% between repeats"
    )
    assert words in report.text(merging.merged([slow, fast]))


def test_hosts_that_differ_too_much_reach_no_plan(measure: Measure) -> None:
    """Two hosts of which one is twice as fast say nothing about a third."""
    found = merging.merged([measure(host="a", seconds=2.0), measure(host="b", seconds=1.0)]).cases[0]
    assert (found.status, found.ok) == ("too_noisy", False)
    assert "measure it on more of them" in (found.why or "")


def test_a_host_that_failed_takes_nothing_from_one_that_did_not(measure: Measure) -> None:
    """The case is that of the host that measured it."""
    one, other = measure(host="a"), measure(host="b", seconds=1.1)
    lost = replace(one, cases=(replace(one.cases[0], status="failed", why="lost", metrics={}), *one.cases[1:]))
    found = merging.merged([lost, other]).cases[0]
    assert (found.metrics, found.extra["hosts"]) == (other.cases[0].metrics, ["b"])


def test_what_does_not_belong_together_is_refused(measure: Measure) -> None:
    """Each with the record that is in the way, and what to do."""
    first, second = measure("1/3"), measure("2/3")
    of_another = replace(second, extra={**second.extra, "part": {**second.extra["part"], "whole": "another"}})
    for records, words in (
        ([first, first], "given twice"),
        ([first, of_another], "another workload"),
        ([first, measure("2/4")], "another number of parts"),
        ([first, measure("1/3", seconds=1.1)], "measured in two runs of host here"),
        ([first, measure("3/3", host="big", cores=64)], "unlike that of .*: cores is 2 and 64"),
        ([merging.merged([first, second]), measure("3/3")], "is merged already"),
        ([replace(first, extra={"part": first.extra["part"]})], "does not tell its host"),
        ([replace(first, ceiling={"x": Estimate(1.0, 1.0, 1.0, 0.95, "s", 1)})], "a figure of one repeat"),
    ):
        with pytest.raises(RecordError, match=words):
            merging.merged(records)


def test_equal_computers_may_differ_a_little_in_memory_and_kernel(measure: Measure) -> None:
    """Their systems leave over some more or less of it."""
    first = measure("1/3")
    other = measure("2/3", host="there", memory_capacity_bytes=2**30 - 5_000_000)
    other = replace(other, software={**other.software, "platform": "another kernel"})
    assert len(merging.merged([first, other]).cases) == 5


def an_estimate(values: Sequence[float]) -> Estimate:
    return intervals.ratio(values, [1.0] * len(values), "request/s")


def test_hosts_that_agree_by_chance_are_no_surer_than_their_repeats() -> None:
    """Equal means: the interval is that of the repeats, pooled over the hosts with 2·(5 - 1) degrees of freedom."""
    values = [98.0, 99.0, 100.0, 101.0, 102.0]
    found = merging.over_hosts("requests_per_second", [an_estimate(values), an_estimate(values)])
    half = float(scipy.stats.t.ppf(0.975, 8)) * math.sqrt(np.var(values, ddof=1) / 10)
    assert (found.low, found.value, found.high) == pytest.approx((100 - half, 100, 100 + half))


@pytest.mark.parametrize("between", [0.0, 0.01, 0.05])
def test_an_interval_over_hosts_covers_as_often_as_it_says(between: float) -> None:
    """95 % of 600 made experiments or more, with three hosts of five repeats that spread by 2 % each."""
    draw, covered = np.random.default_rng(4), 0
    for _ in range(600):
        runs = draw.normal(100 * draw.normal(1, between, (3, 1)), 2.0, (3, 5))
        found = merging.over_hosts("requests_per_second", [an_estimate(list(host)) for host in runs])
        covered += found.low <= 100 <= found.high
    assert covered / 600 >= 0.95 - 2 * math.sqrt(0.95 * 0.05 / 600)


def test_the_three_spreads_are_told_apart() -> None:
    """Of 200 hosts that differ by 5 %, with repeats that differ by 3 %, a quarter of whose variance is within."""
    draw = np.random.default_rng(9)
    hosts = draw.normal(100 * draw.normal(1, 0.05, (200, 1)), 3.0, (200, 6))
    cases = [
        CaseResult(
            *("classify", {"batch": 1}, "ok", None, {"requests_per_second": an_estimate(list(host))}),
            *({}, None, None, {}, {"within_share": 0.25, "stopped": "repeats asked"}),
        )
        for host in hosts
    ]
    found = merging._spread(cases)["spread"]
    assert found["between_hosts"] == pytest.approx(0.05, rel=0.15)
    assert found["between_repeats"] == pytest.approx(0.03 * math.sqrt(0.75), rel=0.05)
    assert found["within_repeats"] == pytest.approx(0.03 * math.sqrt(0.25), rel=0.05)
