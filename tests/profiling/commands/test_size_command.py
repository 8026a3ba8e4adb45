"""`python -m profiling size`: what a config alone says, for people and as JSON."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from profiling.__main__ import main


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    """The one JSON object that a command prints."""
    assert main(["size", *arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The sentence of a command that was wrong."""
    assert main(["size", *arguments]) == 2
    return capsys.readouterr().err


def test_a_well_known_model_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    """Llama-3.1-8B: its published parameters, 131,072 bytes of cache a token, 16.06 GB in 16 bits."""
    sheet = printed(capsys, "llama-3.1-8b")
    assert sheet["parameters"] == 8_030_261_248
    assert sheet["kv_bytes_per_token"] == 131_072
    assert sheet["weight_bytes"]["bfloat16"] == 2 * 8_030_261_248


def test_a_config_file_and_its_folder_say_the_same(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """As `save_pretrained` writes it."""
    sizes = {"n_embd": 768, "n_layer": 12, "n_head": 12, "vocab_size": 50257, "n_inner": None}
    config = {"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], **sizes, "use_cache": True}
    (tmp_path / "config.json").write_text(json.dumps(config), encoding="utf-8")
    sheets = [printed(capsys, str(place)) for place in (tmp_path, tmp_path / "config.json")]
    assert [sheet["parameters"] for sheet in sheets] == [124_439_808] * 2
    assert sheets[0]["sequence_tokens"] == 1024


def test_a_mixture_tells_both_counts(capsys: pytest.CaptureFixture[str]) -> None:
    """Mixtral: 46.7B, of which a token meets 12.9B."""
    sheet = printed(capsys, "Mixtral-8x7B")
    assert (sheet["parameters"], sheet["active_parameters"]) == (46_702_792_704, 12_879_925_248)


def test_memory_falls_with_every_stage_of_zero(capsys: pytest.CaptureFixture[str]) -> None:
    """16 bytes a weight on one device, an eighth of them at stage 3 on eight."""
    sheet = printed(capsys, "Llama-2-7B", "--devices", "8")
    state = {
        one["way"]: one["weights_bytes"] + one["gradients_bytes"] + one["optimizer_bytes"] for one in sheet["memory"]
    }
    stages = [state[f"train, full{stage}"] for stage in ("", ", ZeRO-1", ", ZeRO-2", ", ZeRO-3")]
    assert stages == sorted(stages, reverse=True)
    assert stages[0] == 16 * 6_738_415_616
    assert stages[3] == pytest.approx(stages[0] / 8)


def test_a_device_fits_where_its_memory_suffices(capsys: pytest.CaptureFixture[str]) -> None:
    """Serving 70B in 16 bits takes 138 GB: a B200 holds it, and the 141 GB of an H200 leave no room for an engine."""
    sheet = printed(capsys, "Llama-2-70B", "--sequence", "128")
    serve = sheet["memory"][0]
    assert serve["way"] == "serve, bfloat16"
    assert serve["fits"][0] == "B200-SXM"
    assert not {"H100-SXM", "H200-SXM"} & {*serve["fits"]}


def test_what_fits_on_no_eight_devices_is_offered_on_more(capsys: pytest.CaptureFixture[str]) -> None:
    """405B with Adam's state takes 6.5 TB, which is too much for eight of any device."""
    sheet = printed(capsys, "Llama-3.1-405B", "--devices", "8")
    spread = next(one for one in sheet["memory"] if one["way"] == "train, full, ZeRO-3")
    assert spread["fits"] == []
    more = spread["fits_on"]
    assert more["devices"] > 8
    there = printed(capsys, "Llama-3.1-405B", "--devices", str(more["devices"]))
    row = next(one for one in there["memory"] if one["way"] == "train, full, ZeRO-3")
    assert row["fits"][0] == more["device"]
    assert main(["size", "Llama-3.1-405B"]) == 0
    assert f"none; {more['devices']} x {more['device']}" in " ".join(capsys.readouterr().out.split())


def test_hours_and_cost_follow_from_operations(capsys: pytest.CaptureFixture[str]) -> None:
    """Tokens x FLOPs a token over peak x share of it, at the price given."""
    arguments = ("--tokens", "1e12", "--device", "NVIDIA H100 80GB HBM3", "--mfu", "0.5", "--price-per-hour", "2")
    sheet = printed(capsys, "Llama-2-7B", *arguments)
    run = sheet["training_run"]
    assert run["device"] == "H100-SXM"
    assert run["device_hours"] == pytest.approx(1e12 * sheet["training_flops_per_token"] / (0.5 * 989e12) / 3600)
    assert run["usd"] == pytest.approx(2 * run["device_hours"])


def test_a_listed_price_carries_its_date_and_source(capsys: pytest.CaptureFixture[str]) -> None:
    """The median of those on demand, with their range and the day of the newest."""
    run = printed(capsys, "Llama-2-7B", "--tokens", "1e9", "--device", "H100-SXM")["training_run"]
    assert run["usd_per_hour"] == 3.99
    assert run["price"] == "median of 5 on-demand prices from 2.69 to 6.88, 2026-11-09"


def test_hours_and_cost_of_a_small_run_multiply(capsys: pytest.CaptureFixture[str]) -> None:
    """A run of less than an hour is not told as none, and hours times price are the cost that stands beside them."""
    assert main(["size", "SmolLM2-135M", "--tokens", "1e9", "--device", "H100-SXM"]) == 0
    told = " ".join(capsys.readouterr().out.split())
    found = re.search(r"FLOPs, ([\d.]+) hours? of H100-SXM .*; ([\d.]+) USD at ([\d.]+) an hour", told)
    assert found is not None
    hours, usd, price = found.groups()
    assert float(usd) == pytest.approx(float(hours) * float(price), rel=0.01)


def test_no_price_is_made_up(capsys: pytest.CaptureFixture[str]) -> None:
    """None is listed for a T4."""
    run = printed(capsys, "GPT-2", "--tokens", "1e9", "--device", "T4")["training_run"]
    assert (run["usd_per_hour"], run["usd"]) == (None, None)
    assert "give --price-per-hour" in run["price"]


def test_activations_that_no_formula_tells_are_null(capsys: pytest.CaptureFixture[str]) -> None:
    """Of a network of convolutions; serving it is told all the same."""
    memory = {one["way"]: one for one in printed(capsys, "ResNet-50")["memory"]}
    assert memory["train, full"]["total_bytes"] is None
    assert memory["train, full"]["fits"] == []
    assert memory["serve, bfloat16"]["total_bytes"] == 2 * 25_557_032


def test_the_sheet_for_people_says_what_it_leaves_out(capsys: pytest.CaptureFixture[str]) -> None:
    """Numbers with units, the date of the price, and what the lower bound leaves out."""
    assert main(["size", "Llama-3.1-8B", "--tokens", "15e12", "--device", "H100-SXM"]) == 0
    text = capsys.readouterr().out
    for words in ("8,030,261,248", "16.06 GB", "train, lora", "2026-11-09", "40% of its peak (assumed)", "lower bound"):
        assert words in text


@pytest.mark.parametrize("model", ["BERT-base", "DeepSeek-V3", "mT0-large", "Whisper-tiny", "ViT-B/16", "OPT-13B"])
def test_every_kind_of_model_has_a_sheet(capsys: pytest.CaptureFixture[str], model: str) -> None:
    """With a line for serving, and one for training in full."""
    assert {"serve, bfloat16", "train, full"} <= {one["way"] for one in printed(capsys, model)["memory"]}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["Lama-2-7B"], "'Lama-2-7B' is neither a file nor a known model; there are Llama-2-7B"),
        (["BERT-base", "--sequence", "600"], "600 tokens exceed the 512 positions"),
        (["GPT-2", "--tokens", "1e9"], "need both --tokens and --device"),
        (["GPT-2", "--tokens", "1e9", "--device", "H100"], "'H100' may be H100-PCIe or H100-NVL or H100-SXM"),
        (["GPT-2", "--tokens", "1e9", "--device", "cpu"], "no data sheet tells the peak of 'cpu'; there are T4"),
    ],
)
def test_what_is_not_known_is_refused(capsys: pytest.CaptureFixture[str], arguments: list[str], sentence: str) -> None:
    """With what there is instead."""
    assert sentence in refused(capsys, *arguments)


