"""A process beside this one that does its work, one piece after the other, so that this one stays free.

It takes a second to start. Until then, and where it was stopped, work is done on a thread of this process.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from simulator.answers.blocks.work import keep_freed_memory
from simulator.lines import business


class Companion:
    """The process, with a thread of this one that hands it a piece of work and waits for what comes of it."""

    def __init__(self) -> None:
        self._hands = ThreadPoolExecutor(1, "companion")
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def is_ready(self) -> bool:
        """Return whether the process has started, and would do the next piece of work."""
        return self._process is not None

    def start(self) -> Future[None]:
        """Start the process if there is none; the future is done once it is ready, or could not be started."""
        return self._hands.submit(self._start)

    def stop(self) -> Future[None]:
        """End the process after the work that it was given."""
        return self._hands.submit(self._end)

    def submit(self, work: Callable[..., Any], /, *given: Any, **named: Any) -> Future[Any]:
        """Hand on a piece of work, which is pickled now with what it is given."""
        piece = partial(work, *given, **named)
        return self._hands.submit(self._done, piece, pickle.dumps(piece))

    def _start(self) -> None:
        if self._process is None:
            process = subprocess.Popen(
                [sys.executable, "-m", __name__],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                cwd=Path(__file__).parents[3],
            )
            try:
                _answer(process)
            except (OSError, EOFError):
                _close(process)
            else:
                self._process = process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            _close(process)

    def _done(self, piece: Callable[[], Any], written: bytes) -> Any:
        """Return what comes of a piece of work; if it or the process is lost, do it here and start another one."""
        if (process := self._process) is None:
            return piece()
        try:
            assert process.stdin is not None
            process.stdin.write(written)
            process.stdin.flush()
            found, error = _answer(process)
        except Exception:  # what cannot be read leaves a part of itself in the pipe
            self._end()
            self.start()
            return piece()
        if error is not None:
            raise error
        return found


def _answer(process: subprocess.Popen[bytes]) -> Any:
    assert process.stdout is not None
    return pickle.load(process.stdout)


def _close(process: subprocess.Popen[bytes]) -> None:
    with suppress(OSError), process:  # it may have left a pipe broken; without its pipes it ends
        pass


def _attempt(piece: Callable[[], Any]) -> tuple[Any, Exception | None]:
    try:
        return piece(), None
    except Exception as error:  # for the other process to raise
        return None, error


def main() -> None:
    """Do the work that comes from the other process until it ends, and answer each piece with its result or error."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library prints is no answer
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches both; the other one answers it
    keep_freed_memory()
    business()
    found: tuple[Any, Exception | None] = (None, None)
    with suppress(EOFError, BrokenPipeError):
        while True:
            pickle.dump(found, answers)
            answers.flush()
            found = _attempt(pickle.load(sys.stdin.buffer))


if __name__ == "__main__":
    main()
