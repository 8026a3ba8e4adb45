"""The JSON schema of a scenario file, derived from what the lines read; editors use it to complete and check."""

from __future__ import annotations

from typing import Any

from simulator.engine.model import Input, Model
from simulator.lines import MEMBERS, needed_pointers
from simulator.scenario.assumption import EVIDENCE
from simulator.scenario.comments import LONGEST, MOST_COMMENTS
from simulator.scenario.comments import SECTION as COMMENTS
from simulator.scenario.reading import words_of
from simulator.scenario.settings import SETTINGS
from simulator.scenario.values import CHANCES, HALF_LIFE, RANGE, VOLATILITY, WALK


def schema(model: Model) -> dict[str, Any]:
    """Return the schema, in JSON Schema's 2020-12 draft."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Breakeven scenario",
        "type": "object",
        "required": [name for name, setting in SETTINGS.items() if setting.default is None],
        "additionalProperties": False,
        "properties": {
            **{name: {"description": one.meaning, **one.schema()} for name, one in SETTINGS.items()},
            "assumptions": _object({name: _assumption(one) for name, one in model.inputs.items() if not one.is_state}),
            **{
                f"{kind}s": {
                    "type": "object",
                    "description": MEMBERS[kind],
                    "additionalProperties": _member(model, kind),
                }
                for kind in model.kinds
            },
            "correlations": {"type": "array", "items": {"type": "array", "minItems": 3, "maxItems": 3}},
            COMMENTS: {"type": "array", "maxItems": MOST_COMMENTS, "items": _comment()},
        },
        "$defs": {"value": _value()},
    }


def _comment() -> dict[str, Any]:
    texts = {name: {"type": "string", "maxLength": longest} for name, longest in LONGEST.items()}
    return {**_object(texts), "required": ["text"]}


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _member(model: Model, kind: str) -> dict[str, Any]:
    """Return the schema of a member of one kind: its assumptions, what it points at, and words about it."""
    own = {name: _assumption(one) for name, one in model.inputs.items() if one.home == (kind,) and not one.is_state}
    pointers = {other: {"type": "string"} for own, other in needed_pointers() if own == kind}
    return _object({**{name: {"type": "string"} for name in words_of(kind)}, **pointers, **own})


def _assumption(needed: Input) -> dict[str, Any]:
    entry: dict[str, Any] = {"$ref": "#/$defs/value", "description": f"{needed.meaning} In {measure(needed)}."}
    return entry if needed.default is None else {**entry, "default": needed.default}


def measure(needed: Input) -> str:
    """Return the unit of an assumption and the range that makes sense, such as `share, 0 to 1`."""
    assert needed.quantity is not None
    low, high = needed.quantity.low, needed.quantity.high
    unit = needed.quantity.text()
    if low is None and high is None:
        return unit
    if high is None:
        return f"{unit}, {low:g} or more"
    return f"{unit}, {high:g} or less" if low is None else f"{unit}, {low:g} to {high:,.12g}"


def _value() -> dict[str, Any]:
    """Return the schema of every form that a value may take, bare or with its origin."""
    bare: list[dict[str, Any]] = [
        {"type": "number"},
        {"type": "string", "description": f"A percentage, or a range such as 90% between 2 and 5: {RANGE.pattern}"},
        *({"type": "object", "required": [name]} for name in (*CHANCES, "measured", "curve")),
        {"type": "object", "required": ["start", "monthly_growth"]},
        {"type": "object", "required": ["from", "to", "over"]},
        {"type": "object", "patternProperties": {r"^\d+$": {}}, "additionalProperties": False},
        {
            "type": "object",
            "required": [WALK, VOLATILITY],
            "properties": {WALK: {}, VOLATILITY: {}, HALF_LIFE: {}},
            "additionalProperties": False,
            "description": "A value that moves by chance from month to month in trials, such as a price on a market.",
        },
    ]
    origin = {
        "unit": {"type": "string"},
        "source": {"type": "string"},
        "as_of": {},
        "note": {"type": "string"},
        "evidence": {"enum": list(EVIDENCE)},
    }
    described = {"type": "object", "required": ["value"], "properties": {"value": {"anyOf": bare}, **origin}}
    return {"anyOf": [*bare, described]}
