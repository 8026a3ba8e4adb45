"""The measurement record as a JSON schema, for whoever reads records with tools of their own.

It says no more than `record` asks for; that a value lies within its own interval is beyond a schema.
"""

from __future__ import annotations

from typing import Any

from profiling.results.record import FORMAT, PHASES, STATUSES, VERSION

DRAFT = "https://json-schema.org/draft/2020-12/schema"

Schema = dict[str, Any]

TEXT: Schema = {"type": "string", "minLength": 1}
NUMBER: Schema = {"type": "number"}
COUNT: Schema = {"type": "integer", "minimum": 1}
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
            device=_object(
                ["kind", "name"], kind=TEXT, name=TEXT, count=_or_null(COUNT), memory_capacity_bytes=_or_null(NUMBER)
            ),
            software=_said(OBJECT, "versions by name"),
            ceiling=_said(_named("estimate"), "the device's own limits, measured in the same run"),
            others=_said(_or_null({"type": "array", "items": OBJECT}), "other processes; null: nobody could tell"),
            resumed=_said(_or_null(_list(_resumption())), "each time that the run went on after a stop"),
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
        kind=_said(TEXT, "what was done, such as train; a newer version may know more kinds"),
        point={"type": "object", "additionalProperties": coordinate},
        status=_said({"enum": list(STATUSES)}, "only `ok` gives numbers to a plan"),
        why=_said(_or_null(TEXT), "the reason of any other status"),
        metrics=_named("estimate"),
        memory=_said({"type": "object", "additionalProperties": _or_null(NUMBER)}, "bytes; null: nobody counted"),
        energy=_said(_or_null(_reference("energy")), "null: no sensor could tell"),
        throttled=_said({"type": ["boolean", "null"]}, "null: no sensor could tell"),
        samples=OBJECT,
        throttle_reasons=_or_null(_list({"type": "string"})),
        largest_batch=_said(_or_null(NUMBER), "that fits into memory, where this one did not"),
        trainable_parameters=_or_null(NUMBER),
        within_share=_said(_or_null(NUMBER), "of the variance of the steps, what lies within runs"),
        devices=_or_null(COUNT),
        notes=_or_null(_list({"type": "string"})),
        omitted=_said(_or_null(_values(TEXT)), "metrics that are not told, each with the reason"),
        time_to_first_step_seconds=_or_null(_list(NUMBER)),
        work=_or_null({"type": "object", "properties": dict.fromkeys(PHASES, _work()), "additionalProperties": False}),
        others=_said(_or_null(_list(OBJECT)), "other processes on the device after its steps"),
        operators=_said(_or_null(_list(_operator())), "those that took most time by themselves"),
    )


def _work() -> Schema:
    """What one step of a phase needs by the formulas."""
    return _object(["flops", "bytes"], flops=NUMBER, bytes=NUMBER)


def _operator() -> Schema:
    calls = {"type": "integer", "minimum": 0}
    return _object(["name", "calls", "share", "seconds"], name=TEXT, calls=calls, share=NUMBER, seconds=NUMBER)


def _resumption() -> Schema:
    return _object([], changed=_or_null(_list({"type": "string"})), kept=_or_null(_list(NUMBER)))


def _energy() -> Schema:
    warnings = _or_null(_list({"type": "string"}))
    return _object(["joules", "source"], joules=NUMBER, source=TEXT, seconds=_or_null(NUMBER), warnings=warnings)


def _object(required: list[str], **properties: Schema) -> Schema:
    return {"type": "object", "required": required, "properties": properties}


def _named(definition: str) -> Schema:
    """An object of such values, by name."""
    return _values(_reference(definition))


def _values(schema: Schema) -> Schema:
    """An object whose fields, whatever their names, are all alike."""
    return {"type": "object", "additionalProperties": schema}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _reference(definition: str) -> Schema:
    return {"$ref": f"#/$defs/{definition}"}


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _said(schema: Schema, description: str) -> Schema:
    return {**schema, "description": description}
