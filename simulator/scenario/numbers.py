"""A scenario's numbers: conversion into a simulation that can run, and the references of its plans."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from simulator.engine.model import Array, Input
from simulator.engine.run import Simulation
from simulator.lines import REFERENCES, business
from simulator.scenario.assumption import read_assumption
from simulator.scenario.checks.stated_units import RATE
from simulator.scenario.scenario import Scenario

# The line of the part of a bill that is fee and seats.
FEES = "expected_fees"
NOTE = "Value in the first month by the file's own prices and use."


def simulation_of(
    scenario: Scenario, values: Mapping[str, Array], luck: Mapping[str, Array] | None = None
) -> Simulation:
    """Return the simulation with these values by path, each of shape (months or 1, trials or 1), and luck by line."""
    model, values = business(), converted(scenario, values)
    inputs = {name: _stacked(scenario, needed, values) for name, needed in model.inputs.items()}
    return Simulation(model, scenario.members, inputs, scenario.months, luck)


def converted(scenario: Scenario, values: Mapping[str, Array]) -> Mapping[str, Array]:
    """Return values by path with amounts in the second currency converted, by the rate of their month and trial.

    An amount that is the same in all months, such as an opening balance, takes the rate of the first. A member's value
    that the scenario does not state is in the currency of the one for all members.
    """
    if not scenario.foreign:
        return values
    rate, found = values[RATE], dict(values)
    for path in values:
        one = scenario.assumptions.get(path) or scenario.assumptions[path.rpartition(".")[2]]
        if one.is_foreign:
            needed = business().inputs[one.name].quantity
            found[path] = values[path] * (rate[:1] if needed and needed.steady else rate)
    return found


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


def base_values(scenario: Scenario, only: Iterable[str] | None = None) -> dict[str, Array]:
    """Return every assumption of the base case by path, or the named ones only; of shape (months or 1, 1)."""
    paths = scenario.assumptions if only is None else only
    return {path: scenario.assumptions[path].base(scenario.months)[:, None] for path in paths}


def with_references(scenario: Scenario, fees: Mapping[str, float], file: Scenario | None = None) -> Scenario:
    """Return the scenario with a reference for each plan that states none: the one of `file`, or its own.

    `fees` gives, by path, the part of a reference bill that is fee and seats where it is not that of the first month.
    """
    missing = [
        (name, plan)
        for name in REFERENCES
        for plan in scenario.entities["plan"]
        if scenario.assumption_of(name, plan).is_default
    ]
    if not missing:
        return scenario
    own, found = _first_month(scenario), {}
    for name, plan in missing:
        path, place = f"plans.{plan}.{name}", scenario.entities["plan"].index(plan)
        if file and path in file.assumptions:
            found[path] = file.assumptions[path]
            continue
        value = own[name][place]
        if name == "reference_bill" and (fee := fees.get(path, fees.get(name))) is not None:
            value += fee - own[FEES][place]
        # A scenario without a finite bill is refused when it runs, with the line that has no value.
        value = float(value) if np.isfinite(value) and value >= 0 else 0.0
        needed = business().inputs[name]
        found[path] = read_assumption(
            path, {"value": value, "note": NOTE}, needed, scenario.currencies, scenario.folder
        )
    return replace(scenario, assumptions={**scenario.assumptions, **found})


def _first_month(scenario: Scenario) -> dict[str, np.ndarray]:
    """Return the base case's value of each reference by plan."""
    simulation = simulation_of(replace(scenario, settings=replace(scenario.settings, months=1)), base_values(scenario))
    lines = simulation.keep([*REFERENCES.values(), FEES])
    return {name: lines[line][0, :, 0] for name, line in (*REFERENCES.items(), (FEES, FEES))}
