"""The score of a model on held-out examples."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import torch

from profiling.data.rows import UNCOUNTED, Batch


@dataclass(frozen=True)
class Score:
    """The loss, and what is right: a share of the answers, or of the variance that numbers have."""

    loss: float
    accuracy: float | None  # None where the answers are numbers
    explained_variance: float | None  # None where they are classes; 1 - squared errors / squared deviations
    answers: int  # that were scored


def score(model: Any, held_out: Sequence[Batch], device: torch.device, autocast: AbstractContextManager[Any]) -> Score:
    """Return the model's score over all batches, each answer counted once; the model stays in evaluation mode."""
    model.eval()
    losses, answers, labels = 0.0, [], []
    with torch.inference_mode(), autocast:
        for batch in held_out:
            here = {name: tensor.to(device) for name, tensor in batch.items()}
            found = model(**here)
            guess, label = aligned(found.logits, here)
            losses += float(found.loss) * len(label)
            answers.append(guess.cpu())
            labels.append(label.cpu())
    guesses, truth = torch.cat(answers), torch.cat(labels)
    loss = losses / len(truth)
    if truth.is_floating_point():
        spread = (truth - truth.mean(0)).square().sum()
        return Score(loss, None, float(1 - (guesses - truth).square().sum() / spread), len(truth))
    return Score(loss, float((guesses == truth).double().mean()), None, len(truth))


def aligned(logits: torch.Tensor, batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the model's answers and the right ones, for each answer that counts.

    Logits of shape (batch, classes) answer for an example; of (batch, tokens, words) each place is answered with
    the next word, or, where speech is read, with the word itself.  Learned prompts stand before the text.
    """
    labels = batch["labels"]
    if labels.is_floating_point():
        return logits.float(), labels
    if logits.dim() == 2:
        return logits.argmax(-1), labels
    guesses = logits[:, -labels.shape[1] :].argmax(-1)
    if "input_features" not in batch:
        guesses, labels = guesses[:, :-1], labels[:, 1:]
    there = labels != UNCOUNTED
    return guesses[there], labels[there]
