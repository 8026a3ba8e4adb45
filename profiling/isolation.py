"""A fresh process for each repeat, which the parent survives, and which does not survive the parent."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import psutil

from profiling.errors import CancelledError, ProfilingError, RepeatLostError
from profiling.workload import CasePlan, Workload

POLL_SECONDS = 0.1
UNSAFE = "unsafe to fork"

Request = dict[str, Any]
Answer = dict[str, Any]


def perform(request: Request) -> Answer:
    """Examines the device, or measures one case; an error becomes a status, and its trace goes to the log."""
    from profiling import device, repeat  # noqa: PLC0415 (torch: in the measuring process alone)

    workload = Workload.parse(request["workload"], "request")
    try:
        if request["case"] is None:
            return {"result": repeat.examine(workload)}
        plan = CasePlan(**request["case"])
        return {"result": repeat.measure(workload, plan, request["repeat"], Path(request["scratch"]))}
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
    systems, each process is spawned and imports for itself.
    """

    task: Callable[[Request], Answer] = perform
    method: str = "forkserver" if sys.platform == "linux" else "spawn"

    def __post_init__(self) -> None:
        if self.method == "forkserver":
            multiprocessing.get_context("forkserver").set_forkserver_preload(["profiling.preload"])

    def run(self, request: Request, cancelled: Callable[[], bool]) -> Answer:
        """What the task answered: its `result`, or a `status` with its `why`.

        Raises CancelledError once `cancelled()` is true, and RepeatLostError where the process ended silently.
        """
        answer = self._attempt(request, cancelled)
        if answer.get("status") == UNSAFE:
            self.method = "spawn"
            answer = self._attempt(request, cancelled)
        return answer

    def _attempt(self, request: Request, cancelled: Callable[[], bool]) -> Answer:
        context: Any = multiprocessing.get_context(self.method)
        receiver, sender = context.Pipe(duplex=False)
        process = context.Process(target=_main, args=(sender, request, self.task, self.method == "forkserver"))
        process.start()
        sender.close()
        try:
            return _answer(receiver, process, cancelled)
        finally:
            receiver.close()
            stop(process)


def _answer(receiver: Connection, process: BaseProcess, cancelled: Callable[[], bool]) -> Answer:
    """Waits for the one message of a repeat."""
    while not receiver.poll(POLL_SECONDS):
        if cancelled():
            raise CancelledError("the run was cancelled")
    try:
        message: Answer = receiver.recv()
    except EOFError:
        process.join()
        raise RepeatLostError(_epitaph(process.exitcode)) from None
    return message


def _epitaph(code: int | None) -> str:
    """How a process ended that left no message."""
    if code == -9:
        return "the measuring process was killed from outside, most often by the system for want of memory"
    return f"the measuring process ended with code {code} and no result; its last words are in the run's log.txt"


def stop(process: BaseProcess) -> None:
    """Ends a process of this one and all that it started, and waits until it is gone."""
    if process.pid is not None:
        kill_tree(process.pid)
    process.join()
    process.close()


def kill_tree(pid: int) -> None:
    """Kills a process and its descendants, as far as they are still there."""
    with contextlib.suppress(psutil.NoSuchProcess):
        root = psutil.Process(pid)
        for member in [*root.children(recursive=True), root]:
            with contextlib.suppress(psutil.NoSuchProcess):
                member.kill()


def _main(sender: Connection, request: Request, task: Callable[[Request], Answer], forked: bool) -> None:
    """The whole life of a repeat's process."""
    threading.Thread(target=_die_with_parent, daemon=True).start()
    if forked:
        from profiling import preload  # noqa: PLC0415 (torch: already there in a forked process)

        if not preload.safe_to_fork():
            sender.send({"status": UNSAFE})
            return
    sender.send(task(request))
    sender.close()


def _die_with_parent() -> None:
    """Ends this process as soon as the one that asked for it has ended, however that happened."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
