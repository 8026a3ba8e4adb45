"""Many cases from few words: every combination of some values, over each case that they have a meaning for.

A sweep is one workload, and so one run with one record.  No torch.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from itertools import product
from typing import Any

from profiling.errors import WorkloadError
from profiling.workload.kinds import KINDS
from profiling.workload.workload import (
    NUMBERS,
    WITHOUT_TOKENS,
    WORDS,
    Case,
    Effort,
    Workload,
    users,
)

# More than are measured in a week; who writes more has slipped on a key.
MOST_CASES = 1_000
EFFORT = tuple(field.name for field in fields(Effort))
# What one run has one of, so that a sweep over it would be several.
ONE_A_RUN = ("device", "task", *EFFORT)

Value = str | int


@dataclass(frozen=True)
class Axis:
    """One field and the values that it takes."""

    name: str
    values: tuple[Value, ...]

    @classmethod
    def parse(cls, text: str) -> Axis:
        """`batch=1,2,4` as a field and its values; raises WorkloadError for what is none."""
        name, equals, values = text.partition("=")
        words = [word.strip() for word in values.split(",")]
        if not (name.strip() and equals and all(words)):
            raise WorkloadError(f"{text!r} names no field with its values; write it as batch=1,2,4")
        return cls(name.strip(), tuple(dict.fromkeys(map(_value, words))))


def _value(word: str) -> Value:
    """A whole number where it is one, else the word."""
    try:
        return int(word)
    except ValueError:
        return word


def expand(workload: Workload, axes: Sequence[Axis]) -> Workload:
    """The workload with each of its cases at every combination of the axes' values.

    A coordinate that a kind of case does not know, such as a prompt's length in training, leaves that case as it
    is.  Raises WorkloadError for a field that means nothing to any of the cases, and for a combination that could
    not be measured.
    """
    for axis in axes:
        _check(axis, workload, [other.name for other in axes])
    cases: dict[tuple[Any, ...], Case] = {}
    for case in workload.cases:
        for plan in _combinations(case, workload, axes):
            cases.setdefault((plan.kind, *sorted(plan.point.items())), plan)
    if len(cases) > MOST_CASES:
        raise WorkloadError(f"the sweep has {len(cases):,} cases; {MOST_CASES:,} are the most that one run takes")
    return _checked(replace(workload, cases=tuple(cases.values())))


def _combinations(case: Case, workload: Workload, axes: Sequence[Axis]) -> Iterable[Case]:
    """The case at every combination of those axes that mean something to it."""
    own = [axis for axis in axes if _means_something(axis.name, case, workload)]
    for values in product(*(axis.values for axis in own)):
        yield Case(case.kind, {**case.point, **dict(zip((axis.name for axis in own), values, strict=True))})


def _check(axis: Axis, workload: Workload, names: Sequence[str]) -> None:
    """Raises WorkloadError for a field that cannot be swept over here."""
    if names.count(axis.name) > 1:
        raise WorkloadError(f"{axis.name!r} is swept over twice; give all of its values at once")
    if axis.name in ONE_A_RUN:
        raise WorkloadError(f"a run has one {axis.name}; choose it by --set, or start several runs")
    if not any(_means_something(axis.name, case, workload) for case in workload.cases):
        raise WorkloadError(f"{axis.name!r} means nothing to any case of {workload.name}; {_on_offer(workload)}")
    _check_kind(axis, workload)


def _check_kind(axis: Axis, workload: Workload) -> None:
    """Raises WorkloadError where a field of the model's config would change from a number to a word, or the like."""
    before = _config(workload).get(axis.name)
    if before is None or any(axis.name in _coordinates(case.kind, workload) for case in workload.cases):
        return
    for value in axis.values:
        if type(value) is not type(before):
            raise WorkloadError(f"the model's {axis.name} is {before!r}, for which {value!r} cannot stand")


def _on_offer(workload: Workload) -> str:
    """What can be swept over instead."""
    return f"there are {', '.join(fields_to_sweep(workload))}"


def fields_to_sweep(workload: Workload) -> list[str]:
    """What a sweep may go over: coordinates of the cases, then plain fields, then those of the model's config."""
    coordinates = {name: None for case in workload.cases for name in _coordinates(case.kind, workload)}
    plain = [name for name in (*WORDS, *NUMBERS) if name not in ONE_A_RUN]
    return [*coordinates, *plain, *_config(workload)]


def fields_to_change(workload: Workload) -> list[str]:
    """What `change` may change: the fields of a sweep, and those that a run has one of."""
    return [*EFFORT, "device", *fields_to_sweep(workload)]


def present(workload: Workload, name: str) -> list[Value | float]:
    """The values that a field has now: several where it is a coordinate in which the cases differ."""
    found = {case.point[name]: None for case in workload.cases if name in case.point}
    if found:
        return list(found)
    plain = {**_config(workload), **vars(workload), **vars(workload.effort)}
    return [plain[name]] if name in plain else []


def _means_something(name: str, case: Case, workload: Workload) -> bool:
    if kinds := users(name):
        return case.kind in kinds
    return name in _coordinates(case.kind, workload) or name in {**WORDS, **NUMBERS, **_config(workload)}


def _coordinates(kind: str, workload: Workload) -> list[str]:
    """The coordinates of a kind of case that the workload's task has a meaning for."""
    without = WITHOUT_TOKENS.get(workload.purpose, ())
    return [name for name in KINDS[kind].own_coordinates if name not in without]


def _config(workload: Workload) -> Mapping[str, Any]:
    """The model's config where the workload writes it out, and its fields can be replaced."""
    config: Mapping[str, Any] = workload.model.get("config", {})
    return {name: value for name, value in config.items() if name != "model_type"}


def change(workload: Workload, text: str) -> Workload:
    """The workload with one field changed, given as `seed=7`: of its own, its effort, its model, or every case.

    Raises WorkloadError for a field that there is not, and a value that it does not take.
    """
    axis = Axis.parse(text)
    if len(axis.values) != 1:
        raise WorkloadError(f"--set {text} gives {len(axis.values)} values; to measure at each, use --sweep")
    name, value = axis.name, axis.values[0]
    plain = workload.to_json()
    if name in EFFORT:
        plain["effort"][name] = _seconds(value) if name.endswith("seconds") else value
    elif name in (*WORDS, *NUMBERS, "device", "name"):
        plain[name] = str(value) if name in ("device", "name") else value
    elif name in _config(workload):
        _check_kind(axis, workload)
        plain["model"] = {"config": {**workload.model["config"], name: value}}
    else:
        return expand(workload, [axis])
    return Workload.parse(plain, f"{workload.name} with {text}")


def _seconds(value: Value) -> Value | float:
    """Seconds may be written with a point; what is no number is left for the workload to refuse."""
    try:
        return float(value)
    except ValueError:
        return value


def _checked(workload: Workload) -> Workload:
    """The same workload, read as if it came from a file; raises WorkloadError with the case that does not fit."""
    return Workload.parse(workload.to_json(), workload.name)
