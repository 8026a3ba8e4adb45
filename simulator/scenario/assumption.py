"""One assumption: a value with its unit and origin, read from a literal of the scenario file."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from profiling.errors import Phrase
from profiling.results.curve import Curve
from simulator.engine.model import Array, Input
from simulator.engine.units import Quantity, Unit
from simulator.errors import BadValue, UnitError, checked_text
from simulator.scenario.chances import Fixed, legal_shares
from simulator.scenario.checks.percents import refuse_percentages
from simulator.scenario.checks.stated_units import RATE, Currencies, check_rate_unit, check_unit
from simulator.scenario.records.curves import AboutCurve, Limit, OnCurve
from simulator.scenario.records.measured import Measured, resolve
from simulator.scenario.values import Value, read_value

EVIDENCE = ("measured", "calibrated", "published", "assumed")
FIELDS = ("value", "unit", "source", "as_of", "evidence", "note")
LONGEST_NOTE = 2_000
# A value that customers have by their age cannot move with the calendar; these factors on it can.
MOVED_BY = {"churn": "churn_level"}
MOVED = (
    "give one number or one range for all months, and let {factor} change or walk instead, which multiplies it: "
    "`{factor}: {{0: 1, 11: 1.5, 12: 1}}`"
)


@dataclass(frozen=True)
class Assumption:
    """One number that the model takes from outside, with its origin.

    `low` and `high` are the ends of the range that makes sense, None where there is none. `literal` is the value as
    written in the file. `line` is its line in the file, 0 for a default or an edit; `is_default` marks a default.
    `is_foreign` marks an amount in the scenario's second currency.
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
    is_default: bool = False
    is_foreign: bool = False

    @property
    def central(self) -> float:
        """The base case's value in the first month."""
        return float(self.value.central(1)[0])

    def base(self, months: int) -> Array:
        """Return the base case's values, of shape (months or 1,); edited scenarios share those of what stays."""
        if (found := self._bases.get(months)) is None:
            central = self.value.central(months)
            # A plain number was checked when it was read.
            found = self._bases[months] = central if self.is_plain else self.within(central)
            found.flags.writeable = False
        return found

    @cached_property
    def _bases(self) -> dict[int, Array]:
        return {}

    def within(self, values: Array) -> Array:
        """Return values clipped to the range that makes sense, which growth or a ramp may leave in later months."""
        return np.clip(values, self.low, self.high) if (self.low, self.high) != (None, None) else values

    @property
    def is_uncertain(self) -> bool:
        """Whether the value is drawn in each trial."""
        return self.value.is_uncertain

    @property
    def measured(self) -> Measured | None:
        """The measurement that the value refers to, or None."""
        return next((part for part in self.value.parts if isinstance(part, Measured)), None)

    @property
    def on_curve(self) -> tuple[Curve, Limit] | None:
        """The curve that the value is read from and the latency limit it keeps, or None."""
        part = self.value.parts[0]
        if isinstance(part, Measured | OnCurve | AboutCurve) and part.curve is not None and part.limit is not None:
            return part.curve, part.limit
        return None

    @property
    def is_plain(self) -> bool:
        """Whether the value is one certain number, the same in every month."""
        return not self.is_uncertain and len(self.value.parts) == 1


def read_assumption(  # noqa: PLR0917
    path: str, literal: Any, needed: Input, currencies: Currencies, folder: Path, line: int = 0
) -> Assumption:
    """Return the assumption that a literal of the file stands for, checked against what the model needs.

    `literal` is plain data: a bare value, or a map with `value` and its origin. Raises BadValue.
    """
    entry: Mapping[str, Any] = literal if is_described(literal) else {"value": literal}
    if strange := [key for key in entry if key not in FIELDS]:
        raise BadValue(
            Phrase("{strange!r} is not a field of an assumption", strange=strange[0]),
            Phrase("use {known}", known=", ".join(FIELDS)),
        )
    value = read_value(entry["value"], lambda reference: resolve(reference, folder))
    counted = needed.quantity
    assert counted is not None, f"no line annotates {needed.name} with a unit"
    refuse_percentages(entry["value"], counted, currencies.own)
    currency, unit = currencies.own, counted.text(currencies.own)
    if "unit" in entry:
        currency = _check_unit(str(entry["unit"]), value, needed, currencies)
        unit = counted.text(currency)
    if needed.name == RATE and currencies.second:
        unit = f"{currencies.own}/{currencies.second}"
    if counted.steady and not value.is_steady:
        todo = "give one number or one range for all months"
        if needed.name in MOVED_BY:
            todo = Phrase(MOVED, factor=MOVED_BY[needed.name])
        raise BadValue("the value changes from month to month", todo)
    _check_metrics(value, counted, currency)
    _check_range(value, counted, currency, in_percent=counted.in_percent and "%" in str(entry["value"]))
    texts = {name: _text(entry, name) for name in ("source", "as_of", "note")}
    evidence = _evidence(entry, value, texts)
    origin = evidence, texts["source"], texts["as_of"], texts["note"], line
    foreign = currency != currencies.own
    limits = counted.low, counted.high
    return Assumption(path, needed.name, value, entry["value"], unit, *origin, *limits, is_foreign=foreign)


