"""The workloads that ship: a quick look at every family, method and way of serving, and published shapes in full."""

from __future__ import annotations

from profiling.errors import Phrase, WorkloadError
from profiling.workload.presets import full, quick
from profiling.workload.presets.preset import Preset
from profiling.workload.presets.shapes import BERT_BASE, BERT_SMALL, SMOL_135M

__all__ = ["BERT_BASE", "BERT_SMALL", "PRESETS", "SMOL_135M", "Preset", "find"]

PRESETS = {preset.name: preset for preset in (*quick.ALL, *full.ALL)}


def find(name: str) -> Preset:
    """Return the preset of that name; raise WorkloadError with the names of the presets."""
    if name not in PRESETS:
        raise WorkloadError(
            Phrase("there is no preset {typed!r}", typed=name),
            todo=Phrase("choose one of {words}", words=", ".join(PRESETS)),
        )
    return PRESETS[name]
