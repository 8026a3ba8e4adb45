"""Data to learn from as torch `Dataset`s: texts, packed texts, histories of items, images, points."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from PIL import Image, ImageOps
from torch.utils.data import Dataset

from profiling.checks import NUMBER, check, fields, items, number, optional, read_json
from profiling.data.rows import UNCOUNTED, Batch
from profiling.data.synthetic import image_size
from profiling.errors import WorkloadError, counted
from profiling.examples.example import Example

# Packed texts stay in memory as 64-bit numbers: 400 MB.
MOST_TOKENS = 50_000_000
TEXTS_AT_ONCE = 1000
# Of an item's number, leading zeros included.
MOST_DIGITS = 20
# The published values of ViT; a folder's preprocessor_config.json may have others.
USUAL = {"image_mean": 0.5, "image_std": 0.5}
LARGEST_SETTINGS_BYTES = 100_000
# Colours lie between 0 and 1, and are divided by their deviation.
SETTINGS = fields({}, {"image_mean": optional(items(NUMBER)), "image_std": optional(items(number(1e-6, 1e6)))})
# The formats of the endings that are read; of others, some would start programs.
FORMATS = ("PNG", "JPEG", "BMP", "WEBP", "GIF")


class Texts(Dataset[Batch]):
    """Texts with their class, tokenised on access, and cut or padded to `tokens`."""

    def __init__(self, examples: Sequence[Example], labels: Sequence[str], tokenizer: Any, tokens: int) -> None:
        self.examples, self.tokenizer, self.tokens = examples, tokenizer, tokens
        self.number = {label: place for place, label in enumerate(labels)}

    def __len__(self) -> int:
        return len(self.examples)

    def __getitem__(self, place: int) -> Batch:
        return self.__getitems__([place])[0]

    def __getitems__(self, places: list[int]) -> list[Batch]:
        """Return several examples at once, as a `DataLoader` asks: each of shape (tokens,), with a class number."""
        chosen = [self.examples[place] for place in places]
        read = self.tokenizer(
            [example.content for example in chosen],
            truncation=True,
            padding="max_length",
            max_length=self.tokens,
            return_tensors="pt",
        )
        labels = torch.tensor([self.number[str(example.label)] for example in chosen])
        return [
            {"input_ids": ids, "attention_mask": mask, "labels": label}
            for ids, mask, label in zip(read["input_ids"], read["attention_mask"], labels, strict=True)
        ]


class Stacked(Dataset[Batch]):
    """Examples in memory, as tensors whose first dimension counts them."""

    def __init__(self, whole: Batch) -> None:
        self.whole = whole

    def __len__(self) -> int:
        return len(self.whole["labels"])

    def __getitem__(self, place: int) -> Batch:
        return {name: tensor[place] for name, tensor in self.whole.items()}


def packed(examples: Sequence[Example], tokenizer: Any, tokens: int) -> Stacked:
    """Return the texts joined, with an end mark after each, and cut into blocks of `tokens`; drop the rest."""
    end = tokenizer.eos_token_id if tokenizer.eos_token_id is not None else tokenizer.sep_token_id
    ids: list[int] = []
    for first in range(0, len(examples), TEXTS_AT_ONCE):
        texts = [example.content for example in examples[first : first + TEXTS_AT_ONCE]]
        for text in tokenizer(texts, add_special_tokens=False)["input_ids"]:
            ids += text if end is None else [*text, end]
        if len(ids) >= MOST_TOKENS:
            break
    blocks = torch.tensor(ids[: len(ids) // tokens * tokens]).view(-1, tokens)
    return Stacked({"input_ids": blocks, "attention_mask": torch.ones_like(blocks), "labels": blocks})


def histories(examples: Sequence[Example], every: Sequence[Example], vocabulary: int, tokens: int) -> Stacked:
    """Return histories from item numbers separated by spaces, the oldest first: the last `tokens`, padded.

    Raise WorkloadError for what is no item of the model, with the place of its history in the file, which has `every`.
    """
    ids = torch.zeros((len(examples), tokens), dtype=torch.long)
    mask = torch.zeros_like(ids)
    for row, example in enumerate(examples):
        numbers = [_item(word) for word in example.content.split()]
        if max(numbers) >= vocabulary:
            raise WorkloadError(
                f"data: history {every.index(example) + 1} must consist of item numbers below the model's vocab_size "
                f"{vocabulary}; number the items, and separate them by spaces"
            )
        kept = numbers[-tokens:]
        ids[row, : len(kept)] = torch.tensor(kept)
        mask[row, : len(kept)] = 1
    return Stacked({"input_ids": ids, "attention_mask": mask, "labels": ids.masked_fill(mask == 0, UNCOUNTED)})


def _item(word: str) -> float:
    """Return an item's number; infinity for any other word, and for more digits than Python reads."""
    return int(word) if word.isascii() and word.isdigit() and len(word) <= MOST_DIGITS else math.inf


class Pictures(Dataset[Batch]):
    """Image files with their class, cropped to the centre and resized.

    `pixel_values` has shape (channels, height, width).
    """

    def __init__(self, examples: Sequence[Example], labels: Sequence[str], config: Any, folder: str | None) -> None:
        self.examples, self.size = examples, image_size(config)
        channels = int(config.num_channels)
        self.mode = {1: "L", 3: "RGB"}.get(channels)
        if self.mode is None:
            raise WorkloadError(f"model: num_channels {channels}", todo="images are read as 1 (grey) or 3 (colour)")
        self.number = {label: place for place, label in enumerate(labels)}
        self.mean, self.deviation = normalisation(folder, channels)

    def __len__(self) -> int:
        return len(self.examples)

    def __getitem__(self, place: int) -> Batch:
        example, (height, width) = self.examples[place], self.size
        path = example.content
        try:
            with Image.open(path, formats=FORMATS) as image:
                fitted = ImageOps.fit(image.convert(self.mode), (width, height)).tobytes()
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
            raise WorkloadError(
                f"cannot be read as an image ({error!s:.100})", todo="replace or remove it", where=str(path)
            ) from error
        # The bytes come row by row, with all channels of a pixel together.
        raw = torch.frombuffer(bytearray(fitted), dtype=torch.uint8)
        pixels = raw.view(height, width, -1).permute(2, 0, 1) / 255
        label = torch.tensor(self.number[str(example.label)])
        return {"pixel_values": (pixels - self.mean) / self.deviation, "labels": label}


def normalisation(folder: str | None, channels: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Return mean and deviation of the saved model's training by channel, each of shape (channels or 1, 1, 1).

    Raise WorkloadError where the model's file has other than a number for each channel.
    """
    settings: dict[str, Any] = {}
    if folder is not None and (path := Path(folder) / "preprocessor_config.json").is_file():
        settings = check(read_json(path, LARGEST_SETTINGS_BYTES, WorkloadError), SETTINGS, str(path), WorkloadError)
    found = [settings.get(name) or [usual] for name, usual in USUAL.items()]
    for name, numbers in zip(USUAL, found, strict=True):
        if len(numbers) not in (1, channels):
            what = f"{name!r} has {len(numbers)} numbers, and an image {counted(channels, 'channels')}"
            raise WorkloadError(what, where=str(path), todo="give a number for each")
    mean, deviation = (torch.tensor(numbers).view(-1, 1, 1) for numbers in found)
    return mean, deviation
