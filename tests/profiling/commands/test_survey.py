"""The survey: which models a device has memory and time for, and a page of what it found."""

from __future__ import annotations

import json
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from played import Played

from profiling import architecture
from profiling.__main__ import main
from profiling.errors import CancelledError
from profiling.files import write_atomic
from profiling.results.costs import Priced
from profiling.results.metrics import METRICS
from profiling.results.record import CaseResult, Estimate, Record
from profiling.runs import jobs
from profiling.runs.job import Job
from profiling.survey import ladder, page
from profiling.survey.ladder import Device
from profiling.worker.worker import Worker

H100 = Device("cuda", "bfloat16", 80e9, 700e12, 2.5e12)
SMALL_GPU = Device("cuda", "float16", 6e9, 30e12, 3e11)
CPU = Device("cpu", "float32", 16e9, 1e11, 2e10)


@pytest.mark.parametrize(
    ("device", "use", "model"),
    [
        (H100, "serving", "llama3_1-8B"),
        (H100, "lora", "llama3_1-8B"),
        (H100, "full", "llama3_2-3B"),
        (SMALL_GPU, "serving", "llama3_2-1B"),
        (SMALL_GPU, "full", "smollm2-135M"),
    ],
)
def test_the_largest_model_that_fits_is_measured(device: Device, use: str, model: str) -> None:
    """16 bytes a parameter for full training, 2 for what is only read; a share of the memory stays free."""
    found = ladder.largest(use, device, 3600.0)
    assert found is not None
    assert found[0] == model
    assert found[1].memory_bytes <= 0.85 * (device.capacity_bytes or 0)


def test_less_time_means_a_smaller_model() -> None:
    """A processor has the memory for more than it has the time for."""
    sizes = []
    for seconds in (60.0, 300.0, 3000.0):
        found = ladder.largest("full", CPU, seconds)
        assert found is not None
        assert found[1].seconds <= seconds
        sizes.append(architecture.of(ladder.LADDER[found[0]]).parameters)
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[-1]
    assert ladder.largest("full", CPU, 1.0) == ladder.largest("full", CPU, 0.0)
    assert ladder.largest("full", replace(CPU, capacity_bytes=1e6)) is None


def test_each_use_is_measured_once_and_then_over_the_batch() -> None:
    """The cases of one model are one run; every workload is one that a run takes."""
    (large, first), (small, last) = ladder.workloads(H100, 480.0)
    assert [case.point.get("method", "serving") for case in large.cases] == ["serving", "lora"] * 2
    assert [case.point["method"] for case in small.cases] == ["full"] * 2
    assert [case.point.get("knee") for case in large.cases] == [None, None, "yes", "yes"]
    assert (first, last) == (2 / 3, 1)
    for workload in (large, small):
        assert type(workload).parse(workload.to_json(), "here") == workload


def test_the_first_rung_is_not_measured_again() -> None:
    """Where there is time for nothing larger, its time goes to training, and to larger batches."""
    slow = Device("cpu", "float32", 16e9, 2e11, 2e10)
    (only, share) = next(ladder.workloads(slow, 100.0))
    assert share == 1
    assert ladder.first().name == only.name
    assert not [case for case in only.cases if case in ladder.first().cases]
    assert {case.point.get("method", "serving") for case in only.cases} == {"serving", "lora", "full"}


def test_how_sure_times_and_costs_are_is_told() -> None:
    """A rate between 80 and 125 of 100 takes a fifth less time to a quarter more; one down to zero, anything."""
    assert page._range(Estimate(100, 80, 125, 0.95, "token/s", 3)) == " (-20% to +25%)"
    assert "far more" in page._range(Estimate(100, 0, 200, 0.95, "token/s", 3))


def test_long_times_have_no_exponent() -> None:
    """A billion tokens at a hundred a second take 2,778 hours, not 2.78e+03."""
    assert [page._time(seconds) for seconds in (0.01234, 119.4, 3600, 1e7)] == [
        "0.0123 s",
        "119 s",
        "60 min",
        "2,780 h",
    ]


RATES = {"generate": "tokens_per_second", "train": "training_tokens_per_second"}


def record(*cases: CaseResult) -> Record:
    """A record of an 8B model on a device of that kind."""
    device = {"kind": "cuda", "name": "NVIDIA H100 80GB HBM3", "count": 1, "memory_capacity_bytes": 80e9}
    workload = {"precision": "bfloat16", "engine": "transformers, eager", "model": {}}
    return Record("run-1", "2026-11-27T00:00:00Z", "survey-llama3_1-8B", workload, device, {}, {}, (), cases)


