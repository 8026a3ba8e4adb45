"""Upper bounds of a workload, so that a stranger's file cannot keep the computer busy before the first case.

Each bound lies far beyond what was ever published: a larger number is a typing error.  Torch is not imported.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from profiling import architecture
from profiling.architecture import Architecture, bounds
from profiling.errors import Phrase, WorkloadError

# The largest published training batches had some 10^5 examples, over thousands of devices (arXiv:1904.00962).
MOST_EXAMPLES = 1_000_000
MOST_TOKENS = bounds.MOST_TOKENS
# Ten times the largest published model.
MOST_PARAMETERS = 10**13


def checked(config: Mapping[str, Any], task: str, where: str) -> Architecture | None:
    """Return the architecture of a model; None for a type or a shape whose sizes are not known.

    Raise WorkloadError for a model that no device could hold, or that would take hours to build.
    """
    bounds.check(config, where)
    try:
        known = architecture.of(config, task)
    except (WorkloadError, ArithmeticError):
        return None
    if known.parameters > MOST_PARAMETERS:
        billions, most = known.parameters / 1e9, MOST_PARAMETERS // 10**9
        raise WorkloadError(
            Phrase("the model has {billions:,.0f} billion parameters", billions=billions),
            todo=Phrase("{most:,} are the most", most=most),
            where=where,
        )
    if sum(matrix.copies for matrix in known.matrices) > bounds.MOST_MATRICES:
        raise WorkloadError(
            Phrase("the model has more than {most:,} matrices", most=bounds.MOST_MATRICES),
            todo="take fewer layers or experts",
            where=where,
        )
    return known
