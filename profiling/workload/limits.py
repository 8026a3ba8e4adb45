"""Upper bounds of a workload, so that a stranger's file cannot keep the computer busy before the first case.

Each bound lies far beyond what was ever published: a larger number is a typing error.  Torch is not imported.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from profiling import architecture
from profiling.architecture import Architecture
from profiling.errors import WorkloadError

# The largest published training batches had some 10^5 examples, over thousands of devices (arXiv:1904.00962).
MOST_EXAMPLES = 1_000_000
# The longest published context.  Also the most steps, or requests, of one case.
MOST_TOKENS = 10_000_000
# Ten times the largest published model.
MOST_PARAMETERS = 10**13
# A Transformer of a thousand layers has been trained, as an experiment (arXiv:2203.00555).
MOST_LAYERS = 10_000
# Mixtures of experts have up to a hundred thousand matrices, each a module that has to be built.
MOST_MATRICES = 1_000_000
# Of the 800 default configs in transformers, none has a larger width, vocabulary or other whole number, apart from
# the fields of `_LARGER`.
MOST_ELSEWHERE = 10_000_000

# Config fields that count layers, stages or blocks.  A field that is not named here falls under MOST_ELSEWHERE, and
# `models.unplaced` stops at MOST_MATRICES modules however a config asks for them.
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
_MOST_OF = {**dict.fromkeys(_LAYERS, MOST_LAYERS), **_LARGER}


def checked(config: Mapping[str, Any], task: str, where: str) -> Architecture | None:
    """Return the architecture of a model; None for a type or a shape whose sizes are not known.

    Raise WorkloadError for a model that no device could hold, or that would take hours to build.
    """
    _check_numbers(config, where)
    try:
        known = architecture.of(config, task)
    except (WorkloadError, ArithmeticError):
        return None
    if known.parameters > MOST_PARAMETERS:
        billions, most = known.parameters / 1e9, MOST_PARAMETERS // 10**9
        raise WorkloadError(
            f"the model has {billions:,.0f} billion parameters", todo=f"{most:,} are the most", where=where
        )
    if sum(matrix.copies for matrix in known.matrices) > MOST_MATRICES:
        raise WorkloadError(
            f"the model has more than {MOST_MATRICES:,} matrices", todo="take fewer layers or experts", where=where
        )
    return known


def _check_numbers(config: Mapping[str, Any], where: str) -> None:
    """Raise WorkloadError for a number or a list beyond its limit, also in a config within the config."""
    for name, value in config.items():
        if isinstance(value, dict):
            _check_numbers(value, where)
            continue
        values = value if isinstance(value, list) else [value]
        # A fraction counts nothing: Python and torch refuse it as a size.
        numbers = [number for number in values if isinstance(number, int)]
        # A list of layers has one number for each stage, whose sum counts.
        found = sum(numbers) if name in _LAYERS else max(numbers, default=0)
        most = _MOST_OF.get(name, MOST_ELSEWHERE)
        if found > most:
            raise WorkloadError(f"the model's {name} is {found:,}", todo=f"{most:,} is the most", where=where)
        if len(values) > MOST_LAYERS:
            raise WorkloadError(
                f"the model's {name} lists {len(values):,} values", todo=f"{MOST_LAYERS:,} is the most", where=where
            )
