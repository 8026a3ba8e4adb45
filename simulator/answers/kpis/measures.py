"""Traced figures: KPIs written as lines of the model, computed for any month from the finished base case.

A traced figure reads lines, other figures and windows on their months (`engine.windows`). It has a formula in words and
in Excel, a tree of inputs, and a value for every month, as a line has.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from simulator.answers.ledger import Ledger
from simulator.engine.model import MONTH, Array, Model, Read
from simulator.engine.windows import WINDOWS
from simulator.errors import Undefined, finite

PREFIX = "kpi_"
# A scenario sets this at its head; to a figure it is a number like any other.
CASH_FLOOR = "cash_floor"


def traced_name(name: str) -> str:
    """Return the name under which a figure is traced, since a line may have the same name."""
    return f"{PREFIX}{name}"


@dataclass(frozen=True)
class Measures:
    """The traced figures of a base case; `model` holds its lines and the figures."""

    ledger: Ledger
    model: Model
    known: dict[tuple[str, int, int], float | Undefined] = field(default_factory=dict, compare=False, repr=False)
    positions: dict[tuple[str, str], dict[str, list[list[int]]]] = field(
        default_factory=dict, compare=False, repr=False
    )
    # What a parameter reads for a member: lines and assumptions in all months, and the names and members of figures.
    parts: dict[tuple[str, str, int], list[Array | tuple[str, list[int]]]] = field(
        default_factory=dict, compare=False, repr=False
    )

    def of(self, name: str, month: int, member: int = 0) -> float:
        """Return a line or a traced figure of one member in one month; raise Undefined where it has no value."""
        line = self.ledger.lines.get(name)
        return self.value(name, month, member) if line is None else float(line[month, member])

    def value(self, name: str, month: int, member: int = 0) -> float:
        """Return a traced figure of one member in one month; raise Undefined where it has no value."""
        place = (name, month, member)
        if place not in self.known:
            self.known[place] = self._computed(name, month, member)
        found = self.known[place]
        if isinstance(found, Undefined):
            raise found
        return found

    def series(self, name: str, member: int = 0) -> Array:
        """Return a traced figure by month, NaN where it has no value."""
        found = np.full(self.ledger.scenario.months, np.nan)
        for month in range(len(found)):
            with suppress(Undefined):
                found[month] = self.value(name, month, member)
        return found

    def _computed(self, name: str, month: int, member: int) -> float | Undefined:
        try:
            read = [self._read(name, one, month, member) for one in self.model.reads[name]]
            with np.errstate(all="ignore"):  # np.where also computes the branch that is not taken
                return finite(float(self.model.lines[name].function(*read)))
        except Undefined as reason:
            return reason

    def _read(self, reader: str, read: Read, month: int, member: int) -> Any:
        """Return what a figure reads by one of its parameters: a number, or a window of shape (months,)."""
        window = WINDOWS.get(read.when)
        months = window.months(month) if window else range(month, month + 1)
        if read.source == MONTH:
            values = self._numbers(months)
        else:
            parts = (self._in_months(part, months) for part in self._parts(reader, read, member))
            values = sum(parts, start=0 * self._numbers(months))
        if window and not window.point:
            return values
        # Unlike Python's float, NumPy's divides by zero; over trials it is an array, whose figures may lack a value.
        return values[0] if len(values) else np.zeros(values.shape[1:])[()]

    def _numbers(self, months: range) -> Array:
        """Return the numbers of these months as a window."""
        return np.array(months, dtype=float)

    def _in_months(self, part: Array | tuple[str, list[int]], months: range) -> Array:
        """Return a line or an assumption in these months, or a figure summed over these members."""
        if isinstance(part, np.ndarray):
            return part[months.start : months.stop]
        name, places = part
        return np.array([sum(self.value(name, month, place) for place in places) for month in months], dtype=float)

    def _parts(self, reader: str, read: Read, member: int) -> list[Array | tuple[str, list[int]]]:
        """Return what a figure reads for a member by one of its parameters, found once for all months."""
        key = (reader, read.parameter, member)
        if key not in self.parts:
            self.parts[key] = (
                [self._part(*one) for one in self.places(reader, read, member)]
                if self.model.sources(read)
                else [self._assumed(reader, read.source, member)]
            )
        return self.parts[key]

    def _part(self, source: str, places: list[int]) -> Array | tuple[str, list[int]]:
        line = self.ledger.lines.get(source)
        return (source, places) if line is None else np.asarray(line[:, places].sum(axis=1))

    def _assumed(self, reader: str, name: str, member: int) -> Array:
        """Return an assumption by month, as it holds for a member of the reader."""
        scenario = self.ledger.scenario
        if name == CASH_FLOOR:
            return np.full(scenario.months, scenario.settings.cash_floor)
        home = self.model.inputs[name].home
        place = int(scenario.members.place(self.model.lines[reader].per, home)[member])
        return self.ledger.assumed(name, scenario.entities[home[0]][place] if home else None)

    def places(self, reader: str, read: Read, member: int) -> list[tuple[str, list[int]]]:
        """Return the lines behind a read, each with the positions of the members that it reads."""
        known = self.positions.get((reader, read.parameter))
        if known is None:
            known = self.positions[reader, read.parameter] = self._positions(reader, read)
        return [(source, by_member[member]) for source, by_member in known.items()]

    def _positions(self, reader: str, read: Read) -> dict[str, list[list[int]]]:
        """Return, for each line behind a read, the positions that each member of the reader reads."""
        members, per = self.ledger.scenario.members, self.model.lines[reader].per
        if read.over == "total":
            homes = {source: self.model.per(source) for source in self.model.sources(read)}
            summed = {source: members.summed(per, home, reader, source) for source, home in homes.items()}
            return {source: [group.tolist() for group in groups] for source, groups in summed.items()}
        return {read.source: [[int(place)] for place in members.place(per, self.model.per(read.source))]}
