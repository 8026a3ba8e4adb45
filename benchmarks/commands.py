"""Whole commands: 10,000 trials of the largest scenario, and the start of both command lines."""

from __future__ import annotations

import os
import subprocess
import sys

from benchmarks.clock import largest, reference, seconds

TRIALS = 10_000
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


def engine() -> None:
    """Print time and memory of a run of all trials."""
    path, projection = largest()
    rows, months = len(projection.series), projection.scenario.months
    peaks: list[int] = []
    command = ("-m", "simulator", "run", str(path), "--trials", str(TRIALS), "--json")
    run, numpy = seconds(3, lambda: peaks.append(python(*command)), lambda: reference(rows, months, TRIALS))
    print(f"{path.stem}: {rows} rows x {months} months x {TRIALS:,} trials")
    print(f"  run: {run / numpy:.1f} times four NumPy operations per row and month ({run:.2f} s, {numpy:.2f} s)")
    print(f"  peak memory: {max(peaks) / 1e6:.0f} MB, {max(peaks) / (8 * TRIALS * months):.0f} rows of all trials")


def starts() -> None:
    """Print how long each command line takes to show its help, against the import of NumPy."""
    packages = ("simulator", "profiling")
    helps = [lambda package=package: python("-m", package, "--help") for package in packages]
    numpy, *found = seconds(5, lambda: python("-c", "import numpy"), *helps)
    for package, taken in zip(packages, found, strict=True):
        print(f"python -m {package} --help: {taken / numpy:.1f} times `import numpy` ({taken:.2f} s)")


def main() -> None:
    """Print all figures of this module."""
    engine()
    starts()


if __name__ == "__main__":
    main()
