"""Texts classified by a model that nobody trained for it: by the labels' likelihood, or by the nearest examples.

A causal model reads a prompt with k labelled examples of each class, then the text, and answers with the label that is
likeliest to follow (T. Brown et al., Language Models are Few-Shot Learners, arXiv:2005.14165); the likelihoods of a
label's tokens multiply, as in lm-evaluation-harness. An encoder answers with the class whose k examples, or whose name,
have the nearest mean embedding (J. Snell et al., Prototypical Networks for Few-shot Learning, arXiv:1703.05175).
"""

from __future__ import annotations

import copy
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import torch

from profiling.architecture import source
from profiling.data.tokenising import tokenizer
from profiling.errors import Phrase, UnsupportedError, WorkloadError
from profiling.examples import corpus
from profiling.examples.example import Example
from profiling.hardware.device import DTYPES
from profiling.hardware.meter import Window
from profiling.models import models
from profiling.runs import live
from profiling.runs.live import Report
from profiling.serving import quantisation
from profiling.serving.inference import Pace
from profiling.workload.workload import Case, Workload

# Where a label stands in a prompt.
BEFORE_LABEL, AFTER_LABEL = "\nLabel:", "\n\n"


class Answering(Protocol):
    """Something that answers several texts at once."""

    def prompts(self, texts: Sequence[str]) -> dict[str, torch.Tensor]:
        """Return what is read for the texts, on the host; the mask has shape (texts, tokens), 0 where padding is."""

    def answers(self, read: dict[str, torch.Tensor]) -> torch.Tensor:
        """Return the number of the class of each text."""


@dataclass(frozen=True)
class Setup:
    """A model, its words, and the labelled examples that it is shown, by class."""

    model: Any
    words: Any
    shown: dict[str, list[str]]  # by class, in the order of the class's number
    tokens: int  # of a text, the rest of which is cut off
    device: torch.device

    def ids(self, text: str) -> list[int]:
        """Return the tokens of a piece of a prompt."""
        found: list[int] = self.words(text, add_special_tokens=False)["input_ids"]
        return found

    def cut(self, text: str) -> list[int]:
        """Return the first tokens of a text."""
        return self.ids(text)[: self.tokens]


class Likelihood:
    """A causal model: the label that is likeliest after the prompt."""

    def __init__(self, setup: Setup) -> None:
        self.setup, self.model = setup, setup.model
        before, after = setup.ids(BEFORE_LABEL), setup.ids(AFTER_LABEL)
        self.labels = [setup.ids(f" {label}") for label in setup.shown]
        self.begin = [] if setup.words.bos_token_id is None else [setup.words.bos_token_id]
        # One example of each class after the other, so that no class has the last word.
        for texts in zip(*setup.shown.values(), strict=True):
            for text, label in zip(texts, self.labels, strict=True):
                self.begin += [*setup.cut(text), *before, *label, *after]
        self.before = before
        self._check_length()

    def _check_length(self) -> None:
        most = getattr(self.model.config, "max_position_embeddings", None)
        longest = len(self.begin) + self.setup.tokens + len(self.before) + max(map(len, self.labels))
        if isinstance(most, int) and longest > most:
            raise UnsupportedError(
                Phrase(
                    "the prompt takes up to {longest} tokens, and the model reads {most}", longest=longest, most=most
                ),
                todo="show fewer examples, or cut texts to fewer tokens",
            )

    def prompts(self, texts: Sequence[str]) -> dict[str, torch.Tensor]:
        """Return the prompts, padded on the left, so that each ends where its label begins."""
        rows = [[*self.begin, *self.setup.cut(text), *self.before] for text in texts]
        width = max(map(len, rows))
        padded = torch.tensor([[0] * (width - len(row)) + row for row in rows])
        mask = torch.tensor([[0] * (width - len(row)) + [1] * len(row) for row in rows])
        return {"input_ids": padded, "attention_mask": mask}

    def answers(self, read: dict[str, torch.Tensor]) -> torch.Tensor:
        """Return the label of the highest likelihood; the prompt is read once for all labels."""
        places = (read["attention_mask"].cumsum(1) - 1).clamp(min=0)
        told = self.model(**read, position_ids=places, use_cache=True, logits_to_keep=1)
        first = torch.log_softmax(told.logits[:, -1].float(), -1)
        return torch.stack([self._likelihood(label, first, told, read, places) for label in self.labels]).argmax(0)

    def _likelihood(
        self, label: list[int], first: torch.Tensor, told: Any, read: dict[str, torch.Tensor], places: torch.Tensor
    ) -> torch.Tensor:
        """Return the logarithm of a label's likelihood after each prompt."""
        found = first[:, label[0]]
        if len(label) == 1:
            return found
        given = torch.tensor(label[:-1], device=found.device).expand(len(found), -1)
        more = torch.ones_like(given)
        later = self.model(
            input_ids=given,
            attention_mask=torch.cat([read["attention_mask"], more], 1),
            position_ids=places[:, -1:] + more.cumsum(1),
            past_key_values=copy.deepcopy(told.past_key_values),
        )
        rest = torch.log_softmax(later.logits.float(), -1)
        aim = torch.tensor(label[1:], device=found.device).expand(len(found), -1)
        return found + rest.gather(2, aim[..., None])[..., 0].sum(1)


