"""Batches follow from seeds, can be learned, and never contain held-out examples."""

from dataclasses import replace
from itertools import islice

import families
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from profiling.data import batches, synthetic
from profiling.data.batches import Batch
from profiling.errors import WorkloadError
from profiling.models import models
from profiling.workload.workload import Case, Workload

CPU = torch.device("cpu")


def rows(found: list[Batch]) -> set[bytes]:
    """Return the inputs of every example as bytes."""
    return {row.contiguous().numpy().tobytes() for batch in found for row in next(iter(batches.inputs(batch).values()))}


def stream(workload: Workload, count: int, task: int = 1) -> list[Batch]:
    return list(islice(batches.of(workload, workload.cases[0], task), count))


def same(first: list[Batch], second: list[Batch]) -> bool:
    pairs = zip(first, second, strict=True)
    return all(torch.equal(one[name], other[name]) for one, other in pairs for name in one)


@pytest.mark.parametrize("name", families.FAMILIES)
def test_a_seed_gives_the_same_batches(name: str) -> None:
    """A repeated run has the same data."""
    torch.manual_seed(5)
    workload = families.workload(name)
    assert same(stream(workload, 3), stream(workload, 3))


@pytest.mark.parametrize("name", ["bert", "gpt2", "vit", "whisper", "linear"])
def test_repeats_have_other_orders_and_the_same_held_out_examples(name: str) -> None:
    """Each repeat has its own torch seed, and all share the workload's seed."""
    workload = families.workload(name, evaluation_examples=8)
    torch.manual_seed(5)
    first, questions = stream(workload, 2), batches.held_out(workload, workload.cases[0])
    torch.manual_seed(6)
    second, again = stream(workload, 2), batches.held_out(workload, workload.cases[0])
    assert not same(first, second)
    assert same(questions, again)


def test_batches_for_a_gpu_are_pinned_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that they are copied while the host goes on; a CPU needs none of that."""
    pinned: list[torch.Tensor] = []
    monkeypatch.setattr(torch.Tensor, "pin_memory", lambda tensor: pinned.append(tensor) or tensor)
    workload = families.workload("bert")
    for device, count in ((CPU, 0), (torch.device("cuda"), len(stream(workload, 1)[0]))):
        pinned.clear()
        taken = list(islice(batches.pooled(workload, iter(stream(workload, 1)), device), 5))
        assert len(taken) == 5
        assert len(pinned) == count


@pytest.mark.parametrize("name", families.FAMILIES)
def test_held_out_examples_are_never_learned_from(name: str) -> None:
    """None of fifty batches has a held-out example."""
    workload = families.workload(name, evaluation_examples=40)
    torch.manual_seed(workload.seed)
    held_out = batches.held_out(workload, workload.cases[0])
    assert sum(len(batch["labels"]) for batch in held_out) == 40
    assert not rows(held_out) & rows(stream(workload, 50))


@pytest.mark.parametrize("name", families.FAMILIES)
def test_the_second_task_is_another(name: str) -> None:
    """The same draws give other examples, or other labels."""
    torch.manual_seed(5)
    workload = families.workload(name)
    assert not same(stream(workload, 1), stream(workload, 1, task=2))


def test_text_shows_its_class_and_task_by_its_words() -> None:
    """Three classes of two tasks use six separate parts of the vocabulary."""
    workload = families.workload("bert", batch=32)
    parts: dict[tuple[int, int], set[int]] = {}
    for task in (1, 2):
        for batch in stream(workload, 5, task):
            for ids, label in zip(batch["input_ids"].tolist(), batch["labels"].tolist(), strict=True):
                parts.setdefault((task, label), set()).update(ids)
    assert len(parts) == 6
    assert sum(len(words) for words in parts.values()) == len(set().union(*parts.values()))
    assert min(set().union(*parts.values())) > 0
    assert max(set().union(*parts.values())) < 600


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(1, 1000), vocab=st.integers(2, 500), tokens=st.integers(2, 40))
def test_a_word_is_followed_by_its_successor_nine_times_in_ten(seed: int, vocab: int, tokens: int) -> None:
    """The most frequent successor is right except for words that went astray."""
    workload = replace(families.workload("gpt2"), seed=seed)
    config = models.configured(workload)
    config.vocab_size = vocab
    plan = Case("train", {"method": "full", "batch": 1, "tokens": tokens})
    draw = synthetic.source(workload, plan, config, task=1)
    ids = draw(200, torch.Generator().manual_seed(1))["input_ids"]
    words = min(vocab, synthetic.WORDS)
    counts = torch.zeros((words, words)).index_put_(
        (ids[:, :-1].flatten(), ids[:, 1:].flatten()), torch.tensor(1.0), accumulate=True
    )
    usual = counts.max(1).values.sum() / counts.sum()
    # A word may go astray to its usual successor; few pairs make any of them look usual.
    assert usual > 1 - synthetic.ASTRAY - 0.05


def test_least_squares_finds_the_line_that_the_points_come_from() -> None:
    """The training set of a linear regression is finite, so that its solution can be computed."""
    workload = families.workload("linear")
    points = batches.training_set(workload, workload.cases[0])
    whole = [points[place] for place in range(batches.POINTS)]
    inputs = torch.stack([point["inputs"] for point in whole]).double()
    answers = torch.stack([point["labels"] for point in whole]).double()
    columns = torch.cat([inputs, torch.ones(len(inputs), 1, dtype=torch.double)], 1)
    solution = torch.linalg.lstsq(columns, answers).solution
    assert float((columns @ solution - answers).std()) == pytest.approx(synthetic.LABEL_NOISE, rel=0.1)
    held_out = batches.held_out(workload, workload.cases[0])[0]
    predicted = held_out["inputs"].double() @ solution[:-1] + solution[-1]
    assert float((predicted - held_out["labels"]).std()) < 2 * synthetic.LABEL_NOISE


def test_an_epoch_of_points_meets_each_once() -> None:
    """An epoch is shuffled without repetition, and the next epoch again."""
    workload = families.workload("linear", batch=64)
    epochs = stream(workload, 2 * batches.POINTS // 64)
    first, second = epochs[: len(epochs) // 2], epochs[len(epochs) // 2 :]
    assert len(rows(first)) == batches.POINTS
    assert rows(first) == rows(second)
    assert not same(first, second)


def test_speech_is_thirty_seconds_of_features() -> None:
    """Speech has two frames for each position of the encoder."""
    workload = families.workload("whisper", batch=3)
    assert stream(workload, 1)[0]["input_features"].shape == (3, 16, 100)
    assert batches.prompts(workload, Case("generate", {"batch": 2, "new_tokens": 4})).shape == (2, 16, 100)


def test_prompts_are_words_of_the_model() -> None:
    """Prompts have the shape of the case, and are equal in each call."""
    workload = families.workload("qwen3")
    plan = Case("generate", {"batch": 3, "prompt_tokens": 9, "new_tokens": 4})
    found = batches.prompts(workload, plan)
    assert found.shape == (3, 9)
    assert 0 <= int(found.min()) <= int(found.max()) < 600
    assert torch.equal(found, batches.prompts(workload, plan))


@pytest.mark.parametrize("name", ["bert", "vit", "linear"])
def test_no_more_examples_are_held_out_than_were_asked_for(name: str) -> None:
    """A batch may be larger than what is held out."""
    workload = families.workload(name, batch=16, evaluation_examples=5)
    assert [len(batch["labels"]) for batch in batches.held_out(workload, workload.cases[0])] == [5]


@pytest.mark.parametrize(
    ("name", "vocab", "words"),
    [("bert", 3, "no room for a word for each class; give at least 4"), ("gpt2", 1, "no room for a word that follows")],
)
def test_a_vocabulary_too_small_for_synthetic_texts_is_refused(name: str, vocab: int, words: str) -> None:
    """A word beyond it would end a GPU's process with an error of its kernels."""
    workload = families.workload(name)
    workload = replace(workload, model={"config": {**workload.model["config"], "vocab_size": vocab}})
    with pytest.raises(WorkloadError, match=f"vocab_size {vocab} has {words}"):
        stream(workload, 1)


