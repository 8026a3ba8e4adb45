"""What a run writes down, however it ends; the measuring processes are played by lists of answers."""

import errno
import json
from typing import Any

import pytest

from profiling.errors import CancelledError, RepeatLostError
from profiling.files import write_atomic
from profiling.results import record, report
from profiling.runs import lock
from profiling.runs.jobs import Job
from profiling.worker.isolation import Isolation
from profiling.worker.worker import Worker


class Played(Isolation):
    """Gives one answer after the other; an exception among them is raised, a function is called."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)

    def run(self, *_: Any) -> dict[str, Any]:
        answer: Any = self.answers.pop(0)
        if callable(answer):
            answer()
            raise CancelledError("the run was cancelled")
        if isinstance(answer, Exception):
            raise answer
        found: dict[str, Any] = answer
        return found


@pytest.fixture
def looks(examined: dict[str, Any]) -> list[dict[str, Any]]:
    """Three looks at the device."""
    return [{"result": examined}] * 3


@pytest.fixture
def three(measured: dict[str, Any]) -> list[dict[str, Any]]:
    """Three repeats that went well."""
    return [{"result": measured}] * 3


def statuses(job: Job) -> list[str]:
    return [case.status for case in job.record().cases]


def test_a_run_ends_with_its_record(job: Job, looks: Any, three: Any) -> None:
    """State, events and record tell the same story."""
    assert Worker(job, Played(*looks, *three, *three)).run() == 0
    assert (job.state().status, job.state().progress, statuses(job)) == ("done", 1.0, ["ok", "ok"])
    assert [event["event"] for event in job.events()].count("case_finished") == 2
    assert record.load(job.folder / "record.json").id == job.id


def runs_out_above(batch: int, examined: Any, measured: Any, asked: list[int]) -> Isolation:
    """A device with room for so many examples; notes the batch of each training that it was asked for."""

    class Small(Isolation):
        def run(self, request: dict[str, Any], *_: Any) -> dict[str, Any]:
            case = request["case"]
            if case is None:
                return {"result": examined}
            if case["kind"] == "train":
                asked.append(case["point"]["batch"])
                if asked[-1] > batch:
                    return {"status": "out_of_memory", "why": "tried to allocate 80 GiB"}
            return {"result": measured}

    return Small()


def with_batches(job: Job, *batches: int) -> Job:
    """The run's training case at other batches, and its classifying case."""
    request = job.request()
    train, classify = request["workload"]["cases"]
    cases = [{**train, "point": {**train["point"], "batch": batch}} for batch in batches]
    workload = {**request["workload"], "cases": [*cases, classify]}
    write_atomic(job.folder / "request.json", json.dumps({**request, "workload": workload}))
    return job


@pytest.mark.parametrize(("room", "largest"), [(11, 11), (1, 1), (15, 15), (8, 8), (0, 0)])
def test_running_out_of_memory_is_a_result_with_the_largest_batch_that_fits(
    job: Job, examined: Any, measured: Any, room: int, largest: int
) -> None:
    """By bisection, in at most as many short repeats as the batch has binary digits; no number comes of them."""
    asked: list[int] = []
    assert Worker(with_batches(job, 16), runs_out_above(room, examined, measured, asked)).run() == 0
    full, fine = job.record().cases
    assert (full.status, full.extra["largest_batch"], full.metrics) == ("out_of_memory", largest, {})
    assert full.extra["probed_batches"] == {str(batch): batch <= room for batch in sorted(asked[1:])}
    assert len(asked[1:]) <= 4
    assert fine.status == "ok"


def test_a_sweep_probes_only_between_what_its_other_cases_found(job: Job, examined: Any, measured: Any) -> None:
    """Batch 4 fits and 8 does not: 5 and 6 are tried, 16 is known by then."""
    asked: list[int] = []
    Worker(with_batches(job, 4, 8, 16), runs_out_above(5, examined, measured, asked)).run()
    found = job.record()
    assert asked == [4, 4, 4, 8, 6, 5, 16]
    assert [case.extra.get("largest_batch") for case in found.cases] == [None, 5, 5, None]


def with_knee(job: Job, **fields: Any) -> Job:
    """The run's training case, followed by larger batches."""
    request = with_batches(job, 4).request()
    request["workload"]["cases"][0]["point"] |= {"knee": "yes", **fields}
    write_atomic(job.folder / "request.json", json.dumps(request))
    return job


def test_a_case_that_is_too_noisy_says_why_no_larger_batch_was_tried(job: Job, looks: Any, three: Any) -> None:
    """Its repeats take one, four and seven times as long, by which no batch is told from its double."""
    slower = [{"result": {**three[0]["result"], "seconds": seconds}} for seconds in (1.0, 4.0, 7.0)]
    Worker(with_knee(job), Played(*looks, *slower, *three)).run()
    assert "largest batch that pays: not known (no larger batch was tried" in report.text(job.record())


