"""A fresh process for each repeat: its crash does not end the parent, and it ends with the parent."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from profiling.errors import CancelledError, Phrase, ProfilingError, RepeatLostError, UnsupportedError
from profiling.hardware import host
from profiling.runs import processes
from profiling.runs.live import Report, Reporter, nothing
from profiling.workload.workload import Case, Workload

POLL_SECONDS = 0.1
UNSAFE = "unsafe to fork"
KILLED = -9
# Out of memory, Linux kills the process with the highest score first: the measuring one, not its parent.
MEMORY_SCORE, FIRST_TO_GO = Path("/proc/self/oom_score_adj"), "1000"

# Folders where libraries would leave files after the run: each is set to a folder of the run, which the repeats of a
# case share, so that what the first one compiled is there for the next. The hub's cache of models stays the user's own;
# only a workload that names a hub model adds to it.
CACHES = (
    *("TORCHINDUCTOR_CACHE_DIR", "TRITON_CACHE_DIR", "CUDA_CACHE_PATH", "TORCH_EXTENSIONS_DIR"),
    *("HF_MODULES_CACHE", "MPLCONFIGDIR", "XDG_CACHE_HOME"),
)
TEMPORARY = ("TMPDIR", "TEMP", "TMP")

Request = dict[str, Any]
Answer = dict[str, Any]
Task = Callable[[Request, Report], Answer]


def perform(request: Request, report: Report) -> Answer:
    """Return the examined device or the measured case; an error becomes a status, and its trace goes to the log."""
    from profiling.hardware import device  # noqa: PLC0415 (torch: in the measuring process alone)
    from profiling.worker import repeat  # noqa: PLC0415 (torch: in the measuring process alone)

    workload = Workload.parse(request["workload"], "request")
    try:
        if request["case"] is None:
            return {"result": repeat.examine(workload)}
        plan = Case(**request["case"])
        return {"result": repeat.measure(workload, plan, request["repeat"], Path(request["scratch"]), report)}
    except UnsupportedError as error:
        return {"status": "unsupported", "why": str(error)}
    except ProfilingError as error:
        return {"status": "failed", "why": str(error)}
    except Exception as error:
        # Any exception of a library belongs in the record; isolating it is what this process is for.
        traceback.print_exc()
        status = "out_of_memory" if device.ran_out_of_memory(error) else "failed"
        return {"status": status, "why": f"{type(error).__name__}: {error}".splitlines()[0][:500]}


@dataclass
class Isolation:
    """Runner of one request at a time, each in its own process.

    On Linux a fork server holds the imports. Where forking it would be unsafe, and on other systems, each process is
    spawned and imports for itself. A request names its `scratch` folder, where the process and its libraries write, and
    may name a folder for `caches` that outlasts it.
    """

    task: Task = perform
    method: str = "forkserver" if sys.platform == "linux" else "spawn"

    def __post_init__(self) -> None:
        if self.method == "forkserver":
            multiprocessing.get_context("forkserver").set_forkserver_preload(["profiling.worker.preload"])

    def run(self, request: Request, cancelled: Callable[[], bool], report: Report = nothing) -> Answer:
        """Return the answer of the task: its `result`, or a `status` with its `why`.

        Pass live values to `report`. Raise CancelledError once `cancelled()` is true, and RepeatLostError where the
        process ended without an answer.
        """
        answer = self._attempt(request, cancelled, report)
        if answer.get("status") == UNSAFE:
            self.method = "spawn"
            answer = self._attempt(request, cancelled, report)
        return answer

    def _attempt(self, request: Request, cancelled: Callable[[], bool], report: Report) -> Answer:
        context: Any = multiprocessing.get_context(self.method)
        receiver, sender = context.Pipe(duplex=False)
        process = context.Process(target=_main, args=(sender, request, self.task, self.method == "forkserver"))
        kills = host.memory_kills()
        process.start()
        sender.close()
        try:
            return _answer(receiver, cancelled, report)
        except EOFError:
            process.join()
            return _epitaph(process.exitcode, kills)
        finally:
            # The process is gone before its pipe is: one that still told its values would leave a trace in the log.
            stop(process, request.get("scratch"))
            receiver.close()


def _answer(receiver: Connection, cancelled: Callable[[], bool], report: Report) -> Answer:
    """Return the last message of a repeat, and report those before; raise EOFError where it ends without one."""
    while True:
        while not receiver.poll(POLL_SECONDS):
            if cancelled():
                raise CancelledError("the run was cancelled")
        message: Answer = receiver.recv()
        if "live" not in message:
            return message
        report(message["live"])


def _epitaph(code: int | None, memory_kills_before: int | None) -> Answer:
    """Return an out-of-memory status for a process that the system killed for memory; else raise RepeatLostError."""
    if code != KILLED:
        what = "the measuring process ended with code {code} and no result; its last output is in the run's log.txt"
        raise RepeatLostError(Phrase(what, code=code))
    if memory_kills_before is None or host.memory_kills() == memory_kills_before:
        raise RepeatLostError("the measuring process was killed from outside")
    return {"status": "out_of_memory", "why": Phrase("the system killed the measuring process because memory ran out")}


def stop(process: BaseProcess, scratch: str | None = None) -> None:
    """End a child process and all that it started, and wait until it is gone.

    Orphans of the child are recognised by the scratch folder in their environment.
    """
    if process.pid is not None:
        processes.kill_tree(process.pid)
    process.join()
    process.close()
    if scratch is not None:
        processes.kill_where(lambda environment: environment.get(TEMPORARY[0]) == scratch)


def _main(sender: Connection, request: Request, task: Task, forked: bool) -> None:
    """Run one repeat: the entry of its process."""
    threading.Thread(target=_die_with_parent, daemon=True).start()
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            MEMORY_SCORE.write_text(FIRST_TO_GO, encoding="ascii")
    if forked:
        from profiling.worker import preload  # noqa: PLC0415 (torch: already there in a forked process)

        if not preload.safe_to_fork():
            sender.send({"status": UNSAFE})
            return
    scratch: str | None = request.get("scratch")
    if scratch is not None:
        # By default the hub's folder lies in that of all caches, and each process would fetch its model again.
        user_caches = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser()
        os.environ.setdefault("HF_HOME", str(user_caches / "huggingface"))
        # The temporary folders of this process and its children are kept there, and the caches, unless repeats share.
        os.environ.update(dict.fromkeys(TEMPORARY, scratch))
        os.environ.update(dict.fromkeys(CACHES, str(request.get("caches", scratch))))
        tempfile.tempdir = None  # looked up again, since it may have been cached before the fork
    reporter = Reporter(lambda values: sender.send({"live": values}))
    answer = task(request, reporter)
    reporter.last(lambda: sender.send(answer))
    sender.close()


def _die_with_parent() -> None:
    """End this process and its children as soon as the parent has ended."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        with contextlib.suppress(Exception):
            processes.kill_descendants()
        os._exit(1)
