"""Kinds of cases: one object each, with its coordinates, its arithmetic, its metrics, and the code that runs it.

A module here defines one kind; `KINDS` finds them all. Nothing here imports torch: what does is named as
`module:attribute`. Imports `methods`, `architecture` and `workload.limits`.
"""

from profiling import registry
from profiling.workload.kinds.kind import Kind

__all__ = ["KINDS", "Kind"]

KINDS = registry.collect(__name__, __path__, Kind)