def test_a_run_that_is_stopped_while_it_tries_larger_batches_keeps_the_case(
    job: Job, examined: Any, measured: Any
) -> None:
    """Batches 4 and 8 were seen, 16 was not; the case after it is not measured."""

    class Stopped(Isolation):
        def run(self, request: dict[str, Any], *_: Any) -> dict[str, Any]:
            if request["case"] is None:
                return {"result": examined}
            if request["case"]["kind"] == "classify" or request["case"]["point"]["batch"] > 8:
                raise CancelledError("the run was cancelled")
            return {"result": measured}

    Worker(with_knee(job), Stopped()).run()
    kept, missed = job.record().cases
    assert (kept.status, missed.status) == ("ok", "cancelled")
    assert [*kept.extra["knee_rates"]] == ["4", "8"]
    assert kept.extra["knee_ended"] == "the run was cancelled before batch 16"
    assert job.state().status == "cancelled"


@pytest.mark.parametrize(("room", "knee"), [(10**6, 64), (40, 32)])
def test_larger_batches_are_tried_while_the_rate_rises(
    job: Job, examined: Any, measured: Any, room: int, knee: int
) -> None:
    """Of a device whose rate is 100 b / (b + 8), doubling from 64 gains a sixteenth; or memory ends it.

    Examples of both accumulated batches count.
    """
    ended = "batch 128 raised the rate by +6%" if room > 128 else "batch 64: out of memory"

    class Saturating(Isolation):
        def run(self, request: dict[str, Any], *_: Any) -> dict[str, Any]:
            if request["case"] is None:
                return {"result": examined}
            batch = request["case"]["point"]["batch"]
            if batch > room:
                return {"status": "out_of_memory", "why": "tried to allocate 80 GiB"}
            return {"result": {**measured, "count": 10, "seconds": 10 * (batch + 8) / 100}}

    Worker(with_knee(job, accumulation=2), Saturating()).run()
    found = job.record().cases[0]
    assert found.extra["knee_batch"] == knee
    assert ended in found.extra["knee_ended"]
    assert found.extra["knee_rates"]["32"] == pytest.approx(2 * 80)
    assert f"largest batch that pays: {knee}" in report.text(job.record())


def test_a_probe_that_fails_of_something_else_leaves_the_largest_batch_unknown(
    job: Job, looks: Any, three: Any
) -> None:
    """Null, and the reason beside it."""
    full = {"status": "out_of_memory", "why": "tried to allocate 80 GiB"}
    Worker(job, Played(*looks, full, {"status": "failed", "why": "the device is lost"}, *three)).run()
    found = job.record()
    assert found.cases[0].extra["largest_batch"] is None
    assert found.cases[0].extra["probe_failed"] == "at batch 2: the device is lost"


def test_what_is_told_while_measuring_lies_beside_the_events(job: Job, looks: Any, measured: Any) -> None:
    """The last values and their course, with what was being measured; the events stay short."""

    class Talking(Played):
        def run(self, request: dict[str, Any], *rest: Any) -> dict[str, Any]:
            if request["case"] is not None:
                rest[-1]({"step": 3, "watts": 250.0})
            return super().run(request, *rest)

    Worker(job, Talking(*looks, *[{"result": measured}] * 6)).run()
    last, series = job.live(), job.live_series()
    assert (last["step"], last["watts"]) == (3, 250.0)
    assert "repeat 3 of 3" in last["doing"]
    assert len(series) == 6
    assert {event["event"] for event in job.events()} == {"state", "examined", "case_finished"}


def test_a_lost_repeat_fails_its_case_alone(job: Job, looks: Any, three: Any) -> None:
    """A crash in a library does not end the run."""
    Worker(job, Played(*looks, RepeatLostError("ended with code -11"), *three)).run()
    assert (statuses(job), job.record().cases[0].why) == (["failed", "ok"], "ended with code -11")


def test_a_number_that_is_none_leaves_out_its_metric_alone(job: Job, looks: Any, three: Any, measured: Any) -> None:
    """JSON has no infinity: the metric is named among those omitted, and the run goes on."""
    endless = [{"result": {**measured, "checkpoint_seconds": float("inf")}}] * 3
    assert Worker(job, Played(*looks, *endless, *three)).run() == 0
    found = job.record()
    assert statuses(job) == ["ok", "ok"]
    assert "step_to_run_factor" not in found.cases[0].metrics
    assert found.cases[0].extra["omitted"] == {
        "step_to_run_factor": "it is not a finite number, or the device has no ceiling to compare it with"
    }
    assert "training_examples_per_second" in found.cases[0].metrics


