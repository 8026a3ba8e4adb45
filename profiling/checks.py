"""JSON that people or strangers wrote: reading it, and holding it to rules.  Standard library only.

A rule is a fragment of a JSON schema, made by `integer`, `fields` and the others below. The same rule checks a
value here and stands in the schema that is published, so that no format is described twice.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn

from profiling.errors import Phrase, ProfilingError, brief
from profiling.files import open_regular

# Records and workloads nest six deep; much deeper input would exhaust the stack of whatever reads or writes it.
DEEPEST = 40
# Every whole number up to here has a float of its own, so nothing is lost where another program reads it.
LARGEST_INTEGER = 2**53
# The names of fields in messages, in bytes.
LONGEST_NAME = 80

Rule = dict[str, Any]

ANY: Rule = {}
TEXT: Rule = {"type": "string", "minLength": 1}
FLAG: Rule = {"type": "boolean"}
NUMBER: Rule = {"type": "number"}
OBJECT: Rule = {"type": "object"}
# The coordinates of a case: words and whole numbers by name.
POINT: Rule = {"type": "object", "additionalProperties": {"type": ["string", "integer"]}}


def one_of(*words: str) -> Rule:
    """Return the rule for one of a few words."""
    return {"enum": list(words)}


def number(least: float, most: float) -> Rule:
    """Return the rule for a finite number between two bounds, both included."""
    return {"type": "number", "minimum": least, "maximum": most}


def integer(least: int, most: int = LARGEST_INTEGER) -> Rule:
    """Return the rule for a whole number between two bounds, both included."""
    return {"type": "integer", "minimum": least, "maximum": most}


def items(each: Rule) -> Rule:
    """Return the rule for a list of like values."""
    return {"type": "array", "items": each}


def mapping(each: Rule) -> Rule:
    """Return the rule for an object of like values under any names."""
    return {"type": "object", "additionalProperties": each}


def optional(rule: Rule) -> Rule:
    """Return the rule for a value that may also be null."""
    return {"anyOf": [rule, {"type": "null"}]}


def fields(required: Mapping[str, Rule], others: Mapping[str, Rule] | None = None, *, closed: bool = False) -> Rule:
    """Return the rule for an object with named fields; `others` may be absent, and `closed` allows no further ones."""
    rule: Rule = {"type": "object", "required": list(required), "properties": {**required, **(others or {})}}
    return {**rule, "additionalProperties": False} if closed else rule


def said(rule: Rule, description: str) -> Rule:
    """Return the rule with a description for readers of the schema."""
    return {**rule, "description": description}


def check(value: object, rule: Rule, where: str, error: type[ProfilingError], name: str = "") -> Any:
    """Return a value that obeys its rule; raise `error` for the first thing in it that does not."""
    for what, place, todo in problems(value, rule, where, name):
        raise error(what, where=place, todo=todo)
    return value


def problems(value: Any, rule: Rule, where: str, name: str = "") -> Iterator[tuple[str, str, str]]:
    """Yield what breaks the rule, where, and what to do; `name` is the value's field in the object at `where`."""
    if rule == ANY:
        return  # a record may hold millions of samples, which any reader of JSON has checked
    if "anyOf" in rule:
        if value is not None:
            yield from problems(value, rule["anyOf"][0], where, name)
    elif not _fits(value, rule):
        found = Phrase("{field!r} is {found}", field=brief(name, LONGEST_NAME), found=shown(value))
        told = found if name else Phrase("found {found}", found=shown(value))
        yield told, where, Phrase("it must be {expected}", expected=_expected(rule))
    elif isinstance(value, dict):
        yield from _field_problems(value, rule, f"{where}: {brief(name, LONGEST_NAME)}" if name else where)
    elif isinstance(value, list):
        for place, part in enumerate(value if "items" in rule else ()):
            yield from problems(part, rule["items"], where, f"{name}[{place}]")


def _field_problems(value: dict[str, Any], rule: Rule, where: str) -> Iterator[tuple[str, str, str]]:
    known, further = rule.get("properties", {}), rule.get("additionalProperties", ANY)
    # A misspelt name comes first, since it explains why another one is missing.
    for name in value if further is False else ():
        if name not in known:
            todo = Phrase("the fields are {words}", words=", ".join(known))
            yield Phrase("{field!r} is not known", field=brief(name, LONGEST_NAME)), where, todo
    for name in rule.get("required", ()):
        if name not in value:
            yield Phrase("{field!r} is missing", field=brief(name, LONGEST_NAME)), where, "add it"
    for name, part in value.items():
        yield from problems(part, known.get(name, further or ANY), where, name)


