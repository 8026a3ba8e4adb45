"""Comments: what readers ask or say about a scenario or one of its assumptions, kept in its file.

    comments:
      - {on: plans.team.price, by: A. Investor, date: 2026-11-27, text: "Why not 1,200?"}

A comment changes no number, and stays when the value that it is about changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from profiling.errors import Phrase
from simulator.errors import BadValue, checked_text

SECTION = "comments"
MOST_COMMENTS = 500
# The fields of a comment in characters; only the text must be given.
LONGEST = {"on": 120, "by": 100, "date": 40, "text": 2_000}


@dataclass(frozen=True)
class Comment:
    """One comment: the path of an assumption that it is on, empty for the whole scenario, its author, date and text.

    `line` is its line in the file.
    """

    on: str
    by: str
    date: str
    text: str
    line: int = field(default=0, compare=False)

    def __str__(self) -> str:
        """Return the comment on one line, its author and date first."""
        said = ", ".join(filter(None, (self.by, self.date)))
        return f"{said}: {self.text}" if said else self.text


def read_comment(literal: Any, line: int = 0) -> Comment:
    """Return the comment that a literal of the file stands for; raise BadValue."""
    example = 'write it as {on: plans.team.price, by: NAME, date: 2026-11-27, text: "Why so much?"}'
    if not isinstance(literal, Mapping):
        raise BadValue("an entry is not a comment", example)
    if strange := [name for name in literal if name not in LONGEST]:
        raise BadValue(
            Phrase("{strange!r} is not a field of a comment", strange=str(strange[0])[:60]),
            Phrase("use {known}", known=", ".join(LONGEST)),
        )
    texts = {name: literal.get(name, "") for name in LONGEST}
    for name, text in texts.items():
        checked_text(text, LONGEST[name], name)
    if not texts["text"].strip():
        raise BadValue("a comment has no text", example)
    return Comment(**texts, line=line)
