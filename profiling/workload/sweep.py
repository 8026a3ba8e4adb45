"""Sweeps: every combination of some values, for each case that the fields have a meaning for.

A sweep is one workload, and so one profile run with one record.  No torch.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from itertools import product
from typing import Any

from profiling.errors import Phrase, WorkloadError, counted
from profiling.workload.kinds import KINDS
from profiling.workload.workload import PLAIN, WITHOUT_TOKENS, Case, Effort, Workload, users

# More cases than can be measured in a week: a typing error.
MOST_CASES = 1_000
EFFORT = tuple(field.name for field in fields(Effort))
# A run has one value of each, so that a sweep over them would be several runs.
ONE_A_RUN = ("device", "task", *EFFORT)

Value = str | int


@dataclass(frozen=True)
class Part:
    """One of several parts of a workload that need nothing of one another, so that each can run on its own host."""

    number: int  # from 1
    of: int

    @classmethod
    def parse(cls, text: str) -> Part:
        """Return `2/4` as the second of four parts; raise WorkloadError for any other text."""
        number, _, of = text.partition("/")
        if not (number.isdecimal() and of.isdecimal() and 1 <= int(number) <= int(of) <= MOST_CASES):
            raise WorkloadError(
                Phrase("{typed!r} is no part of a workload", typed=text), todo="write it as 2/4, the second of four"
            )
        return cls(int(number), int(of))

    def cut(self, workload: Workload) -> Workload:
        """Return the workload with the cases of this part; neighbours go to different parts, which so take as long.

        Raise WorkloadError where there are more parts than cases.
        """
        if self.of > len(workload.cases):
            what = f"{counted(len(workload.cases), 'cases')} cannot be cut into {counted(self.of, 'parts')}"
            raise WorkloadError(what, todo=f"ask for {counted(len(workload.cases), 'parts')} at most")
        return replace(workload, cases=workload.cases[self.number - 1 :: self.of])

    def to_json(self, whole: Workload) -> dict[str, Any]:
        """Return the part as plain JSON, with the hash of the whole workload."""
        return {**vars(self), "whole": whole.hash}


@dataclass(frozen=True)
class Axis:
    """One field and the values that it takes."""

    name: str
    values: tuple[Value, ...]

    @classmethod
    def parse(cls, text: str) -> Axis:
        """Return `batch=1,2,4` as a field and its values; raise WorkloadError for any other text."""
        name, equals, values = text.partition("=")
        words = [word.strip() for word in values.split(",")]
        if not (name.strip() and equals and all(words)):
            raise WorkloadError(
                Phrase("{typed!r} names no field with its values", typed=text), todo="write it as batch=1,2,4"
            )
        return cls(name.strip(), tuple(dict.fromkeys(map(_value, words))))


def _value(word: str) -> Value:
    """Return a whole number where it is one, else the word."""
    try:
        return int(word)
    except ValueError:
        return word


def expand(workload: Workload, axes: Sequence[Axis]) -> Workload:
    """Return the workload with each of its cases at every combination of the axes' values.

    A coordinate that a kind of case does not know, such as a prompt's length in training, leaves that case as it
    is.  Raises WorkloadError for a field that means nothing to any of the cases, and for a combination that could
    not be measured.
    """
    for axis in axes:
        _check(axis, workload, [other.name for other in axes])
    cases: dict[tuple[Any, ...], Case] = {}
    for case in workload.cases:
        for made in _combinations(case, workload, axes):
            cases.setdefault((made.kind, *sorted(made.point.items())), made)
            if len(cases) > MOST_CASES:  # here: a few long axes have more combinations than a computer holds
                raise WorkloadError(
                    Phrase("the sweep has more than {most:,} cases, the most that one run takes", most=MOST_CASES),
                    todo="take fewer values, or start several runs",
                )
    # Read as if it came from a file, which raises the error of the case that does not fit.
    return Workload.parse(replace(workload, cases=tuple(cases.values())).to_json(), workload.name)


def _combinations(case: Case, workload: Workload, axes: Sequence[Axis]) -> Iterable[Case]:
    """Yield the case at every combination of those axes that mean something to it."""
    own = [axis for axis in axes if _means_something(axis.name, case, workload)]
    for values in product(*(axis.values for axis in own)):
        yield Case(case.kind, {**case.point, **dict(zip((axis.name for axis in own), values, strict=True))})


def _check(axis: Axis, workload: Workload, names: Sequence[str]) -> None:
    """Raise WorkloadError for a field that cannot be swept over here."""
    if names.count(axis.name) > 1:
        raise WorkloadError(
            Phrase("{field!r} is swept over twice", field=axis.name), todo="give all of its values at once"
        )
    if axis.name in ONE_A_RUN:
        raise WorkloadError(
            Phrase("a run has one {field}", field=axis.name), todo="choose it by --set, or start several runs"
        )
    if not any(_means_something(axis.name, case, workload) for case in workload.cases):
        offered = Phrase("there are {words}", words=", ".join(fields_to_sweep(workload)))
        raise WorkloadError(
            Phrase("{field!r} means nothing to any case of {workload}", field=axis.name, workload=workload.name),
            todo=offered,
        )
    _check_kind(axis, workload)


def _check_kind(axis: Axis, workload: Workload) -> None:
    """Raise WorkloadError where a value of a config's field has another type than the present one."""
    before = _config(workload).get(axis.name)
    if before is None or any(axis.name in _coordinates(case.kind, workload) for case in workload.cases):
        return
    for value in axis.values:
        if type(value) is not type(before):
            raise WorkloadError(
                Phrase(
                    "the model's {field} is {before!r}, for which {value!r} cannot stand",
                    field=axis.name,
                    before=before,
                    value=value,
                )
            )


