"""Training over several devices: one process each, started by torchrun, the first of which measures.

`launch` is called in the process of a repeat, whose children all of them are.  The others do what the first one
tells them (`Training.follow`), so that all take the same number of steps.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import psutil
import torch
from torch import distributed

from profiling import methods
from profiling.errors import ProfilingError, UnsupportedError
from profiling.files import write_atomic
from profiling.hardware import device as devices
from profiling.making.training import Training
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
        raise UnsupportedError(f"several devices are measured in training alone; set parallel to none for {case.kind}")
    if workload.parallel == "fsdp" and methods.find(case.point["method"]).whole_matrices:
        raise UnsupportedError(
            f"{case.point['method']} looks at whole matrices, of which FSDP leaves each device a share; set parallel "
            f"to ddp"
        )
    kind = _kind(workload)
    if kind not in BACKENDS:
        raise UnsupportedError(f"torch has no way for processes to exchange gradients on {kind}; take cpu or cuda")
    count = torch.cuda.device_count() if kind == "cuda" else os.cpu_count() or 1
    if workload.processes > count:
        raise UnsupportedError(
            f"{workload.processes} processes want a device each, and there are {count} "
            f"{'GPUs' if kind == 'cuda' else 'processor cores'}; ask for {count} processes at most"
        )


def _kind(workload: Workload) -> str:
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
            *("-m", "profiling.making.ranks", str(folder)),
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
        raise ProfilingError("torchrun ended without a result; its last words are in the run's log.txt")
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    apart = _kind(workload) == "cuda"
    # The first process's sensor reads its own GPU, or the processor that all of them share.
    tokens = found["tokens"] * (1 if apart else workload.processes)
    return {**found, "processes": workload.processes, "devices": workload.processes if apart else 1, "tokens": tokens}


def _raise(failure: Mapping[str, Any]) -> None:
    """Raise the failure of one process as if it had happened here."""
    if failure["status"] == "out_of_memory":
        raise torch.OutOfMemoryError(failure["why"])
    kind = UnsupportedError if failure["status"] == "unsupported" else ProfilingError
    raise kind(f"process {failure['rank']} of {failure['size']}: {failure['why']}")


def main(folder: Path) -> int:
    """Run one of the processes from start to end, and write down any error."""
    request = json.loads((folder / "request.json").read_text(encoding="utf-8"))
    threading.Thread(target=_end_with, args=(request["launcher"],), daemon=True).start()
    try:
        _work(request, folder)
    except Exception as error:
        traceback.print_exc()
        _write_failure(error, folder)
        return 1
    distributed.destroy_process_group()
    return 0


def _work(request: Mapping[str, Any], folder: Path) -> None:
    """Measure in the first process, and follow it in the others."""
    from profiling.measure import repeat  # noqa: PLC0415 (it imports this module)

    case = Case(**request["case"])
    workload = _placed(Workload.parse(request["workload"], "request"))
    distributed.init_process_group(BACKENDS[_kind(workload)])
    if distributed.get_rank() == 0:
        tell = live.Reporter(lambda values: write_atomic(folder / "live.json", json.dumps(values), durable=False))
        found = repeat.measure(workload, case, request["repeat"], folder, tell)
        write_atomic(folder / "result.json", json.dumps(found))
        return
    torch.manual_seed(workload.seed + request["repeat"])
    device = devices.choose(workload.device)
    Training(workload, case, devices.precision(workload.precision, device), device).follow(folder)


def _placed(workload: Workload) -> Workload:
    """Return the workload on this process's own device."""
    if _kind(workload) == "cpu":
        return replace(workload, device="cpu")
    place = int(os.environ["LOCAL_RANK"])
    torch.cuda.set_device(place)
    return replace(workload, device=f"cuda:{place}")


def _write_failure(error: Exception, folder: Path) -> None:
    """Write down the error of this process for the one that launched it."""
    status = "failed"
    if devices.ran_out_of_memory(error):
        status = "out_of_memory"
    elif isinstance(error, UnsupportedError):
        status = "unsupported"
    why = str(error) if isinstance(error, ProfilingError) else f"{type(error).__name__}: {error}".splitlines()[0][:500]
    number, size = os.environ.get("RANK", "0"), os.environ.get("WORLD_SIZE", "1")
    failure = {"status": status, "why": why, "rank": int(number) + 1, "size": int(size)}
    write_atomic(folder / f"failure-{number}.json", json.dumps(failure))


def _end_with(launcher: int) -> None:
    """End this process as soon as the launching process has ended."""
    while psutil.pid_exists(launcher):
        time.sleep(LOOK_SECONDS)
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
