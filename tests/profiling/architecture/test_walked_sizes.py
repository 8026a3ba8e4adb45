"""What a config says is honoured or named: windows, states, experts, other models within it; and walks are kept."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some
from small_models import GROUPED, SMALL
from transformers import AutoConfig, AutoModelForMultimodalLM, AutoModelForSeq2SeqLM

from profiling import architecture, places
from profiling.architecture import kept, remarks, source
from profiling.errors import WorkloadError
from profiling.estimates import footprint
from profiling.models import walk
from tools.architectures import requests

MISTRAL = {
    **{"model_type": "mistral", "num_hidden_layers": 32, "hidden_size": 4096, "num_attention_heads": 32},
    **{"num_key_value_heads": 8, "intermediate_size": 14336, "vocab_size": 32000},
}
TEXT = {**GROUPED, "model_type": "mistral"}
# Nemotron-H-8B, arXiv:2504.03624, table 1: 52 layers, of which four are attention.
NEMOTRON_H = {
    **{"model_type": "nemotron_h", "hidden_size": 4096, "num_hidden_layers": 52, "num_attention_heads": 32},
    **{"num_key_value_heads": 8, "attention_head_dim": 128, "intermediate_size": 21504, "vocab_size": 131072},
    **{"ssm_state_size": 128, "mamba_num_heads": 128, "mamba_head_dim": 64, "conv_kernel": 4, "n_groups": 8},
    "hybrid_override_pattern": "M-M-M-M*-M-M-M-M-M*-M-M-M-M-M*-M-M-M-M-M*-M-M-M-M-M-",
}
# Kimi-K2's config.json: a type of its own, and the class of DeepSeek-V3.
KIMI_K2 = {
    **{"model_type": "kimi_k2", "architectures": ["DeepseekV3ForCausalLM"], "hidden_size": 7168},
    **{"num_hidden_layers": 61, "num_attention_heads": 64, "num_key_value_heads": 64, "intermediate_size": 18432},
    **{"moe_intermediate_size": 2048, "n_routed_experts": 384, "num_experts_per_tok": 8, "n_shared_experts": 1},
    **{"first_k_dense_replace": 1, "vocab_size": 163840, "q_lora_rank": 1536, "kv_lora_rank": 512},
    **{"qk_nope_head_dim": 128, "qk_rope_head_dim": 64, "v_head_dim": 128, "tie_word_embeddings": False},
}
# MiniMax-Text-01, arXiv:2501.08313: seven layers of lightning attention, then one of softmax, ten times.
MINIMAX = {
    **{"model_type": "minimax", "hidden_size": 6144, "num_hidden_layers": 80, "num_attention_heads": 64},
    **{"num_key_value_heads": 8, "head_dim": 128, "intermediate_size": 9216, "num_local_experts": 32},
    **{"num_experts_per_tok": 2, "vocab_size": 200064, "tie_word_embeddings": False},
    "layer_types": (["linear_attention"] * 7 + ["full_attention"]) * 10,
}
GPT_OSS = {**SMALL["gpt_oss"], "num_hidden_layers": 4, "sliding_window": 8}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """Return the requests that no file answers, with nothing kept yet."""
    monkeypatch.setenv("BREAKEVEN_CACHE", str(tmp_path))
    found: list[str] = []

    def noted(request: str) -> dict[str, Any]:
        found.append(request)
        return walk.answered(**json.loads(request))

    monkeypatch.setattr(kept, "asked", noted)
    kept.answer.cache_clear()
    return found


def test_a_window_bounds_the_cache() -> None:
    """Mistral-7B-v0.1 keeps 4,096 tokens in each layer: 0.54 GB at any longer context."""
    model = architecture.of({**MISTRAL, "sliding_window": 4096})
    sizes = [footprint.cache_bytes(model, 1, tokens) for tokens in (2048, 4096, 32768)]
    assert sizes == [2048 * 131_072, 4096 * 131_072, 4096 * 131_072]
    whole = architecture.of({**MISTRAL, "sliding_window": None})
    assert footprint.cache_bytes(whole, 1, 32768) == 32768 * 131_072


def test_kinds_of_layers_that_a_file_leaves_open_follow_its_pattern() -> None:
    """Three of four layers of EXAONE-4 see a window, with `layer_types` null or left out."""
    config = {**GROUPED, "model_type": "exaone4", "num_hidden_layers": 4, "sliding_window": 8}
    config |= {"sliding_window_pattern": "LLLG"}
    assert [cache.window for cache in architecture.of(config).caches] == [8, None]
    assert architecture.of({**config, "layer_types": None}) == architecture.of(config)


@pytest.mark.parametrize("changed", ["methods/lora.py", "models/own_models.py", "architecture/model.py"])
def test_a_kept_answer_is_not_read_after_a_change_of_the_rules(monkeypatch: pytest.MonkeyPatch, changed: str) -> None:
    """The usual places of adapters, Breakeven's own models, and what is kept of a model, are rules as well."""
    before, read = kept._rules.__wrapped__(), Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda path: b"" if path.as_posix().endswith(f"/{changed}") else read(path))
    assert kept._rules.__wrapped__() != before


