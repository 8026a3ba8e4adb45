"""Waiting for what another process does to a run."""

import time
from collections.abc import Callable

from profiling.runs.job import Job

PATIENCE_SECONDS = 120  # imports and three looks at the device, on a machine that is busy


def until(true: Callable[[], bool], job: Job) -> None:
    """Wait for something to become true of a run."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < deadline, f"{job.state()}\n{job.log_tail()}"
        time.sleep(0.05)