def test_a_neighbour_is_named_in_its_case(job: Job, looks: Any, three: Any, measured: Any) -> None:
    """Once, though every repeat saw it; the other case has none."""
    crowded = [{"result": {**measured, "others": [{"pid": 7, "name": "neighbour"}]}}] * 3
    Worker(job, Played(*looks, *crowded, *three)).run()
    found = job.record()
    assert [case.extra.get("others") for case in found.cases] == [[{"pid": 7, "name": "neighbour"}], None]
    assert "by the end of its steps: neighbour (7)" in report.text(found)


@pytest.mark.parametrize("taken", [0.5, 1.5])
def test_figures_beside_others_that_take_the_cores_reach_no_plan(
    job: Job, looks: Any, three: Any, measured: Any, taken: float
) -> None:
    """Of two cores, in the median repeat; however well the repeats agree, they are those of a smaller computer."""
    others = [{"pid": 7, "name": "neighbour", "cores": taken}]
    crowded = [{"result": {**measured, "cores": 2, "others": others}}] * 2
    alone = [{"result": {**measured, "cores": 2, "others": []}}]
    Worker(job, Played(*looks, *alone, *crowded, *three)).run()
    found = job.record().cases[0]
    assert (found.status, found.extra["taken_share"]) == ("ok" if taken < 1 else "too_noisy", taken / 2)


def test_samples_that_are_no_numbers_fail_their_case_alone(job: Job, looks: Any, three: Any, measured: Any) -> None:
    """The reason names the place, and `resume` does not stumble over it again."""
    strange = [{"result": {**measured, "step_seconds": [0.1] * 9 + [float("nan")]}}] * 3
    assert Worker(job, Played(*looks, *strange, *three)).run() == 0
    found = job.record()
    assert statuses(job) == ["failed", "ok"]
    assert "samples.step_seconds.0.9 is infinite or not a number" in (found.cases[0].why or "")


