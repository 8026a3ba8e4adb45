"""A scenario's lines and traced figures as a program in JavaScript, written from their formulas.

A line is an array with a row for each month, and a row 0 before them for its opening value; a row has a number for each
member. A line that is the same in every month has one row. Each line is a function of the month's row that fills that
row. What differs between trials has a lane for each trial of a block; the base case is a block of one lane, without
luck.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from simulator.answers.kpis.measures import PREFIX
from simulator.engine import formula
from simulator.engine.formula import Operation, Symbol
from simulator.engine.model import LUCK, MONTH, OPENING, Kinds, Read
from simulator.engine.run import Simulation
from simulator.engine.windows import WINDOWS

# Reductions over the months of a window, each a function of a month of it.
REDUCED = ("total", "mean", "least", "first", "first_month", "last_month")
# The row that a parameter reads, where `m` is that of the month.
ROWS = {"now": "m", "last": "(m-1)", "first": "1"}
# An array with the place of a number in it, and a loop with the product that it sums.
Factor = tuple[str, str]
Term = tuple[str, tuple[Factor, ...]]


@dataclass(frozen=True)
class Layout:
    """Where the numbers of a simulation are: what stays the same in all months, and what differs between trials.

    `simulation` has the base case and one trial, which shows by its shapes what is drawn.
    """

    simulation: Simulation
    tables: dict[str, list[int] | list[list[int]]] = field(default_factory=dict, compare=False)

    @cached_property
    def steady(self) -> frozenset[str]:
        """Lines and assumptions that are the same in every month."""
        wiring = self.simulation.wiring
        inputs = {name for name, values in self.simulation.inputs.items() if len(values) == 1}
        return frozenset((wiring.steady - wiring.lasting) | inputs)

    @cached_property
    def figures(self) -> frozenset[str]:
        """The traced figures among the lines."""
        return frozenset(name for name in self.simulation.model.lines if name.startswith(PREFIX))

    @property
    def assumed(self) -> list[str]:
        """The assumptions of members that exist."""
        return [name for name in self.simulation.model.inputs if self.count(name)]

    @property
    def opened(self) -> frozenset[str]:
        """The lines of which another reads the last month."""
        return frozenset(self.simulation.wiring.lasting)

    def lanes(self, name: str) -> str:
        """Return how many lanes the array of a line or an assumption has."""
        return "T" if name in self.drawn else "1"

    def size(self, name: str) -> int:
        """Return how many numbers the array of a line or an assumption holds."""
        return self.count(name) * (1 if name in self.steady else self.simulation.months + 1)

    @cached_property
    def drawn(self) -> frozenset[str]:
        """Lines and assumptions that differ between trials."""
        model, luck = self.simulation.model, self.simulation.luck
        found = {name for name, values in self.simulation.inputs.items() if values.shape[2] > 1}
        found |= {name for name, values in luck.items() if values.shape[2] > 1}
        while more := {name for name in model.lines.keys() - found if any(self._behind(name) & found)}:
            found |= more
        return frozenset(found)

    def _behind(self, line: str) -> set[str]:
        model = self.simulation.model
        behind = set()
        for read in model.reads[line]:
            behind |= {*model.sources(read), read.source}
            if read.when == "last":
                behind |= {OPENING + source for source in model.sources(read)}
        return behind

    def lucky(self, line: str) -> bool:
        """Return whether trials draw what a line counts; in others it is the mean."""
        return line in self.simulation.model.counted and self.simulation.luck[line].shape[2] > 1

    def count(self, name: str) -> int:
        """Return the number of members of a line or an assumption."""
        return self.simulation.members.count(self.simulation.model.per(name))

    def at(self, name: str, row: str, member: str) -> str:
        """Return the place of a number in the array of a line or an assumption, without its lane."""
        count, row = self.count(name), "0" if name in self.steady else row
        if count == 1:
            return row
        return member if row == "0" else f"{row}*{count}+{member}"

    def opening(self, line: str) -> str:
        """Return the statement that copies the opening values of a line into its row before the first month."""
        given = OPENING + line
        return f"opened(${line},${given},{self.count(line)},{self.lanes(line)},{self.lanes(given)});"

    def member(self, per: Kinds, home: Kinds) -> str:
        """Return which member of `home` the member `k` of `per` belongs to."""
        if per == home:
            return "k"
        places = self.simulation.members.place(per, home)
        if (places == places[0]).all():
            return str(places[0])
        return f"{self._table('at', per, home, places.tolist())}[k]"

    def summed(self, line: str, source: str) -> str | None:
        """Return the table of the members of `source` that each member of `line` sums; None if it sums all."""
        groups = self.simulation.wiring.summed(line, source)
        model = self.simulation.model
        if not model.lines[line].per:
            return None
        table = self._table("of", model.lines[line].per, model.per(source), [one.tolist() for one in groups])
        return f"{table}[{'k' if len(groups) > 1 else 0}]"

    def _table(self, prefix: str, per: Kinds, home: Kinds, values: list[int] | list[list[int]]) -> str:
        name = "_".join((prefix, *per, "in", *home))
        self.tables[name] = values
        return name


class Body:
    """The body of the function that fills a row of one line."""

    def __init__(self, layout: Layout, line: str) -> None:
        self.layout, self.line, self.lanes = layout, line, layout.drawn
        self.model = layout.simulation.model
        self.reads = {read.parameter: read for read in self.model.reads[line]}
        # Statements before the formula, and the names of what they compute.
        self.before: list[str] = []
        self.names: dict[object, str] = {}
        self.formula = formula.javascript(self.model.formulas[line], self.write)

    def text(self) -> str:
        """Return the function's body, in which `m` is the row of the month, `k` the member and `t` the lane."""
        place, before = self.layout.at(self.line, "m", "k"), "".join(self.before)
        if self.line in self.lanes:
            filled = f"const o=({place})*T;{before}for(let t=0;t<T;t++)${self.line}[o+t]={self.formula};"
        else:
            filled = f"{before}${self.line}[{place}]={self.formula};"
        count = self.layout.count(self.line)
        return filled if count == 1 else f"for(let k=0;k<{count};k++){{{filled}}}"

    def write(self, symbol: Symbol) -> str | None:
        """Return what stands for a read, or for a sum over ages."""
        if isinstance(symbol, formula.Read):
            return self.read(self.reads[symbol.name])
        if isinstance(symbol, Operation) and symbol.name == "vecdot":
            factors = tuple(self._aged(one) for one in symbol.operands)
            return self.summed([("for(let j=1;j<=m;j++)", factors)])
        return None

    def _aged(self, symbol: Symbol) -> Factor:
        assert isinstance(symbol, formula.Read)
        return self._place(self.reads[symbol.name].source, "(m+1-j)" if symbol.backwards else "j")

    def read(self, read: Read) -> str:
        """Return what a parameter reads."""
        if read.source == LUCK:
            return f"$luck_{self.line}[o+t]" if self.layout.lucky(self.line) else "NaN"
        if read.source == MONTH:
            return "(m-1)"
        row = ROWS[read.when]
        if read.over == "total":
            return self.summed([self._members(source, row) for source in self.model.sources(read)])
        return self._number(*self._place(read.source, row))

    def _place(self, source: str, row: str) -> Factor:
        """Return a line or an assumption with the place of the number that this line's member reads."""
        member = self.layout.member(self.model.lines[self.line].per, self.model.per(source))
        return source, self.layout.at(source, row, member)

    def _members(self, source: str, row: str) -> Term:
        """Return the loop over the members of `source` that this line sums."""
        count, table = self.layout.count(source), self.layout.summed(self.line, source)
        loop = f"for(const g of {table})" if table else f"for(let g=0;g<{count};g++)" if count != 1 else ""
        return loop, ((source, self.layout.at(source, row, "g")),)

    def _number(self, source: str, place: str) -> str:
        """Return a number of an array."""
        return f"${source}[{self._named(f'({place})*T')}+t]" if source in self.lanes else f"${source}[{place}]"

    def _named(self, place: str) -> str:
        if place not in self.names:
            self.names[place] = f"i{len(self.names)}"
            self.before.append(f"const {self.names[place]}={place};")
        return self.names[place]

    def summed(self, terms: Sequence[Term]) -> str:
        """Return the name of a sum of products, each in a loop; it has lanes where one of its factors has."""
        key = tuple(terms)
        if len(terms) == 1 and not terms[0][0]:
            return self._number(*terms[0][1][0])
        if key not in self.names:
            self.names[key] = self._sum(f"s{len(self.names)}", terms)
        return self.names[key]

    def _sum(self, name: str, terms: Sequence[Term]) -> str:
        if not any(source in self.lanes for _, factors in terms for source, _ in factors):
            products = ["*".join(f"${source}[{place}]" for source, place in factors) for _, factors in terms]
            loops = (f"{loop}{name}+={one};" for (loop, _), one in zip(terms, products, strict=True))
            self.before.append(f"let {name}=0;{''.join(loops)}")
            return name
        self.before.append(f"const {name}=scratch[{len(self.names)}].fill(0);")
        for loop, factors in terms:
            named, parts = [], []
            for n, (source, place) in enumerate(factors):
                lane = source in self.lanes
                named.append(f"a{n}=({place})*T" if lane else f"a{n}=${source}[{place}]")
                parts.append(f"${source}[a{n}+t]" if lane else f"a{n}")
            inner = f"for(let t=0;t<T;t++){name}[t]+={'*'.join(parts)};"
            self.before.append(f"{loop}{{const {','.join(named)};{inner}}}")
        return f"{name}[t]"