def case(kind: str, point: dict[str, Any], metrics: dict[str, float], **extra: Any) -> CaseResult:
    """A finished case without spread."""
    units = {"tokens_per_second": "token/s", "training_tokens_per_second": "token/s"}
    told = {name: Estimate(value, value, value, 0.95, units.get(name, "1"), 3) for name, value in metrics.items()}
    return CaseResult(kind, point, "ok", None, told, {}, None, None, {}, extra)


def test_tokens_an_epoch_and_a_run_cost_their_time() -> None:
    """At 3.60 an hour a second costs a thousandth: 10,000 examples of 2,048 tokens at 8,192 a second take 2,500 s."""
    tuned = case(
        "train",
        {"method": "lora", "batch": 1, "tokens": 2048},
        {"training_tokens_per_second": 8192.0, "step_to_run_factor": 1.2, "mfu": 0.5},
    )
    (found,) = page.findings([record(tuned)], Priced.given(3.6))
    assert found.seconds["an epoch of 10,000 examples"] == pytest.approx(2500 * 1.2)
    assert found.cost is not None
    assert found.cost["an epoch of 10,000 examples"] == pytest.approx(3.0)
    assert found.cost["a million tokens"] == pytest.approx(1e6 / 8192 / 1000)
    assert found.cost["a run of a billion tokens"] == pytest.approx(1e9 / 8192 / 1000)


@pytest.mark.parametrize(
    ("kind", "metrics", "extra", "words"),
    [
        ("train", {"mfu": 0.45}, {}, "arithmetic (45%"),
        ("generate", {"mbu": 0.6}, {}, "memory bandwidth (60%"),
        ("generate", {"mbu": 0.1}, {"busy_share": 0.3}, "the host: the device computes for 30%"),
        ("generate", {"mbu": 0.1}, {"busy_share": 0.95}, "no ceiling"),
        ("generate", {"mbu": 0.1}, {"taken_share": 1.4}, "other programs, probably: they took 140% of the cores (10%"),
        ("generate", {"mbu": 0.1}, {"taken_share": 0.2}, "no ceiling"),
        ("generate", {}, {}, "not known"),
    ],
)
def test_what_bounds_a_case_is_named(kind: str, metrics: dict[str, float], extra: dict[str, Any], words: str) -> None:
    """A ceiling that it comes near to, the host that feeds the device, or other programs on the cores."""
    assert page.bound(case(kind, {}, metrics, **extra), {}).startswith(words)


@pytest.mark.parametrize(
    ("kind", "used", "name", "words"),
    [
        ("generate", "mbu", "copy_bytes_per_second", "memory bandwidth"),
        ("train", "mfu", "float32_matmul_flops_per_second", "arithmetic"),
    ],
)
def test_a_ceiling_too_noisy_to_know_bounds_nothing(kind: str, used: str, name: str, words: str) -> None:
    """10 ± 10 GB/s is no bandwidth to be near to; 10 ± 1 is."""
    finished = case(kind, {"batch": 1, "tokens": 8}, {RATES[kind]: 100.0, used: 0.5}, arithmetic="float32")
    for low, told in ((0.0, f"not known: the {words} was measured as"), (9e9, f"{words} (50%")):
        ceiling = {name: Estimate(1e10, low, 2e10 - low, 0.95, METRICS[name].unit, 3)}
        (found,) = page.findings([replace(record(finished), ceiling=ceiling)], None)
        assert found.bound.startswith(told)


def test_the_head_has_the_fastest_look_at_each_ceiling() -> None:
    """The first look may have been disturbed, and so may any other."""
    finished = case("generate", {"batch": 1}, {"tokens_per_second": 10.0})
    one, other = (Estimate(value, value, value, 0.95, "GB/s", 3) for value in (3.0, 7.0))
    ceilings = ({page.COPY: one, "float32_matmul_flops_per_second": other}, {page.COPY: other})
    text = page.text([replace(record(finished), ceiling=found) for found in ceilings], None, [])
    (head,) = [line for line in text.splitlines() if line.startswith("Ceilings")]
    assert head.startswith("Ceilings, the fastest of 2 looks: ")
    assert "memory copy 7 " in head
    assert "memory copy 3 " not in head


