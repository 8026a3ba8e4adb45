"""Many changes of a scenario at once, each run as a trial beside the base case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from functools import partial
from math import ceil, isqrt

import numpy as np

from simulator.answers.blocks.work import in_order
from simulator.answers.draws import cells_of
from simulator.engine.model import Array
from simulator.engine.run import BLOCK_CELLS
from simulator.scenario.numbers import base_values, simulation_of
from simulator.scenario.scenario import Scenario


def vary(
    scenario: Scenario, changes: Sequence[Mapping[str, Array]], keep: Sequence[str], executor: Executor | None = None
) -> dict[str, Array]:
    """Return the named lines under many changes at once, each of shape (months, members, 1 + changes).

    Each change gives some paths other values, of shape (months or 1,), and runs as a trial of its own after the base
    case, which comes first. Batches of changes run on the executor, by default one after the other.
    """
    size = _side_by_side(scenario)
    if executor is not None:
        size = max(1, min(size, ceil(len(changes) / 2)))  # two of them have something to do at least
    batches: list[Sequence[Mapping[str, Array]]]
    batches = [changes[first : first + size] for first in range(0, len(changes), size)] or [()]
    work = partial(_vary, scenario, keep)
    found = list(map(work, batches) if executor is None else in_order(work, batches, executor))
    return {
        name: np.concatenate([found[0][name], *(lines[name][:, :, 1:] for lines in found[1:])], axis=2) for name in keep
    }


def _side_by_side(scenario: Scenario) -> int:
    """Return how many changes may run at once in little memory, where each gives another path a value by month."""
    return max(1, min(BLOCK_CELLS // cells_of(scenario), isqrt(2 * BLOCK_CELLS // scenario.months)))


def _vary(scenario: Scenario, keep: Sequence[str], changes: Sequence[Mapping[str, Array]]) -> dict[str, Array]:
    """Run one batch of changes; only the paths that change get a column for each change."""
    values = base_values(scenario)
    columns: dict[str, dict[int, Array]] = {}
    for column, change in enumerate(changes, start=1):
        for path, changed in change.items():
            columns.setdefault(path, {})[column] = changed
    for path, by_column in columns.items():
        base = values[path] if path in values else values[path.rpartition(".")[2]]
        months = max(len(base), *(len(changed) for changed in by_column.values()))
        varied = np.repeat(np.broadcast_to(base, (months, 1)), 1 + len(changes), axis=1)
        for column, changed in by_column.items():
            varied[:, column] = changed
        values[path] = varied
    return simulation_of(scenario, values).keep(keep)
