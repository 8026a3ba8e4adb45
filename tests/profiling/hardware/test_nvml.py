"""The real pynvml against a stub driver that is built here: calls, units, and missing figures."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from profiling.hardware.sensor import LOWERED_CAP
from profiling.results.record import Record
from profiling.runs.job import Job

ROOT = Path(__file__).parents[3]
STUB = Path(__file__).with_name("nvml_stub.c")

# `watched` gives a finished watch over some seconds, `failure` the words of what it raised.
PROGRAM = """
import json, os, time
from profiling.hardware import nvml
from profiling.errors import SensorError
from profiling.hardware.sensor import Watch

def watched(seconds):
    with Watch(nvml.sensor(None)) as watch:
        time.sleep(seconds)
    return watch

def caught():
    try:
        return nvml.sensor(None).facts()
    except SensorError as error:
        return str(error)

def refused(figure, code):
    os.environ.update(REFUSES=figure, CODE=str(code))
    sensor = nvml.sensor(None)
    return figure, code, watched(0.01).energy(), sensor.memory_used_bytes(), sensor.facts()

def failure(seconds):
    try:
        watched(seconds)
    except SensorError as error:
        return str(error)
"""

Ask = Callable[..., Any]


Build = Callable[..., dict[str, str]]


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """Build the stub, and return the environment of a process that finds it as driver."""
    if sys.platform != "linux":
        pytest.skip("the stub is a Linux library")
    compiler = shutil.which("gcc")
    if not compiler:
        message = "gcc builds the stub of the driver; install it (apt install gcc) to run these tests"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)

    @cache
    def build(*flags: str) -> dict[str, str]:
        folder = tmp_path_factory.mktemp("nvml")
        library = "libnvidia-ml.so.1"
        made = ["-shared", "-fPIC", f"-Wl,-soname,{library}", *flags, "-o", str(folder / library), str(STUB)]
        subprocess.run([str(compiler), *made], check=True)
        paths = os.pathsep.join([str(ROOT), str(ROOT / "tests" / "profiling")])
        # The loader reads the variable when Python starts, so that it must be set before.
        return {**os.environ, "LD_LIBRARY_PATH": str(folder), "PYTHONPATH": paths}

    return build


@pytest.fixture(scope="session")
def ask(built: Build) -> Ask:
    """Evaluate an expression in a process that finds the stub as driver."""

    def evaluate(expression: str, *flags: str) -> Any:
        code = f"{PROGRAM}\nprint(json.dumps({expression}))"
        command = [sys.executable, "-c", code]
        answer = subprocess.run(command, env=built(*flags), capture_output=True, text=True, check=False)
        assert answer.returncode == 0, answer.stderr
        return json.loads(answer.stdout)

    return evaluate


# NVML's milliwatts are converted, and clocks set by the user are not throttling.
READING = {
    **{"watts": 250.0, "core_clock_mhz": 1980, "memory_clock_mhz": 2619, "temperature_celsius": 64},
    **{"throttle_reasons": ["power cap"], "busy_share": 0.45},
}
FACTS = {
    **{"driver": "999.1", "power_limit_watts": 700.0, "power_limit_default_watts": 700.0},
    **{"error_correction": True, "persistence_mode": True},
}
# How a driver may refuse a figure: not supported, not ready (as some H100 PCIe), unknown, invalid argument, timeout.
CODES = (3, 27, 999, 2, 10)
FIGURES = {
    **{"energy": "energy counter", "power": "power", "clock": "core clock", "temperature": "temperature"},
    **{"reason": "reasons for slower clocks", "use": "use", "memory": "memory", "processes": "processes"},
}


@pytest.mark.parametrize(
    ("expression", "answer"),
    [
        pytest.param("vars(nvml.sensor('stub').reading())", READING, id="watts and megahertz"),
        # Version 2 of the call separates memory in use from the driver's reserve.
        pytest.param("nvml.sensor(None).memory_used_bytes()", 5 * 2**30, id="memory without the reserve"),
        # Facts are the figures that hold for a whole run.
        pytest.param("nvml.sensor(None).facts()", FACTS, id="facts"),
        # A process of another container still has a number and memory.
        pytest.param(
            "nvml.sensor(None).others(own=[1])",
            [{"pid": 4000001, "name": None, "memory_bytes": 2**30}],
            id="other processes are named and own ones left out",
        ),
        pytest.param(
            "nvml.boards()[0].title()", "Stub 1000 (GPU 3 of nvidia-smi)", id="the device is told from others"
        ),
        pytest.param("type(nvml.sensor('other')).__name__", "NoSensor", id="an unknown device has no sensor"),
    ],
)
def test_the_driver_answers(ask: Ask, expression: str, answer: Any) -> None:
    """Each figure of the stub arrives in its unit."""
    assert ask(expression) == answer


def test_the_counter_and_the_samples_agree_over_two_seconds(ask: Ask) -> None:
    """Both sources give 250 W, and the counter is used."""
    energy = ask("watched(2.1).energy()")
    assert energy["source"] == "energy counter"
    assert energy["joules"] == pytest.approx(250 * energy["seconds"], rel=0.03)
    assert energy["sampled_joules"] == pytest.approx(energy["joules"], rel=0.03)
    assert energy["warning"] is None


def test_a_missing_counter_is_none(ask: Ask) -> None:
    """A driver without the call is not a failure."""
    assert ask("nvml.sensor('stub').joules()", "-DNO_ENERGY_COUNTER") is None


def test_a_figure_that_was_never_given_is_absent_whatever_the_error(ask: Ask) -> None:
    """The record names it with the driver's reason; everything else is measured."""
    for figure, code, energy, memory, facts in ask(f"[refused(*each) for each in {[*product(FIGURES, CODES)]}]"):
        assert FIGURES[figure] in facts["not_reported"], code
        assert all(facts["not_reported"].values())
        assert (energy is None) == (figure == "power")  # the window is too short for the counter
        assert (memory is None) == (figure == "memory")


