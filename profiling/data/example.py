"""One example that a model learns from."""

from __future__ import annotations

from typing import NamedTuple


class Example(NamedTuple):
    """A text or the path of an image, with the class, and the group that is never split by holding out."""

    content: str
    label: str | None
    group: str
