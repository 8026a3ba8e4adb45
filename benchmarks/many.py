"""100,000 trials of the largest scenario as whole commands, where they run, and what they spend their time on."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor

from benchmarks.clock import largest, parts, taken
from benchmarks.commands import python
from simulator.answers import trials
from simulator.answers.blocks.executors import processes
from simulator.answers.draws import draw, lucky, trials_of
from simulator.answers.outcomes import LINES
from simulator.scenario.scenario import Scenario

TRIALS = 100_000
# Trials of a block, for the parts, and of the comparison between one thread and two processes.
BLOCK, COMPARED = 5_000, 20_000


def blocks(scenario: Scenario) -> dict[str, Callable[[], object]]:
    """Return the parts of a block of trials."""
    simulation = trials_of(scenario, BLOCK)
    brackets = trials._bracketed(scenario, BLOCK, [name for name in simulation.model.lines if name != "cash"])
    return {
        "drawing assumptions": lambda: draw(scenario, BLOCK),
        "drawing luck of counts": lambda: lucky(scenario, BLOCK),
        "the lines that outcomes need": lambda: simulation.keep(LINES),
        "all lines": lambda: sum(len(values) for values in simulation.run()),
        "all lines, drawn and counted": lambda: trials._tallied(scenario, brackets, (0, BLOCK)),
    }


def main() -> None:
    """Print times and memory of whole commands, of two processes against one thread, and of the parts of a block."""
    path, base = largest()
    print(f"{TRIALS:,} trials of {path.stem}, {base.scenario.months} months")
    run = ("-m", "simulator", "run", str(path), "--trials", str(TRIALS))
    for name, more in {
        "as a command": (),
        "with all percentiles": ("--json",),
    }.items():
        peaks: list[int] = []
        (found,) = taken(1, lambda more=more, peaks=peaks: peaks.append(python(*run, *more)))
        print(f"  {name:<44} {found}, {max(peaks) / 1e6:4.0f} MB")

    def trials_on(executor: Executor) -> None:
        trials.outcomes_of(base.scenario, COMPARED, executor=executor)

    with processes(2) as two, ThreadPoolExecutor(1) as one:
        trials_on(two)  # starts them
        single, double = taken(3, lambda: trials_on(one), lambda: trials_on(two))
    print(f"  {COMPARED:,} trials: two processes are {single.seconds / double.seconds:.2f} times as fast as one thread")
    parts(f"{BLOCK:,} trials side by side", 3, blocks(base.scenario))


if __name__ == "__main__":
    main()
