"""One of the processes that `ranks` launches under torchrun: the first one measures, and the others follow it."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
import traceback
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import torch
from torch import distributed

from profiling.errors import ProfilingError, UnsupportedError
from profiling.files import write_atomic
from profiling.hardware import device as devices
from profiling.making.training import Training
from profiling.runs import live
from profiling.worker import repeat
from profiling.worker.ranks import BACKENDS, LOOK_SECONDS, device_kind
from profiling.workload.workload import Case, Workload


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

    case = Case(**request["case"])
    workload = _placed(Workload.parse(request["workload"], "request"))
    distributed.init_process_group(BACKENDS[device_kind(workload)])
    if distributed.get_rank() == 0:
        tell = live.Reporter(lambda values: write_atomic(folder / "live.json", json.dumps(values), durable=False))
        found = repeat.measure(workload, case, request["repeat"], folder, tell)
        write_atomic(folder / "result.json", json.dumps(found))
        return
    devices.multiply_exactly()
    torch.manual_seed(workload.seed + request["repeat"])
    device = devices.choose(workload.device)
    Training(workload, case, devices.precision(workload.precision, device), device).follow(folder)


def _placed(workload: Workload) -> Workload:
    """Return the workload on this process's own device."""
    if device_kind(workload) == "cpu":
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
