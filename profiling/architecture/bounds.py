"""Bounds of a config's numbers, so that a stranger's file cannot keep the computer busy.

Each upper bound lies far beyond what was ever published: a larger number is a typing error.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from profiling.errors import WorkloadError

# The longest published context.  Also the most steps, or requests, of one case.
MOST_TOKENS = 10_000_000
# A Transformer of a thousand layers has been trained, as an experiment (arXiv:2203.00555).
MOST_LAYERS = 10_000
# Mixtures of experts have up to a hundred thousand matrices, each of which may be a module that has to be built.
MOST_MATRICES = 1_000_000
# Of the 800 default configs in transformers, none has a larger width, vocabulary or other whole number, apart from
# the fields of `_LARGER`.
MOST_ELSEWHERE = 10_000_000

# Config fields that count layers, stages or blocks.  A field that is not named here falls under MOST_ELSEWHERE, and
# building stops at MOST_MATRICES modules however a config asks for them.
_LAYERS = (
    *("num_hidden_layers", "num_layers", "n_layers", "n_layer", "layers", "depths", "depth", "max_window_layers"),
    *("encoder_layers", "decoder_layers", "num_encoder_layers", "num_decoder_layers", "first_k_dense_replace"),
    *("encoder_num_hidden_layers", "decoder_num_hidden_layers", "num_nextn_predict_layers", "num_adapter_layers"),
    *("num_encoder_blocks", "num_blocks", "stage_num_blocks", "stage_numb_of_layers", "blocks_per_stage"),
    *("block_sizes", "num_block_repeats", "block_repeats", "repeats", "l_layers", "x_layers", "r_layers"),
)
# Ten times the longest published context, and the tables of n-grams; the base of rotary positions is no size at all.
_LARGER = {
    **dict.fromkeys(("max_position_embeddings", "n_positions", "model_max_length"), 10 * MOST_TOKENS),
    "ngram_vocab_size_base": 10 * MOST_TOKENS,
    **dict.fromkeys(("rope_theta", "rope_local_base_freq", "rotary_emb_base"), 10**15),
}
# Without any of these there is no model; transformers would divide by them, or look for the first of none.
_AT_LEAST_ONE = (
    *("hidden_size", "num_hidden_layers", "num_attention_heads", "num_key_value_heads", "vocab_size"),
    *("max_position_embeddings", "n_positions"),
)
_MOST_OF = {**dict.fromkeys(_LAYERS, MOST_LAYERS), **_LARGER}


def check(config: Mapping[str, Any], where: str) -> None:
    """Raise WorkloadError for a number or a list beyond its limits, also in a config within the config."""
    for name, value in config.items():
        values = value if isinstance(value, list) else [value]
        for inner in values:
            if isinstance(inner, dict):
                check(inner, where)
        # A fraction counts nothing: Python and torch refuse it as a size.
        numbers = [number for number in values if isinstance(number, int)]
        # A list of layers has one number for each stage, whose sum counts.
        found = sum(numbers) if name in _LAYERS else max(numbers, default=0)
        most = _MOST_OF.get(name, MOST_ELSEWHERE)
        if found > most:
            raise WorkloadError(f"the model's {name} is {found:,}", todo=f"{most:,} is the most", where=where)
        if name in _AT_LEAST_ONE and min(numbers, default=1) < 1:
            raise WorkloadError(f"the model's {name} is {min(numbers)}", todo="1 is the least", where=where)
        if len(values) > MOST_LAYERS:
            raise WorkloadError(
                f"the model's {name} lists {len(values):,} values", todo=f"{MOST_LAYERS:,} is the most", where=where
            )
