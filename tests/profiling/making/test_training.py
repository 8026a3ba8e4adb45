"""Training really trains, keeps what a restart needs, and tells its course."""

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import families
import pytest
import torch

from profiling.data import batches
from profiling.making import checkpoint, training
from profiling.making.training import Training
from profiling.measure import metrics
from profiling.runs import live
from profiling.serving.answering import Classification
from profiling.workload.kinds.work import Ceiling
from profiling.workload.workload import Case, Workload

CPU = torch.device("cpu")
POINT = {"batch": 4, "tokens": 16}
SEEN = {"arithmetic": "float32", "weight_bytes": 4, "activations": "float32"}


def plan(method: str, **point: Any) -> Case:
    return Case("train", {"method": method, **POINT, **point})


@pytest.fixture
def trained(classifier: Workload) -> Training:
    """A training in full that took one step."""
    made = Training(classifier, plan("full"), "float32", CPU)
    made.run(1)
    return made


def test_a_small_checkpoint_is_written_whole(trained: Training, tmp_path: Path) -> None:
    """It holds every weight, and both moments of each."""
    trained.finish(tmp_path)
    written = torch.cat(torch.load(tmp_path / "checkpoint-0.pt"))
    for weight in trained.made.trained:
        assert torch.isin(weight.detach().flatten(), written).all()
        state = trained.trainer.optimizer.state[weight]
        assert torch.isin(state["exp_avg_sq"].flatten(), written).all()


def one_second(_device: torch.device) -> Any:
    """A window that lasts a second, whatever is done in it."""
    return nullcontext(SimpleNamespace(seconds=1.0))


