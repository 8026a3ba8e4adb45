"""Training as people train: how weights are stored, activations computed again, batches accumulated, gradients cut."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import families
import pytest
import torch

from profiling.errors import UnsupportedError, WorkloadError
from profiling.making import methods
from profiling.making.methods import CLIPPED_NORM, Made, Making
from profiling.making.training import Trainer, Training
from profiling.measure import metrics
from profiling.methods import METHODS, Settings
from profiling.workload.kinds.work import Ceiling
from profiling.workload.workload import Workload

CPU = torch.device("cpu")
# Four bits need a library that CPUs may lack, and a device for it.
TRAINABLE = [name for name, one in METHODS.items() if not one.packed]


def making(family: str, method: str, precision: torch.dtype = torch.bfloat16, **fields: Any) -> Making:
    """A case of a tiny model, to be made ready."""
    here = families.workload(family, method=method, **fields)
    return Making(here, here.cases[0], CPU, precision, 100)


def dtypes(made: Made, *, trained: bool) -> set[torch.dtype]:
    """What the weights that are trained, or those that are frozen, are stored in."""
    return {one.dtype for one in made.model.parameters() if one.requires_grad == trained}


# Stored


@pytest.mark.parametrize("method", TRAINABLE)
def test_frozen_weights_take_two_bytes_and_trained_ones_four(method: str) -> None:
    """A frozen weight is only read, so the arithmetic's precision will do; updates are too small for it."""
    made = methods.make(making("llama-classifier", method))
    assert dtypes(made, trained=True) == {torch.float32}
    assert dtypes(made, trained=False) == (
        set() if METHODS[method].trains == "all" and method != "distil" else {torch.bfloat16}
    )


@pytest.mark.parametrize("method", ["full", "lora", "head"])
def test_pure_weights_are_all_in_what_is_computed_in(method: str) -> None:
    """As torchtitan and others train where memory is short."""
    made = methods.make(making("llama-classifier", method, weights="pure"))
    assert dtypes(made, trained=True) | dtypes(made, trained=False) == {torch.bfloat16}


def test_pure_weights_in_float16_are_refused() -> None:
    """A T4 or V100 has no bfloat16; torch's scaler takes no gradients in float16, and adapters in float32 train."""
    with pytest.raises(UnsupportedError, match="set weights to mixed"):
        methods.make(making("llama-classifier", "full", torch.float16, weights="pure"))
    mixed = methods.make(making("llama-classifier", "lora", torch.float16))
    assert (dtypes(mixed, trained=True), dtypes(mixed, trained=False)) == ({torch.float32}, {torch.float16})


@pytest.mark.parametrize("weights", ["mixed", "pure"])
@pytest.mark.parametrize(
    ("family", "method"),
    [
        *(("bert", method) for method in TRAINABLE),
        *((family, method) for family in ("llama", "gpt2", "vit", "whisper", "mixtral") for method in ("full", "lora")),
        *(("resnet", method) for method in ("full", "head")),
    ],
)
def test_every_way_of_storing_trains(family: str, method: str, weights: str) -> None:
    """Three steps in bfloat16 move the weights, and the loss stays a number."""
    here = families.workload(family, method=method, weights=weights)
    training = Training(here, here.cases[0], "bfloat16", CPU)
    before = [one.detach().clone() for one in training.made.trained]
    training.run(3)
    assert torch.isfinite(torch.stack(training.trainer.losses)).all()
    assert any(not torch.equal(old, new) for old, new in zip(before, training.made.trained, strict=True))


def test_the_record_tells_how_weights_are_stored(tmp_path: Any) -> None:
    """Whoever reads the memory of a case sees what it was spent on."""
    here = families.workload("llama", method="lora")
    training = Training(here, here.cases[0], "bfloat16", CPU)
    training.run(1)
    told = training.finish(tmp_path)
    assert told["stored"] == {"trained": ["float32"], "frozen": ["bfloat16"]}
    assert told["optimiser"] == "AdamW"


def test_bytes_of_a_step_follow_what_is_stored() -> None:
    """Frozen weights are read twice at two bytes; a trained one moves ten numbers of four, or of two if all is pure."""

    def moved(method: str, **fields: Any) -> float:
        here = families.workload("llama", method=method, **fields)
        seen = {"arithmetic": "bfloat16", "weight_bytes": 2, "activations": "bfloat16"}
        case = here.cases[0]
        return metrics.work(case, metrics.setting(here, case, Ceiling({}, 1.0), seen))["step"].bytes

    made = methods.make(making("llama", "lora"))
    learned = made.trainable_parameters
    whole = sum(one.numel() for one in made.model.parameters()) - learned
    assert moved("lora") == 2 * 2 * whole + 40 * learned
    assert moved("full") == 40 * whole
    assert moved("full", weights="pure") == 20 * whole
    # Three more batches: each reads the weights twice more, and writes their gradients.
    assert moved("full", accumulation=4) == (40 + 3 * 12) * whole


# Computed again


