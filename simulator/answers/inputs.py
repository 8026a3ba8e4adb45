"""Conversion of a scenario and values by path into a simulation that can run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from simulator.engine.model import Array, Input
from simulator.engine.run import Simulation
from simulator.lines import business
from simulator.scenario.scenario import Scenario

# Changes that run side by side; more need memory without being faster.
BATCH = 128


def simulation_of(
    scenario: Scenario, values: Mapping[str, Array], luck: Mapping[str, Array] | None = None
) -> Simulation:
    """Return the simulation with these values by path, each of shape (months or 1, trials or 1), and luck by line."""
    model = business()
    inputs = {name: _stacked(scenario, needed, values) for name, needed in model.inputs.items()}
    return Simulation(model, scenario.members, inputs, scenario.months, luck)


def _stacked(scenario: Scenario, needed: Input, values: Mapping[str, Array]) -> Array:
    """Return one assumption of all its members, of shape (months or 1, members, trials or 1)."""
    owners: Sequence[str | None] = scenario.entities[needed.home[0]] if needed.home else (None,)
    paths = [needed.path(owner) for owner in owners]
    rows = [values[path if path in values else needed.name] for path in paths]
    if not rows:
        return np.zeros((1, 0, 1))
    # A view of the only row saves a copy of most inputs, which belong to the company.
    if len(rows) == 1:
        return rows[0][:, None]
    if len({row.shape for row in rows}) > 1:
        rows = list(np.broadcast_arrays(*rows))
    return np.stack(rows, axis=1)


def base_values(scenario: Scenario) -> dict[str, Array]:
    """Return every assumption of the base case by path, of shape (months or 1, 1)."""
    return {path: one.base(scenario.months)[:, None] for path, one in scenario.assumptions.items()}


def vary(scenario: Scenario, changes: Sequence[Mapping[str, Array]], keep: Sequence[str]) -> dict[str, Array]:
    """Return the named lines under many changes at once, each of shape (months, members, 1 + changes).

    Each change gives some paths other values, of shape (months or 1,), and runs as a trial of its own after the base
    case, which comes first.
    """
    batches = [changes[first : first + BATCH] for first in range(0, len(changes), BATCH)] or [()]
    found = [_vary(scenario, batch, keep) for batch in batches]
    return {
        name: np.concatenate([found[0][name], *(lines[name][:, :, 1:] for lines in found[1:])], axis=2) for name in keep
    }


def _vary(scenario: Scenario, changes: Sequence[Mapping[str, Array]], keep: Sequence[str]) -> dict[str, Array]:
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
