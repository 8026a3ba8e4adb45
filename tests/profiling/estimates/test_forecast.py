"""A forecast has the time and memory of a run from the evidence at hand, and says what is unknown."""

import itertools
import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import made_records as made
import numpy as np
import pytest

from profiling.estimates.before import ASSUMED_START, before
from profiling.load import arrivals
from profiling.results.record import write
from profiling.runs.jobs import Job, State
from profiling.workload.workload import Case, Effort, Workload

EFFORT = Effort(repeats=3, warmup_steps=2, warmup_seconds=1.0, steps=8, seconds=5.0)


def workload(config: dict[str, Any] = made.SIZES[1], **fields: Any) -> Workload:
    """Return a workload of one training case between the measured batches."""
    point = {"method": "full", "batch": 8, "tokens": 512}
    return Workload("next", {"config": config}, (Case("train", point),), EFFORT, **fields)


def left_behind(root: Path, wall_seconds: float = 300.0) -> None:
    """Write the folders of three finished runs, one for each size."""
    for one in made.record("train", made.TRAIN):
        job = Job(root / one.id)
        job.folder.mkdir(parents=True)
        request = {"id": one.id, "created": one.created, "wait": True, "workload": workload().to_json()}
        (job.folder / "request.json").write_text(json.dumps(request), encoding="utf-8")
        cases = tuple(replace(case, samples={"step_seconds": [[2.0] * 8] * 3}) for case in one.cases)
        write(job.folder / "record.json", replace(one, cases=cases))
        job.write_state(State("done", 1.0, "done", 1000.0, 1000.0 + wall_seconds, None, None))


def test_a_run_takes_its_repeats_of_warm_up_steps_and_start(tmp_path: Path):
    """Short steps take the least seconds; each repeat starts a process, and the ceiling is measured first."""
    forecast = before(workload(), tmp_path, made.record("train", made.TRAIN))
    (case,) = forecast.cases
    assert case.answer.seconds.value * EFFORT.steps < EFFORT.seconds
    assert forecast.seconds.value == pytest.approx(3 * (1.0 + 5.0) + 2 * 3 * ASSUMED_START.value)


def test_repeats_that_the_interval_may_ask_for_are_in_the_upper_bound(tmp_path: Path):
    """A case may take all of its time; what it takes at least stays the forecast."""
    records, effort = made.record("train", made.TRAIN), replace(EFFORT, repeats=5)
    counted, sequential = (
        before(replace(workload(), effort=replace(effort, half_width_percent=percent)), tmp_path, records)
        for percent in (0, 10)
    )
    assert sequential.seconds.value == counted.seconds.value
    assert sequential.cases[0].seconds.high == max(counted.cases[0].seconds.high, EFFORT.case_seconds)


def test_the_start_is_told_by_earlier_runs(tmp_path: Path):
    """A start is wall time less steps and warm-up, over the processes: (300 - 3·3·16 - 9) / 12 seconds."""
    left_behind(tmp_path)
    assert before(workload(), tmp_path).seconds.value == pytest.approx(18 + 6 * (300 - 144 - 9) / 12)


def test_time_in_the_queue_does_not_count_as_start(tmp_path: Path):
    """A run that waited 100 of its 300 seconds for the device started its processes in the other 200."""
    left_behind(tmp_path)
    for event, at in (("waiting", 1000.0), ("running", 1100.0)):
        line = json.dumps({"event": "state", "at": at, "status": event}) + "\n"
        for folder in tmp_path.iterdir():
            with (folder / "events.jsonl").open("a", encoding="utf-8") as file:
                file.write(line)
    assert before(workload(), tmp_path).seconds.value == pytest.approx(18 + 6 * (200 - 144 - 9) / 12)


def test_a_resumed_run_does_not_tell_the_start(tmp_path: Path):
    """The pause of a resumed run is unknown, so the assumed start counts."""
    left_behind(tmp_path)
    for folder in tmp_path.iterdir():
        (folder / "events.jsonl").write_text('{"event": "resumed", "at": 1}\n', encoding="utf-8")
    assert before(workload(), tmp_path).seconds.value == pytest.approx(18 + 6 * ASSUMED_START.value)


@pytest.mark.parametrize(("method", "stretches"), [("full", 1), ("continual", 2)])
def test_learning_takes_its_steps_of_training(tmp_path: Path, method: str, stretches: int):
    """Each of three repeats takes a start and a thousand training steps, and twice the steps for two tasks."""
    points = [{**point, "method": method} for point in made.TRAIN]
    plan = Case("learn", {"method": method, "batch": 8, "tokens": 512, "steps": 1000})
    forecast = before(replace(workload(), cases=(plan,)), tmp_path, made.record("train", points))
    (case,) = forecast.cases
    expected = 3 * (stretches * 1000 * case.answer.seconds.value + ASSUMED_START.value)
    assert case.seconds.value == pytest.approx(expected)


def test_known_cases_give_a_lower_bound(tmp_path: Path):
    """An unknown case does not hide the hours of the known ones."""
    plans = [Case("learn", {"method": name, "batch": 8, "tokens": 512, "steps": 10**6}) for name in ("full", "ia3")]
    forecast = before(replace(workload(), cases=tuple(plans)), tmp_path, made.record("train", made.TRAIN))
    known, unknown = forecast.cases
    assert (forecast.seconds, unknown.seconds) == (None, None)
    assert forecast.least_seconds == pytest.approx(known.seconds.low)


