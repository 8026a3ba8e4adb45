"""How an example passes through a model: the rows that meet each module, and the sizes that no matrix shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from torch import nn

from profiling.architecture.model import Architecture, Role, Rows

_POSITIONS = ("pos", "wpe")
# What to do about a model that no rule counts.
TODO = "take another model, or measure a server that runs it, by a case of the kind load"


@dataclass(frozen=True)
class Passage:
    """What is known of a model besides its matrices."""

    architecture: Architecture  # without matrices
    rows: Mapping[str, Rows]  # by the path of a module; no row meets the others
    once: frozenset[str] = frozenset()  # modules that a decoding step does not run again
    first: str | None = None  # the module that multiplies the data itself
    experts_met: int | None = None  # by one token, of each mixture


def longest(path: str, module: Any) -> int | None:
    """Return the learned positions of a model's part, without rows that are never read; None where there are none."""
    tables = (one for name, one in module.named_modules(prefix=path) if _is_positions(name, one))
    return next((one.num_embeddings - _unused(one) for one in tables), None)


def _is_positions(path: str, module: Any) -> bool:
    name = path.rpartition(".")[2]
    return isinstance(module, nn.Embedding) and any(word in name for word in _POSITIONS)


def _unused(table: Any) -> int:
    """Return the rows before the first position: OPT's offset, or RoBERTa's rows up to its padding token's."""
    return int(table.offset) if hasattr(table, "offset") else 0 if table.padding_idx is None else table.padding_idx + 1


def blocks(module: Any, count: int | None = None) -> list[Any]:
    """Return the layers of an encoder or decoder: its first list of modules, of that length where one is given."""
    lists = (one for one in module.modules() if isinstance(one, nn.ModuleList))
    return next(([*one] for one in lists if count is None or len(one) == count), [])


def output(model: Any) -> tuple[str, Any, Role]:
    """Return path, module and role of the last matrix: over the vocabulary, or over the classes."""
    head = model.get_output_embeddings()
    if head is not None:
        return next((path, one, "vocabulary") for path, one in model.named_modules() if one is head)
    linear = [(path, one) for path, one in model.named_modules() if isinstance(one, nn.Linear)]
    body = set(model.base_model.modules())
    # Some classes, XLM-RoBERTa's among them, have their head before the body.
    path, last = ([(path, one) for path, one in linear if one not in body] or linear)[-1]
    return path, last, "classifier"
