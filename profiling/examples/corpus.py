"""The examples that a model learns from, and those held out.  Torch is not imported.

Texts come from a user's JSONL or CSV file or from Python's own library, images from a folder with one folder for each
class.  Each example belongs to a group that is never on both sides: a docstring's module, or, in a file, the text
itself, so that no memorised text is evaluated.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from profiling.errors import WorkloadError
from profiling.examples import docstrings, textfiles
from profiling.examples.example import Example
from profiling.workload.workload import Data

# Common formats that pillow reads.
IMAGE_ENDINGS = (".png", ".jpg", ".jpeg", ".bmp", ".webp", ".gif")
# More would not fit in memory beside a model; a sample will do.
MOST_EXAMPLES = 1_000_000
MOST_CHARACTERS = 200_000_000


@dataclass(frozen=True)
class Split:
    """Examples to learn from, and those held out; both in the order of their source."""

    training: tuple[Example, ...]
    held_out: tuple[Example, ...]


@lru_cache(maxsize=4)
def examples(data: Data) -> tuple[Example, ...]:
    """Return every example of the data, none for synthetic data; raise WorkloadError with file and line."""
    if data.kind == "synthetic":
        return ()
    found: list[Example] = []
    characters = 0
    for example in _read(data):
        characters += len(example.content)
        if characters > MOST_CHARACTERS:
            raise WorkloadError(f"{data.path}: more than {MOST_CHARACTERS:,} characters", todo="take a sample of them")
        if len(found) == MOST_EXAMPLES:
            raise WorkloadError(f"{data.path}: more than {MOST_EXAMPLES:,} examples", todo="take a sample of them")
        found.append(example)
    if not found:
        raise WorkloadError(f"{data.path}: has no examples", todo="check the path")
    without = sum(example.label is None for example in found)
    if 0 < without < len(found):
        what = f"{without} of {len(found)} examples have no {data.label!r}"
        raise WorkloadError(f"{data.path}: {what}", todo="label all, or none")
    return tuple(found)


def labels(data: Data) -> tuple[str, ...]:
    """Return the classes in alphabetical order, so that an index is a class number; () without classes."""
    return tuple(sorted({example.label for example in examples(data) if example.label is not None}))


@lru_cache(maxsize=4)
def split(data: Data) -> Split:
    """Return the data with some groups of each class held out, chosen by a hash of their name.

    Of the groups of a class, `held_out_percent` are held out, rounded up, but never all.  Raise WorkloadError where
    nothing could be held out.
    """
    found = examples(data)
    chosen = _held_out_groups(found, data.held_out_percent)
    parts = Split(
        tuple(example for example in found if example.group not in chosen),
        tuple(example for example in found if example.group in chosen),
    )
    if not parts.held_out:
        what = "no class has two different examples"
        raise WorkloadError(f"{data.path}: {what}", todo="one is needed to learn, one to hold out")
    return parts


def of_task(part: Sequence[Example], task: int, data: Data) -> list[Example]:
    """Return the examples of one task of two: task 1 has the first half of the classes, task 2 the other."""
    names = labels(data)
    if len(names) < 2:
        raise WorkloadError(
            "data: a second task needs at least two classes", todo="label the data, or choose another method"
        )
    middle = math.ceil(len(names) / 2)
    own = set(names[:middle] if task == 1 else names[middle:])
    return [example for example in part if example.label in own]


def _read(data: Data) -> Iterable[Example]:
    """Return an iterable of the examples, which reads a file as it goes."""
    if data.kind == "docstrings":
        return docstrings.examples()
    path = Path(str(data.path)).expanduser()
    if data.kind == "images":
        return _images(path)
    read = textfiles.jsonl if data.kind == "jsonl" else textfiles.table
    return read(path, data.text, data.label)


def _images(folder: Path) -> Iterable[Example]:
    """Yield every image in a folder with one folder for each class."""
    if not folder.is_dir():
        raise WorkloadError(f"{folder}: is not a folder", todo="name one that has a folder of images for each class")
    for path in sorted(folder.glob("*/*")):
        if path.suffix.lower() in IMAGE_ENDINGS and path.is_file():
            yield Example(str(path), path.parent.name, path.relative_to(folder).as_posix())


def _held_out_groups(found: Iterable[Example], percent: int) -> set[str]:
    """Return the groups to hold out; a group in several classes counts for the first."""
    first_label: dict[str, str | None] = {}
    for example in found:
        first_label.setdefault(example.group, example.label)
    of_label: dict[str | None, list[str]] = {}
    for group, label in first_label.items():
        of_label.setdefault(label, []).append(group)
    chosen: set[str] = set()
    for groups in of_label.values():
        count = min(math.ceil(len(groups) * percent / 100), len(groups) - 1)
        chosen.update(sorted(groups, key=_shuffled)[:count])
    return chosen


def _shuffled(group: str) -> bytes:
    """Return a sort key that shuffles names in the same order on every computer."""
    return hashlib.sha256(group.encode("utf-8", "surrogatepass")).digest()
