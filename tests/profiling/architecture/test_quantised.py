"""How a checkpoint stores its weights is read from its config, or said not to be known."""

import json
from pathlib import Path
from typing import Any

import pytest
from small_models import SMALL

from profiling import architecture
from profiling.__main__ import main
from profiling.architecture import quantised, remarks
from profiling.estimates import Question, estimate, footprint

FLOAT_8, WHOLE_4 = {"type": "float", "num_bits": 8}, {"type": "int", "num_bits": 4, "group_size": 128}
G_32 = "int4-groups-32"
AWQ = {"quant_method": "awq", "bits": 4, "group_size": 128}


def torchao(name: str, **options: Any) -> dict[str, Any]:
    """Return what a newer torchao writes of a type."""
    return {"default": {"_type": name, "_data": options, "_version": 2}}


@pytest.mark.parametrize(
    ("says", "precision"),
    [
        ({"quant_method": "fp8", "weight_block_size": [128, 128]}, "fp8"),
        ({"quant_method": "mxfp4"}, "mxfp4"),
        ({"quant_method": "gptq", "bits": 4, "group_size": 128}, "int4-groups"),
        ({"quant_method": "bitsandbytes", "load_in_4bit": True, "bnb_4bit_use_double_quant": True}, "nf4-double"),
        ({"quant_method": "bitsandbytes", "load_in_8bit": True}, "int8"),
        ({"quant_method": "compressed-tensors", "config_groups": {"a": {"weights": FLOAT_8}}}, "fp8"),
        ({"quant_method": "compressed-tensors", "config_groups": {"a": {"weights": WHOLE_4}}}, "int4-groups"),
        (
            {
                "quant_method": "compressed-tensors",
                "config_groups": {"a": {"weights": WHOLE_4}, "b": {"weights": FLOAT_8}},
            },
            None,
        ),
        ({"quant_method": "compressed-tensors", "config_groups": {"a": {"weights": None}}}, None),
        ({"quant_method": "compressed-tensors", "config_groups": ["a"]}, None),
        ({"quant_method": "modelopt", "quant_algo": "FP8"}, "fp8"),
        ({"quant_method": "modelopt", "quant_algo": "NVFP4"}, "nvfp4"),
        ({"quant_method": "modelopt", "quant_algo": "W4A8"}, None),
        ({"quant_method": "gptq", "bits": 4, "group_size": 32}, "int4-groups-32"),
        ({"quant_method": "gptq", "bits": 4, "group_size": 17}, None),
        ({"quant_method": "gptq", "bits": 3, "group_size": 128}, None),
        ({"quant_method": "auto-round", "bits": 4, "group_size": 128, "data_type": "mx_fp"}, None),
        ({"quant_method": "awq", "bits": 4, "group_size": 64}, "int4-groups-64"),
        ({"quant_method": "bitsandbytes", "load_in_8bit": False, "load_in_4bit": False}, None),
        ({"quant_method": "torchao", "quant_type": "int4_weight_only", "quant_type_kwargs": {"group_size": 32}}, G_32),
        ({"quant_method": "torchao", "quant_type": "int8_weight_only"}, "int8"),
        ({"quant_method": "torchao", "quant_type": torchao("Int4WeightOnlyConfig", group_size=128)}, "int4-groups"),
        ({"quant_method": "torchao", "quant_type": torchao("Float8WeightOnlyConfig")}, "fp8"),
        ({"quant_method": "torchao", "quant_type": torchao("UIntXWeightOnlyConfig")}, None),
        ({"quant_method": "torchao", "quant_type": {"default": None}}, None),
        ({"quant_method": "quark", "global_quant_config": {"weight": {"dtype": "fp8_e4m3"}}}, "fp8"),
        ({"quant_method": "quanto", "weights": "int8"}, "int8"),
        ({"quant_method": "hqq"}, None),
        ({"quant_method": "fp8", "ignore": 5, "modules_to_not_convert": True}, "fp8"),
        ({"quant_method": "unheard"}, None),
        ("fp8", None),
        (None, None),
    ],
)
def test_a_checkpoint_is_stored_as_its_config_says(says: object, precision: str | None) -> None:
    """A method that is not known is named, and nothing is made up."""
    config = {**SMALL["llama"], "quantization_config": says}
    assert quantised.stored(config) == precision
    told = " ".join(remarks.remarks(config, architecture.of(config)))
    assert ("not known here" in told) == (says is not None and precision is None)