def test_a_config_that_is_no_object_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """With its path."""
    (tmp_path / "config.json").write_text("[]", encoding="utf-8")
    assert "config.json: must be an object" in refused(capsys, str(tmp_path))


def written(folder: Path, config: dict[str, Any]) -> str:
    """Return the path of a config.json."""
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    return str(folder / "config.json")


def test_a_checkpoint_in_eight_bits_is_told_as_it_is_stored(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """DeepSeek-V3 takes 671 GB in FP8, and 1.85 more for its words; one node of eight H200s holds it."""
    shape = {"moe_intermediate_size": 2048, "n_routed_experts": 256, "num_experts_per_tok": 8, "vocab_size": 129280}
    layers = {"num_hidden_layers": 61, "hidden_size": 7168, "num_attention_heads": 128, "intermediate_size": 18432}
    says = {"quant_method": "fp8", "weight_block_size": [128, 128]}
    path = written(tmp_path, {"model_type": "deepseek_v3", **shape, **layers, "quantization_config": says})
    sheet = printed(capsys, path, "--sequence", "32768")
    assert sheet["stored"] == "fp8"
    assert sheet["weight_bytes"]["fp8"] == pytest.approx(671e9 + 1.85e9, rel=0.001)
    alone, split = (one for one in sheet["memory"] if one["way"].startswith("serve, fp8 as stored"))
    assert (alone["fits"], split["devices"]) == ([], 8)
    assert "H200-SXM" in split["fits"]
    assert any("fp8, weight_block_size [128, 128]" in line for line in sheet["remarks"])


def test_a_window_is_told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Mistral-7B-v0.1 caches 0.54 GB of 32,768 tokens, and the sheet says why."""
    layers = {"num_hidden_layers": 32, "hidden_size": 4096, "num_attention_heads": 32, "intermediate_size": 14336}
    path = written(tmp_path, {"model_type": "mistral", **layers, "num_key_value_heads": 8, "vocab_size": 32000})
    sheet = printed(capsys, path, "--sequence", "32768")
    assert sheet["memory"][0]["cache_bytes"] == pytest.approx(0.54e9, rel=0.01)
    assert "last 4,096 tokens only" in sheet["remarks"][0]


def test_a_wrapper_is_not_taken_for_a_7b(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """The sizes of a model within the file are not those of the type at its top."""
    path = written(tmp_path, {"model_type": "mistral", "text_config": {"vocab_size": 131072, "hidden_size": 5120}})
    assert "a mistral does not say hidden_size" in refused(capsys, path)


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("size GPT-2 --mfu 1.5", "1.5 is more than 1, the whole peak"),
        ("size GPT-2 --devices 0", "0 is not above 0"),
        ("size GPT-2 --sequence 1.5", "1.5 is no whole number"),
        ("size GPT-2 --batch x", "'x' is not a number"),
        ("size GPT-2 --batch 1e300", "1e300 is no whole number from 1 to"),
        ("estimate GPT-2 --batch x", "'x' is neither a whole number nor max"),
        ("serve transformers here --port 65536", "65536 is no whole number from 1 to 65535"),
        ("serve transformers here --wait nan", "nan is not above 0"),
        ("choose here --months inf", "inf is not above 0, or infinite"),
    ],
)
def test_a_number_that_makes_no_sense_is_refused(command: str, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    """By the reader of the command line, which names the option and says what is wrong with the number."""
    with pytest.raises(SystemExit) as stopped:
        main(command.split())
    assert stopped.value.code == 2
    assert f"argument {command.split()[-2]}: {words}" in capsys.readouterr().err


def test_more_tokens_than_the_config_has_positions_are_told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A model with rotary positions runs beyond them, and was not trained for it."""
    layers = {"num_hidden_layers": 32, "hidden_size": 4096, "num_attention_heads": 32, "intermediate_size": 11008}
    path = written(tmp_path, {"model_type": "llama", **layers, "vocab_size": 32000, "max_position_embeddings": 4096})
    long = printed(capsys, path, "--sequence", "32768")
    assert long["remarks"] == ["32,768 tokens exceed the 4,096 positions that the config names."]
    assert printed(capsys, path, "--sequence", "4096")["remarks"] == []
