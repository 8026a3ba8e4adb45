"""A tiny model of every family, each with a training case that fits it."""

from typing import Any

from profiling.workload.workload import Case, Effort, Workload

TEXT = {
    **{"num_hidden_layers": 2, "hidden_size": 32, "num_attention_heads": 4, "intermediate_size": 64},
    **{"vocab_size": 600, "max_position_embeddings": 64},
}
_GROUPED = {**TEXT, "num_key_value_heads": 2}
_WHISPER = {
    **{"vocab_size": 600, "d_model": 32, "num_mel_bins": 16, "max_source_positions": 50, "max_target_positions": 32},
    **{"encoder_layers": 2, "encoder_attention_heads": 2, "encoder_ffn_dim": 64},
    **{"decoder_layers": 2, "decoder_attention_heads": 2, "decoder_ffn_dim": 64},
}
_RESNET = {"embedding_size": 8, "hidden_sizes": [8, 16], "depths": [1, 1], "layer_type": "basic", "image_size": 32}

# Task and config by a name of the test's own.
FAMILIES: dict[str, tuple[str, dict[str, Any]]] = {
    "bert": ("text", {"model_type": "bert", **TEXT, "num_labels": 3}),
    "llama-classifier": ("text", {"model_type": "llama", **TEXT, "num_labels": 3}),
    "encoder": ("text", {"model_type": "encoder", **TEXT, "num_labels": 3}),
    "gpt2": ("causal", {"model_type": "gpt2", **TEXT}),
    "llama": ("causal", {"model_type": "llama", **_GROUPED}),
    "qwen2": ("causal", {"model_type": "qwen2", **_GROUPED}),
    "qwen3": ("causal", {"model_type": "qwen3", **_GROUPED, "head_dim": 8}),
    "mixtral": ("causal", {"model_type": "mixtral", **_GROUPED, "num_local_experts": 4}),
    "recommender": ("recommend", {"model_type": "gpt2", **TEXT}),
    "vit": ("image", {"model_type": "vit", **TEXT, "image_size": 32, "patch_size": 8}),
    "resnet": ("image", {"model_type": "resnet", **_RESNET, "num_labels": 3}),
    "whisper": ("speech", {"model_type": "whisper", **_WHISPER}),
    "mlp": ("regress", {"model_type": "mlp", "sizes": [4, 16], "num_labels": 2}),
    "linear": ("regress", {"model_type": "linear", "features": 4}),
}


def workload(name: str, batch: int = 8, method: str = "full", **fields: Any) -> Workload:
    """Return a workload of one training case for a family."""
    task, config = FAMILIES[name]
    tokens = {} if task in ("image", "regress") else {"tokens": 16}
    plan = Case("train", {"method": method, "batch": batch, **tokens})
    effort = Effort(repeats=3, warmup_steps=1, warmup_seconds=0.0, steps=8, seconds=0.1)
    return Workload("tiny", {"config": config}, (plan,), effort, task=task, **fields)
