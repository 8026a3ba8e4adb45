"""On a CPU the system lists the other processes that compute."""

import subprocess
import sys
import time

from profiling.hardware.host import HostSensor


def test_a_busy_neighbour_is_named_and_an_own_process_left_out() -> None:
    """An endless loop is listed with about one core, and energy stays unknown."""
    busy = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        time.sleep(0.5)
        found = {other["pid"]: other for other in HostSensor().others(own=())}
        assert found[busy.pid]["cores"] > 0.1
        assert "python" in found[busy.pid]["name"]
        assert busy.pid not in {other["pid"] for other in HostSensor().others(own=(busy.pid,))}
    finally:
        busy.kill()
        busy.wait()
    assert HostSensor().reading().watts is None
