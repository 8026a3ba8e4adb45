"""Rules that the sizes of every model follow, and configs that are refused."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from small_models import GROUPED, SMALL, sizes

from profiling import architecture
from profiling.errors import WorkloadError

HUNYUAN = {
    **{**GROUPED, "head_dim": 8, "num_experts": 4, "pad_token_id": 0},
    "rope_parameters": {"rope_type": "default", "rope_theta": 1e4},
}
# Its vision is another library's.
GEMMA_3N = {
    "model_type": "gemma3n",
    "text_config": GROUPED,
    **{f"{name}_config": {"hidden_size": 32, "vocab_size": 8} for name in ("vision", "audio")},
}


def test_the_task_decides_the_output_of_a_language_model() -> None:
    """Task `text` gives a classifier and `causal` a language model, even where `architectures` names another class."""
    plain = {**SMALL["llama"], "num_labels": 3}
    saved = SMALL["llama-classifier"]
    assert architecture.of(plain, "text") == sizes("llama-classifier")
    assert architecture.of(saved, "causal") == sizes("llama")


def test_a_large_batch_reads_every_expert() -> None:
    """One token of Mixtral reads two of eight experts, and a thousand tokens read all."""
    mixtral = architecture.of({"model_type": "mixtral"})
    assert mixtral.decode_bytes(1, 0, 2) == pytest.approx(2 * (mixtral.active_parameters - 32000 * 4096), rel=1e-6)
    assert mixtral.decode_bytes(1000, 0, 2) == pytest.approx(2 * (mixtral.parameters - 32000 * 4096), rel=1e-6)


def test_experts_that_a_token_meets_may_be_told_by_layer() -> None:
    """Hunyuan-A13B's file lists a number for each layer, which is the same."""
    listed, told = (
        architecture.of({"model_type": "hunyuan_v1_moe", **HUNYUAN, "moe_topk": met}) for met in ([2] * 3, 2)
    )
    assert listed == told
    assert listed.active_parameters < listed.parameters


def test_an_encoder_is_not_read_again_for_each_token() -> None:
    """A decoding step of Whisper reads the cached keys and values of 1500 frames instead of the encoder."""
    whisper = architecture.of({"model_type": "whisper"})
    step = whisper.decode_bytes(1, 0, 2) / 2
    decoder = 4 * (6 * 384 * 384 + 2 * 384 * 1536) + 51865 * 384
    assert step == pytest.approx(decoder + 2 * 4 * 384 * 1500, rel=0.002)


@given(layers=some.integers(1, 8), heads=some.integers(1, 8), tokens=some.integers(1, 200), ffn=some.integers(1, 99))
@settings(max_examples=50, deadline=None)
def test_training_is_three_forward_passes(layers: int, heads: int, tokens: int, ffn: int) -> None:
    """Full training of a model that begins with a lookup is three passes; an adapter costs less, a head alone least."""
    shape = {"num_hidden_layers": layers, "hidden_size": 16 * heads, "num_attention_heads": heads}
    own = {**shape, "num_key_value_heads": heads, "intermediate_size": ffn}
    model = architecture.of({"model_type": "llama", **GROUPED, **own})
    full, lora, head = (model.training_flops(tokens, method) for method in ("full", "lora", "head"))
    assert full == pytest.approx(3 * model.forward_flops(tokens))
    assert full > lora > head > model.forward_flops(tokens)


@given(share=some.integers(1, 8), batch=some.integers(1, 50))
@settings(max_examples=50, deadline=None)
def test_a_batch_reads_no_fewer_bytes_than_one_token_and_no_more_than_all(share: int, batch: int) -> None:
    """The bytes that a mixture reads grow with the batch, up to those of all experts."""
    model = architecture.of({**SMALL["mixtral"], "num_local_experts": 8, "num_experts_per_tok": share})
    one, some_of_them, bound = (model.decode_bytes(n, 0, 1) for n in (1, batch, 10**6))
    assert one <= some_of_them * (1 + 1e-12)
    assert some_of_them <= bound * (1 + 1e-12)


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        ({"model_type": "unheard"}, "no model type 'unheard', nor a class that the config names; update"),
        ({"model_type": "unheard", "architectures": ["Unheard"]}, "no model type 'unheard'"),
        ({"model_type": "unheard", "architectures": ["LlamaConfig"]}, "no model type 'unheard'"),
        ({"model_type": "unheard", "architectures": [["x"]]}, "no model type 'unheard'"),
        ({"model_type": ["llama"]}, "no model type"),
        ({}, "no model type None"),
        ({"model_type": "mlp", "sizes": []}, "no rule counts a mlp of this config"),
        ({"model_type": "llama", "hidden_size": -4}, "hidden_size is -4; 1 is the least"),
        ({"model_type": "llama", "num_hidden_layers": 0}, "num_hidden_layers is 0; 1 is the least"),
        ({"model_type": "llava", "text_config": {"vocab_size": 0}}, "vocab_size is 0; 1 is the least"),
        ({"model_type": "llama", "hidden_size": True}, "'hidden_size' expected int, got bool"),
        ({"model_type": "llama", "num_hidden_layers": 10**9}, "num_hidden_layers is 1,000,000,000; 10,000 is the most"),
        ({"model_type": "llama", "num_attention_heads": 0}, "num_attention_heads is 0; 1 is the least"),
        ({"model_type": "gemma3", "text_config": 3}, "cannot build a gemma3"),
        ({"model_type": "mixtral", "num_experts_per_tok": 9}, "is 9, of 8 experts"),
        ({"model_type": "resnet", "depths": [1]}, "no rule counts a resnet of this config"),
        ({"model_type": "mistral", "sliding_window": -1}, "the window is -1 tokens"),
        (GEMMA_3N, r"pip install timm.*; take its text_config by itself"),
        ({"model_type": "clip"}, "a clip is two models side by side, of texts and of images, and no rule"),
        ({"model_type": "wav2vec2"}, "no model that writes, or tells classes of texts or images, of type wav2vec2"),
        ({"model_type": "hunyuan_v1_moe", **HUNYUAN, "moe_topk": [1, 2, 2]}, "does not say how many of its experts"),
        ({"model_type": "blt"}, r"no rule counts a blt of this config \('BltConfig' object has no"),
        ({"model_type": "diffllama"}, "no rule counts the layers of a diffllama"),
    ],
)
def test_a_config_without_usable_sizes_is_refused(config: dict[str, Any], sentence: str) -> None:
    """The error names what is wrong."""
    with pytest.raises(WorkloadError, match=sentence):
        architecture.of(config)


def test_an_unknown_method_or_module_is_refused() -> None:
    """An unknown method is not taken for full training; a missing module is answered with those that the model has."""
    with pytest.raises(WorkloadError, match="there is no method 'magic'"):
        sizes("llama").training_flops(10, "magic")
    with pytest.raises(WorkloadError, match=r"has no module 'query' for adapters; it has .*q_proj"):
        sizes("llama").trainable_parameters("lora", modules=["query"])
