"""The tree under a number: a line's value in one month, its formula, and what it read, down to assumptions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from simulator.answers.ledger import Ledger
from simulator.engine import formula
from simulator.engine.model import MONTH, Line, Read, readable
from simulator.errors import PlanError
from simulator.lines import business
from simulator.scenario.assumption import Assumption
from simulator.scenario.scenario import Scenario


@dataclass(frozen=True)
class Node:
    """One number of the base plan; `key` is `cash`, `device_hours[large]` or an assumption's path.

    `role` is the parameter it was read as, such as `last_cash`; `formula` is empty for an assumption.
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

    @cached_property
    def inputs(self) -> tuple[Node, ...]:
        """The numbers that this one was computed from."""
        if self.line is None:
            return ()
        reads = business().reads[self.line.name]
        return tuple(node for read in reads for node in _behind(self, self.line, read))


def explain(scenario: Scenario, key: str, month: int, ledger: Ledger | None = None) -> Node:
    """The node of `key` in a month counted from 0; raises PlanError for a number that does not exist."""
    if not 0 <= month < scenario.months:
        raise PlanError(f"there is no month {month}: the plan runs from month 0 to {scenario.months - 1}")
    name, _, label = key.partition("[")
    line = business().lines.get(name)
    if line is None:
        raise PlanError(f"there is no line {name}; `python -m simulator lines` lists them")
    labels = scenario.members.labels(line.per)
    if label.rstrip("]") not in labels:
        choice = ", ".join(f"{name}[{one}]" if one else name for one in labels) or "nothing, there is none"
        raise PlanError(f"{name} exists once per {readable(line.per)}: choose {choice}")
    member = labels.index(label.rstrip("]"))
    return _line_node(ledger or Ledger.of(scenario), line, member, month, name)


def _line_node(ledger: Ledger, line: Line, member: int, month: int, role: str) -> Node:
    label = ledger.scenario.members.labels(line.per)[member]
    return Node(
        ledger,
        f"{line.name}[{label}]" if line.per else line.name,
        role,
        month,
        float(ledger.lines[line.name][month, member]),
        line.quantity.text(ledger.scenario.currency),
        formula.text(business().formulas[line.name]),
        line.description,
        None,
        line,
        member,
    )


def _assumption_node(ledger: Ledger, path: str, month: int, role: str) -> Node:
    assumption, values = ledger.scenario.assumptions[path], ledger.values[path]
    return Node(
        ledger,
        path,
        role,
        month,
        float(values[min(month, len(values) - 1), 0]),
        assumption.unit,
        "",
        assumption.note,
        assumption,
    )


def _behind(node: Node, reader: Line, read: Read) -> Iterator[Node]:
    """The nodes that one parameter of a line read in the node's month."""
    model, ledger, members = business(), node.ledger, node.ledger.scenario.members
    if read.source == MONTH:
        yield Node(ledger, MONTH, MONTH, node.month, float(node.month), "month", "", "The month, the first being 0.")
    elif not model.sources(read):
        home = model.inputs[read.source].home
        place = members.place(reader.per, home)[node.member]
        owner = members.names[home[0]][place] if home else None
        path = ledger.scenario.path_of(model.inputs[read.source], owner)
        yield _assumption_node(ledger, path, node.month, read.parameter)
    else:
        for name in model.sources(read):
            for member in _members_read(node, reader, read, name):
                yield from _line_in_time(ledger, model.lines[name], member, node.month, read)


def _members_read(node: Node, reader: Line, read: Read, source: str) -> list[int]:
    model, members = business(), node.ledger.scenario.members
    home = model.per(source)
    if read.over == "total":
        target = members.place(home, reader.per)
        return [member for member in range(members.count(home)) if target[member] == node.member]
    return [int(members.place(reader.per, home)[node.member])]


def _line_in_time(ledger: Ledger, line: Line, member: int, month: int, read: Read) -> Iterator[Node]:
    """A line now, last month (its opening value before the first), or in all months so far, latest first."""
    if read.when == "past":
        for past in range(month, -1, -1):
            yield _line_node(ledger, line, member, past, read.parameter)
    elif read.when == "last" and month == 0:
        needed = business().inputs[f"opening_{line.name}"]
        owner = ledger.scenario.entities[line.per[0]][member] if line.per else None
        yield _assumption_node(ledger, ledger.scenario.path_of(needed, owner), 0, read.parameter)
    else:
        yield _line_node(ledger, line, member, month - (read.when == "last"), read.parameter)


def tree(node: Node, depth: int) -> Iterator[tuple[int, Node]]:
    """The node and what is below it, each with its level.

    Last month's values are not opened, nor the past's; a number that many others read is opened where it first stands.
    """
    yield from _walk(node, 0, depth, set())


def _walk(node: Node, level: int, depth: int, opened: set[tuple[str, int]]) -> Iterator[tuple[int, Node]]:
    yield level, node
    if level < depth and not node.role.startswith(("last_", "past_")) and (node.key, node.month) not in opened:
        opened.add((node.key, node.month))
        for child in node.inputs:
            yield from _walk(child, level + 1, depth, opened)
