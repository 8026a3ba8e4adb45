"""Examples: the scenarios that ship, each with what it sells and its story, as the guide beside them says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from dashboard.desk import drafts
from dashboard.desk.desk import SHIPPED

# A row of the guide's table: what is sold, a link to the file, and the story.
ROW = re.compile(r"^\| ([^|]+) \| \[[^\]]+\]\(([\w-]+\.yaml)\) \| ([^|]+) \|$", re.MULTILINE)


@dataclass(frozen=True)
class Example:
    """A scenario that ships."""

    path: Path
    sells: str
    story: str

    @property
    def name(self) -> str:
        """Title that the file gives the company."""
        return title_in(self.path)


@cache
def title_in(path: Path) -> str:
    """Return the title that a file which ships gives its company."""
    return drafts.title_in(path.read_text(encoding="utf-8")) or path.stem


def examples() -> Iterator[Example]:
    """Yield the examples in the order of the guide."""
    guide = (SHIPPED / "README.md").read_text(encoding="utf-8")
    for sells, file, story in ROW.findall(guide):
        yield Example(SHIPPED / file, sells[:1].upper() + sells[1:], story[:1].upper() + story[1:])
