"""Executors for blocks of trials and changes: processes on this computer, or a Dask cluster.

Workers get a frozen scenario, some 200 kilobytes, and the numbers of the trials to run.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import re
import signal
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import CancelledError, Executor, ProcessPoolExecutor
from contextlib import contextmanager
from typing import Any

from simulator.answers.blocks.work import keep_freed_memory
from simulator.errors import PlanError

# Processes that nobody asked for: each takes some 300 megabytes.
MOST_BY_DEFAULT = 4
# Seconds to wait for a cluster's scheduler.
PATIENCE = 10
ADDRESS = "write it as the scheduler prints it, as in tcp://10.0.0.5:8786"


def worthwhile() -> int:
    """Return how many processes take less time than threads for many trials; 0 where their start would take longer."""
    return min(len(os.sched_getaffinity(0)), MOST_BY_DEFAULT) if _may_fork() else 0


def _may_fork() -> bool:
    """Return whether a process can be forked, which starts at once and has everything imported.

    Threads of the parent may hold locks that nobody would release.
    """
    return sys.platform.startswith("linux") and threading.active_count() == 1


@contextmanager
def processes(count: int) -> Iterator[Executor]:
    """Yield an executor of that many processes on this computer."""
    context = multiprocessing.get_context("fork" if _may_fork() else "spawn")
    with ProcessPoolExecutor(count, context, _prepare) as pool:
        yield pool


def _prepare() -> None:
    """Prepare a process for trials."""
    # Ctrl-C reaches every process of a terminal; the parent alone answers it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    keep_freed_memory()


@contextmanager
def cluster(address: str) -> Iterator[Executor]:
    """Yield an executor of the Dask cluster whose scheduler listens at an address, such as `tcp://10.0.0.5:8786`.

    A block whose worker is lost runs again on another one. Raise PlanError if Dask is not installed, nobody answers, or
    the cluster gives up.
    """
    if not re.fullmatch(r"[a-z]+://\S+:\d+", address):
        raise PlanError(f"{address} is not the address of a Dask scheduler", ADDRESS)
    try:
        from distributed import Client  # noqa: PLC0415  # optional, and slow to import
        from distributed.scheduler import KilledWorker  # noqa: PLC0415
    except ImportError:
        raise PlanError("a cluster needs Dask, which is not installed", "run pip install distributed") from None
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what it would log is told in a sentence
    try:
        client = Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:
        raise PlanError(
            f"no Dask scheduler answers at {address} ({error})", f"start dask scheduler, or {ADDRESS}"
        ) from None
    with client:
        pool = _tried(client, address)
        try:
            yield pool
        except (KilledWorker, CancelledError, OSError) as error:
            todo = "look at the workers' logs, and give them more memory"
            raise PlanError(f"the cluster at {address} gave up a block of trials: {error}", todo) from None


def _tried(client: Any, address: str) -> Executor:
    """Return the executor of a cluster that has run something; raise PlanError where it has no worker or no code."""
    try:
        client.wait_for_workers(1, timeout=PATIENCE)
    except OSError:
        raise PlanError(f"the cluster at {address} has no worker", f"start one: dask worker {address}") from None
    pool: Executor = client.get_executor()
    try:
        pool.submit(keep_freed_memory).result()
    except (ImportError, AttributeError, RuntimeError):
        todo = "start its scheduler and its workers in this repository's folder with PYTHONPATH=."
        raise PlanError(f"the cluster at {address} does not find this program", todo) from None
    return pool
