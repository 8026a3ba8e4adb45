"""What a fork server imports once, so that each repeat starts as a fresh process without seconds of importing.

Forking is sound only while nothing has started threads or opened a device, which is noted after the imports
and looked at again in each new process.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from pathlib import Path

import psutil
import torch

from profiling import places

THREADS_AFTER_IMPORT = psutil.Process().num_threads()


def safe_to_fork() -> bool:
    """Whether the imports left one thread and no open device behind."""
    return THREADS_AFTER_IMPORT == 1 and not torch.cuda._is_in_bad_fork()


def _leave_no_sockets() -> None:
    """Removes the worker's folder of sockets, which a worker that was killed cannot do itself."""
    folder = Path(tempfile.gettempdir())
    if folder.name.startswith(places.SOCKETS_PREFIX):
        shutil.rmtree(folder, ignore_errors=True)


# The fork server outlives its worker by a moment; measuring processes leave without running this.
atexit.register(_leave_no_sockets)
