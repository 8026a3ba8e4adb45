"""llama.cpp's own server, in xllamacpp, with a small model of random weights: run as a user runs it."""

import importlib.util
import json
import os
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import psutil
import pytest

from profiling.__main__ import main
from profiling.engines.xllamacpp_server import set_fields
from profiling.results.record import Record

WIDTH, HEADS, INNER, LAYERS = 64, 4, 128, 2


def params() -> SimpleNamespace:
    """Return fields of the kinds that xllamacpp's have."""
    return SimpleNamespace(n_ctx=0, warmup=True, api_keys=[], chat_template="", cpuparams=SimpleNamespace(n_threads=-1))


def test_flags_set_fields_of_their_own_type() -> None:
    """Both ways to write a flag, and a field of a field."""
    made = params()
    set_fields(made, ["--n_ctx", "4096", "--warmup=false", "--chat-template", "a=b", "--cpuparams.n_threads", "-1"])
    assert (made.n_ctx, made.warmup, made.chat_template, made.cpuparams.n_threads) == (4096, False, "a=b", -1)


@pytest.mark.parametrize(
    ("flags", "why"),
    [
        (["--n_ctx"], "has no value"),
        (["--n_ctx", "many"], "cannot be 'many'"),
        (["--warmup", "1"], "cannot be '1'"),
        (["--nothing", "1"], "is no number, word or choice"),
        (["--cpuparams", "1"], "is no number, word or choice"),
        (["--api_keys", "k"], "is no number, word or choice"),
        (["--n_ctx.__class__", "1"], "is no number, word or choice"),
        (["n_ctx", "1"], "is no number, word or choice"),
    ],
)
def test_other_flags_are_refused(flags: list[str], why: str) -> None:
    """The server would otherwise run without them."""
    with pytest.raises(SystemExit, match=why):
        set_fields(params(), flags)


def small_llama(path: Path) -> None:
    """Write a Llama whose tokens are the letters of ASCII."""
    import gguf

    writer = gguf.GGUFWriter(path, "llama")
    writer.add_context_length(2048)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    # GPT-2's vocabulary shows what cannot be printed, and the space, as letters from 256 on.
    printable = range(ord("!"), ord("~") + 1)
    others = [code for code in range(128) if code not in printable]
    letters = [chr(code if code in printable else 256 + others.index(code)) for code in range(128)]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list([*letters, "<|end|>"])
    writer.add_token_types([gguf.TokenType.NORMAL] * len(letters) + [gguf.TokenType.CONTROL])
    writer.add_token_merges(["t h"])  # to a word that is no token, since the server wants at least one merge
    writer.add_eos_token_id(len(letters))
    draw = np.random.default_rng(1)
    shapes: dict[str, tuple[int, ...]] = {name: (len(letters) + 1, WIDTH) for name in ("token_embd", "output")}
    shapes["output_norm"] = (WIDTH,)
    for layer in range(LAYERS):
        attention = {f"attn_{name}": (WIDTH, WIDTH) for name in ("q", "k", "v", "output")}
        inner = {"ffn_gate": (INNER, WIDTH), "ffn_up": (INNER, WIDTH), "ffn_down": (WIDTH, INNER)}
        norms = {"attn_norm": (WIDTH,), "ffn_norm": (WIDTH,)}
        shapes |= {f"blk.{layer}.{name}": shape for name, shape in {**attention, **inner, **norms}.items()}
    for name, shape in shapes.items():
        weights = draw.standard_normal(shape) * 0.1 if len(shape) == 2 else np.ones(shape)
        writer.add_tensor(f"{name}.weight", weights.astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def test_llama_cpp_serves_and_is_loaded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It counts its tokens, streams each, keeps to the length, and is gone at the end; the record says how it ran."""
    missing = [name for name in ("xllamacpp", "gguf") if importlib.util.find_spec(name) is None]
    if missing:
        assert "CI" not in os.environ, "CI has xllamacpp and gguf"
        pytest.skip(f"pip install {' '.join(missing)}")
    model, workload = tmp_path / "small.gguf", tmp_path / "mine.json"
    small_llama(model)
    point = {"concurrency": 2, "prompt_tokens": 64, "new_tokens": 12, "requests": 30}
    effort = {"repeats": 3, "warmup_steps": 4, "warmup_seconds": 0.2, "steps": 8, "seconds": 0.1}
    workload.write_text(json.dumps({"name": "small", "cases": [{"kind": "load", "point": point}], "effort": effort}))
    flags = "--n_ctx 2048 --n_parallel 2 --cpuparams.n_threads 1"
    asked = ["serve", "xllamacpp", str(model), "--workload", str(workload), "--flags", flags, "--out", str(tmp_path)]
    main([*asked, "--json"])
    measured = Record.from_json(json.loads(capsys.readouterr().out))
    (case,) = measured.cases
    assert case.status in ("ok", "no_steady_state"), case.why
    assert case.extra["failures"] == [{}, {}, {}]
    # 12 tokens each by the server's own count, in as many pieces; words of ASCII letters make the prompt's tokens.
    assert case.extra["output_tokens_counted"] == [12, 12, 12]
    assert case.extra["itl_between"] == ["tokens"]
    assert all(48 <= tokens <= 80 for tokens in case.extra["prompt_tokens_counted"])
    engine = measured.model["engine"]
    assert engine.startswith("llama.cpp's server in xllamacpp 20")
    assert flags in engine
    assert not [one for one in psutil.process_iter(["cmdline"]) if str(model) in (one.info["cmdline"] or ())]