def test_whatever_goes_wrong_the_folder_says_that_the_run_ended(
    job: Job, looks: Any, three: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """An error that nobody foresaw ends as failed, with its trace in the log."""
    assert Worker(job, Played(*looks, *three, KeyError("never seen"))).run() == 1
    assert (job.state().status, statuses(job)) == ("failed", ["ok", "cancelled"])
    assert "KeyError: 'never seen'" in (job.state().error or "")
    assert "Traceback" in capsys.readouterr().err


def test_a_device_that_cannot_be_examined_fails_the_run(job: Job) -> None:
    """Without a device there is nothing to measure, and the reason is the state's error."""
    refused = {"status": "failed", "why": "float16 has no fast arithmetic on a CPU"}
    assert Worker(job, Played(refused, refused, refused)).run() == 1
    assert job.state().status == "failed"
    assert "float16 has no fast" in (job.state().error or "")
    assert job.record() is None


def test_cancelling_keeps_the_cases_that_were_finished(job: Job, looks: Any, three: Any) -> None:
    """The others say that they were not reached."""
    Worker(job, Played(*looks, *three, (job.folder / "cancel").touch)).run()
    assert (job.state().status, statuses(job)) == ("cancelled", ["ok", "cancelled"])


def test_the_lock_is_free_after_every_end(job: Job, looks: Any) -> None:
    """Held during the run by its name, and by nobody after."""
    seen: list[str | None] = []
    Worker(job, Played(*looks, lambda: seen.append(lock.holder()))).run()
    assert job.id in (seen[0] or "")
    assert lock.holder() is None


def test_progress_never_goes_back(job: Job, looks: Any, three: Any) -> None:
    """A case that fails early takes its remaining repeats off the list."""
    Worker(job, Played(*looks, {"status": "failed", "why": "no"}, *three)).run()
    progress = [event["progress"] for event in job.events() if event["event"] == "state"]
    assert progress == sorted(progress)
    assert progress[-1] == 1.0


def sequential(job: Job, **effort: Any) -> Job:
    """The run, with cases that are repeated until they are known to a tenth."""
    request = job.request()
    asked = {**request["workload"]["effort"], "repeats": 5, "half_width_percent": 10, **effort}
    write_atomic(
        job.folder / "request.json", json.dumps({**request, "workload": {**request["workload"], "effort": asked}})
    )
    return job


class Noisy(Isolation):
    """Repeats of the training case that take 1 s and 2 s in turn, and of the other that take 1 s each."""

    def __init__(self, examined: Any, measured: Any, job: Job) -> None:
        self.examined, self.measured, self.job = examined, measured, job
        self.left: list[float | None] = []

    def run(self, request: dict[str, Any], *_: Any) -> dict[str, Any]:
        self.left.append(self.job.written_state().left_seconds)
        case = request["case"]
        if case is None:
            return {"result": self.examined}
        slow = case["kind"] == "train" and request["repeat"] % 2
        return {"result": {**self.measured, "seconds": 2.0 if slow else 1.0}}


def test_a_noisy_case_is_repeated_until_it_is_sure_enough_and_a_quiet_one_is_not(
    job: Job, examined: Any, measured: Any
) -> None:
    """Repeats of 1 s and 2 s in turn need 61 for a tenth: 2.108 · 0.5 s over the root of 61 is just 10 % of 1.5 s."""
    assert Worker(sequential(job), Noisy(examined, measured, job)).run() == 0
    noisy, quiet = job.record().cases
    rate = noisy.metrics["training_examples_per_second"]
    assert 45 <= rate.runs <= 65
    assert (rate.high - rate.low) / 2 <= 0.1 * rate.value
    assert (noisy.extra["stopped"], quiet.extra["stopped"]) == ("sure enough", "sure enough")
    assert quiet.metrics["requests_per_second"].runs == 5
    assert f"repeated {rate.runs} times: sure enough" in report.text(job.record())


def test_a_further_repeat_that_drifts_is_left_out_and_said(job: Job, examined: Any, measured: Any) -> None:
    """The more repeats a noisy case needs, the likelier one of them drifts, which must not cost all the others."""

    class Drifting(Noisy):
        def run(self, request: dict[str, Any], *_: Any) -> dict[str, Any]:
            answer = super().run(request)
            if request["case"] and request["repeat"] in (7, 9):
                answer["result"]["steady"] = False
            return answer

    assert Worker(sequential(job), Drifting(examined, measured, job)).run() == 0
    noisy, quiet = job.record().cases
    assert (noisy.status, noisy.extra["stopped"], quiet.extra.get("notes")) == ("ok", "sure enough", None)
    assert "Further repeats that drifted and are left out: 2." in report.text(job.record())


def test_where_its_time_is_up_a_case_ends_with_what_it_knows(job: Job, examined: Any, measured: Any) -> None:
    """After the repeats that are asked for at least, and with the reason."""
    assert Worker(sequential(job, case_seconds=0.0), Noisy(examined, measured, job)).run() == 0
    noisy = job.record().cases[0]
    assert (noisy.metrics["training_examples_per_second"].runs, noisy.extra["stopped"]) == (5, "time is up")


def test_progress_and_time_left_allow_for_repeats_that_nobody_foresaw(job: Job, examined: Any, measured: Any) -> None:
    """Progress never goes back, ends at 1, and stays behind the truth by the quiet case alone."""
    measuring = Noisy(examined, measured, job)
    Worker(sequential(job), measuring).run()
    progress = [event["progress"] for event in job.events() if event["event"] == "state"]
    assert (progress, progress[-1]) == (sorted(progress), 1.0)
    assert all(left is not None and left > 0 for left in measuring.left[6:])
    assert progress[-3] > 0.5


def test_without_a_width_exactly_the_repeats_asked_for_are_made(
    job: Job, looks: Any, three: Any, measured: Any
) -> None:
    """As for a workload that was written before a width could be named."""
    Worker(job, Played(*looks, *three, *three)).run()
    assert [case.extra["stopped"] for case in job.record().cases] == ["repeats asked", "repeats asked"]


def test_a_full_disk_ends_the_run_with_a_sentence(
    job: Job, looks: Any, three: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The record finds no room; the state, for which a reserve is given up, does, and finished cases are kept."""

    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(record, "write_atomic", full)
    assert Worker(job, Played(*looks, *three, *three)).run() == 1
    assert job.state().status == "failed"
    assert "is full; free some room" in (job.state().error or "")
    assert statuses(job) == ["ok", "ok"]
    assert not (job.folder / "reserve").exists()


def test_a_line_cut_by_a_kill_is_passed_over(job: Job, looks: Any, three: Any) -> None:
    """What was written before it stays readable, and so does the run's record of finished cases."""
    Worker(job, Played(*looks, *three, *three)).run()
    (job.folder / "record.json").unlink()
    with (job.folder / "events.jsonl").open("ab") as file:
        file.write(b"\n[]\n\xff\xfe\n" + b"[" * 100_000 + b'\n{"event": "case_fini')
    assert statuses(job) == ["ok", "ok"]


def test_nothing_is_left_half_written(job: Job, looks: Any, three: Any) -> None:
    """After a run there are its files, and no temporary ones."""
    Worker(job, Played(*looks, *three, *three)).run()
    assert {path.name for path in job.folder.iterdir()} == {"request.json", "state.json", "events.jsonl", "record.json"}
