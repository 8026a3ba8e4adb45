"""Two processes train as one: the same weights everywhere, and the same as one process with all of the data."""

import multiprocessing
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest
import torch
from torch import distributed
from torch.distributed.tensor import DTensor
from transformers import SwinConfig, SwinForImageClassification

from profiling.errors import ProfilingError, UnsupportedError
from profiling.making import parallel
from profiling.making.methods import Made
from profiling.making.training import Trainer
from profiling.methods import Settings
from profiling.models import models
from profiling.worker import ranks, repeat
from profiling.workload.kinds.train import TRAIN
from profiling.workload.kinds.work import Ceiling, Setting
from profiling.workload.workload import Case, Workload

CPU = torch.device("cpu")


def agrees(rank: int, store: str, workload: Workload) -> None:
    """Compare, as one of two processes, three steps with half of the rows each with three steps of all rows alone."""
    distributed.init_process_group("gloo", store=distributed.FileStore(store, 2), rank=rank, world_size=2)

    def train(how: str, rows: slice, accumulation: int = 1) -> list[torch.Tensor]:
        torch.manual_seed(3)
        model = models.build(workload, CPU)
        draw = torch.Generator().manual_seed(4)
        ids = [torch.randint(1, 100, (8, 16), generator=draw) for _ in range(3)]
        parts = [part for each in ids for part in each[rows].chunk(accumulation)]
        stream = ({"input_ids": part, "labels": part[:, 0] % 2} for part in parts)
        made = Made(model, model, Settings(0.1, betas=None))
        trainer = Trainer(made, stream, torch.float32, CPU, how=how, accumulation=accumulation)
        for _ in range(3):
            trainer.step()
        weights = [weight.detach() for weight in model.parameters()]
        return [weight.full_tensor() if isinstance(weight, DTensor) else weight for weight in weights]

    alone = train("none", slice(None))
    for how, accumulation in (("ddp", 1), ("fsdp", 1), ("ddp", 2), ("fsdp", 2)):
        both = train(how, slice(4 * rank, 4 * rank + 4), accumulation)
        worst = max(float((one - two).abs().max()) for one, two in zip(alone, both, strict=True))
        assert worst < 1e-5, (how, accumulation, worst)
    distributed.barrier()  # neither process leaves while the other still exchanges
    distributed.destroy_process_group()
    os._exit(0)  # the weights are compared; taking down torch's threads at exit aborts now and then


def spread(classifier: Workload, how: str, method: str = "full", **fields: Any) -> tuple[Workload, Case]:
    """A training case over two processes."""
    plan = Case("train", {"method": method, "batch": 4, "tokens": 16})
    return replace(classifier, cases=(plan,), parallel=how, processes=2, **fields), plan


