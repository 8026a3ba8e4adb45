"""Formulas found by tracing: a line that is called with symbols returns the tree of its operations.

The tree is then written as text for people, as an Excel formula or as JavaScript, or evaluated for its unit. A line may
use only the operations in `OPERATIONS`; any other is an error that names the line.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, NoReturn

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from simulator.engine.units import Constant, Unit
from simulator.errors import FormulaError, UnitError

Cell = Callable[["Read"], str]
Say = Callable[[str], str]
ADVICE = "write np.where, np.maximum or np.minimum"


class Symbol(NDArrayOperatorsMixin):
    """A stand-in for an array while a line is traced; operations on it build the tree."""

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Symbol:
        """Return the operation of an operator or elementwise function, all of which NumPy sends here."""
        if method != "__call__" or options or ufunc.__name__ not in OPERATIONS:
            raise FormulaError(f"{ufunc.__name__} has no formula", f"use one of {', '.join(sorted(OPERATIONS))}")
        return Operation(ufunc.__name__, tuple(map(symbol, inputs)))

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Symbol:
        """Return the operation of `np.where`, which is not an elementwise function to NumPy."""
        if function is not np.where or len(args) != 3 or kwargs:
            raise FormulaError(f"np.{function.__name__} has no formula", f"use one of {', '.join(sorted(OPERATIONS))}")
        return Operation("where", tuple(map(symbol, args)))

    def __getitem__(self, index: Any) -> Symbol:
        """Return `past_x[..., ::-1]`, every month so far with the latest first; no other index is allowed."""
        if isinstance(self, Read) and self.name.startswith("past_") and index == (Ellipsis, slice(None, None, -1)):
            return Read(self.name, backwards=True)
        raise FormulaError("a line was indexed", "use only past_x[..., ::-1]")

    def _no_value(self, *_: Any) -> NoReturn:
        raise FormulaError("a line has no single value to branch on or convert", ADVICE)

    __bool__ = __float__ = __int__ = __index__ = __iter__ = __len__ = __array__ = _no_value
    __hash__ = object.__hash__


@dataclass(frozen=True, eq=False)
class Read(Symbol):
    """A parameter of the line; `backwards` is its past with the latest month first."""

    name: str
    backwards: bool = False


@dataclass(frozen=True, eq=False)
class Number(Symbol):
    """A number in the line, with a name and a unit where it is a `Constant`."""

    value: float

    @property
    def unit(self) -> Unit:
        """Unit of a constant; any other number is dimensionless."""
        return self.value.unit if isinstance(self.value, Constant) else Unit()


@dataclass(frozen=True, eq=False)
class Reason(Symbol):
    """Words that say why a figure has no value; no formula shows them."""

    words: str


@dataclass(frozen=True, eq=False)
class Operation(Symbol):
    """One operation of `OPERATIONS` on its operands."""

    name: str
    operands: tuple[Symbol, ...]


def symbol(value: Any) -> Symbol:
    """Return a value as part of a tree; raises FormulaError where it is no finite number."""
    if isinstance(value, Symbol):
        return value
    if isinstance(value, bool | int | float | np.number | np.bool_) and np.isfinite(value):
        return Number(value if isinstance(value, Constant) else float(value))
    what = value if isinstance(value, float) else type(value).__name__
    raise FormulaError(f"{what} is not allowed in a formula", "use finite numbers and the line's parameters")


@cache
def trace(function: Callable[..., Any], parameters: tuple[str, ...]) -> Symbol:
    """Return the tree that `function` computes from symbols named as its `parameters`; raises FormulaError."""
    try:
        # A random number in a line would be traced as a constant; a second call shows that it changes.
        traced, again = (symbol(function(*map(Read, parameters))) for _ in range(2))
    except (AttributeError, TypeError) as error:  # such as x.sum() or round(x)
        raise FormulaError(f"the line has no formula ({error})", ADVICE) from None
    if not _alike(traced, again):
        raise FormulaError("the formula differs from call to call", "use an assumption for what is random")
    return traced


def _alike(one: Symbol, other: Symbol) -> bool:
    """Return whether two trees are the same."""
    if type(one) is not type(other):
        return False
    if isinstance(one, Operation) and isinstance(other, Operation):
        return one.name == other.name and all(map(_alike, one.operands, other.operands))
    return vars(one) == vars(other)


@dataclass(frozen=True)
class Form:
    """An operation's patterns in words, Excel and JavaScript, its rule for units, and its precedence (0: not infix).

    Without a pattern of its own, JavaScript calls a function of the operation's name.
    """

    text: str
    excel: str
    unit: Callable[[list[Symbol], list[Unit]], Unit]
    binds: int = 0
    javascript: str = ""


def _same(operands: list[Symbol], units: list[Unit]) -> Unit:
    """Return the unit that all operands share; a literal zero has any unit. Raises UnitError."""
    counted = [unit for operand, unit in zip(operands, units, strict=True) if not is_zero(operand)]
    for unit in counted[1:]:
        if unit != counted[0]:
            what = f"{counted[0].text()} and {unit.text()} cannot be added or compared"
            raise UnitError(what, "give both the same unit")
    return counted[0] if counted else Unit()


def is_zero(symbol: Symbol) -> bool:
    """Return whether a symbol is the literal 0."""
    return isinstance(symbol, Number) and symbol.value == 0


def _truth(operands: list[Symbol], units: list[Unit]) -> Unit:
    _same(operands, units)
    return Unit()


def _plain(_: list[Symbol], units: list[Unit]) -> Unit:
    for unit in units:
        if unit != Unit():
            what = f"{unit.text()} is used where a plain number is needed"
            raise UnitError(what, "divide it by an amount of the same unit")
    return Unit()


def _product(_: list[Symbol], units: list[Unit]) -> Unit:
    return units[0] * units[1]


def _raised(operands: list[Symbol], units: list[Unit]) -> Unit:
    exponent = operands[1]
    if units[0] != Unit() and isinstance(exponent, Number):
        return units[0] ** exponent.value
    return _plain(operands, units)


def _hit(_: list[Symbol], units: list[Unit]) -> Unit:
    """Return the unit of a count of which a share is hit; raises UnitError unless the share is a plain number."""
    return units[0] * _plain([], units[1:])


# The precedence of operators in Excel, loosest first. A comparison of comparisons, a power and a negative need brackets
# of their own in some places, since languages disagree on them.
COMPARISON, NEGATIVE, POWER = 1, 4, 5


def _infix(
    text: str, excel: str, binds: int, unit: Callable[[list[Symbol], list[Unit]], Unit], javascript: str = ""
) -> Form:
    return Form(f"{{}} {text} {{}}", f"{{}}{excel}{{}}", unit, binds, javascript or f"{{}}{excel}{{}}")


OPERATIONS: Mapping[str, Form] = {
    "less": _infix("<", "<", 1, _truth),
    "less_equal": _infix("≤", "<=", 1, _truth),
    "greater": _infix(">", ">", 1, _truth),
    "greater_equal": _infix("≥", ">=", 1, _truth),
    "equal": _infix("=", "=", 1, _truth, "{}=={}"),
    "not_equal": _infix("≠", "<>", 1, _truth, "{}!={}"),
    "add": _infix("+", "+", 2, _same),
    "subtract": _infix("−", "-", 2, _same),
    "multiply": _infix("×", "*", 3, _product),
    "divide": _infix("÷", "/", 3, lambda _, units: units[0] / units[1]),
    "negative": Form("−{}", "-{}", _same, NEGATIVE, "-{}"),
    "power": _infix("^", "^", POWER, _raised, "Math.pow({},{})"),
    "logical_and": Form("({} and {})", "AND({},{})", _plain, javascript="({}&&{}?1:0)"),
    "logical_or": Form("({} or {})", "OR({},{})", _plain, javascript="({}||{}?1:0)"),
    "maximum": Form("max({}, {})", "MAX({},{})", _same, javascript="Math.max({},{})"),
    "minimum": Form("min({}, {})", "MIN({},{})", _same, javascript="Math.min({},{})"),
    # ROUNDUP rounds negatives away from zero; np.ceil and CEILING.MATH round them towards it.
    "ceil": Form("round up({})", "CEILING.MATH({})", _same, javascript="Math.ceil({})"),
    "floor": Form("round down({})", "FLOOR.MATH({})", _same, javascript="Math.floor({})"),
    "absolute": Form("|{}|", "ABS({})", _same, javascript="Math.abs({})"),
    "exp": Form("exp({})", "EXP({})", _plain, javascript="Math.exp({})"),
    # A spreadsheet has no such function; this form of it keeps all digits near zero, and holds up to some thirty.
    "expm1": Form("(exp({}) − 1)", "(2*TANH(({0})/2)/(1-TANH(({0})/2)))", _plain, javascript="Math.expm1({})"),
    "log": Form("ln({})", "LN({})", _plain, javascript="Math.log({})"),
    "ndtr": Form("Φ({})", "NORM.S.DIST({},TRUE)", _plain),
    "ndtri": Form("Φ⁻¹({})", "NORM.S.INV({})", _plain),
    "where": Form(
        "if {} then {} else {}",
        "IF({},{},{})",
        lambda operands, units: _same(operands[1:], units[1:]),
        javascript="({}?{}:{})",
    ),
    "vecdot": Form("sum of {} × {}", "SUMPRODUCT({},{})", _product),
    # Reductions of a window on months, and figures that may have no value; see `windows`. Within SUMPRODUCT, a
    # spreadsheet computes what is reduced for each month.
    "total": Form("sum of ({})", "SUMPRODUCT({})", _same),
    "mean": Form("mean of ({})", "SUMPRODUCT(AVERAGE({}))", _same),
    "least": Form("least of ({})", "SUMPRODUCT(MIN({}))", _same),
    "first": Form("first of ({})", "INDEX({},1)", _same),
    "first_month": Form(
        "first month with ({1})",
        "IF(SUMPRODUCT(({1})*1)>0,SUMPRODUCT(MIN({0}+(1-({1}))*1E9)),NA())",
        lambda _, units: units[0],
    ),
    "last_month": Form("last month with ({1})", "SUMPRODUCT(MAX(({0}+1)*({1})))-1", lambda _, units: units[0], binds=2),
    "over": Form("{0} ÷ {1}", "IF({1}>0,{0}/{1},NA())", lambda _, units: units[0] / units[1], binds=3),
    "given": Form("({1} where {0})", "IF({0},{1},NA())", lambda _, units: units[1]),
    # The product over months is a ratio of gamma functions, which has a value only where somebody is left.
    "staying": Form(
        "share of age {2} who stay {3} months more at churn {0} and spread {1}",
        "IF(({3})<1,1,IF(({0})>=1+({1})*({2}),0,IF(({1})=0,(1-({0}))^({3}),EXP("
        "GAMMALN((1-({0}))/({1})+({2})+({3}))-GAMMALN((1-({0}))/({1})+({2}))"
        "+GAMMALN(1/({1})+({2}))-GAMMALN(1/({1})+({2})+({3}))))))",
        _plain,
    ),
    # A workbook shows the base case, in which a count is its mean.
    "poisson": Form("count drawn around ({0})", "({0})", lambda _, units: units[0]),
    "binomial": Form("count drawn of {0}, each with chance ({1})", "(({0})*({1}))", _hit),
}


# The past of a line with its latest month first, in the text for people.
BACKWARDS = "{} backwards"


def text(symbol: Symbol, say: Say = str, name: Say = str) -> str:
    """Return the formula for people, such as `max(reserved, round up(needed))`.

    `say` translates the patterns of operations and the names of constants, and `name` the parameters.
    """
    if isinstance(symbol, Read):
        read = name(symbol.name)
        return say(BACKWARDS).format(read) if symbol.backwards else read
    if isinstance(symbol, Number):
        return say(symbol.value.name) if isinstance(symbol.value, Constant) else f"{symbol.value:g}"
    return "" if isinstance(symbol, Reason) else _write(symbol, lambda part: text(part, say, name), "text", say)


def excel(symbol: Symbol, cell: Cell) -> str:
    """Return the formula for Excel, without the leading `=`; `cell` gives the address of a read."""
    if isinstance(symbol, Read):
        return cell(symbol)
    if isinstance(symbol, Number):
        return repr(float(symbol.value)).upper()
    return "" if isinstance(symbol, Reason) else _write(symbol, lambda part: excel(part, cell), "excel")


def javascript(symbol: Symbol, write: Callable[[Symbol], str | None]) -> str:
    """Return the formula in JavaScript; `write` gives what stands for a read, or for an operation in its place."""
    if (written := write(symbol)) is not None:
        return written
    if isinstance(symbol, Number):
        return repr(float(symbol.value)).removesuffix(".0")
    if isinstance(symbol, Reason):
        return json.dumps(symbol.words)
    return _write(symbol, lambda part: javascript(part, write), "javascript")


def _write(operation: Symbol, write: Callable[[Symbol], str], language: str, say: Say = str) -> str:
    assert isinstance(operation, Operation)
    form = OPERATIONS[operation.name]
    parts = [
        _bracketed(part, form.binds, later=index > 0, written=write(part), language=language)
        for index, part in enumerate(operation.operands)
    ]
    pattern: str = getattr(form, language) or f"{operation.name}({','.join(['{}'] * len(parts))})"
    return say(pattern).format(*parts)


def _bracketed(part: Symbol, binds: int, *, later: bool, written: str, language: str) -> str:
    """Return `written`, in brackets where the operator around it would otherwise bind to a part of it."""
    if isinstance(part, Number) and part.value < 0 and binds:
        return f"({written})"
    if not isinstance(part, Operation):
        return written
    inner = OPERATIONS[part.name].binds
    wordy = language == "text" and part.name in ("where", "vecdot", "staying")
    # Excel reads -2^2 as 4, so a negative inside another operation gets brackets, and so does its operand.
    negated = binds and NEGATIVE in (binds, inner)
    # Of two equal operators the left one goes first, but Excel and Python disagree on x^y^z, so brackets decide.
    split = inner and (negated or inner < binds or (inner == binds and (later or binds in (COMPARISON, POWER))))
    return f"({written})" if split or (wordy and binds) else written


def unit_of(symbol: Symbol, units: Mapping[str, Unit]) -> Unit:
    """Return the unit of the formula where its reads have these `units`; raises UnitError where they do not fit."""
    if isinstance(symbol, Read):
        return units[symbol.name]
    if isinstance(symbol, Number):
        return symbol.unit
    if isinstance(symbol, Reason):
        return Unit()
    assert isinstance(symbol, Operation)
    operands = list(symbol.operands)
    return OPERATIONS[symbol.name].unit(operands, [unit_of(part, units) for part in operands])
