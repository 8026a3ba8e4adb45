"""A server that runs while it is loaded: started, waited for, and stopped with all that it started."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import psutil

from profiling.engines.engine import HOST
from profiling.errors import LoadError
from profiling.runs import processes

# Otherwise vLLM sends its makers model and hardware, and Hugging Face's libraries how they are used.
UNTRACKED = {"DO_NOT_TRACK": "1"}
POLL_SECONDS = 0.5
# An engine frees its device's memory in a few seconds; one that does not end is killed.
STOP_SECONDS = 15.0
# As much of what a server said before it ended as is read, and as fits into a sentence.
LAST_BYTES, MESSAGE_LETTERS = 4_096, 200


def free_port() -> int:
    """Return a port of this computer that nobody listens on."""
    with socket.create_server((HOST, 0)) as listening:
        return int(listening.getsockname()[1])


@contextlib.contextmanager
def running(command: Sequence[str], port: int, log: Path, wait_seconds: float) -> Iterator[None]:
    """Run a server, whose output goes to the log, from when it is healthy to the end of the block.

    Raise LoadError where it does not start, ends, or is not healthy in time.
    """
    if _listens(port):
        raise LoadError(f"port {port} is taken", todo="choose another one, or stop what listens there")
    try:
        with log.open("wb") as output:
            server = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env={**UNTRACKED, **os.environ},
            )
    except OSError as error:
        raise LoadError(f"{command[0]} cannot be started ({error.strerror})", todo="check the command") from error
    try:
        _wait(server, port, log, wait_seconds)
        yield
    finally:
        _stop(server)


def _wait(server: subprocess.Popen[bytes], port: int, log: Path, wait_seconds: float) -> None:
    """Wait until the server is healthy."""
    until = time.monotonic() + wait_seconds
    while not _healthy(port):
        if (code := server.poll()) is not None:
            what = f"the server ended with code {code} before it was healthy{_last_words(log)}"
            raise LoadError(what, todo=f"read {log}")
        if time.monotonic() > until:
            todo = f"read {log}, or allow more with --wait"
            raise LoadError(f"the server was not healthy after {wait_seconds:.0f} s", todo=todo)
        time.sleep(POLL_SECONDS)


def _last_words(log: Path) -> str:
    """Return the last line of a server's output as the end of a sentence; empty where it said nothing."""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - LAST_BYTES))
        lines = file.read().decode("utf-8", "replace").split("\n")
    said = [line.strip() for line in lines if line.strip()]
    return f': "{said[-1][-MESSAGE_LETTERS:]}"' if said else ""


def _healthy(port: int) -> bool:
    """Return whether the server says that it can be asked; one that still loads its weights says no."""
    asking = http.client.HTTPConnection(HOST, port, timeout=5.0)
    try:
        asking.request("GET", "/health")
        return asking.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        asking.close()


def _listens(port: int) -> bool:
    with socket.socket() as trying:
        return trying.connect_ex((HOST, port)) == 0


def _stop(server: subprocess.Popen[bytes]) -> None:
    """Ask the server to end, and kill what is left of it and its children."""
    with contextlib.suppress(psutil.Error):
        family = [*psutil.Process(server.pid).children(recursive=True), psutil.Process(server.pid)]
        server.terminate()
        _, left = psutil.wait_procs(family, timeout=STOP_SECONDS)
        for process in left:
            processes.kill_tree(process)
    server.wait()
    if hasattr(os, "killpg"):  # what a server that died has left is in its group still
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(server.pid, signal.SIGKILL)