def test_two_processes_learn_what_one_learns_from_all_rows(classifier: Workload, tmp_path: Path) -> None:
    """Averaged gradients of two halves are the gradient of the whole; without dropout the weights agree."""
    still = {**classifier.model["config"], "hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
    workload = replace(classifier, model={"config": still})
    context = multiprocessing.get_context("forkserver" if sys.platform == "linux" else "spawn")
    context.set_forkserver_preload(["profiling.worker.preload"])  # one import of torch for both
    ranks = [context.Process(target=agrees, args=(rank, str(tmp_path / "store"), workload)) for rank in (0, 1)]
    for process in ranks:
        process.start()
    for process in ranks:
        process.join(timeout=300)
    assert [process.exitcode for process in ranks] == [0, 0]


@pytest.mark.parametrize("how", [pytest.param("ddp", marks=pytest.mark.soak), "fsdp"])
def test_two_processes_are_measured_as_one_training(classifier: Workload, how: str, tmp_path: Path) -> None:
    """The first process tells times and counts for both, its part of a checkpoint was written, and none is left.

    Its trace lies beside the scratch folder, which does not last. Trained weights are stored in float32, although
    FSDP gathers them in the arithmetic's precision.
    """
    workload, plan = spread(classifier, how, trace="yes", precision="bfloat16")
    scratch = tmp_path / "scratch"
    found = repeat.measure(workload, plan, 0, scratch)
    assert (tmp_path / "traces" / found["trace_file"]).is_file()
    assert (found["processes"], found["devices"]) == (2, 1)
    parameters = models.parameters(workload)
    assert found["trainable_parameters"] == parameters
    assert found["stored"] == {"trained": ["float32"], "frozen": []}
    written = [sum(one.numel() for one in torch.load(path)) for path in (scratch / "ranks").glob("checkpoint-*.pt")]
    # Weights and two moments, by one process or by both, which leave the count of each weight's steps whole.
    assert sum(written) == pytest.approx(3 * parameters, rel=0.01)
    assert len(written) == (1 if how == "ddp" else 2)
    assert [child for child in psutil.Process().children() if "torch.distributed.run" in child.cmdline()] == []


def test_examples_of_all_processes_count() -> None:
    """Two processes with a batch of four each, ten steps in two seconds: 40 examples a second."""
    run = {"count": 10, "seconds": 2.0, "processes": 2, "devices": 1, "warmup_count": 1, "warmup_seconds": 0.2}
    later = {"evaluation_batch_seconds": 0.0, "setup_seconds": 0.0, "checkpoint_seconds": 0.0}
    setting = Setting(None, "text", {"batch": 4, "tokens": 16}, "float32", 4.0, Ceiling({}, 1.0), "", 10_000, 1_000)
    found = TRAIN.quotients(setting, {}, run | later)  # type: ignore[misc]
    rates = {name: found[name].above / found[name].below for name in found}
    assert rates["training_examples_per_second"] == 40
    assert rates["training_tokens_per_second"] == 640


def test_more_processes_than_there_are_devices_are_refused(classifier: Workload, monkeypatch: Any) -> None:
    """The sentence says how many there are."""
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    with pytest.raises(UnsupportedError, match="this computer has 1; ask for 1 at most"):
        ranks.check(*spread(classifier, "ddp", device="cpu"))


@pytest.mark.parametrize("method", ["adalora", "qlora"])
def test_what_needs_whole_matrices_is_not_sharded(classifier: Workload, method: str) -> None:
    """FSDP leaves each process a part of every matrix."""
    with pytest.raises(UnsupportedError, match="set parallel to ddp"):
        ranks.check(*spread(classifier, "fsdp", method, device="cpu"))


def test_only_training_is_spread(classifier: Workload) -> None:
    """Classifying over several devices is several runs."""
    with pytest.raises(UnsupportedError, match="training alone"):
        ranks.check(replace(classifier, parallel="ddp"), classifier.cases[1])


@pytest.mark.soak
def test_a_process_that_fails_says_why(classifier: Workload, tmp_path: Path) -> None:
    """Its own sentence arrives, not torchrun's summary of it."""
    workload, plan = spread(classifier, "ddp", "prompt_tuning")
    too_long = replace(plan, point={**plan.point, "tokens": 64})
    with pytest.raises(UnsupportedError, match=r"process \d of 2: .*shorten the case to 44"):
        repeat.measure(replace(workload, cases=(too_long,)), too_long, 0, tmp_path)


@pytest.mark.parametrize(
    ("status", "kind"),
    [("out_of_memory", torch.OutOfMemoryError), ("unsupported", UnsupportedError), ("failed", ProfilingError)],
)
def test_a_failure_is_raised_as_what_it_was(status: str, kind: type[Exception]) -> None:
    """Running out of memory in any process is a result of the case."""
    with pytest.raises(kind, match="no more"):
        ranks._raise({"status": status, "why": "no more", "rank": 2, "size": 2})


def test_layers_within_layers_are_shared_out_too() -> None:
    """A Swin's stages are lists of layers in a list; those within come first, as FSDP wants."""
    shape = {"image_size": 16, "patch_size": 2, "embed_dim": 8, "depths": [1, 1], "num_heads": [1, 2], "window_size": 2}
    distributed.init_process_group("gloo", store=distributed.HashStore(), rank=0, world_size=1)
    try:
        model = parallel.spread(
            SwinForImageClassification(SwinConfig(**shape)), "fsdp", torch.device("cpu"), torch.float32
        )
        model(pixel_values=torch.ones(1, 3, 16, 16), labels=torch.tensor([0])).loss.backward()
        assert all(isinstance(weight.grad, DTensor) for weight in model.parameters())
    finally:
        distributed.destroy_process_group()
