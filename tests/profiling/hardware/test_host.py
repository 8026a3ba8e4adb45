"""On a CPU the system lists the other processes that compute."""

import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from profiling.hardware import host
from profiling.hardware.host import HostSensor


@pytest.fixture
def busy() -> Iterator[subprocess.Popen[bytes]]:
    """Run an endless loop."""
    loop = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    time.sleep(0.5)
    yield loop
    loop.kill()
    loop.wait()


def test_a_busy_neighbour_is_named_and_an_own_process_left_out(busy: subprocess.Popen[bytes]) -> None:
    """An endless loop is listed with about one core, and energy stays unknown."""
    found = {other["pid"]: other for other in HostSensor().others(own=())}
    assert found[busy.pid]["cores"] > 0.1
    assert "python" in found[busy.pid]["name"]
    assert busy.pid not in {other["pid"] for other in HostSensor().others(own=(busy.pid,))}
    assert HostSensor().reading().watts is None


def test_a_look_that_takes_longer_than_it_should_sees_no_more_cores(
    busy: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Listing thousands of processes takes as long as the pause between both looks."""
    monkeypatch.setattr(host, "LOOK_SECONDS", 0.02)
    monkeypatch.setattr(host.time, "sleep", lambda _seconds, pause=time.sleep: pause(0.4))
    found = {other["pid"]: other["cores"] for other in HostSensor().others(own=())}
    assert found[busy.pid] < 1.2
