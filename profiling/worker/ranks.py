"""Training over several devices: one process each, started by torchrun, the first of which measures.

`launch` is called in the process of a repeat, whose children all of them are.  The others do what the first one
tells them (`Training.follow`), so that all take the same number of steps.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from profiling import methods
from profiling.errors import Phrase, ProfilingError, UnsupportedError
from profiling.runs import live, processes
from profiling.runs.live import Report
from profiling.workload.kinds import KINDS
from profiling.workload.workload import Case, Workload

PACKAGE_ROOT = Path(__file__).parents[2]
BACKENDS = {"cpu": "gloo", "cuda": "nccl"}
# How often a process looks after the one that started it, and that one after what was told.
LOOK_SECONDS = 0.2


def launch(workload: Workload, case: Case, repeat: int, scratch: Path, report: Report = live.nothing) -> dict[str, Any]:
    """Measure one repeat over the workload's `processes`; return the first one's result, with their number.

    Raises UnsupportedError without that many devices, torch.OutOfMemoryError where one of them ran out of memory,
    and ProfilingError with the first process's words where one of them failed.
    """
    check(workload, case)
    folder = scratch / "ranks"
    folder.mkdir(parents=True)
    request = {"workload": workload.to_json(), "case": asdict(case), "repeat": repeat, "launcher": os.getpid()}
    (folder / "request.json").write_text(json.dumps(request), encoding="utf-8")
    _watch(_start(folder, workload.processes), folder, report)
    return _answer(folder, workload)


def check(workload: Workload, case: Case) -> None:
    """Raise UnsupportedError where the case cannot be spread over processes, or not over as many."""
    if "parallel" not in KINDS[case.kind].fields:
        raise UnsupportedError(
            "several devices are measured in training alone", todo=f"set parallel to none for {case.kind}"
        )
    if workload.parallel == "fsdp" and methods.find(case.point["method"]).whole_matrices:
        raise UnsupportedError(
            Phrase(
                "{method} looks at whole matrices, of which FSDP leaves each device a share",
                method=case.point["method"],
            ),
            todo="set parallel to ddp",
        )
    kind = device_kind(workload)
    if kind not in BACKENDS:
        raise UnsupportedError(
            Phrase("torch has no way for processes to exchange gradients on {kind}", kind=kind), todo="take cpu or cuda"
        )
    count = torch.cuda.device_count() if kind == "cuda" else os.cpu_count() or 1
    if workload.processes > count:
        raise UnsupportedError(
            Phrase(
                "each of {asked} processes wants a device of its own, and this computer has {count}",
                asked=workload.processes,
                count=count,
            ),
            todo=Phrase("ask for {count} at most", count=count),
        )


def device_kind(workload: Workload) -> str:
    """Return the type of the devices without allocating memory on one."""
    if workload.device != "auto":
        return workload.device.partition(":")[0]
    found = torch.accelerator.current_accelerator(check_available=True)
    return "cpu" if found is None else found.type


def _start(folder: Path, count: int) -> subprocess.Popen[bytes]:
    """Start torchrun, which starts the processes and ends all where one fails; they write to this process's output."""
    threads = max(1, (os.cpu_count() or 1) // count)
    path = os.pathsep.join(filter(None, (str(PACKAGE_ROOT), os.environ.get("PYTHONPATH"))))
    return subprocess.Popen(
        [
            *(sys.executable, "-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={count}"),
            *("-m", "profiling.worker.rank", str(folder)),
        ],
        env={**os.environ, "OMP_NUM_THREADS": str(threads), "PYTHONPATH": path},
    )


def _watch(process: subprocess.Popen[bytes], folder: Path, report: Report) -> None:
    """Wait for the end, hand on what the first process tells, and leave no process behind."""
    told = folder / "live.json"
    try:
        while process.poll() is None:
            time.sleep(LOOK_SECONDS)
            if told.exists():
                report(json.loads(told.read_text(encoding="utf-8")))
    finally:
        processes.kill_tree(process.pid)
        process.wait()


def _answer(folder: Path, workload: Workload) -> dict[str, Any]:
    """Return what the first process found; raise the error of the first that failed."""
    failures = sorted(folder.glob("failure-*.json"), key=lambda path: path.stat().st_mtime_ns)
    if failures:
        _raise(json.loads(failures[0].read_text(encoding="utf-8")))
    path = folder / "result.json"
    if not path.exists():
        raise ProfilingError("torchrun ended without a result", todo="its last words are in the run's log.txt")
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    devices = workload.processes if device_kind(workload) == "cuda" else 1  # all processes share one CPU
    return {**found, "processes": workload.processes, "devices": devices}


def _raise(failure: Mapping[str, Any]) -> None:
    """Raise the failure of one process as if it had happened here."""
    if failure["status"] == "out_of_memory":
        raise torch.OutOfMemoryError(failure["why"])
    kind = UnsupportedError if failure["status"] == "unsupported" else ProfilingError
    raise kind(Phrase("process {rank} of {size}: {why}", **{name: failure[name] for name in ("rank", "size", "why")}))