# A rule's types, with what Python reads them as and what people call them.
_TYPES: dict[str, tuple[tuple[type, ...], str]] = {
    "string": ((str,), Phrase("a text")),
    "integer": ((int,), Phrase("a whole number")),
    "number": ((int, float), Phrase("a finite number")),
    "boolean": ((bool,), Phrase("true or false")),
    "object": ((dict,), Phrase("an object with named fields")),
    "array": ((list,), Phrase("a list")),
}


def _types(rule: Rule) -> list[str]:
    named = rule.get("type", [])
    return [named] if isinstance(named, str) else list(named)


def _fits(value: Any, rule: Rule) -> bool:
    """Return whether a value obeys its rule, apart from the parts inside it."""
    if "enum" in rule:
        return any(value == word for word in rule["enum"])
    types = _types(rule)
    allowed = tuple(kind for name in types for kind in _TYPES[name][0])
    # Python takes True for a whole number, and JSON does not.
    if types and (not isinstance(value, allowed) or isinstance(value, bool) != (bool in allowed)):
        return False
    if isinstance(value, str):
        return int(rule.get("minLength", 0)) <= len(value) <= int(rule.get("maxLength", len(value)))
    if not isinstance(value, int | float):
        return True
    inside: bool = rule.get("minimum", value) <= value <= rule.get("maximum", value)
    return _is_finite(value) and inside


def _expected(rule: Rule) -> str:
    """Return what a rule asks for, in words."""
    if "enum" in rule:
        return Phrase("one of {words}", words=", ".join(rule["enum"]))
    first, *more = (_TYPES[name][1] for name in _types(rule))
    words = Phrase("{first} or {second}", first=first, second=more[0]) if more else first
    if "maxLength" in rule:
        return Phrase("{type} of at most {most:,} characters", type=words, most=rule["maxLength"])
    if "minimum" not in rule:
        return words
    if rule["maximum"] == LARGEST_INTEGER:
        return Phrase("{type} from {least}", type=words, least=rule["minimum"])
    return Phrase("{type} from {least} to {most}", type=words, least=rule["minimum"], most=rule["maximum"])


def shown(value: object) -> str:
    """Return what a reader of JSON calls a value, cut short where it is long."""
    names: Mapping[type, str] = {dict: Phrase("an object"), list: Phrase("a list"), type(None): "null"}
    return names.get(type(value), f"{value!r:.40}")


def _refuse_constant(name: str) -> NoReturn:
    """Raise ValueError: JSON has no NaN or Infinity, though Python's reader takes them."""
    raise ValueError(f"{name} is not a number")


def read_json(
    path: Path, limit_bytes: int, error: type[ProfilingError], constant: Callable[[str], Any] = _refuse_constant
) -> Any:
    """Return the JSON in `path`; raise `error` where it is missing, larger than the limit, or not JSON.

    `constant` returns what stands for NaN and for infinities, which are no JSON; by default they are refused.
    """
    try:
        with open_regular(path) as file:
            content = file.read(limit_bytes + 1)
    except OSError as problem:
        raise error(
            Phrase("cannot be read ({reason})", reason=problem.strerror), where=str(path), todo="check the path"
        ) from problem
    if len(content) > limit_bytes:
        what = Phrase("larger than {most} MB, which no file of this kind is", most=limit_bytes // 1_000_000)
        raise error(what, where=str(path), todo="choose another file")
    try:
        return parse_json(content, constant)
    except ValueError as problem:
        raise error(
            Phrase("not a JSON file ({error})", error=problem), where=str(path), todo="take an unedited copy"
        ) from problem


def parse_json(content: bytes, constant: Callable[[str], Any] = _refuse_constant) -> Any:
    """Return the value written in JSON; raise ValueError for what could not be computed with or written."""
    try:
        value = json.loads(content.decode("utf-8-sig"), parse_constant=constant)
    except RecursionError as problem:
        raise ValueError(f"nested more than {DEEPEST} deep") from problem
    _check_plain(value)
    return value


def _check_plain(value: object) -> None:
    """Raise ValueError for deep nesting, numbers beyond any float, and unpaired surrogates."""
    inside: list[object] = [value]
    for _depth in range(DEEPEST + 1):
        deeper: list[object] = []
        for one in inside:
            if isinstance(one, dict):
                deeper += one
                deeper += one.values()
            elif isinstance(one, list):
                deeper += one
            elif isinstance(one, str):
                one.encode("utf-8")
            elif isinstance(one, int | float) and not _is_finite(one):
                raise ValueError("a number is too large")
        if not deeper:
            return
        inside = deeper
    raise ValueError(f"nested more than {DEEPEST} deep")


def _is_finite(value: float) -> bool:
    """Return whether a float can hold the number; `math.isfinite` raises for very large whole numbers."""
    return -sys.float_info.max <= value <= sys.float_info.max