class Figure:
    """The body of the function that gives a traced figure of the member `k` in the row `m` of a month.

    What it reads is read before the formula, since a figure without a value leaves the others without one, too.
    """

    def __init__(self, layout: Layout, name: str) -> None:
        self.layout, self.name = layout, name
        self.model = layout.simulation.model
        self.reads = self.model.reads[name]
        self.formula = formula.javascript(self.model.formulas[name], self.write)

    def text(self) -> str:
        """Return the function's body."""
        read = "".join(f"const _{read.parameter}={self.read(read)};" for read in self.reads)
        return f"{read}return {self.formula};"

    def write(self, symbol: Symbol) -> str | None:
        """Return what stands for a read outside of a window's months, or for what reduces a window."""
        if isinstance(symbol, formula.Read):
            return f"_{symbol.name}"
        if isinstance(symbol, Operation) and symbol.name in REDUCED:
            windows = [name for name in names_in(symbol) if self._is_window(name)]
            written = [self._reduced(one) for one in symbol.operands]
            return f"{symbol.name}({','.join([f'_{windows[0]}.length', *written])})"
        return None

    def _reduced(self, operand: Symbol) -> str:
        written = formula.javascript(operand, self.of_month)
        return written if isinstance(operand, formula.Reason) else f"j=>{written}"

    def of_month(self, symbol: Symbol) -> str | None:
        """Return what stands for a read in the month `j` of a window."""
        if isinstance(symbol, formula.Read):
            return f"_{symbol.name}[j]" if self._is_window(symbol.name) else f"_{symbol.name}"
        return None

    def _is_window(self, name: str) -> bool:
        window = next(WINDOWS.get(read.when) for read in self.reads if read.parameter == name)
        return window is not None and not window.point

    def read(self, read: Read) -> str:
        """Return what a parameter reads: a number, or the numbers of a window."""
        window = WINDOWS.get(read.when)
        if window is None:
            return self.number(read, ROWS[read.when])
        months = f"span(m,{window.length or 'm'},{window.back},{int(window.whole)}).map(r=>{self.number(read, 'r')})"
        return f"({months}[0]||0)" if window.point else months

    def number(self, read: Read, row: str) -> str:
        """Return what is read in one row of a month."""
        if read.source == MONTH:
            return f"({row}-1)"
        sources = self.model.sources(read) or (read.source,)
        return "+".join(self.over_members(read, source, row) for source in sources)

    def over_members(self, read: Read, source: str, row: str) -> str:
        """Return a line, an assumption or a figure of the member that is read, or its sum over those that are."""
        if read.over != "total":
            return self.one(source, row, self.layout.member(self.model.lines[self.name].per, self.model.per(source)))
        count, table = self.layout.count(source), self.layout.summed(self.name, source)
        if table is None and count == 1:
            return self.one(source, row, "0")
        return f"sum({table or count},g=>{self.one(source, row, 'g')})"

    def one(self, source: str, row: str, member: str) -> str:
        """Return one number of a line, an assumption or a figure."""
        if source in self.layout.figures:
            return f"measure('{source}',{row},{member})"
        return f"${source}[{self.layout.at(source, row, member)}]"


