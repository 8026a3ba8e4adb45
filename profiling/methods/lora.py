"""Low-rank adapters: LoRA (arXiv:2106.09685), AdaLoRA (arXiv:2303.10512) and QLoRA (arXiv:2305.14314)."""

from __future__ import annotations

from profiling.methods.method import Method, Place, Settings

# Rank 8 on query and value, as in section 4.2 of the LoRA paper.
RANK = 8
# Where the factors usually go: query and value, or what a model has in their place; the first names that all exist.
USUAL_PLACES = (
    *(("q_proj", "v_proj"), ("query", "value"), ("query_proj", "value_proj"), ("q_lin", "v_lin"), ("q", "v")),
    *(("attn.c_attn",), ("query_key_value",), ("Wqkv",), ("qkv_proj",), ("kv_a_proj_with_mqa", "kv_b_proj")),
    # Torch's own encoder has no matrix for queries, and a state-space model no attention.
    *(("linear1", "linear2"), ("in_proj",)),
)


def low_rank(place: Place, rank: int) -> int:
    """Return the weights of two factors, r·(inputs + outputs) a matrix (LoRA, section 4.2)."""
    return place.copies * rank * (place.inputs + place.outputs)


def singular_values(place: Place, rank: int) -> int:
    """Return the weights of two factors and r singular values a matrix (AdaLoRA, section 3.1)."""
    return place.copies * rank * (place.inputs + place.outputs + 1)


LORA = Method(
    "lora",
    "LoRA",
    4,
    "adapters",
    Settings(1e-3),  # the papers name 2e-4 to 1e-3, the smaller the model the higher
    "profiling.making.adapters:lora",
    adapter_parameters=low_rank,
    published_as="lora",
    sheet_stages=(0, 3),
)
ADALORA = Method(
    "adalora",
    "AdaLoRA",
    5,
    "adapters",
    Settings(1e-3),
    "profiling.making.adapters:adalora",
    adapter_parameters=singular_values,
    whole_matrices=True,
)
QLORA = Method(
    "qlora",
    "QLoRA",
    8,
    "adapters",
    Settings(2e-4, weight_decay=0.0),  # appendix B, for models up to 13B
    "profiling.making.adapters:qlora",
    adapter_parameters=low_rank,
    packed="nf4-double",  # double-quantised 4-bit NormalFloat (section 3)
    whole_matrices=True,
    published_as="qlora",
    sheet_stages=(0,),
)