def test_a_type_that_is_not_known_is_that_of_the_class_that_the_config_names() -> None:
    """Kimi-K2 has the published trillion parameters, of which 32 billion work on a token; it is said."""
    model = architecture.of(KIMI_K2)
    # The published weights hold a bias of the choice for each expert, which no product meets.
    assert model.parameters + 60 * 384 == 1_026_408_232_448
    assert model.active_parameters == pytest.approx(32e9, rel=0.03)
    assert next(remarks.remarks(KIMI_K2, model)) == (
        "Transformers has no type kimi_k2: counted as the class that the config names."
    )


def test_lightning_attention_keeps_a_matrix_for_each_head() -> None:
    """MiniMax-Text-01 has the published 456 billion parameters; its state is as large at any length."""
    model = architecture.of(MINIMAX)
    assert model.parameters == pytest.approx(456e9, rel=0.001)
    # Without the embedding and the output, as published.
    assert model.active_parameters - 2 * 200064 * 6144 == pytest.approx(45.9e9, rel=0.002)
    assert model.cached_per_example == 70 * 64 * 128 * 128
    assert model.kv_bytes_per_token(2) == 10 * 2 * 8 * 128 * 2


def test_a_window_bounds_what_a_query_sees() -> None:
    """Beyond the window, operations grow with the text and no longer with its square."""
    model, whole = (architecture.of({**MISTRAL, "sliding_window": window}) for window in (4096, None))
    assert model.forward_flops(4096) == whole.forward_flops(4096)
    seen = 4 * 32 * 4096 * 32768 * 4096  # 4·L·d·T·W
    assert model.forward_flops(32768) == 2 * model.matmul_parameters * 32768 + seen


def test_layers_of_two_kinds_are_cached_each_by_its_own_rule() -> None:
    """Every other layer of gpt-oss keeps its window only."""
    model = architecture.of(GPT_OSS)
    each = 2 * 2 * 12  # keys and values of two heads
    assert model.cached_numbers(100) == 2 * each * 100 + 2 * each * 8


def test_a_state_space_layer_keeps_as_much_of_any_text() -> None:
    """Four layers of Nemotron-H-8B keep keys and values; 24 keep a state, and the inputs of a convolution."""
    model = architecture.of(NEMOTRON_H)
    assert model.parameters == pytest.approx(8.1e9, rel=0.001)
    assert model.kv_bytes_per_token(2) == 4 * 2 * 8 * 128 * 2
    assert model.cached_per_example == 24 * (128 * 64 * 128 + (128 * 64 + 2 * 8 * 128) * 4)