def test_large_images_are_held_out_only_as_far_as_memory_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand images of 224 x 224 would take 600 MB."""
    workload = families.workload("vit", batch=4)
    each = 3 * 32 * 32 * 4 + 8
    monkeypatch.setattr(batches, "MOST_HELD_OUT_BYTES", 10 * each)
    assert [len(batch["labels"]) for batch in batches.held_out(workload, workload.cases[0])] == [4, 4, 2]


def test_a_word_sounds_alike_in_what_is_learned_and_in_what_is_held_out() -> None:
    """The mean sound of each word that was learned is the nearest to that of nearly all words held out."""
    workload = families.workload("whisper", batch=16, evaluation_examples=16)
    (words, sounds), (asked, heard) = map(
        _spoken, (stream(workload, 60), batches.held_out(workload, workload.cases[0]))
    )
    known, places = words.unique(return_inverse=True)
    means = torch.zeros(len(known), sounds.shape[1]).index_add_(0, places, sounds) / places.bincount()[:, None]
    assert (known[torch.cdist(heard, means).argmin(1)] == asked).double().mean() > 0.9


def _spoken(found: list[Batch]) -> tuple[torch.Tensor, torch.Tensor]:
    """Return every word of some speech, and the mean of the frames for whose time it is spoken."""
    labels = torch.cat([batch["labels"] for batch in found])
    features = torch.cat([batch["input_features"] for batch in found])
    tokens, frames = labels.shape[1], features.shape[2]
    at = torch.arange(frames) * tokens // frames
    return labels.flatten(), torch.stack([features[:, :, at == word].mean(2) for word in range(tokens)], 1).flatten(
        0, 1
    )


# Thirty steps at a rate for tiny models, of which a Whisper's would not listen yet.
@pytest.mark.parametrize("name", ["bert", "encoder", "llama", "recommender", "vit", "resnet", "linear"])
def test_what_is_learned_holds_for_what_was_held_out(name: str) -> None:
    """The label follows from the input in the same way on both sides: that of another example is farther off."""
    torch.manual_seed(1)
    workload = families.workload(name, batch=16, evaluation_examples=64)
    model = models.build(workload, CPU)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    for batch in islice(batches.of(workload, workload.cases[0]), 30):
        model(**batch).loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    model.eval()
    asked = batches.held_out(workload, workload.cases[0])
    others = [{**batch, "labels": batch["labels"].roll(1, 0)} for batch in asked]
    with torch.inference_mode():
        own, another = (sum(float(model(**batch).loss) for batch in some) for some in (asked, others))
    assert own < 0.9 * another
