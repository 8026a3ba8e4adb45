"""How a checkpoint stores its weights, by the `quantization_config` of its config.

The fields are those that transformers writes and reads (`transformers.utils.quantization_config`). What they do not
say, or what no rule here reads, is not known; nothing is assumed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from profiling.architecture.model import Architecture, Matrix

# Methods that always store weights in one way, by the names that footprints have.
_STORED = {"fp8": "fp8", "fbgemm_fp8": "fp8", "mxfp4": "mxfp4", "nvfp4": "nvfp4", "eetq": "int8"}
# Methods that keep a scale and a zero point for each group of weights.
_GROUPED = ("gptq", "awq", "auto-round", "intel/auto-round")
_USUAL_GROUP = 128
_QUANTO = {"int8": "int8", "float8": "fp8"}
# What compressed-tensors and Quark say of weights.
_NUMBERS: Mapping[object, str] = {("float", 8): "fp8", ("int", 8): "int8", ("fp8_e4m3", None): "fp8"}
_MODELOPT = {"FP8": "fp8", "NVFP4": "nvfp4"}
# Names of torchao's types, without underscores: the older ones are functions, the newer ones classes.
_TORCHAO = {
    **dict.fromkeys(("int8weightonly", "int8dynamicactivationint8weight"), "int8"),
    **dict.fromkeys(("float8weightonly", "float8dynamicactivationfloat8weight"), "fp8"),
}
# Fields that list the modules which keep 16 bits.
_LEFT_OUT = (
    "modules_to_not_convert",
    "llm_int8_skip_modules",
    "ignore",
    "ignored_layers",
    "exclude_modules",
    "exclude",
)
_ANYTHING = re.compile(r"\\?\.\*|\\d\+|\\?\.|\*")


def says(config: Mapping[str, Any]) -> Any:
    """Return what a config, or the one of the text model in it, says of quantisation; None where it says nothing."""
    inner = config.get("text_config")
    places = (config, inner if isinstance(inner, Mapping) else {})
    names = ("quantization_config", "compression_config")
    return next((place[name] for place in places for name in names if place.get(name)), None)


def stored(config: Mapping[str, Any]) -> str | None:
    """Return the precision in which a checkpoint keeps its weights, where its config says another one than 16 bits."""
    said = says(config)
    if not isinstance(said, Mapping):
        return None
    method = str(said.get("quant_method"))
    read = _READ.get(method)
    return _STORED.get(method) if read is None else read(said)


def as_stored(config: Mapping[str, Any], model: Architecture) -> Architecture:
    """Return the model with the matrices that its checkpoint leaves in 16 bits told apart from those that it packs."""
    entries = [parts for entry in _left_out(says(config)) if (parts := _parts(entry))]
    if not entries:
        return model
    return replace(model, matrices=tuple(one for whole in model.matrices for one in _split(whole, entries, model)))


def _split(whole: Matrix, entries: list[list[str]], model: Architecture) -> Iterator[Matrix]:
    """Yield the copies of a matrix that are packed, and those that are not."""
    plain = 0
    for parts in entries if whole.role == "body" else ():
        numbers = sum(part.isdigit() for part in parts)
        if _names([part for part in parts if not part.isdigit()], whole.name.split(".")):
            # An entry with a number is of one layer; one with two, of one expert of a layer.
            each = max(1, whole.copies // model.layers) if numbers == 1 else 1
            plain += each if numbers else whole.copies
    plain = min(plain, whole.copies)
    if plain < whole.copies:
        yield _some(whole, whole.copies - plain)
    if plain:
        yield replace(_some(whole, plain), role="plain")


def _some(whole: Matrix, copies: int) -> Matrix:
    """Return some of the copies, with their share of the experts that a token meets."""
    met = None if whole.copies_used is None else round(whole.copies_used * copies / whole.copies)
    return replace(whole, copies=copies, copies_used=met)


def _names(parts: list[str], path: list[str]) -> bool:
    """Return whether the parts of a name stand in a path, in their order."""
    rest = iter(path)
    return bool(parts) and all(part in rest for part in parts)


def _parts(entry: str) -> list[str]:
    """Return the parts of a module's name, or of a simple pattern of names; none of a pattern that is not simple.

    Patterns are not run: those of a stranger's file could keep the computer busy.
    """
    parts = [part for part in _ANYTHING.split(entry.removeprefix("re:").strip("^$")) if part]
    return parts if all(re.fullmatch(r"\w+", part) for part in parts) else []


def _left_out(said: Any) -> Iterator[str]:
    """Yield the entries that name modules in 16 bits."""
    if not isinstance(said, Mapping):
        return
    for name in _LEFT_OUT:
        listed = said.get(name)
        yield from map(str, listed if isinstance(listed, list) else ())
    # GPTQModel writes -: before a pattern of what it leaves out.
    dynamic = said.get("dynamic")
    for one in dynamic if isinstance(dynamic, Mapping) else ():
        if str(one).startswith("-:"):
            yield str(one)[2:]


def _in_groups(said: Mapping[str, Any]) -> str | None:
    whole = said.get("data_type", "int") == "int"
    return _grouped(said.get("bits"), said.get("group_size", _USUAL_GROUP)) if whole else None


def _grouped(bits: Any, group: Any) -> str | None:
    """Return whole numbers in groups that share a scale and a zero point; without groups a column is one."""
    if bits == 8:
        return "int8"
    groups = {32: "int4-groups-32", 64: "int4-groups-64", _USUAL_GROUP: "int4-groups", -1: "int4", None: "int4"}
    return groups.get(group) if bits == 4 and isinstance(group, int | None) else None


def _bitsandbytes(said: Mapping[str, Any]) -> str | None:
    if said.get("load_in_4bit"):
        return "nf4-double" if said.get("bnb_4bit_use_double_quant") else "nf4"
    return "int8" if said.get("load_in_8bit") else None


def _quanto(said: Mapping[str, Any]) -> str | None:
    weights = str(said.get("weights"))
    return _grouped(4, _USUAL_GROUP) if weights == "int4" else _QUANTO.get(weights)


def _quark(said: Mapping[str, Any]) -> str | None:
    whole = said.get("global_quant_config")
    weight = whole.get("weight") if isinstance(whole, Mapping) else None
    return _NUMBERS.get((str(weight.get("dtype")), None)) if isinstance(weight, Mapping) else None


def _compressed(said: Mapping[str, Any]) -> str | None:
    """Return the one precision in which all groups keep their weights; None where they differ, or say none."""
    groups = said.get("config_groups")
    listed = groups.values() if isinstance(groups, Mapping) else ()
    weights = [one.get("weights") if isinstance(one, Mapping) else None for one in listed]
    kinds = {_numbers(one) if isinstance(one, Mapping) else None for one in weights}
    return kinds.pop() if len(kinds) == 1 else None


def _numbers(weights: Mapping[str, Any]) -> str | None:
    kind, bits, group = str(weights.get("type")), weights.get("num_bits"), weights.get("group_size")
    if kind == "float" and bits == 4 and group == 16:
        return "nvfp4"
    if kind == "int" and bits == 4:
        return _grouped(bits, group)
    return _NUMBERS.get((kind, bits)) if isinstance(bits, int) else None


def _torchao(said: Mapping[str, Any]) -> str | None:
    """Return the precision of a type of torchao: a name with options beside it, or an object under `default`."""
    kind, options = said.get("quant_type"), said.get("quant_type_kwargs")
    if isinstance(kind, Mapping):
        default = kind.get("default")
        kind, options = (default.get("_type"), default.get("_data")) if isinstance(default, Mapping) else (None, None)
    name = str(kind).replace("_", "").lower().removesuffix("config")
    if name == "int4weightonly":
        return _grouped(4, options.get("group_size", _USUAL_GROUP) if isinstance(options, Mapping) else _USUAL_GROUP)
    return _TORCHAO.get(name)


_READ: dict[str, Callable[[Mapping[str, Any]], str | None]] = {
    **dict.fromkeys(_GROUPED, _in_groups),
    "bitsandbytes": _bitsandbytes,
    "compressed-tensors": _compressed,
    "torchao": _torchao,
    "modelopt": lambda said: _MODELOPT.get(str(said.get("quant_algo"))),
    "quark": _quark,
    "quanto": _quanto,
}
