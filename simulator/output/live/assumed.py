"""A scenario's assumptions as plain data: parts, courses and limits, and where their random numbers begin."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from simulator.answers.draws import count_stream, root_of, stream, stream_of
from simulator.answers.kpis.measures import CASH_FLOOR
from simulator.lines import business
from simulator.output.live.program import Layout
from simulator.scenario.assumption import Assumption
from simulator.scenario.chances import (
    Fixed,
    LogNormal,
    Normal,
    Part,
    Pert,
    Samples,
    Uniform,
    YesOrNo,
    correlation_matrix,
)
from simulator.scenario.checks.stated_units import RATE
from simulator.scenario.records.measured import Measured
from simulator.scenario.scenario import Scenario
from simulator.scenario.values import Growth, Ramp, Steps

Plain = dict[str, Any]


def assumed(scenario: Scenario, layout: Layout) -> Plain:
    """Return what gives every assumption by month and trial, and the luck of the lines that count."""
    inputs = {name: paths_of(scenario, name) for name in layout.assumed}
    used = {path for paths in inputs.values() for path in paths}
    # The exchange rate comes first, since amounts in the second currency take it.
    needed = [RATE, *(path for path in scenario.assumptions if path in used)]
    known = {path: scenario.assumptions[path] for path in needed if path in scenario.assumptions}
    values = values_of(scenario, known)
    values[CASH_FLOOR] = {"parts": [scenario.settings.cash_floor], "steps": [0], "limits": [None, None]}
    return {
        "months": scenario.months,
        "values": values,
        "inputs": {
            name: {"of": paths, "steady": name in layout.steady, "drawn": name in layout.drawn}
            for name, paths in inputs.items()
        },
        "tied": _tied(scenario),
        "luck": _luck(scenario, layout),
    }


def values_of(scenario: Scenario, assumptions: Mapping[str, Assumption]) -> Plain:
    """Return what gives these assumptions by month and trial, by path."""
    return {path: _value(scenario, one) for path, one in assumptions.items()}


def paths_of(scenario: Scenario, name: str) -> list[str]:
    """Return the path of an assumption's value for each of its members; one for the company."""
    if name == CASH_FLOOR:
        return [name]
    needed = business().inputs[name]
    owners = scenario.entities[needed.home[0]] if needed.home else (None,)
    return [scenario.path_of(needed, owner) for owner in owners]


def _value(scenario: Scenario, one: Assumption) -> Plain:
    value, course = one.value, one.value.course
    found: Plain = {"parts": [_part(part) for part in value.parts], "limits": [one.low, one.high]}
    if isinstance(course, Steps):
        found["steps"] = list(course.starts)
    elif isinstance(course, Ramp):
        found["ramp"] = course.months
    else:
        assert isinstance(course, Growth)
    if one.measured or one.on_curve:
        found["replaced"] = True  # a number that is moved is no measurement any more
    if one.is_foreign:
        needed = business().inputs[one.name].quantity
        found["foreign"] = "first" if needed and needed.steady else "monthly"
    if one.is_uncertain:
        found["streams"] = [
            "" if isinstance(part, Fixed) else seeded(scenario, stream_of(one.path, name))
            for part, name in zip(value.parts, value.names, strict=True)
        ]
    if value.walk:
        found["walk"] = [value.walk.volatility, value.walk.kept, seeded(scenario, stream_of(one.path, "walk"))]
    return found


# The name and the numbers of each distribution.
DISTRIBUTIONS: Mapping[type[Any], tuple[str, Callable[[Any], tuple[float, ...]]]] = {
    Measured: ("normal", lambda part: (part.normal.central, part.normal.deviation)),
    Normal: ("normal", lambda part: (part.central, part.deviation)),
    LogNormal: ("lognormal", lambda part: (part.mu, part.sigma)),
    Pert: ("pert", lambda part: (part.low, part.central, part.high)),
    Uniform: ("uniform", lambda part: (part.low, part.high)),
    Samples: ("samples", lambda part: part.numbers),
    YesOrNo: ("chance", lambda part: (part.probability,)),
}


def _part(part: Part) -> float | list[Any]:
    """Return a number, or the name of a distribution with its numbers."""
    if isinstance(part, Fixed):
        return part.central
    name, numbers = next(form for kind, form in DISTRIBUTIONS.items() if isinstance(part, kind))
    return [name, *numbers(part)]


def seeded(scenario: Scenario, name: str) -> str:
    """Return the state and the increment of a stream before its first number, each as 32 hexadecimal digits."""
    state: Any = stream(scenario.seed, name).bit_generator.state
    return "".join(f"{state['state'][part]:032x}" for part in ("state", "inc"))


def _tied(scenario: Scenario) -> Plain:
    """Return the correlated assumptions and the roots of their correlations, for values and for walks."""
    paths, matrix = correlation_matrix(scenario.correlations)
    walking = [place for place, path in enumerate(paths) if scenario.assumptions[path].value.walk]
    among = matrix[walking][:, walking]
    return {
        "paths": paths,
        "streams": [seeded(scenario, path) for path in paths],
        "root": root_of(matrix).tolist() if paths else [],
        "walking": [paths[place] for place in walking],
        "walking_root": root_of(among).tolist() if len(walking) > 1 else [[1.0]] * len(walking),
    }


def _luck(scenario: Scenario, layout: Layout) -> dict[str, list[str]]:
    """Return the streams of each line that counts, by member; none where counts are their means."""
    if scenario.settings.counts != "drawn":
        return {}
    model = layout.simulation.model
    return {
        name: [seeded(scenario, count_stream(name, label)) for label in scenario.members.labels(model.lines[name].per)]
        for name in model.counted
        if layout.count(name)
    }
