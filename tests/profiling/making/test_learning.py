"""Learning is followed from the start, on examples that were never trained on, to answers that are known."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
import torch
from families import workload

from profiling.data import batches
from profiling.errors import ProfilingError
from profiling.making import evaluation, learned, learning, methods
from profiling.making.methods import Settings
from profiling.workload.workload import Case, Workload

CPU = torch.device("cpu")
# A tiny model of random weights needs larger steps than those that ship.
QUICK = Settings(5e-3)


def case(family: str, method: str, steps: int, batch: int = 16, **point: Any) -> tuple[Workload, Case]:
    """A case of learning for a tiny model."""
    here = workload(family, batch, method, evaluation_examples=64)
    plan = Case("learn", {**here.cases[0].point, "steps": steps, **point})
    return replace(here, cases=(plan,)), plan


def learn(family: str, method: str, steps: int, seed: int = 0, **point: Any) -> dict[str, Any]:
    """One repeat."""
    here, plan = case(family, method, steps, **point)
    torch.manual_seed(seed)
    return learning.learn(here, plan, "float32", CPU)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Large steps."""
    monkeypatch.setattr(methods, "settings", lambda _workload, _plan: QUICK)


def test_gradient_descent_finds_the_least_squares_solution() -> None:
    """From random weights to the closed form, over the same points."""
    found = learn("linear", "pretrain", 200, batch=64)
    assert found["distance_to_solution"] < 0.01
    assert found["before"]["loss"] > 20 * found["after"]["loss"]


def test_the_distance_to_the_solution_itself_is_none() -> None:
    """Answers that are an exact line, and a layer that holds it."""
    layer = torch.nn.Linear(3, 1)
    inputs = torch.randn(50, 3)
    points = {"inputs": inputs, "labels": layer(inputs).detach()}
    assert learning.distance_to_solution(type("Model", (), {"layers": layer}), points) < 1e-5


def test_a_small_perceptron_finds_its_function() -> None:
    """No straight line comes near sin(x1) + x2^2; a hidden layer explains nearly all of it."""
    assert learn("mlp", "pretrain", 600, batch=64)["after"]["explained_variance"] > 0.9


@pytest.mark.usefixtures("quick")
def test_a_classifier_learns_its_classes() -> None:
    """From chance among three to nearly all of the examples held out."""
    found = learn("bert", "full", 60)
    assert found["before"]["accuracy"] < 0.6
    assert found["after"]["accuracy"] > 0.9


@pytest.mark.usefixtures("quick")
def test_a_second_task_drives_out_the_first_unless_it_is_replayed() -> None:
    """Sixteen words, each followed by another one in the second task; replay keeps part of what was known."""
    forgotten = {}
    for percent in (0, 50):
        here, plan = case("llama", "continual", 60, replay_percent=percent)
        few = replace(here, model={"config": {**here.model["config"], "vocab_size": 16}})
        torch.manual_seed(0)
        found = learning.learn(few, plan, "float32", CPU)
        forgotten[percent] = found["first_task_accuracy_before"] - found["first_task_accuracy_after"]
    assert forgotten[0] > 0.5
    assert forgotten[0] > forgotten[50] + 0.2


@pytest.mark.usefixtures("quick")
def test_a_student_comes_near_its_teacher() -> None:
    """Both are asked the same questions."""
    found = learn("bert", "distil", 60)
    assert found["teacher_accuracy"] > 0.9
    assert found["after"]["accuracy"] > found["teacher_accuracy"] - 0.1


def test_the_curve_is_looked_at_before_on_the_way_and_after() -> None:
    """Held-out examples at step 0, at every tenth of the way, and at the end; the loss at every step."""
    curve = learn("mlp", "pretrain", 20)["curve"]
    assert [point["step"] for point in curve["held_out"]] == list(range(0, 21, 2))
    assert [step for step, _ in curve["train"]] == list(range(1, 21))


def test_long_curves_are_kept_as_means() -> None:
    """A thousand losses in two hundred blocks of five."""
    found = learning.blocks([torch.tensor(float(step)) for step in range(1000)])
    assert len(found) == 200
    assert found[0] == (5, 2.0)
    assert found[-1] == (1000, 997.0)