def fields_to_sweep(workload: Workload) -> list[str]:
    """Return what a sweep may vary: coordinates of the cases, then plain fields, then those of the model's config."""
    coordinates = {name: None for case in workload.cases for name in _coordinates(case.kind, workload)}
    plain = [name for name in PLAIN if name not in ONE_A_RUN]
    return [*coordinates, *plain, *_config(workload)]


def fields_to_change(workload: Workload) -> list[str]:
    """Return what `change` may change: the fields of a sweep, and those that a run has one of."""
    return [*EFFORT, "device", *fields_to_sweep(workload)]


def present(workload: Workload, name: str) -> list[Value | float]:
    """Return the values that a field has now: several where it is a coordinate in which the cases differ."""
    found = {case.point[name]: None for case in workload.cases if name in case.point}
    if found:
        return list(found)
    plain = {**_config(workload), **vars(workload), **vars(workload.effort)}
    return [plain[name]] if name in plain else []


def _means_something(name: str, case: Case, workload: Workload) -> bool:
    """Return whether a field changes anything in a case."""
    if kinds := users(name):
        return case.kind in kinds
    return name in _coordinates(case.kind, workload) or name in {**PLAIN, **_config(workload)}


def _coordinates(kind: str, workload: Workload) -> list[str]:
    """Return the coordinates of a kind of case that the workload's task has a meaning for."""
    without = WITHOUT_TOKENS.get(workload.purpose, ())
    return [name for name in KINDS[kind].own_coordinates if name not in without]


def _config(workload: Workload) -> Mapping[str, Any]:
    """Return the model's config where the workload writes it out, and its fields can be replaced."""
    config: Mapping[str, Any] = workload.model.get("config", {})
    return {name: value for name, value in config.items() if name != "model_type"}


def change(workload: Workload, *texts: str) -> Workload:
    """Return the workload with fields changed, given as `seed=7`: of its own, its effort, its model, or every case.

    Raises WorkloadError for an unknown field, and for values that the fields do not take together.
    """
    plain, axes = workload.to_json(), dict[str, Axis]()
    for text in texts:
        axis = Axis.parse(text)
        if len(axis.values) != 1:
            raise WorkloadError(
                Phrase("--set {text} gives {count} values", text=text, count=len(axis.values)),
                todo="to measure at each, use --sweep",
            )
        name, value = axis.name, axis.values[0]
        if name in EFFORT:
            plain["effort"][name] = _seconds(value) if name.endswith("seconds") else value
        elif name in (*PLAIN, "device", "name"):
            plain[name] = str(value) if name in ("device", "name") else value
        elif name in _config(workload):
            _check_kind(axis, workload)
            plain["model"]["config"][name] = value
        else:
            axes[name] = axis
    found = Workload.parse(plain, f"{workload.name} ({', '.join(texts)})") if texts else workload
    return expand(found, [*axes.values()]) if axes else found


def _seconds(value: Value) -> Value | float:
    """Return a number of seconds, which may have decimals; the workload refuses any other text."""
    try:
        return float(value)
    except ValueError:
        return value
