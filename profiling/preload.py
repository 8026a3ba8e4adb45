"""What a fork server imports once, so that each repeat starts as a fresh process without seconds of importing.

Forking is sound only while nothing has started threads or opened a device, which is noted after the imports
and looked at again in each new process.
"""

from __future__ import annotations

import psutil
import torch

from profiling import repeat  # noqa: F401  (imported for its imports)

THREADS_AFTER_IMPORT = psutil.Process().num_threads()


def safe_to_fork() -> bool:
    """Whether the imports left one thread and no open device behind."""
    return THREADS_AFTER_IMPORT == 1 and not torch.cuda._is_in_bad_fork()
