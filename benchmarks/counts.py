"""What counts cost: 10,000 trials of the largest scenario with customers drawn, and with customers as expected.

`python -m benchmarks.counts --against CHECKOUT` also times another checkout, such as the commit before, on its own file
of that scenario, which all of them then run.  Each run is a process of its own; the ways take turns, forwards and
backwards, so that a slow moment of the computer slows all of them.
"""

from __future__ import annotations

import argparse
import itertools
import statistics
import subprocess
import sys
from pathlib import Path

from benchmarks.clock import SCENARIOS, largest

TRIALS = 10_000
ROUNDS = 5
HERE = SCENARIOS.parent
# Runs in a checkout, which may be too old to know of counts; a first run of a few trials warms up.
TIMED = """
import sys, time
from dataclasses import replace
from pathlib import Path
from simulator.answers.projection import project
from simulator.scenario.reading import load
scenario, counts, trials = load(Path(sys.argv[1])), sys.argv[2], int(sys.argv[3])
if hasattr(scenario.settings, "counts"):
    scenario = replace(scenario, settings=replace(scenario.settings, counts=counts))
project(scenario, 10, evidence=False)
before = time.perf_counter()
project(scenario, trials, evidence=False)
print(time.perf_counter() - before)
"""


def seconds(checkout: Path, file: Path, counts: str) -> float:
    """Return how long all trials take in a checkout, without the start of Python."""
    command = [sys.executable, "-c", TIMED, str(file), counts, str(TRIALS)]
    return float(subprocess.run(command, cwd=checkout, check=True, capture_output=True, text=True).stdout)


def compare(file: Path, other: Path | None, rounds: int) -> dict[str, list[float]]:
    """Return the seconds of each way to run the trials, in turns."""
    ways = {"drawn": (HERE, "drawn"), "expected": (HERE, "expected")}
    if other is not None:
        ways[f"{other.name}"] = (other, "expected")
    found: dict[str, list[float]] = {name: [] for name in ways}
    # Every second round goes backwards, so that each way is as often the first as the last.
    for turn in itertools.chain(*([list(ways), list(ways)[::-1]] * rounds)[:rounds]):
        found[turn].append(seconds(ways[turn][0], file, ways[turn][1]))
    return found


def main(arguments: list[str] | None = None) -> None:
    """Print the seconds of each way, and its ratio to the run with expected counts."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.counts", description=__doc__)
    parser.add_argument("--against", type=Path, metavar="CHECKOUT", help="the folder of another checkout to time, too")
    parser.add_argument(
        "--rounds", type=int, default=ROUNDS, metavar="N", help="runs of each way (default: %(default)s)"
    )
    options = parser.parse_args(arguments)
    other = options.against and options.against.resolve()
    file, _ = largest()
    file = other / file.relative_to(HERE) if other else file
    print(f"{file.stem}: {TRIALS:,} trials, {options.rounds} turns")
    found = compare(file, other, options.rounds)
    for name, taken in found.items():
        ratios = [statistics.median(taken) / statistics.median(found["expected"]), min(taken) / min(found["expected"])]
        figures = f"median {statistics.median(taken):.2f} s, least {min(taken):.2f} s"
        print(f"  {name}: {figures}; {ratios[0]:.2f} and {ratios[1]:.2f} times `counts: expected`")


if __name__ == "__main__":
    main()
