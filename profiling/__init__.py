"""Breakeven's profiler: fine-tuning and serving measured on the hardware at hand, and estimates for what was not.

Run from the repository's folder:

>>> from profiling import Question, estimate, load_record
>>> record = load_record("scenarios/measurements/20261122T013323-classifier-full-fcb2.json")
>>> print(record.label)
CPU · 2 cores · Intel(R) Xeon(R) Processor
>>> print(record.estimate("tokens_per_second", {"kind": "classify", "batch": 8}))
758 ± 162 token/s, 95 %, 5 runs
>>> point = {"batch": 8, "tokens": 128}
>>> question = Question(record.workload["model"]["config"], "classify", point, device="cpu")
>>> answer = estimate(question, [record])
>>> print(f"{answer.seconds.value:.2f} {answer.seconds.unit} for a batch, {answer.seconds.evidence}")
1.35 s for a batch, measured

`Record` is the class of a record. `python -m profiling` measures, and prints the same from a terminal. A name is
imported when it is first used: reading a record needs the standard library alone, and nothing here imports torch.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from profiling.estimates import estimate
    from profiling.estimates.question import Question
    from profiling.results.record import Record
    from profiling.results.record import load as load_record

__all__ = ["Question", "Record", "estimate", "load_record"]

_HOMES = {
    "Question": ("profiling.estimates.question", "Question"),
    "Record": ("profiling.results.record", "Record"),
    "estimate": ("profiling.estimates", "estimate"),
    "load_record": ("profiling.results.record", "load"),
}


def __getattr__(name: str) -> object:
    """Return a public name from the module that defines it; raise AttributeError for any other."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, attribute = _HOMES[name]
    return getattr(import_module(module), attribute)