def test_images_are_not_met_by_tokens_of_text() -> None:
    """A tower for images counts as parameters and not as operations."""
    vision = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 48}
    wrapped = {"model_type": "gemma3", "text_config": SMALL["gemma3_text"], "vision_config": vision}
    both, alone = architecture.of(wrapped), architecture.of(SMALL["gemma3_text"])
    assert both.forward_flops(24) == alone.forward_flops(24)
    assert both.decode_bytes(1, 24, 2) == pytest.approx(alone.decode_bytes(1, 24, 2), rel=0.02)  # norms alone
    assert both.parameters > alone.parameters
    assert "met by images" in " ".join(remarks.remarks(wrapped, both))


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        ({"model_type": "llama"}, "a llama does not say hidden_size, .*; take the whole config.json"),
        ({"model_type": "gpt2", "n_embd": 768}, "does not say n_layer, n_head, vocab_size"),
        ({"model_type": "mistral", "text_config": TEXT}, "does not say hidden_size, .*; take text_config by itself"),
        ({**SMALL["mixtral"], "num_experts_per_tok": None}, "expected int, got NoneType"),
        ({**SMALL["llama"], "vocab_size": None}, "expected int, got NoneType"),
        ({"model_type": "mixtral", **GROUPED}, "does not say num_local_experts, num_experts_per_tok"),
        ({"model_type": "gemma3", "text_config": SMALL["gemma3_text"]}, "does not say vision_config.hidden_size"),
    ],
)
def test_a_file_that_does_not_say_its_sizes_is_refused(config: dict[str, Any], sentence: str) -> None:
    """The default of a model type is the size of some other model."""
    with pytest.raises(WorkloadError, match=sentence):
        architecture.checked(config)


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        ({**SMALL["llama"], "num_attention_heads": 4, "num_key_value_heads": 3}, "3, which does not divide the 4 of"),
        ({**SMALL["llama"], "num_attention_heads": 4, "num_key_value_heads": 8}, "8, which does not divide the 4 of"),
        ({**SMALL["deepseek_v3"], "n_group": 3}, "n_group is 3, which does not divide the"),
        ({**SMALL["mixtral"], "num_experts_per_tok": -1}, "num_experts_per_tok is -1, of 4 experts; take 1 to 4"),
        ({**SMALL["llama"], "max_position_embeddings": 0}, "max_position_embeddings is 0; 1 is the least"),
        ({"model_type": "bloom", "n_head": 3, "num_attention_heads": 4}, "n_head is 3, which are names of one size"),
    ],
)
def test_sizes_that_contradict_each_other_are_refused(config: dict[str, Any], sentence: str) -> None:
    """Transformers builds such a model, and it cannot run."""
    with pytest.raises(WorkloadError, match=sentence):
        architecture.of(config)


@pytest.mark.parametrize("name", ["gpt2-inner", "phi3", "gpt_oss", "deepseek_v3", "bart", "distilbert"])
def test_a_file_that_says_its_sizes_is_taken(name: str) -> None:
    """The sizes may have the common names or the family's own."""
    assert architecture.checked(SMALL[name]) == architecture.of(SMALL[name])


def test_code_of_a_configs_own_is_named_and_not_read() -> None:
    """The type's own class is counted."""
    config = {**SMALL["llama"], "auto_map": {"AutoModelForCausalLM": "evil.Model"}}
    assert architecture.of(config) == architecture.of(SMALL["llama"])
    assert any("auto_map" in line for line in remarks.remarks(config, architecture.of(config)))


def test_a_model_is_walked_once(asked: list[str]) -> None:
    """The answer stays on the disk, whatever the order of the fields; fields that do not shape it do not matter."""
    architecture.of({"model_type": "llama", **GROUPED})
    kept.answer.cache_clear()
    architecture.of({**GROUPED, "torch_dtype": "bfloat16", "_name_or_path": "x", "model_type": "llama"})
    assert len(asked) == 1


def test_a_refusal_is_kept_too(asked: list[str]) -> None:
    """The same sentence comes again without another walk."""
    for _ in range(2):
        kept.answer.cache_clear()
        with pytest.raises(WorkloadError, match="no model type 'unheard'"):
            architecture.of({"model_type": "unheard"})
    assert len(asked) == 1


def test_a_damaged_file_is_walked_again(asked: list[str]) -> None:
    """What cannot be read is written anew."""
    right = architecture.of({"model_type": "llama", **GROUPED})
    (path,) = places.architectures().rglob("*.json")
    path.write_text("{", encoding="utf-8")
    kept.answer.cache_clear()
    assert architecture.of({"model_type": "llama", **GROUPED}) == right
    assert len(asked) == 2


def test_models_that_ship_need_no_walk(asked: list[str]) -> None:
    """Tables, presets and records are answered from the file that ships."""
    assert len({kept.answer(request)[0].parameters for request in set(requests())}) > 20
    assert asked == []