@pytest.mark.parametrize("method", ["full", "lora"])
def test_a_large_checkpoint_is_timed_by_a_shard(
    classifier: Workload, method: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hundredth of the bytes takes a hundredth of the time; of a model with adapters, they alone are kept."""
    made = Training(classifier, plan(method), "float32", CPU)
    made.run(1)
    weights = made.made.trained
    # A weight has two moments, and a matrix of them one count of steps.
    numbers = 3 * sum(one.numel() for one in weights) + len(weights)
    monkeypatch.setattr(checkpoint, "SHARD_BYTES", 4 * (numbers // 100))
    monkeypatch.setattr(checkpoint, "Window", one_second)
    found = checkpoint.seconds(made.made.kept, made.trainer.optimizer, CPU, tmp_path)
    assert sum(one.numel() for one in torch.load(tmp_path / "checkpoint-0.pt")) == numbers // 100
    assert found == pytest.approx(100, rel=0.01)


def test_what_lies_beyond_the_steps_is_timed(trained: Training, tmp_path: Path) -> None:
    """Set-up, evaluation and checkpoint each take some time."""
    assert min(seconds for name, seconds in trained.finish(tmp_path).items() if name.endswith("_seconds")) > 0


@pytest.mark.parametrize(
    ("family", "case", "tolerance"),
    [
        (None, plan("full"), 0),
        (None, plan("head"), 0),
        (None, plan("distil"), 0),  # a teacher's answers too
        # Twenty tokens more go through every layer, at 32 more than half as many again.
        ("bert", plan("prompt_tuning", tokens=32), 0.02),
        # A student that classifies has no vocabulary to write: it is counted under the teacher's task.
        ("llama-classifier", plan("distil"), 0.01),
    ],
)
def test_torch_counts_the_operations_of_the_formula(
    classifier: Workload, family: str | None, case: Case, tolerance: float, tmp_path: Path
) -> None:
    """Forward and backward of a batch of four, fused attention included."""
    here = families.workload(family, batch=4) if family else classifier
    trained = Training(here, case, "float32", CPU)
    trained.run(1)
    setting = metrics.setting(here, case, Ceiling({}, 1.0), SEEN)
    counted = trained.finish(tmp_path)["framework_flops_per_step"]
    assert metrics.work(case, setting)["step"].flops == pytest.approx(counted, rel=tolerance, abs=0)


def test_four_bit_weights_are_read_as_a_byte() -> None:
    """Twice half a byte for each weight of a layer, where adapters lie over every one; the rest is in float32."""
    here = families.workload("llama")
    case = plan("qlora")
    setting = metrics.setting(here, case, Ceiling({}, 1.0), SEEN)
    d, f, vocab, layers = 32, 64, 600, 2
    pairs = [(d, d), (d, d // 2), (d, d // 2), (d, d), (d, f), (d, f), (f, d)]
    packed = layers * sum(inputs * outputs for inputs, outputs in pairs)
    learned = layers * sum(8 * (inputs + outputs) for inputs, outputs in pairs)
    rest = 2 * vocab * d + (2 * layers + 1) * d  # two tables and norms
    assert metrics.work(case, setting)["step"].bytes == packed + 8 * rest + 40 * learned


def test_counting_leaves_the_weights_alone(trained: Training, tmp_path: Path) -> None:
    """The step that is counted is not taken, and leaves no gradient."""
    before = {name: weight.clone() for name, weight in trained.made.model.named_parameters()}
    trained.finish(tmp_path)
    assert all(torch.equal(weight, before[name]) for name, weight in trained.made.model.named_parameters())
    assert all(weight.grad is None for weight in trained.made.trained)


@pytest.mark.parametrize("family", ["vit", "whisper", "bert"])
def test_timed_steps_draw_no_random_data(family: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures and sounds that are made up are drawn before the window; the batches still differ from each other."""
    here = families.workload(family, batch=2)
    trained = Training(here, here.cases[0], "float32", CPU)
    classes = [] if family == "whisper" else [Classification(here, Case("classify", {**POINT}), "float32", CPU)]

    def drawn(*_args: Any, **_options: Any) -> Any:
        raise AssertionError("drew inside of the window")

    monkeypatch.setattr(torch, "randint", drawn)
    for method in (trained, *classes):
        method.run(batches.POOL_BATCHES + 1)
    pool = [next(trained.trainer.stream)["labels"].data_ptr() for _ in range(2 * batches.POOL_BATCHES)]
    assert len(set(pool)) == batches.POOL_BATCHES


def test_a_long_step_is_not_counted_again(trained: Training, tmp_path: Path, monkeypatch: Any) -> None:
    """The count is unknown then, not zero."""
    monkeypatch.setattr(training, "LONGEST_COUNTED_STEP_SECONDS", 0.0)
    assert trained.finish(tmp_path)["framework_flops_per_step"] is None


def test_bfloat16_computes_under_autocast(classifier: Workload) -> None:
    """Weights stay in float32, and the logits are bfloat16."""
    trained = Training(classifier, plan("full"), "bfloat16", CPU)
    with trained.trainer.autocast():
        logits = trained.trainer.model(**trained.trainer.batch()).logits
    assert logits.dtype is torch.bfloat16
    assert {weight.dtype for weight in trained.made.trained} == {torch.float32}


def test_the_course_is_told_twice_a_second_at_most(classifier: Workload, monkeypatch: Any) -> None:
    """Whoever listens hears of the step, its loss and the rate, once the time has come, and not at every step."""
    heard: list[Mapping[str, Any]] = []
    trained = Training(classifier, plan("full"), "float32", CPU, heard.append)
    monkeypatch.setattr(live, "EVERY_SECONDS", 3600.0)
    trained.run(3)
    assert heard == []
    monkeypatch.setattr(live, "EVERY_SECONDS", 0.0)
    trained.run(1)
    assert heard[0]["step"] == 4
    assert heard[0]["loss"] == float(trained.trainer.losses[-1])
    assert heard[0]["tokens_per_second"] == 64 * heard[0]["steps_per_second"]


def test_a_seed_gives_the_same_losses(classifier: Workload) -> None:
    """The same weights, the same batches, the same dropout."""
    runs = []
    for _ in range(2):
        torch.manual_seed(5)
        trained = Training(replace(classifier), plan("full"), "float32", CPU)
        trained.run(3)
        runs.append(torch.stack(trained.trainer.losses))
    assert torch.equal(*runs)
