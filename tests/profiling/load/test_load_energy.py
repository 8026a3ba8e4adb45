"""Energy, clocks and memory of the device under a server: over the window of the load, and only where it is here."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from mock_server import serving

from profiling.errors import WorkloadError
from profiling.hardware import device, nvml
from profiling.hardware.sensor import NoSensor, Reading, Watch
from profiling.load import figures
from profiling.worker import repeat
from profiling.workload.workload import Case, Workload

EFFORT = {"repeats": 3, "warmup_steps": 2, "warmup_seconds": 0.1, "steps": 8, "seconds": 0.1}
POINT = {"concurrency": 2, "prompt_tokens": 8, "new_tokens": 8, "requests": 12}

# Other work on the machine must not decide whether a load of twelve requests is steady, and its client in time.
CALM = {"steady": True, "littles_law": [1.0, 1.0], "lateness_seconds": [0.0] * POINT["requests"]}


class Constant(NoSensor):
    """A device that takes a hundred watts, and on which a server runs or not."""

    def __init__(self, *servers: dict[str, Any], name: str = "a device") -> None:
        self.servers, self.name = list(servers), name

    def title(self) -> str:
        return self.name

    def reading(self) -> Reading:
        return Reading(watts=100.0, core_clock_mhz=1500, throttle_reasons=())

    def memory_used_bytes(self) -> int:  # type: ignore[override]
        return 7

    def others(self, own: Any) -> list[dict[str, Any]]:  # noqa: ARG002
        return self.servers


def loaded(url: str, **model: str) -> Workload:
    """A workload of one load."""
    model = {"url": url, "name": "mock", **model}
    cases = [{"kind": "load", "point": POINT}]
    plain = {"name": "mine", "model": model, "cases": cases, "effort": EFFORT, "device": "cpu"}
    return Workload.parse(plain, "here")


def run(url: str, folder: Path, **model: str) -> dict[str, Any]:
    workload = loaded(url, **model)
    return repeat.measure(workload, workload.cases[0], 0, folder)


def test_energy_is_that_of_the_window(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred watts over its seconds, for the tokens that came in them."""
    monkeypatch.setattr(device, "sensor", lambda _device: Constant({"pid": 1, "name": "server"}))
    with serving(base_seconds=0.02) as served:
        found = run(served.url, tmp_path)
    assert found["energy"]["joules"] == pytest.approx(100 * found["window_seconds"], rel=1e-6)
    case = figures.case(Case("load", POINT), [{**found, **CALM}] * 3)
    expected = 100 / case.metrics["tokens_per_second"].value
    assert case.metrics["joules_per_token"].value == pytest.approx(expected, rel=1e-6)
    assert (case.memory, case.throttled) == ({"driver_used_bytes": 7}, False)
    assert case.extra["clocks"][0]["core_mhz"] == 1500
    assert any("this computer" in note for note in case.extra["notes"])


def test_one_of_two_devices_does_not_tell_the_energy_of_a_token() -> None:
    """Only its own joules are known, and the tokens are those of both."""
    times = {"ttft_seconds": [0.1] * 20, "request_seconds": [0.2] * 20, "output_tokens": [2] * 20}
    spans = {"after_first_seconds": [0.1] * 20, "later_tokens": [1] * 20, "lateness_seconds": [0.0] * 20}
    window = {"window_seconds": 2.0, "window_tokens": 40.0, "window_requests": 20, "gaps": 0, "littles_law": [1.0, 1.0]}
    one = {**times, **spans, **window, "energy": {"joules": 80.0}, "devices": 1}
    assert figures.estimates([one] * 3, POINT)["joules_per_token"].value == pytest.approx(2.0)
    two = [{**one, "devices": 2}] * 3
    assert "joules_per_token" not in figures.estimates(two, POINT)
    assert figures.omitted(two, POINT)["joules_per_token"] == "the energy of one of 2 devices is known"


