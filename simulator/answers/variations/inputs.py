"""Many changes of a scenario at once, each run as a trial beside the base case."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor
from functools import partial
from math import ceil, isqrt

import numpy as np

from simulator.answers.blocks.work import in_order
from simulator.answers.draws import cells_of
from simulator.engine.model import Array
from simulator.engine.run import BLOCK_CELLS, Simulation
from simulator.lines import REFERENCES, business
from simulator.scenario.numbers import base_values, simulation_of
from simulator.scenario.scenario import Scenario


def vary(
    scenario: Scenario, changes: Sequence[Mapping[str, Array]], keep: Sequence[str], executor: Executor | None = None
) -> dict[str, Array]:
    """Return the named lines under many changes at once, each of shape (months, members, 1 + changes).

    Each change gives some paths other values, of shape (months or 1,), and runs as a trial of its own after the base
    case, which comes first. Batches of changes run on the executor, by default one after the other.
    """
    # With an executor, two of its workers have something to do at least.
    parts = list(batches(scenario, changes, None if executor is None else ceil(len(changes) / 2)))
    work = partial(_vary, scenario, keep)
    found = list(map(work, parts) if executor is None else in_order(work, parts, executor))
    return {
        name: np.concatenate([found[0][name], *(lines[name][:, :, 1:] for lines in found[1:])], axis=2) for name in keep
    }


def batches(
    scenario: Scenario, changes: Sequence[Mapping[str, Array]], most: int | None = None
) -> Iterator[Sequence[Mapping[str, Array]]]:
    """Yield the changes in batches of `most` that fit in little memory; one without changes where there are none."""
    size = max(1, min(_side_by_side(scenario), len(changes) if most is None else most))
    yield from [changes[first : first + size] for first in range(0, len(changes), size)] or [()]


def _side_by_side(scenario: Scenario) -> int:
    """Return how many changes may run at once in little memory, where each gives another path a value by month."""
    return max(1, min(BLOCK_CELLS // cells_of(scenario), isqrt(2 * BLOCK_CELLS // scenario.months)))


def _vary(scenario: Scenario, keep: Sequence[str], changes: Sequence[Mapping[str, Array]]) -> dict[str, Array]:
    return simulated(scenario, changes).keep(keep)


def simulated(scenario: Scenario, changes: Sequence[Mapping[str, Array]]) -> Simulation:
    """Return the simulation of the base case and of one batch of changes, each in a column of its own."""
    return simulation_of(scenario, varied(scenario, changes))


def varied(scenario: Scenario, changes: Sequence[Mapping[str, Array]]) -> dict[str, Array]:
    """Return the values of the base case and of one batch of changes by path, each of shape (months or 1, columns).

    Only the paths that change get a column for each change.
    """
    values = base_values(scenario)
    columns: dict[str, dict[int, Array]] = {}
    for column, change in enumerate(changes, start=1):
        for path, changed in change.items():
            columns.setdefault(path, {})[column] = changed
    for path, by_column in columns.items():
        base = values[path] if path in values else values[path.rpartition(".")[2]]
        months = max(len(base), *(len(changed) for changed in by_column.values()))
        wide = np.repeat(np.broadcast_to(base, (months, 1)), 1 + len(changes), axis=1)
        for column, changed in by_column.items():
            wide[:, column] = changed
        values[path] = wide
    return values


# An assumption without a range moves by this share of its value either way, far enough to cross the steps of whole
# devices.
NUDGE = 0.1


def nudged(scenario: Scenario, path: str) -> tuple[Array, Array]:
    """Return an assumption 10 % lower and 10 % higher, within its legal range; each of shape (months or 1,)."""
    one = scenario.assumptions[path]
    base = one.base(scenario.months)
    return one.within(base * (1 - NUDGE)), one.within(base * (1 + NUDGE))


def assumed(scenario: Scenario) -> list[str]:
    """Return the paths that somebody assumes and that are not zero throughout, in the order of the scenario.

    What the model assumes for who does not use it is left out: a factor of 1 that nobody set, a reference bill that
    follows from its prices, and the state before the first month.
    """
    return [path for path, values in base_values(scenario).items() if np.any(values) and _is_assumed(scenario, path)]


def _is_assumed(scenario: Scenario, path: str) -> bool:
    one = scenario.assumptions[path]
    is_neutral = one.is_default and one.unit in {"1", "share"} and one.central == 1
    is_derived = one.name in REFERENCES and not one.line
    return not (is_neutral or is_derived or business().inputs[one.name].is_state)