class Nearest:
    """An encoder: the class whose examples have the nearest mean embedding; without examples, whose name has."""

    def __init__(self, setup: Setup) -> None:
        self.setup, self.body = setup, setup.model.base_model
        shown = [texts or [label] for label, texts in setup.shown.items()]
        with torch.inference_mode():
            centres = [self.embedded(self._placed(self.prompts(texts))).mean(0) for texts in shown]
        self.centres = torch.nn.functional.normalize(torch.stack(centres), dim=1)

    def prompts(self, texts: Sequence[str]) -> dict[str, torch.Tensor]:
        """Return the texts by themselves, padded to the longest."""
        read = self.setup.words(
            list(texts), truncation=True, max_length=self.setup.tokens, padding=True, return_tensors="pt"
        )
        return {"input_ids": read["input_ids"], "attention_mask": read["attention_mask"]}

    def embedded(self, read: dict[str, torch.Tensor]) -> torch.Tensor:
        """Return the mean of the last layer over each text's tokens, of length 1; shape (texts, width)."""
        mask = read["attention_mask"][..., None]
        last = self.body(**read).last_hidden_state.float()
        return torch.nn.functional.normalize((last * mask).sum(1) / mask.sum(1), dim=1)

    def answers(self, read: dict[str, torch.Tensor]) -> torch.Tensor:
        """Return the class of the highest cosine."""
        return (self.embedded(read) @ self.centres.T).argmax(1)

    def _placed(self, read: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        return {name: tensor.to(self.setup.device) for name, tensor in read.items()}


def prompt(
    workload: Workload, case: Case, precision: str, device: torch.device, report: Report = live.nothing
) -> dict[str, Any]:
    """Answer the held-out texts once; return the right ones, and the seconds and tokens of a request.

    The first batch is answered twice, and timed the second time. Raise UnsupportedError where the prompt is longer than
    the model reads, and WorkloadError where a class has too few examples.
    """
    way = _way(workload, case, precision, device)
    asked, size = _asked(workload), int(case.point["batch"])
    number = {label: place for place, label in enumerate(corpus.labels(workload.data))}
    right, seconds, read_tokens, pace = 0, 0.0, 0, Pace(report)
    chunks = [asked[first : first + size] for first in range(0, len(asked), size)]
    with torch.inference_mode():
        for place, chunk in enumerate([chunks[0], *chunks]):
            read = way.prompts([example.content for example in chunk])
            with Window(device) as window:
                found = way.answers({name: tensor.to(device) for name, tensor in read.items()})
            pace.step(int(read["attention_mask"].sum()))
            if place:
                right += int((found.cpu() == torch.tensor([number[str(one.label)] for one in chunk])).sum())
                seconds += window.seconds
                read_tokens += int(read["attention_mask"].sum())
    return {
        "right": None if "config" in workload.model else right,  # random weights have no quality
        "requests": len(asked),
        "request_seconds": seconds,
        "request_tokens": read_tokens,
        "labels": int(case.point["examples"]) * len(number),
    }


def _way(workload: Workload, case: Case, precision: str, device: torch.device) -> Answering:
    writes = source.task_of(workload.model) == "causal"
    here = replace(workload, task="causal") if writes else workload
    training = corpus.split(workload.data).training
    quantisation.check(precision, device)
    model = models.build(here, device, DTYPES[quantisation.activations(precision, device)]).eval()
    quantisation.quantise(model, precision, device)
    texts = (example.content for example in training)
    padding = getattr(model.config, "pad_token_id", None)
    words = tokenizer(here, texts, int(model.config.vocab_size), 0 if padding is None else padding)
    shown = _shown(training, corpus.labels(workload.data), int(case.point["examples"]))
    setup = Setup(model, words, shown, int(case.point["tokens"]), device)
    return Likelihood(setup) if writes else Nearest(setup)


def _shown(training: Sequence[Example], labels: Sequence[str], count: int) -> dict[str, list[str]]:
    """Return examples of each class, drawn by torch's seed; raise WorkloadError where a class has too few."""
    chance, found = random.Random(torch.initial_seed()), {}
    for label in labels:
        own = [example.content for example in training if example.label == label]
        if len(own) < count:
            raise WorkloadError(
                Phrase(
                    "data: {own} examples of {label} to show, and {count} asked for",
                    own=len(own),
                    label=repr(label),
                    count=count,
                ),
                todo="ask for fewer",
            )
        found[label] = chance.sample(own, count)
    return found


def _asked(workload: Workload) -> list[Example]:
    """Return the held-out texts that are asked, at equal distances, since classes follow one another."""
    held_out = corpus.split(workload.data).held_out
    count = min(len(held_out), workload.evaluation_examples)
    return [held_out[place * len(held_out) // count] for place in range(count)]