def test_a_device_that_nothing_runs_on_is_not_the_servers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its idle power would be taken for the energy of the answers."""
    monkeypatch.setattr(device, "sensor", lambda _device: Constant())
    with serving(base_seconds=0.005) as served:
        case = figures.case(Case("load", POINT), [{**run(served.url, tmp_path), **CALM}] * 3)
    assert (case.energy, case.memory, "joules_per_token" in case.metrics) == (None, {}, False)


def test_the_device_of_a_server_elsewhere_is_not_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever runs on the device of this computer."""
    monkeypatch.setattr(device, "sensor", lambda _device: Constant({"pid": 1}))
    for url, kind in (("http://gpu.test:8000/v1", NoSensor), ("http://127.0.0.1:8000/v1", Constant)):
        assert type(repeat._sensor_of_server(loaded(url))) is kind


def test_the_device_is_that_on_which_somebody_computes_and_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server runs on the second of three; a workload that names its device has that one."""
    devices_here = [Constant(name="GPU 0"), Constant({"pid": 1}, name="GPU 1"), Constant(name="GPU 2")]
    monkeypatch.setattr(nvml, "boards", lambda: devices_here)
    monkeypatch.setattr(device, "sensor", lambda _device: Constant({"pid": 1}, name="the CPU"))
    with serving(base_seconds=0.005) as served:
        for asked, name in (("auto", "GPU 1"), ("cpu", "the CPU")):
            workload = replace(loaded(served.url), device=asked)
            found = repeat.measure(workload, workload.cases[0], 0, tmp_path)
            said = (
                f"Energy, clocks and memory are those of {name} of this computer, on which the server is taken to run"
            )
            assert any(note.startswith(said) for note in found["notes"])


def test_a_part_of_a_watch_reaches_from_end_to_end() -> None:
    """Two seconds in the middle of readings every half second, at 10 W in one half and 30 W in the other."""
    watch = Watch(NoSensor(), readings=[(place / 2, Reading(watts=10 if place < 6 else 30)) for place in range(12)])
    watch._start = 100.0
    part = watch.between(101.9, 103.9)
    assert part.power[0] == (0.0, 10)
    assert part.power[-1] == (2.0, 30)
    energy = part.energy()
    assert energy is not None
    assert energy["joules"] == pytest.approx(10 * 0.6 + 20 * 0.5 + 30 * 0.9)


def test_a_key_is_read_from_the_variable_that_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The workload, which the record keeps, holds the name alone."""
    monkeypatch.setenv("MY_KEY", " sk-right\n")
    with serving(base_seconds=0.002, key="sk-right") as served:
        found = run(served.url, tmp_path, key_variable="MY_KEY")
        headers = [one["headers"]["authorization"] for one in served.seen()]
    assert set(headers) == {"Bearer sk-right"}
    assert "sk-" not in str(found)


@pytest.mark.parametrize(
    ("url", "name", "value", "why"),
    [
        ("http://gpu.test/v1", "MY_KEY", "sk-1", "sent only to servers on this computer and to those that you list"),
        ("http://127.0.0.1/v1", "MY_KEY", "", "MY_KEY is not set"),
        ("http://127.0.0.1/v1", "MY_KEY", "sk-1\nsk-2", "more than one printable line"),
        ("http://127.0.0.1/v1", "sk-1", "", "does not name an environment variable"),
    ],
)
def test_a_key_that_cannot_be_used_is_refused_before_the_run_and_not_repeated(
    url: str, name: str, value: str, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stranger's workload must not send somebody's key to a stranger's server."""
    monkeypatch.setenv("MY_KEY", value)
    with pytest.raises(WorkloadError, match=why) as caught:
        repeat.examine(loaded(url, key_variable=name))
    assert "sk-" not in str(caught.value)


def test_an_operator_lists_the_servers_that_keys_go_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """By scheme, host and port."""
    monkeypatch.setenv("MY_KEY", "sk-1")
    monkeypatch.setenv("BREAKEVEN_SERVERS", "https://gpu.test")
    assert repeat.examine(loaded("https://gpu.test/v1", key_variable="MY_KEY"))["device"]["kind"] == "server"
    with pytest.raises(WorkloadError, match="BREAKEVEN_SERVERS"):
        repeat.examine(loaded("http://gpu.test/v1", key_variable="MY_KEY"))