def test_repeats_differ_in_weights_and_order() -> None:
    """Only the questions are the same."""
    first, second = (learn("bert", "full", 3, seed=seed)["curve"]["train"] for seed in (1, 2))
    assert first != second


def test_a_loss_that_is_no_number_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rather than written into a record."""
    monkeypatch.setattr(methods, "settings", lambda _workload, _plan: Settings(1e9, betas=None, weight_decay=0.0))
    with pytest.raises(ProfilingError, match="the loss is not a finite number"):
        learn("mlp", "pretrain", 30)


class Answers:
    """A model whose logits are known."""

    def __init__(self, logits: torch.Tensor) -> None:
        self.logits = logits

    def eval(self) -> None:
        """Nothing to switch."""

    def __call__(self, **_batch: torch.Tensor) -> Any:
        return type("Output", (), {"logits": self.logits, "loss": torch.tensor(0.5)})


def score(logits: torch.Tensor, batch: Sequence[batches.Batch]) -> evaluation.Score:
    return evaluation.score(Answers(logits), batch, CPU, torch.autocast("cpu", enabled=False))


@pytest.mark.parametrize(
    ("said", "labels", "accuracy"),
    [
        # Two of three classes are right.
        ([0, 1, 0], [0, 1, 1], 2 / 3),
        # After words 1 and 2 a language model says 2 and 0, of which the first is right; a learned prompt before them
        # does not count.
        ([[0, 2, 0, 1]], [[1, 2, 1]], 1 / 2),
    ],
    ids=["classes", "next word"],
)
def test_accuracy_is_the_share_of_right_answers(said: list[Any], labels: list[Any], accuracy: float) -> None:
    """A language model is asked for the next word."""
    logits = torch.nn.functional.one_hot(torch.tensor(said)).float()
    assert score(logits, [{"labels": torch.tensor(labels)}]).accuracy == pytest.approx(accuracy)


def test_the_mean_explains_no_variance() -> None:
    """Numbers answered by their mean: 1 - 1 = 0."""
    labels = torch.tensor([[1.0], [3.0]])
    assert score(torch.full((2, 1), 2.0), [{"labels": labels}]).explained_variance == pytest.approx(0)


def run(before: float, after: float, **found: float) -> dict[str, Any]:
    """What a repeat tells."""
    ends = [{"loss": 1.0, "accuracy": accuracy, "explained_variance": None} for accuracy in (before, after)]
    around = {"memory": {}, "energy": None, "throttle_reasons": None, "clocks": None}
    told = {"precision": "float32", "idle_watts": None, "seconds": 1.0, "trainable_parameters": 7}
    return {"before": ends[0], "after": ends[1], "curve": {"train": [], "held_out": []}, **around, **told, **found}


def test_accuracy_comes_with_its_interval_over_repeats() -> None:
    """Student's t over 0.7, 0.8 and 0.9: 0.8 +- 4.303 x 0.1 / sqrt 3, and never beyond 1."""
    found = learned.estimates([run(0.5, accuracy) for accuracy in (0.7, 0.8, 0.9)])["held_out_accuracy"]
    assert found.value == pytest.approx(0.8)
    assert found.low == pytest.approx(0.8 - 4.3027 * 0.1 / 3**0.5, abs=1e-4)
    assert found.high == 1.0


def test_what_was_gained_on_the_first_task_is_forgotten_below_zero() -> None:
    """Its interval is not cut off at 0."""
    gains = [{"first_task_accuracy_before": 0.5, "first_task_accuracy_after": after} for after in (0.6, 0.7, 0.8)]
    found = learned.estimates([run(0.5, 0.9, **gain) for gain in gains])["forgotten_accuracy"]
    assert found.value == pytest.approx(-0.2)
    assert found.low < -0.2 < found.high


def test_a_case_of_learning_holds_its_curves() -> None:
    """It needs no steady state, and says what was trained."""
    found = learned.case(Case("learn", {"method": "full"}), [run(0.5, 0.8), run(0.5, 0.9)])
    assert found.ok
    assert len(found.samples["learning"]) == 2
    assert found.extra["trainable_parameters"] == 7
