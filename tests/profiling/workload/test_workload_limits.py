"""A stranger's file cannot ask for a model that takes hours to build."""

from typing import Any

import pytest

from profiling import architecture
from profiling.errors import WorkloadError
from profiling.workload import limits

LLAMA = {"model_type": "llama"}
TINY_MIXTURE = {"model_type": "mixtral", "hidden_size": 32, "intermediate_size": 8, "num_local_experts": 1_000}


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        ({**LLAMA, "num_hidden_layers": 10**9}, "num_hidden_layers is 1,000,000,000; 10,000 is the most"),
        ({"model_type": "gpt2", "n_layer": 10_001}, "n_layer is 10,001; 10,000 is the most"),
        ({"model_type": "resnet", "depths": [9_000, 9_000]}, "depths is 18,000; 10,000 is the most"),
        ({"model_type": "resnet", "depths": [1] * 10_001}, "depths is 10,001; 10,000 is the most"),
        ({**LLAMA, "vocab_size": 10**9}, "vocab_size is 1,000,000,000; 10,000,000 is the most"),
        ({"model_type": "strange", "anything": 10**9}, "anything is 1,000,000,000; 10,000,000 is the most"),
        ({"model_type": "strange", "inner_config": {"num_layers": 10**6}}, "num_layers is 1,000,000; 10,000 is"),
        ({"model_type": "strange", "widths": [1] * 10_001}, "widths lists 10,001 values; 10,000 is the most"),
        ({**LLAMA, "hidden_size": 10**6}, "billion parameters; 10,000 are the most"),
        ({**TINY_MIXTURE, "num_hidden_layers": 600}, "more than 1,000,000 matrices"),
    ],
)
def test_a_monstrous_config_is_refused(config: dict[str, Any], sentence: str) -> None:
    """The error names the field and its limit."""
    with pytest.raises(WorkloadError, match=sentence):
        limits.checked(config, "causal", "here")


@pytest.mark.parametrize("field", [{"rope_theta": 10**9}, {"max_position_embeddings": 10_485_760}, {"pad_val": 1e10}])
def test_a_large_number_that_sizes_nothing_is_accepted(field: dict[str, Any]) -> None:
    """Published configs have large bases of rotations, long contexts and large fractions."""
    assert limits.checked({**LLAMA, **field}, "causal", "here") == architecture.of(LLAMA)
