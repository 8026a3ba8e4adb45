"""Every family answers, by every way of serving that the device has, and what is counted is what is there."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from answering_cases import CLASSIFIERS, GENERATORS, build, serve

from profiling import architecture
from profiling.data import batches
from profiling.errors import DeviceError, PrecisionError, UnsupportedError
from profiling.hardware import device
from profiling.measure import metrics, summary
from profiling.models import models
from profiling.serving import answering, compiling
from profiling.serving.answering import Classification, Generation
from profiling.worker import repeat
from profiling.workload.kinds.work import Ceiling

CPU = torch.device("cpu")


def answer(name: str, **fields: Any) -> torch.Tensor:
    """One answer, the same for the same weights and inputs."""
    method = build(serve(name, **fields))
    return method.answer() if name in GENERATORS else method.answer(next(method.batches))


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_every_classifier_answers_each_of_its_batch(name: str) -> None:
    """Two inputs have two answers: classes, numbers, or items."""
    assert len(answer(name)) == 2


def test_inputs_are_rounded_once_and_not_in_each_step() -> None:
    """The pool has the model's precision already; a host rounds slower than a GPU reads."""
    method = build(serve("vit"), "bfloat16")
    (pixels,) = next(method.batches).values()
    assert pixels.dtype == torch.bfloat16
    assert method.placed({"pixel_values": pixels})["pixel_values"] is pixels


def test_a_recommender_ranks_the_items_that_come_next() -> None:
    """The first item is the likeliest after the whole history, and none stands twice."""
    method = build(serve("recommender"))
    batch = next(method.batches)
    ranked = method.answer(batch)
    with torch.inference_mode():
        scores = method.model(**batches.inputs(batch)).logits[:, -1]
    assert torch.equal(ranked[:, 0], scores.argmax(-1))
    assert all(len(set(row)) == answering.BEST_ITEMS for row in ranked.tolist())


@pytest.mark.parametrize("name", [name for name in GENERATORS if name != "whisper"])
def test_decoding_with_the_cache_gives_the_tokens_of_reading_everything_again(name: str) -> None:
    """Greedy generation step by step equals the model's argmax over the whole text."""
    generation = build(serve(name))
    text = torch.cat([generation.prompt, generation.answer()], dim=1)
    with torch.inference_mode():
        again = generation.model(text).logits.argmax(-1)
    assert torch.equal(text[:, 8:], again[:, 7:-1])


def test_speech_is_written_down_as_by_reading_everything_again() -> None:
    """Whisper's tokens, one by one from the cache, equal its argmax over the whole answer."""
    method = build(serve("whisper"))
    written = method.answer()
    with torch.inference_mode():
        again = method.model(**method.questions()[0]).logits.argmax(-1)
    assert torch.equal(written, again)


@pytest.mark.parametrize(
    "config",
    [
        {"model_type": "mistral", "sliding_window": 4},
        {"model_type": "lfm2", "layer_types": ["conv", "full_attention"], "block_ff_dim": 64},
        {"model_type": "mamba", "state_size": 4},
    ],
    ids=lambda config: config["model_type"],
)
def test_windows_and_states_are_kept_as_the_config_says(config: dict[str, Any]) -> None:
    """Transformers' own loop writes the same tokens, and the bytes of two sequences of 13 tokens are the formula's."""
    small = serve("llama")
    shape = {**small.model["config"], **config}
    generation = build(replace(small, model={"config": shape}))
    written = generation.answer()
    theirs = generation.model.generate(
        generation.prompt, attention_mask=torch.ones_like(generation.prompt), max_new_tokens=6, eos_token_id=None
    )
    assert torch.equal(theirs[:, 8:], written)
    assert generation.held_bytes()["cache"] == 2 * 4 * architecture.of(shape).cached_numbers(13)


@pytest.mark.parametrize("name", ["gpt2", "llama", "whisper"])
def test_a_static_cache_changes_no_token(name: str) -> None:
    """Nor does using its room again for the next request."""
    method = build(serve(name, cache="static"))
    first, second = method.answer(), method.answer()
    assert torch.equal(first, second)
    assert torch.equal(first, answer(name))


def test_compiled_decoding_needs_a_cache_that_keeps_its_shape() -> None:
    """A growing cache would be compiled anew at each token."""
    with pytest.raises(UnsupportedError, match="set cache to static"):
        build(serve("llama", compile="yes"))


def test_without_a_compiler_the_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """torch.compile writes C++."""
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("CXX", raising=False)
    with pytest.raises(UnsupportedError, match="is not found; install one"):
        compiling.check(CPU)


