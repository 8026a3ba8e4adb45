"""Servers that people deploy: how each is started, found healthy, and stopped.

A new engine is an object in `known`. Imports `registry`, `runs.processes` and `errors`, and never torch.
"""

from profiling import registry
from profiling.engines.engine import Engine

ENGINES = registry.collect(__name__, __path__, Engine)