@pytest.mark.parametrize(
    ("entries", "packed"),
    [
        ({"modules_to_not_convert": ["self_attn"]}, {"gate_proj", "up_proj", "down_proj"}),
        (
            {"modules_to_not_convert": ["lm_head"]},
            {"q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"},
        ),
        ({"ignore": ["re:.*mlp.*"]}, {"q_proj", "k_proj", "v_proj", "o_proj"}),
        ({"dynamic": {"-:.*\\.self_attn\\..*": {}, "+:.*mlp.*": {}}}, {"gate_proj", "up_proj", "down_proj"}),
        # A pattern that could take long is not run, and counts as none.
        (
            {"ignore": ["re:(self_attn|a+)+$"]},
            {"q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"},
        ),
    ],
)
def test_modules_that_are_not_converted_keep_16_bits(entries: dict[str, Any], packed: set[str]) -> None:
    """Whatever the library calls their list."""
    config = {**SMALL["llama"], "quantization_config": {**AWQ, **entries}}
    found = quantised.as_stored(config, architecture.of(config))
    assert {one.name.rpartition(".")[2] for one in found.matrices if one.role == "body"} == packed
    assert found.parameters == architecture.of(config).parameters


def test_a_layer_that_is_not_converted_keeps_16_bits() -> None:
    """One of four: a quarter of its kind."""
    config = {**SMALL["llama"], "num_hidden_layers": 4}
    says = {**AWQ, "modules_to_not_convert": ["model.layers.3.mlp.down_proj", "model.layers.0"]}
    whole, found = (
        architecture.of(config),
        quantised.as_stored({**config, "quantization_config": says}, architecture.of(config)),
    )
    plain = {one.name.rpartition(".")[2]: one.copies for one in found.matrices if one.role == "plain"}
    assert (plain["down_proj"], plain["up_proj"], plain["q_proj"]) == (2, 1, 1)
    assert found.parameters == whole.parameters
    assert footprint.weight_bytes(found, "int4") > footprint.weight_bytes(whole, "int4")


def test_what_stays_in_16_bits_is_in_the_size_and_in_the_estimate(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """A model whose attention is not converted takes as much in both commands, and more than one that is."""
    shape = {"num_hidden_layers": 32, "hidden_size": 4096, "num_attention_heads": 32, "intermediate_size": 14336}
    plain = {"model_type": "llama", **shape, "num_key_value_heads": 8, "vocab_size": 128256}
    config = {**plain, "quantization_config": {**AWQ, "modules_to_not_convert": ["self_attn"]}}
    (tmp_path / "config.json").write_text(json.dumps(config), encoding="utf-8")
    assert main(["size", str(tmp_path), "--sequence", "640", "--json"]) == 0
    sheet = json.loads(capsys.readouterr().out)
    attention = 32 * (2 * 4096 * 4096 + 2 * 4096 * 1024)
    of_all = footprint.weight_bytes(architecture.of(plain), "int4-groups")
    assert sheet["weight_bytes"]["int4-groups"] - of_all == pytest.approx(attention * (16 - 4 - 20 / 128) / 8)
    assert any("leaves 16.7% of the weights in 16 bits" in line for line in sheet["remarks"])
    served = next(row for row in sheet["memory"] if row["way"].startswith("serve, int4-groups as stored"))
    point = {"batch": 1, "prompt_tokens": 512, "new_tokens": 128}
    assert estimate(Question(config, "generate", point, "L4"), []).least_bytes == pytest.approx(served["total_bytes"])


def test_an_estimate_says_that_nobody_reads_the_checkpoints_precision() -> None:
    """It assumes 16 bits, and says so."""
    shape = {"num_hidden_layers": 32, "hidden_size": 4096, "num_attention_heads": 32, "intermediate_size": 14336}
    config = {"model_type": "llama", **shape, "vocab_size": 32000, "quantization_config": {"quant_method": "hqq"}}
    found = estimate(Question(config, "generate", {"batch": 1, "prompt_tokens": 64, "new_tokens": 64}, "H100-SXM"), [])
    assert any("no rule reads" in one for one in found.assumptions)
