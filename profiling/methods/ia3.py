"""IA3: learned scales of keys, values and inner activations (arXiv:2205.05638)."""

from __future__ import annotations

from profiling.methods.method import Method, Place, Settings


def scales(place: Place, _rank: int) -> int:
    """Return one scale an output, or an input where the matrix reads inner activations (section 3.3)."""
    return place.copies * (place.inputs if place.feedforward else place.outputs)


IA3 = Method(
    "ia3",
    "IA3",
    7,
    "adapters",
    Settings(3e-3, weight_decay=0.0),  # the recipe of section 3.3
    "profiling.making.adapters:ia3",
    adapter_parameters=scales,
)