@pytest.mark.parametrize("config", [{"model_type": "gpt2"}, {"model_type": "deepseek_v3"}, {"model_type": "whisper"}])
def test_what_ships_is_what_a_walk_gives(config: dict[str, Any]) -> None:
    """The file that ships is as new as the rules; `python -m tools.architectures` writes it."""
    request = architecture.request(config)
    now = json.loads(json.dumps(walk.answered(**json.loads(request))))
    assert json.loads(kept.SHIPPED.read_text(encoding="utf-8"))[kept.key(request)] == now


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("import time; time.sleep(60)", "took longer than 0 s"),
        ("raise SystemExit('no memory left')", "ended .no memory left."),
    ],
)
def test_a_walk_that_takes_too_long_or_dies_is_an_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, code: str, sentence: str
) -> None:
    """A stranger's config cannot keep the computer busy."""
    monkeypatch.undo()
    (tmp_path / "walker.py").write_text(code, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(kept, "WALK", "walker")
    monkeypatch.setattr(kept, "MOST_SECONDS", 0.4 if "sleep" in code else 60)
    with pytest.raises(WorkloadError, match=sentence):
        kept.asked("{}")


def test_a_process_of_its_own_walks_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """The parent imports no torch, and hears what the child heard."""
    code = (
        "import json, sys; from profiling import architecture; "
        "print(architecture.of(json.loads(sys.argv[1])).parameters, 'torch' in sys.modules)"
    )
    run = [sys.executable, "-c", code, json.dumps({**SMALL["phi3"], "hidden_size": 64})]
    done = subprocess.run(run, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[3])
    assert done.stdout.split() == [str(architecture.of({**SMALL["phi3"], "hidden_size": 64}).parameters), "False"]


PLAIN = some.none() | some.booleans() | some.integers(-3, 50) | some.floats(0, 9) | some.text(max_size=3)
NAMES = some.sampled_from([*GROUPED, "head_dim", "layer_types", "sliding_window", "rope_scaling", "num_experts"])


@given(
    model_type=some.sampled_from(["llama", "mixtral", "deepseek_v2", "gemma3", "bart", "vit", "jamba"]),
    fields=some.dictionaries(NAMES, PLAIN | some.lists(PLAIN, max_size=3) | some.dictionaries(some.text(), PLAIN)),
)
def test_any_config_has_sizes_or_a_reason(model_type: str, fields: dict[str, Any]) -> None:
    """No value of a field leads to another error, or to sizes that cannot be."""
    try:
        model = architecture.of({**GROUPED, **fields, "model_type": model_type})
    except WorkloadError:
        return
    assert 0 <= model.active_parameters <= model.parameters
    assert model.vectors >= 0
    assert model.forward_flops(8) >= 0


HEARD = {
    **{"model_type": "qwen2_audio_encoder", "d_model": 32, "encoder_layers": 2, "encoder_attention_heads": 2},
    **{"encoder_ffn_dim": 64, "num_mel_bins": 8},
}
LISTENS = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 128}
QWEN2 = {**GROUPED, "model_type": "qwen2"}
# Voxtral sets 128 where its text model has another default.
MINISTRAL = {**TEXT, "head_dim": 8}


@pytest.mark.parametrize(
    "config",
    [
        {"model_type": "qwen2_audio", "audio_config": HEARD, "text_config": QWEN2},
        {
            "model_type": "voxtral",
            "audio_config": {"model_type": "voxtral_encoder", **LISTENS},
            "text_config": MINISTRAL,
        },
    ],
    ids=lambda config: config["model_type"],
)
def test_a_model_that_hears_has_the_cache_of_its_text_model(config: dict[str, Any]) -> None:
    """Its weights are transformers' count; no token of text passes the part that reads sound."""
    found = architecture.of(config)
    built = AutoModelForMultimodalLM.from_config(AutoConfig.for_model(**config))
    assert found.parameters == sum(one.numel() for one in built.parameters())
    text = architecture.of(config["text_config"])
    assert found.forward_flops(16) == text.forward_flops(16)
    assert found.cached_numbers(16) == text.cached_numbers(16)
    assert found.active_parameters < found.parameters


def test_an_encoder_that_looks_for_hidden_positions_is_counted() -> None:
    """T5Gemma reads its mask, whose values nobody has: weights are transformers' count."""
    layers = {**GROUPED, "model_type": "t5_gemma_module", "head_dim": 16}
    layers |= {"sliding_window": 64, "layer_types": ["sliding_attention", "full_attention"], "num_hidden_layers": 2}
    config = {"model_type": "t5gemma", "vocab_size": GROUPED["vocab_size"], "encoder": layers, "decoder": layers}
    built = AutoModelForSeq2SeqLM.from_config(AutoConfig.for_model(**config))
    assert architecture.of(config).parameters == sum(one.numel() for one in built.parameters())


def test_a_model_of_diffusers_is_named_as_such(tmp_path: Path) -> None:
    """Its file has a class and no type."""
    path = tmp_path / "config.json"
    path.write_text('{"_class_name": "SD3Transformer2DModel", "num_layers": 24}', encoding="utf-8")
    with pytest.raises(WorkloadError, match="SD3Transformer2DModel is a model of diffusers"):
        source.read_config(path)
