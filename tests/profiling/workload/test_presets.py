"""What ships is complete, and each preset can be built."""

from itertools import pairwise

import pytest

from profiling.data import batches
from profiling.methods import METHODS
from profiling.models import models
from profiling.workload import presets
from profiling.workload.workload import PRECISIONS


@pytest.mark.parametrize("preset", presets.PRESETS.values(), ids=lambda preset: preset.name)
def test_the_model_of_every_case_can_be_built(preset: presets.Preset) -> None:
    """On a structure that takes no room, with all changes of the case."""
    for plan in preset.workload.cases:
        assert models.parameters(preset.workload.at(plan)) > 0


@pytest.mark.parametrize("preset", presets.PRESETS.values(), ids=lambda preset: preset.name)
def test_every_case_has_something_to_read(preset: presets.Preset) -> None:
    """The first batch, or the prompts, in the case's own size."""
    plan = preset.workload.cases[0]
    here = preset.workload.at(plan)
    found = batches.prompts(here, plan) if plan.kind == "generate" else next(batches.of(here, plan))["labels"]
    assert len(found) == plan.point["batch"]


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("gpt2", 124_439_808),
        ("vit-base", 86_567_656),
        ("resnet-50", 25_557_032),
        ("whisper-tiny", 37_760_640),
        ("qwen2_5-0_5b", 494_032_768),
        ("generation-full", 134_515_008),
    ],
)
def test_published_shapes_have_their_published_size(name: str, parameters: int) -> None:
    """Counts by the model hub; ResNet-50's by torchvision."""
    assert models.parameters(presets.find(name).workload) == parameters


def test_every_task_has_a_quick_look() -> None:
    """Text, words, images, speech, items and numbers."""
    quick = [preset.workload for preset in presets.PRESETS.values() if preset.workload.effort.case_seconds <= 30]
    assert {workload.purpose for workload in quick} == {"text", "causal", "image", "speech", "recommend", "regress"}


def test_every_method_and_precision_has_a_quick_look() -> None:
    """One case each."""
    methods = [plan.point["method"] for plan in presets.find("methods-quick").workload.cases]
    precisions = [plan.point["precision"] for plan in presets.find("precision-quick").workload.cases]
    assert methods == list(METHODS)
    assert ("auto", *precisions) == PRECISIONS


@pytest.mark.parametrize("name", ["sizes-quick", "sizes-train-quick"])
def test_sizes_are_ground_for_a_fit(name: str) -> None:
    """Three sizes, each about three times the one before, at three batches."""
    workload = presets.find(name).workload
    sizes = sorted({models.parameters(workload.at(plan)) for plan in workload.cases})
    assert len(sizes) == len({plan.point["batch"] for plan in workload.cases}) == 3
    assert all(2 < larger / smaller < 5 for smaller, larger in pairwise(sizes))
