"""Imports of the fork server, made once so that each repeat starts fresh without seconds of importing.

All that measures is imported here: torch takes one second, and transformers with what it brings along two more.

Forking is safe only while no threads run and no device is open, which is noted after the imports and checked again in
each new process.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from pathlib import Path

import psutil
import torch

from profiling import places
from profiling.worker import repeat  # noqa: F401 (what is imported here, no process imports again)

THREADS_AFTER_IMPORT = psutil.Process().num_threads()


def safe_to_fork() -> bool:
    """Return whether the imports left a single thread and no open device."""
    return THREADS_AFTER_IMPORT == 1 and not torch.cuda._is_in_bad_fork()


def _leave_no_sockets() -> None:
    """Remove the worker's folder of sockets, which a killed worker cannot do."""
    folder = Path(tempfile.gettempdir())
    if folder.name.startswith(places.SOCKETS_PREFIX):
        shutil.rmtree(folder, ignore_errors=True)


# The fork server ends shortly after its worker; measuring processes exit without running this.
atexit.register(_leave_no_sockets)