def test_what_gave_no_figure_is_named_with_its_reason() -> None:
    """Running out of memory is a result, too."""
    full = CaseResult("train", {"batch": 1}, "out_of_memory", "tried to allocate 80 GiB", {}, {}, None, None, {})
    cut = CaseResult("generate", {"batch": 1}, "cancelled", "the run ended", {}, {}, None, None, {})
    assert "--minutes" not in page.text([record(full)], None, [])
    text = page.text([record(full, cut)], None, [])
    assert "out of memory (tried to allocate 80 GiB)" in text
    assert "llama3_1-8B, generate, batch 1: the time was up\n  Larger --minutes leave time for these." in text
    assert "--price-per-hour tells the costs" in text


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_a_survey_with_a_sentence(
    number: signal.Signals, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run in progress is cancelled, by a request to terminate too, and nobody is shown a trace."""
    stopped: list[str] = []

    class Running:
        def cancel(self) -> None:
            stopped.append("cancelled")

    def interrupted(*_: object) -> None:
        signal.raise_signal(number)

    monkeypatch.setattr("profiling.runs.jobs.start", lambda *_: Running())
    monkeypatch.setattr("profiling.commands.survey.follow", interrupted)
    before = {one: signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)}
    signal.signal(
        signal.SIGINT, signal.default_int_handler
    )  # a shell that starts the tests in the background ignores it
    try:
        assert main(["survey", "--out", str(tmp_path)]) == 130
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
    assert stopped == ["cancelled"]
    assert "stopped by Ctrl-C" in capsys.readouterr().err


@pytest.mark.parametrize("minutes", ["0", "-1", "nan", "inf", "1e300"])
def test_a_survey_takes_minutes(minutes: str, capsys: pytest.CaptureFixture[str]) -> None:
    """None at all, or more than a day, is a slip."""
    assert main(["survey", f"--minutes={minutes}"]) == 2
    assert "must be above 0 and at most 1440" in capsys.readouterr().err


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch, examined: dict[str, Any], measured: dict[str, Any]) -> None:
    """Runs that are over as soon as they are started."""

    def launch(job: Job, request: dict[str, Any]) -> None:
        write_atomic(job.folder / "request.json", json.dumps(request))
        Worker(job, Played(examined, measured)).run()

    monkeypatch.setattr(jobs, "_launch", launch)


@pytest.mark.parametrize("how", ["played", pytest.param("measured", marks=pytest.mark.soak)])
def test_a_survey_of_this_computer_ends_with_a_page(
    how: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    """The smallest model is measured first; what there was no time for is named."""
    if how == "played":
        request.getfixturevalue("played")
    monkeypatch.setattr(ladder, "LADDER", {"tiny-5M": ladder.LADDER["tiny-5M"]})
    minutes = {"played": "0.01", "measured": "1.5"}[how]
    assert main(["survey", "--minutes", minutes, "--price-per-hour", "0.1", "--json", "--out", str(tmp_path)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert {found["model"] for found in told["findings"]} == {"tiny-5M"}
    assert how == "measured" or any("the time was up" in why for why in told["untried"])
    assert {path.name for path in tmp_path.iterdir() if path.is_dir()} >= set(told["records"])


class Slow(Played):
    """Takes its time for each answer, and looks up now and then whether it is still wanted."""

    seconds: float
    answered = 0

    def run(self, request: dict[str, Any], cancelled: Callable[[], bool], *_: Any) -> dict[str, Any]:
        until = time.monotonic() + self.seconds
        while time.monotonic() < until:
            if cancelled():
                raise CancelledError("the run was cancelled")
            time.sleep(0.01)
        self.answered += 1
        return super().run(request)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch, examined: dict[str, Any], measured: dict[str, Any]) -> Slow:
    """What measures in the runs that are started, each in a thread."""
    slow = Slow(examined, measured)

    def launch(job: Job, request: dict[str, Any]) -> None:
        write_atomic(job.folder / "request.json", json.dumps(request))
        worker = Worker(job, slow)
        job.write_state(worker.state)
        threading.Thread(target=worker.run).start()

    monkeypatch.setattr(jobs, "_launch", launch)
    return slow


@pytest.mark.parametrize(("seconds", "code"), [(0.3, 0), (60.0, 2)])
def test_a_slow_device_does_not_make_a_survey_late(
    seconds: float, code: int, slow: Slow, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of 1.2 s, three looks of 0.3 s leave too little for a case; a look of a minute leaves nothing to tell."""
    slow.seconds = seconds
    assert main(["survey", "--minutes", "0.02", "--json", "--out", str(tmp_path)]) == code
    # A survey that waited for the device would have had its answer.
    assert (slow.answered == 0) is bool(code)
    said = capsys.readouterr()
    if code:
        assert "1 s were too few to examine the device; give more --minutes" in said.err
    else:
        told = json.loads(said.out)
        assert not told["findings"]
        assert "tiny-5M, generate, batch 1, prompt_tokens 64, new_tokens 16: the time was up" in told["untried"][0]


def test_what_a_small_case_took_is_added_to_that_of_a_larger_one() -> None:
    """SmolLM2-135M has 30 layers: at 10 ms each, nine answers of 16 tokens take 43 s a repeat longer."""
    slow = replace(CPU, layer_seconds=0.01)
    quick, late = (
        next(one for one in ladder.uses("smollm2-135M", device) if one.name == "serving") for device in (CPU, slow)
    )
    assert late.seconds - quick.seconds == pytest.approx(3 * 9 * 16 * 30 * 0.01)