def kept_bytes(made: Made, batch: dict[str, torch.Tensor]) -> int:
    """Bytes that a forward pass keeps for the backward pass, weights left out."""
    weights = {one.data_ptr() for one in made.model.parameters()}
    kept: dict[int, int] = {}

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        if tensor.data_ptr() not in weights:
            kept[tensor.data_ptr()] = tensor.untyped_storage().nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        made.model(**batch).loss.backward()
    return sum(kept.values())


@pytest.mark.parametrize(
    ("family", "method"), [("llama", "full"), ("llama", "lora"), ("bert", "full"), ("vit", "lora")]
)
def test_activations_that_are_computed_again_give_the_same_gradients(family: str, method: str) -> None:
    """Checkpointing changes what is kept, and no number."""
    found = []
    for checkpointing in ("no", "yes"):
        torch.manual_seed(1)
        made = methods.make(making(family, method, torch.float32, checkpointing=checkpointing))
        batch = next(methods.data(*_case(family, method)))
        made.learning()
        for part in made.model.modules():
            if isinstance(part, torch.nn.Dropout):
                part.p = 0.0
        kept = kept_bytes(made, batch)
        found.append((kept, [one.grad for one in made.trained]))
    (much, plain), (little, again) = found
    assert little < 0.7 * much
    assert all(torch.allclose(one, other, atol=1e-6) for one, other in zip(plain, again, strict=True))


def _case(family: str, method: str) -> tuple[Workload, Any]:
    here = families.workload(family, method=method)
    torch.manual_seed(5)
    return here, here.cases[0]


@pytest.mark.parametrize(("family", "method"), [("mlp", "full"), ("resnet", "full"), ("bert", "head")])
def test_a_model_that_cannot_forget_says_so(family: str, method: str) -> None:
    """No layers, no way to call them again, or nothing that is kept."""
    with pytest.raises(UnsupportedError, match="take checkpointing out"):
        methods.make(making(family, method, checkpointing="yes"))


# Accumulated, and cut


class Sum(torch.nn.Module):
    """A loss of the mean product of one weight with the inputs, so that the gradient is the mean input."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(3))

    def forward(self, inputs: torch.Tensor) -> Any:
        loss = (inputs * self.weight).sum(1).mean()
        return type("Answer", (), {"loss": loss})


def steps_of(batches: list[torch.Tensor], *, clipped: bool = False, accumulation: int = 1) -> torch.Tensor:
    """The weight after gradient descent at a rate of 1 over these batches."""
    model = Sum()
    stream: Iterator[Any] = iter([{"inputs": batch} for batch in batches])
    made = Made(model, model, Settings(1.0, betas=None, weight_decay=0.0), clipped=clipped)
    trainer = Trainer(made, stream, torch.float32, CPU, accumulation=accumulation)
    for _ in range(len(batches) // accumulation):
        trainer.step()
    return model.weight.detach()


def test_accumulated_batches_are_one_batch() -> None:
    """Four batches to an update move the weights as one of four times their size."""
    rows = torch.randn(8, 3, generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(steps_of(list(rows.split(2)), accumulation=4), steps_of([rows]))


def test_a_long_gradient_is_cut_to_its_norm_and_a_short_one_stays() -> None:
    """A step at a rate of 1 is as long as the gradient: 5, cut to 1, or a half."""
    long, short = torch.tensor([[3.0, 4.0, 0.0]]), torch.tensor([[0.3, 0.4, 0.0]])
    assert float(steps_of([long]).norm()) == pytest.approx(5)
    assert float(steps_of([long], clipped=True).norm()) == pytest.approx(CLIPPED_NORM, rel=1e-5)
    torch.testing.assert_close(steps_of([short], clipped=True), steps_of([short]))


def test_gradients_are_cut_by_default_but_those_of_plain_descent() -> None:
    """The field's default, which least squares by its own rate would not survive."""
    assert methods.make(making("bert", "full")).clipped
    assert not methods.make(making("bert", "full", clipping="no")).clipped
    assert not methods.make(making("linear", "full")).clipped


def test_an_accumulated_step_counts_all_of_its_examples(tmp_path: Any) -> None:
    """Examples a second, and operations, are those of every batch of the step."""
    here = families.workload("bert", accumulation=3)
    training = Training(here, here.cases[0], "float32", CPU)
    training.run(1)
    setting = metrics.setting(here, here.cases[0], Ceiling({}, 1.0), {"arithmetic": "float32", "weight_bytes": 4})
    counted = training.finish(tmp_path)["framework_flops_per_step"]
    assert setting.step_examples == 3 * 8
    assert metrics.work(here.cases[0], setting)["step"].flops == pytest.approx(counted, rel=0.01)


def test_fields_of_training_mean_nothing_to_serving(classifier: Workload) -> None:
    """A case that makes no use of a field says where it belongs."""
    plain = replace(classifier, accumulation=2).to_json()
    with pytest.raises(WorkloadError, match="accumulation = 2 changes nothing for classify"):
        Workload.parse(plain, "here")
