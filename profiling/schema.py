"""The measurement record as a JSON schema, for whoever reads records with tools of their own.

It says no more than `record` asks for; that a value lies within its own interval is beyond a schema.
"""

from __future__ import annotations

from typing import Any

from profiling.record import FORMAT, KINDS, STATUSES, VERSION

DRAFT = "https://json-schema.org/draft/2020-12/schema"

Schema = dict[str, Any]

TEXT: Schema = {"type": "string", "minLength": 1}
NUMBER: Schema = {"type": "number"}
OBJECT: Schema = {"type": "object"}


def record_schema() -> Schema:
    """The schema of every version of the record that `record.load` reads; fields beyond it are allowed."""
    required = ["format", "version", "id", "created", "preset", "workload", "device", "software", "ceiling", "cases"]
    return {
        "$schema": DRAFT,
        "title": "Breakeven measurement record",
        **_object(
            required,
            format=_said({"const": FORMAT}, "what tells the file from any other"),
            version={"type": "integer", "minimum": 1, "maximum": VERSION},
            id=_said(TEXT, "the run's name: when it was asked for (UTC), its workload, four digits of chance"),
            created=_said(TEXT, "when the run was asked for, ISO 8601, UTC"),
            preset=TEXT,
            workload=_object([], model=_or_null(OBJECT), parameters=_or_null(NUMBER)),
            device=_object(["kind", "name"], kind=TEXT, name=TEXT),
            software=_said(OBJECT, "versions by name"),
            ceiling=_said(_named("estimate"), "the device's own limits, measured in the same run"),
            others=_said(_or_null({"type": "array", "items": OBJECT}), "other processes; null: nobody could tell"),
            cases={"type": "array", "items": _reference("case")},
        ),
        "$defs": {"estimate": _estimate(), "case": _case(), "energy": _energy()},
    }


def _estimate() -> Schema:
    return _object(
        ["value", "low", "high", "level", "unit", "runs"],
        value=NUMBER,
        low=NUMBER,
        high=NUMBER,
        level=_said({"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}, "confidence of low to high"),
        unit=TEXT,
        runs=_said({"type": "integer", "minimum": 1}, "separate processes"),
    )


def _case() -> Schema:
    coordinate = {"type": ["string", "integer"]}
    return _object(
        ["kind", "point", "status", "metrics", "memory", "samples"],
        kind={"enum": list(KINDS)},
        point={"type": "object", "additionalProperties": coordinate},
        status=_said({"enum": list(STATUSES)}, "only `ok` gives numbers to a plan"),
        why=_said(_or_null(TEXT), "the reason of any other status"),
        metrics=_named("estimate"),
        memory=_said({"type": "object", "additionalProperties": _or_null(NUMBER)}, "bytes; null: nobody counted"),
        energy=_said(_or_null(_reference("energy")), "null: no sensor could tell"),
        throttled=_said({"type": ["boolean", "null"]}, "null: no sensor could tell"),
        samples=OBJECT,
        throttle_reasons=_or_null({"type": "array", "items": {"type": "string"}}),
        largest_batch=_said(_or_null(NUMBER), "that fits into memory, where this one did not"),
    )


def _energy() -> Schema:
    warnings = _or_null({"type": "array", "items": {"type": "string"}})
    return _object(["joules", "source"], joules=NUMBER, source=TEXT, warnings=warnings)


def _object(required: list[str], **properties: Schema) -> Schema:
    return {"type": "object", "required": required, "properties": properties}


def _named(definition: str) -> Schema:
    """An object of such values, by name."""
    return {"type": "object", "additionalProperties": _reference(definition)}


def _reference(definition: str) -> Schema:
    return {"$ref": f"#/$defs/{definition}"}


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _said(schema: Schema, description: str) -> Schema:
    return {**schema, "description": description}