def test_a_compiled_model_answers_as_before() -> None:
    """And the first call took the compiler's time."""
    plain, compiled = (build(serve("linear", compile=word)) for word in ("no", "yes"))
    batch = next(plain.batches)
    with torch.inference_mode():
        assert torch.allclose(plain.answer(batch), compiled.answer(batch), atol=1e-5)


def test_every_request_is_generated_to_its_full_length() -> None:
    """Three requests of six tokens: the first token of each is the prefill's, five are decoded."""
    timing = build(serve("llama")).run(3)
    assert len(timing.steps) == 3 * 5
    assert timing.totals["decode_seconds"] == pytest.approx(sum(timing.steps), rel=0.05)


def test_steps_fill_their_window() -> None:
    """The steps between two synchronisations add up to the time between them."""
    timing = build(serve("bert")).run(20)
    assert len(timing.steps) == 20
    assert timing.seconds == pytest.approx(sum(timing.steps), rel=0.05)


def test_a_run_tells_how_far_it_is() -> None:
    """Steps and tokens a second, each time that half a second has gone by."""
    told: list[Any] = []
    workload = serve("bert")
    method = Classification(workload, workload.cases[0], "float32", CPU, told.append)
    method.pace._told = (-1.0, 0)
    method.run(3)
    assert told[0]["step"] == 1
    assert told[0]["tokens_per_second"] == pytest.approx(told[0]["steps_per_second"] * 32)


@pytest.mark.parametrize("name", [*CLASSIFIERS, *(name for name in GENERATORS if name not in ("whisper", "mixtral"))])
def test_operations_equal_the_formula(name: str, tmp_path: Path) -> None:
    """torch's count of one batch, or one prefill, is what utilisation is reckoned with, within a hundredth."""
    workload = serve(name)
    plan = workload.cases[0]
    method = build(workload)
    method.run(1)
    counted = method.finish(tmp_path)["framework_flops_per_step"]
    seen = {"arithmetic": "float32", "weight_bytes": 4.0}
    setting = metrics.setting(workload, plan, Ceiling({"float32": 1.0}, 1.0), seen)
    phases = metrics.work(plan, setting)
    assert counted == pytest.approx(phases["prefill" if plan.kind == "generate" else "step"].flops, rel=0.01)


def test_bytes_equal_the_formula(tmp_path: Path) -> None:
    """In bfloat16 a weight has two bytes, and the cache of two sequences of 13 tokens what the architecture says."""
    workload = serve("llama")
    method, sizes = build(workload, "bfloat16"), architecture.of(workload.model["config"])
    method.run(1)
    held = method.held_bytes()
    assert held["weights"] == pytest.approx(2 * sizes.matmul_parameters, rel=0.01)  # norms are read, not multiplied
    assert held["cache"] == 2 * 13 * sizes.kv_bytes_per_token(2)
    assert method.finish(tmp_path)["weight_bytes"] == 2


def test_littles_law_holds_for_a_closed_loop(tmp_path: Path) -> None:
    """With one batch always in work: tokens/s = batch x OSL / (TTFT + (OSL - 1) x TPOT)."""
    workload = serve("llama")
    plan = workload.cases[0]
    runs = [{**repeat.measure(workload, plan, number, tmp_path), "steady": True} for number in range(2)]
    setting = metrics.setting(workload, plan, Ceiling({"float32": 1e9}, 1e9), runs[0])
    found = {name: estimate.value for name, estimate in summary.case(plan, setting, runs).metrics.items()}
    time = found["ttft_seconds"] + 5 * found["tpot_seconds"]
    assert found["tokens_per_second"] == pytest.approx(2 * 6 / time, rel=1e-9)


def test_a_seed_gives_the_same_model_and_data() -> None:
    """Two repeats of one seed answer alike."""
    assert torch.equal(answer("bert"), answer("bert"))


def test_float16_is_refused_on_a_cpu() -> None:
    """It would measure an emulation."""
    with pytest.raises(PrecisionError, match="float32 or bfloat16"):
        device.precision("float16", CPU)


def test_a_device_that_is_not_there_is_refused() -> None:
    """The sentence names the command that lists devices."""
    with pytest.raises(DeviceError, match="`devices` lists"):
        device.choose("cuda:99")


def test_generation_is_chosen_by_the_task() -> None:
    """Text is generated from tokens, speech from sound."""
    assert type(build(serve("llama"))) is Generation
    assert isinstance(build(serve("whisper")), answering.Transcription)


def test_models_are_built_for_answering() -> None:
    """Dropout and the like are off."""
    assert not build(serve("bert")).model.training
    assert models.build(serve("bert"), CPU).training


def test_graphs_are_captured_on_cuda_alone() -> None:
    """A processor launches nothing that could be captured; the sentence says what to set."""
    with pytest.raises(UnsupportedError, match="cpu has no CUDA graphs; set compile to yes or no"):
        build(serve("linear", compile="graphs"))
