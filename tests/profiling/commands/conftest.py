"""A run that commands can read."""

from typing import Any

import pytest
from played import Played

from profiling.runs.job import Job
from profiling.worker.worker import Worker


@pytest.fixture
def done(job: Job, examined: dict[str, Any], measured: dict[str, Any]) -> Job:
    """A run that has ended well."""
    Worker(job, Played(examined, measured)).run()
    return job
