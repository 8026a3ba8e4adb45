"""A fresh process for each repeat, which the parent survives, and which does not survive the parent."""

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

from profiling.errors import CancelledError, ProfilingError, RepeatLostError, UnsupportedError
from profiling.hardware import host
from profiling.runs import processes
from profiling.runs.live import Report, Reporter, nothing
from profiling.workload.workload import Case, Workload

POLL_SECONDS = 0.1
UNSAFE = "unsafe to fork"
KILLED = -9
# Linux ends the process with the highest score first where memory runs out: this one, before whoever watches it.
MEMORY_SCORE, FIRST_TO_GO = Path("/proc/self/oom_score_adj"), "1000"

# Where libraries would leave files that outlive the run: each is pointed into the repeat's own folder, apart from
# the hub's store of models, which is the user's and is filled only by a workload that names a model there.
CACHES = (
    "TORCHINDUCTOR_CACHE_DIR",
    "TRITON_CACHE_DIR",
    "CUDA_CACHE_PATH",
    "TORCH_EXTENSIONS_DIR",
    "HF_MODULES_CACHE",
    "MPLCONFIGDIR",
    "XDG_CACHE_HOME",
)
TEMPORARY = ("TMPDIR", "TEMP", "TMP")

Request = dict[str, Any]
Answer = dict[str, Any]
Task = Callable[[Request, Report], Answer]


def perform(request: Request, report: Report) -> Answer:
    """Examines the device, or measures one case; an error becomes a status, and its trace goes to the log."""
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
        # Whatever a library raises belongs in the record: this process is there so that it stays here.
        traceback.print_exc()
        status = "out_of_memory" if device.ran_out_of_memory(error) else "failed"
        return {"status": status, "why": f"{type(error).__name__}: {error}".splitlines()[0][:500]}


@dataclass
class Isolation:
    """Runs a task on one request at a time, each in a process of its own.

    On Linux a fork server holds the imports; where forking its state would not be sound, and on other
    systems, each process is spawned and imports for itself.  A request names its `scratch` folder, where the
    process keeps whatever it or its libraries write.
    """

    task: Task = perform
    method: str = "forkserver" if sys.platform == "linux" else "spawn"

    def __post_init__(self) -> None:
        if self.method == "forkserver":
            multiprocessing.get_context("forkserver").set_forkserver_preload(["profiling.worker.preload"])

    def run(self, request: Request, cancelled: Callable[[], bool], report: Report = nothing) -> Answer:
        """What the task answered: its `result`, or a `status` with its `why`.

        Hands on to `report` what the task told meanwhile.  Raises CancelledError once `cancelled()` is true, and
        RepeatLostError where the process ended silently.
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
            receiver.close()
            stop(process, request.get("scratch"))


def _answer(receiver: Connection, cancelled: Callable[[], bool], report: Report) -> Answer:
    """Waits for the last message of a repeat; raises EOFError where it ends without one."""
    while True:
        while not receiver.poll(POLL_SECONDS):
            if cancelled():
                raise CancelledError("the run was cancelled")
        message: Answer = receiver.recv()
        if "live" not in message:
            return message
        report(message["live"])


def _epitaph(code: int | None, memory_kills_before: int | None) -> Answer:
    """What a process that left no message ended of; raises RepeatLostError unless the system says: of memory."""
    if code != KILLED:
        words = f"ended with code {code} and no result; its last words are in the run's log.txt"
        raise RepeatLostError(f"the measuring process {words}")
    if memory_kills_before is None or host.memory_kills() == memory_kills_before:
        raise RepeatLostError("the measuring process was killed from outside")
    return {"status": "out_of_memory", "why": "the system ended the measuring process for want of memory"}


def stop(process: BaseProcess, scratch: str | None = None) -> None:
    """Ends a process of this one and all that it started, and waits until it is gone.

    What it started and lost, by ending first, is known by the scratch folder that it inherited.
    """
    if process.pid is not None:
        processes.kill_tree(process.pid)
    process.join()
    process.close()
    if scratch is not None:
        processes.kill_where(lambda environment: environment.get(TEMPORARY[0]) == scratch)


def _main(sender: Connection, request: Request, task: Task, forked: bool) -> None:
    """The whole life of a repeat's process."""
    threading.Thread(target=_die_with_parent, daemon=True).start()
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            MEMORY_SCORE.write_text(FIRST_TO_GO, encoding="ascii")
    if forked:
        from profiling.worker import preload  # noqa: PLC0415 (torch: already there in a forked process)

        if not preload.safe_to_fork():
            sender.send({"status": UNSAFE})
            return
    if (scratch := request.get("scratch")) is not None:
        _keep_to(scratch)
    reporter = Reporter(lambda values: sender.send({"live": values}))
    answer = task(request, reporter)
    reporter.last(lambda: sender.send(answer))
    sender.close()


def _keep_to(scratch: str) -> None:
    """Points whatever this process and its children would write elsewhere into its own folder."""
    os.environ.update(dict.fromkeys((*CACHES, *TEMPORARY), scratch))
    tempfile.tempdir = None  # found anew, where it was already looked up before the fork


def _die_with_parent() -> None:
    """Ends this process and its own as soon as the one that asked for it has ended, however that happened."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        with contextlib.suppress(Exception):
            processes.kill_descendants()
        os._exit(1)