def test_each_process_brings_its_batch(tmp_path: Path):
    """Two processes at batch 8 each make a question of batch 16 on two devices."""
    known = made.record("train", made.TRAIN, processes=2, parallel="ddp", spread=0)
    (case,) = before(workload(processes=2, parallel="ddp"), tmp_path, known).cases
    assert case.answer.tokens_per_second.value * case.answer.seconds.value == pytest.approx(2 * 8 * 512)
    step = made.seconds(made.SIZES[1], "train", {"method": "full", "batch": 8, "tokens": 512})["step"]
    assert case.answer.seconds.value == pytest.approx(step, rel=1e-3)


@pytest.mark.parametrize(
    ("field", "value"), [("energy", {"joules": 1.0, "source": "c", "seconds": "x"}), ("samples", {"step_seconds": 3})]
)
def test_odd_values_in_one_record_stop_nothing(tmp_path: Path, field: str, value: Any):
    """The other runs still count."""
    left_behind(tmp_path)
    path = tmp_path / "run-1-0" / "record.json"
    data = json.loads(path.read_text(encoding="utf-8"))
    data["cases"][0][field] = value
    path.write_text(json.dumps(data), encoding="utf-8")
    measured = replace(workload(), cases=(Case("train", made.TRAIN[1]),))
    assert before(measured, tmp_path).cases[0].why is None


def test_memory_says_whether_it_fits(tmp_path: Path):
    """A small model fits on the synthetic device of 80 GB."""
    (case,) = before(workload(), tmp_path, made.record("train", made.TRAIN)).cases
    assert case.answer.fits is True


def test_a_forecast_without_records_is_unknown(tmp_path: Path):
    """Without records only the least seconds of the effort are known."""
    forecast = before(workload(), tmp_path, [])
    assert forecast.seconds is None
    assert forecast.least_seconds == 3 * 6.0
    assert "nothing was measured" in str(forecast.cases[0].why)


def test_an_unknown_case_leaves_the_others_known(tmp_path: Path):
    """One case without evidence makes only the total unknown."""
    two = workload()
    other = Case("train", {"method": "ia3", "batch": 8, "tokens": 512})
    forecast = before(replace(two, cases=(*two.cases, other)), tmp_path, made.record("train", made.TRAIN))
    assert [case.answer is None for case in forecast.cases] == [False, True]
    assert forecast.seconds is None
    assert "ia3" in str(forecast.cases[1].why)


def test_other_options_are_other_measurements(tmp_path: Path):
    """Measurements of an eager model do not answer for a compiled one."""
    (case,) = before(workload(compile="yes"), tmp_path, made.record("train", made.TRAIN, device="My GPU")).cases
    assert case.answer is None


def test_a_broken_record_is_skipped(tmp_path: Path):
    """One unreadable run does not hide the others: two of three sizes are left."""
    left_behind(tmp_path)
    (tmp_path / "run-1-0" / "record.json").write_text("{", encoding="utf-8")
    assert "2 sizes of models" in str(before(workload(), tmp_path).cases[0].why)
    measured = replace(workload(), cases=(Case("train", made.TRAIN[1]),))
    assert before(measured, tmp_path).cases[0].why is None


def test_a_second_forecast_is_fast(tmp_path: Path):
    """A page asks on every click, so a second forecast takes less than a fifth of a second."""
    left_behind(tmp_path)
    before(workload(), tmp_path)
    started = time.process_time()
    before(workload(), tmp_path)
    assert time.process_time() - started < 0.2


EVENLY = {"requests_per_minute": 120, "burstiness_percent": 0}


@pytest.mark.parametrize(("pace", "least"), [(EVENLY, 36.0), ({"concurrency": 2}, 0.0)])
def test_a_load_takes_as_long_as_its_requests_take_to_arrive(pace: dict[str, int], least: float) -> None:
    """Three times 20 requests, every half a second, and two seconds to warm up; the server's own time is unknown."""
    point = {**pace, "prompt_tokens": 8, "new_tokens": 8, "requests": 20}
    effort = Effort(repeats=3, warmup_steps=1, warmup_seconds=2.0, steps=8, seconds=1.0)
    model = {"url": "http://127.0.0.1:9/v1", "name": "m"}
    forecast = before(Workload("load", model, (Case("load", point),), effort), records=[])
    assert forecast.least_seconds == pytest.approx(least)


def test_arrivals_at_random_may_end_before_their_mean_time(tmp_path: Path):
    """Of three repeats of 40 requests at a minute each, 999 of 1,000 take longer than what is told, and few much."""
    point = {"prompt_tokens": 8, "new_tokens": 8, "requests": 40, "requests_per_minute": 60}
    model = {"url": "http://127.0.0.1:1/v1", "name": "served"}

    def least(**more: int) -> float:
        asked = replace(workload(), model=model, cases=(Case("load", {**point, **more}),))
        return before(asked, tmp_path, []).least_seconds - 3 * EFFORT.warmup_seconds

    for percent in (50, 100, 200):
        rates = (itertools.islice(arrivals.drawn(60, seed, percent), 120) for seed in range(2000))
        seen = [max(offsets) for offsets in rates]
        assert np.mean(np.array(seen) < least(burstiness_percent=percent)) == pytest.approx(0.001, abs=0.002)
    assert least(burstiness_percent=0) == 120
    assert least(turns=4) < least() < 120
