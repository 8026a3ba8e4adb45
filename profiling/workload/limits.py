"""How large a workload may be, so that a stranger's file cannot keep a machine busy before its first case.

Each bound lies far beyond what was ever published: whoever writes more has slipped on a key.  No torch.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from profiling.errors import WorkloadError
from profiling.models import architecture
from profiling.models.architecture import Architecture

# The largest batches trained with were of some 10^5 examples, over thousands of devices (arXiv:1904.00962).
MOST_EXAMPLES = 1_000_000
# The longest context that a model was published with.  Also the most steps, or requests, of one case.
MOST_TOKENS = 10_000_000
# Ten times the largest model that was published.
MOST_PARAMETERS = 10**13
# A Transformer of a thousand layers has been trained, as an exploit (arXiv:2203.00555).
MOST_LAYERS = 10_000
# Mixtures of experts have up to a hundred thousand matrices, each a module that has to be built.
MOST_MATRICES = 1_000_000
# No width or vocabulary comes near.
MOST_WIDE = 10_000_000

# What the last word of a config's field says that it counts.
_LAYERS = ("layer", "layers", "depths")
_WIDE = ("size", "sizes", "dim", "model", "embd", "inner", "experts", "heads", "head", "embeddings", "features")


def checked(config: Mapping[str, Any], task: str, where: str) -> Architecture | None:
    """The architecture of a model; None for a type or a shape whose sizes are not known.

    Raises WorkloadError for a model that no machine could hold, or that would take hours to be put together.
    """
    for name, value in config.items():
        _check_number(name, value, where)
    try:
        known = architecture.of(config, task)
    except (WorkloadError, ArithmeticError):
        return None
    if known.parameters > MOST_PARAMETERS:
        billions, most = known.parameters / 1e9, MOST_PARAMETERS // 10**9
        raise WorkloadError(f"{where}: the model has {billions:,.0f} billion parameters; {most:,} are the most")
    if sum(matrix.copies for matrix in known.matrices) > MOST_MATRICES:
        raise WorkloadError(
            f"{where}: the model has more than {MOST_MATRICES:,} matrices; take fewer layers or experts"
        )
    return known


def _check_number(name: str, value: object, where: str) -> None:
    """Raises WorkloadError for layers, or a width, beyond any; of a list of layers the sum counts."""
    counted = name.rpartition("_")[2]
    if counted not in (*_LAYERS, *_WIDE):
        return
    numbers = [number for number in (value if isinstance(value, list) else [value]) if isinstance(number, int | float)]
    found, most = (sum(numbers), MOST_LAYERS) if counted in _LAYERS else (max(numbers, default=0), MOST_WIDE)
    if found > most or len(numbers) > MOST_LAYERS:
        raise WorkloadError(f"{where}: the model's {name} is {found:,}; {most:,} is the most")