def names_in(symbol: Symbol) -> Iterator[str]:
    """Yield the names of what a formula reads."""
    if isinstance(symbol, formula.Read):
        yield symbol.name
    elif isinstance(symbol, Operation):
        for operand in symbol.operands:
            yield from names_in(operand)


def program(layout: Layout) -> str:
    """Return a function that makes the arrays of all lines, and those that fill them and give traced figures.

    It is given the number of months, that of lanes, and the arrays of the assumptions and of luck. It returns `lines`,
    by name; `run(names)`, which fills the lines of these names; `reads(name)`, the names in the text of a line's
    function, and its opening value; `measure(name, row, member)`, a traced figure of the first lane; and `steady`, the
    names of the lines of one row.
    """
    order = [name for name in layout.simulation.model.order if name not in layout.figures and layout.count(name)]
    bodies = {name: Body(layout, name) for name in order}
    lucky = [f"luck_{name}" for name in order if layout.lucky(name)]
    opened = [name for name in order if name in layout.opened]
    most = max(len(body.names) for body in bodies.values()) + 1
    figures = {name: Figure(layout, name).text() for name in sorted(layout.figures)}
    parts = [
        f"const {{{','.join(f'{name}:${name}' for name in (*layout.assumed, *lucky))}}}=assumed;",
        *(f"const {name}={json.dumps(values, separators=(',', ':'))};" for name, values in layout.tables.items()),
        f"const scratch=Array.from({{length:{most}}},()=>new Float64Array(T));",
        *(f"const ${name}=new Float64Array({layout.size(name)}*{layout.lanes(name)});" for name in order),
        f"const lines={{{','.join(f'{name}:${name}' for name in order)}}};",
        f"const fill={{{','.join(f'{name}:m=>{{{body.text()}}}' for name, body in bodies.items())}}};",
        f"const steady=new Set({json.dumps([name for name in order if name in layout.steady])});",
        "const known=new Map();",
        "const run=names=>{known.clear();",
        *(layout.opening(name) for name in opened),
        "for(const name of names)if(steady.has(name))fill[name](1);",
        "const each=names.filter(name=>!steady.has(name)).map(name=>fill[name]);",
        "for(let m=1;m<=M;m++)for(const one of each)one(m);};",
        f"const figures={{{','.join(f'{name}:(m,k)=>{{{body}}}' for name, body in figures.items())}}};",
        "const measure=(name,m,k=0)=>remembered(known,`${name} ${m} ${k}`,()=>figures[name](m,k));",
        "const reads=name=>[`opening_${name}`,...Array.from(String(fill[name]).matchAll(/\\$(\\w+)/g),one=>one[1])];",
        "return {lines,run,reads,measure,steady};",
    ]
    return "(M,T,assumed)=>{" + "\n".join(parts) + "}"
