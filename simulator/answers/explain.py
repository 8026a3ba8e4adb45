"""The tree under a number: a line's value in one month, its formula and its inputs, down to assumptions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from simulator.answers.ledger import Ledger
from simulator.engine import formula
from simulator.engine.model import LUCK, MONTH, Line, Read, When, readable
from simulator.errors import PlanError
from simulator.lines import business
from simulator.scenario.assumption import Assumption
from simulator.scenario.checks.stated_units import RATE
from simulator.scenario.scenario import Scenario


@dataclass(frozen=True)
class Node:
    """One number of the base case; `key` is `cash`, `device_hours[large]` or an assumption's path.

    `parts` are the stated amount and the exchange rate of an assumption in the second currency.
    `role` is the parameter that reads it, such as `last_cash`, and `when` says whether it reads this month or earlier
    ones; `formula` is empty for an assumption.
    """

    ledger: Ledger
    key: str
    role: str
    month: int
    value: float
    unit: str
    formula: str
    description: str
    assumption: Assumption | None = None
    line: Line | None = None
    member: int = 0
    when: When = "now"
    parts: tuple[Node, ...] = ()

    @cached_property
    def inputs(self) -> tuple[Node, ...]:
        """The numbers from which this one is computed."""
        if self.line is None:
            return self.parts
        reads = business().reads[self.line.name]
        return tuple(node for read in reads for node in _behind(self, self.line, read))


def explain(scenario: Scenario, key: str, month: int, ledger: Ledger | None = None) -> Node:
    """Return the node of `key` in a month counted from 0; raise PlanError for a number that does not exist."""
    if not 0 <= month < scenario.months:
        raise PlanError(f"there is no month {month}: the scenario runs from month 0 to {scenario.months - 1}")
    name, _, label = key.partition("[")
    line = business().lines.get(name)
    if line is None:
        raise PlanError(f"there is no line {name}", todo="`python -m simulator lines` lists them")
    labels = scenario.members.labels(line.per)
    if label.rstrip("]") not in labels:
        choice = ", ".join(f"{name}[{one}]" if one else name for one in labels) or "nothing, the scenario lists none"
        raise PlanError(f"{name} exists once per {readable(line.per)}: choose {choice}")
    member = labels.index(label.rstrip("]"))
    return _line_node(ledger or Ledger.of(scenario), line, member, month)


def _line_node(ledger: Ledger, line: Line, member: int, month: int, read: Read | None = None) -> Node:
    key = f"{line.name}[{ledger.scenario.members.labels(line.per)[member]}]" if line.per else line.name
    role = line.name if read is None else read.parameter
    when: When = "now" if read is None else read.when
    value, unit = float(ledger.lines[line.name][month, member]), line.quantity.text(ledger.scenario.currency)
    written = formula.text(business().formulas[line.name])
    return Node(ledger, key, role, month, value, unit, written, line.description, None, line, member, when)


def _assumption_node(ledger: Ledger, path: str, month: int, role: str) -> Node:
    assumption, values = ledger.scenario.assumptions[path], ledger.values[path]
    value = float(values[min(month, len(values) - 1), 0])
    stated = Node(ledger, path, role, month, value, assumption.unit, "", assumption.note, assumption)
    quantity = business().inputs[assumption.name].quantity
    if not assumption.is_foreign or quantity is None:
        return stated
    # An amount that is the same in all months takes the rate of the first.
    rate = _assumption_node(ledger, RATE, 0 if quantity.steady else month, RATE)
    unit, written = quantity.text(ledger.scenario.currency), f"{assumption.name} × {RATE}"
    parts = (replace(stated, role=f"{role}, stated"), rate)
    return replace(stated, value=value * rate.value, unit=unit, formula=written, parts=parts)


def _behind(node: Node, reader: Line, read: Read) -> Iterator[Node]:
    """Yield the nodes that one parameter of a line reads in the node's month."""
    model, ledger, members = business(), node.ledger, node.ledger.scenario.members
    if read.source == MONTH:
        yield Node(ledger, MONTH, MONTH, node.month, float(node.month), "month", "", "Month, counted from 0.")
    elif read.source == LUCK:
        return  # the base case, which is explained, has none
    elif not model.sources(read):
        home = model.inputs[read.source].home
        place = members.place(reader.per, home)[node.member]
        owner = members.names[home[0]][place] if home else None
        path = ledger.scenario.path_of(model.inputs[read.source], owner)
        yield _assumption_node(ledger, path, node.month, read.parameter)
    else:
        for line in (model.lines[name] for name in model.sources(read)):
            if read.over == "total":
                summed = np.flatnonzero(members.place(line.per, reader.per) == node.member).tolist()
            else:
                summed = [int(members.place(reader.per, line.per)[node.member])]
            for member in summed:
                yield from _line_in_time(ledger, line, member, node.month, read)


def _line_in_time(ledger: Ledger, line: Line, member: int, month: int, read: Read) -> Iterator[Node]:
    """Yield a line this month, last month (in the first its opening value), or in all months so far, latest first."""
    if read.when == "past":
        for past in range(month, -1, -1):
            yield _line_node(ledger, line, member, past, read)
    elif read.when == "last" and month == 0:
        needed = business().inputs[f"opening_{line.name}"]
        owner = ledger.scenario.entities[line.per[0]][member] if line.per else None
        yield _assumption_node(ledger, ledger.scenario.path_of(needed, owner), 0, read.parameter)
    else:
        yield _line_node(ledger, line, member, month - (read.when == "last"), read)


def tree(node: Node, depth: int) -> Iterator[tuple[int, Node]]:
    """Yield the node and those below it, each with its level.

    Values of earlier months are not opened, and a number that several others read is opened once, where it appears
    first.
    """
    yield from _walk(node, 0, depth, set())


def _walk(node: Node, level: int, depth: int, opened: set[tuple[str, int]]) -> Iterator[tuple[int, Node]]:
    yield level, node
    if level < depth and node.when == "now" and (node.key, node.month) not in opened:
        opened.add((node.key, node.month))
        for child in node.inputs:
            yield from _walk(child, level + 1, depth, opened)