def is_described(literal: Any) -> bool:
    """Return whether a literal has its value in a field, beside a unit or an origin."""
    return isinstance(literal, Mapping) and "value" in literal


def _check_unit(text: str, value: Value, needed: Input, currencies: Currencies) -> str:
    """Return the currency of a stated unit; raises BadValue where the unit does not fit."""
    assert needed.quantity is not None
    number = float(value.central(1)[0]) if len(value.parts) == 1 and isinstance(value.parts[0], Fixed) else None
    if needed.name == RATE:
        check_rate_unit(text, number, currencies)
        return currencies.own
    currency = currencies.of(text)
    check_unit(text, number, needed.quantity, currency)
    return currency


def _check_metrics(value: Value, counted: Quantity, currency: str) -> None:
    """Raise BadValue where a measurement's unit is not the assumption's.

    A record may leave "per device" out, since it is about the one device that it was made on.
    """
    for part in value.parts:
        if isinstance(part, Measured | OnCurve | AboutCurve):
            given = _unit(part.unit, currency)
            if given not in (counted.unit, counted.unit * Unit.parse("device")):
                what = Phrase(
                    "the metric is in {unit}, but {wanted} is needed",
                    unit=part.unit[:80],
                    wanted=counted.text(currency),
                )
                raise BadValue(what, "refer to another metric of the record")


def _unit(text: str, currency: str) -> Unit | None:
    try:
        return Unit.parse(text, currency)
    except UnitError:
        return None


def _check_range(value: Value, counted: Quantity, currency: str, *, in_percent: bool) -> None:
    """Raise BadValue where a centre, or more than half of a distribution, lies outside the range that makes sense.

    What was written in percent is refused in percent.
    """
    bounds = value.bounds(counted.low, counted.high)
    for name, part, (low, high) in zip(value.names, value.parts, bounds, strict=True):
        centre = part.central
        if not low <= centre <= high and in_percent:
            raise _no_percentage(centre, low, high)
        if not low <= centre <= high:
            edge = Phrase("below {low:g}", low=low) if centre < low else Phrase("above {high:g}", high=high)
            unit = "1" if name == "monthly_growth" else counted.text(currency)
            told = "{centre:g} is {edge}" if unit == "1" else "{centre:g} is {edge} (unit: {unit})"
            raise BadValue(Phrase(told, centre=centre, edge=edge, unit=unit), _advice(low, high, centre))
        below, up_to = legal_shares(part, low, high)
        # Draws outside the range are cut off; where most are, the distribution is not the one that was meant.
        if not isinstance(part, Fixed) and up_to - below < 0.5:
            raise BadValue("most of the distribution is out of range", _advice(low, high))


def _no_percentage(centre: float, low: float, high: float) -> BadValue:
    edge = Phrase("too small") if centre < low else Phrase("too large")
    what = Phrase("{number:,.12g}{unit} is {edge}", number=100 * centre, unit="%", edge=edge)
    if math.isinf(high):
        return BadValue(what, Phrase("give {least:,.12g}{unit} or more", least=100 * low, unit="%"))
    todo = Phrase("give {least:,.12g}{unit} to {most:,.12g}{unit}", least=100 * low, unit="%", most=100 * high)
    return BadValue(what, todo)


def _advice(low: float, high: float, given: float = 4.0) -> str:
    if math.isinf(high):
        return Phrase("give {low:g} or more", low=low)
    if (low, high) != (0, 1):
        return Phrase("give {low:g} to {high:g}", low=low, high=high)
    percent = given if 1 < given <= 100 else 4.0
    return Phrase("give 0 to 1 ({percent:g}% is {share:g})", percent=percent, share=percent / 100)


def _text(entry: Mapping[str, Any], name: str) -> str:
    given = entry.get(name, "")
    text = str(given) if type(given) is int else given  # YAML reads a bare year as a number
    return checked_text(text, LONGEST_NOTE, name)


def _evidence(entry: Mapping[str, Any], value: Value, texts: Mapping[str, str]) -> str:
    """Return the kind of evidence; raises BadValue where more is claimed than the entry shows."""
    is_measured = any(isinstance(part, Measured) for part in value.parts)
    evidence = entry.get("evidence", "measured" if is_measured else "published" if texts["source"] else "assumed")
    if evidence not in EVIDENCE:
        raise BadValue(
            Phrase("{evidence!r} is not a kind of evidence", evidence=str(evidence)[:40]),
            Phrase("use one of {known}", known=", ".join(EVIDENCE)),
        )
    if is_measured and evidence != "measured":
        raise BadValue(
            Phrase("a reference to a record is measured, not {evidence}", evidence=evidence), "remove evidence"
        )
    if evidence == "measured" and not is_measured:
        raise BadValue("only a reference to a record is measured", "refer to a record, or write evidence: assumed")
    if evidence == "published" and not (texts["source"] and texts["as_of"]):
        raise BadValue("published evidence needs source and as_of", "add them, or write evidence: assumed")
    if evidence == "calibrated" and not texts["source"]:
        what = "calibrated evidence needs the measurements that it was fitted to"
        raise BadValue(what, "name them as source, or write evidence: assumed")
    return str(evidence)
