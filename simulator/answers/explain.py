"""The tree under a number: a line or a KPI in one month, its formula and its inputs, down to assumptions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cached_property

from simulator.answers.kpis import DEFINITIONS, measures
from simulator.answers.kpis.measures import CASH_FLOOR, Measures, traced_name
from simulator.answers.ledger import Ledger
from simulator.engine import formula
from simulator.engine.model import LUCK, MONTH, Line, Read, When, readable
from simulator.engine.windows import WINDOWS
from simulator.errors import PlanError, Undefined
from simulator.scenario.assumption import Assumption
from simulator.scenario.checks.stated_units import RATE
from simulator.scenario.scenario import Scenario


@dataclass(frozen=True)
class Node:
    """One number of the base case; `key` is `cash`, `kpi_runway`, `device_hours[large]` or an assumption's path.

    `parts` are the stated amount and the exchange rate of an assumption in the second currency.
    `role` is the parameter that reads it, such as `last_cash`, and `when` says whether it reads this month or earlier
    ones; `formula` is empty for an assumption.
    """

    measured: Measures
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
        reads = measures().reads[self.line.name]
        return tuple(node for read in reads for node in _behind(self, self.line, read))


def explain(scenario: Scenario, key: str, month: int, ledger: Ledger | None = None) -> Node:
    """Return the node of a line, a traced KPI or an assumption's path in a month counted from 0.

    Raise PlanError where there is no number.
    """
    if not 0 <= month < scenario.months:
        raise PlanError(f"there is no month {month}: the scenario runs from month 0 to {scenario.months - 1}")
    if key in scenario.assumptions:
        return _assumption_node(Measures(ledger or Ledger.of(scenario), measures()), key, month, key)
    name, _, label = key.partition("[")
    lines = measures().lines
    line = lines.get(name) or lines.get(traced_name(name))
    if line is None:
        raise _unknown(name, scenario)
    labels = scenario.members.labels(line.per)
    if label.rstrip("]") not in labels:
        choice = ", ".join(f"{name}[{one}]" if one else name for one in labels) or "nothing, the scenario lists none"
        raise PlanError(f"{name} exists once per {readable(line.per)}: choose {choice}")
    measured = Measures(ledger or Ledger.of(scenario), measures())
    try:
        return _line_node(measured, line, labels.index(label.rstrip("]")), month)
    except Undefined as reason:
        raise PlanError(f"{key} has no value in month {month}: {reason.text}") from None


def _unknown(name: str, scenario: Scenario) -> PlanError:
    """Return the error of a name that is no line: what it stands for, or where the lines are listed."""
    titles = {definition.title.lower(): key for key, definition in DEFINITIONS.items()}
    kpi = titles.get(name.lower(), name.lower())
    if kpi in DEFINITIONS and traced_name(kpi) not in measures().lines:
        todo = "`python -m simulator kpis` has its value and its definition"
        return PlanError(f"{kpi} has no formula over the months", todo)
    known = [*measures().lines, *DEFINITIONS, *scenario.assumptions]
    near = [traced_name(kpi)] if kpi in DEFINITIONS else get_close_matches(name, known, n=3, cutoff=0.8)
    todo = f"did you mean {', '.join(near)}?" if near else "`python -m simulator lines` lists them"
    return PlanError(f"there is no line {name}", todo)


def _line_node(measured: Measures, line: Line, member: int, month: int, read: Read | None = None) -> Node:
    scenario = measured.ledger.scenario
    key = f"{line.name}[{scenario.members.labels(line.per)[member]}]" if line.per else line.name
    role = line.name if read is None else read.parameter
    when: When = "now" if read is None else read.when
    value, unit = measured.of(line.name, month, member), line.quantity.text(scenario.currency)
    written = formula.text(measures().formulas[line.name])
    return Node(measured, key, role, month, value, unit, written, line.description, None, line, member, when)


def _assumption_node(measured: Measures, path: str, month: int, role: str) -> Node:
    ledger = measured.ledger
    assumption, values = ledger.scenario.assumptions[path], ledger.values[path]
    value = float(values[min(month, len(values) - 1), 0])
    stated = Node(measured, path, role, month, value, assumption.unit, "", assumption.note, assumption)
    quantity = measures().inputs[assumption.name].quantity
    if not assumption.is_foreign or quantity is None:
        return stated
    # An amount that is the same in all months takes the rate of the first.
    rate = _assumption_node(measured, RATE, 0 if quantity.steady else month, RATE)
    unit, written = quantity.text(ledger.scenario.currency), f"{assumption.name} × {RATE}"
    parts = (replace(stated, role=f"{role}, stated"), rate)
    return replace(stated, value=value * rate.value, unit=unit, formula=written, parts=parts)


def _behind(node: Node, reader: Line, read: Read) -> Iterator[Node]:
    """Yield the nodes that one parameter of a line reads in the node's month."""
    model, measured, members = measures(), node.measured, node.measured.ledger.scenario.members
    if read.source == MONTH:
        yield Node(
            measured, MONTH, read.parameter, node.month, float(node.month), "month", "", "Month, counted from 0."
        )
    elif read.source == CASH_FLOOR:
        floor, currency = measured.ledger.scenario.settings.cash_floor, measured.ledger.scenario.currency
        yield Node(measured, CASH_FLOOR, CASH_FLOOR, node.month, floor, currency, "", "Setting of the scenario.")
    elif read.source == LUCK:
        return  # the base case, which is explained, has none
    elif not model.sources(read):
        home = model.inputs[read.source].home
        place = members.place(reader.per, home)[node.member]
        owner = members.names[home[0]][place] if home else None
        path = measured.ledger.scenario.path_of(model.inputs[read.source], owner)
        yield _assumption_node(measured, path, 0 if read.when == "first" else node.month, read.parameter)
    else:
        for source, places in measured.places(reader.name, read, node.member):
            for member in places:
                yield from _line_in_time(measured, model.lines[source], member, node.month, read)


def _line_in_time(measured: Measures, line: Line, member: int, month: int, read: Read) -> Iterator[Node]:
    """Yield a line this month, last month (in the first its opening value), in the first, or in many, latest first."""
    if read.when == "past" or read.when in WINDOWS:
        months = range(month + 1) if read.when == "past" else WINDOWS[read.when].months(month)
        for one in reversed(months):
            yield _line_node(measured, line, member, one, read)
    elif read.when == "last" and month == 0:
        scenario = measured.ledger.scenario
        needed = measures().inputs[f"opening_{line.name}"]
        owner = scenario.entities[line.per[0]][member] if line.per else None
        yield _assumption_node(measured, scenario.path_of(needed, owner), 0, read.parameter)
    else:
        moment = 0 if read.when == "first" else month - (read.when == "last")
        yield _line_node(measured, line, member, moment, read)


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
