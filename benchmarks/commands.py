"""Whole commands, as a person waits for them: time, CPU and memory from the start of Python to its end."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.clock import FIRST, SCENARIOS, largest, taken

ROUNDS = 5
# Answers that search take seconds, and their ratio to each other is enough.
ROUNDS_OF_ANSWERS = 1
# Of the shipped scenarios, the one with most ways to charge.
PRICED = SCENARIOS / "foundation-lab.yaml"
CHARGES = ("plans.metered.output_price", "plans.enterprise.commitment")
CHANGES = ("--change", CHARGES[0], "--change", CHARGES[1])
# With these no price keeps the limit on the chance of running out, so that all of the search is run.
ELASTIC = ("--set", "plans.metered.price_elasticity=2.2", "--set", "plans.enterprise.price_elasticity=2.2")
ANSWERS: dict[str, tuple[str, ...]] = {
    "price of two charges": ("price", *CHANGES),
    "price, 10 tenths under water or fewer": ("price", *CHANGES, "--keep", "tenths_under_water <= 10"),
    "price, chance of running out limited": ("price", *ELASTIC, *CHANGES, "--keep", "probability_of_ruin <= 30%"),
    "map of 40 x 40, cash at the end": ("map", "--x", CHARGES[0], "--y", CHARGES[1]),
    "map of 40 x 40, LTV / CAC": ("map", "--x", CHARGES[0], "--y", CHARGES[1], "--aim", "ltv_to_cac"),
    "charging": ("charging", "--plan", "metered"),
    "capacity": ("capacity", "serving"),
    "risk": ("risk",),
}
TRIALS = "10000"
# Linux counts the memory of the process that starts a program as the program's own, so that one has to be small.
SMALL = """
import resource, subprocess, sys
code = subprocess.call(sys.argv[1:], stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(code)
"""
# Linux counts the peak of a process in kilobytes, macOS in bytes.
PEAK_UNIT = 1 if sys.platform == "darwin" else 1024


def python(*arguments: str) -> int:
    """Run Python with these arguments, discard what it prints, and return its peak memory in bytes."""
    command = [sys.executable, "-IS", "-c", SMALL, sys.executable, *arguments]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    return int(done.stdout) * PEAK_UNIT


def show(name: str, command: Sequence[str], rounds: int) -> None:
    """Print what a command takes, as the median of some rounds, and its peak memory."""
    peaks: list[int] = []
    (found,) = taken(rounds, lambda: peaks.append(python(*command)))
    print(f"  {name:<44} {found}, {max(peaks) / 1e6:4.0f} MB")


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
        show(name, command, ROUNDS)
    Path(book).unlink()
    print(f"Answers that search, on {PRICED.stem}")
    for name, (command, *options) in ANSWERS.items():
        show(name, ("-m", "simulator", command, str(PRICED), *options), ROUNDS_OF_ANSWERS)


if __name__ == "__main__":
    main()
