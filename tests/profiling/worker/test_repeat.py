"""One repeat: it warms up, leaves out what had not settled, and tells what it found."""

import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from answering_cases import build, serve

from profiling.errors import PrecisionError, UnsupportedError
from profiling.hardware import device
from profiling.hardware.sensor import NoSensor
from profiling.measure.method import Timing
from profiling.runs import live
from profiling.worker import isolation, repeat
from profiling.workload.workload import Effort, Workload

CPU = torch.device("cpu")


class Steps:
    """Steps whose seconds are known."""

    device = CPU

    def __init__(self, seconds: Iterable[float]) -> None:
        self.seconds = iter(seconds)

    def run(self, steps: int) -> Timing:
        taken = [next(self.seconds) for _ in range(steps)]
        return Timing(sum(taken), taken, {"decode_seconds": taken})

    def finish(self, _scratch: Path) -> dict[str, Any]:
        return {}


def settled(steps: Steps, count: int, sensor: NoSensor | None = None) -> dict[str, Any]:
    """Measure this number of steps after a warm-up, however long they take."""
    effort = Effort(repeats=3, warmup_steps=1, warmup_seconds=0.0, steps=count, seconds=0.0)
    return repeat.settle(steps, effort, {"last_step_seconds": 1.0}, sensor or NoSensor())


def test_warm_up_lasts_for_both_count_and_seconds() -> None:
    """Whichever is reached later ends it."""
    workload = serve("bert")
    method = build(workload)
    by_seconds = repeat.warm_up(method, replace(workload.effort, warmup_steps=1, warmup_seconds=0.3))
    by_count = repeat.warm_up(method, replace(workload.effort, warmup_steps=9, warmup_seconds=0.0))
    assert by_seconds["seconds"] >= 0.3
    assert by_seconds["count"] > 1
    assert by_count["count"] == 9


@pytest.mark.parametrize(("guess", "count"), [(0.25, 8), (5.0, 8), (0.125, 16), (0.0625, 32)])
def test_one_slow_step_before_it_does_not_cut_the_measurement_short(guess: float, count: int) -> None:
    """Steps of 0.25 s, of which at least two and at least 2 s are asked for, for any guess."""
    effort = Effort(repeats=3, warmup_steps=1, warmup_seconds=0.0, steps=2, seconds=2.0)
    done, timing = repeat.run_for(Steps([0.25] * 40), effort, guess)
    assert (done, len(timing.steps), timing.seconds) == (count, count, count * 0.25)
    assert timing.totals["decode_seconds"] == timing.seconds


def test_what_had_not_settled_is_left_out_of_the_times() -> None:
    """Ten slow steps at the start of a hundred: the rest is measured, and the window is told whole."""
    noise = [1.0 + 0.01 * (number % 3) for number in range(90)]
    found = settled(Steps([3.0] * 10 + noise), 100)
    assert (found["discarded_count"], found["count"], found["window_count"]) == (10, 90, 100)
    assert found["seconds"] == pytest.approx(sum(noise))
    assert found["decode_seconds"] == pytest.approx(sum(noise))
    assert found["steady"]


def test_a_run_that_keeps_drifting_is_given_up() -> None:
    """Three measurements, each slower from step to step."""
    found = settled(Steps(1.0 + 0.05 * number for number in range(200)), 40)
    assert (found["attempts"], found["steady"]) == (repeat.ATTEMPTS, False)


@pytest.mark.parametrize(("count", "steady"), [(7, True), (20, False)])
def test_prompts_that_are_read_ever_slower_are_no_steady_state(count: int, steady: bool) -> None:
    """Though every token after them comes as fast as before; too few prompts say nothing."""

    class Prefills(Steps):
        def run(self, steps: int) -> Timing:
            found = super().run(steps)
            prefills = [1.0 + 0.05 * number for number in range(steps)]
            return replace(found, parts={**found.parts, "prefill_seconds": prefills})

    timing = Prefills([0.1] * count).run(count)
    assert repeat.is_steady(timing.steps) is (count >= 8)
    assert repeat._prefill_is_steady(timing) is steady
    assert settled(Prefills([0.1] * 100), count)["steady"] is (steady and count >= 8)


def test_a_neighbour_that_came_later_is_seen_with_the_case() -> None:
    """Asked by the end of its steps, with the process that measures among one's own."""
    asked: list[Any] = []

    class Crowded(NoSensor):
        def others(self, own: Any) -> list[dict[str, Any]]:
            asked.append(list(own))
            return [{"pid": 7, "name": "neighbour"}]

    found = settled(Steps([0.1] * 20), 20, Crowded())
    assert found["others"] == [{"pid": 7, "name": "neighbour"}]
    assert {os.getpid(), os.getppid()} <= set(asked[0])


