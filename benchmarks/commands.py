"""Whole commands, as a person waits for them: time, CPU and memory from the start of Python to its end."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.clock import FIRST, largest, taken

ROUNDS = 5
TRIALS = "10000"
# Linux counts the peak of a process in kilobytes, macOS in bytes.
PEAK_UNIT = 1 if sys.platform == "darwin" else 1024


def python(*arguments: str) -> int:
    """Run Python with these arguments, discard what it prints, and return its peak memory in bytes."""
    child = subprocess.Popen([sys.executable, *arguments], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise subprocess.CalledProcessError(child.returncode, child.args)
    return usage.ru_maxrss * PEAK_UNIT


def main() -> None:
    """Print what each command takes; the first one has the compiled files written, and does not count."""
    path, base = largest()
    print(f"Largest scenario: {path.stem}, {len(base.series):,} rows x {base.scenario.months} months")
    run = ("-m", "simulator", "run")
    book = str(Path(tempfile.gettempdir()) / "plan-of-benchmarks.xlsx")
    commands = {
        "python -c 'import numpy'": ("-c", "import numpy"),
        "simulator --help": ("-m", "simulator", "--help"),
        "profiling --help": ("-m", "profiling", "--help"),
        "check of the largest": ("-m", "simulator", "check", str(path)),
        "workbook of the largest": ("-m", "simulator", "workbook", str(path), "--out", book),
        f"run {FIRST.stem}": (*run, str(FIRST)),
        "run of the largest, 10,000 trials": (*run, str(path), "--trials", TRIALS),
        "the same with --json, all percentiles": (*run, str(path), "--trials", TRIALS, "--json"),
    }
    for name, command in commands.items():
        python(*command)
        peaks: list[int] = []
        (found,) = taken(ROUNDS, lambda command=command, peaks=peaks: peaks.append(python(*command)))
        print(f"  {name:<44} {found}, {max(peaks) / 1e6:4.0f} MB")
    Path(book).unlink()


if __name__ == "__main__":
    main()