def test_a_driver_that_does_not_start_gives_no_sensor_and_its_reason(ask: Ask) -> None:
    """Here the library and the driver have different versions (18)."""
    found = "(os.environ.update(REFUSES='init', CODE='18'), type(nvml.sensor(None)).__name__, nvml.devices(), caught())"
    _, kind, devices, facts = ask(found)
    assert (kind, devices) == ("NoSensor", [])
    assert facts["sensor_note"].startswith("NVML: ")


def test_a_part_of_a_board_has_its_own_memory_and_the_boards_power(ask: Ask) -> None:
    """The record says that power and clocks are shared with the other parts."""
    part = "nvml.sensor('stub', '0000:17:00.0')"
    found = ask(f"({part}.memory_used_bytes(), {part}.reading().watts, {part}.facts())", "-DMIG")
    assert found[:2] == [2 * 2**30, 250.0]
    assert "a part of a board (MIG)" in found[2]["sensor_note"]


def test_a_device_that_the_driver_knows_by_address_only_is_found(ask: Ask) -> None:
    """All figures are the board's, and the record says so."""
    facts = ask("nvml.sensor('stub', '0000:17:00.0').facts()", "-DBY_ADDRESS")
    assert "the whole board" in facts["sensor_note"]
    assert ask("type(nvml.sensor('stub', '0000:99:00.0')).__name__", "-DBY_ADDRESS") == "NoSensor"


def test_a_process_that_appears_on_opening_is_ones_own(ask: Ask, tmp_path: Path) -> None:
    """In a container the driver's number of this process is the host's, which nothing there knows."""
    opening = f"(one := nvml.sensor(None), one.claim(lambda: open({str(tmp_path / 'opened')!r}, 'w').close()))"
    seen = ask(f"({opening}, [each['pid'] for each in one.others(own=())])[1]", f'-DOPENED="{tmp_path / "opened"}"')
    assert seen == [1, 4000001]
    assert len(ask("nvml.sensor(None).others(own=())", f'-DOPENED="{tmp_path / "opened"}"')) == 3


@pytest.mark.parametrize(
    ("flags", "reasons"),
    [
        pytest.param(["-DREASONS=4"], {"power cap": 1.0}, id="the usual limit"),
        pytest.param(["-DREASONS=4", "-DUSUAL_WATTS=750"], {LOWERED_CAP: 1.0}, id="a lowered limit"),
        pytest.param(
            ["-DREASONS=0x48"], {"hardware slowdown": 1.0, "hardware thermal slowdown": 1.0}, id="heat, by the board"
        ),
        pytest.param(["-DREASONS=0x22"], {"software thermal slowdown": 1.0}, id="heat, by the driver"),
        pytest.param(["-DREASONS=3"], {}, id="idle, and clocks that somebody set"),
    ],
)
def test_reasons_for_slower_clocks_have_their_share(ask: Ask, flags: list[str], reasons: dict[str, float]) -> None:
    """A cap at the usual limit, one at a lowered limit, and heat are told apart."""
    assert ask("watched(0.1).throttle_reasons", *flags) == reasons


