"""Blocks of work on an executor: results in order, what is left cancelled, and a lost worker told in a sentence."""

from __future__ import annotations

import ctypes
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from contextlib import nullcontext, suppress
from typing import Any, TypeVar

from simulator.errors import PlanError

Item = TypeVar("Item")
Result = TypeVar("Result")
# Two threads are faster than one; more than that wait for each other.
THREADS = 2


def in_order(work: Callable[[Item], Result], items: Iterable[Item], executor: Executor | None) -> Iterator[Result]:
    """Yield the results of the work on each item in order, from two threads if no executor is given.

    Where the reader stops, items that have not begun are cancelled. Raise PlanError if a worker is lost for good.
    """
    with ThreadPoolExecutor(THREADS) if executor is None else nullcontext(executor) as pool:
        waiting = deque[Future[Result]]()
        try:
            waiting.extend(pool.submit(work, item) for item in items)
            while waiting:
                yield waiting.popleft().result()
        except BrokenExecutor:
            what = "a process that computed trials was stopped, perhaps because memory ran out"
            raise PlanError(what, "run fewer processes, or fewer trials") from None
        finally:
            for one in waiting:
                one.cancel()


def keep_freed_memory() -> None:
    """Have the C library keep memory that is freed, for the process that runs trials; does nothing without glibc.

    By default it hands the arrays of each formula back to the system and asks for them again, a tenth of all time.
    """
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            allocate = ctypes.CDLL("libc.so.6").mallopt
            allocate(-1, 256 * 2**20)  # M_TRIM_THRESHOLD: bytes that are kept at most
            allocate(-3, 32 * 2**20)  # M_MMAP_THRESHOLD: bytes from which an array is no part of that


class Watched(Executor):
    """An executor that tells after each piece of work how many are done, and how many have been given to it.

    `tell` is called on the thread that finished the piece.
    """

    def __init__(self, inner: Executor, tell: Callable[[int, int], None]) -> None:
        self._inner, self._tell = inner, tell
        self._done = self._given = 0

    def submit(self, work: Callable[..., Any], /, *given: Any, **named: Any) -> Future[Any]:
        """Hand on a piece of work, and count it."""
        future = self._inner.submit(work, *given, **named)
        self._given += 1
        future.add_done_callback(self._count)
        return future

    def _count(self, future: Future[Any]) -> None:
        if not future.cancelled():
            self._done += 1
            self._tell(self._done, self._given)
