"""What a killed run left half written is gone when the run goes on."""

from pathlib import Path
from typing import Any

import pytest

from profiling.errors import CancelledError
from profiling.files import write_atomic
from profiling.runs.jobs import Job
from profiling.worker.isolation import Isolation
from profiling.worker.worker import Worker


class Stopped(Isolation):
    """Measuring that is cancelled at once."""

    def run(self, *_: Any) -> dict[str, Any]:
        raise CancelledError("the run was cancelled")


def test_half_of_a_file_is_removed(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*_: Any, **__: Any) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", killed)
        patched.setattr(Path, "unlink", killed)
        with pytest.raises(RuntimeError, match="killed"):
            write_atomic(job.folder / "state.json", "half")
    hidden = [path for path in job.folder.iterdir() if path.name.startswith(".")]
    assert hidden
    Worker(job, Stopped()).run()
    assert not any(path.exists() for path in hidden)
