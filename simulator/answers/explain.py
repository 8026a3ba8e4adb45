"""The tree under a number: a line, a sum or a KPI, its formula and its inputs, down to assumptions.

A number is named as in the terminal and in an address: `cash`, `device_hours[large]`, `plans.team.price`, `runway`,
`total_device_hours` for the sum over members, and `usage_revenue+metered_revenue` for a row of several lines.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cache, cached_property

from profiling.errors import Phrase
from simulator.answers.kpis import DEFINITIONS, Figures, measures
from simulator.answers.kpis.basis import BASIS
from simulator.answers.kpis.measures import CASH_FLOOR, PREFIX, Measures, traced_name
from simulator.answers.kpis.registry import Variant, variant_of
from simulator.answers.ledger import Ledger
from simulator.answers.messages import Message
from simulator.answers.search import TOTAL, adds_up, found_by
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

    `role` is the parameter that reads it, such as `last_cash`, and `when` says whether it reads this month or earlier
    ones; `formula` is empty for an assumption. A sum over `span` months ends with `month`. `value` is NaN where there
    is none, and `reason` says why. `parts` are the numbers behind an amount in the second currency, a sum or a KPI
    without a formula. `alike` has the labels of the members that all say the same, where they are told once.
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
    span: int = 1
    reason: Message | None = None
    alike: tuple[str, ...] = ()

    def formula_in(self, say: Callable[[str], str], name: Callable[[str], str]) -> str:
        """Return the formula with the patterns of its operations as `say` has them, and its parameters as `name`."""
        return self.formula if self.line is None else formula.text(measures().formulas[self.line.name], say, name)

    @property
    def is_kpi(self) -> bool:
        """Whether the number is a KPI, with or without a formula."""
        return self.key.startswith(PREFIX)

    @property
    def kind_alike(self) -> str:
        """The kind of member in which numbers told once differ, such as `hour`; empty where they differ in several."""
        kinds = self.line.per if self.line else ()
        apart = zip(kinds, zip(*(label.split(", ") for label in self.alike), strict=True), strict=False)
        differing = [kind for kind, names in apart if len(set(names)) > 1]
        return differing[0] if len(differing) == 1 else ""

    @cached_property
    def inputs(self) -> tuple[Node, ...]:
        """The numbers from which this one is computed; of several months, those that decide a KPI come first."""
        if self.line is None:
            return self.parts
        reads = measures().reads[self.line.name]
        behind = [node for read in reads for node in _behind(self, self.line, read)]
        month = _decisive(self, behind)
        if month is not None:
            # Sorting is stable: numbers of one month keep their order, and so do parameters.
            order = {read.parameter: place for place, read in enumerate(reads)}
            behind.sort(key=lambda node: (order[node.role], abs(node.month - month) if node.when in WINDOWS else 0))
        return tuple(behind)

    @cached_property
    def told(self) -> tuple[Node, ...]:
        """The inputs, with members that say the same told once."""
        groups: dict[object, list[Node]] = {}
        for place, node in enumerate(self.inputs):
            groups.setdefault(_says(node, self.inputs) or place, []).append(node)
        return tuple(
            replace(first, alike=tuple(_label(one) for one in (first, *others))) if others else first
            for first, *others in groups.values()
        )


def _label(node: Node) -> str:
    return node.key.partition("[")[2].removesuffix("]")


def _says(node: Node, siblings: tuple[Node, ...]) -> tuple[object, ...] | None:
    """Return what a member says, down to the values that it reads; None where no sibling could say the same."""
    if node.line is None or not node.line.per:
        return None
    own = (node.role, node.line.name, node.month, node.value)
    if sum((one.role, one.line and one.line.name, one.month, one.value) == own for one in siblings) == 1:
        return None
    return (*own, tuple((one.role, one.value) for one in node.inputs))


def _decisive(node: Node, behind: list[Node]) -> int | None:
    """Return the month that decides a KPI: the one that it names, or the one whose value it has; None without one."""
    months = [one for one in behind if one.when in WINDOWS]
    if not node.is_kpi or not months:
        return None
    if math.isnan(node.value):
        return min(months, key=lambda one: one.value).month
    if node.unit in ("month", "month index") and any(one.when == "ever" for one in months):
        return int(node.value)
    return next((one.month for one in months if abs(one.value) == abs(node.value)), None)


def explain(
    scenario: Scenario,
    key: str,
    month: int,
    ledger: Ledger | None = None,
    *,
    span: int = 1,
    figures: Figures | None = None,
) -> Node:
    """Return the node of a line, a sum, a KPI or an assumption's path in a month counted from 0.

    A sum over `span` months ends with that month. A KPI without a formula needs the `figures` of a projection, and is
    that of the last month, whatever month is asked for. Raise PlanError where there is no such number.
    """
    if not 0 <= month < scenario.months:
        raise PlanError(
            Phrase(
                "there is no month {month}: the scenario runs from month 0 to {last}",
                month=month,
                last=scenario.months - 1,
            )
        )
    if not 1 <= span <= month + 1:
        raise PlanError(
            Phrase(
                "there are no {span} months up to month {month}: give 1 to {most}",
                span=span,
                month=month,
                most=month + 1,
            )
        )
    if figures is not None:
        measured = figures.measured
    else:
        measured = Measures(ledger or Ledger.of(scenario), measures())
    if key in scenario.assumptions:
        return _assumption_node(measured, key, month, key)
    if scenario.could_have(key):  # a member's, of which one number stands for all
        return _assumption_node(measured, key.rpartition(".")[2], month, key)
    if (variant := valued(key, scenario)) is not None:
        return _figure_node(figures, variant)
    if span > 1 or "+" in key or key.startswith(TOTAL):
        return _sum_node(measured, key, month, span)
    return _line_node(measured, *_line_and_member(scenario, key), month)


def valued(key: str, scenario: Scenario) -> Variant | None:
    """Return the definition of a KPI without a formula that a key names; None for any other key."""
    if key in measures().lines:
        return None
    variants = {one.key: one for kpi in DEFINITIONS.values() for one in kpi.variants.values()}
    found = variants.get(key) or _chosen(key.removeprefix(PREFIX), scenario)
    return None if found is None or found.line else found


def _chosen(name: str, scenario: Scenario) -> Variant | None:
    """Return the definition that a scenario chooses for a KPI; None for a name that is none."""
    return variant_of(scenario, name) if name in DEFINITIONS else None


def _line_and_member(scenario: Scenario, key: str) -> tuple[Line, int]:
    """Return the line and the position of the member that a key names; raise PlanError where there is none."""
    name, _, label = key.partition("[")
    lines = measures().lines
    variant = _chosen(name, scenario)
    line = lines.get(name) or lines.get(variant.line if variant else traced_name(name))
    if line is None:
        raise _unknown(name, scenario)
    labels = scenario.members.labels(line.per)
    if label.rstrip("]") not in labels:
        choice = ", ".join(f"{name}[{one}]" if one else name for one in labels) or "nothing, the scenario lists none"
        choice += f", or {TOTAL}{name} for their sum" if adds_up(line) else ""
        raise PlanError(
            Phrase("{name} exists once per {per}: choose {choice}", name=name, per=readable(line.per), choice=choice)
        )
    return line, labels.index(label.rstrip("]"))


def _unknown(name: str, scenario: Scenario) -> PlanError:
    """Return the error of a name that is no number: what it may stand for, or where the lines are listed."""
    near = [one.key for one in found_by(name.replace("_", " "), scenario)[:3]]
    near = near or get_close_matches(name, measures().lines, n=1)
    todo = Phrase("did you mean {near}?", near=", ".join(near)) if near else "`python -m simulator lines` lists them"
    return PlanError(Phrase("there is no line {name}", name=name), todo)


def _sum_node(measured: Measures, key: str, month: int, span: int) -> Node:
    """Return the sum of several lines, members or months; what it consists of is one level below."""
    scenario, terms, months = measured.ledger.scenario, key.split("+"), range(month, month - span, -1)
    if len(terms) > 1:
        parts = [_sum_node(measured, term, month, span) for term in terms]
        unit, words = parts[0].unit, ""
    elif span > 1:
        parts = [_sum_node(measured, key, one, 1) for one in months]
        unit, words = parts[0].unit, parts[0].description
    elif key.startswith(TOTAL) and key not in measures().lines:
        line = measures().lines.get(key.removeprefix(TOTAL))
        if line is None:
            raise _unknown(key, scenario)
        parts = [_line_node(measured, line, place, month) for place in range(len(scenario.members.labels(line.per)))]
        unit, words = line.quantity.text(scenario.currency), line.description
    else:
        line, member = _line_and_member(scenario, key)
        return replace(_line_node(measured, line, member, month), role=key)
    value = math.fsum(part.value for part in parts)
    return Node(measured, key, key, month, value, unit, "", words, parts=tuple(parts), span=span)


def _figure_node(figures: Figures | None, variant: Variant) -> Node:
    """Return a KPI without a formula: its definition, the months that it looks at, and the lines behind it."""
    name = variant.function.__name__
    if figures is None:
        raise PlanError(
            Phrase("{name} is computed from a finished projection", name=name), "project the scenario first"
        )
    measured, scenario = figures.measured, figures.ledger.scenario
    title = next(one for one in DEFINITIONS.values() if variant in one.variants.values())
    unit = title.unit.replace("money", scenario.currency)
    value, reason = _value(lambda: figures.estimate(variant))
    try:
        months = BASIS[name].months(figures)
    except Undefined:
        months = range(scenario.months)
    parts = [_sum_node(measured, key, months[-1], len(months)) for key in BASIS[name].sums]
    for key in BASIS[name].kpis:
        behind = valued(key, scenario)
        parts.append(_figure_node(figures, behind) if behind else _sum_node(measured, key, months[-1], 1))
    words = variant.definition
    return Node(
        measured, variant.key, name, months[-1], value, unit, "", words, parts=tuple(parts),
        span=len(months), reason=reason,
    )  # fmt: skip


def _value(compute: Callable[[], float]) -> tuple[float, Message | None]:
    """Return a number, or NaN and why there is none."""
    try:
        return compute(), None
    except Undefined as reason:
        return math.nan, Message(reason.text, reason.values)


@cache
def _words(name: str) -> str:
    return formula.text(measures().formulas[name])


def _line_node(measured: Measures, line: Line, member: int, month: int, read: Read | None = None) -> Node:
    scenario = measured.ledger.scenario
    key = f"{line.name}[{scenario.members.labels(line.per)[member]}]" if line.per else line.name
    role = line.name if read is None else read.parameter
    when: When = "now" if read is None else read.when
    value, reason = _value(lambda: measured.of(line.name, month, member))
    unit, words = line.quantity.text(scenario.currency), line.description
    return Node(
        measured, key, role, month, value, unit, _words(line.name), words, None, line, member, when, reason=reason
    )


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

    Members that say the same are told once. Values of earlier months are not opened, and a number that several others
    read is opened once, where it appears first.
    """
    yield from _walk(node, 0, depth, set())


def _walk(node: Node, level: int, depth: int, opened: set[tuple[str, int]]) -> Iterator[tuple[int, Node]]:
    yield level, node
    if level < depth and node.when == "now" and (node.key, node.month) not in opened:
        opened.add((node.key, node.month))
        for child in node.told:
            yield from _walk(child, level + 1, depth, opened)
