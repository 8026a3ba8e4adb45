"""The language of the model: lines found in modules, what each line reads, and the order in which they run.

A line is a function of one month. The names of its parameters say what it reads:

    x         this month's value of the line or assumption x
    last_x    last month's x; in the first month the assumption opening_x
    first_x   the first month's x
    total_x   x summed over its members, or over the lines of the group x
    past_x    every month of x so far; the month is the last axis
    pool_x    x at the pool that this member points at (any kind of member in place of pool)
    month     the number of the month, from 0
    luck      a uniform number for this line, member, month and trial, for `counts`; NaN in the base case
    year_x    the last twelve months of x, in key figures alone; `windows` has more of these

A line's docstring says what the line is, and what each assumption means that no other line explains (see `meanings`).
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from graphlib import CycleError, TopologicalSorter
from types import ModuleType
from typing import Any, get_type_hints

import numpy as np
from numpy.typing import NDArray

from simulator.engine import formula
from simulator.engine.circles import circles
from simulator.engine.meanings import STATE, meanings_of
from simulator.engine.units import Quantity, Unit, quantity_of
from simulator.engine.windows import WINDOWS
from simulator.errors import FormulaError, ModelError, UnitError

Array = NDArray[np.float64]
Kinds = tuple[str, ...]
# This month, last month, the first, every month so far for cohorts, or the name of a window of key figures.
When = str
MONTH = "month"
LUCK = "luck"
OPENING = "opening_"
EARLIER: Mapping[str, When] = {
    "last_": "last",
    "first_": "first",
    "past_": "past",
    **{f"{name}_": name for name in WINDOWS},
}


def readable(kinds: Kinds) -> str:
    """Return kinds as text: `company`, `pool` or `plan and feature`."""
    return " and ".join(kinds) or "company"


@dataclass(frozen=True)
class Parameter:
    """One parameter of a line, as declared in its signature."""

    name: str
    default: float | None
    quantity: Quantity | None


@dataclass(frozen=True)
class Line:
    """One row of the projection, or one row per member of `per`."""

    name: str
    function: Callable[..., Any]
    quantity: Quantity
    per: Kinds
    topic: str
    description: str
    parameters: tuple[Parameter, ...]
    meanings: Mapping[str, str] = field(default_factory=dict)

    @property
    def unit(self) -> Unit:
        """Unit that the line declares."""
        return self.quantity.unit

    @property
    def place(self) -> str:
        """Module and name of the line, for messages."""
        return f"{self.topic}.{self.name}"


def lines_of(module: ModuleType) -> list[Line]:
    """Return the lines of a module, which are its public functions; raises ModelError where one declares no unit."""
    per = getattr(module, "PER", ())
    kinds = (per,) if isinstance(per, str) else tuple(per)
    functions = [
        function
        for name, function in vars(module).items()
        if inspect.isfunction(function) and function.__module__ == module.__name__ and not name.startswith("_")
    ]
    return [line_of(function, kinds, module.__name__.rpartition(".")[2]) for function in functions]


def line_of(
    function: Callable[..., Any], per: Kinds, topic: str, name: str = "", returned: Quantity | None = None
) -> Line:
    """Return a function as a line, by default under its own name and in the quantity that its signature declares."""
    hints = get_type_hints(function, include_extras=True)
    returned = returned or quantity_of(hints.get("return"))
    where = f"{topic}.{function.__name__}"
    if returned is None:
        raise ModelError("the line declares no unit", "annotate what it returns, such as `-> Money`", where=where)
    if not function.__doc__:
        raise ModelError("the line has no docstring", "say in a sentence what the line is", where=where)
    parameters = tuple(
        Parameter(name, None if one.default is one.empty else float(one.default), quantity_of(hints.get(name)))
        for name, one in inspect.signature(function).parameters.items()
    )
    description, meanings = meanings_of(inspect.cleandoc(function.__doc__))
    return Line(name or function.__name__, function, returned, per, topic, description, parameters, meanings)


def _traced(line: Line) -> formula.Symbol:
    """Return the tree of what a line computes; raises FormulaError naming the line."""
    try:
        return formula.trace(line.function, tuple(parameter.name for parameter in line.parameters))
    except FormulaError as error:
        raise FormulaError(error.what, error.todo, where=line.place) from None


@dataclass(frozen=True)
class Read:
    """What a parameter reads: `source` is a line, an assumption, a group, the month number or luck.

    `over` is "self" for the member's own value, "total" for a sum, or the kind of member pointed at.
    """

    parameter: str
    source: str
    when: When = "now"
    over: str = "self"


@dataclass(frozen=True)
class Stage:
    """Lines that are computed together: one for many months at once, or one or more month by month."""

    lines: tuple[str, ...]
    monthly: bool


@dataclass
class Input:
    """An assumption that the lines need: `home` is the kind of member it belongs to, `()` the company.

    `meaning` says in a sentence what it is.
    """

    name: str
    home: Kinds
    meaning: str = ""
    quantity: Quantity | None = None
    default: float | None = None
    readers: list[str] = field(default_factory=list)

    @property
    def is_state(self) -> bool:
        """Whether it only lets a line read its last month, so that nobody has to know of it."""
        return self.meaning == STATE

    def path(self, member: str | None) -> str:
        """Return the path of a member's own value in a scenario, such as `plans.team.price`."""
        return self.name if member is None else f"{self.home[0]}s.{member}.{self.name}"


