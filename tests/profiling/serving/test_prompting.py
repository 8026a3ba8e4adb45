"""A text is classified by the likelihood of its labels, or by the nearest examples, without training."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path
from typing import Any

import families
import pytest
import torch

from profiling.errors import UnsupportedError, WorkloadError
from profiling.models import models
from profiling.serving import prompting
from profiling.serving.prompting import Likelihood, Nearest, Setup
from profiling.workload.workload import Case, Data, Workload

CPU = torch.device("cpu")
TEXTS = {"sea": "waves and salt and sails", "wood": "trees and moss and deer", "town": "streets and trams and shops"}


@pytest.fixture
def data(tmp_path: Path) -> Data:
    """Texts of three classes, each with a number, so that none is there twice."""
    path = tmp_path / "texts.csv"
    with path.open("w", newline="") as file:
        rows = [(f"{text} {place}", label) for place in range(20) for label, text in TEXTS.items()]
        csv.writer(file).writerows([("text", "label"), *rows])
    return Data("csv", str(path))


def workload(family: str, data: Data, examples: int = 2, batch: int = 4) -> Workload:
    """One case of prompting; the vocabulary is large enough for words of its own."""
    task, config = families.FAMILIES[family]
    plan = Case("prompt", {"batch": batch, "tokens": 16, "examples": examples})
    longer = {"max_position_embeddings": 1024} if task == "causal" else {}
    return replace(
        families.workload("bert"), model={"config": {**config, **longer}}, task="text", cases=(plan,), data=data
    )


def setup(family: str, shown: dict[str, list[str]], data: Data) -> Setup:
    """A model with random weights and the words of the texts."""
    torch.manual_seed(3)
    here = workload(family, data)
    way: Any = prompting._way(here, here.cases[0], "float32", CPU)
    return replace(way.setup, shown=shown)


@pytest.mark.parametrize("family", ["llama", "gpt2", "qwen3"])
def test_a_label_is_as_likely_as_its_tokens_one_after_the_other(family: str, data: Data) -> None:
    """Padding, the cache that labels share, and positions change nothing: whole texts without any give the same."""
    labels = {"sea": ["waves"], "the old wood": ["moss"], "town": ["trams"]}
    way = Likelihood(setup(family, labels, data))
    texts = ["a", "salt and sails and the sea", "deer"]
    read = way.prompts(texts)
    with torch.inference_mode():
        answers = way.answers(read)
        for row, answer in enumerate(answers.tolist()):
            prompt = read["input_ids"][row][read["attention_mask"][row].bool()].tolist()
            found = []
            for label in way.labels:
                whole = torch.tensor([[*prompt, *label]])
                told = torch.log_softmax(way.model(input_ids=whole).logits[0].float(), -1)
                found.append(sum(float(told[len(prompt) + place - 1, token]) for place, token in enumerate(label)))
            assert answer == max(range(len(found)), key=found.__getitem__)


def test_a_prompt_shows_one_example_of_each_class_in_turn(data: Data) -> None:
    """Then comes the text, and the place of its label."""
    way = Likelihood(setup("llama", {"sea": ["waves", "sails"], "wood": ["moss", "deer"]}, data))
    read = way.prompts(["trams"])
    words = way.setup.words.decode(read["input_ids"][0])
    assert words.replace(" ", "") == (
        "waves\nLabel:sea\n\nmoss\nLabel:wood\n\nsails\nLabel:sea\n\ndeer\nLabel:wood\n\ntrams\nLabel:"
    )


def test_an_encoder_answers_with_the_class_whose_examples_are_nearest(data: Data) -> None:
    """An example itself is the nearest of all; without examples the name of the class stands for it."""
    shown = {"sea": ["waves and salt"], "wood": ["moss and deer"], "town": ["streets and trams"]}
    for examples in (shown, {text: [] for texts in shown.values() for text in texts}):
        way = Nearest(setup("bert", examples, data))
        with torch.inference_mode():
            assert way.answers(way.prompts([texts[0] for texts in shown.values()])).tolist() == [0, 1, 2]


@pytest.mark.parametrize(("family", "examples"), [("llama", 0), ("llama", 3), ("bert", 0), ("bert", 3)])
def test_a_case_tells_requests_and_labels_and_no_quality_of_random_weights(
    family: str, examples: int, data: Data
) -> None:
    """Examples lengthen a causal model's prompt, and not what an encoder reads."""
    here = workload(family, data, examples)
    found = prompting.prompt(here, here.cases[0], "float32", CPU)
    assert found["right"] is None
    assert found["requests"] == 12  # a fifth of sixty
    assert found["labels"] == 3 * examples
    assert found["request_seconds"] > 0
    longest = found["request_tokens"] / found["requests"]
    assert longest < 30 if family == "bert" or not examples else longest > 60


def test_saved_weights_have_a_quality(data: Data, tmp_path: Path) -> None:
    """Of a folder, whatever is in it; the same texts are asked in every repeat."""
    here = workload("bert", data)
    models.build(here, CPU).save_pretrained(tmp_path / "model")
    saved = replace(here, model={"path": str(tmp_path / "model")})
    found = prompting.prompt(saved, saved.cases[0], "float32", CPU)
    assert 0 <= found["right"] <= found["requests"] == 12


def test_a_prompt_that_is_too_long_says_what_to_shorten(data: Data) -> None:
    """The model's positions are known before anything is measured."""
    here = workload("llama", data, 3)
    short = replace(here, model={"config": {**here.model["config"], "max_position_embeddings": 64}})
    with pytest.raises(UnsupportedError, match="show fewer examples"):
        prompting.prompt(short, short.cases[0], "float32", CPU)
    with pytest.raises(WorkloadError, match="16 examples of 'sea' to show, and 17 asked for"):
        prompting.prompt(*_one(workload("bert", data, 17)), "float32", CPU)


def _one(here: Workload) -> tuple[Workload, Case]:
    return here, here.cases[0]


def test_synthetic_texts_are_not_prompted(data: Data) -> None:
    """A pretrained model cannot know what their numbers stand for."""
    plain = replace(workload("bert", data), data=Data()).to_json()
    with pytest.raises(WorkloadError, match="name your own as data"):
        Workload.parse(plain, "here")


@pytest.mark.parametrize("precision", ["bfloat16", "int8", "int4"])
@pytest.mark.parametrize("family", ["llama", "bert"])
def test_a_prompt_is_answered_in_every_precision(family: str, precision: str, data: Data) -> None:
    """Weights of few bits answer prompts as they serve."""
    here = workload(family, data)
    assert prompting.prompt(here, here.cases[0], precision, CPU)["requests"] > 0
