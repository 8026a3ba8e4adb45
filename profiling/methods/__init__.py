"""Training methods: one object each, with its settings, its arithmetic, and the name of the code that runs it.

A module here defines one method or one family; `METHODS` finds them all. Nothing here imports torch: the half that
does is named as `module:attribute` and lives in `making`. Imports only `registry` and `errors`.
"""

from collections.abc import Mapping
from typing import Any

from profiling import registry
from profiling.errors import Phrase, WorkloadError
from profiling.methods.method import Method, Place, Settings

__all__ = ["METHODS", "Method", "Place", "Settings", "current", "find"]

METHODS = registry.collect(__name__, __path__, Method)
# What methods were called in older records, workloads and scenarios. `prompt` is now a kind of case alone.
EARLIER = {"prompt": "prompt_tuning"}


def current(point: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return coordinates of a case with the name that its method has now."""
    return {**point, "method": EARLIER[point["method"]]} if point.get("method") in list(EARLIER) else point


def find(name: str) -> Method:
    """Return the method of that name, or of that earlier one; raise WorkloadError with the names there are."""
    name = EARLIER.get(name, name)
    if name not in METHODS:
        raise WorkloadError(
            Phrase("there is no method {typed!r}", typed=name),
            todo=Phrase("choose one of {words}", words=", ".join(METHODS)),
        )
    return METHODS[name]
