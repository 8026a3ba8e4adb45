"""Training methods: one object each, with its settings, its arithmetic, and the name of the code that runs it.

A module here defines one method or one family; `METHODS` finds them all. Nothing here imports torch: the half that
does is named as `module:attribute` and lives in `making`. Imports only `registry` and `errors`.
"""

from profiling import registry
from profiling.errors import WorkloadError
from profiling.methods.method import Method, Place, Settings

__all__ = ["METHODS", "Method", "Place", "Settings", "find"]

METHODS = registry.collect(__name__, __path__, Method)


def find(name: str) -> Method:
    """Return the method of that name; raise WorkloadError with the names there are."""
    if name not in METHODS:
        raise WorkloadError(f"there is no method {name!r}", todo=f"choose one of {', '.join(METHODS)}")
    return METHODS[name]
