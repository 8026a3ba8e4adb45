"""The methods really train, classify and generate."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from profiling import device, isolation, methods, models, repeat
from profiling.errors import DeviceError, PrecisionError
from profiling.methods import Classification, Generation, Timing, Training
from profiling.workload import Effort, Workload

CPU = torch.device("cpu")


@pytest.mark.parametrize("method", ["full", "lora"])
def test_the_loss_falls(classifier: Workload, method: str) -> None:
    """Labels can be learned, and a hundred steps learn something of them."""
    torch.manual_seed(0)
    training = Training(classifier, {"method": method, "batch": 16, "tokens": 16}, "float32", CPU)
    for group in training.optimizer.param_groups:
        group["lr"] = 5e-3  # a tiny model needs larger steps than the one that ships
    training.run(100)
    first, last = (float(torch.stack(losses).mean()) for losses in (training.losses[:10], training.losses[-10:]))
    assert last < 0.8 * first


def test_lora_leaves_the_model_alone(classifier: Workload) -> None:
    """Only adapters and the classifier's head change."""
    training = Training(classifier, {"method": "lora", "batch": 4, "tokens": 16}, "float32", CPU)
    before = {name: weight.clone() for name, weight in training.model.named_parameters()}
    training.run(3)
    changed = {name for name, weight in training.model.named_parameters() if not torch.equal(weight, before[name])}
    assert changed
    assert all("lora_" in name or "modules_to_save" in name for name in changed)


def test_a_checkpoint_can_be_read_back(classifier: Workload, tmp_path: Path) -> None:
    """What is timed is a checkpoint that a restart could use."""
    training = Training(classifier, {"method": "full", "batch": 4, "tokens": 16}, "float32", CPU)
    training.run(2)
    seconds = training.finish(tmp_path)
    saved = type(training.model).from_pretrained(tmp_path)
    ours, theirs = training.model.state_dict(), saved.state_dict()
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)
    assert torch.load(tmp_path / "optimizer.pt")["state"]
    assert min(seconds.values()) > 0


def test_decoding_with_the_cache_gives_the_tokens_of_reading_everything_again(generator: Workload) -> None:
    """Greedy generation step by step equals the model's argmax over the whole text."""
    point = {"batch": 2, "prompt_tokens": 8, "new_tokens": 6}
    generation = Generation(generator, point, "float32", CPU)
    cache, token = generation.prefill()
    tokens = [token]
    for _ in range(5):
        tokens.append(generation.decode(cache, tokens[-1]))
    text = torch.cat([generation.prompt, *tokens], dim=1)
    with torch.inference_mode():
        again = generation.model(text).logits.argmax(-1)
    assert torch.equal(text[:, 8:], again[:, 7:-1])


def test_every_request_is_generated_to_its_full_length(generator: Workload) -> None:
    """Three requests of eight tokens: the first token of each is the prefill's, seven are decoded."""
    timing = Generation(generator, generator.cases[0].point, "float32", CPU).run(3)
    assert len(timing.steps) == 3 * 7
    assert timing.totals["decode_seconds"] == pytest.approx(sum(timing.steps), rel=0.05)


def test_steps_fill_their_window(classifier: Workload) -> None:
    """The steps between two synchronisations add up to the time between them."""
    timing = Classification(classifier, {"batch": 2, "tokens": 16}, "float32", CPU).run(20)
    assert len(timing.steps) == 20
    assert timing.seconds == pytest.approx(sum(timing.steps), rel=0.05)


def test_a_seed_gives_the_same_data(classifier: Workload) -> None:
    """Two repeats learn from the same texts."""
    first, again = (next(models.labelled_batches(classifier.model, 4, 16, seed=5)) for _ in range(2))
    assert torch.equal(first["input_ids"], again["input_ids"])


def test_warm_up_lasts_for_both_count_and_seconds(classifier: Workload) -> None:
    """Whichever is reached later ends it."""
    method = Classification(classifier, {"batch": 2, "tokens": 16}, "float32", CPU)
    by_seconds = repeat.warm_up(method, replace(classifier.effort, warmup_steps=1, warmup_seconds=0.3))
    by_count = repeat.warm_up(method, replace(classifier.effort, warmup_steps=9, warmup_seconds=0.0))
    assert by_seconds["seconds"] >= 0.3
    assert by_seconds["count"] > 1
    assert by_count["count"] == 9


class Steps:
    """Steps whose seconds are known."""

    def __init__(self, *seconds: float) -> None:
        self.seconds = iter(seconds)

    def run(self, steps: int) -> Timing:
        taken = [next(self.seconds) for _ in range(steps)]
        return Timing(sum(taken), taken, {"decode_seconds": sum(taken)})


@pytest.mark.parametrize(("guess", "count"), [(0.25, 8), (5.0, 8), (0.125, 16), (0.0625, 32)])
def test_one_slow_step_before_it_does_not_cut_the_measurement_short(guess: float, count: int) -> None:
    """Steps of 0.25 s, of which at least two and at least 2 s are asked for, whatever the guess."""
    effort = Effort(repeats=3, warmup_steps=1, warmup_seconds=0.0, steps=2, seconds=2.0)
    done, timing = repeat.run_for(Steps(*[0.25] * 40), effort, guess)
    assert (done, len(timing.steps), timing.seconds) == (count, count, count * 0.25)
    assert timing.totals["decode_seconds"] == timing.seconds


def test_a_repeat_reports_memory_that_holds_the_model(classifier: Workload, tmp_path: Path) -> None:
    """On a CPU the resident set is what is known; what only a driver knows is null, not zero."""
    found = repeat.measure(classifier, classifier.cases[0], 0, tmp_path)
    assert found["memory"]["resident_peak_bytes"] > 1e8  # torch alone takes more
    assert found["memory"]["driver_used_bytes"] is None
    assert found["energy"] is None


def test_float16_is_refused_on_a_cpu() -> None:
    """It would measure an emulation."""
    with pytest.raises(PrecisionError, match="float32 or bfloat16"):
        device.precision("float16", CPU)


def test_a_device_that_is_not_there_is_refused() -> None:
    """The sentence names the command that lists devices."""
    with pytest.raises(DeviceError, match="`devices` lists"):
        device.choose("cuda:99")


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 80 GiB"), "out_of_memory"),
        (MemoryError("no more"), "out_of_memory"),
        (RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory"), "out_of_memory"),
        (RuntimeError("shapes do not fit"), "failed"),
        (PrecisionError("ask for float32"), "failed"),
    ],
)
def test_an_error_becomes_a_status(
    classifier: Workload, error: Exception, status: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Running out of memory is a result of its own, whoever reports it."""

    def fail(*_: Any) -> None:
        raise error

    monkeypatch.setitem(methods.METHODS, "train", fail)
    request = {"workload": classifier.to_json(), "case": vars(classifier.cases[0]), "repeat": 0, "scratch": "."}
    answer = isolation.perform(request)
    assert answer["status"] == status
    assert str(error) in answer["why"]