def test_a_device_that_is_lost_raises_a_sentence(ask: Ask) -> None:
    """A measurement that loses the device must not look like one without a sensor."""
    assert "GPU is lost" in ask("failure(1)", "-DLOST_AFTER=2")


def test_a_device_that_is_lost_is_not_taken_for_one_without_a_driver(ask: Ask, tmp_path: Path) -> None:
    """Otherwise the next case of a run would look like one without a sensor."""
    file = tmp_path / "lost"
    file.touch()
    assert "GPU is lost" in ask("caught()", f'-DLOST_WHILE="{file}"')


def test_devices_are_listed_with_what_they_can_tell(ask: Ask) -> None:
    """The list has name, capacity, and whether energy can be read."""
    (device,) = ask("nvml.devices()")
    told = [device[name] for name in ("name", "memory_capacity_bytes", "energy_counter")]
    assert told == ["Stub 1000", 80 * 2**30, True]


def test_without_a_driver_there_is_no_sensor_and_no_device() -> None:
    """A laptop commonly has no driver."""
    from profiling.hardware import nvml

    if nvml.devices():
        pytest.skip("this machine has an NVIDIA driver")
    assert type(nvml.sensor(None)).__name__ == "NoSensor"


def run_on_stub(environment: dict[str, str], job: Job, lost: Path | None = None) -> Record:
    """Return the record of a whole run with real processes and a real model on the CPU, and the stub as driver.

    Where the device is to be lost, the run has a second case, which finds it again.
    """
    request = json.loads((job.folder / "request.json").read_text())
    request["workload"]["effort"]["seconds"] = 0.5
    if lost is None:
        request["workload"]["cases"] = request["workload"]["cases"][1:]
    (job.folder / "request.json").write_text(json.dumps(request))
    arguments = [sys.executable, "-m", "run_on_stub", str(job.folder), *([str(lost)] if lost else [])]
    done = subprocess.run(arguments, env=environment, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    return job.record()


def test_a_full_run_holds_all_that_the_driver_tells(built: Build, job: Job) -> None:
    """The record has energy by counter and integral, a warning, throttling, clocks, idle power, limit and processes."""
    found = run_on_stub(built("-DCOUNTED_WATTS=200"), job)
    assert len(found.cases) == 1
    assert (found.device["driver"], found.device["power_limit_watts"]) == ("999.1", 700.0)
    assert {other["pid"]: other["memory_bytes"] for other in found.others}[4000001] == 2**30
    for case in found.cases:
        assert case.status in ("ok", "too_noisy", "no_steady_state"), case.why
        assert case.energy["source"] == "energy counter"
        assert case.energy["joules"] == pytest.approx(200 * case.energy["seconds"], rel=0.05)
        for part in case.energy["repeats"]:
            assert part["sampled_joules"] == pytest.approx(250 * part["seconds"], rel=0.05)
        assert len(case.energy["warnings"]) == 3
        assert "where the energy counter gives" in case.energy["warnings"][0]
        assert (case.throttled, case.extra["throttle_shares"]) == (False, {"power cap": 1.0})
        assert case.extra["busy_share"] == pytest.approx(0.45)
        assert case.extra["idle_watts"] == pytest.approx(250)
        assert case.extra["clocks"][0] == {"core_mhz": 1980, "memory_mhz": 2619, "temperature_peak_celsius": 64}
        assert case.memory["driver_used_bytes"] == 5 * 2**30
    live = job.live()
    assert (live["watts"], live["celsius"], live["memory_bytes"]) == (250.0, 64, 5 * 2**30)


@pytest.mark.soak
def test_a_device_that_vanishes_in_mid_run_fails_its_case_and_no_other(built: Build, job: Job, tmp_path: Path) -> None:
    """The device is back for the second case, which uses sampled power, and whose missing counter is null."""
    lost = tmp_path / "lost"
    found = run_on_stub(built("-DNO_ENERGY_COUNTER", f'-DLOST_WHILE="{lost}"'), job, lost)
    gone, fine = found.cases
    assert (gone.status, gone.metrics, gone.energy) == ("failed", {}, None)
    assert "GPU is lost" in (gone.why or "")
    assert fine.status in ("ok", "too_noisy", "no_steady_state"), fine.why
    assert fine.energy["source"] == "sampled power"
    assert [part["counter_joules"] for part in fine.energy["repeats"]] == [None, None, None]
    assert fine.energy["joules"] == pytest.approx(250 * fine.energy["seconds"], rel=0.05)
