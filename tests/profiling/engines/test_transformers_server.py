"""transformers' own server with a small saved model of random weights: `serve`, run as a user runs it."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest

NEEDED = ("fastapi", "openai")
POINT = {"concurrency": 2, "prompt_tokens": 16, "new_tokens": 6, "requests": 10}
EFFORT = {"repeats": 3, "warmup_steps": 1, "warmup_seconds": 0.1, "steps": 8, "seconds": 0.1}


def small_llama(folder: Path) -> None:
    """Save a Llama whose tokens are the letters of ASCII: with all bytes, random answers would not be text."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    letters = [letter for letter in pre_tokenizers.ByteLevel.alphabet() if letter.isascii() or letter == "Ġ"]
    numbers = {letter: number for number, letter in enumerate([*sorted(letters), "<|end|>"])}
    tokenizer = Tokenizer(models.BPE(numbers, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<|end|>").save_pretrained(folder)
    shape = {"num_hidden_layers": 2, "hidden_size": 32, "intermediate_size": 64, "num_attention_heads": 2}
    # No end of an answer, which this server does not let a client forbid.
    config = LlamaConfig(vocab_size=len(numbers), **shape, bos_token_id=None, eos_token_id=None)
    LlamaForCausalLM(config).save_pretrained(folder)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, dict[str, Any]]:
    """The model's folder, what `serve` told while it ran, and its record; on CI the server has to be installed."""
    if any(importlib.util.find_spec(name) is None for name in NEEDED):
        assert "CI" not in os.environ, "requirements-tests.txt names them"
        pytest.skip("pip install 'transformers[serving]'")
    folder = tmp_path_factory.mktemp("served")
    model, workload = folder / "small", folder / "mine.json"
    small_llama(model)
    workload.write_text(json.dumps({"name": "mine", "cases": [{"kind": "load", "point": POINT}], "effort": EFFORT}))
    command = [sys.executable, "-m", "profiling", "serve", "transformers", str(model), "--workload", str(workload)]
    done = subprocess.run(
        [*command, "--flags=--device cpu", "--json", "--out", str(folder / "runs")],
        env={**os.environ, "HF_HUB_OFFLINE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return model, done.stderr, json.loads(done.stdout)


def test_transformers_server_is_started_loaded_and_stopped(served: tuple[Path, str, dict[str, Any]]) -> None:
    """It streams, counts its tokens, gives as many as are asked for, and is gone at the end."""
    model, _, record = served
    (case,) = record["cases"]
    assert case["point"] == POINT
    assert case["failures"] == [{}] * 3
    assert case["output_tokens_counted"] == [6.0] * 3
    assert case["prompt_tokens_counted"] == [pytest.approx(16, rel=0.5)] * 3
    assert [len(times) for times in case["samples"]["ttft_seconds"]] == [10] * 3
    # Nothing is said of speed: on a busy computer there may be no steady state.
    assert case["status"] in ("ok", "no_steady_state", "too_noisy"), case["why"]
    assert not [one for one in psutil.process_iter(["cmdline"]) if str(model) in (one.info["cmdline"] or ())]


def test_the_record_names_engine_version_and_flags(served: tuple[Path, str, dict[str, Any]]) -> None:
    """But for the folders, which the terminal told when it started; what the server refuses is told."""
    from transformers import __version__

    model, told, record = served
    engine = record["workload"]["engine"]
    assert engine.startswith(f"transformers' server {__version__}: ")
    assert engine.endswith(" --device cpu")
    assert f" serve {model.name} --host 127.0.0.1" in engine
    assert f"serve {model} --host 127.0.0.1" in told
    assert str(model.parent) not in json.dumps(record)
    assert (
        "The server refused a request with min_tokens, ignore_eos; it was asked without." in record["cases"][0]["notes"]
    )