class Model:
    """A set of lines that fit together, with names, units and order, but without numbers.

    Raises ModelError where a name is unknown or given twice, or lines read each other in a circle.
    """

    def __init__(self, lines: Iterable[Line], kinds: Kinds) -> None:
        self.kinds = kinds
        self.lines: dict[str, Line] = {}
        for line in lines:
            if line.name in self.lines:
                twin = self.lines[line.name].topic
                raise ModelError(f"{twin} already has a line of this name", "rename one of the two", where=line.place)
            self.lines[line.name] = line
        self.named = self.lines.keys() | {one.name for line in self.lines.values() for one in line.parameters}
        self.groups = self._groups()
        self.reads = {
            name: tuple(self._read(line, p.name) for p in line.parameters) for name, line in self.lines.items()
        }
        self.counted = tuple(name for name, reads in self.reads.items() if any(read.source == LUCK for read in reads))
        self.remembered = frozenset(
            read.source for reads in self.reads.values() for read in reads if read.when == "past"
        )
        self.inputs = self._inputs()
        self._check_reads()
        self.order = self._order()
        self.stages = self.stages_of(self.order)
        # Tracing here refuses a line without a formula before it can run.
        self.formulas = {name: _traced(line) for name, line in self.lines.items()}

    def _groups(self) -> dict[str, tuple[str, ...]]:
        groups: dict[str, tuple[str, ...]] = {}
        for line in self.lines.values():
            if line.quantity.group:
                groups[line.quantity.group] = (*groups.get(line.quantity.group, ()), line.name)
        for name in groups.keys() & self.lines.keys():
            raise ModelError(f"{name} is the name of a line and of a group", "rename one of the two")
        return groups

    def _read(self, line: Line, parameter: str) -> Read:
        """Return what `parameter` reads in `line`, by the rules in this module's docstring."""
        if parameter in self.lines or parameter in (MONTH, LUCK):
            return Read(parameter, parameter)
        # The longest prefix that fits: year_ago_ goes before year_.
        prefix = max((prefix for prefix in EARLIER if parameter.startswith(prefix)), key=len, default="")
        if prefix == "first_" and parameter.removeprefix(prefix) not in self.named:
            prefix = ""  # an assumption that is called so, such as `first_run`
        when, name = EARLIER.get(prefix, "now"), parameter.removeprefix(prefix)
        kinds = () if name in self.lines else ("total", *self.kinds)
        over = next((kind for kind in kinds if name.startswith(f"{kind}_")), "self")
        name = name if over == "self" else name.removeprefix(f"{over}_")
        if name in self.groups and (over, when) != ("total", "now"):
            raise ModelError(f"{name} is a group of lines", f"read total_{name}", where=line.place)
        if name == MONTH and when in WINDOWS:
            return Read(parameter, name, when)
        if (prefix not in ("", "first_") or over == "total") and name not in self.lines | self.groups:
            near = get_close_matches(name, [*self.lines, *self.groups], n=1)
            todo = f"did you mean {near[0]}?" if near else "read a line; assumptions have no total and no past"
            raise ModelError(f"{parameter} is read, but {name} is not a line", todo, where=line.place)
        return Read(parameter, name, when, over)

    def _inputs(self) -> dict[str, Input]:
        """Return the assumptions that the signatures ask for, each with its home, unit, default and readers."""
        inputs: dict[str, Input] = {}
        for line in self.lines.values():
            for parameter, read in zip(line.parameters, self.reads[line.name], strict=True):
                opened = read.source if read.when == "last" else read.source.removeprefix(OPENING)
                if opened in self.lines and (read.when == "last" or read.source not in self.lines):
                    source = self.lines[opened]
                    # The value before the first month is one number, so the assumption has no months.
                    before = Parameter(OPENING + opened, parameter.default, replace(source.quantity, steady=True))
                    self._need(inputs, before, source.per, line)
                elif read.source not in self.lines | self.groups and read.source not in (MONTH, LUCK):
                    home = line.per if read.over == "self" else (read.over,)
                    named = Parameter(read.source, parameter.default, parameter.quantity)
                    self._need(inputs, named, home, line)
        self._explain(inputs)
        return inputs

    def _explain(self, inputs: Mapping[str, Input]) -> None:
        """Give each assumption its meaning; raises ModelError where two lines explain one, or a line reads it not."""
        for line in self.lines.values():
            for name, meaning in line.meanings.items():
                if name not in inputs or line.name not in inputs[name].readers:
                    what = f"the docstring explains {name}, which the line does not read as an assumption"
                    raise ModelError(what, "correct the name, or remove the sentence", where=line.place)
                if inputs[name].meaning:
                    raise ModelError(f"{name} is explained twice", "keep one of the two", where=line.place)
                inputs[name].meaning = meaning

    def _need(self, inputs: dict[str, Input], parameter: Parameter, home: Kinds, line: Line) -> None:
        """Record that `line` reads an assumption; raises ModelError where two readers disagree on it."""
        known = inputs.setdefault(parameter.name, Input(parameter.name, home))
        known.home = tuple(kind for kind in known.home if kind in home)
        known.readers.append(line.name)
        if parameter.quantity and known.quantity and parameter.quantity != known.quantity:
            what = f"{known.name} has another unit or range in {known.readers[0]}"
            raise ModelError(what, "annotate it alike in both", where=line.place)
        known.quantity = known.quantity or parameter.quantity
        if parameter.default is not None and known.default not in (None, parameter.default):
            what = f"{known.name} has another default in {known.readers[0]}"
            raise ModelError(what, "give one default, in either line", where=line.place)
        known.default = parameter.default if known.default is None else known.default

    def per(self, name: str) -> Kinds:
        """Return the kinds of member that a line, assumption or group has one value for each of."""
        if name in self.lines:
            return self.lines[name].per
        return self.inputs[name].home if name in self.inputs else ()

    def quantity(self, name: str) -> Quantity | None:
        """Return the quantity of a line or an assumption; None where no signature declares it."""
        if name in (MONTH, LUCK):
            return Quantity(Unit())
        if name in self.groups:
            return self.lines[self.groups[name][0]].quantity
        return self.lines[name].quantity if name in self.lines else self.inputs[name].quantity

    def _check_reads(self) -> None:
        for line in self.lines.values():
            for read in self.reads[line.name]:
                strange = set(self.per(read.source)) - set(line.per)
                if read.over == "self" and strange:
                    what = f"{read.parameter} exists once per {readable(self.per(read.source))}"
                    raise ModelError(what, f"read total_{read.source} to sum it", where=line.place)
        for needed in self.inputs.values():
            if len(needed.home) > 1:
                names = " or ".join(f"{kind}_{needed.name}" for kind in needed.home)
                what = f"{needed.name} is read per {readable(needed.home)}, so it could belong to either"
                raise ModelError(what, f"write {names}")

    def _order(self) -> tuple[str, ...]:
        """Return the lines in an order in which each comes after those it reads in the same month."""
        graph = {
            name: [source for read in reads if read.when != "last" for source in self.sources(read)]
            for name, reads in self.reads.items()
        }
        try:
            return tuple(TopologicalSorter(graph).static_order())
        except CycleError as error:
            circle = " → ".join(reversed(error.args[1]))
            raise ModelError(f"lines read each other in a circle ({circle})", "read last_… in one of them") from None

    def stages_of(self, names: Sequence[str]) -> tuple[Stage, ...]:
        """Return the stages of lines that come in the model's order, as if all other lines were known.

        Lines that read each other's last month in a circle form one stage.
        """
        readers: dict[str, list[str]] = {name: [] for name in names}
        arrows = [
            (source, name)
            for name in names
            for read in self.reads[name]
            for source in self.sources(read)
            if source in readers
        ]
        for source, name in arrows:
            readers[source].append(name)
        circle_of = {name: number for number, circle in enumerate(circles(readers)) for name in circle}
        members: dict[int, list[str]] = {}
        for name in names:
            members.setdefault(circle_of[name], []).append(name)
        waits: dict[int, set[int]] = {number: set() for number in members}
        for source, name in arrows:
            waits[circle_of[name]] |= {circle_of[source]} - {circle_of[name]}
        return tuple(self._stage(members[number]) for number in TopologicalSorter(waits).static_order())

    def _stage(self, names: list[str]) -> Stage:
        """Return the stage of lines that read each other, which is monthly where one reads the past or last month."""
        reads = [read for name in names for read in self.reads[name]]
        looks_back = any(read.when == "past" or (read.when == "last" and read.source in names) for read in reads)
        return Stage(tuple(names), looks_back)

    def needed(self, names: Iterable[str] | None) -> set[str]:
        """Return the named lines and those that they are computed from; all lines if None."""
        found: set[str] = set()
        wanted = list(self.lines if names is None else names)
        while wanted:
            if (name := wanted.pop()) not in found:
                found.add(name)
                wanted += [source for read in self.reads[name] for source in self.sources(read)]
        return found

    def inputs_behind(self, names: Iterable[str]) -> set[str]:
        """Return the assumptions that the named lines depend on in the first month."""
        found: set[str] = set()
        wanted = list(names)
        while wanted:
            for read in self.reads[wanted.pop()]:
                now = read.when != "last"  # in the first month, the past is that month
                wanted += [source for source in self.sources(read) if now and source not in found]
                found |= {*self.sources(read), read.source} if now else {f"{OPENING}{read.source}"}
        return found & self.inputs.keys()

    def sources(self, read: Read) -> tuple[str, ...]:
        """Return the lines behind a read: one, those of a group, or none for an assumption."""
        return self.groups.get(read.source, (read.source,) if read.source in self.lines else ())

    def check(self, names: Iterable[str], months: Collection[When]) -> None:
        """Raise ModelError where a named line reads beyond its own month and `months`, UnitError where units misfit."""
        faults = []
        for line in [self.lines[name] for name in names]:
            try:
                self._check(line, months)
            except UnitError as error:
                faults.append(str(UnitError(error.what, error.todo, where=line.place)))
        if faults:
            raise UnitError("\n".join(faults))

    def _check(self, line: Line, months: Collection[When]) -> None:
        traced, units = self.formulas[line.name], dict[str, Unit]()
        for read in self.reads[line.name]:
            if read.when not in ("now", *months):
                todo = f"read {', '.join(f'{one}_{read.source}' for one in months)}"
                raise ModelError(f"{read.parameter} cannot be read here", todo, where=line.place)
            counted = self.quantity(read.source)
            if counted is None:
                todo = f"annotate it in one signature, such as `{read.parameter}: Money`"
                raise UnitError(f"no line declares the unit of {read.source}", todo)
            units[read.parameter] = counted.unit
        given = formula.unit_of(traced, units)
        if given != line.unit and not formula.is_zero(traced):
            what = f"the line declares {line.unit.text()}, but the formula gives {given.text()}"
            raise UnitError(what, "correct one of the two")
