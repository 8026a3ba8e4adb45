"""llama.cpp's own server, in xllamacpp, with a small model of random weights: run as a user runs it."""

import importlib.util
import os
import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import psutil
import pytest

from profiling.engines import ENGINES
from profiling.engines.running import free_port, running
from profiling.engines.xllamacpp_server import set_fields
from profiling.errors import LoadError
from profiling.load.measure import measure
from profiling.workload.workload import Effort

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
        (["--n_ctx"], "--n_ctx has no value"),
        (["--warmup", "--n_ctx", "4096"], "--warmup has no value"),
        (["--warmup", "--n_ctx=4096", "--n_ctx"], "--warmup has no value"),
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


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A model's file, where the server and what writes the file are installed; on CI they have to be."""
    if missing := [name for name in ("xllamacpp", "gguf") if importlib.util.find_spec(name) is None]:
        assert "CI" not in os.environ, "requirements-tests.txt names them"
        pytest.skip(f"pip install {' '.join(missing)}")
    small_llama(tmp_path / "small.gguf")
    return tmp_path / "small.gguf"


def test_llama_cpp_is_started_loaded_and_stopped(model: Path) -> None:
    """It streams, counts its tokens, keeps to the length that is asked for, and is gone at the end."""
    engine, port = ENGINES["xllamacpp"], free_port()
    program = engine.found()
    assert re.fullmatch(r"20\d\d(\.\d+)+", engine.version(program))
    command = engine.command(str(model), port, ["--n_ctx", "2048", "--n_parallel", "2"], program)
    point = {"concurrency": 2, "prompt_tokens": 64, "new_tokens": 12, "requests": 30}
    effort = Effort(repeats=1, warmup_steps=4, warmup_seconds=0.1, steps=8, seconds=0.1)
    with running(command, port, model.with_suffix(".log"), 60):
        found = measure(f"http://127.0.0.1:{port}/v1", "small", point, effort, 1)
    assert found["failures"] == {}
    assert found["output_tokens"] == [12] * 30
    assert found["path"] == "/completions"
    # Words are turned into letters by the share that the first prompt had.
    assert found["prompt_tokens"] == pytest.approx(64, rel=0.25)
    assert not any("refused" in note or "prefix cache" in note for note in found["notes"])
    assert not [one for one in psutil.process_iter(["cmdline"]) if str(model) in (one.info["cmdline"] or ())]


def test_a_model_that_llama_cpp_cannot_read_is_an_error(model: Path) -> None:
    """The server's last words are told."""
    model.write_bytes(b"GGUF")
    engine, port = ENGINES["xllamacpp"], free_port()
    command = engine.command(str(model), port, (), engine.found())
    with (
        pytest.raises(LoadError, match=r'ended with code 1 before it was healthy: "RuntimeError'),
        running(command, port, model.with_suffix(".log"), 60),
    ):
        pass
