"""One assumption: a value with its unit and where it comes from, read from what stands in the file."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from profiling.results.curve import Curve
from simulator.engine.model import Array, Input
from simulator.engine.units import Quantity, Unit
from simulator.errors import UnitError
from simulator.scenario.chances import Fixed, legal_shares
from simulator.scenario.curves import Limit, OnCurve
from simulator.scenario.measured import Measured, resolve
from simulator.scenario.values import BadValue, Value, read_value

EVIDENCE = ("measured", "calibrated", "published", "assumed")
FIELDS = ("value", "unit", "source", "as_of", "evidence", "note")
LONGEST_NOTE = 2_000


@dataclass(frozen=True)
class Assumption:
    """One number that the model takes from outside, with where it comes from.

    `low` and `high` bound what makes sense; `line` is its place in the file, 0 for a default or an edit.
    """

    path: str
    name: str
    value: Value
    literal: Any
    unit: str
    evidence: str
    source: str = ""
    as_of: str = ""
    note: str = ""
    line: int = 0
    low: float | None = None
    high: float | None = None

    @property
    def central(self) -> float:
        """The base plan's value in the first month."""
        return float(self.value.central(1)[0])

    def base(self, months: int) -> Array:
        """The base plan's values, of shape (months or 1,)."""
        central = self.value.central(months)
        return central if self.is_plain else self.within(central)  # a plain number was held to its bounds when read

    def within(self, values: Array) -> Array:
        """Values of a course, held at the end of what makes sense where growth or a ramp would carry them beyond."""
        return np.clip(values, self.low, self.high) if (self.low, self.high) != (None, None) else values

    @property
    def is_uncertain(self) -> bool:
        """Whether trials draw it."""
        return self.value.is_uncertain

    @property
    def measured(self) -> Measured | None:
        """The measurement it refers to, if it does."""
        return next((part for part in self.value.parts if isinstance(part, Measured)), None)

    @property
    def on_curve(self) -> tuple[Curve, Limit] | None:
        """The curve that it was read off, and the limit on the wait, if it was."""
        part = self.value.parts[0]
        if isinstance(part, Measured | OnCurve) and part.curve is not None and part.limit is not None:
            return part.curve, part.limit
        return None

    @property
    def is_plain(self) -> bool:
        """Whether it is one certain number, the same in every month."""
        return len(self.value.parts) == 1 and isinstance(self.value.parts[0], Fixed)


def read_assumption(  # noqa: PLR0917
    path: str, literal: Any, needed: Input, currency: str, folder: Path, line: int = 0
) -> Assumption:
    """The assumption that a literal of the file stands for, checked against what the model needs.

    `literal` is plain: a bare value, or a map with `value` and its origin. Raises BadValue.
    """
    described = isinstance(literal, Mapping) and "value" in literal
    entry: Mapping[str, Any] = literal if described else {"value": literal}
    if strange := [key for key in entry if key not in FIELDS]:
        raise BadValue(f"{strange[0]!r} says nothing here", f"use {', '.join(FIELDS)}")
    value = read_value(entry["value"], lambda reference: resolve(reference, folder))
    counted = needed.quantity
    assert counted is not None, f"nobody says what {needed.name} counts"
    _check_unit(entry, counted, currency)
    _check_course(value, counted)
    _check_metrics(value, counted, currency)
    _check_range(value, counted, currency)
    texts = {name: _text(entry, name) for name in ("source", "as_of", "note")}
    evidence = _evidence(entry, value, texts)
    return Assumption(
        path,
        needed.name,
        value,
        entry["value"],
        counted.text(currency),
        evidence,
        line=line,
        low=counted.low,
        high=counted.high,
        **texts,
    )


def _check_unit(entry: Mapping[str, Any], counted: Quantity, currency: str) -> None:
    if "unit" not in entry:
        return
    if _unit(str(entry["unit"]), currency) != counted.unit:
        raise BadValue(f"its unit is {str(entry['unit'])[:80]!r}", f"give it in {counted.text(currency)}")


def _check_course(value: Value, counted: Quantity) -> None:
    if counted.steady and not value.is_steady:
        raise BadValue("it cannot change from month to month", "give one number, or one range, for the whole plan")


def _check_metrics(value: Value, counted: Quantity, currency: str) -> None:
    """A measurement counts what the assumption counts; its device is the one that it was made on."""
    for part in value.parts:
        if isinstance(part, Measured | OnCurve):
            given = _unit(part.unit, currency)
            if given not in (counted.unit, counted.unit * Unit.parse("device")):
                what = f"the metric is in {part.unit[:80]}, where {counted.text(currency)} is needed"
                raise BadValue(what, "refer to another metric of the record")


def _unit(text: str, currency: str) -> Unit | None:
    try:
        return Unit.parse(text, currency)
    except UnitError:
        return None


def _check_range(value: Value, counted: Quantity, currency: str) -> None:
    """Each fixed number must make sense, and most draws of each chance must."""
    for part, (low, high) in zip(value.parts, value.bounds(counted.low, counted.high), strict=True):
        centre = part.central
        if not low <= centre <= high:
            edge = f"below {low:g}" if centre < low else f"above {high:g}"
            raise BadValue(f"{centre:g} is {edge}, in {counted.text(currency)}", _stay(low, high))
        below, up_to = legal_shares(part, low, high)
        if not isinstance(part, Fixed) and up_to - below < 0.5:
            raise BadValue("most of its draws make no sense", _stay(low, high))


def _stay(low: float, high: float) -> str:
    if math.isinf(high):
        return f"give {low:g} or more"
    return f"give {low:g} to {high:g}" + (" (4% is 0.04)" if (low, high) == (0, 1) else "")


def _text(entry: Mapping[str, Any], name: str) -> str:
    given = entry.get(name, "")
    # A bare year is a date, too.
    text = given.isoformat() if isinstance(given, date) else str(given) if type(given) is int else given
    if not isinstance(text, str) or len(text) > LONGEST_NOTE:
        raise BadValue(f"its {name} is no text", f"write {name} in words, at most {LONGEST_NOTE:,} characters")
    return text


def _evidence(entry: Mapping[str, Any], value: Value, texts: Mapping[str, str]) -> str:
    """How far the value can be trusted; what claims more than an assumption has to show why."""
    is_measured = any(isinstance(part, Measured) for part in value.parts)
    evidence = entry.get("evidence", "measured" if is_measured else "published" if texts["source"] else "assumed")
    if evidence not in EVIDENCE:
        raise BadValue(f"its evidence is {str(evidence)[:40]!r}", f"use one of {', '.join(EVIDENCE)}")
    if (evidence == "measured") != is_measured:
        raise BadValue("only a reference to a record is measured", "refer to one, or write evidence: assumed")
    if evidence == "published" and not (texts["source"] and texts["as_of"]):
        raise BadValue("published means that others can look it up", "give source and as_of, or evidence: assumed")
    if evidence == "calibrated" and not texts["source"]:
        raise BadValue("calibrated means fitted to measurements", "name them as source, or use evidence: assumed")
    return str(evidence)
