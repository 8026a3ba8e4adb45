"""The engine against the same lines written out by hand: time and memory for 10,000 trials of the largest plan.

Both compute every line. Beside that, the seconds that a new price takes until the base plan has its figures.
"""

from __future__ import annotations

import statistics
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.by_hand import by_hand
from simulator.answers.draws import draw
from simulator.answers.inputs import plan_of
from simulator.answers.projection import project
from simulator.engine.model import Array
from simulator.engine.run import Plan
from simulator.lines import business
from simulator.scenario.reading import load
from simulator.scenario.scenario import Scenario

SCENARIOS = Path(__file__).parents[1] / "scenarios"
TRIALS = 10_000
ROUNDS = 3
EDITS = 7
KEPT = ("cash", "revenue", "operating_income", "customers", "serving_cost", "assets", "equity")


def by_engine(plan: Plan) -> dict[str, Array]:
    """Every line as the product runs it; those of `KEPT` are kept, of shape (months, members, trials)."""
    counts = {name: plan.members.count(plan.model.lines[name].per) for name in KEPT}
    kept = {name: np.empty((plan.months, count, plan.trials)) for name, count in counts.items()}
    month = 0
    for values in plan.run():
        length = len(values["cash"])
        for name in KEPT:
            kept[name][month : month + length] = values[name]
        month += length
    return kept


def without_engine(scenario: Scenario, plan: Plan) -> dict[str, Array]:
    """The same lines by hand, from the same numbers."""
    pool_of = np.array(scenario.members.pointers["feature", "pool"], dtype=np.intp)
    return by_hand(plan.inputs, scenario.months, pool_of, KEPT)


def rows_of(scenario: Scenario) -> int:
    """Lines counted with their members."""
    return sum(scenario.members.count(line.per) for line in business().lines.values())


def largest() -> Scenario:
    """The shipped scenario that has the most rows."""
    return max((load(path) for path in sorted(SCENARIOS.glob("*.yaml"))), key=rows_of)


def best_of(rounds: int, *works: Callable[[], object]) -> list[tuple[float, float]]:
    """The shortest seconds of each work, by the clock and of the processor.

    The works run in turns, so that a slow moment of the machine hits all of them.
    """
    shortest = [(float("inf"), float("inf"))] * len(works)
    for _ in range(rounds):
        for place, work in enumerate(works):
            clock, processor = time.perf_counter(), time.process_time()
            work()
            taken = time.perf_counter() - clock, time.process_time() - processor
            shortest[place] = min(shortest[place][0], taken[0]), min(shortest[place][1], taken[1])
    return shortest


def peak_bytes(work: Callable[[], object]) -> int:
    """The most memory that the work held at once, beyond what was there before."""
    tracemalloc.start()
    work()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


def edit_to_figures(scenario: Scenario) -> float:
    """Median seconds from a new price of the first plan to the base plan, each price one that was never computed."""
    path = f"plans.{scenario.entities['plan'][0]}.price"
    seconds = []
    for edit in range(EDITS):
        before = time.perf_counter()
        project(scenario.with_value(path, 1_000 + edit), 0, evidence=False)
        seconds.append(time.perf_counter() - before)
    return statistics.median(seconds)


def main() -> None:
    """Check that both give the same numbers, then print the ratio of their times and their memory."""
    scenario = largest()
    plan = plan_of(scenario, draw(scenario, TRIALS))

    def engine() -> dict[str, Array]:
        return by_engine(plan)

    def hand() -> dict[str, Array]:
        return without_engine(scenario, plan)

    def halves() -> dict[str, Array]:
        return plan.keep(KEPT)

    ours, theirs = engine(), hand()
    for name in KEPT:
        np.testing.assert_allclose(ours[name], theirs[name], rtol=1e-9, atol=1e-6, err_msg=name)
    del ours, theirs
    (engine_clock, engine_busy), (hand_clock, hand_busy), (kept_clock, _) = best_of(ROUNDS, engine, hand, halves)
    size = f"{rows_of(scenario)} rows of {len(plan.model.lines)} lines with their members"
    print(f"{scenario.title}: {TRIALS:,} trials × {scenario.months} months × {size}")
    print(f"  on one core: engine {engine_clock:.2f} s, by hand {hand_clock:.2f} s")
    ratio = engine_busy / hand_busy
    print(f"  of the processor: {engine_busy:.2f} s and {hand_busy:.2f} s: ratio {ratio:.2f} (at most 1.5)")
    needed = len(plan.model.needed(KEPT))
    print(f"  on two cores, the {needed} lines that the kept ones need: engine {kept_clock:.2f} s (at most 2)")
    peaks = [peak_bytes(work) / 1e6 for work in (engine, hand)]
    print(f"  peak memory: engine {peaks[0]:.0f} MB, by hand {peaks[1]:.0f} MB (at most 1,000)")
    print(f"  new price to the base plan: {edit_to_figures(scenario):.3f} s (at most 0.1)")


if __name__ == "__main__":
    main()