def test_a_window_is_long_enough_for_an_energy_counter_where_there_is_one(
    classifier: Workload, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The counter moves every 100 ms, so that a short window would show its steps."""

    class Counting(NoSensor):
        def joules(self) -> Any:
            return 0.0

    monkeypatch.setattr("profiling.hardware.sensor.SHORTEST_ENERGY_WINDOW_SECONDS", 0.6)
    short = replace(classifier, effort=replace(classifier.effort, seconds=0.0))
    for sensor, long_enough in ((Counting(), True), (NoSensor(), False)):
        monkeypatch.setattr(device, "sensor", lambda _device, sensor=sensor: sensor)
        found = repeat.measure(short, classifier.cases[1], 0, tmp_path)
        # The moments between steps, some third of the window, are no part of them; eight steps take 10 ms.
        assert (sum(found["step_seconds"]) > 0.2) == long_enough


def test_two_stretches_are_one() -> None:
    """Their requests stand one after the other, and the first can be left out."""
    first = Timing(3.0, [1.0, 1.0], {"prefill_seconds": [1.0], "decode_seconds": [2.0]})
    second = Timing(5.0, [2.0, 2.0], {"prefill_seconds": [1.0], "decode_seconds": [4.0]})
    assert (first + second).totals == {"prefill_seconds": 2.0, "decode_seconds": 6.0}
    assert (first + second).without_first(1, of=2) == second


def test_a_repeat_reports_memory_that_holds_the_model(classifier: Workload, tmp_path: Path) -> None:
    """On a CPU the resident set is what is known; what only a driver knows is null, not zero."""
    found = repeat.measure(classifier, classifier.cases[0], 0, tmp_path)
    assert found["memory"]["resident_peak_bytes"] > 1e8  # torch alone takes more
    assert found["memory"]["driver_used_bytes"] is None
    assert found["energy"] is None


def test_the_time_to_the_first_step_holds_building_the_model(tmp_path: Path) -> None:
    """It is longer than the step alone."""
    workload = serve("bert")
    found = repeat.measure(workload, workload.cases[0], 0, tmp_path)
    assert found["time_to_first_step_seconds"] > min(found["step_seconds"])
    assert found["compile_seconds"] is None


def test_compiling_is_told_after_a_warm_up_of_one_step() -> None:
    """A first step of 30 s beside measured ones of half a second compiled for 29.5 s; the last of one is the first."""
    warm = {"count": 1, "seconds": 30, "time_to_first_step_seconds": 31, "first_step_seconds": 30.0}
    assert repeat._warmth(warm, 0.5)["compile_seconds"] == 29.5


def test_the_first_repeat_alone_is_traced(tmp_path: Path) -> None:
    """Its trace lies beside the scratch folder, which does not last."""
    workload = serve("linear", trace="yes")
    scratch = tmp_path / "scratch"
    first, second = (repeat.measure(workload, workload.cases[0], number, scratch) for number in range(2))
    assert (tmp_path / "traces" / first["trace_file"]).is_file()
    assert first["operators"]
    assert "operators" not in second


def test_a_trace_has_a_name_whatever_its_case_names(tmp_path: Path) -> None:
    """A case that replaces many fields, or one by a long text, has a longer name than a file can have."""
    workload = serve("linear", trace="yes")
    fields = {f"field_{number}": "x" * 20 for number in range(20)}
    (case,) = workload.cases
    files = set()
    for last in ("a", "b"):
        here = replace(case, point={**case.point, **fields, "last": last})
        scratch = tmp_path / "scratch"
        files.add(repeat._traced(build(workload), here, CPU, scratch)["trace_file"])
    assert {path.name for path in (tmp_path / "traces").iterdir()} == files
    assert len(files) == 2


def test_a_repeat_tells_its_memory_meanwhile(tmp_path: Path) -> None:
    """On a CPU there is neither power nor heat to tell."""
    told: dict[str, Any] = {}
    workload = serve("bert")
    repeat.measure(workload, workload.cases[0], 0, tmp_path, told.update)
    assert told["memory_bytes"] > 1e8
    assert told["watts"] is None


def test_the_ceiling_is_measured_in_what_the_cases_multiply_in() -> None:
    """Integers for int8, bfloat16 for the four bits that are widened to it."""
    workload = replace(serve("bert"), cases=tuple(serve("bert", precision=p).cases[0] for p in ("int8",)))
    assert set(repeat.examine(replace(workload, precision="int8"))["ceiling"]["matmul_seconds"]) == {"int8"}
    assert device.arithmetic("int4", torch.device("cpu")) == "bfloat16"


def test_who_is_on_the_device_is_asked_before_it_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    """Asking a GPU for its memory opens it, and in a container nobody knows one's own process by its number."""
    asked: list[str] = []

    class Noting(NoSensor):
        def others(self, own: Any) -> list[dict[str, Any]]:
            assert os.getpid() in own
            asked.append("others")
            return []

    def capacity(_device: torch.device) -> int:
        asked.append("memory")
        return 1

    monkeypatch.setattr(device, "sensor", lambda _device: Noting())
    monkeypatch.setattr(device, "capacity_bytes", capacity)
    monkeypatch.setattr(repeat.ceiling, "measure", lambda *_: {})
    assert repeat.examine(serve("bert"))["others"] == []
    assert asked == ["others", "memory"]


def test_the_version_of_triton_is_told_whatever_its_distribution_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside torch for ROCm it has another name, and a copy without a distribution has no version."""
    monkeypatch.setattr(repeat, "packages_distributions", lambda: {"triton": ["torch"]})
    assert repeat.software()["triton"] == repeat.software()["torch"]
    monkeypatch.setattr(repeat, "packages_distributions", dict)
    assert "triton" not in repeat.software()


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 80 GiB"), "out_of_memory"),
        (MemoryError("no more"), "out_of_memory"),
        (RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory"), "out_of_memory"),
        (RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"), "out_of_memory"),
        (torch.AcceleratorError("CUDA error: out of memory"), "out_of_memory"),
        (torch.AcceleratorError("CUDA error: an illegal memory access was encountered"), "failed"),
        (RuntimeError("shapes do not fit"), "failed"),
        (PrecisionError("ask for float32"), "unsupported"),
        (UnsupportedError("no compiler"), "unsupported"),
    ],
)
def test_an_error_becomes_a_status(
    classifier: Workload, error: Exception, status: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Running out of memory is a result of its own, whoever reports it."""

    def fail(*_: Any) -> None:
        raise error

    monkeypatch.setattr("profiling.making.training.Training", fail)
    request = {"workload": classifier.to_json(), "case": vars(classifier.cases[0]), "repeat": 0, "scratch": "."}
    answer = isolation.perform(request, live.nothing)
    assert answer["status"] == status
    assert str(error) in answer["why"]
